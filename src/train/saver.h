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
    double last_seconds; /* when the last one was begun */
    size_t steps_saved;  /* updates that the last one holds; SIZE_MAX: there is none */
} cvy_saver;

/** Open and lock the folder. Returns what cvy_checkpoint_folder_open() returns. */
cvy_status cvy_saver_open(cvy_training *t);

/** Make room for the copies, after train_begin of the callbacks. Returns CVY_ERR_MEMORY. */
cvy_status cvy_saver_begin(cvy_training *t);

/** Updates until the next checkpoint by their number; SIZE_MAX: never. */
size_t cvy_saver_until_due(const cvy_training *t);

/** Whether the time for a checkpoint has come, and the one before it is written. Any worker. */
bool cvy_saver_is_due(const cvy_training *t, double now);

/** Save one, beside training, if steps or time say so. Called by the leader between steps. */
void cvy_saver_save_if_due(cvy_training *t);

/** An epoch is over: keep a copy if it is the best. */
void cvy_saver_epoch_end(cvy_training *t, const cvy_epoch *epoch);

/** Save one now and wait until it is on disk. history.checkpoint and checkpoint_problem tell how it
 *  went. */
void cvy_saver_finish(cvy_training *t);

void cvy_saver_release(cvy_saver *saver);

#endif
