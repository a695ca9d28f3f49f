/* A refused call changes nothing: neither the model nor what its pointers lead to. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
#include "support/models.h"

static cvy_dataset *data;
static cvy_model *model;
static cvy_train_settings settings;

/* Everything that a model file holds: weights, loss, class names, preprocessing, record. */
typedef struct {
    void *bytes;
    size_t size;
} snapshot;

static snapshot take(void)
{
    snapshot s;

    cr_assert_eq(cvy_model_save_memory(model, &s.bytes, &s.size), CVY_OK, "%s",
                 cvy_error_message());
    return s;
}

static void expect_unchanged(const char *what, snapshot before)
{
    snapshot now = take();

    cr_assert_eq(now.size, before.size, "%s changed the model", what);
    cr_expect_arr_eq(now.bytes, before.bytes, now.size, "%s changed the model", what);
    cvy_free(now.bytes);
}

static void begin(void)
{
    scratch_open();
    cr_assert_eq(cvy_dataset_open("digits:train=60,test=20", 1, &data), CVY_OK);
    model =
        model_make(INPUT("28,28,1") FLATTEN LAYER("Dense", "'units':10,'activation':'softmax'"));
    settings = cvy_train_defaults();
    settings.epochs = 1;
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK);
}

static void end(void)
{
    cvy_model_destroy(model);
    cvy_dataset_close(data);
    scratch_close();
}

TestSuite(refusals, .init = begin, .fini = end);

/* Never followed: what a pointer holds that a refused call must not write to. */
static void *const untouched = &data;

/* --- training --- */

/* cvy_train_check() and cvy_train() refuse alike. */
static void expect_train_refused(const cvy_train_settings *bad, cvy_status wanted,
                                 const char *words)
{
    cvy_history *history = untouched;
    cvy_train_plan *plan = untouched;
    const snapshot before = take();

    expect_refusal(words, cvy_train_check(model, data, bad, &plan), wanted, words);
    cr_expect_eq((void *)plan, untouched, "%s: the plan was written", words);
    expect_refusal(words, cvy_train(model, data, bad, &history), wanted, words);
    cr_expect_eq((void *)history, untouched, "%s: the history was written", words);
    expect_unchanged(words, before);
    cvy_free(before.bytes);
}

#define TRAIN_WITH(member, value, status, words)                                                   \
    do {                                                                                           \
        cvy_train_settings bad = settings;                                                         \
        bad.member = value;                                                                        \
        expect_train_refused(&bad, status, words);                                                 \
    } while (0)

Test(refusals, unknown_optimizer_keeps_the_loss)
{
    settings.keep_weights = true;
    settings.loss = "mean_squared_error";
    TRAIN_WITH(optimizer, "adamm", CVY_ERR_SETTING, "optimizer|adam");
    cr_expect_str_eq(cvy_model_loss_spec(model), "sparse_categorical_crossentropy");
}

Test(refusals, absurd_settings)
{
    static const char *const specs[] = { "early_stopping", NULL };

    TRAIN_WITH(struct_bytes, 0, CVY_ERR_SETTING, "struct_bytes|cvy_train_settings_init");
    TRAIN_WITH(struct_bytes, SIZE_MAX, CVY_ERR_SETTING, "struct_bytes");
    TRAIN_WITH(optimizer, NULL, CVY_ERR_SETTING, "optimizer is NULL");
    TRAIN_WITH(learning_rate, "-1", CVY_ERR_SETTING, "-1");
    TRAIN_WITH(loss, "nothing", CVY_ERR_SETTING, "loss|nothing");
    TRAIN_WITH(class_weight, "11=2", CVY_ERR_SETTING, "class|11");
    TRAIN_WITH(callback_count, 1, CVY_ERR_SETTING, "callbacks is NULL");
    TRAIN_WITH(callback_count, SIZE_MAX, CVY_ERR_SETTING, "callback_count");
    TRAIN_WITH(epochs, 0, CVY_ERR_SETTING, "epochs");
    TRAIN_WITH(epochs, SIZE_MAX, CVY_ERR_SETTING, "epochs");
    TRAIN_WITH(validation_split, 1.5, CVY_ERR_SETTING, "validation_split");
    TRAIN_WITH(validation_split, NAN, CVY_ERR_SETTING, "validation_split");
    TRAIN_WITH(threads, 0, CVY_ERR_SETTING, "threads|found 0");
    TRAIN_WITH(threads, SIZE_MAX, CVY_ERR_SETTING, "threads|1024");
    TRAIN_WITH(bind, (cvy_bind)77, CVY_ERR_SETTING, "bind|77");
    settings.callbacks = specs;
    TRAIN_WITH(callback_count, 2, CVY_ERR_SETTING, "callbacks[1] is NULL");
}

