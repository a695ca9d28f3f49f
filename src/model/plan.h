/* How one lane goes through a model: where everything lies is worked out once, then a worker
 * with an arena runs lanes forward and backward without allocating anything. */
#ifndef CVY_MODEL_PLAN_H
#define CVY_MODEL_PLAN_H

#include "model/model.h"

/* Where a layer finds its things. Offsets are bytes in the worker's arena unless they say
 * otherwise. */
typedef struct {
    size_t x, y, dy, dx, keep;
    bool needs_dx;
    size_t lane_gradient;     /* CVY_GRADIENT_LANE: floats from the start of the lane's gradients */
    size_t store_x, store_dy; /* CVY_GRADIENT_BATCH: rows from the start of the batch store */
} cvy_place;

typedef struct {
    const cvy_model *model;
    cvy_compute compute;
    bool is_training;
    size_t layer_count;    /* how many of the model's layers run */
    size_t first_backward; /* backward ends here: nothing below learns */
    cvy_place *places;     /* [layer_count] */
    size_t input, output, output_gradient, scratch, arena_bytes;
    size_t lane_gradient_floats; /* what one lane adds to the sum over lanes */
    size_t store_rows;           /* of a batch store, each LANE floats a lane wide */
} cvy_plan;

/**
 * Plan a pass. layer_count: how many layers run, all of them or, for a loss that applies the
 * softmax itself, all but the last. Released with cvy_plan_release(). The model's layers must
 * outlive the plan. Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_plan_make(const cvy_model *model, cvy_compute compute, size_t layer_count,
                         bool is_training, cvy_plan *plan);
void cvy_plan_release(cvy_plan *plan);

/* One lane in one worker's hands. */
typedef struct {
    const cvy_plan *plan;
    char *arena;                /* plan->arena_bytes */
    cvy_dropout_stream dropout; /* training: which random numbers this lane draws */
    float *store;               /* training: the batch store, moved to the lane's first column */
    size_t store_stride;        /* floats from row to row of the store */
} cvy_lane_pass;

/** Where the lane's images go, and where its outputs come out: [count][LANE] floats. */
float *cvy_lane_input(const cvy_lane_pass *lane);
float *cvy_lane_output(const cvy_lane_pass *lane);

/** Where the loss leaves its derivative by the outputs. */
float *cvy_lane_output_gradient(const cvy_lane_pass *lane);

void cvy_lane_forward(const cvy_lane_pass *lane);

/** lane_gradients: plan->lane_gradient_floats, written. */
void cvy_lane_backward(const cvy_lane_pass *lane, float *lane_gradients);

#endif
