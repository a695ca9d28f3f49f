/* Statistics of repeated runs: quartiles, intervals, and tests of paired differences.
 * Values may be infinite (a target that was missed, a run that diverged), never NaN. */
#ifndef CVY_STATISTICS_STATISTICS_H
#define CVY_STATISTICS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** Sort values in ascending order. */
void cvy_sort(double *values, size_t count);

/**
 * The quantile `share`, 0..1, of `count` > 0 values in ascending order, by linear interpolation of
 * order statistics: x[h] with h = share * (count - 1); infinite if a neighbor with nonzero weight
 * is. Source: definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, The
 * American Statistician 50 (1996); the default of NumPy and R.
 */
double cvy_quantile(const double *sorted, size_t count, double share);

typedef struct {
    size_t count;
    double min, q1, median, q3, max; /* NaN if there are no values */
} cvy_quartiles;

/** Compute quartiles by cvy_quantile(); sorts the values. */
cvy_quartiles cvy_quartiles_take(double *values, size_t count);

typedef struct {
    double low, high;
} cvy_interval;

/**
 * Bootstrap percentile interval of the median: the middle `level`, 0..1, of the medians of `resamples`
 * samples drawn with replacement; the same numbers for the same seed.
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_bootstrap_median(const double *values, size_t count, size_t resamples, double level,
                                uint64_t seed, cvy_interval *interval);

/**
 * Two-sided p of Wilcoxon's signed-rank test of paired differences: zeros are dropped, ties get
 * their mean rank. Up to cvy_wilcoxon_exact differences p is exact, given those ranks; above, it is
 * the normal approximation with the correction for ties. 1 without differences.
 * Source: Wilcoxon, Individual Comparisons by Ranking Methods, Biometrics Bulletin 1 (1945).
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_wilcoxon(const double *differences, size_t count, double *p);

enum { cvy_wilcoxon_exact = 100 };

/** The smallest p of Wilcoxon's exact test for `count` pairs: 2 / 2^count. */
double cvy_wilcoxon_smallest(size_t count);

/**
 * Two-sided p of the paired t-test for finite differences: 1 if all are 0 or there is only one, 0
 * if all are equal and not 0.
 * Source: Student, The Probable Error of a Mean, Biometrika 6 (1908).
 */
double cvy_paired_t(const double *differences, size_t count);

/** P(T > t) of Student's distribution with `freedom` degrees of freedom, and the t that is exceeded with
 *  probability `tail`, 0 < tail < 1. */
double cvy_student_tail(double t, double freedom);
double cvy_student_quantile(double tail, double freedom);

/** The standard deviation of a sample; 0 for fewer than two values. */
double cvy_deviation(const double *values, size_t count);

/**
 * p of the hypothesis that the mean of paired differences is outside -margin .. margin, by two
 * one-sided t-tests: small if both are equal within the margin. 1 with fewer than two differences.
 * Source: Schuirmann, A Comparison of the Two One-Sided Tests Procedure and the Power Approach,
 * Journal of Pharmacokinetics and Biopharmaceutics 15 (1987).
 */
double cvy_equivalence(const double *differences, size_t count, double margin);

/**
 * The true mean difference that a two-sided paired t-test of `count` pairs finds at level `alpha`
 * with probability `power`, if differences have the standard deviation `deviation`: (t_alpha/2 +
 * t_1-power) * deviation / sqrt(n). Slightly too small: against the noncentral t distribution by
 * 1 % for 5 pairs and an alpha of 0.05, by 3 % for 10 pairs and an alpha of 0.0033. NaN below 2
 * pairs.
 * Source: Cohen, Statistical Power Analysis for the Behavioral Sciences (1988), section 2.
 */
double cvy_detectable(double deviation, size_t count, double alpha, double power);

/**
 * Holm's correction of `count` p values for multiple testing, in place.
 * Source: Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of
 * Statistics 6 (1979).
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_holm(double *p, size_t count);

/**
 * Performance ratios: each time divided by the smallest of its problem. times and ratios are
 * [problem][solver]; a miss is infinite and remains so.
 * Source: Dolan and More, Benchmarking Optimization Software with Performance Profiles,
 * Mathematical Programming 91 (2002).
 */
void cvy_performance_ratios(const double *times, size_t problems, size_t solvers, double *ratios);

/** The profile: the share of problems that a solver solves within `tau` times the shortest time. */
double cvy_profile_at(const double *ratios, size_t problems, size_t solvers, size_t solver,
                      double tau);

/** The mean of the profile over 1 .. tau_max, as in AlgoPerf (Dahl et al. 2023, section 4.4). */
double cvy_profile_score(const double *ratios, size_t problems, size_t solvers, size_t solver,
                         double tau_max);

/**
 * The mean of the smallest value among `budget` of `count` trials, over all ways to choose them;
 * 1 <= budget <= count.
 * sorted  in ascending order; infinite if a trial diverged
 * Source: Tang et al., Showing Your Work Doesn't Always Work (ACL 2020), section 3.
 */
double cvy_expected_least(const double *sorted, size_t count, size_t budget);

#endif
