/* Whole training runs: which images they take, how they follow the learning rate, and what they record. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "convoy/train.h"
#include "data/dataset.h"
#include "softmax_run.h"

enum { IMAGES = 100, PIXELS = 28 * 28 };

TestSuite(trainer, .init = begin, .fini = end);

/* --- which images --- */

Test(trainer, all_images_by_default)
{
    train();
    cr_expect_eq(history->train_count, IMAGES);
    cr_expect_eq(history->validation_count, 0);
    cr_expect_eq(history->batch_size, 32);
    cr_expect_eq(history->epoch_count, 3);
    cr_expect_eq(history->steps, 12);
    cr_expect_not(history->is_stopped);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(history->epochs[i]->epoch, i + 1);
        cr_expect_eq(history->epochs[i]->steps, 4);
        cr_expect_not(history->epochs[i]->has_validation);
    }
    cr_expect_lt(history->epochs[2]->loss, history->epochs[0]->loss);
}

Test(trainer, a_batch_is_at_most_all_images)
{
    settings.batch_size = 0;
    const char *full = train();
    cr_expect_eq(history->batch_size, IMAGES);
    cr_expect_eq(history->steps, 3);
    settings.batch_size = 5000;
    cr_expect_str_eq(train(), full);
    cr_expect_eq(history->batch_size, IMAGES);
}

Test(trainer, a_limit_takes_the_first_images)
{
    settings.limit = 37;
    const char *limited = train();
    cr_expect_eq(history->train_count, 37);
    cr_expect_eq(history->steps, 3 * 2);

    data->train.count = 37;
    settings.limit = 1000;
    cr_expect_str_eq(train(), limited);
    cr_expect_eq(history->train_count, 37);
}

/* Keras: floor(50 * 0.75) images are trained on, the ones behind them are kept. */
Test(trainer, validation_takes_the_end_of_the_images)
{
    cvy_score *score;

    settings.limit = 50;
    settings.validation_split = 0.25;
    const char *split = train();
    cr_assert_eq(history->train_count, 37);
    cr_assert_eq(history->validation_count, 13);

    cvy_dataset kept = *data;
    kept.test = (cvy_images){ .count = 13,
                              .pixels = data->train.pixels + 37 * PIXELS,
                              .labels = data->train.labels + 37 };
    cr_assert_eq(cvy_evaluate(model, &kept, CVY_SPLIT_TEST, 1, 1, &score), CVY_OK);
    cr_expect(history->epochs[2]->has_validation);
    cr_expect_eq(history->epochs[2]->val_loss, score->loss);
    cr_expect_eq(history->epochs[2]->val_accuracy, score->accuracy);
    cvy_score_destroy(score);

    /* and they have no part in what is learned */
    settings.limit = 37;
    settings.validation_split = 0;
    cr_expect_str_eq(train(), split);
}

/* With a rate of 0 nothing changes between the batches. */
Test(trainer, an_epochs_loss_is_the_mean_over_its_images)
{
    cvy_score *score;

    settings.learning_rate = "0";
    settings.epochs = 1;
    train();
    cr_assert_eq(cvy_evaluate(model, data, CVY_SPLIT_TRAIN, 1, 1, &score), CVY_OK);
    cr_expect_float_eq(history->epochs[0]->loss, score->loss, 1e-6);
    cr_expect_eq(history->epochs[0]->accuracy, score->accuracy);
    cvy_score_destroy(score);
}

/* Half the pixels 255, half 0: mean and standard deviation are 127.5. */
Test(trainer, images_are_standardised)
{
    settings.epochs = 1;
    for (size_t i = 0; i < IMAGES * PIXELS; i++)
        data->train.pixels[i] = i % 2 == 0 ? 255 : 0;
    train();
    cr_expect_float_eq((double)model->pixel_scale, 1 / 127.5, 1e-9);
    cr_expect_float_eq((double)model->pixel_offset, -1, 1e-6);

    memset(data->train.pixels, 51, IMAGES * PIXELS); /* one colour has no deviation */
    train();
    cr_expect_float_eq((double)model->pixel_scale, 1. / 255, 1e-9);
    cr_expect_float_eq((double)model->pixel_offset, -51. / 255, 1e-6);
}

/* --- rule and record --- */

