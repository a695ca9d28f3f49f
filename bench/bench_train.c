/* The speed of whole training steps: images per second, GFLOP/s, and the share of the FMA peak
 * measured in the same run. Every point is repeated, repeats of different thread counts alternate,
 * and the median counts.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "convoy/convoy.h"
#include "harness.h"
#include "kernels/kernels.h"

/* A model, its batch size, and a number of updates that takes some tenths of a second. */
typedef struct {
    const char *model;
    size_t batch_size, steps;
    bool is_colour; /* 32 x 32 x 3, not 28 x 28 x 1 */
} point;

static const point points[] = {
    { "lenet5", 64, 150, false },   { "fast", 256, 30, false },  { "mnist-cnn", 64, 20, false },
    { "mnist-cnn", 16, 60, false }, /* one lane, shared by all workers */
    { "mlp", 64, 400, false },      { "resnet20", 64, 8, true },
};

enum { POINT_COUNT = sizeof points / sizeof *points, THREADS_MAX = 64, REPEATS_MAX = 100 };

static double images_per_second(const point *p, const cvy_dataset *data, size_t threads,
                                size_t steps, const char **gemm)
{
    cvy_model *model;
    cvy_history *history;
    cvy_train_settings settings = cvy_train_defaults();

    settings.batch_size = p->batch_size;
    settings.steps = steps;
    settings.epochs = 1000000;
    settings.threads = threads;
    if (cvy_model_create(p->model, &model) != CVY_OK ||
        cvy_train(model, data, &settings, &history) != CVY_OK)
        bench_fail(p->model);
    double images = 0;
    for (size_t i = 0; i < history->epoch_count; i++)
        images += history->epochs[i]->images_per_second * history->epochs[i]->seconds;
    const double rate = images / history->train_seconds;
    *gemm = history->gemm;
    cvy_history_destroy(history);
    cvy_model_destroy(model);
    return rate;
}

static double training_flops(const char *name)
{
    cvy_model *model;
    if (cvy_model_create(name, &model) != CVY_OK)
        bench_fail(name);
    const double flops = cvy_model_flops(model, true);
    cvy_model_destroy(model);
    return flops;
}

/* The result of a point with some number of threads. */
typedef struct {
    size_t threads;
    double rate, slowest, fastest, flops, peak, speedup; /* images and operations per second */
} outcome;

static void print_outcome(const point *p, const outcome *o, json_t *list)
{
    if (list == NULL) {
        printf("%-10s %6zu %8zu %10.0f %10.0f %10.0f %9.1f %9.1f %7.1f%% %8.2f\n", p->model,
               p->batch_size, o->threads, o->rate, o->slowest, o->fastest, o->flops * 1e-9,
               o->peak * 1e-9, 100 * o->flops / o->peak, o->speedup);
        fflush(stdout);
        return;
    }
    json_t *object = json_pack(
        "{ss sI sI sf sf sf sf sf sf}", "model", p->model, "batch", (json_int_t)p->batch_size,
        "threads", (json_int_t)o->threads, "images_per_second", o->rate, "slowest", o->slowest,
        "fastest", o->fastest, "flops", o->flops, "peak", o->peak, "speedup", o->speedup);
    if (object == NULL || json_array_append_new(list, object) != 0)
        bench_fail("JSON");
}

/* The point with another batch, and about as much work: a lane of 16 images is the least that is computed. */
static point with_batch(const point *p, size_t batch_size)
{
    enum { LANE = 16 };
    point other = *p;

    if (batch_size == 0)
        return other;
    other.batch_size = batch_size;
    other.steps = p->steps * p->batch_size / (batch_size > LANE ? batch_size : LANE);
    other.steps = other.steps > 0 ? other.steps : 1;
    return other;
}

static void measure(const point *p, const cvy_dataset *data, size_t threads_max, size_t repeats,
                    size_t scale, json_t *list)
{
    static double rates[THREADS_MAX + 1][REPEATS_MAX];
    const size_t steps = p->steps * scale / 100 > 0 ? p->steps * scale / 100 : 1;
    const double flops = training_flops(p->model);
    double peak[THREADS_MAX + 1] = { 0 }, serial = 0;
    const char *gemm;

    for (size_t repeat = 0; repeat < repeats; repeat++)
        for (size_t threads = 1; threads <= threads_max; threads++) {
            const double found = bench_fma_peak(threads);
            peak[threads] = found > peak[threads] ? found : peak[threads];
            rates[threads][repeat] = images_per_second(p, data, threads, steps, &gemm);
        }
    for (size_t threads = 1; threads <= threads_max; threads++) {
        const double rate = bench_median(rates[threads], repeats);
        serial = threads == 1 ? rate : serial;
        print_outcome(p,
                      &(outcome){ threads, rate, rates[threads][0], rates[threads][repeats - 1],
                                  rate * flops, peak[threads], rate / serial },
                      list);
    }
}

typedef struct {
    size_t threads, repeats, steps_scale, batch_size;
    bool json, help;
} bench_options;

