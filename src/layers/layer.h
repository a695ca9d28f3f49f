/* A layer: a kind from the list, its settings, and the shapes computed by its plan.
 *
 * plan, allocate, run: plan() states everything that a layer will need; the model lays it out in
 * one block of weights and one arena per worker; forward and backward then only compute. They see
 * one lane (kernels/kernels.h): rank 3 is [channels][height][width][LANE], rank 1 is
 * [features][LANE]. Weights have Keras's layout: a convolution's kernel is [kh][kw][in][out], a
 * dense kernel [in][out]. */
#ifndef CVY_LAYERS_LAYER_H
#define CVY_LAYERS_LAYER_H

#include <stdint.h>

#include "base/random.h"
#include "base/settings.h"
#include "convoy/shape.h"
#include "kernels/compute.h"
#include "layers/constraint.h"
#include "layers/regularizer.h"

enum {
    CVY_LAYER_WEIGHTS_MAX = 4,
    CVY_SOURCES_MAX = 16,       /* inputs of one layer */
    CVY_SIDE_MAX = 4096,        /* rows or columns of an image */
    CVY_FEATURES_MAX = 1 << 24, /* values of one sample between two layers */
};

/* One weight tensor of a layer. */
typedef struct {
    const char *name; /* Keras's: "kernel", "bias" */
    size_t rank, dims[4];
    const char *initializer; /* spec, in the layer's settings or constant */
    const char *regularizer; /* spec, or NULL for none */
    const char *constraint;  /* spec, or NULL for none */
    cvy_regularizer penalty; /* `regularizer`, read by cvy_layer_plan_make() */
    cvy_constraint bond;     /* `constraint`, read by cvy_layer_plan_make() */
    bool is_state;           /* saved with the weights, but not changed by the optimizer */
    size_t count;            /* product of dims */
} cvy_weight_plan;

/* How the gradient of a layer's weights is computed (train/step.h). */
typedef enum {
    CVY_GRADIENT_NONE,  /* no weights */
    CVY_GRADIENT_LANE,  /* backward() computes the lane's own; lanes are summed in a tree */
    CVY_GRADIENT_BATCH, /* backward() keeps x and dy; weight_gradient() sees the whole batch */
} cvy_gradient_form;

typedef struct {
    cvy_shape out;
    size_t weight_count;
    cvy_weight_plan
        weights[CVY_LAYER_WEIGHTS_MAX]; /* first those that are trained, then the state */
    cvy_gradient_form gradient;
    bool can_be_in_place; /* y may equal x in forward, dx may equal dy in backward */
    bool reads_input;     /* backward reads x */
    bool reads_output;    /* backward reads y, which is passed as x */
    /* keeps_maximum: an elementwise function that maps the largest input to the largest output,
     * also in its gradient. is_maximum: the layer takes the maximum of each window, which commutes
     * with such a function. */
    bool keeps_maximum, is_maximum;
    bool scales_input; /* the model itself scales pixels ... */
    bool takes_unit;   /* ... which it expects from 0 to 1, not from 0 to 255 */
    bool adds_penalty; /* forward adds to pass->penalty */
    bool is_function;  /* an activation: its outputs are not logits */
    bool keeps_input;  /* CVY_GRADIENT_BATCH keeps x as it is: it may be made in store.x */
    bool needs_lane;   /* the kind's forward_sample does not support these settings */
    /* strip_rows: each row of output is computed from strip_rows rows of input that no other row
     * reads, so the layer can take its input strip by strip. fed_rows: the layer feeds such a
     * layer, in strips of at least fed_rows rows, so that a strip stays in the cache and the whole
     * output is never in memory. 0: neither. */
    size_t strip_rows, fed_rows;
    size_t keep_bytes;           /* kept from a lane's forward to its backward */
    size_t scratch_bytes;        /* used during one call, for each share */
    size_t sample_scratch_bytes; /* the same for forward_sample */
    size_t
        batch_sums; /* sums that measure() returns for a lane; 0: the layer needs no other lane */
    /* Of one sample forward: 2 (a multiplication and an addition) per weight and position where it
     * is used. Biases, activations and pooling are not counted: they are small beside the products,
     * and conventions differ. */
    double flops;
    cvy_convolution convolution; /* of a convolution layer (layers/convolve.h) */
} cvy_layer_plan;

typedef struct cvy_layer_kind cvy_layer_kind;

