/* Saved models: what comes back, and files that are not as they should be. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "model/objective.h"
#include "support/models.h"

TestSuite(model_file, .init = scratch_open, .fini = scratch_close);

/* 2 x 2 x 1 x 2 weights and 2 biases, then 8 x 3 weights. */
#define NETWORK                                                                                    \
    INPUT("3,3,1")                                                                                 \
    CONV("2", "2,'name':'c'") FLATTEN LAYER("Dense", "'units':3,'name':'out','use_bias':false")
enum { VALUES = 8 + 2 + 24 };

static cvy_model *trained(void)
{
    static const char *const names[] = { "seven", "\"\xc3\xbc\"\\", "" };
    cvy_model *model = model_make(NETWORK);

    cr_assert_eq(cvy_model_initialize(model, 7), CVY_OK);
    cr_assert_eq(cvy_model_name_classes(model, 3, names), CVY_OK);
    cr_assert_eq(cvy_model_set_loss(model, "mean_squared_error"), CVY_OK);
    cr_assert_eq(cvy_text_copy("{\"epochs\":3}", &model->training), CVY_OK);
    model->pixel_scale = 1.0f / 3;
    model->pixel_offset = -0.1f;
    return model;
}

/* --- what comes back --- */

Test(model_file, a_saved_model_comes_back)
{
    cvy_model *model = trained(), *loaded = NULL;

    cr_assert_eq(cvy_model_save(model, scratch_path("m")), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(scratch_count(), 1);
    cr_assert_eq(cvy_model_load(scratch_path("m"), &loaded), CVY_OK, "%s", cvy_error_message());
    cr_expect_str_eq(model_digest(loaded), model_digest(model));
    cr_expect_arr_eq(loaded->weights, model->weights, model->block_floats * sizeof(float));
    cr_expect_str_eq(loaded->architecture, model->architecture);
    cr_expect_str_eq(cvy_model_name(loaded), "m");
    cr_expect_str_eq(cvy_model_layer(loaded, 2)->name, "out");
    for (size_t i = 0; i < 3; i++)
        cr_expect_str_eq(cvy_model_class_name(loaded, i), cvy_model_class_name(model, i));
    cr_expect_str_eq(cvy_model_training_record(loaded), "{\"epochs\":3}");
    cr_expect_str_eq(cvy_model_loss(loaded)->kind->kind.name, "mean_squared_error");
    cr_expect_eq(loaded->pixel_scale, model->pixel_scale);
    cr_expect_eq(loaded->pixel_offset, model->pixel_offset);
    cvy_model_destroy(loaded);
    cvy_model_destroy(model);
}

/* Moving statistics are saved under Keras's names, and are a part of the digest. */
Test(model_file, state_comes_back)
{
    cvy_model *model = model_make(INPUT("3,3,2") LAYER("BatchNormalization", "'name':'norm'")
                                      FLATTEN DENSE("3")),
              *loaded = NULL;
    const char *before = model_digest(model);
    unsigned char *bytes;
    size_t size;

    cr_assert_eq(cvy_model_initialize(model, 7), CVY_OK);
    cr_expect_str_neq(model_digest(model), before);
    before = model_digest(model);
    model->weights[model->trained_floats + 1] = 0.25f; /* of moving_mean */
    cr_expect_str_neq(model_digest(model), before);
    cr_assert_eq(cvy_model_save(model, scratch_path("m")), CVY_OK);
    cr_assert_eq(cvy_model_load(scratch_path("m"), &loaded), CVY_OK, "%s", cvy_error_message());
    cr_expect_str_eq(model_digest(loaded), model_digest(model));
    cr_assert_eq(cvy_file_read(scratch_path("m"), 1 << 20, &bytes, &size), CVY_OK);
    char header[4096] = ""; /* behind its length, eight bytes */
    memcpy(header, bytes + 8, size - 8 < sizeof header ? size - 8 : sizeof header - 1);
    cr_expect_not_null(strstr(header, "\"norm/moving_mean\""));
    cr_expect_not_null(strstr(header, "\"norm/moving_variance\""));
    cvy_memory_free(bytes);
    cvy_model_destroy(loaded);
    cvy_model_destroy(model);
}

static bool are_same_files(const char *a, const char *b)
{
    unsigned char *left, *right;
    size_t left_size, right_size;

    cr_assert_eq(cvy_file_read(a, 1 << 20, &left, &left_size), CVY_OK);
    cr_assert_eq(cvy_file_read(b, 1 << 20, &right, &right_size), CVY_OK);
    bool are_same = left_size == right_size && memcmp(left, right, left_size) == 0;
    cvy_memory_free(left);
    cvy_memory_free(right);
    return are_same;
}

Test(model_file, saving_what_was_loaded_gives_the_same_file)
{
    cvy_model *model = trained(), *loaded;

    cr_assert_eq(cvy_model_save(model, scratch_path("a")), CVY_OK);
    cr_assert_eq(cvy_model_load(scratch_path("a"), &loaded), CVY_OK);
    cr_assert_eq(cvy_model_save(loaded, scratch_path("b")), CVY_OK);
    cr_expect(are_same_files(scratch_path("a"), scratch_path("b")));
    cvy_model_destroy(loaded);
    cvy_model_destroy(model);
}

Test(model_file, an_untrained_model_comes_back)
{
    cvy_model *model = model_make(NETWORK), *loaded;

    cr_assert_eq(cvy_model_save(model, scratch_path("m")), CVY_OK);
    cr_assert_eq(cvy_model_load(scratch_path("m"), &loaded), CVY_OK);
    cr_expect_str_eq(model_digest(loaded), model_digest(model));
    cr_expect_str_eq(cvy_model_class_name(loaded, 2), "2");
    cvy_model_destroy(loaded);
    cvy_model_destroy(model);
}

Test(model_file, what_cannot_be_written_leaves_nothing)
{
    cvy_model *model = trained();

    expect_refusal("no such folder", cvy_model_save(model, scratch_path("no/m")), CVY_ERR_OPEN,
                   "no/m");
    cr_expect_neq(cvy_model_save(model, scratch_path("")), CVY_OK);
    cr_expect_eq(scratch_count(), 0);
    cvy_model_destroy(model);
}

/* --- files that were changed --- */

/* A file taken apart: the header as JSON, and the data behind it. */
typedef struct {
    json_t *header;
    float data[VALUES + 1];
    size_t bytes;
} parts;

/* A whole file, written once for each test. */
static void read_original(unsigned char **bytes, size_t *size)
{
    static bool is_written;

    if (!is_written) {
        cvy_model *model = trained();
        cr_assert_eq(cvy_model_save(model, scratch_path("original")), CVY_OK);
        cvy_model_destroy(model);
        is_written = true;
    }
    cr_assert_eq(cvy_file_read(scratch_path("original"), 1 << 20, bytes, size), CVY_OK);
}

static parts take_apart(void)
{
    unsigned char *bytes;
    uint64_t length;
    size_t size;

    read_original(&bytes, &size);
    memcpy(&length, bytes, 8);
    parts p = { .header = json_loadb((char *)bytes + 8, length, 0, NULL),
                .bytes = VALUES * sizeof(float) };
    cr_assert_not_null(p.header);
    cr_assert_eq(size, 8 + length + p.bytes);
    memcpy(p.data, bytes + 8 + length, p.bytes);
    cvy_memory_free(bytes);
    return p;
}

/* As other programs write such files: the header is not filled up with spaces. */
static void put_together(parts *p)
{
    char *header = json_dumps(p->header, JSON_COMPACT);
    const uint64_t length = strlen(header);
    FILE *file = fopen(scratch_path("m"), "wb");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(&length, 1, 8, file), 8);
    cr_assert_eq(fwrite(header, 1, length, file), length);
    cr_assert_eq(fwrite(p->data, 1, p->bytes, file), p->bytes);
    fclose(file);
    free(header);
    json_decref(p->header);
}

