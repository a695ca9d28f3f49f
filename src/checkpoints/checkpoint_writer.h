/* A thread that writes checkpoints while training continues. One job at a time: the owner fills in
 * the content between steps, starts the job, and does not touch the content again until it has
 * awaited the job. */
#ifndef CVY_CHECKPOINTS_CHECKPOINT_WRITER_H
#define CVY_CHECKPOINTS_CHECKPOINT_WRITER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "checkpoints/checkpoint_file.h"
#include "checkpoints/checkpoint_folder.h"

/* What to write: the best so far, if it is new, and then the newest, so that no checkpoint on disk
 * names a best one that is not there. */
typedef struct {
    const cvy_checkpoint_folder *folder;
    const cvy_checkpoint_content *best; /* NULL: none */
    const cvy_checkpoint_content *newest;
    size_t step, keep;
} cvy_checkpoint_job;

typedef struct {
    pthread_t thread;
    bool has_job;        /* not awaited yet */
    bool is_started;     /* in its own thread */
    atomic_bool is_busy; /* false: awaiting it takes no time */
    cvy_checkpoint_job job;
    pthread_attr_t attributes; /* may run on all CPUs that the process had when training began */
    bool has_attributes;
    cvy_status status; /* of the last awaited job */
    char sentence[CVY_ERROR_BYTES];
} cvy_checkpoint_writer;

/** Called by the thread that starts the team, before workers are pinned. Released with
 *  cvy_checkpoint_writer_release() after the last job was awaited. */
void cvy_checkpoint_writer_init(cvy_checkpoint_writer *writer);
void cvy_checkpoint_writer_release(cvy_checkpoint_writer *writer);

/** Start a job; the previous one must have been awaited. If no thread can be created, the job is
 *  done at once. */
void cvy_checkpoint_writer_start(cvy_checkpoint_writer *writer, const cvy_checkpoint_job *job);

/** Whether a job is still running. */
bool cvy_checkpoint_writer_is_busy(const cvy_checkpoint_writer *writer);

/** Wait for the job, if there is one. Returns its status, or CVY_OK if there is none. */
cvy_status cvy_checkpoint_writer_await(cvy_checkpoint_writer *writer);

#endif