Test(refusals, null_arguments_of_training)
{
    cvy_history *history = untouched;

    expect_refusal("no model", cvy_train(NULL, data, &settings, &history), CVY_ERR_SETTING,
                   "model is NULL");
    expect_refusal("no data", cvy_train(model, NULL, &settings, &history), CVY_ERR_SETTING,
                   "data is NULL");
    expect_refusal("no settings", cvy_train(model, data, NULL, &history), CVY_ERR_SETTING,
                   "settings is NULL");
    expect_refusal("no settings", cvy_train_check(model, data, NULL, NULL), CVY_ERR_SETTING,
                   "settings is NULL");
    cr_expect_eq((void *)history, untouched);
}

Test(refusals, a_callback_that_cannot_open_its_file)
{
    char spec[600];
    const char *const specs[] = { spec };
    cvy_history *history = untouched;
    const snapshot before = take();

    snprintf(spec, sizeof spec, "csv_logger:filename=%s", scratch_path("none/log.csv"));
    settings.callbacks = specs;
    settings.callback_count = 1;
    settings.seed = 9;
    expect_refusal("csv_logger", cvy_train(model, data, &settings, &history), CVY_ERR_OPEN,
                   "csv_logger|log.csv");
    cr_expect_eq((void *)history, untouched);
    expect_unchanged("a missing folder", before);
    cvy_free(before.bytes);
}

Test(refusals, data_of_another_size)
{
    cvy_dataset *large;

    cr_assert_eq(cvy_dataset_open("digits:train=60,test=20", 1, &large), CVY_OK);
    cvy_model *small = model_make(INPUT("14,14,1") FLATTEN DENSE("10"));
    cvy_model *const kept = model;
    model = small;
    expect_train_refused(&settings, CVY_ERR_SHAPE, "28 x 28 x 1|14 x 14 x 1");
    model = kept;
    cvy_model_destroy(small);
    cvy_dataset_close(large);
}

Test(refusals, learning_rates)
{
    double rates[2] = { -1, -1 };

    expect_refusal("spec", cvy_learning_rates("cosine", 1, 1, 0, 2, rates), CVY_ERR_SETTING,
                   "cosine");
    expect_refusal("no spec", cvy_learning_rates(NULL, 1, 1, 0, 2, rates), CVY_ERR_SETTING,
                   "spec is NULL");
    expect_refusal("no room", cvy_learning_rates("0.1", 1, 1, 0, 2, NULL), CVY_ERR_SETTING,
                   "rates is NULL");
    expect_refusal("no epoch", cvy_learning_rates("0.1", 0, 1, 0, 2, rates), CVY_ERR_SETTING,
                   "steps_per_epoch");
    expect_refusal("no steps", cvy_learning_rates("0.1", 1, 0, 0, 2, rates), CVY_ERR_SETTING,
                   "steps_total");
    cr_expect_eq(rates[0], -1);
}

/* --- evaluation and prediction --- */

Test(refusals, evaluate)
{
    cvy_score *score = untouched;

    expect_refusal("no model", cvy_evaluate(NULL, data, CVY_SPLIT_TEST, 1, 1, &score),
                   CVY_ERR_SETTING, "model is NULL");
    expect_refusal("no data", cvy_evaluate(model, NULL, CVY_SPLIT_TEST, 1, 1, &score),
                   CVY_ERR_SETTING, "data is NULL");
    expect_refusal("no score", cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, 1, NULL),
                   CVY_ERR_SETTING, "score is NULL");
    expect_refusal("split", cvy_evaluate(model, data, (cvy_split)99, 1, 1, &score), CVY_ERR_SETTING,
                   "split|99");
    expect_refusal("k", cvy_evaluate(model, data, CVY_SPLIT_TEST, 0, 1, &score), CVY_ERR_SETTING,
                   "k: found 0");
    expect_refusal("no threads", cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, 0, &score),
                   CVY_ERR_SETTING, "threads: found 0");
    expect_refusal("threads", cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, 1025, &score),
                   CVY_ERR_SETTING, "threads: found 1025");
    expect_refusal("no images", cvy_evaluate(model, data, CVY_SPLIT_VALIDATION, 1, 1, &score),
                   CVY_ERR_DATA, "no images");
    cr_expect_eq((void *)score, untouched);
}

