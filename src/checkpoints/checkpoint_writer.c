#define _GNU_SOURCE /* thread affinity */
#include "checkpoints/checkpoint_writer.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

void cvy_checkpoint_writer_init(cvy_checkpoint_writer *writer)
{
    cpu_set_t cpus;

    *writer = (cvy_checkpoint_writer){ 0 };
    writer->has_attributes = pthread_attr_init(&writer->attributes) == 0;
    if (writer->has_attributes && sched_getaffinity(0, sizeof cpus, &cpus) == 0)
        pthread_attr_setaffinity_np(&writer->attributes, sizeof cpus, &cpus);
}

void cvy_checkpoint_writer_release(cvy_checkpoint_writer *writer)
{
    if (writer->has_attributes)
        pthread_attr_destroy(&writer->attributes);
    writer->has_attributes = false;
}

static bool is_saved(cvy_status status)
{
    return status == CVY_OK || status == CVY_ERR_UNSURE;
}

static cvy_status write_best(const cvy_checkpoint_job *job)
{
    char *path;

    if (job->best == NULL)
        return CVY_OK;
    cvy_status status = cvy_checkpoint_best_path(job->folder, &path);
    if (status == CVY_OK) {
        status = cvy_checkpoint_write(path, job->best);
        cvy_memory_free(path);
    }
    return status;
}

/* A checkpoint that may not survive a power failure must not replace an older one that does. */
static cvy_status write_newest(const cvy_checkpoint_job *job)
{
    char *path;
    cvy_status status = cvy_checkpoint_path(job->folder, job->step, &path);

    if (status != CVY_OK)
        return status;
    status = cvy_checkpoint_write(path, job->newest);
    cvy_memory_free(path);
    if (status == CVY_OK)
        cvy_checkpoint_folder_prune(job->folder, job->step, job->keep);
    return status;
}

static void do_job(cvy_checkpoint_writer *writer)
{
    cvy_status status = write_best(&writer->job);

    if (is_saved(status))
        status = write_newest(&writer->job);
    writer->status = status;
    if (status != CVY_OK)
        snprintf(writer->sentence, sizeof writer->sentence, "%s", cvy_error_message());
}

static void *run(void *context)
{
    cvy_checkpoint_writer *writer = context;

    do_job(writer);
    atomic_store(&writer->is_busy, false);
    return NULL;
}

/* The new thread inherits the mask, so signals go to the program's other threads. */
static bool start_thread(cvy_checkpoint_writer *writer)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool is_started = writer->has_attributes &&
                            pthread_create(&writer->thread, &writer->attributes, run, writer) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

void cvy_checkpoint_writer_start(cvy_checkpoint_writer *writer, const cvy_checkpoint_job *job)
{
    writer->job = *job;
    writer->has_job = true;
    atomic_store(&writer->is_busy, true);
    writer->is_started = start_thread(writer);
    if (!writer->is_started)
        run(writer);
}

bool cvy_checkpoint_writer_is_busy(const cvy_checkpoint_writer *writer)
{
    return atomic_load(&writer->is_busy);
}

cvy_status cvy_checkpoint_writer_await(cvy_checkpoint_writer *writer)
{
    if (!writer->has_job)
        return CVY_OK;
    if (writer->is_started)
        pthread_join(writer->thread, NULL);
    writer->has_job = writer->is_started = false;
    return writer->status == CVY_OK ? CVY_OK : cvy_fail_again(writer->status, writer->sentence);
}
