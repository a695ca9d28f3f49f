#include "train/saver.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "train/training.h"

static const double seconds_by_default = 10;
enum { KEEP_BY_DEFAULT = 3 };

cvy_status cvy_saver_open(cvy_training *t)
{
    cvy_saver *saver = &t->saver;
    if (cvy_comm_rank(t->settings.comm) > 0) /* only rank 0 saves */
        return CVY_OK;
    cvy_status status = cvy_checkpoint_folder_open(t->settings.checkpoint_folder, &saver->folder);

    cvy_checkpoint_writer_init(&saver->writer);
    saver->steps_saved = SIZE_MAX;
    saver->is_open = status == CVY_OK;
    return status;
}

cvy_status cvy_saver_begin(cvy_training *t)
{
    cvy_saver *saver = &t->saver;

    if (!saver->is_open && t->checkpoint == NULL)
        return CVY_OK;
    cvy_status status = cvy_snapshot_create(t, &saver->newest);
    if (status == CVY_OK && saver->is_open)
        status = cvy_snapshot_create(t, &saver->best_copy);
    saver->last_seconds = cvy_clock_seconds();
    return status;
}

static double seconds_between(const cvy_train_settings *s)
{
    if (s->checkpoint_seconds > 0)
        return s->checkpoint_seconds;
    return s->checkpoint_steps > 0 ? INFINITY : seconds_by_default;
}

static size_t steps_done(const cvy_training *t)
{
    return t->stepper.steps_done;
}

size_t cvy_saver_until_due(const cvy_training *t)
{
    const size_t every = t->settings.checkpoint_steps;
    return t->saver.is_open && every > 0 ? every - steps_done(t) % every : SIZE_MAX;
}

bool cvy_saver_is_due(const cvy_training *t, double now)
{
    const cvy_saver *saver = &t->saver;
    return saver->is_open && now - saver->last_seconds >= seconds_between(&t->settings) &&
           !cvy_checkpoint_writer_is_busy(&saver->writer);
}

/* Report a checkpoint that could not be written:
 * at once, and in the history if it is the last one. */
static void note_problem(cvy_training *t)
{
    const cvy_train_settings *s = &t->settings;
    cvy_event event = {
        .epoch = t->history->epoch_count, .callback = "checkpoint", .event = "failed", .value = NAN
    };
    cvy_results *r = t->results;

    snprintf(r->checkpoint_problem, sizeof r->checkpoint_problem, "%s", cvy_error_message());
    r->history.checkpoint_problem = r->checkpoint_problem;
    snprintf(event.text, sizeof event.text, "%.*s", (int)sizeof event.text - 1,
             r->checkpoint_problem);
    if (s->on_event != NULL)
        s->on_event(s->context, &event);
}

static void note_path(cvy_training *t)
{
    cvy_saver *saver = &t->saver;
    char *path;

    if (cvy_checkpoint_path(&saver->folder, saver->writer.job.step, &path) != CVY_OK)
        return;
    cvy_memory_free(t->results->checkpoint);
    t->history->checkpoint = t->results->checkpoint = path;
}

/* Wait for the checkpoint being written and note its outcome. */
static void await(cvy_training *t)
{
    const bool has_job = t->saver.writer.has_job;
    const cvy_status status = cvy_checkpoint_writer_await(&t->saver.writer);

    if (!has_job)
        return;
    t->history->checkpoint_problem = NULL;
    if (status != CVY_OK)
        note_problem(t);
    if (status == CVY_OK || status == CVY_ERR_UNSURE)
        note_path(t);
}

static void start(cvy_training *t)
{
    cvy_saver *saver = &t->saver;

    await(t);
    saver->last_seconds = cvy_clock_seconds();
    if (cvy_snapshot_take(t, &saver->newest) != CVY_OK) {
        note_problem(t);
        return;
    }
    saver->newest_content = cvy_snapshot_content(&saver->newest);
    saver->best_content = cvy_snapshot_content(&saver->best_copy);
    const size_t keep = t->settings.checkpoint_keep;
    const cvy_checkpoint_job job = {
        .folder = &saver->folder,
        .best = saver->is_best_new ? &saver->best_content : NULL,
        .newest = &saver->newest_content,
        .step = steps_done(t),
        .keep = keep > 0 ? keep : KEEP_BY_DEFAULT,
    };
    cvy_checkpoint_writer_start(&saver->writer, &job);
    saver->is_best_new = false;
    saver->steps_saved = job.step;
}

void cvy_saver_save_if_due(cvy_training *t)
{
    const cvy_saver *saver = &t->saver;
    const size_t every = t->settings.checkpoint_steps;

    if (!saver->is_open || steps_done(t) == saver->steps_saved)
        return;
    if (cvy_saver_is_due(t, cvy_clock_seconds()) || (every > 0 && steps_done(t) % every == 0))
        start(t);
}

void cvy_saver_epoch_end(cvy_training *t, const cvy_epoch *epoch)
{
    cvy_saver *saver = &t->saver;
    const double value = epoch->has_validation ? epoch->val_loss : epoch->loss;

    if (!saver->is_open || !isfinite(value) || (saver->best.is_set && !(value < saver->best.value)))
        return;
    const cvy_best before = saver->best;
    await(t); /* best_copy may still be being written */
    saver->best = (cvy_best){ true, value, epoch->epoch };
    saver->is_best_new = cvy_snapshot_take(t, &saver->best_copy) == CVY_OK;
    if (!saver->is_best_new) {
        saver->best = before;
        note_problem(t);
    }
}

void cvy_saver_finish(cvy_training *t)
{
    if (!t->saver.is_open)
        return;
    start(t);
    await(t);
}

void cvy_saver_release(cvy_saver *saver)
{
    if (saver->is_open)
        cvy_checkpoint_writer_await(&saver->writer);
    cvy_checkpoint_writer_release(&saver->writer);
    cvy_snapshot_release(&saver->newest);
    cvy_snapshot_release(&saver->best_copy);
    if (saver->folder.path != NULL)
        cvy_checkpoint_folder_close(&saver->folder);
}
