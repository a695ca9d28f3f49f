/* The configurations of a study: those compared and, with tuning, an untuned twin and the trials of
 * each. */
#include "study/configurations.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "study/crossing.h"
#include "study/labels.h"
#include "study/tuning.h"

/* --- labels --- */

/* Find a word of a label: " key=value", or ", value" for a numeric learning rate. NULL if there is
 * none. */
static const char *find_word(const char *label, const char *key, size_t *length)
{
    const size_t bytes = strlen(key);

    for (const char *word = strchr(label, ' '); word != NULL; word = strchr(word + 1, ' ')) {
        char *end;
        *length = 1 + strcspn(word + 1, " ");
        if (strncmp(word + 1, key, bytes) == 0 && word[1 + bytes] == '=')
            return word;
        if (strcmp(key, "learning_rate") != 0 || word == label || word[-1] != ',')
            continue;
        cvy_number_read(word + 1, &end);
        if (end == word + *length) {
            ++*length;
            return word - 1;
        }
    }
    return NULL;
}

/* Replace a setting's value in the label. */
static void relabel(char label[CVY_LABEL_BYTES * 2], const char *key, const char *value)
{
    char rest[CVY_LABEL_BYTES * 2] = "";
    size_t length = 0;
    const char *word = find_word(label, key, &length);
    const size_t head = word != NULL ? (size_t)(word - label) : strlen(label);

    if (word != NULL)
        snprintf(rest, sizeof rest, "%s", word + length);
    snprintf(label + head, CVY_LABEL_BYTES * 2 - head, " %s=%s%s", key, value, rest);
}

/* values: of the tuned keys; NaN: none */
static void print_label(const cvy_crossed *d, cvy_role role, const double *values,
                        const cvy_tuning *tuning, char label[CVY_LABEL_BYTES * 2])
{
    char value[CVY_LABEL_BYTES];

    snprintf(label, CVY_LABEL_BYTES * 2, "%s%s", d->label,
             role == CVY_ROLE_UNTUNED ? " untuned" : "");
    for (size_t k = 0; role == CVY_ROLE_TRIAL && k < tuning->key_count; k++) {
        const char *key = tuning->keys[k].name;
        if (isnan(values[k]))
            continue;
        if (strcmp(key, "learning_rate") == 0)
            key = cvy_rule_peak(&d->rule);
        cvy_rule_value(&d->rule, key, value, sizeof value);
        relabel(label, key, value);
    }
}

void cvy_configuration_set_batch(cvy_configuration *c, const cvy_setup *setup, bool is_own,
                                 size_t batch_size)
{
    const size_t images = setup->train_count;

    c->batch_size = setup->batch_size;
    c->steps_per_epoch = setup->steps_per_epoch;
    c->evaluate_every = setup->evaluate_every;
    if (!is_own)
        return;
    c->batch_size = batch_size == 0 || batch_size > images ? images : batch_size;
    c->steps_per_epoch = (images + c->batch_size - 1) / c->batch_size;
    /* as many evaluations per epoch as the others */
    const size_t looks =
        (setup->steps_per_epoch + setup->evaluate_every - 1) / setup->evaluate_every;
    c->evaluate_every = (c->steps_per_epoch + looks - 1) / looks;
}

static cvy_status add_configuration(const cvy_crossed *d, cvy_role role, size_t base,
                                    const double *values, cvy_study *study)
{
    cvy_configuration *c = &study->configurations[study->configuration_count++];
    char label[CVY_LABEL_BYTES * 2], rate[CVY_RULE_BYTES];

    *c = (cvy_configuration){ .role = role, .base = base };
    cvy_configuration_set_batch(c, &study->setup, d->has_batch_size, d->batch_size);
    memcpy(c->tuned_values, values, sizeof c->tuned_values);
    print_label(d, role, values, &study->tuning, label);
    cvy_status status = cvy_rule_print_rate(&d->rule, rate);
    if (status == CVY_OK)
        status = cvy_text_copy(label, &c->label);
    if (status == CVY_OK)
        status = cvy_text_copy(d->rule.optimizer, &c->optimizer);
    if (status == CVY_OK)
        status = cvy_text_copy(rate, &c->learning_rate);
    if (status == CVY_OK)
        status = cvy_rule_state(&d->rule, &c->state_floats);
    return status;
}

/* --- tuning --- */

static const double no_values[CVY_TUNED_KEYS_MAX] = { NAN, NAN, NAN, NAN, NAN, NAN,
                                                      NAN, NAN, NAN, NAN, NAN, NAN };

/* Apply the values of a trial to a configuration, and find which keys it has. */
static cvy_status set_values(cvy_crossed *d, const cvy_tuning *tuning, const double *values,
                             bool has_key[CVY_TUNED_KEYS_MAX])
{
    cvy_status status = CVY_OK;

    for (size_t k = 0; status == CVY_OK && k < tuning->key_count; k++) {
        char text[CVY_NUMBER_BYTES];
        if (isnan(values[k]))
            continue;
        cvy_number_short(values[k], text);
        status = cvy_rule_change(&d->rule, tuning->keys[k].name, text, &has_key[k]);
    }
    return status;
}

