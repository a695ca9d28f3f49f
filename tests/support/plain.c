/* See plain.h. Nothing here is meant to be fast.
 *
 * Positions p of an output and taps t of a window are numbered in reading order. */
#include "support/plain.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const size_t OUTSIDE = SIZE_MAX;

static size_t position_count(size_t size, size_t window, size_t stride, bool is_same)
{
    assert(is_same || window <= size);
    return is_same ? (size + stride - 1) / stride : (size - window) / stride + 1;
}

/* Half of the padding, rounded down: an odd cell lies below or to the right. */
static size_t padding_before(size_t size, size_t window, size_t stride, bool is_same)
{
    size_t reached = (position_count(size, window, stride, is_same) - 1) * stride + window;

    return is_same && reached > size ? (reached - size) / 2 : 0;
}

size_t plain_rows(const plain_window *w)
{
    return position_count(w->height, w->window_height, w->stride_y, w->is_same);
}

size_t plain_columns(const plain_window *w)
{
    return position_count(w->width, w->window_width, w->stride_x, w->is_same);
}

static size_t positions(const plain_window *w)
{
    return plain_rows(w) * plain_columns(w);
}

static size_t taps(const plain_window *w)
{
    return w->window_height * w->window_width;
}

static void clear_image(const plain_window *w, double *dx)
{
    memset(dx, 0, w->height * w->width * w->channels * sizeof *dx);
}

/* Where the first channel of the pixel lies that tap t meets at position p, or OUTSIDE. */
static size_t pixel_under(const plain_window *w, size_t p, size_t t)
{
    size_t top = padding_before(w->height, w->window_height, w->stride_y, w->is_same);
    size_t left = padding_before(w->width, w->window_width, w->stride_x, w->is_same);
    size_t y = p / plain_columns(w) * w->stride_y + t / w->window_width;
    size_t x = p % plain_columns(w) * w->stride_x + t % w->window_width;
    bool is_inside = y >= top && y < top + w->height && x >= left && x < left + w->width;

    return is_inside ? ((y - top) * w->width + (x - left)) * w->channels : OUTSIDE;
}

void plain_conv2d_forward(const plain_window *w, size_t filters, const double *x,
                          const double *kernel, const double *bias, double *y)
{
    for (size_t i = 0; i < positions(w) * filters; i++)
        y[i] = bias != NULL ? bias[i % filters] : 0;

    for (size_t p = 0; p < positions(w); p++)
        for (size_t t = 0; t < taps(w); t++) {
            size_t pixel = pixel_under(w, p, t);
            for (size_t c = 0; pixel != OUTSIDE && c < w->channels; c++)
                for (size_t f = 0; f < filters; f++)
                    y[p * filters + f] +=
                        x[pixel + c] * kernel[(t * w->channels + c) * filters + f];
        }
}

void plain_conv2d_backward(const plain_window *w, size_t filters, const double *x,
                           const double *kernel, const double *dy, double *dx, double *dkernel,
                           double *dbias)
{
    for (size_t i = 0; dbias != NULL && i < positions(w) * filters; i++)
        dbias[i % filters] += dy[i];

    clear_image(w, dx);
    for (size_t p = 0; p < positions(w); p++)
        for (size_t t = 0; t < taps(w); t++) {
            size_t pixel = pixel_under(w, p, t);
            for (size_t c = 0; pixel != OUTSIDE && c < w->channels; c++)
                for (size_t f = 0; f < filters; f++) {
                    size_t weight = (t * w->channels + c) * filters + f;
                    dx[pixel + c] += dy[p * filters + f] * kernel[weight];
                    dkernel[weight] += dy[p * filters + f] * x[pixel + c];
                }
        }
}

/* Where the first of the largest values lies that channel c of the window at p holds. */
static size_t largest_under(const plain_window *w, size_t p, size_t c, const double *x)
{
    size_t largest = OUTSIDE;

    for (size_t t = 0; t < taps(w); t++) {
        size_t pixel = pixel_under(w, p, t);
        if (pixel != OUTSIDE && (largest == OUTSIDE || x[pixel + c] > x[largest]))
            largest = pixel + c;
    }
    assert(largest != OUTSIDE);
    return largest;
}

void plain_max_pool_forward(const plain_window *w, const double *x, double *y)
{
    for (size_t p = 0; p < positions(w); p++)
        for (size_t c = 0; c < w->channels; c++)
            y[p * w->channels + c] = x[largest_under(w, p, c, x)];
}

void plain_max_pool_backward(const plain_window *w, const double *x, const double *dy, double *dx)
{
    clear_image(w, dx);
    for (size_t p = 0; p < positions(w); p++)
        for (size_t c = 0; c < w->channels; c++)
            dx[largest_under(w, p, c, x)] += dy[p * w->channels + c];
}

static double cells_inside(const plain_window *w, size_t p)
{
    double count = 0;

    for (size_t t = 0; t < taps(w); t++)
        count += pixel_under(w, p, t) != OUTSIDE;
    return count;
}

void plain_average_pool_forward(const plain_window *w, const double *x, double *y)
{
    memset(y, 0, positions(w) * w->channels * sizeof *y);
    for (size_t p = 0; p < positions(w); p++)
        for (size_t t = 0; t < taps(w); t++) {
            size_t pixel = pixel_under(w, p, t);
            for (size_t c = 0; pixel != OUTSIDE && c < w->channels; c++)
                y[p * w->channels + c] += x[pixel + c] / cells_inside(w, p);
        }
}

