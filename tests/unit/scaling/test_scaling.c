/* From measured figures to a report: speed-ups, shares, and the verdict with its reasons. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "scaling/scaling.h"

enum { REPEATS = 10 };

static cvy_scaling *s;
static cvy_topology machine;

/* One thread does 1000 images a second, two 1800, four 3000; images of a megaflop; a core of 10
 * GFLOP/s. Repeats differ by 1 % up and down. */
static void begin(void)
{
    static const double rates[] = { 1000, 1800, 3000 };

    machine.allowed_cpus = machine.allowed_cores = machine.cores = machine.cpus = 4;
    machine.quota = HUGE_VAL;
    cr_assert_eq(cvy_memory_create(1, sizeof *s, &s), CVY_OK);
    s->request = (cvy_scaling_request){ .model = "m",
                                        .data = "d",
                                        .optimizer = "adam",
                                        .batch_size = 50,
                                        .repeats = REPEATS,
                                        .thread_counts = { 1, 2, 4 },
                                        .point_count = 3 };
    s->machine.topology = &machine;
    s->flops = 1e6;
    for (size_t i = 0; i < 3; i++) {
        cvy_scaling_point *point = &s->points[i];
        point->threads = point->workers = s->request.thread_counts[i];
        point->batch_size = 50;
        cr_assert_eq(cvy_memory_create(REPEATS, sizeof(double), &point->rates), CVY_OK);
        cr_assert_eq(cvy_memory_create(REPEATS, sizeof(size_t), &point->turns), CVY_OK);
        cr_assert_eq(cvy_memory_create(REPEATS, sizeof(double), &point->steps), CVY_OK);
        cr_assert_eq(cvy_memory_create(REPEATS, sizeof(double), &point->exchanges), CVY_OK);
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            cr_assert_eq(cvy_memory_create(REPEATS, sizeof(double), &point->phases[phase]), CVY_OK);
        for (size_t r = 0; r < REPEATS; r++) {
            point->rates[r] = rates[i] * (r % 2 == 0 ? 0.99 : 1.01);
            point->steps[r] = 50 / rates[i];
            point->exchanges[r] = i == 0 ? NAN : 1e-9 * (double)(r % 2 == 0 ? 2 : 20);
            point->phases[CVY_PHASE_WAIT][r] = 0.1 * point->steps[r];
        }
        point->fma = 1e10 * (double)point->threads;
        point->triad = 1e9;
        point->bytes = 1e6;
        strcpy(point->digest, "abc");
        strcpy(point->reference, "abc");
    }
}

static void end(void)
{
    cvy_scaling_release(s);
    cvy_memory_free(s);
}

TestSuite(scaling, .init = begin, .fini = end);

static void expect_near(double found, double expected)
{
    cr_expect(le(dbl, fabs(found - expected), 1e-9 * fabs(expected)), "found %.12g, expected %.12g",
              found, expected);
}

static void expect_reason(const char *words)
{
    cvy_scaling_work_out(s);
    cr_assert(eq(sz, s->reason_count, 1));
    cr_expect(strstr(s->reasons[0], words) != NULL, "%s", s->reasons[0]);
    cr_expect(isnan(cvy_scaling_serial(s, 2)));
}

Test(scaling, figures_of_a_point)
{
    cvy_scaling_work_out(s);
    const cvy_scaling_point *four = &s->points[2];
    expect_near(four->rate.median, 3000);
    expect_near(four->speedup, 3);
    expect_near(four->speedup_low, 2970. / 1010);
    expect_near(four->speedup_high, 3030. / 990);
    expect_near(four->efficiency, 0.75);
    expect_near(four->karp_flatt, 1. / 9);
    expect_near(cvy_scaling_serial(s, 2), 1. / 9);
    cr_expect(isnan(four->gustafson));
    expect_near(four->flops, 3e9);
    expect_near(four->peak_share, 0.075);
    expect_near(four->bytes_share, 0.06);
    expect_near(four->wait_share, 0.1);
    expect_near(four->exchange.median, 11e-9);
    expect_near(four->exchange.max, 20e-9);
    cr_expect(eq(dbl, s->points[0].speedup, 1));
    cr_expect(isnan(s->points[0].karp_flatt));
    cr_expect(isnan(s->points[0].exchange.median));
    cr_expect(s->amdahl.is_found && s->usl.is_found && !s->gustafson.is_found);
    cr_expect(eq(dbl, four->rates[0], 2970)); /* in the order they came */
}

/* --- neighbouring points --- */

/* Ten repeats that all agree: p = 2 / 2^10, doubled by Holm's correction of two tests. */
Test(scaling, each_point_is_tested_against_the_one_before)
{
    cr_assert_eq(cvy_scaling_work_out(s), CVY_OK);
    cr_expect(isnan(s->points[0].gain) && isnan(s->points[0].gain_p));
    expect_near(s->points[1].gain, 1.8);
    expect_near(s->points[2].gain, 3. / 1.8);
    expect_near(s->points[1].gain_p, 4. / 1024);
    expect_near(s->points[2].gain_p, 4. / 1024);
}

