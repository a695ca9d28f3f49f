/* A snapshot: a copy of everything that training changes, taken between two steps. */
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
    float **places;          /* [room]: the originals */
    float *copy;             /* [floats] */
    size_t text_count;
    cvy_safetensors_text texts[CVY_CHECKPOINT_TEXTS_MAX]; /* owns their strings */
} cvy_snapshot;

/** Allocate room for weights, slots, averages and weights that callbacks keep. Called after
 *  train_begin of the callbacks. Released with cvy_snapshot_release(), also after a failure.
 *  Returns CVY_ERR_MEMORY. */
cvy_status cvy_snapshot_create(const cvy_training *t, cvy_snapshot *snapshot);
void cvy_snapshot_release(cvy_snapshot *snapshot);

/** Take the snapshot. Called by the leader while no worker computes. Returns CVY_ERR_MEMORY. */
cvy_status cvy_snapshot_take(cvy_training *t, cvy_snapshot *snapshot);

/** The content of a checkpoint file. It refers to the snapshot. */
cvy_checkpoint_content cvy_snapshot_content(const cvy_snapshot *snapshot);

/** Read the tensors of a checkpoint. With `is_lenient`, optimizer and callback tensors that it
 *  lacks keep their present values. With `must_be_finite`, weights that are not finite are an
 *  error.
 *  Returns CVY_ERR_FORMAT, CVY_ERR_SHAPE, CVY_ERR_DATA. */
cvy_status cvy_snapshot_read(cvy_snapshot *snapshot, const cvy_safetensors *file, bool is_lenient,
                             bool must_be_finite);

/** Copy all tensors back to their originals. */
void cvy_snapshot_put_back(const cvy_snapshot *snapshot);

#endif
