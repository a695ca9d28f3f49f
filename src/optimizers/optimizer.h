/* What an optimizer is. */
#ifndef CVY_OPTIMIZERS_OPTIMIZER_H
#define CVY_OPTIMIZERS_OPTIMIZER_H

#include "base/settings.h"

enum { CVY_SLOTS_MAX = 4 };

/* Every optimizer's settings begin with what Keras gives to all of them. */
typedef struct {
    double learning_rate;
} cvy_optimizer_settings;

/* One update. The trainer counts: an optimizer keeps no counter of its own. */
typedef struct {
    size_t number; /* 1 in the first update; used in bias corrections */
    double rate;   /* learning rate of this update */
} cvy_update;

typedef struct {
    cvy_kind kind; /* kind.settings begin with cvy_optimizer_settings */

    /* How many values of state each weight has; at most CVY_SLOTS_MAX. They begin at zero. */
    size_t (*slot_count)(const void *settings);

    /* Update n weights. w, dw and each slot are 64-byte aligned and do not overlap. Any part of
     * the parameter block may come in any call: an element's result depends on itself alone. */
    void (*update)(const void *settings, const cvy_update *update, size_t n, float *restrict w,
                   const float *restrict dw, float *const *slot);
} cvy_optimizer_kind;

/* The list. NULL-terminated. */
extern const cvy_kind *const cvy_optimizer_kinds[];

/* The row that every optimizer's table begins with. */
#define CVY_LEARNING_RATE_ROW(text)                                                                \
    {                                                                                              \
        "learning_rate", CVY_FLOAT, offsetof(cvy_optimizer_settings, learning_rate), text, 0,      \
            HUGE_VAL, "size of a step", CVY_BELOW_MAX, NULL                                        \
    }

#endif
