/* The same bits for any number of workers and whoever takes which lane: every model, batches that
 * are not full, fewer lanes than workers, batches that go through in grains. */
#include <criterion/criterion.h>
#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "convoy/train.h"
#include "data/dataset.h"
#include "model/objective.h"
#include "short_run.h"
#include "support/models.h"
#include "support/slow_build.h"
#include "train/lanes.h"

static void expect_same_bits_of_model(const char *name, cvy_model *model, const short_run *c)
{
    static const size_t threads[] = { 3, 8 };
    cvy_dataset *data;

    cr_assert_eq(cvy_dataset_open(c->data, 2, &data), CVY_OK);
    const run_result first = run_short(model, data, c, 1, 0);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        const run_result other = run_short(model, data, c, threads[i], 20 * i);
        expect_same_result(name, threads[i], &other, &first);
    }
    /* and it did learn something */
    cr_assert_eq(cvy_model_initialize(model, 11), CVY_OK);
    cr_expect_str_neq(model_digest(model), first.digest);
    cvy_dataset_close(data);
}

static void expect_same_bits(const char *name, const short_run *c)
{
    cvy_model *model;

    cr_assert_eq(cvy_model_create(name, &model), CVY_OK);
    expect_same_bits_of_model(name, model, c);
    cvy_model_destroy(model);
}

static bool takes_digits(const char *name)
{
    cvy_model *model;

    cr_assert_eq(cvy_model_create(name, &model), CVY_OK);
    const bool is_grey = cvy_model_input(model).dims[0] == 28;
    cvy_model_destroy(model);
    return is_grey;
}

static void expect_same_bits_for_every_model(const short_run *c)
{
    for (size_t i = 0; cvy_model_builtin(i) != NULL; i++)
        if (takes_digits(cvy_model_builtin(i)))
            expect_same_bits(cvy_model_builtin(i), c);
}

/* The models that divide their work in ways of their own: dense layers alone, convolutions, and statistics of
 * the whole batch. */
static void expect_same_bits_for_some_models(const short_run *c)
{
    expect_same_bits("mlp", c);
    expect_same_bits("lenet5", c);
    expect_same_bits("cnn-bn", c);
}

#define ADAM     "adam"
#define MOMENTUM "sgd:momentum=0.9"
#define NESTEROV "sgd:momentum=0.9,nesterov=true"

/* 2 batches: 32 and 7 images, that is 2 and 1 lanes. */
Test(step, last_batch_is_not_full)
{
    static const short_run c = { ADAM, "digits:train=39,test=1", 39, 32, 1, 0, 0 };
    if (IS_SLOW)
        expect_same_bits_for_some_models(&c);
    else
        expect_same_bits_for_every_model(&c);
}

/* 3 images a batch, one lane for up to 8 workers; the last batch is of 2 images. */
Test(step, batch_is_smaller_than_the_number_of_threads)
{
    static const short_run c = { MOMENTUM, "digits:train=8,test=1", 8, 3, 1, 0, 0 };
    expect_same_bits_for_some_models(&c);
}

/* --batch-size full: 4 lanes, the last with 3 images; twice over. */
Test(step, one_batch_of_all_images)
{
    static const short_run c = { NESTEROV, "digits:train=51,test=1", 51, 51, 2, 0, 0 };
    expect_same_bits_for_some_models(&c);
}

/* 7 lanes and a batch of 3: a round for each worker, then crews for what is left. */
Test(step, lanes_left_over_are_shared_out)
{
    static const short_run c = { ADAM, "digits:train=130,test=1", 130, 112, 1, 0, 0 };
    expect_same_bits_for_some_models(&c);
}

/* What the slowest worker has to do, in lanes of a single worker: never more than a lane each. */
Test(step, lanes_are_shared_out_so_that_all_have_work)
{
    static const struct {
        size_t lanes, workers;
        cvy_lane_shares wanted;
    } cases[] = {
        { 4, 1, { 4, 0, 0 } },    { 4, 2, { 4, 0, 0 } },    { 1, 2, { 0, 1, 2 } },
        { 1, 3, { 0, 1, 3 } },    { 3, 2, { 2, 1, 2 } },    { 4, 3, { 3, 1, 3 } },
        { 4, 8, { 0, 4, 2 } },    { 4, 16, { 0, 4, 4 } },   { 16, 128, { 0, 16, 8 } },
        { 16, 12, { 12, 4, 3 } }, { 15, 16, { 15, 0, 0 } }, { 0, 4, { 0, 0, 0 } },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cvy_lane_shares found = cvy_share_lanes(cases[i].lanes, cases[i].workers);
        cr_expect_eq(found.alone, cases[i].wanted.alone, "case %zu: %zu", i, found.alone);
        cr_expect_eq(found.crews, cases[i].wanted.crews, "case %zu: %zu", i, found.crews);
        cr_expect_eq(found.crew_size, cases[i].wanted.crew_size, "case %zu: %zu", i,
                     found.crew_size);
    }
}

