/* Whole training runs of convoy against those of Keras (training_runs.json, normalized_runs.json),
 * from the same weights and in the same order of images.
 *
 * How close can they come? The goldens are computed in float64. float32 keeps numbers of about 1 to
 * 6e-8, and thirty updates carry a few roundings each into the weights: Keras's own float32 runs of
 * sgd end 2e-7 to 4e-7 off, and convoy's were found 1e-7 to 2.1e-7 off, with adam as well. (Keras is
 * 6e-6 off there, from the powers of beta in float32; convoy takes them in double.) Ten times that
 * is allowed, for other instruction sets and matrix products round otherwise. A mistake in a rule
 * shows in the second or third digit.
 *
 * Batch normalization divides by small deviations, which magnifies what was rounded before: there
 * Keras's float32 runs end up to 7e-6 off, convoy's were found 9.5e-7 off. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/objective.h"
#include "support/golden.h"
#include "train/score.h"
#include "train/step.h"

/* A training run with a hand on what the stepper sees. */
typedef struct {
    cvy_model *model;
    cvy_task task;
    cvy_schedule schedule;
    void *settings;
    uint8_t pixels[GOLDEN_IMAGES][GOLDEN_PIXELS];
    uint16_t labels[GOLDEN_IMAGES];
    double tolerance;
    double *losses; /* of each step, before its update */
    size_t epochs, steps;
    cvy_score *score;
    cvy_running before; /* sums of the epoch when the last step was told */
} training;

/* "SGD", "RMSprop" and "CosineDecay" as "sgd", "rmsprop" and "cosine_decay". */
static size_t print_name(const char *name, char *text)
{
    size_t length = 0;

    for (const char *c = name; *c != '\0'; c++) {
        if (isupper((unsigned char)*c) && c != name && islower((unsigned char)c[-1]))
            text[length++] = '_';
        text[length++] = (char)tolower((unsigned char)*c);
    }
    text[length] = '\0';
    return length;
}

/* "SGD" and {"momentum": 0.9} as "sgd:momentum=0.9"; lists as "[9;19]". */
static void print_spec(const char *name, const json_t *settings, char *text, size_t size)
{
    const char *key;
    json_t *value;
    size_t length = print_name(name, text);

    json_object_foreach((json_t *)settings, key, value)
    {
        char *number = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9));
        const char separator = strchr(text, ':') == NULL ? ':' : ',';
        for (char *c = number; json_is_array(value) && *c != '\0'; c++)
            *c = *c == ',' ? ';' : *c;
        length += (size_t)snprintf(text + length, size - length, "%c%s=%s", separator, key, number);
        cr_assert_lt(length, size);
        free(number);
    }
}

static void choose_rule(training *t, const json_t *run)
{
    const json_t *decay = json_object_get(run, "exponential_decay");
    const json_t *schedule = json_object_get(run, "schedule");
    const cvy_kind *kind;
    char spec[256];

    print_spec(golden_text(run, "optimizer"), golden_member(run, "settings"), spec, sizeof spec);
    cr_assert_eq(cvy_spec_read("optimizer", spec, cvy_optimizer_kinds, &kind, &t->settings), CVY_OK,
                 "%s", cvy_error_message());
    t->task.optimizer = (const cvy_optimizer_kind *)kind;
    t->task.optimizer_settings = t->settings;
    if (schedule != NULL)
        print_spec(golden_text(schedule, "name"), golden_member(schedule, "settings"), spec,
                   sizeof spec);
    else if (decay != NULL)
        print_spec("exponential_decay", decay, spec, sizeof spec);
    else
        snprintf(spec, sizeof spec, "%.9g", golden_number(run, "learning_rate"));
    cr_assert_eq(cvy_schedule_read(spec, &t->schedule), CVY_OK, "%s", cvy_error_message());
    t->task.schedule = &t->schedule;
}

static void take_weights(cvy_model *model, const json_t *tensors)
{
    cvy_weight weight;
    size_t i = 0, count;

    for (; cvy_model_weight(model, i, &weight); i++) {
        const json_t *tensor = json_array_get(tensors, i);
        double *values = golden_numbers(tensor, "values", &count);
        char name[2 * CVY_NAME_BYTES];
        snprintf(name, sizeof name, "%s/%s", weight.layer->name, weight.plan->name);
        cr_assert_str_eq(name, golden_text(tensor, "name"));
        cr_assert_eq(count, weight.plan->count, "%s", name);
        for (size_t v = 0; v < count; v++)
            model->weights[weight.offset + v] = (float)values[v];
        free(values);
    }
    cr_assert_eq(json_array_size(tensors), i);
}

static void expect_weights(const training *t, const json_t *run)
{
    const json_t *tensors = golden_member(run, "final_weights");
    cvy_weight weight;

    for (size_t i = 0; cvy_model_weight(t->model, i, &weight); i++) {
        double *found = calloc(weight.plan->count, sizeof *found);
        for (size_t v = 0; v < weight.plan->count; v++)
            found[v] = (double)t->model->weights[weight.offset + v];
        golden_compare(json_array_get(tensors, i), "values", found, t->tolerance,
                       golden_text(run, "name"));
        free(found);
    }
}

/* convoy shuffles. Put the images where this epoch's order finds them as they stand in the
 * golden. */
