/* The kernels that this machine runs, and windows for them to slide. */
#ifndef TESTS_SUPPORT_KERNEL_SETS_H
#define TESTS_SUPPORT_KERNEL_SETS_H

#include "kernels/compute.h"

/** The set or backend of that number among those that run here; NULL past the last. */
const cvy_kernels *kernel_set(size_t number);
const cvy_gemm_backend *gemm_backend(size_t number);
const cvy_convolution_backend *convolution_backend(size_t number);

/* Images and windows of awkward sizes: strides that leave a rest, windows that overlap, leave gaps
 * or are larger than the padded image, and the 2 x 2 that pooling has a way of its own for. */
extern const cvy_window kernel_windows[];
extern const size_t kernel_window_count;

/** Floats of the image, and of one output channel for each of its channels. */
size_t window_image_floats(const cvy_window *window);
size_t window_output_floats(const cvy_window *window);

/** The pixel that cell (ky, kx) meets at output position (row, column), counted in lanes from the
 *  start of channel c; false outside the image. */
bool window_pixel(const cvy_window *window, size_t c, size_t row, size_t column, size_t ky,
                  size_t kx, size_t *pixel);

#endif
