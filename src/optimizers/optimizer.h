/* An optimizer.
 *
 * Its file holds the settings, the scalars of an update and the loop over the weights, and is
 * compiled once per instruction set, as lane kernels are (CVY_ISA), but without fusing products
 * and sums: an element's result is the same with every instruction set and wherever a slice
 * begins. What all optimizers share - loss scale, accumulation, clipping, decay, averages - is done
 * around them (train/update.h). */
#ifndef CVY_OPTIMIZERS_OPTIMIZER_H
#define CVY_OPTIMIZERS_OPTIMIZER_H

#include <math.h>

#include "base/settings.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"

enum {
    CVY_SLOTS_MAX = 3,
    CVY_SCALARS_MAX = 4,
    CVY_STATE_MAX = 2,
    CVY_VARIABLE_PATH_BYTES = 2 * CVY_NAME_BYTES
};

/* The settings of every optimizer begin with those that Keras gives to all. NaN, or 0 for a count, means
 * "none". */
typedef struct {
    double learning_rate;
    double weight_decay;
    double clipnorm, global_clipnorm, clipvalue;
    bool use_ema;
    double ema_momentum;
    size_t ema_overwrite_frequency, gradient_accumulation_steps;
    double loss_scale_factor;
    char exclude_from_weight_decay[CVY_NAME_BYTES]; /* "[bias;gamma]" */
} cvy_optimizer_settings;

/* One weight tensor, as optimizers see it. */
typedef struct {
    const char *name;                   /* "kernel" */
    char path[CVY_VARIABLE_PATH_BYTES]; /* "dense/kernel" */
    size_t rank, dims[4], count;
    size_t offset;         /* in the parameter block, floats */
    double weight_decay;   /* NaN: none */
    int rule;              /* which of its rules a kind follows here; the kind's own numbers */
    size_t scratch_floats; /* that update_variable() needs */
} cvy_variable;

/* One update. The trainer counts updates: an optimizer keeps no counter. */
typedef struct {
    size_t number;                  /* 1 in the first update; used in bias corrections */
    double rate;                    /* learning rate of this update */
    double scalar[CVY_SCALARS_MAX]; /* the kind's own: from prepare(), for this update alone */
    double state[CVY_STATE_MAX]; /* named by state_names, kept from update to update and saved with
                                       the slots; 0 before the first */
} cvy_update;

typedef struct {
    cvy_kind kind; /* kind.settings begin with cvy_optimizer_settings */

    /* What rows cannot say: CVY_ERR_SETTING. NULL: nothing. */
    cvy_status (*check)(const void *settings);

    /* How many floats of state each weight has, at most CVY_SLOTS_MAX, and their names. Together with
     * update->state they are all that an optimizer keeps from one update to the next. */
    size_t (*slots)(const void *settings, const char *names[CVY_SLOTS_MAX]);

    /* Names of update->state, NULL-terminated. NULL: it has none. */
    const char *const *state_names;

    /* Fill the slots of n weights before the first update. NULL: they begin at zero. */
    void (*start)(const void *settings, size_t n, const float *w, float *const *slot);

    /* Choose a variable's rule, decay (set to the common one) and scratch. NULL: all alike. */
    void (*plan)(const void *settings, cvy_variable *variable);

    /* Compute update->scalar once an update; number, rate and state are set. NULL: there are none. */
    void (*prepare)(const void *settings, cvy_update *update);

    /* Update n weights. w, dw and each slot are 64-byte aligned and do not overlap. Any part of
     * the parameter block may come in any call: an element's result depends on itself alone. */
    void (*update)(const void *settings, const cvy_update *update, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot);

    /* Instead of update(), for a rule that looks at a whole variable. dw may be overwritten. */
    void (*update_variable)(const void *settings, const cvy_update *update,
                            const cvy_variable *variable, const cvy_gemm_backend *gemm,
                            float *restrict w, float *restrict dw, float *const *slot,
                            float *restrict scratch);
} cvy_optimizer_kind;

/* The loops around every optimizer; n floats each. */
typedef struct {
    void (*divide)(size_t n, float divisor, float *dw);
    void (*add)(size_t n, const float *dw, float *sum); /* sum += dw */
    /* dw = (dw + sum) / count, and sum = 0 */
    void (*take_mean)(size_t n, float count, float *sum, float *dw);
    double (*sum_squares)(size_t n, const float *x); /* partial sums side by side, then a tree */
    void (*scale)(size_t n, float factor, float *dw);
    void (*clip)(size_t n, float limit, float *dw); /* into [-limit, limit] */
    void (*decay)(size_t n, float share, float *w); /* w -= share w */
    void (*average)(size_t n, float momentum, const float *w, float *mean); /* moving, of w */
} cvy_update_loops;

/* All of it, compiled for one instruction set. */
typedef struct {
    const cvy_kind *const *kinds;
    const cvy_update_loops *loops;
} cvy_optimizer_set;

/* The list, for who only reads its tables. NULL-terminated. */
#define cvy_optimizer_kinds cvy_optimizer_list_generic
extern const cvy_kind *const cvy_optimizer_list_generic[];

/** How many slots a kind has. */
static inline size_t cvy_slot_count(const cvy_optimizer_kind *kind, const void *settings)
{
    const char *names[CVY_SLOTS_MAX];
    return kind->slots(settings, names);
}

