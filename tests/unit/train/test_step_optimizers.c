/* A step with every optimizer, and with an exchange of gradients: the same bits for any number of workers. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "optimizers/optimizer.h"
#include "short_run.h"
#include "support/models.h"
#include "support/slow_build.h"

#define MOMENTUM "sgd:momentum=0.9"

/* Every optimizer with these settings, three steps an epoch, or those of the list from `first` on in steps of `every`.
 * lenet5 has variables of one tile and of many, with one, two and four dimensions. */
static void expect_same_bits_for_optimizers(const char *settings, size_t epochs, size_t first,
                                            size_t every)
{
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open("digits:train=60,test=1", 2, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("lenet5", &model), CVY_OK);
    for (size_t i = 0; cvy_optimizer_kinds[i] != NULL; i++) {
        if (i % every != first)
            continue;
        char spec[256];
        snprintf(spec, sizeof spec, "%s%s", cvy_optimizer_kinds[i]->name, settings);
        const short_run c = { spec, "", 60, 20, epochs, 0, 0 };
        const run_result wanted = run_short(model, data, &c, 1, 0);
        const run_result other = run_short(model, data, &c, 3, 20);
        expect_same_result(spec, 3, &other, &wanted);
    }
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

Test(step_optimizers, every_optimizer)
{
    expect_same_bits_for_optimizers("", 1, 0, IS_SLOW ? 3 : 1);
}

Test(step_optimizers, every_optimizer_with_all_that_it_can_do)
{
    expect_same_bits_for_optimizers(
        ":clipnorm=0.05,use_ema=true,ema_momentum=0.9,ema_overwrite_frequency=2,"
        "gradient_accumulation_steps=2,weight_decay=0.01,loss_scale_factor=64",
        2, IS_SLOW ? 1 : 0, IS_SLOW ? 3 : 1);
}

Test(step_optimizers, every_optimizer_with_gradients_clipped_together)
{
    expect_same_bits_for_optimizers(
        ":global_clipnorm=0.1,use_ema=true,gradient_accumulation_steps=3", 2, IS_SLOW ? 2 : 0,
        IS_SLOW ? 3 : 1);
}

/* A power of two on the way back and its removal cancel to the last bit. */
Test(step_optimizers, a_scaled_loss_changes_nothing)
{
    static const short_run plain = { MOMENTUM, "", 60, 20, 1, 0, 0 };
    static const short_run scaled = { MOMENTUM ",loss_scale_factor=4096", "", 60, 20, 1, 0, 0 };
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
