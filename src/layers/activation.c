/* Activation functions: one table, and the Keras layer classes that name one of its entries. */
#include "layers/activation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/synonyms.h"

/* Functions that are not elementwise (over channels or pairs of them), the identity,
 * and relu with limits. */
enum { SOFTMAX = CVY_ELEMENTWISE_COUNT, LOG_SOFTMAX, SPARSEMAX, GLU, LINEAR, GENERAL_RELU };

typedef struct {
    const char *name, *summary;
    int kernel;  /* a cvy_elementwise or one of the above */
    float alpha; /* the default, as in Keras */
    float max;   /* of GENERAL_RELU */
} function;

static const function functions[] = {
    { "linear", "x", LINEAR, 0, 0 },
    { "relu", "max(x, 0)", CVY_RELU, 0, 0 },
    { "relu6", "min(max(x, 0), 6)", GENERAL_RELU, 0, 6 },
    { "leaky_relu", "x above 0, else 0.2 x", CVY_LEAKY_RELU, 0.2f, 0 },
    { "elu", "x above 0, else e^x - 1", CVY_ELU, 1, 0 },
    { "selu", "1.0507 x above 0, else 1.7581 (e^x - 1)", CVY_SELU, 0, 0 },
    { "celu", "x above 0, else e^x - 1", CVY_CELU, 1, 0 },
    { "gelu", "x Phi(x), Phi the normal distribution", CVY_GELU, 0, 0 },
    { "gelu_tanh", "gelu by its approximation with tanh", CVY_GELU_TANH, 0, 0 },
    { "silu", "x sigmoid(x)", CVY_SILU, 0, 0 },
    { "swish", "another name of silu", CVY_SILU, 0, 0 },
    { "mish", "x tanh(softplus(x))", CVY_MISH, 0, 0 },
    { "sigmoid", "1 / (1 + e^-x)", CVY_SIGMOID, 0, 0 },
    { "log_sigmoid", "log(sigmoid(x))", CVY_LOG_SIGMOID, 0, 0 },
    { "hard_sigmoid", "x / 6 + 0.5, clipped to [0, 1]", CVY_HARD_SIGMOID, 0, 0 },
    { "hard_silu", "x hard_sigmoid(x)", CVY_HARD_SILU, 0, 0 },
    { "hard_swish", "another name of hard_silu", CVY_HARD_SILU, 0, 0 },
    { "tanh", "hyperbolic tangent", CVY_TANH, 0, 0 },
    { "hard_tanh", "x, clipped to [-1, 1]", CVY_HARD_TANH, 0, 0 },
    { "tanh_shrink", "x - tanh(x)", CVY_TANH_SHRINK, 0, 0 },
    { "soft_shrink", "x moved 0.5 towards 0; 0 within 0.5 of it", CVY_SOFT_SHRINK, 0.5f, 0 },
    { "hard_shrink", "x, or 0 within 0.5 of it", CVY_HARD_SHRINK, 0.5f, 0 },
    { "softplus", "log(1 + e^x)", CVY_SOFTPLUS, 0, 0 },
    { "softsign", "x / (1 + |x|)", CVY_SOFTSIGN, 0, 0 },
    { "squareplus", "(x + sqrt(x^2 + 4)) / 2", CVY_SQUAREPLUS, 4, 0 },
    { "sparse_plus", "0 up to -1, x from 1 on, (x + 1)^2 / 4 between", CVY_SPARSE_PLUS, 0, 0 },
    { "sparse_sigmoid", "(x + 1) / 2, clipped to [0, 1]", CVY_SPARSE_SIGMOID, 0, 0 },
    { "exponential", "e^x", CVY_EXPONENTIAL, 0, 0 },
    { "glu", "first half of the channels times the sigmoid of the second", GLU, 0, 0 },
    { "softmax", "e^x over its sum over the channels", SOFTMAX, 0, 0 },
    { "log_softmax", "log(softmax(x))", LOG_SOFTMAX, 0, 0 },
    { "sparsemax", "projection of the channels onto the simplex", SPARSEMAX, 0, 0 },
};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

typedef struct {
    char activation[CVY_NAME_BYTES];
    double alpha;           /* below 0: the function's default */
    double threshold, axis; /* axis 0: the class has no such setting */
    double max_value;       /* of relu; not above 0: none */
} activation_settings;

static const function *find(const char *name)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

const char *cvy_activation_name(size_t index)
{
    return index < FUNCTION_COUNT ? functions[index].name : NULL;
}

const char *cvy_activation_summary(size_t index)
{
    return functions[index].summary;
}

static bool is_activation(const cvy_layer *layer)
{
    return layer->kind->plan == cvy_layer_activation.plan;
}

bool cvy_activation_is_softmax(const cvy_layer *layer)
{
    return is_activation(layer) &&
           find(((const activation_settings *)layer->settings)->activation)->kernel == SOFTMAX;
}