#define AT(member) offsetof(bench_options, member)
static const cvy_setting rows[] = {
    { "threads", CVY_COUNT, AT(threads), "2", 1, THREADS_MAX, "measure with 1 to N threads", 0,
      NULL },
    { "repeats", CVY_COUNT, AT(repeats), "7", 1, REPEATS_MAX, "repeats of every point", 0, NULL },
    { "steps-scale", CVY_COUNT, AT(steps_scale), "100", 1, 10000,
      "updates, in percent of the default", 0, NULL },
    { "batch", CVY_COUNT, AT(batch_size), "0", 0, 10000, "images per update; 0: each model's own",
      0, NULL },
    { "json", CVY_BOOL, AT(json), "false", 0, 0, "print JSON, in operations per second", 0, NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this", 0, NULL },
    { 0 },
};

static int print_usage(FILE *file, int status)
{
    fprintf(file, "Usage: bench_train [OPTIONS] [MODEL]...\nModels, and their batches:");
    for (size_t i = 0; i < POINT_COUNT; i++)
        fprintf(file, " %s (%zu)", points[i].model, points[i].batch_size);
    fprintf(file, "\nOptions:\n");
    for (const cvy_setting *row = rows; row->name != NULL; row++)
        fprintf(file, "  --%-12s %s (default %s)\n", row->name, row->help, row->fallback);
    return status;
}

/* Whether no models are given, or this one is among them. */
static bool is_wanted(const char *model, char **models, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(models[i], model) == 0)
            return true;
    return count == 0;
}

static bool is_known(const char *model)
{
    for (size_t i = 0; i < POINT_COUNT; i++)
        if (strcmp(points[i].model, model) == 0)
            return true;
    return false;
}

static void print_json(json_t *list)
{
    const cvy_kernels *kernels;

    if (cvy_kernels_choose(&kernels) != CVY_OK)
        bench_fail("kernels");
    json_t *all = json_pack("{ss so}", "isa", kernels->name, "points", list);
    if (all == NULL || json_dumpf(all, stdout, JSON_INDENT(1)) != 0 || putchar('\n') == EOF)
        bench_fail("JSON");
    json_decref(all);
}

/* Make random images of CIFAR's shape. */
static cvy_dataset *make_colours(void)
{
    enum { IMAGES = 2000, BYTES = 32 * 32 * 3, CLASSES = 10 };
    unsigned char *bytes = malloc((size_t)IMAGES * BYTES);
    uint16_t *labels = malloc(IMAGES * sizeof *labels);
    cvy_arrays arrays;
    cvy_dataset *data;
    uint32_t state = 1;

    if (bytes == NULL || labels == NULL)
        bench_fail("memory");
    for (size_t i = 0; i < (size_t)IMAGES * BYTES; i++) {
        state = state * 1664525u + 1013904223u; /* Numerical Recipes' generator */
        bytes[i] = (unsigned char)(state >> 24);
    }
    for (size_t i = 0; i < IMAGES; i++)
        labels[i] = (uint16_t)(i % CLASSES);
    cvy_arrays_init(&arrays);
    arrays.height = arrays.width = 32;
    arrays.channels = 3;
    arrays.class_count = CLASSES;
    arrays.train = (cvy_array_part){ .count = IMAGES, .bytes = bytes, .labels = labels };
    if (cvy_dataset_from_arrays(&arrays, &data) != CVY_OK)
        bench_fail("colours");
    free(bytes);
    free(labels);
    return data;
}

int main(int count, char **arguments)
{
    const cvy_option_set set = { rows, &(bench_options){ 0 } };
    const bench_options *o = set.values;
    char **models = arguments + 1;
    size_t model_count;
    cvy_dataset *data, *colours;

    if (cvy_options_read(&set, 1, models, (size_t)count - 1, &model_count) != CVY_OK) {
        fprintf(stderr, "bench_train: %s\n", cvy_error_message());
        return 2;
    }
    if (o->help)
        return print_usage(stdout, 0);
    for (size_t i = 0; i < model_count; i++)
        if (!is_known(models[i]))
            return print_usage(stderr, 2);

    if (cvy_dataset_open("digits:train=10000,test=1", o->threads, &data) != CVY_OK)
        bench_fail("digits");
    colours = make_colours();
    json_t *list = o->json ? json_array() : NULL;
    if (!o->json)
        printf("%-10s %6s %8s %10s %10s %10s %9s %9s %8s %8s\n", "model", "batch", "threads",
               "images/s", "slowest", "fastest", "GFLOP/s", "peak", "of peak", "speed-up");
    for (size_t i = 0; i < POINT_COUNT; i++) {
        const point p = with_batch(&points[i], o->batch_size);
        const bool is_repeated =
            i > 0 && o->batch_size > 0 && strcmp(points[i].model, points[i - 1].model) == 0;
        if (is_wanted(p.model, models, model_count) && !is_repeated)
            measure(&p, p.is_colour ? colours : data, o->threads, o->repeats, o->steps_scale, list);
    }
    if (o->json)
        print_json(list);
    cvy_dataset_close(data);
    cvy_dataset_close(colours);
    return 0;
}
