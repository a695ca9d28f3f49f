#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 17 };

/* Replace the locale's decimal separator by a point. */
static void restore_point(char *text)
{
    char *mark = text + (text[0] == '-');
    mark += strspn(mark, "0123456789");
    const size_t length = strcspn(mark, "0123456789e");

    if (length == 0 || mark[length] == '\0') /* 100, 1e+20; nan, inf */
        return;
    *mark = '.';
    memmove(mark + 1, mark + length, strlen(mark + length) + 1);
}

void cvy_number_format(double value, char type, int precision, char *text, size_t size)
{
    if (type == 'e')
        snprintf(text, size, "%.*e", precision, value);
    else if (type == 'f')
        snprintf(text, size, "%.*f", precision, value);
    else
        snprintf(text, size, "%.*g", precision, value);
    if (isnan(value)) /* without the sign that C may print */
        snprintf(text, size, "nan");
    restore_point(text);
}

/* The shortest digits of a positive number, and the power of ten of the first. */
static int take_digits(double value, char digits[DIGITS_MAX + 1])
{
    char text[CVY_NUMBER_BYTES];
    int precision = 0;

    do {
        snprintf(text, sizeof text, "%.*e", precision, value);
    } while (strtod(text, NULL) != value && ++precision < DIGITS_MAX);
    restore_point(text);
    digits[0] = text[0];
    memcpy(digits + 1, text + 2, (size_t)precision);
    digits[precision + 1] = '\0';
    return atoi(strchr(text, 'e') + 1);
}

/* Python prints 1e-05 and 1e+16, and everything between without an exponent. */
void cvy_number_print(double value, char text[CVY_NUMBER_BYTES])
{
    const char *sign = signbit(value) ? "-" : "";
    char digits[DIGITS_MAX + 1];

    if (!isfinite(value)) {
        snprintf(text, CVY_NUMBER_BYTES, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    const int power = take_digits(fabs(value), digits), count = (int)strlen(digits);
    if (power < -4 || power >= 16)
        snprintf(text, CVY_NUMBER_BYTES, "%s%c%s%se%c%02d", sign, digits[0], count > 1 ? "." : "",
                 digits + 1, power < 0 ? '-' : '+', abs(power));
    else if (power < 0)
        snprintf(text, CVY_NUMBER_BYTES, "%s0.%.*s%s", sign, -power - 1, "000", digits);
    else if (power >= count - 1)
        snprintf(text, CVY_NUMBER_BYTES, "%s%s%.*s.0", sign, digits, power - count + 1,
                 "000000000000000");
    else
        snprintf(text, CVY_NUMBER_BYTES, "%s%.*s.%s", sign, power + 1, digits, digits + power + 1);
}

/* Every decimal of 15 digits survives conversion to a double, and 17 digits distinguish all
 * doubles. */
void cvy_number_short(double value, char text[CVY_NUMBER_BYTES])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, CVY_NUMBER_BYTES, "%.*g", digits, value);
        if (isnan(value) || strtod(text, NULL) == value)
            break;
    }
    if (isnan(value))
        snprintf(text, CVY_NUMBER_BYTES, "nan");
    restore_point(text);
}
