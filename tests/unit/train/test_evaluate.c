/* Scores on numbers that can be worked out on paper. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "convoy/train.h"
#include "data/dataset.h"
#include "model/objective.h"
#include "support/models.h"

enum { CLASSES = 4 };

/* A test split of images that are `values` pixels in one row, all in memory of the caller's. */
static cvy_dataset as_data(size_t count, size_t values, size_t classes, const void *pixels,
                           const uint16_t *labels)
{
    return (cvy_dataset){
        .name = "numbers",
        .height = 1,
        .width = values,
        .channels = 1,
        .class_count = classes,
        .test = { .count = count, .pixels = (uint8_t *)pixels, .labels = (uint16_t *)labels },
    };
}

/* A model whose outputs are its input bytes. */
static cvy_model *identity(void)
{
    cvy_model *model = model_make(INPUT("4") DENSE("4"));

    for (size_t i = 0; i < CLASSES; i++)
        model->weights[i * CLASSES + i] = 1;
    model->pixel_scale = 1;
    model->pixel_offset = 0;
    return model;
}

static cvy_score *evaluate(const cvy_model *model, const cvy_dataset *data, size_t k,
                           size_t threads)
{
    cvy_score *score;

    cr_assert_eq(cvy_evaluate(model, data, CVY_SPLIT_TEST, k, threads, &score), CVY_OK, "%s",
                 cvy_error_message());
    cr_expect_eq(score->image_count, data->test.count);
    cr_expect_geq(score->seconds, 0);
    return score;
}

/* The mean of 10, 30, 20, 20 and 25 is 21, that of their squares 485. */
Test(evaluate, mean_absolute_error_is_21)
{
    static const uint8_t fifths[] = { 22, 24, 44, 46, 65 }; /* of 110, 120, 220, 230, 325 */
    static const uint16_t values[] = { 100, 150, 200, 250, 300 };
    static const char *const losses[] = { "mean_absolute_error", "mean_squared_error" };
    const cvy_dataset data = as_data(5, 1, 301, fifths, values);
    cvy_model *model = model_make(INPUT("1") DENSE("1"));

    model->weights[0] = 5;
    model->pixel_scale = 1;
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(cvy_model_set_loss(model, losses[i]), CVY_OK);
        cvy_score *score = evaluate(model, &data, 1, 1);
        cr_expect_eq(score->mae, 21);
        cr_expect_eq(score->mse, 485);
        cr_expect_eq(score->rmse, sqrt(485));
        cr_expect_eq(score->loss, i == 0 ? 21 : 485);
        cr_expect(isnan(score->accuracy) && isnan(score->top_k));
        cr_expect_null(score->confusion);
        cvy_score_destroy(score);
    }
    cvy_model_destroy(model);
}

/* Twenty images, four in the second lane. Class 3 never occurs; class 2 is often read as 0. */
static const struct {
    size_t label, predicted, count;
} readings[] = { { 0, 0, 4 }, { 0, 1, 2 }, { 1, 1, 5 }, { 2, 2, 3 }, { 2, 0, 6 } };
enum { READINGS = 20 };

static cvy_dataset readings_as_data(uint8_t pixels[READINGS][CLASSES], uint16_t labels[READINGS])
{
    size_t image = 0;

    memset(pixels, 0, READINGS * CLASSES);
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++)
        for (size_t n = 0; n < readings[i].count; n++, image++) {
            pixels[image][readings[i].predicted] = 9;
            labels[image] = (uint16_t)readings[i].label;
        }
    cr_assert_eq(image, READINGS);
    return as_data(READINGS, CLASSES, CLASSES, pixels, labels);
}

