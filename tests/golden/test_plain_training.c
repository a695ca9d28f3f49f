/* A whole training run by the plain reference against Keras's (training_runs.json, "sgd"): it
 * shows that the golden's images, order and weights are what this side takes them for. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/golden.h"
#include "support/plain.h"

enum { CONV1, CONV2, DENSE1, DENSE2, WEIGHTED };
enum { FILTERS1 = 4, FILTERS2 = 6, FLAT = 24, HIDDEN = 16, MOST = 12 * 12 * FILTERS1 };

static const plain_window conv1 = { 12, 12, 1, 3, 3, 1, 1, true };
static const plain_window pool1 = { 12, 12, FILTERS1, 2, 2, 2, 2, false };
static const plain_window conv2 = { 6, 6, FILTERS1, 3, 3, 1, 1, false };
static const plain_window pool2 = { 4, 4, FILTERS2, 2, 2, 2, 2, false };

typedef struct {
    double *kernel[WEIGHTED], *bias[WEIGHTED];
    double *dkernel[WEIGHTED], *dbias[WEIGHTED];
    size_t kernel_size[WEIGHTED], bias_size[WEIGHTED];
} network;

static network network_read(const json_t *golden)
{
    const json_t *tensors = golden_member(golden, "initial_weights");
    network net;

    cr_assert(json_array_size(tensors) == 2 * WEIGHTED);
    for (size_t i = 0; i < WEIGHTED; i++) {
        const json_t *kernel = json_array_get(tensors, 2 * i);
        const json_t *bias = json_array_get(tensors, 2 * i + 1);
        net.kernel[i] = golden_numbers(kernel, "values", &net.kernel_size[i]);
        net.bias[i] = golden_numbers(bias, "values", &net.bias_size[i]);
        net.dkernel[i] = calloc(net.kernel_size[i], sizeof(double));
        net.dbias[i] = calloc(net.bias_size[i], sizeof(double));
        cr_assert(net.dkernel[i] != NULL && net.dbias[i] != NULL);
    }
    return net;
}

static void network_free(network *net)
{
    for (size_t i = 0; i < WEIGHTED; i++) {
        free(net->kernel[i]);
        free(net->bias[i]);
        free(net->dkernel[i]);
        free(net->dbias[i]);
    }
}

/* What each layer gives for one image; dx and dy take turns in two arrays on the way back. */
typedef struct {
    double x[GOLDEN_PIXELS];
    double conv1[MOST], relu1[MOST], pool1[MOST], conv2[MOST], tanh2[MOST], pool2[FLAT];
    double dense1[HIDDEN], relu3[HIDDEN], logits[GOLDEN_CLASSES];
    double a[MOST], b[MOST];
} activations;

static void forward(const network *net, activations *v)
{
    plain_conv2d_forward(&conv1, FILTERS1, v->x, net->kernel[CONV1], net->bias[CONV1], v->conv1);
    plain_activation_forward(PLAIN_RELU, 0, MOST, v->conv1, v->relu1);
    plain_max_pool_forward(&pool1, v->relu1, v->pool1);
    plain_conv2d_forward(&conv2, FILTERS2, v->pool1, net->kernel[CONV2], net->bias[CONV2],
                         v->conv2);
    plain_activation_forward(PLAIN_TANH, 0, 4 * 4 * FILTERS2, v->conv2, v->tanh2);
    plain_average_pool_forward(&pool2, v->tanh2, v->pool2);
    plain_dense_forward(FLAT, HIDDEN, v->pool2, net->kernel[DENSE1], net->bias[DENSE1], v->dense1);
    plain_activation_forward(PLAIN_RELU, 0, HIDDEN, v->dense1, v->relu3);
    plain_dense_forward(HIDDEN, GOLDEN_CLASSES, v->relu3, net->kernel[DENSE2], net->bias[DENSE2],
                        v->logits);
}

