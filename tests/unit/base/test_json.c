/* JSON values, and what becomes of them when memory runs out. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

Test(json, a_number_that_is_not_finite_is_null)
{
    json_t *number = cvy_json_number(0.5), *nan = cvy_json_number(NAN),
           *infinite = cvy_json_number(-INFINITY);

    cr_expect(eq(dbl, json_real_value(number), 0.5));
    cr_expect(eq(int, json_typeof(nan), JSON_NULL));
    cr_expect(eq(int, json_typeof(infinite), JSON_NULL));
    json_decref(number);
}

Test(json, text_that_is_not_utf8_is_repaired)
{
    json_t *text = cvy_json_text("caf\xe9"), *none = cvy_json_text(NULL);

    cr_expect(eq(str, (char *)json_string_value(text), "caf\xEF\xBF\xBD"));
    cr_expect(eq(int, json_typeof(none), JSON_NULL));
    json_decref(text);
}

Test(json, a_value_that_could_not_be_made_takes_its_container_with_it)
{
    json_t *array = json_array(), *object = json_object();

    cvy_json_append(&array, cvy_json_count(3));
    cvy_json_set(&object, "count", cvy_json_count(3));
    cr_expect(eq(sz, json_array_size(array), 1));
    cr_expect(eq(sz, json_object_size(object), 1));
    cvy_json_append(&array, NULL);
    cvy_json_set(&object, "none", NULL);
    cr_expect(array == NULL);
    cr_expect(object == NULL);
    cvy_json_append(&array, cvy_json_count(4));
    cvy_json_set(&object, "more", cvy_json_count(4));
    cr_expect(array == NULL);
    cr_expect(object == NULL);
}

Test(json, a_document_that_failed_prints_nothing)
{
    char *text;
    json_t *object = json_object();

    cvy_json_set(&object, "a", json_true());
    cr_assert(eq(int, cvy_json_print(object, JSON_COMPACT, "test", &text), CVY_OK));
    cr_expect(eq(str, text, "{\"a\":true}"));
    free(text);
    cr_expect(eq(int, cvy_json_print(NULL, 0, "test", &text), CVY_ERR_MEMORY));
    cr_expect(text == NULL);
    cr_expect(eq(str, (char *)cvy_error_message(), "test: out of memory"));
}

/* --- parsing while memory runs out --- */

static size_t allocations, failing;

static void *allocate(size_t size)
{
    return ++allocations == failing ? NULL : malloc(size);
}

/* A text of more than the 16 bytes that jansson begins with. */
static const char document[] =
    "{\"a name that needs a larger buffer\":[\"and a value that does\",1.5,null]}";

Test(json, parsing_without_memory_fails_or_is_whole)
{
    json_error_t error;

    json_set_alloc_funcs(allocate, free); /* before the first parsing, which keeps them */
    json_t *whole = cvy_json_load_text(document, 0, &error);
    const size_t count = allocations;
    cr_assert(whole != NULL && count > 5);
    for (size_t at = 1; at <= count; at++) {
        failing = allocations + at;
        json_t *value = cvy_json_load(document, sizeof document - 1, 0, &error);
        cr_expect(value == NULL, "allocation %zu: parsed without it", at);
        cr_expect(eq(str, error.text, "out of memory"), "allocation %zu", at);
        json_decref(value);
    }
    failing = 0;
    json_t *again = cvy_json_load_text(document, 0, NULL);
    cr_expect(json_equal(whole, again));
    char *text = cvy_json_dump(again, JSON_COMPACT);
    cr_expect(eq(str, text, (char *)document));
    free(text);
    json_decref(again);
    json_decref(whole);
}

Test(json, what_is_printed_is_the_text_of_any_length)
{
    json_t *list = json_array();
    char *expected = malloc(80000), *end = expected;

    *end++ = '[';
    for (int i = 0; i < 10000; i++) {
        cvy_json_append(&list, json_integer(100000 + i));
        end += sprintf(end, "%s%d", i > 0 ? "," : "", 100000 + i);
    }
    strcpy(end, "]");
    char *text = cvy_json_dump(list, JSON_COMPACT);
    cr_expect(text != NULL && strcmp(text, expected) == 0);
    free(text);
    free(expected);
    json_decref(list);
    cr_expect(cvy_json_dump(NULL, 0) == NULL);
}
