/* Graphs: what training does to their weights is the slope of their loss, on any number of threads to the
 * same bits; and a graph that is a chain is that chain. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
#include "model/model.h"
#include "support/slow_build.h"
#include "support/models.h"

#define TENSOR(name) "{'class_name':'__keras_tensor__','config':{'keras_history':['" name "',0,0]}}"
#define NODE(class_name, name, settings, tensors)                                                  \
    "{'class_name':'" class_name "','name':'" name "','config':{'name':'" name "'" settings        \
    "},'inbound_nodes':[{'args':[" tensors "],'kwargs':{}}]}"
#define IMAGE                                                                                      \
    "{'class_name':'InputLayer','name':'image','config':{'name':'image','batch_shape':[null,28,"   \
    "28,1]}"                                                                                       \
    ",'inbound_nodes':[]}"
#define GRAPH(layers, output)                                                                      \
    "{'class_name':'Functional','config':{'name':'g','layers':[" IMAGE "," layers                  \
    "],'input_layers':[['image',0,0]],'output_layers':[['" output "',0,0]]}}"

/* tests/data/graphs: all merges, one output used three times and one input given twice; batch normalization, so
 * that the way has stages, with extremes; the other layers with weights or axes, in two branches; weights that
 * several layers share; the rest; what is random in training. */
static const char *const graphs[] = { "merges.json", "normalized.json", "layers.json",
                                      "shared.json", "rest.json",       "random.json" };
enum { GRAPHS = sizeof graphs / sizeof *graphs };

static cvy_dataset *data;

static void open_data(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=300,test=1", 1, &data), CVY_OK, "%s",
                 cvy_error_message());
}

static void close_data(void)
{
    cvy_dataset_close(data);
}

TestSuite(graph, .init = open_data, .fini = close_data);