Test(trainer, the_schedule_is_evaluated_at_every_step)
{
    settings.learning_rate =
        "exponential_decay:initial_learning_rate=0.1,decay_steps=3,decay_rate=0.5";
    train();
    for (size_t i = 0; i < 3; i++) /* the last update of the epoch is number 4 i + 3 from 0 */
        cr_expect_float_eq(history->epochs[i]->learning_rate,
                           0.1 * pow(0.5, (4. * (double)i + 3) / 3), 1e-12);

    settings.learning_rate =
        "exponential_decay:initial_learning_rate=0.1,decay_steps=3,decay_rate=0.5,staircase=true";
    settings.steps = 6;
    train();
    cr_expect_float_eq(history->epochs[0]->learning_rate, 0.05, 1e-12);
    cr_expect_float_eq(history->epochs[1]->learning_rate, 0.05, 1e-12);
    cr_expect_not_null(strstr(history->learning_rate, "staircase=true"));
}

/* Three epochs of four updates, or what --steps leaves of them. */
Test(trainer, the_schedule_knows_the_length_of_the_run)
{
    settings.learning_rate = "step_decay:initial_learning_rate=0.1,decay_epochs=1,decay_rate=0.5";
    train();
    for (size_t i = 0; i < 3; i++)
        cr_expect_float_eq(history->epochs[i]->learning_rate, 0.1 * pow(0.5, (double)i), 1e-12);

    settings.learning_rate = "one_cycle:max_learning_rate=0.1,div_factor=10,final_div_factor=100";
    train();
    cr_expect_gt(history->epochs[1]->learning_rate, 2e-4);
    cr_expect_float_eq(history->epochs[2]->learning_rate, 1e-4, 1e-12);
    settings.steps = 6;
    train();
    cr_expect_float_eq(history->epochs[1]->learning_rate, 1e-4, 1e-12);
}

/* A rate that is 0.1 once and then too small for a float. */
Test(trainer, updates_use_the_learning_rate_of_their_step)
{
    settings.optimizer = "sgd";
    settings.learning_rate =
        "exponential_decay:initial_learning_rate=0.1,decay_steps=1,decay_rate=1e-300";
    const char *frozen = train();
    cr_expect_eq(history->steps, 12);
    settings.learning_rate = "0.1";
    settings.steps = 1;
    cr_expect_str_eq(train(), frozen);
    settings.steps = 2;
    cr_expect_str_neq(train(), frozen);
}

Test(trainer, a_given_learning_rate_overrides_the_optimizers)
{
    settings.optimizer = "sgd:momentum=0.5,learning_rate=0.25";
    const char *own = train();
    cr_expect_eq(strncmp(history->learning_rate, "constant:learning_rate=0.25,", 28), 0);
    settings.optimizer = "sgd:momentum=0.5,learning_rate=0.125";
    settings.learning_rate = "0.25";
    cr_expect_str_eq(train(), own);
    cr_expect_not_null(strstr(history->optimizer, "momentum=0.5"));
}

Test(trainer, weights_are_drawn_anew_or_kept)
{
    const char *first = train();
    cr_expect_str_eq(train(), first);
    settings.keep_weights = true;
    cr_expect_str_neq(train(), first);

    cr_assert_eq(cvy_model_initialize(model, settings.seed), CVY_OK);
    cr_expect_str_eq(train(), first);
}

Test(trainer, a_record_is_kept)
{
    settings.validation_split = 0.5;
    settings.limit = 40;
    train();
    json_t *record = json_loads(cvy_model_training_record(model), 0, NULL);
    cr_assert_not_null(record);
    cr_expect_eq(json_integer_value(json_object_get(record, "seed")), 4);
    cr_expect_eq(json_integer_value(json_object_get(record, "steps")), 3);
    cr_expect_eq(json_integer_value(json_object_get(record, "epochs")), 3);
    const json_t *of_data = json_object_get(record, "data");
    cr_expect_eq(json_integer_value(json_object_get(of_data, "train")), 20);
    cr_expect_eq(json_integer_value(json_object_get(of_data, "validation")), 20);
    const json_t *at_end = json_object_get(record, "end");
    cr_expect_float_eq(json_number_value(json_object_get(at_end, "val_loss")),
                       history->epochs[2]->val_loss, 1e-6);
    json_decref(record);
    cr_expect_str_eq(cvy_model_class_name(model, 9), "9");
    cr_expect_eq(model->class_count, 10);
}

