/* Shears the image: rows move in proportion to their position, and so do columns, both in the same
 * random direction. Keras: RandomShear. */
#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list x_factor, y_factor;
    cvy_fill fill;
} shear_settings;

#define AT(member) offsetof(shear_settings, member)
static const cvy_setting settings[] = {
    { "x_factor", CVY_FLOAT_LIST, AT(x_factor), "0.1", 0, 1,
      "columns per row, +-f or [low;high] of either sign", 0, NULL },
    { "y_factor", CVY_FLOAT_LIST, AT(y_factor), "0", 0, 1,
      "rows per column, +-f or [low;high] of either sign", 0, NULL },
    CVY_FILL_ROWS(shear_settings),
    { 0 },
};

static cvy_status check(const void *config)
{
    const shear_settings *s = config;
    cvy_status status = cvy_factor_check("x_factor", &s->x_factor, 1);
    return status == CVY_OK ? cvy_factor_check("y_factor", &s->y_factor, 1) : status;
}

static void move(const void *config, cvy_dice *dice, const cvy_image_form *form, cvy_map *map,
                 cvy_fill *fill)
{
    const shear_settings *s = config;

    *map =
        cvy_draw_shear(dice, &s->x_factor, &s->y_factor, (double)form->height, (double)form->width);
    *fill = s->fill;
}

const cvy_augmentation_kind cvy_random_shear = {
    .kind = { .name = "random_shear",
              .summary = "shear",
              .settings = settings,
              .settings_size = sizeof(shear_settings) },
    .check = check,
    .move = move,
};