/* From the gradient of the logits, in v->a. */
static void backward(network *net, activations *v)
{
    plain_dense_backward(HIDDEN, GOLDEN_CLASSES, v->relu3, net->kernel[DENSE2], v->a, v->b,
                         net->dkernel[DENSE2], net->dbias[DENSE2]);
    plain_activation_backward(PLAIN_RELU, 0, HIDDEN, v->dense1, v->b, v->a);
    plain_dense_backward(FLAT, HIDDEN, v->pool2, net->kernel[DENSE1], v->a, v->b,
                         net->dkernel[DENSE1], net->dbias[DENSE1]);
    plain_average_pool_backward(&pool2, v->b, v->a);
    plain_activation_backward(PLAIN_TANH, 0, 4 * 4 * FILTERS2, v->conv2, v->a, v->b);
    plain_conv2d_backward(&conv2, FILTERS2, v->pool1, net->kernel[CONV2], v->b, v->a,
                          net->dkernel[CONV2], net->dbias[CONV2]);
    plain_max_pool_backward(&pool1, v->relu1, v->a, v->b);
    plain_activation_backward(PLAIN_RELU, 0, MOST, v->conv1, v->b, v->a);
    plain_conv2d_backward(&conv1, FILTERS1, v->x, net->kernel[CONV1], v->a, v->b,
                          net->dkernel[CONV1], net->dbias[CONV1]);
}

static double learn_image(network *net, size_t i)
{
    activations v = { 0 };
    uint8_t pixels[GOLDEN_PIXELS];
    uint16_t label = golden_image(i, pixels);

    for (size_t p = 0; p < GOLDEN_PIXELS; p++)
        v.x[p] = (double)((float)pixels[p] / 255.0f);
    forward(net, &v);
    double loss = plain_cross_entropy(GOLDEN_CLASSES, v.logits, label, v.a);
    backward(net, &v);
    return loss;
}

static void descend(size_t n, double rate, double *w, double *dw)
{
    for (size_t i = 0; i < n; i++)
        w[i] -= rate * dw[i];
    memset(dw, 0, n * sizeof *dw);
}

/* One step over images first .. last - 1; the loss before it. */
static double learn_batch(network *net, size_t first, size_t last, double rate)
{
    double loss = 0, count = (double)(last - first);

    for (size_t i = first; i < last; i++)
        loss += learn_image(net, i);
    for (size_t i = 0; i < WEIGHTED; i++) {
        descend(net->kernel_size[i], rate / count, net->kernel[i], net->dkernel[i]);
        descend(net->bias_size[i], rate / count, net->bias[i], net->dbias[i]);
    }
    return loss / count;
}

Test(plain_training, images_are_the_goldens)
{
    json_t *golden = golden_open("training_runs.json");
    double first[GOLDEN_PIXELS], sum = 0;

    for (size_t i = 0; i < GOLDEN_IMAGES; i++) {
        uint8_t pixels[GOLDEN_PIXELS];
        golden_image(i, pixels);
        for (size_t p = 0; p < GOLDEN_PIXELS; p++) {
            sum += pixels[p];
            first[p] = i == 0 ? pixels[p] : first[p];
        }
    }
    golden_compare(golden, "first_image", first, 0, "the images");
    cr_expect(sum == golden_number(golden, "pixel_sum"));
    json_decref(golden);
}

Test(plain_training, sgd_is_keras_sgd)
{
    json_t *golden = golden_open("training_runs.json");
    const json_t *run = json_array_get(golden_member(golden, "runs"), 0);
    size_t batch = (size_t)golden_number(golden, "batch_size"), steps, step = 0;
    network net = network_read(golden);
    double *losses = golden_numbers(run, "losses", &steps);

    cr_assert_str_eq(golden_text(run, "name"), "sgd");
    while (step < steps)
        for (size_t first = 0; first < GOLDEN_IMAGES && step < steps; first += batch) {
            size_t last = first + batch < GOLDEN_IMAGES ? first + batch : GOLDEN_IMAGES;
            losses[step++] = learn_batch(&net, first, last, golden_number(run, "learning_rate"));
        }
    golden_compare(run, "losses", losses, 1e-8, "sgd");

    const json_t *final = golden_member(run, "final_weights");
    for (size_t i = 0; i < WEIGHTED; i++) {
        golden_compare(json_array_get(final, 2 * i), "values", net.kernel[i], 1e-8, "kernel");
        golden_compare(json_array_get(final, 2 * i + 1), "values", net.bias[i], 1e-8, "bias");
    }
    free(losses);
    network_free(&net);
    json_decref(golden);
}
