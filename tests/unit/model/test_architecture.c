/* Model files as Keras writes them, and what they become. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/models.h"

/* What each file must come out as: layers with name, class, output and parameters, as Keras tells
 * them (model.layers). A file of the same name is the same network. */
static const struct {
    const char *name;
    size_t parameters;
    const char *layers;
} expected[] = {
    { "fast", 215194,
      "conv2d Conv2D 24 x 24 x 24 624\n"
      "max_pooling2d MaxPooling2D 12 x 12 x 24 0\n"
      "activation Activation 12 x 12 x 24 0\n"
      "conv2d_1 Conv2D 10 x 10 x 32 6944\n"
      "max_pooling2d_1 MaxPooling2D 5 x 5 x 32 0\n"
      "activation_1 Activation 5 x 5 x 32 0\n"
      "flatten Flatten 800 0\n"
      "dense Dense 256 205056\n"
      "dense_1 Dense 10 2570\n" },
    { "lenet5", 61706,
      "conv2d Conv2D 28 x 28 x 6 156\n"
      "max_pooling2d MaxPooling2D 14 x 14 x 6 0\n"
      "conv2d_1 Conv2D 10 x 10 x 16 2416\n"
      "max_pooling2d_1 MaxPooling2D 5 x 5 x 16 0\n"
      "flatten Flatten 400 0\n"
      "dense Dense 120 48120\n"
      "dense_1 Dense 84 10164\n"
      "dense_2 Dense 10 850\n" },
    { "mlp", 101770,
      "flatten Flatten 784 0\n"
      "dense Dense 128 100480\n"
      "dropout Dropout 128 0\n"
      "dense_1 Dense 10 1290\n" },
    { "resnet20", 271098,
      "conv2d Conv2D 32 x 32 x 16 432\n"
      "batch_normalization BatchNormalization 32 x 32 x 16 64\n"
      "activation Activation 32 x 32 x 16 0\n"
      "conv2d_1 Conv2D 32 x 32 x 16 2304\n"
      "batch_normalization_1 BatchNormalization 32 x 32 x 16 64\n"
      "activation_1 Activation 32 x 32 x 16 0\n"
      "conv2d_2 Conv2D 32 x 32 x 16 2304\n"
      "batch_normalization_2 BatchNormalization 32 x 32 x 16 64\n"
      "add Add 32 x 32 x 16 0\n"
      "activation_2 Activation 32 x 32 x 16 0\n"
      "conv2d_3 Conv2D 32 x 32 x 16 2304\n"
      "batch_normalization_3 BatchNormalization 32 x 32 x 16 64\n"
      "activation_3 Activation 32 x 32 x 16 0\n"
      "conv2d_4 Conv2D 32 x 32 x 16 2304\n"
      "batch_normalization_4 BatchNormalization 32 x 32 x 16 64\n"
      "add_1 Add 32 x 32 x 16 0\n"
      "activation_4 Activation 32 x 32 x 16 0\n"
      "conv2d_5 Conv2D 32 x 32 x 16 2304\n"
      "batch_normalization_5 BatchNormalization 32 x 32 x 16 64\n"
      "activation_5 Activation 32 x 32 x 16 0\n"
      "conv2d_6 Conv2D 32 x 32 x 16 2304\n"
      "batch_normalization_6 BatchNormalization 32 x 32 x 16 64\n"
      "add_2 Add 32 x 32 x 16 0\n"
      "activation_6 Activation 32 x 32 x 16 0\n"
      "conv2d_7 Conv2D 16 x 16 x 32 4608\n"
      "batch_normalization_7 BatchNormalization 16 x 16 x 32 128\n"
      "activation_7 Activation 16 x 16 x 32 0\n"
      "average_pooling2d AveragePooling2D 16 x 16 x 16 0\n"
      "conv2d_8 Conv2D 16 x 16 x 32 9216\n"
      "rescaling Rescaling 16 x 16 x 16 0\n"
      "batch_normalization_8 BatchNormalization 16 x 16 x 32 128\n"
      "concatenate Concatenate 16 x 16 x 32 0\n"
      "add_3 Add 16 x 16 x 32 0\n"
      "activation_8 Activation 16 x 16 x 32 0\n"
      "conv2d_9 Conv2D 16 x 16 x 32 9216\n"
      "batch_normalization_9 BatchNormalization 16 x 16 x 32 128\n"
      "activation_9 Activation 16 x 16 x 32 0\n"
      "conv2d_10 Conv2D 16 x 16 x 32 9216\n"
      "batch_normalization_10 BatchNormalization 16 x 16 x 32 128\n"
      "add_4 Add 16 x 16 x 32 0\n"
      "activation_10 Activation 16 x 16 x 32 0\n"
      "conv2d_11 Conv2D 16 x 16 x 32 9216\n"
      "batch_normalization_11 BatchNormalization 16 x 16 x 32 128\n"
      "activation_11 Activation 16 x 16 x 32 0\n"
      "conv2d_12 Conv2D 16 x 16 x 32 9216\n"
      "batch_normalization_12 BatchNormalization 16 x 16 x 32 128\n"
      "add_5 Add 16 x 16 x 32 0\n"
      "activation_12 Activation 16 x 16 x 32 0\n"
      "conv2d_13 Conv2D 8 x 8 x 64 18432\n"
      "batch_normalization_13 BatchNormalization 8 x 8 x 64 256\n"
      "activation_13 Activation 8 x 8 x 64 0\n"
      "average_pooling2d_1 AveragePooling2D 8 x 8 x 32 0\n"
      "conv2d_14 Conv2D 8 x 8 x 64 36864\n"
      "rescaling_1 Rescaling 8 x 8 x 32 0\n"
      "batch_normalization_14 BatchNormalization 8 x 8 x 64 256\n"
      "concatenate_1 Concatenate 8 x 8 x 64 0\n"
      "add_6 Add 8 x 8 x 64 0\n"
      "activation_14 Activation 8 x 8 x 64 0\n"
      "conv2d_15 Conv2D 8 x 8 x 64 36864\n"
      "batch_normalization_15 BatchNormalization 8 x 8 x 64 256\n"
      "activation_15 Activation 8 x 8 x 64 0\n"
      "conv2d_16 Conv2D 8 x 8 x 64 36864\n"
      "batch_normalization_16 BatchNormalization 8 x 8 x 64 256\n"
      "add_7 Add 8 x 8 x 64 0\n"
      "activation_16 Activation 8 x 8 x 64 0\n"
      "conv2d_17 Conv2D 8 x 8 x 64 36864\n"
      "batch_normalization_17 BatchNormalization 8 x 8 x 64 256\n"
      "activation_17 Activation 8 x 8 x 64 0\n"
      "conv2d_18 Conv2D 8 x 8 x 64 36864\n"
      "batch_normalization_18 BatchNormalization 8 x 8 x 64 256\n"
      "add_8 Add 8 x 8 x 64 0\n"
      "activation_18 Activation 8 x 8 x 64 0\n"
      "global_average_pooling2d GlobalAveragePooling2D 64 0\n"
      "dense Dense 10 650\n" },
    { "inception", 62896,
      "conv2d Conv2D 32 x 32 x 32 896\n"
      "max_pooling2d MaxPooling2D 16 x 16 x 32 0\n"
      "conv2d_1 Conv2D 16 x 16 x 16 528\n"
      "conv2d_2 Conv2D 16 x 16 x 4 132\n"
      "max_pooling2d_1 MaxPooling2D 16 x 16 x 32 0\n"
      "conv2d_3 Conv2D 16 x 16 x 16 528\n"
      "conv2d_4 Conv2D 16 x 16 x 32 4640\n"
      "conv2d_5 Conv2D 16 x 16 x 8 808\n"
      "conv2d_6 Conv2D 16 x 16 x 8 264\n"
      "concatenate Concatenate 16 x 16 x 64 0\n"
      "conv2d_7 Conv2D 16 x 16 x 24 1560\n"
      "conv2d_8 Conv2D 16 x 16 x 6 390\n"
      "max_pooling2d_2 MaxPooling2D 16 x 16 x 64 0\n"
      "conv2d_9 Conv2D 16 x 16 x 24 1560\n"
      "conv2d_10 Conv2D 16 x 16 x 48 10416\n"
      "conv2d_11 Conv2D 16 x 16 x 12 1812\n"
      "conv2d_12 Conv2D 16 x 16 x 12 780\n"
      "concatenate_1 Concatenate 16 x 16 x 96 0\n"
      "max_pooling2d_3 MaxPooling2D 8 x 8 x 96 0\n"
      "conv2d_13 Conv2D 8 x 8 x 32 3104\n"
      "conv2d_14 Conv2D 8 x 8 x 12 1164\n"
      "max_pooling2d_4 MaxPooling2D 8 x 8 x 96 0\n"
      "conv2d_15 Conv2D 8 x 8 x 48 4656\n"
      "conv2d_16 Conv2D 8 x 8 x 64 18496\n"
      "conv2d_17 Conv2D 8 x 8 x 24 7224\n"
      "conv2d_18 Conv2D 8 x 8 x 24 2328\n"
      "concatenate_2 Concatenate 8 x 8 x 160 0\n"
      "global_average_pooling2d GlobalAveragePooling2D 160 0\n"
      "dropout Dropout 160 0\n"
      "dense Dense 10 1610\n" },
    { "cifar-cnn", 1116970,
      "conv2d Conv2D 32 x 32 x 32 896\n"
      "conv2d_1 Conv2D 32 x 32 x 32 9248\n"
      "max_pooling2d MaxPooling2D 16 x 16 x 32 0\n"
      "dropout Dropout 16 x 16 x 32 0\n"
      "conv2d_2 Conv2D 16 x 16 x 64 18496\n"
      "conv2d_3 Conv2D 16 x 16 x 64 36928\n"
      "max_pooling2d_1 MaxPooling2D 8 x 8 x 64 0\n"
      "dropout_1 Dropout 8 x 8 x 64 0\n"
      "flatten Flatten 4096 0\n"
      "dense Dense 256 1048832\n"
      "dropout_2 Dropout 256 0\n"
      "dense_1 Dense 10 2570\n" },
    { "mnist-99", 111386,
      "conv2d Conv2D 24 x 24 x 24 624\n"
      "max_pooling2d MaxPooling2D 12 x 12 x 24 0\n"
      "activation Activation 12 x 12 x 24 0\n"
      "conv2d_1 Conv2D 10 x 10 x 32 6944\n"
      "max_pooling2d_1 MaxPooling2D 5 x 5 x 32 0\n"
      "activation_1 Activation 5 x 5 x 32 0\n"
      "flatten Flatten 800 0\n"
      "dense Dense 128 102528\n"
      "dense_1 Dense 10 1290\n" },
    { "mnist-cnn", 1199882,
      "conv2d Conv2D 26 x 26 x 32 320\n"
      "conv2d_1 Conv2D 24 x 24 x 64 18496\n"
      "max_pooling2d MaxPooling2D 12 x 12 x 64 0\n"
      "dropout Dropout 12 x 12 x 64 0\n"
      "flatten Flatten 9216 0\n"
      "dense Dense 128 1179776\n"
      "dropout_1 Dropout 128 0\n"
      "dense_1 Dense 10 1290\n" },
    { "cnn-bn", 57050,
      "conv2d Conv2D 26 x 26 x 16 144\n"
      "batch_normalization BatchNormalization 26 x 26 x 16 64\n"
      "activation Activation 26 x 26 x 16 0\n"
      "max_pooling2d MaxPooling2D 13 x 13 x 16 0\n"
      "conv2d_1 Conv2D 11 x 11 x 32 4608\n"
      "batch_normalization_1 BatchNormalization 11 x 11 x 32 128\n"
      "activation_1 Activation 11 x 11 x 32 0\n"
      "max_pooling2d_1 MaxPooling2D 5 x 5 x 32 0\n"
      "flatten Flatten 800 0\n"
      "dense Dense 64 51200\n"
      "batch_normalization_2 BatchNormalization 64 256\n"
      "activation_2 Activation 64 0\n"
      "dense_1 Dense 10 650\n" },
    { "normalization", 32514,
      "batch_normalization BatchNormalization 28 x 28 x 1 4\n"
      "conv2d Conv2D 26 x 26 x 4 40\n"
      "batch_normalization_1 BatchNormalization 26 x 26 x 4 12\n"
      "flatten Flatten 2704 0\n"
      "batch_normalization_2 BatchNormalization 2704 5408\n"
      "dense Dense 10 27050\n" },
    { "regularizers", 18734,
      "conv2d Conv2D 26 x 26 x 4 40\n"
      "batch_normalization BatchNormalization 26 x 26 x 4 16\n"
      "conv2d_1 Conv2D 24 x 24 x 4 148\n"
      "flatten Flatten 2304 0\n"
      "dense Dense 8 18440\n"
      "dense_1 Dense 10 90\n" },
    { "activation-layers", 8907,
      "conv2d Conv2D 26 x 26 x 4 40\n"
      "leaky_re_lu LeakyReLU 26 x 26 x 4 0\n"
      "average_pooling2d AveragePooling2D 13 x 13 x 4 0\n"
      "conv2d_1 Conv2D 12 x 12 x 5 85\n"
      "elu ELU 12 x 12 x 5 0\n"
      "flatten Flatten 720 0\n"
      "dense Dense 12 8652\n"
      "re_lu ReLU 12 0\n"
      "dense_1 Dense 10 130\n"
      "softmax Softmax 10 0\n" },
    { "activations", 1710,
      "conv2d Conv2D 14 x 28 x 4 60\n"
      "activation Activation 14 x 28 x 4 0\n"
      "average_pooling2d AveragePooling2D 7 x 14 x 4 0\n"
      "activation_1 Activation 7 x 14 x 4 0\n"
      "conv2d_1 Conv2D 3 x 6 x 6 222\n"
      "activation_2 Activation 3 x 6 x 6 0\n"
      "max_pooling2d MaxPooling2D 3 x 6 x 6 0\n"
      "activation_3 Activation 3 x 6 x 6 0\n"
      "flatten Flatten 108 0\n"
      "dense Dense 12 1308\n"
      "activation_4 Activation 12 0\n"
      "dense_1 Dense 10 120\n"
      "activation_5 Activation 10 0\n" },
    { "initializers", 18790,
      "conv2d Conv2D 26 x 26 x 4 40\n"
      "conv2d_1 Conv2D 24 x 24 x 4 148\n"
      "flatten Flatten 2304 0\n"
      "dense Dense 8 18440\n"
      "dense_1 Dense 8 72\n"
      "dense_2 Dense 10 90\n" },
};
enum { EXPECTED_COUNT = sizeof expected / sizeof *expected };