Test(step, single_images)
{
    static const short_run c = { ADAM, "digits:train=3,test=1", 3, 1, 1, 0, 0 };
    expect_same_bits_for_some_models(&c);
}

/* More than 64 lanes: the batch goes through in grains, here 2 full ones and 1 of two lanes. */
Test(step, batches_in_grains)
{
    static const short_run c = { ADAM, "digits:train=2071,test=1", 2071, 2071, 1, 0, 0 };
    expect_same_bits("mlp", &c);
}

#define NORMALIZATION(settings) LAYER("BatchNormalization", settings)

/* Statistics of the whole batch cut a lane's way into stages: where such layers stand first, behind
 * each other, where nothing below learns, and without weights of their own. */
Test(step, whole_batch_layers_anywhere)
{
    static const short_run c = { ADAM, "digits:train=117,test=1", 117, 50, 2, 0, 0 };
    static const char *const models[] = {
        INPUT("28,28,1") NORMALIZATION("'center':false,'scale':false") FLATTEN DENSE("10"),
        INPUT("28,28,1") NORMALIZATION("'scale':false") NORMALIZATION("'epsilon':0.1")
            FLATTEN DENSE("10"),
        INPUT("28,28,1") CONV("3", "4") NORMALIZATION("'momentum':0.5")
            LAYER("Activation", "'activation':'relu'") LAYER("MaxPooling2D", "'pool_size':4")
                NORMALIZATION("'scale':false,'center':false") FLATTEN LAYER("Dropout", "'rate':0.2")
                    LAYER("Dense", "'units':12,'activation':'tanh'") NORMALIZATION("'center':false")
                        DENSE("10"),
        INPUT("28,28,1") LAYER("AveragePooling2D", "'pool_size':7")
            FLATTEN LAYER("Dense", "'units':10,'use_bias':false") NORMALIZATION("'momentum':0.9"),
    };

    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        cvy_model *model = model_make(models[i]);
        expect_same_bits_of_model(models[i], model, &c);
        cvy_model_destroy(model);
    }
}

/* ReLU and max-pooling run in the order that is cheaper: which one is written first is all the same,
 * also where windows overlap and many values are cut off. */
Test(step, relu_and_max_pooling_change_places)
{
    static const short_run c = { ADAM, "digits:train=117,test=1", 117, 50, 2, 0, 0 };
#define BEGIN INPUT("28,28,1") CONV("6", "5")
#define RELU  LAYER("Activation", "'activation':'relu'")
#define POOL  LAYER("MaxPooling2D", "'pool_size':3,'strides':2,'padding':'same'")
#define END   CONV("4", "3") FLATTEN DENSE("10")
    cvy_model *pool_last = model_make(BEGIN RELU POOL END);
    cvy_model *pool_first = model_make(BEGIN POOL RELU END);
    cvy_dataset *data;

    cr_assert_eq(cvy_dataset_open(c.data, 1, &data), CVY_OK);
    const run_result wanted = run_short(pool_first, data, &c, 1, 0);
    const run_result found = run_short(pool_last, data, &c, 2, 0);
    expect_same_result("pooling last", 2, &found, &wanted);
    cvy_model_destroy(pool_last);
    cvy_model_destroy(pool_first);
    cvy_dataset_close(data);
}

/* The penalty is added up tile by tile: the dense kernel has several, the convolution's tile several
 * weights. */
Test(step, regularizers)
{
    static const short_run c = { ADAM, "digits:train=117,test=1", 117, 50, 2, 0, 0 };
    cvy_model *model = model_make(
        INPUT("28,28,1") CONV("4", "5,'kernel_regularizer':'l2','bias_regularizer':'l1'")
            FLATTEN LAYER("Dense", "'units':30,'activation':'relu','kernel_regularizer':'l1'")
                DENSE("10"));

    expect_same_bits_of_model("regularizers", model, &c);
    cvy_model_destroy(model);
}

/* 69 lanes, more than a grain holds: with a momentum of 0 the moving statistics are those of the
 * last batch, here of all images. */
