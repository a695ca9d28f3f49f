/* Adds rows and columns of zeros around an image, or removes rows and columns. The setting is one
 * number for all sides, [rows;columns], or [top;bottom;left;right]. Source: Keras 3, ZeroPadding2D
 * and Cropping2D. */
#include <string.h>

#include "layers/layer.h"
#include "layers/weight_rows.h"

typedef struct {
    cvy_float_list sides;
    int data_format;
} border_settings;

static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(border_settings, member)
#define FORMAT     CVY_DATA_FORMAT_ROW(data_formats)
static const cvy_setting padding_rows[] = {
    { "padding", CVY_FLOAT_LIST, AT(sides), "1", 0, CVY_SIDE_MAX,
      "on all sides, [rows;columns] or [top;bottom;left;right]", 0, NULL },
    FORMAT,
    { 0 },
};
static const cvy_setting cropping_rows[] = {
    { "cropping", CVY_FLOAT_LIST, AT(sides), "0", 0, CVY_SIDE_MAX,
      "on all sides, [rows;columns] or [top;bottom;left;right]", 0, NULL },
    FORMAT,
    { 0 },
};

enum { TOP, BOTTOM, LEFT, RIGHT, SIDES };

static cvy_status read_sides(const border_settings *s, size_t sides[SIDES])
{
    const cvy_float_list *list = &s->sides;

    if (list->count != 1 && list->count != 2 && list->count != SIDES)
        return cvy_fail(CVY_ERR_SETTING, "found %zu numbers, expected 1, 2 or 4", list->count);
    for (size_t i = 0; i < SIDES; i++) {
        const double side = list->values[i * list->count / SIDES];
        sides[i] = (size_t)side;
        if ((double)sides[i] != side)
            return cvy_fail(CVY_ERR_SETTING, "found %g, expected a whole number", side);
    }
    return CVY_OK;
}

static cvy_status fail_vector(cvy_shape in)
{
    return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                    in.dims[0]);
}

static cvy_status plan_padding(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    size_t sides[SIDES];
    cvy_status status = read_sides(settings, sides);

    if (status != CVY_OK || in.rank != 3)
        return status != CVY_OK ? status : fail_vector(in);
    return cvy_shape_image(in.dims[0] + sides[TOP] + sides[BOTTOM],
                           in.dims[1] + sides[LEFT] + sides[RIGHT], in.dims[2], &plan->out);
}

static cvy_status plan_cropping(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    size_t sides[SIDES];
    cvy_status status = read_sides(settings, sides);

    if (status != CVY_OK || in.rank != 3)
        return status != CVY_OK ? status : fail_vector(in);
    if (sides[TOP] + sides[BOTTOM] >= in.dims[0] || sides[LEFT] + sides[RIGHT] >= in.dims[1])
        return cvy_fail(CVY_ERR_SHAPE, "cropping leaves nothing of an image of %zu x %zu",
                        in.dims[0], in.dims[1]);
    return cvy_shape_image(in.dims[0] - sides[TOP] - sides[BOTTOM],
                           in.dims[1] - sides[LEFT] - sides[RIGHT], in.dims[2], &plan->out);
}

/* A smaller image inside a larger one. */
typedef struct {
    cvy_shape small, large;
    size_t top, left;
} frame;

static frame frame_of(const cvy_layer *layer, bool is_padding)
{
    size_t sides[SIDES];
    cvy_status status = read_sides(layer->settings, sides);

    (void)status; /* checked when the layer was planned */
    return is_padding ? (frame){ layer->in, layer->plan.out, sides[TOP], sides[LEFT] }
                      : (frame){ layer->plan.out, layer->in, sides[TOP], sides[LEFT] };
}

static void put_inside(const frame *f, cvy_share share, const float *small, float *large)
{
    const cvy_range channels = cvy_share_range(share, f->small.dims[2], 1);
    const size_t height = f->small.dims[0], row = f->small.dims[1] * CVY_LANE;
    const size_t large_row = f->large.dims[1] * CVY_LANE, plane = f->large.dims[0] * large_row;

    for (size_t c = channels.begin; c < channels.end; c++) {
        float *to = large + c * plane + f->top * large_row + f->left * CVY_LANE;
        memset(large + c * plane, 0, plane * sizeof *large);
        for (size_t y = 0; y < height; y++)
            memcpy(to + y * large_row, small + (c * height + y) * row, row * sizeof *to);
    }
}

static void take_inside(const frame *f, cvy_share share, const float *large, float *small)
{
    const cvy_range channels = cvy_share_range(share, f->small.dims[2], 1);
    const size_t height = f->small.dims[0], row = f->small.dims[1] * CVY_LANE;
    const size_t large_row = f->large.dims[1] * CVY_LANE, plane = f->large.dims[0] * large_row;

    for (size_t c = channels.begin; c < channels.end; c++) {
        const float *from = large + c * plane + f->top * large_row + f->left * CVY_LANE;
        for (size_t y = 0; y < height; y++)
            memcpy(small + (c * height + y) * row, from + y * large_row, row * sizeof *small);
    }
}

static void forward_padding(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const frame f = frame_of(layer, true);
    put_inside(&f, pass->share, x, y);
}

static void backward_padding(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, float *dx, float *dw)
{
    const frame f = frame_of(layer, true);
    (void)x, (void)dw;
    take_inside(&f, pass->share, dy, dx);
}

static void forward_cropping(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const frame f = frame_of(layer, false);
    take_inside(&f, pass->share, x, y);
}

static void backward_cropping(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                              const float *dy, float *dx, float *dw)
{
    const frame f = frame_of(layer, false);
    (void)x, (void)dw;
    put_inside(&f, pass->share, dy, dx);
}

const cvy_layer_kind cvy_layer_zero_padding2d = {
    .kind = { "zero_padding2d", "zeros around the image", padding_rows, sizeof(border_settings) },
    .class_name = "ZeroPadding2D",
    .plan = plan_padding,
    .forward = forward_padding,
    .backward = backward_padding,
};

const cvy_layer_kind cvy_layer_cropping2d = {
    .kind = { "cropping2d", "removes rows and columns at the edges", cropping_rows,
              sizeof(border_settings) },
    .class_name = "Cropping2D",
    .plan = plan_cropping,
    .forward = forward_cropping,
    .backward = backward_cropping,
};
