/* What training does about numbers that are not finite. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "convoy/convoy.h"
#include "data/dataset.h"
#include "support/models.h"
#include "train/guard.h"

enum { SIDE = 4, PIXELS = SIDE * SIDE, IMAGES = 6 };

static cvy_dataset *data;
static cvy_model *model;
static cvy_history *history;
static cvy_train_settings settings;

/* Dark images and a bright one, number 3. Weights so large that the bright one makes the first dense layer
 * infinite; tanh makes 1 of that, so the loss is finite, and 0 times infinity is in the gradient. */
static void begin(void)
{
    static unsigned char pixels[IMAGES * PIXELS];
    static const uint16_t labels[IMAGES] = { 0, 1, 0, 1, 0, 1 };
    static float huge[PIXELS * 3], ones[6] = { 1, 1, 1, 1, 1, 1 };
    cvy_arrays arrays;

    memset(pixels, 0, sizeof pixels);
    for (size_t i = 0; i < IMAGES; i++)
        pixels[i * PIXELS + i] = 1;
    memset(pixels + 3 * PIXELS, 255, PIXELS);
    cvy_arrays_init(&arrays);
    arrays.height = arrays.width = SIDE;
    arrays.train = (cvy_array_part){ .count = IMAGES, .bytes = pixels, .labels = labels };
    cr_assert_eq(cvy_dataset_from_arrays(&arrays, &data), CVY_OK, "%s", cvy_error_message());

    model = model_make(INPUT("4,4,1") FLATTEN LAYER("Dense", "'units':3,'name':'wide'")
                           LAYER("Dense", "'units':2,'name':'last','activation':'tanh'"));
    for (size_t i = 0; i < PIXELS * 3; i++)
        huge[i] = 1e37F;
    cr_assert_eq(cvy_model_write_weight(model, "wide/kernel", huge, PIXELS * 3), CVY_OK);
    cr_assert_eq(cvy_model_write_weight(model, "last/kernel", ones, 6), CVY_OK);
    settings = cvy_train_defaults();
    settings.loss = "mean_squared_error";
    settings.optimizer = "sgd:learning_rate=0.1";
    settings.normalize = "none";
    settings.keep_weights = true;
    settings.epochs = 1;
    settings.batch_size = 1;
    settings.threads = 2;
}

static void end(void)
{
    cvy_history_destroy(history);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

TestSuite(guard, .init = begin, .fini = end);

static cvy_status train(void)
{
    cvy_history_destroy(history);
    history = NULL;
    return cvy_train(model, data, &settings, &history);
}

static bool are_finite(void)
{
    for (size_t i = 0; i < model->block_floats; i++)
        if (!isfinite(model->weights[i]))
            return false;
    return true;
}

Test(guard, a_gradient_that_is_no_number_is_found_before_weights_change)
{
    settings.batch_size = IMAGES;
    const char *before = model_digest(model);
    expect_refusal("0 times infinity", train(), CVY_ERR_DIVERGED,
                   "the gradient of |/kernel is not a finite number at update 1 (epoch 1)|"
                   "learning rate of 0.1");
    cr_expect_str_eq(model_digest(model), before);
    cr_expect(history->has_diverged);
    cr_expect_eq(history->steps, 0);
    cr_expect_eq(history->good_steps, 0);
}

Test(guard, a_batch_is_skipped_and_counted)
{
    settings.on_nan = CVY_ON_NAN_SKIP;
    cr_assert_eq(train(), CVY_OK, "%s", cvy_error_message());
    cr_expect_eq(history->skipped_steps, 1);
    cr_expect_eq(history->steps, IMAGES);
    cr_expect_not(history->has_diverged);
    cr_expect(isfinite(history->epochs[0]->loss));
    cr_expect(are_finite());
}

Test(guard, a_skipped_batch_adds_nothing_to_accumulated_gradients)
{
    settings.on_nan = CVY_ON_NAN_SKIP;
    settings.optimizer = "sgd:learning_rate=0.1,gradient_accumulation_steps=2,use_ema=true";
    cr_assert_eq(train(), CVY_OK, "%s", cvy_error_message());
    cr_expect_eq(history->skipped_steps, 1);
    cr_expect(are_finite());
}

Test(guard, an_epoch_of_skipped_batches_ends_training)
{
    settings.on_nan = CVY_ON_NAN_SKIP;
    settings.batch_size = IMAGES;
    settings.epochs = 3;
    const char *before = model_digest(model);
    const cvy_status status = train();
    if (status == CVY_OK) /* the loss itself is finite, so it counts */
        cr_expect_eq(history->skipped_steps, 3);
    cr_expect_str_eq(model_digest(model), before);
}

Test(guard, it_can_be_told_to_look_away)
{
    settings.on_nan = CVY_ON_NAN_IGNORE;
    settings.batch_size = IMAGES;
    expect_refusal("NaN in the end", train(), CVY_ERR_DIVERGED, "weight is not a finite number");
    cr_expect_eq(history->steps, 1);
    cr_expect_not(are_finite());
}

Test(guard, threads_and_optimizers_change_nothing)
{
    static const char *const optimizers[] = { "sgd", "adam", "sgd:clipnorm=1",
                                              "adam:gradient_accumulation_steps=2", "muon" };
    char first[CVY_ERROR_BYTES], before[65];

    settings.batch_size = IMAGES;
    snprintf(before, sizeof before, "%s", model_digest(model));
    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++) {
        settings.optimizer = optimizers[i];
        for (settings.threads = 1; settings.threads <= 3; settings.threads++) {
            cr_assert_eq(train(), CVY_ERR_DIVERGED, "%s", optimizers[i]);
            if (settings.threads == 1)
                snprintf(first, sizeof first, "%s", cvy_error_message());
            cr_expect_str_eq(cvy_error_message(), first);
            cr_expect_str_eq(model_digest(model), before, "%s", optimizers[i]);
        }
    }
}

