/* The format of a checkpoint's metadata, so that a run goes on from the checkpoints of an older convoy. */
#ifndef CVY_TRAIN_CHECKPOINT_FORMAT_H
#define CVY_TRAIN_CHECKPOINT_FORMAT_H

#include "base/json.h"
#include "formats/safetensors.h"

/** The metadata key of the number, and the number that this convoy writes.
 *  1  as in the first checkpoints, which have no number
 *  2  settings have `frozen` and `on_nan`, the position has `skipped_steps` */
#define CVY_CHECKPOINT_FORMAT_KEY "checkpoint_format"
#define CVY_CHECKPOINT_FORMAT     "2"

/** CVY_ERR_FORMAT if a newer convoy has written the file. */
cvy_status cvy_checkpoint_format_check(const cvy_safetensors *file);

/** Add the members that an older format lacks, with the values that its runs had. */
cvy_status cvy_checkpoint_complete_settings(const cvy_safetensors *file, json_t **settings);
cvy_status cvy_checkpoint_complete_position(const cvy_safetensors *file, json_t **position);

#endif
