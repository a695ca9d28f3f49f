/* The format number of a checkpoint's metadata, which lets a run resume from the checkpoints of an
 * older convoy. */
#ifndef CVY_TRAIN_CHECKPOINT_FORMAT_H
#define CVY_TRAIN_CHECKPOINT_FORMAT_H

#include "base/json.h"
#include "formats/safetensors.h"

/** The metadata key, and the number that this convoy writes.
 *  1  the first checkpoints, which store no number
 *  2  adds `frozen` and `on_nan` to the settings, `skipped_steps` to the position */
#define CVY_CHECKPOINT_FORMAT_KEY "checkpoint_format"
#define CVY_CHECKPOINT_FORMAT     "2"

/** Returns CVY_ERR_FORMAT if a newer convoy wrote the file. */
cvy_status cvy_checkpoint_format_check(const cvy_safetensors *file);

/** Add the members that an older format lacks, with the values that its runs used. */
cvy_status cvy_checkpoint_complete_settings(const cvy_safetensors *file, json_t **settings);
cvy_status cvy_checkpoint_complete_position(const cvy_safetensors *file, json_t **position);

#endif
