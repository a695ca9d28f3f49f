/* Kinds and specs such as adam:beta_1=0.5: what is read, what is refused, and in which words. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/settings.h"

/* Two kinds with settings, one without. */

typedef struct {
    double rate, beta_1, beta_2;
    size_t window[2];
} adam_values;

#define ADAM(member) offsetof(adam_values, member)
static const cvy_setting adam_rows[] = {
    { "learning_rate", CVY_FLOAT, ADAM(rate), "0.001", 0, HUGE_VAL, "step", CVY_CLOSED, NULL },
    { "beta_1", CVY_FLOAT, ADAM(beta_1), "0.9", 0, 1, "mean", CVY_BELOW_MAX, NULL },
    { "beta_2", CVY_FLOAT, ADAM(beta_2), "0.999", 0, 1, "square", CVY_BELOW_MAX, NULL },
    { "window", CVY_COUNT_PAIR, ADAM(window), "1", 1, 9, "a list", CVY_CLOSED, NULL },
    { 0 },
};
static const cvy_setting decay_rows[] = {
    { "steps", CVY_COUNT, 0, NULL, 1, HUGE_VAL, "how long", CVY_CLOSED, NULL },
    { 0 },
};
static const cvy_kind adam = { "adam", "first", adam_rows, sizeof(adam_values) };
static const cvy_kind decay = { "decay", "second", decay_rows, sizeof(size_t) };
static const cvy_kind plain = { "plain", "third", NULL, 0 };
static const cvy_kind *const kinds[] = { &adam, &decay, &plain, NULL };

static void expect_refused(const char *spec, const char *sentence)
{
    const cvy_kind *kind;
    void *settings;

    cr_expect(eq(int, cvy_spec_read("optimizer", spec, kinds, &kind, &settings), CVY_ERR_SETTING),
              "%s", spec);
    cr_expect(eq(str, (char *)cvy_error_message(), (char *)sentence));
}

Test(specs, kinds_are_counted_and_found)
{
    cr_expect(eq(sz, cvy_kind_count(kinds), 3));
    cr_expect(eq(ptr, (void *)cvy_kind_find(kinds, "decay"), (void *)&decay));
    cr_expect(eq(ptr, (void *)cvy_kind_find(kinds, "Decay"), NULL));
}

Test(specs, given_values_lie_over_the_defaults)
{
    const cvy_kind *kind;
    adam_values *values;

    cr_assert(eq(int,
                 cvy_spec_read("optimizer", "adam:beta_1=0.5,window=[2;3]", kinds, &kind, &values),
                 CVY_OK));
    cr_expect(eq(ptr, (void *)kind, (void *)&adam));
    cr_expect(eq(dbl, values->beta_1, 0.5));
    cr_expect(eq(dbl, values->beta_2, 0.999));
    cr_expect(eq(sz, values->window[1], 3));
    cvy_memory_free(values);
}

Test(specs, a_name_alone_is_a_spec)
{
    const cvy_kind *kind;
    adam_values *values;
    void *none = &values;

    cr_assert(eq(int, cvy_spec_read("optimizer", "adam", kinds, &kind, &values), CVY_OK));
    cr_expect(eq(dbl, values->rate, 0.001));
    cvy_memory_free(values);
    cr_assert(eq(int, cvy_spec_read("optimizer", "plain", kinds, &kind, &none), CVY_OK));
    cr_expect(eq(ptr, (void *)kind, (void *)&plain));
    cr_expect(eq(ptr, none, NULL));
}

