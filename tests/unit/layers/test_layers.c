/* What each layer makes of a shape, which weights it asks for, and what it refuses in which
 * words. What layers compute is tested in tests/gradients. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "support/lane_layer.h"

static cvy_shape image(size_t height, size_t width, size_t channels)
{
    return (cvy_shape){ 3, { height, width, channels } };
}

static cvy_shape vector(size_t features)
{
    return (cvy_shape){ 1, { features } };
}

/* Shapes are given and compared as text. */
static cvy_shape read_shape(const char *text)
{
    size_t a, b, c;
    return sscanf(text, "%zu x %zu x %zu", &a, &b, &c) == 3 ? image(a, b, c) : vector(a);
}

Test(layers, shapes_follow_keras)
{
    static const char *const cases[][3] = {
        { "input", "28 x 28 x 1", "28 x 28 x 1" },
        { "conv2d:filters=6,kernel_size=5", "28 x 28 x 1", "24 x 24 x 6" },
        { "conv2d:filters=6,kernel_size=5,padding=same", "28 x 28 x 1", "28 x 28 x 6" },
        { "conv2d:filters=2,kernel_size=[3;5]", "7 x 9 x 3", "5 x 5 x 2" },
        { "conv2d:filters=2,kernel_size=3,strides=2", "8 x 7 x 3", "3 x 3 x 2" },
        { "conv2d:filters=2,kernel_size=3,strides=[2;3],padding=same", "8 x 7 x 3", "4 x 3 x 2" },
        { "conv2d:filters=2,kernel_size=28", "28 x 28 x 1", "1 x 1 x 2" },
        { "conv2d:filters=2,kernel_size=9,padding=same", "3 x 2 x 1", "3 x 2 x 2" },
        { "conv2d:filters=2,kernel_size=1,strides=5,padding=same", "11 x 10 x 1", "3 x 2 x 2" },
        { "max_pooling2d", "28 x 28 x 6", "14 x 14 x 6" },
        { "max_pooling2d", "7 x 9 x 2", "3 x 4 x 2" },
        { "max_pooling2d:padding=same", "7 x 9 x 2", "4 x 5 x 2" },
        { "max_pooling2d:pool_size=3,strides=2", "7 x 8 x 2", "3 x 3 x 2" },
        { "max_pooling2d:pool_size=[1;4]", "7 x 8 x 2", "7 x 2 x 2" },
        { "max_pooling2d:pool_size=16", "16 x 16 x 1", "1 x 1 x 1" },
        { "average_pooling2d:pool_size=3", "7 x 8 x 2", "2 x 2 x 2" },
        { "average_pooling2d:pool_size=3,strides=1,padding=same", "7 x 8 x 2", "7 x 8 x 2" },
        { "average_pooling2d:pool_size=17", "20 x 20 x 1", "1 x 1 x 1" },
        { "flatten", "5 x 5 x 16", "400" },
        { "flatten", "12", "12" },
        { "dense:units=10", "84", "10" },
        { "activation:activation=tanh", "5 x 4 x 3", "5 x 4 x 3" },
        { "activation:activation=softmax", "10", "10" },
        { "relu", "5 x 4 x 3", "5 x 4 x 3" },
        { "leaky_relu", "7", "7" },
        { "elu", "7", "7" },
        { "softmax", "10", "10" },
        { "dropout:rate=0.5", "5 x 4 x 3", "5 x 4 x 3" },
        { "dropout:rate=1", "9", "9" },
        { "batch_normalization", "5 x 4 x 3", "5 x 4 x 3" },
        { "batch_normalization:axis=1", "9", "9" },
    };
    cvy_layer layer;
    char out[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect(eq(int, layer_make(cases[i][0], read_shape(cases[i][1]), &layer), CVY_OK),
                  "%s: %s", cases[i][0], cvy_error_message());
        cvy_shape_print(layer.plan.out, out, sizeof out);
        cr_expect(eq(str, out, (char *)cases[i][2]), "%s of %s", cases[i][0], cases[i][1]);
        layer_release(&layer);
    }
}

