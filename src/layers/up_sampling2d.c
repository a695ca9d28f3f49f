/* Resizes an image by an integer factor (UpSampling2D) or to a given size (Resizing). If t is the
 * output's size over the input's, position o of the output is (o + 1/2) / t - 1/2 in the input:
 * nearest takes the pixel that contains it, bilinear interpolates between the two around it, or
 * takes the one at the edge. Source: Keras 3, UpSampling2D and Resizing without antialias. */
#include <math.h>
#include <string.h>

#include "layers/layer.h"
#include "layers/weight_rows.h"

enum { NEAREST, BILINEAR };

typedef struct {
    int interpolation, data_format;
    size_t size[2]; /* times */
} up_settings;

typedef struct {
    int interpolation, data_format; /* as in up_settings */
    size_t height, width;
    int crop, pad, antialias;
    double fill_value;
    char fill_mode[CVY_NAME_BYTES];
} resizing_settings;

static const char *const data_formats[] = { "channels_last", NULL };
static const char *const interpolations[] = { "nearest", "bilinear", NULL };
static const char *const only_false[] = { "false", NULL };

#define AT(member) offsetof(up_settings, member)
static const cvy_setting settings[] = {
    { "size", CVY_COUNT_PAIR, AT(size), "2", 1, 64, "factor of rows and of columns", 0, NULL },
    CVY_DATA_FORMAT_ROW(data_formats),
    { "interpolation", CVY_CHOICE, AT(interpolation), "nearest", 0, 0,
      "interpolation between pixels", 0, interpolations },
    { 0 },
};

#define OF(member) offsetof(resizing_settings, member)
static const cvy_setting resizing_rows[] = {
    { "height", CVY_COUNT, OF(height), NULL, 1, 4096, "rows of the output", 0, NULL },
    { "width", CVY_COUNT, OF(width), NULL, 1, 4096, "columns of the output", 0, NULL },
    { "interpolation", CVY_CHOICE, OF(interpolation), "bilinear", 0, 0,
      "interpolation between pixels", 0, interpolations },
    { "data_format", CVY_CHOICE, OF(data_format), "channels_last", 0, 0, "order of the axes", 0,
      data_formats },
    { "crop_to_aspect_ratio", CVY_CHOICE, OF(crop), "false", 0, 0, "not supported", 0, only_false },
    { "pad_to_aspect_ratio", CVY_CHOICE, OF(pad), "false", 0, 0, "not supported", 0, only_false },
    { "antialias", CVY_CHOICE, OF(antialias), "false", 0, 0, "not supported", 0, only_false },
    { "fill_mode", CVY_NAME, OF(fill_mode), "constant", 0, 0, "without effect", 0, NULL },
    { "fill_value", CVY_FLOAT, OF(fill_value), "0", -HUGE_VAL, HUGE_VAL, "without effect", 0,
      NULL },
    { 0 },
};

static cvy_status check_image(cvy_shape in)
{
    return in.rank == 3
               ? CVY_OK
               : cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                          in.dims[0]);
}

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const up_settings *s = settings_of_layer;
    const cvy_status status = check_image(in);

    return status == CVY_OK ? cvy_shape_image(in.dims[0] * s->size[0], in.dims[1] * s->size[1],
                                              in.dims[2], &plan->out)
                            : status;
}

static cvy_status plan_resizing(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const resizing_settings *s = settings_of_layer;
    const cvy_status status = check_image(in);

    return status == CVY_OK ? cvy_shape_image(s->height, s->width, in.dims[2], &plan->out) : status;
}

/* A row or column of the output as (1 - share) of the input's `first` plus share of its `next`. */
typedef struct {
    size_t first, next;
    float share;
} between;

static between find_between(int interpolation, size_t at, size_t in, size_t out)
{
    if (interpolation == NEAREST) {
        const size_t nearest = (2 * at + 1) * in / (2 * out);
        return (between){ nearest, nearest, 0 };
    }
    const double place = ((double)at + 0.5) / ((double)out / (double)in) - 0.5;
    const double inside = place < 0 ? 0 : place;
    const size_t first = (size_t)inside;
    return (between){ first, first + 1 < in ? first + 1 : first, (float)(inside - (double)first) };
}