typedef struct {
    const cvy_layer_kind *kind;
    char name[CVY_NAME_BYTES]; /* unique in its model; the file's if it has one */
    void *settings;            /* kind->kind.settings_size bytes */
    size_t index;              /* position in the model */
    size_t augmentation;       /* with kind->is_augmentation: index among the augmentations */
    bool is_part_of_previous;  /* the activation of the previous layer, not a layer in Keras */
    bool is_frozen;            /* Keras's trainable=false: its weights do not change */
    /* Not 0: another call of a Keras layer, with the weights of layer repeats - 1, the first call.
     * 0: the layer has its own weights. */
    size_t repeats;
    cvy_shape in; /* of the first input */
    /* The inputs: source 0 is the model's input, i + 1 the output of layer i. Values per sample and
     * shape of each. */
    size_t source_count, sources[CVY_SOURCES_MAX], source_values[CVY_SOURCES_MAX];
    cvy_shape source_shapes[CVY_SOURCES_MAX];
    cvy_layer_plan plan;
    size_t weight_offset[CVY_LAYER_WEIGHTS_MAX]; /* in the parameter block, floats */
} cvy_layer;

/* The whole batch as seen by a layer that measures lanes: plan.batch_sums totals each. */
typedef struct {
    size_t samples;
    const double *sums, *gradient_sums; /* of measure() and measure_gradient() */
} cvy_batch_totals;

/* What a layer with CVY_GRADIENT_BATCH keeps of a batch: x [in][LANE] of each lane, and dy with
 * samples outermost, [LANE][cvy_store_row(out)]. Those of a lane are contiguous, on cache lines
 * that no other worker writes. A layer that measures its lanes keeps only the totals. */
typedef struct {
    float *x, *dy;
    size_t lanes, stride; /* stride: floats from one lane to the next */
    cvy_batch_totals totals;
} cvy_batch_store;

/** Floats of a sample's row of dy, rounded up to whole cache lines. */
static inline size_t cvy_store_row(size_t out)
{
    return cvy_whole_lanes(out);
}

/* The part of a call's outputs that one worker computes. The workers of a crew call the layer at
 * the same time, with shares 0 to count - 1, and then wait for each other. No share reads what
 * another writes, and no bit depends on their number. */
typedef struct {
    size_t index, count;
} cvy_share;

/** A share of the range 0 to n - 1, cut at multiples of `unit`. */
static inline cvy_range cvy_share_range(cvy_share share, size_t n, size_t unit)
{
    const size_t units = (n + unit - 1) / unit;
    const size_t begin = units * share.index / share.count * unit;
    const size_t end = units * (share.index + 1) / share.count * unit;
    return (cvy_range){ begin, end < n ? end : n };
}

/* One lane passing through one layer. */
typedef struct cvy_pass cvy_pass;
struct cvy_pass {
    cvy_compute compute;
    cvy_share share;
    /* The number of pieces into which work is cut if bits could depend on the cut. It depends on
     * the batch size, not on the number of workers. */
    size_t cuts;
    bool is_training;
    const float *weights; /* the parameter block */
    void *keep, *scratch;
    cvy_batch_store store;   /* CVY_GRADIENT_BATCH in training: this lane's */
    size_t filled;           /* in training: samples of the lane; later elements are empty */
    cvy_batch_totals totals; /* in training, as far as they are known */
    const cvy_dropout_stream *dropout; /* in training */
    /* Of a layer with plan_merge: source_count inputs and their gradients; NULL for a gradient that
     * is not needed. */
    const float *const *inputs;
    float *const *input_gradients;
    double *penalty;           /* [LANE] forward adds to it; NULL: not wanted */
    float penalty_scale;       /* in training: factor of the penalty's gradient */
    const cvy_layer *next;     /* with plan.fed_rows > 0: the layer that this one feeds, */
    const cvy_pass *next_pass; /* and its pass */
};

struct cvy_layer_kind {
    cvy_kind kind;
    const char *class_name; /* in Keras files */

    /* Fill in a zeroed plan. Returns CVY_ERR_SHAPE or CVY_ERR_UNSUPPORTED; the message need not
     * name the layer. */
    cvy_status (*plan)(const void *settings, cvy_shape in, cvy_layer_plan *plan);

    /* Replaces plan() for a layer with several inputs;
     * forward's x and backward's x and dx are then unused. */
    cvy_status (*plan_merge)(const void *settings, size_t count, const cvy_shape *in,
                             cvy_layer_plan *plan);

    bool is_augmentation; /* backward does nothing: no layer before it can learn */
    const char *mixes; /* the augmentation with which training does the layer's work; NULL: none */

