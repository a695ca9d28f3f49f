/* What can be asked of a model: counts, layers, digest, first weights. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "support/models.h"

/* The counts of models/README.md, which were worked out by hand. */
static const struct {
    const char *name;
    double forward, training;
} costs[] = {
    { "lenet5", 833040, 3 * 833040 - 235200 },        { "fast", 2488320, 3 * 2488320 - 691200 },
    { "mnist-cnn", 23984896, 3 * 23984896 - 389376 }, { "cnn-bn", 1413504, 3 * 1413504 - 194688 },
    { "mlp", 203264, 3 * 203264 - 200704 },
};

Test(model, flops_are_those_of_the_products)
{
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        cvy_model *model;
        double sum = 0;
        cr_assert_eq(cvy_model_create(costs[i].name, &model), CVY_OK);
        cr_expect_eq(cvy_model_flops(model, false), costs[i].forward, "%s", costs[i].name);
        cr_expect_eq(cvy_model_flops(model, true), costs[i].training, "%s", costs[i].name);
        for (size_t l = 0; l < cvy_model_layer_count(model); l++)
            sum += cvy_model_layer(model, l)->flops;
        cr_expect_eq(sum, costs[i].forward, "%s", costs[i].name);
        cvy_model_destroy(model);
    }
}

/* Two for each weight at each of the places where it is used; nothing for biases and the rest. */
Test(model, flops_of_each_layer)
{
    cvy_model *model = model_make(
        INPUT("5,7,3") CONV("4", "[2,3],'strides':[1,2],'activation':'tanh'")
            LAYER("AveragePooling2D", "'pool_size':2") FLATTEN LAYER("Dropout", "'rate':0.5")
                LAYER("Dense", "'units':6,'activation':'softmax'"));
    const double wanted[] = { 2 * (4 * 3) * (2 * 3 * 3) * 4, 0, 0, 0, 2 * (2 * 1 * 4) * 6 };

    cr_assert_eq(cvy_model_layer_count(model), 5);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(cvy_model_layer(model, i)->flops, wanted[i], "layer %zu: %g", i,
                     cvy_model_layer(model, i)->flops);
    cr_expect_eq(cvy_model_flops(model, true), 2 * wanted[0] + 3 * wanted[4]);
    cvy_model_destroy(model);
}

Test(model, a_fused_activation_belongs_to_its_layer)
{
    cvy_model *model =
        model_make(INPUT("4") LAYER("Dense", "'units':3,'activation':'relu'") DENSE("2"));

    cr_expect_eq(cvy_model_layer_count(model), 2);
    cr_expect_eq(model->layer_count, 3);
    cr_expect_str_eq(cvy_model_layer(model, 0)->kind, "Dense");
    cr_expect_eq(cvy_model_layer(model, 0)->parameters, 4 * 3 + 3);
    cr_expect_eq(cvy_model_layer(model, 1)->output.dims[0], 2);
    cr_expect_eq(cvy_model_output_count(model), 2);
    cvy_model_destroy(model);
}

Test(model, first_weights_depend_on_the_seed_alone)
{
    for (size_t i = 0; cvy_model_builtin(i) != NULL; i++) {
        cvy_model *a, *b;
        cr_assert_eq(cvy_model_create(cvy_model_builtin(i), &a), CVY_OK);
        cr_assert_eq(cvy_model_create(cvy_model_builtin(i), &b), CVY_OK);
        cr_expect_str_eq(model_digest(a), model_digest(b), "all 0");
        cr_assert_eq(cvy_model_initialize(a, 1), CVY_OK);
        cr_expect_str_neq(model_digest(a), model_digest(b));
        cr_assert_eq(cvy_model_initialize(b, 1), CVY_OK);
        cr_expect_str_eq(model_digest(a), model_digest(b));
        cr_assert_eq(cvy_model_initialize(b, 2), CVY_OK);
        cr_expect_str_neq(model_digest(a), model_digest(b));
        cvy_model_destroy(a);
        cvy_model_destroy(b);
    }
}

/* SHA-256 of the values as they lie, what is between the tensors left out. */
Test(model, the_digest_is_of_the_weights_alone)
{
    cvy_model *model = model_make(INPUT("1") LAYER("Dense", "'units':2"));

    /* sha256 of 16 zero bytes */
    cr_expect_str_eq(model_digest(model),
                     "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb");
    cr_assert_geq(model->block_floats, 32);
    model->weights[2] = 1; /* behind the kernel's two values */
    cr_expect_str_eq(model_digest(model),
                     "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb");
    model->weights[1] = 1;
    cr_expect_str_neq(model_digest(model),
                      "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb");
    cvy_model_destroy(model);
}

Test(model, built_in_models_can_have_other_numbers_of_outputs)
{
    static const size_t counts[] = { 2, 10, 26 };

    for (size_t name = 0; cvy_model_builtin(name) != NULL; name++)
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            cvy_model *model;
            cr_assert_eq(cvy_model_create(cvy_model_builtin(name), &model), CVY_OK);
            cr_assert_eq(cvy_model_replace_outputs(counts[i], &model), CVY_OK);
            cr_expect_eq(cvy_model_output_count(model), counts[i], "%s", cvy_model_name(model));
            cvy_model_destroy(model);
        }
}

Test(model, classes_without_names_are_numbers)
{
    static const char *const names[] = { "none", "one" };
    cvy_model *model = model_make(INPUT("4") DENSE("3"));

    cr_expect_str_eq(cvy_model_class_name(model, 2), "2");
    cr_assert_eq(cvy_model_name_classes(model, 2, names), CVY_OK);
    cr_expect_str_eq(cvy_model_class_name(model, 1), "one");
    cr_expect_eq(cvy_model_find_class(model, "one"), 1);
    cr_expect_eq(cvy_model_find_class(model, "two"), SIZE_MAX);
    cr_expect_str_eq(cvy_model_class_name(model, 2), "2");
    cr_expect_null(cvy_model_training_record(model));
    cvy_model_destroy(model);
}
