/* Saves the model during training; Keras's ModelCheckpoint, with convoy's files: each holds the
 * whole model, so there is no save_weights_only. With save_best_only, a value that does not improve
 * prevents saving, but a missing value does not. save_freq N counts batches across epochs. Missing
 * folders are created.
 * Source: keras/src/callbacks/model_checkpoint.py, Keras 3.15.1. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/folder.h"
#include "base/plural.h"
#include "callbacks/callback_state.h"
#include "callbacks/path.h"

typedef struct {
    cvy_monitor monitor; /* its min_delta stays 0 */
    char filepath[CVY_PATH_BYTES], save_freq[CVY_NAME_BYTES];
    bool save_best_only;
    double initial_value_threshold; /* NaN: none */
} checkpoint_settings;

typedef struct {
    cvy_best best;
    size_t freq;                          /* batches; 0: every epoch */
    size_t batches_unsaved, batches_seen; /* of the epoch */
    size_t saved_count, saved_epoch;
    char saved_path[CVY_PATH_BYTES];
    bool is_missing_told, is_unfit_told;
} checkpoint_state;

static const char ending[] = ".safetensors";

#define AT(member) offsetof(checkpoint_settings, member)
static const cvy_setting settings[] = {
    { "filepath", CVY_PATH, AT(filepath), NULL, 0, 0,
      "file, ending in .safetensors; {epoch}, {batch} and names of values are filled in, as in "
      "{epoch:02d} and {val_loss:.2f}",
      CVY_CLOSED, NULL },
    CVY_MONITOR_ROW,
    { "save_best_only", CVY_BOOL, AT(save_best_only), "false", 0, 0,
      "save only when the monitored value has improved", CVY_CLOSED, NULL },
    CVY_MODE_ROW,
    { "save_freq", CVY_NAME, AT(save_freq), "epoch", 0, 0,
      "when to save: epoch, or a number of batches, at least 1", CVY_CLOSED, NULL },
    { "initial_value_threshold", CVY_FLOAT, AT(initial_value_threshold), "none", -HUGE_VAL,
      HUGE_VAL, "initial best value", CVY_OR_NONE, NULL },
    { 0 },
};

static cvy_status read_freq(const checkpoint_settings *s, size_t *freq)
{
    static const cvy_setting row = { "save_freq", CVY_COUNT,     0,   NULL, 1, HUGE_VAL,
                                     "",          CVY_BELOW_MAX, NULL };

    *freq = 0;
    if (strcmp(s->save_freq, "epoch") == 0)
        return CVY_OK;
    if (cvy_setting_parse(&row, s->save_freq, freq) == CVY_OK)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "save_freq: found \"%s\", expected epoch or a whole number, at least 1",
                    s->save_freq);
}

static cvy_status check(const void *config)
{
    const checkpoint_settings *s = config;
    const size_t length = strlen(s->filepath), tail = strlen(ending);
    size_t freq;

    if (length <= tail || strcmp(s->filepath + length - tail, ending) != 0)
        return cvy_fail(CVY_ERR_SETTING, "filepath: found \"%s\", expected a name ending in %s",
                        s->filepath, ending);
    cvy_status status = read_freq(s, &freq);
    return status == CVY_OK ? cvy_monitor_check(&s->monitor) : status;
}

/* The names known after a batch: all except those of the validation. */
static cvy_logs logs_of_batch(const cvy_logs *known)
{
    cvy_logs logs = { 0 };

    for (size_t i = 0; i < known->count; i++)
        if (strncmp(known->entries[i].name, "val_", 4) != 0)
            logs.entries[logs.count++] = known->entries[i];
    return logs;
}

