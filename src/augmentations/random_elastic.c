/* Elastic distortion: displaces every pixel by a smooth random field (kernels/image_draws.h).
 *     random_elastic            uniform noise filtered by a Gaussian of deviation sigma and
 *                               multiplied by alpha. Source: Simard, Steinkraus and Platt, Best
 *                               Practices for Convolutional Neural Networks Applied to Visual
 *                               Document Analysis (ICDAR 2003)
 *     random_elastic_transform  Keras's RandomElasticTransform: alpha and sigma in proportion to the
 *                               image's sides, and to a scale drawn for each sample (in Keras for
 *                               each batch) */
#include <math.h>
#include <string.h>

#include "augmentations/augmentation.h"

typedef struct {
    double alpha, sigma;
    cvy_fill fill;
} simard_settings;

typedef struct {
    cvy_float_list factor, scale;
    cvy_fill fill;
} keras_settings;

static const cvy_setting simard_rows[] = {
    { "alpha", CVY_FLOAT, offsetof(simard_settings, alpha), "34", 0, 10000,
      "strength of the field, in pixels", 0, NULL },
    { "sigma", CVY_FLOAT, offsetof(simard_settings, sigma), "4", 0.5, 16,
      "deviation of the Gaussian, in pixels", 0, NULL },
    CVY_FILL_ROWS(simard_settings),
    { 0 },
};
static const cvy_setting keras_rows[] = {
    { "factor", CVY_FLOAT_LIST, offsetof(keras_settings, factor), "1", 0, 1, CVY_CHANCE_HELP, 0,
      NULL },
    { "scale", CVY_FLOAT_LIST, offsetof(keras_settings, scale), "1", 0, 1,
      "strength, from 0 to f or [low;high]", 0, NULL },
    CVY_FILL_ROWS(keras_settings),
    { 0 },
};

static void displace(const cvy_field *field, const cvy_fill *fill, cvy_dice *dice,
                     const cvy_image_form *form, uint8_t *image, float *work)
{
    const size_t count = form->height * form->width;
    float *dx = work, *dy = work + count, *copy = work + 3 * count;
    uint8_t *before = (uint8_t *)(work + 2 * count); /* at most 3 channels: 3 of 4 bytes */

    cvy_draw_field(dice, field, form->height, form->width, dx, copy);
    cvy_draw_field(dice, field, form->height, form->width, dy, copy);
    memcpy(before, image, count * form->channels);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < form->channels; c++)
            image[i * form->channels + c] =
                (uint8_t)lroundf(cvy_sample_at(form, fill, before, (float)(i % form->width) + dx[i],
                                               (float)(i / form->width) + dy[i], c));
}

static void change_as_simard(const void *config, cvy_dice *dice, const cvy_image_form *form,
                             uint8_t *image, float *work)
{
    const simard_settings *s = config;
    const cvy_field field = cvy_field_simard(s->alpha, s->sigma);

    displace(&field, &s->fill, dice, form, image, work);
}

static cvy_status check_as_keras(const void *config)
{
    const keras_settings *s = config;
    cvy_status status = cvy_factor_check("factor", &s->factor, 1);

    return status == CVY_OK ? cvy_factor_check("scale", &s->scale, 1) : status;
}

static void change_as_keras(const void *config, cvy_dice *dice, const cvy_image_form *form,
                            uint8_t *image, float *work)
{
    const keras_settings *s = config;
    const bool is_changed = cvy_dice_chance(dice, &s->factor);
    const double scale = cvy_dice_fraction(dice, &s->scale);
    const cvy_field field = cvy_field_keras(scale, form->height, form->width);

    if (is_changed && scale > 0)
        displace(&field, &s->fill, dice, form, image, work);
}

const cvy_augmentation_kind cvy_random_elastic = {
    .kind = { .name = "random_elastic",
              .summary = "distort by a smooth random field",
              .settings = simard_rows,
              .settings_size = sizeof(simard_settings) },
    .change = change_as_simard,
};

const cvy_augmentation_kind cvy_random_elastic_transform = {
    .kind = { .name = "random_elastic_transform",
              .summary = "distort like Keras's layer of this name",
              .settings = keras_rows,
              .settings_size = sizeof(keras_settings) },
    .check = check_as_keras,
    .change = change_as_keras,
};