bool cvy_activation_is_linear(const cvy_layer *layer)
{
    return is_activation(layer) &&
           find(((const activation_settings *)layer->settings)->activation)->kernel == LINEAR;
}

bool cvy_activation_is_sigmoid(const cvy_layer *layer)
{
    return is_activation(layer) &&
           strcmp(((const activation_settings *)layer->settings)->activation, "sigmoid") == 0;
}

/* The function that the settings choose, with its parameters. */
typedef struct {
    int kernel;
    float alpha;
    cvy_relu_form relu;
} resolved;

static resolved resolve(const activation_settings *s)
{
    const function *f = find(s->activation);
    const bool has_max = s->max_value > 0;
    resolved r = { .kernel = f->kernel, .alpha = s->alpha >= 0 ? (float)s->alpha : f->alpha };

    r.relu = (cvy_relu_form){ r.alpha, (float)s->threshold, f->max };
    if (f->kernel != CVY_LEAKY_RELU || (s->threshold == 0 && !has_max))
        return r;
    r.kernel = GENERAL_RELU;
    r.relu.max = has_max ? (float)s->max_value : INFINITY;
    return r;
}

/* Whether backward reads the function's output rather than its input. */
static bool reads_output(int kernel)
{
    return (kernel <= CVY_EXPONENTIAL && kernel != CVY_GELU) || kernel == SOFTMAX ||
           kernel == LOG_SOFTMAX || kernel == SPARSEMAX || kernel == LINEAR;
}

static cvy_status fail_unknown(const char *name)
{
    const char *known[FUNCTION_COUNT];
    char names[1024] = "";
    size_t length = 0;

    for (size_t i = 0; i < FUNCTION_COUNT && length < sizeof names; i++) {
        known[i] = functions[i].name;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? ", " : "",
                                   functions[i].name);
    }
    const char *meant = cvy_suggest("activation", name, known, FUNCTION_COUNT).meant;
    return cvy_fail(CVY_ERR_UNSUPPORTED, "activation \"%.80s\" is not supported%s%s%s one of %s",
                    name, meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                    meant != NULL ? "\"? It is" : ", expected", names);
}

/* The functions over channels, Keras's last axis: the features, or the channels of a pixel. */
static bool is_over_channels(int kernel)
{
    return kernel == SOFTMAX || kernel == LOG_SOFTMAX || kernel == SPARSEMAX;
}

static cvy_status plan(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    const activation_settings *s = settings;

    if (find(s->activation) == NULL)
        return fail_unknown(s->activation);
    if (s->axis != -1 && s->axis != 0 && s->axis != (double)in.rank)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "axis %g is not supported, expected the last axis, -1; a Permute layer "
                        "before and after would do the same",
                        s->axis);
    const resolved r = resolve(s);
    plan->out = in;
    plan->is_function = r.kernel != LINEAR;
    plan->can_be_in_place = reads_output(r.kernel);
    plan->reads_input = !reads_output(r.kernel);
    plan->reads_output = reads_output(r.kernel);
    plan->needs_lane = r.kernel == GLU || is_over_channels(r.kernel);
    plan->keeps_maximum = r.kernel == CVY_RELU; /* its gradient is 0 where it is flat */
    if (r.kernel != GLU)
        return CVY_OK;
    if (in.dims[in.rank - 1] % 2 != 0)
        return cvy_fail(CVY_ERR_SHAPE, "glu: found %zu channels, expected an even number",
                        in.dims[in.rank - 1]);
    plan->out.dims[in.rank - 1] /= 2;
    return CVY_OK;
}

static size_t positions_of(cvy_shape shape)
{
    return shape.rank == 3 ? shape.dims[0] * shape.dims[1] : 1;
}

/* A share's range of positions (functions over channels) or of output values. */
static cvy_range range_of(const cvy_layer *layer, const cvy_pass *pass, int kernel)
{
    return cvy_share_range(
        pass->share,
        is_over_channels(kernel) ? positions_of(layer->in) : cvy_shape_count(layer->plan.out), 1);
}

static void forward_over_channels(const cvy_layer *layer, const cvy_softmax_kernels *kernels,
                                  int kernel, size_t taken, const float *x, float *y)
{
    const size_t positions = positions_of(layer->in);
    const size_t classes = cvy_shape_count(layer->in) / positions, stride = positions * CVY_LANE;

    if (kernel == SOFTMAX)
        kernels->forward(classes, taken, stride, x, y);
    else if (kernel == LOG_SOFTMAX)
        kernels->log_forward(classes, taken, stride, x, y);
    else
        kernels->sparse_forward(classes, taken, stride, x, y);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_kernels *kernels = pass->compute.kernels;
    const resolved r = resolve(layer->settings);
    const cvy_range range = range_of(layer, pass, r.kernel);
    const size_t n = (range.end - range.begin) * CVY_LANE;

    x += range.begin * CVY_LANE;
    y += range.begin * CVY_LANE;
    if (is_over_channels(r.kernel))
        forward_over_channels(layer, kernels->softmax, r.kernel, range.end - range.begin, x, y);
    else if (r.kernel == GENERAL_RELU)
        kernels->activation->relu_forward(n, &r.relu, x, y);
    else if (r.kernel == GLU)
        kernels->activation->glu_forward(n, cvy_shape_count(layer->plan.out) * CVY_LANE, x, y);
    else if (r.kernel != LINEAR)
        kernels->activation->forward[r.kernel](n, r.alpha, x, y);
    else if (x != y)
        kernels->lane->copy(n, x, y);
}

