/* Moves the image down and to the right by random fractions of its height and width. Keras:
 * RandomTranslation. */
#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list height_factor, width_factor;
    cvy_fill fill;
} translation_settings;

#define AT(member) offsetof(translation_settings, member)
static const cvy_setting settings[] = {
    { "height_factor", CVY_FLOAT_LIST, AT(height_factor), "0.1", -1, 1,
      "fraction of the height, +-f or [low;high]", 0, NULL },
    { "width_factor", CVY_FLOAT_LIST, AT(width_factor), "0.1", -1, 1,
      "fraction of the width, +-f or [low;high]", 0, NULL },
    CVY_FILL_ROWS(translation_settings),
    { 0 },
};

static cvy_status check(const void *config)
{
    const translation_settings *s = config;
    cvy_status status = cvy_factor_check("height_factor", &s->height_factor, 1);
    return status == CVY_OK ? cvy_factor_check("width_factor", &s->width_factor, 1) : status;
}

static void move(const void *config, cvy_dice *dice, const cvy_image_form *form, cvy_map *map,
                 cvy_fill *fill)
{
    const translation_settings *s = config;

    *map = cvy_draw_translation(dice, &s->height_factor, &s->width_factor, (double)form->height,
                                (double)form->width);
    *fill = s->fill;
}

const cvy_augmentation_kind cvy_random_translation = {
    .kind = { .name = "random_translation",
              .summary = "move by random fractions of the height and width",
              .settings = settings,
              .settings_size = sizeof(translation_settings) },
    .check = check,
    .move = move,
};