    /* The activation that is part of Keras's layer, "linear" for none; the model makes it a
     * separate layer. NULL: the kind has no such setting. */
    const char *(*activation)(const void *settings);

    void (*forward)(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y);

    /* Outside of training: one sample by itself, in Keras's order, [height][width][channels] or [features],
     * with the bits that it has in a lane. x and y end with a whole vector of LANE floats, of which those
     * after the sample's values may be overwritten. NULL: the kind works on lanes alone. */
    void (*forward_sample)(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y);

    /* x is forward's input, or its output if the plan has reads_output. dx is NULL if it is not
     * needed. dw is the lane's own gradient of the layer's weights, laid out like the parameter
     * block from weight_offset[0]; it is overwritten, not added to; NULL unless
     * CVY_GRADIENT_LANE. */
    void (*backward)(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw);

    /* Of a layer with plan.strip_rows: compute the rows of y, in place in y, from a strip x
     * [channels][rows * strip_rows][width]; compute such a strip dx from the rows of dy, for some
     * channels only, the first of which is at dx, the next `plane` floats further. */
    void (*forward_strip)(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                          const float *x, float *y);
    void (*backward_strip)(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                           cvy_range channels, const float *dy, float *dx, size_t plane);

    /* Change the plan so that the layer feeds the next one, which has strip_rows. From then on
     * forward's y and backward's dy are those of the next layer, which only this layer runs. NULL:
     * the kind cannot feed a layer. */
    void (*feed)(cvy_layer *layer, const cvy_layer *next);

    /* With CVY_GRADIENT_BATCH: compute rows first_row .. first_row + row_count - 1 (along dims[0])
     * of the gradient of weight number `weight`, and add them to dw if `accumulate`. */
    void (*weight_gradient)(const cvy_layer *layer, const cvy_compute *compute, size_t weight,
                            const cvy_batch_store *store, size_t first_row, size_t row_count,
                            bool accumulate, float *dw);

    /* Of a layer that needs the whole batch (plan.batch_sums > 0). In training, all lanes are
     * measured and their sums added before any lane passes forward through the layer, and again,
     * with measure_gradient(), before any passes backward. A share writes its own sums. Empty
     * elements do not count; backward sets dx to 0 in them. */
    void (*measure)(const cvy_layer *layer, const cvy_pass *pass, const float *x, double *sums);
    void (*measure_gradient)(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, double *sums);

    /* Update the state, once per batch. weights is the parameter block. NULL: no state. */
    void (*update_state)(const cvy_layer *layer, const cvy_batch_totals *totals, float *weights);
};

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_layer_kinds[];

/** The number of a layer's trained weights, which come first. */
static inline size_t cvy_trained_count(const cvy_layer_plan *plan)
{
    size_t count = 0;
    while (count < plan->weight_count && !plan->weights[count].is_state)
        count++;
    return count;
}

/** Values of one sample: the product of the dims. */
static inline size_t cvy_shape_count(cvy_shape shape)
{
    return shape.rank == 3 ? shape.dims[0] * shape.dims[1] * shape.dims[2] : shape.dims[0];
}

/** Set the shape of an image or a vector. Returns CVY_ERR_SHAPE if it exceeds the limits above. */
cvy_status cvy_shape_image(size_t height, size_t width, size_t channels, cvy_shape *shape);
cvy_status cvy_shape_vector(size_t features, cvy_shape *shape);

/** The floats that a sample's values take: whole vectors. */
static inline size_t cvy_sample_floats(cvy_shape shape)
{
    return cvy_whole_lanes(cvy_shape_count(shape));
}

/** Print "28 x 28 x 1" or "784", truncated to `size` bytes. */
void cvy_shape_print(cvy_shape shape, char *text, size_t size);

/** Make layer->plan, with the counts of its weights. An error message names the layer. */
cvy_status cvy_layer_plan_make(cvy_layer *layer, cvy_shape in);

/** Make layer->plan for `count` inputs, 1 to CVY_SOURCES_MAX. */
cvy_status cvy_layer_plan_merge(cvy_layer *layer, size_t count, const cvy_shape *in);

/** Compute the geometry of "valid" (is_same false) or "same" windows as in Keras. dilation: Keras's
 *  dilation_rate; NULL means 1. Returns CVY_ERR_SHAPE if the window does not fit. */
cvy_status cvy_window_plan(cvy_shape in, const size_t window[2], const size_t stride[2],
                           const size_t dilation[2], bool is_same, cvy_window *result);

#endif