Test(layers, what_cannot_work_is_refused_with_a_sentence)
{
    static const struct {
        const char *spec, *in;
        cvy_status status;
        const char *part;
    } cases[] = {
        { "conv2d:filters=4,kernel_size=5", "4 x 9 x 1", CVY_ERR_SHAPE,
          "layer probe (Conv2D): a window of 5 x 5 is larger than its input of 4 x 9" },
        { "conv2d:filters=4,kernel_size=[1;10]", "4 x 9 x 1", CVY_ERR_SHAPE, "1 x 10" },
        { "conv2d:filters=4,kernel_size=5", "10", CVY_ERR_SHAPE,
          "its input is a vector of 10 values, expected an image" },
        { "conv2d:filters=65536,kernel_size=1", "100 x 100 x 1", CVY_ERR_SHAPE,
          "100 x 100 x 65536 values" },
        { "conv2d:filters=1000,kernel_size=4096,padding=same", "8 x 8 x 1", CVY_ERR_SHAPE,
          "its kernel has more than 2^31 values" },
        { "conv2d:filters=4,kernel_size=3,kernel_initializer=he_norml", "9 x 9 x 1",
          CVY_ERR_SETTING, "layer probe (Conv2D): initializer" },
        { "dense:units=4,bias_initializer=none", "9", CVY_ERR_SETTING,
          "layer probe (Dense): initializer" },
        { "dense:units=10", "5 x 5 x 2", CVY_ERR_UNSUPPORTED,
          "layer probe (Dense): its input is an image of 5 x 5 x 2, expected a vector: put a "
          "Flatten layer" },
        { "dense:units=1048576", "16777216", CVY_ERR_SHAPE, "more than 2^31 values" },
        { "max_pooling2d:pool_size=3", "2 x 8 x 1", CVY_ERR_SHAPE,
          "layer probe (MaxPooling2D): a window of 3 x 3 is larger than its input of 2 x 8" },
        { "max_pooling2d", "8", CVY_ERR_SHAPE, "expected an image" },
        { "max_pooling2d:pool_size=17", "20 x 20 x 1", CVY_ERR_UNSUPPORTED,
          "pool_size 17 x 17, expected at most 256 cells" },
        { "average_pooling2d:pool_size=3", "8 x 2 x 1", CVY_ERR_SHAPE, "AveragePooling2D" },
        { "average_pooling2d:pool_size=2", "8", CVY_ERR_SHAPE, "expected an image" },
        { "activation:activation=swash", "8", CVY_ERR_UNSUPPORTED,
          "layer probe (Activation): activation \"swash\" is not supported; did you mean "
          "\"swish\"? It is one of "
          "linear" },
        { "dens:units=3", "8", CVY_ERR_SETTING, "dense" },
        { "dense", "8", CVY_ERR_SETTING, "units" },
        { "dense:units=0", "8", CVY_ERR_SETTING, "units" },
        { "dense:units=-1", "8", CVY_ERR_SETTING, "units" },
        { "average_pooling2d", "8 x 8 x 1", CVY_ERR_SETTING, "pool_size" },
        { "conv2d:filters=1,kernel_size=0", "8 x 8 x 1", CVY_ERR_SETTING, "kernel_size" },
        { "conv2d:filters=1,kernel_size=3,strides=0", "8 x 8 x 1", CVY_ERR_SETTING, "strides" },
        { "conv2d:filters=1,kernel_size=3,padding=full", "8 x 8 x 1", CVY_ERR_SETTING, "padding" },
        { "conv2d:filters=1,kernel_size=3,dilation_rate=4", "8 x 8 x 1", CVY_ERR_SHAPE, "window" },
        { "conv2d:filters=3,kernel_size=3,groups=2", "8 x 8 x 2", CVY_ERR_SHAPE, "groups" },
        { "depthwise_conv2d:kernel_size=3", "8", CVY_ERR_SHAPE, "vector" },
        { "cropping2d:cropping=4", "8 x 8 x 2", CVY_ERR_SHAPE, "nothing" },
        { "zero_padding2d:padding=[1;2;3]", "8 x 8 x 2", CVY_ERR_SETTING, "1, 2 or 4" },
        { "zero_padding2d:padding=0.5", "8 x 8 x 2", CVY_ERR_SETTING, "whole" },
        { "reshape:target_shape=[3;-1]", "8", CVY_ERR_SHAPE, "8 values" },
        { "reshape:target_shape=[-1;-1]", "8", CVY_ERR_SHAPE, "8 values" },
        { "global_max_pooling2d", "8", CVY_ERR_SHAPE, "vector" },
        { "group_normalization:groups=3", "8 x 8 x 2", CVY_ERR_SHAPE, "groups" },
        { "layer_normalization:axis=1", "8 x 8 x 2", CVY_ERR_UNSUPPORTED, "axis" },
        { "up_sampling2d:interpolation=bicubic", "8 x 8 x 2", CVY_ERR_SETTING, "bilinear" },
        { "layer_normalization:axis=[1;3]", "8 x 8 x 2", CVY_ERR_UNSUPPORTED, "axis" },
        { "rms_normalization:axis=1", "8 x 8 x 2", CVY_ERR_UNSUPPORTED, "axis" },
        { "group_normalization:axis=[1;2;3]", "8 x 8 x 64", CVY_ERR_UNSUPPORTED, "axis" },
        { "permute:dims=[1;2]", "8 x 8 x 2", CVY_ERR_SHAPE, "1 to 3" },
        { "permute:dims=[1;2;2]", "8 x 8 x 2", CVY_ERR_SHAPE, "each once" },
        { "permute:dims=[1;2;4]", "8 x 8 x 2", CVY_ERR_SETTING, "dims" },
        { "rescaling:scale=[1;2;3]", "8 x 8 x 2", CVY_ERR_SHAPE, "3 and 1 numbers" },
        { "normalization:mean=[1;2],variance=1", "8 x 8 x 3", CVY_ERR_SHAPE, "2 and 1 numbers" },
        { "normalization:axis=1", "8 x 8 x 3", CVY_ERR_UNSUPPORTED, "axis" },
        { "conv2d_transpose:filters=2,kernel_size=3", "8", CVY_ERR_SHAPE, "vector" },
        { "conv2d_transpose:filters=2,kernel_size=3,strides=2,output_padding=2", "8 x 8 x 2",
          CVY_ERR_UNSUPPORTED, "below the stride" },
        { "conv2d_transpose:filters=65536,kernel_size=1,strides=64", "64 x 64 x 2", CVY_ERR_SHAPE,
          "4096" },
        { "spatial_dropout2d:rate=0.5,noise_shape=[0;2;1;1]", "8 x 8 x 2", CVY_ERR_SHAPE,
          "null, 1 or 8" },
        { "random_contrast:factor=0.1,value_range=[1;0]", "8 x 8 x 2", CVY_ERR_SETTING,
          "smaller first" },
        { "subtract", "8", CVY_ERR_SHAPE, "1 inputs" },
        { "conv2d:filters=1,kernel_size=3,data_format=channels_first", "8 x 8 x 1", CVY_ERR_SETTING,
          "channels_last" },
        { "dropout:rate=1.5", "8", CVY_ERR_SETTING, "rate" },
        { "dropout:rate=-0.1", "8", CVY_ERR_SETTING, "rate" },
        { "batch_normalization:axis=2", "8", CVY_ERR_SHAPE, "axis: found 2" },
        { "batch_normalization:axis=4", "8 x 8 x 2", CVY_ERR_SETTING, "axis" },
        { "batch_normalization:momentum=1.5", "8", CVY_ERR_SETTING,
          "momentum: found \"1.5\", expected a number in [0, 1]" },
        { "batch_normalization:epsilon=0", "8", CVY_ERR_SETTING, "epsilon" },
        { "batch_normalization:renorm=true", "8", CVY_ERR_SETTING, "renorm" },
        { "batch_normalization:synchronized=true", "8", CVY_ERR_SETTING, "synchronized" },
        { "batch_normalization:gamma_initializer=one", "8", CVY_ERR_SETTING, "initializer" },
        { "softmax:axis=1", "8 x 8 x 2", CVY_ERR_UNSUPPORTED, "axis" },
        { "relu:threshold=-1", "8", CVY_ERR_SETTING, "threshold" },
        { "activation:activation=glu", "7", CVY_ERR_SHAPE, "glu: found 7 channels" },
        { "dense:units=2,kernel_constraint=max_norm", "8", CVY_OK, "" },
        { "dense:units=2,bias_constraint=unit_norm:axis=1", "8", CVY_ERR_SETTING, "axis" },
    };
    cvy_layer layer;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect(
            eq(int, layer_make(cases[i].spec, read_shape(cases[i].in), &layer), cases[i].status),
            "%s of %s", cases[i].spec, cases[i].in);
        cr_expect(ne(ptr, strstr(cvy_error_message(), cases[i].part), NULL), "%s of %s: %s",
                  cases[i].spec, cases[i].in, cvy_error_message());
        layer_release(&layer);
    }
}

