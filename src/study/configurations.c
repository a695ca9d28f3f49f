/* Configurations from options: optimizers and learning rates are crossed, a grid multiplies them, and tuning
 * gives each of them trials. */
#include "study/configurations.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "convoy/kinds.h"
#include "study/tuning.h"
#include "study/rule.h"

enum { LABEL_BYTES = 96, NAME_MAX_BYTES = 40, SPEC_BYTES = CVY_RULE_BYTES };

enum { SCHEDULE_COUNT = 6 };

/* A configuration on its way. */
typedef struct {
    char label[LABEL_BYTES];
    cvy_rule rule;
    bool is_named; /* the user gave it a name */
} draft;

typedef struct {
    draft *items; /* [CVY_CONFIGURATIONS_MAX] */
    size_t count;
} draft_list;

/* What is compared when nothing is asked for: those that this build has. */
static const char *const usual_optimizers[] = {
    "sgd=sgd",         "momentum=sgd:momentum=0.9", "nesterov=sgd:momentum=0.9,nesterov=true",
    "adagrad=adagrad", "rmsprop=rmsprop",           "adam=adam",
};
enum { USUAL_COUNT = sizeof usual_optimizers / sizeof *usual_optimizers };

/* Where schedules differ visibly; what --schedules takes without --optimizer. */
static const char schedules_optimizer[] = "sgd:learning_rate=0.05,momentum=0.9";

/* --- crossing --- */

/* A label out of a spec: "sgd:momentum=0.9,nesterov=true" is "sgd momentum=0.9 nesterov=true". */
static void append_label(char label[LABEL_BYTES], const char *between, const char *spec)
{
    const size_t length = strlen(label);

    snprintf(label + length, LABEL_BYTES - length, "%s%s", between, spec);
    for (char *c = label + length + strlen(between); c < label + LABEL_BYTES && *c != '\0'; c++)
        if (*c == ':' || *c == ',' || (unsigned char)*c < ' ')
            *c = ' ';
}

static draft *add_draft(draft_list *list)
{
    if (list->count == CVY_CONFIGURATIONS_MAX) {
        cvy_fail(CVY_ERR_SETTING, "more than %d configurations", CVY_CONFIGURATIONS_MAX);
        return NULL;
    }
    draft *d = &list->items[list->count++];
    *d = (draft){ 0 };
    return d;
}

/* Take NAME=SPEC apart. label: NAME, or else the spec; *spec: what follows the name. */
static cvy_status part_name(const char *option, const char *text, char label[LABEL_BYTES],
                            const char **spec, bool *is_named)
{
    const size_t name = strcspn(text, "=:");

    *is_named = text[name] == '=';
    *spec = text + (*is_named ? name + 1 : 0);
    snprintf(label, LABEL_BYTES, "%.*s", *is_named ? (int)name : LABEL_BYTES - 1, text);
    if (!*is_named || (name > 0 && name <= NAME_MAX_BYTES))
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "--%s: found \"%.80s\", expected SPEC or NAME=SPEC with a name of at most %d "
                    "bytes",
                    option, text, NAME_MAX_BYTES);
}

/* rate: NULL for the optimizer's own */
static cvy_status add_pair(draft_list *list, const char *optimizer, const char *rate)
{
    draft *d = add_draft(list);
    char head[LABEL_BYTES], tail[LABEL_BYTES];
    const char *spec, *rate_spec = NULL;
    bool is_rate_named = false;

    if (d == NULL)
        return CVY_ERR_SETTING;
    cvy_status status = part_name("optimizer", optimizer, head, &spec, &d->is_named);
    if (status == CVY_OK && rate != NULL)
        status = part_name("learning-rate", rate, tail, &rate_spec, &is_rate_named);
    if (status != CVY_OK)
        return status;
    d->is_named = d->is_named || is_rate_named;
    append_label(d->label, "", head);
    if (rate != NULL)
        append_label(d->label, ", ", tail);
    return cvy_rule_read(spec, rate_spec, &d->rule);
}