static void print_layers(const cvy_model *model, char *text, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < cvy_model_layer_count(model); i++) {
        const cvy_layer_info *layer = cvy_model_layer(model, i);
        char output[64];
        cvy_shape_print(layer->output, output, sizeof output);
        length += (size_t)snprintf(text + length, size - length, "%s %s %s %zu\n", layer->name,
                                   layer->kind, output, layer->parameters);
        cr_assert_lt(length, size);
    }
}

static void expect_loads(const char *path, const char *name)
{
    cvy_model *model = NULL;
    char layers[16384];
    size_t i = 0;

    while (i < EXPECTED_COUNT && strcmp(expected[i].name, name) != 0)
        i++;
    cr_assert_lt(i, (size_t)EXPECTED_COUNT, "this test does not know %s", path);
    cr_assert_eq(cvy_model_create(path, &model), CVY_OK, "%s", cvy_error_message());
    print_layers(model, layers, sizeof layers);
    cr_expect_str_eq(layers, expected[i].layers, "%s", path);
    cr_expect_eq(cvy_model_parameter_count(model), expected[i].parameters, "%s", path);
    cvy_model_destroy(model);
}

/* Every .json file of a folder, handed over with its name without the ending. How many? */
static size_t visit_files(const char *folder, void (*visit)(const char *path, const char *name))
{
    DIR *listing = opendir(folder);
    size_t count = 0;

    cr_assert_not_null(listing, "%s", folder);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[1024], name[64];
        const char *ending = strrchr(entry->d_name, '.');
        if (ending == NULL || strcmp(ending, ".json") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        snprintf(name, sizeof name, "%.*s", (int)(ending - entry->d_name), entry->d_name);
        visit(path, name);
        count++;
    }
    closedir(listing);
    return count;
}

