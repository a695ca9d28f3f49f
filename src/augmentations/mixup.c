/* Blends the image with another one, and their labels: x = l x + (1 - l) x', with l from
 * Beta(alpha, alpha). Keras: MixUp. Source: Zhang et al., mixup: Beyond Empirical Risk Minimization
 * (ICLR 2018). */
#include <math.h>

#include "augmentations/augmentation.h"

typedef struct {
    double alpha;
} mixup_settings;

static const cvy_setting settings[] = {
    { "alpha", CVY_FLOAT, offsetof(mixup_settings, alpha), "0.2", 0, 1,
      "larger values mix the two images more equally", CVY_ABOVE_MIN, NULL },
    { 0 },
};

/* In multiples of 1/256, so that rounding is the same on every machine. */
static void draw(const void *config, cvy_dice *dice, const cvy_image_form *form,
                 cvy_mixture *mixture)
{
    const mixup_settings *s = config;

    (void)form;
    mixture->share = (float)floor(cvy_dice_beta(dice, s->alpha) * 256 + 0.5) / 256;
}

static void mix(const cvy_mixture *mixture, const cvy_image_form *form, uint8_t *image,
                const uint8_t *partner)
{
    const unsigned share = (unsigned)(mixture->share * 256);
    const size_t bytes = form->height * form->width * form->channels;

    for (size_t i = 0; i < bytes; i++)
        image[i] = (uint8_t)((image[i] * share + partner[i] * (256 - share) + 128) >> 8);
}

const cvy_augmentation_kind cvy_mixup = {
    .kind = { .name = "mixup",
              .summary = "blend with another image, and blend the labels",
              .settings = settings,
              .settings_size = sizeof(mixup_settings) },
    .draw = draw,
    .mix = mix,
};
