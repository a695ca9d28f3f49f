/* What a layer is: a kind from the list, its settings, and the shapes its plan worked out.
 *
 * plan, allocate, run: plan() states everything a layer will need; the model lays it out in one
 * block of weights and one arena per worker; forward and backward then only compute. They see
 * one lane (kernels/kernels.h): rank 3 is [channels][height][width][LANE], rank 1 is
 * [features][LANE]. Weights are as Keras stores them: a convolution's kernel [kh][kw][in][out], a
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
    cvy_regularizer penalty; /* what they say; filled in by cvy_layer_plan_make() */
    cvy_constraint bond;
    bool is_state; /* saved with the weights, but not what the optimizer changes */
    size_t count;  /* product of dims */
} cvy_weight_plan;

/* How the gradient of a layer's weights comes about (engine: one step, depth first). */
typedef enum {
    CVY_GRADIENT_NONE,  /* no weights */
    CVY_GRADIENT_LANE,  /* backward() adds the lane's own; the lanes are summed in a tree */
    CVY_GRADIENT_BATCH, /* backward() keeps x and dy; weight_gradient() sees the whole batch */
} cvy_gradient_form;

typedef struct {
    cvy_shape out;
    size_t weight_count;
    cvy_weight_plan weights[CVY_LAYER_WEIGHTS_MAX]; /* those that are trained, then the state */
    cvy_gradient_form gradient;
    bool can_be_in_place; /* forward may be given y == x, backward dx == dy */
    bool reads_input;     /* backward reads x */
    bool reads_output;    /* backward is given y where it says x, and reads it */
    /* A function of each value for which the largest output is that of the largest input, backward
     * too; and the largest of each window: it commutes with such a function. */
    bool keeps_maximum, is_maximum;
    bool scales_input; /* what pixels are to be scaled by is a part of the model ... */
    bool takes_unit;   /* ... which expects them from 0 to 1, not from 0 to 255 */
    bool adds_penalty; /* forward adds to pass->penalty */
    bool is_function;  /* an activation: what comes out are no logits any more */
    bool keeps_input;  /* CVY_GRADIENT_BATCH keeps x as it is: it may be made in store.x */
    bool needs_lane;   /* the kind's forward_sample does not do what these settings ask for */
    /* A layer of which each row of output is made of so many rows of its input, and no other row is
     * made of these, can be given its input strip by strip. One that makes rows of output can feed
     * such a layer, a strip of so many rows at least at a time, so that the strip stays in the cache and
     * the whole is never in memory. 0: neither. */
    size_t strip_rows, fed_rows;
    size_t keep_bytes;           /* from a lane's forward to its backward */
    size_t scratch_bytes;        /* during one call, of each share */
    size_t sample_scratch_bytes; /* the same of forward_sample */
    size_t batch_sums;           /* what measure() gives for a lane; 0: a lane needs no other */
    /* Of one sample forward: 2 for each weight at each place where it is used, a multiplication and
     * an addition. Biases, activations and pooling are not counted: beside the products they are
     * little, and how much depends on who counts. */
    double flops;
    cvy_convolution convolution; /* of a layer that convolves (layers/convolve.h) */
} cvy_layer_plan;

typedef struct cvy_layer_kind cvy_layer_kind;

typedef struct {
    const cvy_layer_kind *kind;
    char name[CVY_NAME_BYTES]; /* unique in its model, Keras's where the file gives one */
    void *settings;            /* kind->kind.settings_size bytes */
    size_t index;              /* place in the model */
    size_t augmentation;       /* of kind->is_augmentation: place among the model's augmentations */
    bool is_part_of_previous;  /* the activation of the layer before it, in Keras's counting */
    bool is_frozen;            /* Keras's trainable=false: its weights stay as they are */
    /* Another call of a layer of Keras's: its weights are those of layer repeats - 1, the first call. 0: its
     * weights are its own. */
    size_t repeats;
    cvy_shape in; /* of the first input */
    /* Whose outputs it is given: 0 is the model's input, i + 1 the output of layer i. And how many values
     * of a sample each of them has, in what shape. */
    size_t source_count, sources[CVY_SOURCES_MAX], source_values[CVY_SOURCES_MAX];
    cvy_shape source_shapes[CVY_SOURCES_MAX];
    cvy_layer_plan plan;
    size_t weight_offset[CVY_LAYER_WEIGHTS_MAX]; /* in the parameter block, floats */
} cvy_layer;

