/* An optimizer and its learning rate as specs with every setting filled in. */
#ifndef CVY_STUDY_RULE_H
#define CVY_STUDY_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { CVY_RULE_BYTES = 2048 };

typedef struct {
    char optimizer[CVY_RULE_BYTES];
    char rate[CVY_RULE_BYTES]; /* empty: the optimizer's own */
} cvy_rule;

/** rate: a number or a schedule, or NULL for the optimizer's own. Returns CVY_ERR_SETTING. */
cvy_status cvy_rule_read(const char *optimizer, const char *rate, cvy_rule *rule);

/** Change one setting: the schedule's if it has it, else the optimizer's. The learning_rate of a
 *  schedule is its peak, cvy_rule_peak(); for piecewise_constant_decay all values are scaled.
 *  *has_key: whether the setting exists. Returns CVY_ERR_SETTING for a value out of range. */
cvy_status cvy_rule_change(cvy_rule *rule, const char *key, const char *value, bool *has_key);

/** The setting with the highest learning rate: "learning_rate" or, for a schedule,
 *  max_learning_rate, warmup_target, initial_learning_rate or values. */
const char *cvy_rule_peak(const cvy_rule *rule);

/** Get the text of a setting of the schedule or else of the optimizer; empty if there is none. */
void cvy_rule_value(const cvy_rule *rule, const char *key, char *text, size_t size);

bool cvy_rule_equal(const cvy_rule *a, const cvy_rule *b);

/** The learning rate in the optimizer's own settings. */
double cvy_rule_own_rate(const cvy_rule *rule);

/** Print the rate as a complete spec, even if it is the optimizer's own. */
cvy_status cvy_rule_print_rate(const cvy_rule *rule, char text[CVY_RULE_BYTES]);

/** Get the number of floats of optimizer state per weight. */
cvy_status cvy_rule_state(const cvy_rule *rule, size_t *floats);

#endif
