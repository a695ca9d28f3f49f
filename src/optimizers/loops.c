/* The loops around every optimizer. Compiled once per instruction set. */
#include <string.h>

#include "optimizers/loops.h"

static void divide(size_t n, float divisor, float *restrict dw)
{
    for (size_t i = 0; i < n; i++)
        dw[i] /= divisor;
}

static void add(size_t n, const float *restrict dw, float *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += dw[i];
}

static void take_mean(size_t n, float count, float *restrict sum, float *restrict dw)
{
    for (size_t i = 0; i < n; i++)
        dw[i] = (dw[i] + sum[i]) / count;
    memset(sum, 0, n * sizeof *sum);
}

double CVY_FOR_ISA(cvy_sum_squares)(size_t n, const float *x)
{
    double sum[CVY_LANE] = { 0 };
    size_t i = 0;

    for (; i + CVY_LANE <= n; i += CVY_LANE)
        for (size_t s = 0; s < CVY_LANE; s++)
            sum[s] += (double)x[i + s] * (double)x[i + s];
    for (size_t s = 0; i < n; i++, s++)
        sum[s] += (double)x[i] * (double)x[i];
    for (size_t half = CVY_LANE / 2; half > 0; half /= 2)
        for (size_t s = 0; s < half; s++)
            sum[s] += sum[s + half];
    return sum[0];
}

static void scale(size_t n, float factor, float *restrict dw)
{
    for (size_t i = 0; i < n; i++)
        dw[i] *= factor;
}

/* NaN stays NaN. */
static void clip(size_t n, float limit, float *restrict dw)
{
    for (size_t i = 0; i < n; i++) {
        const float value = dw[i] > limit ? limit : dw[i];
        dw[i] = value < -limit ? -limit : value;
    }
}

static void decay(size_t n, float share, float *restrict w)
{
    for (size_t i = 0; i < n; i++)
        w[i] -= share * w[i];
}

static void average(size_t n, float momentum, const float *restrict w, float *restrict mean)
{
    const float rest = 1 - momentum;

    for (size_t i = 0; i < n; i++)
        mean[i] = momentum * mean[i] + rest * w[i];
}

extern const cvy_update_loops CVY_FOR_ISA(cvy_update_loops);
const cvy_update_loops CVY_FOR_ISA(cvy_update_loops) = {
    .divide = divide,
    .add = add,
    .take_mean = take_mean,
    .sum_squares = CVY_FOR_ISA(cvy_sum_squares),
    .scale = scale,
    .clip = clip,
    .decay = decay,
    .average = average,
};