/* Whether a range applies to this configuration: to all, to its optimizer, or to it by name. */
static bool is_for(const cvy_tuned_key *key, const cvy_crossed *d)
{
    const size_t kind = strcspn(d->rule.optimizer, ":"), name = strcspn(d->label, ", ");

    return key->scope[0] == '\0' ||
           (strlen(key->scope) == kind && strncmp(key->scope, d->rule.optimizer, kind) == 0) ||
           (strlen(key->scope) == name && strncmp(key->scope, d->label, name) == 0);
}

/* A range of its own takes precedence over one for all. */
static bool has_own_range(const cvy_tuning *tuning, const cvy_crossed *d, const char *name)
{
    for (size_t k = 0; k < tuning->key_count; k++)
        if (tuning->keys[k].scope[0] != '\0' && strcmp(tuning->keys[k].name, name) == 0 &&
            is_for(&tuning->keys[k], d))
            return true;
    return false;
}

/* d is a copy to be discarded. */
static cvy_status find_keys(cvy_crossed d, const cvy_tuning *tuning,
                            bool has_key[CVY_TUNED_KEYS_MAX])
{
    double lows[CVY_TUNED_KEYS_MAX];

    memset(has_key, 0, sizeof *has_key * CVY_TUNED_KEYS_MAX);
    for (size_t k = 0; k < tuning->key_count; k++) {
        const cvy_tuned_key *key = &tuning->keys[k];
        const bool is_taken =
            is_for(key, &d) && (key->scope[0] != '\0' || !has_own_range(tuning, &d, key->name));
        lows[k] = is_taken ? key->low : NAN;
    }
    return set_values(&d, tuning, lows, has_key);
}

static cvy_status add_trials(const cvy_crossed *d, size_t base, cvy_study *study)
{
    const cvy_tuning *tuning = &study->tuning;
    bool has_key[CVY_TUNED_KEYS_MAX];
    cvy_status status = find_keys(*d, tuning, has_key);
    const size_t trials = cvy_tuning_trials(tuning, has_key);

    for (size_t i = 0; status == CVY_OK && i < trials; i++) {
        double values[CVY_TUNED_KEYS_MAX];
        cvy_crossed trial = *d;
        bool unused[CVY_TUNED_KEYS_MAX];
        memcpy(values, no_values, sizeof values);
        for (size_t k = 0; k < tuning->key_count; k++)
            if (has_key[k])
                values[k] = cvy_tuning_value(tuning, has_key, i, k);
        status = set_values(&trial, tuning, values, unused);
        if (status == CVY_OK)
            status = add_configuration(&trial, CVY_ROLE_TRIAL, base, values, study);
    }
    return status;
}

/* --- all of them --- */

/* Count the trials of all configurations. A key that none of them has is an error. */
static cvy_status count_trials(const cvy_crossed_list *list, const cvy_tuning *tuning,
                               size_t *count)
{
    bool is_used[CVY_TUNED_KEYS_MAX] = { false };

    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool has_key[CVY_TUNED_KEYS_MAX];
        cvy_status status = find_keys(list->items[i], tuning, has_key);
        if (status != CVY_OK)
            return status;
        for (size_t k = 0; k < tuning->key_count; k++)
            is_used[k] = is_used[k] || has_key[k];
        *count += cvy_tuning_trials(tuning, has_key);
    }
    for (size_t k = 0; k < tuning->key_count; k++)
        if (!is_used[k])
            return cvy_cross_fail_no_key("tune", tuning->keys[k].name);
    return CVY_OK;
}

static bool can_be_tuned(const cvy_crossed *d, const cvy_tuning *tuning)
{
    bool has_key[CVY_TUNED_KEYS_MAX];
    return find_keys(*d, tuning, has_key) == CVY_OK && cvy_tuning_trials(tuning, has_key) > 0;
}

static cvy_status make_list(const cvy_crossed_list *list, cvy_study *study)
{
    const cvy_tuning *tuning = &study->tuning;
    size_t trials;
    cvy_status status = count_trials(list, tuning, &trials);

    if (status == CVY_OK)
        status = cvy_memory_create(2 * list->count + trials, sizeof *study->configurations,
                                   &study->configurations);
    for (size_t i = 0; status == CVY_OK && i < list->count; i++)
        status = add_configuration(&list->items[i], CVY_ROLE_COMPARED, i, no_values, study);
    study->compared_count = study->configuration_count;
    for (size_t i = 0; status == CVY_OK && i < list->count; i++)
        if (can_be_tuned(&list->items[i], tuning))
            status = add_configuration(&list->items[i], CVY_ROLE_UNTUNED, i, no_values, study);
    for (size_t i = 0; status == CVY_OK && i < list->count; i++)
        status = add_trials(&list->items[i], i, study);
    return status;
}

cvy_status cvy_configurations_make(const cvy_study_settings *settings, size_t steps_total,
                                   cvy_study *study)
{
    cvy_crossed_list list = { 0 };
    char common[CVY_COMMON_BYTES];
    cvy_status status = cvy_cross(settings, steps_total, &list);

    if (status == CVY_OK)
        status = cvy_labels_shorten(&list, common);
    if (status == CVY_OK)
        status = cvy_text_copy(common, &study->setup.common);

    for (size_t i = 0; status == CVY_OK && i < settings->tunings->count; i++)
        status = cvy_tuning_read(settings->tunings->texts[i], &study->tuning);
    if (status == CVY_OK)
        status = make_list(&list, study);
    cvy_memory_free(list.items);
    return status;
}
