/* Resuming a run: choosing the checkpoint, checking that it fits, restoring it. */
#ifndef CVY_TRAIN_RESUME_H
#define CVY_TRAIN_RESUME_H

#include "base/json.h"
#include "train/training.h"

/**
 * Open the checkpoint folder and, to resume a run, choose the newest valid checkpoint and compare
 * its settings. Called after everything else is prepared. Does not change the model. Without a
 * checkpoint folder it does nothing.
 * Returns CVY_ERR_SETTING (a setting has changed; or the folder has checkpoints, and resume is not
 * set), CVY_ERR_FORMAT (none is valid), CVY_ERR_OPEN, CVY_ERR_READ, CVY_ERR_MEMORY.
 */
cvy_status cvy_resume_choose(cvy_training *t);

/** Read the checkpoint's tensors and position, after train_begin of the callbacks. Does not change
 *  the model. Without a checkpoint it does nothing. */
cvy_status cvy_resume_read(cvy_training *t);

/** Put weights and optimizer state in place, and call on_resume. Cannot fail. */
void cvy_resume_go_on(cvy_training *t);

void cvy_resume_release(cvy_training *t);

#endif
