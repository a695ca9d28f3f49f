/* Every public function that can fail refuses NULL and numbers out of range with a sentence, and writes
 * nothing; every other one answers NULL with nothing. The library is called as a program calls it. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"

static cvy_dataset *data;
static cvy_model *model;

static void open_all(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=40,test=10", 1, &data), CVY_OK);
    cr_assert_eq(cvy_model_create("mlp", &model), CVY_OK);
}

static void close_all(void)
{
    cvy_dataset_close(data);
    cvy_model_destroy(model);
}

TestSuite(refusals, .init = open_all, .fini = close_all);

/* Leaves a known sentence, so that the next one is known to be new. */
static void forget_message(void)
{
    cvy_spec *spec;

    cr_assert_neq(cvy_spec_resolve(CVY_KINDS_LOSSES, "forgotten", &spec), CVY_OK);
}

#define REFUSED(call)                                                                              \
    do {                                                                                           \
        forget_message();                                                                          \
        const cvy_status status = (call);                                                          \
        cr_expect_neq(status, CVY_OK, "%s", #call);                                                \
        cr_expect(cvy_error_message()[0] != '\0' &&                                                \
                      strstr(cvy_error_message(), "forgotten") == NULL,                            \
                  "%s: no sentence of its own: %s", #call, cvy_error_message());                   \
    } while (0)

Test(refusals, of_data_sets)
{
    cvy_dataset *made = NULL;
    cvy_dataset_options options, unset = { 0 };
    const cvy_dataset *const with_null[] = { data, NULL };
    char digest[CVY_DIGEST_TEXT_BYTES];

    cvy_dataset_options_init(&options);
    REFUSED(cvy_dataset_open(NULL, 1, &made));
    REFUSED(cvy_dataset_open("digits", 0, &made));
    REFUSED(cvy_dataset_open("digits", 1, NULL));
    REFUSED(cvy_dataset_open_with("digits", NULL, &made));
    REFUSED(cvy_dataset_open_with("digits", &unset, &made));
    REFUSED(cvy_dataset_open_with(NULL, &options, &made));
    options.parts = 0;
    REFUSED(cvy_dataset_open_with("digits", &options, &made));
    REFUSED(cvy_dataset_from_arrays(NULL, &made));
    static const unsigned char pixels[2 * 4] = { 0 };
    static const uint16_t labels[2] = { 0, 1 };
    static const char *const twice[] = { "a", "a" }, *const one[] = { "a", NULL };
    cvy_arrays arrays;
    cvy_arrays_init(&arrays);
    arrays.height = arrays.width = arrays.class_count = 2;
    arrays.train = (cvy_array_part){ .count = 2, .bytes = pixels, .labels = labels };
    arrays.class_names = twice;
    REFUSED(cvy_dataset_from_arrays(&arrays, &made));
    arrays.class_names = one;
    REFUSED(cvy_dataset_from_arrays(&arrays, &made));
    options.parts = 0xff;
    REFUSED(cvy_dataset_open_with("digits", &options, &made));
    cvy_dataset_options_init(&options);
    options.polarity = (cvy_polarity)7;
    REFUSED(cvy_dataset_open_with("digits", &options, &made));
    cvy_dataset_options_init(&options);
    options.resize_width = 5;
    REFUSED(cvy_dataset_open_with("digits", &options, &made));
    cvy_dataset_options_init(&options);
    options.class_names = one;
    options.class_count = 2;
    REFUSED(cvy_dataset_open_with("digits", &options, &made));
    cvy_dataset_options_init(&options);
    REFUSED(cvy_dataset_join(NULL, 1, &made));
    REFUSED(cvy_dataset_join(with_null, 0, &made));
    REFUSED(cvy_dataset_join(with_null, 2, &made));
    REFUSED(cvy_dataset_join(with_null, 1, NULL));
    REFUSED(cvy_dataset_with_validation(NULL, data, &made));
    REFUSED(cvy_dataset_with_validation(data, NULL, &made));
    REFUSED(cvy_dataset_with_validation(data, data, NULL));
    REFUSED(cvy_dataset_divide(NULL, 0.1, 0, &made));
    REFUSED(cvy_dataset_divide(data, 1, 0, &made));
    REFUSED(cvy_dataset_divide(data, 0.1, 0, NULL));
    REFUSED(cvy_dataset_fold(NULL, 2, 0, 0, &made));
    REFUSED(cvy_dataset_fold(data, 2, 2, 0, &made));
    REFUSED(cvy_dataset_fold(data, 2, 0, 0, NULL));
    REFUSED(cvy_dataset_digest(NULL, digest));
    REFUSED(cvy_dataset_digest(data, NULL));
    cr_expect_null(made);
}

Test(refusals, of_files_of_data_sets)
{
    cvy_dataset_report *report = NULL;
    unsigned char *pixels = NULL;
    size_t count, height, width;
    cvy_fetch_options options, unset = { 0 };
    const char *const flip[] = { "random_flip", NULL }, *const unknown[] = { "no_such_kind" };
    const char *const mirrors[] = { NULL };

    cvy_fetch_options_init(&options);
    REFUSED(cvy_dataset_write(NULL, "npz", "/nowhere/a.npz", false, 1));
    REFUSED(cvy_dataset_write(data, NULL, "/nowhere/a.npz", false, 1));
    REFUSED(cvy_dataset_write(data, "npz", NULL, false, 1));
    REFUSED(cvy_dataset_write(data, "paper", "/nowhere/a.npz", false, 1));
    REFUSED(cvy_dataset_write(data, "npz", "/nowhere/a.npz", false, 0));
    REFUSED(cvy_dataset_preview(NULL, CVY_SPLIT_TRAIN, "/nowhere/a.png", 1));
    REFUSED(cvy_dataset_preview(data, (cvy_split)17, "/nowhere/a.png", 1));
    REFUSED(cvy_dataset_preview(data, CVY_SPLIT_TRAIN, NULL, 1));
    REFUSED(cvy_dataset_preview(data, CVY_SPLIT_TRAIN, "/nowhere/a.png", 0));
    REFUSED(
        cvy_dataset_preview_augmented(NULL, CVY_SPLIT_TRAIN, "/nowhere/a.png", 1, flip, 1, 1, 0));
    REFUSED(cvy_dataset_preview_augmented(data, CVY_SPLIT_TRAIN, NULL, 1, flip, 1, 1, 0));
    REFUSED(
        cvy_dataset_preview_augmented(data, CVY_SPLIT_TRAIN, "/nowhere/a.png", 1, NULL, 1, 1, 0));
    REFUSED(
        cvy_dataset_preview_augmented(data, CVY_SPLIT_TRAIN, "/nowhere/a.png", 1, flip, 2, 1, 0));
    REFUSED(
        cvy_dataset_preview_augmented(data, CVY_SPLIT_TRAIN, "/nowhere/a.png", 1, flip, 1, 0, 0));
    REFUSED(cvy_dataset_preview_augmented(data, CVY_SPLIT_TRAIN, "/nowhere/a.png", 1, flip, 1,
                                          SIZE_MAX, 0));
    REFUSED(cvy_dataset_preview_augmented(data, CVY_SPLIT_TRAIN, "/nowhere/a.png", 1, unknown, 1, 1,
                                          0));
    REFUSED(cvy_dataset_fetch(NULL, "/nowhere/a", &options));
    REFUSED(cvy_dataset_fetch("mnist", NULL, &options));
    REFUSED(cvy_dataset_fetch("mnist", "/nowhere/a", NULL));
    REFUSED(cvy_dataset_fetch("mnist", "/nowhere/a", &unset));
    REFUSED(cvy_dataset_fetch("no such data", "/nowhere/a", &options));
    options.mirror_count = 1;
    REFUSED(cvy_dataset_fetch("mnist", "/nowhere/a", &options));
    options.mirrors = mirrors;
    REFUSED(cvy_dataset_fetch("mnist", "/nowhere/a", &options));
    REFUSED(cvy_dataset_check(NULL, &report));
    REFUSED(cvy_dataset_check(data, NULL));
    REFUSED(cvy_images_read(NULL, &count, &height, &width, &pixels));
    REFUSED(cvy_images_read("/nowhere/a.idx", NULL, &height, &width, &pixels));
    REFUSED(cvy_images_read("/nowhere/a.idx", &count, &height, &width, &pixels));
    cr_expect(report == NULL && pixels == NULL);
}

Test(refusals, of_models)
{
    cvy_model *made = NULL;
    cvy_model_builder *builder = NULL;
    char before[65], after[65];
    void *bytes = NULL;
    size_t size = 0, count = 0;
    float values[4] = { 0 };
    const unsigned char image[28 * 28] = { 0 };

    cr_assert_eq(cvy_model_initialize(model, 3), CVY_OK);
    cr_assert_eq(cvy_model_digest(model, before), CVY_OK);
    REFUSED(cvy_model_create(NULL, &made));
    REFUSED(cvy_model_create("mlp", NULL));
    REFUSED(cvy_model_create("no such model", &made));
    REFUSED(cvy_model_create_for(NULL, data, &made));
    REFUSED(cvy_model_create_for("lenet5", data, NULL));
    REFUSED(cvy_model_create_for("no such model", data, &made));
    REFUSED(cvy_model_from_json(NULL, 3, &made));
    REFUSED(cvy_model_from_json("{}", 2, NULL));
    REFUSED(cvy_model_from_json("{}", 0, &made));
    REFUSED(cvy_model_builder_create("m", (cvy_shape){ 0 }, &builder));
    REFUSED(cvy_model_builder_create("m", (cvy_shape){ 1, { 4 } }, NULL));
    REFUSED(cvy_model_builder_add(NULL, "flatten"));
    REFUSED(cvy_model_builder_finish(NULL, &made));
    REFUSED(cvy_model_initialize(NULL, 0));
    REFUSED(cvy_model_load(NULL, &made));
    REFUSED(cvy_model_load("/nowhere/m.safetensors", NULL));
    REFUSED(cvy_model_save(NULL, "/nowhere/m.safetensors"));
    REFUSED(cvy_model_save(model, NULL));
    REFUSED(cvy_model_load_memory("m", NULL, 8, &made));
    REFUSED(cvy_model_load_memory("m", "", 0, &made));
    REFUSED(cvy_model_save_memory(NULL, &bytes, &size));
    REFUSED(cvy_model_save_memory(model, NULL, &size));
    REFUSED(cvy_model_digest(NULL, after));
    REFUSED(cvy_model_read_weight(NULL, "dense/kernel", values, 4));
    REFUSED(cvy_model_read_weight(model, NULL, values, 4));
    REFUSED(cvy_model_read_weight(model, "dense/kernel", values, 4));
    REFUSED(cvy_model_write_weight(NULL, "dense/kernel", values, 4));
    REFUSED(cvy_model_write_weight(model, "dense/kernel", NULL, 4));
    REFUSED(cvy_model_write_weight(model, "dense/kernel", values, 4));
    REFUSED(cvy_model_read_weights(NULL, "/nowhere/w.h5"));
    REFUSED(cvy_model_read_weights(model, NULL));
    REFUSED(cvy_model_read_weights(model, "/nowhere/w.h5"));
    REFUSED(cvy_model_predict(NULL, image, 1, 1, values));
    REFUSED(cvy_model_predict(model, image, SIZE_MAX, 1, values));
    REFUSED(cvy_model_predict(model, image, 1, SIZE_MAX, values));
    REFUSED(cvy_model_predict(model, NULL, 1, 1, values));
    REFUSED(cvy_model_predict(model, image, 1, 0, values));
    REFUSED(cvy_model_predict(model, image, 1, 1, NULL));
    REFUSED(cvy_model_predict_floats(model, NULL, 1, 0, 1, 1, values));
    REFUSED(cvy_model_predict_floats(model, values, 1, 1, 1, 1, values));
    REFUSED(cvy_model_predict_floats(model, values, 1, 0, NAN, 1, values));
    REFUSED(cvy_model_predict_floats(model, values, 1, -INFINITY, 1, 1, values));
    REFUSED(cvy_model_set_trainable(NULL, "*", false, &count));
    REFUSED(cvy_model_set_trainable(model, NULL, false, &count));
    REFUSED(cvy_model_with_classes(NULL, 3, NULL, 0, &made));
    REFUSED(cvy_model_with_classes(model, 3, NULL, 0, NULL));
    REFUSED(cvy_model_with_classes(model, 2, (const char *const[]){ "a", NULL }, 0, &made));
    REFUSED(cvy_model_with_classes(model, SIZE_MAX, (const char *const[]){ "a", "b" }, 0, &made));
    cr_assert_eq(cvy_model_digest(model, after), CVY_OK);
    cr_expect_str_eq(before, after);
    cr_expect(made == NULL && builder == NULL && bytes == NULL);
}

Test(refusals, of_training_and_scoring)
{
    cvy_train_settings settings;
    cvy_train_plan *plan = NULL;
    cvy_history *history = NULL;
    cvy_evaluate_options options;
    cvy_score *score = NULL;
    cvy_optimizer *optimizer = NULL;
    double rates[2];
    char before[65], after[65];

    cvy_train_settings_init(&settings);
    cr_assert_eq(cvy_model_digest(model, before), CVY_OK);
    REFUSED(cvy_train(NULL, data, &settings, &history));
    REFUSED(cvy_train(model, NULL, &settings, &history));
    REFUSED(cvy_train_check(model, data, NULL, &plan));
    cr_expect_eq(cvy_train_check(NULL, NULL, &settings, NULL), CVY_OK); /* both are optional */
    settings.threads = 0;
    REFUSED(cvy_train_check(model, data, &settings, &plan));
    REFUSED(cvy_train(model, data, &settings, &history));
    cvy_train_settings_init(&settings);
    settings.optimizer = NULL;
    REFUSED(cvy_train(model, data, &settings, &history));
    cvy_train_settings_init(&settings);
    settings.struct_bytes = 0;
    REFUSED(cvy_train(model, data, &settings, &history));
    REFUSED(cvy_evaluate(NULL, data, CVY_SPLIT_TEST, 1, 1, &score));
    REFUSED(cvy_evaluate(model, NULL, CVY_SPLIT_TEST, 1, 1, &score));
    REFUSED(cvy_evaluate(model, data, (cvy_split)-1, 1, 1, &score));
    REFUSED(cvy_evaluate(model, data, CVY_SPLIT_TEST, 0, 1, &score));
    REFUSED(cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, 0, &score));
    REFUSED(cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, 1, NULL));
    REFUSED(cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, SIZE_MAX, &score));
    cvy_evaluate_options_init(&options);
    REFUSED(cvy_evaluate_with(NULL, data, &options, &score));
    REFUSED(cvy_evaluate_with(model, NULL, &options, &score));
    REFUSED(cvy_evaluate_with(model, data, NULL, &score));
    REFUSED(cvy_evaluate_with(model, data, &options, NULL));
    options.metrics = "accuracy,nothing";
    REFUSED(cvy_evaluate_with(model, data, &options, &score));
    options.struct_bytes = 0;
    REFUSED(cvy_evaluate_with(model, data, &options, &score));
    REFUSED(cvy_evaluate_until(NULL, data, CVY_SPLIT_TEST, 1, 1, NULL, NULL, &score));
    REFUSED(cvy_evaluate_until(model, NULL, CVY_SPLIT_TEST, 1, 1, NULL, NULL, &score));
    REFUSED(cvy_evaluate_until(model, data, CVY_SPLIT_TEST, 1, 0, NULL, NULL, &score));
    REFUSED(cvy_evaluate_until(model, data, CVY_SPLIT_TEST, 1, 1, NULL, NULL, NULL));
    REFUSED(cvy_evaluate_together(NULL, NULL, data, CVY_SPLIT_TEST, 1, 1, &score));
    REFUSED(cvy_evaluate_together(NULL, model, data, CVY_SPLIT_TEST, 0, 1, &score));
    REFUSED(cvy_comm_open(NULL));
    REFUSED(cvy_comm_narrow(NULL, 0));
    REFUSED(cvy_comm_broadcast(NULL, NULL, 1, 0));
    REFUSED(cvy_comm_ping(NULL, 1, 1, 1, NULL));
    REFUSED(cvy_comm_time_exchange(NULL, 1, 1, NULL));
    REFUSED(cvy_comm_share_file(NULL, NULL, true, NULL));
    REFUSED(cvy_comm_any(NULL, NULL));
    REFUSED(cvy_comm_check_alike(NULL, model, NULL));
    REFUSED(cvy_comm_agree(NULL, cvy_train(NULL, data, &settings, &history)));
    REFUSED(cvy_optimizer_create(NULL, NULL, 1, 4, &optimizer));
    REFUSED(cvy_optimizer_create("adam", NULL, 0, 4, &optimizer));
    REFUSED(cvy_optimizer_create("adam", NULL, 1, SIZE_MAX, &optimizer));
    REFUSED(cvy_optimizer_create("adam", "nan", 1, 4, &optimizer));
    REFUSED(cvy_optimizer_create("adam", NULL, 1, 0, &optimizer));
    REFUSED(cvy_optimizer_create("adam", NULL, 1, 4, NULL));
    REFUSED(cvy_optimizer_update(NULL, NULL, NULL));
    REFUSED(cvy_learning_rates(NULL, 1, 2, 0, 2, rates));
    REFUSED(cvy_learning_rates("0.1", 1, 2, 0, 2, NULL));
    REFUSED(cvy_learning_rates("0.1", 1, 2, 0, SIZE_MAX, rates));
    REFUSED(cvy_learning_rates("0.1", 1, 2, SIZE_MAX, 2, rates));
    cr_assert_eq(cvy_model_digest(model, after), CVY_OK);
    cr_expect_str_eq(before, after);
    cr_expect(plan == NULL && history == NULL && score == NULL && optimizer == NULL);
}

