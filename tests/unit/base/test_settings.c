/* Rows of settings: what is read, what is refused, and in which words. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/settings.h"

typedef struct {
    double rate;
    size_t count, pair[2];
    bool flag;
    int padding;
    char name[CVY_NAME_BYTES];
    const char *text;
    cvy_float_list list;
    double limit;
    char path[CVY_PATH_BYTES];
} sample;

static const char *const paddings[] = { "valid", "same", NULL };
static const char *const sides[] = { "left", "middle", "right", NULL };

#define AT(member) offsetof(sample, member)
static const cvy_setting rows[] = {
    { "rate", CVY_FLOAT, AT(rate), "0.5", 0, 1, "a share", CVY_BELOW_MAX, NULL },
    { "count", CVY_COUNT, AT(count), "3", 1, 1000, "how many", CVY_CLOSED, NULL },
    { "pair", CVY_COUNT_PAIR, AT(pair), "[2;4]", 1, 9, "rows, columns", CVY_CLOSED, NULL },
    { "flag", CVY_BOOL, AT(flag), "true", 0, 0, "yes or no", CVY_CLOSED, NULL },
    { "padding", CVY_CHOICE, AT(padding), "same", 0, 0, "of the border", CVY_CLOSED, paddings },
    { "name", CVY_NAME, AT(name), "relu", 0, 0, "a name", CVY_CLOSED, NULL },
    { "text", CVY_TEXT, AT(text), "here", 0, 0, "a text", CVY_CLOSED, NULL },
    { "list", CVY_FLOAT_LIST, AT(list), "[1;2.5]", 0, 9, "some", CVY_CLOSED, NULL },
    { "limit", CVY_FLOAT, AT(limit), "none", 0, 9, "a bound", CVY_OR_NONE, NULL },
    { "path", CVY_PATH, AT(path), "a b/c", 0, 0, "a file", CVY_CLOSED, NULL },
    { 0 },
};

static const cvy_setting any_float = { "x",      CVY_FLOAT, AT(rate),   NULL, -HUGE_VAL,
                                       HUGE_VAL, "",        CVY_CLOSED, NULL };
static const cvy_setting any_count = { "x",      CVY_COUNT, AT(count),  NULL, 0,
                                       HUGE_VAL, "",        CVY_CLOSED, NULL };

static const cvy_setting *row_of(const char *name)
{
    const cvy_setting *row = cvy_setting_find(rows, name);
    cr_assert(ne(ptr, (void *)row, NULL), "%s", name);
    return row;
}

/* The sentence of a refusal, after checking that the values are as before. */
static const char *refusal(const char *name, const char *text)
{
    sample values, before;

    memset(&values, 0, sizeof values);
    cvy_settings_default(rows, &values);
    before = values;
    cr_expect(eq(int, cvy_setting_parse(row_of(name), text, &values), CVY_ERR_SETTING), "%s=\"%s\"",
              name, text);
    cr_expect(zero(int, memcmp(&values, &before, sizeof values)), "%s=\"%s\"", name, text);
    return cvy_error_message();
}

Test(settings, defaults_take_the_path_of_typed_text)
{
    sample values = { 0 };

    cvy_settings_default(rows, &values);
    cr_expect(eq(dbl, values.rate, 0.5));
    cr_expect(eq(sz, values.count, 3));
    cr_expect(eq(sz, values.pair[0], 2));
    cr_expect(eq(sz, values.pair[1], 4));
    cr_expect(values.flag);
    cr_expect(eq(int, values.padding, 1));
    cr_expect(eq(str, values.name, "relu"));
    cr_expect(eq(str, (char *)values.text, "here"));
    cr_expect(eq(sz, values.list.count, 2));
    cr_expect(eq(dbl, values.list.values[1], 2.5));
    cr_expect(isnan(values.limit));
}

Test(settings, a_row_without_default_stays_untouched)
{
    const cvy_setting table[] = { any_float, { 0 } };
    sample values = { .rate = 7 };

    cvy_settings_default(table, &values);
    cr_expect(eq(dbl, values.rate, 7));
}

Test(settings, rows_are_found_by_their_whole_name)
{
    cr_expect(eq(ptr, (void *)cvy_setting_find(rows, "count"), (void *)&rows[1]));
    cr_expect(eq(ptr, (void *)cvy_setting_find(rows, "coun"), NULL));
    cr_expect(eq(ptr, (void *)cvy_setting_find(rows, ""), NULL));
}

Test(settings, numbers_are_read)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        { "0", 0 },  { "-0.25", -0.25 },  { "+3", 3 },    { ".5", 0.5 },        { "1e-7", 1e-7 },
        { "2.", 2 }, { "1E+300", 1e300 }, { "0.1", 0.1 }, { "5e-324", 5e-324 },
    };
    sample values;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect(eq(int, cvy_setting_parse(&any_float, cases[i].text, &values), CVY_OK), "%s",
                  cases[i].text);
        cr_expect(eq(dbl, values.rate, cases[i].value), "%s", cases[i].text);
    }
}

