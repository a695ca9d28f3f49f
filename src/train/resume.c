#include "train/resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"
#include "train/checkpoint_format.h"
#include "train/position.h"
#include "train/resume_settings.h"

/* --- choosing a checkpoint --- */

/* Parse a metadata text, which must be a JSON object; *object is NULL after a failure. */
static cvy_status read_object(const cvy_safetensors *file, const char *key, json_t **object)
{
    const char *text = cvy_safetensors_find_text(file, key);
    json_error_t error;

    *object = text != NULL ? cvy_json_load_text(text, JSON_REJECT_DUPLICATES, &error) : NULL;
    if (json_is_object(*object))
        return CVY_OK;
    json_decref(*object);
    *object = NULL;
    return cvy_fail(CVY_ERR_FORMAT, "not a checkpoint: its metadata \"%s\" is %s", key,
                    text != NULL ? "not a JSON object" : "missing");
}

static void close_checkpoint(cvy_training *t)
{
    json_decref(t->position);
    t->position = NULL;
    cvy_safetensors_close(t->checkpoint);
    t->checkpoint = NULL;
}

static cvy_status open_checkpoint(cvy_training *t, const char *path)
{
    size_t steps;
    cvy_status status = cvy_checkpoint_open(path, &t->checkpoint);

    if (status != CVY_OK)
        return status;
    status = cvy_checkpoint_format_check(t->checkpoint);
    if (status == CVY_OK)
        status = read_object(t->checkpoint, "position", &t->position);
    if (status == CVY_OK)
        status = cvy_checkpoint_complete_position(t->checkpoint, &t->position);
    if (status == CVY_OK)
        status = cvy_position_read_steps(t->position, &steps);
    if (status == CVY_OK)
        return CVY_OK;
    close_checkpoint(t);
    return cvy_fail_at(status, "%s", path);
}

static cvy_status note_skipped(cvy_training *t)
{
    if (t->skipped_count == CVY_SKIPPED_MAX)
        return CVY_OK;
    return cvy_text_copy(cvy_error_message(), &t->skipped[t->skipped_count++]);
}

/* Check the number in the file's name: a copy under a wrong one
 * would always be taken for the newest. */
static cvy_status check_number(cvy_training *t, const char *path, size_t number)
{
    size_t steps;
    cvy_status status = cvy_position_read_steps(t->position, &steps);

    if (status == CVY_OK && steps != number)
        status = cvy_fail(CVY_ERR_FORMAT, "%s: its name says update %zu, its content update %zu",
                          path, number, steps);
    if (status != CVY_OK)
        close_checkpoint(t);
    return status;
}

/* Open a checkpoint. If it is not valid, note that and set *path to NULL.
 * number: of updates, from the file's name; NULL if the name has none. */
static cvy_status try_file(cvy_training *t, const size_t *number, char **path)
{
    cvy_status status = open_checkpoint(t, *path);

    if (status == CVY_OK && number != NULL)
        status = check_number(t, *path, *number);

    if (status == CVY_OK || status == CVY_ERR_MEMORY)
        return status;
    cvy_memory_free(*path);
    *path = NULL;
    return note_skipped(t);
}

/* Open the newest valid checkpoint; try the best one last. */
static cvy_status find_valid(cvy_training *t, const size_t *steps, size_t count)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && t->checkpoint_path == NULL && i <= count; i++) {
        status = i < count ? cvy_checkpoint_path(&t->saver.folder, steps[i], &t->checkpoint_path)
                           : cvy_checkpoint_best_path(&t->saver.folder, &t->checkpoint_path);
        if (status == CVY_OK && i == count && access(t->checkpoint_path, F_OK) != 0 &&
            errno == ENOENT) {
            cvy_memory_free(t->checkpoint_path);
            t->checkpoint_path = NULL;
        } else if (status == CVY_OK) {
            status = try_file(t, i < count ? &steps[i] : NULL, &t->checkpoint_path);
        }
    }
    if (status == CVY_OK && t->checkpoint_path == NULL && t->skipped_count > 0)
        status = cvy_fail(CVY_ERR_FORMAT,
                          "%s\n%s: none of the %zu checkpoints can be used; a fresh run needs "
                          "another folder",
                          t->skipped[0], t->saver.folder.path, t->skipped_count);
    return status;
}

static cvy_status check_unused(const cvy_training *t, size_t count)
{
    if (count == 0)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "%s: found the checkpoints of an earlier run, expected an empty folder\n"
                    "--resume (resume) continues that run; a fresh one needs another folder.",
                    t->saver.folder.path);
}

static cvy_status check_settings(cvy_training *t)
{
    json_t *before;
    cvy_status status = read_object(t->checkpoint, "settings", &before);

    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", t->checkpoint_path);
    status = cvy_checkpoint_complete_settings(t->checkpoint, &before);
    if (status == CVY_OK)
        status = cvy_resume_compare(t, before);
    json_decref(before);
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "%s", t->checkpoint_path);
}

