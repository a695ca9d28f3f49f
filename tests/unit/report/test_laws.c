/* The laws against worked examples: those of their papers, of Quinn's textbook, and data that were
 * published with their fit. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>

#include "report/laws.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void expect_near(double found, double expected, double distance)
{
    cr_expect(le(dbl, fabs(found - expected), distance), "found %.9g, expected %.9g", found,
              expected);
}

/* --- Karp and Flatt --- */

/* Quinn, Parallel Programming in C with MPI and OpenMP (2003), section 7.5: one benchmark whose
 * serial fraction stays at 0.1, and one where it rises from 0.070 to 0.100 in equal steps. */
Test(laws, karp_flatt_of_the_textbook)
{
    static const double steady[] = { 1.82, 2.50, 3.08, 3.57, 4.00, 4.38, 4.71 };
    static const double rising[] = { 1.87, 2.61, 3.23, 3.73, 4.14, 4.46, 4.71 };

    for (size_t i = 0; i < COUNT(steady); i++) {
        expect_near(cvy_karp_flatt((double)i + 2, steady[i]), 0.1, 0.0015);
        expect_near(cvy_karp_flatt((double)i + 2, rising[i]), 0.07 + 0.005 * (double)i, 0.0015);
    }
}

Test(laws, karp_flatt_of_the_ideal_and_of_one)
{
    expect_near(cvy_karp_flatt(8, 8), 0, 1e-15);
    expect_near(cvy_karp_flatt(8, 1), 1, 1e-15);
    cr_expect(isnan(cvy_karp_flatt(1, 1)));
    cr_expect(lt(dbl, cvy_karp_flatt(4, 5), 0)); /* faster than linear */
}

/* --- Amdahl and Gustafson --- */

/* Gustafson 1988, figure 1: on 1024 processors 1, 2 and 4 % of serial work leave 91, 48 and 24
 * times. */
Test(laws, amdahl_on_1024_processors)
{
    expect_near(cvy_amdahl(0, 1024), 1024, 1e-9);
    expect_near(cvy_amdahl(0.01, 1024), 91, 0.5);
    expect_near(cvy_amdahl(0.02, 1024), 48, 0.5);
    expect_near(cvy_amdahl(0.04, 1024), 24, 0.5);
}

/* The same paper: scaled speed-ups of 1021, 1020 and 1016 on 1024 processors, from serial fractions
 * of 0.4 to 0.8 % of the parallel time, s' in 1024 + (1 - 1024) s'. */
Test(laws, gustafson_on_1024_processors)
{
    expect_near(cvy_gustafson_speedup(0.008, 1024), 1015.8, 0.05);
    expect_near(cvy_gustafson_speedup(0.004, 1024), 1019.9, 0.05);
    expect_near(cvy_gustafson(1024, 1016), 0.0078, 0.00005);
    expect_near(cvy_gustafson(1024, 1020), 0.0039, 0.00005);
    cr_expect(isnan(cvy_gustafson(1, 1)));
}

/* A fit gives back the fraction that points were made with, and finds how far others are off. */
Test(laws, fits_give_back_their_fraction)
{
    static const double p[] = { 1, 2, 4, 8, 16, 64 };
    double amdahl[COUNT(p)], gustafson[COUNT(p)];

    for (size_t i = 0; i < COUNT(p); i++) {
        amdahl[i] = cvy_amdahl(0.037, p[i]);
        gustafson[i] = cvy_gustafson_speedup(0.037, p[i]);
    }
    const cvy_serial_fit a = cvy_fit_amdahl(COUNT(p), p, amdahl);
    const cvy_serial_fit g = cvy_fit_gustafson(COUNT(p), p, gustafson);
    cr_expect(a.is_found && g.is_found);
    expect_near(a.serial_fraction, 0.037, 1e-12);
    expect_near(g.serial_fraction, 0.037, 1e-12);
    expect_near(a.residual, 0, 1e-12);
    expect_near(g.residual, 0, 1e-12);

    amdahl[1] += 0.6;
    cr_expect(gt(dbl, cvy_fit_amdahl(COUNT(p), p, amdahl).residual, 0.2));
}

