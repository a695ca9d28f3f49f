/* check_json SCHEMA FILE [MEMBER]: whether a file holds JSON, or has a member, as a schema says; for
 * the tests of the program.
 * Exit status 0: it does; 1: it does not; 2: the schema is wrong, or cannot be read. */
#include <stdio.h>

#include "support/schema.h"

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *value = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

    if (value == NULL)
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    return value;
}

static int check(const json_t *schema, const json_t *value, char *const *arguments)
{
    char text[SCHEMA_TEXT_BYTES];

    if (!schema_is_sound(schema, text)) {
        fprintf(stderr, "%s: %s\n", arguments[1], text);
        return 2;
    }
    if (arguments[3] != NULL)
        value = json_object_get(value, arguments[3]);
    if (value == NULL) {
        fprintf(stderr, "%s: no such member\n", arguments[2]);
        return 1;
    }
    if (!schema_takes(schema, value, text)) {
        fprintf(stderr, "%s: %s\n", arguments[2], text);
        return 1;
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count != 3 && count != 4) {
        fprintf(stderr, "usage: check_json SCHEMA FILE [MEMBER]\n");
        return 2;
    }
    json_t *schema = load(arguments[1]);
    json_t *value = schema != NULL ? load(arguments[2]) : NULL;
    const int status = schema == NULL ? 2 : value == NULL ? 1 : check(schema, value, arguments);
    json_decref(schema);
    json_decref(value);
    return status;
}
