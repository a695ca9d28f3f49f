/* Models that Keras saved predict here what they predict there: tests/data/keras/saved, made by
 * make_keras_files.py. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/output.h"
#include "convoy/convoy.h"
#include "formats/safetensors.h"
#include "support/models.h"

TestSuite(keras_files, .init = scratch_open, .fini = scratch_close);

static const char *saved(const char *name)
{
    static char path[2][1024];
    static size_t next;
    char *text = path[next++ % 2];

    snprintf(text, sizeof *path, "%s/data/keras/saved/%s", TESTS_FOLDER, name);
    return text;
}

static cvy_model *load(const char *name)
{
    cvy_model *model = NULL;

    cr_assert_eq(cvy_model_load(saved(name), &model), CVY_OK, "%s", cvy_error_message());
    return model;
}

enum { IMAGES = 4, PIXELS = 64, CLASSES = 3 };

static void expect_outputs(const char *name, const cvy_model *model, const json_t *golden)
{
    unsigned char images[IMAGES * PIXELS];
    float outputs[IMAGES * CLASSES];

    for (size_t i = 0; i < sizeof images; i++)
        images[i] =
            (unsigned char)json_integer_value(json_array_get(json_object_get(golden, "images"), i));
    cr_assert_eq(cvy_model_predict(model, images, IMAGES, 2, outputs), CVY_OK);
    for (size_t i = 0; i < IMAGES * CLASSES; i++) {
        const double wanted =
            json_number_value(json_array_get(json_object_get(golden, "outputs"), i));
        cr_expect_float_eq((double)outputs[i], wanted, 2e-6, "%s: output %zu: %.7f, Keras %.7f",
                           name, i, (double)outputs[i], wanted);
    }
}

/* The .keras and .h5 files; they stay the same when they are saved and loaded as .safetensors. */
Test(keras_files, predictions_are_those_of_keras)
{
    json_error_t error;
    json_t *all = json_load_file(saved("keras-files.json"), 0, &error), *golden;
    const char *name;

    cr_assert(json_object_size(all) >= 4);
    json_object_foreach(all, name, golden)
    {
        cvy_model *model = load(name), *again;
        expect_outputs(name, model, golden);
        cr_assert_eq(cvy_model_save(model, scratch_path("m.safetensors")), CVY_OK);
        cr_assert_eq(cvy_model_load(scratch_path("m.safetensors"), &again), CVY_OK, "%s",
                     cvy_error_message());
        expect_outputs(name, again, golden);
        cr_expect_str_eq(model_digest(again), model_digest(model));
        cvy_model_destroy(again);
        cvy_model_destroy(model);
    }
    json_decref(all);
}

Test(keras_files, the_loss_is_that_of_compile)
{
    cvy_model *model = load("chain.keras");
    cr_expect_str_eq(cvy_model_loss_spec(model),
                     "sparse_categorical_crossentropy:from_logits=false");
    cr_expect_null(strstr(cvy_model_json(model), "compile_config"));
    cvy_model_destroy(model);
}

static cvy_model *same_architecture(const cvy_model *like)
{
    const char *json = cvy_model_json(like);
    cvy_model *model;

    cr_assert_eq(cvy_model_from_json(json, strlen(json), &model), CVY_OK);
    return model;
}

Test(keras_files, weights_alone)
{
    static const char *const files[] = { "chain.weights.h5", "chain.keras" };
    cvy_model *whole = load("chain.keras");

    for (size_t i = 0; i < 2; i++) {
        cvy_model *model = same_architecture(whole);
        cr_assert_eq(cvy_model_read_weights(model, saved(files[i])), CVY_OK, "%s",
                     cvy_error_message());
        cr_expect_str_eq(model_digest(model), model_digest(whole), "%s", files[i]);
        cvy_model_destroy(model);
    }
    cvy_model_destroy(whole);
}

Test(keras_files, weights_of_another_architecture_are_refused_by_layer_and_shape)
{
    cvy_model *chain = load("chain.keras");
    char *json = strdup(cvy_model_json(chain)), *units = strstr(json, "\"units\":3");
    cvy_model *model;

    cr_assert_not_null(units);
    units[8] = '4';
    cr_assert_eq(cvy_model_from_json(json, strlen(json), &model), CVY_OK);
    expect_refusal("4 units", cvy_model_read_weights(model, saved("chain.weights.h5")),
                   CVY_ERR_SHAPE,
                   "chain.weights.h5|layer dense|kernel|found 12 x 3, expected 12 x 4");
    expect_refusal("other layers", cvy_model_read_weights(model, saved("branches.keras")),
                   CVY_ERR_SHAPE,
                   "branches.keras|layer dense, kernel: found 4 x 3, expected 12 x 4");
    free(json);
    cvy_model_destroy(model);
    cvy_model_destroy(chain);
}

