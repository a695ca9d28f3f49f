/* Ticks at 1, 2 or 5 times a power of ten. A tick is an integer multiple of such a unit, so its
 * label is computed from integers and never shows a rounding error. */
#include "charts/axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICKS_WANTED = 6,
    DECIMALS_MAX = 4,  /* with more digits after the point, */
    DIGITS_MAX = 7,    /* or before it, labels share a power of ten */
    FINE_DECADES = 4,  /* up to here a logarithmic axis has fine ticks */
    NAMED_DECADES = 2, /* and up to here labels at 2 and 5 */
    DECADES_WANTED = 8,
};

/* digits * 10^-decimals with a point and commas between thousands: "-1,234.50" */
static void print_decimal(long long digits, int decimals, char *text, size_t size)
{
    char plain[CVY_TICK_BYTES];
    const int length = snprintf(plain, sizeof plain, "%0*lld", decimals + 1, llabs(digits));
    size_t at = 0;

    if (digits < 0 && at + 1 < size)
        text[at++] = '-';
    for (int i = 0; i < length && at + 2 < size; i++) {
        const int left = length - decimals - i; /* digits before the point */
        if (left == 0)
            text[at++] = '.';
        else if (left > 0 && left % 3 == 0 && i > 0)
            text[at++] = ',';
        text[at++] = plain[i];
    }
    text[at] = '\0';
}

