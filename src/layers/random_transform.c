/* Augmentation inside a model: in training each image is flipped, moved, turned, zoomed or slanted by a
 * random amount; outside of training nothing happens. Keras 3's RandomFlip, RandomTranslation,
 * RandomRotation, RandomZoom and RandomShear: kernels/image_maps.h says where each pixel is taken from,
 * bilinearly, with what lies outside filled as fill_mode says. It precedes every layer that learns. */
#include <math.h>
#include <string.h>

#include "kernels/image_maps.h"
#include "layers/layer.h"
#include "layers/weight_rows.h"

enum { FLIP_BOTH, FLIP_HORIZONTAL, FLIP_VERTICAL };

typedef struct {
    cvy_float_list height_factor, width_factor, factor;
    int fill_mode, interpolation, mode, data_format;
    double fill_value;
} transform_settings;

static const char *const modes[] = { "horizontal_and_vertical", "horizontal", "vertical", NULL };
static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(transform_settings, member)
#define FILL_ROWS                                                                                  \
    { "fill_mode",         CVY_CHOICE, AT(fill_mode), "reflect", 0, 0,                             \
      "what lies outside", 0,          cvy_fill_modes },                                           \
        { "fill_value", CVY_FLOAT, AT(fill_value), "0",                                            \
          -HUGE_VAL,    HUGE_VAL,  "of constant",  CVY_ABOVE_MIN | CVY_BELOW_MAX,                  \
          NULL },                                                                                  \
        { "interpolation",  CVY_CHOICE, AT(interpolation), "bilinear", 0, 0,                       \
          "between pixels", 0,          cvy_interpolations },                                      \
        CVY_DATA_FORMAT_ROW(data_formats)
#define FACTOR(name, member, fallback, help)                                                       \
    {                                                                                              \
        name, CVY_FLOAT_LIST, AT(member), fallback, -1, 1, help, 0, NULL                           \
    }
static const cvy_setting flip_rows[] = {
    { "mode", CVY_CHOICE, AT(mode), "horizontal_and_vertical", 0, 0, "which way", 0, modes },
    CVY_DATA_FORMAT_ROW(data_formats),
    { 0 },
};
static const cvy_setting translation_rows[] = {
    FACTOR("height_factor", height_factor, NULL, "up to so much of the height, or [from;to]"),
    FACTOR("width_factor", width_factor, NULL,
           "of the width: a range, or a fraction for both directions"),
    FILL_ROWS,
    { 0 },
};
static const cvy_setting rotation_rows[] = {
    FACTOR("factor", factor, NULL, "up to so many whole turns, or [from;to]"),
    FILL_ROWS,
    { 0 },
};
static const cvy_setting zoom_rows[] = {
    FACTOR("height_factor", height_factor, NULL, "up to so much larger or smaller, or [from;to]"),
    FACTOR("width_factor", width_factor, "[0;0;0]",
           "of the width, as height_factor; [0;0;0]: as the height"),
    FILL_ROWS,
    { 0 },
};

static const cvy_setting shear_rows[] = {
    FACTOR("x_factor", width_factor, "0", "columns per row, up to so many, or [from;to]"),
    FACTOR("y_factor", height_factor, "0", "rows per column, as x_factor"),
    FILL_ROWS,
    { 0 },
};

static cvy_status plan(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings;
    if (in.rank != 3)
        return cvy_fail(CVY_ERR_SHAPE, "its input is a vector of %zu values, expected an image",
                        in.dims[0]);
    plan->out = in;
    return CVY_OK;
}

typedef cvy_map map_function(const transform_settings *s, double width, double height,
                             const uint32_t words[4]);

static double draw(const cvy_float_list *factor, uint32_t word)
{
    return cvy_factor_at(factor, (double)cvy_random_unit(word));
}

static cvy_map flip(const transform_settings *s, double width, double height,
                    const uint32_t words[4])
{
    cvy_map map = cvy_map_identity();

    (void)width, (void)height;
    map.xx = s->mode != FLIP_VERTICAL && words[0] >> 31 ? -1 : 1;
    map.yy = s->mode != FLIP_HORIZONTAL && words[1] >> 31 ? -1 : 1;
    return map;
}

static cvy_map translate(const transform_settings *s, double width, double height,
                         const uint32_t words[4])
{
    return cvy_map_moved(draw(&s->width_factor, words[0]) * width,
                         draw(&s->height_factor, words[1]) * height);
}

static cvy_map rotate(const transform_settings *s, double width, double height,
                      const uint32_t words[4])
{
    (void)width, (void)height;
    return cvy_map_turned(draw(&s->factor, words[0]));
}

static cvy_map zoom(const transform_settings *s, double width, double height,
                    const uint32_t words[4])
{
    const double by_height = draw(&s->height_factor, words[0]);

    (void)width, (void)height;
    return cvy_map_zoomed(s->width_factor.count == 3 ? by_height : draw(&s->width_factor, words[1]),
                          by_height);
}

