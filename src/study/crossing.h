/* Cross optimizers with learning rates, and multiply by a grid. */
#ifndef CVY_STUDY_CROSSING_H
#define CVY_STUDY_CROSSING_H

#include "study/configurations.h"
#include "study/rule.h"

enum { CVY_LABEL_BYTES = 256 };

/** An optimizer and a learning rate, to become a configuration. */
typedef struct {
    char label[CVY_LABEL_BYTES];
    cvy_rule rule;
    bool is_named;       /* the user gave it a name */
    bool has_batch_size; /* set by --grid, otherwise as --batch-size */
    size_t batch_size;   /* 0: full */
} cvy_crossed;

typedef struct {
    cvy_crossed *items; /* [CVY_CONFIGURATIONS_MAX] */
    size_t count;
} cvy_crossed_list;

/** Cross the optimizers and rates of the settings, or the usual optimizers if none is named;
 *  duplicates are refused. steps_total: updates per run, the length of schedules. The caller frees
 *  list->items, also on failure. */
cvy_status cvy_cross(const cvy_study_settings *settings, size_t steps_total,
                     cvy_crossed_list *list);

/** Refuse an option's key that no optimizer or schedule has. Returns CVY_ERR_SETTING. */
cvy_status cvy_cross_fail_no_key(const char *option, const char *key);

#endif
