/* One layer alone, with everything that a model would give it: settings from a spec, weights,
 * buffers for one lane, and the batch store of a batch of one lane. */
#ifndef TESTS_SUPPORT_LANE_LAYER_H
#define TESTS_SUPPORT_LANE_LAYER_H

#include "layers/layer.h"

/** A layer "conv2d:filters=4,kernel_size=3" for that input, planned; `layer` is released with
 *  layer_release() in any case. Returns what reading or planning returned. */
cvy_status layer_make(const char *spec, cvy_shape in, cvy_layer *layer);
void layer_release(cvy_layer *layer);

/** The value of one of a layer's settings: a row that must be there. `name` is a literal. */
const void *layer_setting(const cvy_layer *layer, const char *name);

/* Arrays are laid out as in the engine; weight w of the layer begins at weight_offset[w] of
 * weights and of dw. */
typedef struct lane_layer {
    cvy_layer layer;
    cvy_compute compute;
    size_t x_count, y_count, weight_floats;
    float *weights, *dw;
    float *x, *y, *dy, *dx; /* [count][LANE] */
    void *keep, *scratch;
    float *store;
    cvy_dropout_stream dropout;
    size_t shares, cuts;     /* 1 each, unless a test says otherwise */
    size_t filled;           /* all slots, unless a test says otherwise */
    cvy_batch_totals totals; /* of a layer that needs the whole batch: the test's */
    struct lane_layer *next; /* that it feeds */
    cvy_pass next_pass;
} lane_layer;

/** The weights are drawn from -0.5 to 0.5. Fails the test when the layer cannot be made. */
lane_layer lane_layer_create(const char *spec, cvy_shape in, cvy_compute compute);
void lane_layer_release(lane_layer *l);

/** From now on the layer feeds that one in strips, which must take them: forward writes next's y, and
 *  backward reads next's dy. */
void lane_layer_feed(lane_layer *l, lane_layer *next);

/* Calls come share by share, the last one first: none may need another.
 *
 * As in training: y from x. In place when asked for: y is then found in x, or dx in dy. */
void lane_layer_forward(lane_layer *l, bool in_place);

/** Outside of training. */
void lane_layer_infer(lane_layer *l);

/** What the layer measures of x, or of x and dy: plan.batch_sums. */
void lane_layer_measure(lane_layer *l, double *sums);
void lane_layer_measure_gradient(lane_layer *l, double *sums);

/** dx and dw from x or y, whichever the plan says, and dy. Without dx, only dw. */
void lane_layer_backward(lane_layer *l, bool in_place, bool has_dx);

/** Where value `index` of sample `sample` lies in a lane; values are counted as in Keras: row,
 *  column, channel. */
size_t lane_place(cvy_shape shape, size_t index, size_t sample);

#endif
