/* Activation functions: one table, and the layer classes of Keras that stand for an entry. */
#include "layers/activation.h"

#include <math.h>
#include <string.h>

enum { SOFTMAX = CVY_ELEMENTWISE_COUNT, LINEAR };

typedef struct {
    const char *name;
    int kernel;  /* a cvy_elementwise, SOFTMAX or LINEAR */
    float alpha; /* of the plain name: Keras's default */
    bool reads_output;
} function;

static const function functions[] = {
    { "linear", LINEAR, 0, true },
    { "relu", CVY_RELU, 0, true },
    { "leaky_relu", CVY_LEAKY_RELU, 0.2f, true },
    { "elu", CVY_ELU, 1, true },
    { "gelu", CVY_GELU, 0, false },
    { "sigmoid", CVY_SIGMOID, 0, true },
    { "tanh", CVY_TANH, 0, true },
    { "softmax", SOFTMAX, 0, true },
};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

typedef struct {
    char activation[CVY_NAME_BYTES];
    double alpha; /* below 0: the function's own */
    double threshold, axis;
} activation_settings;

static const function *find(const char *name)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

bool cvy_activation_is_softmax(const cvy_layer *layer)
{
    if (layer->kind->plan != cvy_layer_activation.plan)
        return false;
    const activation_settings *s = layer->settings;
    return strcmp(s->activation, "softmax") == 0;
}

static cvy_status plan(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    const activation_settings *s = settings;
    const function *f = find(s->activation);

    if (f == NULL)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "activation \"%s\" is not supported, expected linear, relu, leaky_relu, "
                        "elu, gelu, sigmoid, tanh or softmax",
                        s->activation);
    plan->out = in;
    plan->can_be_in_place = f->reads_output;
    plan->reads_input = !f->reads_output;
    plan->reads_output = f->reads_output;
    plan->keeps_maximum = f->kernel == CVY_RELU; /* where it is flat, nothing goes backward */
    return CVY_OK;
}

static float alpha_of(const activation_settings *s, const function *f)
{
    return s->alpha >= 0 ? (float)s->alpha : f->alpha;
}

/* Softmax runs over the last axis, Keras's default: the features, or the channels of a pixel. */
static size_t positions_of(cvy_shape shape)
{
    return shape.rank == 3 ? shape.dims[0] * shape.dims[1] : 1;
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const activation_settings *s = layer->settings;
    const cvy_kernels *kernels = pass->compute.kernels;
    const size_t count = cvy_shape_count(layer->in), positions = positions_of(layer->in);
    const function *f = find(s->activation);
    const cvy_range range =
        cvy_share_range(pass->share, f->kernel == SOFTMAX ? positions : count, 1);
    const size_t taken = range.end - range.begin;

    x += range.begin * CVY_LANE;
    y += range.begin * CVY_LANE;
    if (f->kernel == SOFTMAX)
        kernels->softmax->forward(count / positions, taken, positions * CVY_LANE, x, y);
    else if (f->kernel != LINEAR)
        kernels->activation->forward[f->kernel](taken * CVY_LANE, alpha_of(s, f), x, y);
    else if (x != y)
        kernels->lane->copy(taken * CVY_LANE, x, y);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const activation_settings *s = layer->settings;
    const cvy_kernels *kernels = pass->compute.kernels;
    const size_t count = cvy_shape_count(layer->in), positions = positions_of(layer->in);
    const function *f = find(s->activation);
    const cvy_range range =
        cvy_share_range(pass->share, f->kernel == SOFTMAX ? positions : count, 1);
    const size_t taken = range.end - range.begin;

    (void)dw;
    x += range.begin * CVY_LANE;
    dy += range.begin * CVY_LANE;
    dx += range.begin * CVY_LANE;
    if (f->kernel == SOFTMAX)
        kernels->softmax->backward(count / positions, taken, positions * CVY_LANE, x, dy, dx);
    else if (f->kernel != LINEAR)
        kernels->activation->backward[f->kernel](taken * CVY_LANE, alpha_of(s, f), x, dy, dx);
    else if (dx != dy)
        kernels->lane->copy(taken * CVY_LANE, dy, dx);
}

#define AT(member) offsetof(activation_settings, member)
#define FUNCTION(text)                                                                             \
    {                                                                                              \
        "activation", CVY_NAME, AT(activation), text, 0, 0, "the function", 0, NULL                \
    }
#define ALPHA(keras_name, text, help)                                                              \
    {                                                                                              \
        keras_name, CVY_FLOAT, AT(alpha), text, 0, HUGE_VAL, help, CVY_BELOW_MAX, NULL             \
    }

static const cvy_setting activation_rows[] = {
    { "activation", CVY_NAME, AT(activation), NULL, 0, 0, "the function", 0, NULL },
    { "alpha", CVY_FLOAT, AT(alpha), "-1", -1, HUGE_VAL, "-1: the function's own", 0, NULL },
    { 0 },
};
static const cvy_setting relu_rows[] = {
    FUNCTION("leaky_relu"),
    ALPHA("negative_slope", "0", "slope below zero"),
    { "threshold", CVY_FLOAT, AT(threshold), "0", 0, 0, "only 0", 0, NULL },
    { 0 },
};
static const cvy_setting leaky_relu_rows[] = {
    FUNCTION("leaky_relu"),
    ALPHA("negative_slope", "0.3", "slope below zero"),
    { 0 },
};
static const cvy_setting elu_rows[] = {
    FUNCTION("elu"),
    ALPHA("alpha", "1", "scale below zero"),
    { 0 },
};
static const cvy_setting softmax_rows[] = {
    FUNCTION("softmax"),
    { "axis", CVY_FLOAT, AT(axis), "-1", -1, -1, "only the last", 0, NULL },
    { 0 },
};

#define KIND(name, keras_class, summary, rows)                                                     \
    const cvy_layer_kind cvy_layer_##name = {                                                      \
        .kind = { #name, summary, rows, sizeof(activation_settings) },                             \
        .class_name = keras_class,                                                                 \
        .plan = plan,                                                                              \
        .forward = forward,                                                                        \
        .backward = backward,                                                                      \
    }

KIND(activation, "Activation", "a function by name", activation_rows);
KIND(relu, "ReLU", "max(x, 0)", relu_rows);
KIND(leaky_relu, "LeakyReLU", "x above zero, a fraction of it below", leaky_relu_rows);
KIND(elu, "ELU", "x above zero, alpha (e^x - 1) below", elu_rows);
KIND(softmax, "Softmax", "e^x over its sum", softmax_rows);