static cvy_map shear(const transform_settings *s, double width, double height,
                     const uint32_t words[4])
{
    const double sign = words[2] >> 31 ? -1 : 1;

    return cvy_map_sheared(sign * draw(&s->width_factor, words[0]),
                           sign * draw(&s->height_factor, words[1]), width, height);
}

static float pixel(const transform_settings *s, const cvy_shape *shape, const float *plane, long x,
                   long y)
{
    const long column = cvy_fill_fold(x, (long)shape->dims[1], s->fill_mode);
    const long row = cvy_fill_fold(y, (long)shape->dims[0], s->fill_mode);

    if (column < 0 || row < 0)
        return (float)s->fill_value;
    return plane[((size_t)row * shape->dims[1] + (size_t)column) * CVY_LANE];
}

static float sample_at(const transform_settings *s, const cvy_shape *shape, const float *plane,
                       double x, double y)
{
    if (s->interpolation == 1)
        return pixel(s, shape, plane, lround(x), lround(y));
    const double left = floor(x), top = floor(y);
    const float h = (float)(x - left), v = (float)(y - top);
    const long column = (long)left, row = (long)top;
    const float above =
        pixel(s, shape, plane, column, row) * (1 - h) + pixel(s, shape, plane, column + 1, row) * h;
    const float below = pixel(s, shape, plane, column, row + 1) * (1 - h) +
                        pixel(s, shape, plane, column + 1, row + 1) * h;
    return above * (1 - v) + below * v;
}

/* What a sample draws depends on its place in the epoch alone. */
static cvy_map map_of(const cvy_layer *layer, const cvy_pass *pass, map_function *function,
                      size_t sample)
{
    const cvy_dropout_stream *drawn = pass->dropout;
    const cvy_random_stream stream = { (uint64_t)drawn->key[1] << 32 | drawn->key[0],
                                       drawn->purpose | (uint32_t)(layer->index + 1) << 8,
                                       drawn->major };
    uint32_t words[4];

    cvy_random_words(&stream, drawn->position[sample], words);
    const double width = (double)layer->in.dims[1], height = (double)layer->in.dims[0];
    const cvy_map map = function(layer->settings, width, height, words);
    return cvy_map_from_corner(&map, width, height);
}

static void forward_by(const cvy_layer *layer, const cvy_pass *pass, map_function *function,
                       const float *x, float *y)
{
    const cvy_shape *shape = &layer->in;
    const size_t positions = shape->dims[0] * shape->dims[1];
    const cvy_range range = cvy_share_range(pass->share, positions, 1);

    for (size_t s = 0; pass->is_training && s < CVY_LANE; s++) {
        const cvy_map m = map_of(layer, pass, function, s);
        for (size_t p = range.begin; p < range.end; p++) {
            const double column = (double)(p % shape->dims[1]), row = (double)(p / shape->dims[1]);
            for (size_t c = 0; c < shape->dims[2]; c++)
                y[(c * positions + p) * CVY_LANE + s] =
                    sample_at(layer->settings, shape, x + c * positions * CVY_LANE + s,
                              m.xx * column + m.xy * row + m.x0, m.yx * column + m.yy * row + m.y0);
        }
    }
    for (size_t c = 0; !pass->is_training && c < shape->dims[2]; c++)
        memcpy(y + (c * positions + range.begin) * CVY_LANE,
               x + (c * positions + range.begin) * CVY_LANE,
               (range.end - range.begin) * CVY_LANE * sizeof *y);
}

/* No layer before an augmentation learns: architecture.c refuses such a model. */
static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    (void)layer, (void)pass, (void)x, (void)dy, (void)dx, (void)dw;
}

#define TRANSFORM(id, class, rows, function, text)                                                 \
    static void id##_forward(const cvy_layer *layer, const cvy_pass *pass, const float *x,         \
                             float *y)                                                             \
    {                                                                                              \
        forward_by(layer, pass, function, x, y);                                                   \
    }                                                                                              \
    const cvy_layer_kind cvy_layer_##id = {                                                        \
        .kind = { #id, text, rows, sizeof(transform_settings) },                                   \
        .class_name = class,                                                                       \
        .plan = plan,                                                                              \
        .forward = id##_forward,                                                                   \
        .backward = backward,                                                                      \
        .is_augmentation = true,                                                                   \
    };

TRANSFORM(random_flip, "RandomFlip", flip_rows, flip, "images flipped at random in training")
TRANSFORM(random_translation, "RandomTranslation", translation_rows, translate,
          "images moved at random in training")
TRANSFORM(random_rotation, "RandomRotation", rotation_rows, rotate,
          "images turned at random in training")
TRANSFORM(random_zoom, "RandomZoom", zoom_rows, zoom, "images zoomed at random in training")
TRANSFORM(random_shear, "RandomShear", shear_rows, shear, "images slanted at random in training")