void cvy_power_of_ten(int exponent, char *text, size_t size)
{
    static const char *const digits[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
    char plain[16];
    size_t length = (size_t)snprintf(text, size, "10%s", exponent < 0 ? "⁻" : "");

    snprintf(plain, sizeof plain, "%d", abs(exponent));
    for (const char *c = plain; *c != '\0' && length < size; c++)
        length += (size_t)snprintf(text + length, size - length, "%s", digits[*c - '0']);
}

/* mantissa * 10^exponent */
typedef struct {
    int mantissa, exponent;
} unit;

static double unit_value(unit u)
{
    return u.exponent < 0 ? u.mantissa / pow(10, -u.exponent) : u.mantissa * pow(10, u.exponent);
}

/* The smallest of 1, 2, 5 times a power of ten that is not below `size`. */
static unit unit_above(double size)
{
    unit u = { 1, (int)floor(log10(size)) };

    if (unit_value(u) < size)
        u.mantissa = 2;
    if (unit_value(u) < size)
        u.mantissa = 5;
    if (unit_value(u) < size)
        u = (unit){ 1, u.exponent + 1 };
    return u;
}

/* The largest of these units that is not above `size`. */
static unit unit_below(double size)
{
    unit u = { 5, (int)floor(log10(size)) };

    if (unit_value(u) > size)
        u.mantissa = 2;
    if (unit_value(u) > size)
        u.mantissa = 1;
    return u;
}

static cvy_tick *add_tick(cvy_axis *axis, double value)
{
    if (axis->tick_count == CVY_TICKS_MAX)
        return NULL;
    cvy_tick *tick = &axis->ticks[axis->tick_count++];
    *tick = (cvy_tick){ .value = value };
    return tick;
}

/* --- linear --- */

/* Make sure that the range is not empty, relative to its distance from 0. */
static void widen(cvy_axis *axis, bool is_tight)
{
    const double size = fmax(fabs(axis->min), fabs(axis->max));

    if (!is_tight && axis->min > 0 && axis->min < 0.6 * axis->max)
        axis->min = 0;
    if (axis->max - axis->min > 1e-9 * size && size > 1 / cvy_axis_limit)
        return;
    if (size <= 1 / cvy_axis_limit || is_tight) {
        axis->min -= fmax(1, 1e-3 * size);
        axis->max += fmax(1, 1e-3 * size);
    } else {
        axis->min = fmin(0, axis->min);
        axis->max = fmax(0, axis->max);
    }
}

static void name_linear_ticks(cvy_axis *axis, unit u, long long first, long long last)
{
    const double size = fmax(llabs(first), llabs(last)) * u.mantissa; /* in units of 10^exponent */
    const int digits = (int)floor(log10(fmax(size, 1))) + 1 + u.exponent;
    const bool is_plain = -u.exponent <= DECIMALS_MAX && digits <= DIGITS_MAX;

    axis->exponent = is_plain ? 0 : digits - 1;
    const int decimals = axis->exponent - u.exponent;
    for (long long i = first; i <= last; i++) {
        cvy_tick *tick = add_tick(axis, (double)i * unit_value(u));
        long long number = i * u.mantissa;
        if (tick == NULL)
            return;
        for (int zeros = decimals; zeros < 0; zeros++)
            number *= 10;
        print_decimal(number, i == 0 || decimals < 0 ? 0 : decimals, tick->label,
                      sizeof tick->label);
    }
}

static void plan_linear(cvy_axis *axis, bool is_tight)
{
    static const double slack = 1e-6;    /* of a unit, for the rounding of a quotient */
    static const double near_tick = 0.1; /* of a unit: a tight axis may extend so far to end at a
                                            tick */

    widen(axis, is_tight);
    const unit u = unit_above((axis->max - axis->min) / TICKS_WANTED);
    const double size = unit_value(u);
    const double reach = is_tight ? near_tick : 1; /* largest distance of an end from the values */
    double first = floor(axis->min / size + slack), last = ceil(axis->max / size - slack);
    if (axis->min - first * size <= reach * size)
        axis->min = fmin(axis->min, first * size);
    else
        first++;
    if (last * size - axis->max <= reach * size)
        axis->max = fmax(axis->max, last * size);
    else
        last--;
    name_linear_ticks(axis, u, (long long)first, (long long)last);
}

/* --- logarithmic --- */

static void name_log_tick(cvy_tick *tick, unit u, bool is_plain)
{
    char power[CVY_TICK_BYTES / 2];
    long long number = u.mantissa;

    if (is_plain) {
        for (int zeros = 0; zeros < u.exponent; zeros++)
            number *= 10;
        print_decimal(number, u.exponent < 0 ? -u.exponent : 0, tick->label, sizeof tick->label);
        return;
    }
    cvy_power_of_ten(u.exponent, power, sizeof power);
    if (u.mantissa == 1)
        snprintf(tick->label, sizeof tick->label, "%s", power);
    else
        snprintf(tick->label, sizeof tick->label, "%d·%s", u.mantissa, power);
}

static void plan_log(cvy_axis *axis, bool is_tight)
{
    static const double slack = 1e-9;

    if (axis->max < axis->min * 1.1) {
        axis->min /= 2;
        axis->max *= 2;
    }
    if (!is_tight) { /* extend to 1, 2 or 5 */
        axis->min = unit_value(unit_below(axis->min * (1 + slack)));
        axis->max = unit_value(unit_above(axis->max * (1 - slack)));
    }
    const int first = (int)floor(log10(axis->min)), last = (int)floor(log10(axis->max));
    const double decades = log10(axis->max) - log10(axis->min);
    const int stride = (int)(decades / DECADES_WANTED) + 1;
    const bool is_plain = first >= -DECIMALS_MAX && last < DIGITS_MAX;

    const int start = (int)floor((double)first / stride) * stride; /* the stride counts from 1 */
    for (int exponent = start; exponent <= last; exponent += stride) {
        const int largest = decades <= FINE_DECADES + slack ? 9 : 1;
        for (unit u = { 1, exponent }; u.mantissa <= largest; u.mantissa++) {
            const double value = unit_value(u);
            if (value < axis->min * (1 - slack) || value > axis->max * (1 + slack))
                continue;
            cvy_tick *tick = add_tick(axis, value);
            const bool is_2_or_5 = u.mantissa == 2 || u.mantissa == 5;
            if (tick != NULL &&
                (u.mantissa == 1 || (is_2_or_5 && decades <= NAMED_DECADES + slack)))
                name_log_tick(tick, u, is_plain);
        }
    }
}

static size_t count_labels(const cvy_axis *axis)
{
    size_t count = 0;

    for (size_t i = 0; i < axis->tick_count; i++)
        count += axis->ticks[i].label[0] != '\0';
    return count;
}

/* A narrow range may lie between 1, 2, 5 and 10: it has the ticks of a linear axis. */
static void take_linear_ticks(cvy_axis *axis)
{
    cvy_axis linear = { .min = axis->min, .max = axis->max };

    plan_linear(&linear, true);
    axis->tick_count = 0;
    axis->exponent = linear.exponent;
    for (size_t i = 0; i < linear.tick_count; i++)
        if (linear.ticks[i].value >= axis->min && linear.ticks[i].value <= axis->max)
            axis->ticks[axis->tick_count++] = linear.ticks[i];
}

cvy_axis cvy_axis_plan(double min, double max, bool is_log, bool is_tight)
{
    cvy_axis axis = { .is_log = is_log, .min = min, .max = max };

    if (is_log)
        plan_log(&axis, is_tight);
    if (is_log && count_labels(&axis) < 2)
        take_linear_ticks(&axis);
    if (!is_log)
        plan_linear(&axis, is_tight);
    return axis;
}

double cvy_axis_place(const cvy_axis *axis, double value)
{
    if (axis->is_log)
        return (log(value) - log(axis->min)) / (log(axis->max) - log(axis->min));
    return (value - axis->min) / (axis->max - axis->min);
}