static void arrange(training *t, size_t epoch)
{
    const cvy_random_stream stream = { t->task.seed, CVY_RANDOM_SHUFFLE, (uint32_t)epoch };
    const cvy_permutation order = cvy_permutation_create(&stream, GOLDEN_IMAGES);

    for (uint32_t position = 0; position < GOLDEN_IMAGES; position++) {
        const uint32_t place = cvy_permutation_at(&order, position);
        t->labels[place] = golden_image(position, t->pixels[place]);
    }
}

static bool keep_loss(void *context, const cvy_running *running)
{
    training *t = context;
    const size_t samples = running->samples - t->before.samples;

    t->losses[t->steps++] = (running->loss - t->before.loss) / (double)samples;
    t->before = *running;
    return true;
}

static cvy_status lead_training(void *context, cvy_team *team)
{
    training *t = context;
    cvy_stepper stepper;
    cvy_running running;

    cr_assert_eq(cvy_stepper_create(&t->task, &stepper), CVY_OK);
    cvy_stepper_start(&stepper);
    for (size_t epoch = 0; epoch < t->epochs; epoch++) {
        arrange(t, epoch);
        t->before = (cvy_running){ 0 };
        cr_assert_eq(cvy_stepper_epoch(&stepper, team, epoch, SIZE_MAX, keep_loss, t, &running),
                     CVY_OK);
        cr_assert_eq(running.samples, GOLDEN_IMAGES);
    }
    cvy_stepper_release(&stepper);
    return CVY_OK;
}

static void train(training *t, const json_t *golden)
{
    t->epochs = (size_t)golden_number(golden, "epochs");
    cr_assert_eq(cvy_team_run(t->task.threads, CVY_BIND_NONE, lead_training, t), CVY_OK);
}

static void begin(training *t, const json_t *golden, const json_t *run, size_t threads)
{
    char path[1024];

    /* the golden names it from the top of the tree */
    snprintf(path, sizeof path, "%s/../%s", TESTS_FOLDER, golden_text(golden, "network"));
    cr_assert_eq(cvy_model_create(path, &t->model), CVY_OK, "%s", cvy_error_message());
    take_weights(t->model, golden_member(golden, "initial_weights"));
    choose_rule(t, run);
    cr_assert_eq(cvy_compute_choose(&t->task.compute), CVY_OK);
    cr_assert_eq(cvy_model_set_loss(t->model, "sparse_categorical_crossentropy"), CVY_OK);
    t->task.model = t->model;
    t->task.loss = cvy_model_loss(t->model);
    t->task.images = (cvy_image_run){ .pixels = t->pixels[0],
                                      .image_bytes = GOLDEN_PIXELS,
                                      .count = GOLDEN_IMAGES };
    t->task.labels = t->labels;
    t->task.batch_size = (size_t)golden_number(golden, "batch_size");
    t->task.threads = threads;
    t->task.seed = 5;
    t->losses = calloc(json_array_size(golden_member(run, "losses")) + 1, sizeof *t->losses);
}

static cvy_status lead_evaluation(void *context, cvy_team *team)
{
    training *t = context;
    return cvy_score_images(t->model, t->task.compute, t->task.images, t->labels, 1, NULL, NULL,
                            team, &t->score);
}

/* Without training: by moving statistics, and with the penalty of the final weights. */
static void expect_evaluation(training *t, const json_t *run)
{
    cr_assert_eq(cvy_team_run(2, CVY_BIND_NONE, lead_evaluation, t), CVY_OK);
    const double wanted = golden_number(run, "evaluated_loss");
    cr_expect_float_eq(t->score->loss, wanted, t->tolerance * wanted, "%s: evaluated as %.9g, %.9g",
                       golden_text(run, "name"), t->score->loss, wanted);
    cvy_score_destroy(t->score);
}

static void finish(training *t)
{
    cvy_model_destroy(t->model);
    cvy_schedule_release(&t->schedule);
    cvy_memory_free(t->settings);
    free(t->losses);
}

static void expect_run(const json_t *golden, const json_t *run, double tolerance, size_t threads)
{
    const char *name = golden_text(run, "name");
    size_t count;
    double *rates = golden_numbers(run, "learning_rates", &count);
    training t = { .tolerance = tolerance };

    begin(&t, golden, run, threads);
    train(&t, golden);
    cr_assert_eq(t.steps, count);
    golden_compare(run, "losses", t.losses, tolerance, name);
    expect_weights(&t, run);
    expect_evaluation(&t, run);
    for (size_t step = 0; step < count; step++)
        cr_expect_float_eq(cvy_schedule_rate(&t.schedule, step), rates[step], 1e-8 * rates[step],
                           "%s, step %zu", name, step);
    finish(&t);
    free(rates);
}

/* Returns how many runs the file has. */
static size_t expect_runs(const char *file, double tolerance)
{
    json_t *golden = golden_open(file);
    const json_t *runs = golden_member(golden, "runs");
    const size_t count = json_array_size(runs);

    for (size_t i = 0; i < count; i++)
        expect_run(golden, json_array_get(runs, i), tolerance, 1 + i % 3);
    json_decref(golden);
    return count;
}

Test(training_against_keras, losses_weights_and_rates_of_every_run)
{
    cr_expect_eq(expect_runs("training_runs.json", 2e-6), 7);
}

/* Batch normalization, whose statistics are the batch's, and regularizers. */
Test(training_against_keras, a_normalized_network)
{
    cr_expect_eq(expect_runs("normalized_runs.json", 1e-5), 9);
}
