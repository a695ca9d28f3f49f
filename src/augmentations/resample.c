#include "augmentations/resample.h"

#include <math.h>

cvy_map cvy_map_after(const cvy_map *first, const cvy_map *second)
{
    return (cvy_map){
        .xx = first->xx * second->xx + first->xy * second->yx,
        .xy = first->xx * second->xy + first->xy * second->yy,
        .x0 = first->xx * second->x0 + first->xy * second->y0 + first->x0,
        .yx = first->yx * second->xx + first->yy * second->yx,
        .yy = first->yx * second->xy + first->yy * second->yy,
        .y0 = first->yx * second->x0 + first->yy * second->y0 + first->y0,
    };
}

bool cvy_fill_is(const cvy_fill *a, const cvy_fill *b)
{
    return a->mode == b->mode && a->interpolation == b->interpolation && a->value == b->value;
}

static float pixel(const cvy_image_form *form, const cvy_fill *fill, const uint8_t *image, long x,
                   long y, size_t channel)
{
    const long column = cvy_fill_fold(x, (long)form->width, fill->mode);
    const long row = cvy_fill_fold(y, (long)form->height, fill->mode);

    if (column < 0 || row < 0)
        return (float)fill->value;
    return image[((size_t)row * form->width + (size_t)column) * form->channels + channel];
}

float cvy_sample_at(const cvy_image_form *form, const cvy_fill *fill, const uint8_t *image, float x,
                    float y, size_t channel)
{
    if (fill->interpolation != 0)
        return pixel(form, fill, image, lroundf(x), lroundf(y), channel);
    const float left = floorf(x), top = floorf(y);
    const float u = x - left, v = y - top;
    const long i = (long)left, k = (long)top;
    const float upper = (1 - u) * pixel(form, fill, image, i, k, channel) +
                        u * pixel(form, fill, image, i + 1, k, channel);
    const float lower = (1 - u) * pixel(form, fill, image, i, k + 1, channel) +
                        u * pixel(form, fill, image, i + 1, k + 1, channel);
    return (1 - v) * upper + v * lower;
}

enum { ONE_BITS = 8, ONE = 1 << ONE_BITS, HALF = 1 << (2 * ONE_BITS - 1) };

/* Sample at a place, in units of 1/256 pixel, whose four neighbors are inside; integer
 * arithmetic. */
static void sample_inside(const cvy_image_form *form, const uint8_t *from, int32_t x, int32_t y,
                          uint8_t *to)
{
    const uint32_t u = (uint32_t)x % ONE, v = (uint32_t)y % ONE;
    const size_t row = form->width * form->channels;
    const uint8_t *at =
        from + (size_t)(y >> ONE_BITS) * row + (size_t)(x >> ONE_BITS) * form->channels;

    for (size_t c = 0; c < form->channels; c++, at++) {
        const uint32_t upper = at[0] * (ONE - u) + at[form->channels] * u;
        const uint32_t lower = at[row] * (ONE - u) + at[row + form->channels] * u;
        to[c] = (uint8_t)((upper * (ONE - v) + lower * v + HALF) >> (2 * ONE_BITS));
    }
}

/* Sample at a place some of whose neighbors are outside, in integer arithmetic too. */
static void sample_folded(const cvy_image_form *form, const cvy_fill *fill, const uint8_t *from,
                          int32_t x, int32_t y, uint8_t *to)
{
    const uint32_t u = (uint32_t)x % ONE, v = (uint32_t)y % ONE;
    const long left = cvy_fill_fold(x >> ONE_BITS, (long)form->width, fill->mode);
    const long right = cvy_fill_fold((x >> ONE_BITS) + 1, (long)form->width, fill->mode);
    const long top = cvy_fill_fold(y >> ONE_BITS, (long)form->height, fill->mode);
    const long bottom = cvy_fill_fold((y >> ONE_BITS) + 1, (long)form->height, fill->mode);
    const uint32_t outside = (uint32_t)(fill->value + 0.5);

    for (size_t c = 0; c < form->channels; c++) {
        uint32_t corner[4];
        const long columns[2] = { left, right }, rows[2] = { top, bottom };
        for (size_t k = 0; k < 4; k++) {
            const long column = columns[k % 2], row = rows[k / 2];
            corner[k] =
                column < 0 || row < 0
                    ? outside
                    : from[((size_t)row * form->width + (size_t)column) * form->channels + c];
        }
        const uint32_t upper = corner[0] * (ONE - u) + corner[1] * u;
        const uint32_t lower = corner[2] * (ONE - u) + corner[3] * u;
        to[c] = (uint8_t)((upper * (ONE - v) + lower * v + HALF) >> (2 * ONE_BITS));
    }
}

/* A place in units of 1/256 pixel, rounded and clamped to int32_t. Float coordinates beyond 2^20
 * pixels have no useful precision. The sum is positive, so that the conversion rounds down. */
static int32_t round_place(double at)
{
    const double limit = 0x1p28;
    const double held = at < -limit ? -limit : at > limit ? limit : at;

    return (int32_t)((int64_t)(held + 0.5 + 0x1p29) - (INT64_C(1) << 29));
}

void cvy_resample(const cvy_image_form *form, const cvy_map *map, const cvy_fill *fill,
                  const uint8_t *from, uint8_t *to)
{
    const double middle_x = ((double)form->width - 1) / 2,
                 middle_y = ((double)form->height - 1) / 2;
    const uint32_t right = (uint32_t)(form->width - 1) * ONE;
    const uint32_t bottom = (uint32_t)(form->height - 1) * ONE;
    const double step_x = map->xx * ONE, step_y = map->yx * ONE;

    for (size_t row = 0; row < form->height; row++) {
        const double y = (double)row - middle_y;
        /* of column 0 */
        const double start_x = (map->xy * y + map->x0 - map->xx * middle_x + middle_x) * ONE;
        const double start_y = (map->yy * y + map->y0 - map->yx * middle_x + middle_y) * ONE;
        for (size_t column = 0; column < form->width; column++, to += form->channels) {
            const int32_t x = round_place(start_x + step_x * (double)column);
            const int32_t source_y = round_place(start_y + step_y * (double)column);
            if (fill->interpolation == 0 && (uint32_t)x < right && (uint32_t)source_y < bottom) {
                sample_inside(form, from, x, source_y, to);
                continue;
            }
            if (fill->interpolation == 0) {
                sample_folded(form, fill, from, x, source_y, to);
                continue;
            }
            for (size_t c = 0; c < form->channels; c++)
                to[c] = (uint8_t)lroundf(
                    cvy_sample_at(form, fill, from, (float)x / ONE, (float)source_y / ONE, c));
        }
    }
}
