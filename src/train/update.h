/* The update of the weights from the gradients of a step, in the order of Keras:
 *
 *     unscale the gradient, add it to those of earlier calls
 *     every gradient_accumulation_steps calls, with the mean of their gradients:
 *         clip, apply weight decay, apply the rule
 *     average the weights
 *
 * A call is one batch, an update one use of the rule. A tile passes through all of this as soon as
 * its gradient is known, while it is in the cache. If a norm must be known first, or a rule needs a
 * whole variable, a second phase follows after a barrier; its pieces are tiles or variables.
 * No bit depends on which worker does what: sums over a variable follow the order of its tiles.
 * Source of the order: Keras 3, BaseOptimizer.apply(). */
#ifndef CVY_TRAIN_UPDATE_H
#define CVY_TRAIN_UPDATE_H

#include "layers/layer.h"
#include "optimizers/optimizer.h"
#include "train/guard.h"

/* A part of one weight tensor that one worker sums and updates at a time. */
typedef struct {
    size_t layer, weight;
    size_t variable;             /* among the updater's */
    size_t first, count;         /* floats of the parameter block */
    size_t first_row, row_count; /* CVY_GRADIENT_BATCH: the same part as rows of the tensor */
    size_t lane_offset;          /* CVY_GRADIENT_LANE: where it lies in a lane's gradients */
    size_t record;               /* likewise: in the sum over a subtree (train/subtrees.h) */
} cvy_tile;

/* What to update, and how. Everything must outlive the updater except the variables, which it
 * copies and completes with the optimizer's plan. Tiles of one variable are consecutive. */
typedef struct {
    const cvy_optimizer_kind *optimizer;
    const void *settings;
    cvy_compute compute;
    size_t threads;
    const cvy_variable *variables;
    size_t variable_count;
    const cvy_tile *tiles;
    size_t tile_count;
    size_t block_floats;
    float *weights, *gradients; /* [block_floats] */
    cvy_guard *guard;           /* NULL: new weights are not checked */
} cvy_update_task;

typedef struct {
    cvy_update_task task; /* task.optimizer: as compiled for the kernels' instruction set */
    const cvy_optimizer_settings *common;
    const cvy_update_loops *loops;
    cvy_variable *variables;
    float *slots[CVY_SLOTS_MAX]; /* [block_floats] */
    float *sums;                 /* of gradients: [block_floats], or NULL */
    float *averages;             /* of weights: [block_floats], or NULL */
    double *tile_squares;        /* [tile_count]; NULL if no norm is clipped */
    float *factors;              /* [threads][variable_count] of the gradients; as tile_squares */
    float *scratch;              /* [threads][scratch_floats] */
    size_t scratch_floats;

    /* the running call */
    cvy_update update;
    size_t call;        /* Keras's counter k */
    size_t piece_count; /* of the second phase; 0: no second phase */
    bool is_update;
} cvy_updater;

/** Allocate everything that updates need. Returns CVY_ERR_MEMORY. Released with
 *  cvy_updater_release(), also after a failure. */
cvy_status cvy_updater_create(const cvy_update_task *task, cvy_updater *updater);

/** Begin training from the present weights. */
void cvy_updater_start(cvy_updater *updater);

void cvy_updater_release(cvy_updater *updater);

/* A block of floats, laid out like the parameters, that one call leaves for the next. */
typedef struct {
    char name[CVY_NAME_BYTES]; /* "slot/momentum", "gradient_sum", "weight_average" */
    float *values;             /* [block_floats] */
} cvy_update_block;

/** Get block number `index`; return false past the last. The blocks, update.state and the number of
 *  calls are the whole state of an updater: saving and restoring them continues bit for bit. */
bool cvy_updater_block(const cvy_updater *updater, size_t index, cvy_update_block *block);

/** Begin a call. Called by one worker, before any worker reaches the gradients of the call.
 *  call: number of the batch since training began, from 0;
 *  rate: the schedule's learning rate for it. */
void cvy_updater_begin(cvy_updater *updater, size_t call, double rate);

/** Take a tile whose gradient, dw, is complete, and do everything that needs no other tile. dw is
 *  overwritten; if there may be a second phase it must be the tile's place in task.gradients. */
void cvy_updater_take_tile(cvy_updater *updater, size_t tile, float *dw);

/** Whether calls may have a second phase. */
bool cvy_updater_has_pieces(const cvy_updater *updater);

/** The second phase, if piece_count is not 0: each worker (0 .. threads - 1) enters it, then takes
 *  any pieces. All workers meet between the phases. */
void cvy_updater_enter(cvy_updater *updater, size_t worker);
void cvy_updater_take_piece(cvy_updater *updater, size_t worker, size_t piece);

/** End training: with use_ema, replace the weights by their averages. */
void cvy_updater_finish(cvy_updater *updater);

#endif