Test(laws, fits_of_a_point_alone_and_out_of_range)
{
    static const double one[] = { 1 }, p[] = { 1, 2 }, fast[] = { 1, 2.2 }, slow[] = { 1, 0.7 };

    cr_expect_not(cvy_fit_amdahl(1, one, one).is_found);
    cr_expect_not(cvy_fit_gustafson(1, one, one).is_found);
    cr_expect(eq(dbl, cvy_fit_amdahl(2, p, fast).serial_fraction, 0));
    cr_expect(eq(dbl, cvy_fit_amdahl(2, p, slow).serial_fraction, 1));
    cr_expect(gt(dbl, cvy_fit_amdahl(2, p, slow).residual, 0));
}

/* --- the universal scalability law --- */

/* The SPEC SDM91 benchmark on a SPARCcenter 2000, from Gunther's book, as fitted in the description
 * of the R package usl: sigma 0.0277, kappa 0.000104, peak at 96.5 users. */
Test(laws, usl_of_specsdm91)
{
    static const double load[] = { 1, 18, 36, 72, 108, 144, 216 };
    static const double rate[] = { 64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2 };
    const cvy_usl usl = cvy_fit_usl(COUNT(load), load, rate);

    cr_assert(usl.is_found);
    expect_near(usl.sigma, 0.0277, 0.00005);
    expect_near(usl.kappa, 0.000104, 0.0000005);
    expect_near(usl.peak_p, 96.5, 0.05);
    expect_near(usl.lambda, 90.0, 0.05);
    expect_near(usl.peak_x, cvy_usl_throughput(&usl, 96.5), 0.01);
}

Test(laws, usl_gives_back_its_coefficients)
{
    const cvy_usl made = { .lambda = 20, .sigma = 0.05, .kappa = 0.00002 };
    static const double p[] = { 1, 4, 8, 16, 28, 64 };
    double x[COUNT(p)];

    for (size_t i = 0; i < COUNT(p); i++)
        x[i] = cvy_usl_throughput(&made, p[i]);
    const cvy_usl usl = cvy_fit_usl(COUNT(p), p, x);
    expect_near(usl.lambda, 20, 1e-7);
    expect_near(usl.sigma, 0.05, 1e-9);
    expect_near(usl.kappa, 0.00002, 1e-10);
    expect_near(usl.residual, 0, 1e-7);
    expect_near(usl.peak_p, sqrt(0.95 / 0.00002), 1e-3);
}

/* Better than linear, linear, and Amdahl's law: what may not be negative is 0. */
Test(laws, usl_at_its_limits)
{
    static const double p[] = { 1, 2, 4, 8 };
    static const double linear[] = { 10, 20, 40, 80 }, super[] = { 10, 21, 44, 92 };
    double amdahl[4];

    for (size_t i = 0; i < 4; i++)
        amdahl[i] = 100 * cvy_amdahl(0.1, p[i]);
    cvy_usl usl = cvy_fit_usl(4, p, linear);
    cr_expect(usl.is_found);
    expect_near(usl.sigma, 0, 1e-9);
    expect_near(usl.kappa, 0, 1e-9);
    usl = cvy_fit_usl(4, p, super);
    cr_expect(usl.is_found && usl.sigma == 0 && usl.kappa == 0);
    cr_expect(gt(dbl, usl.residual, 1));
    cr_expect(isinf(usl.peak_p) && isinf(usl.peak_x));
    usl = cvy_fit_usl(4, p, amdahl);
    expect_near(usl.sigma, 0.1, 1e-6);
    expect_near(usl.kappa, 0, 1e-6);
    expect_near(usl.lambda, 100, 1e-3);
}

Test(laws, usl_needs_three_numbers_of_workers)
{
    static const double p[] = { 1, 2, 2 }, x[] = { 10, 19, 20 };
    cr_expect_not(cvy_fit_usl(3, p, x).is_found);
}
