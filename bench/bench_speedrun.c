/* The time that a recipe takes to reach an accuracy: creating the model, training it and one pass
 * over the test images, with the data in memory. There is one run per seed; nothing is chosen by
 * the test images.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/options.h"
#include "convoy/convoy.h"
#include "harness.h"

enum { SEEDS_MAX = 1000, AUGMENTATIONS_MAX = 16 };

typedef struct {
    const char *recipe, *data;
    size_t seeds, first_seed, threads;
    double target;
    bool validation, json, help;
} bench_options;

#define AT(member) offsetof(bench_options, member)
static const cvy_setting rows[] = {
    { "recipe", CVY_TEXT, AT(recipe), "recipes/mnist-99.json", 0, 0, "JSON file of options", 0,
      NULL },
    { "data", CVY_TEXT, AT(data), NULL, 0, 0, "folder of MNIST, or any data set", 0, NULL },
    { "seeds", CVY_COUNT, AT(seeds), "30", 1, SEEDS_MAX, "runs", 0, NULL },
    { "first-seed", CVY_COUNT, AT(first_seed), "0", 0, 1 << 30, "seed of the first run", 0, NULL },
    { "threads", CVY_COUNT, AT(threads), "2", 1, 1024, "threads of each run", 0, NULL },
    { "target", CVY_FLOAT, AT(target), "0.99", 0, 1, "accuracy that counts as a hit", 0, NULL },
    { "validation", CVY_BOOL, AT(validation), "false", 0, 0,
      "for tuning: evaluate on the last sixth of the training images instead of training on it", 0,
      NULL },
    { "json", CVY_BOOL, AT(json), "false", 0, 0, "print JSON", 0, NULL },
    { "help", CVY_BOOL, AT(help), "false", 0, 0, "print this", 0, NULL },
    { 0 },
};

/* The strings belong to the JSON. */
typedef struct {
    json_t *json;
    const char *model;
    cvy_train_settings settings;
    const char *augmentations[AUGMENTATIONS_MAX];
} recipe;

static size_t count_in(const json_t *json, const char *key, size_t fallback)
{
    const json_t *value = json_object_get(json, key);
    return json_is_integer(value) ? (size_t)json_integer_value(value) : fallback;
}

/* Read "augment": one string or a list of strings. */
static bool read_augmentations(recipe *r)
{
    const json_t *value = json_object_get(r->json, "augment");
    const size_t count = json_is_array(value) ? json_array_size(value) : value != NULL;

    if (count > AUGMENTATIONS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        r->augmentations[i] =
            json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
        if (r->augmentations[i] == NULL)
            return false;
    }
    r->settings.augmentations = r->augmentations;
    r->settings.augmentation_count = count;
    return true;
}

/* Find an option of the program that this benchmark ignores,
 * since it would make the figures wrong. */
static const char *find_unheeded(const recipe *r)
{
    static const char *const heeded[] = { "summary",       "model", "optimizer",
                                          "learning-rate", "loss",  "batch-size",
                                          "epochs",        "steps", "augment" };
    const char *key;
    json_t *value;

    json_object_foreach(r->json, key, value)
    {
        size_t i = 0;
        while (i < sizeof heeded / sizeof *heeded && strcmp(key, heeded[i]) != 0)
            i++;
        if (i == sizeof heeded / sizeof *heeded)
            return key;
    }
    return NULL;
}

static bool read_recipe(const bench_options *o, recipe *r)
{
    json_error_t error;

    *r = (recipe){ .json = json_load_file(o->recipe, 0, &error), .settings = cvy_train_defaults() };
    r->model = json_string_value(json_object_get(r->json, "model"));
    if (r->model == NULL) {
        fprintf(stderr, "bench_speedrun: %s: %s\n", o->recipe,
                r->json == NULL ? error.text : "expected a string \"model\"");
        return false;
    }
    const char *unheeded = find_unheeded(r);
    if (unheeded != NULL || !read_augmentations(r)) {
        fprintf(stderr, "bench_speedrun: %s: \"%s\": %s\n", o->recipe,
                unheeded != NULL ? unheeded : "augment",
                unheeded != NULL ? "this benchmark does not support the option"
                                 : "expected a string or a list of at most 16");
        return false;
    }
    const char *optimizer = json_string_value(json_object_get(r->json, "optimizer"));
    r->settings.optimizer = optimizer != NULL ? optimizer : r->settings.optimizer;
    r->settings.learning_rate = json_string_value(json_object_get(r->json, "learning-rate"));
    const char *loss = json_string_value(json_object_get(r->json, "loss"));
    r->settings.loss = loss != NULL ? loss : r->settings.loss;
    r->settings.batch_size = count_in(r->json, "batch-size", r->settings.batch_size);
    r->settings.epochs = count_in(r->json, "epochs", 1);
    r->settings.steps = count_in(r->json, "steps", 0);
    r->settings.threads = o->threads;
    r->settings.validation_split = o->validation ? 1.0 / 6 : 0;
    return true;
}

