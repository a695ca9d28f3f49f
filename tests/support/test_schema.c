/* The checker of JSON against schemas: each keyword takes what it should and refuses what it should
 * not, and a schema that it would not understand is found out. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "support/schema.h"

static json_t *read_json(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

    cr_assert(value != NULL, "%s: %s", text, error.text);
    return value;
}

/* Each row: a schema, a value that it takes, one that it refuses, and words of the refusal. */
static const char *const rows[][4] = {
    { "{\"type\":\"null\"}", "null", "false", "/: not of the type null" },
    { "{\"type\":\"boolean\"}", "false", "0", "type boolean" },
    { "{\"type\":\"integer\"}", "3", "3.5", "type integer" },
    { "{\"type\":\"integer\"}", "3.0", "\"3\"", "type integer" },
    { "{\"type\":\"number\"}", "3", "\"3\"", "type number" },
    { "{\"type\":\"string\"}", "\"\"", "[]", "type string" },
    { "{\"type\":\"array\"}", "[]", "{}", "type array" },
    { "{\"type\":\"object\"}", "{}", "[]", "type object" },
    { "{\"type\":[\"number\",\"null\"]}", "null", "\"x\"", "not of the type" },
    { "{\"const\":\"a\"}", "\"a\"", "\"b\"", "const" },
    { "{\"enum\":[\"a\",2]}", "2", "3", "enum" },
    { "{\"minimum\":0}", "0", "-0.5", "-0.5 is below the minimum 0" },
    { "{\"maximum\":1}", "1.0", "2", "2 is above the maximum 1" },
    { "{\"minimum\":0}", "\"not a number\"", "-1", "minimum" },
    { "{\"pattern\":\"^[0-9a-f]{4}$\"}", "\"12ab\"", "\"12ag\"", "\"12ag\" does not fit" },
    { "{\"minItems\":1}", "[0]", "[]", "0 items" },
    { "{\"maxItems\":2}", "[0,1]", "[0,1,2]", "3 items" },
    { "{\"items\":{\"type\":\"integer\"}}", "[1,2]", "[1,2,true]", "/2: not of the type integer" },
    { "{\"required\":[\"a\"]}", "{\"a\":null}", "{\"b\":0}", "lacks the member a" },
    { "{\"properties\":{\"a\":{\"type\":\"null\"}}}", "{\"b\":1}", "{\"a\":1}", "/a: not of" },
    { "{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1}", "{\"b\":1}",
      "a member b that the schema has not" },
    { "{\"additionalProperties\":{\"type\":\"number\"}}", "{\"b\":1}", "{\"b\":\"1\"}",
      "/b: not of" },
    { "{\"anyOf\":[{\"type\":\"null\"},{\"minimum\":3}]}", "4", "2", "below the minimum 3" },
    { "{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b\":{\"const\":1}}}}}}",
      "{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":1},{\"b\":2}]}", "/a/1/b: another value" },
};

Test(schema, every_keyword_takes_and_refuses)
{
    char text[SCHEMA_TEXT_BYTES] = "";

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *schema = read_json(rows[i][0]);
        json_t *good = read_json(rows[i][1]), *bad = read_json(rows[i][2]);
        cr_expect(schema_is_sound(schema, text), "%s: %s", rows[i][0], text);
        cr_expect(schema_takes(schema, good, text), "%s: %s", rows[i][0], text);
        cr_expect_not(schema_takes(schema, bad, text), "%s took %s", rows[i][0], rows[i][2]);
        cr_expect(strstr(text, rows[i][3]) != NULL, "%s: %s", rows[i][0], text);
        json_decref(schema);
        json_decref(good);
        json_decref(bad);
    }
}

Test(schema, what_is_not_understood_is_no_schema)
{
    static const char *const wrong[][2] = {
        { "[]", "/: not a schema" },
        { "{\"minLength\":1}", "/: an unknown keyword minLength" },
        { "{\"properties\":{\"a\":{\"format\":\"date\"}}}", "/a: an unknown keyword format" },
        { "{\"items\":{\"oneOf\":[{}]}}", "/items: an unknown keyword oneOf" },
        { "{\"additionalProperties\":{\"not\":{}}}", "an unknown keyword not" },
        { "{\"anyOf\":[{},{\"if\":{}}]}", "/1: an unknown keyword if" },
        { "{\"type\":\"text\"}", "a bad value of type" },
        { "{\"type\":[]}", "a bad value of type" },
        { "{\"required\":\"a\"}", "a bad value of required" },
        { "{\"minItems\":-1}", "a bad value of minItems" },
        { "{\"minimum\":\"0\"}", "a bad value of minimum" },
        { "{\"pattern\":\"[\"}", "a bad value of pattern" },
        { "{\"enum\":1}", "a bad value of enum" },
        { "{\"additionalProperties\":true}", "a bad value of additionalProperties" },
        { "{\"items\":[{}]}", "a bad value of items" },
    };
    char text[SCHEMA_TEXT_BYTES];

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        json_t *schema = read_json(wrong[i][0]);
        cr_assert_not(schema_is_sound(schema, text), "%s", wrong[i][0]);
        cr_expect(strstr(text, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], text);
        json_decref(schema);
    }
}

/* Places longer than there is room for, and deep ones. */
Test(schema, long_names_are_cut)
{
    char name[1000], text[SCHEMA_TEXT_BYTES];
    json_t *schema = read_json("{\"additionalProperties\":{\"type\":\"null\"}}");
    json_t *value = json_object();

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_assert_eq(json_object_set_new(value, name, json_true()), 0);
    cr_expect_not(schema_takes(schema, value, text));
    cr_expect(strlen(text) < SCHEMA_TEXT_BYTES);
    json_decref(schema);
    json_decref(value);
}
