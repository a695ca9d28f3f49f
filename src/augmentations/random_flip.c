/* Mirrors the image, in each direction for half of the samples. Keras: RandomFlip. */
#include "augmentations/augmentation.h"

enum { HORIZONTAL, VERTICAL };

typedef struct {
    int mode;
} flip_settings;

static const char *const modes[] = { "horizontal", "vertical", "horizontal_and_vertical", NULL };

static const cvy_setting settings[] = {
    { "mode", CVY_CHOICE, offsetof(flip_settings, mode), "horizontal_and_vertical", 0, 0,
      "which way", 0, modes },
    { 0 },
};

static void swap(uint8_t *a, uint8_t *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const uint8_t kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static void change(const void *config, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work)
{
    const flip_settings *s = config;
    const size_t row = form->width * form->channels;
    const cvy_flips drawn = cvy_draw_flips(dice);
    const bool left_right = drawn.left_right && s->mode != VERTICAL;
    const bool up_down = drawn.up_down && s->mode != HORIZONTAL;

    (void)work;
    for (size_t y = 0; left_right && y < form->height; y++)
        for (size_t x = 0; x < form->width / 2; x++)
            swap(image + y * row + x * form->channels,
                 image + y * row + (form->width - 1 - x) * form->channels, form->channels);
    for (size_t y = 0; up_down && y < form->height / 2; y++)
        swap(image + y * row, image + (form->height - 1 - y) * row, row);
}

const cvy_augmentation_kind cvy_random_flip = {
    .kind = { .name = "random_flip",
              .summary = "mirror at random",
              .settings = settings,
              .settings_size = sizeof(flip_settings) },
    .change = change,
};
