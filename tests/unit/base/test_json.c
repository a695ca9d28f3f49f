/* JSON values, and what becomes of them when memory runs out. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>

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
