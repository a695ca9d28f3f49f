/* Tensors of two sides, and the layers whose names end in 1D: what they become, and what is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/models.h"

/* "conv2d 1 x 6 x 3, flatten 18": kinds and outputs. */
static void print_layers(const cvy_model *model, char *text, size_t size)
{
    char shape[64];
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < model->layer_count; i++) {
        cvy_shape_print(model->layers[i].plan.out, shape, sizeof shape);
        length += (size_t)snprintf(text + length, size - length, "%s%s %s", i > 0 ? ", " : "",
                                   model->layers[i].kind->kind.name, shape);
    }
}

Test(keras_sequences, become_images_of_one_row)
{
    static const struct {
        const char *layers, *wanted;
    } cases[] = {
        { INPUT("8,6") LAYER("Dense", "'units':2") FLATTEN,
          "reshape 1 x 8 x 6, conv2d 1 x 8 x 2, flatten 16" },
        { INPUT("8,6") LAYER("Conv1D", "'filters':3,'kernel_size':[3],'strides':[2],'padding':"
                                       "'same','dilation_rate':[1],'groups':3,'activation':'relu'")
              LAYER("GlobalMaxPooling1D", "'data_format':'channels_last','keepdims':false"),
          "reshape 1 x 8 x 6, conv2d 1 x 4 x 3, activation 1 x 4 x 3, global_max_pooling2d 3" },
        { INPUT("8,6") LAYER("SeparableConv1D", "'filters':4,'kernel_size':3") FLATTEN,
          "reshape 1 x 8 x 6, depthwise_conv2d 1 x 6 x 6, conv2d 1 x 6 x 4, flatten 24" },
        { INPUT("8,6") LAYER("DepthwiseConv1D", "'kernel_size':3,'depth_multiplier':2")
              LAYER("Conv1DTranspose", "'filters':2,'kernel_size':3,'strides':2") FLATTEN,
          "reshape 1 x 8 x 6, depthwise_conv2d 1 x 6 x 12, conv2d_transpose 1 x 13 x 2, flatten "
          "26" },
        { INPUT("8,6") LAYER("MaxPooling1D", "'pool_size':[2],'strides':[2]")
              LAYER("AveragePooling1D", "'pool_size':2,'strides':1,'padding':'same'")
                  LAYER("UpSampling1D", "'size':3") FLATTEN,
          "reshape 1 x 8 x 6, max_pooling2d 1 x 4 x 6, average_pooling2d 1 x 4 x 6, up_sampling2d "
          "1 x 12 x 6, flatten 72" },
        { INPUT("8,6") LAYER("ZeroPadding1D", "'padding':[1,2]") LAYER("Cropping1D", "'cropping':1")
              LAYER("SpatialDropout1D", "'rate':0.5")
                  LAYER("GlobalAveragePooling1D", "'keepdims':true") FLATTEN,
          "reshape 1 x 8 x 6, zero_padding2d 1 x 11 x 6, cropping2d 1 x 9 x 6, spatial_dropout2d 1 "
          "x 9 x 6, global_average_pooling2d 1 x 1 x 6, flatten 6" },
        { INPUT("8,6") LAYER("Permute", "'dims':[2,1]") LAYER("LayerNormalization", "'axis':[1,2]")
              LAYER("BatchNormalization", "'axis':1") FLATTEN,
          "reshape 1 x 8 x 6, permute 1 x 6 x 8, layer_normalization 1 x 6 x 8, "
          "batch_normalization 1 x 6 x 8, flatten 48" },
        { INPUT("8,6") LAYER("Activation", "'activation':'softmax'")
              LAYER("PReLU", "'shared_axes':[1]") FLATTEN,
          "reshape 1 x 8 x 6, activation 1 x 8 x 6, prelu 1 x 8 x 6, flatten 48" },
        { INPUT("8,8,2") LAYER("Reshape", "'target_shape':[16,8]")
              LAYER("Dropout", "'rate':0.5,'noise_shape':[null,1,8]") FLATTEN,
          "reshape 16 x 8 x 1, reshape 1 x 16 x 8, spatial_dropout2d 1 x 16 x 8, flatten 128" },
        /* what needs no axes keeps the sides */
        { INPUT("8,6") LAYER("ReLU", "") LAYER("Dropout", "'rate':0.5") FLATTEN,
          "relu 8 x 6 x 1, dropout 8 x 6 x 1, flatten 48" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_model *model = NULL;
        char found[1024];
        cr_expect_eq(model_read(cases[i].layers, &model), CVY_OK, "%s: %s", cases[i].layers,
                     cvy_error_message());
        if (model == NULL)
            continue;
        print_layers(model, found, sizeof found);
        cr_expect_str_eq(found, cases[i].wanted, "%s: %s", cases[i].layers, found);
        cvy_model_destroy(model);
    }
}

Test(keras_sequences, what_does_not_fit_is_refused)
{
    static const struct {
        const char *layers, *words;
    } cases[] = {
        { INPUT("8,8,2") LAYER("Conv1D", "'filters':2,'kernel_size':3,'name':'c'"),
          "layer c|8 x 8 x 2|steps and features|Reshape|Conv2D" },
        { INPUT("8,6") LAYER("Conv1D", "'filters':2,'kernel_size':3,'padding':'causal'"),
          "causal|ZeroPadding1D" },
        { INPUT("8,6") LAYER("Dense", "'units':2") LAYER("MaxPooling2D", ""),
          "two sides, 8 x 2|Reshape" },
        { INPUT("8,6") LAYER("Conv1D", "'filters':2,'kernel_size':[3,3]"), "kernel_size" },
        { INPUT("8,6") LAYER("Conv1D", "'filters':2,'kernel_size':9"), "1 x 9 is larger" },
        { INPUT("8,6") LAYER("ZeroPadding1D", "'padding':[1,2,3]"), "padding" },
        { INPUT("8,6") LAYER("Permute", "'dims':[1,3]"), "dims" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_model *model = NULL;
        const cvy_status status = model_read(cases[i].layers, &model);
        cr_expect_neq(status, CVY_OK, "%s", cases[i].layers);
        expect_refusal(cases[i].layers, status, status, cases[i].words);
        cvy_model_destroy(model);
    }
}

/* What Keras 2 called otherwise, or wrote without effect. */
Test(keras_legacy, settings_of_keras_2_are_read)
{
    static const struct {
        const char *then, *now;
    } pairs[] = {
        { INPUT("8,8,2") LAYER("LeakyReLU", "'alpha':0.125") FLATTEN,
          INPUT("8,8,2") LAYER("LeakyReLU", "'negative_slope':0.125") FLATTEN },
        { INPUT("8,8,2") LAYER("DepthwiseConv2D", "'kernel_size':3,'groups':1") FLATTEN,
          INPUT("8,8,2") LAYER("DepthwiseConv2D", "'kernel_size':3") FLATTEN },
        { INPUT("8,8,2") LAYER("SeparableConv2D",
                               "'filters':2,'kernel_size':3,'groups':1,'kernel_initializer':{"
                               "'class_name':'GlorotUniform','config':{}}") FLATTEN,
          INPUT("8,8,2") LAYER("SeparableConv2D", "'filters':2,'kernel_size':3") FLATTEN },
        { INPUT("8,8,2") LAYER("Conv2DTranspose", "'filters':2,'kernel_size':3,'groups':1") FLATTEN,
          INPUT("8,8,2") LAYER("Conv2DTranspose", "'filters':2,'kernel_size':3") FLATTEN },
        { INPUT("8,8,2") LAYER("Conv2D", "'filters':2,'kernel_size':3,'activation':{'class_name':"
                                         "'LeakyReLU','config':{'name':'l','alpha':0.125}}")
              FLATTEN,
          INPUT("8,8,2") LAYER("Conv2D", "'filters':2,'kernel_size':3,'activation':{'class_name':"
                                         "'LeakyReLU','config':{'negative_slope':0.125}}")
              FLATTEN },
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        cvy_model *then = NULL, *now = NULL;
        cr_expect_eq(model_read(pairs[i].then, &then), CVY_OK, "%s: %s", pairs[i].then,
                     cvy_error_message());
        cr_expect_eq(model_read(pairs[i].now, &now), CVY_OK, "%s", cvy_error_message());
        cr_assert(then != NULL && now != NULL);
        cr_assert_eq(then->layer_count, now->layer_count, "%s", pairs[i].then);
        for (size_t l = 0; l < then->layer_count; l++) {
            const cvy_layer *a = &then->layers[l], *b = &now->layers[l];
            cr_expect_eq(a->kind, b->kind);
            cr_expect_arr_eq(a->settings, b->settings, a->kind->kind.settings_size,
                             "%s: settings of %s", pairs[i].then, a->kind->kind.name);
        }
        cvy_model_destroy(then);
        cvy_model_destroy(now);
    }
}

Test(keras_legacy, groups_that_had_an_effect_are_refused)
{
    cvy_model *model = NULL;

    expect_refusal("groups",
                   model_read(INPUT("8,8,2") LAYER("DepthwiseConv2D", "'kernel_size':3,'groups':2")
                                  FLATTEN,
                              &model),
                   CVY_ERR_UNSUPPORTED, "groups=2");
}

/* ConvNeXt's, and a PReLU with weights of its own inside a convolution. */
Test(keras_legacy, layers_inside_others_have_their_weights)
{
    cvy_model *model = model_make(
        INPUT("4,4,2")
            LAYER("Conv2D", "'name':'c','filters':3,'kernel_size':1,'activation':{"
                            "'class_name':'PReLU','config':{'name':'p','alpha_initializer':"
                            "{'class_name':'Zeros','config':{}},'shared_axes':[1,2]}}")
                LAYER("LayerScale", "'name':'s','init_values':0.25,'projection_dim':3")
                    LAYER("GlobalAveragePooling2D", ""));
    cvy_weight weight;

    cr_assert_eq(cvy_model_initialize(model, 0), CVY_OK);
    cr_assert(cvy_model_weight(model, 2, &weight));
    cr_expect_str_eq(weight.plan->name, "alpha");
    cr_expect_str_eq(weight.layer->name, "c");
    cr_expect_eq(weight.plan->count, 3);
    cr_assert(cvy_model_weight(model, 3, &weight));
    cr_expect_str_eq(weight.layer->name, "s");
    cr_expect_eq(weight.plan->count, 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect_float_eq(model->weights[weight.offset + i], 0.25, 0);
    cr_expect(!cvy_model_weight(model, 4, &weight));
    cvy_model_destroy(model);
}
