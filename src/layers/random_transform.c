/* Augmentation inside a model: in training, flips, translates, rotates, zooms or shears each image
 * by a random amount; otherwise the identity. Keras 3's RandomFlip, RandomTranslation,
 * RandomRotation, RandomZoom and RandomShear. kernels/image_maps.h maps each output pixel to a
 * position in the input, which is interpolated; fill_mode fills what is outside. These layers come
 * before all layers that learn. */
#include <math.h>
#include <string.h>

#include "layers/augmenting.h"
#include "layers/weight_rows.h"

enum { FLIP_BOTH, FLIP_HORIZONTAL, FLIP_VERTICAL };

typedef struct {
    cvy_float_list height_factor, width_factor, factor;
    cvy_fill fill;
    int mode, data_format;
} transform_settings;

static const char *const modes[] = { "horizontal_and_vertical", "horizontal", "vertical", NULL };
static const char *const data_formats[] = { "channels_last", NULL };

#define AT(member) offsetof(transform_settings, member)
#define FILL_ROWS  CVY_LAYER_FILL_ROWS, CVY_DATA_FORMAT_ROW(data_formats)
#define FACTOR(name, member, fallback, help)                                                       \
    {                                                                                              \
        name, CVY_FLOAT_LIST, AT(member), fallback, -1, 1, help, 0, NULL                           \
    }
static const cvy_setting flip_rows[] = {
    { "mode", CVY_CHOICE, AT(mode), "horizontal_and_vertical", 0, 0, "direction", 0, modes },
    CVY_DATA_FORMAT_ROW(data_formats),
    { 0 },
};
static const cvy_setting translation_rows[] = {
    FACTOR("height_factor", height_factor, NULL,
           "largest shift as a fraction of the height, or [from;to]"),
    FACTOR("width_factor", width_factor, NULL,
           "largest shift as a fraction of the width, or [from;to]"),
    FILL_ROWS,
    { 0 },
};
static const cvy_setting rotation_rows[] = {
    FACTOR("factor", factor, NULL, "largest angle as a fraction of a full turn, or [from;to]"),
    FILL_ROWS,
    { 0 },
};
static const cvy_setting zoom_rows[] = {
    FACTOR("height_factor", height_factor, NULL,
           "largest change of the height as a fraction, or [from;to]"),
    FACTOR("width_factor", width_factor, "[0;0;0]",
           "the same for the width; [0;0;0]: as for the height"),
    FILL_ROWS,
    { 0 },
};

static const cvy_setting shear_rows[] = {
    FACTOR("x_factor", width_factor, "0", "largest shear in columns per row, or [from;to]"),
    FACTOR("y_factor", height_factor, "0", "largest shear in rows per column, or [from;to]"),
    FILL_ROWS,
    { 0 },
};

static cvy_status plan(const void *settings, cvy_shape in, cvy_layer_plan *plan)
{
    (void)settings;
    return cvy_augmenting_plan(in, plan);
}

typedef cvy_map map_function(const transform_settings *s, cvy_dice *dice, double width,
                             double height);

static cvy_map flip(const transform_settings *s, cvy_dice *dice, double width, double height)
{
    const cvy_flips drawn = cvy_draw_flips(dice);
    cvy_map map = cvy_map_identity();

    (void)width, (void)height;
    map.xx = s->mode != FLIP_VERTICAL && drawn.left_right ? -1 : 1;
    map.yy = s->mode != FLIP_HORIZONTAL && drawn.up_down ? -1 : 1;
    return map;
}

static cvy_map translate(const transform_settings *s, cvy_dice *dice, double width, double height)
{
    return cvy_draw_translation(dice, &s->height_factor, &s->width_factor, height, width);
}

static cvy_map rotate(const transform_settings *s, cvy_dice *dice, double width, double height)
{
    (void)width, (void)height;
    return cvy_draw_rotation(dice, &s->factor);
}

static cvy_map zoom(const transform_settings *s, cvy_dice *dice, double width, double height)
{
    (void)width, (void)height;
    return cvy_draw_zoom(dice, &s->height_factor,
                         s->width_factor.count == 3 ? NULL : &s->width_factor);
}

static cvy_map shear(const transform_settings *s, cvy_dice *dice, double width, double height)
{
    return cvy_draw_shear(dice, &s->width_factor, &s->height_factor, height, width);
}

static cvy_map map_of(const cvy_layer *layer, const cvy_pass *pass, map_function *function,
                      size_t sample)
{
    const double width = (double)layer->in.dims[1], height = (double)layer->in.dims[0];
    cvy_dice dice = cvy_layer_dice(layer, pass, sample);
    const cvy_map map = function(layer->settings, &dice, width, height);

    return cvy_map_from_corner(&map, width, height);
}

static void forward_by(const cvy_layer *layer, const cvy_pass *pass, map_function *function,
                       const float *x, float *y)
{
    const transform_settings *settings = layer->settings;
    const cvy_shape *shape = &layer->in;
    const size_t positions = shape->dims[0] * shape->dims[1];
    const cvy_range range = cvy_share_range(pass->share, positions, 1);

    for (size_t s = 0; pass->is_training && s < CVY_LANE; s++) {
        const cvy_map m = map_of(layer, pass, function, s);
        for (size_t p = range.begin; p < range.end; p++) {
            const double column = (double)(p % shape->dims[1]), row = (double)(p / shape->dims[1]);
            for (size_t c = 0; c < shape->dims[2]; c++)
                y[(c * positions + p) * CVY_LANE + s] = cvy_plane_at(
                    &settings->fill, shape, x + c * positions * CVY_LANE + s,
                    m.xx * column + m.xy * row + m.x0, m.yx * column + m.yy * row + m.y0);
        }
    }
    for (size_t c = 0; !pass->is_training && c < shape->dims[2]; c++)
        memcpy(y + (c * positions + range.begin) * CVY_LANE,
               x + (c * positions + range.begin) * CVY_LANE,
               (range.end - range.begin) * CVY_LANE * sizeof *y);
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
        .backward = cvy_augmenting_backward,                                                       \
        .is_augmentation = true,                                                                   \
    };

TRANSFORM(random_flip, "RandomFlip", flip_rows, flip, "flips images at random in training")
TRANSFORM(random_translation, "RandomTranslation", translation_rows, translate,
          "translates images at random in training")
TRANSFORM(random_rotation, "RandomRotation", rotation_rows, rotate,
          "rotates images at random in training")
TRANSFORM(random_zoom, "RandomZoom", zoom_rows, zoom, "zooms images at random in training")
TRANSFORM(random_shear, "RandomShear", shear_rows, shear, "shears images at random in training")
