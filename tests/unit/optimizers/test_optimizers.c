/* Optimizers over slices of a block, their settings and patterns. Their numbers are held against Keras
 * in tests/golden/test_optimizers_against_keras.c. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optimizers/optimizer.h"
#include "support/kernel_sets.h"
#include "support/models.h"

enum { WEIGHTS = 1000 + 7, UPDATES = 5 };

/* An optimizer at work on weights that it sees in slices. */
typedef struct {
    const cvy_optimizer_kind *kind;
    void *settings;
    cvy_update update;
    float *w, *dw, *slots[CVY_SLOTS_MAX];
} work;

static float *floats(size_t n)
{
    float *values;
    cr_assert_eq(cvy_memory_create(n, sizeof *values, &values), CVY_OK);
    return values;
}

static work begin(const char *spec, const cvy_kernels *kernels)
{
    const cvy_optimizer_kind *kind;
    work job = { .w = floats(WEIGHTS), .dw = floats(WEIGHTS) };

    cr_assert_eq(cvy_optimizer_read(spec, &kind, &job.settings), CVY_OK, "%s", cvy_error_message());
    job.kind = cvy_optimizer_in(cvy_optimizer_set_of(kernels), kind);
    for (size_t i = 0; i < WEIGHTS; i++)
        job.w[i] = (float)((29 * i) % 101) / 64 - 0.75f;
    const size_t slot_count = cvy_slot_count(job.kind, job.settings);
    cr_assert_leq(slot_count, (size_t)CVY_SLOTS_MAX);
    for (size_t i = 0; i < slot_count; i++)
        job.slots[i] = floats(WEIGHTS);
    if (job.kind->start != NULL)
        job.kind->start(job.settings, WEIGHTS, job.w, job.slots);
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
static void update(work *job, size_t part)
{
    job->update.number++;
    job->update.rate = 0.01;
    if (job->kind->prepare != NULL)
        job->kind->prepare(job->settings, &job->update);
    for (size_t i = 0; i < WEIGHTS; i++)
        job->dw[i] = (float)((17 * i * job->update.number) % 67) / 30 - 1.1f;
    for (size_t first = 0; first < WEIGHTS; first += part) {
        float *slots[CVY_SLOTS_MAX] = { NULL };
        for (size_t i = 0; i < CVY_SLOTS_MAX && job->slots[i] != NULL; i++)
            slots[i] = job->slots[i] + first;
        const size_t count = WEIGHTS - first < part ? WEIGHTS - first : part;
        job->kind->update(job->settings, &job->update, count, job->w + first, job->dw + first,
                          slots);
    }
}

/* Workers update tiles that begin at any cache line, with any instruction set. */
static void expect_slices_do_not_matter(const char *spec)
{
    static const size_t parts[] = { 16, 48, 256, WEIGHTS };

    work whole = begin(spec, kernel_set(0));
    for (size_t t = 0; t < UPDATES; t++)
        update(&whole, WEIGHTS);
    for (size_t set = 0; kernel_set(set) != NULL; set++)
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
            work cut = begin(spec, kernel_set(set));
            for (size_t t = 0; t < UPDATES; t++)
                update(&cut, parts[p]);
            cr_expect_arr_eq(whole.w, cut.w, WEIGHTS * sizeof *whole.w, "%s, %s, %zu at a time",
                             spec, kernel_set(set)->name, parts[p]);
            finish(&cut);
        }
    finish(&whole);
}

Test(optimizers, the_parts_in_which_weights_come_do_not_matter)
{
    static const char *const others[] = {
        "sgd:momentum=0.9",
        "sgd:momentum=0.9,nesterov=true",
        "rmsprop:momentum=0.5",
        "rmsprop:centered=true",
        "rmsprop:momentum=0.5,centered=true",
        "adam:amsgrad=true",
        "ftrl:learning_rate_power=-0.3,l1_regularization_strength=0.1",
    };
    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++)
        if (((const cvy_optimizer_kind *)cvy_optimizer_kinds[i])->update != NULL)
            expect_slices_do_not_matter(cvy_optimizer_kinds[i]->name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        expect_slices_do_not_matter(others[i]);
}

