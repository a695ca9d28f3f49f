/* Max and average pooling. Average pooling divides by the number of cells inside the image. */
#include "layers/layer.h"
#include "layers/weight_rows.h"

enum { PADDING_VALID, PADDING_SAME, WINDOW_CELLS_MAX = 256 /* a winner is one byte */ };

typedef struct {
    size_t pool_size[2], strides[2];
    int padding, data_format;
} pooling_settings;

static const char *const paddings[] = { "valid", "same", NULL };
static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(pooling_settings, member)
#define ROWS_BEHIND_POOL_SIZE                                                                      \
    { "strides", CVY_COUNT_PAIR, AT(strides), "0", 0, 4096, "0: as pool_size", 0, NULL },          \
        { "padding", CVY_CHOICE, AT(padding), "valid", 0, 0, "at the edges", 0, paddings },        \
        CVY_DATA_FORMAT_ROW(data_formats), { 0 },

static const cvy_setting max_settings[] = { { "pool_size", CVY_COUNT_PAIR, AT(pool_size), "2", 1,
                                              4096, "rows and columns", 0, NULL },
                                            ROWS_BEHIND_POOL_SIZE };
static const cvy_setting average_settings[] = { { "pool_size", CVY_COUNT_PAIR, AT(pool_size), NULL,
                                                  1, 4096, "rows and columns", 0, NULL },
                                                ROWS_BEHIND_POOL_SIZE };

static cvy_status plan_window(const pooling_settings *s, cvy_shape in, cvy_window *window)
{
    const size_t strides[2] = { s->strides[0] != 0 ? s->strides[0] : s->pool_size[0],
                                s->strides[1] != 0 ? s->strides[1] : s->pool_size[1] };
    return cvy_window_plan(in, s->pool_size, strides, NULL, s->padding == PADDING_SAME, window);
}

static cvy_status plan_average(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    const pooling_settings *s = settings;
    cvy_window window;
    cvy_status status = plan_window(s, in, &window);
    if (status == CVY_OK)
        status = cvy_shape_image(window.rows, window.columns, in.dims[2], &plan->out);
    if (status == CVY_OK && window.pad_top == 0 && window.stride_y == window.window_height &&
        window.rows * window.stride_y <= in.dims[0])
        plan->strip_rows = window.stride_y;
    return status;
}

static cvy_status plan_max(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    const pooling_settings *s = settings;
    if (s->pool_size[0] > WINDOW_CELLS_MAX / s->pool_size[1])
        return cvy_fail(CVY_ERR_UNSUPPORTED, "pool_size %zu x %zu, expected at most %d cells",
                        s->pool_size[0], s->pool_size[1], WINDOW_CELLS_MAX);
    cvy_status status = plan_average(settings, in, plan);
    if (status == CVY_OK)
        plan->keep_bytes = cvy_shape_count(plan->out) * CVY_LANE; /* the winners */
    plan->is_maximum = true;
    return status;
}

/* The channels of a share. */
typedef struct {
    cvy_window window;
    size_t first_x, first_y; /* their offsets in x and y, in floats */
} slab;

static slab slab_of(const cvy_layer *layer, const cvy_pass *pass)
{
    slab of;
    cvy_status status = plan_window(layer->settings, layer->in, &of.window);
    (void)status; /* checked when the layer was planned */
    const cvy_range channels = cvy_share_range(pass->share, of.window.channels, 1);
    of.first_x = channels.begin * of.window.height * of.window.width * CVY_LANE;
    of.first_y = channels.begin * of.window.rows * of.window.columns * CVY_LANE;
    of.window.channels = channels.end - channels.begin;
    return of;
}

/* The geometry of some rows of one channel, whose input is a separate strip. */
static cvy_window window_of_strip(const cvy_layer *layer, cvy_range rows)
{
    cvy_window window;
    cvy_status status = plan_window(layer->settings, layer->in, &window);
    (void)status;
    window.channels = 1;
    window.rows = rows.end - rows.begin;
    window.height = window.rows * window.stride_y;
    return window;
}