static void expect_file_refused(const char *what, cvy_status wanted, const char *words)
{
    cvy_model *model = NULL;
    cvy_status status = cvy_model_load(scratch_path("m"), &model);

    expect_refusal(what, status, wanted, words);
    expect_refusal(what, status, wanted, scratch_path("m"));
    cr_expect_null(model, "%s", what);
    cvy_model_destroy(model);
}

Test(model_file, files_of_other_programs_load)
{
    parts p = take_apart();
    cvy_model *model = NULL, *same = trained();

    put_together(&p);
    cr_assert_eq(cvy_model_load(scratch_path("m"), &model), CVY_OK, "%s", cvy_error_message());
    cr_expect_str_eq(model_digest(model), model_digest(same));
    cvy_model_destroy(model);
    cvy_model_destroy(same);
}

/* A member of the header, or of an object in it, set to a JSON text; removed for NULL. */
typedef struct {
    const char *object, *key, *value;
    cvy_status status;
    const char *words;
} change;

static void expect_changes_refused(const change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const change *c = &changes[i];
        parts p = take_apart();
        json_t *object = c->object != NULL ? json_object_get(p.header, c->object) : p.header;
        cr_assert_not_null(object);
        if (c->value == NULL) {
            cr_assert_eq(json_object_del(object, c->key), 0, "%s", c->key);
        } else {
            json_t *value = json_loads(c->value, JSON_DECODE_ANY, NULL);
            cr_assert_not_null(value, "%s", c->value);
            cr_assert_eq(json_object_set_new(object, c->key, value), 0);
        }
        char what[256];
        snprintf(what, sizeof what, "%s of %s is %s", c->key, c->object != NULL ? c->object : "it",
                 c->value != NULL ? c->value : "gone");
        put_together(&p);
        expect_file_refused(what, c->status, c->words);
    }
}
#define EXPECT_REFUSED(changes) expect_changes_refused(changes, sizeof changes / sizeof *changes)

