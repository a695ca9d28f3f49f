/* Cross optimizers with learning rates, and multiply the result by a grid. */
#include "study/crossing.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/synonyms.h"
#include "convoy/kinds.h"

enum { NAME_MAX_BYTES = 40, SPEC_BYTES = CVY_RULE_BYTES, SCHEDULE_COUNT = 6 };

/* The optimizers compared by default. */
static const char *const usual_optimizers[] = {
    "sgd=sgd",         "momentum=sgd:momentum=0.9", "nesterov=sgd:momentum=0.9,nesterov=true",
    "adagrad=adagrad", "rmsprop=rmsprop",           "adam=adam",
};
enum { USUAL_COUNT = sizeof usual_optimizers / sizeof *usual_optimizers };

/* The optimizer of --schedules without --optimizer, with which schedules differ visibly. */
static const char schedules_optimizer[] = "sgd:learning_rate=0.05,momentum=0.9";

/* --- crossing --- */

/* Append the label of a spec: "sgd:momentum=0.9,nesterov=true" becomes "sgd momentum=0.9
 * nesterov=true". */
static void append_label(char label[CVY_LABEL_BYTES], const char *between, const char *spec)
{
    const size_t length = strlen(label);

    snprintf(label + length, CVY_LABEL_BYTES - length, "%s%s", between, spec);
    for (char *c = label + length + strlen(between); c < label + CVY_LABEL_BYTES && *c != '\0'; c++)
        if (*c == ':' || *c == ',' || (unsigned char)*c < ' ')
            *c = ' ';
}

static cvy_crossed *add_crossed(cvy_crossed_list *list)
{
    if (list->count == CVY_CONFIGURATIONS_MAX) {
        cvy_fail(CVY_ERR_SETTING, "more than %d configurations", CVY_CONFIGURATIONS_MAX);
        return NULL;
    }
    cvy_crossed *d = &list->items[list->count++];
    *d = (cvy_crossed){ 0 };
    return d;
}

/* Split NAME=SPEC. label: NAME, or else the spec; *spec: the text after the name. */
static cvy_status part_name(const char *option, const char *text, char label[CVY_LABEL_BYTES],
                            const char **spec, bool *is_named)
{
    const size_t name = strcspn(text, "=:");

    *is_named = text[name] == '=';
    *spec = text + (*is_named ? name + 1 : 0);
    snprintf(label, CVY_LABEL_BYTES, "%.*s", *is_named ? (int)name : CVY_LABEL_BYTES - 1, text);
    if (!*is_named || (name > 0 && name <= NAME_MAX_BYTES))
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "--%s: found \"%.80s\", expected SPEC or NAME=SPEC with a name of at most %d "
                    "bytes",
                    option, text, NAME_MAX_BYTES);
}

/* rate: NULL for the optimizer's own */
static cvy_status add_pair(cvy_crossed_list *list, const char *optimizer, const char *rate)
{
    cvy_crossed *d = add_crossed(list);
    char head[CVY_LABEL_BYTES], tail[CVY_LABEL_BYTES];
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

static cvy_status cross_optimizers(const cvy_study_settings *s, cvy_crossed_list *list)
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

/* All schedules start at one learning rate. Those that decay by a factor end at 1/10 of it, the
 * others at 1/100 or 0. */
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

static cvy_status cross_schedules(const cvy_study_settings *s, size_t steps, cvy_crossed_list *list)
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
            snprintf(list->items[i].label, CVY_LABEL_BYTES, "%.*s", (int)strcspn(specs[i], ":"),
                     specs[i]);
    }
    return status;
}

/* --- the grid --- */

static cvy_status fail_grid(const char *grid)
{
    return cvy_fail(CVY_ERR_SETTING,
                    "--grid: found \"%.80s\", expected KEY=VALUE;VALUE;..., in quotes, as in "
                    "'learning_rate=0.01;0.1'",
                    grid);
}

/* --grid batch_size=1;64;full is a setting of a run, not of an optimizer. */
static const char batch_size_key[] = "batch_size";

static cvy_status read_batch_size(const char *text, cvy_crossed *d)
{
    static const cvy_setting row = { "batch_size", CVY_COUNT,   offsetof(cvy_crossed, batch_size),
                                     NULL,         1,           1 << 30,
                                     "",           CVY_OR_FULL, NULL };
    const cvy_status status = cvy_setting_parse(&row, text, d);

    if (status != CVY_OK)
        return cvy_fail_at(status, "--grid");
    d->has_batch_size = true;
    return CVY_OK;
}

/* A configuration without this setting is kept; one with it is replaced by one per value. */
static cvy_status multiply(const cvy_crossed *d, const char *key, const char *values,
                           cvy_crossed_list *result, bool *is_used)
{
    char text[SPEC_BYTES], *rest = text, *value;
    cvy_status status = CVY_OK;

    snprintf(text, sizeof text, "%s", values);
    while (status == CVY_OK && (value = strsep(&rest, ";")) != NULL) {
        bool has_key;
        cvy_crossed *copy = add_crossed(result);
        if (copy == NULL)
            return CVY_ERR_SETTING;
        *copy = *d;
        if (strcmp(key, batch_size_key) == 0) {
            has_key = true;
            status = read_batch_size(value, copy);
        } else {
            status = cvy_rule_change(&copy->rule, key, value, &has_key);
        }
        if (status != CVY_OK || !has_key)
            return status;
        *is_used = true;
        append_label(copy->label, " ", key);
        append_label(copy->label, "=", value);
    }
    return status;
}

