/* Patterns that choose variables: Python's regular expressions, by POSIX means. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "optimizers/optimizer.h"

static void expect_finds(const char *list, const char *text)
{
    cr_expect_eq(cvy_pattern_check("exclude", list), CVY_OK, "%s: %s", list, cvy_error_message());
    cr_expect(cvy_pattern_finds(list, text), "%s in %s", list, text);
}

static void expect_misses(const char *list, const char *text)
{
    cr_expect_eq(cvy_pattern_check("exclude", list), CVY_OK, "%s: %s", list, cvy_error_message());
    cr_expect_not(cvy_pattern_finds(list, text), "%s in %s", list, text);
}

static void expect_refused(const char *list, const char *word)
{
    cr_expect_eq(cvy_pattern_check("exclude", list), CVY_ERR_SETTING, "%s", list);
    cr_expect_not_null(strstr(cvy_error_message(), word), "%s", cvy_error_message());
    cr_expect_not(cvy_pattern_finds(list, "dense_1/kernel"), "%s", list);
}

Test(patterns, any_of_a_list_may_match_anywhere)
{
    expect_finds("bias", "dense/bias");
    expect_finds("[bias;gamma]", "gamma");
    expect_finds("[bias, gamma]", "gamma");
    expect_finds("[bias,gamma]", "bias");
    expect_misses("[bias;gamma]", "kernel");
    expect_misses("[]", "kernel");
    expect_misses("", "kernel");
}

Test(patterns, classes_of_python_are_understood)
{
    expect_finds("dense_\\d+/kernel", "dense_12/kernel");
    expect_misses("dense_\\d/kernel", "dense_x/kernel");
    expect_finds("^\\w+/bias$", "conv2d_1/bias");
    expect_misses("^\\w+$", "conv2d/bias");
    expect_finds("\\W", "a/b");
    expect_misses("\\D", "123");
    expect_finds("x[\\s]y", "x y");
    expect_finds("x[\\d_]+y", "x1_2y");
    expect_finds("x[\\w/]+y", "xa/b_1y");
    expect_finds("\\Adense\\Z", "dense");
    expect_misses("\\Adense\\Z", "dense_1");
    expect_finds("a\\.b", "a.b");
    expect_misses("a\\.b", "axb");
    expect_finds("[a{1,2}b;c]", "aab");
    expect_finds("x[]\\d]y", "x]y");
}

Test(patterns, what_posix_cannot_say_is_refused)
{
    expect_refused("(?i)Bias", "\"(?\"");
    expect_refused("dense(?!_1)", "\"(?\"");
    expect_refused("a.*?b", "\"*?\"");
    expect_refused("[^\\D]x", "\"\\D\"");
    expect_refused("x[\\]]", "\"\\]\"");
    expect_refused("[out(]", "expected regular expressions");
}

/* The longest list, of what grows most. */
Test(patterns, the_longest_list_fits)
{
    char list[CVY_NAME_BYTES];

    for (size_t i = 0; i + 1 < sizeof list; i++)
        list[i] = "\\W"[i % 2];
    list[sizeof list - 2] = 'x';
    list[sizeof list - 1] = '\0';
    cr_expect_eq(cvy_pattern_check("exclude", list), CVY_OK);
    cr_expect_not(cvy_pattern_finds(list, "kernel"));
}
