/* Convert sixteen bits to eight, remove transparency, convert colours to grey. All in place:
 * writing never overtakes reading. */
#include "formats/grey.h"

#include <math.h>
#include <string.h>

enum {
    DEEP_MAX = 65535,
    LIGHT = 128,
    LOOKED_AT = 1 << 16 /* pixels sampled to analyse the colours */
};

static size_t pixel_count(const cvy_pixels *pixels)
{
    return pixels->width * pixels->height;
}

static bool has_alpha(const cvy_pixels *pixels)
{
    return pixels->channels == 2 || pixels->channels == 4;
}

static size_t colour_count(const cvy_pixels *pixels)
{
    return pixels->channels - has_alpha(pixels);
}

/* ---- sixteen bits ---- */

/* Find the smallest and largest colour sample of the visible pixels. */
static void find_range(const cvy_pixels *pixels, unsigned *low, unsigned *high)
{
    const uint16_t *sample = pixels->samples;
    const size_t colours = colour_count(pixels);

    *low = DEEP_MAX;
    *high = 0;
    for (size_t i = 0; i < pixel_count(pixels); i++, sample += pixels->channels) {
        if (has_alpha(pixels) && sample[colours] == 0)
            continue;
        for (size_t c = 0; c < colours; c++) {
            *low = sample[c] < *low ? sample[c] : *low;
            *high = sample[c] > *high ? sample[c] : *high;
        }
    }
}

/* A sensor of 10 or 12 bits leaves most of the range unused; then stretch the part in use. */
static void to_eight_bits(cvy_pixels *pixels)
{
    unsigned low, high;
    const uint16_t *from = pixels->samples;
    uint8_t *to = pixels->samples;

    find_range(pixels, &low, &high);
    if (high <= low || high - low >= DEEP_MAX / 4) {
        low = 0;
        high = DEEP_MAX;
    }
    for (size_t i = 0; i < pixel_count(pixels) * pixels->channels; i++) {
        const unsigned sample = from[i];
        if (has_alpha(pixels) && (i + 1) % pixels->channels == 0)
            to[i] = (uint8_t)(sample / 257);
        else
            to[i] = sample <= low    ? 0
                    : sample >= high ? 255
                                     : (uint8_t)((sample - low) * 255U / (high - low));
    }
    pixels->is_deep = false;
}

/* ---- transparency ---- */

static unsigned lightness(const uint8_t *colour, size_t colours)
{
    return colours == 1 ? colour[0]
                        : (299U * colour[0] + 587U * colour[1] + 114U * colour[2] + 500U) / 1000U;
}

typedef enum { NOTHING_SEEN, DARK_SEEN, LIGHT_SEEN } seen;

static seen what_is_seen(const cvy_pixels *pixels)
{
    const uint8_t *pixel = pixels->samples;
    const size_t colours = colour_count(pixels);
    double weight = 0, light = 0;

    for (size_t i = 0; i < pixel_count(pixels); i++, pixel += pixels->channels) {
        weight += pixel[colours];
        light += (double)pixel[colours] * lightness(pixel, colours);
    }
    return weight == 0 ? NOTHING_SEEN : light >= LIGHT * weight ? LIGHT_SEEN : DARK_SEEN;
}

/* Whether any pixel is at least partly transparent. */
static bool has_one_transparent(const cvy_pixels *pixels)
{
    const uint8_t *pixel = pixels->samples;
    const size_t colours = colour_count(pixels);

    for (size_t i = 0; i < pixel_count(pixels); i++, pixel += pixels->channels)
        if (pixel[colours] < 255)
            return true;
    return false;
}

static void drop_alpha(cvy_pixels *pixels)
{
    const size_t colours = colour_count(pixels);
    const seen what = what_is_seen(pixels);
    const unsigned under = what == LIGHT_SEEN && has_one_transparent(pixels) ? 0 : 255;
    const uint8_t *from = pixels->samples;
    uint8_t *to = pixels->samples;

    for (size_t i = 0; i < pixel_count(pixels); i++, from += colours + 1, to += colours) {
        const unsigned alpha = what == NOTHING_SEEN ? 255 : from[colours];
        for (size_t c = 0; c < colours; c++)
            to[c] = (uint8_t)((from[c] * alpha + under * (255U - alpha) + 127U) / 255U);
    }
    pixels->channels = colours;
}

