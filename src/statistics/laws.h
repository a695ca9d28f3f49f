/* Laws of parallel speedup, and how well measurements follow them. p are workers, s speedups, both
 * arrays of `count`. */
#ifndef CVY_STATISTICS_LAWS_H
#define CVY_STATISTICS_LAWS_H

#include <stdbool.h>
#include <stddef.h>

/** The serial fraction implied by a speedup s on p workers, (1/s - 1/p) / (1 - 1/p); NaN for p = 1.
 *  If it rises with p, the cause is parallel overhead, not serial work.
 *  Source: Karp and Flatt, Measuring Parallel Processor Performance, CACM 33(5), 1990, equation
 *  2. */
double cvy_karp_flatt(double p, double s);

/** The serial fraction implied by a scaled speedup, (p - s) / (p - 1); NaN for p = 1.
 *  Source: Gustafson, Reevaluating Amdahl's Law, CACM 31(5), 1988. */
double cvy_gustafson(double p, double s);

typedef struct {
    bool is_found;          /* false: too few points, and nothing else is set */
    double serial_fraction; /* 0..1 */
    double residual;        /* root mean square of measured - fitted speedup */
} cvy_serial_fit;

/** s = 1 / (f + (1 - f) / p), least squares of 1/s, which is linear in f. Needs a point with p > 1.
 *  Source: Amdahl, Validity of the Single Processor Approach ..., AFIPS 1967. */
cvy_serial_fit cvy_fit_amdahl(size_t count, const double *p, const double *s);
double cvy_amdahl(double serial_fraction, double p);

/** s = p - f (p - 1), least squares. */
cvy_serial_fit cvy_fit_gustafson(size_t count, const double *p, const double *s);
double cvy_gustafson_speedup(double serial_fraction, double p);

/* Throughput x(p) = lambda p / (1 + sigma (p - 1) + kappa p (p - 1)). */
typedef struct {
    bool is_found;
    double lambda;         /* throughput of one worker */
    double sigma;          /* contention, at least 0 */
    double kappa;          /* coherency cost, which grows with the pairs of workers, at least 0 */
    double residual;       /* root mean square of measured - fitted throughput */
    double peak_p, peak_x; /* the maximum and its number of workers; infinite if x only rises */
} cvy_usl;

/**
 * Fit the universal scalability law by least squares of the throughput with sigma, kappa >= 0.
 * Needs three different p.
 * Source: Gunther, Guerrilla Capacity Planning (2007), chapters 4 to 6; the peak is his p* =
 * sqrt((1 - sigma) / kappa). lambda is fitted with the others, as by the R package usl.
 */
cvy_usl cvy_fit_usl(size_t count, const double *p, const double *x);
double cvy_usl_throughput(const cvy_usl *usl, double p);

#endif
