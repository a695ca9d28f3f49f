/* What a kind of augmentation provides, and how a list of them is applied to an image.
 *
 * Names, factors and fill modes are those of Keras's preprocessing layers. Images are bytes,
 * [height][width][channels]. Every random number is a function of seed, epoch and sample, so an image
 * comes out the same on any worker. Kinds that move pixels follow each other as one map, through which
 * the image is sampled once. */
#ifndef CVY_AUGMENTATIONS_AUGMENTATION_H
#define CVY_AUGMENTATIONS_AUGMENTATION_H

#include <stdint.h>

#include "augmentations/resample.h"
#include "base/random.h"
#include "base/settings.h"

enum { CVY_AUGMENTATIONS_MAX = 16 };

/* The random numbers of one sample, drawn one after the other: never two in one expression, whose
 * order would be the compiler's. */
typedef struct {
    cvy_random_stream stream;
    uint64_t position;
} cvy_dice;

/** In [0, 1). */
static inline float cvy_dice_unit(cvy_dice *dice)
{
    return cvy_random_unit_at(&dice->stream, dice->position++);
}

/** Uniform in [-f, f] of a factor "f", or in [low, high] of "[low;high]". */
double cvy_dice_factor(cvy_dice *dice, const cvy_float_list *factor);

/** A factor has one or two values, the second not below the first, all within +-limit. Returns
 *  CVY_ERR_SETTING. */
cvy_status cvy_factor_check(const char *name, const cvy_float_list *factor, double limit);

typedef struct {
    cvy_kind kind;
    cvy_status (*check)(const void *settings); /* what no row alone can say; may be NULL */

    /* One of the two. move: the map of this sample, from places in the result to places in the image,
     * and what lies outside. */
    void (*move)(const void *settings, cvy_dice *dice, const cvy_image_form *form, cvy_map *map,
                 cvy_fill *fill);
    /* change: the pixels, in place. work: cvy_augment_work_floats(form) floats. */
    void (*change)(const void *settings, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work);
} cvy_augmentation_kind;

extern const cvy_augmentation_kind cvy_random_translation, cvy_random_rotation, cvy_random_zoom,
    cvy_random_shear, cvy_random_flip, cvy_random_brightness, cvy_random_contrast,
    cvy_random_erasing, cvy_random_elastic;

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_augmentation_kinds[];

/* Augmentations in order, as they were asked for. */
typedef struct {
    size_t count;
    const cvy_augmentation_kind *kinds[CVY_AUGMENTATIONS_MAX];
    void *settings[CVY_AUGMENTATIONS_MAX];
    uint64_t seed;
} cvy_augmenter;

/** Read specs. Returns CVY_ERR_SETTING, CVY_ERR_MEMORY. Released with cvy_augmenter_release(), also
 *  after a failure. */
cvy_status cvy_augmenter_read(const char *const *specs, size_t count, uint64_t seed,
                              cvy_augmenter *augmenter);
void cvy_augmenter_release(cvy_augmenter *augmenter);

/** Floats of work that one image needs. */
size_t cvy_augment_work_floats(const cvy_image_form *form);

/**
 * The image as sample `sample` sees it in that epoch.
 * to    written; may not overlap `from`
 * work  cvy_augment_work_floats() floats
 * spare as large as an image
 */
void cvy_augment(const cvy_augmenter *augmenter, uint32_t epoch, uint64_t sample,
                 const cvy_image_form *form, const uint8_t *from, uint8_t *to, uint8_t *spare,
                 float *work);

/* Rows that kinds share. */
#define CVY_FILL_ROWS(s)                                                                           \
    { "fill_mode",                                                                                 \
      CVY_CHOICE,                                                                                  \
      offsetof(s, fill.mode),                                                                      \
      "reflect",                                                                                   \
      0,                                                                                           \
      0,                                                                                           \
      "what lies outside of the image",                                                            \
      0,                                                                                           \
      cvy_fill_modes },                                                                            \
        { "interpolation",  CVY_CHOICE, offsetof(s, fill.interpolation),                           \
          "bilinear",       0,          0,                                                         \
          "between pixels", 0,          cvy_interpolations },                                      \
    {                                                                                              \
        "fill_value", CVY_FLOAT, offsetof(s, fill.value), "0", 0, 255,                             \
            "of fill_mode constant, in pixels of 0 to 255", 0, NULL                                \
    }

#endif