static bool has_kind_of(const char *named_spec)
{
    cvy_spec *spec;

    if (cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, strchr(named_spec, '=') + 1, &spec) != CVY_OK)
        return false;
    cvy_spec_destroy(spec);
    return true;
}

static cvy_status cross(const cvy_study_settings *s, draft_list *list)
{
    const size_t given = s->optimizers->count;
    const size_t rates = s->learning_rates->count;
    cvy_status status = CVY_OK;

    for (size_t i = 0; status == CVY_OK && i < (given > 0 ? given : USUAL_COUNT); i++) {
        const char *optimizer = given > 0 ? s->optimizers->texts[i] : usual_optimizers[i];
        if (given == 0 && !has_kind_of(optimizer))
            continue;
        if (rates == 0)
            status = add_pair(list, optimizer, NULL);
        for (size_t j = 0; status == CVY_OK && j < rates; j++)
            status = add_pair(list, optimizer, s->learning_rates->texts[j]);
    }
    return status;
}

/* All begin at one learning rate. Those that decay by a factor end at a tenth of it, the others at a hundredth
 * or at 0. */
static void print_schedules(double from, size_t steps, char specs[SCHEDULE_COUNT][SPEC_BYTES / 4])
{
    const size_t size = sizeof specs[0];
    char rate[CVY_NUMBER_BYTES], tenth[CVY_NUMBER_BYTES], hundredth[CVY_NUMBER_BYTES];

    cvy_number_short(from, rate);
    cvy_number_short(from / 10, tenth);
    cvy_number_short(from / 100, hundredth);
    snprintf(specs[0], size, "constant:learning_rate=%s", rate);
    snprintf(specs[1], size,
             "exponential_decay:initial_learning_rate=%s,decay_steps=%zu,decay_rate=0.1", rate,
             steps);
    snprintf(specs[2], size, "piecewise_constant_decay:boundaries=[%zu;%zu],values=[%s;%s;%s]",
             steps / 2, steps / 2 + (steps + 3) / 4, rate, tenth, hundredth);
    snprintf(specs[3], size,
             "polynomial_decay:initial_learning_rate=%s,decay_steps=%zu,end_learning_rate=%s", rate,
             steps, hundredth);
    snprintf(specs[4], size,
             "inverse_time_decay:initial_learning_rate=%s,decay_steps=%zu,decay_rate=9", rate,
             steps);
    snprintf(specs[5], size, "cosine_decay:initial_learning_rate=%s,decay_steps=%zu", rate, steps);
}

static cvy_status cross_schedules(const cvy_study_settings *s, size_t steps, draft_list *list)
{
    const size_t given = s->optimizers->count;
    const char *optimizer = given > 0 ? s->optimizers->texts[0] : schedules_optimizer;
    const size_t name = strcspn(optimizer, "=:");
    char specs[SCHEDULE_COUNT][SPEC_BYTES / 4];
    cvy_rule rule;

    if (given > 1 || s->learning_rates->count > 0)
        return cvy_fail(CVY_ERR_SETTING,
                        "--schedules: found %s, expected at most one --optimizer "
                        "and no --learning-rate",
                        given > 1 ? "several optimizers" : "a learning rate");
    cvy_status status =
        cvy_rule_read(optimizer + (optimizer[name] == '=' ? name + 1 : 0), NULL, &rule);
    if (status == CVY_OK)
        print_schedules(cvy_rule_own_rate(&rule), steps, specs);
    for (size_t i = 0; status == CVY_OK && i < SCHEDULE_COUNT; i++) {
        status = add_pair(list, optimizer, specs[i]);
        if (status == CVY_OK)
            snprintf(list->items[i].label, LABEL_BYTES, "%.*s", (int)strcspn(specs[i], ":"),
                     specs[i]);
    }
    return status;
}

/* --- the grid --- */

