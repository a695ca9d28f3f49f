/* Prediction from bytes and from floats, of many images and of one. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
#include "model/objective.h"
#include "model/plan.h"
#include "support/kernel_sets.h"
#include "support/models.h"
#include "train/infer.h"

enum { IMAGES = 37, PIXELS = 12 * 12 * 3, OUTPUTS = 5 };

static unsigned char bytes[IMAGES * PIXELS];
static float floats[IMAGES * PIXELS];

static cvy_model *make(void)
{
    cvy_model *model = model_make(INPUT("12,12,3") CONV("4", "3")
                                      FLATTEN LAYER("Dense", "'units':5,"
                                                             "'activation':'softmax'"));

    cr_assert_eq(cvy_model_initialize(model, 2), CVY_OK);
    model->pixel_scale = 0.0123f;
    model->pixel_offset = -0.37f;
    for (size_t i = 0; i < IMAGES * PIXELS; i++)
        bytes[i] = (unsigned char)(i * 97 % 256);
    return model;
}

Test(predict, floats_of_bytes_give_the_same_bits)
{
    cvy_model *model = make();
    static float of_bytes[IMAGES * OUTPUTS], of_floats[IMAGES * OUTPUTS];

    for (size_t i = 0; i < IMAGES * PIXELS; i++)
        floats[i] = (float)bytes[i];
    cr_assert_eq(cvy_model_predict(model, bytes, IMAGES, 2, of_bytes), CVY_OK);
    cr_assert_eq(cvy_model_predict_floats(model, floats, IMAGES, 0, 255, 3, of_floats), CVY_OK,
                 "%s", cvy_error_message());
    cr_expect_arr_eq(of_bytes, of_floats, sizeof of_bytes);
    cvy_model_destroy(model);
}

Test(predict, floats_in_another_unit)
{
    cvy_model *model = make();
    static float of_bytes[IMAGES * OUTPUTS], of_floats[IMAGES * OUTPUTS];

    for (size_t i = 0; i < IMAGES * PIXELS; i++)
        floats[i] = (float)bytes[i] / 127.5f - 1;
    cr_assert_eq(cvy_model_predict(model, bytes, IMAGES, 1, of_bytes), CVY_OK);
    cr_assert_eq(cvy_model_predict_floats(model, floats, IMAGES, -1, 1, 1, of_floats), CVY_OK);
    for (size_t i = 0; i < IMAGES * OUTPUTS; i++)
        cr_expect_float_eq(of_floats[i], of_bytes[i], 1e-4);
    cvy_model_destroy(model);
}

Test(predict, any_number_of_images)
{
    cvy_model *model = make();
    static float all[IMAGES * OUTPUTS], one[OUTPUTS];

    cr_expect_eq(cvy_model_predict(model, NULL, 0, 1, NULL), CVY_OK);
    cr_assert_eq(cvy_model_predict(model, bytes, IMAGES, 4, all), CVY_OK);
    for (size_t i = 0; i < IMAGES; i++) {
        cr_assert_eq(cvy_model_predict(model, bytes + i * PIXELS, 1, 1, one), CVY_OK);
        cr_expect_arr_eq(one, all + i * OUTPUTS, sizeof one, "image %zu", i);
    }
    cvy_model_destroy(model);
}

/* --- one image and few ---
 *
 * So few go through the layers by themselves, not in a lane: with the same bits. */

static bool takes_samples(const cvy_model *model)
{
    cvy_compute compute;
    cvy_plan plan;

    cr_assert_eq(cvy_compute_choose(&compute), CVY_OK);
    cr_assert_eq(cvy_plan_make_for_samples(
                     model, compute, cvy_layers_before_loss(model, cvy_model_loss(model)), &plan),
                 CVY_OK);
    const bool result = plan.is_of_samples;
    cvy_plan_release(&plan);
    return result;
}

