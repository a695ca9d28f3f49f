/* What is recorded inside a run, against the same quantities computed from all weights and gradients in double
 * precision. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "convoy/convoy.h"
#include "study/inside.h"
#include "support/models.h"

enum { IMAGES = 200, BATCH = 20, EPOCHS = 2, STEPS = 20, FLOATS = 8192 };

static cvy_dataset *data;
static cvy_model *model;
static cvy_train_settings settings;

/* Every update of a run. */
static float weights[STEPS + 1][FLOATS], gradients[STEPS + 1][FLOATS], moments[STEPS + 1][FLOATS];
static size_t floats;
static cvy_recorder *recorder;
static cvy_effective_rate rule;
static double worst; /* of the effective rates: relative error of the update that they predict */

static void begin(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=200,test=20", 1, &data), CVY_OK);
    model =
        model_make(INPUT("28,28,1") FLATTEN LAYER("Dense", "'units':10,'activation':'softmax'"));
    settings = cvy_train_defaults();
    settings.epochs = EPOCHS;
    settings.batch_size = BATCH;
}

static void end(void)
{
    cvy_recorder_destroy(recorder);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

TestSuite(inside, .init = begin, .fini = end);

static void keep(const cvy_update_view *view)
{
    const cvy_block_part *last = view->parts[view->part_count - 1];

    floats = last->offset + last->count;
    cr_assert_leq(floats, FLOATS);
    memset(weights[view->step], 0, sizeof *weights);
    for (size_t p = 0; p < view->part_count; p++) {
        const size_t at = view->parts[p]->offset, bytes = view->parts[p]->count * sizeof(float);
        memcpy(&weights[view->step][at], view->weights + at, bytes);
        if (view->step > 0)
            memcpy(&gradients[view->step][at], view->gradients + at, bytes);
        if (view->slot_count > 0)
            memcpy(&moments[view->step][at], view->slots[0] + at, bytes);
    }
}

static size_t watch_all(void *context, const cvy_update_view *view)
{
    (void)context;
    keep(view);
    if (view->step == 0)
        return 1;
    for (size_t p = 0; p < view->part_count; p++)
        for (size_t i = 0; i < view->parts[p]->count; i++) {
            const size_t at = view->parts[p]->offset + i;
            const double direction = rule.rule == CVY_EFFECTIVE_ADAM
                                         ? (double)moments[view->step][at]
                                         : (double)gradients[view->step][at];
            const double expected = -cvy_effective_rate_at(&rule, view, at) * direction;
            const double found =
                (double)weights[view->step][at] - (double)weights[view->step - 1][at];
            /* a weight of 1 is rounded to 6e-8 */
            worst = fmax(worst, fabs(found - expected) / (1e-3 * fabs(expected) + 3e-7));
        }
    return 1;
}

Test(inside, effective_rates_predict_every_update)
{
    static const char *const specs[] = { "sgd:learning_rate=0.05", "adagrad:learning_rate=0.05",
                                         "rmsprop", "adam", "adam:amsgrad=true,epsilon=1e-3" };

    settings.on_update = watch_all;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        worst = 0;
        settings.optimizer = specs[i];
        cr_assert_eq(cvy_effective_rate_read(specs[i], &rule), CVY_OK);
        cr_assert_neq(rule.rule, CVY_EFFECTIVE_UNKNOWN);
        cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK, "%s", cvy_error_message());
        cr_expect_lt(worst, 1, "%s: %g", specs[i], worst);
    }
}

Test(inside, rules_without_an_effective_rate_are_unknown)
{
    static const char *const specs[] = { "lion", "rmsprop:momentum=0.9", "rmsprop:centered=true",
                                         "adam:gradient_accumulation_steps=4" };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        cr_assert_eq(cvy_effective_rate_read(specs[i], &rule), CVY_OK);
        cr_expect_eq(rule.rule, CVY_EFFECTIVE_UNKNOWN, "%s", specs[i]);
    }
}

/* --- the record against all weights --- */

static size_t record_only(void *context, const cvy_update_view *view)
{
    (void)context;
    return cvy_recorder_note(recorder, view);
}

static double norm(const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < floats; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

static double step_of(size_t step, double *update)
{
    for (size_t i = 0; i < floats; i++)
        update[i] = (double)weights[step][i] - (double)weights[step - 1][i];
    return norm(update);
}

Test(inside, norms_and_cosines_are_those_of_all_weights)
{
    static double update[FLOATS], next[FLOATS], gradient[FLOATS];
    cvy_inside *inside;

    settings.optimizer = "sgd:momentum=0.5,learning_rate=0.1";
    cr_assert_eq(cvy_effective_rate_read(settings.optimizer, &rule), CVY_OK);
    settings.on_update = watch_all;
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK);
    const char *before = model_digest(model);
    cr_assert_eq(cvy_recorder_create(model, settings.optimizer, STEPS, 0, &recorder), CVY_OK);
    settings.on_update = record_only;
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK);
    cr_expect_str_eq(model_digest(model), before);
    cr_assert_eq(cvy_recorder_finish(recorder, model, data, &settings, &inside), CVY_OK);

    cr_assert_eq(inside->layer_count, 1);
    cr_expect_str_eq(inside->layers[0], cvy_model_layer(model, 1)->name);
    cr_assert_eq(inside->point_count, 7); /* 2, 5, 8, ... 20 */
    for (size_t k = 0; k < inside->point_count; k++) {
        const cvy_inside_point *point = &inside->points[k];
        cr_assert_eq(point->step, 2 + 3 * k);
        const double length = step_of(point->step, update);
        for (size_t i = 0; i < floats; i++)
            gradient[i] = (double)gradients[point->step][i];
        cr_expect_float_eq(point->update_norm, length, 1e-6 * length);
        cr_expect_float_eq(point->gradient_norm, norm(gradient), 1e-6 * norm(gradient));
        cr_expect_float_eq(point->rate_median, 0.1, 1e-7);
        if (point->step == STEPS) {
            cr_expect(isnan(point->cosine));
            continue;
        }
        const double next_length = step_of(point->step + 1, next);
        double product = 0;
        for (size_t i = 0; i < floats; i++)
            product += update[i] * next[i];
        cr_expect_float_eq(point->cosine, product / (length * next_length), 1e-6);
    }
    cvy_inside_destroy(inside);
}

