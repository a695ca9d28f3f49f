/* How one lane goes through a model: where everything lies is worked out once, then a worker
 * with an arena runs lanes forward and backward without allocating anything.
 *
 * In training a layer that needs the whole batch cuts the way into stages. A stage is what a lane
 * can go through without asking another; it ends by measuring what such a layer is given. When all
 * lanes have ended it, their sums are added, and the next stage begins. All lanes' arenas are kept
 * meanwhile. Without such a layer the whole way is one stage, and a worker needs one arena. */
#ifndef CVY_MODEL_PLAN_H
#define CVY_MODEL_PLAN_H

#include "base/memory.h"
#include "model/model.h"

/* Where a layer finds its things. Offsets are bytes in the worker's arena unless they say
 * otherwise; an activation's may also be CVY_IN_STORE + bytes in the lane's part of the batch store. */
typedef struct {
    size_t x, y, dy, dx, keep;
    size_t totals; /* of what it measured: doubles from the start of the batch's */
    bool needs_dx, runs_backward;
    /* Graphs: of each source where its output lies, where its gradient is summed, and where the layer puts
     * its part of it: there, or in a place of its own, from which it is added. */
    size_t xs[CVY_SOURCES_MAX], gradients[CVY_SOURCES_MAX], dxs[CVY_SOURCES_MAX];
    bool needs[CVY_SOURCES_MAX], adds[CVY_SOURCES_MAX];
    /* CVY_GRADIENT_LANE: floats from one lane's gradient to the next, and where the lanes' begin: in floats
     * of one lane, times the lanes of the batch store */
    size_t gradient_stride, lane_gradient;
    size_t store_x, store_dy; /* CVY_GRADIENT_BATCH: rows from the start of a lane's store */
    size_t repeat;            /* the next layer with the same weights, or 0 */
} cvy_place;

/** Where the gradient of a layer with CVY_GRADIENT_LANE begins for one lane, in floats, in a buffer with
 *  room for `capacity` lanes: layer by layer, lane by lane, so that what is summed is contiguous. */
static inline size_t cvy_lane_gradient_at(const cvy_place *place, size_t capacity, size_t lane)
{
    return place->lane_gradient * capacity + lane * place->gradient_stride;
}

#define CVY_IN_STORE (SIZE_MAX / 2 + 1)

enum { CVY_NO_LAYER = CVY_LAYERS_MAX * 8 };

/* Some layers forward, then the loss, then some backward, then a layer is measured; each of the four
 * only where there is something to do. */
typedef struct {
    size_t forward_begin, forward_end;
    bool has_loss;
    size_t backward_begin, backward_end; /* the last one first */
    size_t measured;                     /* layer, or CVY_NO_LAYER */
    bool is_gradient_measured;           /* not what it is given, but what comes back */
} cvy_stage;

typedef struct {
    const cvy_model *model;
    cvy_compute compute;
    bool is_training;
    bool is_graph;         /* outputs have several users, or layers several inputs */
    bool is_of_samples;    /* a sample goes through the layers by itself, not a lane */
    size_t cuts;           /* of work whose bits could depend on the cut (layers/layer.h) */
    size_t layer_count;    /* how many of the model's layers run */
    cvy_layer *layers;     /* [layer_count] copies, in the order in which they run */
    size_t first_backward; /* backward ends here: nothing below learns */
    cvy_place *places;     /* [layer_count] */
    cvy_stage *stages;     /* [stage_count], of a lane in their order */
    size_t stage_count;
    size_t input, output, output_gradient, arena_bytes;
    size_t collected;            /* is_of_samples: a lane of outputs, put together */
    size_t scratch_bytes;        /* of a worker */
    size_t arena_stride;         /* from one arena to the next, CVY_APART between them */
    size_t scratch_stride;       /* likewise */
    size_t lane_sums;            /* doubles that a lane's measuring takes, whole cache lines */
    size_t totals;               /* doubles that all layers' totals take */
    size_t lane_gradient_floats; /* what one lane adds to the sum over lanes */
    size_t store_rows;           /* of a lane in the batch store, LANE floats each */
} cvy_plan;

