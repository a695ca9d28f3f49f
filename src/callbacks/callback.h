/* A callback observes a training run and may change its course. These are Keras's callbacks, with
 * Keras's names, defaults and order of calls:
 *     train_begin   once
 *     batch_end     after an update: when `batches_until_due` says so, at the end of an epoch, and
 *                   if the loss is not finite
 *     epoch_end     after the validation
 *     train_end     once, unless training failed
 * Each is called for all callbacks in the order in which they were given. Epochs and batches count
 * from 0. */
#ifndef CVY_CALLBACKS_CALLBACK_H
#define CVY_CALLBACKS_CALLBACK_H

#include "base/json.h"
#include "base/settings.h"
#include "callbacks/logs.h"
#include "convoy/train.h"

/* A training run as callbacks see it. */
typedef struct {
    float *weights; /* [weight_count]; everything that training changes */
    size_t weight_count;
    double learning_rate; /* may be changed between epochs, unless there is a schedule */
    bool has_schedule;
    bool is_stopping;      /* set to end training after the callbacks of this epoch */
    bool has_diverged;     /* the loss is not finite, and the weights are earlier ones */
    const cvy_logs *known; /* the names that an epoch's logs will have */
    size_t epoch;          /* the current one */
    bool is_resuming;      /* restore_state() follows train_begin(): files are appended to */
    bool has_no_files;     /* another process writes them (convoy/comm.h) */

    /* Save the current model. */
    cvy_status (*save)(void *context, const char *path);
    /* Record an event; its epoch and callback are already set. */
    cvy_status (*tell)(void *context, const cvy_event *event);
    void *context;
} cvy_callback_run;

typedef struct cvy_callback_kind cvy_callback_kind;

/* One callback of a run. */
typedef struct {
    const cvy_callback_kind *kind;
    void *settings, *state;
    bool has_failed; /* to write a file; this has been reported */
} cvy_callback;

struct cvy_callback_kind {
    cvy_kind kind;
    size_t state_bytes; /* of a struct that is zeroed before train_begin() */

    /* Checks of the settings beyond their rows; returns CVY_ERR_SETTING. */
    cvy_status (*check)(const void *settings);

    /* Checks of the run, of which has_schedule and known are set; returns CVY_ERR_SETTING. */
    cvy_status (*check_run)(const void *settings, const cvy_callback_run *run);

    /* Each may be NULL. A callback may add to an epoch's logs; later callbacks see it. */
    cvy_status (*train_begin)(cvy_callback *callback, cvy_callback_run *run);
    size_t (*batches_until_due)(const cvy_callback *callback);
    cvy_status (*batch_end)(cvy_callback *callback, cvy_callback_run *run, size_t batch,
                            const cvy_logs *logs);
    cvy_status (*epoch_end)(cvy_callback *callback, cvy_callback_run *run, cvy_logs *logs);
    cvy_status (*train_end)(cvy_callback *callback, cvy_callback_run *run);
    void (*release)(cvy_callback *callback); /* frees what `state` points to */

    /* The state between calls as a JSON object that a checkpoint saves; NULL if memory is short.
     * And its restoration, after train_begin; returns CVY_ERR_FORMAT. Both NULL: there is no
     * state. */
    json_t *(*save_state)(const cvy_callback *callback);
    cvy_status (*restore_state)(cvy_callback *callback, const json_t *state);

    /* Weights that it keeps as well, [run->weight_count], or NULL. They are saved and restored in
     * place. */
    float *(*kept_weights)(const cvy_callback *callback);
};

/* The list of kinds. NULL-terminated. */
extern const cvy_kind *const cvy_callback_kinds[];

/* Callbacks, in order. */
typedef struct {
    size_t count;
    cvy_callback *items;
} cvy_callbacks;

/** Read `count` specs: "early_stopping:patience=3". Released with cvy_callbacks_release(), also
 *  after a failure. Returns CVY_ERR_SETTING or CVY_ERR_MEMORY. */
cvy_status cvy_callbacks_read(const char *const *specs, size_t count, cvy_callbacks *callbacks);
void cvy_callbacks_release(cvy_callbacks *callbacks);

/** Check that all callbacks can serve a run of which only has_schedule and known are set so far.
 *  Has no side effects; called before train_begin. Returns CVY_ERR_SETTING. */
cvy_status cvy_callbacks_check(const cvy_callbacks *callbacks, const cvy_callback_run *run);

/** Call all callbacks. Return the first failure; but once training has begun, a file that cannot be
 *  written or a lack of memory is only an event ("failed"), since it must not cost the model. */
cvy_status cvy_callbacks_train_begin(cvy_callbacks *callbacks, cvy_callback_run *run);
cvy_status cvy_callbacks_batch_end(cvy_callbacks *callbacks, cvy_callback_run *run, size_t batch,
                                   const cvy_logs *logs);
cvy_status cvy_callbacks_epoch_end(cvy_callbacks *callbacks, cvy_callback_run *run, cvy_logs *logs);
cvy_status cvy_callbacks_train_end(cvy_callbacks *callbacks, cvy_callback_run *run);

/** The state of all callbacks, as a JSON array with one object each; NULL if memory is short. */
json_t *cvy_callbacks_save(const cvy_callbacks *callbacks);

/** Restore the state, after train_begin of a run that is_resuming. Returns CVY_ERR_FORMAT if other
 *  callbacks saved it or its members differ. */
cvy_status cvy_callbacks_restore(cvy_callbacks *callbacks, const json_t *state);

/** The number of batches after which batch_end() must be called at the latest; SIZE_MAX: never. */
size_t cvy_callbacks_until_due(const cvy_callbacks *callbacks);

/**
 * Report what a callback did, to on_event and the training record.
 * event       one word: "stopped", "restored", "reduced", "saved", "terminated", "missing",
 *             "failed"
 * best_epoch  the epoch it refers to, from 1, or 0
 * value       the number that goes with it, or NaN
 */
cvy_status cvy_callback_tell(const cvy_callback *callback, const cvy_callback_run *run,
                             const char *event, size_t best_epoch, double value, const char *format,
                             ...) __attribute__((format(printf, 6, 7)));

#endif
