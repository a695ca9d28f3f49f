/* Softmax, the cross-entropy fused with it, and argmax.
 * Source: Goodfellow et al., Deep Learning (2016), section 6.2.2.3. */
#include "kernels/kernels.h"

#include <math.h>

#include "kernels/exponential.h"

static void forward(size_t classes, size_t positions, size_t stride, const float *x, float *y)
{
    for (size_t p = 0; p < positions; p++, x += CVY_LANE, y += CVY_LANE) {
        float largest[CVY_LANE], sum[CVY_LANE];
        for (size_t s = 0; s < CVY_LANE; s++) {
            largest[s] = x[s];
            sum[s] = 0;
        }
        for (size_t c = 1; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                largest[s] = x[c * stride + s] > largest[s] ? x[c * stride + s] : largest[s];
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++) {
                float power = cvy_exp(x[c * stride + s] - largest[s]);
                y[c * stride + s] = power;
                sum[s] += power;
            }
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                y[c * stride + s] /= sum[s];
    }
}

static void backward(size_t classes, size_t positions, size_t stride, const float *y,
                     const float *dy, float *dx)
{
    for (size_t p = 0; p < positions; p++, y += CVY_LANE, dy += CVY_LANE, dx += CVY_LANE) {
        float sum[CVY_LANE] = { 0 };
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                sum[s] += y[c * stride + s] * dy[c * stride + s];
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                dx[c * stride + s] = y[c * stride + s] * (dy[c * stride + s] - sum[s]);
    }
}

static void log_forward(size_t classes, size_t positions, size_t stride, const float *x, float *y)
{
    for (size_t p = 0; p < positions; p++, x += CVY_LANE, y += CVY_LANE) {
        float largest[CVY_LANE], sum[CVY_LANE] = { 0 };
        for (size_t s = 0; s < CVY_LANE; s++)
            largest[s] = x[s];
        for (size_t c = 1; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                largest[s] = x[c * stride + s] > largest[s] ? x[c * stride + s] : largest[s];
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                sum[s] += cvy_exp(x[c * stride + s] - largest[s]);
        for (size_t s = 0; s < CVY_LANE; s++)
            sum[s] = logf(sum[s]);
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                y[c * stride + s] = x[c * stride + s] - largest[s] - sum[s];
    }
}

static void log_backward(size_t classes, size_t positions, size_t stride, const float *y,
                         const float *dy, float *dx)
{
    for (size_t p = 0; p < positions; p++, y += CVY_LANE, dy += CVY_LANE, dx += CVY_LANE) {
        float sum[CVY_LANE] = { 0 };
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                sum[s] += dy[c * stride + s];
        for (size_t c = 0; c < classes; c++)
            for (size_t s = 0; s < CVY_LANE; s++)
                dx[c * stride + s] = dy[c * stride + s] - cvy_exp(y[c * stride + s]) * sum[s];
    }
}

/* The threshold tau = (sum - 1) / number of the values above tau. Begin with all values, and drop
 * those not above tau until none is dropped (Michelot 1986). Source: Martins and Astudillo, From
 * Softmax to Sparsemax, 2016. */
static float sparse_threshold(size_t classes, size_t stride, const float *x)
{
    float tau = -INFINITY;

    for (size_t before = classes + 1, count;; before = count) {
        float sum = 0;
        count = 0;
        for (size_t c = 0; c < classes; c++) {
            const bool counts = !(x[c * stride] <= tau); /* a NaN counts, and spreads */
            sum += counts ? x[c * stride] : 0.0f;
            count += counts;
        }
        if (count == before || count == 0)
            return tau;
        tau = (sum - 1.0f) / (float)count;
    }
}

static void sparse_forward(size_t classes, size_t positions, size_t stride, const float *x,
                           float *y)
{
    for (size_t i = 0; i < positions * CVY_LANE; i++) {
        const float tau = sparse_threshold(classes, stride, x + i);
        for (size_t c = 0; c < classes; c++) {
            const float above = x[c * stride + i] - tau;
            y[c * stride + i] = above < 0 ? 0 : above;
        }
    }
}

static void sparse_backward(size_t classes, size_t positions, size_t stride, const float *y,
                            const float *dy, float *dx)
{
    for (size_t i = 0; i < positions * CVY_LANE; i++) {
        float sum = 0, count = 0;
        for (size_t c = 0; c < classes; c++) {
            sum += y[c * stride + i] > 0 ? dy[c * stride + i] : 0.0f;
            count += y[c * stride + i] > 0 ? 1.0f : 0.0f;
        }
        for (size_t c = 0; c < classes; c++)
            dx[c * stride + i] = y[c * stride + i] > 0 ? dy[c * stride + i] - sum / count : 0.0f;
    }
}

static void largest_and_sum(size_t classes, const float *z, float largest[CVY_LANE],
                            float sum[CVY_LANE])
{
    for (size_t s = 0; s < CVY_LANE; s++) {
        largest[s] = z[s];
        sum[s] = 0;
    }
    for (size_t c = 1; c < classes; c++)
        for (size_t s = 0; s < CVY_LANE; s++)
            largest[s] = z[c * CVY_LANE + s] > largest[s] ? z[c * CVY_LANE + s] : largest[s];
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < CVY_LANE; s++)
            sum[s] += cvy_exp(z[c * CVY_LANE + s] - largest[s]);
}

