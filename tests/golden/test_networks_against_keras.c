/* Whole networks of Keras's JSON against Keras (networks.json): outputs, gradients and 40 steps of
 * training, from the same weights and in the same order of images.
 *
 * The goldens are computed in float64. How far Keras's own float32 comes from them is measured with the
 * same numbers and written beside them: convoy may be three times as far off, and a few roundings where
 * Keras's float32 happens to meet the float64 value. Weights and images are made by the same formula on
 * both sides, so that the file holds results only.
 *
 * A file may hold a network several times, from different seeds; then medians are compared. One run can
 * fall on a tie: a ReLU whose input is 5e-7 in float64 may be -1e-8 in float32, and its gradient with it.
 *
 * CONVOY_NETWORKS names another file that tests/golden/make_network_goldens.py wrote; then what was found
 * is printed too. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/objective.h"
#include "support/golden.h"
#include "train/score.h"
#include "train/step.h"

/* A few roundings of float32, in numbers relative to the largest. */
static const double SLACK = 3e-7;
enum { TIMES_KERAS = 3 };

static uint32_t mix(uint32_t h)
{
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    h *= 3266489917u;
    return h ^ h >> 16;
}

typedef struct {
    const json_t *golden; /* of the network */
    const char *name;
    cvy_model *model;
    cvy_task task;
    cvy_schedule schedule;
    void *optimizer_settings;
    uint8_t *pixels;
    uint16_t *labels;
    size_t images, values; /* of an image */
    double *losses;
    size_t steps;
    cvy_running before;
    float *gradients; /* of the first step, as the parameter block */
} network;

/* Number `index` of stream `stream`, as make_network_goldens.py has it. */
static uint32_t number_at(const network *n, uint32_t stream, uint32_t index)
{
    stream += 100000u * (uint32_t)golden_number(n->golden, "seed");
    return mix(index * 2654435761u + mix(stream * 2246822519u + 12345u));
}

static void read_model(network *n)
{
    char *text = json_dumps(golden_member(n->golden, "model"), JSON_COMPACT);

    cr_assert_eq(cvy_model_from_json(text, strlen(text), &n->model), CVY_OK, "%s: %s", n->name,
                 cvy_error_message());
    n->model->pixel_scale = (float)golden_number(n->golden, "pixel_scale");
    n->model->pixel_offset = 0;
    cr_assert_eq(cvy_model_set_loss(n->model, golden_text(n->golden, "loss")), CVY_OK, "%s: %s",
                 n->name, cvy_error_message());
    free(text);
}

static float *find_tensor(const network *n, const json_t *tensor, cvy_weight *weight)
{
    char name[2 * CVY_NAME_BYTES];

    for (size_t i = 0; cvy_model_weight(n->model, i, weight); i++) {
        snprintf(name, sizeof name, "%s/%s", weight->layer->name, weight->plan->name);
        if (strcmp(name, golden_text(tensor, "name")) == 0)
            return n->model->weights + weight->offset;
    }
    cr_assert_fail("%s: no tensor %s", n->name, golden_text(tensor, "name"));
    return NULL;
}

/* Every tensor begins at center + limit * a number from -1 to 1. */
static void set_weights(network *n)
{
    const json_t *tensors = golden_member(n->golden, "tensors");
    const size_t count = json_array_size(tensors);
    cvy_weight weight;

    for (size_t i = 0; i < count; i++) {
        const json_t *tensor = json_array_get(tensors, i);
        float *w = find_tensor(n, tensor, &weight);
        const double center = golden_number(tensor, "center");
        const double limit = golden_number(tensor, "limit");
        cr_assert_eq(weight.plan->count, (size_t)golden_number(tensor, "count"), "%s: %s", n->name,
                     golden_text(tensor, "name"));
        for (size_t v = 0; v < weight.plan->count; v++)
            w[v] = (float)(center + limit * (number_at(n, (uint32_t)i, (uint32_t)v) * 0x1p-31 - 1));
    }
    cr_assert(!cvy_model_weight(n->model, count, &weight), "%s: more tensors than Keras has",
              n->name);
}

