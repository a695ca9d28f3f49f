/* A model defined in code: each layer's spec becomes an entry of Keras's JSON, which is then read
 * like a file. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/letters.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "model/model.h"

struct cvy_model_builder {
    char name[CVY_NAME_BYTES];
    json_t *layers; /* entries of config.layers, the input first */
};

/* --- from a spec to JSON --- */

/* Print "random_normal" as "RandomNormal", "l1l2" as "L1L2". */
static void print_class_name(const char *name, char *text, size_t size)
{
    size_t length = 0;
    bool is_start = true;

    for (; *name != '\0' && length + 1 < size; name++) {
        if (*name != '_')
            text[length++] = is_start ? cvy_upper(*name) : *name;
        is_start = *name == '_' || isdigit((unsigned char)*name);
    }
    text[length] = '\0';
}

/* Return a JSON number, or a string if the text is not a number. */
static json_t *print_scalar(const char *text)
{
    json_t *number = cvy_json_load_text(text, JSON_DECODE_ANY, NULL);

    if (json_is_number(number))
        return number;
    json_decref(number);
    return json_string(text);
}

/* Turn "l1l2:l1=0.1;l2=0.2" into {"class_name": "L1L2", "config": {...}}; a name alone stays a
 * string. Modifies `text`. */
static json_t *print_name(char *text)
{
    char class_name[CVY_NAME_BYTES];
    char *entries = text, *entry, *key;
    const char *name = strsep(&entries, ":");

    if (entries == NULL)
        return json_string(name);
    json_t *config = json_object();
    while ((entry = strsep(&entries, ";")) != NULL) {
        key = strsep(&entry, "=");
        if (entry == NULL || json_object_set_new(config, key, print_scalar(entry)) != 0) {
            json_decref(config);
            return NULL;
        }
    }
    print_class_name(name, class_name, sizeof class_name);
    return json_pack("{s:s, s:o}", "class_name", class_name, "config", config);
}

static json_t *print_pair(const void *values)
{
    const size_t *pair = values;
    return json_pack("[I, I]", (json_int_t)pair[0], (json_int_t)pair[1]);
}

/* Convert a given setting by its type. Modifies `text`. */
static json_t *print_value(const cvy_setting *row, const void *settings, char *text)
{
    const char *member = (const char *)settings + row->offset;

    switch (row->type) {
    case CVY_COUNT_PAIR:
        return print_pair(member);
    case CVY_BOOL:
        return json_boolean(*(const bool *)member);
    case CVY_NAME:
        return print_name(text);
    default:
        return print_scalar(text);
    }
}

/* entries: the given KEY=VALUE,KEY=VALUE, already parsed into `settings`. */
static json_t *print_config(const cvy_kind *kind, const void *settings, char *entries)
{
    json_t *config = json_object();
    char *entry;

    while ((entry = strsep(&entries, ",")) != NULL) {
        const char *key = strsep(&entry, "=");
        const cvy_setting *row = cvy_setting_find(kind->settings, key);
        if (json_object_set_new(config, key, print_value(row, settings, entry)) != 0) {
            json_decref(config);
            return NULL;
        }
    }
    return config;
}

/* Remove "name=..." from the entries after the colon and return the name; NULL if there is none. */
static char *take_name(char *spec)
{
    char *entries = strchr(spec, ':'), *name = NULL;

    if (entries == NULL)
        return NULL;
    char *to = entries, *rest = entries + 1, *entry;
    char separator = ':';
    while ((entry = strsep(&rest, ",")) != NULL) {
        if (strncmp(entry, "name=", 5) == 0 && name == NULL) {
            name = strdup(entry + 5);
            continue;
        }
        const size_t length = strlen(entry);
        *to++ = separator;
        memmove(to, entry, length);
        to += length;
        separator = ',';
    }
    *to = '\0';
    return name;
}

/* The caller releases the result with json_decref(). Returns NULL if memory is short, for invalid
 * UTF-8, or for a nested setting without a value. */
static json_t *print_layer(const cvy_kind *kind, const void *settings, char *entries,
                           const char *name)
{
    json_t *config = print_config(kind, settings, entries);

    if (config != NULL && name != NULL &&
        json_object_set_new(config, "name", json_string(name)) != 0) {
        json_decref(config);
        return NULL;
    }
    return json_pack("{s:s, s:o}", "class_name", ((const cvy_layer_kind *)kind)->class_name,
                     "config", config);
}

