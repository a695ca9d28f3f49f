#include "support/plain_layer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/lane_layer.h"
#include "support/numbers.h"
#include "support/plain.h"
#include "support/plain_forward.h"

static plain_window read_window(const cvy_layer *layer, const char *window_name)
{
    const size_t *window = layer_setting(layer, window_name);
    const size_t *strides = layer_setting(layer, "strides");
    const int *padding = layer_setting(layer, "padding");

    if (strides[0] == 0) /* as the window */
        strides = window;
    return (plain_window){ layer->in.dims[0], layer->in.dims[1], layer->in.dims[2], window[0],
                           window[1],         strides[0],        strides[1],        *padding == 1 };
}

static void run_conv2d(const cvy_layer *layer, const plain_image *i)
{
    const plain_window window = read_window(layer, "kernel_size");
    const size_t filters = *(const size_t *)layer_setting(layer, "filters");

    plain_conv2d_forward(&window, filters, i->x, i->weights[0], i->weights[1], i->y);
    plain_conv2d_backward(&window, filters, i->x, i->weights[0], i->dy, i->dx, i->dweights[0],
                          i->dweights[1]);
}

static void run_dense(const cvy_layer *layer, const plain_image *i)
{
    const size_t inputs = layer->in.dims[0];
    const size_t outputs = *(const size_t *)layer_setting(layer, "units");

    plain_dense_forward(inputs, outputs, i->x, i->weights[0], i->weights[1], i->y);
    plain_dense_backward(inputs, outputs, i->x, i->weights[0], i->dy, i->dx, i->dweights[0],
                         i->dweights[1]);
}

static void run_max_pooling2d(const cvy_layer *layer, const plain_image *i)
{
    const plain_window window = read_window(layer, "pool_size");

    plain_max_pool_forward(&window, i->x, i->y);
    plain_max_pool_backward(&window, i->x, i->dy, i->dx);
}

static void run_average_pooling2d(const cvy_layer *layer, const plain_image *i)
{
    const plain_window window = read_window(layer, "pool_size");

    plain_average_pool_forward(&window, i->x, i->y);
    plain_average_pool_backward(&window, i->dy, i->dx);
}

static void run_flatten(const cvy_layer *layer, const plain_image *i)
{
    memcpy(i->y, i->x, cvy_shape_count(layer->in) * sizeof *i->x);
    memcpy(i->dx, i->dy, cvy_shape_count(layer->in) * sizeof *i->x);
}

static void run_dropout(const cvy_layer *layer, const plain_image *i)
{
    for (size_t v = 0; v < cvy_shape_count(layer->in); v++) {
        i->y[v] = i->x[v] * i->mask[v];
        i->dx[v] = i->dy[v] * i->mask[v];
    }
}

static void run_softmax(const cvy_layer *layer, const plain_image *i)
{
    const size_t classes = layer->in.dims[layer->in.rank - 1];
    const size_t rows = cvy_shape_count(layer->in) / classes;

    plain_softmax_forward(rows, classes, i->x, i->y);
    plain_softmax_backward(rows, classes, i->y, i->dy, i->dx);
}

static void run_function(const cvy_layer *layer, const plain_image *i, plain_activation function,
                         double alpha)
{
    const size_t n = cvy_shape_count(layer->in);

    plain_activation_forward(function, alpha, n, i->x, i->y);
    plain_activation_backward(function, alpha, n, i->x, i->dy, i->dx);
}

/* max_value and threshold, of Keras's general ReLU. */
static void run_relu(const cvy_layer *layer, const plain_image *i)
{
    const double slope = *(const double *)layer_setting(layer, "negative_slope");
    const double threshold = *(const double *)layer_setting(layer, "threshold");
    const double given = *(const double *)layer_setting(layer, "max_value");
    const double max = isnan(given) ? INFINITY : given;

    for (size_t v = 0; v < cvy_shape_count(layer->in); v++) {
        const double x = i->x[v];
        i->y[v] = x < threshold ? slope * (x - threshold) : fmin(x, max);
        i->dx[v] = i->dy[v] * (x <= threshold ? slope : x > max ? 0 : 1);
    }
}

static void run_leaky_relu(const cvy_layer *layer, const plain_image *i)
{
    run_function(layer, i, PLAIN_LEAKY_RELU,
                 *(const double *)layer_setting(layer, "negative_slope"));
}

static void run_elu(const cvy_layer *layer, const plain_image *i)
{
    run_function(layer, i, PLAIN_ELU, *(const double *)layer_setting(layer, "alpha"));
}

