/* Models that are defined in code, come from JSON text, or go through memory; weights by name. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
#include "support/models.h"

static cvy_model *build(const char *const *layers, size_t count)
{
    cvy_model_builder *builder;
    cvy_model *model;

    cr_assert_eq(cvy_model_builder_create("net", (cvy_shape){ 3, { 12, 12, 1 } }, &builder), CVY_OK,
                 "%s", cvy_error_message());
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(cvy_model_builder_add(builder, layers[i]), CVY_OK, "%s: %s", layers[i],
                     cvy_error_message());
    cr_assert_eq(cvy_model_builder_finish(builder, &model), CVY_OK, "%s", cvy_error_message());
    cvy_model_builder_destroy(builder);
    return model;
}

#define REGULARIZED "dense:units=7,kernel_regularizer=l1l2:l1=0.001;l2=0.25"
#define DRAWN       ",kernel_initializer=random_normal:stddev=0.5"

static const char *const layers[] = {
    "conv2d:filters=3,kernel_size=[3;5],padding=same,activation=relu,name=first",
    "batch_normalization",
    "max_pooling2d",
    "flatten",
    (REGULARIZED DRAWN),
    "dense:units=4,activation=softmax,use_bias=false",
};

Test(builder, a_model_in_code_is_the_model_of_its_json)
{
    cvy_model *built = build(layers, sizeof layers / sizeof *layers), *read;
    const char *json = cvy_model_json(built);

    cr_expect_str_eq(cvy_model_name(built), "net");
    cr_expect_str_eq(cvy_model_layer(built, 0)->name, "first");
    cr_expect_str_eq(cvy_model_layer(built, 0)->kind, "Conv2D");
    cr_expect_eq(cvy_model_layer(built, 0)->parameters, 3 * 5 * 3 + 3);
    cr_expect_not_null(
        strstr(json, "\"class_name\":\"L1L2\",\"config\":{\"l1\":0.001,\"l2\":0.25}"));
    cr_expect_not_null(strstr(json, "\"class_name\":\"RandomNormal\""));
    cr_expect_not_null(strstr(json, "\"kernel_size\":[3,5]"));
    cr_assert_eq(cvy_model_from_json(json, strlen(json), &read), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(cvy_model_initialize(built, 5), CVY_OK);
    cr_assert_eq(cvy_model_initialize(read, 5), CVY_OK);
    cr_expect_str_eq(model_digest(built), model_digest(read));
    cr_expect_str_eq(cvy_model_json(read), json);
    cvy_model_destroy(built);
    cvy_model_destroy(read);
}

Test(builder, goes_on_after_a_model_was_taken)
{
    cvy_model_builder *builder;
    cvy_model *shallow, *deep;

    cr_assert_eq(cvy_model_builder_create(NULL, (cvy_shape){ 1, { 6 } }, &builder), CVY_OK);
    cr_assert_eq(cvy_model_builder_add(builder, "dense:units=5"), CVY_OK);
    cr_assert_eq(cvy_model_builder_finish(builder, &shallow), CVY_OK);
    cr_assert_eq(cvy_model_builder_add(builder, "dense:units=2"), CVY_OK);
    cr_assert_eq(cvy_model_builder_finish(builder, &deep), CVY_OK);
    cr_expect_eq(cvy_model_output_count(shallow), 5);
    cr_expect_eq(cvy_model_output_count(deep), 2);
    cvy_model_builder_destroy(builder);
    cvy_model_destroy(shallow);
    cvy_model_destroy(deep);
}

Test(builder, every_layer_kind_can_be_added)
{
    const cvy_kinds *kinds;

    cr_assert_eq(cvy_kinds_get(CVY_KINDS_LAYERS, &kinds), CVY_OK);
    for (size_t i = 0; i < kinds->count; i++) {
        const cvy_kind_info *kind = kinds->kinds[i];
        char spec[512];
        cvy_model_builder *builder;
        size_t length = (size_t)snprintf(spec, sizeof spec, "%s:name=x", kind->name);
        if (strcmp(kind->class_name, "InputLayer") == 0 ||
            strcmp(kind->class_name, "Subtract") == 0) /* of two inputs: a chain has one */
            continue;
        for (size_t s = 0; s < kind->setting_count; s++)
            if (kind->settings[s]->default_text == NULL)
                length += (size_t)snprintf(
                    spec + length, sizeof spec - length, ",%s=%s", kind->settings[s]->name,
                    strcmp(kind->settings[s]->name, "activation") == 0 ? "relu"
                    : strcmp(kind->settings[s]->name, "rate") == 0 ||
                            strstr(kind->settings[s]->name, "factor") != NULL
                        ? "0.5"
                    : strcmp(kind->settings[s]->name, "dims") == 0         ? "[2;1;3]"
                    : strcmp(kind->settings[s]->name, "target_shape") == 0 ? "64"
                                                                           : "2");
        cr_assert_eq(cvy_model_builder_create("m", (cvy_shape){ 3, { 8, 8, 1 } }, &builder),
                     CVY_OK);
        cvy_status status = cvy_model_builder_add(builder, spec);
        if (status != CVY_OK) /* it takes a vector */
            status = cvy_model_builder_add(builder, "flatten") == CVY_OK
                         ? cvy_model_builder_add(builder, spec)
                         : status;
        cr_expect_eq(status, CVY_OK, "%s: %s", spec, cvy_error_message());
        cvy_model_builder_destroy(builder);
    }
}

