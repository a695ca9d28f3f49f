/* Transposed 2-D convolution: its forward pass is a convolution's gradient of the input, and vice
 * versa. That convolution c, from this layer's output to its input, has the kernel
 * [kh][kw][out][in] of Keras's Conv2DTranspose:
 *     y = bias + c's gradient of the input for dy = x
 *     dx = c(dy), dw = c's gradient of the kernel for input dy and output gradient x
 * Output size for input size n, stride s and a (dilated) window of size k: (n - 1) s + max(k, s)
 * with valid, n s with same padding; with output_padding p, (n - 1) s + k + p and
 * (n - 1) s + k % 2 + p. Source: Keras 3. */
#include "layers/convolve.h"
#include "layers/weight_rows.h"

enum { PADDING_VALID, PADDING_SAME };

typedef struct {
    size_t filters, kernel_size[2], strides[2], dilation_rate[2];
    cvy_float_list output_padding;
    int padding, data_format;
    bool use_bias;
    char activation[CVY_NAME_BYTES], activity_regularizer[CVY_NAME_BYTES];
    char kernel_initializer[CVY_NAME_BYTES], bias_initializer[CVY_NAME_BYTES];
    char kernel_regularizer[CVY_NAME_BYTES], bias_regularizer[CVY_NAME_BYTES];
    char kernel_constraint[CVY_NAME_BYTES], bias_constraint[CVY_NAME_BYTES];
} transpose_settings;

static const char *const paddings[] = { "valid", "same", NULL };
static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(transpose_settings, member)
static const cvy_setting settings[] = {
    { "filters", CVY_COUNT, AT(filters), NULL, 1, 65536, "output channels", 0, NULL },
    { "kernel_size", CVY_COUNT_PAIR, AT(kernel_size), NULL, 1, 4096, "rows and columns", 0, NULL },
    { "strides", CVY_COUNT_PAIR, AT(strides), "1", 1, 4096, "upsampling factor", 0, NULL },
    { "padding", CVY_CHOICE, AT(padding), "valid", 0, 0, "at the edges", 0, paddings },
    { "output_padding", CVY_FLOAT_LIST, AT(output_padding), "-1", -1, 4096,
      "rows and columns added to the output; -1: Keras's default", 0, NULL },
    CVY_DATA_FORMAT_ROW(data_formats),
    { "dilation_rate", CVY_COUNT_PAIR, AT(dilation_rate), "1", 1, 4096,
      "distance between cells of the kernel", 0, NULL },
    CVY_OUTPUT_ACTIVATION_ROW,
    { "use_bias", CVY_BOOL, AT(use_bias), "true", 0, 0, "add a bias to each output channel", 0,
      NULL },
    CVY_INITIALIZER_ROW(kernel_initializer, "glorot_uniform"),
    CVY_INITIALIZER_ROW(bias_initializer, "zeros"),
    CVY_REGULARIZER_ROW(kernel_regularizer),
    CVY_REGULARIZER_ROW(bias_regularizer),
    CVY_ACTIVITY_REGULARIZER_ROW,
    CVY_CONSTRAINT_ROW(kernel_constraint),
    CVY_CONSTRAINT_ROW(bias_constraint),
    { 0 },
};

/* Compute size and padding of the output along one side. */
static cvy_status plan_side(const transpose_settings *s, size_t side, size_t places, size_t *size,
                            size_t *pad)
{
    const cvy_float_list *given = &s->output_padding;
    const double more = given->values[given->count == 1 ? 0 : side];
    const size_t stride = s->strides[side];
    const size_t reach = (s->kernel_size[side] - 1) * s->dilation_rate[side] + 1;
    const bool is_same = s->padding == PADDING_SAME;
    size_t before = reach - 1; /* zeros before the first position, as Keras counts them */

    if (given->count > 2 || more != (double)(long)more || more >= (double)stride)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "output_padding: expected whole numbers below the stride, or null");
    *size = (places - 1) * stride + (is_same ? reach % 2 : reach);
    if (more >= 0)
        *size += (size_t)more;
    else if (is_same)
        *size = places * stride;
    else
        *size = (places - 1) * stride + (reach > stride ? reach : stride);
    if (is_same) {
        const size_t all = more >= 0 ? reach + reach % 2 + (size_t)more : stride + reach;
        const size_t half = (all - 1) / 2; /* of all - 2, rounded up */
        before = all < 2 ? 0 : half < before ? half : before;
    }
    *pad = reach - 1 - before;
    return CVY_OK;
}