/* Finds a wrong field before training, not after the first epoch. */
static cvy_status check_run(const void *config, const cvy_callback_run *run)
{
    const checkpoint_settings *s = config;
    char path[CVY_PATH_BYTES];
    size_t freq;
    cvy_status status = read_freq(s, &freq);

    if (status == CVY_OK && s->save_best_only)
        status = cvy_monitor_check_run(&s->monitor, run);
    if (status != CVY_OK)
        return status;
    const cvy_path_place first = { .epoch = 1, .batch = freq > 0 };
    const cvy_logs logs = freq > 0 ? logs_of_batch(run->known) : *run->known;
    return cvy_path_print(s->filepath, first, &logs, path, sizeof path);
}

static cvy_status train_begin(cvy_callback *callback, cvy_callback_run *run)
{
    const checkpoint_settings *s = callback->settings;
    checkpoint_state *state = callback->state;

    (void)run;
    *state = (checkpoint_state){ 0 };
    if (!isnan(s->initial_value_threshold))
        state->best = (cvy_best){ .is_set = true, .value = s->initial_value_threshold };
    return read_freq(s, &state->freq);
}

/* Create the folders of a file's path. */
static cvy_status make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const cvy_status status = cvy_folder_make(path);
        if (status != CVY_OK)
            return status;
        *slash = '/';
    }
    return CVY_OK;
}

/* Whether the value allows saving; a better one becomes the best. */
static cvy_status decide(cvy_callback *callback, const cvy_callback_run *run, const cvy_logs *logs,
                         bool *is_wanted)
{
    const checkpoint_settings *s = callback->settings;
    checkpoint_state *state = callback->state;
    const double *value;

    *is_wanted = true;
    if (!s->save_best_only)
        return CVY_OK;
    cvy_status status = cvy_monitor_find(callback, run, logs, &state->is_missing_told, &value);
    if (status != CVY_OK || value == NULL)
        return status;
    *is_wanted = cvy_monitor_improves(&s->monitor, *value, &state->best);
    if (*is_wanted)
        state->best = (cvy_best){ true, *value, run->epoch + 1 };
    return CVY_OK;
}

/* Whether the weights may be saved; diverged ones might replace a good file. */
static bool are_fit(const cvy_callback_run *run)
{
    bool are_finite = !run->has_diverged;

    for (size_t i = 0; are_finite && i < run->weight_count; i++)
        are_finite = isfinite(run->weights[i]);
    return are_finite;
}

static cvy_status tell_unfit(cvy_callback *callback, const cvy_callback_run *run)
{
    checkpoint_state *state = callback->state;

    if (state->is_unfit_told)
        return CVY_OK;
    state->is_unfit_told = true;
    return cvy_callback_tell(callback, run, "unsaved", 0, NAN,
                             "nothing is saved: the loss or a weight is not a finite number");
}

/* batch: counted from 1; 0 at the end of an epoch */
static cvy_status save(cvy_callback *callback, const cvy_callback_run *run, size_t batch,
                       const cvy_logs *logs)
{
    const checkpoint_settings *s = callback->settings;
    checkpoint_state *state = callback->state;
    char path[CVY_PATH_BYTES];
    bool is_wanted = false;
    const cvy_best best_before = state->best;
    const cvy_path_place place = { run->epoch + 1, batch };

    if (!are_fit(run))
        return tell_unfit(callback, run);
    cvy_status status = cvy_path_print(s->filepath, place, logs, path, sizeof path);

    if (status == CVY_OK)
        status = decide(callback, run, logs, &is_wanted);
    if (status != CVY_OK || !is_wanted)
        return status;
    if (!run->has_no_files)
        status = make_folders(path);
    if (status == CVY_OK && !run->has_no_files)
        status = run->save(run->context, path);
    if (status == CVY_OK) {
        state->saved_count++;
        state->saved_epoch = run->epoch + 1;
        memcpy(state->saved_path, path, sizeof path);
    } else {
        state->best = best_before; /* no file holds the better one */
    }
    return status;
}

static size_t batches_until_due(const cvy_callback *callback)
{
    const checkpoint_state *state = callback->state;
    return state->freq > 0 ? state->freq - state->batches_unsaved : SIZE_MAX;
}