Test(evaluate, confusion_and_accuracy)
{
    static const size_t wanted[CLASSES][CLASSES] = { { 4, 2, 0, 0 },
                                                     { 0, 5, 0, 0 },
                                                     { 6, 0, 3, 0 } };
    uint8_t pixels[READINGS][CLASSES];
    uint16_t labels[READINGS];
    const cvy_dataset data = readings_as_data(pixels, labels);
    cvy_model *model = identity();
    cvy_score *score = evaluate(model, &data, 1, 2);

    cr_expect_eq(score->class_count, CLASSES);
    cr_expect_eq(score->accuracy, 12. / 20);
    cr_expect_arr_eq(score->confusion, wanted, sizeof wanted);
    cvy_score_destroy(score);
    cvy_model_destroy(model);
}

Test(evaluate, precision_recall_and_f1)
{
    static const cvy_class_score wanted[CLASSES] = {
        { 4. / 10, 4. / 6, 0.5, 6 },
        { 5. / 7, 1, 5. / 6, 5 },
        { 1, 1. / 3, 0.5, 9 },
        { 0, 0, 0, 0 }, /* neither seen nor read */
    };
    uint8_t pixels[READINGS][CLASSES];
    uint16_t labels[READINGS];
    const cvy_dataset data = readings_as_data(pixels, labels);
    cvy_model *model = identity();
    cvy_score *score = evaluate(model, &data, 1, 1);

    for (size_t c = 0; c < CLASSES; c++) {
        const cvy_class_score found = *score->classes[c];
        cr_expect_float_eq(found.precision, wanted[c].precision, 1e-12, "class %zu", c);
        cr_expect_float_eq(found.recall, wanted[c].recall, 1e-12, "class %zu", c);
        cr_expect_float_eq(found.f1, wanted[c].f1, 1e-12, "class %zu", c);
        cr_expect_eq(found.support, wanted[c].support, "class %zu", c);
    }
    cvy_score_destroy(score);
    cvy_model_destroy(model);
}

Test(evaluate, a_class_that_is_read_but_does_not_occur)
{
    static const uint8_t pixels[2][CLASSES] = { { 0, 0, 0, 7 }, { 0, 0, 0, 7 } };
    static const uint16_t labels[] = { 0, 0 };
    const cvy_dataset data = as_data(2, CLASSES, CLASSES, pixels, labels);
    cvy_model *model = identity();
    cvy_score *score = evaluate(model, &data, 1, 1);
    const cvy_class_score absent = *score->classes[3], missed = *score->classes[0];

    cr_expect_eq(score->accuracy, 0);
    cr_expect(absent.precision == 0 && absent.recall == 0 && absent.f1 == 0);
    cr_expect_eq(absent.support, 0);
    cr_expect(missed.precision == 0 && missed.recall == 0 && missed.f1 == 0);
    cr_expect_eq(missed.support, 2);
    cvy_score_destroy(score);
    cvy_model_destroy(model);
}

/* As in Keras a class is among the k best when fewer than k are better: equals do not push each
 * other out. The prediction is the first of them. */
Test(evaluate, top_k_with_ties)
{
    static const uint8_t pixels[5][CLASSES] = {
        { 5, 5, 1, 0 }, { 5, 5, 1, 0 }, { 5, 5, 1, 0 }, { 5, 5, 1, 0 }, { 3, 3, 3, 3 },
    };
    static const uint16_t labels[] = { 0, 1, 2, 3, 3 };
    static const double top[] = { 3. / 5, 3. / 5, 4. / 5, 1, 1 };
    const cvy_dataset data = as_data(5, CLASSES, CLASSES, pixels, labels);
    cvy_model *model = identity();

    for (size_t k = 1; k <= 5; k++) {
        cvy_score *score = evaluate(model, &data, k, 1);
        cr_expect_float_eq(score->top_k, top[k - 1], 1e-12, "k %zu: %g", k, score->top_k);
        cr_expect_float_eq(score->accuracy, 1. / 5, 1e-12);
        cvy_score_destroy(score);
    }
    cvy_model_destroy(model);
}