Test(layers, weights_are_shaped_as_keras_stores_them)
{
    cvy_layer layer;

    cr_assert(eq(int,
                 layer_make("conv2d:filters=6,kernel_size=[5;3],kernel_initializer=he_normal",
                            image(28, 28, 2), &layer),
                 CVY_OK));
    const cvy_weight_plan *kernel = &layer.plan.weights[0], *bias = &layer.plan.weights[1];
    cr_expect(eq(sz, layer.plan.weight_count, 2));
    cr_expect(eq(str, (char *)kernel->name, "kernel"));
    cr_expect(eq(sz, kernel->rank, 4));
    cr_expect(zero(int, memcmp(kernel->dims, (size_t[]){ 5, 3, 2, 6 }, sizeof kernel->dims)));
    cr_expect(eq(sz, kernel->count, 180));
    cr_expect(eq(str, (char *)kernel->initializer, "he_normal"));
    cr_expect(eq(str, (char *)bias->name, "bias"));
    cr_expect(eq(sz, bias->rank, 1));
    cr_expect(eq(sz, bias->count, 6));
    cr_expect(eq(str, (char *)bias->initializer, "zeros"));
    layer_release(&layer);

    cr_assert(eq(int, layer_make("dense:units=10,use_bias=false", vector(84), &layer), CVY_OK));
    cr_expect(eq(sz, layer.plan.weight_count, 1));
    cr_expect(eq(sz, kernel->rank, 2));
    cr_expect(eq(sz, kernel->count, 840));
    cr_expect(eq(sz, kernel->dims[0], 84));
    cr_expect(eq(str, (char *)kernel->initializer, "glorot_uniform"));
    layer_release(&layer);
}

