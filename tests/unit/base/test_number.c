/* Numbers as Python's repr() and format() write them, whatever the locale. */
#include <criterion/criterion.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static void expect(double value, const char *wanted)
{
    char text[CVY_NUMBER_BYTES];

    cvy_number_print(value, text);
    cr_expect_str_eq(text, wanted);
}

Test(number, looks_as_in_python)
{
    expect(0, "0.0");
    expect(-0.0, "-0.0");
    expect(1, "1.0");
    expect(-12, "-12.0");
    expect(0.1, "0.1");
    expect((double)0.1f, "0.10000000149011612");
    expect(100, "100.0");
    expect(1234.5, "1234.5");
    expect(0.0001, "0.0001");
    expect(0.00012345, "0.00012345");
    expect(0.00001, "1e-05");
    expect(1.5e-7, "1.5e-07");
    expect(1e15, "1000000000000000.0");
    expect(1234567890123456, "1234567890123456.0");
    expect(9999999999999998, "9999999999999998.0");
    expect(1e16, "1e+16");
    expect(12345678901234568, "1.2345678901234568e+16");
    expect(1e100, "1e+100");
    expect(-DBL_MAX, "-1.7976931348623157e+308");
    expect(DBL_MIN, "2.2250738585072014e-308");
    expect(5e-324, "5e-324");
    expect((double)FLT_MAX, "3.4028234663852886e+38");
    expect(1. / 3, "0.3333333333333333");
    expect(2. / 3, "0.6666666666666666");
    expect(INFINITY, "inf");
    expect(-INFINITY, "-inf");
    expect(NAN, "nan");
    expect(-NAN, "nan");
}

Test(number, reads_back_to_the_same)
{
    char text[CVY_NUMBER_BYTES];
    double value = 1e-300;

    for (size_t i = 0; i < 3000; i++, value *= 1.5717) {
        cvy_number_print(value, text);
        cr_assert_eq(strtod(text, NULL), value, "%s", text);
        cr_assert_not_null(strpbrk(text, ".e"), "%s", text);
    }
}

static void expect_format(double value, char type, int precision, const char *wanted)
{
    char text[64];

    cvy_number_format(value, type, precision, text, sizeof text);
    cr_expect_str_eq(text, wanted);
}

Test(number, formats)
{
    expect_format(3.14159, 'f', 2, "3.14");
    expect_format(-0.5, 'f', 0, "-0");
    expect_format(1234.5, 'e', 3, "1.234e+03");
    expect_format(1e-5, 'g', 6, "1e-05");
    expect_format(100000, 'g', 6, "100000");
    expect_format(2.5, 'g', 3, "2.5");
    expect_format(NAN, 'f', 2, "nan");
    expect_format(-INFINITY, 'e', 2, "-inf");
}

/* Where a comma, or something longer, stands between the digits. */
Test(number, the_locale_does_not_matter)
{
    static const char *const locales[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                           "ps_AF.UTF-8", "C.UTF-8" };

    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
        if (setlocale(LC_ALL, locales[i]) != NULL) {
            expect(1234.5, "1234.5");
            expect(1.5e-7, "1.5e-07");
            expect_format(3.14159, 'f', 2, "3.14");
            expect_format(1234.5, 'e', 3, "1.234e+03");
            expect_format(1e20, 'g', 6, "1e+20");
        }
}

Test(number, short_ones_read_back)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0.1, "0.1" }, { 1, "1" }, { 1e-5, "1e-05" }, { 0.1 + 0.2, "0.30000000000000004" },
        { NAN, "nan" },
    };
    char text[CVY_NUMBER_BYTES];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_number_short(cases[i].value, text);
        cr_expect_str_eq(text, cases[i].text);
    }
}