/* --- weights by name --- */

Test(builder, weights_are_named_as_in_the_file)
{
    static const char *const names[] = {
        "first/kernel",
        "first/bias",
        "batch_normalization/gamma",
        "batch_normalization/beta",
        "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
        "dense/kernel",
        "dense/bias",
        "dense_1/kernel",
    };
    cvy_model *model = build(layers, sizeof layers / sizeof *layers);

    cr_assert_eq(cvy_model_weight_count(model), sizeof names / sizeof *names);
    size_t floats = 0;
    for (size_t i = 0; i < cvy_model_weight_count(model); i++) {
        const cvy_weight_info *weight = cvy_model_weight_info(model, i);
        size_t product = 1;
        for (size_t d = 0; d < weight->rank; d++)
            product *= weight->dims[d];
        cr_expect_eq(product, weight->count);
        cr_expect_eq(weight->is_trained, strstr(weight->name, "moving") == NULL, "%s",
                     weight->name);
        floats += weight->count;
    }
    cr_expect_eq(floats, cvy_model_parameter_count(model));
    const cvy_weight_info *kernel = cvy_model_weight_info(model, 0);
    cr_expect_str_eq(kernel->name, names[0]);
    cr_expect_eq(kernel->rank, 4);
    cr_expect(kernel->dims[0] == 3 && kernel->dims[1] == 5 && kernel->dims[2] == 1 &&
              kernel->dims[3] == 3);
    cvy_model_destroy(model);
}

Test(builder, what_is_written_is_read_back_and_computes)
{
    static const char *const one[] = { "flatten", "dense:units=1,name=out" };
    static float kernel[144], found[144];
    static unsigned char image[144];
    float bias = 0.5f, output;
    cvy_model *model = build(one, 2);

    for (size_t i = 0; i < 144; i++)
        kernel[i] = (float)i;
    cr_assert_eq(cvy_model_write_weight(model, "out/kernel", kernel, 144), CVY_OK);
    cr_assert_eq(cvy_model_write_weight(model, "out/bias", &bias, 1), CVY_OK);
    cr_assert_eq(cvy_model_read_weight(model, "out/kernel", found, 144), CVY_OK);
    cr_expect_arr_eq(found, kernel, sizeof kernel);
    image[7] = 255; /* the only input that is not 0; a new model divides bytes by 255 */
    cr_assert_eq(cvy_model_predict(model, image, 1, 1, &output), CVY_OK);
    cr_expect_float_eq(output, 7.5f, 1e-5);
    cvy_model_destroy(model);
}

/* --- through memory --- */

Test(builder, memory_holds_the_same_bytes_as_a_file)
{
    cvy_model *model = build(layers, sizeof layers / sizeof *layers), *loaded;
    void *bytes;
    size_t size;

    scratch_open();
    cr_assert_eq(cvy_model_initialize(model, 3), CVY_OK);
    cr_assert_eq(cvy_model_save(model, scratch_path("m.safetensors")), CVY_OK);
    cr_assert_eq(cvy_model_save_memory(model, &bytes, &size), CVY_OK);
    FILE *file = fopen(scratch_path("m.safetensors"), "rb");
    char *read = malloc(size + 1);
    cr_assert(file != NULL && read != NULL);
    cr_expect_eq(fread(read, 1, size + 1, file), size);
    cr_expect_arr_eq(read, (char *)bytes, size);
    fclose(file);
    free(read);
    cr_assert_eq(cvy_model_load_memory(NULL, bytes, size, &loaded), CVY_OK, "%s",
                 cvy_error_message());
    cr_expect_str_eq(model_digest(loaded), model_digest(model));
    cvy_free(bytes);
    cvy_model_destroy(loaded);
    cvy_model_destroy(model);
    scratch_close();
}