/* The bytes are c/kernel 0 to 32, c/bias to 40, out/kernel to 136. */
Test(model_file, tensors_in_the_wrong_place_are_refused)
{
    static const change changes[] = {
        { NULL, "out/kernel", NULL, CVY_ERR_FORMAT, "136|40" },
        { NULL, "c/bias", NULL, CVY_ERR_FORMAT, "out/kernel|leaves a hole" },
        { "c/bias", "data_offsets", "[28,36]", CVY_ERR_FORMAT, "c/bias|overlaps" },
        { "c/bias", "data_offsets", "[0,8]", CVY_ERR_FORMAT, "overlaps" },
        { "c/bias", "data_offsets", "[40,48]", CVY_ERR_FORMAT, "hole" },
        { "out/kernel", "data_offsets", "[44,140]", CVY_ERR_FORMAT, "out/kernel|140|136" },
        { "out/kernel", "data_offsets", "[136,40]", CVY_ERR_FORMAT, "out/kernel|backwards" },
        { "out/kernel", "data_offsets", "[40,132]", CVY_ERR_FORMAT, "92 bytes|96" },
        { "out/kernel", "data_offsets", "[-40,56]", CVY_ERR_FORMAT, "whole numbers" },
        { "out/kernel", "data_offsets", "[40.0,136.0]", CVY_ERR_FORMAT, "whole numbers" },
        { "out/kernel", "data_offsets", "[9223372036854775807,9223372036854775807]", CVY_ERR_FORMAT,
          "9223372036854775807" },
        { "out/kernel", "data_offsets", "[40]", CVY_ERR_FORMAT, "two data_offsets" },
        { "out/kernel", "data_offsets", NULL, CVY_ERR_FORMAT, "two data_offsets" },
    };
    EXPECT_REFUSED(changes);
}

Test(model_file, tensors_of_another_kind_are_refused)
{
    static const change changes[] = {
        { NULL, "out/bias", "{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[136,136]}",
          CVY_ERR_FORMAT, "4 tensors|3" },
        { NULL, "out/kernel", "7", CVY_ERR_FORMAT, "out/kernel|dtype" },
        { "out/kernel", "shape", "[3,8]", CVY_ERR_SHAPE, "out/kernel|shape" },
        { "out/kernel", "shape", "[24]", CVY_ERR_SHAPE, "out/kernel|shape" },
        { "out/kernel", "shape", "[8,3,1]", CVY_ERR_SHAPE, "out/kernel|shape" },
        { "out/kernel", "shape", "[8,4]", CVY_ERR_FORMAT, "out/kernel|96 bytes|128" },
        { "out/kernel", "shape", "[-8,-3]", CVY_ERR_FORMAT, "out/kernel|shape: entry 0" },
        { "out/kernel", "shape", "[4611686018427387904,4,24]", CVY_ERR_FORMAT, "shape: entry" },
        { "out/kernel", "shape", "[8,3,1,1,1,1,1,1,1,1,1,1]", CVY_ERR_UNSUPPORTED,
          "12 dimensions" },
        { "out/kernel", "shape", "24", CVY_ERR_FORMAT, "shape" },
        { "out/kernel", "dtype", "\"I32\"", CVY_ERR_UNSUPPORTED, "out/kernel|I32|F32" },
        { "out/kernel", "dtype", "\"F16\"", CVY_ERR_FORMAT, "out/kernel|96 bytes|48" },
        { "out/kernel", "dtype", "\"F31\"", CVY_ERR_FORMAT, "out/kernel|\"F31\"" },
        { "out/kernel", "dtype", "null", CVY_ERR_FORMAT, "out/kernel|dtype" },
    };
    EXPECT_REFUSED(changes);
}