static cvy_status plan_convolution(const transpose_settings *s, cvy_shape in, cvy_convolution *c)
{
    size_t height, width, pad_top, pad_left;

    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    cvy_status status = plan_side(s, 0, in.dims[0], &height, &pad_top);
    if (status == CVY_OK)
        status = plan_side(s, 1, in.dims[1], &width, &pad_left);
    *c = (cvy_convolution){ .filters = in.dims[2], .groups = 1 };
    if (status != CVY_OK)
        return status;
    c->window = (cvy_window){ .channels = s->filters,
                              .height = height,
                              .width = width,
                              .rows = in.dims[0],
                              .columns = in.dims[1],
                              .window_height = s->kernel_size[0],
                              .window_width = s->kernel_size[1],
                              .stride_y = s->strides[0],
                              .stride_x = s->strides[1],
                              .pad_top = pad_top,
                              .pad_left = pad_left,
                              .gap_y = s->dilation_rate[0] - 1,
                              .gap_x = s->dilation_rate[1] - 1 };
    return CVY_OK;
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const transpose_settings *s = settings_of_layer;
    cvy_convolution c;
    cvy_status status = plan_convolution(s, in, &c);

    if (status == CVY_OK)
        status = cvy_shape_image(c.window.height, c.window.width, s->filters, &plan->out);
    if (status != CVY_OK)
        return status;
    plan->convolution = c;
    plan->gradient = CVY_GRADIENT_LANE;
    plan->reads_input = true;
    plan->scratch_bytes =
        (cvy_convolution_packed(&c) + cvy_convolution_scratch(&c, c.window.rows)) * sizeof(float);
    plan->flops = 2 * (double)(in.dims[0] * in.dims[1]) * (double)cvy_convolution_taps(&c) *
                  (double)c.filters;
    cvy_convolve_add_weights(
        plan, s->kernel_size, s->filters, in.dims[2],
        (cvy_weight_names){ s->kernel_initializer, s->kernel_regularizer, s->kernel_constraint },
        s->use_bias ? s->filters : 0,
        (cvy_weight_names){ s->bias_initializer, s->bias_regularizer, s->bias_constraint });
    return CVY_OK;
}

static const char *activation(const void *settings_of_layer)
{
    return ((const transpose_settings *)settings_of_layer)->activation;
}

static size_t plane_of(const cvy_convolution *c) /* of the layer's input */
{
    return c->window.rows * c->window.columns * CVY_LANE;
}

/* Shares are rows of the output. */
static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_convolution *c = &layer->plan.convolution;
    const cvy_window *w = &c->window;
    const float *bias =
        layer->plan.weight_count > 1 ? pass->weights + layer->weight_offset[1] : NULL;
    const cvy_convolution_backend *backend = cvy_convolution_of(&pass->compute);
    const cvy_range rows = cvy_share_range(pass->share, w->height, 1);
    const size_t row_floats = w->width * CVY_LANE;
    float *packed = pass->scratch;

    for (size_t f = 0; f < w->channels; f++) {
        float *of_filter = y + f * w->height * row_floats;
        for (size_t i = rows.begin * row_floats; i < rows.end * row_floats; i++)
            of_filter[i] = 0;
    }
    backend->add_input_gradient(
        &pass->compute, c,
        backend->pack(c, CVY_PACK_INPUT_GRADIENT, pass->weights + layer->weight_offset[0], packed),
        x, plane_of(c), (cvy_range){ 0, w->rows }, true, rows, y,
        packed + cvy_convolution_packed(c));
    for (size_t f = 0; bias != NULL && f < w->channels; f++) {
        float *of_filter = y + f * w->height * row_floats;
        for (size_t i = rows.begin * row_floats; i < rows.end * row_floats; i++)
            of_filter[i] += bias[f];
    }
}

/* A share computes rows of dx, and the part of dw of some input channels, which are c's filters. If
 * bits depend on how filters are cut, the number of pieces depends only on the batch size. */
static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const cvy_convolution *c = &layer->plan.convolution;
    const cvy_convolution_backend *backend = cvy_convolution_of(&pass->compute);
    const size_t plane = plane_of(c), row_floats = c->window.columns * CVY_LANE;
    const bool is_free = backend->is_cut_freely;
    const size_t piece = is_free ? 1 : (c->filters + pass->cuts - 1) / pass->cuts;
    const cvy_range filters = cvy_share_range(pass->share, c->filters, piece);
    const cvy_range rows =
        cvy_share_range(pass->share, c->window.rows, is_free ? 1 : c->window.rows);
    const size_t step = is_free ? filters.end - filters.begin : piece;
    float *packed = pass->scratch, *scratch = packed + cvy_convolution_packed(c);

    for (size_t f = filters.begin; f < filters.end; f += step) {
        const size_t end = f + step < filters.end ? f + step : filters.end;
        backend->add_weight_gradient(&pass->compute, c, dy, x + f * plane, plane,
                                     (cvy_range){ 0, c->window.rows }, (cvy_range){ f, end }, false,
                                     dw, scratch);
    }
    if (layer->plan.weight_count > 1 && pass->share.index == 0) /* one worker, in a fixed order */
        pass->compute.kernels->lane->sum_rows(
            c->window.channels, c->window.height * c->window.width * CVY_LANE,
            c->window.height * c->window.width * CVY_LANE, dy, false,
            dw + (layer->weight_offset[1] - layer->weight_offset[0]));
    if (dx != NULL && rows.begin < rows.end)
        backend->forward_rows(
            &pass->compute, c, dy,
            backend->pack(c, CVY_PACK_FORWARD, pass->weights + layer->weight_offset[0], packed),
            NULL, rows, dx + rows.begin * row_floats, plane, scratch);
}

const cvy_layer_kind cvy_layer_conv2d_transpose = {
    .kind = { "conv2d_transpose", "transposed 2-D convolution, which enlarges images", settings,
              sizeof(transpose_settings) },
    .class_name = "Conv2DTranspose",
    .plan = plan,
    .activation = activation,
    .forward = forward,
    .backward = backward,
};