static uint16_t make_image(const network *n, size_t image, uint8_t *pixels)
{
    const size_t classes = (size_t)golden_number(n->golden, "classes");
    const size_t label = (image * 7 + image / 5) % classes, stripe = n->values / 8 + 1;

    for (size_t e = 0; e < n->values; e++) {
        const uint32_t noise = number_at(n, 1000u + (uint32_t)image, (uint32_t)e) >> 25;
        pixels[e] = (uint8_t)(noise + (e * (label + 1) / stripe % 2 != 0 ? 120 : 0));
    }
    return (uint16_t)label;
}

/* convoy shuffles: images are put where this epoch's order finds them as they stand in the golden. */
static void arrange(network *n, size_t epoch)
{
    const cvy_random_stream stream = { n->task.seed, CVY_RANDOM_SHUFFLE, (uint32_t)epoch };
    const cvy_permutation order = cvy_permutation_create(&stream, (uint32_t)n->images);

    for (uint32_t position = 0; position < n->images; position++) {
        const uint32_t place = cvy_permutation_at(&order, position);
        n->labels[place] = make_image(n, position, n->pixels + place * n->values);
    }
}

static bool keep_loss(void *context, const cvy_running *running)
{
    network *n = context;

    n->losses[n->steps++] =
        (running->loss - n->before.loss) / (double)(running->samples - n->before.samples);
    n->before = *running;
    return true;
}

static cvy_status lead_training(void *context, cvy_team *team)
{
    network *n = context;
    const size_t steps = (size_t)golden_number(n->golden, "steps");
    cvy_stepper stepper;
    cvy_running running;

    cr_assert_eq(cvy_stepper_create(&n->task, &stepper), CVY_OK, "%s", cvy_error_message());
    cvy_stepper_start(&stepper);
    for (size_t epoch = 0; n->steps < steps; epoch++) {
        arrange(n, epoch);
        n->before = (cvy_running){ 0 };
        cr_assert_eq(
            cvy_stepper_epoch(&stepper, team, epoch, steps - n->steps, keep_loss, n, &running),
            CVY_OK, "%s: %s", n->name, cvy_error_message());
    }
    cvy_stepper_release(&stepper);
    return CVY_OK;
}

static cvy_status lead_one_step(void *context, cvy_team *team)
{
    network *n = context;
    cvy_stepper stepper;
    cvy_running running;

    n->task.keeps_gradients = true;
    cr_assert_eq(cvy_stepper_create(&n->task, &stepper), CVY_OK, "%s", cvy_error_message());
    cvy_stepper_start(&stepper);
    arrange(n, 0);
    n->before = (cvy_running){ 0 };
    cr_assert_eq(cvy_stepper_epoch(&stepper, team, 0, 1, keep_loss, n, &running), CVY_OK, "%s: %s",
                 n->name, cvy_error_message());
    memcpy(n->gradients, stepper.gradients, n->model->block_floats * sizeof *n->gradients);
    cvy_stepper_release(&stepper);
    return CVY_OK;
}

static void choose_rule(network *n, const char *optimizer, const char *rate)
{
    const cvy_kind *kind;

    cvy_memory_free(n->optimizer_settings);
    cvy_schedule_release(&n->schedule);
    cr_assert_eq(
        cvy_spec_read("optimizer", optimizer, cvy_optimizer_kinds, &kind, &n->optimizer_settings),
        CVY_OK, "%s", cvy_error_message());
    n->task.optimizer = (const cvy_optimizer_kind *)kind;
    n->task.optimizer_settings = n->optimizer_settings;
    cr_assert_eq(cvy_schedule_read(rate, &n->schedule), CVY_OK, "%s", cvy_error_message());
    n->task.schedule = &n->schedule;
}

static void begin(network *n, size_t threads)
{
    read_model(n);
    set_weights(n);
    n->images = (size_t)golden_number(n->golden, "images");
    n->values = cvy_shape_count(n->model->input);
    n->pixels = calloc(n->images, n->values);
    n->labels = calloc(n->images, sizeof *n->labels);
    n->losses = calloc((size_t)golden_number(n->golden, "steps") + 1, sizeof *n->losses);
    cr_assert_eq(cvy_compute_choose(&n->task.compute), CVY_OK);
    n->task.model = n->model;
    n->task.loss = cvy_model_loss(n->model);
    n->task.images =
        (cvy_image_run){ .pixels = n->pixels, .image_bytes = n->values, .count = n->images };
    n->task.labels = n->labels;
    n->task.batch_size = (size_t)golden_number(n->golden, "batch_size");
    n->task.threads = threads;
    n->task.seed = 5;
}