Test(guard, the_layer_that_makes_the_loss_infinite_is_named)
{
    float huge[6] = { 3e38F, 3e38F, 3e38F, 3e38F, 3e38F, 3e38F };
    cvy_model_destroy(model);
    model = model_make(INPUT("4,4,1") FLATTEN LAYER("Dense", "'units':3,'name':'wide'")
                           LAYER("Dense", "'units':2,'name':'last'"));
    for (size_t i = 0; i < model->block_floats; i++)
        model->weights[i] = 0;
    cr_assert_eq(cvy_model_initialize(model, 1), CVY_OK);
    cr_assert_eq(cvy_model_write_weight(model, "last/kernel", huge, 6), CVY_OK);
    settings.batch_size = IMAGES;
    expect_refusal(
        "3e38", train(), CVY_ERR_DIVERGED,
        "the loss is not a finite number at update 1|the output of layer last is the first");
}

Test(guard, moving_statistics_are_looked_at)
{
    cvy_model_destroy(model);
    model = model_make(INPUT("4,4,1") LAYER("Conv2D", "'filters':1,'kernel_size':1,'name':'c'")
                           LAYER("BatchNormalization", "'name':'norm'") FLATTEN DENSE("2"));
    const float huge[1] = { 1e30F };
    cr_assert_eq(cvy_model_initialize(model, 1), CVY_OK);
    cr_assert_eq(cvy_model_write_weight(model, "c/kernel", huge, 1), CVY_OK);
    settings.batch_size = IMAGES;
    expect_refusal("a variance of 1e60", train(), CVY_ERR_DIVERGED, "is not a finite number");
    cr_expect(are_finite());
}

Test(guard, snapshots_are_good_only_once_their_loss_is_known)
{
    enum { TRAINED = 3, STATE = TRAINED, ALL };
    float weights[ALL] = { 1, 2, 3, 4 };
    cvy_guard g;

    cr_assert_eq(cvy_guard_create(&g, CVY_ON_NAN_STOP, NULL, 1, TRAINED, ALL), CVY_OK);
    cr_expect_eq(cvy_guard_recover(&g, weights), SIZE_MAX);
    cvy_guard_begin(&g, weights, 0);
    cr_expect_eq(cvy_guard_recover(&g, weights), SIZE_MAX);
    weights[STATE] = 5; /* a state changes before the weights */
    cvy_guard_keep(&g, weights, 0, 2);
    weights[0] = 7;
    cvy_guard_accept(&g, 0);

    cvy_guard_begin(&g, weights, 1);
    weights[STATE] = 6;
    weights[1] = 9; /* a call that fails before its update copies nothing */
    cr_expect_eq(cvy_guard_recover(&g, weights), 0);
    cr_expect_eq(weights[0], 1);
    cr_expect_eq(weights[1], 2);
    cr_expect_eq(weights[2], 3, "one that never changes");
    cr_expect_eq(weights[STATE], 4);

    weights[0] = 8;
    cvy_guard_begin(&g, weights, 2);
    cvy_guard_keep(&g, weights, 0, 2);
    weights[0] = 10;
    cvy_guard_accept(&g, 2);
    cr_expect_eq(cvy_guard_recover(&g, weights), 2);
    cr_expect_eq(weights[0], 8);
    cvy_guard_release(&g);
}