static cvy_model *read_model(const char *text)
{
    const size_t size = strlen(text);
    char *json = malloc(size + 1);
    cvy_model *model = NULL;

    cr_assert_not_null(json);
    for (size_t i = 0; i <= size; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    cr_assert_eq(cvy_model_from_json(json, size, &model), CVY_OK, "%s", cvy_error_message());
    free(json);
    return model;
}

static cvy_model *open_model(const char *name)
{
    char path[512];
    cvy_model *model = NULL;

    if (strchr(name, '.') != NULL)
        snprintf(path, sizeof path, TESTS_FOLDER "/data/graphs/%s", name);
    else
        snprintf(path, sizeof path, "%s", name);
    cr_assert_eq(cvy_model_create(path, &model), CVY_OK, "%s", cvy_error_message());
    return model;
}

static void train(cvy_model *model, const cvy_dataset *images, size_t threads, size_t batch_size,
                  size_t steps)
{
    cvy_train_settings settings = cvy_train_defaults();
    cvy_history *history;

    settings.optimizer = "sgd";
    settings.learning_rate = "0.0625";
    settings.batch_size = batch_size;
    settings.steps = steps;
    settings.threads = threads;
    cr_assert_eq(cvy_train(model, images, &settings, &history), CVY_OK, "%s", cvy_error_message());
    cvy_history_destroy(history);
}

static const char *digest_of(cvy_model *model, const cvy_dataset *images, size_t threads,
                             size_t batch_size, size_t steps)
{
    train(model, images, threads, batch_size, steps);
    const char *digest = model_digest(model);
    cvy_model_destroy(model);
    return digest;
}

static void expect_same_bits(const char *name, const cvy_dataset *images, const size_t *threads,
                             size_t count, size_t batch_size, size_t steps)
{
    char wanted[80];

    snprintf(wanted, sizeof wanted, "%s",
             digest_of(open_model(name), images, 1, batch_size, steps));
    for (size_t t = 0; t < count; t++)
        cr_expect_str_eq(digest_of(open_model(name), images, threads[t], batch_size, steps), wanted,
                         "%s, %zu threads, batches of %zu", name, threads[t], batch_size);
}

/* A batch of 10 is one lane, which all 40 workers share; one of 300 has 19, each taken by one worker. */
Test(graph, any_number_of_threads_learns_the_same)
{
    static const size_t threads[] = { 5, 40, 2, 3, 8 }, batches[] = { 1, 10, 70, 300 };

    for (size_t g = 0; g < GRAPHS; g++)
        for (size_t b = 0; b < 4; b++)
            expect_same_bits(graphs[g], data, threads, IS_SLOW ? 1 : 5, batches[b], 2);
}

/* The shares of one lane, which is all that 16 images are, and batches around whole lanes and grains. */
Test(graph, any_share_and_any_batch_learn_the_same)
{
    static const size_t batches[] = { 2, 15, 16, 17, 31, 33, 64, 129, 255 };

    for (size_t threads = 2; threads <= 40; threads += IS_SLOW ? 4 : 1) {
        const size_t batch = threads % 3 == 0 ? 16 : batches[threads % 9];
        expect_same_bits("shared.json", data, &threads, 1, batch, 1);
        if (threads <= 8 || threads % 5 == 0)
            expect_same_bits("normalized.json", data, &threads, 1, batch, 1);
    }
}

static bool uses_class(const cvy_model *model, const char *class_name)
{
    for (size_t i = 0; i < cvy_model_layer_count(model); i++)
        if (strcmp(cvy_model_layer(model, i)->kind, class_name) == 0)
            return true;
    return false;
}

/* All but those that change images at random, which come before all others. */
Test(graph, every_kind_of_layer_is_in_one_of_them)
{
    cvy_model *models[GRAPHS];

    for (size_t g = 0; g < GRAPHS; g++)
        models[g] = open_model(graphs[g]);
    for (const cvy_kind *const *kind = cvy_layer_kinds; *kind != NULL; kind++) {
        const cvy_layer_kind *layer = (const cvy_layer_kind *)*kind;
        const char *class_name = layer->class_name;
        bool is_used = strcmp(class_name, "InputLayer") == 0 || layer->is_augmentation;
        for (size_t g = 0; g < GRAPHS; g++)
            is_used = is_used || uses_class(models[g], class_name);
        cr_expect(is_used, "%s", class_name);
    }
    for (size_t g = 0; g < GRAPHS; g++)
        cvy_model_destroy(models[g]);
}

Test(graph, built_in_graphs_learn_the_same)
{
    enum { IMAGES = 34, BYTES = 32 * 32 * 3 };
    static const size_t threads[] = { 3, 2, 8 }, batches[] = { 1, 34 };
    static unsigned char pixels[IMAGES * BYTES];
    static uint16_t labels[IMAGES];
    cvy_arrays arrays;
    cvy_dataset *images;

    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)((uint32_t)(i * 2654435761u) >> 24);
    for (size_t i = 0; i < IMAGES; i++)
        labels[i] = (uint16_t)(i % 10);
    cvy_arrays_init(&arrays);
    arrays.height = arrays.width = 32;
    arrays.channels = 3;
    arrays.class_count = 10;
    arrays.train.count = IMAGES;
    arrays.train.bytes = pixels;
    arrays.train.labels = labels;
    cr_assert_eq(cvy_dataset_from_arrays(&arrays, &images), CVY_OK, "%s", cvy_error_message());
    for (size_t b = 0; b < (IS_SLOW ? 1 : 2); b++) {
        expect_same_bits("resnet20", images, threads, IS_SLOW ? 1 : 3, batches[b], 1);
        expect_same_bits("inception", images, threads, IS_SLOW ? 1 : 3, batches[b], 1);
    }
    cvy_dataset_close(images);
}

static double loss_of(const cvy_model *model)
{
    cvy_score *score;

    cr_assert_eq(cvy_evaluate(model, data, CVY_SPLIT_TRAIN, 1, 1, &score), CVY_OK);
    const double loss = score->loss;
    cvy_score_destroy(score);
    return loss;
}

/* The step of gradient descent over all images, divided by the rate, against central differences of the
 * loss, for some values of a tensor. */
