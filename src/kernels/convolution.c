/* The list of convolution backends and the choice among them. */
#include <stdlib.h>
#include <string.h>

#include "base/minmax.h"
#include "kernels/compute.h"

extern const cvy_convolution_backend cvy_convolution_generic, cvy_convolution_im2col;
#ifdef CVY_HAVE_X86_ISA
extern const cvy_convolution_backend cvy_convolution_avx2, cvy_convolution_avx512;
#endif

const cvy_convolution_backend *const cvy_convolution_backends[] = {
#ifdef CVY_HAVE_X86_ISA
    &cvy_convolution_avx512,  &cvy_convolution_avx2,
#endif
    &cvy_convolution_generic, &cvy_convolution_im2col, NULL,
};

static const char *forced_by(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* Whether a backend may be chosen. A user who forces a GEMM backend
 * wants convolutions to use it. */
static bool is_wanted(const cvy_convolution_backend *backend, const char *forced,
                      const cvy_kernels *kernels)
{
    if (forced != NULL)
        return strcmp(forced, backend->name) == 0;
    if (forced_by("CONVOY_GEMM") != NULL)
        return backend->isa == NULL;
    return backend->isa == NULL || strcmp(backend->isa, kernels->name) == 0;
}

cvy_status cvy_convolution_choose(const cvy_convolution_backend **backend)
{
    const char *forced = forced_by("CONVOY_CONVOLUTION");
    const cvy_kernels *kernels;
    cvy_status status = cvy_kernels_choose(&kernels);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; cvy_convolution_backends[i] != NULL; i++) {
        *backend = cvy_convolution_backends[i];
        if (is_wanted(*backend, forced, kernels) && (*backend)->is_usable(cvy_cpu_detect()))
            return CVY_OK;
    }
    return cvy_fail(CVY_ERR_SETTING,
                    "CONVOY_CONVOLUTION: found \"%s\", expected a convolution that this build has "
                    "and this processor runs (im2col always is)",
                    forced);
}

const cvy_convolution_backend *cvy_convolution_of(const cvy_compute *compute)
{
    return compute->convolution != NULL ? compute->convolution : &cvy_convolution_im2col;
}

/* Winograd's algorithm pays if it takes this much less time. The transforms of a patch and of its
 * outputs take as much time as this many products for each channel and each filter: measured with 8
 * to 64 of them, AVX2 and AVX-512. */
static const double WINOGRAD_GAIN = 1.1, TRANSFORM_PRODUCTS = 6;

/* Pairs of an output and a tap inside the image, along an axis of a window of three. */
static double taps_inside(size_t input, size_t output, size_t pad)
{
    const size_t after = output + 2 > input + pad ? output + 2 - input - pad : 0;

    return (double)(3 * output) - (double)(pad * (pad + 1) + after * (after + 1)) / 2;
}

static double tiles_of(size_t rows, size_t columns)
{
    return (double)((rows + 1) / 2) * (double)((columns + 1) / 2);
}

/* Compare the products of forward and the gradient of the input, for a channel and a filter. */
static bool is_worth_transforms(const cvy_convolution *c)
{
    const cvy_window *w = &c->window;
    const double channels = (double)w->channels, filters = (double)c->filters;
    const double direct = 2 * taps_inside(w->height, w->rows, w->pad_top) *
                          taps_inside(w->width, w->columns, w->pad_left);
    const double winograd = 16 * (tiles_of(w->rows, w->columns) + tiles_of(w->height, w->width));
    const double transforms = TRANSFORM_PRODUCTS * (1 / channels + 1 / filters);

    return direct >= WINOGRAD_GAIN * winograd * (1 + transforms);
}

bool cvy_convolution_is_winograd(const cvy_convolution *c)
{
    const cvy_window *w = &c->window;

    return w->window_height == 3 && w->window_width == 3 && w->stride_y == 1 && w->stride_x == 1 &&
           w->gap_y == 0 && w->gap_x == 0 && w->pad_top <= 2 && w->pad_left <= 2 &&
           c->groups == 1 && is_worth_transforms(c);
}

size_t cvy_convolution_tile_rows(const cvy_convolution *c)
{
    return cvy_convolution_is_winograd(c) ? 2 : 1;
}

/* A tile of two rows of dx reads four rows of dy, the last of which is in the strip, as is the one
 * before it if the padding is even. */
size_t cvy_convolution_earlier_rows(const cvy_convolution *c)
{
    return cvy_convolution_is_winograd(c) ? 2 + c->window.pad_top % 2 : 0;
}

/* The next backend from number `at` on that this processor runs, or NULL. The others are not even
 * asked for sizes: a compiler may count with the instructions that it compiles for. */
static const cvy_convolution_backend *next_usable(size_t *at)
{
    const cvy_convolution_backend *backend;

    while ((backend = cvy_convolution_backends[*at]) != NULL) {
        ++*at;
        if (backend->is_usable(cvy_cpu_detect()))
            return backend;
    }
    return NULL;
}

size_t cvy_convolution_packed(const cvy_convolution *c)
{
    const cvy_convolution_backend *backend;
    size_t most = 0;

    for (size_t i = 0; (backend = next_usable(&i)) != NULL;)
        most = cvy_max(most, backend->packed_floats(c));
    return cvy_whole_lanes(most);
}

size_t cvy_convolution_sample_scratch(const cvy_convolution *c)
{
    const cvy_convolution_backend *backend;
    size_t most = 0;

    for (size_t i = 0; (backend = next_usable(&i)) != NULL;)
        if (backend->forward_sample != NULL)
            most = cvy_max(most, backend->sample_scratch_floats(c));
    return cvy_whole_lanes(most);
}

size_t cvy_convolution_scratch(const cvy_convolution *c, size_t rows)
{
    const cvy_convolution_backend *backend;
    size_t most = 0;

    for (size_t i = 0; (backend = next_usable(&i)) != NULL;)
        most = cvy_max(most, backend->scratch_floats(c, rows));
    return most;
}
