/* Summing channels in double precision, and scaling and shifting them. */
#include "kernels/kernels.h"

/* Add the filled elements in order. */
static double add_filled(size_t filled, const double sum[CVY_LANE])
{
    double total = 0;
    for (size_t s = 0; s < filled; s++)
        total += sum[s];
    return total;
}

static void measure(size_t channels, size_t n, size_t filled, const float *x, double *sums,
                    double *products)
{
    for (size_t c = 0; c < channels; c++, x += n) {
        double sum[CVY_LANE] = { 0 }, square[CVY_LANE] = { 0 };
        for (size_t i = 0; i < n; i += CVY_LANE)
            for (size_t s = 0; s < CVY_LANE; s++) {
                const double value = (double)x[i + s];
                sum[s] += value;
                square[s] += value * value;
            }
        sums[c] = add_filled(filled, sum);
        products[c] = add_filled(filled, square);
    }
}

static void measure_gradient(size_t channels, size_t n, size_t filled, const float *center,
                             const float *x, const float *dy, double *sums, double *products)
{
    for (size_t c = 0; c < channels; c++, x += n, dy += n) {
        double sum[CVY_LANE] = { 0 }, product[CVY_LANE] = { 0 };
        for (size_t i = 0; i < n; i += CVY_LANE)
            for (size_t s = 0; s < CVY_LANE; s++) {
                const double gradient = (double)dy[i + s];
                sum[s] += gradient;
                product[s] += gradient * (double)(x[i + s] - center[c]);
            }
        sums[c] = add_filled(filled, sum);
        products[c] = add_filled(filled, product);
    }
}

static void forward(size_t channels, size_t n, const float *center, const float *scale,
                    const float *shift, const float *x, float *y)
{
    for (size_t c = 0; c < channels; c++, x += n, y += n)
        for (size_t i = 0; i < n; i++)
            y[i] = scale[c] * (x[i] - center[c]) + shift[c];
}

static void backward(size_t channels, size_t n, size_t filled, const float *center,
                     const float *scale, const float *slope, const float *shift, const float *x,
                     const float *dy, float *dx)
{
    uint32_t counts[CVY_LANE];

    for (size_t s = 0; s < CVY_LANE; s++)
        counts[s] = s < filled;
    for (size_t c = 0; c < channels; c++, x += n, dy += n, dx += n)
        for (size_t i = 0; i < n; i += CVY_LANE)
            for (size_t s = 0; s < CVY_LANE; s++) {
                const float value =
                    scale[c] * dy[i + s] + slope[c] * (x[i + s] - center[c]) + shift[c];
                dx[i + s] = counts[s] ? value : 0.0f;
            }
}

extern const cvy_normalization_kernels CVY_FOR_ISA(cvy_normalization_kernels);
const cvy_normalization_kernels CVY_FOR_ISA(cvy_normalization_kernels) = {
    .measure = measure,
    .measure_gradient = measure_gradient,
    .forward = forward,
    .backward = backward,
};
