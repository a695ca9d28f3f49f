/* Axes: ranges that hold the values, round ticks inside of them, labels that read as those values. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charts/axis.h"

/* The labels that are not empty, with a blank between them. */
static const char *labels_of(const cvy_axis *axis)
{
    static char text[CVY_TICKS_MAX * CVY_TICK_BYTES];

    text[0] = '\0';
    for (size_t i = 0; i < axis->tick_count; i++)
        if (axis->ticks[i].label[0] != '\0') {
            strcat(text, text[0] != '\0' ? " " : "");
            strcat(text, axis->ticks[i].label);
        }
    return text;
}

static void expect_labels(double min, double max, bool is_log, bool is_tight, const char *labels)
{
    const cvy_axis axis = cvy_axis_plan(min, max, is_log, is_tight);
    cr_expect_str_eq(labels_of(&axis), labels, "%g .. %g: %s, expected %s", min, max,
                     labels_of(&axis), labels);
}

Test(axis, linear_labels_are_round)
{
    expect_labels(0, 0.01, false, false, "0 0.002 0.004 0.006 0.008 0.010");
    expect_labels(0.001, 0.098, false, false, "0 0.02 0.04 0.06 0.08 0.10");
    expect_labels(0, 1, false, false, "0 0.2 0.4 0.6 0.8 1.0");
    expect_labels(-3, 7, false, false, "-4 -2 0 2 4 6 8");
    expect_labels(0, 60000, false, false, "0 10,000 20,000 30,000 40,000 50,000 60,000");
    expect_labels(0.97, 0.9912, false, false, "0.970 0.975 0.980 0.985 0.990 0.995");
    expect_labels(-1234.5, -1000, false, false, "-1,250 -1,200 -1,150 -1,100 -1,050 -1,000");
    expect_labels(5, 5, false, false, "0 1 2 3 4 5");
    expect_labels(0, 0, false, false, "-1.0 -0.5 0 0.5 1.0");
}

Test(axis, tight_ends_stay_or_reach_for_a_tick_near_by)
{
    cvy_axis axis = cvy_axis_plan(0, 999, false, true);
    cr_expect_str_eq(labels_of(&axis), "0 200 400 600 800 1,000");
    cr_expect_eq(axis.max, 1000);
    axis = cvy_axis_plan(1, 29, false, true);
    cr_expect_str_eq(labels_of(&axis), "5 10 15 20 25");
    cr_expect_eq(axis.min, 1);
    cr_expect_eq(axis.max, 29);
}

Test(axis, very_large_and_small_numbers_share_a_power_of_ten)
{
    cvy_axis axis = cvy_axis_plan(0, 1e-4, false, false);
    cr_expect_str_eq(labels_of(&axis), "0 0.2 0.4 0.6 0.8 1.0");
    cr_expect_eq(axis.exponent, -4);
    axis = cvy_axis_plan(0, 3e12, false, false);
    cr_expect_str_eq(labels_of(&axis), "0 0.5 1.0 1.5 2.0 2.5 3.0");
    cr_expect_eq(axis.exponent, 12);
    axis = cvy_axis_plan(0, 5e5, false, false);
    cr_expect_eq(axis.exponent, 0);
}

Test(axis, logarithmic_labels_are_powers_or_1_2_5)
{
    expect_labels(1e-4, 1e-2, true, false, "0.0001 0.0002 0.0005 0.001 0.002 0.005 0.01");
    expect_labels(1e-4, 2e-2, true, false, "0.0001 0.001 0.01");
    expect_labels(3e-3, 0.08, true, false, "0.002 0.005 0.01 0.02 0.05 0.1");
    expect_labels(1, 3e6, true, false, "1 10 100 1,000 10,000 100,000 1,000,000");
    expect_labels(1e-7, 2e-3, true, false, "10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³");
    expect_labels(2e-12, 2e-12, true, false, "10⁻¹² 2·10⁻¹² 5·10⁻¹²");
    expect_labels(1e-300, 1e300, true, false, "10⁻²²⁸ 10⁻¹⁵² 10⁻⁷⁶ 10⁰ 10⁷⁶ 10¹⁵² 10²²⁸");
}