Test(refusals, predict)
{
    static unsigned char image[28 * 28];
    static float values[28 * 28];
    float outputs[10];

    for (size_t i = 0; i < 10; i++)
        outputs[i] = -1;
    values[300] = NAN;
    expect_refusal("no model", cvy_model_predict(NULL, image, 1, 1, outputs), CVY_ERR_SETTING,
                   "model is NULL");
    expect_refusal("no images", cvy_model_predict(model, NULL, 1, 1, outputs), CVY_ERR_SETTING,
                   "images is NULL");
    expect_refusal("no outputs", cvy_model_predict(model, image, 1, 1, NULL), CVY_ERR_SETTING,
                   "outputs is NULL");
    expect_refusal("no threads", cvy_model_predict(model, image, 1, 0, outputs), CVY_ERR_SETTING,
                   "threads: found 0");
    expect_refusal("count", cvy_model_predict(model, image, SIZE_MAX, 1, outputs), CVY_ERR_SETTING,
                   "count");
    expect_refusal("NaN", cvy_model_predict_floats(model, values, 1, 0, 1, 1, outputs),
                   CVY_ERR_DATA, "image 0|value 300");
    expect_refusal("count", cvy_model_predict_floats(model, values, SIZE_MAX, 0, 1, 1, outputs),
                   CVY_ERR_SETTING, "count");
    expect_refusal("range", cvy_model_predict_floats(model, values, 1, 1, 1, 1, outputs),
                   CVY_ERR_SETTING, "low|high");
    expect_refusal("no floats", cvy_model_predict_floats(model, NULL, 1, 0, 1, 1, outputs),
                   CVY_ERR_SETTING, "images is NULL");
    for (size_t i = 0; i < 10; i++)
        cr_expect_eq(outputs[i], -1);
}

/* --- models --- */

Test(refusals, creating_a_model)
{
    static const char not_json[] = "{", no_layers[] = "{\"class_name\":\"Sequential\"}";
    cvy_model *result = untouched;

    expect_refusal("no name", cvy_model_create(NULL, &result), CVY_ERR_SETTING,
                   "architecture is NULL");
    expect_refusal("no result", cvy_model_create("lenet5", NULL), CVY_ERR_SETTING, "model is NULL");
    expect_refusal("unknown", cvy_model_create("lenet6", &result), CVY_ERR_OPEN, "lenet5");
    expect_refusal("no text", cvy_model_from_json(NULL, 0, &result), CVY_ERR_SETTING,
                   "text is NULL");
    expect_refusal("not JSON", cvy_model_from_json(not_json, 1, &result), CVY_ERR_FORMAT, "JSON");
    expect_refusal("no layers", cvy_model_from_json(no_layers, strlen(no_layers), &result),
                   CVY_ERR_FORMAT, "layers");
    cr_expect_eq((void *)result, untouched);
}

