/* Settings of programs that were built against another header; what cvy_train_check() reports; callbacks
 * of the caller's own. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
#include "softmax_run.h"
#include "train/train_settings.h"

static void begin_two_epochs(void)
{
    begin();
    settings.epochs = 2;
}

TestSuite(train_settings, .init = begin_two_epochs, .fini = end);

/* --- structs of other sizes --- */

/* A cvy_epoch has them side by side: whatever else there is to say of a metric needs another member there. */
Test(train_settings, a_metrics_value_keeps_its_size)
{
    cr_expect_eq(sizeof(cvy_metric_value), CVY_METRIC_TEXT_BYTES + 2 * sizeof(double));
}

Test(train_settings, shorter_struct_takes_defaults_for_the_rest)
{
    const size_t known = offsetof(cvy_train_settings, threads); /* the older header ended here */
    unsigned char older[sizeof settings];
    cvy_train_settings taken;

    memset(older, 0xff, sizeof older); /* what the older program has behind its struct */
    cvy_train_settings_init_sized((cvy_train_settings *)(void *)older, known);
    cr_expect_eq(older[known], 0xff, "init wrote behind the struct");
    ((cvy_train_settings *)(void *)older)->epochs = 3;
    cr_assert_eq(cvy_settings_take((cvy_train_settings *)(void *)older, &taken), CVY_OK);
    cr_expect_eq(taken.epochs, 3);
    cr_expect_eq(taken.batch_size, 64);
    cr_expect_eq(taken.threads, 1);
    cr_expect_null((void *)(size_t)taken.measure_times);
    cr_expect_eq(taken.struct_bytes, sizeof taken);
}

Test(train_settings, longer_struct_is_accepted_while_its_new_members_are_zero)
{
    struct {
        cvy_train_settings known;
        size_t newer;
    } later;
    cvy_train_settings taken;

    cvy_train_settings_init_sized(&later.known, sizeof later);
    cr_expect_eq(later.newer, 0);
    cr_expect_eq(cvy_settings_take(&later.known, &taken), CVY_OK);
    later.newer = 1;
    expect_refusal("a newer setting", cvy_settings_take(&later.known, &taken), CVY_ERR_UNSUPPORTED,
                   "settings");
}

/* --- the plan --- */

Test(train_settings, plan_has_every_setting_filled_in)
{
    cvy_train_plan *plan;

    settings.optimizer = "sgd:momentum=0.9";
    settings.learning_rate = "cosine_decay:initial_learning_rate=0.1,decay_steps=6";
    settings.validation_split = 0.2;
    cr_assert_eq(cvy_train_check(model, data, &settings, &plan), CVY_OK, "%s", cvy_error_message());
    cr_expect_not_null(strstr(plan->optimizer, "sgd:learning_rate=0.01,momentum=0.9,nesterov=f"));
    cr_expect_not_null(strstr(plan->learning_rate, "decay_steps=6,alpha=0"));
    cr_expect_not_null(strstr(plan->loss, "sparse_categorical_crossentropy:"));
    cr_expect(plan->has_schedule);
    cr_expect_eq(plan->train_count, 80);
    cr_expect_eq(plan->validation_count, 20);
    cr_expect_eq(plan->batch_size, 32);
    cr_expect_eq(plan->steps_per_epoch, 3);
    cr_expect_eq(plan->steps, 6);
    cr_expect_eq(plan->warning_count, 0);
    const char *gemm, *isa;
    cr_assert_eq(cvy_kernels_selected(&gemm, &isa), CVY_OK);
    cr_expect_str_eq(plan->gemm, gemm);
    cr_expect_str_eq(plan->isa, isa);
    cvy_train_plan_destroy(plan);
}

