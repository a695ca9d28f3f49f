/* Ends training in an orderly way at a loss that is not finite; Keras's TerminateOnNaN. Validation
 * and the other callbacks of the epoch still run, so that early_stopping can restore the best
 * weights. With raise_error, or without this callback, training fails at once.
 * Source: keras/src/callbacks/terminate_on_nan.py, Keras 3.15.1. */
#include <math.h>

#include "callbacks/callback.h"

typedef struct {
    bool raise_error;
} nan_settings;

static const cvy_setting settings[] = {
    { "raise_error", CVY_BOOL, offsetof(nan_settings, raise_error), "false", 0, 0,
      "fail at once, without calling other callbacks", CVY_CLOSED, NULL },
    { 0 },
};

static cvy_status batch_end(cvy_callback *callback, cvy_callback_run *run, size_t batch,
                            const cvy_logs *logs)
{
    const nan_settings *s = callback->settings;
    const double *loss = cvy_logs_find(logs, "loss");

    if (loss == NULL || isfinite(*loss))
        return CVY_OK;
    if (s->raise_error)
        return cvy_fail(CVY_ERR_DIVERGED,
                        "the loss is not a finite number at batch %zu of epoch %zu; a smaller "
                        "learning rate may help",
                        batch + 1, run->epoch + 1);
    run->is_stopping = true;
    return cvy_callback_tell(callback, run, "terminated", 0, NAN,
                             "stopped: the loss is not a finite number at batch %zu", batch + 1);
}

const cvy_callback_kind cvy_terminate_on_nan = {
    .kind = { "terminate_on_nan", "stop training when the loss is NaN or infinite", settings,
              sizeof(nan_settings) },
    .batch_end = batch_end,
};