/* The whole batch, as a layer that measured its lanes sees it: plan.batch_sums totals each. */
typedef struct {
    size_t samples;
    const double *sums, *gradient_sums; /* of measure() and of measure_gradient() */
} cvy_batch_totals;

/* The batch as a layer with CVY_GRADIENT_BATCH keeps it: of each lane x [in][LANE], and dy with the
 * samples outermost, [LANE][cvy_store_row(out)]. A lane's lie together, away from what other workers
 * write. A layer that measures its lanes keeps the totals alone. */
typedef struct {
    float *x, *dy;
    size_t lanes, stride; /* floats from one lane's to the next one's */
    cvy_batch_totals totals;
} cvy_batch_store;

/** Floats of a sample's row: whole cache lines. */
static inline size_t cvy_store_row(size_t out)
{
    return (out + CVY_LANE - 1) / CVY_LANE * CVY_LANE;
}

/* Which part of a call's outputs a worker computes, where several share out a lane: they call the
 * layer at the same time, share 0 to count - 1, and then wait for each other. No share reads what
 * another writes, and no bit depends on their number. */
typedef struct {
    size_t index, count;
} cvy_share;

/** A share of the numbers 0 to n - 1, cut at multiples of `unit`. */
static inline cvy_range cvy_share_range(cvy_share share, size_t n, size_t unit)
{
    const size_t units = (n + unit - 1) / unit;
    const size_t begin = units * share.index / share.count * unit;
    const size_t end = units * (share.index + 1) / share.count * unit;
    return (cvy_range){ begin, end < n ? end : n };
}

/* One lane on its way through one layer. */
typedef struct cvy_pass cvy_pass;
struct cvy_pass {
    cvy_compute compute;
    cvy_share share;
    /* Into how many pieces work is cut whose bits could depend on the cut: a matter of the batch's
     * size, not of the workers. */
    size_t cuts;
    bool is_training;
    const float *weights; /* the parameter block */
    void *keep, *scratch;
    cvy_batch_store store;   /* CVY_GRADIENT_BATCH in training: this lane's */
    size_t filled;           /* in training: samples of the lane; the slots after them are empty */
    cvy_batch_totals totals; /* in training, as far as they are known */
    const cvy_dropout_stream *dropout; /* in training */
    /* Of a layer with plan_merge: source_count inputs, and where their gradients go; NULL for one that
     * nobody needs. */
    const float *const *inputs;
    float *const *input_gradients;
    double *penalty;           /* [LANE] of each sample, to be added to; NULL: nobody asks for it */
    float penalty_scale;       /* in training: of a sample's penalty in the gradient */
    const cvy_layer *next;     /* plan.fed_rows > 0: whom the layer feeds, */
    const cvy_pass *next_pass; /* and that one's pass */
};

struct cvy_layer_kind {
    cvy_kind kind;
    const char *class_name; /* in Keras's files */

    /* Fill in a zeroed plan. Returns CVY_ERR_SHAPE or CVY_ERR_UNSUPPORTED; the sentence need not
     * name the layer. */
    cvy_status (*plan)(const void *settings, cvy_shape in, cvy_layer_plan *plan);

    /* For a layer of several inputs, instead: forward's x and backward's x and dx are not used then. */
    cvy_status (*plan_merge)(const void *settings, size_t count, const cvy_shape *in,
                             cvy_layer_plan *plan);

    bool is_augmentation; /* backward does nothing: no layer before it can learn */
    const char
        *mixes; /* training does its work, by the augmentation of this name; NULL: does its own */

    /* The activation that Keras applies to the layer's output as part of it, "linear" for none; the model
     * makes it a layer of its own. NULL: the kind has no such setting. */
    const char *(*activation)(const void *settings);

    void (*forward)(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y);

