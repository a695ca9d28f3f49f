/* When a training run saves checkpoints. */
#ifndef CVY_TRAIN_SAVER_H
#define CVY_TRAIN_SAVER_H

#include "callbacks/monitor.h"
#include "checkpoints/checkpoint_writer.h"
#include "train/snapshot.h"

typedef struct {
    cvy_checkpoint_folder folder;
    cvy_checkpoint_writer writer;
    cvy_snapshot newest, best_copy;
    cvy_checkpoint_content newest_content, best_content;
    cvy_best best;       /* least val_loss, or loss without validation */
    bool is_best_new;    /* best_copy is not on disk yet */
    bool is_open;        /* checkpoints are wanted */
    double last_seconds; /* when the last save began */
    size_t steps_saved;  /* updates in the last checkpoint; SIZE_MAX: none saved yet */
} cvy_saver;

/** Open and lock the folder. Returns what cvy_checkpoint_folder_open() returns. */
cvy_status cvy_saver_open(cvy_training *t);

/** Allocate the copies, after train_begin of the callbacks. Returns CVY_ERR_MEMORY. */
cvy_status cvy_saver_begin(cvy_training *t);

/** Updates until the next checkpoint that is due by count; SIZE_MAX: never. */
size_t cvy_saver_until_due(const cvy_training *t);

/** Whether a checkpoint is due by time and the previous one is written. Called by any worker. */
bool cvy_saver_is_due(const cvy_training *t, double now);

/** Save a checkpoint in the background if one is due. Called by the leader between steps. */
void cvy_saver_save_if_due(cvy_training *t);

/** Copy the weights and state after an epoch that is the best so far. */
void cvy_saver_epoch_end(cvy_training *t, const cvy_epoch *epoch);

/** Save a checkpoint now and wait until it is on disk. The outcome is in history.checkpoint and
 *  checkpoint_problem. */
void cvy_saver_finish(cvy_training *t);

void cvy_saver_release(cvy_saver *saver);

#endif