/* The offset of a row of a channel in the output, in floats. */
static size_t place_of_rows(const cvy_layer *layer, size_t channel, size_t row)
{
    const cvy_shape *out = &layer->plan.out;
    return (channel * out->dims[0] + row) * out->dims[1] * CVY_LANE;
}

static size_t strip_floats(const cvy_window *w)
{
    return w->height * w->width * CVY_LANE;
}

static void max_forward_strip(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                              const float *x, float *y)
{
    const cvy_window window = window_of_strip(layer, rows);
    uint8_t *winner = pass->keep;

    for (size_t c = 0; c < layer->in.dims[2]; c++) {
        const size_t at = place_of_rows(layer, c, rows.begin);
        pass->compute.kernels->pooling->max_forward(&window, x + c * strip_floats(&window), y + at,
                                                    winner + at);
    }
}

static void max_backward_strip(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                               cvy_range channels, const float *dy, float *dx, size_t plane)
{
    const cvy_window window = window_of_strip(layer, rows);
    const uint8_t *winner = pass->keep;

    for (size_t c = channels.begin; c < channels.end; c++) {
        const size_t at = place_of_rows(layer, c, rows.begin);
        pass->compute.kernels->pooling->max_backward(&window, winner + at, dy + at,
                                                     dx + (c - channels.begin) * plane);
    }
}

static void average_forward_strip(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                                  const float *x, float *y)
{
    const cvy_window window = window_of_strip(layer, rows);

    for (size_t c = 0; c < layer->in.dims[2]; c++)
        pass->compute.kernels->pooling->average_forward(&window, x + c * strip_floats(&window),
                                                        y + place_of_rows(layer, c, rows.begin));
}

static void average_backward_strip(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                                   cvy_range channels, const float *dy, float *dx, size_t plane)
{
    const cvy_window window = window_of_strip(layer, rows);

    for (size_t c = channels.begin; c < channels.end; c++)
        pass->compute.kernels->pooling->average_backward(
            &window, dy + place_of_rows(layer, c, rows.begin), dx + (c - channels.begin) * plane);
}

static void max_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const slab of = slab_of(layer, pass);
    uint8_t *winner = pass->keep;
    pass->compute.kernels->pooling->max_forward(&of.window, x + of.first_x, y + of.first_y,
                                                winner + of.first_y);
}

static void max_forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                               float *y)
{
    const slab all = slab_of(layer, pass);
    pass->compute.kernels->pooling->max_sample(&all.window, x, y);
}

static void max_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                         const float *dy, float *dx, float *dw)
{
    const slab of = slab_of(layer, pass);
    const uint8_t *winner = pass->keep;
    (void)x, (void)dw;
    pass->compute.kernels->pooling->max_backward(&of.window, winner + of.first_y, dy + of.first_y,
                                                 dx + of.first_x);
}

static void average_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const slab of = slab_of(layer, pass);
    pass->compute.kernels->pooling->average_forward(&of.window, x + of.first_x, y + of.first_y);
}

static void average_forward_sample(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                                   float *y)
{
    const slab all = slab_of(layer, pass);
    pass->compute.kernels->pooling->average_sample(&all.window, x, y);
}

static void average_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, float *dx, float *dw)
{
    const slab of = slab_of(layer, pass);
    (void)x, (void)dw;
    pass->compute.kernels->pooling->average_backward(&of.window, dy + of.first_y, dx + of.first_x);
}

const cvy_layer_kind cvy_layer_max_pooling2d = {
    .kind = { "max_pooling2d", "largest value of each window", max_settings,
              sizeof(pooling_settings) },
    .class_name = "MaxPooling2D",
    .plan = plan_max,
    .forward = max_forward,
    .forward_sample = max_forward_sample,
    .backward = max_backward,
    .forward_strip = max_forward_strip,
    .backward_strip = max_backward_strip,
};

const cvy_layer_kind cvy_layer_average_pooling2d = {
    .kind = { "average_pooling2d", "mean of each window", average_settings,
              sizeof(pooling_settings) },
    .class_name = "AveragePooling2D",
    .plan = plan_average,
    .forward = average_forward,
    .forward_sample = average_forward_sample,
    .backward = average_backward,
    .forward_strip = average_forward_strip,
    .backward_strip = average_backward_strip,
};
