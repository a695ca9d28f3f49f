/* The interface of an augmentation, and how a list of them is applied to an image.
 *
 * Names, factors and fill modes are Keras's (preprocessing layers). Images are bytes,
 * [height][width][channels]. Every random number is a function of seed, epoch and sample, so the
 * result does not depend on the worker. Consecutive augmentations that move pixels are combined
 * into one map, through which the image is sampled once. */
#ifndef CVY_AUGMENTATIONS_AUGMENTATION_H
#define CVY_AUGMENTATIONS_AUGMENTATION_H

#include <stdint.h>

#include "augmentations/resample.h"
#include "kernels/image_draws.h"

enum { CVY_AUGMENTATIONS_MAX = 16 };

/** Check that a factor has one or two values, the second not below the first, all within +-limit.
 *  Returns CVY_ERR_SETTING. */
cvy_status cvy_factor_check(const char *name, const cvy_float_list *factor, double limit);

/* How a sample is mixed with another image, its partner. */
typedef struct {
    size_t partner; /* index of the image */
    float share;    /* weight of the sample's label; the partner's has the rest */
    cvy_box box;    /* of the partner's pixels, if a box is used */
} cvy_mixture;

typedef struct {
    cvy_kind kind;
    cvy_status (*check)(const void *settings); /* checks across rows; may be NULL */

    /* One of the three is set. move: the map of this sample, from places in the result to places in
     * the image, and the fill outside the image. */
    void (*move)(const void *settings, cvy_dice *dice, const cvy_image_form *form, cvy_map *map,
                 cvy_fill *fill);
    /* change: changes pixels in place. work: cvy_augment_work_floats(form) floats. */
    void (*change)(const void *settings, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work);
    /* mix: mixes the partner's pixels into the image, as draw() decided without pixels. */
    void (*draw)(const void *settings, cvy_dice *dice, const cvy_image_form *form,
                 cvy_mixture *mixture);
    void (*mix)(const cvy_mixture *mixture, const cvy_image_form *form, uint8_t *image,
                const uint8_t *partner);
} cvy_augmentation_kind;

extern const cvy_augmentation_kind cvy_random_translation, cvy_random_rotation, cvy_random_zoom,
    cvy_random_shear, cvy_random_flip, cvy_random_brightness, cvy_random_contrast,
    cvy_random_erasing, cvy_random_elastic, cvy_random_elastic_transform, cvy_mixup, cvy_cutmix;

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_augmentation_kinds[];

/* The requested augmentations, in order. */
typedef struct {
    size_t count;
    const cvy_augmentation_kind *kinds[CVY_AUGMENTATIONS_MAX];
    void *settings[CVY_AUGMENTATIONS_MAX];
    size_t mixing; /* index of the one that mixes, at most one; count: none */
    uint64_t seed;
} cvy_augmenter;

/** Read specs. Returns CVY_ERR_SETTING, CVY_ERR_MEMORY. Released with cvy_augmenter_release(), also
 *  after a failure. */
cvy_status cvy_augmenter_read(const char *const *specs, size_t count, uint64_t seed,
                              cvy_augmenter *augmenter);
void cvy_augmenter_release(cvy_augmenter *augmenter);

/** Append one more. Returns as cvy_augmenter_read(). */
cvy_status cvy_augmenter_add(cvy_augmenter *augmenter, const char *spec);

/** The number of work floats that one image needs. */
size_t cvy_augment_work_floats(const cvy_image_form *form);

/** Whether samples are mixed with others. */
static inline bool cvy_augmenter_mixes(const cvy_augmenter *augmenter)
{
    return augmenter->mixing < augmenter->count;
}

/** How a sample is mixed in an epoch with one of `count` images; only if cvy_augmenter_mixes(). */
cvy_mixture cvy_augment_draw(const cvy_augmenter *augmenter, uint32_t epoch, uint64_t sample,
                             size_t count, const cvy_image_form *form);

/* The partner of a mixed sample. */
typedef struct {
    cvy_mixture mixture;
    const uint8_t *image;
    uint8_t *buffer; /* as large as an image */
} cvy_partner;

/**
 * Augment the image for sample `sample` in an epoch.
 * partner  the image to mix with, which first goes through the augmentations before the mix; NULL
 *          if nothing is mixed
 * to       written; must not overlap `from`
 * spare    as large as an image
 * work     cvy_augment_work_floats() floats
 */
void cvy_augment(const cvy_augmenter *augmenter, uint32_t epoch, uint64_t sample,
                 const cvy_image_form *form, const uint8_t *from, const cvy_partner *partner,
                 uint8_t *to, uint8_t *spare, float *work);

/* Rows that kinds share. */
#define CVY_CHANCE_HELP "probability of a change, drawn from 0 to f, or from [low;high]"
#define CVY_FILL_ROWS(s)                                                                           \
    { "fill_mode",                                                                                 \
      CVY_CHOICE,                                                                                  \
      offsetof(s, fill.mode),                                                                      \
      "reflect",                                                                                   \
      0,                                                                                           \
      0,                                                                                           \
      "how the area outside the image is filled",                                                  \
      0,                                                                                           \
      cvy_fill_modes },                                                                            \
        { "interpolation",  CVY_CHOICE, offsetof(s, fill.interpolation),                           \
          "bilinear",       0,          0,                                                         \
          "between pixels", 0,          cvy_interpolations },                                      \
    {                                                                                              \
        "fill_value", CVY_FLOAT, offsetof(s, fill.value), "0", 0, 255,                             \
            "pixel value for fill_mode constant, 0 to 255", 0, NULL                                \
    }

#endif
