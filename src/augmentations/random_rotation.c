/* Rotates the image about its center, counter-clockwise, by a random fraction of a full turn.
 * Keras: RandomRotation. */
#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list factor;
    cvy_fill fill;
} rotation_settings;

#define AT(member) offsetof(rotation_settings, member)
static const cvy_setting settings[] = {
    { "factor", CVY_FLOAT_LIST, AT(factor), "0.03", -1, 1,
      "fraction of a full turn, +-f or [low;high]", 0, NULL },
    CVY_FILL_ROWS(rotation_settings),
    { 0 },
};

static cvy_status check(const void *config)
{
    const rotation_settings *s = config;
    return cvy_factor_check("factor", &s->factor, 1);
}

static void move(const void *config, cvy_dice *dice, const cvy_image_form *form, cvy_map *map,
                 cvy_fill *fill)
{
    const rotation_settings *s = config;

    (void)form;
    *map = cvy_draw_rotation(dice, &s->factor);
    *fill = s->fill;
}

const cvy_augmentation_kind cvy_random_rotation = {
    .kind = { .name = "random_rotation",
              .summary = "rotate by a random fraction of a full turn",
              .settings = settings,
              .settings_size = sizeof(rotation_settings) },
    .check = check,
    .move = move,
};
