#include "support/schema.h"

#include <math.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where we are in a document, as "/points/0/threads", and the answer that is being written. */
typedef struct {
    char place[256];
    char *text;
} walk;

typedef bool part_function(walk *w, const json_t *schema, const json_t *value);

__attribute__((format(printf, 2, 3))) static bool complain(walk *w, const char *format, ...)
{
    va_list arguments;
    const int length =
        snprintf(w->text, SCHEMA_TEXT_BYTES, "%s: ", w->place[0] != '\0' ? w->place : "/");

    va_start(arguments, format);
    vsnprintf(w->text + length, SCHEMA_TEXT_BYTES - (size_t)length, format, arguments);
    va_end(arguments);
    return false;
}

/* function() of a part that is called `name`. */
static bool go_into(walk *w, const char *name, part_function *function, const json_t *schema,
                    const json_t *value)
{
    const size_t length = strlen(w->place);

    snprintf(w->place + length, sizeof w->place - length, "/%s", name);
    const bool is_good = function(w, schema, value);
    w->place[length] = '\0';
    return is_good;
}

static bool go_into_item(walk *w, size_t i, part_function *function, const json_t *schema,
                         const json_t *value)
{
    char name[24];

    snprintf(name, sizeof name, "%zu", i);
    return go_into(w, name, function, schema, value);
}

/* --- is it a schema? --- */

static const char *const type_names[] = { "null",   "boolean", "integer", "number",
                                          "string", "array",   "object",  NULL };

static bool is_type_name(const json_t *name)
{
    for (size_t i = 0; json_is_string(name) && type_names[i] != NULL; i++)
        if (strcmp(json_string_value(name), type_names[i]) == 0)
            return true;
    return false;
}

static bool all_items(const json_t *array, bool (*is_good)(const json_t *item))
{
    size_t i;
    json_t *item;

    json_array_foreach((json_t *)array, i, item) if (!is_good(item)) return false;
    return json_array_size(array) > 0;
}

static bool is_type(const json_t *keyword)
{
    return is_type_name(keyword) || all_items(keyword, is_type_name);
}

static bool is_text(const json_t *keyword)
{
    return json_is_string(keyword);
}

static bool is_texts(const json_t *keyword)
{
    return all_items(keyword, is_text);
}

static bool is_some(const json_t *keyword)
{
    return keyword != NULL;
}

static bool is_list(const json_t *keyword)
{
    return json_array_size(keyword) > 0;
}

static bool is_number(const json_t *keyword)
{
    return json_is_number(keyword);
}

static bool is_count(const json_t *keyword)
{
    return json_is_integer(keyword) && json_integer_value(keyword) >= 0;
}

static bool is_pattern(const json_t *keyword)
{
    regex_t pattern;

    if (!json_is_string(keyword) ||
        regcomp(&pattern, json_string_value(keyword), REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    regfree(&pattern);
    return true;
}

static bool is_object(const json_t *keyword)
{
    return json_is_object(keyword);
}

static bool is_object_or_false(const json_t *keyword)
{
    return json_is_object(keyword) || json_is_false(keyword);
}

static const struct {
    const char *name;
    bool (*is_good)(const json_t *keyword);
} keywords[] = {
    { "$schema", is_text },
    { "title", is_text },
    { "description", is_text },
    { "type", is_type },
    { "const", is_some },
    { "enum", is_list },
    { "properties", is_object },
    { "required", is_texts },
    { "additionalProperties", is_object_or_false },
    { "items", is_object },
    { "minItems", is_count },
    { "maxItems", is_count },
    { "minimum", is_number },
    { "maximum", is_number },
    { "pattern", is_pattern },
    { "anyOf", is_list },
};

static bool check_keyword(walk *w, const char *name, const json_t *keyword)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(name, keywords[i].name) == 0)
            return keywords[i].is_good(keyword) ? true : complain(w, "a bad value of %s", name);
    return complain(w, "an unknown keyword %s", name);
}

static bool check_schema(walk *w, const json_t *schema, const json_t *unused)
{
    const char *name;
    json_t *member;
    size_t i;

    (void)unused;
    if (!json_is_object(schema))
        return complain(w, "not a schema");
    json_object_foreach((json_t *)schema, name, member)
    {
        if (!check_keyword(w, name, member))
            return false;
        const bool is_schema =
            strcmp(name, "items") == 0 ||
            (strcmp(name, "additionalProperties") == 0 && json_is_object(member));
        if (is_schema && !go_into(w, name, check_schema, member, NULL))
            return false;
    }
    json_object_foreach(json_object_get(schema, "properties"), name, member)
    {
        if (!go_into(w, name, check_schema, member, NULL))
            return false;
    }
    json_array_foreach(json_object_get(schema, "anyOf"), i, member)
    {
        if (!go_into_item(w, i, check_schema, member, NULL))
            return false;
    }
    return true;
}

bool schema_is_sound(const json_t *schema, char text[SCHEMA_TEXT_BYTES])
{
    walk w = { .text = text };
    return check_schema(&w, schema, NULL);
}

/* --- does it take a value? --- */

static bool take(walk *w, const json_t *schema, const json_t *value);

