/* Smoothed labels and class weights against Keras (losses.json): losses and gradients of single
 * batches, and an epoch of training with what it reports.
 *
 * The goldens are float64. convoy's float32 was found within 2e-7 of them, relative to the larger of
 * the number and 1; ten times that is allowed. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/train.h"
#include "data/dataset.h"
#include "losses/loss.h"
#include "model/objective.h"
#include "support/golden.h"
#include "support/kernel_sets.h"
#include "support/models.h"

enum { CLASSES_MAX = 10 };

static const double tolerance = 2e-6;

static void expect_near(double found, double wanted, const char *what, size_t i)
{
    cr_expect_float_eq(found, wanted, tolerance * fmax(1, fabs(wanted)),
                       "%s %zu: found %.9g, expected %.9g", what, i, found, wanted);
}

static cvy_loss smoothed(const json_t *item)
{
    char spec[128];
    cvy_loss loss;

    snprintf(spec, sizeof spec, "sparse_categorical_crossentropy:label_smoothing=%.17g",
             golden_number(item, "label_smoothing"));
    cr_assert_eq(cvy_loss_read(spec, &loss), CVY_OK, "%s", cvy_error_message());
    return loss;
}

/* One lane: the samples side by side, the slots behind them empty. */
static void expect_case(const json_t *item, const cvy_kernels *kernels)
{
    const size_t classes = (size_t)golden_number(item, "classes");
    _Alignas(64) float z[CLASSES_MAX * CVY_LANE] = { 0 }, dz[CLASSES_MAX * CVY_LANE];
    float found[CVY_LANE];
    cvy_targets targets = { 0 };
    cvy_loss loss = smoothed(item);
    size_t count, size;
    double *labels = golden_numbers(item, "labels", &count);
    double *weights = golden_numbers(item, "weights", &count);
    double *losses = golden_numbers(item, "losses", &count);
    double *logits = golden_numbers(item, "logits", &size);
    double *gradient = golden_numbers(item, "gradient", &size);

    for (size_t s = 0; s < count; s++) {
        targets.label[s] = (uint16_t)labels[s];
        targets.weight[s] = (float)weights[s] * (1.0f / (float)count);
        for (size_t c = 0; c < classes; c++)
            z[c * CVY_LANE + s] = (float)logits[s * classes + c];
    }
    loss.kind->forward(loss.settings, kernels, classes, z, &targets, found);
    loss.kind->backward(loss.settings, kernels, classes, z, &targets, dz);
    for (size_t s = 0; s < count; s++) {
        expect_near((double)found[s], losses[s], "loss", s);
        for (size_t c = 0; c < classes; c++)
            expect_near((double)dz[c * CVY_LANE + s], gradient[s * classes + c], "gradient", c);
    }
    cvy_loss_release(&loss);
    free(labels);
    free(weights);
    free(losses);
    free(logits);
    free(gradient);
}

Test(losses_against_keras, smoothed_labels_and_sample_weights)
{
    json_t *golden = golden_open("losses.json");
    const json_t *cases = golden_member(golden, "cases");
    const cvy_kernels *set;

    cr_expect_geq(json_array_size(cases), 20);
    for (size_t k = 0; (set = kernel_set(k)) != NULL; k++)
        for (size_t i = 0; i < json_array_size(cases); i++)
            expect_case(json_array_get(cases, i), set);
    json_decref(golden);
}

/* --- an epoch --- */

typedef struct {
    uint8_t pixels[GOLDEN_IMAGES][GOLDEN_PIXELS];
    uint16_t labels[GOLDEN_IMAGES];
    char names[GOLDEN_CLASSES][CVY_CLASS_NAME_BYTES];
    cvy_dataset data;
} images;

/* convoy shuffles. Put the images where the first epoch's order finds them as they stand; those
 * behind them validate. */