/* Without a label gnuplot would choose its own, which are logarithms. */
Test(axis, narrow_logarithmic_ranges_have_linear_labels)
{
    expect_labels(5.9, 8.4, true, true, "6.0 6.5 7.0 7.5 8.0");
    expect_labels(1.3, 2.6, true, true, "1.5 2.0 2.5");
    expect_labels(21, 84, true, true, "40 60 80");
    for (int i = 0; i < 1000; i++) {
        const double min = pow(10, -6 + 0.009 * i), max = min * (1.001 + 0.01 * (i % 97));
        const cvy_axis axis = cvy_axis_plan(min, max, true, true);
        size_t labels = 0;
        for (size_t k = 0; k < axis.tick_count; k++) {
            const double place = cvy_axis_place(&axis, axis.ticks[k].value);
            labels += axis.ticks[k].label[0] != '\0';
            cr_assert(place > -1e-9 && place < 1 + 1e-9);
        }
        cr_assert_geq(labels, 2, "%g .. %g", min, max);
    }
}

/* The value that a label says. */
static double read_label(const cvy_axis *axis, const char *label)
{
    char plain[CVY_TICK_BYTES];
    size_t length = 0;

    for (; *label != '\0'; label++)
        if (*label != ',')
            plain[length++] = *label;
    plain[length] = '\0';
    return strtod(plain, NULL) * pow(10, axis->exponent);
}

Test(axis, every_range_is_covered_and_labelled_with_its_values)
{
    for (int exponent = -20; exponent <= 20; exponent++)
        for (int m = 1; m <= 99; m += 7)
            for (int part = 0; part < 10; part++) {
                const double max = m * pow(10, exponent), min = max * (part - 5) / 5;
                const cvy_axis axis = cvy_axis_plan(min, max, false, part % 2 == 0);
                const double range = axis.max - axis.min;
                cr_assert(axis.min <= min && max <= axis.max && range > 0, "%g .. %g", min, max);
                cr_assert(axis.tick_count >= 2 && axis.tick_count <= 12, "%g .. %g: %zu ticks", min,
                          max, axis.tick_count);
                for (size_t i = 0; i < axis.tick_count; i++) {
                    const cvy_tick *tick = &axis.ticks[i];
                    const double place = cvy_axis_place(&axis, tick->value);
                    cr_assert(place > -1e-9 && place < 1 + 1e-9);
                    cr_assert_float_eq(read_label(&axis, tick->label), tick->value, 1e-9 * range,
                                       "%s for %.17g", tick->label, tick->value);
                }
            }
}

Test(axis, places_run_from_0_to_1)
{
    const cvy_axis linear = cvy_axis_plan(0, 10, false, true);
    const cvy_axis log = cvy_axis_plan(1e-3, 1e1, true, true);

    cr_expect_float_eq(cvy_axis_place(&linear, 2.5), 0.25, 1e-15);
    cr_expect_float_eq(cvy_axis_place(&log, 1e-3), 0, 1e-15);
    cr_expect_float_eq(cvy_axis_place(&log, 0.1), 0.5, 1e-15);
    cr_expect_float_eq(cvy_axis_place(&log, 10), 1, 1e-15);
}

Test(axis, extreme_ranges_are_drawn_too)
{
    const double limit = cvy_axis_limit;
    const cvy_axis axes[] = {
        cvy_axis_plan(-limit, limit, false, false),
        cvy_axis_plan(-limit, -limit, false, true),
        cvy_axis_plan(1e9, 1e9 + 1e-6, false, true),
        cvy_axis_plan(5e-324, 5e-324, false, false),
        cvy_axis_plan(1 / limit, 1 / limit, true, true),
        cvy_axis_plan(limit, limit, true, false),
    };

    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        cr_expect(isfinite(axes[i].min) && axes[i].min < axes[i].max, "%zu", i);
        cr_expect(axes[i].tick_count > 0, "%zu", i);
    }
}
