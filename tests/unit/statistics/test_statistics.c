/* Statistics against worked numbers, SciPy's (tests/golden/statistics.json) and R's (statistics_r.json). */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "statistics/statistics.h"
#include "support/golden.h"

Test(statistics, quartiles_are_numpys)
{
    json_t *golden = golden_open("statistics.json");
    const char *name;
    json_t *sample;

    json_object_foreach((json_t *)golden_member(golden, "quartiles"), name, sample)
    {
        size_t count;
        double *values = golden_numbers(sample, "values", &count);
        const cvy_quartiles q = cvy_quartiles_take(values, count);
        cr_expect_eq(q.count, count);
        golden_compare(sample, "quantiles", (double[]){ q.min, q.q1, q.median, q.q3, q.max }, 1e-8,
                       name);
        free(values);
    }
    json_decref(golden);
}

Test(statistics, quartiles_of_none_and_of_misses)
{
    cvy_quartiles q = cvy_quartiles_take(NULL, 0);
    cr_expect(q.count == 0 && isnan(q.median));

    double some[] = { INFINITY, 300, 100, INFINITY, 200 };
    q = cvy_quartiles_take(some, 5);
    cr_expect(q.q1 == 200 && q.median == 300 && q.q3 == INFINITY);
    double half[] = { 100, INFINITY };
    cr_expect_eq(cvy_quartiles_take(half, 2).median, INFINITY);
    double all[] = { INFINITY, INFINITY, INFINITY };
    cr_expect_eq(cvy_quartiles_take(all, 3).q1, INFINITY);
    double both[] = { -INFINITY, INFINITY };
    cr_expect(!isnan(cvy_quartiles_take(both, 2).median));
}

Test(statistics, bootstrap_comes_near_all_resamples)
{
    json_t *golden = golden_open("statistics.json");
    size_t i;
    json_t *sample;

    json_array_foreach((json_t *)golden_member(golden, "bootstrap"), i, sample)
    {
        size_t count;
        double *values = golden_numbers(sample, "values", &count);
        cvy_interval interval, again;
        const double level = golden_number(sample, "level");
        cr_assert_eq(cvy_bootstrap_median(values, count, 20000, level, 3, &interval), CVY_OK);
        golden_compare(sample, "interval", (double[]){ interval.low, interval.high }, 1e-8,
                       "bootstrap");
        cr_assert_eq(cvy_bootstrap_median(values, count, 20000, level, 3, &again), CVY_OK);
        cr_expect(memcmp(&interval, &again, sizeof interval) == 0);
        free(values);
    }
    json_decref(golden);
}

Test(statistics, bootstrap_holds_what_it_promises)
{
    /* Of one value there is nothing to draw; of two, a quarter of the resamples is all of one. */
    cvy_interval interval;
    cr_assert_eq(cvy_bootstrap_median((double[]){ 4 }, 1, 100, 0.95, 0, &interval), CVY_OK);
    cr_expect(interval.low == 4 && interval.high == 4);
    cr_assert_eq(cvy_bootstrap_median((double[]){ 0, 1 }, 2, 5000, 0.95, 0, &interval), CVY_OK);
    cr_expect(interval.low == 0 && interval.high == 1);
    cr_assert_eq(cvy_bootstrap_median((double[]){ 1, 2, INFINITY }, 3, 5000, 0.9, 0, &interval),
                 CVY_OK);
    cr_expect(interval.low == 1 && interval.high == INFINITY);
}

Test(statistics, tests_of_differences_are_scipys)
{
    json_t *golden = golden_open("statistics.json");
    const char *name;
    json_t *sample;

    json_object_foreach((json_t *)golden_member(golden, "differences"), name, sample)
    {
        size_t count;
        double *values = golden_numbers(sample, "values", &count), p;
        cr_assert_eq(cvy_wilcoxon(values, count, &p), CVY_OK);
        cr_expect_float_eq(p, golden_number(sample, "wilcoxon"), 1e-8, "%s: %.9g", name, p);
        p = cvy_paired_t(values, count);
        cr_expect_float_eq(p, golden_number(sample, "paired_t"), 1e-8, "%s: t %.9g", name, p);
        free(values);
    }
    size_t count;
    const json_t *many = golden_member(golden, "approximate");
    double *values = golden_numbers(many, "values", &count), p;
    cr_assert_gt(count, (size_t)cvy_wilcoxon_exact);
    cr_assert_eq(cvy_wilcoxon(values, count, &p), CVY_OK);
    cr_expect_float_eq(p / golden_number(many, "wilcoxon"), 1, 1e-6, "%.9g", p);
    cr_expect_float_eq(cvy_paired_t(values, count) / golden_number(many, "paired_t"), 1, 1e-6);
    free(values);
    json_decref(golden);
}

