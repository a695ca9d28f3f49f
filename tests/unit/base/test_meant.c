/* What refused values mean, and what is left alone. */
#include <criterion/criterion.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/meant.h"

static const char *const modes[] = { "strong", "weak", NULL };
static const cvy_setting fraction = {
    .name = "f", .type = CVY_FLOAT, .max = 1, .bounds = CVY_BELOW_MAX
};
static const cvy_setting number = {
    .name = "n", .type = CVY_FLOAT, .max = INFINITY, .bounds = CVY_OR_NONE
};
static const cvy_setting count = {
    .name = "c", .type = CVY_COUNT, .min = 1, .max = 1000000, .bounds = CVY_OR_FULL
};
static const cvy_setting flag = { .name = "b", .type = CVY_BOOL };
static const cvy_setting mode = { .name = "m", .type = CVY_CHOICE, .choices = modes };

typedef struct {
    const cvy_setting *row;
    const char *text, *meant; /* NULL: nothing likely */
} value_case;

static const value_case cases[] = {
    { &fraction, "20%", "0.2" },
    { &fraction, "0,2", "0.2" },
    { &fraction, "20", "0.2" },
    { &fraction, "1/10", "0.1" },
    { &fraction, "0.25f", "0.25" },
    { &fraction, " 0.1", "0.1" },
    { &fraction, "\"0.1\"", "0.1" },
    { &fraction, "split=0.1", "0.1" },
    { &fraction, "80/20", "0.2" },
    { &fraction, "90:10", "0.1" },
    { &fraction, "0.8:0.2", "0.2" },
    { &fraction, "80/30", NULL },
    { &fraction, "2**-3", "0.125" },
    { &fraction, "1e\u22123", "1e-3" },
    { &fraction, "1.5", NULL },
    { &fraction, "200", NULL },
    { &fraction, "-5%", NULL },
    { &fraction, "nan", NULL },
    { &fraction, "", NULL },
    { &number, "null", "none" },
    { &number, "NONE", "none" },
    { &number, "1e-8f", "1e-08" },
    { &number, "2k", "2000" },
    { &number, "x", NULL },
    { &count, "5.0", "5" },
    { &count, "1e4", "10000" },
    { &count, "10k", "10000" },
    { &count, "20,000", "20000" },
    { &count, "1_000", "1000" },
    { &count, "3 epochs", "3" },
    { &count, "5,", "5" },
    { &count, "all", "full" },
    { &count,
      "\xe2\x80\x9c"
      "3\xe2\x80\x9d",
      "3" },
    { &count, "2^5", "32" },
    { &count, "2^500", NULL },
    { &count, "1.5", NULL },
    { &count, "-5", NULL },
    { &count, "64,128", NULL },
    { &count, "1,00,000", NULL },
    { &count, "5000k", NULL },
    { &count, "99999999999999999999", NULL },
    { &count, "1e400", NULL },
    { &count, "k", NULL },
    { &count, ",", NULL },
    { &flag, "yes", "true" },
    { &flag, "1", "true" },
    { &flag, "OFF", "false" },
    { &flag, "maybe", NULL },
    { &mode, "Strong", "strong" },
    { &mode, "we", "weak" },
    { &mode, "stong", "strong" },
    { &mode, "s", NULL },
    { &mode, "strongest", "strong" },
    { &mode, "both", NULL },
};

Test(meant, values_as_they_are_written_elsewhere)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char meant[CVY_NAME_BYTES] = "";
        const bool is_found = cvy_value_meant(cases[i].row, cases[i].text, meant);
        const char *expected = cases[i].meant;
        cr_expect(is_found == (expected != NULL) && (!is_found || strcmp(meant, expected) == 0),
                  "\"%s\": found %s, expected %s", cases[i].text, is_found ? meant : "nothing",
                  expected != NULL ? expected : "nothing");
    }
}

/* Whatever is suggested can be typed. */
Test(meant, long_values_are_not_overrun)
{
    char text[4096], meant[CVY_NAME_BYTES];
    static const char fills[] = "1,.'k% =:_-e\"";

    for (const char *fill = fills; *fill != '\0'; fill++) {
        memset(text, *fill, sizeof text - 1);
        text[sizeof text - 1] = '\0';
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            if (cvy_value_meant(cases[i].row, text, meant))
                cr_expect(cvy_setting_accepts(cases[i].row, meant), "%s", meant);
    }
}