static cvy_status fail_grid(const char *grid)
{
    return cvy_fail(CVY_ERR_SETTING, "--grid: found \"%.80s\", expected KEY=VALUE;VALUE;...", grid);
}

/* Those that have no such setting stay as they are; one configuration with it becomes one a value. */
static cvy_status multiply(const draft *d, const char *key, const char *values, draft_list *result,
                           bool *is_used)
{
    char text[SPEC_BYTES], *rest = text, *value;
    cvy_status status = CVY_OK;

    snprintf(text, sizeof text, "%s", values);
    while (status == CVY_OK && (value = strsep(&rest, ";")) != NULL) {
        bool has_key;
        draft *copy = add_draft(result);
        if (copy == NULL)
            return CVY_ERR_SETTING;
        *copy = *d;
        status = cvy_rule_change(&copy->rule, key, value, &has_key);
        if (status != CVY_OK || !has_key)
            return status;
        *is_used = true;
        append_label(copy->label, " ", key);
        append_label(copy->label, "=", value);
    }
    return status;
}

static cvy_status fail_no_key(const char *option, const char *key)
{
    return cvy_fail(CVY_ERR_SETTING,
                    "--%s: \"%.80s\" is a setting of no optimizer or schedule that is compared",
                    option, key);
}

static cvy_status apply_grid(const char *grid, draft_list *list)
{
    const size_t length = strcspn(grid, "=");
    const char *values = grid + length + 1;
    char key[CVY_NAME_BYTES];
    draft_list result = { 0 };
    bool is_used = false;

    if (length == 0 || length >= sizeof key || grid[length] == '\0' || *values == '\0' ||
        *values == ';' || strstr(values, ";;") != NULL || values[strlen(values) - 1] == ';' ||
        strlen(values) >= SPEC_BYTES)
        return fail_grid(grid);
    snprintf(key, sizeof key, "%.*s", (int)length, grid);
    cvy_status status = cvy_memory_create(CVY_CONFIGURATIONS_MAX, sizeof(draft), &result.items);
    for (size_t i = 0; status == CVY_OK && i < list->count; i++)
        status = multiply(&list->items[i], key, values, &result, &is_used);
    if (status == CVY_OK && !is_used)
        status = fail_no_key("grid", key);
    if (status != CVY_OK) {
        cvy_memory_free(result.items);
        return status;
    }
    cvy_memory_free(list->items);
    *list = result;
    return CVY_OK;
}

/* --- no two the same --- */

static cvy_status check_twice(const draft_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const draft *a = &list->items[i];
        for (size_t j = 0; j < i; j++) {
            const draft *b = &list->items[j];
            if (strcmp(a->label, b->label) == 0)
                return cvy_fail(CVY_ERR_SETTING, "--optimizer: \"%s\" is given twice", a->label);
            if (cvy_rule_equal(&a->rule, &b->rule) && !a->is_named && !b->is_named)
                return cvy_fail(CVY_ERR_SETTING,
                                "--optimizer: \"%s\" and \"%s\" are the same, expected different "
                                "ones, or names as in first=adam",
                                b->label, a->label);
        }
    }
    return CVY_OK;
}

/* --- the list --- */

/* A word of a label: " key=value", or ", value" for a learning rate that is a number. NULL if there is none. */
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
        strtod(word + 1, &end);
        if (end == word + *length) {
            ++*length;
            return word - 1;
        }
    }
    return NULL;
}

/* Say in the label which value a setting has, in place of the one that it said before. */
static void relabel(char label[LABEL_BYTES * 2], const char *key, const char *value)
{
    char rest[LABEL_BYTES * 2] = "";
    size_t length = 0;
    const char *word = find_word(label, key, &length);
    const size_t head = word != NULL ? (size_t)(word - label) : strlen(label);

    if (word != NULL)
        snprintf(rest, sizeof rest, "%s", word + length);
    snprintf(label + head, LABEL_BYTES * 2 - head, " %s=%s%s", key, value, rest);
}

