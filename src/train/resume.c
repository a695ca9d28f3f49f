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

/* --- settings that must agree --- */

static void set_count(json_t **object, const char *name, size_t count)
{
    char text[32];

    snprintf(text, sizeof text, "%zu", count);
    cvy_json_set(object, name, json_string(text));
}

static void set_text(json_t **object, const char *name, const char *text)
{
    cvy_json_set(object, name, cvy_json_text(text != NULL ? text : ""));
}

/* Set a member to "a b c". */
static void set_list(json_t **object, const char *name, const char *const *texts, size_t count)
{
    json_t *list = json_array();
    char *joined = NULL;

    for (size_t i = 0; i < count; i++)
        cvy_json_append(&list, cvy_json_text(texts[i]));
    if (list != NULL)
        joined = cvy_json_dump(list, JSON_COMPACT);
    json_decref(list);
    cvy_json_set(object, name, joined != NULL ? json_string(joined) : NULL);
    free(joined);
}

/* Set a member to the names of the frozen layers, in the network's order. */
static void set_frozen(json_t **object, const cvy_model *model)
{
    json_t *list = json_array();
    char *joined = NULL;

    for (size_t i = 0; i < model->layer_count; i++)
        if (model->layers[i].is_frozen && !model->layers[i].is_part_of_previous)
            cvy_json_append(&list, cvy_json_text(model->layers[i].name));
    if (list != NULL)
        joined = cvy_json_dump(list, JSON_COMPACT);
    json_decref(list);
    cvy_json_set(object, "frozen", joined != NULL ? json_string(joined) : NULL);
    free(joined);
}

static const char *on_nan_name(cvy_on_nan on_nan)
{
    switch (on_nan) {
    case CVY_ON_NAN_SKIP:
        return "skip";
    case CVY_ON_NAN_IGNORE:
        return "ignore";
    default:
        return "stop";
    }
}

static void set_digest(json_t **object, const char *name, const char *text)
{
    char hex[CVY_DIGEST_HEX_BYTES];
    cvy_digest *digest;
    json_t *value = NULL;

    if (cvy_digest_create(&digest) == CVY_OK) {
        cvy_digest_add(digest, text, strlen(text));
        cvy_digest_finish(digest, hex);
        value = json_string(hex);
    }
    cvy_json_set(object, name, value);
}

/* The order is for the reader only. convoy's kernels give the same bits on all instruction sets,
 * OpenBLAS different ones, so only the GEMM must agree. */
json_t *cvy_resume_settings(const cvy_training *t)
{
    const cvy_train_settings *s = &t->settings;
    const cvy_history *h = t->history;
    json_t *object = json_object();
    char split[32];

    snprintf(split, sizeof split, "%.17g", s->validation_split);
    set_digest(&object, "model", t->model->architecture);
    set_text(&object, "optimizer", h->optimizer);
    set_text(&object, "learning_rate", h->learning_rate);
    set_text(&object, "loss", h->loss);
    set_text(&object, "class_weight", s->class_weight);
    set_count(&object, "batch_size", h->batch_size);
    set_count(&object, "seed", (size_t)s->seed);
    set_count(&object, "limit", s->limit);
    set_text(&object, "validation_split", split);
    set_text(&object, "normalize", s->normalize != NULL ? s->normalize : "standard");
    set_list(&object, "augmentations", s->augmentations, s->augmentation_count);
    set_text(&object, "metrics", s->metrics);
    set_frozen(&object, t->model);
    set_text(&object, "on_nan", on_nan_name(s->on_nan));
    set_list(&object, "callbacks", s->callbacks, s->callback_count);
    set_count(&object, "evaluate_every", s->evaluate_every);
    set_text(&object, "keep_weights", s->keep_weights ? "true" : "false");
    set_text(&object, "gemm", strncmp(h->gemm, "openblas", 8) == 0 ? h->gemm : "convoy");
    set_text(&object, "wire", s->wire == CVY_WIRE_BF16 ? "bf16" : "fp32");
    set_text(&object, "fast_reduce", s->fast_reduce ? "true" : "false");
    set_count(&object, "training_images", h->train_count);
    set_count(&object, "validation_images", h->validation_count);
    set_text(&object, "data", t->data_digest);
    set_count(&object, "epochs", s->epochs);
    set_count(&object, "steps", s->steps);
    return object;
}

