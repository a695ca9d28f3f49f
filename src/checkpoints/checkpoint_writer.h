/* Checkpoints are written by a thread beside training. One job at a time: the owner fills in the content
 * between steps, starts the job, and does not touch the content again until the job is awaited. */
#ifndef CVY_CHECKPOINTS_CHECKPOINT_WRITER_H
#define CVY_CHECKPOINTS_CHECKPOINT_WRITER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "checkpoints/checkpoint_file.h"
#include "checkpoints/checkpoint_folder.h"

/* What is written: the best so far, if there is a new one, and then the newest, so that no checkpoint on
 * disk names a best one that is not. */
typedef struct {
    const cvy_checkpoint_folder *folder;
    const cvy_checkpoint_content *best; /* NULL: none */
    const cvy_checkpoint_content *newest;
    size_t step, keep;
} cvy_checkpoint_job;

typedef struct {
    pthread_t thread;
    bool has_job;        /* that was not awaited yet */
    bool is_started;     /* in a thread of its own */
    atomic_bool is_busy; /* false: awaiting it takes no time */
    cvy_checkpoint_job job;
    pthread_attr_t attributes; /* it may run wherever the process could when training began */
    bool has_attributes;
    cvy_status status; /* of the last job that was awaited */
    char sentence[CVY_ERROR_BYTES];
} cvy_checkpoint_writer;

/** Called by the thread that starts the team, before workers are pinned. Released with
 *  cvy_checkpoint_writer_release() after the last job was awaited. */
void cvy_checkpoint_writer_init(cvy_checkpoint_writer *writer);
void cvy_checkpoint_writer_release(cvy_checkpoint_writer *writer);

/** Start a job; the one before it must have been awaited. Where no thread can be had, the job is done
 *  at once. */
void cvy_checkpoint_writer_start(cvy_checkpoint_writer *writer, const cvy_checkpoint_job *job);

/** Whether a job is still being done. */
bool cvy_checkpoint_writer_is_busy(const cvy_checkpoint_writer *writer);

/** Wait for the job, if there is one. Returns how it ended, CVY_OK where there is none. */
cvy_status cvy_checkpoint_writer_await(cvy_checkpoint_writer *writer);

#endif