Test(keras_files, weights_alone_are_no_model)
{
    cvy_model *model;
    cr_assert_eq(cvy_model_load(saved("chain.weights.h5"), &model), CVY_ERR_FORMAT);
    cr_expect_not_null(strstr(cvy_error_message(), "weights without an architecture\n"));
}

/* Every cut and many changed bytes: refused, or read, and never more than that. */
/* Not cvy_file_write(), which waits for the disk. */
static const char *write_quickly(const char *name, const unsigned char *bytes, size_t size)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "wb");

    cr_assert_not_null(file);
    cr_assert(fwrite(bytes, 1, size, file) == size);
    cr_assert(fclose(file) == 0);
    return path;
}

Test(keras_files, damaged_files)
{
    static const char *const files[] = { "chain.keras", "nested.h5" };

    for (size_t f = 0; f < 2; f++) {
        unsigned char *bytes;
        size_t size, cuts = 0, changes = 0;
        cr_assert_eq(cvy_file_read(saved(files[f]), 1 << 20, &bytes, &size), CVY_OK);
        for (size_t i = 0; i < 300; i++) {
            const size_t at = i * (size / 300);
            cvy_model *model;
            cuts += cvy_model_load(write_quickly("cut", bytes, at), &model) != CVY_OK;
            bytes[at] ^= 0xff;
            const cvy_status status = cvy_model_load(write_quickly("changed", bytes, size), &model);
            changes += status != CVY_OK;
            if (status == CVY_OK)
                cvy_model_destroy(model);
            bytes[at] ^= 0xff;
        }
        cr_expect_eq(cuts, 300, "%s", files[f]);
        cr_expect_gt(changes, 0, "%s", files[f]);
        cvy_memory_free(bytes);
    }
}

/* --- safetensors of other programs --- */

static cvy_model *two_dense(void)
{
    return model_make(INPUT("2,2,1") FLATTEN LAYER("Dense", "'units':3,'name':'a'")
                          LAYER("Dense", "'units':2,'name':'b'"));
}

static void write_foreign(const char *const names[4], size_t rows, size_t columns)
{
    static float values[12];
    const cvy_safetensor tensors[] = {
        { names[0], 2, { rows, columns }, values },
        { names[1], 1, { 3 }, values },
        { names[2], 2, { 3, 2 }, values },
        { names[3], 1, { 2 }, values },
    };

    for (size_t i = 0; i < 12; i++)
        values[i] = (float)i;
    cr_assert_eq(cvy_safetensors_write(scratch_path("f.safetensors"), tensors, 4, NULL, 0), CVY_OK);
}

Test(keras_files, foreign_tensors_by_name_and_by_order)
{
    static const char *const named[] = { "a.kernel", "a.bias", "b/kernel:0", "b.bias" };
    static const char *const others[] = { "w0", "w1", "w2", "w3" };
    cvy_model *model = two_dense();
    float kernel[12];

    for (size_t i = 0; i < 2; i++) {
        write_foreign(i == 0 ? named : others, 4, 3);
        cr_assert_eq(cvy_model_initialize(model, 9), CVY_OK);
        cr_assert_eq(cvy_model_read_weights(model, scratch_path("f.safetensors")), CVY_OK, "%s",
                     cvy_error_message());
        cr_assert_eq(cvy_model_read_weight(model, "a/kernel", kernel, 12), CVY_OK);
        cr_expect_eq(kernel[11], 11);
    }
    cvy_model_destroy(model);
}

Test(keras_files, foreign_tensors_that_do_not_fit)
{
    static const char *const others[] = { "w0", "w1", "w2", "w3" };
    cvy_model *model = two_dense();

    write_foreign(others, 3, 4);
    expect_refusal(
        "transposed", cvy_model_read_weights(model, scratch_path("f.safetensors")), CVY_ERR_SHAPE,
        "f.safetensors|tensor w0|layer a, kernel|found 3 x 4, expected 4 x 3|transposing");
    cvy_model *one = model_make(INPUT("2,2,1") FLATTEN DENSE("3"));
    expect_refusal("too many", cvy_model_read_weights(one, scratch_path("f.safetensors")),
                   CVY_ERR_FORMAT, "found 4 tensors|expected the 1 of");
    cvy_model_destroy(one);
    cvy_model_destroy(model);
}