static cvy_status batch_end(cvy_callback *callback, cvy_callback_run *run, size_t batch,
                            const cvy_logs *logs)
{
    checkpoint_state *state = callback->state;

    if (state->freq == 0)
        return CVY_OK;
    state->batches_unsaved += batch + 1 - state->batches_seen;
    state->batches_seen = batch + 1;
    if (state->batches_unsaved < state->freq)
        return CVY_OK;
    state->batches_unsaved = 0;
    return save(callback, run, batch + 1, logs);
}

static cvy_status epoch_end(cvy_callback *callback, cvy_callback_run *run, cvy_logs *logs)
{
    checkpoint_state *state = callback->state;

    state->batches_seen = 0;
    return state->freq == 0 ? save(callback, run, 0, logs) : CVY_OK;
}

static cvy_status train_end(cvy_callback *callback, cvy_callback_run *run)
{
    const checkpoint_state *state = callback->state;

    if (state->saved_count == 0)
        return CVY_OK;
    return cvy_callback_tell(callback, run, "saved", state->saved_epoch,
                             state->best.is_set ? state->best.value : NAN,
                             "saved %zu time%s, last in epoch %zu: %.160s", state->saved_count,
                             cvy_plural(state->saved_count), state->saved_epoch, state->saved_path);
}

static json_t *save_state(const cvy_callback *callback)
{
    const checkpoint_state *state = callback->state;

    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:s, s:b}", "best", cvy_state_best(&state->best),
                     "batches_unsaved", (json_int_t)state->batches_unsaved, "batches_seen",
                     (json_int_t)state->batches_seen, "saved_count", (json_int_t)state->saved_count,
                     "saved_epoch", (json_int_t)state->saved_epoch, "saved_path", state->saved_path,
                     "is_missing_told", state->is_missing_told);
}

static cvy_status read_path(const json_t *saved, char path[CVY_PATH_BYTES])
{
    const char *text = json_string_value(json_object_get(saved, "saved_path"));

    if (text == NULL || strlen(text) >= CVY_PATH_BYTES)
        return cvy_fail(CVY_ERR_FORMAT, "state: saved_path: expected a text of at most %d bytes",
                        CVY_PATH_BYTES - 1);
    memcpy(path, text, strlen(text) + 1);
    return CVY_OK;
}

static cvy_status restore_state(cvy_callback *callback, const json_t *saved)
{
    checkpoint_state *state = callback->state, read = *state;
    const struct {
        const char *name;
        size_t *value;
    } counts[] = { { "batches_unsaved", &read.batches_unsaved },
                   { "batches_seen", &read.batches_seen },
                   { "saved_count", &read.saved_count },
                   { "saved_epoch", &read.saved_epoch } };
    cvy_status status = cvy_state_read_best(saved, "best", &read.best);

    for (size_t i = 0; status == CVY_OK && i < sizeof counts / sizeof *counts; i++)
        status = cvy_state_read_count(saved, counts[i].name, counts[i].value);
    if (status == CVY_OK)
        status = cvy_state_read_bool(saved, "is_missing_told", &read.is_missing_told);
    if (status == CVY_OK)
        status = read_path(saved, read.saved_path);
    if (status == CVY_OK && read.freq > 0 && read.batches_unsaved >= read.freq)
        status =
            cvy_fail(CVY_ERR_FORMAT, "state: batches_unsaved: found %zu, expected less than %zu",
                     read.batches_unsaved, read.freq);
    if (status == CVY_OK)
        *state = read;
    return status;
}

const cvy_callback_kind cvy_model_checkpoint = {
    .kind = { "model_checkpoint", "save the model during training", settings,
              sizeof(checkpoint_settings) },
    .state_bytes = sizeof(checkpoint_state),
    .check = check,
    .check_run = check_run,
    .train_begin = train_begin,
    .batches_until_due = batches_until_due,
    .batch_end = batch_end,
    .epoch_end = epoch_end,
    .train_end = train_end,
    .save_state = save_state,
    .restore_state = restore_state,
};
