/* Activation functions and their derivatives. They consist of a polynomial for the exponential with
 * an error of at most four roundings (tests/kernels/test_elementwise.c), and of a few operations on
 * numbers of magnitude 1 or of the result's magnitude. */
#include <math.h>

#include "checks.h"
#include "support/plain.h"

/* The number of roundings, each of a number of magnitude 1 or of the result's magnitude. */
enum { ROUNDINGS = 16 };

enum { NO_PLAIN = -1 };

typedef struct {
    cvy_elementwise kernel;
    int plain; /* a plain_activation, or NO_PLAIN: plain_function_forward() takes the name */
    const char *name;
    float alpha;
} function;

static const function functions[] = {
    { CVY_RELU, PLAIN_RELU, "relu", 0 },
    { CVY_LEAKY_RELU, PLAIN_LEAKY_RELU, "leaky_relu", 0.2F },
    { CVY_ELU, PLAIN_ELU, "elu", 1.7F },
    { CVY_GELU, PLAIN_GELU, "gelu", 0 },
    { CVY_SIGMOID, PLAIN_SIGMOID, "sigmoid", 0 },
    { CVY_TANH, PLAIN_TANH, "tanh", 0 },
    { CVY_SELU, NO_PLAIN, "selu", 0 },
    { CVY_EXPONENTIAL, NO_PLAIN, "exponential", 0 },
    { CVY_CELU, NO_PLAIN, "celu", 1 },
    { CVY_GELU_TANH, NO_PLAIN, "gelu_tanh", 0 },
    { CVY_HARD_SHRINK, NO_PLAIN, "hard_shrink", 0.5F },
    { CVY_HARD_SIGMOID, NO_PLAIN, "hard_sigmoid", 0 },
    { CVY_HARD_SILU, NO_PLAIN, "hard_silu", 0 },
    { CVY_HARD_TANH, NO_PLAIN, "hard_tanh", 0 },
    { CVY_LOG_SIGMOID, NO_PLAIN, "log_sigmoid", 0 },
    { CVY_MISH, NO_PLAIN, "mish", 0 },
    { CVY_SILU, NO_PLAIN, "silu", 0 },
    { CVY_SOFTPLUS, NO_PLAIN, "softplus", 0 },
    { CVY_SOFTSIGN, NO_PLAIN, "softsign", 0 },
    { CVY_SOFT_SHRINK, NO_PLAIN, "soft_shrink", 0.5F },
    { CVY_SPARSE_PLUS, NO_PLAIN, "sparse_plus", 0 },
    { CVY_SPARSE_SIGMOID, NO_PLAIN, "sparse_sigmoid", 0 },
    { CVY_SQUAREPLUS, NO_PLAIN, "squareplus", 4 },
    { CVY_TANH_SHRINK, NO_PLAIN, "tanh_shrink", 0 },
};
_Static_assert(sizeof functions / sizeof *functions == CVY_ELEMENTWISE_COUNT, "every function");

static void plain(const function *f, size_t n, const double *x, const double *dy, double *y,
                  double *dx)
{
    if (f->plain == NO_PLAIN) {
        plain_function_forward(f->name, n, x, y);
        plain_function_backward(f->name, n, x, dy, dx);
        return;
    }
    plain_activation_forward((plain_activation)f->plain, (double)f->alpha, n, x, y);
    plain_activation_backward((plain_activation)f->plain, (double)f->alpha, n, x, dy, dx);
}

/* The factor of errors. gelu_tanh's derivative is 0.5 (1 + t) + 0.5 x u' (1 - t^2), with t =
 * tanh(u(x)), so an error of t counts 1 + |x u'| times. */
static double steepness(const function *f, double x)
{
    return f->kernel == CVY_GELU_TANH ? 1 + fabs(x) * 0.8 * (1 + 0.135 * x * x) : 1;
}

/* Compute the bounds. 1e-9 covers plain derivatives, which are differences (support/plain.h). */
static double *bounds(const function *f, size_t n, const double *x, const double *expected)
{
    double *bound = check_doubles(n);

    for (size_t i = 0; i < n; i++)
        bound[i] = ROUNDINGS * 0x1p-24 * steepness(f, x[i]) * (1 + fabs(expected[i])) + 1e-9;
    return bound;
}

static void check_function(const check_subject *subject, const function *f, size_t n)
{
    const cvy_activation_kernels *kernels = subject->compute.kernels->activation;
    const bool reads_input = f->kernel >= CVY_CELU || f->kernel == CVY_GELU;

    check_begin("%s of %zu", f->name, n);
    float *x = check_floats(n), *y = check_floats(n), *dy = check_floats(n), *dx = check_floats(n);
    double *wide_x = check_doubles(n), *wide_dy = check_doubles(n);
    double *expected_y = check_doubles(n), *expected_dx = check_doubles(n);
    check_fill(1, -12, 12, n, x);
    check_fill(2, -1, 1, n, dy);
    for (size_t i = 0; i < n; i++)
        wide_x[i] = (double)x[i], wide_dy[i] = (double)dy[i];
    plain(f, n, wide_x, wide_dy, expected_y, expected_dx);

    kernels->forward[f->kernel](n, f->alpha, x, y);
    check_within("y", n, y, expected_y, bounds(f, n, wide_x, expected_y));
    kernels->backward[f->kernel](n, f->alpha, reads_input ? x : y, dy, dx);
    check_within("dx", n, dx, expected_dx, bounds(f, n, wide_x, expected_dx));
    kernels->backward[f->kernel](n, f->alpha, reads_input ? x : y, dy, dy);
    check_same("dx in place", n * sizeof *dx, dy, dx);
    kernels->forward[f->kernel](n, f->alpha, x, x);
    check_same("y in place", n * sizeof *y, x, y);
    check_end();
}

static void run(const check_subject *subject)
{
    static const size_t lanes[] = { 1, 2, 3, 7, 13, 16, 17, 61 };

    for (size_t i = 0; i < CVY_ELEMENTWISE_COUNT; i++)
        for (size_t j = 0; j < sizeof lanes / sizeof *lanes; j++)
            check_function(subject, &functions[i], lanes[j] * CVY_LANE);
}

const kernel_check check_activations = { "activations", false, run };
