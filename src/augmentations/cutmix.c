/* A rectangle of the image replaced by that of another one; the labels are blended by area. The rectangle
 * has the image's proportions and the area 1 - l before it is cut at the edges, l drawn from Beta(factor,
 * factor). Keras: CutMix. Source: Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers
 * with Localizable Features (ICCV 2019). */
#include <math.h>
#include <string.h>

#include "augmentations/augmentation.h"

typedef struct {
    double factor;
} cutmix_settings;

static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT, offsetof(cutmix_settings, factor), "1", 0.05, 1,
      "1: every area is as likely; less: rather all or nothing", 0, NULL },
    { 0 },
};

/* Where an interval of that length about a random middle begins and ends within 0 .. size. */
static void cut(cvy_dice *dice, size_t size, double length, size_t *begin, size_t *end)
{
    const double middle = (double)cvy_dice_unit(dice) * (double)size;

    *begin = (size_t)fmax(0, floor(middle - length / 2 + 0.5));
    *end = (size_t)fmin((double)size, floor(middle + length / 2 + 0.5));
    *end = *end > *begin ? *end : *begin;
}

static void draw(const void *config, cvy_dice *dice, const cvy_image_form *form,
                 cvy_mixture *mixture)
{
    const cutmix_settings *s = config;
    const double side = sqrt(1 - cvy_dice_beta(dice, s->factor));

    cut(dice, form->height, side * (double)form->height, &mixture->top, &mixture->bottom);
    cut(dice, form->width, side * (double)form->width, &mixture->left, &mixture->right);
    const double area =
        (double)((mixture->bottom - mixture->top) * (mixture->right - mixture->left));
    mixture->share = (float)(1 - area / (double)(form->height * form->width));
}

static void mix(const cvy_mixture *mixture, const cvy_image_form *form, uint8_t *image,
                const uint8_t *partner)
{
    const size_t row_bytes = form->width * form->channels;
    const size_t bytes = (mixture->right - mixture->left) * form->channels;

    for (size_t y = mixture->top; y < mixture->bottom; y++) {
        const size_t at = y * row_bytes + mixture->left * form->channels;
        memcpy(image + at, partner + at, bytes);
    }
}

const cvy_augmentation_kind cvy_cutmix = {
    .kind = { .name = "cutmix",
              .summary = "a rectangle replaced by another image's, and the labels blended",
              .settings = settings,
              .settings_size = sizeof(cutmix_settings) },
    .draw = draw,
    .mix = mix,
};
