/* A step with every optimizer, and with an exchange of gradients: the same bits for any number of workers. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>

#include "optimizers/optimizer.h"
#include "short_run.h"
#include "support/models.h"

#define MOMENTUM "sgd:momentum=0.9"

/* Every optimizer with these settings. lenet5 has variables of one tile and of many, with one, two and four
 * dimensions. */
static void expect_same_bits_for_every_optimizer(const char *settings)
{
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open("digits:train=60,test=1", 2, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("lenet5", &model), CVY_OK);
    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++) {
        char spec[256];
        snprintf(spec, sizeof spec, "%s%s", cvy_optimizer_kinds[i]->name, settings);
        const short_run c = { spec, "", 60, 20, 2, 0, 0, NULL };
        const run_result first = run_short(model, data, &c, 1, 0);
        const run_result other = run_short(model, data, &c, 3, 20);
        expect_same_result(spec, 3, &other, &first);
    }
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

Test(step_optimizers, every_optimizer)
{
    expect_same_bits_for_every_optimizer("");
}

Test(step_optimizers, every_optimizer_with_all_that_it_can_do)
{
    expect_same_bits_for_every_optimizer(
        ":clipnorm=0.05,use_ema=true,ema_momentum=0.9,ema_overwrite_frequency=2,"
        "gradient_accumulation_steps=2,weight_decay=0.01,loss_scale_factor=64");
}

Test(step_optimizers, every_optimizer_with_gradients_clipped_together)
{
    expect_same_bits_for_every_optimizer(
        ":global_clipnorm=0.1,use_ema=true,gradient_accumulation_steps=3");
}

/* A power of two on the way back and its removal cancel to the last bit. */
Test(step_optimizers, a_scaled_loss_changes_nothing)
{
    static const short_run plain = { MOMENTUM, "", 60, 20, 1, 0, 0, NULL };
    static const short_run scaled = {
        MOMENTUM ",loss_scale_factor=4096", "", 60, 20, 1, 0, 0, NULL
    };
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open("digits:train=60,test=1", 2, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("lenet5", &model), CVY_OK);
    const run_result wanted = run_short(model, data, &plain, 1, 0);
    const run_result found = run_short(model, data, &scaled, 2, 0);
    expect_same_result("scaled", 2, &found, &wanted);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

/* Each worker takes its part of the gradients to another power of two. */
typedef struct {
    float factor;
    atomic_size_t calls;
} scaling;

static void scale(void *context, size_t worker, size_t workers, float *gradients, size_t count)
{
    scaling *s = context;

    atomic_fetch_add(&s->calls, 1);
    for (size_t i = count * worker / workers; i < count * (worker + 1) / workers; i++)
        gradients[i] *= s->factor;
}

/* Summing, exchanging and updating are phases of their own: what the exchange leaves is what the update
 * takes, with any number of workers, in batches of several grains, with norms that are clipped. */
Test(step_optimizers, gradients_are_exchanged_between_sum_and_update)
{
    static const char *const plain[] = { "sgd:learning_rate=0.01", "sgd:global_clipnorm=0.5" };
    static const size_t threads[] = { 1, 2, 5 };
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open("digits:train=100,test=10", 2, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("lenet5", &model), CVY_OK);
    for (size_t i = 0; i < 2; i++) {
        short_run c = { plain[i], NULL, 100, 40, 1, 0, 0, NULL };
        const run_result wanted = run_short(model, data, &c, 1, 0);
        for (size_t t = 0; t < 3; t++) {
            scaling twice = { .factor = 1 }, none = { .factor = 0 };
            c.exchange = &(cvy_exchange){ scale, &twice };
            const run_result same = run_short(model, data, &c, threads[t], 0);
            expect_same_result("an exchange that changes nothing", threads[t], &same, &wanted);
            cr_expect_eq(twice.calls, 3 * threads[t]);
            c.exchange = &(cvy_exchange){ scale, &none };
            const run_result nothing = run_short(model, data, &c, threads[t], 0);
            cr_assert_eq(cvy_model_initialize(model, 11), CVY_OK);
            cr_expect_str_eq(nothing.digest, model_digest(model), "gradients of 0 change nothing");
        }
    }
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}
