/* Tuning: generate the values to try, and choose the best. */
#include "study/tuning.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { TEXT_BYTES = 256, TRIALS_MAX = 1000 };

static const size_t primes[CVY_TUNED_KEYS_MAX] = { 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37 };

static cvy_status fail_tuning(const char *text)
{
    return cvy_fail(
        CVY_ERR_SETTING,
        "--tune: found \"%.80s\", expected KEY=LOW..HIGH:COUNT, as in learning_rate=1e-4..0.1:10, "
        "with 0 < LOW < HIGH and a COUNT from 2 to %d, perhaps after NAME: for one optimizer, and "
        "with :quasi-random at the end",
        text, TRIALS_MAX);
}

static cvy_status read_key(const char *text, cvy_tuned_key *key, bool *is_random)
{
    static const cvy_setting number = { "--tune", CVY_FLOAT,     0,   NULL, 0, 1e300,
                                        "",       CVY_ABOVE_MIN, NULL };
    static const cvy_setting count = { "--tune", CVY_COUNT, 0, NULL, 2, TRIALS_MAX, "", 0, NULL };
    char copy[TEXT_BYTES], *rest = copy;

    if (strlen(text) >= sizeof copy)
        return fail_tuning(text);
    strcpy(copy, text);
    char *name = strsep(&rest, "=");
    char *low = strsep(&rest, ":");
    const char *trials = strsep(&rest, ": ");
    char *high = low != NULL ? strstr(low, "..") : NULL;
    if (high == NULL || high[2] == '.' || trials == NULL || *name == '\0' ||
        strlen(name) >= sizeof key->name)
        return fail_tuning(text);
    *high = '\0';
    *is_random = rest != NULL;
    if ((rest != NULL && strcmp(rest, "quasi-random") != 0) ||
        cvy_setting_parse(&number, low, &key->low) != CVY_OK ||
        cvy_setting_parse(&number, high + 2, &key->high) != CVY_OK ||
        cvy_setting_parse(&count, trials, &key->count) != CVY_OK || key->low >= key->high)
        return fail_tuning(text);
    char *colon = strchr(name, ':');
    if (colon != NULL)
        *colon = '\0';
    if (colon == name || (colon != NULL && colon[1] == '\0'))
        return fail_tuning(text);
    snprintf(key->scope, sizeof key->scope, "%s", colon != NULL ? name : "");
    snprintf(key->name, sizeof key->name, "%s", colon != NULL ? colon + 1 : name);
    return CVY_OK;
}

/* Whether a key is compatible with the keys before it. */
static cvy_status check_key(const cvy_tuning *tuning, const cvy_tuned_key *key, bool is_random)
{
    if (tuning->key_count == CVY_TUNED_KEYS_MAX)
        return cvy_fail(CVY_ERR_SETTING, "--tune: more than %d keys", CVY_TUNED_KEYS_MAX);
    for (size_t i = 0; i < tuning->key_count; i++)
        if (strcmp(tuning->keys[i].name, key->name) == 0 &&
            strcmp(tuning->keys[i].scope, key->scope) == 0)
            return cvy_fail(CVY_ERR_SETTING, "--tune: \"%s\" is given twice", key->name);
    if (tuning->key_count > 0 && tuning->is_random != is_random)
        return cvy_fail(CVY_ERR_SETTING,
                        "--tune: found a grid of %s and %s quasi-random, expected "
                        "all keys on grids or all quasi-random",
                        is_random ? tuning->keys[0].name : key->name,
                        is_random ? key->name : tuning->keys[0].name);
    if (tuning->key_count > 0 && is_random && tuning->keys[0].count != key->count &&
        key->scope[0] == '\0' && tuning->keys[0].scope[0] == '\0')
        return cvy_fail(CVY_ERR_SETTING,
                        "--tune: found %zu values of %s and %zu of %s, expected as many: a "
                        "quasi-random point has a value of each",
                        tuning->keys[0].count, tuning->keys[0].name, key->count, key->name);
    return CVY_OK;
}

cvy_status cvy_tuning_read(const char *text, cvy_tuning *tuning)
{
    cvy_tuned_key key;
    bool is_random = false;
    cvy_status status = read_key(text, &key, &is_random);

    if (status == CVY_OK)
        status = check_key(tuning, &key, is_random);
    if (status != CVY_OK)
        return status;
    tuning->is_random = is_random;
    tuning->keys[tuning->key_count++] = key;
    bool meets[CVY_TUNED_KEYS_MAX] = { false }; /* keys that one configuration can have */
    for (size_t k = 0; k < tuning->key_count; k++)
        meets[k] = key.scope[0] == '\0' || tuning->keys[k].scope[0] == '\0' ||
                   strcmp(tuning->keys[k].scope, key.scope) == 0;
    const size_t trials = cvy_tuning_trials(tuning, meets);
    return trials <= TRIALS_MAX
               ? CVY_OK
               : cvy_fail(CVY_ERR_SETTING,
                          "--tune: %zu combinations of all keys, expected at most %d", trials,
                          TRIALS_MAX);
}

/* --- values to try --- */