/* The distance of the target from the largest value: sum of t (largest - z). Without smoothing only
 * the true class is added, since 0 times a distance that overflows would be NaN. */
static void target_distance(size_t classes, const float *z, const uint16_t label[CVY_LANE],
                            float smoothing, const float largest[CVY_LANE],
                            float distance[CVY_LANE])
{
    for (size_t s = 0; s < CVY_LANE; s++)
        distance[s] = largest[s] - z[label[s] * CVY_LANE + s];
    if (smoothing == 0)
        return;
    for (size_t s = 0; s < CVY_LANE; s++)
        distance[s] *= 1 - smoothing;
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < CVY_LANE; s++)
            distance[s] += smoothing / (float)classes * (largest[s] - z[c * CVY_LANE + s]);
}

static void cross_entropy(size_t classes, const float *z, const uint16_t label[CVY_LANE],
                          float smoothing, float loss[CVY_LANE])
{
    float largest[CVY_LANE], sum[CVY_LANE], distance[CVY_LANE];

    largest_and_sum(classes, z, largest, sum);
    target_distance(classes, z, label, smoothing, largest, distance);
    for (size_t s = 0; s < CVY_LANE; s++)
        loss[s] = logf(sum[s]) + distance[s];
}

static void cross_entropy_back(size_t classes, const float *z, const uint16_t label[CVY_LANE],
                               float smoothing, const float weight[CVY_LANE], float *dz)
{
    const float other = smoothing / (float)classes, own = 1 - smoothing + other;
    float largest[CVY_LANE], sum[CVY_LANE];

    largest_and_sum(classes, z, largest, sum);
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < CVY_LANE; s++) {
            float share = cvy_exp(z[c * CVY_LANE + s] - largest[s]) / sum[s];
            dz[c * CVY_LANE + s] = weight[s] * (share - (label[s] == c ? own : other));
        }
}

static void argmax(size_t classes, const float *z, uint16_t best[CVY_LANE])
{
    float largest[CVY_LANE], nan_or_zero[CVY_LANE];

    for (size_t s = 0; s < CVY_LANE; s++) {
        largest[s] = z[s];
        nan_or_zero[s] = z[s] != z[s] ? z[s] : 0;
        best[s] = 0;
    }
    for (size_t c = 1; c < classes; c++)
        for (size_t s = 0; s < CVY_LANE; s++) {
            const float value = z[c * CVY_LANE + s];
            best[s] = value > largest[s] ? (uint16_t)c : best[s];
            largest[s] = value > largest[s] ? value : largest[s];
            nan_or_zero[s] = value != value ? value : nan_or_zero[s];
        }
    for (size_t s = 0; s < CVY_LANE; s++)
        if (nan_or_zero[s] != nan_or_zero[s])
            best[s] = CVY_NO_CLASS;
}

extern const cvy_softmax_kernels CVY_FOR_ISA(cvy_softmax_kernels);
const cvy_softmax_kernels CVY_FOR_ISA(cvy_softmax_kernels) = {
    .forward = forward,
    .backward = backward,
    .log_forward = log_forward,
    .log_backward = log_backward,
    .sparse_forward = sparse_forward,
    .sparse_backward = sparse_backward,
    .cross_entropy = cross_entropy,
    .cross_entropy_back = cross_entropy_back,
    .argmax = argmax,
};