    /* Outside of training: one sample by itself, in Keras's order, [height][width][channels] or [features],
     * with the bits that it has in a lane. x and y end with a whole vector of LANE floats, of which those
     * after the sample's values may be overwritten. NULL: the kind works on lanes alone. */
    void (*forward_sample)(const cvy_layer *layer, const cvy_pass *pass, const float *x, float *y);

    /* x is what forward was given, or what it gave when the plan reads_output. dx is NULL when
     * nobody needs it. dw is the lane's own gradient of the layer's weights, laid out as in the parameter
     * block from weight_offset[0] on; written, not added to; NULL unless CVY_GRADIENT_LANE. */
    void (*backward)(const cvy_layer *layer, const cvy_pass *pass, const float *x, const float *dy,
                     float *dx, float *dw);

    /* What a layer with plan.strip_rows does to a strip: x [channels][rows * strip_rows][width] makes
     * the rows of y, in their place. Of the rows of dy comes dx, likewise, but for some channels alone,
     * the first of which is at dx. */
    void (*forward_strip)(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                          const float *x, float *y);
    void (*backward_strip)(const cvy_layer *layer, const cvy_pass *pass, cvy_range rows,
                           cvy_range channels, const float *dy, float *dx);

    /* Change the plan so that the layer feeds the next one, which has strip_rows: forward's y and
     * backward's dy are the next one's from then on, and the next one is run by this one alone. NULL:
     * the kind feeds nobody. */
    void (*feed)(cvy_layer *layer, const cvy_layer *next);

    /* CVY_GRADIENT_BATCH: rows first_row .. + row_count - 1 (along dims[0]) of weight number
     * `weight`'s gradient; dw += it when `accumulate`. */
    void (*weight_gradient)(const cvy_layer *layer, const cvy_compute *compute, size_t weight,
                            const cvy_batch_store *store, size_t first_row, size_t row_count,
                            bool accumulate, float *dw);

    /* A layer that needs the whole batch (plan.batch_sums > 0). Before any lane goes forward through
     * it in training, each has been measured, and the lanes' sums have been added; before any goes
     * backward, likewise. A share writes its own sums. Empty slots do not count; dx is to be 0 in
     * them. */
    void (*measure)(const cvy_layer *layer, const cvy_pass *pass, const float *x, double *sums);
    void (*measure_gradient)(const cvy_layer *layer, const cvy_pass *pass, const float *x,
                             const float *dy, double *sums);

    /* Bring the state up to date, once a batch; weights is the parameter block. NULL: no state. */
    void (*update_state)(const cvy_layer *layer, const cvy_batch_totals *totals, float *weights);
};

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_layer_kinds[];

/** How many of a layer's weights are trained: the first ones. */
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

/** An image of that size if its sides and its count are within the limits above, or
 *  CVY_ERR_SHAPE. */
cvy_status cvy_shape_image(size_t height, size_t width, size_t channels, cvy_shape *shape);
cvy_status cvy_shape_vector(size_t features, cvy_shape *shape);

/** The floats that a sample's values take: whole vectors. */
static inline size_t cvy_sample_floats(cvy_shape shape)
{
    return (cvy_shape_count(shape) + CVY_LANE - 1) / CVY_LANE * CVY_LANE;
}

/** "28 x 28 x 1" or "784"; cut to `size` bytes. */
void cvy_shape_print(cvy_shape shape, char *text, size_t size);

/** Give layer->plan and fill in counts of weights. Says which layer a failure belongs to. */
cvy_status cvy_layer_plan_make(cvy_layer *layer, cvy_shape in);

/** The same for `count` inputs, 1 to CVY_SOURCES_MAX. */
cvy_status cvy_layer_plan_merge(cvy_layer *layer, size_t count, const cvy_shape *in);

/** Keras's geometry of "valid" (is_same false) and "same" windows. dilation: Keras's dilation_rate;
 *  NULL means 1. Returns CVY_ERR_SHAPE when the window does not fit. */
cvy_status cvy_window_plan(cvy_shape in, const size_t window[2], const size_t stride[2],
                           const size_t dilation[2], bool is_same, cvy_window *result);

#endif