/* Functions by name, with Keras's defaults where no alpha is given. */
static void run_activation(const cvy_layer *layer, const plain_image *i)
{
    static const struct {
        const char *name;
        plain_activation function;
        double alpha;
    } functions[] = {
        { "linear", PLAIN_LINEAR, 0 }, { "relu", PLAIN_RELU, 0 },
        { "gelu", PLAIN_GELU, 0 },     { "leaky_relu", PLAIN_LEAKY_RELU, 0.2 },
        { "elu", PLAIN_ELU, 1 },       { "sigmoid", PLAIN_SIGMOID, 0 },
        { "tanh", PLAIN_TANH, 0 },
    };
    const char *name = layer_setting(layer, "activation");
    const double alpha = *(const double *)layer_setting(layer, "alpha");

    if (strcmp(name, "softmax") == 0) {
        run_softmax(layer, i);
        return;
    }
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
        if (strcmp(functions[f].name, name) == 0) {
            run_function(layer, i, functions[f].function, alpha < 0 ? functions[f].alpha : alpha);
            return;
        }
    const size_t n = cvy_shape_count(layer->in), channels = layer->in.dims[layer->in.rank - 1];
    if (plain_function_forward(name, n, i->x, i->y)) {
        cr_assert(plain_function_backward(name, n, i->x, i->dy, i->dx));
        return;
    }
    cr_assert(plain_rows_forward(name, n / channels, channels, i->x, i->y) &&
                  plain_rows_backward(name, n / channels, channels, i->x, i->dy, i->dx),
              "the plain implementation has no %s", name);
}

/* The penalty's derivative is looked at in tests of its own: here nobody asks for it. */
static void run_identity(const cvy_layer *layer, const plain_image *i)
{
    memcpy(i->y, i->x, cvy_shape_count(layer->in) * sizeof *i->x);
    memcpy(i->dx, i->dy, cvy_shape_count(layer->in) * sizeof *i->x);
}

/* The slope of the sum of y dy by one number, which is moved. */
static double slope_by(const cvy_layer *layer, plain_forward *forward, const plain_image *i,
                       const double *x, double *number, double *y)
{
    const double h = 1e-4, before = *number;
    double slope = 0;

    for (int side = -1; side <= 1; side += 2) {
        *number = before + side * h;
        forward(layer, x, i->weights, y);
        for (size_t v = 0; v < cvy_shape_count(layer->plan.out); v++)
            slope += side * y[v] * i->dy[v] / (2 * h);
    }
    *number = before;
    return slope;
}

/* Backward of a layer that is written down forward alone. */
static void run_forward(const cvy_layer *layer, plain_forward *forward, const plain_image *i)
{
    const size_t count = cvy_shape_count(layer->in);
    double *x = numbers_doubles(count), *y = numbers_doubles(cvy_shape_count(layer->plan.out));

    memcpy(x, i->x, count * sizeof *x);
    forward(layer, x, i->weights, i->y);
    for (size_t v = 0; v < count; v++)
        i->dx[v] = slope_by(layer, forward, i, x, &x[v], y);
    for (size_t w = 0; w < layer->plan.weight_count; w++)
        for (size_t v = 0; v < layer->plan.weights[w].count; v++)
            i->dweights[w][v] += slope_by(layer, forward, i, x, (double *)i->weights[w] + v, y);
    free(x);
    free(y);
}

/* A window that the older functions do not have. */
static bool has_gaps_or_groups(const cvy_layer *layer)
{
    return strcmp(layer->kind->kind.name, "conv2d") == 0 &&
           (*(const size_t *)layer_setting(layer, "groups") > 1 ||
            ((const size_t *)layer_setting(layer, "dilation_rate"))[0] > 1);
}

void plain_layer_run(const cvy_layer *layer, const plain_image *image)
{
    static const struct {
        const char *name;
        void (*run)(const cvy_layer *layer, const plain_image *image);
    } kinds[] = {
        { "conv2d", run_conv2d },
        { "max_pooling2d", run_max_pooling2d },
        { "average_pooling2d", run_average_pooling2d },
        { "flatten", run_flatten },
        { "dense", run_dense },
        { "activation", run_activation },
        { "relu", run_relu },
        { "leaky_relu", run_leaky_relu },
        { "elu", run_elu },
        { "softmax", run_softmax },
        { "dropout", run_dropout },
        { "activity_regularization", run_identity },
    };

    plain_forward *forward = plain_forward_of(layer);

    for (size_t k = 0; !has_gaps_or_groups(layer) && k < sizeof kinds / sizeof *kinds; k++)
        if (strcmp(kinds[k].name, layer->kind->kind.name) == 0) {
            kinds[k].run(layer, image);
            return;
        }
    cr_assert(forward != NULL, "the plain implementation has no layer %s", layer->kind->kind.name);
    run_forward(layer, forward, image);
}
