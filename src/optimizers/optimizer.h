/* An optimizer.
 *
 * Its file holds the settings, the scalars of an update and the loop over the weights. It is
 * compiled once per instruction set, like the lane kernels (CVY_ISA), but without fused
 * multiply-add, so that an element's result is the same with every instruction set and wherever a
 * slice begins. The parts that all optimizers share - loss scale, accumulation, clipping, decay,
 * averages - are in train/update.h. */
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

/* The settings of every optimizer begin with those that all Keras optimizers have. NaN, or 0 for a
 * count, means "none". */
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

/* One weight tensor as seen by an optimizer. */
typedef struct {
    const char *name;                   /* "kernel" */
    char path[CVY_VARIABLE_PATH_BYTES]; /* "dense/kernel" */
    size_t rank, dims[4], count;
    size_t offset;         /* in the parameter block, floats */
    double weight_decay;   /* NaN: none */
    int rule;              /* the kind's rule for this variable; numbered by the kind */
    size_t scratch_floats; /* needed by update_variable() */
} cvy_variable;

/* One update. The trainer counts updates: an optimizer keeps no counter. */
typedef struct {
    size_t number;                  /* 1 in the first update; used in bias corrections */
    double rate;                    /* learning rate of this update */
    double scalar[CVY_SCALARS_MAX]; /* the kind's own: set by prepare() for this update */
    double state[CVY_STATE_MAX];    /* named by state_names; kept between updates and saved with the
                                       slots; 0 before the first */
} cvy_update;

typedef struct {
    cvy_kind kind; /* kind.settings begin with cvy_optimizer_settings */

    /* Checks that rows cannot express. Returns CVY_ERR_SETTING. NULL: none. */
    cvy_status (*check)(const void *settings);

    /* The number of slots (floats of state per weight), at most CVY_SLOTS_MAX, and their names.
     * Slots and update->state are all that an optimizer keeps from one update to the next. */
    size_t (*slots)(const void *settings, const char *names[CVY_SLOTS_MAX]);

    /* Names of update->state, NULL-terminated. NULL: no state. */
    const char *const *state_names;

    /* Fill the slots of n weights before the first update. NULL: they start at zero. */
    void (*start)(const void *settings, size_t n, const float *w, float *const *slot);

    /* Choose a variable's rule, decay (preset to the common one) and scratch. NULL: all variables
     * are alike. */
    void (*plan)(const void *settings, cvy_variable *variable);

    /* Compute update->scalar, once per update; number, rate and state are set. NULL: no scalars. */
    void (*prepare)(const void *settings, cvy_update *update);

    /* Update n weights. w, dw and each slot are 64-byte aligned and do not overlap. A call may get
     * any part of the parameter block: an element's result depends only on that element. */
    void (*update)(const void *settings, const cvy_update *update, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot);

    /* Replaces update() for a rule that needs a whole variable. May overwrite dw. */
    void (*update_variable)(const void *settings, const cvy_update *update,
                            const cvy_variable *variable, const cvy_gemm_backend *gemm,
                            float *restrict w, float *restrict dw, float *const *slot,
                            float *restrict scratch);
} cvy_optimizer_kind;

/* The loops around every optimizer, over n floats. */
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

/* All optimizers and loops, compiled for one instruction set. */
typedef struct {
    const cvy_kind *const *kinds;
    const cvy_update_loops *loops;
} cvy_optimizer_set;

/* The list, for code that only reads its tables. NULL-terminated. */
#define cvy_optimizer_kinds cvy_optimizer_list_generic
extern const cvy_kind *const cvy_optimizer_list_generic[];

/** The number of slots of a kind. */
static inline size_t cvy_slot_count(const cvy_optimizer_kind *kind, const void *settings)
{
    const char *names[CVY_SLOTS_MAX];
    return kind->slots(settings, names);
}

/** The set for these kernels. */
const cvy_optimizer_set *cvy_optimizer_set_of(const cvy_kernels *kernels);

/** The counterpart in `set` of a kind of any set. */
const cvy_optimizer_kind *cvy_optimizer_in(const cvy_optimizer_set *set,
                                           const cvy_optimizer_kind *kind);

/**
 * Read a spec like cvy_spec_read(), and check what rows cannot: two ways of clipping, invalid
 * patterns, and the kind's check(). Returns CVY_ERR_SETTING or CVY_ERR_MEMORY.
 */
cvy_status cvy_optimizer_read(const char *spec, const cvy_optimizer_kind **kind, void *settings);

/** Whether any pattern of a list, "[bias;gamma]" or "bias", matches anywhere in a text. Patterns
 *  are regular expressions, as in Keras. "[]" matches nothing. */
bool cvy_pattern_finds(const char *list, const char *text);

/** Get the next pattern of a list, starting at *at, which is 0 at first.
 *  Returns false if there is none. */
bool cvy_pattern_next(const char *list, size_t *at, char pattern[CVY_NAME_BYTES]);

/** Returns CVY_ERR_SETTING, with the setting in the message, if a list of patterns is not valid. */
cvy_status cvy_pattern_check(const char *setting, const char *list);

/* --- macros for the files of src/optimizers --- */

#define CVY_OPTIMIZER(name)      CVY_FOR_ISA(cvy_optimizer_##name)

/* The rows are the same for every instruction set; the linker keeps one of the weak definitions. */
#define CVY_OPTIMIZER_ROWS(name) cvy_optimizer_rows_##name
#define CVY_OPTIMIZER_ROWS_DEFINE(name)                                                            \
    extern const cvy_setting CVY_OPTIMIZER_ROWS(name)[];                                           \
    __attribute__((weak)) const cvy_setting CVY_OPTIMIZER_ROWS(name)[]

/* The first row of every optimizer's table. */
#define CVY_LEARNING_RATE_ROW(text)                                                                \
    {                                                                                              \
        "learning_rate", CVY_FLOAT, offsetof(cvy_optimizer_settings, learning_rate), text, 0,      \
            HUGE_VAL, "learning rate", CVY_BELOW_MAX, NULL                                         \
    }

/* The row of weight_decay: its default, and CVY_OR_NONE or 0. */
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

/* The last rows of every optimizer's table. */
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
                       "number of batches whose mean gradient is used for an update",              \
                       CVY_OR_NONE),                                                               \
        CVY_COMMON_ROW(loss_scale_factor, CVY_FLOAT, "none", 0, HUGE_VAL,                          \
                       "factor on the loss in the backward pass",                                  \
                       CVY_ABOVE_MIN | CVY_BELOW_MAX | CVY_OR_NONE),                               \
        CVY_COMMON_ROW(exclude_from_weight_decay, CVY_NAME, "[]", 0, 0,                            \
                       "patterns, as in [bias;gamma], of variables without weight decay",          \
                       CVY_CLOSED)

#endif
