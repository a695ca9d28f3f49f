/* A fully connected layer.
 *     y = w^T x + b       dx = w dy       dw = x dy^T, db = dy, summed over the batch
 * The gradient of the weights is as large as the weights, and a lane adds only a few samples to it.
 * So backward keeps x and dy, and the gradient is computed over the whole batch at once, cut by
 * rows of the kernel (Krizhevsky, One weird trick for parallelizing convolutional neural networks,
 * 2014, splits the two kinds of layers for the same reason). */
#include "layers/layer.h"
#include "base/minmax.h"
#include "layers/weight_rows.h"

typedef struct {
    size_t units;
    bool use_bias;
    char activation[CVY_NAME_BYTES];
    char kernel_initializer[CVY_NAME_BYTES], bias_initializer[CVY_NAME_BYTES];
    char kernel_regularizer[CVY_NAME_BYTES], bias_regularizer[CVY_NAME_BYTES];
    char kernel_constraint[CVY_NAME_BYTES], bias_constraint[CVY_NAME_BYTES];
    char activity_regularizer[CVY_NAME_BYTES];
} dense_settings;

#define AT(member) offsetof(dense_settings, member)
static const cvy_setting settings[] = {
    { "units", CVY_COUNT, AT(units), NULL, 1, 1 << 20, "outputs", 0, NULL },
    CVY_OUTPUT_ACTIVATION_ROW,
    { "use_bias", CVY_BOOL, AT(use_bias), "true", 0, 0, "add a bias to each output", 0, NULL },
    CVY_INITIALIZER_ROW(kernel_initializer, "glorot_uniform"),
    CVY_INITIALIZER_ROW(bias_initializer, "zeros"),
    CVY_REGULARIZER_ROW(kernel_regularizer),
    CVY_REGULARIZER_ROW(bias_regularizer),
    CVY_ACTIVITY_REGULARIZER_ROW,
    CVY_CONSTRAINT_ROW(kernel_constraint),
    CVY_CONSTRAINT_ROW(bias_constraint),
    { 0 },
};

enum { KERNEL, BIAS };

/* For one sample the layer is a convolution of an image of one pixel. */
static cvy_convolution one_pixel(size_t features, size_t units)
{
    return (cvy_convolution){ .window = { .channels = features,
                                          .height = 1,
                                          .width = 1,
                                          .rows = 1,
                                          .columns = 1,
                                          .window_height = 1,
                                          .window_width = 1,
                                          .stride_y = 1,
                                          .stride_x = 1 },
                              .filters = units,
                              .groups = 1 };
}

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
        .constraint = s->kernel_constraint,
    };
    if (s->use_bias)
        plan->weights[plan->weight_count++] = (cvy_weight_plan){
            .name = "bias",
            .rank = 1,
            .dims = { s->units },
            .initializer = s->bias_initializer,
            .regularizer = s->bias_regularizer,
            .constraint = s->bias_constraint,
        };
    plan->gradient = CVY_GRADIENT_BATCH;
    plan->keeps_input = true;
    const cvy_convolution of_sample = one_pixel(in.dims[0], s->units);
    plan->sample_scratch_bytes = cvy_convolution_sample_scratch(&of_sample) * sizeof(float);
    plan->flops = 2.0 * (double)in.dims[0] * (double)s->units;
    return CVY_OK;
}

static const char *activation(const void *settings_of_layer)
{
    return ((const dense_settings *)settings_of_layer)->activation;
}

/* Rows of a GEMM per piece. It depends only on the batch size, and pieces start on cache lines. */
static size_t rows_of_piece(const cvy_pass *pass, size_t rows)
{
    return (rows + pass->cuts * CVY_LANE - 1) / (pass->cuts * CVY_LANE) * CVY_LANE;
}

static void keep_x(const cvy_pass *pass, size_t in, const float *x)
{
    const cvy_range range = cvy_share_range(pass->share, in, 1);
    const size_t first = range.begin * CVY_LANE;

    if (x == pass->store.x) /* where the plan had it made */
        return;
    pass->compute.kernels->lane->copy((range.end - range.begin) * CVY_LANE, x + first,
                                      pass->store.x + first);
}

