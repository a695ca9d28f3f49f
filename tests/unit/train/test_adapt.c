/* Normalization layers that take mean and variance from the training images. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "support/models.h"
#include "train/adapt.h"

enum { IMAGES = 3, VALUES = 8 }; /* 2 x 2 x 2 */
static const uint8_t pixels[IMAGES][VALUES] = {
    { 0, 10, 20, 30, 40, 50, 60, 70 },
    { 5, 5, 5, 5, 255, 255, 0, 0 },
    { 100, 1, 2, 3, 4, 5, 6, 7 },
};

/* Of the values v with v % places == place, times a factor. */
static void moments_of(size_t places, size_t place, double scale, double *mean, double *variance)
{
    double sum = 0, squares = 0, count = 0;

    for (size_t i = 0; i < IMAGES; i++)
        for (size_t v = place; v < VALUES; v += places, count++)
            sum += scale * pixels[i][v];
    *mean = sum / count;
    for (size_t i = 0; i < IMAGES; i++)
        for (size_t v = place; v < VALUES; v += places)
            squares += pow(scale * pixels[i][v] - *mean, 2);
    *variance = squares / count;
}

static cvy_status adapt(const char *layers, float *block, cvy_model **model)
{
    const cvy_image_run images = { .pixels = pixels[0], .image_bytes = VALUES, .count = IMAGES };

    *model = model_make(layers);
    cr_assert_leq((*model)->block_floats, 64);
    return cvy_adapt_normalization(*model, images, 1, block);
}

static void expect_adapted(const char *layers, size_t index, size_t places, double scale,
                           double offset)
{
    float block[64] = { 0 };
    cvy_model *model;

    cr_assert_eq(adapt(layers, block, &model), CVY_OK, "%s", cvy_error_message());
    const cvy_layer *layer = &model->layers[index];
    cr_assert_eq(layer->plan.weights[0].count, places);
    for (size_t p = 0; p < places; p++) {
        double mean, variance;
        moments_of(places, p, scale, &mean, &variance);
        cr_expect_float_eq((double)block[layer->weight_offset[0] + p], mean + offset,
                           1e-6 * fabs(mean + offset), "%s: mean %zu", layers, p);
        cr_expect_float_eq((double)block[layer->weight_offset[1] + p], variance, 1e-6 * variance,
                           "%s: variance %zu", layers, p);
    }
    cvy_model_destroy(model);
}

#define NORMALIZATION LAYER("Normalization", "'axis':[-1],'mean':null,'variance':null")

Test(adapt, of_channels_of_all_and_of_features)
{
    expect_adapted(INPUT("2,2,2") NORMALIZATION FLATTEN, 0, 2, 1, 0);
    expect_adapted(INPUT("2,2,2") LAYER("Normalization", "'axis':null") FLATTEN, 0, 1, 1, 0);
    expect_adapted(INPUT("2,2,2") FLATTEN NORMALIZATION, 1, 8, 1, 0);
    expect_adapted(INPUT("2,2,2") LAYER("RandomFlip", "")
                       LAYER("Rescaling", "'scale':0.5,'offset':-1") NORMALIZATION FLATTEN,
                   2, 2, 0.5, -1);
}

Test(adapt, not_after_layers_that_learn)
{
    float block[64] = { 0 };
    cvy_model *model;

    const cvy_status status =
        adapt(INPUT("2,2,2") CONV("2", "1") NORMALIZATION FLATTEN, block, &model);
    expect_refusal("after a convolution", status, CVY_ERR_UNSUPPORTED,
                   "Normalization|must come before");
    cvy_model_destroy(model);
}

Test(adapt, given_numbers_stay)
{
    float block[64] = { 0 };
    cvy_model *model;

    cr_expect_eq(adapt(INPUT("2,2,2") LAYER("Normalization", "'mean':[1,2],'variance':[3,4]")
                           FLATTEN,
                       block, &model),
                 CVY_OK);
    cr_expect_eq(model->block_floats, 0);
    cvy_model_destroy(model);
}