/* Each set has every kind, and each kind one way to update. */
Test(optimizers, every_instruction_set_has_all_of_them)
{
    cr_expect_eq(cvy_kind_count(cvy_optimizer_kinds), 14);
    for (size_t set = 0; kernel_set(set) != NULL; set++) {
        const cvy_optimizer_set *compiled = cvy_optimizer_set_of(kernel_set(set));
        for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++) {
            const cvy_optimizer_kind *kind =
                cvy_optimizer_in(compiled, (const cvy_optimizer_kind *)cvy_optimizer_kinds[i]);
            cr_assert_not_null(kind, "%s", cvy_optimizer_kinds[i]->name);
            cr_expect_str_eq(kind->kind.settings[0].name, "learning_rate", "%s", kind->kind.name);
            cr_expect((kind->update != NULL) != (kind->update_variable != NULL), "%s",
                      kind->kind.name);
        }
    }
}

/* Keras: at a rate of 0 ftrl divides by 0. */
Test(optimizers, ftrl_at_a_rate_of_0_changes_nothing)
{
    work job = begin("ftrl", kernel_set(0)), same = begin("ftrl", kernel_set(0));

    update(&job, WEIGHTS);
    memcpy(same.w, job.w, WEIGHTS * sizeof *job.w);
    job.update.rate = 0;
    job.kind->update(job.settings, &job.update, WEIGHTS, job.w, job.dw, job.slots);
    cr_expect_arr_eq(job.w, same.w, WEIGHTS * sizeof *job.w);
    finish(&job);
    finish(&same);
}

Test(optimizers, patterns_are_searched_for_anywhere)
{
    cr_expect(cvy_pattern_finds("[bias;gamma]", "bias"));
    cr_expect(cvy_pattern_finds("[bias;gamma]", "gamma"));
    cr_expect(cvy_pattern_finds("[dense_2]", "dense_2/kernel"));
    cr_expect(cvy_pattern_finds("ker", "kernel"));
    cr_expect(cvy_pattern_finds("[^k.*l$]", "kernel"));
    cr_expect(cvy_pattern_finds("[[aeiou]{2}]", "bias"));
    cr_expect_not(cvy_pattern_finds("[bias;gamma]", "kernel"));
    cr_expect_not(cvy_pattern_finds("[]", "kernel"));
    cr_expect_not(cvy_pattern_finds("", "kernel"));
    cr_expect_not(cvy_pattern_finds("[^bias$]", "biases"));
}

static void expect_refused(const char *spec, const char *words)
{
    const cvy_optimizer_kind *kind;
    void *settings;

    expect_refusal(spec, cvy_optimizer_read(spec, &kind, &settings), CVY_ERR_SETTING, words);
}