static cvy_status choose_alone(cvy_training *t)
{
    size_t *steps = NULL, count = 0;
    cvy_status status = cvy_saver_open(t);

    if (status == CVY_OK)
        status = cvy_checkpoint_folder_list(&t->saver.folder, &steps, &count);
    if (status == CVY_OK)
        status = t->settings.resume ? find_valid(t, steps, count) : check_unused(t, count);
    cvy_memory_free(steps);
    return status;
}

/* On a rank that does not see the folder, open a copy of rank 0's file. It is unlinked at once. */
static cvy_status open_shared(cvy_training *t, bool is_missing)
{
    char copy[CVY_SHARED_PATH_BYTES];
    cvy_status status = cvy_comm_share_file(t->settings.comm, t->checkpoint_path, is_missing, copy);

    if (status != CVY_OK || copy[0] == '\0')
        return status;
    status = open_checkpoint(t, copy);
    unlink(copy);
    return status;
}

/* All ranks resume from the file that rank 0 chose. A rank that does not see it receives a copy. */
static cvy_status choose_together(cvy_training *t)
{
    cvy_comm *comm = t->settings.comm;
    const bool is_first = cvy_comm_rank(comm) == 0;
    cvy_status status = cvy_comm_agree(comm, is_first ? choose_alone(t) : CVY_OK);

    if (status == CVY_OK)
        status = cvy_comm_broadcast_text(comm, &t->checkpoint_path, 0);
    if (status != CVY_OK || t->checkpoint_path == NULL)
        return status;
    bool is_missing = !is_first && open_checkpoint(t, t->checkpoint_path) != CVY_OK;
    bool is_any_missing = is_missing;
    status = cvy_comm_any(comm, &is_any_missing);
    return status == CVY_OK && is_any_missing ? open_shared(t, is_missing) : status;
}

cvy_status cvy_resume_choose(cvy_training *t)
{
    if (t->settings.checkpoint_folder == NULL)
        return CVY_OK;
    cvy_status status = CVY_OK;
    if (cvy_comm_rank(t->settings.comm) == 0) /* once, since it reads all images */
        status = cvy_dataset_digest(t->data, t->data_digest);
    status = cvy_comm_agree(t->settings.comm, status);
    if (status == CVY_OK)
        status = cvy_comm_broadcast(t->settings.comm, t->data_digest, sizeof t->data_digest, 0);
    if (status == CVY_OK)
        status = t->settings.comm != NULL ? choose_together(t) : choose_alone(t);
    if (status == CVY_OK && t->checkpoint != NULL)
        status = check_settings(t);
    return status;
}

/* --- restoring --- */

static cvy_status check_length(const cvy_training *t)
{
    if (t->finished + (t->running.steps > 0) <= t->settings.epochs)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "--epochs: found %zu, expected at least the %zu that were begun",
                    t->settings.epochs, t->finished + (t->running.steps > 0));
}

cvy_status cvy_resume_read(cvy_training *t)
{
    if (t->checkpoint == NULL)
        return CVY_OK;
    cvy_status status =
        cvy_snapshot_read(&t->saver.newest, t->checkpoint, t->settings.resume_anyway,
                          t->settings.on_nan != CVY_ON_NAN_IGNORE);
    if (status == CVY_OK)
        status = cvy_position_restore(t, t->position);
    if (status == CVY_OK)
        status = check_length(t);
    /* if the batch size has changed, the epochs so far had another number of updates */
    if (status == CVY_OK && t->is_changed && t->settings.steps == 0)
        t->steps_total = t->stepper.steps_done +
                         (t->settings.epochs - t->finished) * cvy_steps_per_epoch(&t->task);
    return status == CVY_OK ? CVY_OK : cvy_fail_at(status, "%s", t->checkpoint_path);
}

void cvy_resume_go_on(cvy_training *t)
{
    const cvy_train_settings *s = &t->settings;
    const cvy_resumption resumption = {
        .checkpoint = t->checkpoint_path,
        .steps = t->history->resumed_steps,
        .epoch_count = t->finished,
        .epochs = t->history->epochs,
        .epoch_steps = t->running.steps,
        .skipped_count = t->skipped_count,
        .skipped = (const char *const *)t->skipped,
    };

    if (t->checkpoint != NULL)
        cvy_snapshot_put_back(&t->saver.newest);
    if (s->checkpoint_folder != NULL && s->resume && s->on_resume != NULL)
        s->on_resume(s->context, &resumption);
    json_decref(t->position);
    t->position = NULL;
    cvy_safetensors_close(t->checkpoint);
    t->checkpoint = NULL;
}

void cvy_resume_release(cvy_training *t)
{
    json_decref(t->position);
    cvy_safetensors_close(t->checkpoint);
    cvy_memory_free(t->checkpoint_path);
    for (size_t i = 0; i < t->skipped_count; i++)
        cvy_memory_free(t->skipped[i]);
}