static void keep_dy(const cvy_pass *pass, size_t units, const float *dy)
{
    const cvy_range range = cvy_share_range(pass->share, units, CVY_LANE);

    pass->compute.kernels->lane->samples_first(cvy_store_row(units), range.begin, range.end, dy,
                                               pass->store.dy);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const dense_settings *s = layer->settings;
    const size_t in = layer->in.dims[0], piece = rows_of_piece(pass, s->units);
    const float *kernel = pass->weights + layer->weight_offset[KERNEL];
    const cvy_range units = cvy_share_range(pass->share, s->units, piece);

    for (size_t u = units.begin; u < units.end; u += piece) {
        const size_t count = cvy_min(piece, units.end - u);
        if (s->use_bias)
            pass->compute.kernels->lane->spread_bias(count, CVY_LANE, CVY_LANE,
                                                     pass->weights + layer->weight_offset[BIAS] + u,
                                                     y + u * CVY_LANE);
        pass->compute.gemm->run(CVY_GEMM_TN, count, CVY_LANE, in, kernel + u, s->units, x, CVY_LANE,
                                s->use_bias, y + u * CVY_LANE, CVY_LANE);
    }
    if (pass->is_training)
        keep_x(pass, in, x);
}

/* A convolution of one pixel. */
static void forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const dense_settings *s = layer->settings;
    const cvy_convolution c = one_pixel(layer->in.dims[0], s->units);

    pass->compute.convolution->forward_sample(
        &c, x, pass->weights + layer->weight_offset[KERNEL],
        s->use_bias ? pass->weights + layer->weight_offset[BIAS] : NULL, y, pass->scratch);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const dense_settings *s = layer->settings;
    const size_t in = layer->in.dims[0], piece = rows_of_piece(pass, in);
    const float *kernel = pass->weights + layer->weight_offset[KERNEL];
    const cvy_range rows = cvy_share_range(pass->share, in, piece);

    (void)x, (void)dw;
    keep_dy(pass, s->units, dy);
    if (dx == NULL)
        return;
    for (size_t row = rows.begin; row < rows.end; row += piece)
        pass->compute.gemm->run(CVY_GEMM_NN, cvy_min(piece, rows.end - row), CVY_LANE, s->units,
                                kernel + row * s->units, s->units, dy, CVY_LANE, false,
                                dx + row * CVY_LANE, CVY_LANE);
}

/* Compute some rows of the kernel's gradient, the lanes in order: all at once, so that the sums
 * stay in registers, or lane after lane. */
static void add_products(const cvy_compute *compute, const cvy_batch_store *store, size_t units,
                         cvy_range rows, bool accumulate, float *dw)
{
    const cvy_gemm_parts lanes = { store->lanes, store->stride, store->stride };
    const size_t dy_row = cvy_store_row(units), count = rows.end - rows.begin;
    const float *x = store->x + rows.begin * CVY_LANE;

    if (compute->gemm->run_parts != NULL) {
        compute->gemm->run_parts(count, units, CVY_LANE, lanes, x, CVY_LANE, store->dy, dy_row,
                                 accumulate, dw, units);
        return;
    }
    for (size_t lane = 0; lane < store->lanes; lane++)
        compute->gemm->run(CVY_GEMM_NN, count, units, CVY_LANE, x + lane * store->stride, CVY_LANE,
                           store->dy + lane * store->stride, dy_row, accumulate || lane > 0, dw,
                           units);
}

/* Floats of dw that stay in the L1 cache while lane after lane is added to them. */
enum { DW_AT_ONCE = 2048 };

static void weight_gradient(const cvy_layer *layer, const cvy_compute *compute, size_t weight,
                            const cvy_batch_store *store, size_t first_row, size_t row_count,
                            bool accumulate, float *dw)
{
    const size_t units = ((const dense_settings *)layer->settings)->units;
    const size_t rows_at_once = cvy_max(DW_AT_ONCE / units / CVY_LANE, 1) * CVY_LANE;

    for (size_t lane = 0; weight == BIAS && lane < store->lanes; lane++)
        compute->kernels->lane->tree_sum(row_count, CVY_LANE, cvy_store_row(units),
                                         store->dy + lane * store->stride + first_row,
                                         accumulate || lane > 0, dw);
    for (size_t row = 0; weight == KERNEL && row < row_count; row += rows_at_once) {
        const size_t first = first_row + row;
        const cvy_range rows = { first, first + cvy_min(rows_at_once, row_count - row) };
        add_products(compute, store, units, rows, accumulate, dw + row * units);
    }
}

const cvy_layer_kind cvy_layer_dense = {
    .kind = { "dense", "fully connected layer", settings, sizeof(dense_settings) },
    .class_name = "Dense",
    .plan = plan,
    .activation = activation,
    .forward = forward,
    .forward_sample = forward_sample,
    .backward = backward,
    .weight_gradient = weight_gradient,
};
