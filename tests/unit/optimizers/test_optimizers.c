/* Every optimizer against Keras (tests/golden/optimizers.json), over whatever part of the weights
 * it is given. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optimizers/optimizer.h"
#include "support/golden.h"

/* Weights of the golden are of the order of 1: float32 keeps them to 6e-8 and an update adds a
 * few roundings of its own step. */
static const double tolerance = 1e-6;

/* An optimizer at work on n weights. */
typedef struct {
    const cvy_optimizer_kind *kind;
    void *settings;
    size_t n, updates;
    float *w, *dw, *slots[CVY_SLOTS_MAX];
} work;

static float *floats(size_t n)
{
    float *values;
    cr_assert_eq(cvy_memory_create(n, sizeof *values, &values), CVY_OK);
    return values;
}

static void copy_row(const json_t *row, size_t n, float *values)
{
    cr_assert_eq(json_array_size(row), n);
    for (size_t i = 0; i < n; i++)
        values[i] = (float)json_number_value(json_array_get(row, i));
}

static work begin(const char *spec, const json_t *golden)
{
    const json_t *initial = golden_member(golden, "initial");
    const cvy_kind *kind;
    work job = { .n = json_array_size(initial) };

    cr_assert_eq(cvy_spec_read("optimizer", spec, cvy_optimizer_kinds, &kind, &job.settings),
                 CVY_OK, "%s", cvy_error_message());
    job.kind = (const cvy_optimizer_kind *)kind;
    job.w = floats(job.n);
    job.dw = floats(job.n);
    copy_row(initial, job.n, job.w);
    const size_t slot_count = job.kind->slot_count(job.settings);
    cr_assert_leq(slot_count, (size_t)CVY_SLOTS_MAX);
    for (size_t i = 0; i < slot_count; i++)
        job.slots[i] = floats(job.n);
    return job;
}

static void finish(work *job)
{
    for (size_t i = 0; i < CVY_SLOTS_MAX; i++)
        cvy_memory_free(job->slots[i]);
    cvy_memory_free(job->w);
    cvy_memory_free(job->dw);
    cvy_memory_free(job->settings);
}

/* The next update, `part` weights a call. */
static void update(work *job, const json_t *gradient, size_t part)
{
    const cvy_optimizer_settings *common = job->settings;
    const cvy_update step = { .number = ++job->updates, .rate = common->learning_rate };

    copy_row(gradient, job->n, job->dw);
    for (size_t first = 0; first < job->n; first += part) {
        float *slots[CVY_SLOTS_MAX] = { NULL };
        for (size_t i = 0; i < CVY_SLOTS_MAX && job->slots[i] != NULL; i++)
            slots[i] = job->slots[i] + first;
        const size_t count = job->n - first < part ? job->n - first : part;
        job->kind->update(job->settings, &step, count, job->w + first, job->dw + first, slots);
    }
}

static void expect_near(const work *job, const json_t *wanted, const char *spec)
{
    cr_assert_eq(json_array_size(wanted), job->n);
    for (size_t i = 0; i < job->n; i++) {
        const double keras = json_number_value(json_array_get(wanted, i));
        cr_assert_float_eq((double)job->w[i], keras, tolerance,
                           "%s, update %zu, weight %zu: %.9g, Keras has %.9g", spec, job->updates,
                           i, (double)job->w[i], keras);
    }
}

Test(optimizers, updates_are_those_of_keras)
{
    json_t *golden = golden_open("optimizers.json");
    const json_t *gradients = golden_member(golden, "gradients"), *entry;
    size_t number;

    json_array_foreach(golden_member(golden, "cases"), number, entry)
    {
        const char *spec = golden_text(entry, "spec");
        const json_t *weights = golden_member(entry, "weights");
        work job = begin(spec, golden);
        cr_assert_gt(json_array_size(gradients), 0);
        cr_assert_eq(json_array_size(weights), json_array_size(gradients));
        for (size_t t = 0; t < json_array_size(gradients); t++) {
            update(&job, json_array_get(gradients, t), job.n);
            expect_near(&job, json_array_get(weights, t), spec);
        }
        finish(&job);
    }
    cr_expect_gt(number, 0);
    json_decref(golden);
}

/* Workers update tiles that begin at any cache line. */
Test(optimizers, the_parts_in_which_weights_come_do_not_matter)
{
    json_t *golden = golden_open("optimizers.json");
    const json_t *gradients = golden_member(golden, "gradients"), *entry;
    size_t number;

    json_array_foreach(golden_member(golden, "cases"), number, entry)
    {
        const char *spec = golden_text(entry, "spec");
        work whole = begin(spec, golden), cut = begin(spec, golden);
        for (size_t t = 0; t < json_array_size(gradients); t++) {
            update(&whole, json_array_get(gradients, t), whole.n);
            update(&cut, json_array_get(gradients, t), 16);
        }
        cr_expect_arr_eq(whole.w, cut.w, whole.n * sizeof *whole.w, "%s", spec);
        finish(&whole);
        finish(&cut);
    }
    json_decref(golden);
}

/* Whether a case of that kind gives the setting; any case of the kind for NULL. */
static bool has_case(const json_t *golden, const char *kind, const char *setting)
{
    const json_t *cases = golden_member(golden, "cases");
    char key[CVY_NAME_BYTES];

    snprintf(key, sizeof key, "%s=", setting != NULL ? setting : "");
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const char *spec = golden_text(json_array_get(cases, i), "spec");
        const size_t length = strlen(kind);
        if (strncmp(spec, kind, length) == 0 && (spec[length] == ':' || spec[length] == '\0') &&
            (setting == NULL || strstr(spec, key) != NULL))
            return true;
    }
    return false;
}

Test(optimizers, each_kind_and_setting_has_a_golden)
{
    json_t *golden = golden_open("optimizers.json");

    cr_expect_geq(cvy_kind_count(cvy_optimizer_kinds), 2);
    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++) {
        const cvy_kind *kind = cvy_optimizer_kinds[i];
        cr_expect(has_case(golden, kind->name, NULL), "%s: no golden", kind->name);
        for (const cvy_setting *row = kind->settings; row->name != NULL; row++)
            cr_expect(has_case(golden, kind->name, row->name), "%s: no golden gives %s", kind->name,
                      row->name);
        cr_expect_str_eq(kind->settings[0].name, "learning_rate", "%s", kind->name);
    }
    json_decref(golden);
}

Test(optimizers, values_out_of_range_are_refused)
{
    static const char *const specs[] = {
        "sgd:learning_rate=-0.1",
        "sgd:learning_rate=nan",
        "sgd:learning_rate=inf",
        "sgd:momentum=1.5",
        "sgd:momentum=-0.1",
        "sgd:nesterov=maybe",
        "adam:beta_1=1",
        "adam:beta_2=-0.1",
        "adam:epsilon=-1e-7",
        "adam:amsgrad=2",
        "adam:momentum=0.9",
        "adam:beta_1=0.9,beta_1=0.8",
        "sdg",
        "",
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        const cvy_kind *kind;
        void *settings;
        cr_expect_eq(cvy_spec_read("optimizer", specs[i], cvy_optimizer_kinds, &kind, &settings),
                     CVY_ERR_SETTING, "%s", specs[i]);
    }
}