/** The set that goes with those kernels. */
const cvy_optimizer_set *cvy_optimizer_set_of(const cvy_kernels *kernels);

/** A kind of any set as that set has it. */
const cvy_optimizer_kind *cvy_optimizer_in(const cvy_optimizer_set *set,
                                           const cvy_optimizer_kind *kind);

/**
 * Read a spec, as cvy_spec_read() does, and check what rows cannot: two ways of clipping, patterns
 * that are no patterns, and what the kind checks. Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_optimizer_read(const char *spec, const cvy_optimizer_kind **kind, void *settings);

/** Whether a list of patterns, "[bias;gamma]" or "bias", finds itself in a text: regular expressions as
 *  Keras takes them, of which any may match anywhere. "[]" finds nothing. */
bool cvy_pattern_finds(const char *list, const char *text);

/** Take the next pattern of a list, from *at on, which begins at 0. False: there is none. */
bool cvy_pattern_next(const char *list, size_t *at, char pattern[CVY_NAME_BYTES]);

/** CVY_ERR_SETTING, naming the setting, for a list of patterns that cannot be read. */
cvy_status cvy_pattern_check(const char *setting, const char *list);

/* --- what a file of src/optimizers is made of --- */

#define CVY_OPTIMIZER(name)      CVY_FOR_ISA(cvy_optimizer_##name)

/* Its rows are the same for every instruction set: of the weak definitions the linker keeps one. */
#define CVY_OPTIMIZER_ROWS(name) cvy_optimizer_rows_##name
#define CVY_OPTIMIZER_ROWS_DEFINE(name)                                                            \
    extern const cvy_setting CVY_OPTIMIZER_ROWS(name)[];                                           \
    __attribute__((weak)) const cvy_setting CVY_OPTIMIZER_ROWS(name)[]

/* The row that every optimizer's table begins with. */
#define CVY_LEARNING_RATE_ROW(text)                                                                \
    {                                                                                              \
        "learning_rate", CVY_FLOAT, offsetof(cvy_optimizer_settings, learning_rate), text, 0,      \
            HUGE_VAL, "learning rate", CVY_BELOW_MAX, NULL                                         \
    }

/* The row of the decay: its default, and CVY_OR_NONE or 0. */
#define CVY_WEIGHT_DECAY_ROW(text, or_none)                                                        \
    {                                                                                              \
        "weight_decay", CVY_FLOAT, offsetof(cvy_optimizer_settings, weight_decay), text, 0,        \
            HUGE_VAL, "decoupled weight decay: w -= learning_rate * weight_decay * w",             \
            CVY_BELOW_MAX | (or_none), NULL                                                        \
    }

#define CVY_COMMON_ROW(member, type, text, min, max, help, bounds)                                 \
    {                                                                                              \
#member, type, offsetof(cvy_optimizer_settings, member), text, min, max, help, bounds,     \
            NULL                                                                                   \
    }

/* The rows that it ends with. */
#define CVY_COMMON_ROWS                                                                            \
    CVY_COMMON_ROW(clipnorm, CVY_FLOAT, "none", 0, HUGE_VAL,                                       \
                   "clip the gradient of each variable to this norm; 0: no clipping",              \
                   CVY_BELOW_MAX | CVY_OR_NONE),                                                   \
        CVY_COMMON_ROW(global_clipnorm, CVY_FLOAT, "none", 0, HUGE_VAL,                            \
                       "clip the gradient of all variables together to this norm; 0: no clipping", \
                       CVY_BELOW_MAX | CVY_OR_NONE),                                               \
        CVY_COMMON_ROW(clipvalue, CVY_FLOAT, "none", 0, HUGE_VAL,                                  \
                       "clip each element of a gradient to this size; 0: no clipping",             \
                       CVY_BELOW_MAX | CVY_OR_NONE),                                               \
        CVY_COMMON_ROW(use_ema, CVY_BOOL, "false", 0, 0,                                           \
                       "keep a moving average of the weights, and use it at the end", CVY_CLOSED), \
        CVY_COMMON_ROW(ema_momentum, CVY_FLOAT, "0.99", 0, 1, "momentum of the moving average",    \
                       CVY_CLOSED),                                                                \
        CVY_COMMON_ROW(ema_overwrite_frequency, CVY_COUNT, "none", 1, (double)SIZE_MAX,            \
                       "replace the weights by their average every N updates", CVY_OR_NONE),       \
        CVY_COMMON_ROW(gradient_accumulation_steps, CVY_COUNT, "none", 2, (double)SIZE_MAX,        \
                       "number of batches whose mean gradient makes an update", CVY_OR_NONE),      \
        CVY_COMMON_ROW(loss_scale_factor, CVY_FLOAT, "none", 0, HUGE_VAL,                          \
                       "factor on the loss in the backward pass",                                  \
                       CVY_ABOVE_MIN | CVY_BELOW_MAX | CVY_OR_NONE),                               \
        CVY_COMMON_ROW(exclude_from_weight_decay, CVY_NAME, "[]", 0, 0,                            \
                       "patterns, as in [bias;gamma], of variables without weight decay",          \
                       CVY_CLOSED)

#endif
