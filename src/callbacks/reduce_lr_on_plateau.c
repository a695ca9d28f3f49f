/* Lower the learning rate when a value no longer improves; Keras's ReduceLROnPlateau. At the end of
 * an epoch:
 *     cooling:    cool -= 1, wait = 0
 *     improved:   best = value, wait = 0
 *     else, when no longer cooling:  wait += 1; when wait >= patience and rate > min_lr:
 *         rate = max(rate * factor, min_lr), cool = cooldown, wait = 0
 * The rate before the reduction joins the epoch's logs as learning_rate. Rates are kept in single
 * precision, products are formed in double.
 * Source: keras/src/callbacks/reduce_lr_on_plateau.py, Keras 3.15.1. */
#include <math.h>

#include "callbacks/callback_state.h"

typedef struct {
    cvy_monitor monitor;
    double factor, min_lr;
    size_t patience, cooldown;
} plateau_settings;

typedef struct {
    cvy_best best;
    size_t wait, cool;
    bool is_missing_told;
} plateau_state;

#define AT(member) offsetof(plateau_settings, member)
static const cvy_setting settings[] = {
    CVY_MONITOR_ROW,
    { "factor", CVY_FLOAT, AT(factor), "0.1", 0, 1, "factor on the learning rate", CVY_BELOW_MAX,
      NULL },
    { "patience", CVY_COUNT, AT(patience), "10", 0, HUGE_VAL,
      "epochs without improvement before the learning rate is reduced", CVY_BELOW_MAX, NULL },
    CVY_MODE_ROW,
    { "min_delta", CVY_FLOAT, AT(monitor.min_delta), "0.0001", -HUGE_VAL, HUGE_VAL,
      "a change must be larger than this to count; its sign does not matter", CVY_CLOSED, NULL },
    { "cooldown", CVY_COUNT, AT(cooldown), "0", 0, HUGE_VAL,
      "epochs after a reduction before patience counts again", CVY_BELOW_MAX, NULL },
    { "min_lr", CVY_FLOAT, AT(min_lr), "0", 0, HUGE_VAL, "lower bound of the learning rate",
      CVY_BELOW_MAX, NULL },
    { 0 },
};

static cvy_status check(const void *config)
{
    return cvy_monitor_check(config);
}

static cvy_status check_run(const void *config, const cvy_callback_run *run)
{
    if (run->has_schedule)
        return cvy_fail(CVY_ERR_SETTING,
                        "the learning rate follows a schedule, expected a number, which can be "
                        "reduced");
    return cvy_monitor_check_run(config, run);
}

static cvy_status train_begin(cvy_callback *callback, cvy_callback_run *run)
{
    (void)run;
    *(plateau_state *)callback->state = (plateau_state){ 0 };
    return CVY_OK;
}

/* One more epoch without improvement. */
static cvy_status lose_patience(cvy_callback *callback, cvy_callback_run *run)
{
    const plateau_settings *s = callback->settings;
    plateau_state *state = callback->state;
    const double rate = (double)(float)run->learning_rate;

    if (++state->wait < s->patience || rate <= (double)(float)s->min_lr)
        return CVY_OK;
    run->learning_rate = (double)(float)fmax(rate * s->factor, s->min_lr);
    state->cool = s->cooldown;
    state->wait = 0;
    return cvy_callback_tell(callback, run, "reduced", state->best.epoch, run->learning_rate,
                             "the learning rate is reduced to %.4g: %s has not improved on %.4g of "
                             "epoch %zu",
                             run->learning_rate, s->monitor.monitor, state->best.value,
                             state->best.epoch);
}

static cvy_status epoch_end(cvy_callback *callback, cvy_callback_run *run, cvy_logs *logs)
{
    const plateau_settings *s = callback->settings;
    plateau_state *state = callback->state;
    const double *value;

    cvy_logs_set(logs, "learning_rate", run->learning_rate);
    cvy_status status = cvy_monitor_find(callback, run, logs, &state->is_missing_told, &value);
    if (status != CVY_OK || value == NULL)
        return status;
    if (state->cool > 0) {
        state->cool--;
        state->wait = 0;
    }
    if (cvy_monitor_improves(&s->monitor, *value, &state->best)) {
        state->best = (cvy_best){ true, *value, run->epoch + 1 };
        state->wait = 0;
    } else if (state->cool == 0) {
        status = lose_patience(callback, run);
    }
    return status;
}

static json_t *save_state(const cvy_callback *callback)
{
    const plateau_state *state = callback->state;

    return json_pack("{s:o, s:I, s:I, s:b}", "best", cvy_state_best(&state->best), "wait",
                     (json_int_t)state->wait, "cool", (json_int_t)state->cool, "is_missing_told",
                     state->is_missing_told);
}

static cvy_status restore_state(cvy_callback *callback, const json_t *saved)
{
    plateau_state *state = callback->state, read = *state;
    cvy_status status = cvy_state_read_best(saved, "best", &read.best);

    if (status == CVY_OK)
        status = cvy_state_read_count(saved, "wait", &read.wait);
    if (status == CVY_OK)
        status = cvy_state_read_count(saved, "cool", &read.cool);
    if (status == CVY_OK)
        status = cvy_state_read_bool(saved, "is_missing_told", &read.is_missing_told);
    if (status == CVY_OK)
        *state = read;
    return status;
}

const cvy_callback_kind cvy_reduce_lr_on_plateau = {
    .kind = { "reduce_lr_on_plateau", "lower the learning rate when a value no longer improves",
              settings, sizeof(plateau_settings) },
    .state_bytes = sizeof(plateau_state),
    .check = check,
    .check_run = check_run,
    .train_begin = train_begin,
    .epoch_end = epoch_end,
    .save_state = save_state,
    .restore_state = restore_state,
};
