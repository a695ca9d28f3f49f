/* Random draws of Keras's random image layers for one sample, both for layers of a model and for
 * --augment: the same seed, epoch, sample and augmentation number give the same map, rectangle or
 * field. Source: Keras 3, RandomFlip, RandomTranslation, RandomRotation, RandomZoom, RandomShear,
 * RandomErasing, RandomElasticTransform and CutMix. */
#ifndef CVY_KERNELS_IMAGE_DRAWS_H
#define CVY_KERNELS_IMAGE_DRAWS_H

#include "base/random.h"
#include "kernels/image_maps.h"

/* The random numbers of one sample, drawn one after another. Never draw two in one expression,
 * since the compiler would choose their order. position starts at a multiple of 4. */
typedef struct {
    cvy_random_stream stream;
    uint64_t position;
    uint32_t words[4]; /* the block at position, unless position is a multiple of 4 */
    float spare;       /* the second of two normal numbers, if has_spare */
    bool has_spare;
} cvy_dice;

/** The random numbers of augmentation `number` for a sample in an epoch. */
cvy_dice cvy_dice_of(uint64_t seed, uint32_t epoch, uint64_t sample, size_t number);

/** Draw uniformly from [0, 1). */
static inline float cvy_dice_unit(cvy_dice *dice)
{
    if (dice->position % 4 == 0)
        cvy_random_words(&dice->stream, dice->position / 4, dice->words);
    return cvy_random_unit(dice->words[dice->position++ % 4]);
}

/** Draw from the standard normal distribution. */
float cvy_dice_normal(cvy_dice *dice);

/** Draw from Beta(a, a), a in (0, 1]. */
double cvy_dice_beta(cvy_dice *dice, double a);

/** Draw uniformly from [-f, f] for a factor "f", or from [low, high] for "[low;high]". */
double cvy_dice_factor(cvy_dice *dice, const cvy_float_list *factor);

/** Draw uniformly from [0, f] for a factor "f" that cannot be negative, or from [low,
 *  high] for "[low;high]". */
double cvy_dice_fraction(cvy_dice *dice, const cvy_float_list *factor);

/** Draw a probability as a fraction, then return true with that probability. */
bool cvy_dice_chance(cvy_dice *dice, const cvy_float_list *factor);

typedef struct {
    bool left_right, up_down;
} cvy_flips;

cvy_flips cvy_draw_flips(cvy_dice *dice);

/* Draw a map of an image with this height and width. Factors are those of the Keras layers. */
cvy_map cvy_draw_translation(cvy_dice *dice, const cvy_float_list *height_factor,
                             const cvy_float_list *width_factor, double height, double width);
cvy_map cvy_draw_rotation(cvy_dice *dice, const cvy_float_list *factor);

/** width_factor: NULL to zoom width and height alike. */
cvy_map cvy_draw_zoom(cvy_dice *dice, const cvy_float_list *height_factor,
                      const cvy_float_list *width_factor);
cvy_map cvy_draw_shear(cvy_dice *dice, const cvy_float_list *x_factor,
                       const cvy_float_list *y_factor, double height, double width);

/* A rectangle: rows top .. bottom - 1, columns left .. right - 1. */
typedef struct {
    size_t top, bottom, left, right;
} cvy_box;

/** Draw a rectangle that covers these parts, in [0, 1], of height and width,
 *  anywhere in the image. */
cvy_box cvy_draw_box(cvy_dice *dice, double part_of_height, double part_of_width, size_t height,
                     size_t width);

/** Draw the rectangle of RandomErasing. Return false if the sample does not change. */
bool cvy_draw_erased(cvy_dice *dice, const cvy_float_list *factor, const cvy_float_list *scale,
                     size_t height, size_t width, cvy_box *box);

/** Draw a value of that rectangle: fill_value or, if that is NaN, normal noise times high, clipped
 *  to low .. high. */
double cvy_draw_erasure(cvy_dice *dice, double fill_value, double low, double high);

enum { CVY_FIELD_RADIUS_MAX = 48 }; /* of the Gaussian: 3 standard deviations of 16 pixels */

/* A smooth random field of displacements in one direction: noise filtered by a Gaussian. */
typedef struct {
    double strength;  /* factor of the noise */
    double deviation; /* standard deviation of the Gaussian, pixels; 0 < deviation <= 16 */
    size_t radius;    /* of the Gaussian, at most CVY_FIELD_RADIUS_MAX */
    bool is_normal;   /* the noise is standard normal; else uniform in [-1, 1) */
} cvy_field;

/** Simard's field: uniform noise times alpha. */
cvy_field cvy_field_simard(double alpha, double sigma);

/** The field of RandomElasticTransform for a scale in (0, 1]. */
cvy_field cvy_field_keras(double scale, size_t height, size_t width);

/**
 * Draw a field.
 * values  [height][width], written: displacements in pixels
 * copy    scratch, one float per pixel of the longer side
 */
void cvy_draw_field(cvy_dice *dice, const cvy_field *field, size_t height, size_t width,
                    float *values, float *copy);

#endif
