/* Shared parts of the layers that change images at random: the random numbers of a sample, a pixel
 * at any position, and planning. */
#ifndef CVY_LAYERS_AUGMENTING_H
#define CVY_LAYERS_AUGMENTING_H

#include "kernels/image_draws.h"
#include "layers/layer.h"

/** The random numbers of sample s of the lane: the same streams as for `--augment`, whose
 *  augmentations come first. */
cvy_dice cvy_layer_dice(const cvy_layer *layer, const cvy_pass *pass, size_t s);

/** Plan an output image of the input's size. Returns CVY_ERR_SHAPE. */
cvy_status cvy_augmenting_plan(cvy_shape in, cvy_layer_plan *plan);

/** Check value_range, and plan for pixels in that range. Returns CVY_ERR_SETTING. */
cvy_status cvy_augmenting_plan_range(const cvy_float_list *value_range, cvy_layer_plan *plan);
/** Check that a factor has one or two numbers. Returns CVY_ERR_SETTING. */
cvy_status cvy_augmenting_check(const char *name, const cvy_float_list *factor);

/** The samples that belong to a share. */
cvy_range cvy_share_samples(cvy_share share);

/** The value of one sample's plane at (x, y), measured from the upper left pixel. plane:
 *  [height][width][LANE]. */
float cvy_plane_at(const cvy_fill *fill, const cvy_shape *shape, const float *plane, double x,
                   double y);

/** Does nothing: architecture.c ensures that no layer before an augmentation learns. */
void cvy_augmenting_backward(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, float *dx, float *dw);

/* Rows of settings that these layers share. AT(member) is the offset in the layer's own struct. */
#define CVY_VALUE_RANGE_ROW                                                                        \
    {                                                                                              \
        "value_range", CVY_FLOAT_LIST, AT(value_range), "[0;255]", -HUGE_VAL, HUGE_VAL,            \
            "range of pixel values", CVY_ABOVE_MIN | CVY_BELOW_MAX, NULL                           \
    }
#define CVY_LAYER_FILL_ROWS                                                                        \
    { "fill_mode",                                                                                 \
      CVY_CHOICE,                                                                                  \
      AT(fill.mode),                                                                               \
      "reflect",                                                                                   \
      0,                                                                                           \
      0,                                                                                           \
      "how the outside of the image is filled",                                                    \
      0,                                                                                           \
      cvy_fill_modes },                                                                            \
        { "fill_value",                                                                            \
          CVY_FLOAT,                                                                               \
          AT(fill.value),                                                                          \
          "0",                                                                                     \
          -HUGE_VAL,                                                                               \
          HUGE_VAL,                                                                                \
          "value of fill_mode=constant",                                                           \
          CVY_ABOVE_MIN | CVY_BELOW_MAX,                                                           \
          NULL },                                                                                  \
    {                                                                                              \
        "interpolation", CVY_CHOICE, AT(fill.interpolation), "bilinear", 0, 0,                     \
            "interpolation between pixels", 0, cvy_interpolations                                  \
    }

#endif
