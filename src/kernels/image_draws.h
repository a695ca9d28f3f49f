/* What Keras's random image layers draw for one sample, for the layers of a model and for --augment alike: the same
 * seed, epoch, sample and number of the augmentation give the same map, rectangle or field in both. Source: Keras 3,
 * RandomFlip, RandomTranslation, RandomRotation, RandomZoom, RandomShear, RandomErasing, RandomElasticTransform and
 * CutMix. */
#ifndef CVY_KERNELS_IMAGE_DRAWS_H
#define CVY_KERNELS_IMAGE_DRAWS_H

#include "base/random.h"
#include "kernels/image_maps.h"

/* The random numbers of one sample, drawn one after the other: never two in one expression, whose
 * order would be the compiler's. position begins at a multiple of 4. */
typedef struct {
    cvy_random_stream stream;
    uint64_t position;
    uint32_t words[4]; /* of the block that position lies in, unless it is a multiple of 4 */
    float spare;       /* the second of two normal numbers, if it is still to be given */
    bool has_spare;
} cvy_dice;

/** The numbers of augmentation `number` for a sample in an epoch. */
cvy_dice cvy_dice_of(uint64_t seed, uint32_t epoch, uint64_t sample, size_t number);

/** In [0, 1). */
static inline float cvy_dice_unit(cvy_dice *dice)
{
    if (dice->position % 4 == 0)
        cvy_random_words(&dice->stream, dice->position / 4, dice->words);
    return cvy_random_unit(dice->words[dice->position++ % 4]);
}

/** From the normal distribution: mean 0, deviation 1. */
float cvy_dice_normal(cvy_dice *dice);

/** Drawn from Beta(a, a), a in (0, 1]. */
double cvy_dice_beta(cvy_dice *dice, double a);

/** Uniform in [-f, f] of a factor "f", or in [low, high] of "[low;high]". */
double cvy_dice_factor(cvy_dice *dice, const cvy_float_list *factor);

/** Uniform in [0, f] of a factor "f" that cannot be negative, or in [low, high] of "[low;high]". */
double cvy_dice_fraction(cvy_dice *dice, const cvy_float_list *factor);

/** True with a probability that is drawn first, as a fraction. */
bool cvy_dice_chance(cvy_dice *dice, const cvy_float_list *factor);

typedef struct {
    bool left_right, up_down;
} cvy_flips;

cvy_flips cvy_draw_flips(cvy_dice *dice);

/* Maps of an image of that height and width; factors as their layers in Keras have them. */
cvy_map cvy_draw_translation(cvy_dice *dice, const cvy_float_list *height_factor,
                             const cvy_float_list *width_factor, double height, double width);
cvy_map cvy_draw_rotation(cvy_dice *dice, const cvy_float_list *factor);

/** width_factor: NULL to zoom the width as the height. */
cvy_map cvy_draw_zoom(cvy_dice *dice, const cvy_float_list *height_factor,
                      const cvy_float_list *width_factor);
cvy_map cvy_draw_shear(cvy_dice *dice, const cvy_float_list *x_factor,
                       const cvy_float_list *y_factor, double height, double width);

/* A rectangle: rows top .. bottom - 1, columns left .. right - 1. */
typedef struct {
    size_t top, bottom, left, right;
} cvy_box;

/** A rectangle of these parts of height and width, in [0, 1], anywhere in the image. */
cvy_box cvy_draw_box(cvy_dice *dice, double part_of_height, double part_of_width, size_t height,
                     size_t width);

/** The rectangle of RandomErasing, and whether the sample is changed at all. */
bool cvy_draw_erased(cvy_dice *dice, const cvy_float_list *factor, const cvy_float_list *scale,
                     size_t height, size_t width, cvy_box *box);

/** A value of it: fill_value, or if that is NaN normal noise times high, clipped to low .. high. */
double cvy_draw_erasure(cvy_dice *dice, double fill_value, double low, double high);

enum { CVY_FIELD_RADIUS_MAX = 48 }; /* of the Gaussian: three deviations of 16 pixels */

/* A smooth random field of displacements in one direction: noise, filtered by a Gaussian. */
typedef struct {
    double strength;  /* times the noise */
    double deviation; /* of the Gaussian, pixels; 0 < deviation <= 16 */
    size_t radius;    /* of the Gaussian, at most CVY_FIELD_RADIUS_MAX */
    bool is_normal;   /* the noise is normal, of deviation 1; else uniform in [-1, 1) */
} cvy_field;

/** Simard's: uniform noise times alpha. */
cvy_field cvy_field_simard(double alpha, double sigma);

/** RandomElasticTransform's for a scale in (0, 1]. */
cvy_field cvy_field_keras(double scale, size_t height, size_t width);

/**
 * Draw the field.
 * values  [height][width], written: pixels
 * copy    as many floats as the longer side has pixels
 */
void cvy_draw_field(cvy_dice *dice, const cvy_field *field, size_t height, size_t width,
                    float *values, float *copy);

#endif