static void arrange(images *all, size_t trained, uint64_t seed)
{
    const cvy_random_stream stream = { seed, CVY_RANDOM_SHUFFLE, 0 };
    const cvy_permutation order = cvy_permutation_create(&stream, (uint32_t)trained);

    for (uint32_t i = 0; i < GOLDEN_IMAGES; i++) {
        const uint32_t place = i < trained ? cvy_permutation_at(&order, i) : i;
        all->labels[place] = golden_image(i, all->pixels[place]);
    }
    for (size_t c = 0; c < GOLDEN_CLASSES; c++)
        snprintf(all->names[c], sizeof all->names[c], "%zu", c);
    all->data = (cvy_dataset){
        .name = "golden",
        .height = GOLDEN_SIDE,
        .width = GOLDEN_SIDE,
        .channels = 1,
        .class_count = GOLDEN_CLASSES,
        .train = { .count = GOLDEN_IMAGES, .pixels = all->pixels[0], .labels = all->labels },
        .class_names = all->names
    };
}

static void move_weights(cvy_model *model, size_t index, const json_t *golden, const char *key,
                         bool is_comparison)
{
    cvy_weight weight;
    size_t count;
    double *values = golden_numbers(golden, key, &count);

    cr_assert(cvy_model_weight(model, index, &weight));
    cr_assert_eq(count, weight.plan->count);
    for (size_t i = 0; i < count; i++) {
        float *w = &model->weights[weight.offset + i];
        if (is_comparison)
            expect_near((double)*w, values[i], key, i);
        else
            *w = (float)values[i];
    }
    free(values);
}

static void expect_run(const json_t *golden, const json_t *run, images *all, size_t threads)
{
    const size_t trained = (size_t)golden_number(golden, "trained");
    const char *class_weight = golden_text(run, "class_weight");
    char loss[128], rate[32];
    cvy_model *model =
        model_make(INPUT("12,12,1") FLATTEN LAYER("Dense", "'units':5,'activation':'softmax'"));
    cvy_history *history;

    snprintf(loss, sizeof loss, "sparse_categorical_crossentropy:label_smoothing=%.17g",
             golden_number(run, "label_smoothing"));
    snprintf(rate, sizeof rate, "%.17g", golden_number(run, "learning_rate"));
    move_weights(model, 0, golden, "initial_kernel", false);
    move_weights(model, 1, golden, "initial_bias", false);
    arrange(all, trained, 8);
    const cvy_train_settings settings = {
        .struct_bytes = sizeof settings,
        .optimizer = "sgd",
        .learning_rate = rate,
        .loss = loss,
        .class_weight = *class_weight != '\0' ? class_weight : NULL,
        .epochs = 1,
        .batch_size = (size_t)golden_number(golden, "batch_size"),
        .validation_split = 1 - (double)trained / GOLDEN_IMAGES,
        .threads = threads,
        .seed = 8,
        .keep_weights = true,
    };
    cr_assert_eq(cvy_train(model, &all->data, &settings, &history), CVY_OK, "%s",
                 cvy_error_message());
    cr_assert_eq(history->train_count, trained);
    expect_near(history->epochs[0]->loss, golden_number(run, "loss"), "loss", 0);
    expect_near(history->epochs[0]->accuracy, golden_number(run, "accuracy"), "accuracy", 0);
    expect_near(history->epochs[0]->val_loss, golden_number(run, "val_loss"), "val_loss", 0);
    expect_near(history->epochs[0]->val_accuracy, golden_number(run, "val_accuracy"),
                "val_accuracy", 0);
    move_weights(model, 0, run, "kernel", true);
    move_weights(model, 1, run, "bias", true);
    cvy_history_destroy(history);
    history = NULL;
    cvy_model_destroy(model);
}

Test(losses_against_keras, epochs_with_class_weights)
{
    json_t *golden = golden_open("losses.json");
    const json_t *runs = golden_member(golden, "runs");
    static images all;

    cr_expect_geq(json_array_size(runs), 4);
    for (size_t i = 0; i < json_array_size(runs); i++)
        expect_run(golden, json_array_get(runs, i), &all, 1 + i % 3);
    json_decref(golden);
}
