/* The value that a callback monitors, and what counts as an improvement. */
#ifndef CVY_CALLBACKS_MONITOR_H
#define CVY_CALLBACKS_MONITOR_H

#include "callbacks/callback.h"

/* The settings of a callback that monitors a value begin with this. */
typedef struct {
    char monitor[CVY_NAME_BYTES]; /* its name in the logs */
    int mode;
    double min_delta;
} cvy_monitor;

extern const char *const cvy_monitor_modes[];

/* The rows; min_delta has its own default in each callback. */
#define CVY_MONITOR_ROW                                                                            \
    {                                                                                              \
        "monitor", CVY_NAME, offsetof(cvy_monitor, monitor), "val_loss", 0, 0,                     \
            "value to monitor: loss, accuracy, val_loss or val_accuracy", CVY_CLOSED, NULL         \
    }
#define CVY_MODE_ROW                                                                               \
    {                                                                                              \
        "mode", CVY_CHOICE, offsetof(cvy_monitor, mode), "auto", 0, 0,                             \
            "whether lower (min) or higher (max) is better; auto: from the name", CVY_CLOSED,      \
            cvy_monitor_modes                                                                      \
    }

/* The best value so far. */
typedef struct {
    bool is_set;
    double value;
    size_t epoch; /* from 1 */
} cvy_best;

/** Check that the mode is known. Returns CVY_ERR_SETTING for auto with a name that implies none. */
cvy_status cvy_monitor_check(const cvy_monitor *monitor);

/** Check that this run's epochs have the value. Returns CVY_ERR_SETTING; the sentence lists what
 *  they have, or says how to keep images for validation. */
cvy_status cvy_monitor_check_run(const cvy_monitor *monitor, const cvy_callback_run *run);

/** Whether `value` is better than `reference` by more than min_delta, in single precision as Keras
 *  compares. Never true when either is NaN. */
bool cvy_monitor_beats(const cvy_monitor *monitor, double value, double reference);

/** Whether `value` beats the best so far; any value, NaN included, beats none. */
bool cvy_monitor_improves(const cvy_monitor *monitor, double value, const cvy_best *best);

/** Set *value to the monitored value, or to NULL if it is missing, which is reported unless
 *  *is_told. */
cvy_status cvy_monitor_find(const cvy_callback *callback, const cvy_callback_run *run,
                            const cvy_logs *logs, bool *is_told, const double **value);

#endif
