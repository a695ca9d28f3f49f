/* The plain reference against Keras's own numbers (layers.json): every layer and loss, forward and
 * backward. Both sides count in double precision. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"
#include "support/plain.h"

/* Half of the ninth digit, which the file is rounded to, and a little. */
static const double TOLERANCE = 5.1e-9;
/* Keras takes the means of losses in single precision. */
static const double LOSS_TOLERANCE = 2e-7;

/* A case of layers.json: what every layer has, and room for what is computed. */
typedef struct {
    const json_t *json, *config;
    const char *name;
    size_t x_size, y_size;
    double *x, *dy, *y, *dx;
} layer_case;

typedef void case_runner(const layer_case *c);

static void *zeros(size_t count)
{
    void *memory = calloc(count, sizeof(double));

    cr_assert_not_null(memory);
    return memory;
}

static void run_case(const json_t *json, case_runner *run)
{
    layer_case c = { .json = json, .config = golden_member(json, "config") };

    c.name = golden_text(json, "name");
    c.x = golden_numbers(json, "x", &c.x_size);
    c.dy = golden_numbers(json, "dy", &c.y_size);
    c.y = zeros(c.y_size);
    c.dx = zeros(c.x_size);
    run(&c);
    golden_compare(json, "y", c.y, TOLERANCE, c.name);
    golden_compare(json, "dx", c.dx, TOLERANCE, c.name);
    free(c.x);
    free(c.dy);
    free(c.y);
    free(c.dx);
}

/* Runs the cases of one kind of layer, of which there must be some. */
static void run_cases(const char *layer, case_runner *run)
{
    json_t *golden = golden_open("layers.json");
    size_t count = 0, i;
    json_t *json;

    json_array_foreach(json_object_get(golden, "layers"), i, json)
    {
        if (strcmp(golden_text(json, "layer"), layer) == 0) {
            run_case(json, run);
            count++;
        }
    }
    cr_assert(count > 0, "no case of %s", layer);
    json_decref(golden);
}

/* The window of a case, and how many images it slides over. */
static plain_window read_window(const layer_case *c, const char *window_key, size_t *images)
{
    size_t x_shape[4], y_shape[4], window[2], strides[2];

    golden_sizes(c->json, "x_shape", 4, x_shape);
    golden_sizes(c->json, "y_shape", 4, y_shape);
    golden_sizes(c->config, window_key, 2, window);
    golden_sizes(c->config, "strides", 2, strides);
    plain_window w = { x_shape[1], x_shape[2],
                       x_shape[3], window[0],
                       window[1],  strides[0],
                       strides[1], strcmp(golden_text(c->config, "padding"), "same") == 0 };

    cr_assert(plain_rows(&w) == y_shape[1] && plain_columns(&w) == y_shape[2],
              "%s: %zu x %zu positions, Keras has %zu x %zu", c->name, plain_rows(&w),
              plain_columns(&w), y_shape[1], y_shape[2]);
    *images = x_shape[0];
    return w;
}

/* The weights of a convolution or dense layer, and their gradients. */
typedef struct {
    bool has_bias;
    double *kernel, *bias, *dkernel, *dbias;
} layer_weights;

static layer_weights read_weights(const layer_case *c)
{
    layer_weights weights = { .has_bias = json_is_true(golden_member(c->config, "use_bias")) };
    size_t count;

    weights.kernel = golden_numbers(c->json, "kernel", &count);
    weights.dkernel = zeros(count);
    if (weights.has_bias) {
        weights.bias = golden_numbers(c->json, "bias", &count);
        weights.dbias = zeros(count);
    }
    return weights;
}

static void finish_weights(const layer_case *c, layer_weights *weights)
{
    golden_compare(c->json, "dkernel", weights->dkernel, TOLERANCE, c->name);
    if (weights->has_bias)
        golden_compare(c->json, "dbias", weights->dbias, TOLERANCE, c->name);
    free(weights->kernel);
    free(weights->dkernel);
    free(weights->bias);
    free(weights->dbias);
}

static void run_conv2d(const layer_case *c)
{
    size_t images, filters = (size_t)golden_number(c->config, "filters");
    plain_window w = read_window(c, "kernel_size", &images);
    layer_weights weights = read_weights(c);

    for (size_t i = 0; i < images; i++) {
        size_t x = i * (c->x_size / images), y = i * (c->y_size / images);
        plain_conv2d_forward(&w, filters, c->x + x, weights.kernel, weights.bias, c->y + y);
        plain_conv2d_backward(&w, filters, c->x + x, weights.kernel, c->dy + y, c->dx + x,
                              weights.dkernel, weights.dbias);
    }
    finish_weights(c, &weights);
}

Test(plain_against_keras, conv2d)
{
    run_cases("Conv2D", run_conv2d);
}

static void run_max_pool(const layer_case *c)
{
    size_t images;
    plain_window w = read_window(c, "pool_size", &images);

    for (size_t i = 0; i < images; i++) {
        size_t x = i * (c->x_size / images), y = i * (c->y_size / images);
        plain_max_pool_forward(&w, c->x + x, c->y + y);
        plain_max_pool_backward(&w, c->x + x, c->dy + y, c->dx + x);
    }
}

Test(plain_against_keras, max_pooling2d)
{
    run_cases("MaxPooling2D", run_max_pool);
}

