/* Repeated measurements of one quantity: the median and its interval, without assuming that
 * they follow a normal distribution.
 * Source: Hoefler and Belli, Scientific Benchmarking of Parallel Computing Systems (SC 2015). */
#ifndef CVY_STATISTICS_REPEATS_H
#define CVY_STATISTICS_REPEATS_H

#include <stddef.h>

typedef struct {
    double median, min, max;
    double mad; /* median of the absolute distances to the median */
    double low,
        high; /* 95 % interval of the median; NaN with fewer than 6 values, which have none */
} cvy_repeats;

/** values: at least one; they are sorted. */
cvy_repeats cvy_repeats_sum_up(double *values, size_t count);

/**
 * The interval of the median that holds with at least 95 %, of `count` values in rising order: from
 * the rank-th smallest to the rank-th largest, counted from 1; 0 when there is none.
 * Source: Le Boudec, Performance Evaluation of Computer and Communication Systems (2010), theorem
 * 2.1 and appendix A; the ranks are those of the binomial distribution with p = 1/2.
 */
size_t cvy_repeats_rank(size_t count);

#endif