Test(architecture, shipped_models_load)
{
    size_t builtin = 0;
    cr_expect_eq(visit_files(TESTS_FOLDER "/../models", expect_loads), 9);
    for (const char *name; (name = cvy_model_builtin(builtin)) != NULL; builtin++)
        expect_loads(name, name);
    cr_expect_eq(builtin, 9);
}

Test(architecture, keras_files_load)
{
    cr_expect_eq(visit_files(TESTS_FOLDER "/data/keras", expect_loads), EXPECTED_COUNT - 4);
}

static void expect_unsupported(const char *path, const char *name)
{
    json_t *words = json_load_file(TESTS_FOLDER "/data/keras/unsupported/expected.json", 0, NULL);
    cvy_model *model = NULL;
    char file[80];

    snprintf(file, sizeof file, "%s.json", name);
    const char *word = json_string_value(json_object_get(words, file));
    if (strcmp(name, "expected") != 0) {
        cr_assert_not_null(word, "expected.json says nothing of %s", file);
        cvy_status status = cvy_model_create(path, &model);
        /* what Keras knows and convoy does not, or a value beyond its range */
        cr_expect(status == CVY_ERR_UNSUPPORTED || status == CVY_ERR_FORMAT, "%s: %s", file,
                  cvy_status_text(status));
        expect_refusal(file, status, status, word);
        expect_refusal(file, status, status, file);
        cr_expect_null(model);
    }
    json_decref(words);
}