size_t cvy_tuning_trials(const cvy_tuning *tuning, const bool has_key[CVY_TUNED_KEYS_MAX])
{
    size_t trials = 0;

    for (size_t k = 0; k < tuning->key_count; k++)
        if (has_key[k])
            trials = tuning->is_random || trials == 0 ? tuning->keys[k].count
                                                      : trials * tuning->keys[k].count;
    return trials;
}

/* Van der Corput's sequence in a base; in base 2: 1/2, 1/4, 3/4, 1/8, ... Halton points use another
 * prime in each dimension. Source: Halton, On the Efficiency of Certain Quasi-Random Sequences of
 * Points, Numerische Mathematik 2 (1960). */
static double van_der_corput(size_t index, size_t base)
{
    double place = 0, part = 1.0 / (double)base;

    for (size_t rest = index + 1; rest > 0; rest /= base, part /= (double)base)
        place += (double)(rest % base) * part;
    return place;
}

/* The last key changes fastest. */
static size_t place_on_grid(const cvy_tuning *tuning, const bool *has_key, size_t trial, size_t key)
{
    for (size_t k = tuning->key_count; --k > key;)
        if (has_key[k])
            trial /= tuning->keys[k].count;
    return trial % tuning->keys[key].count;
}

/* Round to 4 digits, which are enough and readable. */
double cvy_tuning_value(const cvy_tuning *tuning, const bool has_key[CVY_TUNED_KEYS_MAX],
                        size_t trial, size_t key)
{
    const cvy_tuned_key *k = &tuning->keys[key];
    const double place = tuning->is_random ? van_der_corput(trial, primes[key])
                                           : (double)place_on_grid(tuning, has_key, trial, key) /
                                                 (double)(k->count - 1);
    const double value = exp(log(k->low) + place * (log(k->high) - log(k->low)));
    const double unit = pow(10, 3 - floor(log10(value)));
    return round(value * unit) / unit;
}

/* --- the choice --- */

/* Whether a trial is better: higher final val_accuracy or, if equal, lower val_loss; val_loss alone
 * for a model without accuracy. On a tie the earlier one wins. */
static bool is_better(const cvy_study_run *run, const cvy_study_run *best)
{
    if (run->state != CVY_RUN_FINISHED || run->point_count == 0)
        return false;
    if (best == NULL)
        return true;
    const double *a = run->points[run->point_count - 1].metric;
    const double *b = best->points[best->point_count - 1].metric;
    if (a[CVY_METRIC_VAL_ACCURACY] > b[CVY_METRIC_VAL_ACCURACY])
        return true;
    return !(a[CVY_METRIC_VAL_ACCURACY] < b[CVY_METRIC_VAL_ACCURACY]) &&
           a[CVY_METRIC_VAL_LOSS] < b[CVY_METRIC_VAL_LOSS];
}

static const cvy_study_run *best_trial(const cvy_study *study, size_t base)
{
    const cvy_study_run *best = NULL;

    for (size_t i = 0; i < study->run_count; i++) {
        const cvy_configuration *c = &study->configurations[study->runs[i].configuration];
        if (c->role == CVY_ROLE_TRIAL && c->base == base && is_better(&study->runs[i], best))
            best = &study->runs[i];
    }
    return best;
}

/* Whether a value is the smallest or largest tried, which also applies to quasi-random values. */
static bool is_on_edge(const cvy_study *study, size_t base, size_t key)
{
    const double value = study->configurations[base].tuned_values[key];
    bool has_lower = false, has_higher = false;

    for (size_t i = study->compared_count; i < study->configuration_count; i++) {
        const cvy_configuration *c = &study->configurations[i];
        if (c->role != CVY_ROLE_TRIAL || c->base != base)
            continue;
        has_lower = has_lower || c->tuned_values[key] < value;
        has_higher = has_higher || c->tuned_values[key] > value;
    }
    return !isnan(value) && (!has_lower || !has_higher);
}

static cvy_status take_over(const char *text, char **place)
{
    char *copy;
    cvy_status status = cvy_text_copy(text, &copy);

    if (status != CVY_OK)
        return status;
    cvy_memory_free(*place);
    *place = copy;
    return CVY_OK;
}

cvy_status cvy_study_choose_tuned(cvy_study *study)
{
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < study->compared_count; i++) {
        cvy_configuration *compared = &study->configurations[i];
        const cvy_study_run *best = best_trial(study, i);
        if (best == NULL)
            continue;
        const cvy_configuration *trial = &study->configurations[best->configuration];
        compared->is_tuned = true;
        memcpy(compared->tuned_values, trial->tuned_values, sizeof compared->tuned_values);
        for (size_t k = 0; k < study->tuning.key_count; k++)
            compared->is_on_edge[k] = is_on_edge(study, i, k);
        if (compared->untuned_label == NULL)
            status = cvy_text_copy(compared->label, &compared->untuned_label);
        if (status == CVY_OK)
            status = take_over(trial->label, &compared->label);
        if (status == CVY_OK)
            status = take_over(trial->optimizer, &compared->optimizer);
        if (status == CVY_OK)
            status = take_over(trial->learning_rate, &compared->learning_rate);
        compared->state_floats = trial->state_floats;
        compared->state_bytes = trial->state_bytes;
    }
    return status;
}
