/* Elastic distortion: every pixel displaced by a smooth random field, uniform noise filtered by a
 * Gaussian of deviation sigma and multiplied by alpha. Source: Simard, Steinkraus and Platt, Best
 * Practices for Convolutional Neural Networks Applied to Visual Document Analysis (ICDAR 2003). */
#include <math.h>
#include <string.h>

#include "augmentations/augmentation.h"

enum { RADIUS_MAX = 48 };

typedef struct {
    double alpha, sigma;
    cvy_fill fill;
} elastic_settings;

#define AT(member) offsetof(elastic_settings, member)
static const cvy_setting settings[] = {
    { "alpha", CVY_FLOAT, AT(alpha), "34", 0, 10000, "strength of the field, in pixels", 0, NULL },
    { "sigma", CVY_FLOAT, AT(sigma), "4", 0.5, 16, "deviation of the Gaussian, in pixels", 0,
      NULL },
    CVY_FILL_ROWS(elastic_settings),
    { 0 },
};

/* A line filtered in place; outside of it the field is 0. */
static void filter_line(float *line, size_t count, size_t stride, const float *weights,
                        size_t radius, float *copy)
{
    for (size_t i = 0; i < count; i++)
        copy[i] = line[i * stride];
    for (size_t i = 0; i < count; i++) {
        const size_t from = i > radius ? i - radius : 0;
        const size_t to = i + radius < count ? i + radius : count - 1;
        float sum = 0;
        for (size_t k = from; k <= to; k++)
            sum += copy[k] * weights[radius + k - i];
        line[i * stride] = sum;
    }
}

static void make_field(const elastic_settings *s, cvy_dice *dice, const cvy_image_form *form,
                       float *field, float *copy)
{
    const size_t radius = (size_t)fmin(ceil(3 * s->sigma), RADIUS_MAX);
    float weights[2 * RADIUS_MAX + 1];
    double total = 0;

    for (size_t k = 0; k <= 2 * radius; k++) {
        const double x = ((double)k - (double)radius) / s->sigma;
        weights[k] = (float)exp(-x * x / 2);
        total += (double)weights[k];
    }
    for (size_t k = 0; k <= 2 * radius; k++)
        weights[k] = (float)((double)weights[k] / total);
    for (size_t i = 0; i < form->height * form->width; i++)
        field[i] = (float)s->alpha * (2 * cvy_dice_unit(dice) - 1);
    for (size_t y = 0; y < form->height; y++)
        filter_line(field + y * form->width, form->width, 1, weights, radius, copy);
    for (size_t x = 0; x < form->width; x++)
        filter_line(field + x, form->height, form->width, weights, radius, copy);
}

static void change(const void *config, cvy_dice *dice, const cvy_image_form *form, uint8_t *image,
                   float *work)
{
    const elastic_settings *s = config;
    const size_t count = form->height * form->width;
    float *dx = work, *dy = work + count, *copy = work + 3 * count;
    uint8_t *before = (uint8_t *)(work + 2 * count); /* at most 3 channels: 3 of 4 bytes */

    make_field(s, dice, form, dx, copy);
    make_field(s, dice, form, dy, copy);
    memcpy(before, image, count * form->channels);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < form->channels; c++)
            image[i * form->channels + c] = (uint8_t)lroundf(
                cvy_sample_at(form, &s->fill, before, (float)(i % form->width) + dx[i],
                              (float)(i / form->width) + dy[i], c));
}

const cvy_augmentation_kind cvy_random_elastic = {
    .kind = { .name = "random_elastic",
              .summary = "distorted by a smooth random field",
              .settings = settings,
              .settings_size = sizeof(elastic_settings) },
    .change = change,
};