Test(settings, what_is_no_finite_number_is_refused)
{
    static const char *const texts[] = { "",    " 1",  "1 ",    "nan", "inf",   "-inf", "0x10",
                                         "1e",  "1,5", "1e999", "--1", "1.2.3", "e5",   "five",
                                         "NaN", ".",   "-",     "1e+", "\n1" };
    sample values;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect(eq(int, cvy_setting_parse(&any_float, texts[i], &values), CVY_ERR_SETTING),
                  "\"%s\"", texts[i]);
}

Test(settings, bounds_are_open_or_closed)
{
    cvy_setting row = any_float;
    sample values;

    row.min = 0, row.max = 1;
    cr_expect(eq(int, cvy_setting_parse(&row, "0", &values), CVY_OK));
    cr_expect(eq(int, cvy_setting_parse(&row, "1", &values), CVY_OK));
    cr_expect(eq(int, cvy_setting_parse(&row, "-0.001", &values), CVY_ERR_SETTING));
    cr_expect(eq(int, cvy_setting_parse(&row, "1.001", &values), CVY_ERR_SETTING));
    row.bounds = CVY_ABOVE_MIN | CVY_BELOW_MAX;
    cr_expect(eq(int, cvy_setting_parse(&row, "0", &values), CVY_ERR_SETTING));
    cr_expect(eq(int, cvy_setting_parse(&row, "1", &values), CVY_ERR_SETTING));
    cr_expect(eq(int, cvy_setting_parse(&row, "0.999", &values), CVY_OK));
}

Test(settings, numbers_do_not_depend_on_the_locale)
{
    sample values = { .rate = 2.5 };
    char text[32];

    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
        cr_skip_test("no locale with a decimal comma is installed");
    cvy_setting_print(&any_float, &values, text, sizeof text);
    cr_expect(eq(str, text, "2.5"));
    cr_expect(eq(int, cvy_setting_parse(&any_float, "1.25", &values), CVY_OK));
    cr_expect(eq(dbl, values.rate, 1.25));
    cr_expect(eq(int, cvy_setting_parse(&any_float, "1,25", &values), CVY_ERR_SETTING));
}

Test(settings, counts_are_digits_only)
{
    static const char *const bad[] = { "",    "-3",  "+3",  " 3",    "3 ",
                                       "3.0", "1e3", "0x3", "three", "18446744073709551616" };
    sample values;

    cr_expect(eq(int, cvy_setting_parse(&any_count, "18446744073709551615", &values), CVY_OK));
    cr_expect(eq(sz, values.count, SIZE_MAX));
    cr_expect(eq(int, cvy_setting_parse(&any_count, "007", &values), CVY_OK));
    cr_expect(eq(sz, values.count, 7));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(eq(int, cvy_setting_parse(&any_count, bad[i], &values), CVY_ERR_SETTING),
                  "\"%s\"", bad[i]);
}

Test(settings, pairs_are_one_number_or_two)
{
    static const char *const bad[] = { "",       "[5;3", "5;3",    "[5]",    "[;]",
                                       "[5;]",   "[;3]", "[0;3]",  "[3;10]", "[1;2;3]",
                                       "[ 1;2]", "10",   "[-1;2]", "]" };
    sample values;

    cr_expect(eq(int, cvy_setting_parse(row_of("pair"), "5", &values), CVY_OK));
    cr_expect(eq(sz, values.pair[0], 5));
    cr_expect(eq(sz, values.pair[1], 5));
    cr_expect(eq(int, cvy_setting_parse(row_of("pair"), "[5;3]", &values), CVY_OK));
    cr_expect(eq(sz, values.pair[0], 5));
    cr_expect(eq(sz, values.pair[1], 3));
    cr_expect(eq(int, cvy_setting_parse(row_of("pair"), "[5, 4]", &values), CVY_OK));
    cr_expect(eq(sz, values.pair[1], 4));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refusal("pair", bad[i]);
}