/* values: of the keys that are tuned, NaN where there is none */
static void print_label(const draft *d, cvy_role role, const double *values,
                        const cvy_tuning *tuning, char label[LABEL_BYTES * 2])
{
    char value[LABEL_BYTES];

    snprintf(label, LABEL_BYTES * 2, "%s%s", d->label, role == CVY_ROLE_UNTUNED ? " untuned" : "");
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

static cvy_status add_configuration(const draft *d, cvy_role role, size_t base,
                                    const double *values, cvy_study *study)
{
    cvy_configuration *c = &study->configurations[study->configuration_count++];
    char label[LABEL_BYTES * 2], rate[SPEC_BYTES];

    *c = (cvy_configuration){ .role = role, .base = base };
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

/* A configuration's trial: what it becomes with the values, and which of the keys it has. */
static cvy_status set_values(draft *d, const cvy_tuning *tuning, const double *values,
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

/* Whether a range is for this configuration: for all, for its optimizer, or for it by name. */
static bool is_for(const cvy_tuned_key *key, const draft *d)
{
    const size_t kind = strcspn(d->rule.optimizer, ":"), name = strcspn(d->label, ", ");

    return key->scope[0] == '\0' ||
           (strlen(key->scope) == kind && strncmp(key->scope, d->rule.optimizer, kind) == 0) ||
           (strlen(key->scope) == name && strncmp(key->scope, d->label, name) == 0);
}

/* A range of its own goes before one for all. */
static bool has_own_range(const cvy_tuning *tuning, const draft *d, const char *name)
{
    for (size_t k = 0; k < tuning->key_count; k++)
        if (tuning->keys[k].scope[0] != '\0' && strcmp(tuning->keys[k].name, name) == 0 &&
            is_for(&tuning->keys[k], d))
            return true;
    return false;
}

/* d is a copy that is thrown away. */
static cvy_status find_keys(draft d, const cvy_tuning *tuning, bool has_key[CVY_TUNED_KEYS_MAX])
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

static cvy_status add_trials(const draft *d, size_t base, cvy_study *study)
{
    const cvy_tuning *tuning = &study->tuning;
    bool has_key[CVY_TUNED_KEYS_MAX];
    cvy_status status = find_keys(*d, tuning, has_key);
    const size_t trials = cvy_tuning_trials(tuning, has_key);

    for (size_t i = 0; status == CVY_OK && i < trials; i++) {
        double values[CVY_TUNED_KEYS_MAX];
        draft trial = *d;
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

/* How many trials all of them get, having seen to it that every key is of use. */
static cvy_status count_trials(const draft_list *list, const cvy_tuning *tuning, size_t *count)
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
            return fail_no_key("tune", tuning->keys[k].name);
    return CVY_OK;
}

static bool can_be_tuned(const draft *d, const cvy_tuning *tuning)
{
    bool has_key[CVY_TUNED_KEYS_MAX];
    return find_keys(*d, tuning, has_key) == CVY_OK && cvy_tuning_trials(tuning, has_key) > 0;
}

static cvy_status make_list(const draft_list *list, cvy_study *study)
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
    draft_list list = { 0 };
    cvy_status status = cvy_memory_create(CVY_CONFIGURATIONS_MAX, sizeof(draft), &list.items);

    if (status == CVY_OK)
        status = settings->is_about_schedules ? cross_schedules(settings, steps_total, &list)
                                              : cross(settings, &list);
    for (size_t i = 0; status == CVY_OK && i < settings->grids->count; i++)
        status = apply_grid(settings->grids->texts[i], &list);
    if (status == CVY_OK)
        status = check_twice(&list);
    for (size_t i = 0; status == CVY_OK && i < settings->tunings->count; i++)
        status = cvy_tuning_read(settings->tunings->texts[i], &study->tuning);
    if (status == CVY_OK)
        status = make_list(&list, study);
    cvy_memory_free(list.items);
    return status;
}