/* Both kinds' settings begin with the interpolation. */
static int interpolation_of(const cvy_layer *layer)
{
    return *(const int *)layer->settings;
}

/* The four input pixels of one output pixel, in the order above, below; left, right. */
typedef struct {
    size_t places[4];
    float shares[4];
} corners;

static corners find_corners(const cvy_layer *layer, size_t row, size_t column)
{
    const int interpolation = interpolation_of(layer);
    const cvy_shape in = layer->in, out = layer->plan.out;
    const between v = find_between(interpolation, row, in.dims[0], out.dims[0]);
    const between h = find_between(interpolation, column, in.dims[1], out.dims[1]);

    return (corners){ { v.first * in.dims[1] + h.first, v.first * in.dims[1] + h.next,
                        v.next * in.dims[1] + h.first, v.next * in.dims[1] + h.next },
                      { (1 - v.share) * (1 - h.share), (1 - v.share) * h.share,
                        v.share * (1 - h.share), v.share * h.share } };
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const cvy_shape in = layer->in, out = layer->plan.out;
    const cvy_range range = cvy_share_range(pass->share, out.dims[2] * out.dims[0], 1);

    for (size_t row = range.begin; row < range.end; row++) /* of all channels */
        for (size_t column = 0; column < out.dims[1]; column++) {
            const corners c = find_corners(layer, row % out.dims[0], column);
            const float *plane = x + row / out.dims[0] * in.dims[0] * in.dims[1] * CVY_LANE;
            float *to = y + (row * out.dims[1] + column) * CVY_LANE;
            if (interpolation_of(layer) == NEAREST) {
                memcpy(to, plane + c.places[0] * CVY_LANE, CVY_LANE * sizeof *to);
                continue;
            }
            for (size_t i = 0; i < CVY_LANE; i++)
                to[i] = c.shares[0] * plane[c.places[0] * CVY_LANE + i] +
                        c.shares[1] * plane[c.places[1] * CVY_LANE + i] +
                        c.shares[2] * plane[c.places[2] * CVY_LANE + i] +
                        c.shares[3] * plane[c.places[3] * CVY_LANE + i];
        }
}

/* Shares are channels. Gradients are added in the order of the output's pixels. */
static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const cvy_shape in = layer->in, out = layer->plan.out;
    const size_t plane = in.dims[0] * in.dims[1], out_plane = out.dims[0] * out.dims[1];
    const cvy_range channels = cvy_share_range(pass->share, in.dims[2], 1);
    const size_t used = interpolation_of(layer) == NEAREST ? 1 : 4;

    (void)x, (void)dw;
    for (size_t c = channels.begin; c < channels.end; c++) {
        float *to = dx + c * plane * CVY_LANE;
        memset(to, 0, plane * CVY_LANE * sizeof *to);
        for (size_t p = 0; p < out_plane; p++) {
            const corners of = find_corners(layer, p / out.dims[1], p % out.dims[1]);
            const float *from = dy + (c * out_plane + p) * CVY_LANE;
            for (size_t k = 0; k < used; k++)
                for (size_t i = 0; i < CVY_LANE; i++)
                    to[of.places[k] * CVY_LANE + i] += of.shares[k] * from[i];
        }
    }
}

const cvy_layer_kind cvy_layer_up_sampling2d = {
    .kind = { "up_sampling2d", "enlarges an image by repeating or interpolating pixels", settings,
              sizeof(up_settings) },
    .class_name = "UpSampling2D",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};

const cvy_layer_kind cvy_layer_resizing = {
    .kind = { "resizing", "resizes an image", resizing_rows, sizeof(resizing_settings) },
    .class_name = "Resizing",
    .plan = plan_resizing,
    .forward = forward,
    .backward = backward,
};
