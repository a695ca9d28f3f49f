#include "support/kernel_sets.h"

const cvy_kernels *kernel_set(size_t number)
{
    for (size_t i = 0; cvy_kernel_sets[i] != NULL; i++)
        if (cvy_kernel_sets[i]->is_usable(cvy_cpu_detect()) && number-- == 0)
            return cvy_kernel_sets[i];
    return NULL;
}

/* OpenBLAS need not be installed. */
static bool is_loaded(const cvy_gemm_backend *backend)
{
    return backend->load == NULL || backend->load() == CVY_OK;
}

const cvy_gemm_backend *gemm_backend(size_t number)
{
    for (size_t i = 0; cvy_gemm_backends[i] != NULL; i++)
        if (cvy_gemm_backends[i]->is_usable(cvy_cpu_detect()) && is_loaded(cvy_gemm_backends[i]) &&
            number-- == 0)
            return cvy_gemm_backends[i];
    return NULL;
}

const cvy_convolution_backend *convolution_backend(size_t number)
{
    for (size_t i = 0; cvy_convolution_backends[i] != NULL; i++)
        if (cvy_convolution_backends[i]->is_usable(cvy_cpu_detect()) && number-- == 0)
            return cvy_convolution_backends[i];
    return NULL;
}

/* channels, height, width; rows, columns; window, stride, padding, gaps: down and across */
const cvy_window kernel_windows[] = {
    { 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0 },   { 2, 5, 7, 3, 5, 3, 3, 1, 1, 0, 0, 0, 0 },
    { 3, 5, 7, 5, 7, 3, 3, 1, 1, 1, 1, 0, 0 },   { 2, 6, 5, 6, 5, 4, 2, 1, 1, 1, 0, 0, 0 },
    { 2, 7, 6, 3, 2, 3, 3, 2, 2, 0, 0, 0, 0 },   { 1, 7, 8, 4, 3, 3, 2, 2, 3, 1, 0, 0, 0 },
    { 2, 3, 1, 3, 1, 5, 5, 1, 1, 2, 2, 0, 0 },   { 1, 1, 2, 1, 2, 7, 6, 1, 1, 3, 2, 0, 0 },
    { 2, 9, 8, 3, 2, 2, 1, 3, 5, 0, 0, 0, 0 },   { 3, 4, 6, 2, 3, 2, 2, 2, 2, 0, 0, 0, 0 },
    { 2, 5, 7, 2, 3, 2, 2, 2, 2, 0, 0, 0, 0 },   { 2, 5, 7, 3, 4, 2, 2, 2, 2, 0, 0, 0, 0 },
    { 1, 6, 9, 2, 3, 3, 3, 3, 3, 0, 0, 0, 0 },   { 1, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0, 0, 0 },
    { 1, 3, 40, 1, 38, 3, 3, 1, 1, 0, 0, 0, 0 }, { 1, 16, 16, 1, 1, 16, 16, 16, 16, 0, 0, 0, 0 },
};
const size_t kernel_window_count = sizeof kernel_windows / sizeof *kernel_windows;

size_t window_image_floats(const cvy_window *w)
{
    return w->channels * w->height * w->width * CVY_LANE;
}

size_t window_output_floats(const cvy_window *w)
{
    return w->channels * w->rows * w->columns * CVY_LANE;
}

bool window_pixel(const cvy_window *w, size_t c, size_t row, size_t column, size_t ky, size_t kx,
                  size_t *pixel)
{
    long y = (long)(row * w->stride_y + ky * (w->gap_y + 1)) - (long)w->pad_top;
    long x = (long)(column * w->stride_x + kx * (w->gap_x + 1)) - (long)w->pad_left;

    if (y < 0 || x < 0 || y >= (long)w->height || x >= (long)w->width)
        return false;
    *pixel = (c * w->height + (size_t)y) * w->width + (size_t)x;
    return true;
}