Test(refusals, model_files)
{
    void *bytes = untouched;
    size_t size = 77;
    cvy_model *result = untouched;
    const snapshot whole = take();

    expect_refusal("no path", cvy_model_save(model, NULL), CVY_ERR_SETTING, "path is NULL");
    expect_refusal("no model", cvy_model_save(NULL, "m"), CVY_ERR_SETTING, "model is NULL");
    expect_refusal("no folder", cvy_model_save(model, scratch_path("none/m.safetensors")),
                   CVY_ERR_OPEN, "none");
    cr_expect_eq(scratch_count(), 0);
    expect_refusal("no model", cvy_model_save_memory(NULL, &bytes, &size), CVY_ERR_SETTING,
                   "model is NULL");
    expect_refusal("no bytes", cvy_model_save_memory(model, NULL, &size), CVY_ERR_SETTING,
                   "bytes is NULL");
    expect_refusal("no size", cvy_model_save_memory(model, &bytes, NULL), CVY_ERR_SETTING,
                   "size is NULL");
    expect_refusal("no file", cvy_model_load(scratch_path("none"), &result), CVY_ERR_OPEN, "none");
    expect_refusal("no path", cvy_model_load(NULL, &result), CVY_ERR_SETTING, "path is NULL");
    expect_refusal("no bytes", cvy_model_load_memory("m", NULL, 9, &result), CVY_ERR_SETTING,
                   "bytes is NULL");
    expect_refusal("half a file",
                   cvy_model_load_memory("half", whole.bytes, whole.size / 2, &result),
                   CVY_ERR_FORMAT, "half");
    cr_expect_eq(bytes, untouched);
    cr_expect_eq(size, 77);
    cr_expect_eq((void *)result, untouched);
    cvy_free(whole.bytes);
}

Test(refusals, weights)
{
    float values[10] = { [3] = NAN };
    char digest[65] = "-";
    const snapshot before = take();

    expect_refusal("initialize", cvy_model_initialize(NULL, 1), CVY_ERR_SETTING, "model is NULL");
    expect_refusal("digest", cvy_model_digest(NULL, digest), CVY_ERR_SETTING, "model is NULL");
    cr_expect_str_eq(digest, "-");
    expect_refusal("name", cvy_model_read_weight(model, "dense/bia", values, 10), CVY_ERR_SETTING,
                   "dense/bia|did you mean|dense/bias");
    expect_refusal("count", cvy_model_read_weight(model, "dense/bias", values, 9), CVY_ERR_SHAPE,
                   "dense/bias|9|10");
    expect_refusal("NULL", cvy_model_read_weight(model, NULL, values, 9), CVY_ERR_SETTING,
                   "name is NULL");
    cr_expect(values[0] == 0 && isnan(values[3]));
    expect_refusal("NaN", cvy_model_write_weight(model, "dense/bias", values, 10), CVY_ERR_DATA,
                   "dense/bias|value 3");
    expect_refusal("count", cvy_model_write_weight(model, "dense/bias", values, 11), CVY_ERR_SHAPE,
                   "11|10");
    expect_refusal("NULL", cvy_model_write_weight(NULL, "dense/bias", values, 10), CVY_ERR_SETTING,
                   "model is NULL");
    expect_unchanged("a refused weight", before);
    cvy_free(before.bytes);
}

