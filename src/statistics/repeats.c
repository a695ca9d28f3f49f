#include "statistics/repeats.h"

#include <math.h>

#include "statistics/statistics.h"

/* The largest r with 2 P(B < r) <= 5 %, where B counts the values below the median. Probabilities
 * are kept as logarithms, since 2^-count is not a double for large counts. */
size_t cvy_repeats_rank(size_t count)
{
    const double n = (double)count;
    double below = 0;

    for (size_t rank = 0; rank < count; rank++) {
        const double k = (double)rank;
        below += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2));
        if (2 * below > 0.05)
            return rank;
    }
    return 0;
}

/* Distances to the median rise on both sides of it, so walking outwards finds the middle one
 * without extra memory. */
static double find_mad(const double *sorted, size_t count, double median)
{
    size_t above = 0;

    while (above < count && sorted[above] < median)
        above++;
    size_t below = above;
    double previous = 0, distance = 0;
    for (size_t i = 0; i <= count / 2; i++) {
        const double down = below > 0 ? median - sorted[below - 1] : HUGE_VAL;
        const double up = above < count ? sorted[above] - median : HUGE_VAL;
        previous = distance;
        distance = fmin(down, up);
        if (down <= up)
            below--;
        else
            above++;
    }
    return count % 2 == 1 ? distance : (previous + distance) / 2;
}

cvy_repeats cvy_repeats_sum_up(double *values, size_t count)
{
    cvy_sort(values, count);
    const size_t rank = cvy_repeats_rank(count);
    cvy_repeats found = {
        .median = cvy_quantile(values, count, 0.5),
        .min = values[0],
        .max = values[count - 1],
        .low = rank > 0 ? values[rank - 1] : NAN,
        .high = rank > 0 ? values[count - rank] : NAN,
    };
    found.mad = find_mad(values, count, found.median);
    return found;
}
