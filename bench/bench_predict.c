/* The speed of predictions: one image per call with one thread, as in a program that waits for each
 * answer, and many images per call.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/options.h"
#include "convoy/convoy.h"
#include "harness.h"

enum { REPEATS_MAX = 1000, SINGLE_CALLS = 200, THREADS_MAX = 1024 };

typedef struct {
    size_t images, repeats, threads;
    bool json, help;
} bench_options;

#define AT(member) offsetof(bench_options, member)
static const cvy_setting rows[] = {
    { "images", CVY_COUNT, AT(images), "20000", 1, 10000000, "images of a bulk call", 0, NULL },
    { "repeats", CVY_COUNT, AT(repeats), "15", 1, REPEATS_MAX,
      "repeats of every point; medians count", 0, NULL },
    { "threads", CVY_COUNT, AT(threads), "2", 1, THREADS_MAX, "threads of a bulk call", 0, NULL },
    { "json", CVY_BOOL, AT(json), "false", 0, 0, "print JSON", 0, NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this", 0, NULL },
    { 0 },
};

static int print_usage(void)
{
    printf("Usage: bench_predict [OPTIONS] [MODEL]...\nOptions:\n");
    for (const cvy_setting *row = rows; row->name != NULL; row++)
        printf("  --%-12s %s (default %s)\n", row->name, row->help, row->fallback);
    return 0;
}

/* A model, images as bytes, and room for the outputs. */
typedef struct {
    cvy_model *model;
    unsigned char *images;
    float *outputs;
} job;

static job create(const char *name, size_t count)
{
    job j;
    uint32_t state = 1;

    if (cvy_model_create(name, &j.model) != CVY_OK)
        bench_fail(name);
    const cvy_shape in = cvy_model_input(j.model);
    size_t bytes = count;
    for (size_t i = 0; i < in.rank; i++)
        bytes *= in.dims[i];
    j.images = malloc(bytes);
    j.outputs = malloc(count * cvy_model_output_count(j.model) * sizeof *j.outputs);
    if (j.images == NULL || j.outputs == NULL)
        bench_fail("memory for the images");
    for (size_t i = 0; i < bytes; i++) {
        state = state * 1664525u + 1013904223u; /* Numerical Recipes' generator */
        j.images[i] = (unsigned char)(state >> 24);
    }
    return j;
}

/* Return the seconds per call with so many images. */
static double time_calls(const job *j, size_t images, size_t threads, size_t calls)
{
    const double start = cvy_clock_seconds();

    for (size_t i = 0; i < calls; i++)
        if (cvy_model_predict(j->model, j->images, images, threads, j->outputs) != CVY_OK)
            bench_fail("predict");
    return (cvy_clock_seconds() - start) / (double)calls;
}

static void measure(const bench_options *o, const char *name, json_t *list)
{
    static double single[REPEATS_MAX], bulk[REPEATS_MAX];
    job j = create(name, o->images);

    time_calls(&j, o->images, o->threads, 1); /* touches all memory */
    for (size_t i = 0; i < o->repeats; i++) {
        single[i] = time_calls(&j, 1, 1, SINGLE_CALLS);
        bulk[i] = (double)o->images / time_calls(&j, o->images, o->threads, 1);
    }
    const double seconds = bench_median(single, o->repeats), rate = bench_median(bulk, o->repeats);
    if (list == NULL)
        printf("%-12s %10.1f %10.1f %12.0f %12.0f\n", name, seconds * 1e6, single[0] * 1e6, rate,
               bulk[o->repeats - 1]);
    else if (json_array_append_new(
                 list, json_pack("{ss sf sf sf sf}", "model", name, "one_image_seconds", seconds,
                                 "one_image_seconds_least", single[0], "images_per_second", rate,
                                 "images_per_second_most", bulk[o->repeats - 1])) != 0)
        bench_fail("JSON");
    free(j.images);
    free(j.outputs);
    cvy_model_destroy(j.model);
}

int main(int count, char **arguments)
{
    static const char *const known[] = { "lenet5", "fast", "mnist-cnn", "mlp" };
    const cvy_option_set set = { rows, &(bench_options){ 0 } };
    const bench_options *o = set.values;
    char **models = arguments + 1;
    size_t model_count;

    if (cvy_options_read(&set, 1, models, (size_t)count - 1, &model_count) != CVY_OK) {
        fprintf(stderr, "bench_predict: %s\n", cvy_error_message());
        return 2;
    }
    if (o->help)
        return print_usage();
    json_t *list = o->json ? json_array() : NULL;
    if (!o->json)
        printf("one image with one thread, microseconds; %zu images with %zu threads, images/s\n"
               "%-12s %10s %10s %12s %12s\n",
               o->images, o->threads, "model", "one image", "least", "images/s", "most");
    for (size_t i = 0; i < (model_count > 0 ? model_count : sizeof known / sizeof *known); i++)
        measure(o, model_count > 0 ? models[i] : known[i], list);
    if (o->json) {
        json_t *all = json_pack("{sI sI so}", "threads", (json_int_t)o->threads, "images",
                                (json_int_t)o->images, "models", list);
        if (all == NULL || json_dumpf(all, stdout, JSON_INDENT(1)) != 0 || putchar('\n') == EOF)
            bench_fail("JSON");
        json_decref(all);
    }
    return 0;
}
