/* The settings that a checkpoint and the run that resumes from it must share. */
#ifndef CVY_TRAIN_RESUME_SETTINGS_H
#define CVY_TRAIN_RESUME_SETTINGS_H

#include "base/json.h"
#include "train/training.h"

/** The settings as an object of strings. NULL if memory is short. */
json_t *cvy_resume_settings(const cvy_training *t);

/**
 * Compare the settings of a checkpoint with the run's. A run may be longer; with resume_anyway other
 * differences are noted in the training.
 * Returns CVY_ERR_SETTING (the message names the option), CVY_ERR_FORMAT (a setting is missing),
 * CVY_ERR_MEMORY.
 */
cvy_status cvy_resume_compare(cvy_training *t, const json_t *before);

#endif
