#include "study/rule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "convoy/kinds.h"

/* Complete the spec: fill in every setting. */
static cvy_status complete(cvy_kind_group group, const char *text, char full[CVY_RULE_BYTES])
{
    cvy_spec *spec;
    cvy_status status = cvy_spec_resolve(group, text, &spec);

    if (status != CVY_OK)
        return status;
    const size_t length = strlen(spec->text);
    if (length < CVY_RULE_BYTES)
        memcpy(full, spec->text, length + 1);
    else
        status = cvy_fail(CVY_ERR_SETTING, "%s: found a spec of %zu bytes, expected at most %d",
                          spec->kind->name, length, CVY_RULE_BYTES - 1);
    cvy_spec_destroy(spec);
    return status;
}

cvy_status cvy_rule_read(const char *optimizer, const char *rate, cvy_rule *rule)
{
    rule->rate[0] = '\0';
    cvy_status status = complete(CVY_KINDS_OPTIMIZERS, optimizer, rule->optimizer);
    return status == CVY_OK && rate != NULL ? complete(CVY_KINDS_SCHEDULES, rate, rule->rate)
                                            : status;
}

/* Find the start of a setting's value in a complete spec, or NULL. */
static const char *find_value(const char *spec, const char *key, size_t *length)
{
    const size_t bytes = strlen(key);

    for (const char *at = spec + strcspn(spec, ":"); *at != '\0'; at += strcspn(at, ",")) {
        at++;
        if (strncmp(at, key, bytes) == 0 && at[bytes] == '=') {
            *length = strcspn(at + bytes + 1, ",");
            return at + bytes + 1;
        }
    }
    return NULL;
}

/* Change one setting of a complete spec, if it has it. */
static cvy_status change_spec(cvy_kind_group group, const char *key, const char *value,
                              char spec[CVY_RULE_BYTES], bool *has_key)
{
    char changed[2 * CVY_RULE_BYTES];
    size_t length = 0;
    const char *old = find_value(spec, key, &length);

    *has_key = old != NULL;
    if (old == NULL)
        return CVY_OK;
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(old - spec), spec, value, old + length);
    return complete(group, changed, spec);
}

void cvy_rule_value(const cvy_rule *rule, const char *key, char *text, size_t size)
{
    size_t length = 0;
    const char *value = find_value(rule->rate, key, &length);

    if (value == NULL)
        value = find_value(rule->optimizer, key, &length);
    snprintf(text, size, "%.*s", value != NULL ? (int)length : 0, value != NULL ? value : "");
}

const char *cvy_rule_peak(const cvy_rule *rule)
{
    static const char *const keys[] = { "max_learning_rate", "warmup_target",
                                        "initial_learning_rate", "values" };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t length;
        const char *value = find_value(rule->rate, keys[i], &length);
        if (value != NULL && strncmp(value, "none", 4) != 0)
            return keys[i];
    }
    return "learning_rate";
}

/* Scale a list to a peak: "[0.1;0.01]" with the peak 1 becomes "[1;0.1]". */
static void scale_values(const char *values, double peak, char *scaled, size_t size)
{
    double highest = 0;
    size_t length = 0;

    for (const char *at = values; *at != '\0' && *at != ','; at += strcspn(at + 1, ";,]") + 1)
        if (*at != ']')
            highest = fmax(highest, cvy_number_read(at + (*at == '[' || *at == ';'), NULL));
    for (const char *at = values; *at != '\0' && *at != ','; at += strcspn(at + 1, ";,]") + 1) {
        char number[CVY_NUMBER_BYTES];
        if (*at == ']')
            break;
        const double value = cvy_number_read(at + (*at == '[' || *at == ';'), NULL);
        snprintf(number, sizeof number, "%.12g", highest > 0 ? value / highest * peak : peak);
        cvy_number_short(cvy_number_read(number, NULL),
                         number); /* 0.01, not 0.010000000000000002 */
        length += (size_t)snprintf(scaled + length, size - length, "%c%s", length == 0 ? '[' : ';',
                                   number);
        if (length >= size)
            return;
    }
    snprintf(scaled + length, size - length, "]");
}

cvy_status cvy_rule_change(cvy_rule *rule, const char *key, const char *value, bool *has_key)
{
    const bool is_peak = rule->rate[0] != '\0' && strcmp(key, "learning_rate") == 0;
    char scaled[CVY_RULE_BYTES];
    size_t length;
    cvy_status status = CVY_OK;

    *has_key = false;
    if (is_peak)
        key = cvy_rule_peak(rule);
    if (is_peak && strcmp(key, "values") == 0) {
        scale_values(find_value(rule->rate, key, &length), cvy_number_read(value, NULL), scaled,
                     sizeof scaled);
        value = scaled;
    }
    if (rule->rate[0] != '\0')
        status = change_spec(CVY_KINDS_SCHEDULES, key, value, rule->rate, has_key);
    if (status != CVY_OK || *has_key)
        return status;
    return change_spec(CVY_KINDS_OPTIMIZERS, key, value, rule->optimizer, has_key);
}

bool cvy_rule_equal(const cvy_rule *a, const cvy_rule *b)
{
    return strcmp(a->optimizer, b->optimizer) == 0 && strcmp(a->rate, b->rate) == 0;
}

double cvy_rule_own_rate(const cvy_rule *rule)
{
    cvy_spec *spec;

    if (cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, rule->optimizer, &spec) != CVY_OK)
        return NAN;
    const cvy_setting_value *value = cvy_spec_value(spec, "learning_rate");
    const double rate = value != NULL && value->number_count > 0 ? value->numbers[0] : NAN;
    cvy_spec_destroy(spec);
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
    return complete(CVY_KINDS_SCHEDULES, number, text);
}

cvy_status cvy_rule_state(const cvy_rule *rule, size_t *floats)
{
    cvy_spec *spec;
    cvy_status status = cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, rule->optimizer, &spec);

    if (status == CVY_OK)
        *floats = spec->slot_count;
    if (status == CVY_OK)
        cvy_spec_destroy(spec);
    return status;
}
