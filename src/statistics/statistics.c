#include "statistics/statistics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void cvy_sort(double *values, size_t count)
{
    if (count > 0)
        qsort(values, count, sizeof *values, compare_numbers);
}

double cvy_quantile(const double *sorted, size_t count, double share)
{
    assert(count > 0 && share >= 0 && share <= 1);
    const double place = share * (double)(count - 1);
    const size_t below = (size_t)place;
    const double part = place - (double)below;

    if (part == 0 || sorted[below] == sorted[below + 1])
        return sorted[below];
    if (!isfinite(sorted[below]) && !isfinite(sorted[below + 1]))
        return part < 0.5 ? sorted[below] : sorted[below + 1]; /* -inf and inf have no mean */
    return isfinite(sorted[below]) && isfinite(sorted[below + 1])
               ? sorted[below] + part * (sorted[below + 1] - sorted[below])
               : sorted[below] + sorted[below + 1];
}

cvy_quartiles cvy_quartiles_take(double *values, size_t count)
{
    cvy_quartiles q = { .count = count, NAN, NAN, NAN, NAN, NAN };

    if (count == 0)
        return q;
    cvy_sort(values, count);
    q.min = values[0];
    q.q1 = cvy_quantile(values, count, 0.25);
    q.median = cvy_quantile(values, count, 0.5);
    q.q3 = cvy_quantile(values, count, 0.75);
    q.max = values[count - 1];
    return q;
}

cvy_status cvy_bootstrap_median(const double *values, size_t count, size_t resamples, double level,
                                uint64_t seed, cvy_interval *interval)
{
    assert(count > 0 && resamples > 0);
    double *medians, *sample;
    cvy_status status = cvy_memory_create(resamples + count, sizeof *medians, &medians);
    if (status != CVY_OK)
        return status;
    sample = medians + resamples;

    for (size_t r = 0; r < resamples; r++) {
        const cvy_random_stream stream = { seed, CVY_RANDOM_BOOTSTRAP, (uint32_t)r };
        uint32_t words[4];
        for (size_t i = 0; i < count; i++) {
            if (i % 4 == 0)
                cvy_random_words(&stream, i / 4, words);
            sample[i] = values[(uint64_t)words[i % 4] * count >> 32];
        }
        cvy_sort(sample, count);
        medians[r] = cvy_quantile(sample, count, 0.5);
    }
    cvy_sort(medians, resamples);
    interval->low = cvy_quantile(medians, resamples, (1 - level) / 2);
    interval->high = cvy_quantile(medians, resamples, (1 + level) / 2);
    cvy_memory_free(medians);
    return CVY_OK;
}

static int compare_sizes(const void *a, const void *b)
{
    const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Compute twice the rank of each of `count` sorted numbers, so that mean ranks are integers too.
 * Returns the sum of t^3 - t over groups of t equal numbers. */
static double double_ranks(const double *sorted, size_t count, size_t *ranks)
{
    double ties = 0;

    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && fabs(sorted[end]) == fabs(sorted[first]);)
            end++;
        for (size_t i = first; i < end; i++)
            ranks[i] = first + 1 + end;
        const double t = (double)(end - first);
        ties += t * t * t - t;
    }
    return ties;
}

/* The share of all 2^count sign assignments whose sum over positive ranks is <= sum. chance[s] is
 * the probability of the sum s after the ranks so far. */
static double signs_at_most(const size_t *ranks, size_t count, size_t sum, double *chance,
                            size_t total)
{
    memset(chance, 0, (total + 1) * sizeof *chance);
    chance[0] = 1;
    for (size_t i = 0; i < count; i++)
        for (size_t s = total + 1; s-- > 0;)
            chance[s] = 0.5 * chance[s] + (s >= ranks[i] ? 0.5 * chance[s - ranks[i]] : 0);
    double share = 0;
    for (size_t s = 0; s <= sum; s++)
        share += chance[s];
    return share;
}

static double wilcoxon_normal(double less, double total, size_t count, double ties)
{
    const double n = (double)count;
    const double variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;

    return erfc((total / 2 - less) / sqrt(2 * variance)); /* 2 * P(Z <= -z) */
}

cvy_status cvy_wilcoxon(const double *differences, size_t count, double *p)
{
    double *sorted, *chance;
    size_t *ranks, n = 0, positive = 0, total = 0;
    cvy_status status = cvy_memory_create(count + 1, sizeof *sorted, &sorted);
    if (status == CVY_OK &&
        (status = cvy_memory_create(count + 1, sizeof *ranks, &ranks)) != CVY_OK)
        cvy_memory_free(sorted);
    if (status != CVY_OK)
        return status;

    for (size_t i = 0; i < count; i++)
        if (differences[i] != 0)
            sorted[n++] = differences[i];
    if (n > 0)
        qsort(sorted, n, sizeof *sorted, compare_sizes);
    const double ties = double_ranks(sorted, n, ranks);
    for (size_t i = 0; i < n; i++) {
        total += ranks[i];
        positive += sorted[i] > 0 ? ranks[i] : 0;
    }
    const size_t less = positive < total - positive ? positive : total - positive;

    if (n > cvy_wilcoxon_exact) {
        *p = wilcoxon_normal((double)less / 2, (double)total / 2, n, ties);
    } else if ((status = cvy_memory_create(total + 1, sizeof *chance, &chance)) == CVY_OK) {
        *p = fmin(1, 2 * signs_at_most(ranks, n, less, chance, total));
        cvy_memory_free(chance);
    }
    cvy_memory_free(ranks);
    cvy_memory_free(sorted);
    return status;
}