Test(trainer, a_single_output_learns_the_labels_value)
{
    cvy_model_destroy(model);
    model = model_make(INPUT("28,28,1") FLATTEN DENSE("1"));
    settings.loss = "mean_squared_error";
    settings.epochs = 20;
    settings.validation_split = 0.1;
    train();
    cr_expect_lt(history->epochs[19]->loss, history->epochs[0]->loss);
    cr_expect(isnan(history->epochs[19]->accuracy) && isnan(history->epochs[19]->val_accuracy));
    cr_expect_eq(model->class_count, 0);
    cvy_history_destroy(history);
    history = NULL;
    settings.loss = "sparse_categorical_crossentropy";
    expect_refusal("cross-entropy of one output", cvy_train(model, data, &settings, &history),
                   CVY_ERR_SHAPE, "sparse_categorical_crossentropy|one output");
}

/* --- what is refused --- */

static void expect_refused(cvy_train_settings bad, cvy_status status, const char *words)
{
    const char *before = model_digest(model);

    cvy_history_destroy(history);
    history = NULL;
    expect_refusal(words, cvy_train(model, data, &bad, &history), status, words);
    cr_expect_null(history);
    cr_expect_str_eq(model_digest(model), before);
}

/* The settings with one of them changed. */
#define WITH(member, value, status, words)                                                         \
    do {                                                                                           \
        cvy_train_settings changed = settings;                                                     \
        changed.member = value;                                                                    \
        expect_refused(changed, status, words);                                                    \
    } while (0)

Test(trainer, bad_settings_are_refused)
{
    cr_assert_eq(cvy_model_initialize(model, 1), CVY_OK);
    WITH(epochs, 0, CVY_ERR_SETTING, "epochs");
    WITH(threads, 0, CVY_ERR_SETTING, "threads");
    WITH(validation_split, -0.1, CVY_ERR_SETTING, "validation_split|-0.1");
    WITH(validation_split, 1, CVY_ERR_SETTING, "validation_split");
    WITH(validation_split, NAN, CVY_ERR_SETTING, "validation_split|nan");
    WITH(validation_split, 0.999, CVY_ERR_DATA, "no images are left");
    WITH(optimizer, "adamm", CVY_ERR_SETTING, "optimizer|\"adam\"");
    WITH(optimizer, "adam:beta_1=2", CVY_ERR_SETTING, "beta_1");
    WITH(learning_rate, "nan", CVY_ERR_SETTING, "nan");
    WITH(learning_rate, "-1", CVY_ERR_SETTING, "-1");
    WITH(loss, "squares", CVY_ERR_SETTING, "\"squares\"");
    WITH(loss, "mean_squared_error:x=1", CVY_ERR_SETTING, "loss");
}

Test(trainer, data_that_do_not_fit_are_refused)
{
    data->width = 14;
    data->height = 56;
    expect_refused(settings, CVY_ERR_SHAPE, "56 x 14 x 1|28 x 28 x 1");
    data->width = data->height = 28;
    data->class_count = 11;
    expect_refused(settings, CVY_ERR_SHAPE, "11 classes|10 outputs");
    data->class_count = 10;
}

/* --- where the time goes --- */

Test(trainer, clocks_change_nothing_and_add_up)
{
    const char *without = train();
    char digest[CVY_DIGEST_TEXT_BYTES];

    strcpy(digest, without);
    settings.measure_times = true;
    settings.bind = CVY_BIND_CORES;
    settings.warm_up = 5; /* in the second of three epochs of four steps */
    cr_expect_str_eq(train(), digest);
    cr_assert_not_null(history->times);
    const cvy_train_times times = *history->times;
    cr_expect_eq(times.steps, 7);
    cr_expect_eq(times.images, 2 * 32 + 4 + IMAGES);
    cr_expect_eq(times.workers, 2);
    cr_expect_gt(times.seconds, 0);
    cr_expect_gt(times.bytes, 0);
    double sum = 0;
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++) {
        cr_expect_geq(times.phases[phase], 0);
        sum += times.phases[phase];
    }
    cr_expect_gt(times.phases[CVY_PHASE_FORWARD], 0);
    cr_expect_gt(times.phases[CVY_PHASE_UPDATE], 0);
    cr_expect_leq(sum, 1.001 * times.seconds); /* between epochs no worker is at anything */
    double steps = 0;
    cr_assert_not_null(times.step_seconds);
    for (size_t step = 0; step < times.steps; step++) {
        cr_expect_gt(times.step_seconds[step], 0);
        steps += times.step_seconds[step];
    }
    cr_expect_leq(steps, 1.001 * times.seconds);
}