static bool has_type(const json_t *value, const char *name)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return strcmp(name, "null") == 0;
    case JSON_TRUE:
    case JSON_FALSE:
        return strcmp(name, "boolean") == 0;
    case JSON_INTEGER:
        return strcmp(name, "integer") == 0 || strcmp(name, "number") == 0;
    case JSON_REAL:
        return strcmp(name, "number") == 0 ||
               (strcmp(name, "integer") == 0 &&
                json_real_value(value) == floor(json_real_value(value)));
    case JSON_STRING:
        return strcmp(name, "string") == 0;
    case JSON_ARRAY:
        return strcmp(name, "array") == 0;
    case JSON_OBJECT:
        return strcmp(name, "object") == 0;
    }
    return false;
}

static bool take_type(walk *w, const json_t *type, const json_t *value)
{
    size_t i;
    json_t *name;

    if (json_is_string(type) && has_type(value, json_string_value(type)))
        return true;
    json_array_foreach((json_t *)type, i, name)
    {
        if (has_type(value, json_string_value(name)))
            return true;
    }
    return complain(w, "not of the type %s",
                    json_is_string(type) ? json_string_value(type) : "that is asked for");
}

static bool take_value(walk *w, const json_t *schema, const json_t *value)
{
    const json_t *wanted = json_object_get(schema, "const");
    const json_t *choices = json_object_get(schema, "enum");
    size_t i;
    json_t *choice;

    if (wanted != NULL && !json_equal(wanted, value))
        return complain(w, "another value than const");
    json_array_foreach((json_t *)choices, i, choice)
    {
        if (json_equal(choice, value))
            return true;
    }
    return choices == NULL ? true : complain(w, "none of the values of enum");
}

static bool take_number(walk *w, const json_t *schema, const json_t *value)
{
    const json_t *low = json_object_get(schema, "minimum"),
                 *high = json_object_get(schema, "maximum");
    const double number = json_number_value(value);

    if (low != NULL && number < json_number_value(low))
        return complain(w, "%g is below the minimum %g", number, json_number_value(low));
    if (high != NULL && number > json_number_value(high))
        return complain(w, "%g is above the maximum %g", number, json_number_value(high));
    return true;
}

static bool take_text(walk *w, const json_t *schema, const json_t *value)
{
    const char *wanted = json_string_value(json_object_get(schema, "pattern"));
    regex_t pattern;

    if (wanted == NULL || regcomp(&pattern, wanted, REG_EXTENDED | REG_NOSUB) != 0)
        return true;
    const bool fits = regexec(&pattern, json_string_value(value), 0, NULL, 0) == 0;
    regfree(&pattern);
    return fits ? true
                : complain(w, "\"%.60s\" does not fit %.60s", json_string_value(value), wanted);
}

static bool take_array(walk *w, const json_t *schema, const json_t *value)
{
    const json_t *items = json_object_get(schema, "items");
    const json_t *low = json_object_get(schema, "minItems"),
                 *high = json_object_get(schema, "maxItems");
    const json_int_t count = (json_int_t)json_array_size(value);
    size_t i;
    json_t *item;

    if ((low != NULL && count < json_integer_value(low)) ||
        (high != NULL && count > json_integer_value(high)))
        return complain(w, "%lld items", (long long)count);
    json_array_foreach((json_t *)value, i, item)
    {
        if (items != NULL && !go_into_item(w, i, take, items, item))
            return false;
    }
    return true;
}

static bool take_member(walk *w, const json_t *schema, const char *name, const json_t *member)
{
    const json_t *others = json_object_get(schema, "additionalProperties");
    const json_t *of_member = json_object_get(json_object_get(schema, "properties"), name);

    if (of_member == NULL && json_is_false(others))
        return complain(w, "a member %.60s that the schema has not", name);
    if (of_member == NULL)
        of_member = others;
    return of_member != NULL ? go_into(w, name, take, of_member, member) : true;
}

static bool take_object(walk *w, const json_t *schema, const json_t *value)
{
    size_t i;
    const char *key;
    json_t *name, *member;

    json_array_foreach(json_object_get(schema, "required"), i, name)
    {
        if (json_object_get(value, json_string_value(name)) == NULL)
            return complain(w, "lacks the member %s", json_string_value(name));
    }
    json_object_foreach((json_t *)value, key, member)
    {
        if (!take_member(w, schema, key, member))
            return false;
    }
    return true;
}

static bool take_any(walk *w, const json_t *choices, const json_t *value)
{
    size_t i;
    json_t *choice;

    json_array_foreach((json_t *)choices, i, choice)
    {
        if (take(w, choice, value))
            return true;
    }
    return choices == NULL; /* else the last one has complained */
}

static bool take(walk *w, const json_t *schema, const json_t *value)
{
    const json_t *type = json_object_get(schema, "type");

    if (type != NULL && !take_type(w, type, value))
        return false;
    if (!take_value(w, schema, value) || !take_any(w, json_object_get(schema, "anyOf"), value))
        return false;
    if (json_is_number(value))
        return take_number(w, schema, value);
    if (json_is_string(value))
        return take_text(w, schema, value);
    if (json_is_array(value))
        return take_array(w, schema, value);
    return json_is_object(value) ? take_object(w, schema, value) : true;
}

bool schema_takes(const json_t *schema, const json_t *value, char text[SCHEMA_TEXT_BYTES])
{
    walk w = { .text = text };
    return take(&w, schema, value);
}
