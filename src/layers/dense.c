/* A fully connected layer.
 *     y = w^T x + b       dx = w dy       dw = x dy^T, db = dy, summed over the batch
 * The gradient of its weights is as large as the weights and a lane brings only a few samples to
 * it. So backward keeps x and dy, and the gradient is one product over the whole batch, cut by
 * rows of the kernel (Krizhevsky, One weird trick for parallelizing convolutional neural
 * networks, 2014, splits the two kinds of layers for the same reason). */
#include "layers/layer.h"

typedef struct {
    size_t units;
    bool use_bias;
    char activation[CVY_NAME_BYTES];
    char kernel_initializer[CVY_NAME_BYTES], bias_initializer[CVY_NAME_BYTES];
    char kernel_regularizer[CVY_NAME_BYTES], bias_regularizer[CVY_NAME_BYTES];
} dense_settings;

#define AT(member) offsetof(dense_settings, member)
static const cvy_setting settings[] = {
    { "units", CVY_COUNT, AT(units), NULL, 1, 1 << 20, "outputs", 0, NULL },
    { "activation", CVY_NAME, AT(activation), "linear", 0, 0, "behind it", 0, NULL },
    { "use_bias", CVY_BOOL, AT(use_bias), "true", 0, 0, "add one number an output", 0, NULL },
    { "kernel_initializer", CVY_NAME, AT(kernel_initializer), "glorot_uniform", 0, 0, "", 0, NULL },
    { "bias_initializer", CVY_NAME, AT(bias_initializer), "zeros", 0, 0, "", 0, NULL },
    { "kernel_regularizer", CVY_NAME, AT(kernel_regularizer), "none", 0, 0,
      "none, l1, l2 or l1l2: part of the loss", 0, NULL },
    { "bias_regularizer", CVY_NAME, AT(bias_regularizer), "none", 0, 0, "likewise", 0, NULL },
    { 0 },
};

enum { KERNEL, BIAS };

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const dense_settings *s = settings_of_layer;
    cvy_status status = cvy_shape_vector(s->units, &plan->out);
    if (status != CVY_OK)
        return status;
    if (in.rank != 1)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "its input is an image of %zu x %zu x %zu, expected a vector: put a "
                        "Flatten layer before it",
                        in.dims[0], in.dims[1], in.dims[2]);

    plan->weights[plan->weight_count++] = (cvy_weight_plan){
        .name = "kernel",
        .rank = 2,
        .dims = { in.dims[0], s->units },
        .initializer = s->kernel_initializer,
        .regularizer = s->kernel_regularizer,
    };
    if (s->use_bias)
        plan->weights[plan->weight_count++] = (cvy_weight_plan){
            .name = "bias",
            .rank = 1,
            .dims = { s->units },
            .initializer = s->bias_initializer,
            .regularizer = s->bias_regularizer,
        };
    plan->gradient = CVY_GRADIENT_BATCH;
    plan->flops = 2.0 * (double)in.dims[0] * (double)s->units;
    return CVY_OK;
}

static const char *activation(const void *settings_of_layer)
{
    return ((const dense_settings *)settings_of_layer)->activation;
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const dense_settings *s = layer->settings;
    const size_t in = layer->in.dims[0];
    const cvy_lane_kernels *lane = pass->compute.kernels->lane;

    if (s->use_bias)
        lane->spread_bias(s->units, CVY_LANE, pass->weights + layer->weight_offset[BIAS], y);
    pass->compute.gemm->run(CVY_GEMM_TN, s->units, CVY_LANE, in,
                            pass->weights + layer->weight_offset[KERNEL], s->units, x, CVY_LANE,
                            s->use_bias, y, CVY_LANE);
    if (pass->is_training)
        lane->copy_rows(in, pass->store.stride, x, pass->store.x);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const dense_settings *s = layer->settings;

    (void)x, (void)dw;
    pass->compute.kernels->lane->copy_rows(s->units, pass->store.stride, dy, pass->store.dy);
    if (dx != NULL)
        pass->compute.gemm->run(CVY_GEMM_NN, layer->in.dims[0], CVY_LANE, s->units,
                                pass->weights + layer->weight_offset[KERNEL], s->units, dy,
                                CVY_LANE, false, dx, CVY_LANE);
}

static void weight_gradient(const cvy_layer *layer, const cvy_compute *compute, size_t weight,
                            const cvy_batch_store *store, size_t first_row, size_t row_count,
                            bool accumulate, float *dw)
{
    const dense_settings *s = layer->settings;

    if (weight == KERNEL)
        compute->gemm->run(CVY_GEMM_NT, row_count, s->units, store->stride,
                           store->x + first_row * store->stride, store->stride, store->dy,
                           store->stride, accumulate, dw, s->units);
    else
        compute->kernels->lane->sum_rows(row_count, store->stride, store->stride,
                                         store->dy + first_row * store->stride, accumulate, dw);
}

const cvy_layer_kind cvy_layer_dense = {
    .kind = { "dense", "fully connected", settings, sizeof(dense_settings) },
    .class_name = "Dense",
    .plan = plan,
    .activation = activation,
    .forward = forward,
    .backward = backward,
    .weight_gradient = weight_gradient,
};
