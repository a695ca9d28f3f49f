/* What happens to the gradients of a step, in the order of Keras:
 *
 *     unscale the gradient, add it to those of earlier calls
 *     every gradient_accumulation_steps calls, with the mean of them:
 *         clip, take off the decay, apply the rule
 *     average the weights
 *
 * A call is one batch, an update one use of the rule. A tile goes through all of it as soon as its
 * gradient is known, while it is in the cache. Where a norm has to be known first, or a rule looks at
 * a whole variable, there is a second phase after a barrier, whose pieces are tiles or variables.
 * No bit depends on which worker does what: sums over a variable follow the order of its tiles.
 * Source of the order: Keras 3, BaseOptimizer.apply(). */
#ifndef CVY_TRAIN_UPDATE_H
#define CVY_TRAIN_UPDATE_H

#include "layers/layer.h"
#include "optimizers/optimizer.h"
#include "train/guard.h"

/* A part of one weight tensor: what one worker sums and updates at a time. */
typedef struct {
    size_t layer, weight;
    size_t variable;             /* among the updater's */
    size_t first, count;         /* floats of the parameter block */
    size_t first_row, row_count; /* CVY_GRADIENT_BATCH: the same part as rows of the tensor */
    size_t lane_offset;          /* CVY_GRADIENT_LANE: where it lies in a lane's gradients */
} cvy_tile;

/* What is updated, and how. All of it outlives the updater but for the variables, of which it keeps
 * a copy with what the optimizer plans for them. Tiles of one variable follow each other. */
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
    cvy_guard *guard;           /* NULL: new weights are not looked at */
} cvy_update_task;

typedef struct {
    cvy_update_task task; /* task.optimizer: as compiled for the kernels' instruction set */
    const cvy_optimizer_settings *common;
    const cvy_update_loops *loops;
    cvy_variable *variables;
    float *slots[CVY_SLOTS_MAX]; /* [block_floats] */
    float *sums;                 /* of gradients: [block_floats], or NULL */
    float *averages;             /* of weights: [block_floats], or NULL */
    double *tile_squares;        /* [tile_count], or NULL where no norm is clipped */
    float *factors;              /* [threads][variable_count] of the gradients, likewise */
    float *scratch;              /* [threads][scratch_floats] */
    size_t scratch_floats;

    /* the running call */
    cvy_update update;
    size_t call;        /* Keras's counter k */
    size_t piece_count; /* of the second phase; 0: there is none */
    bool is_update;
} cvy_updater;

/** Allocate all that updates need. Returns CVY_ERR_MEMORY. Released with cvy_updater_release(), also
 *  after a failure. */
cvy_status cvy_updater_create(const cvy_update_task *task, cvy_updater *updater);

/** Training begins: the weights are now what it starts from. */
void cvy_updater_start(cvy_updater *updater);

void cvy_updater_release(cvy_updater *updater);

/* A block of floats, laid out like the parameters, that calls leave for the next ones. */
typedef struct {
    char name[CVY_NAME_BYTES]; /* "slot/momentum", "gradient_sum", "weight_average" */
    float *values;             /* [block_floats] */
} cvy_update_block;

/** Block number `index`; false past the last. Together with update.state and the number of calls the
 *  blocks are everything that an updater keeps: who saves and restores them goes on bit for bit. */
bool cvy_updater_block(const cvy_updater *updater, size_t index, cvy_update_block *block);

/** Called by one worker, before any worker reaches the gradients of the call. call: 0 for the first batch, then
 *  one more each time; rate: what the schedule says to that number. */
void cvy_updater_begin(cvy_updater *updater, size_t call, double rate);

/** The gradient of a tile, dw, is complete: do everything that needs no other tile. dw is overwritten; where there
 *  may be a second phase it is the tile's place in task.gradients. */
void cvy_updater_take_tile(cvy_updater *updater, size_t tile, float *dw);

/** Whether calls may have a second phase. */
bool cvy_updater_has_pieces(const cvy_updater *updater);

/** Second phase, if piece_count is not 0: each worker (0 .. threads - 1) enters it, then pieces are
 *  taken by any worker. Between the phases all workers meet. */
void cvy_updater_enter(cvy_updater *updater, size_t worker);
void cvy_updater_take_piece(cvy_updater *updater, size_t worker, size_t piece);

/** Training is over: with use_ema the averages become the weights. */
void cvy_updater_finish(cvy_updater *updater);

#endif