/* The functions of each value alone. */
static void forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_activation_kernels *kernels = pass->compute.kernels->activation;
    const resolved r = resolve(layer->settings);
    const size_t n = cvy_sample_floats(layer->in);

    if (r.kernel == GENERAL_RELU)
        kernels->relu_forward(n, &r.relu, x, y);
    else if (r.kernel != LINEAR)
        kernels->forward[r.kernel](n, r.alpha, x, y);
    else if (x != y)
        pass->compute.kernels->lane->copy(n, x, y);
}

static void backward_over_channels(const cvy_layer *layer, const cvy_softmax_kernels *kernels,
                                   int kernel, size_t taken, const float *y, const float *dy,
                                   float *dx)
{
    const size_t positions = positions_of(layer->in);
    const size_t classes = cvy_shape_count(layer->in) / positions, stride = positions * CVY_LANE;

    if (kernel == SOFTMAX)
        kernels->backward(classes, taken, stride, y, dy, dx);
    else if (kernel == LOG_SOFTMAX)
        kernels->log_backward(classes, taken, stride, y, dy, dx);
    else
        kernels->sparse_backward(classes, taken, stride, y, dy, dx);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const cvy_kernels *kernels = pass->compute.kernels;
    const resolved r = resolve(layer->settings);
    const cvy_range range = range_of(layer, pass, r.kernel);
    const size_t n = (range.end - range.begin) * CVY_LANE;

    (void)dw;
    x += range.begin * CVY_LANE;
    dy += range.begin * CVY_LANE;
    dx += range.begin * CVY_LANE;
    if (is_over_channels(r.kernel))
        backward_over_channels(layer, kernels->softmax, r.kernel, range.end - range.begin, x, dy,
                               dx);
    else if (r.kernel == GENERAL_RELU)
        kernels->activation->relu_backward(n, &r.relu, x, dy, dx);
    else if (r.kernel == GLU)
        kernels->activation->glu_backward(n, cvy_shape_count(layer->plan.out) * CVY_LANE, x, dy,
                                          dx);
    else if (r.kernel != LINEAR)
        kernels->activation->backward[r.kernel](n, r.alpha, x, dy, dx);
    else if (dx != dy)
        kernels->lane->copy(n, dy, dx);
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
#define AXIS                                                                                       \
    {                                                                                              \
        "axis", CVY_FLOAT, AT(axis), "-1", -1, 3, "the last", 0, NULL                              \
    }
#define THRESHOLD(help)                                                                            \
    {                                                                                              \
        "threshold", CVY_FLOAT, AT(threshold), "0", 0, HUGE_VAL, help, CVY_BELOW_MAX, NULL         \
    }
#define MAX_VALUE                                                                                  \
    {                                                                                              \
        "max_value", CVY_FLOAT, AT(max_value), "none", 0, HUGE_VAL, "the largest output",          \
            CVY_OR_NONE | CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL                                      \
    }
static const cvy_setting activation_rows[] = {
    { "activation", CVY_NAME, AT(activation), NULL, 0, 0, "the function", 0, NULL },
    { "alpha", CVY_FLOAT, AT(alpha), "-1", -1, HUGE_VAL, "-1: the function's default", 0, NULL },
    { 0 },
};
static const cvy_setting relu_rows[] = {
    FUNCTION("leaky_relu"),
    ALPHA("negative_slope", "0", "slope below the threshold"),
    THRESHOLD("input above which the output is x"),
    MAX_VALUE,
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
    AXIS,
    { 0 },
};

#define KIND(name, keras_class, summary, rows)                                                     \
    const cvy_layer_kind cvy_layer_##name = {                                                      \
        .kind = { #name, summary, rows, sizeof(activation_settings) },                             \
        .class_name = keras_class,                                                                 \
        .plan = plan,                                                                              \
        .forward = forward,                                                                        \
        .forward_sample = forward_sample,                                                          \
        .backward = backward,                                                                      \
    }

KIND(activation, "Activation", "a function by name", activation_rows);
KIND(relu, "ReLU", "x above the threshold, up to max_value", relu_rows);
KIND(leaky_relu, "LeakyReLU", "x above zero, a fraction of it below", leaky_relu_rows);
KIND(elu, "ELU", "x above zero, alpha (e^x - 1) below", elu_rows);
KIND(softmax, "Softmax", "e^x over its sum", softmax_rows);
