/* Medians, deviations and intervals of repeats, against values worked out by hand and in print. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>

#include "statistics/repeats.h"
#include "support/golden.h"

/* Le Boudec 2010, appendix A: for n values the interval of the median is from the j-th to the
 * (n + 1 - j)-th. Below 6 there is none. */
Test(repeats, ranks_are_those_in_print)
{
    static const size_t known[][2] = { { 1, 0 },  { 5, 0 },   { 6, 1 },   { 8, 1 },
                                       { 9, 2 },  { 10, 2 },  { 12, 3 },  { 15, 4 },
                                       { 20, 6 }, { 30, 10 }, { 50, 18 }, { 100, 40 } };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        cr_expect(eq(sz, cvy_repeats_rank(known[i][0]), known[i][1]), "%zu values", known[i][0]);
}

/* The ranks of 5000 values have no power of two that is a double. The normal approximation:
 * n / 2 - 1.96 sqrt(n) / 2 = 2430.7. */
Test(repeats, ranks_of_many_values)
{
    cr_expect(le(dbl, fabs((double)cvy_repeats_rank(5000) - 2430.7), 1.0));
}

Test(repeats, ten_values)
{
    double values[] = { 9, 2, 8, 3, 7, 1, 6, 4, 5, 100 };
    const cvy_repeats found = cvy_repeats_sum_up(values, 10);

    cr_expect(eq(dbl, found.median, 5.5));
    cr_expect(eq(dbl, found.min, 1));
    cr_expect(eq(dbl, found.max, 100));
    cr_expect(eq(dbl, found.mad, 2.5)); /* 0.5 0.5 1.5 1.5 2.5 2.5 3.5 3.5 4.5 94.5 */
    cr_expect(eq(dbl, found.low, 2));
    cr_expect(eq(dbl, found.high, 9));
}

Test(repeats, odd_and_few_values)
{
    double seven[] = { 1, 1, 2, 2, 4, 6, 9 }, one[] = { 3 };
    const cvy_repeats found = cvy_repeats_sum_up(seven, 7), single = cvy_repeats_sum_up(one, 1);

    cr_expect(eq(dbl, found.median, 2));
    cr_expect(eq(dbl, found.mad, 1)); /* the textbook's example: 0 0 1 1 2 4 7 */
    cr_expect(eq(dbl, found.low, 1));
    cr_expect(eq(dbl, found.high, 9));
    cr_expect(eq(dbl, single.median, 3));
    cr_expect(eq(dbl, single.mad, 0));
    cr_expect(isnan(single.low) && isnan(single.high));
}

Test(repeats, values_that_are_all_the_same)
{
    double values[12];

    for (size_t i = 0; i < 12; i++)
        values[i] = 0.25;
    const cvy_repeats found = cvy_repeats_sum_up(values, 12);
    cr_expect(eq(dbl, found.mad, 0));
    cr_expect(eq(dbl, found.low, 0.25));
    cr_expect(eq(dbl, found.high, 0.25));
}

/* Median, its deviation and its interval (quantile_test), tests/golden/scaling.json. */
Test(repeats, figures_are_scipys)
{
    json_t *golden = golden_open("scaling.json");
    const char *name;
    json_t *sample;

    json_object_foreach((json_t *)golden_member(golden, "repeats"), name, sample)
    {
        size_t count;
        double *values = golden_numbers(sample, "values", &count);
        const cvy_repeats found = cvy_repeats_sum_up(values, count);
        golden_compare(sample, "summary",
                       (double[]){ found.median, found.mad, found.low, found.high }, 1e-8, name);
        free(values);
    }
    json_decref(golden);
}
