/* The plan of a lane's pass through a model: all memory is laid out once, then a worker with an
 * arena runs lanes forward and backward without allocating.
 *
 * In training, a layer that needs the whole batch cuts the pass into stages. A stage is a part that
 * a lane passes without waiting for other lanes; it ends by measuring the input of such a layer.
 * When all lanes have finished it, their sums are added and the next stage begins; all lanes keep
 * their arenas meanwhile. Without such a layer the whole pass is one stage,
 * and a worker needs one arena. */
#ifndef CVY_MODEL_PLAN_H
#define CVY_MODEL_PLAN_H

#include "base/memory.h"
#include "model/model.h"

/* The memory of a layer. Offsets are bytes in the arena unless noted otherwise; an activation's may
 * also be CVY_IN_STORE + bytes in the lane's part of the batch store. */
typedef struct {
    size_t x, y, dy, dx, keep;
    size_t totals; /* offset of its totals, in doubles from the start of the batch's */
    bool needs_dx, runs_backward;
    /* Graphs: for each source, its output, its gradient, and where the layer writes its part of
     * that gradient: there (adds is false), or separately, to be added. */
    size_t xs[CVY_SOURCES_MAX], gradients[CVY_SOURCES_MAX], dxs[CVY_SOURCES_MAX];
    bool needs[CVY_SOURCES_MAX], adds[CVY_SOURCES_MAX];
    /* CVY_GRADIENT_LANE: floats from one lane's gradient to the next, and the offset of the layer's
     * gradient, in floats of one lane (cvy_lane_gradient_at()) */
    size_t gradient_stride, lane_gradient;
    size_t store_x, store_dy; /* CVY_GRADIENT_BATCH: rows from the start of a lane's store */
    size_t repeat;            /* the next layer with the same weights, or 0 */
} cvy_place;

/** The offset, in floats, of a lane's gradient of a layer with CVY_GRADIENT_LANE in a buffer for
 *  `capacity` lanes. The buffer is ordered by layer, then by lane, so that gradients that are
 *  summed are contiguous. */
static inline size_t cvy_lane_gradient_at(const cvy_place *place, size_t capacity, size_t lane)
{
    return place->lane_gradient * capacity + lane * place->gradient_stride;
}

#define CVY_IN_STORE (SIZE_MAX / 2 + 1)

enum { CVY_NO_LAYER = CVY_LAYERS_MAX * 8 };

/* A stage: some layers forward, then the loss, then some layers backward, then the measuring of a
 * layer. Each of the four parts may be missing. */
typedef struct {
    size_t forward_begin, forward_end;
    bool has_loss;
    size_t backward_begin, backward_end; /* the last layer runs first */
    size_t measured;                     /* layer, or CVY_NO_LAYER */
    bool is_gradient_measured;           /* measure_gradient(), else measure() */
} cvy_stage;

typedef struct {
    const cvy_model *model;
    cvy_compute compute;
    bool is_training;
    bool is_graph;         /* outputs have several users, or layers several inputs */
    bool is_of_samples;    /* a sample goes through the layers by itself, not a lane */
    size_t cuts;           /* of work whose bits could depend on the cut (layers/layer.h) */
    size_t layer_count;    /* number of the model's layers that run */
    cvy_layer *layers;     /* [layer_count] copies, in the order in which they run */
    size_t first_backward; /* backward ends here: no layer below learns */
    cvy_place *places;     /* [layer_count] */
    cvy_stage *stages;     /* [stage_count], of a lane in their order */
    size_t stage_count;
    size_t input, output, output_gradient, arena_bytes;
    size_t collected;            /* is_of_samples: a lane of outputs, put together */
    size_t scratch_bytes;        /* of a worker */
    size_t arena_stride;         /* bytes from one arena to the next, with a gap of CVY_APART */
    size_t scratch_stride;       /* bytes from one scratch to the next, with a gap of CVY_APART */
    size_t lane_sums;            /* doubles measured for a lane, in whole cache lines */
    size_t totals;               /* doubles of all layers' totals */
    size_t lane_gradient_floats; /* floats of one lane's gradients that are summed over lanes */
    size_t store_rows;           /* of a lane in the batch store, LANE floats each */
} cvy_plan;

/** Bytes of an activation: of a lane's, or of a sample's. */
static inline size_t cvy_plan_bytes(const cvy_plan *plan, cvy_shape shape)
{
    return (plan->is_of_samples ? cvy_sample_floats(shape) : cvy_shape_count(shape) * CVY_LANE) *
           sizeof(float);
}