Test(optimizers, values_out_of_range_are_refused)
{
    expect_refused("sgd:learning_rate=-0.1", "sgd|learning_rate|\"-0.1\"|at least 0");
    expect_refused("sgd:learning_rate=nan", "learning_rate|\"nan\"");
    expect_refused("sgd:learning_rate=inf", "learning_rate|\"inf\"");
    expect_refused("sgd:learning_rate=none", "learning_rate|\"none\"");
    expect_refused("sgd:momentum=1.5", "momentum|[0, 1]");
    expect_refused("sgd:momentum=-0.1", "momentum|[0, 1]");
    expect_refused("sgd:nesterov=maybe", "nesterov|true or false");
    expect_refused("adam:beta_1=1", "beta_1|[0, 1)");
    expect_refused("adam:beta_2=-0.1", "beta_2|[0, 1)");
    expect_refused("adam:epsilon=-1e-7", "epsilon|at least 0");
    expect_refused("adam:amsgrad=2", "amsgrad|true or false");
    expect_refused("adam:momentum=0.9", "unknown setting \"momentum\"");
    expect_refused("adam:beta_1=0.9,beta_1=0.8", "beta_1|twice");
    expect_refused("adamw:weight_decay=none", "weight_decay|\"none\"");
    expect_refused("adamax:beta_1=1", "beta_1|[0, 1)");
    expect_refused("nadam:beta_1=1", "beta_1|[0, 1)");
    expect_refused("adagrad:initial_accumulator_value=-1", "initial_accumulator_value|at least 0");
    expect_refused("ftrl:learning_rate_power=0.5", "learning_rate_power|at most 0");
    expect_refused("ftrl:l1_regularization_strength=-1", "l1_regularization_strength|at least 0");
    expect_refused("lion:beta_1=0", "beta_1|(0, 1]");
    expect_refused("adafactor:clip_threshold=0", "clip_threshold|above 0");
    expect_refused("muon:ns_steps=0", "ns_steps|from 1 to");
    expect_refused("muon:exclude_layers=[a(]", "muon|exclude_layers|[a(]");
    expect_refused("schedule_free_adamw:beta_1=0", "beta_1|(0, 1]");
    expect_refused("rmsprop:rho=2", "rho|[0, 1]");
    expect_refused("adadelta:rho=-1", "rho|[0, 1]");
    expect_refused("lamb:epsilon=x", "epsilon|\"x\"");
    expect_refused("sdg", "unknown name|sgd");
    expect_refused("", "unknown name");
}

Test(optimizers, common_values_out_of_range_are_refused)
{
    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++) {
        static const struct {
            const char *setting, *words;
        } bad[] = {
            { "weight_decay=-1", "weight_decay|at least 0" },
            { "clipnorm=-1", "clipnorm|at least 0, or none" },
            { "clipnorm=1,clipvalue=1", "clipvalue|1|clipnorm=1|at most one" },
            { "clipvalue=0,global_clipnorm=2", "clipvalue: found 0|global_clipnorm=2" },
            { "clipnorm=0.5,global_clipnorm=0", "global_clipnorm: found 0|clipnorm=0.5" },
            { "ema_momentum=1.5", "ema_momentum|[0, 1]" },
            { "ema_overwrite_frequency=0", "ema_overwrite_frequency|at least 1, or none" },
            { "gradient_accumulation_steps=1", "gradient_accumulation_steps|at least 2, or none" },
            { "loss_scale_factor=0", "loss_scale_factor|above 0, or none" },
            { "exclude_from_weight_decay=[bias;ga(mma]", "exclude_from_weight_decay|ga(mma" },
        };
        for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
            char spec[256];
            snprintf(spec, sizeof spec, "%s:%s", cvy_optimizer_kinds[i]->name, bad[b].setting);
            expect_refused(spec, bad[b].words);
        }
    }
}

/* Records and JSON are made of specs with every setting filled in. */
Test(optimizers, specs_come_out_as_they_went_in)
{
    static const char *const settings[] = {
        "", ":use_ema=true,gradient_accumulation_steps=2,clipnorm=0,loss_scale_factor=0.5",
        ":ema_overwrite_frequency=none,clipvalue=none,exclude_from_weight_decay=[bias;gamma]"
    };
    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++)
        for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
            const cvy_optimizer_kind *kind;
            cvy_optimizer_settings *values;
            char spec[256], first[1024], second[1024];
            snprintf(spec, sizeof spec, "%s%s", cvy_optimizer_kinds[i]->name, settings[s]);
            cr_assert_eq(cvy_optimizer_read(spec, &kind, &values), CVY_OK, "%s", spec);
            cr_expect_eq(values->gradient_accumulation_steps, s == 1 ? 2 : 0);
            cr_expect_eq(isnan(values->clipnorm) != 0, s != 1);
            cvy_spec_print(&kind->kind, values, first, sizeof first);
            cvy_memory_free(values);
            cr_assert_lt(strlen(first) + 1, sizeof first);
            cr_assert_eq(cvy_optimizer_read(first, &kind, &values), CVY_OK, "%s", first);
            cvy_spec_print(&kind->kind, values, second, sizeof second);
            cvy_memory_free(values);
            cr_expect_str_eq(first, second);
        }
}