Test(refusals, of_pictures_and_kinds)
{
    cvy_picture_options options, unset = { 0 };
    cvy_inputs *inputs = NULL;
    const cvy_kinds *kinds = NULL;
    cvy_spec *spec = NULL;

    cvy_picture_options_init(&options);
    REFUSED(cvy_inputs_read(NULL, &options, &inputs));
    REFUSED(cvy_inputs_read("/nowhere/a.png", NULL, &inputs));
    REFUSED(cvy_inputs_read("/nowhere/a.png", &options, NULL));
    REFUSED(cvy_inputs_decode("a", NULL, 4, &options, &inputs));
    REFUSED(cvy_inputs_decode("a", "abcd", 4, &unset, &inputs));
    REFUSED(cvy_picture_write_png(NULL, (const unsigned char *)"a", 1, 1, 1));
    REFUSED(cvy_picture_write_png("/nowhere/a.png", NULL, 1, 1, 1));
    REFUSED(cvy_picture_write_png("a.png", (const unsigned char *)"a", 0, 1, 1));
    REFUSED(cvy_picture_write_png("a.png", (const unsigned char *)"a", SIZE_MAX, 2, 1));
    REFUSED(cvy_picture_write_png("a.png", (const unsigned char *)"abcd", 1, 1, 2));
    options.invert = (cvy_invert)9;
    REFUSED(cvy_inputs_decode("a", "abcd", 4, &options, &inputs));
    cvy_picture_options_init(&options);
    options.polarity = (cvy_polarity)9;
    REFUSED(cvy_inputs_decode("a", "abcd", 4, &options, &inputs));
    cvy_picture_options_init(&options);
    REFUSED(cvy_kinds_get(CVY_KINDS_COUNT, &kinds));
    REFUSED(cvy_kinds_get(CVY_KINDS_LOSSES, NULL));
    REFUSED(cvy_spec_resolve(CVY_KINDS_MODELS, "mlp", &spec));
    REFUSED(cvy_spec_resolve(CVY_KINDS_LOSSES, NULL, &spec));
    cr_expect(inputs == NULL && kinds == NULL && spec == NULL);
}