/** Whether a layer feeds the next one in strips and runs it (layers/layer.h). */
static inline bool cvy_feeds_next(const cvy_plan *plan, size_t layer)
{
    return plan->layers[layer].plan.fed_rows > 0;
}

static inline bool cvy_is_fed(const cvy_plan *plan, size_t layer)
{
    return layer > 0 && cvy_feeds_next(plan, layer - 1);
}

/**
 * Plan a pass. layer_count: the number of layers that run: all, or all but the last if the loss
 * applies the softmax itself. batch_lanes: lanes of a training batch; 0: inference.
 * Released with cvy_plan_release(). The model's layers must outlive the plan. Returns
 * CVY_ERR_MEMORY.
 */
cvy_status cvy_plan_make(const cvy_model *model, cvy_compute compute, size_t layer_count,
                         size_t batch_lanes, cvy_plan *plan);
void cvy_plan_release(cvy_plan *plan);

/**
 * Plan a pass for few images, without training: one after the other, where all layers can do that
 * (plan->is_of_samples), or as a lane. Otherwise as cvy_plan_make().
 */
cvy_status cvy_plan_make_for_samples(const cvy_model *model, cvy_compute compute,
                                     size_t layer_count, cvy_plan *plan);

/** Find the layers of a graph that run backward; first_backward is the first of them. */
void cvy_plan_trace_graph(cvy_plan *plan);

/** Place a graph's activations and gradients in the arena by their lifetimes. Returns
 *  CVY_ERR_MEMORY. */
cvy_status cvy_plan_place_graph(cvy_plan *plan, cvy_layout *layout);

/** Cut the pass into plan->stages, as a part of planning. Returns CVY_ERR_MEMORY. */
cvy_status cvy_plan_cut_stages(cvy_plan *plan);

/* The pass of one lane by one worker. In a crew each worker has its own pass, with its own share
 * and scratch. */
typedef struct {
    const cvy_plan *plan;
    char *arena;   /* plan->arena_bytes */
    char *scratch; /* plan->scratch_bytes */
    cvy_share share;
    void (*meet)(void *context); /* waits for the other shares; not called if there is only one */
    void *meet_context;
    double *penalty;            /* [LANE] layers add to it; may be NULL (layers/layer.h) */
    float penalty_scale;        /* training: factor of the penalty's gradient */
    size_t filled;              /* training: samples of the lane */
    size_t batch_samples;       /* training: of the whole batch */
    const double *totals;       /* training: plan->totals, as far as they are known */
    cvy_dropout_stream dropout; /* training: the random numbers of this lane */
    float *store;               /* training: the lane's part of the batch store */
    float *gradients;           /* training: of all lanes, plan->lane_gradient_floats each */
    size_t lane, lane_capacity; /* training: number of this lane, and lanes in `gradients` */
} cvy_lane_pass;

/** What lies at an offset of a cvy_place. */
float *cvy_lane_floats(const cvy_lane_pass *lane, size_t offset);

/** The lane's inputs and outputs: [count][LANE] floats. */
float *cvy_lane_input(const cvy_lane_pass *lane);
float *cvy_lane_output(const cvy_lane_pass *lane);

/** The derivative of the loss with respect to the outputs, written by the loss. */
float *cvy_lane_output_gradient(const cvy_lane_pass *lane);

/** Run a stage's layers forward. */
void cvy_lane_forward(const cvy_lane_pass *lane, const cvy_stage *stage);

/** The same of one sample, by the layers' forward_sample, where plan->is_of_samples. Its input is at
 *  cvy_lane_input(), its outputs at cvy_lane_output(). */
void cvy_sample_forward(const cvy_lane_pass *lane, const cvy_stage *stage);

/** Where samples' outputs may be put together as a lane's: [count][LANE] floats. */
float *cvy_lane_collected(const cvy_lane_pass *lane);

/** Run a stage's layers backward. Writes the lane's gradients of these layers. */
void cvy_lane_backward(const cvy_lane_pass *lane, const cvy_stage *stage);

/** Measure the lane at the end of a stage: sums [plan->lane_sums]. */
void cvy_lane_measure(const cvy_lane_pass *lane, const cvy_stage *stage, double *sums);

/** The offset of a stage's totals among all totals, and their number. */
size_t cvy_stage_totals(const cvy_plan *plan, const cvy_stage *stage, size_t *count);

/** The totals of one layer. */
cvy_batch_totals cvy_layer_totals(const cvy_plan *plan, size_t layer, const double *totals,
                                  size_t samples);

#endif