Test(train_settings, check_without_model_and_data_checks_the_rest)
{
    cvy_train_plan *plan;

    cr_assert_eq(cvy_train_check(NULL, NULL, &settings, &plan), CVY_OK);
    cr_expect_null(plan->loss);
    cr_expect_eq(plan->steps, 0);
    cvy_train_plan_destroy(plan);
    settings.learning_rate = "cosin_decay";
    expect_refusal("schedule", cvy_train_check(NULL, NULL, &settings, NULL), CVY_ERR_SETTING,
                   "cosine_decay");
}

Test(train_settings, check_changes_nothing_and_agrees_with_training)
{
    char *before, *after;
    void *bytes[2];
    size_t sizes[2];

    settings.loss = "mean_squared_error";
    cr_assert_eq(cvy_model_save_memory(model, &bytes[0], &sizes[0]), CVY_OK);
    cr_assert_eq(cvy_train_check(model, data, &settings, NULL), CVY_OK);
    cr_assert_eq(cvy_model_save_memory(model, &bytes[1], &sizes[1]), CVY_OK);
    cr_assert_eq(sizes[0], sizes[1]);
    before = bytes[0], after = bytes[1];
    cr_expect_arr_eq(before, after, sizes[0]);
    cvy_free(bytes[0]);
    cvy_free(bytes[1]);

    cvy_train_plan *plan;
    cr_assert_eq(cvy_train_check(model, data, &settings, &plan), CVY_OK);
    train();
    cr_expect_str_eq(plan->optimizer, history->optimizer);
    cr_expect_str_eq(plan->learning_rate, history->learning_rate);
    cr_expect_str_eq(history->loss, "mean_squared_error");
    cr_expect_eq(plan->steps, history->steps);
    cvy_train_plan_destroy(plan);
}

/* The sentence of the only warning, or "" for none. */
static const char *warning(void)
{
    static char text[512];
    cvy_train_plan *plan;

    cr_assert_eq(cvy_train_check(model, data, &settings, &plan), CVY_OK, "%s", cvy_error_message());
    cr_assert_leq(plan->warning_count, 1, "%s; %s", plan->warnings[0], plan->warnings[1]);
    snprintf(text, sizeof text, "%s", plan->warning_count > 0 ? plan->warnings[0] : "");
    cvy_train_plan_destroy(plan);
    return text;
}

Test(train_settings, warns_of_settings_that_are_seldom_meant)
{
    settings.batch_size = 100;
    settings.optimizer = "adam:use_ema=true,ema_momentum=0.99";
    cr_expect_not_null(strstr(warning(), "use_ema"));
    settings.optimizer = "adam:gradient_accumulation_steps=3";
    cr_expect_not_null(strstr(warning(), "never updated"));
    settings.optimizer = "adam:learning_rate=0.1";
    settings.learning_rate = "0.2";
    cr_expect_not_null(strstr(warning(), "given twice"));
    settings.optimizer = "adam";
    settings.learning_rate = "cosine_decay:initial_learning_rate=0.1,decay_steps=1";
    cr_expect_not_null(strstr(warning(), "ends after 1 of 2"));
    settings.learning_rate = "constant:learning_rate=0.1,warmup_steps=2";
    cr_expect_not_null(strstr(warning(), "2 warm-up steps"));
    settings.learning_rate = "0";
    cr_expect_not_null(strstr(warning(), "no weight will change"));
    settings.learning_rate = NULL;
    cr_expect_str_eq(warning(), "");
}

Test(train_settings, loss_follows_the_outputs)
{
    cvy_model *single = model_make(INPUT("28,28,1") FLATTEN DENSE("1"));
    cvy_train_plan *plan;

    cr_expect_null(settings.loss);
    cr_expect_str_eq(cvy_model_loss_spec(single), "mean_squared_error");
    cr_expect_str_eq(cvy_model_loss_spec(model), "sparse_categorical_crossentropy");
    cr_assert_eq(cvy_train_check(single, data, &settings, &plan), CVY_OK, "%s",
                 cvy_error_message());
    cr_expect_not_null(strstr(plan->loss, "mean_squared_error"));
    cvy_train_plan_destroy(plan);
    cvy_model_destroy(single);
}

