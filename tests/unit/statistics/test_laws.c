/* The laws against worked examples: those of their papers, of Quinn's textbook, data that were
 * published with their fit, and SciPy's fits (tests/golden/scaling.json). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>

#include "statistics/laws.h"
#include "support/golden.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void expect_near(double found, double expected, double distance)
{
    cr_expect(le(dbl, fabs(found - expected), distance), "found %.9g, expected %.9g", found,
              expected);
}

/* --- Karp and Flatt --- */

/* Karp and Flatt 1990 derive their metric from Amdahl's law: where that holds, it gives back the
 * serial fraction whatever p is, so that what varies with p is something else. Speed-ups as
 * Gustafson 1988, figure 1, takes them from the law on 1024 processors, to the last whole number. */
Test(laws, karp_flatt_is_amdahls_fraction)
{
    for (double p = 2; p <= 4096; p *= 2)
        for (double fraction = 0; fraction <= 1; fraction += 0.125)
            expect_near(cvy_karp_flatt(p, cvy_amdahl(fraction, p)), fraction, 1e-12);
    expect_near(cvy_karp_flatt(1024, 91), 0.01, 0.0001);
    expect_near(cvy_karp_flatt(1024, 48), 0.02, 0.0004);
    expect_near(cvy_karp_flatt(1024, 24), 0.04, 0.001);
}

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

/* The same paper: scaled speed-ups of 1021 (beam stress), 1020 (surface waves) and 1016 (unstable
 * flow) on 1024 processors "(s = 0.4 - 0.8 percent)", the time s' of the parallel run that is serial,
 * in its 1024 + (1 - 1024) s'. */
Test(laws, gustafson_on_1024_processors)
{
    expect_near(cvy_gustafson_speedup(0.008, 1024), 1015.8, 0.05);
    expect_near(cvy_gustafson_speedup(0.004, 1024), 1019.9, 0.05);
    expect_near(cvy_gustafson(1024, 1016), 0.0078, 0.00005);
    expect_near(cvy_gustafson(1024, 1020), 0.0039, 0.00005);
    expect_near(cvy_gustafson(1024, 1021), 0.0029, 0.00005);
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

Test(laws, serial_fractions_are_scipys)
{
    json_t *golden = golden_open("scaling.json");
    const char *name;
    json_t *sample;

    json_object_foreach((json_t *)golden_member(golden, "serial"), name, sample)
    {
        size_t count;
        double *p = golden_numbers(sample, "p", &count);
        double *s = golden_numbers(sample, "speedup", NULL);
        const cvy_serial_fit a = cvy_fit_amdahl(count, p, s), g = cvy_fit_gustafson(count, p, s);
        golden_compare(sample, "fractions",
                       (double[]){ a.serial_fraction, a.residual, g.serial_fraction, g.residual },
                       1e-8, name);
        free(p);
        free(s);
    }
    json_decref(golden);
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

/* The SPEC SDM91 benchmark on a SPARCcenter 2000: Gunther, Guerrilla Capacity Planning (2007), and
 * data set specsdm91 of the R package usl 3.0.3 on CRAN. The expected numbers are those that the
 * package prints (its tests/summary.Rout.save, residuals.Rout.save and peak-scalability.R), by
 * nonlinear least squares of all three coefficients as here: alpha is our sigma, beta kappa, gamma
 * lambda. Its residual standard error divides by the 4 degrees of freedom. */
Test(laws, usl_of_specsdm91)
{
    static const double load[] = { 1, 18, 36, 72, 108, 144, 216 };
    static const double rate[] = { 64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2 };
    static const double off[] = { -25.10, -81.66, 111.09, 3.05, -49.99, -46.60, 56.00 };
    const cvy_usl usl = cvy_fit_usl(COUNT(load), load, rate);

    cr_assert(usl.is_found);
    expect_near(usl.sigma, 2.773e-2, 0.0005e-2);
    expect_near(usl.kappa, 1.044e-4, 0.0005e-4);
    expect_near(usl.lambda, 90.00, 0.005);
    expect_near(usl.peak_p, 96.51956, 96.51956e-4); /* as near as the package asks of itself */
    expect_near(usl.peak_x, 1884, 0.5);
    expect_near(usl.lambda / usl.sigma, 3245.589, 3245.589e-4); /* Amdahl's asymptote */
    expect_near(usl.residual, 82.85 * sqrt(4. / 7), 0.005);
    for (size_t i = 0; i < COUNT(load); i++)
        expect_near(rate[i] - cvy_usl_throughput(&usl, load[i]), off[i], 0.0051);
}

/* A ray tracer on an SGI Origin 2000, the first six rows of the package's raytracer: its
 * tests/confint.Rout.save. */
Test(laws, usl_of_the_ray_tracer)
{
    static const double p[] = { 1, 4, 8, 12, 16, 20 }, x[] = { 20, 78, 130, 170, 190, 200 };
    const cvy_usl usl = cvy_fit_usl(COUNT(p), p, x);

    expect_near(usl.sigma, 0.02444, 0.000005);
    expect_near(usl.kappa, 0.00163, 0.000005);
    expect_near(usl.lambda, 20.85605, 0.000005);
}

/* The numbers of the package's tests/coef.R, made with sigma = kappa = 0.02. */
Test(laws, usl_of_rounded_numbers)
{
    static const double p[] = { 1, 2, 4, 6, 8, 10 };
    static const double x[] = { 1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557 };
    const cvy_usl usl = cvy_fit_usl(COUNT(p), p, x);

    expect_near(usl.sigma, 0.02, 0.00005);
    expect_near(usl.kappa, 0.02, 0.00005);
    expect_near(usl.lambda, 1, 0.005);
}

Test(laws, usl_is_scipys)
{
    json_t *golden = golden_open("scaling.json");
    const char *name;
    json_t *sample;

    json_object_foreach((json_t *)golden_member(golden, "usl"), name, sample)
    {
        size_t count;
        double *p = golden_numbers(sample, "p", &count), *x = golden_numbers(sample, "x", NULL);
        double *fit =
            golden_numbers(sample, "fit", NULL); /* lambda, sigma, kappa, residual, peak */
        const cvy_usl usl = cvy_fit_usl(count, p, x);
        expect_near(usl.lambda, fit[0], 1e-6 * fit[0]);
        expect_near(usl.sigma, fit[1], 1e-6);
        expect_near(usl.kappa, fit[2], 1e-8);
        expect_near(usl.residual, fit[3], 1e-6 * fit[3]);
        if (fit[2] > 1e-12) /* at 0 the peak is infinitely far */
            expect_near(usl.peak_p, fit[4], 1e-4 * fit[4]);
        else
            cr_expect(isinf(usl.peak_p), "%s", name);
        free(p);
        free(x);
        free(fit);
    }
    json_decref(golden);
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
