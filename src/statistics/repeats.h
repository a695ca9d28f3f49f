/* Repeated measurements of one quantity: the median and its interval, without assuming a normal
 * distribution.
 * Source: Hoefler and Belli, Scientific Benchmarking of Parallel Computing Systems (SC 2015). */
#ifndef CVY_STATISTICS_REPEATS_H
#define CVY_STATISTICS_REPEATS_H

#include <stddef.h>

typedef struct {
    double median, min, max;
    double mad;       /* median of the absolute distances to the median */
    double low, high; /* 95 % interval of the median; NaN with fewer than 6 values */
} cvy_repeats;

/** Sum up the values, at least one, which are sorted. */
cvy_repeats cvy_repeats_sum_up(double *values, size_t count);

/**
 * The rank of the interval that contains the median with at least 95 % confidence: from the rank-th
 * smallest to the rank-th largest of `count` values, counted from 1; 0 if there is none.
 * Source: Le Boudec, Performance Evaluation of Computer and Communication Systems (2010), theorem
 * 2.1 and appendix A; the ranks are those of the binomial distribution with p = 1/2.
 */
size_t cvy_repeats_rank(size_t count);

#endif