static void finish(network *n)
{
    cvy_model_destroy(n->model);
    cvy_schedule_release(&n->schedule);
    cvy_memory_free(n->optimizer_settings);
    free(n->pixels);
    free(n->labels);
    free(n->losses);
}

/* --- how far off --- */

enum { SEEDS_MAX = 64, QUANTITIES_MAX = 4096 };

/* Errors of one quantity of one network, by seed. */
typedef struct {
    char network[80], name[32];
    double convoy[SEEDS_MAX], keras[SEEDS_MAX];
    size_t seeds;
} quantity;

static quantity *quantities;
static size_t quantity_count;

static bool is_printed(void)
{
    return getenv("CONVOY_NETWORKS") != NULL;
}

static void note_error(const network *n, const char *name, double convoy, double keras)
{
    size_t q = 0;

    while (q < quantity_count &&
           (strcmp(quantities[q].network, n->name) != 0 || strcmp(quantities[q].name, name) != 0))
        q++;
    cr_assert_lt(q, QUANTITIES_MAX);
    quantity *of = &quantities[q];
    if (q == quantity_count) {
        quantity_count++;
        snprintf(of->network, sizeof of->network, "%s", n->name);
        snprintf(of->name, sizeof of->name, "%s", name);
    }
    cr_assert_lt(of->seeds, SEEDS_MAX);
    of->convoy[of->seeds] = isnan(convoy) ? HUGE_VAL : convoy;
    of->keras[of->seeds++] = keras;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *numbers, size_t count)
{
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    return (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}

/* With CONVOY_NETWORKS every seed's errors too, before they are put in order. */
static void print_seeds(const quantity *of)
{
    for (size_t s = 0; is_printed() && s < of->seeds && of->seeds > 1; s++)
        fprintf(stderr, "%-36s %-24s seed %2zu: convoy %8.1e  Keras %8.1e\n", of->network, of->name,
                s, of->convoy[s], of->keras[s]);
}

static void judge_errors(void)
{
    for (size_t q = 0; q < quantity_count; q++) {
        quantity *of = &quantities[q];
        print_seeds(of);
        const double convoy = median(of->convoy, of->seeds), keras = median(of->keras, of->seeds);
        const bool is_near = convoy <= TIMES_KERAS * keras + SLACK;
        if (is_printed())
            fprintf(stderr, "%-36s %-24s convoy %8.1e  Keras %8.1e  ratio %6.2f%s\n", of->network,
                    of->name, convoy, keras, convoy / fmax(keras, SLACK / TIMES_KERAS),
                    is_near ? "" : "  <--");
        cr_expect(is_near, "%s: %s is %.3g off, Keras's float32 %.3g", of->network, of->name,
                  convoy, keras);
    }
}

/* The largest difference, relative to the largest number, or 1. */
static double error_of(const double *found, const double *wanted, size_t count, double least)
{
    double error = 0, largest = least;

    for (size_t i = 0; i < count; i++) {
        const double off = fabs(found[i] - wanted[i]);
        if (!(off <= error)) /* so that NaN counts */
            error = off;
        largest = fmax(largest, fabs(wanted[i]));
    }
    return largest > 0 ? error / largest : error;
}

/* Some values of a tensor, evenly spread: those that the golden has. */
static double tensor_error(const float *w, size_t count, const json_t *tensor, const char *key,
                           double least)
{
    size_t wanted_count;
    double *wanted = golden_numbers(tensor, key, &wanted_count);
    double *found = calloc(wanted_count + 1, sizeof *found);

    for (size_t i = 0; i < wanted_count; i++)
        found[i] = (double)w[i * count / wanted_count];
    const double error = error_of(found, wanted, wanted_count, least);
    free(wanted);
    free(found);
    return error;
}

static cvy_status lead_evaluation(void *context, cvy_team *team)
{
    network *n = context;
    cvy_score *score;

    cr_assert_eq(cvy_score_images(n->model, n->task.compute, n->task.images, n->task.labels, 1,
                                  NULL, NULL, team, &score),
                 CVY_OK);
    n->losses[0] = score->loss;
    cvy_score_destroy(score);
    return CVY_OK;
}

static void check_evaluation(network *n, const json_t *golden, const char *name)
{
    cr_assert_eq(cvy_team_run(n->task.threads, CVY_BIND_NONE, lead_evaluation, n), CVY_OK);
    const double wanted = golden_number(golden, "evaluated_loss");
    note_error(n, name, fabs(n->losses[0] - wanted) / fmax(1, fabs(wanted)),
               golden_number(golden, "evaluated_loss_error"));
}

static void check_gradients(network *n)
{
    const json_t *tensors = golden_member(n->golden, "tensors");
    double worst = 0, keras = 0;
    cvy_weight weight;

    set_weights(n);
    n->gradients = calloc(n->model->block_floats, sizeof *n->gradients);
    choose_rule(n, "sgd", "0.01");
    n->steps = 0;
    cr_assert_eq(cvy_team_run(n->task.threads, CVY_BIND_NONE, lead_one_step, n), CVY_OK);
    for (size_t i = 0; i < json_array_size(tensors); i++) {
        const json_t *tensor = json_array_get(tensors, i);
        if (json_object_get(tensor, "gradient") == NULL)
            continue;
        find_tensor(n, tensor, &weight);
        const double error = tensor_error(n->gradients + weight.offset, weight.plan->count, tensor,
                                          "gradient", golden_number(tensor, "gradient_largest"));
        worst = error > worst || isnan(error) ? error : worst;
        keras = fmax(keras, golden_number(tensor, "gradient_error"));
    }
    note_error(n, "gradients", worst, keras);
    free(n->gradients);
}

static void check_run(network *n, const json_t *run)
{
    const json_t *tensors = golden_member(run, "final");
    const int shown = (int)strcspn(golden_text(run, "optimizer"), ":");
    char what[32];
    size_t count;
    double *losses = golden_numbers(run, "losses", &count), worst = 0;
    cvy_weight weight;

    set_weights(n);
    choose_rule(n, golden_text(run, "optimizer"), golden_text(run, "learning_rate"));
    n->steps = 0;
    cr_assert_eq(cvy_team_run(n->task.threads, CVY_BIND_NONE, lead_training, n), CVY_OK);
    cr_assert_eq(n->steps, count);
    snprintf(what, sizeof what, "%.*s: losses", shown, golden_text(run, "optimizer"));
    note_error(n, what, error_of(n->losses, losses, count, 1), golden_number(run, "losses_error"));
    for (size_t i = 0; i < json_array_size(tensors); i++) {
        const json_t *tensor = json_array_get(tensors, i);
        const float *w = find_tensor(n, tensor, &weight);
        const double error = tensor_error(w, weight.plan->count, tensor, "values", 1);
        worst = error > worst || isnan(error) ? error : worst;
    }
    snprintf(what, sizeof what, "%.*s: weights", shown, golden_text(run, "optimizer"));
    note_error(n, what, worst, golden_number(run, "weights_error"));
    snprintf(what, sizeof what, "%.*s: evaluated loss", shown, golden_text(run, "optimizer"));
    check_evaluation(n, run, what);
    free(losses);
}

static void check_network(const json_t *golden, size_t threads)
{
    network n = { .golden = golden, .name = golden_text(golden, "name") };
    const json_t *runs = golden_member(golden, "runs");

    begin(&n, threads);
    arrange(&n, 0);
    check_evaluation(&n, golden, "evaluated loss");
    check_gradients(&n);
    for (size_t i = 0; i < json_array_size(runs); i++)
        check_run(&n, json_array_get(runs, i));
    finish(&n);
}

static json_t *open_goldens(void)
{
    json_error_t error;

    if (!is_printed())
        return golden_open("networks.json");
    json_t *golden = json_load_file(getenv("CONVOY_NETWORKS"), 0, &error);
    cr_assert_not_null(golden, "%s", error.text);
    return golden;
}

Test(networks_against_keras, outputs_gradients_and_forty_steps)
{
    json_t *golden = open_goldens();
    const json_t *networks = golden_member(golden, "networks");

    cr_assert_gt(json_array_size(networks), 0);
    quantities = calloc(QUANTITIES_MAX, sizeof *quantities);
    quantity_count = 0;
    for (size_t i = 0; i < json_array_size(networks); i++)
        check_network(json_array_get(networks, i), 1 + i % 3);
    judge_errors();
    free(quantities);
    json_decref(golden);
}