/* Equal outputs are probabilities of 1/4: errors 3/4, 1/4, 1/4, 1/4. */
Test(evaluate, a_classifiers_errors_are_those_of_its_probabilities)
{
    static const uint8_t pixels[3][CLASSES] = { { 0, 0, 0, 0 },
                                                { 8, 8, 8, 8 },
                                                { 200, 200, 200, 200 } };
    static const uint16_t labels[] = { 0, 3, 2 };
    const cvy_dataset data = as_data(3, CLASSES, CLASSES, pixels, labels);
    cvy_model *model = identity();
    cvy_score *score = evaluate(model, &data, 1, 1);

    cr_expect_float_eq(score->loss, log(4), 1e-6);
    cr_expect_float_eq(score->mae, 1.5 / 4, 1e-6);
    cr_expect_float_eq(score->mse, 0.75 / 4, 1e-6);
    cr_expect_float_eq(score->rmse, sqrt(0.75 / 4), 1e-6);
    cvy_score_destroy(score);
    cvy_model_destroy(model);
}

Test(evaluate, threads_do_not_matter)
{
    cvy_dataset *data;
    cvy_model *model;

    cr_assert_eq(cvy_dataset_open("digits:train=1,test=75", 2, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("lenet5", &model), CVY_OK);
    cr_assert_eq(cvy_model_initialize(model, 3), CVY_OK);
    cvy_score *first = evaluate(model, data, 3, 1);
    for (size_t threads = 2; threads <= 8; threads++) {
        cvy_score *score = evaluate(model, data, 3, threads);
        cr_expect_eq(score->loss, first->loss, "%zu threads", threads);
        cr_expect_eq(score->mae, first->mae);
        cr_expect_eq(score->mse, first->mse);
        cr_expect_eq(score->accuracy, first->accuracy);
        cr_expect_eq(score->top_k, first->top_k);
        cr_expect_arr_eq(score->confusion, first->confusion, 100 * sizeof *score->confusion);
        cvy_score_destroy(score);
    }
    cvy_score_destroy(first);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

Test(evaluate, predictions_are_probabilities_in_the_order_of_the_images)
{
    enum { COUNT = 35 };
    uint8_t pixels[COUNT][CLASSES] = { { 0 } };
    float outputs[COUNT][CLASSES], again[COUNT][CLASSES];
    cvy_model *model = identity();

    for (size_t i = 0; i < COUNT; i++)
        pixels[i][i % CLASSES] = (uint8_t)(i % 9);
    cr_assert_eq(cvy_model_predict(model, pixels[0], COUNT, 1, outputs[0]), CVY_OK);
    cr_assert_eq(cvy_model_predict(model, pixels[0], COUNT, 5, again[0]), CVY_OK);
    cr_expect_arr_eq(outputs, again, sizeof outputs);
    for (size_t i = 0; i < COUNT; i++) {
        const double e = exp((double)(i % 9));
        for (size_t c = 0; c < CLASSES; c++)
            cr_expect_float_eq((double)outputs[i][c], (c == i % CLASSES ? e : 1) / (e + 3), 1e-6,
                               "image %zu, class %zu: %g", i, c, (double)outputs[i][c]);
    }
    cvy_model_destroy(model);
}

Test(evaluate, data_that_do_not_fit_are_refused)
{
    static const uint8_t pixels[5] = { 0 };
    static const uint16_t labels[1] = { 0 };
    const struct {
        cvy_dataset data;
        cvy_status status;
        const char *words;
    } cases[] = {
        { as_data(0, CLASSES, CLASSES, NULL, NULL), CVY_ERR_DATA, "numbers|no images" },
        { as_data(1, 5, CLASSES, pixels, labels), CVY_ERR_SHAPE, "numbers|1 x 5 x 1|4" },
        { as_data(1, CLASSES, CLASSES + 1, pixels, labels), CVY_ERR_SHAPE, "5 classes|4 outputs" },
    };
    cvy_model *model = identity();

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_score *score = NULL;
        expect_refusal(cases[i].words,
                       cvy_evaluate(model, &cases[i].data, CVY_SPLIT_TEST, 1, 1, &score),
                       cases[i].status, cases[i].words);
    }
    cvy_model_destroy(model);
}