/* Whether a change only makes the run longer, which is allowed. steps = 0: no limit. */
static bool is_extension(const char *name, const char *before, const char *now)
{
    const unsigned long long old = strtoull(before, NULL, 10), new = strtoull(now, NULL, 10);

    if (strcmp(name, "epochs") == 0)
        return new >= old;
    return strcmp(name, "steps") == 0 && (new == 0 || (old > 0 && new >= old));
}

/* As one types it: "batch_size" is --batch-size. */
static void name_option(const char *name, char option[64])
{
    static const char *const others[][2] = { { "frozen", "--freeze" },
                                             { "augmentations", "--augment" },
                                             { "callbacks", "--callback" },
                                             { "gemm", "CONVOY_GEMM" },
                                             { "keep_weights", "weights kept from --model" },
                                             { "training_images", "images for training" },
                                             { "validation_images", "images for validation" } };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i][0]) == 0) {
            snprintf(option, 64, "%s", others[i][1]);
            return;
        }
    snprintf(option, 64, "--%s", name);
    for (char *c = option; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
}

/* A saved value: text, a list as JSON, or a number of which each digit is kept. */
static void show_value(const char *name, const char *value, char shown[256])
{
    if (value[0] == '\0' || strcmp(value, "[]") == 0)
        snprintf(shown, 256, "none");
    else if (strcmp(name, "validation_split") == 0)
        snprintf(shown, 256, "%g", strtod(value, NULL));
    else
        snprintf(shown, 256, "%s", value);
}

static cvy_status refuse(const char *name, const char *before, const char *now)
{
    char option[64], old[256], new[256];

    name_option(name, option);
    show_value(name, before, old);
    show_value(name, now, new);
    if (strcmp(name, "data") == 0)
        cvy_fail(CVY_ERR_SETTING,
                 "--data: not the images and labels that the interrupted run had (SHA-256 "
                 "%.12s..., expected %.12s...)",
                 now, before);
    else if (strcmp(name, "model") == 0)
        return cvy_fail(CVY_ERR_SETTING,
                        "--model: another architecture than the interrupted run's");
    else
        cvy_fail(CVY_ERR_SETTING, "%s: found %s, the interrupted run had %s", option, new, old);
    return cvy_fail_advise(CVY_ERR_SETTING, "Give the same options and data, or continue with the "
                                            "new ones by --resume-anyway (resume_anyway).");
}

/* The value that a setting implicitly had in older checkpoints, which lack it. */
static const char *find_old_default(const char *name)
{
    static const char *const defaults[][2] = { { "wire", "fp32" }, { "fast_reduce", "false" } };

    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (strcmp(name, defaults[i][0]) == 0)
            return defaults[i][1];
    return NULL;
}

static void note_change(cvy_training *t, const char *name)
{
    static const char *const of_rule[] = { "optimizer", "learning_rate" };

    t->is_changed = true;
    for (size_t i = 0; i < sizeof of_rule / sizeof *of_rule; i++)
        t->has_other_rule = t->has_other_rule || strcmp(name, of_rule[i]) == 0;
    t->has_other_callbacks = t->has_other_callbacks || strcmp(name, "callbacks") == 0;
}

static cvy_status compare(cvy_training *t, const json_t *before, json_t *now)
{
    const char *name;
    json_t *value;
    cvy_status status = CVY_OK;

    if (now == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    json_object_foreach(now, name, value)
    {
        const char *new = json_string_value(value);
        const char *old = json_string_value(json_object_get(before, name));
        if (old == NULL)
            old = find_old_default(name);
        if (old == NULL)
            return cvy_fail(CVY_ERR_FORMAT, "settings: %s is missing", name);
        if (strcmp(old, new) == 0 || is_extension(name, old, new))
            continue;
        if (!t->settings.resume_anyway || strcmp(name, "model") == 0)
            return refuse(name, old, new);
        note_change(t, name);
    }
    return status;
}

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
    json_t *before, *now;
    cvy_status status = read_object(t->checkpoint, "settings", &before);

    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", t->checkpoint_path);
    now = cvy_resume_settings(t);
    status = cvy_checkpoint_complete_settings(t->checkpoint, &before);
    if (status == CVY_OK)
        status = compare(t, before, now);
    json_decref(now);
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