Test(refusals, builder)
{
    cvy_model_builder *builder = untouched;
    cvy_model *result = untouched;
    const cvy_shape image = { 3, { 8, 8, 1 } };

    expect_refusal("rank", cvy_model_builder_create("m", (cvy_shape){ 2, { 3, 3 } }, &builder),
                   CVY_ERR_SHAPE, "rank 2");
    expect_refusal("size", cvy_model_builder_create("m", (cvy_shape){ 3, { 0, 8, 1 } }, &builder),
                   CVY_ERR_SHAPE, "batch_shape");
    expect_refusal("name", cvy_model_builder_create("", image, &builder), CVY_ERR_SETTING, "name");
    expect_refusal("NULL", cvy_model_builder_create("m", image, NULL), CVY_ERR_SETTING,
                   "builder is NULL");
    cr_expect_eq((void *)builder, untouched);

    cr_assert_eq(cvy_model_builder_create("m", image, &builder), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(cvy_model_builder_add(builder, "conv2d:filters=2,kernel_size=3,name=c"), CVY_OK);
    expect_refusal("unknown", cvy_model_builder_add(builder, "conv3d:filters=2"), CVY_ERR_SETTING,
                   "conv3d|conv2d");
    expect_refusal("value", cvy_model_builder_add(builder, "dropout:rate=2"), CVY_ERR_SETTING,
                   "rate");
    expect_refusal("missing", cvy_model_builder_add(builder, "dense"), CVY_ERR_SETTING, "units");
    expect_refusal("size", cvy_model_builder_add(builder, "max_pooling2d:pool_size=9"),
                   CVY_ERR_SHAPE, "9");
    expect_refusal("twice", cvy_model_builder_add(builder, "flatten:name=c"), CVY_ERR_SETTING,
                   "used twice");
    expect_refusal("nested", cvy_model_builder_add(builder, "dense:units=2,bias_regularizer=l2:x"),
                   CVY_ERR_SETTING, "dense");
    expect_refusal("NULL", cvy_model_builder_add(builder, NULL), CVY_ERR_SETTING, "layer is NULL");
    expect_refusal("image", cvy_model_builder_finish(builder, &result), CVY_ERR_SHAPE, "vector");
    cr_expect_eq((void *)result, untouched);

    cr_assert_eq(cvy_model_builder_add(builder, "flatten"), CVY_OK, "%s", cvy_error_message());
    cr_assert_eq(cvy_model_builder_add(builder, "dense:units=3"), CVY_OK);
    cr_assert_eq(cvy_model_builder_finish(builder, &result), CVY_OK);
    cr_expect_eq(cvy_model_layer_count(result), 3); /* of the refused layers there is no trace */
    cvy_model_destroy(result);
    cvy_model_builder_destroy(builder);
}

/* --- kinds and kernels --- */

Test(refusals, kinds_and_specs)
{
    const cvy_kinds *kinds = untouched;
    cvy_spec *spec = untouched;

    expect_refusal("group", cvy_kinds_get((cvy_kind_group)99, &kinds), CVY_ERR_SETTING, "group");
    expect_refusal("NULL", cvy_kinds_get(CVY_KINDS_LAYERS, NULL), CVY_ERR_SETTING, "NULL");
    expect_refusal("group", cvy_spec_resolve(CVY_KINDS_MODELS, "lenet5", &spec), CVY_ERR_SETTING,
                   "group");
    expect_refusal("name", cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, "adem", &spec), CVY_ERR_SETTING,
                   "adam");
    expect_refusal("both",
                   cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, "adam:clipnorm=1,clipvalue=1", &spec),
                   CVY_ERR_SETTING, "clipvalue|clipnorm");
    expect_refusal("rate", cvy_spec_resolve(CVY_KINDS_SCHEDULES, "-1", &spec), CVY_ERR_SETTING,
                   "-1");
    expect_refusal("callback",
                   cvy_spec_resolve(CVY_KINDS_CALLBACKS, "model_checkpoint:filepath=x", &spec),
                   CVY_ERR_SETTING, "filepath");
    expect_refusal("NULL", cvy_spec_resolve(CVY_KINDS_LOSSES, NULL, &spec), CVY_ERR_SETTING,
                   "text is NULL");
    cr_expect_eq((const void *)kinds, untouched);
    cr_expect_eq((void *)spec, untouched);
}

Test(refusals, kernels_that_there_are_not)
{
    const char *gemm = "-", *isa = "-";

    setenv("CONVOY_GEMM", "magic", 1);
    expect_refusal("CONVOY_GEMM", cvy_kernels_selected(&gemm, &isa), CVY_ERR_SETTING,
                   "CONVOY_GEMM|magic");
    TRAIN_WITH(seed, 3, CVY_ERR_SETTING, "CONVOY_GEMM|magic");
    unsetenv("CONVOY_GEMM");
    cr_expect_str_eq(gemm, "-");
    cr_expect_str_eq(isa, "-");
}

Test(refusals, questions_about_nothing_have_empty_answers)
{
    cr_expect_null(cvy_model_name(NULL));
    cr_expect_null(cvy_model_json(NULL));
    cr_expect_eq(cvy_model_input(NULL).rank, 0);
    cr_expect_eq(cvy_model_output_count(NULL), 0);
    cr_expect_eq(cvy_model_layer_count(NULL), 0);
    cr_expect_null(cvy_model_layer(NULL, 0));
    cr_expect_null(cvy_model_layer(model, 2));
    cr_expect_null(cvy_model_weight_info(model, 2));
    cr_expect_eq(cvy_model_flops(NULL, true), 0);
    cr_expect_null(cvy_model_training_record(NULL));
    cr_expect_null(cvy_spec_value(NULL, "x"));
    cvy_model_destroy(NULL);
    cvy_model_builder_destroy(NULL);
    cvy_history_destroy(NULL);
    cvy_score_destroy(NULL);
    cvy_train_plan_destroy(NULL);
    cvy_spec_destroy(NULL);
    cvy_free(NULL);
}