Test(train_settings, learning_rates_are_those_of_training)
{
    static const char spec[] = "exponential_decay:initial_learning_rate=0.1,decay_steps=2,"
                               "decay_rate=0.5";
    double rates[8];

    settings.learning_rate = spec;
    train();
    cr_assert_eq(cvy_learning_rates(spec, 4, 8, 0, 8, rates), CVY_OK);
    cr_expect_eq(rates[0], 0.1);
    cr_expect_eq(rates[3], history->epochs[0]->learning_rate);
    cr_expect_eq(rates[7], history->epochs[1]->learning_rate);
    double tail[2];
    cr_assert_eq(cvy_learning_rates(spec, 4, 8, 6, 2, tail), CVY_OK);
    cr_expect_eq(tail[0], rates[6]);
    cr_expect_eq(tail[1], rates[7]);
}

/* --- callbacks of the caller's own --- */

typedef struct {
    size_t steps, epochs, last_step;
    double rate; /* to set at the end of the first epoch; 0: none */
    size_t stop_at_step, stop_at_epoch;
    double loss;
} watch;

static void on_step(void *context, cvy_moment *moment)
{
    watch *w = context;

    w->steps++;
    w->last_step = moment->progress->steps_done;
    cr_expect_null(moment->epoch);
    moment->is_stopping = w->stop_at_step == moment->progress->steps_done;
}

static void on_epoch(void *context, cvy_moment *moment)
{
    watch *w = context;

    w->epochs++;
    w->loss = moment->epoch->loss;
    if (w->rate != 0 && moment->epoch->epoch == 1)
        moment->learning_rate = w->rate;
    moment->is_stopping = w->stop_at_epoch == moment->epoch->epoch;
}

static watch watch_training(watch w, size_t step_every)
{
    static watch kept;

    kept = w;
    settings.on_step = on_step;
    settings.on_epoch = on_epoch;
    settings.step_every = step_every;
    settings.context = &kept;
    train();
    return kept;
}

Test(train_settings, watching_changes_no_bit)
{
    char digest[65];

    snprintf(digest, sizeof digest, "%s", train());
    const watch w = watch_training((watch){ 0 }, 1);
    cr_expect_str_eq(model_digest(model), digest);
    cr_expect_eq(w.steps, 8);
    cr_expect_eq(w.epochs, 2);
    cr_expect_eq(w.loss, history->epochs[1]->loss);
    cr_expect_eq(watch_training((watch){ 0 }, 3).steps, 2); /* the third of each epoch of four */
    cr_expect_eq(watch_training((watch){ 0 }, 0).steps, 0);
    cr_expect_str_eq(model_digest(model), digest);
}

Test(train_settings, a_callback_can_stop)
{
    watch w = watch_training((watch){ .stop_at_step = 2 }, 1);
    cr_expect_eq(w.last_step, 2);
    cr_expect_eq(history->steps, 2);
    cr_expect(history->is_stopped);

    w = watch_training((watch){ .stop_at_epoch = 1 }, 0);
    cr_expect_eq(history->epoch_count, 1);
    cr_expect_eq(history->steps, 4);
    cr_expect(history->is_stopped);
}

Test(train_settings, a_callback_can_change_the_learning_rate)
{
    watch_training((watch){ .rate = 0.25 }, 0);
    cr_expect_eq(history->epochs[0]->learning_rate, 0.001);
    cr_expect_eq(history->epochs[1]->learning_rate, 0.25);

    watch w = { .rate = NAN };
    cvy_history *none = NULL;
    settings.context = &w;
    expect_refusal("NaN", cvy_train(model, data, &settings, &none), CVY_ERR_SETTING,
                   "learning_rate|nan");
    cr_expect_null(none);
}
