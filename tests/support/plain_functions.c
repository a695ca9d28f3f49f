/* See plain.h: functions of each value, and of rows of values. */
#include "support/plain.h"
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* The normal distribution: what share of it lies below x, and its density at x. */
static double normal_below(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

static double normal_density(double x)
{
    return 0.5 * M_SQRT1_2 * M_2_SQRTPI * exp(-0.5 * x * x);
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double activate(plain_activation kind, double alpha, double x)
{
    switch (kind) {
    case PLAIN_RELU:
        return x > 0 ? x : 0;
    case PLAIN_LEAKY_RELU:
        return x > 0 ? x : alpha * x;
    case PLAIN_ELU:
        return x > 0 ? x : alpha * expm1(x);
    case PLAIN_GELU:
        return x * normal_below(x);
    case PLAIN_SIGMOID:
        return sigmoid(x);
    case PLAIN_TANH:
        return tanh(x);
    case PLAIN_LINEAR:
        break;
    }
    return x;
}

static double slope(plain_activation kind, double alpha, double x)
{
    switch (kind) {
    case PLAIN_RELU:
        return x > 0;
    case PLAIN_LEAKY_RELU:
        return x > 0 ? 1 : alpha;
    case PLAIN_ELU:
        return x > 0 ? 1 : alpha * exp(x);
    case PLAIN_GELU:
        return normal_below(x) + x * normal_density(x);
    case PLAIN_SIGMOID:
        return sigmoid(x) * sigmoid(-x);
    case PLAIN_TANH:
        return 1 - tanh(x) * tanh(x);
    case PLAIN_LINEAR:
        break;
    }
    return 1;
}

void plain_activation_forward(plain_activation kind, double alpha, size_t n, const double *x,
                              double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = activate(kind, alpha, x[i]);
}

void plain_activation_backward(plain_activation kind, double alpha, size_t n, const double *x,
                               const double *dy, double *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * slope(kind, alpha, x[i]);
}

double plain_log_sum_exp(size_t n, const double *x)
{
    double largest = x[0], sum = 0;

    for (size_t i = 1; i < n; i++)
        largest = fmax(largest, x[i]);
    for (size_t i = 0; i < n; i++)
        sum += exp(x[i] - largest);
    return largest + log(sum);
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double limit(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

static bool function_of(const char *name, double x, double *y)
{
    const double root = sqrt(2 / acos(-1));
    const struct {
        const char *name;
        double y;
    } all[] = {
        { "relu6", limit(x, 0, 6) },
        { "selu", 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * expm1(x)) },
        { "celu", x > 0 ? x : expm1(x) },
        { "gelu_tanh", x / 2 * (1 + tanh(root * (x + 0.044715 * x * x * x))) },
        { "silu", x * sigmoid(x) },
        { "swish", x * sigmoid(x) },
        { "mish", x * tanh(softplus(x)) },
        { "log_sigmoid", -softplus(-x) },
        { "hard_sigmoid", limit(x / 6 + 0.5, 0, 1) },
        { "hard_silu", x * limit(x / 6 + 0.5, 0, 1) },
        { "hard_swish", x * limit(x / 6 + 0.5, 0, 1) },
        { "hard_tanh", limit(x, -1, 1) },
        { "tanh_shrink", x - tanh(x) },
        { "soft_shrink", x > 0.5    ? x - 0.5
                         : x < -0.5 ? x + 0.5
                                    : 0 },
        { "hard_shrink", fabs(x) > 0.5 ? x : 0 },
        { "softplus", softplus(x) },
        { "softsign", x / (1 + fabs(x)) },
        { "squareplus", (x + sqrt(x * x + 4)) / 2 },
        { "sparse_plus", x <= -1  ? 0
                         : x >= 1 ? x
                                  : (x + 1) * (x + 1) / 4 },
        { "sparse_sigmoid", limit((x + 1) / 2, 0, 1) },
        { "exponential", exp(x) },
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0) {
            *y = all[i].y;
            return true;
        }
    return false;
}

bool plain_function_forward(const char *name, size_t n, const double *x, double *y)
{
    bool is_known = true;
    for (size_t i = 0; i < n; i++)
        is_known = is_known && function_of(name, x[i], &y[i]);
    return is_known;
}

bool plain_function_backward(const char *name, size_t n, const double *x, const double *dy,
                             double *dx)
{
    const double h = 1e-5;

    for (size_t i = 0; i < n; i++) {
        double below, above;
        if (!function_of(name, x[i] - h, &below) || !function_of(name, x[i] + h, &above))
            return false;
        dx[i] = dy[i] * (above - below) / ((x[i] + h) - (x[i] - h));
    }
    return true;
}

/* The threshold of sparsemax, by sorting as its paper has it. */
static double sparse_threshold(size_t n, const double *x)
{
    double sum = 0, tau = 0, last = INFINITY;

    for (size_t k = 1; k <= n; k++) {
        double largest = -INFINITY; /* of those below the last one; equals are added together */
        size_t equal = 0;
        for (size_t i = 0; i < n; i++)
            if (x[i] < last && x[i] > largest)
                largest = x[i];
        for (size_t i = 0; i < n; i++)
            equal += x[i] == largest;
        if (equal == 0)
            break;
        sum += (double)equal * largest;
        k += equal - 1;
        if (1 + (double)k * largest > sum)
            tau = (sum - 1) / (double)k;
        last = largest;
    }
    return tau;
}

bool plain_rows_forward(const char *name, size_t rows, size_t classes, const double *x, double *y)
{
    const bool is_log = strcmp(name, "log_softmax") == 0, is_glu = strcmp(name, "glu") == 0;

    for (size_t r = 0; r < rows; r++, x += classes, y += is_glu ? classes / 2 : classes) {
        const double total = is_log ? plain_log_sum_exp(classes, x) : sparse_threshold(classes, x);
        for (size_t i = 0; i < (is_glu ? classes / 2 : classes); i++)
            y[i] = is_glu   ? x[i] * sigmoid(x[classes / 2 + i])
                   : is_log ? x[i] - total
                            : fmax(x[i] - total, 0);
    }
    return is_log || is_glu || strcmp(name, "sparsemax") == 0;
}

/* By differences, too: dx[j] is the sum over i of dy[i] times the slope of y[i] by x[j]. */
bool plain_rows_backward(const char *name, size_t rows, size_t classes, const double *x,
                         const double *dy, double *dx)
{
    enum { CLASSES_MAX = 64 };
    const size_t outputs = strcmp(name, "glu") == 0 ? classes / 2 : classes;
    const double h = 1e-5;
    double at[CLASSES_MAX], below[CLASSES_MAX], above[CLASSES_MAX];
    bool is_known = classes <= CLASSES_MAX;

    for (size_t r = 0; is_known && r < rows; r++, x += classes, dx += classes, dy += outputs) {
        memcpy(at, x, classes * sizeof *x);
        for (size_t j = 0; j < classes; j++) {
            at[j] = x[j] - h;
            is_known = is_known && plain_rows_forward(name, 1, classes, at, below);
            at[j] = x[j] + h;
            is_known = is_known && plain_rows_forward(name, 1, classes, at, above);
            dx[j] = 0;
            for (size_t i = 0; i < outputs; i++)
                dx[j] += dy[i] * (above[i] - below[i]) / ((x[j] + h) - (x[j] - h));
            at[j] = x[j];
        }
    }
    return is_known;
}

void plain_softmax_forward(size_t rows, size_t classes, const double *x, double *y)
{
    for (size_t r = 0; r < rows; r++, x += classes, y += classes) {
        double total = plain_log_sum_exp(classes, x);
        for (size_t i = 0; i < classes; i++)
            y[i] = exp(x[i] - total);
    }
}

void plain_softmax_backward(size_t rows, size_t classes, const double *y, const double *dy,
                            double *dx)
{
    for (size_t r = 0; r < rows; r++, y += classes, dy += classes, dx += classes) {
        double mean = 0;
        for (size_t i = 0; i < classes; i++)
            mean += y[i] * dy[i];
        for (size_t i = 0; i < classes; i++)
            dx[i] = y[i] * (dy[i] - mean);
    }
}