/* Keras's order: what is trained first, then the moving statistics. */
Test(layers, normalization_has_state_behind_its_weights)
{
    static const struct {
        const char *spec, *names;
        size_t trained;
    } cases[] = {
        { "batch_normalization", "gamma beta moving_mean moving_variance ", 2 },
        { "batch_normalization:scale=false", "beta moving_mean moving_variance ", 1 },
        { "batch_normalization:center=false", "gamma moving_mean moving_variance ", 1 },
        { "batch_normalization:center=false,scale=false", "moving_mean moving_variance ", 0 },
    };
    cvy_layer layer;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char names[128] = "";
        cr_assert(eq(int, layer_make(cases[i].spec, image(3, 3, 5), &layer), CVY_OK));
        for (size_t w = 0; w < layer.plan.weight_count; w++) {
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s ",
                     layer.plan.weights[w].name);
            cr_expect(eq(sz, layer.plan.weights[w].count, 5), "%s", cases[i].spec);
        }
        cr_expect(eq(str, names, (char *)cases[i].names));
        cr_expect(eq(sz, cvy_trained_count(&layer.plan), cases[i].trained));
        layer_release(&layer);
    }
}

Test(layers, operations_are_counted_where_there_are_weights)
{
    static const struct {
        const char *spec, *in;
        double flops;
    } cases[] = {
        { "conv2d:filters=6,kernel_size=5", "28 x 28 x 1", 2.0 * 24 * 24 * 25 * 6 },
        { "dense:units=10", "84", 2.0 * 84 * 10 },
        { "max_pooling2d", "28 x 28 x 1", 0 },
    };
    cvy_layer layer;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert(eq(int, layer_make(cases[i].spec, read_shape(cases[i].in), &layer), CVY_OK));
        cr_expect(eq(dbl, layer.plan.flops, cases[i].flops), "%s", cases[i].spec);
        layer_release(&layer);
    }
}

