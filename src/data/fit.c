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

/* The source pixels of one output pixel: the first one, their number, and integer weights that sum
 * to WEIGHT_ONE, so that every machine rounds alike. */
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

/* The weighted mean of a window over samples `stride` apart. */
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

/* Convert a source row to `channels` channels. */
static void take_row(const uint8_t *from, cvy_form form, size_t channels, uint8_t *row)
{
    for (size_t x = 0; x < form.width; x++, from += form.channels)
        for (size_t c = 0; c < channels; c++)
            row[x * channels + c] = form.channels == channels ? from[c]
                                    : form.channels == 1      ? from[0]
                                                              : grey_of(from);
}

/* State for fitting the rows of one image to a width: the window of each pixel, and the rows fitted
 * last, which the next output rows need again. */
typedef struct {
    cvy_form form, wanted;
    window columns[CVY_IMAGE_SIDE_MAX];
    uint8_t rows[2][CVY_IMAGE_SIDE_MAX * 3];
    size_t row_of[2]; /* source row; SIZE_MAX: none yet */
} fitting;

static void begin(fitting *f, cvy_form form, cvy_form wanted)
{
    f->form = form;
    f->wanted = wanted;
    f->row_of[0] = f->row_of[1] = SIZE_MAX;
    for (size_t x = 0; form.width != wanted.width && x < wanted.width; x++)
        f->columns[x] = window_of(x, form.width, wanted.width);
}

/* Fit one source row to the target width and channels. */
static void fit_row(const fitting *f, const uint8_t *from, uint8_t *row)
{
    uint8_t taken[CVY_FIT_SIDE_MAX * 3];
    const size_t channels = f->wanted.channels;

    if (f->form.width == f->wanted.width) {
        take_row(from, f->form, channels, row);
        return;
    }
    take_row(from, f->form, channels, taken);
    for (size_t x = 0; x < f->wanted.width; x++)
        for (size_t c = 0; c < channels; c++)
            row[x * channels + c] = sample(&f->columns[x], taken + c, channels);
}

static const uint8_t *fitted_row(fitting *f, const uint8_t *image, size_t y)
{
    if (f->row_of[y % 2] != y) {
        fit_row(f, image + y * f->form.width * f->form.channels, f->rows[y % 2]);
        f->row_of[y % 2] = y;
    }
    return f->rows[y % 2];
}

/* Compute one output row as the weighted mean of fitted rows. */
static void mix_rows(fitting *f, const uint8_t *image, const window *w, uint8_t *to)
{
    const size_t row_bytes = f->wanted.width * f->wanted.channels;
    long sums[CVY_IMAGE_SIDE_MAX * 3], weights = 0;

    memset(sums, 0, row_bytes * sizeof *sums);
    for (size_t k = 0; k < w->count; k++) {
        const long weight = weight_of(w, k);
        if (weight == 0)
            continue;
        const uint8_t *row = fitted_row(f, image, w->first + k);
        weights += weight;
        for (size_t i = 0; i < row_bytes; i++)
            sums[i] += weight * row[i];
    }
    for (size_t i = 0; i < row_bytes; i++)
        to[i] = (uint8_t)((sums[i] + weights / 2) / weights);
}

void cvy_fit_image(const uint8_t *from, cvy_form form, uint8_t *to, cvy_form wanted)
{
    const size_t row_bytes = wanted.width * wanted.channels;
    fitting f;

    assert(wanted.width <= CVY_IMAGE_SIDE_MAX && wanted.height <= CVY_IMAGE_SIDE_MAX);
    assert(form.width <= CVY_FIT_SIDE_MAX && form.channels <= 3 && wanted.channels <= 3);
    if (cvy_form_is(form, wanted)) {
        memcpy(to, from, form.height * row_bytes);
        return;
    }
    begin(&f, form, wanted);
    for (size_t y = 0; y < wanted.height; y++, to += row_bytes) {
        if (form.height == wanted.height) {
            fit_row(&f, from + y * form.width * form.channels, to);
            continue;
        }
        const window w = window_of(y, form.height, wanted.height);
        mix_rows(&f, from, &w, to);
    }
}