Test(architecture, what_keras_has_and_convoy_has_not_is_named)
{
    cr_expect_eq(visit_files(TESTS_FOLDER "/data/keras/unsupported", expect_unsupported), 8);
}

/* --- texts that are no architecture --- */

Test(architecture, left_out_settings_are_keras_defaults)
{
    cvy_model *model = model_make(INPUT("9,8") CONV("2", "3") MAX_POOL("[3,2]")
                                      FLATTEN LAYER("Dense", "'units':5"));
    char layers[16384];

    print_layers(model, layers, sizeof layers);
    cr_expect_str_eq(layers, "conv2d Conv2D 7 x 6 x 2 20\n"
                             "max_pooling2d MaxPooling2D 2 x 3 x 2 0\n"
                             "flatten Flatten 12 0\n"
                             "dense Dense 5 65\n");
    cr_expect_eq(cvy_model_input(model).dims[2], 1);
    cr_expect_str_eq(cvy_model_name(model), "m");
    cvy_model_destroy(model);
}

/* Frozen weights are no part of what is trained, and a penalty of them is none of the loss. */
Test(architecture, frozen_layers_are_not_trained)
{
    cvy_model *model =
        model_make(INPUT("4") LAYER("Dense", "'units':3,'trainable':false") DENSE("2"));

    cr_expect_eq(cvy_model_parameter_count(model), 21);
    cr_expect_eq(cvy_model_trained_count(model), 6);
    cvy_model_destroy(model);
}