/* As many repeats are faster as are slower, by as much: no p is larger. */
Test(scaling, equal_rates_are_no_gain)
{
    for (size_t r = 0; r < REPEATS; r++)
        s->points[2].rates[r] = s->points[1].rates[r] * (r % 2 == 0 ? 1.01 : 1 / 1.01);
    cr_assert_eq(cvy_scaling_work_out(s), CVY_OK);
    cr_expect_gt(s->points[2].gain_p, 0.9);
}

/* --- single steps --- */

Test(scaling, quantiles_and_bins_of_single_steps)
{
    enum { STEPS = 100 };
    size_t counts[CVY_STEP_BINS], sum = 0;
    cvy_scaling_point *two = &s->points[1];

    cr_assert_eq(cvy_memory_create(STEPS, sizeof(double), &two->step_times), CVY_OK);
    two->step_time_count = STEPS;
    for (size_t i = 0; i < STEPS; i++)
        two->step_times[i] = 1e-3 * (double)(STEPS - i); /* 100 ms ... 1 ms */
    cr_assert_eq(cvy_scaling_work_out(s), CVY_OK);
    expect_near(two->step_p50, 50.5e-3); /* definition 7: x[h], h = 99 / 2 */
    expect_near(two->step_p95, 95.05e-3);
    expect_near(two->step_p99, 99.01e-3);
    expect_near(two->step_max, 100e-3);
    cr_expect(isnan(s->points[0].step_p50));
    cr_expect_lt(cvy_scaling_bin_edge(s, 0), 1e-3);
    cr_expect_gt(cvy_scaling_bin_edge(s, CVY_STEP_BINS), 100e-3);
    cvy_scaling_count_steps(s, 1, counts);
    for (size_t bin = 0; bin < CVY_STEP_BINS; bin++)
        sum += counts[bin];
    cr_expect_eq(sum, STEPS);
    cvy_scaling_count_steps(s, 0, counts);
    cr_expect_eq(counts[0], 0);
}

Test(scaling, weak_scaling_goes_by_gustafson)
{
    s->request.is_weak = true;
    cvy_scaling_work_out(s);
    expect_near(s->points[2].gustafson, 1. / 3);
    cr_expect(isnan(s->points[2].karp_flatt));
    cr_expect(s->gustafson.is_found && s->usl.is_found && !s->amdahl.is_found);
    /* scaled speed-ups of 1, 1.8, 3 on 1, 2, 4: the line p - f (p - 1) through 0.2 and 1 */
    expect_near(s->gustafson.serial_fraction, (0.2 * 1 + 1 * 3) / (1 + 9));
    expect_near(s->gustafson.residual, sqrt((pow(0.12, 2) + pow(0.04, 2)) / 3));
    expect_near(s->points[2].efficiency, 0.75);
}

Test(scaling, nothing_against_it)
{
    cvy_scaling_work_out(s);
    cr_expect(zero(sz, s->reason_count), "%s", s->reasons[0]);
    cr_expect(s->has_same_digests);
}

Test(scaling, another_digest)
{
    strcpy(s->points[1].digest, "abd");
    expect_reason("digest differs: 2 threads learned other weights");
    cr_expect_not(s->has_same_digests);
}

Test(scaling, a_digest_that_changes)
{
    s->points[0].has_changed = true;
    expect_reason("digest differs: the repeats with 1 thread did");
    cr_expect_not(s->has_same_digests);
}

Test(scaling, a_wide_spread)
{
    for (size_t r = 0; r < REPEATS; r++)
        s->points[2].rates[r] = 3000 * (r % 2 == 0 ? 0.9 : 1.1);
    expect_reason("spread too wide: with 4 threads the 95 % interval of the median is ±10.0 %");
}

Test(scaling, a_busy_machine)
{
    s->load_elsewhere = 0.2;
    expect_reason("machine loaded: other processes took 20.0 %");
    s->load_elsewhere = NAN; /* a system that does not tell */
    cvy_scaling_work_out(s);
    cr_expect(zero(sz, s->reason_count));
}

Test(scaling, more_threads_than_processors)
{
    machine.allowed_cpus = 3;
    expect_reason("oversubscribed: 4 threads on 3 hardware threads");
}

Test(scaling, more_threads_than_the_quota)
{
    machine.quota = 2.5;
    expect_reason("oversubscribed: 4 threads with a quota of 2.5 processors");
}

Test(scaling, fewer_workers_than_wanted)
{
    s->points[2].workers = 3;
    expect_reason("4 threads were requested, but OpenMP provided 3");
}

Test(scaling, few_repeats)
{
    s->request.repeats = 3;
    expect_reason("too few repeats: 3, expected at least 10");
}
