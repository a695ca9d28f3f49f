/* What regularizers add up to over a model, and over parts of it as a step takes them. */
#include "model/penalty.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "support/models.h"
#include "support/numbers.h"

#define NETWORK                                                                                    \
    INPUT("6,6,1")                                                                                 \
    CONV("4", "3,'kernel_regularizer':{'class_name':'L2','config':{'l2':0.5}},"                    \
              "'bias_regularizer':'l1'")                                                           \
    LAYER("BatchNormalization", "'gamma_regularizer':'l2','beta_regularizer':'l1'")                \
    FLATTEN LAYER("Dense", "'units':3,'bias_regularizer':null,'kernel_regularizer':"               \
                           "{'class_name':'L1L2','config':{'l1':0.25,'l2':0.125}}")

/* Cut anywhere, the parts of a layer add up to the whole, and their gradient is the whole's
 * difference. */
Test(penalty, parts_of_a_model_make_its_penalty)
{
    cvy_model *model = model_make(NETWORK);
    double sum = 0;

    cr_expect(cvy_model_has_penalty(model));
    numbers_fill_uniform(3, -1, 1, model->block_floats, model->weights);
    float *gradient = numbers_floats(model->block_floats);
    for (size_t i = 0; i < model->layer_count; i++)
        for (size_t first = 0; first < model->block_floats; first += 7) {
            const size_t left = model->block_floats - first, count = left < 7 ? left : 7;
            sum += cvy_layer_penalty(&model->layers[i], model->weights, first, count);
            cvy_layer_penalty_gradient(&model->layers[i], model->weights, 1, first, count,
                                       gradient + first);
        }
    cr_expect_float_eq(sum, cvy_model_penalty(model), 1e-9 * sum);
    for (size_t i = 0; i < model->block_floats; i++) {
        const float w = model->weights[i], h = 1.0f / 1024;
        model->weights[i] = w + h;
        const double above = cvy_model_penalty(model), width = (double)(w + h) - (double)(w - h);
        model->weights[i] = w - h;
        const double below = cvy_model_penalty(model);
        model->weights[i] = w;
        if (fabsf(w) > h) /* not across the kink of l1 */
            cr_expect_float_eq((above - below) / width, (double)gradient[i], 1e-5, "%zu", i);
    }
    free(gradient);
    cvy_model_destroy(model);
}

Test(penalty, a_model_without_any_has_no_penalty)
{
    cvy_model *model =
        model_make(INPUT("6,6,1") CONV("4", "3,'kernel_regularizer':null")
                       FLATTEN LAYER("Dense", "'units':3,'bias_regularizer':'l1l2'"));

    cr_assert_eq(cvy_model_initialize(model, 1), CVY_OK);
    cr_expect_not(cvy_model_has_penalty(model));
    cr_expect_eq(cvy_model_penalty(model), 0);
    cvy_model_destroy(model);
}