/* Setting names differ between optimizers; the most often typed is that of the learning rate. */
static const char *meant_key(const char *key)
{
    static const char *const names[] = { "learning_rate", "momentum", "weight_decay",
                                         batch_size_key };
    const char *meant = cvy_suggest("setting", key, names, sizeof names / sizeof *names).meant;

    if (meant == NULL || strcmp(meant, key) == 0)
        return "";
    return strcmp(meant, names[0]) == 0   ? "; did you mean learning_rate?"
           : strcmp(meant, names[1]) == 0 ? "; did you mean momentum?"
           : strcmp(meant, names[2]) == 0 ? "; did you mean weight_decay?"
                                          : "; did you mean batch_size?";
}

/* Settings of a run that a grid cannot have. */
static const char *advise_on_key(const char *key)
{
    static const char *const repeated[] = { "optimizer", "model", "data" };

    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++)
        if (strcmp(key, repeated[i]) == 0)
            return "Repeat that option instead, as in --optimizer sgd --optimizer adam.";
    return strcmp(key, "epochs") == 0 || strcmp(key, "seed") == 0 || strcmp(key, "seeds") == 0
               ? "All configurations have the same epochs and seeds."
               : NULL;
}

cvy_status cvy_cross_fail_no_key(const char *option, const char *key)
{
    cvy_fail(CVY_ERR_SETTING,
             "--%s: \"%.80s\" is a setting of no optimizer or schedule that is compared%s", option,
             key, meant_key(key));
    return cvy_fail_advise(CVY_ERR_SETTING, advise_on_key(key));
}

/* Whether there is a comma outside of brackets. */
static bool has_comma(const char *values)
{
    int depth = 0;

    for (; *values != '\0'; values++) {
        depth += (*values == '[' || *values == '(') - (*values == ']' || *values == ')');
        if (*values == ',' && depth == 0)
            return true;
    }
    return false;
}

static cvy_status apply_grid(const char *grid, cvy_crossed_list *list)
{
    const size_t length = strcspn(grid, "=");
    const char *values = grid + length + 1;
    char key[CVY_NAME_BYTES];
    cvy_crossed_list result = { 0 };
    bool is_used = false;

    if (length == 0 || length >= sizeof key || grid[length] == '\0' || *values == '\0' ||
        *values == ';' || strstr(values, ";;") != NULL || values[strlen(values) - 1] == ';' ||
        strlen(values) >= SPEC_BYTES)
        return fail_grid(grid);
    if (has_comma(values)) {
        fail_grid(grid);
        return cvy_fail_advise(CVY_ERR_SETTING, "Values are separated by semicolons.");
    }
    snprintf(key, sizeof key, "%.*s", (int)length, grid);
    cvy_status status =
        cvy_memory_create(CVY_CONFIGURATIONS_MAX, sizeof(cvy_crossed), &result.items);
    for (size_t i = 0; status == CVY_OK && i < list->count; i++)
        status = multiply(&list->items[i], key, values, &result, &is_used);
    if (status != CVY_OK && strchr("[(", *values) != NULL)
        status = fail_grid(grid);
    if (status == CVY_OK && !is_used)
        status = cvy_cross_fail_no_key("grid", key);
    if (status != CVY_OK) {
        cvy_memory_free(result.items);
        return status;
    }
    cvy_memory_free(list->items);
    *list = result;
    return CVY_OK;
}

/* --- duplicates --- */

static cvy_status check_twice(const cvy_crossed_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const cvy_crossed *a = &list->items[i];
        for (size_t j = 0; j < i; j++) {
            const cvy_crossed *b = &list->items[j];
            if (strcmp(a->label, b->label) == 0)
                return cvy_fail(CVY_ERR_SETTING, "--optimizer: \"%s\" is given twice", a->label);
            if (cvy_rule_equal(&a->rule, &b->rule) && !a->is_named && !b->is_named &&
                a->has_batch_size == b->has_batch_size && a->batch_size == b->batch_size)
                return cvy_fail(CVY_ERR_SETTING,
                                "--optimizer: \"%s\" and \"%s\" are the same, expected different "
                                "ones, or names as in first=adam",
                                b->label, a->label);
        }
    }
    return CVY_OK;
}

/* --- the whole --- */

cvy_status cvy_cross(const cvy_study_settings *settings, size_t steps_total, cvy_crossed_list *list)
{
    cvy_status status =
        cvy_memory_create(CVY_CONFIGURATIONS_MAX, sizeof *list->items, &list->items);

    list->count = 0;
    if (status == CVY_OK)
        status = settings->is_about_schedules ? cross_schedules(settings, steps_total, list)
                                              : cross_optimizers(settings, list);
    for (size_t i = 0; status == CVY_OK && i < settings->grids->count; i++)
        if (settings->is_about_schedules &&
            strncmp(settings->grids->texts[i], "batch_size=", 11) == 0)
            status = cvy_fail(CVY_ERR_SETTING,
                              "--schedules: their lengths are updates, expected one batch "
                              "size, found --grid batch_size");
        else
            status = apply_grid(settings->grids->texts[i], list);
    return status == CVY_OK ? check_twice(list) : status;
}
