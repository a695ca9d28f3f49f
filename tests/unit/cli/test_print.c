/* Numbers and tables for people, JSON for programs. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/redirect.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"

Test(print, counts_are_grouped)
{
    cr_expect(eq(str, cvy_human_count(0).text, "0"));
    cr_expect(eq(str, cvy_human_count(999).text, "999"));
    cr_expect(eq(str, cvy_human_count(1000).text, "1,000"));
    cr_expect(eq(str, cvy_human_count(12345).text, "12,345"));
    cr_expect(eq(str, cvy_human_count(SIZE_MAX).text, "18,446,744,073,709,551,615"));
}

Test(print, seconds_have_the_unit_that_suits_them)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        { 0, "0 ms" },
        { 0.01234, "12.3 ms" },
        { 0.5, "500 ms" },
        { 0.9999, "1.0 s" },
        { 1.23, "1.2 s" },
        { 59.94, "59.9 s" },
        { 59.96, "1 min 00 s" },
        { 125, "2 min 05 s" },
        { 3599.4, "59 min 59 s" },
        { 3599.6, "1 h 00 min" },
        { 7384, "2 h 03 min" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect(eq(str, cvy_human_seconds(cases[i].seconds).text, (char *)cases[i].text));
}

Test(print, shares_are_percent)
{
    cr_expect(eq(str, cvy_human_percent(0.9651).text, "96.51%"));
    cr_expect(eq(str, cvy_human_percent(1).text, "100.00%"));
}

Test(print, json_is_short_and_reads_back, .init = cr_redirect_stdout)
{
    static const double numbers[] = { 0.1, 1.0 / 3, 1e-7, 1, -0.0, 1e300, 0.985, 123456789.125 };
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cvy_json_append(&list, json_real(numbers[i]));
    json_t *object = json_pack("{s:o,s:[],s:{},s:b,s:I,s:s}", "list", list, "none", "empty", "yes",
                               1, "count", (json_int_t)60000, "text", "a\"b\n\xc3\xa9");
    cr_assert(eq(int, cvy_print_json(object), CVY_OK));
    cr_assert_stdout_eq_str(
        "{\"list\":[0.1,0.3333333333333333,1e-07,1.0,-0.0,1e+300,0.985,123456789.125],"
        "\"none\":[],\"empty\":{},\"yes\":true,\"count\":60000,\"text\":\"a\\\"b\\n\xc3\xa9\"}\n");
}

Test(print, json_that_could_not_be_built_is_a_failure)
{
    cr_expect(eq(int, cvy_print_json(NULL), CVY_ERR_MEMORY));
}

Test(print, a_full_disk_is_a_failure)
{
    if (freopen("/dev/full", "w", stdout) == NULL)
        cr_skip_test("there is no /dev/full");
    cr_expect(eq(int, cvy_print_json(json_pack("{s:i}", "a", 1)), CVY_ERR_WRITE));
    cr_expect(eq(str, (char *)cvy_error_message(), "stdout: No space left on device"));
}

Test(print, people_read_stderr_beside_json)
{
    const cvy_call plain = { 0 }, json = { .common.json = true };

    cr_expect(eq(ptr, cvy_print_file(&plain), stdout));
    cr_expect(eq(ptr, cvy_print_file(&json), stderr));
}

Test(print, a_file_is_no_terminal)
{
    FILE *file = fopen("/dev/null", "w");

    cr_assert(ne(ptr, file, NULL));
    cr_expect(not(cvy_is_terminal(file)));
    cr_expect(not(cvy_has_color(file)));
    cr_expect(eq(sz, cvy_line_width(file), 80));
    fclose(file);
}
