/* Replaces a rectangle of the image by that of another image; the labels are blended by area. The
 * rectangle has the image's proportions and the area 1 - l, with l from Beta(a, a) and a from 0 to
 * factor, as in Keras's CutMix.
 * Source: Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
 * Features (ICCV 2019). */
#include <math.h>
#include <string.h>

#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list factor;
} cutmix_settings;

static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT_LIST, offsetof(cutmix_settings, factor), "1", 0, 1,
      "a of Beta(a, a), from 0 to f or [low;high]; a small a replaces nearly all or nearly nothing",
      0, NULL },
    { 0 },
};

static cvy_status check(const void *config)
{
    const cutmix_settings *s = config;

    return cvy_factor_check("factor", &s->factor, 1);
}

static void draw(const void *config, cvy_dice *dice, const cvy_image_form *form,
                 cvy_mixture *mixture)
{
    const cutmix_settings *s = config;
    const double a = cvy_dice_fraction(dice, &s->factor) + 1e-6; /* as in Keras */
    const double side = sqrt(1 - cvy_dice_beta(dice, a));

    const cvy_box box = cvy_draw_box(dice, side, side, form->height, form->width);
    const double area = (double)((box.bottom - box.top) * (box.right - box.left));
    mixture->box = box;
    mixture->share = (float)(1 - area / (double)(form->height * form->width));
}

static void mix(const cvy_mixture *mixture, const cvy_image_form *form, uint8_t *image,
                const uint8_t *partner)
{
    const size_t row_bytes = form->width * form->channels;
    const size_t bytes = (mixture->box.right - mixture->box.left) * form->channels;

    for (size_t y = mixture->box.top; y < mixture->box.bottom; y++) {
        const size_t at = y * row_bytes + mixture->box.left * form->channels;
        memcpy(image + at, partner + at, bytes);
    }
}

const cvy_augmentation_kind cvy_cutmix = {
    .kind = { .name = "cutmix",
              .summary = "replace a rectangle by another image's, and blend the labels",
              .settings = settings,
              .settings_size = sizeof(cutmix_settings) },
    .check = check,
    .draw = draw,
    .mix = mix,
};