void cvy_pixels_flatten(cvy_pixels *pixels)
{
    if (pixels->is_deep)
        to_eight_bits(pixels);
    if (has_alpha(pixels))
        drop_alpha(pixels);
}

/* ---- colours ---- */

static const double lightness_weights[3] = { 0.299, 0.587, 0.114 };

/* Covariance of the colours of pixels sampled across the picture. */
static void measure_colours(const cvy_pixels *pixels, double mean[3], double covariance[3][3])
{
    const size_t step = pixel_count(pixels) / LOOKED_AT + 1;
    double count = 0, sum[3] = { 0 }, products[3][3] = { { 0 } };

    for (size_t i = 0; i < pixel_count(pixels); i += step) {
        const uint8_t *pixel = (const uint8_t *)pixels->samples + 3 * i;
        count++;
        for (size_t a = 0; a < 3; a++) {
            sum[a] += pixel[a];
            for (size_t b = 0; b < 3; b++)
                products[a][b] += (double)pixel[a] * pixel[b];
        }
    }
    for (size_t a = 0; a < 3; a++)
        mean[a] = sum[a] / count;
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++)
            covariance[a][b] = products[a][b] / count - mean[a] * mean[b];
}

static double variance_along(double covariance[3][3], const double axis[3])
{
    double variance = 0;

    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++)
            variance += axis[a] * covariance[a][b] * axis[b];
    return variance;
}

/* Find the direction of greatest variance, of length 1, by power iteration; lighter is positive. */
static void find_axis(double covariance[3][3], double axis[3])
{
    double along[3] = { 1, -0.7, 0.4 }; /* not in a plane of symmetry */

    for (int turn = 0; turn < 50; turn++) {
        double next[3] = { 0 }, length = 0;
        for (size_t a = 0; a < 3; a++)
            for (size_t b = 0; b < 3; b++)
                next[a] += covariance[a][b] * along[b];
        for (size_t a = 0; a < 3; a++)
            length += next[a] * next[a];
        if (length <= 0)
            break;
        for (size_t a = 0; a < 3; a++)
            along[a] = next[a] / sqrt(length);
    }
    const double sign = along[0] + along[1] + along[2] < 0 ? -1 : 1;
    for (size_t a = 0; a < 3; a++)
        axis[a] = sign * along[a];
}

/* Project onto the axis and stretch the range found to 0 .. 255. */
static void project(cvy_pixels *pixels, const double axis[3])
{
    uint8_t *grey = pixels->samples;
    float low = INFINITY, high = -INFINITY;
    const float w[3] = { (float)axis[0], (float)axis[1], (float)axis[2] };

    for (size_t i = 0; i < pixel_count(pixels); i++) {
        const uint8_t *p = (const uint8_t *)pixels->samples + 3 * i;
        const float value = w[0] * p[0] + w[1] * p[1] + w[2] * p[2];
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    const float scale = high > low ? 255 / (high - low) : 0;
    for (size_t i = 0; i < pixel_count(pixels); i++) {
        const uint8_t *p = (const uint8_t *)pixels->samples + 3 * i;
        const float value = w[0] * p[0] + w[1] * p[1] + w[2] * p[2];
        grey[i] = (uint8_t)fminf((value - low) * scale + 0.5F, 255);
    }
}

void cvy_pixels_to_grey(cvy_pixels *pixels)
{
    static const double ratio_min = 12; /* neutral colours have 3 */
    static const double deviation_min = 10;
    double mean[3], covariance[3][3], axis[3];
    uint8_t *grey = pixels->samples;

    if (pixels->channels == 1)
        return;
    measure_colours(pixels, mean, covariance);
    find_axis(covariance, axis);
    const double along = variance_along(covariance, axis);
    if (along > deviation_min * deviation_min &&
        along > ratio_min * variance_along(covariance, lightness_weights))
        project(pixels, axis);
    else
        for (size_t i = 0; i < pixel_count(pixels); i++)
            grey[i] = (uint8_t)lightness((const uint8_t *)pixels->samples + 3 * i, 3);
    pixels->channels = 1;
}
