/* Graphs: what training does to their weights is the slope of their loss, on any number of threads to the
 * same bits; and a graph that is a chain is that chain. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convoy/convoy.h"
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

/* Residual, concatenation, one output used three times, one input given twice, all merges. */
static const char
    branched[] = GRAPH(NODE("Conv2D", "stem",
                            ",'filters':3,'kernel_size':3,'strides':3,'activation':'tanh'", TENSOR("image")) "," NODE("Conv2D", "left", ",'filters':3,'kernel_size':3,'padding':'same'", TENSOR("stem")) "," NODE("Activation", "bent", ",'activation':'silu'", TENSOR("left")) "," NODE("Add", "sum", "",
                                                                                                                                                                                                                                                                                         "[" TENSOR("stem") "," TENSOR(
                                                                                                                                                                                                                                                                                             "bent") "," TENSOR("stem") "]") "," NODE("Multiply",
                                                                                                                                                                                                                                                                                                                                      "product", "", "[" TENSOR("sum") "," TENSOR("left") "]") "," NODE("Average", "mean", "", "[" TENSOR("product") "," TENSOR("sum") "]") "," NODE("Subtract", "rest", "", "[" TENSOR("mean") "," TENSOR("stem") "]") "," NODE("Concatenate",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "both", "", "[" TENSOR("rest") "," TENSOR("bent") "]") "," NODE("AveragePooling2D",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "small", ",'pool_size':2", TENSOR("both")) "," NODE("GlobalAveragePooling2D", "pooled", "", TENSOR("both")) "," NODE("Flatten",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "flat",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      TENSOR(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          "small")) "," NODE("Concatenate",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "all", "",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "[" TENSOR(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "flat") "," TENSOR("pooled") "]") "," NODE("Dense",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "out",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            ",'units':10,'activation':'softmax'",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            TENSOR(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "all")),
                       "out");

/* With batch normalization, so that its way has stages, and extremes. */
static const char normalized[] =
    GRAPH(
        NODE("Conv2D", "stem", ",'filters':4,'kernel_size':3,'strides':3", TENSOR("image")) "," NODE("BatchNormalization", "norm", "", TENSOR("stem")) "," NODE(
            "Maximum", "most", "",
            "[" TENSOR("norm") "," TENSOR(
                "stem") "]") "," NODE("Minimum", "least", "",
                                      "[" TENSOR("norm") "," TENSOR(
                                          "stem") "]") "," NODE("BatchNormalization", "again",
                                                                ",'axis':1",
                                                                TENSOR(
                                                                    "least")) "," NODE("Add", "sum",
                                                                                       "",
                                                                                       "[" TENSOR("most") "," TENSOR(
                                                                                           "agai"
                                                                                           "n") "]") "," NODE("GlobalMaxPooling2D",
                                                                                                              "pooled",
                                                                                                              "",
                                                                                                              TENSOR(
                                                                                                                  "sum")) "," NODE("Dense",
                                                                                                                                   "out",
                                                                                                                                   ",'units':10,'activation':'softmax'",
                                                                                                                                   TENSOR(
                                                                                                                                       "pooled")),
        "out");

static cvy_dataset *data;

static void open_data(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=70,test=1", 1, &data), CVY_OK, "%s",
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

static void train(cvy_model *model, size_t threads, size_t batch_size, size_t steps, bool is_kept)
{
    cvy_train_settings settings = cvy_train_defaults();
    cvy_history *history;

    settings.optimizer = "sgd";
    settings.learning_rate = "0.0625";
    settings.batch_size = batch_size;
    settings.steps = steps;
    settings.threads = threads;
    settings.keep_weights = is_kept;
    cr_assert_eq(cvy_train(model, data, &settings, &history), CVY_OK, "%s", cvy_error_message());
    cvy_history_destroy(history);
}

static const char *digest_after(const char *text, size_t threads, size_t batch_size)
{
    cvy_model *model = read_model(text);

    train(model, threads, batch_size, 3, false);
    const char *digest = model_digest(model);
    cvy_model_destroy(model);
    return digest;
}

Test(graph, any_number_of_threads_learns_the_same)
{
    static const char *const graphs[] = { branched, normalized };
    static const size_t batches[] = { 10, 70 };

    for (size_t g = 0; g < 2; g++)
        for (size_t b = 0; b < 2; b++) {
            char wanted[80];
            snprintf(wanted, sizeof wanted, "%s", digest_after(graphs[g], 1, batches[b]));
            for (size_t threads = 2; threads <= 5; threads++)
                cr_expect_str_eq(digest_after(graphs[g], threads, batches[b]), wanted,
                                 "graph %zu, %zu threads, batches of %zu", g, threads, batches[b]);
        }
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
    const float h = 0.02f;
    float *w = malloc(info->count * sizeof *w);

    cr_assert_not_null(w);
    memcpy(w, before, info->count * sizeof *w);
    for (size_t i = 0; i < info->count; i += info->count / 5 + 1) {
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

Test(graph, a_step_follows_the_slope_of_the_loss)
{
    cvy_model *model = read_model(branched), *trained = read_model(branched);
    cvy_model *start = read_model(branched);

    train(model, 1, 70, 1, false); /* for its preprocessing; it begins where the others do */
    train(trained, 2, 70, 1, false);
    cr_assert_eq(cvy_model_initialize(start, 0), CVY_OK);
    for (size_t i = 0; i < cvy_model_weight_count(model); i++) {
        const cvy_weight_info *info = cvy_model_weight_info(model, i);
        float *w = malloc(info->count * sizeof *w);
        cr_assert_eq(cvy_model_read_weight(start, info->name, w, info->count), CVY_OK);
        cr_assert_eq(cvy_model_write_weight(model, info->name, w, info->count), CVY_OK);
        free(w);
    }
    for (size_t i = 0; i < cvy_model_weight_count(model); i++) {
        const cvy_weight_info *info = cvy_model_weight_info(model, i);
        float *before = malloc(info->count * sizeof *before);
        float *after = malloc(info->count * sizeof *after);
        cr_assert_eq(cvy_model_read_weight(start, info->name, before, info->count), CVY_OK);
        cr_assert_eq(cvy_model_read_weight(trained, info->name, after, info->count), CVY_OK);
        expect_slopes(model, info, before, after);
        free(before);
        free(after);
    }
    cvy_model_destroy(model);
    cvy_model_destroy(trained);
    cvy_model_destroy(start);
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

    snprintf(wanted, sizeof wanted, "%s", digest_after(sequence, 1, 20));
    cr_expect_str_eq(digest_after(chain, 2, 20), wanted);
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
