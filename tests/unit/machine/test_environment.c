/* What of the environment reports state. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "machine/environment.h"

Test(environment, variables_that_are_read_are_listed)
{
    char text[4096];
    bool has_name = false;

    setenv("OMP_TEST_OF_CONVOY", "1,2 3", 1);
    setenv("CONVOY_TEST", "yes", 1);
    setenv("TEST_OMP_", "no", 1);
    cvy_environment_variables(text, sizeof text);
    cr_expect_not_null(strstr(text, "OMP_TEST_OF_CONVOY=1,2 3"));
    cr_expect_not_null(strstr(text, "CONVOY_TEST=yes"));
    cr_expect_null(strstr(text, "TEST_OMP_=no"));
    json_t *object = cvy_environment_json(), *variable;
    size_t i;
    json_array_foreach(json_object_get(object, "variables"), i, variable) has_name =
        has_name || strcmp(json_string_value(variable), "CONVOY_TEST=yes") == 0;
    cr_expect(has_name);
    cr_expect(json_is_string(json_object_get(object, "libc")));
    json_decref(object);
}

Test(environment, long_lists_are_cut)
{
    char text[16];

    setenv("OMP_TEST_OF_CONVOY", "a value that is longer than the text", 1);
    cvy_environment_variables(text, sizeof text);
    cr_expect_lt(strlen(text), sizeof text);
}

Test(environment, dates_are_utc)
{
    char text[64];
    int year, month, day, hour, minute, second;

    cvy_environment_date(text, sizeof text);
    cr_expect_eq(
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ", &year, &month, &day, &hour, &minute, &second), 6);
}