/* As Keras serializes them: a class of its own, an alias, a long number, a list. */
Test(architecture, settings_are_read_in_every_form)
{
    static const char *const layers[] = {
        "'units':3,'kernel_initializer':'GlorotNormal'",
        "'units':3,'kernel_initializer':'uniform'",
        "'units':3,'bias_initializer':null",
        "'units':3,'kernel_initializer':{'class_name':'RandomUniform','config':{'minval':"
        "-0.011904761904761904,'maxval':0.011904761904761904,'seed':null}}",
        "'units':3,'kernel_initializer':{'class_name':'VarianceScaling','config':{'scale':1.0,"
        "'mode':'fan_avg','distribution':'uniform','seed':null,'dtype':'float32'}}",
        "'units':3,'kernel_constraint':{'class_name':'MaxNorm','config':{'max_value':3,'axis':0}}",
        "'units':3,'kernel_constraint':{'class_name':'UnitNorm','config':{'axis':[0]}}",
        "'units':3,'activation':{'class_name':'LeakyReLU','config':{'name':'a','trainable':true,"
        "'negative_slope':0.25}}",
        "'units':3,'activation':{'module':'builtins','class_name':'function','config':'silu'}",
        "'units':3,'activity_regularizer':{'class_name':'L2','config':{'l2':0.01}}",
    };
    char text[16384];

    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        cvy_model *model;
        snprintf(text, sizeof text, INPUT("4") "{'class_name':'Dense','config':{%s}},", layers[i]);
        cr_expect_eq(model_read(text, &model), CVY_OK, "%s: %s", layers[i], cvy_error_message());
        cvy_model_destroy(model);
    }
}
