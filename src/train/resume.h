/* Which checkpoint a run goes on from, and whether it may. */
#ifndef CVY_TRAIN_RESUME_H
#define CVY_TRAIN_RESUME_H

#include <jansson.h>

#include "train/training.h"

/** What a checkpoint must agree on with the run that resumes from it: an object of texts. NULL when memory is
 *  short. */
json_t *cvy_resume_settings(const cvy_training *t);

/**
 * Open the folder of the checkpoints, choose the newest valid one where a run is to be resumed, and compare
 * its settings. Changes nothing in the model; after everything else is prepared. Without a checkpoint folder
 * it does nothing.
 * Returns CVY_ERR_SETTING (a setting has changed; or the folder has checkpoints, and resume is not set),
 * CVY_ERR_FORMAT (none is valid), CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_MEMORY.
 */
cvy_status cvy_resume_choose(cvy_training *t);

/** Read the checkpoint's tensors and position, after train_begin of the callbacks. The model does not
 *  change. Without one it does nothing. */
cvy_status cvy_resume_read(cvy_training *t);

/** Put weights and optimizer state in place, and tell on_resume. Cannot fail. */
void cvy_resume_go_on(cvy_training *t);

void cvy_resume_release(cvy_training *t);

#endif