Test(refusals, of_kernels_that_there_are_not)
{
    const char *gemm = NULL, *isa = NULL;

    setenv("CONVOY_ISA", "abacus", 1);
    REFUSED(cvy_kernels_selected(&gemm, &isa));
    unsetenv("CONVOY_ISA");
    cr_expect(gemm == NULL && isa == NULL);
}

Test(refusals, questions_about_null_have_answers)
{
    size_t width = 1, height = 1;

    cvy_dataset_options_init_sized(NULL, 8);
    cvy_picture_options_init_sized(NULL, 8);
    cvy_train_settings_init_sized(NULL, 8);
    cvy_arrays_init_sized(NULL, 8);
    cvy_arrays_init_parts(NULL, 8, 8);
    cvy_fetch_options_init_sized(NULL, 8);
    cvy_dataset_describe_sized(NULL, NULL, 8);
    cvy_inputs_info_sized(NULL, 0, NULL, 8);
    cvy_dataset_close(NULL);
    cvy_dataset_report_destroy(NULL);
    cvy_model_destroy(NULL);
    cvy_model_builder_destroy(NULL);
    cvy_inputs_destroy(NULL);
    cvy_spec_destroy(NULL);
    cvy_score_destroy(NULL);
    cvy_history_destroy(NULL);
    cvy_train_plan_destroy(NULL);
    cvy_optimizer_destroy(NULL);
    cvy_images_free(NULL);
    cvy_free(NULL);
    cvy_model_prepare(NULL, NULL);
    cr_expect_eq(cvy_dataset_describe(NULL).train_count, 0);
    cr_expect_eq(cvy_dataset_count(NULL, CVY_SPLIT_TRAIN), 0);
    cr_expect_eq(cvy_dataset_count(data, (cvy_split)17), 0);
    cr_expect_eq(cvy_dataset_left_out_count(NULL), 0);
    cr_expect_null(cvy_dataset_left_out(NULL, 0));
    cr_expect_null(cvy_dataset_image(NULL, CVY_SPLIT_TRAIN, 0));
    cr_expect_null(cvy_dataset_image(data, CVY_SPLIT_TRAIN, 40));
    cr_expect_eq(cvy_dataset_label(data, CVY_SPLIT_TEST, 10), 0);
    cr_expect_null(cvy_dataset_class_name(data, 10));
    cr_expect_null(cvy_dataset_format_summary(NULL));
    cr_expect_null(cvy_dataset_format(1000));
    cr_expect(!cvy_images_are_in(NULL));
    cr_expect_null(cvy_model_name(NULL));
    cr_expect_null(cvy_model_json(NULL));
    cr_expect_eq(cvy_model_input(NULL).rank, 0);
    cr_expect_eq(cvy_model_output_count(NULL), 0);
    cr_expect_null(cvy_model_builtin(1000));
    cr_expect_eq(cvy_model_layer_count(NULL), 0);
    cr_expect_eq(cvy_model_weight_count(NULL), 0);
    cr_expect_eq(cvy_model_parameter_count(NULL), 0);
    cr_expect_eq(cvy_model_trained_count(NULL), 0);
    cr_expect_eq(cvy_model_flops(NULL, true), 0);
    cr_expect_null(cvy_model_class_name(NULL, 0));
    cr_expect_str_eq(cvy_model_class_name(model, 1000), "1000");
    cr_expect_eq(cvy_model_find_class(NULL, "1"), SIZE_MAX);
    cr_expect_eq(cvy_model_find_class(model, NULL), SIZE_MAX);
    cr_expect_null(cvy_model_compiled_optimizer(NULL));
    cr_expect_null(cvy_model_loss_spec(NULL));
    cr_expect_null(cvy_model_training_record(NULL));
    cr_expect_null(cvy_model_configuration(NULL));
    cr_expect_null(cvy_model_layer(NULL, 0));
    cr_expect_null(cvy_model_layer(model, 1000));
    cr_expect_null(cvy_model_weight_info(NULL, 0));
    cr_expect_eq(cvy_model_polarity(NULL), CVY_POLARITY_NONE);
    cr_expect_null(cvy_model_normalization(NULL));
    cr_expect(!cvy_model_is_trainable(NULL, 0));
    cr_expect_eq(cvy_inputs_count(NULL), 0);
    cr_expect_eq(cvy_inputs_others(NULL), 0);
    cr_expect_null(cvy_inputs_images(NULL));
    cr_expect_null(cvy_inputs_report(NULL, 0));
    cr_expect_eq(cvy_inputs_info(NULL, 0).right, 0);
    cr_expect_null(cvy_inputs_picture(NULL, &width, &height));
    cr_expect(!cvy_picture_is(NULL, 16));
    cr_expect_null(cvy_picture_other_kind(NULL, 16));
    cr_expect_null(cvy_spec_value(NULL, "rate"));
    cr_expect_null(cvy_dataset_remote(1000));
    cvy_comm_close(NULL);
    cvy_comm_end_all(NULL, 1);
    cvy_comm_times_sized(NULL, NULL, 8);
    cr_expect_eq(cvy_comm_launched(), 1);
    cr_expect_eq(cvy_comm_started(NULL), 1);
    cr_expect(!cvy_comm_has_failed(NULL));
    cr_expect(cvy_comm_meet(NULL, 0));
    cvy_evaluate_options_init_sized(NULL, 8);
    cr_expect_eq(cvy_comm_rank(NULL), 0);
    cr_expect_eq(cvy_comm_size(NULL), 1);
    cr_expect_str_eq(cvy_comm_library(NULL), "none");
    cr_expect_str_neq(cvy_status_text((cvy_status)1000), "");
    cr_expect_str_eq(cvy_version(), CVY_VERSION_STRING);
    cr_expect_geq(cvy_threads_recommended()->recommended, 1);
}
