#include "cli/recipes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/command_line.h"
#include "cli/config.h"
#include "cli/print.h"

/* The complete command line of a recipe. */
static cvy_status print_line(const json_t *recipe, char **line)
{
    json_t *whole = json_copy((json_t *)recipe);
    const char *key;
    json_t *value;

    cvy_json_set(&whole, "command", json_string("train"));
    json_object_foreach((json_t *)recipe, key, value)
    {
        char *text = json_is_number(value) ? cvy_json_dump(value, JSON_ENCODE_ANY) : NULL;
        if (json_is_number(value))
            cvy_json_set(&whole, key, text != NULL ? json_string(text) : NULL);
        free(text);
    }
    cvy_status status = whole != NULL ? cvy_configuration_print_line(whole, line)
                                      : cvy_fail(CVY_ERR_MEMORY, "recipes: out of memory");
    json_decref(whole);
    return status;
}

static cvy_status show_recipe(const cvy_recipe *recipe, FILE *file)
{
    json_t *object = cvy_json_load(recipe->text, recipe->size, 0, NULL);
    const char *summary = json_string_value(json_object_get(object, "summary"));
    char *line = NULL;
    cvy_status status = object != NULL ? print_line(object, &line)
                                       : cvy_fail(CVY_ERR_MEMORY, "recipes: out of memory");

    if (status == CVY_OK)
        fprintf(file, "%s: %s\n  %s\n", recipe->name, summary != NULL ? summary : "", line);
    free(line);
    json_decref(object);
    return status;
}

static cvy_status show_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < cvy_recipe_count; i++)
        cvy_json_append(
            &list, json_pack("{s:s, s:o}", "name", cvy_recipes[i].name, "options",
                             cvy_json_load(cvy_recipes[i].text, cvy_recipes[i].size, 0, NULL)));
    return cvy_print_json(json_pack("{s:s, s:o}", "command", "info", "recipes", list));
}

cvy_status cvy_recipes_show(const cvy_call *call)
{
    FILE *file = cvy_print_file(call);
    cvy_status status = CVY_OK;

    if (call->common.json)
        return show_json();
    for (size_t i = 0; status == CVY_OK && i < cvy_recipe_count; i++)
        status = show_recipe(&cvy_recipes[i], file);
    if (status == CVY_OK)
        fputs("\nUse one with convoy train --config NAME; other options override it.\n", file);
    return status;
}
