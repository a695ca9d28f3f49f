#include "data/fit.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { WEIGHT_ONE = 1 << 15 };

cvy_form cvy_fit_form(const cvy_dataset_options *options, cvy_form form)
{
    if (options->resize_height > 0)
        form.height = options->resize_height;
    if (options->resize_width > 0)
        form.width = options->resize_width;
    if (options->channels > 0)
        form.channels = options->channels;
    return form;
}

/* Output pixel i of `to`, made of `from` pixels: the first of them, how many, and whole-number
 * weights that add up to WEIGHT_ONE, so that no machine rounds another way. */
typedef struct {
    size_t first, count;
    double scale, centre, reach, sum;
} window;

static window window_of(size_t i, size_t from, size_t to)
{
    window w = { .scale = (double)from / (double)to };
    w.reach = w.scale > 1 ? w.scale : 1;
    w.centre = ((double)i + 0.5) * w.scale;
    const double low = floor(w.centre - w.reach + 0.5), high = floor(w.centre + w.reach + 0.5);
    w.first = low > 0 ? (size_t)low : 0;
    const size_t end = high < (double)from ? (size_t)high : from;
    w.count = end > w.first ? end - w.first : 1;
    for (size_t k = 0; k < w.count; k++)
        w.sum += fmax(0, 1 - fabs(((double)(w.first + k) + 0.5 - w.centre) / w.reach));
    return w;
}

static long weight_of(const window *w, size_t k)
{
    const double distance = ((double)(w->first + k) + 0.5 - w->centre) / w->reach;
    return lround(fmax(0, 1 - fabs(distance)) / w->sum * WEIGHT_ONE);
}

/* The value under a window along a line of samples that lie `stride` apart. */
static uint8_t sample(const window *w, const uint8_t *line, size_t stride)
{
    long sum = 0, weights = 0;

    for (size_t k = 0; k < w->count; k++) {
        const long weight = weight_of(w, k);
        sum += weight * line[(w->first + k) * stride];
        weights += weight;
    }
    return (uint8_t)((sum + weights / 2) / weights);
}

static uint8_t grey_of(const uint8_t *pixel)
{
    return (uint8_t)((299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2] + 500U) / 1000U);
}

/* A row of the source in `channels` channels. */
static void take_row(const uint8_t *from, cvy_form form, size_t channels, uint8_t *row)
{
    for (size_t x = 0; x < form.width; x++, from += form.channels)
        for (size_t c = 0; c < channels; c++)
            row[x * channels + c] = form.channels == channels ? from[c]
                                    : form.channels == 1      ? from[0]
                                                              : grey_of(from);
}

/* One row of the source, its channels and its width as wanted. */
static void fit_row(const uint8_t *from, cvy_form form, uint8_t *row, cvy_form wanted)
{
    uint8_t taken[CVY_FIT_SIDE_MAX * 3];

    if (form.width == wanted.width) {
        take_row(from, form, wanted.channels, row);
        return;
    }
    take_row(from, form, wanted.channels, taken);
    for (size_t x = 0; x < wanted.width; x++) {
        const window w = window_of(x, form.width, wanted.width);
        for (size_t c = 0; c < wanted.channels; c++)
            row[x * wanted.channels + c] = sample(&w, taken + c, wanted.channels);
    }
}

void cvy_fit_image(const uint8_t *from, cvy_form form, uint8_t *to, cvy_form wanted)
{
    const size_t row_bytes = wanted.width * wanted.channels;
    uint8_t row[CVY_IMAGE_SIDE_MAX * 3];
    long sums[CVY_IMAGE_SIDE_MAX * 3];

    assert(wanted.width <= CVY_IMAGE_SIDE_MAX && wanted.height <= CVY_IMAGE_SIDE_MAX);
    assert(form.width <= CVY_FIT_SIDE_MAX && form.channels <= 3 && wanted.channels <= 3);
    if (cvy_form_is(form, wanted)) {
        memcpy(to, from, form.height * row_bytes);
        return;
    }
    for (size_t y = 0; y < wanted.height; y++, to += row_bytes) {
        const window w = window_of(y, form.height, wanted.height);
        if (form.height == wanted.height) {
            fit_row(from + y * form.width * form.channels, form, to, wanted);
            continue;
        }
        long weights = 0;
        memset(sums, 0, row_bytes * sizeof *sums);
        for (size_t k = 0; k < w.count; k++) {
            const long weight = weight_of(&w, k);
            if (weight == 0)
                continue;
            fit_row(from + (w.first + k) * form.width * form.channels, form, row, wanted);
            weights += weight;
            for (size_t i = 0; i < row_bytes; i++)
                sums[i] += weight * row[i];
        }
        for (size_t i = 0; i < row_bytes; i++)
            to[i] = (uint8_t)((sums[i] + weights / 2) / weights);
    }
}
