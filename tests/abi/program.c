/* A program that was built against the frozen headers of this folder and runs with today's library: it
 * trains, watches, evaluates, saves, loads and predicts through the structs of those headers. */
#include <convoy/convoy.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "abi: %s: %s\n", what, cvy_error_message());
    exit(1);
}

static void on_epoch(void *context, cvy_moment *moment)
{
    size_t *epochs = context;

    check(moment->epoch->epoch == *epochs + 1, "epochs are counted");
    check(moment->progress->epoch_count == 3, "progress is in the moment");
    check(moment->learning_rate > 0 && !moment->has_schedule, "the learning rate");
    ++*epochs;
}

/* What an even older program had: a struct that ends after the batch size. */
typedef struct {
    size_t struct_bytes;
    const char *optimizer, *learning_rate, *loss, *class_weight;
    const char *const *callbacks;
    size_t callback_count, epochs, batch_size;
} older_settings;

static void train_with_older_settings(cvy_model *model, const cvy_dataset *data)
{
    struct {
        older_settings settings;
        unsigned char rest[512]; /* must be neither read nor written */
    } older;
    cvy_history *history = NULL;

    memset(&older, 0xa5, sizeof older);
    cvy_train_settings_init_sized((cvy_train_settings *)(void *)&older.settings,
                                  sizeof older.settings);
    check(older.rest[0] == 0xa5, "init writes nothing behind the struct");
    check(strcmp(older.settings.optimizer, "adam") == 0, "defaults are set");
    older.settings.epochs = 1;
    older.settings.batch_size = 50;
    check(cvy_train(model, data, (const cvy_train_settings *)(const void *)&older.settings,
                    &history) == CVY_OK,
          "training with the older settings");
    check(history->steps == 4 && history->epoch_count == 1, "an epoch of four updates");
    cvy_history_destroy(history);
}

static void train(cvy_model *model, const cvy_dataset *data)
{
    static const char *const callbacks[] = { "early_stopping:monitor=loss,patience=5" };
    cvy_train_settings settings;
    cvy_train_plan *plan;
    cvy_history *history;
    size_t epochs = 0;

    cvy_train_settings_init(&settings);
    settings.optimizer = "sgd:momentum=0.9";
    settings.callbacks = callbacks;
    settings.callback_count = 1;
    settings.epochs = 3;
    settings.validation_split = 0.25;
    settings.seed = 7;
    settings.measure_times = true;
    settings.on_epoch = on_epoch;
    settings.context = &epochs;
    check(cvy_train_check(model, data, &settings, &plan) == CVY_OK, "check");
    check(plan->train_count == 150 && plan->validation_count == 50 && plan->steps == 9, "plan");
    check(cvy_train(model, data, &settings, &history) == CVY_OK, "train");
    check(epochs == 3 && history->epoch_count == 3, "three epochs");
    check(history->epochs[2]->has_validation && history->epochs[2]->epoch == 3, "the last epoch");
    check(history->epochs[2]->loss < history->epochs[0]->loss, "the loss falls");
    check(history->times != NULL && history->times->steps == 9, "times");
    check(strcmp(history->gemm, plan->gemm) == 0, "kernels");
    cvy_train_plan_destroy(plan);
    cvy_history_destroy(history);
}

static void use(const cvy_model *model, const cvy_dataset *data)
{
    float outputs[10];
    cvy_score *score;
    cvy_model *copy;
    void *bytes;
    size_t size;
    char digests[2][65];

    check(cvy_evaluate(model, data, CVY_SPLIT_TEST, 2, 1, &score) == CVY_OK, "evaluate");
    check(score->image_count == 20 && score->class_count == 10, "score");
    check(score->classes[0]->support <= 20 && score->accuracy <= score->top_k, "classes");
    cvy_score_destroy(score);
    check(cvy_model_save_memory(model, &bytes, &size) == CVY_OK, "save");
    check(cvy_model_load_memory("copy", bytes, size, &copy) == CVY_OK, "load");
    cvy_free(bytes);
    check(cvy_model_digest(model, digests[0]) == CVY_OK, "digest");
    check(cvy_model_digest(copy, digests[1]) == CVY_OK, "digest of the copy");
    check(strcmp(digests[0], digests[1]) == 0, "the same weights");
    const unsigned char *image = cvy_dataset_image(data, CVY_SPLIT_TEST, 0);
    check(cvy_model_predict(copy, image, 1, 1, outputs) == CVY_OK, "predict");
    float sum = 0;
    for (size_t i = 0; i < 10; i++)
        sum += outputs[i];
    check(fabsf(sum - 1) < 1e-4f, "probabilities");
    check(cvy_model_layer(copy, 1)->parameters > 0, "layers");
    check(cvy_model_weight_info(copy, 0)->count > 0, "weights");
    cvy_model_destroy(copy);
}

static void arrays_of_this_header(void)
{
    static const unsigned char pixels[3 * 4] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    static const float grey[2 * 4] = { 0, 1 };
    static const uint16_t labels[] = { 1, 0, 2 };
    struct {
        cvy_dataset_info info;
        unsigned char after[64];
    } described;
    cvy_arrays arrays;
    cvy_dataset *data;

    cvy_arrays_init(&arrays);
    arrays.height = arrays.width = 2;
    arrays.train.count = 3, arrays.train.bytes = pixels, arrays.train.labels = labels;
    arrays.validation.count = 1, arrays.validation.floats = grey, arrays.validation.labels = labels;
    arrays.test.count = 2, arrays.test.floats = grey, arrays.test.labels = labels;
    check(cvy_dataset_from_arrays(&arrays, &data) == CVY_OK, "arrays");
    memset(&described, 0x5a, sizeof described);
    described.info = cvy_dataset_describe(data);
    check(described.info.train_count == 3 && described.info.test_count == 2 &&
              described.info.validation_count == 1 && described.info.class_count == 3,
          "a data set of arrays is described");
    for (size_t i = 0; i < sizeof described.after; i++)
        check(described.after[i] == 0x5a, "nothing is written beyond the struct of this header");
    check(cvy_dataset_image(data, CVY_SPLIT_TEST, 0)[1] == 255, "floats of a part");
    cvy_dataset_close(data);
}

int main(void)
{
    const cvy_kinds *kinds;
    cvy_spec *spec;
    cvy_dataset *data;
    cvy_model *model;

    check(cvy_kinds_get(CVY_KINDS_OPTIMIZERS, &kinds) == CVY_OK && kinds->count > 0, "kinds");
    check(cvy_spec_resolve(CVY_KINDS_OPTIMIZERS, "adam", &spec) == CVY_OK, "spec");
    check(cvy_spec_value(spec, "beta_1")->numbers[0] == 0.9, "a value");
    cvy_spec_destroy(spec);
    arrays_of_this_header();
    check(cvy_dataset_open("digits:train=200,test=20", 1, &data) == CVY_OK, "open");
    check(cvy_model_create("mlp", &model) == CVY_OK, "create");
    train_with_older_settings(model, data);
    train(model, data);
    use(model, data);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
    printf("built with %s, runs with %s\n", CVY_VERSION_STRING, cvy_version());
    return 0;
}