Test(specs, refusals_name_the_place_and_the_nearest)
{
    expect_refused("adm", "optimizer: unknown name \"adm\"; did you mean \"adam\"? "
                          "It is one of adam, decay, plain");
    expect_refused("", "optimizer: unknown name \"\"; it is one of adam, decay, plain");
    expect_refused("adam:beta1=0.5",
                   "optimizer adam: unknown setting \"beta1\"; did you mean \"beta_1\"? "
                   "It takes learning_rate, beta_1, beta_2, window");
    expect_refused("plain:zzz=1", "optimizer plain: unknown setting \"zzz\"; it takes none");
    expect_refused("adam:beta_1=1",
                   "optimizer adam: beta_1: found \"1\", expected a number in [0, 1)");
    expect_refused("adam:beta_1=0.5,beta_1=0.5", "optimizer adam: beta_1 is given twice");
    expect_refused("adam:beta_1", "optimizer adam: found \"beta_1\", expected KEY=VALUE");
    expect_refused("adam:",
                   "optimizer adam: found nothing after the colon or a comma, expected KEY=VALUE");
    expect_refused("adam:beta_1=0.5,",
                   "optimizer adam: found nothing after the colon or a comma, expected KEY=VALUE");
    expect_refused("decay",
                   "optimizer decay: steps is missing, expected a whole number, at least 1");
}

Test(specs, a_refused_spec_writes_nothing)
{
    const cvy_kind *kind = &plain;
    void *settings = &kind;

    cvy_spec_read("optimizer", "adam:beta_1=2", kinds, &kind, &settings);
    cr_expect(eq(ptr, (void *)kind, (void *)&plain));
    cr_expect(eq(ptr, settings, &kind));
}

Test(specs, a_printed_spec_reads_back)
{
    const char *spec = "adam:learning_rate=0.1,beta_1=0,beta_2=0.3,window=[2;3]";
    const cvy_kind *kind;
    void *settings;
    char text[128], cut[8];

    cr_assert(eq(int, cvy_spec_read("optimizer", spec, kinds, &kind, &settings), CVY_OK));
    cvy_spec_print(kind, settings, text, sizeof text);
    cr_expect(eq(str, text, (char *)spec));
    cvy_spec_print(kind, settings, cut, sizeof cut);
    cr_expect(eq(str, cut, "adam:le"));
    cvy_spec_print(&plain, NULL, text, sizeof text);
    cr_expect(eq(str, text, "plain"));
    cvy_memory_free(settings);
}

Test(specs, a_comma_in_brackets_separates_no_settings)
{
    const cvy_kind *kind;
    adam_values *values;

    cr_assert(eq(int,
                 cvy_spec_read("optimizer", "adam:window=[2, 3],beta_1=0.5", kinds, &kind, &values),
                 CVY_OK));
    cr_expect(eq(sz, values->window[1], 3));
    cr_expect(eq(dbl, values->beta_1, 0.5));
    cvy_memory_free(values);
}

/* As in the name of a file: it must not swallow the settings after it. */
Test(specs, a_bracket_that_is_not_closed_is_a_character)
{
    expect_refused("adam:beta_1=(0.5,beta_2=7",
                   "optimizer adam: beta_1: found \"(0.5\", expected a number in [0, 1)\n"
                   "A list is written in brackets: [A,B].");
    expect_refused("adam:beta_1=0.5],beta_2=7",
                   "optimizer adam: beta_1: found \"0.5]\", expected a number in [0, 1)");
}

Test(specs, settings_that_are_written_as_elsewhere_are_explained)
{
    static const char *const specs[] = { "adam(0.5)", "Adam(1e-3)", "adam,beta_1=0.5",
                                         "adam beta_1=0.5", "adam=0.5" };
    char sentence[256];

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        snprintf(sentence, sizeof sentence,
                 "optimizer: found \"%s\"; settings follow a colon, as in adam:KEY=VALUE,KEY=VALUE",
                 specs[i]);
        expect_refused(specs[i], sentence);
    }
    expect_refused(
        "Adam(beta_1=0.5, 3)",
        "optimizer: found \"Adam(beta_1=0.5, 3)\"; settings follow a colon, did you mean "
        "\"adam:beta_1=0.5\"?");
    expect_refused("adam:0.01", "optimizer adam: found \"0.01\", expected KEY=VALUE; did you mean "
                                "learning_rate=0.01?");
}