Test(settings, lists_are_numbers_between_brackets)
{
    static const char *const bad[] = { "",       "[]",    "[",    "]",      "[1",     "1]",
                                       "1;2",    "[1;]",  "[;1]", "[1;;2]", "[1;2]x", "[1]]",
                                       "[1 ]",   "[[1]]", "[10]", "[1;-1]", "[nan]",  "[none]",
                                       "[1,,2]", "[1;2",  "[1,2", "1,2",    "[1,2]]", "(1,2)" };
    char full[128] = "[0";
    sample values;

    cr_expect(eq(int, cvy_setting_parse(row_of("list"), "[0.5;2;1e-3]", &values), CVY_OK));
    cr_expect(eq(sz, values.list.count, 3));
    cr_expect(eq(dbl, values.list.values[0], 0.5));
    cr_expect(eq(dbl, values.list.values[2], 1e-3));
    cr_expect(eq(int, cvy_setting_parse(row_of("list"), "[4,5 , 6; 7]", &values), CVY_OK));
    cr_expect(eq(sz, values.list.count, 4));
    cr_expect(eq(dbl, values.list.values[2], 6));
    cr_expect(eq(dbl, values.list.values[3], 7));
    for (int i = 0; i < 2; i++) {
        cr_expect(
            eq(int, cvy_setting_parse(row_of("list"), i == 0 ? "7" : "[7]", &values), CVY_OK));
        cr_expect(eq(sz, values.list.count, 1));
        cr_expect(eq(dbl, values.list.values[0], 7));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refusal("list", bad[i]);

    for (int i = 1; i < CVY_LIST_MAX; i++)
        strcat(full, ";1");
    strcat(full, "]");
    cr_expect(eq(int, cvy_setting_parse(row_of("list"), full, &values), CVY_OK));
    cr_expect(eq(sz, values.list.count, CVY_LIST_MAX));
    strcpy(full + strlen(full) - 1, ";1]");
    refusal("list", full);
}

Test(settings, paths_are_copied_up_to_their_length)
{
    sample values;
    char path[CVY_PATH_BYTES + 1];

    memset(path, 'p', sizeof path);
    path[CVY_PATH_BYTES] = '\0';
    cr_expect(ne(ptr, strstr(refusal("path", path), "a file's name of at most 255 bytes"), NULL));
    path[CVY_PATH_BYTES - 1] = '\0';
    cr_expect(eq(int, cvy_setting_parse(row_of("path"), path, &values), CVY_OK));
    cr_expect(eq(str, values.path, path));
}

Test(settings, none_is_a_number_where_the_row_says_so)
{
    sample values;

    cr_expect(eq(int, cvy_setting_parse(row_of("limit"), "2", &values), CVY_OK));
    cr_expect(eq(dbl, values.limit, 2));
    cr_expect(eq(int, cvy_setting_parse(row_of("limit"), "None", &values), CVY_OK));
    cr_expect(isnan(values.limit));
    refusal("limit", "10");
    refusal("limit", "nan");
    refusal("rate", "none");
}

Test(settings, booleans_are_words)
{
    sample values;

    cr_expect(eq(int, cvy_setting_parse(row_of("flag"), "False", &values), CVY_OK));
    cr_expect(not(values.flag));
    cr_expect(eq(int, cvy_setting_parse(row_of("flag"), "True", &values), CVY_OK));
    cr_expect(values.flag);
    refusal("flag", "1");
    refusal("flag", "yes");
    refusal("flag", "");
}

Test(settings, a_refusal_says_what_was_found_and_expected)
{
    char long_text[CVY_NAME_BYTES + 100];

    memset(long_text, 'z', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    cr_expect(
        eq(str, (char *)refusal("rate", "1"), "rate: found \"1\", expected a number in [0, 1)"));
    cr_expect(eq(str, (char *)refusal("count", "0"),
                 "count: found \"0\", expected a whole number from 1 to 1000"));
    cr_expect(eq(str, (char *)refusal("flag", "ja"), "flag: found \"ja\", expected true or false"));
    cr_expect(eq(str, (char *)refusal("padding", "Same"),
                 "padding: found \"Same\", expected valid or same; did you mean same?"));
    const char *sentence = refusal("name", long_text);
    cr_expect(ne(ptr, strstr(sentence, "zz...\", expected a text of at most 255 bytes"), NULL),
              "%s", sentence);
    cr_expect(lt(sz, strlen(sentence), 160));
}

Test(settings, ranges_are_told_in_words)
{
    static const struct {
        cvy_setting row;
        const char *words;
    } cases[] = {
        { { .type = CVY_FLOAT, .min = -HUGE_VAL, .max = HUGE_VAL }, "a number" },
        { { .type = CVY_FLOAT, .min = 0, .max = 1, .bounds = CVY_BELOW_MAX },
          "a number in [0, 1)" },
        { { .type = CVY_FLOAT, .min = -1.5, .max = 1, .bounds = CVY_ABOVE_MIN },
          "a number in (-1.5, 1]" },
        { { .type = CVY_FLOAT, .min = 0, .max = HUGE_VAL, .bounds = CVY_ABOVE_MIN },
          "a number above 0" },
        { { .type = CVY_FLOAT, .min = 0, .max = HUGE_VAL, .bounds = CVY_BELOW_MAX },
          "a number, at least 0" },
        { { .type = CVY_FLOAT, .min = -HUGE_VAL, .max = 2 }, "a number, at most 2" },
        { { .type = CVY_FLOAT, .min = -HUGE_VAL, .max = 2, .bounds = CVY_BELOW_MAX },
          "a number below 2" },
        { { .type = CVY_FLOAT, .min = -1, .max = -1 }, "the number -1" },
        { { .type = CVY_COUNT, .min = 1, .max = HUGE_VAL }, "a whole number, at least 1" },
        { { .type = CVY_COUNT, .min = 1, .max = HUGE_VAL, .bounds = CVY_ABOVE_MIN },
          "a whole number, at least 2" },
        { { .type = CVY_COUNT, .min = 1, .max = 1000 }, "a whole number from 1 to 1000" },
        { { .type = CVY_COUNT, .min = 1, .max = 1 }, "the number 1" },
        { { .type = CVY_COUNT_PAIR, .min = 1, .max = 9 },
          "a whole number from 1 to 9, or two as [A;B]" },
        { { .type = CVY_FLOAT_LIST, .max = HUGE_VAL },
          "a number, at least 0, or up to 32 as [A;B;...]" },
        { { .type = CVY_FLOAT, .max = HUGE_VAL, .bounds = CVY_ABOVE_MIN | CVY_OR_NONE },
          "a number above 0, or none" },
        { { .type = CVY_BOOL }, "true or false" },
        { { .type = CVY_CHOICE, .choices = paddings }, "valid or same" },
        { { .type = CVY_CHOICE, .choices = sides }, "left, middle or right" },
        { { .type = CVY_TEXT }, "a text" },
    };
    char words[128];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_setting_describe(&cases[i].row, words, sizeof words);
        cr_expect(eq(str, words, (char *)cases[i].words));
        char cut[6] = "#####";
        cvy_setting_describe(&cases[i].row, cut, sizeof cut);
        cr_expect(eq(sz, strlen(cut), 5));
        cr_expect(zero(int, strncmp(cut, words, 5)), "%s", words);
    }
}

Test(settings, numbers_are_printed_in_the_shortest_form_that_reads_back)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0.1, "0.1" },
        { 1e-7, "1e-07" },
        { 0.001, "0.001" },
        { 1.0 / 3, "0.3333333333333333" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 100, "100" },
        { -0.0, "-0" },
        { 1e300, "1e+300" },
        { 12345678, "12345678" },
    };
    sample values;
    char text[32];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        values.rate = cases[i].value;
        cvy_setting_print(&any_float, &values, text, sizeof text);
        cr_expect(eq(str, text, (char *)cases[i].text));
        cr_expect(eq(int, cvy_setting_parse(&any_float, text, &values), CVY_OK));
        cr_expect(eq(dbl, values.rate, cases[i].value));
    }
}