Test(statistics, tests_of_nothing_find_nothing)
{
    double p = 0;

    cr_assert_eq(cvy_wilcoxon(NULL, 0, &p), CVY_OK);
    cr_expect_eq(p, 1);
    cr_assert_eq(cvy_wilcoxon((double[]){ 0, 0, 0 }, 3, &p), CVY_OK);
    cr_expect_eq(p, 1);
    cr_expect_eq(cvy_paired_t((double[]){ 0, 0, 0 }, 3), 1);
    cr_expect_eq(cvy_paired_t((double[]){ 5 }, 1), 1);
    cr_expect_eq(cvy_paired_t((double[]){ 0.5, 0.5, 0.5 }, 3), 0);
    cr_expect_eq(cvy_paired_t((double[]){ -1, 1 }, 2), 1);
}

/* 2 / 2^5 = 0.0625: five pairs can never reach 5 %. Infinite differences have the largest ranks. */
Test(statistics, smallest_p_of_wilcoxon)
{
    double p;

    cr_assert_eq(cvy_wilcoxon((double[]){ 1, 2, 3, 4, INFINITY }, 5, &p), CVY_OK);
    cr_expect_float_eq(p, 0.0625, 1e-15);
    cr_assert_eq(cvy_wilcoxon((double[]){ -INFINITY, -INFINITY, 3 }, 3, &p), CVY_OK);
    cr_expect_float_eq(p, 0.5, 1e-15);
    cr_expect_eq(cvy_wilcoxon_smallest(5), 0.0625);
    cr_expect_eq(cvy_wilcoxon_smallest(10), 2.0 / 1024);
    cr_expect_eq(cvy_wilcoxon_smallest(0), 1);
}

Test(statistics, holm_steps_down)
{
    json_t *golden = golden_open("statistics.json");
    const char *name;
    json_t *sample;

    json_object_foreach((json_t *)golden_member(golden, "holm"), name, sample)
    {
        size_t count;
        double *p = golden_numbers(sample, "values", &count);
        cr_assert_eq(cvy_holm(p, count), CVY_OK);
        golden_compare(sample, "adjusted", p, 1e-9, name);
        free(p);
    }
    json_decref(golden);

    /* Worked by hand: 0.005 * 4, 0.01 * 3, then 0.03 * 2, and 0.04 takes over 0.06. */
    double p[] = { 0.01, 0.04, 0.03, 0.005 };
    cr_assert_eq(cvy_holm(p, 4), CVY_OK);
    cr_expect_float_eq(p[0], 0.03, 1e-15);
    cr_expect_float_eq(p[1], 0.06, 1e-15);
    cr_expect_float_eq(p[2], 0.06, 1e-15);
    cr_expect_float_eq(p[3], 0.02, 1e-15);
    cr_expect_eq(cvy_holm(NULL, 0), CVY_OK);
}

/* Three problems, three solvers: ratios 1 2 miss; 1.5 1 3; and one that nobody solves. */
Test(statistics, performance_profile_by_hand)
{
    const double times[] = { 10, 20, INFINITY, 6, 4, 12, INFINITY, INFINITY, INFINITY };
    double r[9];

    cvy_performance_ratios(times, 3, 3, r);
    cr_expect(r[0] == 1 && r[1] == 2 && r[2] == INFINITY);
    cr_expect(r[3] == 1.5 && r[4] == 1 && r[5] == 3);
    cr_expect(r[6] == INFINITY && r[7] == INFINITY);
    cr_expect_float_eq(cvy_profile_at(r, 3, 3, 0, 1), 1.0 / 3, 1e-15);
    cr_expect_float_eq(cvy_profile_at(r, 3, 3, 0, 1.5), 2.0 / 3, 1e-15);
    cr_expect_float_eq(cvy_profile_at(r, 3, 3, 2, 2.9), 0, 1e-15);
    cr_expect_float_eq(cvy_profile_at(r, 3, 3, 2, 1e9), 1.0 / 3, 1e-15);
    /* up to 4: (3 + 2.5) / 9, (2 + 3) / 9, 1 / 9 */
    cr_expect_float_eq(cvy_profile_score(r, 3, 3, 0, 4), 5.5 / 9, 1e-15);
    cr_expect_float_eq(cvy_profile_score(r, 3, 3, 1, 4), 5.0 / 9, 1e-15);
    cr_expect_float_eq(cvy_profile_score(r, 3, 3, 2, 4), 1.0 / 9, 1e-15);
}

/* Of 1, 2, 4: one trial 7 / 3; two 1, 1, 2; three 1. A diverged trial counts while it may be the best. */
Test(statistics, expected_least_by_hand)
{
    const double values[] = { 1, 2, 4 }, lost[] = { 1, INFINITY };

    cr_expect_float_eq(cvy_expected_least(values, 3, 1), 7.0 / 3, 1e-15);
    cr_expect_float_eq(cvy_expected_least(values, 3, 2), 4.0 / 3, 1e-15);
    cr_expect_float_eq(cvy_expected_least(values, 3, 3), 1, 1e-15);
    cr_expect_eq(cvy_expected_least(lost, 2, 1), INFINITY);
    cr_expect_eq(cvy_expected_least(lost, 2, 2), 1);
}

