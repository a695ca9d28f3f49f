/* Classes and operations of Keras that become others: what the model is made of then. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/keras_config.h"
#include "model/objective.h"
#include "support/models.h"

/* "conv2d activation flatten": the kinds of a model's layers in order. */
static void print_kinds(const cvy_model *model, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < model->layer_count; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? " " : "",
                                   model->layers[i].kind->kind.name);
}

static void expect_kinds(const char *layers, const char *wanted)
{
    cvy_model *model = NULL;
    char kinds[512];

    cr_expect_eq(model_read(layers, &model), CVY_OK, "%s: %s", layers, cvy_error_message());
    if (model == NULL)
        return;
    print_kinds(model, kinds, sizeof kinds);
    cr_expect_str_eq(kinds, wanted, "%s: %s", layers, kinds);
    cvy_model_destroy(model);
}

Test(keras_classes, become_others)
{
    static const struct {
        const char *layers, *kinds;
    } cases[] = {
        { INPUT("8,8,2") LAYER("Identity", "") FLATTEN, "activation flatten" },
        { INPUT("8,8,2") LAYER("Dense", "'units':3,'activation':'relu'") FLATTEN,
          "conv2d activation flatten" },
        { INPUT("8,8,2") LAYER("Resizing", "'height':8,'width':8") FLATTEN, "activation flatten" },
        { INPUT("8,8,2")
              LAYER("Resizing", "'height':4,'width':9,'interpolation':'nearest','fill_mode':"
                                "'constant','fill_value':0.0,'antialias':false") FLATTEN,
          "resizing flatten" },
        { INPUT("8,8,2") LAYER("CenterCrop", "'height':5,'width':8") FLATTEN,
          "cropping2d flatten" },
        { INPUT("8,8,2") LAYER("AdaptiveAveragePooling2D", "'output_size':[2,1]") FLATTEN,
          "average_pooling2d flatten" },
        { INPUT("8,8,2") LAYER("AdaptiveMaxPooling2D", "'output_size':4") FLATTEN,
          "max_pooling2d flatten" },
        { INPUT("8,8,2") LAYER("Dropout", "'rate':0.5,'noise_shape':[null,1,1,1]") FLATTEN,
          "spatial_dropout2d flatten" },
        { INPUT("8,8,2") LAYER("Dropout", "'rate':0.5,'noise_shape':null") FLATTEN,
          "dropout flatten" },
        { INPUT("8,8,2") LAYER("ThresholdedReLU", "'theta':0.25") FLATTEN, "relu flatten" },
        { INPUT("8,8,2") LAYER("SyncBatchNormalization", "'momentum':0.9,'synchronized':true")
              FLATTEN,
          "batch_normalization flatten" },
        { INPUT("8,8,2") LAYER("Normalization", "'axis':null,'mean':0.5,'variance':4") FLATTEN,
          "normalization flatten" },
        { INPUT("8,8") LAYER("Rescaling", "'scale':0.5") CONV("2", "3") FLATTEN,
          "rescaling conv2d flatten" },
        { INPUT("8,8,2") LAYER("Conv2D", "'filters':2,'kernel_size':3,'dtype':{'class_name':"
                                         "'DTypePolicy','config':{'name':'mixed_bfloat16'}}")
              FLATTEN,
          "conv2d flatten" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_kinds(cases[i].layers, cases[i].kinds);
}

/* A model that keeps channels first: images are turned where Keras's order of their values shows. */
Test(keras_classes, channels_first)
{
#define FIRST "'data_format':'channels_first'"
    static const struct {
        const char *layers, *kinds;
    } cases[] = {
        { INPUT("2,8,6") LAYER("Conv2D", "'filters':3,'kernel_size':3," FIRST) FLATTEN,
          "conv2d permute flatten" },
        { INPUT("2,8,6") LAYER("Conv2D", "'filters':3,'kernel_size':3," FIRST)
              LAYER("Flatten", FIRST),
          "conv2d flatten" },
        { INPUT("8,6,2") LAYER("Flatten", FIRST), "permute flatten" },
        { INPUT("2,8,6") LAYER("MaxPooling2D", "'pool_size':2," FIRST)
              LAYER("Reshape", "'target_shape':[3,4,2]") LAYER("Flatten", FIRST),
          "max_pooling2d permute reshape permute flatten" },
        { INPUT("2,8,6") LAYER("MaxPooling2D", "'pool_size':2," FIRST)
              LAYER("BatchNormalization", "'axis':1") LAYER("Flatten", FIRST),
          "max_pooling2d batch_normalization flatten" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_kinds(cases[i].layers, cases[i].kinds);
}

Test(keras_classes, what_has_no_other_class_is_refused_by_name)
{
    static const struct {
        const char *layers, *words;
    } cases[] = {
        { INPUT("8,8,2")
              LAYER("Resizing", "'height':4,'width':8,'name':'r','interpolation':'bicubic'"),
          "Resizing|interpolation|bicubic|bilinear" },
        { INPUT("8,8,2") LAYER("Resizing", "'height':4,'width':8,'crop_to_aspect_ratio':true"),
          "crop_to_aspect_ratio" },
        { INPUT("8,8,2") LAYER("AdaptiveMaxPooling2D", "'output_size':3"), "divide|MaxPooling2D" },
        { INPUT("8,8,2") LAYER("CenterCrop", "'height':9,'width':8"), "smaller image" },
        { INPUT("2,8,8")
              LAYER("Conv2D", "'filters':3,'kernel_size':3,'activation':'softmax'," FIRST),
          "Conv2D: softmax along the columns" },
        { INPUT("2,8,8") LAYER("MaxPooling2D", FIRST) LAYER("Dense", "'units':2"),
          "channels first" },
        { INPUT("2,8,8") LAYER("MaxPooling2D", FIRST) LAYER("LayerNormalization", "'axis':-1"),
          "axis" },
        { INPUT("8,8,2") LAYER("LSTM", "'units':2"), "an LSTM layer|Flatten and Dense" },
        { INPUT("8,8,2") LAYER("Lambda", "'function':'f'"), "a Lambda layer|Rescaling" },
        { INPUT("8,8,2") LAYER("RandomFlip", "") LAYER("MixUp", ""),
          "before layer|RandomFlip|--augment mixup" },
        { INPUT("8,8,2") LAYER("RandomErasing", "'fill_value':[1,2,3]"), "fill_value|2 channels" },
        { INPUT("8,8,2") LAYER("my_package>Block", "'units':2"), "author's own" },
        { INPUT("8,8,2") LAYER("Dense", "'units':2,'dtype':'float16'"), "float16|mixed_float16" },
        { INPUT("8,null,2") FLATTEN, "entry 2 is null" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_model *model = NULL;
        const cvy_status status = model_read(cases[i].layers, &model);
        cr_expect_neq(status, CVY_OK, "%s", cases[i].layers);
        expect_refusal(cases[i].layers, status, status, cases[i].words);
        cvy_model_destroy(model);
    }
}

/* --- graphs: what every node is given is text, in Keras 3's words or in Keras 2's --- */

#define TENSOR3(name)                                                                              \
    "{'class_name':'__keras_tensor__','config':{'keras_history':['" name "',0,0]}}"
#define ENTRY(module, class_name, name, config, nodes)                                             \
    "{'module':'" module "','class_name':'" class_name "','name':'" name                           \
    "','config':{'name':'" name "'" config "},'inbound_nodes':[" nodes "]}"
#define OP(class_name, name, config, args)                                                         \
    ENTRY("keras.src.ops.numpy", class_name, name, config, "{'args':[" args "],'kwargs':{}}")
#define TF(function, name, call) ENTRY("", "TFOpLambda", name, ",'function':'" function "'", call)
#define GRAPH3(layers, end)                                                                        \
    "{'class_name':'Functional','config':{'name':'g','layers':[" ENTRY(                            \
        "", "InputLayer", "i", ",'batch_shape':[null,6,6,2]",                                      \
        "") "," layers "],'input_layers':[['i',0,0]],'output_layers':[['" end "',0,0]]}}"
#define SLICE(start, stop)                                                                         \
    "{'class_name':'__slice__','config':{'start':" start ",'stop':" stop ",'step':null}}"
#define FLAT(of) ENTRY("", "Flatten", "f", "", "{'args':[" TENSOR3(of) "],'kwargs':{}}")

static cvy_status read_graph(const char *text, cvy_model **model)
{
    const size_t size = strlen(text);
    char *json = calloc(size + 1, 1);

    cr_assert_not_null(json);
    for (size_t i = 0; i < size; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    cvy_status status = cvy_model_from_json(json, size, model);
    free(json);
    return status;
}

static const struct {
    const char *graph, *wanted; /* kinds, or words of a refusal */
    float scale, offset;        /* of a Rescaling in front, 0: there is none */
} graphs[] = {
    { GRAPH3(OP("TrueDivide", "d", "", TENSOR3("i") ",4") "," FLAT("d"), "f"), "rescaling flatten",
      0.25f, 0 },
    { GRAPH3(OP("Subtract", "d", "", TENSOR3("i") ",3") "," FLAT("d"), "f"), "rescaling flatten", 1,
      -3 },
    { GRAPH3(OP("Subtract", "d", "", "3," TENSOR3("i")) "," FLAT("d"), "f"), "rescaling flatten",
      -1, 3 },
    { GRAPH3(
          OP("Multiply", "d", "",
             TENSOR3("i") ",{'class_name':'__numpy__','config':{'value':[[2,5]]}}") "," FLAT("d"),
          "f"),
      "rescaling flatten", 2, 0 },
    { GRAPH3(OP("Add", "d", "", TENSOR3("i") "," TENSOR3("i")) "," FLAT("d"), "f"), "add flatten",
      0, 0 },
    { GRAPH3(OP("Square", "d", "", TENSOR3("i")) "," FLAT("d"), "f"), "multiply flatten", 0, 0 },
    { GRAPH3(OP("Relu6", "d", "", TENSOR3("i")) "," FLAT("d"), "f"), "activation flatten", 0, 0 },
    { GRAPH3(OP("Gelu", "d", ",'approximate':true", TENSOR3("i")) "," FLAT("d"), "f"),
      "activation flatten", 0, 0 },
    { GRAPH3(OP("Maximum", "d", "", TENSOR3("i") ",0") "," FLAT("d"), "f"), "relu flatten", 0, 0 },
    { GRAPH3(OP("Mean", "d", ",'axis':[1,2],'keepdims':false", TENSOR3("i")), "d"),
      "global_average_pooling2d", 0, 0 },
    { GRAPH3(OP("Max", "d", ",'axis':-1,'keepdims':true", TENSOR3("i")) "," FLAT("d"), "f"),
      "permute max_pooling2d permute activation flatten", 0, 0 },
    { GRAPH3(OP("GetItem", "d", "",
                TENSOR3("i") ",[" SLICE("null", "null") "," SLICE("1", "null") "," SLICE(
                    "null", "-1") "," SLICE("0", "1") "]") "," FLAT("d"),
             "f"),
      "cropping2d permute cropping2d permute activation flatten", 0, 0 },
    { GRAPH3(OP("Transpose", "d", ",'axes':[0,2,1,3]", TENSOR3("i")) "," FLAT("d"), "f"),
      "permute flatten", 0, 0 },
    { GRAPH3(OP("Reshape", "d", ",'newshape':[-1,72]", TENSOR3("i")), "d"), "reshape", 0, 0 },
    { GRAPH3(
          OP("Concatenate", "d", ",'axis':-1", "[" TENSOR3("i") "," TENSOR3("i") "]") "," FLAT("d"),
          "f"),
      "concatenate flatten", 0, 0 },
    { GRAPH3(TF("math.truediv", "d", "['i',0,0,{'y':8.0,'name':null}]") "," FLAT("d"), "f"),
      "rescaling flatten", 0.125f, 0 },
    { GRAPH3(TF("math.subtract", "d", "['_CONSTANT_VALUE',-1,1.0,{'y':['i',0,0]}]") "," FLAT("d"),
             "f"),
      "rescaling flatten", -1, 1 },
    { GRAPH3(TF("__operators__.add", "d", "['i',0,0,{'y':['i',0,0]}]") "," FLAT("d"), "f"),
      "add flatten", 0, 0 },
    { GRAPH3(TF("nn.relu", "d", "['i',0,0,{}]") "," FLAT("d"), "f"), "activation flatten", 0, 0 },
    /* one layer twice, and layers that the output does not need */
    { GRAPH3(ENTRY("", "ReLU", "d", "",
                   "{'args':[" TENSOR3("i") "]},{'args':[{'class_name':"
                                            "'__keras_tensor__','config':{'keras_history':['d',0,0]"
                                            "}}]}") "," ENTRY("", "Flatten", "f", "",
                                                              "{'args':[{'class_name':'__keras_"
                                                              "tensor__','config':"
                                                              "{'keras_history':['d',1,0]}}]}"),
             "f"),
      "relu relu flatten", 0, 0 },
    { GRAPH3(ENTRY("", "Conv2D", "c", ",'filters':2,'kernel_size':3",
                   "{'args':[" TENSOR3("i") "]}") "," FLAT("i"),
             "f"),
      "flatten", 0, 0 },
};

Test(keras_classes, operations_become_layers)
{
    for (size_t g = 0; g < sizeof graphs / sizeof *graphs; g++) {
        cvy_model *model = NULL;
        char kinds[512];
        cr_expect_eq(read_graph(graphs[g].graph, &model), CVY_OK, "graph %zu: %s", g,
                     cvy_error_message());
        if (model == NULL)
            continue;
        print_kinds(model, kinds, sizeof kinds);
        cr_expect_str_eq(kinds, graphs[g].wanted, "graph %zu: %s", g, kinds);
        if (graphs[g].scale != 0) {
            const cvy_layer *layer = &model->layers[0];
            const cvy_float_list *scale = layer->settings, *offset = scale + 1;
            cr_expect_float_eq(scale->values[0], (double)graphs[g].scale, 1e-12, "graph %zu", g);
            cr_expect_float_eq(offset->values[0], (double)graphs[g].offset, 1e-12, "graph %zu", g);
        }
        cvy_model_destroy(model);
    }
}

Test(keras_classes, operations_without_a_layer_are_refused)
{
    static const struct {
        const char *graph, *words;
    } cases[] = {
        { GRAPH3(OP("Cumsum", "d", "", TENSOR3("i")) "," FLAT("d"), "f"),
          "layer d|operation cumsum" },
        { GRAPH3(OP("TrueDivide", "d", "", TENSOR3("i") "," TENSOR3("i")) "," FLAT("d"), "f"),
          "two outputs" },
        { GRAPH3(OP("Maximum", "d", "", TENSOR3("i") ",2") "," FLAT("d"), "f"), "maximum" },
        { GRAPH3(
              OP("GetItem", "d", "",
                 TENSOR3("i") ",[" SLICE("null", "null") "," SLICE("6", "null") "]") "," FLAT("d"),
              "f"),
          "leaves nothing of 6" },
        { GRAPH3(OP("GetItem", "d", "", TENSOR3("i") ",[" SLICE("1", "null") "]") "," FLAT("d"),
                 "f"),
          "get_item|samples" },
        { GRAPH3(
              OP("GetItem", "d", "", TENSOR3("i") ",[" SLICE("null", "null") ",3]") "," FLAT("d"),
              "f"),
          "get_item|Cropping2D" },
        { GRAPH3(OP("Mean", "d", ",'axis':[1]", TENSOR3("i")) "," FLAT("d"), "f"),
          "rows and columns" },
        { GRAPH3(OP("Celu", "d", ",'alpha':0.5", TENSOR3("i")) "," FLAT("d"), "f"), "celu" },
        { GRAPH3(OP("Transpose", "d", ",'axes':[1,0,2,3]", TENSOR3("i")) "," FLAT("d"), "f"),
          "samples" },
        { GRAPH3(ENTRY("", "Dense", "d", ",'units':3",
                       "{'args':[" TENSOR3("i") "]},{'args':[" TENSOR3("d") "]}") "," FLAT("d"),
                 "f"),
          "layer d|several times, and its weights" },
        { "{'class_name':'Functional','config':{'name':'g','layers':[" ENTRY(
              "", "InputLayer", "i", ",'batch_shape':[null,6,6,2]",
              "") "," FLAT("i") "],'input_layers':[['i',0,0],['j',0,0]],'output_layers':[['f',0,0]]"
                                "}}",
          "found 2 (i, j)" },
        { "{'class_name':'Functional','config':{'name':'g','layers':[" ENTRY(
              "", "InputLayer", "i", ",'batch_shape':[null,6,6,2]",
              "") "," FLAT("i") "],'input_layers':[['i',0,0]],'output_layers':[['f',0,0],['i',0,0]]"
                                "}}",
          "found 2 (f, i)" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_model *model = NULL;
        const cvy_status status = read_graph(cases[i].graph, &model);
        cr_expect_neq(status, CVY_OK, "case %zu", i);
        expect_refusal(cases[i].graph, status, status, cases[i].words);
        cvy_model_destroy(model);
    }
}

/* --- compile_config --- */

#define COMPILED(outputs, config)                                                                  \
    "{'class_name':'Sequential','config':{'name':'c','layers':[{'class_name':'InputLayer','"       \
    "config'"                                                                                      \
    ":{'batch_shape':[null,4]}},{'class_name':'Dense','config':{'units':" outputs                  \
    ",'activation':'sigmoid'}}]},'compile_config':{" config "}}"

Test(keras_classes, the_loss_of_the_file_is_used_and_its_optimizer_named)
{
    static const struct {
        const char *model, *loss, *optimizer;
    } cases[] = {
        { COMPILED("1", ""), "binary_crossentropy", NULL },
        { COMPILED("3", ""), "sparse_categorical_crossentropy", NULL },
        { COMPILED("3", "'loss':'mse','optimizer':'adam'"), "mean_squared_error", "adam" },
        { COMPILED("3",
                   "'loss':'categorical_hinge','optimizer':{'class_name':'SGD','config':{"
                   "'name':'SGD','learning_rate':0.009999999776482582,'momentum':0.9,"
                   "'nesterov':true,'weight_decay':null,'ema_momentum':0.99,'use_ema':false}}"),
          "categorical_hinge", "sgd:learning_rate=0.01,momentum=0.9,nesterov=true" },
        { COMPILED("3", "'loss':{'class_name':'CategoricalCrossentropy','config':{'name':'x',"
                        "'reduction':'sum_over_batch_size','from_logits':true,'axis':-1,"
                        "'label_smoothing':0.1}}"),
          "categorical_crossentropy:from_logits=true,label_smoothing=0.1", NULL },
        { COMPILED("3", "'loss':['poisson'],'optimizer':{'class_name':'RMSprop','config':{}}"),
          "poisson", "rmsprop" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_model *model = NULL;
        cr_assert_eq(read_graph(cases[i].model, &model), CVY_OK, "%s", cvy_error_message());
        cr_expect_str_eq(cvy_model_loss_spec(model), cases[i].loss);
        const char *optimizer = cvy_model_compiled_optimizer(model);
        cr_expect_str_eq(optimizer != NULL ? optimizer : "",
                         cases[i].optimizer != NULL ? cases[i].optimizer : "");
        cvy_model_destroy(model);
    }
}

Test(keras_classes, a_loss_that_cannot_be_used_is_refused_until_one_is_chosen)
{
    static const char *const cases[] = {
        COMPILED("3", "'loss':'ctc'"),
        COMPILED("3", "'loss':{'class_name':'Poisson','config':{'reduction':'sum'}}"),
        COMPILED("3", "'loss':{'class_name':'mine>Loss','config':{}}"),
        COMPILED("1", "'loss':'sparse_categorical_crossentropy'"),
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_model *model = NULL;
        cvy_loss loss = { 0 };
        cr_assert_eq(read_graph(cases[i], &model), CVY_OK, "%s", cvy_error_message());
        expect_refusal(cases[i], cvy_model_read_loss(model, NULL, &loss), CVY_ERR_UNSUPPORTED,
                       "compile_config: loss|--loss");
        cr_expect_eq(cvy_model_set_loss(model, "mean_squared_error"), CVY_OK);
        cr_expect_eq(cvy_model_read_loss(model, NULL, &loss), CVY_OK, "%s", cvy_error_message());
        cvy_loss_release(&loss);
        cvy_model_destroy(model);
    }
}

/* docs/keras.md says of each class whether it is read. */
Test(keras_classes, the_table_in_the_docs_is_true)
{
    FILE *file = fopen(TESTS_FOLDER "/../docs/keras.md", "r");
    char line[512], name[128], is_read[16];
    size_t rows = 0, read = 0;

    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "| %127s | %15s |", name, is_read) != 2 ||
            (strcmp(is_read, "yes") != 0 && strcmp(is_read, "no") != 0))
            continue;
        rows++;
        read += strcmp(is_read, "yes") == 0;
        if (strcmp(is_read, "no") == 0)
            cr_expect_null(cvy_keras_find_class(name), "%s is read", name);
    }
    cr_expect_gt(rows, 130);
    rewind(file);
    for (size_t k = 0; cvy_layer_kinds[k] != NULL; k++) {
        const char *class_name = ((const cvy_layer_kind *)cvy_layer_kinds[k])->class_name;
        bool is_there = false;
        rewind(file);
        snprintf(name, sizeof name, "| %s | yes |", class_name);
        while (!is_there && fgets(line, sizeof line, file) != NULL)
            is_there = strncmp(line, name, strlen(name)) == 0;
        cr_expect(is_there, "docs/keras.md has no row of %s", class_name);
    }
    cr_expect_geq(read, cvy_kind_count(cvy_layer_kinds));
    fclose(file);
}
