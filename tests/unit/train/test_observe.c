/* on_update sees every update as it happens, and changes none. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "convoy/convoy.h"
#include "support/models.h"

enum { IMAGES = 100, BATCH = 32, PER_EPOCH = 4, EPOCHS = 3, FLOATS_MAX = 8192, CALLS_MAX = 32 };

static cvy_dataset *data;
static cvy_model *model;
static cvy_history *history;
static cvy_train_settings settings; /* 4 steps an epoch: 32, 32, 32 and 4 images */

static void begin(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=100,test=20", 2, &data), CVY_OK);
    model =
        model_make(INPUT("28,28,1") FLATTEN LAYER("Dense", "'units':10,'activation':'softmax'"));
    settings = cvy_train_defaults();
    settings.epochs = EPOCHS;
    settings.batch_size = BATCH;
    settings.threads = 2;
}

static void end(void)
{
    cvy_history_destroy(history);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

TestSuite(observe, .init = begin, .fini = end);

/* What a call saw. */
typedef struct {
    size_t every;
    size_t count, step[CALLS_MAX], samples[CALLS_MAX];
    double loss[CALLS_MAX], rate[CALLS_MAX];
    cvy_optimizer *twin;
    float weights[FLOATS_MAX];
    double worst; /* largest distance between the model's weights and the twin's */
} witness;

static size_t note(void *context, const cvy_update_view *view)
{
    witness *w = context;
    cr_assert_lt(w->count, CALLS_MAX);
    w->step[w->count] = view->step;
    w->samples[w->count] = view->samples;
    w->loss[w->count] = view->loss;
    w->rate[w->count++] = view->learning_rate;
    return w->every;
}

static void train(witness *w)
{
    settings.context = w;
    cvy_history_destroy(history);
    history = NULL;
    cr_assert_eq(cvy_train(model, data, &settings, &history), CVY_OK, "%s", cvy_error_message());
}

Test(observe, calls_come_as_often_as_asked_for)
{
    static const size_t steps[] = { 0, 3, 6, 9, 12 };
    witness w = { .every = 3 };

    settings.on_update = note;
    train(&w);
    cr_assert_eq(w.count, 5);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(w.step[i], steps[i]);
    witness once = { .every = 0 };
    train(&once);
    cr_expect_eq(once.count, 1);
    cr_expect(isnan(once.loss[0]));
}

Test(observe, losses_are_those_of_the_batches)
{
    witness w = { .every = 1 };
    double sum = 0;

    settings.on_update = note;
    train(&w);
    cr_assert_eq(w.count, 1 + EPOCHS * PER_EPOCH);
    for (size_t i = 1; i <= PER_EPOCH; i++) {
        cr_expect_eq(w.samples[i], i < PER_EPOCH ? BATCH : IMAGES - (PER_EPOCH - 1) * BATCH);
        sum += w.loss[i] * (double)w.samples[i];
    }
    cr_expect_float_eq(sum / IMAGES, history->epochs[0]->loss, 1e-12);
}

/* Whatever the observer asks for, an evaluation inside the epoch included. */
Test(observe, bits_do_not_change)
{
    witness w = { .every = 1 };

    train(NULL);
    const char *before = model_digest(model);
    settings.on_update = note;
    for (w.every = 1; w.every < 6; w.every++) {
        w.count = 0;
        settings.evaluate_every = w.every % 2 * 3;
        train(&w);
        cr_expect_str_eq(model_digest(model), before);
    }
}

/* The same gradients through cvy_optimizer_update() give the same weights, bit for bit. */
static size_t follow(void *context, const cvy_update_view *view)
{
    witness *w = context;

    for (size_t p = 0; p < view->part_count; p++) {
        const cvy_block_part *part = view->parts[p];
        cr_assert_leq(part->offset + part->count, FLOATS_MAX);
    }
    const cvy_block_part *last = view->parts[view->part_count - 1];
    const size_t count = last->offset + last->count;
    if (view->step == 0) {
        cr_assert_null(view->gradients);
        cr_assert_eq(
            cvy_optimizer_create(settings.optimizer, settings.learning_rate, 12, count, &w->twin),
            CVY_OK, "%s", cvy_error_message());
        memcpy(w->weights, view->weights, count * sizeof(float));
        return 1;
    }
    cr_assert_eq(cvy_optimizer_update(w->twin, w->weights, view->gradients), CVY_OK);
    for (size_t p = 0; p < view->part_count; p++)
        for (size_t i = 0; i < view->parts[p]->count; i++) {
            const size_t at = view->parts[p]->offset + i;
            w->worst = fmax(w->worst, fabs((double)w->weights[at] - (double)view->weights[at]));
        }
    w->count++;
    return 1;
}

Test(observe, gradients_are_what_the_rule_takes)
{
    static const char *const specs[] = { "sgd",
                                         "sgd:momentum=0.9,nesterov=true",
                                         "adagrad",
                                         "rmsprop:centered=true",
                                         "adam",
                                         "adam:weight_decay=0.01",
                                         "sgd:clipvalue=0.001",
                                         "adadelta" };

    settings.learning_rate =
        "exponential_decay:initial_learning_rate=0.01,decay_steps=5,decay_rate=0.5";
    settings.on_update = follow;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        witness w = { 0 };
        settings.optimizer = specs[i];
        train(&w);
        cr_expect_eq(w.count, EPOCHS * PER_EPOCH);
        cr_expect_eq(w.worst, 0, "%s: weights differ by %g", specs[i], w.worst);
        cvy_optimizer_destroy(w.twin);
    }
}

static size_t look(void *context, const cvy_update_view *view)
{
    witness *w = context;
    w->count++;
    cr_expect_eq(view->slot_count, 2);
    cr_expect_str_eq(view->slot_names[0], "momentum");
    cr_expect_str_eq(view->slot_names[1], "velocity");
    /* after the first update Adam's first moment is (1 - beta_1) g */
    if (view->step == 1)
        for (size_t i = 0; i < view->parts[0]->count; i++)
            cr_assert_float_eq(view->slots[0][i], 0.1f * view->gradients[i], 1e-8f);
    return view->step < 2;
}

Test(observe, slots_have_names_and_blocks)
{
    witness w = { 0 };
    settings.on_update = look;
    train(&w);
    cr_expect_eq(w.count, 3);
}

static size_t look_for_gradients(void *context, const cvy_update_view *view)
{
    (void)context;
    cr_expect_null(view->gradients);
    return view->step < 2;
}

Test(observe, rules_on_whole_tensors_show_no_gradient)
{
    settings.optimizer = "lamb";
    settings.on_update = look_for_gradients;
    train(NULL);
}