/* Outputs of a whole lane of images, and of its first one to five, as bytes and as floats. */
static void expect_same_for_few(const char *name, const cvy_model *model)
{
    const size_t outputs = cvy_model_output_count(model), values = cvy_shape_count(model->input);
    unsigned char *pixels = malloc(CVY_LANE * values);
    float *as_floats = malloc(CVY_LANE * values * sizeof *as_floats);
    float *all = malloc(CVY_LANE * outputs * sizeof *all);
    float *few = malloc(CVY_LANE * outputs * sizeof *few);

    cr_assert(pixels != NULL && as_floats != NULL && all != NULL && few != NULL);
    for (size_t i = 0; i < CVY_LANE * values; i++) {
        pixels[i] = (unsigned char)(i * i / 7 * 97 % 256);
        as_floats[i] = (float)pixels[i];
    }
    cr_assert_eq(cvy_model_predict(model, pixels, CVY_LANE, 1, all), CVY_OK);
    for (size_t count = 1; count <= 5; count++) {
        memset(few, 0, CVY_LANE * outputs * sizeof *few);
        cr_assert_eq(cvy_model_predict(model, pixels, count, 1, few), CVY_OK);
        cr_expect_arr_eq(few, all, count * outputs * sizeof *few, "%s: %zu of bytes", name, count);
        memset(few, 0, CVY_LANE * outputs * sizeof *few);
        cr_assert_eq(cvy_model_predict_floats(model, as_floats, count, 0, 255, 1, few), CVY_OK);
        cr_expect_arr_eq(few, all, count * outputs * sizeof *few, "%s: %zu of floats", name, count);
    }
    free(pixels);
    free(as_floats);
    free(all);
    free(few);
}

Test(predict, few_images_of_built_in_models_give_the_bits_of_a_lane)
{
    for (size_t i = 0; cvy_model_builtin(i) != NULL; i++) {
        const char *name = cvy_model_builtin(i);
        cvy_model *model;
        cr_assert_eq(cvy_model_create(name, &model), CVY_OK);
        cr_assert_eq(cvy_model_initialize(model, i), CVY_OK);
        cr_expect(takes_samples(model), "%s", name);
        expect_same_for_few(name, model);
        cvy_model_destroy(model);
    }
}

/* Awkward sizes, and every kind of layer that takes samples. */
static const char *const sampled[] = {
    INPUT("11,9,3") LAYER("Conv2D", "'filters':5,'kernel_size':[3,2],'padding':'same'")
        LAYER("ReLU", "'max_value':0.5") MAX_POOL("2") FLATTEN DENSE("7"),
    INPUT("11,9,4") LAYER("Conv2D", "'filters':6,'kernel_size':3,'groups':2,'use_bias':false")
        LAYER("AveragePooling2D", "'pool_size':[3,2],'padding':'same'") FLATTEN DENSE("33"),
    INPUT("17,13,1") LAYER("Conv2D", "'filters':19,'kernel_size':3,'strides':[2,3],"
                                     "'padding':'same','activation':'elu'")
        LAYER("BatchNormalization", "") LAYER("GlobalAveragePooling2D", "") DENSE("1"),
    INPUT("12,12,2") LAYER("Conv2D", "'filters':17,'kernel_size':3,'dilation_rate':2")
        LAYER("Rescaling", "'scale':[0.5,2,0.5,2,0.5,2,0.5,2,0.5,2,0.5,2,0.5,2,0.5,2,1],"
                           "'offset':0.25")
            LAYER("MaxPooling2D", "'pool_size':3,'strides':2,'padding':'same'")
                LAYER("Dropout", "'rate':0.5") FLATTEN LAYER("Dense", "'units':257") DENSE("130"),
    INPUT("40,5,1") LAYER("Conv2D", "'filters':65,'kernel_size':[7,5],'padding':'same'")
        MAX_POOL("[8,1]") LAYER("Activation", "'activation':'gelu'") FLATTEN DENSE("16"),
};

Test(predict, few_images_of_awkward_models_give_the_bits_of_a_lane)
{
    for (size_t k = 0; kernel_set(k) != NULL; k++)
        for (size_t i = 0; i < sizeof sampled / sizeof *sampled; i++) {
            cvy_model *model = model_make(sampled[i]);
            setenv("CONVOY_ISA", kernel_set(k)->name, 1);
            cr_assert_eq(cvy_model_initialize(model, i), CVY_OK);
            cr_expect(takes_samples(model), "model %zu", i);
            expect_same_for_few(sampled[i], model);
            cvy_model_destroy(model);
        }
    unsetenv("CONVOY_ISA");
}

/* Where a layer works on lanes alone, few images are a lane that is not full. */
Test(predict, few_images_of_other_models_too)
{
    static const char *const others[] = {
        INPUT("9,9,4") LAYER("DepthwiseConv2D", "'kernel_size':3") FLATTEN DENSE("3"),
        INPUT("9,9,4") LAYER("Softmax", "") FLATTEN DENSE("3"),
        INPUT("9,9,4") LAYER("BatchNormalization", "'axis':1") FLATTEN DENSE("3"),
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cvy_model *model = model_make(others[i]);
        cr_assert_eq(cvy_model_initialize(model, i), CVY_OK);
        cr_expect_not(takes_samples(model), "model %zu", i);
        expect_same_for_few(others[i], model);
        cvy_model_destroy(model);
    }
}
