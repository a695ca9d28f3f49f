/* Each pixel several times; or a larger image, bilinearly: the place o of the output is (o + 1/2) / size - 1/2 of
 * the input, between two pixels, or at the edge that one. Source: Keras 3, UpSampling2D. */
#include <math.h>
#include <string.h>

#include "layers/layer.h"
#include "layers/weight_rows.h"

enum { NEAREST, BILINEAR };

typedef struct {
    size_t size[2];
    int data_format, interpolation;
} up_settings;

static const char *const data_formats[] = { "channels_last", NULL };
static const char *const interpolations[] = { "nearest", "bilinear", NULL };

#define AT(member) offsetof(up_settings, member)
static const cvy_setting settings[] = {
    { "size", CVY_COUNT_PAIR, AT(size), "2", 1, 64, "times in rows and in columns", 0, NULL },
    CVY_DATA_FORMAT_ROW(data_formats),
    { "interpolation", CVY_CHOICE, AT(interpolation), "nearest", 0, 0, "between pixels", 0,
      interpolations },
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const up_settings *s = settings_of_layer;

    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    return cvy_shape_image(in.dims[0] * s->size[0], in.dims[1] * s->size[1], in.dims[2],
                           &plan->out);
}

/* Where a row or column of the output comes from: (1 - share) of the input's `first`, share of the next. */
typedef struct {
    size_t first, next;
    float share;
} between;

static between find_between(const up_settings *s, int side, size_t at, size_t size)
{
    if (s->interpolation == NEAREST)
        return (between){ at / s->size[side], at / s->size[side], 0 };
    const double place = ((double)at + 0.5) / (double)s->size[side] - 0.5;
    const double inside = place < 0 ? 0 : place;
    const size_t first = (size_t)inside;
    return (between){ first, first + 1 < size ? first + 1 : first,
                      (float)(inside - (double)first) };
}

/* The four pixels that one is made of, in the order above, below; left, right. */
typedef struct {
    size_t places[4];
    float shares[4];
} corners;

static corners find_corners(const up_settings *s, cvy_shape in, size_t row, size_t column)
{
    const between v = find_between(s, 0, row, in.dims[0]);
    const between h = find_between(s, 1, column, in.dims[1]);

    return (corners){ { v.first * in.dims[1] + h.first, v.first * in.dims[1] + h.next,
                        v.next * in.dims[1] + h.first, v.next * in.dims[1] + h.next },
                      { (1 - v.share) * (1 - h.share), (1 - v.share) * h.share,
                        v.share * (1 - h.share), v.share * h.share } };
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    const up_settings *s = layer->settings;
    const cvy_shape in = layer->in, out = layer->plan.out;
    const cvy_range range = cvy_share_range(pass->share, out.dims[2] * out.dims[0], 1);

    for (size_t row = range.begin; row < range.end; row++) /* of all channels */
        for (size_t column = 0; column < out.dims[1]; column++) {
            const corners c = find_corners(s, in, row % out.dims[0], column);
            const float *plane = x + row / out.dims[0] * in.dims[0] * in.dims[1] * CVY_LANE;
            float *to = y + (row * out.dims[1] + column) * CVY_LANE;
            if (s->interpolation == NEAREST) {
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

/* Shares are channels, whose pixels are added to in the order of the output's. */
static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    const up_settings *s = layer->settings;
    const cvy_shape in = layer->in, out = layer->plan.out;
    const size_t plane = in.dims[0] * in.dims[1], out_plane = out.dims[0] * out.dims[1];
    const cvy_range channels = cvy_share_range(pass->share, in.dims[2], 1);
    const size_t used = s->interpolation == NEAREST ? 1 : 4;

    (void)x, (void)dw;
    for (size_t c = channels.begin; c < channels.end; c++) {
        float *to = dx + c * plane * CVY_LANE;
        memset(to, 0, plane * CVY_LANE * sizeof *to);
        for (size_t p = 0; p < out_plane; p++) {
            const corners of = find_corners(s, in, p / out.dims[1], p % out.dims[1]);
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
