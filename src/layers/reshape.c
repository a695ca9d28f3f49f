/* Gives the values, in Keras's order of row, column and channel, another shape: an image or a
 * vector. Two numbers mean an image with one channel. Source: Keras 3, Reshape. */
#include <string.h>

#include "layers/layer.h"

typedef struct {
    cvy_float_list target_shape;
} reshape_settings;

static const cvy_setting settings[] = {
    { "target_shape", CVY_FLOAT_LIST, offsetof(reshape_settings, target_shape), NULL, -1,
      CVY_FEATURES_MAX, "sides; -1: inferred", 0, NULL },
    { 0 },
};

static cvy_status plan(const void *settings_of_layer, cvy_shape in, cvy_layer_plan *plan)
{
    const cvy_float_list *target = &((const reshape_settings *)settings_of_layer)->target_shape;
    size_t sides[3] = { 1, 1, 1 }, known = 1, unknown = 0, left = 0;

    if (target->count > 3)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "target_shape: found %zu numbers, expected 1 to 3",
                        target->count);
    for (size_t i = 0; i < target->count; i++) {
        const double side = target->values[i];
        if (side == -1) {
            unknown++;
            left = i;
        } else if (side < 1 || side != (double)(size_t)side ||
                   __builtin_mul_overflow(known, (size_t)side, &known)) {
            return cvy_fail(CVY_ERR_SETTING, "target_shape: found %g, expected whole numbers",
                            side);
        } else {
            sides[i] = (size_t)side;
        }
    }
    if (unknown == 1 && cvy_shape_count(in) % known == 0)
        sides[left] = cvy_shape_count(in) / known;
    if (unknown > 1 || sides[0] * sides[1] * sides[2] != cvy_shape_count(in))
        return cvy_fail(CVY_ERR_SHAPE, "target_shape does not hold the input's %zu values",
                        cvy_shape_count(in));
    return target->count == 1 ? cvy_shape_vector(sides[0], &plan->out)
                              : cvy_shape_image(sides[0], sides[1], sides[2], &plan->out);
}

/* The position in the lane of value `index` in Keras's order. */
static size_t place_of(cvy_shape shape, size_t index)
{
    if (shape.rank != 3)
        return index;
    return index % shape.dims[2] * shape.dims[0] * shape.dims[1] + index / shape.dims[2];
}

static void move(cvy_share share, cvy_shape from_shape, cvy_shape to_shape, const float *from,
                 float *to)
{
    const cvy_range range = cvy_share_range(share, cvy_shape_count(from_shape), 1);

    for (size_t i = range.begin; i < range.end; i++)
        memcpy(to + place_of(to_shape, i) * CVY_LANE, from + place_of(from_shape, i) * CVY_LANE,
               CVY_LANE * sizeof *to);
}

static void forward(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y)
{
    move(pass->share, layer->in, layer->plan.out, x, y);
}

static void backward(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw)
{
    (void)x, (void)dw;
    move(pass->share, layer->plan.out, layer->in, dy, dx);
}

const cvy_layer_kind cvy_layer_reshape = {
    .kind = { "reshape", "the same values in another shape", settings, sizeof(reshape_settings) },
    .class_name = "Reshape",
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
