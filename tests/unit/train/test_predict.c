/* Prediction from bytes and from floats. */
#include <criterion/criterion.h>
#include <string.h>

#include "convoy/convoy.h"
#include "support/models.h"

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