/* --- the noise scale --- */

Test(inside, noise_of_known_moments_is_found)
{
    /* |G|^2 = 4, tr(S) = 300, 10 batches of 20 */
    const cvy_noise_point point = cvy_noise_of(4 + 300 / 20.0, 4 + 300 / 200.0, 10, 20);

    cr_expect_float_eq(point.square, 4, 1e-12);
    cr_expect_float_eq(point.trace, 300, 1e-9);
    cr_expect_float_eq(point.scale, 75, 1e-9);
    cr_expect(isnan(cvy_noise_of(10, 0.1, 10, 20).scale));
}

/* Gradients of single images at fixed weights, summed in double precision by the batches that they would be in. */
static double batches[IMAGES / BATCH][FLOATS];
static size_t seen;

static size_t add_image(void *context, const cvy_update_view *view)
{
    (void)context;
    if (view->step == 0)
        return 1;
    double *sum = batches[seen++ / BATCH];
    for (size_t p = 0; p < view->part_count; p++)
        for (size_t i = 0; i < view->parts[p]->count; i++) {
            const size_t at = view->parts[p]->offset + i;
            sum[at] += (double)view->gradients[at];
        }
    return 1;
}

/* The estimates from ten batches of twenty, against the same from the images one by one: the order of images depends
 * on the seed alone, and the measurement takes the next seed. */
Test(inside, noise_is_that_of_single_images_in_double_precision)
{
    cvy_inside *inside;
    double squares = 0, mean_square = 0;

    settings.epochs = 1;
    settings.optimizer = "sgd:learning_rate=0";
    cr_assert_eq(cvy_recorder_create(model, settings.optimizer, IMAGES / BATCH, 1, &recorder),
                 CVY_OK);
    settings.on_update = record_only;
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK);
    cr_assert_eq(cvy_recorder_finish(recorder, model, data, &settings, &inside), CVY_OK);
    cr_assert_eq(inside->noise_count, 1);

    settings.seed++;
    settings.batch_size = 1;
    settings.keep_weights = true;
    settings.on_update = add_image;
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK);
    cr_assert_eq(seen, IMAGES);
    for (size_t i = 0; i < FLOATS; i++) {
        double sum = 0;
        for (size_t k = 0; k < IMAGES / BATCH; k++) {
            const double mean = batches[k][i] / BATCH;
            squares += mean * mean / (IMAGES / BATCH);
            sum += mean / (IMAGES / BATCH);
        }
        mean_square += sum * sum;
    }
    const cvy_noise_point expected = cvy_noise_of(squares, mean_square, IMAGES / BATCH, BATCH);
    const cvy_noise_point *found = &inside->noise[0];
    cr_expect_float_eq(found->square, expected.square, 1e-4 * expected.square);
    cr_expect_float_eq(found->trace, expected.trace, 1e-4 * expected.trace);
    cr_expect_float_eq(found->scale, expected.scale, 1e-4 * expected.scale);
    cvy_inside_destroy(inside);
}

/* --- as JSON --- */

Test(inside, a_record_is_read_back)
{
    cvy_inside *inside;

    settings.optimizer = "adam";
    cr_assert_eq(cvy_recorder_create(model, settings.optimizer, STEPS, 3, &recorder), CVY_OK);
    settings.on_update = record_only;
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK);
    cr_assert_eq(cvy_recorder_finish(recorder, model, data, &settings, &inside), CVY_OK);
    json_t *object = cvy_inside_json(inside);
    cr_assert_not_null(object);
    cvy_inside *back = cvy_inside_read(object);
    cr_assert_not_null(back);
    json_t *again = cvy_inside_json(back);
    cr_expect(json_equal(object, again));
    cr_assert_eq(
        json_array_append_new(
            json_object_get(json_array_get(json_object_get(object, "updates"), 0), "update_ratios"),
            json_real(1)),
        0);
    cr_expect_null(cvy_inside_read(object));
    cr_expect_null(cvy_inside_read(json_object_get(object, "layers")));
    cr_expect_null(cvy_inside_read(NULL));
    json_decref(object);
    json_decref(again);
    cvy_inside_destroy(inside);
    cvy_inside_destroy(back);
}
