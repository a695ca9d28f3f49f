#include "base/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"

enum { DIGITS_MAX = 17 };

double cvy_number_read(const char *text, char **end)
{
    const locale_t before = cvy_c_locale_enter();
    const double value = strtod(text, end);
    cvy_c_locale_leave(before);
    return value;
}

int cvy_number_text(char *text, size_t size, const char *format, ...)
{
    va_list arguments;

    const locale_t before = cvy_c_locale_enter();
    va_start(arguments, format);
    const int length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    cvy_c_locale_leave(before);
    return length;
}

void cvy_number_format(double value, char type, int precision, char *text, size_t size)
{
    if (isnan(value)) /* without the sign that C may print */
        snprintf(text, size, "nan");
    else if (type == 'e')
        cvy_number_text(text, size, "%.*e", precision, value);
    else if (type == 'f')
        cvy_number_text(text, size, "%.*f", precision, value);
    else
        cvy_number_text(text, size, "%.*g", precision, value);
}

/* The shortest digits of a positive number, and the power of ten of the first. */
static int take_digits(double value, char digits[DIGITS_MAX + 1])
{
    char text[CVY_NUMBER_BYTES];
    int precision = 0;

    do {
        cvy_number_text(text, sizeof text, "%.*e", precision, value);
    } while (cvy_number_read(text, NULL) != value && ++precision < DIGITS_MAX);
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
    int digits = 15;

    do {
        cvy_number_format(value, 'g', digits, text, CVY_NUMBER_BYTES);
    } while (!isnan(value) && cvy_number_read(text, NULL) != value && digits++ < 17);
}