/* Make the entry of a layer. Modifies `spec`; `name` may be NULL. */
static cvy_status read_layer(char *spec, const char *name, json_t **layer)
{
    const cvy_kind *kind;
    void *settings;
    cvy_status status = cvy_spec_read("layer", spec, cvy_layer_kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    strsep(&spec, ":");
    *layer = print_layer(kind, settings, spec, name);
    if (*layer == NULL)
        status =
            cvy_fail(CVY_ERR_SETTING,
                     "layer %s: found a text that is not UTF-8, or a nested setting that is not "
                     "KEY=VALUE",
                     kind->name);
    cvy_memory_free(settings);
    return status;
}

/* --- the model --- */

/* extra: an additional layer at the end, or NULL. */
static cvy_status print_model(const cvy_model_builder *builder, json_t *extra, char **text)
{
    json_t *layers = json_copy(builder->layers);
    bool is_whole = layers != NULL && (extra == NULL || json_array_append(layers, extra) == 0);
    json_t *root = json_pack("{s:s, s:{s:s, s:o}}", "class_name", "Sequential", "config", "name",
                             builder->name, "layers", layers);

    *text = is_whole && root != NULL ? cvy_json_dump(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return *text != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "model: out of memory");
}

static cvy_status parse(const cvy_model_builder *builder, json_t *extra, cvy_model **model)
{
    char *text;
    cvy_status status = print_model(builder, extra, &text);

    if (status == CVY_OK)
        status = cvy_model_parse(builder->name, text, strlen(text), model);
    free(text);
    return status == CVY_ERR_FORMAT ? CVY_ERR_SETTING : status;
}

/* Check that the layers so far fit together. An additional Flatten at the end makes any of them a
 * valid model. */
static cvy_status check(const cvy_model_builder *builder)
{
    cvy_model *model;
    json_t *last = json_pack("{s:s, s:{s:s}}", "class_name", "Flatten", "config", "name", "~");
    cvy_status status = last != NULL ? parse(builder, last, &model)
                                     : cvy_fail(CVY_ERR_MEMORY, "model: out of memory");

    json_decref(last);
    if (status == CVY_OK)
        cvy_model_destroy(model);
    return status;
}

static json_t *print_input(cvy_shape input)
{
    json_t *sides = json_array();
    bool is_whole = json_array_append_new(sides, json_null()) == 0;

    for (size_t i = 0; is_whole && i < input.rank; i++)
        is_whole = json_array_append_new(sides, json_integer((json_int_t)input.dims[i])) == 0;
    if (!is_whole) {
        json_decref(sides);
        return NULL;
    }
    return json_pack("[{s:s, s:{s:s, s:o}}]", "class_name", "InputLayer", "config", "name", "input",
                     "batch_shape", sides);
}

cvy_status cvy_model_builder_create(const char *name, cvy_shape input, cvy_model_builder **builder)
{
    cvy_model_builder *created;

    CVY_REQUIRE(builder);
    name = name != NULL ? name : "sequential";
    if (*name == '\0' || strlen(name) >= sizeof created->name)
        return cvy_fail(CVY_ERR_SETTING, "name: found \"%.80s\", expected 1 to %zu characters",
                        name, sizeof created->name - 1);
    if (input.rank != 1 && input.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE,
                        "input: found rank %zu, expected 3 (height, width, channels) or 1",
                        input.rank);
    cvy_status status = cvy_memory_create(1, sizeof *created, &created);
    if (status != CVY_OK)
        return status;
    cvy_utf8_fit(created->name, sizeof created->name, name);
    created->layers = print_input(input);
    status =
        created->layers != NULL ? check(created) : cvy_fail(CVY_ERR_MEMORY, "model: out of memory");
    if (status != CVY_OK) {
        cvy_model_builder_destroy(created);
        return status;
    }
    *builder = created;
    return CVY_OK;
}

cvy_status cvy_model_builder_add(cvy_model_builder *builder, const char *layer)
{
    char *spec;
    json_t *entry = NULL;

    CVY_REQUIRE(builder);
    CVY_REQUIRE(layer);
    cvy_status status = cvy_text_copy(layer, &spec);
    if (status != CVY_OK)
        return status;
    char *name = take_name(spec);
    const size_t count = json_array_size(builder->layers);
    status = read_layer(spec, name, &entry);
    if (status == CVY_OK && json_array_append_new(builder->layers, entry) != 0)
        status = cvy_fail(CVY_ERR_MEMORY, "model: out of memory");
    if (status == CVY_OK)
        status = check(builder);
    if (status != CVY_OK && json_array_size(builder->layers) > count)
        json_array_remove(builder->layers, count);
    free(name);
    cvy_memory_free(spec);
    return status;
}

cvy_status cvy_model_builder_finish(const cvy_model_builder *builder, cvy_model **model)
{
    cvy_model *parsed;

    CVY_REQUIRE(builder);
    CVY_REQUIRE(model);
    cvy_status status = parse(builder, NULL, &parsed);
    if (status != CVY_OK)
        return status;
    status = cvy_model_allocate(parsed);
    if (status != CVY_OK) {
        cvy_model_destroy(parsed);
        return status;
    }
    *model = parsed;
    return CVY_OK;
}

void cvy_model_builder_destroy(cvy_model_builder *builder)
{
    if (builder == NULL)
        return;
    json_decref(builder->layers);
    cvy_memory_free(builder);
}
