/* Stop when a value no longer improves; Keras's EarlyStopping. At the end of an epoch:
 *     wait += 1
 *     improved:  best = value, and wait = 0 unless the value is no better than the baseline either
 *     else:      stop when wait >= patience, but never in the first epoch
 * The weights of the best epoch are restored at the end of training, stopped or not.
 * Source: keras/src/callbacks/early_stopping.py, Keras 3.15.1. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "callbacks/callback_state.h"

typedef struct {
    cvy_monitor monitor;
    size_t patience, start_from_epoch;
    double baseline; /* NaN: none */
    bool restore_best_weights;
} early_settings;

typedef struct {
    cvy_best best;
    size_t wait;
    float *weights;       /* of the best epoch, or NULL */
    size_t weights_epoch; /* the epoch of these weights, from 1; 0: none yet */
    bool is_missing_told;
} early_state;

#define AT(member) offsetof(early_settings, member)
static const cvy_setting settings[] = {
    CVY_MONITOR_ROW,
    { "min_delta", CVY_FLOAT, AT(monitor.min_delta), "0", -HUGE_VAL, HUGE_VAL,
      "a change must be larger than this to count; its sign does not matter", CVY_CLOSED, NULL },
    { "patience", CVY_COUNT, AT(patience), "0", 0, HUGE_VAL,
      "epochs without improvement before training stops", CVY_BELOW_MAX, NULL },
    CVY_MODE_ROW,
    { "baseline", CVY_FLOAT, AT(baseline), "none", -HUGE_VAL, HUGE_VAL,
      "value to beat before patience runs out", CVY_OR_NONE, NULL },
    { "restore_best_weights", CVY_BOOL, AT(restore_best_weights), "false", 0, 0,
      "end with the weights of the best epoch", CVY_CLOSED, NULL },
    { "start_from_epoch", CVY_COUNT, AT(start_from_epoch), "0", 0, HUGE_VAL,
      "number of epochs at the start to ignore", CVY_BELOW_MAX, NULL },
    { 0 },
};

static cvy_status check(const void *config)
{
    return cvy_monitor_check(config);
}

static cvy_status check_run(const void *config, const cvy_callback_run *run)
{
    return cvy_monitor_check_run(config, run);
}

static cvy_status train_begin(cvy_callback *callback, cvy_callback_run *run)
{
    const early_settings *s = callback->settings;
    early_state *state = callback->state;

    cvy_memory_free(state->weights);
    *state = (early_state){ 0 };
    return s->restore_best_weights
               ? cvy_memory_create(run->weight_count, sizeof *state->weights, &state->weights)
               : CVY_OK;
}

static void keep_weights(early_state *state, const cvy_callback_run *run)
{
    if (state->weights == NULL)
        return;
    memcpy(state->weights, run->weights, run->weight_count * sizeof *state->weights);
    state->weights_epoch = run->epoch + 1;
}

static cvy_status epoch_end(cvy_callback *callback, cvy_callback_run *run, cvy_logs *logs)
{
    const early_settings *s = callback->settings;
    early_state *state = callback->state;
    const double *value;
    cvy_status status = cvy_monitor_find(callback, run, logs, &state->is_missing_told, &value);

    if (status != CVY_OK || value == NULL || run->epoch < s->start_from_epoch)
        return status;
    if (state->weights_epoch == 0)
        keep_weights(state, run);
    state->wait++;
    if (cvy_monitor_improves(&s->monitor, *value, &state->best)) {
        state->best = (cvy_best){ true, *value, run->epoch + 1 };
        keep_weights(state, run);
        if (isnan(s->baseline) || cvy_monitor_beats(&s->monitor, *value, s->baseline))
            state->wait = 0;
        return CVY_OK;
    }
    if (state->wait < s->patience || run->epoch == 0)
        return CVY_OK;
    run->is_stopping = true;
    return cvy_callback_tell(callback, run, "stopped", state->best.epoch, state->best.value,
                             "stopped: %s has not improved on %.4g of epoch %zu",
                             s->monitor.monitor, state->best.value, state->best.epoch);
}

static cvy_status train_end(cvy_callback *callback, cvy_callback_run *run)
{
    const early_settings *s = callback->settings;
    const early_state *state = callback->state;

    if (state->weights_epoch == 0)
        return CVY_OK;
    memcpy(run->weights, state->weights, run->weight_count * sizeof *run->weights);
    return cvy_callback_tell(callback, run, "restored", state->weights_epoch, state->best.value,
                             "the weights of epoch %zu are restored: %s %.4g", state->weights_epoch,
                             s->monitor.monitor, state->best.value);
}

static json_t *save_state(const cvy_callback *callback)
{
    const early_state *state = callback->state;

    return json_pack("{s:o, s:I, s:I, s:b}", "best", cvy_state_best(&state->best), "wait",
                     (json_int_t)state->wait, "weights_epoch", (json_int_t)state->weights_epoch,
                     "is_missing_told", state->is_missing_told);
}

static cvy_status restore_state(cvy_callback *callback, const json_t *saved)
{
    early_state *state = callback->state, read = *state;
    cvy_status status = cvy_state_read_best(saved, "best", &read.best);

    if (status == CVY_OK)
        status = cvy_state_read_count(saved, "wait", &read.wait);
    if (status == CVY_OK)
        status = cvy_state_read_count(saved, "weights_epoch", &read.weights_epoch);
    if (status == CVY_OK)
        status = cvy_state_read_bool(saved, "is_missing_told", &read.is_missing_told);
    if (status == CVY_OK)
        *state = read;
    return status;
}

static float *kept_weights(const cvy_callback *callback)
{
    return ((const early_state *)callback->state)->weights;
}

static void release(cvy_callback *callback)
{
    cvy_memory_free(((early_state *)callback->state)->weights);
}

const cvy_callback_kind cvy_early_stopping = {
    .kind = { "early_stopping", "stop training when a value no longer improves", settings,
              sizeof(early_settings) },
    .state_bytes = sizeof(early_state),
    .check = check,
    .check_run = check_run,
    .train_begin = train_begin,
    .epoch_end = epoch_end,
    .train_end = train_end,
    .release = release,
    .save_state = save_state,
    .restore_state = restore_state,
    .kept_weights = kept_weights,
};
