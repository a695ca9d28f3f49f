/* The plain references of kernels that work on lanes, one sample and one cell at a time, and the inputs that they
 * share: for the tests of extreme values (tests/kernels) and the tool that checks every shape (bench/kernels). */
#ifndef TESTS_SUPPORT_PLAIN_LANES_H
#define TESTS_SUPPORT_PLAIN_LANES_H

#include "kernels/kernels.h"

/* One window at one output position, for one sample. */
typedef struct {
    const cvy_window *w;
    size_t c, row, column, sample;
} window_place;

/** The place of element `index` of the output. */
window_place window_place_of(const cvy_window *w, size_t index);

/** How many cells the window has, and where the input's element of one of them lies; false outside the image. */
size_t window_cells(const cvy_window *w);
bool window_cell(const window_place *p, size_t cell, size_t *at);

/** The first of the largest values, in *y, and its cell; dy is added to dx there, where dx is not NULL. */
uint8_t plain_window_max(const window_place *p, const float *x, float *y, float dy, float *dx);

/** A sample's `classes` values, `stride` floats apart, as doubles. */
void plain_column(size_t classes, size_t stride, const float *x, double *column);

/** Labels of a lane whose last five elements are empty, and the weights of the others. */
void plain_targets(size_t classes, uint16_t label[CVY_LANE], float weight[CVY_LANE]);

/** Random numbers for dropout, different ones for each sample. */
cvy_dropout_stream plain_dropout_stream(void);

#endif