Test(step, statistics_of_a_large_batch_are_of_all_its_images)
{
    static const short_run c = { ADAM, "digits:train=1100,test=1", 1100, 1100, 1, 0, 0 };
    cvy_model *model =
        model_make(INPUT("28,28,1") NORMALIZATION("'momentum':0") FLATTEN DENSE("10"));
    cvy_dataset *data;
    double mean = 0, variance = 0;
    const double count = 1100 * 28 * 28;

    expect_same_bits_of_model("large batch", model, &c);
    cr_assert_eq(cvy_dataset_open(c.data, 2, &data), CVY_OK);
    run_short(model, data, &c, 2, 0);
    for (size_t i = 0; i < 1100 * 28 * 28; i++)
        mean += data->train.pixels[i] / 255.0 / count;
    for (size_t i = 0; i < 1100 * 28 * 28; i++)
        variance +=
            (data->train.pixels[i] / 255.0 - mean) * (data->train.pixels[i] / 255.0 - mean) / count;
    const float *state = model->weights + model->trained_floats; /* a cache line each */
    cr_expect_float_eq(state[0], mean, 1e-7);
    cr_expect_float_eq(state[CVY_LANE], variance, 1e-7);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

/* All of a batch is kept then: what no memory holds is refused before it is asked for. */
Test(step, a_batch_beyond_memory_is_refused)
{
    cvy_model *model =
        model_make(INPUT("28,28,1") NORMALIZATION("'momentum':0") FLATTEN DENSE("10"));
    cvy_task task = {
        .model = model, .loss = cvy_model_loss(model), .batch_size = (size_t)1 << 31, .threads = 1
    };
    cvy_stepper stepper;

    cr_assert_eq(cvy_compute_choose(&task.compute), CVY_OK);
    expect_refusal("2^31 images", cvy_stepper_create(&task, &stepper), CVY_ERR_SETTING,
                   "batch_size: found 2147483648, expected at most |batch normalization");
    cvy_stepper_release(&stepper);
    cvy_model_destroy(model);
}

Test(step, a_limit_of_steps)
{
    static const short_run c = { MOMENTUM, "digits:train=100,test=1", 100, 20, 2, 2, 0 };
    expect_same_bits("lenet5", &c);
}

/* As callbacks between batches have it. */
Test(step, an_epoch_in_parts_is_the_same)
{
    short_run c = { ADAM, "digits:train=71,test=1", 71, 10, 2, 0, 0 };
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open(c.data, 1, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("lenet5", &model), CVY_OK);
    const run_result whole = run_short(model, data, &c, 2, 0);
    for (c.part = 1; c.part <= 9; c.part += c.part == 1 ? 2 : 3) {
        const run_result parts = run_short(model, data, &c, 1 + c.part % 3, 10);
        expect_same_result("in parts", 1 + c.part % 3, &parts, &whole);
    }
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

/* The system may give fewer workers than were asked for. */
Test(step, fewer_workers_than_asked_for)
{
    static const short_run c = { ADAM, "digits:train=71,test=1", 71, 32, 2, 0, 0 };
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open(c.data, 1, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("fast", &model), CVY_OK);
    const run_result asked = run_short(model, data, &c, 4, 0);
    omp_set_dynamic(true);
    const run_result dynamic = run_short(model, data, &c, 8, 0);
    omp_set_dynamic(false);
    expect_same_result("dynamic", 8, &dynamic, &asked);

    /* inside a team there is one worker for each of its own */
    run_result nested;
    omp_set_max_active_levels(1);
#pragma omp parallel num_threads(2)
#pragma omp single
    nested = run_short(model, data, &c, 4, 0);
    expect_same_result("nested", 4, &nested, &asked);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

/* OMP_SCHEDULE and OMP_NUM_THREADS are the user's; results do not depend on them. */
Test(step, schedules_of_openmp_do_not_matter)
{
    static const omp_sched_t kinds[] = { omp_sched_static, omp_sched_dynamic, omp_sched_guided };
    static const short_run c = { MOMENTUM, "digits:train=71,test=1", 71, 32, 1, 0, 0 };
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open(c.data, 1, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("mlp", &model), CVY_OK);
    const run_result first = run_short(model, data, &c, 1, 0);
    for (size_t i = 0; i < 3; i++) {
        omp_set_schedule(kinds[i], 2);
        omp_set_num_threads(1 + (int)i);
        const run_result other = run_short(model, data, &c, 3, 30 * i);
        expect_same_result("schedule", 3, &other, &first);
    }
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

/* Another seed, another order and other masks: the digest tells them apart. */
Test(step, order_and_masks_depend_on_the_seed)
{
    cvy_dataset *data;
    cvy_train_settings settings = cvy_train_defaults();
    char digest[2][CVY_DIGEST_TEXT_BYTES];

    settings.epochs = 1;
    settings.batch_size = 20;
    settings.keep_weights = true;
    cr_assert_eq(cvy_dataset_open("digits:train=60,test=1", 1, &data), CVY_OK);
    for (size_t i = 0; i < 2; i++) {
        cvy_model *model;
        cvy_history *history;
        settings.seed = i;
        cr_assert_eq(cvy_model_create("mlp", &model), CVY_OK);
        cr_assert_eq(cvy_model_initialize(model, 1), CVY_OK);
        cr_assert_eq(cvy_train(model, data, &settings, &history), CVY_OK);
        strcpy(digest[i], model_digest(model));
        cvy_history_destroy(history);
        history = NULL;
        cvy_model_destroy(model);
    }
    cr_expect_str_neq(digest[0], digest[1]);
    cvy_dataset_close(data);
}