/* SciPy 1.17: t.sf, t.isf. */
Test(statistics, students_distribution_is_scipys)
{
    static const double tails[][3] = { { 0.5, 4, 0.32166498159093165 },
                                       { 2.262157, 9, 0.025000006652215814 },
                                       { -1.3, 7, 0.8826160823038114 },
                                       { 30, 3, 4.067640213581979e-05 } };
    static const double quantiles[][3] = { { 0.025, 9, 2.2621571627982053 },
                                           { 0.2, 4, 0.9409645772351811 },
                                           { 0.0005, 19, 3.883405852592083 },
                                           { 0.9, 5, -1.4758840488244815 } };

    for (size_t i = 0; i < 4; i++) {
        cr_expect_float_eq(cvy_student_tail(tails[i][0], tails[i][1]), tails[i][2], 1e-12);
        cr_expect_float_eq(cvy_student_quantile(quantiles[i][0], quantiles[i][1]), quantiles[i][2],
                           1e-9);
    }
}

/* SciPy 1.17: the larger p of ttest_1samp(d, -margin, "greater") and ttest_1samp(d, margin, "less"). */
Test(statistics, equivalence_is_the_larger_of_two_one_sided_tests)
{
    static const double d[] = { 0.3, -0.1, 0.7, 0.45, -0.2, 0.9, 0.05, 0.6, 0.8, -0.35 };
    static const double same[] = { 0.125, 0.125, 0.125 };

    cr_expect_float_eq(cvy_deviation(d, 10), 0.4441283598240491, 1e-12);
    cr_expect_float_eq(cvy_equivalence(d, 10, 0.7), 0.011400024578242539, 1e-12);
    cr_expect_float_eq(cvy_equivalence(d, 10, 1), 0.00043730262382523873, 1e-12);
    cr_expect(cvy_equivalence(same, 3, 0.2) == 0 && cvy_equivalence(same, 3, 0.125) == 1);
    cr_expect_eq(cvy_equivalence(d, 1, 9), 1);
}

/* SciPy 1.17: the noncentral t distribution gives 0.99600 for 10 pairs, 0.40418 for 50, at 5 % and 80 %. */
Test(statistics, a_detectable_difference_is_nearly_that_of_the_noncentral_t)
{
    cr_expect_float_eq(cvy_detectable(1, 10, 0.05, 0.8), 0.99600, 0.002);
    cr_expect_float_eq(cvy_detectable(2, 50, 0.05, 0.8), 2 * 0.40418, 0.001);
    cr_expect(isnan(cvy_detectable(1, 1, 0.05, 0.8)));
}

/* R: quantile, sd, wilcox.test, t.test, power.t.test. The latter is exact, and cvy_detectable() up to 3 % below. */
Test(statistics, samples_are_those_of_r)
{
    json_t *golden = golden_open("statistics_r.json");
    const char *name;
    json_t *sample;

    json_object_foreach((json_t *)golden_member(golden, "samples"), name, sample)
    {
        size_t count;
        double *values = golden_numbers(sample, "values", &count), p;
        const double deviation = cvy_deviation(values, count);
        cr_expect_float_eq(deviation / golden_number(sample, "deviation"), 1, 1e-8, "%s", name);
        cr_assert_eq(cvy_wilcoxon(values, count, &p), CVY_OK);
        cr_expect_float_eq(p, golden_number(sample, "wilcoxon"), 1e-8, "%s: %.9g", name, p);
        p = cvy_paired_t(values, count);
        cr_expect_float_eq(p, golden_number(sample, "paired_t"), 1e-8, "%s: t %.9g", name, p);
        p = cvy_equivalence(values, count, golden_number(sample, "margin"));
        cr_expect_float_eq(p, golden_number(sample, "equivalence"), 1e-8, "%s: %.9g", name, p);
        const double found = cvy_detectable(deviation, count, 0.05, 0.8),
                     exact = golden_number(sample, "detectable");
        cr_expect(found <= 1.001 * exact && found > 0.97 * exact, "%s: %.9g, %.9g", name, found,
                  exact);
        const cvy_quartiles q = cvy_quartiles_take(values, count);
        golden_compare(sample, "quantiles", (double[]){ q.min, q.q1, q.median, q.q3, q.max }, 1e-8,
                       name);
        free(values);
    }
    json_decref(golden);
}

Test(statistics, holm_is_that_of_r)
{
    json_t *golden = golden_open("statistics_r.json");
    size_t i;
    json_t *sample;

    json_array_foreach((json_t *)golden_member(golden, "holm"), i, sample)
    {
        size_t count;
        double *p = golden_numbers(sample, "values", &count);
        cr_assert_eq(cvy_holm(p, count), CVY_OK);
        golden_compare(sample, "adjusted", p, 1e-8, "holm");
        free(p);
    }
    json_decref(golden);
}
