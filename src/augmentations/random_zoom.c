/* Enlarges (negative factors) or shrinks (positive ones) the image about its center. Keras:
 * RandomZoom. */
#include <math.h>

#include "augmentations/augmentation.h"

typedef struct {
    cvy_float_list height_factor, width_factor;
    bool keeps_aspect;
    cvy_fill fill;
} zoom_settings;

#define AT(member) offsetof(zoom_settings, member)
static const cvy_setting settings[] = {
    { "height_factor", CVY_FLOAT_LIST, AT(height_factor), "0.1", -0.9, 10,
      "a factor x shows 1 + x times the height; +-f or [low;high]", 0, NULL },
    { "width_factor", CVY_FLOAT_LIST, AT(width_factor), "0.1", -0.9, 10,
      "of the width; only without keep_aspect", 0, NULL },
    { "keep_aspect", CVY_BOOL, AT(keeps_aspect), "true", 0, 0,
      "zoom the width as the height (Keras: width_factor None)", 0, NULL },
    CVY_FILL_ROWS(zoom_settings),
    { 0 },
};

static cvy_status check_range(const char *name, const cvy_float_list *factor)
{
    cvy_status status = cvy_factor_check(name, factor, 10);
    const double low = factor->count > 1 ? factor->values[0] : -fabs(factor->values[0]);

    return status == CVY_OK && low <= -1
               ? cvy_fail(CVY_ERR_SETTING, "%s: found %g, expected more than -1", name, low)
               : status;
}

static cvy_status check(const void *config)
{
    const zoom_settings *s = config;
    cvy_status status = check_range("height_factor", &s->height_factor);
    return status == CVY_OK ? check_range("width_factor", &s->width_factor) : status;
}

static void move(const void *config, cvy_dice *dice, const cvy_image_form *form, cvy_map *map,
                 cvy_fill *fill)
{
    const zoom_settings *s = config;

    (void)form;
    *map = cvy_draw_zoom(dice, &s->height_factor, s->keeps_aspect ? NULL : &s->width_factor);
    *fill = s->fill;
}

const cvy_augmentation_kind cvy_random_zoom = {
    .kind = { .name = "random_zoom",
              .summary = "enlarge or shrink",
              .settings = settings,
              .settings_size = sizeof(zoom_settings) },
    .check = check,
    .move = move,
};