Test(settings, every_printed_value_reads_back)
{
    static const char *const typed[][2] = {
        { "rate", "0.25" },  { "count", "12" },           { "pair", "[5;3]" }, { "pair", "7" },
        { "flag", "false" }, { "padding", "valid" },      { "name", "elu" },   { "text", "a b" },
        { "list", "[4]" },   { "list", "[0.5;1e-10;9]" }, { "limit", "none" }, { "limit", "3" },
    };
    sample values = { 0 };
    char text[64], cut[3];

    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        const cvy_setting *row = row_of(typed[i][0]);
        cr_expect(eq(int, cvy_setting_parse(row, typed[i][1], &values), CVY_OK));
        cvy_setting_print(row, &values, text, sizeof text);
        cr_expect(eq(str, text, (char *)typed[i][1]));
        cvy_setting_print(row, &values, cut, sizeof cut);
        cr_expect(le(sz, strlen(cut), 2));
        cr_expect(zero(int, strncmp(cut, text, strlen(cut))));
    }
}

Test(settings, full_is_a_count_of_zero_where_it_is_allowed)
{
    const cvy_setting row = { "batch", CVY_COUNT, 0, "full", 1, 9, "", CVY_OR_FULL, NULL };
    size_t count = 5;
    char text[64];

    cr_expect(eq(int, cvy_setting_parse(&row, "full", &count), CVY_OK));
    cr_expect(eq(sz, count, 0));
    cvy_setting_print(&row, &count, text, sizeof text);
    cr_expect(eq(str, text, "full"));
    cr_expect(eq(int, cvy_setting_parse(&row, "0", &count), CVY_ERR_SETTING));
    cvy_setting_describe(&row, text, sizeof text);
    cr_expect(eq(str, text, "a whole number from 1 to 9, or full"));
    cr_expect(eq(int, cvy_setting_parse(&any_count, "full", &count), CVY_ERR_SETTING));
}