static void expect_slopes(cvy_model *model, const cvy_weight_info *info, const float *before,
                          const float *after)
{
    const float h = 0.005f; /* small, so that few values pass a kink */
    float *w = malloc(info->count * sizeof *w);

    cr_assert_not_null(w);
    memcpy(w, before, info->count * sizeof *w);
    for (size_t i = 0; i < info->count; i += info->count / (IS_SLOW ? 2 : 5) + 1) {
        double loss[2];
        for (int side = 0; side < 2; side++) {
            w[i] = before[i] + (side == 0 ? -h : h);
            cr_assert_eq(cvy_model_write_weight(model, info->name, w, info->count), CVY_OK);
            loss[side] = loss_of(model);
        }
        w[i] = before[i];
        const double slope = (loss[1] - loss[0]) / (2 * (double)h);
        const double found = ((double)before[i] - (double)after[i]) / 0.0625;
        cr_expect_float_eq(found, slope, 2e-3 + 0.02 * fabs(slope), "%s %zu: %g, expected %g",
                           info->name, i, found, slope);
    }
    cr_assert_eq(cvy_model_write_weight(model, info->name, before, info->count), CVY_OK);
    free(w);
}

static float *weights_of(const cvy_model *model, const cvy_weight_info *info)
{
    float *w = malloc(info->count * sizeof *w);

    cr_assert_not_null(w);
    cr_assert_eq(cvy_model_read_weight(model, info->name, w, info->count), CVY_OK);
    return w;
}

static void check_slopes(const char *name)
{
    const size_t all = cvy_dataset_count(data, CVY_SPLIT_TRAIN);
    cvy_model *model = open_model(name), *trained = open_model(name), *start = open_model(name);

    train(model, data, 1, all, 1); /* for its preprocessing; it begins where the others do */
    train(trained, data, 2, all, 1);
    cr_assert_eq(cvy_model_initialize(start, 0), CVY_OK);
    for (size_t i = 0; i < cvy_model_weight_count(model); i++) {
        const cvy_weight_info *info = cvy_model_weight_info(model, i);
        float *before = weights_of(start, info);
        cr_assert_eq(cvy_model_write_weight(model, info->name, before, info->count), CVY_OK);
        free(before);
    }
    for (size_t i = 0; i < cvy_model_weight_count(model); i++) {
        const cvy_weight_info *info = cvy_model_weight_info(model, i);
        float *before = weights_of(start, info), *after = weights_of(trained, info);
        expect_slopes(model, info, before, after);
        free(before);
        free(after);
    }
    cvy_model_destroy(model);
    cvy_model_destroy(trained);
    cvy_model_destroy(start);
}

/* normalized.json is left out: its loss in training is not that of an evaluation. */
Test(graph, a_step_follows_the_slope_of_the_loss)
{
    check_slopes("merges.json");
    check_slopes("layers.json");
    check_slopes("shared.json");
    check_slopes("rest.json");
}

/* A layer that is called twice counts once, and freezing it freezes both. */
Test(graph, repeated_layers_have_the_weights_of_the_first)
{
    cvy_model *model = open_model("shared.json");
    size_t chosen, repeats = 0;

    cr_expect_eq(cvy_model_parameter_count(model), 281);
    for (size_t i = 0; i < model->layer_count; i++) {
        const cvy_layer *layer = &model->layers[i];
        repeats += layer->repeats > 0;
        for (size_t w = 0; layer->repeats > 0 && w < layer->plan.weight_count; w++)
            cr_expect_eq(layer->weight_offset[w],
                         model->layers[layer->repeats - 1].weight_offset[w], "%s", layer->name);
    }
    cr_expect_eq(repeats,
                 6); /* of a convolution, a block of two, the slopes, and twice of a Dense */
    cr_assert_eq(cvy_model_set_trainable(model, "twice", false, &chosen), CVY_OK);
    cr_expect_eq(chosen, 1);
    for (size_t i = 0; i < model->layer_count; i++)
        if (strstr(model->layers[i].name, "twice") != NULL)
            cr_expect(model->layers[i].is_frozen, "%s", model->layers[i].name);
    cvy_model_destroy(model);
}

