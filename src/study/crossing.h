/* Optimizers with learning rates, crossed and multiplied by a grid. */
#ifndef CVY_STUDY_CROSSING_H
#define CVY_STUDY_CROSSING_H

#include "study/configurations.h"
#include "study/rule.h"

enum { CVY_LABEL_BYTES = 256 };

/** An optimizer and a learning rate that become a configuration. */
typedef struct {
    char label[CVY_LABEL_BYTES];
    cvy_rule rule;
    bool is_named;       /* the user gave it a name */
    bool has_batch_size; /* of --grid, as for --batch-size: */
    size_t batch_size;   /* 0: full */
} cvy_crossed;

typedef struct {
    cvy_crossed *items; /* [CVY_CONFIGURATIONS_MAX] */
    size_t count;
} cvy_crossed_list;

/** Cross what the settings name, or the usual optimizers where they name none; refuse two that are the same.
 *  steps_total: updates of a run, which schedules are stretched over. Free list->items, also on failure. */
cvy_status cvy_cross(const cvy_study_settings *settings, size_t steps_total,
                     cvy_crossed_list *list);

/** Refuse the key of an option that no optimizer or schedule has. Returns CVY_ERR_SETTING. */
cvy_status cvy_cross_fail_no_key(const char *option, const char *key);

#endif