void plain_average_pool_backward(const plain_window *w, const double *dy, double *dx)
{
    clear_image(w, dx);
    for (size_t p = 0; p < positions(w); p++)
        for (size_t t = 0; t < taps(w); t++) {
            size_t pixel = pixel_under(w, p, t);
            for (size_t c = 0; pixel != OUTSIDE && c < w->channels; c++)
                dx[pixel + c] += dy[p * w->channels + c] / cells_inside(w, p);
        }
}

void plain_dense_forward(size_t inputs, size_t outputs, const double *x, const double *kernel,
                         const double *bias, double *y)
{
    for (size_t o = 0; o < outputs; o++) {
        y[o] = bias != NULL ? bias[o] : 0;
        for (size_t i = 0; i < inputs; i++)
            y[o] += x[i] * kernel[i * outputs + o];
    }
}

void plain_dense_backward(size_t inputs, size_t outputs, const double *x, const double *kernel,
                          const double *dy, double *dx, double *dkernel, double *dbias)
{
    memset(dx, 0, inputs * sizeof *dx);
    for (size_t o = 0; o < outputs; o++) {
        if (dbias != NULL)
            dbias[o] += dy[o];
        for (size_t i = 0; i < inputs; i++) {
            dx[i] += dy[o] * kernel[i * outputs + o];
            dkernel[i * outputs + o] += dy[o] * x[i];
        }
    }
}

void plain_moments(size_t rows, size_t channels, const double *x, double *mean, double *variance)
{
    for (size_t c = 0; c < channels; c++) {
        mean[c] = variance[c] = 0;
        for (size_t r = 0; r < rows; r++)
            mean[c] += x[r * channels + c] / (double)rows;
        for (size_t r = 0; r < rows; r++)
            variance[c] += pow(x[r * channels + c] - mean[c], 2) / (double)rows;
    }
}

void plain_normalize(size_t rows, size_t channels, const double *x, const double *mean,
                     const double *variance, double epsilon, const double *gamma,
                     const double *beta, double *y)
{
    for (size_t i = 0; i < rows * channels; i++) {
        size_t c = i % channels;
        y[i] = (x[i] - mean[c]) / sqrt(variance[c] + epsilon);
        y[i] = y[i] * (gamma != NULL ? gamma[c] : 1) + (beta != NULL ? beta[c] : 0);
    }
}

/* One channel by the chain rule, as algorithm 1 of Ioffe and Szegedy (2015) computes forward: by
 * way of the normalized values, the variance, and the mean. */
static void normalize_channel_backward(size_t rows, size_t channels, const double *x,
                                       double deviation, double gamma, const double *dy, double *dx)
{
    double mean = 0, dvariance = 0, dmean = 0;

    for (size_t r = 0; r < rows; r++)
        mean += x[r * channels] / (double)rows;
    for (size_t r = 0; r < rows; r++) {
        double dnormal = dy[r * channels] * gamma;
        dvariance -= dnormal * (x[r * channels] - mean) / (2 * pow(deviation, 3));
        dmean -= dnormal / deviation;
    }
    for (size_t r = 0; r < rows; r++)
        dx[r * channels] = dy[r * channels] * gamma / deviation +
                           dvariance * 2 * (x[r * channels] - mean) / (double)rows +
                           dmean / (double)rows;
}

void plain_normalize_backward(size_t rows, size_t channels, const double *x, double epsilon,
                              const double *gamma, const double *dy, double *dx, double *dgamma,
                              double *dbeta)
{
    for (size_t c = 0; c < channels; c++) {
        double mean = 0, variance = 0;
        dgamma[c] = dbeta[c] = 0;
        for (size_t r = 0; r < rows; r++)
            mean += x[r * channels + c] / (double)rows;
        for (size_t r = 0; r < rows; r++)
            variance += pow(x[r * channels + c] - mean, 2) / (double)rows;
        double deviation = sqrt(variance + epsilon);
        for (size_t r = 0; r < rows; r++) {
            dbeta[c] += dy[r * channels + c];
            dgamma[c] += dy[r * channels + c] * (x[r * channels + c] - mean) / deviation;
        }
        normalize_channel_backward(rows, channels, x + c, deviation, gamma != NULL ? gamma[c] : 1,
                                   dy + c, dx + c);
    }
}

double plain_smoothed_cross_entropy(size_t classes, const double *logits, size_t label,
                                    double smoothing, double *dlogits)
{
    double loss = plain_log_sum_exp(classes, logits);

    assert(label < classes);
    plain_softmax_forward(1, classes, logits, dlogits);
    for (size_t c = 0; c < classes; c++) {
        const double target = (c == label) * (1 - smoothing) + smoothing / (double)classes;
        dlogits[c] -= target;
        loss -= target * logits[c];
    }
    return loss;
}

double plain_cross_entropy(size_t classes, const double *logits, size_t label, double *dlogits)
{
    return plain_smoothed_cross_entropy(classes, logits, label, 0, dlogits);
}

double plain_squared_error(size_t n, const double *y, const double *target, double *dy)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double error = y[i] - target[i];
        dy[i] = 2 * error / (double)n;
        sum += error * error;
    }
    return sum / (double)n;
}

double plain_absolute_error(size_t n, const double *y, const double *target, double *dy)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double error = y[i] - target[i];
        dy[i] = (double)((error > 0) - (error < 0)) / (double)n;
        sum += fabs(error);
    }
    return sum / (double)n;
}