/* The output needs the second call only: it is then the one that the weights belong to. */
Test(graph, a_first_call_that_leads_nowhere_is_left_out)
{
    static const char text[] = GRAPH(
        NODE("Flatten", "f", "",
             TENSOR("image")) ","
                              "{'class_name':'Dense','name':'d','config':{'name':'d','units':784},'"
                              "inbound_nodes':["
                              "{'args':[" TENSOR("f") "],'kwargs':{}},{'args':[" TENSOR(
                                  "g") "],'kwargs':{}},"
                                       "{'args':[" TENSOR("h") "],'kwargs':{}}]}," NODE(
                                           "Activation", "g", ",'activation':'tanh'",
                                           TENSOR(
                                               "f")) "," NODE("Activation", "h",
                                                              ",'activation':'elu'",
                                                              "{'class_name':'__keras_tensor__','"
                                                              "config':{'keras_history':['d',1,0]}"
                                                              "}") "," NODE("Dense", "out",
                                                                            ",'units':10",
                                                                            "{'class_name':'__"
                                                                            "keras_tensor__','"
                                                                            "config':{'keras_"
                                                                            "history':['d',2,0]}}"),
        "out");
    cvy_model *model = read_model(text);

    cr_expect_eq(cvy_model_parameter_count(model), 784 * 784 + 784 + 7850);
    train(model, data, 2, 50, 2);
    cvy_model_destroy(model);
}

Test(graph, a_chain_is_the_chain)
{
    static const char chain[] =
        GRAPH(NODE("Flatten", "f", "", TENSOR("image")) "," NODE(
                  "Dense", "d", ",'units':12,'activation':'relu'",
                  TENSOR("f")) "," NODE("Dense", "out", ",'units':10", TENSOR("d")),
              "out");
    static const char sequence[] =
        "{'class_name':'Sequential','config':[{'class_name':'Flatten','config':{'name':'f',"
        "'batch_input_shape':[null,28,28,1]}},{'class_name':'Dense','config':{'name':'d','units':"
        "12,"
        "'activation':'relu'}},{'class_name':'Dense','config':{'name':'out','units':10}}]}";
    char wanted[80];

    snprintf(wanted, sizeof wanted, "%s", digest_of(read_model(sequence), data, 1, 20, 3));
    cr_expect_str_eq(digest_of(read_model(chain), data, 2, 20, 3), wanted);
}

/* What leads nowhere, to itself, or has two ends. */
Test(graph, bad_graphs_are_refused)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        { GRAPH(NODE("Flatten", "a", "", TENSOR("b")) "," NODE("Flatten", "b", "", TENSOR("a")),
                "b"),
          "inbound_nodes" },
        { GRAPH(NODE("Flatten", "a", "", TENSOR("nobody")), "a"), "inbound_nodes" },
        { GRAPH(NODE("Flatten", "a", "", TENSOR("image")), "nobody"), "output_layers" },
        { GRAPH(NODE("Flatten", "a", "", TENSOR("image") "," TENSOR("image")), "a"), "2 inputs" },
        { GRAPH(NODE("Flatten", "a", "", TENSOR("image")) "," NODE(
                    "Dense", "d", ",'units':10",
                    TENSOR("a")) "," NODE("Add", "s", "", "[" TENSOR("a") "," TENSOR("d") "]"),
                "s"),
          "784 and 10, expected equal sides" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t size = strlen(cases[i].text);
        char *json = malloc(size + 1);
        cvy_model *model = NULL;
        for (size_t c = 0; c <= size; c++)
            json[c] = cases[i].text[c] == '\'' ? '"' : cases[i].text[c];
        cr_expect_neq(cvy_model_from_json(json, size, &model), CVY_OK, "case %zu", i);
        cr_expect_not_null(strstr(cvy_error_message(), cases[i].words), "case %zu: %s", i,
                           cvy_error_message());
        free(json);
    }
}