Test(model_file, a_tensor_of_another_name_is_missing)
{
    parts p = take_apart();

    json_object_set(p.header, "out/weights", json_object_get(p.header, "out/kernel"));
    json_object_del(p.header, "out/kernel");
    put_together(&p);
    expect_file_refused("another name", CVY_ERR_FORMAT, "\"out/kernel\" is missing");
}

Test(model_file, weights_that_are_not_finite_are_refused)
{
    static const struct {
        size_t value;
        float weight;
        const char *words;
    } cases[] = {
        { 0, NAN, "c/kernel|value 0" },
        { 9, INFINITY, "c/bias|value 1" },
        { VALUES - 1, -INFINITY, "out/kernel|value 23" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parts p = take_apart();
        p.data[cases[i].value] = cases[i].weight;
        put_together(&p);
        expect_file_refused("a weight", CVY_ERR_DATA, cases[i].words);
    }
}

Test(model_file, metadata_that_say_nothing_of_convoy_are_refused)
{
    static const change changes[] = {
        { NULL, "__metadata__", NULL, CVY_ERR_FORMAT, "not a model that convoy saved" },
        { NULL, "__metadata__", "{}", CVY_ERR_FORMAT, "not a model that convoy saved" },
        { NULL, "__metadata__", "[]", CVY_ERR_FORMAT, "__metadata__" },
        { "__metadata__", "format", NULL, CVY_ERR_FORMAT, "not a model that convoy saved" },
        { "__metadata__", "format", "\"pt\"", CVY_ERR_FORMAT, "not a model that convoy saved" },
        { "__metadata__", "format", "7", CVY_ERR_FORMAT, "__metadata__|format" },
        { "__metadata__", "architecture", NULL, CVY_ERR_FORMAT, "not a model that convoy saved" },
    };
    EXPECT_REFUSED(changes);
}

Test(model_file, bad_metadata_are_refused)
{
#define SEQUENTIAL(layers)                                                                         \
    "\"{\\\"class_name\\\":\\\"Sequential\\\",\\\"config\\\":{\\\"layers\\\":[" layers "]}}\""
    static const change changes[] = {
        { "__metadata__", "architecture", "\"\"", CVY_ERR_FORMAT, "architecture|not JSON" },
        { "__metadata__", "architecture", "\"{}\"", CVY_ERR_UNSUPPORTED,
          "architecture|Sequential" },
        { "__metadata__", "architecture", SEQUENTIAL(""), CVY_ERR_FORMAT, "architecture|0 layers" },
        { "__metadata__", "architecture",
          SEQUENTIAL("{\\\"class_name\\\":\\\"LSTM\\\",\\\"config\\\":{}}"), CVY_ERR_UNSUPPORTED,
          "architecture|layer 1|LSTM" },
        { "__metadata__", "loss", NULL, CVY_ERR_FORMAT, "loss|missing" },
        { "__metadata__", "loss", "\"mean_cubed_error\"", CVY_ERR_FORMAT, "mean_cubed_error" },
        { "__metadata__", "labels", NULL, CVY_ERR_FORMAT, "labels|missing" },
        { "__metadata__", "labels", "\"[\"", CVY_ERR_FORMAT, "labels|not JSON" },
        { "__metadata__", "labels", "\"{}\"", CVY_ERR_FORMAT, "labels|list" },
        { "__metadata__", "labels", "\"[1,2,3]\"", CVY_ERR_FORMAT, "labels|entry 0" },
        { "__metadata__", "labels", "\"[\\\"\\\",\\\"\\\",\\\"\\\",\\\"\\\"]\"", CVY_ERR_FORMAT,
          "labels|at most 3" },
        { "__metadata__", "preprocessing", NULL, CVY_ERR_FORMAT, "preprocessing|missing" },
        { "__metadata__", "preprocessing", "\"[]\"", CVY_ERR_FORMAT, "scale and offset" },
        { "__metadata__", "preprocessing", "\"{\\\"scale\\\":1}\"", CVY_ERR_FORMAT, "offset" },
        { "__metadata__", "preprocessing", "\"{\\\"scale\\\":1e99,\\\"offset\\\":0}\"",
          CVY_ERR_FORMAT, "scale" },
        { "__metadata__", "training", NULL, CVY_ERR_FORMAT, "training|missing" },
        { "__metadata__", "training", "\"[]\"", CVY_ERR_FORMAT, "training|object" },
    };
    EXPECT_REFUSED(changes);
}

/* --- files that are no such file at all --- */

static void write_bytes(const void *bytes, size_t size)
{
    FILE *file = fopen(scratch_path("m"), "wb");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

Test(model_file, bad_header_lengths_are_refused)
{
    unsigned char *bytes;
    size_t size;

    read_original(&bytes, &size);
    const struct {
        uint64_t length;
        const char *words;
    } cases[] = {
        { 0, "header" },
        { 1, "header|JSON" },
        { 100, "header|JSON" },
        { size - 8, "header|JSON" }, /* all the data are header */
        { size - 7, "its header would have|bytes" },
        { 100 * 1000 * 1000 + 1, "100000001" },
        { (uint64_t)1 << 32, "4294967296" },
        { INT64_MAX, "9223372036854775807" },
        { UINT64_MAX - 7, "18446744073709551608" },
        { UINT64_MAX, "18446744073709551615" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(bytes, &cases[i].length, 8);
        write_bytes(bytes, size);
        expect_file_refused("a header's length", CVY_ERR_FORMAT, cases[i].words);
    }
    cvy_memory_free(bytes);
}

Test(model_file, other_files_are_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } cases[] = {
        { "", 0, "0 bytes|too short" },
        { "\2\0\0\0\0\0\0", 7, "7 bytes|too short" },
        { "This is a text, and no model.", 29, "safetensors" },
        { "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, "safetensors" },
        { "\2\0\0\0\0\0\0\0{}", 10, "not a model that convoy saved" },
        { "\2\0\0\0\0\0\0\0[]", 10, "{" },
        { "\2\0\0\0\0\0\0\0{}more", 14, "4 bytes of data" },
        { "\x12\0\0\0\0\0\0\0{\"a\":{},\"a\":{}}  ", 26, "JSON" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_bytes(cases[i].bytes, cases[i].size);
        expect_file_refused(cases[i].words, CVY_ERR_FORMAT, cases[i].words);
    }
    cvy_model *model = NULL;
    expect_refusal("a missing file", cvy_model_load(scratch_path("no"), &model), CVY_ERR_OPEN,
                   scratch_path("no"));
    expect_refusal("a folder", cvy_model_load("/", &model), CVY_ERR_READ, "/");
    cr_expect_null(model);
}

Test(model_file, truncated_and_prolonged_files_are_refused)
{
    unsigned char *bytes;
    size_t size;

    read_original(&bytes, &size);
    for (size_t length = 0; length < size; length += length < 24 ? 1 : 13) {
        write_bytes(bytes, length);
        expect_file_refused("a truncated file", CVY_ERR_FORMAT, "");
    }
    write_bytes(bytes, size + 1); /* the zero byte behind what was read */
    expect_file_refused("a byte too many", CVY_ERR_FORMAT, "137 bytes of data|136");
    cvy_memory_free(bytes);
}

/* Whatever a flipped bit makes of the header, it is either a model or a sentence. */
Test(model_file, flipped_bits_do_no_harm)
{
    unsigned char *bytes;
    size_t size, refused = 0;

    read_original(&bytes, &size);
    for (size_t i = 0; i + VALUES * sizeof(float) < size; i++) {
        cvy_model *model = NULL;
        const unsigned char bit = (unsigned char)(1u << i % 8);
        bytes[i] ^= bit;
        write_bytes(bytes, size);
        if (cvy_model_load(scratch_path("m"), &model) != CVY_OK) {
            refused++;
            cr_expect_null(strchr(cvy_error_message(), '\n'), "%s", cvy_error_message());
        }
        cvy_model_destroy(model);
        bytes[i] ^= bit;
    }
    cr_expect_gt(refused, 100);
    cvy_memory_free(bytes);
}