double cvy_wilcoxon_smallest(size_t count)
{
    return count == 0 ? 1 : ldexp(2, -(int)(count < 1000 ? count : 1000));
}

/* The continued fraction of the incomplete beta function by Lentz's method.
 * Source: DLMF 8.17.22; Lentz, Applied Optics 15 (1976). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double f = 1, c = 1, d = 0;

    for (int m = 0; m <= 300; m++) {
        const int k = m / 2;
        double term = 1;
        if (m > 0 && m % 2 == 0)
            term = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
        else if (m % 2 == 1)
            term = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
        d = 1 + term * d;
        c = 1 + term / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        f *= c * d;
        if (fabs(1 - c * d) < 1e-15)
            break;
    }
    return f - 1;
}

/* The regularized incomplete beta function I_x(a, b). */
static double beta_share(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                     : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double cvy_paired_t(const double *differences, size_t count)
{
    const double n = (double)count;
    double sum = 0, squares = 0;

    for (size_t i = 0; i < count; i++)
        sum += differences[i];
    const double mean = count > 0 ? sum / n : 0;
    for (size_t i = 0; i < count; i++)
        squares += (differences[i] - mean) * (differences[i] - mean);
    if (count < 2 || (mean == 0 && squares == 0))
        return 1;
    /* t^2 = n * mean^2 / (squares / (n - 1)), and P(|T| > t) = I_x((n - 1) / 2, 1 / 2) */
    const double x = squares / (squares + n * mean * mean);
    return beta_share((n - 1) / 2, 0.5, x);
}

double cvy_student_tail(double t, double freedom)
{
    const double half = beta_share(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2;
    return t > 0 ? half : 1 - half;
}

double cvy_student_quantile(double tail, double freedom)
{
    double low = -1e6, high = 1e6;

    for (int i = 0; i < 200 && high - low > 1e-12 * fmax(1, fabs(low)); i++) {
        const double middle = (low + high) / 2;
        if (cvy_student_tail(middle, freedom) > tail)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static double mean_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return count > 0 ? sum / (double)count : 0;
}

double cvy_deviation(const double *values, size_t count)
{
    const double mean = mean_of(values, count);
    double squares = 0;

    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return count > 1 ? sqrt(squares / (double)(count - 1)) : 0;
}

double cvy_equivalence(const double *differences, size_t count, double margin)
{
    const double mean = mean_of(differences, count), n = (double)count;
    const double error = cvy_deviation(differences, count) / sqrt(n);

    if (count < 2)
        return 1;
    if (error == 0)
        return fabs(mean) < margin ? 0 : 1;
    return fmax(cvy_student_tail((mean + margin) / error, n - 1),
                cvy_student_tail((margin - mean) / error, n - 1));
}

double cvy_detectable(double deviation, size_t count, double alpha, double power)
{
    const double n = (double)count;

    if (count < 2)
        return NAN;
    return (cvy_student_quantile(alpha / 2, n - 1) + cvy_student_quantile(1 - power, n - 1)) *
           deviation / sqrt(n);
}

typedef struct {
    double p;
    size_t place;
} placed_p;

static int compare_placed(const void *a, const void *b)
{
    const placed_p *x = a, *y = b;
    if (x->p != y->p)
        return x->p > y->p ? 1 : -1;
    return (x->place > y->place) - (x->place < y->place);
}

cvy_status cvy_holm(double *p, size_t count)
{
    placed_p *order;
    cvy_status status = cvy_memory_create(count + 1, sizeof *order, &order);
    if (status != CVY_OK)
        return status;

    for (size_t i = 0; i < count; i++)
        order[i] = (placed_p){ p[i], i };
    if (count > 0)
        qsort(order, count, sizeof *order, compare_placed);
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fmin(1, (double)(count - i) * order[i].p));
        p[order[i].place] = largest;
    }
    cvy_memory_free(order);
    return CVY_OK;
}

void cvy_performance_ratios(const double *times, size_t problems, size_t solvers, double *ratios)
{
    for (size_t i = 0; i < problems; i++) {
        const double *row = times + i * solvers;
        double least = INFINITY;
        for (size_t j = 0; j < solvers; j++)
            least = fmin(least, row[j]);
        for (size_t j = 0; j < solvers; j++)
            ratios[i * solvers + j] = !isfinite(row[j]) ? INFINITY
                                      : row[j] == least ? 1
                                                        : row[j] / least;
    }
}

double cvy_profile_at(const double *ratios, size_t problems, size_t solvers, size_t solver,
                      double tau)
{
    size_t solved = 0;

    for (size_t i = 0; i < problems; i++)
        solved += ratios[i * solvers + solver] <= tau;
    return problems > 0 ? (double)solved / (double)problems : 0;
}

double cvy_profile_score(const double *ratios, size_t problems, size_t solvers, size_t solver,
                         double tau_max)
{
    double area = 0; /* each problem is a step from 0 to 1 at its ratio */

    for (size_t i = 0; i < problems; i++)
        area += fmax(0, tau_max - ratios[i * solvers + solver]);
    return problems > 0 ? area / ((double)problems * (tau_max - 1)) : 0;
}

double cvy_expected_least(const double *sorted, size_t count, size_t budget)
{
    assert(budget >= 1 && budget <= count);
    double mean = 0;
    double chance = (double)budget / (double)count; /* that the smallest is the first value */

    for (size_t i = 0; i + budget <= count; i++) {
        mean += chance * sorted[i];
        chance *= (double)(count - i - budget) / (double)(count - i - 1); /* 0 after the last */
    }
    return mean;
}
