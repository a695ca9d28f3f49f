/* The layers and losses once more, written as their formulas read: double precision, plain loops,
 * one image at a time. What convoy computes in lanes is compared with this, and this with Keras
 * (tests/golden/test_plain_against_keras.c).
 *
 * An image is [height][width][channels], a kernel [kh][kw][in][out], a dense one [in][out], as
 * Keras keeps them. dx is overwritten; dkernel and dbias are added to, for the images' sum.
 * Sources: Keras 3 documentation of layers and losses; Goodfellow et al., Deep Learning (2016),
 * sections 6.2.2.3, 6.5 and 9.5. */
#ifndef TESTS_SUPPORT_PLAIN_H
#define TESTS_SUPPORT_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* A window over an image: of a convolution or of a pooling layer. */
typedef struct {
    size_t height, width, channels; /* of the image */
    size_t window_height, window_width, stride_y, stride_x;
    bool is_same; /* padded so that the output has ceil(size / stride); else only whole windows */
} plain_window;

/** Rows and columns of the output. The window must fit the image when it is not padded. */
size_t plain_rows(const plain_window *window);
size_t plain_columns(const plain_window *window);

/** y [rows][columns][filters]; bias and dbias may be NULL. */
void plain_conv2d_forward(const plain_window *window, size_t filters, const double *x,
                          const double *kernel, const double *bias, double *y);
void plain_conv2d_backward(const plain_window *window, size_t filters, const double *x,
                           const double *kernel, const double *dy, double *dx, double *dkernel,
                           double *dbias);

/** Of equal values the first in reading order is the maximum: it alone receives the gradient. */
void plain_max_pool_forward(const plain_window *window, const double *x, double *y);
void plain_max_pool_backward(const plain_window *window, const double *x, const double *dy,
                             double *dx);

/** The mean of those cells that lie inside the image. */
void plain_average_pool_forward(const plain_window *window, const double *x, double *y);
void plain_average_pool_backward(const plain_window *window, const double *dy, double *dx);

/** x [inputs], y [outputs]; bias and dbias may be NULL. */
void plain_dense_forward(size_t inputs, size_t outputs, const double *x, const double *kernel,
                         const double *bias, double *y);
void plain_dense_backward(size_t inputs, size_t outputs, const double *x, const double *kernel,
                          const double *dy, double *dx, double *dkernel, double *dbias);

typedef enum {
    PLAIN_LINEAR,
    PLAIN_RELU,
    PLAIN_LEAKY_RELU, /* alpha: the slope below zero */
    PLAIN_ELU,        /* alpha: the limit on the left is -alpha */
    PLAIN_GELU,       /* with the error function, not its tanh approximation */
    PLAIN_SIGMOID,
    PLAIN_TANH,
} plain_activation;

void plain_activation_forward(plain_activation kind, double alpha, size_t n, const double *x,
                              double *y);
void plain_activation_backward(plain_activation kind, double alpha, size_t n, const double *x,
                               const double *dy, double *dx);

/** Keras's other functions by their names, "silu"; false for one that is not known. Derivatives are
 *  central differences of 2e-5: right to 1e-9 away from kinks. */
bool plain_function_forward(const char *name, size_t n, const double *x, double *y);
bool plain_function_backward(const char *name, size_t n, const double *x, const double *dy,
                             double *dx);

/** Over the last axis: log of the softmax, sparsemax, and the gated linear unit, which halves it. */
bool plain_rows_forward(const char *name, size_t rows, size_t classes, const double *x, double *y);
bool plain_rows_backward(const char *name, size_t rows, size_t classes, const double *x,
                         const double *dy, double *dx);

/** Over the last axis: `rows` rows of `classes` values. */
void plain_softmax_forward(size_t rows, size_t classes, const double *x, double *y);
void plain_softmax_backward(size_t rows, size_t classes, const double *y, const double *dy,
                            double *dx);

/** Mean and biased variance of each channel of a batch, `rows` rows of `channels` values. */
void plain_moments(size_t rows, size_t channels, const double *x, double *mean, double *variance);

/** To mean 0 and variance 1 by given statistics, then by gamma and beta, either of which may be
 *  NULL. */
void plain_normalize(size_t rows, size_t channels, const double *x, const double *mean,
                     const double *variance, double epsilon, const double *gamma,
                     const double *beta, double *y);

/** Back through plain_normalize() by x's own moments. dgamma and dbeta are overwritten; gamma may
 *  be NULL. */
void plain_normalize_backward(size_t rows, size_t channels, const double *x, double epsilon,
                              const double *gamma, const double *dy, double *dx, double *dgamma,
                              double *dbeta);

/** The loss of one image and its gradient; the loss of a batch is the mean over its images. */
double plain_cross_entropy(size_t classes, const double *logits, size_t label, double *dlogits);
double plain_smoothed_cross_entropy(size_t classes, const double *logits, size_t label,
                                    double smoothing, double *dlogits);
double plain_squared_error(size_t n, const double *y, const double *target, double *dy);
double plain_absolute_error(size_t n, const double *y, const double *target, double *dy);

/** log(sum of exp(x[i])), without an exp that overflows. */
double plain_log_sum_exp(size_t n, const double *x);

#endif