/* What the model and its files rely on, of every kind. */
Test(layers, kinds_are_whole_and_have_names_of_their_own)
{
    for (size_t i = 0; cvy_layer_kinds[i] != NULL; i++) {
        const cvy_layer_kind *kind = (const cvy_layer_kind *)cvy_layer_kinds[i];
        bool computes = strcmp(kind->kind.name, "input") != 0;
        cr_expect(kind->class_name != NULL && kind->plan != NULL, "%s", kind->kind.name);
        cr_expect(computes == (kind->forward != NULL), "%s", kind->kind.name);
        cr_expect(computes == (kind->backward != NULL), "%s", kind->kind.name);
        for (size_t j = 0; j < i; j++) {
            const cvy_layer_kind *other = (const cvy_layer_kind *)cvy_layer_kinds[j];
            cr_expect(ne(str, (char *)kind->kind.name, (char *)other->kind.name));
            cr_expect(ne(str, (char *)kind->class_name, (char *)other->class_name));
        }
    }
}

Test(shapes, limits_are_kept)
{
    static const size_t bad[][3] = { { 0, 1, 1 },        { 1, 0, 1 },       { 1, 1, 0 },
                                     { 4097, 1, 1 },     { 1, 4097, 1 },    { 4096, 4096, 2 },
                                     { SIZE_MAX, 1, 1 }, { 1, 1, SIZE_MAX } };
    cvy_shape shape;

    cr_expect(eq(int, cvy_shape_image(4096, 4096, 1, &shape), CVY_OK));
    cr_expect(eq(sz, cvy_shape_count(shape), 1 << 24));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(eq(int, cvy_shape_image(bad[i][0], bad[i][1], bad[i][2], &shape), CVY_ERR_SHAPE),
                  "%zu", i);
    cr_expect(eq(int, cvy_shape_vector(CVY_FEATURES_MAX, &shape), CVY_OK));
    cr_expect(eq(sz, cvy_shape_count(shape), CVY_FEATURES_MAX));
    cr_expect(eq(int, cvy_shape_vector(CVY_FEATURES_MAX + 1, &shape), CVY_ERR_SHAPE));
    cr_expect(eq(int, cvy_shape_vector(0, &shape), CVY_ERR_SHAPE));
}

Test(shapes, text_is_cut_to_its_room)
{
    char text[8];

    cvy_shape_print(image(28, 28, 1), text, sizeof text);
    cr_expect(eq(str, text, "28 x 28"));
    cvy_shape_print(vector(784), text, sizeof text);
    cr_expect(eq(str, text, "784"));
}
