/* JSON is built whole or not at all: a failure sticks to the document. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>

#include "base/json.h"

static void expect_printed(json_t *document, const char *expected)
{
    char *text;

    cr_assert(eq(int, cvy_json_print(document, JSON_COMPACT, "test", &text), CVY_OK));
    cr_expect(eq(str, text, (char *)expected));
    free(text);
}

Test(json, members_and_elements_are_added_in_order)
{
    json_t *object = json_object(), *array = json_array();

    cr_expect(eq(
        int, cvy_json_append(array, json_integer(1)) && cvy_json_append(array, json_null()), true));
    cr_expect(
        eq(int, cvy_json_put(object, "b", array) && cvy_json_put(object, "a", json_true()), true));
    expect_printed(object, "{\"b\":[1,null],\"a\":true}");
}

/* The value of a failed allocation is NULL. */
Test(json, a_missing_value_is_a_failure)
{
    char *text = (char *)"untouched";
    json_t *object = json_object(), *array = json_array();

    cr_expect(eq(int, cvy_json_put(object, "a", NULL), false));
    cr_expect(eq(int, cvy_json_append(array, NULL), false));
    cr_expect(eq(int, cvy_json_put(NULL, "a", json_true()), false));
    cr_expect(eq(int, cvy_json_append(NULL, json_true()), false));
    json_decref(array);
    cr_expect(eq(ptr, cvy_json_finish(object, false), NULL));
    cr_expect(eq(int, cvy_json_print(NULL, 0, "test", &text), CVY_ERR_MEMORY));
    cr_expect(eq(ptr, text, NULL));
    cr_expect(eq(str, (char *)cvy_error_message(), (char *)"test: out of memory"));
}

Test(json, text_that_is_not_utf8_is_repaired)
{
    json_t *array = json_array();

    cr_expect(eq(int, cvy_json_append(array, cvy_json_text("caf\xE9")), true));
    cr_expect(eq(int, cvy_json_append(array, cvy_json_text(NULL)), true));
    expect_printed(array, "[\"caf\xEF\xBF\xBD\",null]");
}

Test(json, a_number_that_is_not_finite_is_null)
{
    json_t *array = json_array();

    cr_expect(eq(int, cvy_json_append(array, cvy_json_number(NAN)), true));
    cr_expect(eq(int, cvy_json_append(array, cvy_json_number(-INFINITY)), true));
    cr_expect(eq(int, cvy_json_append(array, cvy_json_number(0.5)), true));
    expect_printed(array, "[null,null,0.5]");
}