typedef struct {
    double seconds[SEEDS_MAX], accuracy[SEEDS_MAX],
        joules[SEEDS_MAX]; /* joules: NaN if not known */
    double flops;
} results;

static void run_seed(const bench_options *o, const recipe *r, const cvy_dataset *data, size_t run,
                     results *all)
{
    cvy_train_settings settings = r->settings;
    cvy_history *history;
    cvy_score *score = NULL;
    cvy_model *model;

    settings.seed = o->first_seed + run;
    const double start = cvy_clock_seconds(), joules = bench_joules();
    if (cvy_model_create(r->model, &model) != CVY_OK ||
        cvy_train(model, data, &settings, &history) != CVY_OK)
        bench_fail(r->model);
    if (!o->validation &&
        cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, o->threads, &score) != CVY_OK)
        bench_fail("test images");
    all->seconds[run] = cvy_clock_seconds() - start;
    all->joules[run] = bench_joules() - joules;
    all->accuracy[run] =
        score != NULL ? score->accuracy : history->epochs[history->epoch_count - 1]->val_accuracy;
    all->flops =
        cvy_model_flops(model, true) * (double)history->steps * (double)settings.batch_size;
    cvy_score_destroy(score);
    cvy_history_destroy(history);
    cvy_model_destroy(model);
}

typedef struct {
    double mean, deviation;
} spread;

static spread spread_of(const double *values, size_t count)
{
    spread s = { 0 };

    for (size_t i = 0; i < count; i++)
        s.mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        s.deviation += (values[i] - s.mean) * (values[i] - s.mean);
    s.deviation = count > 1 ? sqrt(s.deviation / (double)(count - 1)) : 0;
    return s;
}

static void report(const bench_options *o, results *all)
{
    const spread accuracy = spread_of(all->accuracy, o->seeds);
    size_t hits = 0;

    for (size_t i = 0; i < o->seeds; i++)
        hits += all->accuracy[i] >= o->target;
    const double seconds = bench_median(all->seconds, o->seeds); /* sorts them */
    const double joules = isnan(all->joules[0]) ? NAN : bench_median(all->joules, o->seeds);
    if (!o->json) {
        printf("%s, %zu seeds, %zu threads, %s images\n"
               "accuracy  mean %.3f %%, deviation %.3f, %zu of %zu at least %g %%\n"
               "seconds   median %.3f, least %.3f, most %.3f\n"
               "training  %.1f GFLOP\n",
               o->recipe, o->seeds, o->threads, o->validation ? "validation" : "test",
               100 * accuracy.mean, 100 * accuracy.deviation, hits, o->seeds, 100 * o->target,
               seconds, all->seconds[0], all->seconds[o->seeds - 1], all->flops * 1e-9);
        if (!isnan(joules))
            printf("energy    median %.1f J, of all processors\n", joules);
        else
            printf("energy    not known: no RAPL counter can be read\n");
        return;
    }
    json_t *json =
        json_pack("{sssIsIsbsfsfsIsfsfsfsfso}", "recipe", o->recipe, "seeds", (json_int_t)o->seeds,
                  "threads", (json_int_t)o->threads, "validation", (int)o->validation,
                  "accuracy_mean", accuracy.mean, "accuracy_deviation", accuracy.deviation, "hits",
                  (json_int_t)hits, "seconds_median", seconds, "seconds_least", all->seconds[0],
                  "seconds_most", all->seconds[o->seeds - 1], "training_flops", all->flops,
                  "joules_median", isnan(joules) ? json_null() : json_real(joules));
    if (json == NULL || json_dumpf(json, stdout, JSON_INDENT(2)) != 0)
        bench_fail("JSON");
    json_decref(json);
}

static int print_usage(void)
{
    printf("Usage: bench_speedrun --data WHERE [OPTIONS]\nOptions:\n");
    for (const cvy_setting *row = rows; row->name != NULL; row++)
        printf("  --%-12s %s%s%s%s\n", row->name, row->help,
               row->fallback != NULL ? " (default " : "",
               row->fallback != NULL ? row->fallback : "", row->fallback != NULL ? ")" : "");
    return 0;
}

int main(int count, char **arguments)
{
    static results all;
    const cvy_option_set set = { rows, &(bench_options){ 0 } };
    const bench_options *o = set.values;
    size_t operand_count;
    cvy_dataset *data;
    recipe r;

    if (cvy_options_read(&set, 1, arguments + 1, (size_t)count - 1, &operand_count) != CVY_OK) {
        fprintf(stderr, "bench_speedrun: %s\n", cvy_error_message());
        return 2;
    }
    if (o->help)
        return print_usage();
    if (o->data == NULL || operand_count > 0) {
        fprintf(stderr, "bench_speedrun: expected --data WHERE and only options; see --help\n");
        return 2;
    }
    if (!read_recipe(o, &r))
        return 1;
    if (cvy_dataset_open(o->data, o->threads, &data) != CVY_OK)
        bench_fail(o->data);
    for (size_t i = 0; i < o->seeds; i++)
        run_seed(o, &r, data, i, &all);
    report(o, &all);
    cvy_dataset_close(data);
    json_decref(r.json);
    return 0;
}