static void run_average_pool(const layer_case *c)
{
    size_t images;
    plain_window w = read_window(c, "pool_size", &images);

    for (size_t i = 0; i < images; i++) {
        size_t x = i * (c->x_size / images), y = i * (c->y_size / images);
        plain_average_pool_forward(&w, c->x + x, c->y + y);
        plain_average_pool_backward(&w, c->dy + y, c->dx + x);
    }
}

Test(plain_against_keras, average_pooling2d)
{
    run_cases("AveragePooling2D", run_average_pool);
}

static void run_dense(const layer_case *c)
{
    size_t x_shape[2], outputs = (size_t)golden_number(c->config, "units");
    layer_weights weights = read_weights(c);

    golden_sizes(c->json, "x_shape", 2, x_shape);
    for (size_t i = 0; i < x_shape[0]; i++) {
        size_t x = i * x_shape[1], y = i * outputs;
        plain_dense_forward(x_shape[1], outputs, c->x + x, weights.kernel, weights.bias, c->y + y);
        plain_dense_backward(x_shape[1], outputs, c->x + x, weights.kernel, c->dy + y, c->dx + x,
                             weights.dkernel, weights.dbias);
    }
    finish_weights(c, &weights);
}

Test(plain_against_keras, dense)
{
    run_cases("Dense", run_dense);
}

static void run_elementwise(const layer_case *c, plain_activation kind, double alpha)
{
    plain_activation_forward(kind, alpha, c->x_size, c->x, c->y);
    plain_activation_backward(kind, alpha, c->x_size, c->x, c->dy, c->dx);
}

static void run_softmax(const layer_case *c)
{
    const json_t *shape = golden_member(c->json, "x_shape");
    const json_t *last = json_array_get(shape, json_array_size(shape) - 1);
    size_t classes = (size_t)json_integer_value(last);

    cr_assert(classes > 0);
    plain_softmax_forward(c->x_size / classes, classes, c->x, c->y);
    plain_softmax_backward(c->x_size / classes, classes, c->y, c->dy, c->dx);
}

static void run_activation(const layer_case *c)
{
    static const struct {
        const char *name;
        plain_activation kind;
        double alpha; /* Keras's default */
    } kinds[] = {
        { "relu", PLAIN_RELU, 0 },       { "leaky_relu", PLAIN_LEAKY_RELU, 0.2 },
        { "elu", PLAIN_ELU, 1 },         { "gelu", PLAIN_GELU, 0 },
        { "sigmoid", PLAIN_SIGMOID, 0 }, { "tanh", PLAIN_TANH, 0 },
    };
    const char *name = golden_text(c->config, "activation");

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(name, kinds[i].name) == 0) {
            run_elementwise(c, kinds[i].kind, kinds[i].alpha);
            return;
        }
    cr_assert_str_eq(name, "softmax");
    run_softmax(c);
}

static void run_leaky_relu(const layer_case *c)
{
    run_elementwise(c, PLAIN_LEAKY_RELU, golden_number(c->config, "negative_slope"));
}

static void run_elu(const layer_case *c)
{
    run_elementwise(c, PLAIN_ELU, golden_number(c->config, "alpha"));
}

Test(plain_against_keras, activations)
{
    run_cases("Activation", run_activation);
    run_cases("LeakyReLU", run_leaky_relu);
    run_cases("ELU", run_elu);
}

static double loss_of(const char *loss, size_t n, const double *x, const double *target, double *dx)
{
    if (strcmp(loss, "SparseCategoricalCrossentropy") == 0)
        return plain_cross_entropy(n, x, (size_t)*target, dx);
    if (strcmp(loss, "MeanSquaredError") == 0)
        return plain_squared_error(n, x, target, dx);
    cr_assert_str_eq(loss, "MeanAbsoluteError");
    return plain_absolute_error(n, x, target, dx);
}

/* A batch's loss is the mean over its images, and so is the gradient. */
static void run_loss(const json_t *json)
{
    size_t shape[2], target_size;
    double *x = golden_numbers(json, "x", NULL);
    double *target = golden_numbers(json, "target", &target_size);
    double value = 0;

    golden_sizes(json, "x_shape", 2, shape);
    size_t images = shape[0], n = shape[1];
    double *dx = zeros(images * n);
    for (size_t i = 0; i < images; i++) {
        const double *wanted = target + i * (target_size / images);
        value += loss_of(golden_text(json, "loss"), n, x + i * n, wanted, dx + i * n);
    }
    for (size_t i = 0; i < images * n; i++)
        dx[i] /= (double)images;

    double error = value / (double)images / golden_number(json, "value") - 1;
    cr_expect(error < LOSS_TOLERANCE && error > -LOSS_TOLERANCE, "%s, %s: off by %g",
              golden_text(json, "loss"), golden_text(json, "name"), error);
    golden_compare(json, "dx", dx, LOSS_TOLERANCE, golden_text(json, "name"));
    free(x);
    free(target);
    free(dx);
}

Test(plain_against_keras, losses)
{
    json_t *golden = golden_open("layers.json");
    const json_t *losses = golden_member(golden, "losses");
    size_t i;
    json_t *json;

    cr_assert(json_array_size(losses) > 0);
    json_array_foreach(losses, i, json)
    {
        run_loss(json);
    }
    json_decref(golden);
}
