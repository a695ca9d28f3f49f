#include "study/rule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "optimizers/optimizer.h"
#include "schedules/schedule.h"

static cvy_status complete_optimizer(const char *spec, char full[CVY_RULE_BYTES])
{
    const cvy_optimizer_kind *kind;
    void *settings;
    cvy_status status = cvy_optimizer_read(spec, &kind, &settings);

    if (status != CVY_OK)
        return status;
    cvy_spec_print(&kind->kind, settings, full, CVY_RULE_BYTES);
    cvy_memory_free(settings);
    return CVY_OK;
}

static cvy_status complete_rate(const char *spec, char full[CVY_RULE_BYTES])
{
    cvy_schedule schedule;
    cvy_status status = cvy_schedule_read(spec, &schedule);

    if (status != CVY_OK)
        return status;
    cvy_spec_print(&schedule.kind->kind, schedule.settings, full, CVY_RULE_BYTES);
    cvy_schedule_release(&schedule);
    return CVY_OK;
}

cvy_status cvy_rule_read(const char *optimizer, const char *rate, cvy_rule *rule)
{
    rule->rate[0] = '\0';
    cvy_status status = complete_optimizer(optimizer, rule->optimizer);
    return status == CVY_OK && rate != NULL ? complete_rate(rate, rule->rate) : status;
}

/* Change one setting of a complete spec. */
static cvy_status change_spec(const cvy_kind *const *kinds, const char *key, const char *value,
                              char spec[CVY_RULE_BYTES], bool *has_key)
{
    const cvy_kind *kind;
    void *settings;
    cvy_status status = cvy_spec_read("spec", spec, kinds, &kind, &settings);

    if (status != CVY_OK)
        return status;
    const cvy_setting *row = kind->settings != NULL ? cvy_setting_find(kind->settings, key) : NULL;
    *has_key = row != NULL;
    if (row != NULL) {
        status = cvy_setting_parse(row, value, settings);
        if (status == CVY_OK)
            cvy_spec_print(kind, settings, spec, CVY_RULE_BYTES);
        else
            cvy_fail_at(status, "%s", kind->name);
    }
    cvy_memory_free(settings);
    return status;
}

cvy_status cvy_rule_change(cvy_rule *rule, const char *key, const char *value, bool *has_key)
{
    const bool has_schedule = rule->rate[0] != '\0';
    cvy_status status = CVY_OK;

    *has_key = false;
    if (has_schedule)
        status = change_spec(cvy_schedule_kinds, key, value, rule->rate, has_key);
    if (status != CVY_OK || *has_key)
        return status;
    /* the optimizer's own rate is of no effect beside a schedule */
    if (has_schedule && strcmp(key, "learning_rate") == 0)
        return CVY_OK;
    return change_spec(cvy_optimizer_kinds, key, value, rule->optimizer, has_key);
}

bool cvy_rule_equal(const cvy_rule *a, const cvy_rule *b)
{
    return strcmp(a->optimizer, b->optimizer) == 0 && strcmp(a->rate, b->rate) == 0;
}

double cvy_rule_own_rate(const cvy_rule *rule)
{
    const cvy_kind *kind;
    void *settings;

    if (cvy_spec_read("optimizer", rule->optimizer, cvy_optimizer_kinds, &kind, &settings) !=
        CVY_OK)
        return NAN;
    const double rate = ((const cvy_optimizer_settings *)settings)->learning_rate;
    cvy_memory_free(settings);
    return rate;
}

cvy_status cvy_rule_print_rate(const cvy_rule *rule, char text[CVY_RULE_BYTES])
{
    const double rate = cvy_rule_own_rate(rule);
    char number[CVY_NUMBER_BYTES];

    if (rule->rate[0] != '\0') {
        memcpy(text, rule->rate, CVY_RULE_BYTES);
        return CVY_OK;
    }
    cvy_number_short(rate, number);
    return complete_rate(number, text);
}

cvy_status cvy_rule_state(const cvy_rule *rule, size_t *floats)
{
    const cvy_kind *kind;
    void *settings;
    cvy_status status =
        cvy_spec_read("optimizer", rule->optimizer, cvy_optimizer_kinds, &kind, &settings);

    if (status == CVY_OK)
        *floats = cvy_slot_count((const cvy_optimizer_kind *)kind, settings);
    if (status == CVY_OK)
        cvy_memory_free(settings);
    return status;
}
