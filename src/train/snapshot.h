/* A copy of everything that training changes, taken between two steps. */
#ifndef CVY_TRAIN_SNAPSHOT_H
#define CVY_TRAIN_SNAPSHOT_H

#include <stdbool.h>

#include "checkpoints/checkpoint_file.h"

typedef struct cvy_training cvy_training;

typedef struct {
    size_t count, room;      /* tensors */
    size_t floats;           /* of all tensors */
    cvy_safetensor *tensors; /* [room]; their values point into `copy` */
    char (*names)[1024];     /* [room] */
    float **places;          /* [room]: where training keeps them */
    float *copy;             /* [floats] */
    size_t text_count;
    cvy_safetensors_text texts[CVY_CHECKPOINT_TEXTS_MAX]; /* their texts are owned */
} cvy_snapshot;

/** Allocate room for weights, slots, averages and weights that callbacks keep; after the train_begin of the
 *  callbacks. Released with cvy_snapshot_release(), also after a failure. Returns CVY_ERR_MEMORY. */
cvy_status cvy_snapshot_create(const cvy_training *t, cvy_snapshot *snapshot);
void cvy_snapshot_release(cvy_snapshot *snapshot);

/** Copy all of it. Called by the leader while no worker computes. Returns CVY_ERR_MEMORY. */
cvy_status cvy_snapshot_take(cvy_training *t, cvy_snapshot *snapshot);

/** What to write. */
cvy_checkpoint_content cvy_snapshot_content(const cvy_snapshot *snapshot);

/** Read the tensors of a checkpoint. Those of optimizer and callbacks that it does not have are left as
 *  they are now if `is_lenient`. Weights that are not finite are refused if `must_be_finite`. Returns CVY_ERR_FORMAT, CVY_ERR_SHAPE, CVY_ERR_DATA. */
cvy_status cvy_snapshot_read(cvy_snapshot *snapshot, const cvy_safetensors *file, bool is_lenient,
                             bool must_be_finite);

/** Put all tensors back where training keeps them. */
void cvy_snapshot_put_back(const cvy_snapshot *snapshot);

#endif