/** Bytes of an activation: of a lane's, or of a sample's. */
static inline size_t cvy_plan_bytes(const cvy_plan *plan, cvy_shape shape)
{
    return (plan->is_of_samples ? cvy_sample_floats(shape) : cvy_shape_count(shape) * CVY_LANE) *
           sizeof(float);
}

/** Whether a layer goes to the next one in strips, and is run together with it (layers/layer.h). */
static inline bool cvy_feeds_next(const cvy_plan *plan, size_t layer)
{
    return plan->layers[layer].plan.fed_rows > 0;
}

static inline bool cvy_is_fed(const cvy_plan *plan, size_t layer)
{
    return layer > 0 && cvy_feeds_next(plan, layer - 1);
}

/**
 * Plan a pass. layer_count: how many layers run, all of them or, for a loss that applies the
 * softmax itself, all but the last. batch_lanes: of the batches to train with; 0: no training.
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

/** Which layers run backward, in a graph; first_backward is the first of them. */
void cvy_plan_trace_graph(cvy_plan *plan);

/** Place a graph's activations and gradients in the arena by their lifetimes. Returns
 *  CVY_ERR_MEMORY. */
cvy_status cvy_plan_place_graph(cvy_plan *plan, cvy_layout *layout);

/** Cut the way into plan->stages, as a part of planning. Returns CVY_ERR_MEMORY. */
cvy_status cvy_plan_cut_stages(cvy_plan *plan);

/* One lane in one worker's hands, or in those of several, each of which has a pass of its own with
 * another share and other scratch. */
typedef struct {
    const cvy_plan *plan;
    char *arena;   /* plan->arena_bytes */
    char *scratch; /* plan->scratch_bytes */
    cvy_share share;
    void (*meet)(void *context); /* wait for the other shares; not called where there is but one */
    void *meet_context;
    double *penalty;            /* [LANE] that layers add to, or NULL (layers/layer.h) */
    float penalty_scale;        /* training: of a sample's penalty in the gradient */
    size_t filled;              /* training: samples of the lane */
    size_t batch_samples;       /* training: of the whole batch */
    const double *totals;       /* training: plan->totals, as far as they are known */
    cvy_dropout_stream dropout; /* training: which random numbers this lane draws */
    float *store;               /* training: the lane's part of the batch store */
    float *gradients;           /* training: of all lanes, plan->lane_gradient_floats for each */
    size_t lane, lane_capacity; /* training: which lane this is, and for how many there is room */
} cvy_lane_pass;

/** What lies at an offset of a cvy_place. */
float *cvy_lane_floats(const cvy_lane_pass *lane, size_t offset);

/** Where the lane's images go, and where its outputs come out: [count][LANE] floats. */
float *cvy_lane_input(const cvy_lane_pass *lane);
float *cvy_lane_output(const cvy_lane_pass *lane);

/** Where the loss leaves its derivative by the outputs. */
float *cvy_lane_output_gradient(const cvy_lane_pass *lane);

/** A stage's layers forward. */
void cvy_lane_forward(const cvy_lane_pass *lane, const cvy_stage *stage);

/** The same of one sample, by the layers' forward_sample, where plan->is_of_samples. Its input is at
 *  cvy_lane_input(), its outputs at cvy_lane_output(). */
void cvy_sample_forward(const cvy_lane_pass *lane, const cvy_stage *stage);

/** Where samples' outputs may be put together as a lane's: [count][LANE] floats. */
float *cvy_lane_collected(const cvy_lane_pass *lane);

/** A stage's layers backward; of the lane's gradients those of the stage are written. */
void cvy_lane_backward(const cvy_lane_pass *lane, const cvy_stage *stage);

/** The lane's part of what the stage ends with: plan->lane_sums. */
void cvy_lane_measure(const cvy_lane_pass *lane, const cvy_stage *stage, double *sums);

/** Where a stage's totals lie among all, and how many they are. */
size_t cvy_stage_totals(const cvy_plan *plan, const cvy_stage *stage, size_t *count);

/** What a layer sees of the totals. */
cvy_batch_totals cvy_layer_totals(const cvy_plan *plan, size_t layer, const double *totals,
                                  size_t samples);

#endif
