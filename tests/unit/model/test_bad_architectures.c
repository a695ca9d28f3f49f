/* Model files that are refused, each with a sentence. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/models.h"

static void expect_text_refused(const char *text, size_t size, cvy_status wanted, const char *words)
{
    cvy_model *model = NULL;
    char *copy = malloc(
        size > 0 ? size : 1); /* exactly the text, so that AddressSanitizer sees a read beyond it */

    memcpy(copy, text, size);
    expect_refusal(text, cvy_model_parse("m.json", copy, size, &model), wanted, words);
    expect_refusal(text, wanted, wanted, "m.json: ");
    cr_expect_null(model);
    free(copy);
}

Test(bad_architectures, what_is_not_json_or_no_model_is_refused)
{
    static const struct {
        const char *text;
        cvy_status status;
        const char *words;
    } cases[] = {
        { "", CVY_ERR_FORMAT, "line 1: not JSON" },
        { "conv2d, dense", CVY_ERR_FORMAT, "line 1: not JSON" },
        { "{\"class_name\": \"Sequential\",\n\"config\": {", CVY_ERR_FORMAT, "line 2: not JSON" },
        { "{\"class_name\": \"Sequential\", \"class_name\": \"Sequential\"}", CVY_ERR_FORMAT,
          "not JSON|class_name" },
        { "[]", CVY_ERR_UNSUPPORTED, "(none)|Sequential" },
        { "[{\"class_name\": \"Sequential\"}]", CVY_ERR_UNSUPPORTED, "(none)|Sequential" },
        { "{}", CVY_ERR_UNSUPPORTED, "(none)|Sequential" },
        { "{\"class_name\": 7}", CVY_ERR_UNSUPPORTED, "(none)|Sequential" },
        { "{\"class_name\": \"Twin\"}", CVY_ERR_UNSUPPORTED, "\"Twin\"|Sequential" },
        { "{\"class_name\": \"Sequential\"}", CVY_ERR_FORMAT, "config.layers|0 layers" },
        { "{\"class_name\": \"Sequential\", \"config\": []}", CVY_ERR_FORMAT, "0 layers" },
        { "{\"class_name\": \"Sequential\", \"config\": {\"layers\": {}}}", CVY_ERR_FORMAT,
          "0 layers" },
        { "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [7]}}", CVY_ERR_FORMAT,
          "layer 1|class_name and config" },
        { "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [{\"class_name\": \"Dense\", "
          "\"config\": []}]}}",
          CVY_ERR_FORMAT, "layer 1|class_name and config" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_text_refused(cases[i].text, strlen(cases[i].text), cases[i].status, cases[i].words);
    expect_text_refused("{}\0{}", 5, CVY_ERR_FORMAT, "not JSON");
    expect_text_refused("\xff\xfe{}", 4, CVY_ERR_FORMAT, "not JSON");
}

Test(bad_architectures, deep_nesting_is_refused)
{
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH);

    memset(text, '[', DEPTH);
    cvy_model *model = NULL;
    expect_refusal("[[[...", cvy_model_parse("m.json", text, DEPTH, &model), CVY_ERR_FORMAT,
                   "m.json|not JSON");
    free(text);

    /* as deep as the parser goes, in a place where a number belongs */
    char value[2 * 1000 + 1], layers[4096];
    memset(value, '[', 1000);
    memset(value + 1000, ']', 1000);
    value[2000] = '\0';
    snprintf(layers, sizeof layers, INPUT("4") "{'class_name':'Dense','config':{'units':%s}}",
             value);
    expect_refusal("units: [[[...", model_read(layers, &model), CVY_ERR_FORMAT, "layer 2|units");
}

Test(bad_architectures, too_many_layers_are_refused)
{
    char *layers = calloc(1001, sizeof FLATTEN);
    cvy_model *model = NULL;

    for (size_t i = 0; i < 1001; i++)
        memcpy(layers + i * (sizeof FLATTEN - 1), FLATTEN, sizeof FLATTEN);
    expect_refusal("1001 layers", model_read(layers, &model), CVY_ERR_FORMAT, "1001|1000");
    free(layers);
}

/* --- layers that cannot be, or cannot be together --- */

typedef struct {
    const char *layers;
    cvy_status status;
    const char *words;
} bad_layers;

static void expect_layers_refused(const bad_layers *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cvy_model *model = NULL;
        cvy_status status = model_read(cases[i].layers, &model);
        expect_refusal(cases[i].layers, status, cases[i].status, cases[i].words);
        expect_refusal(cases[i].layers, status, status, "m.json: ");
        if (status == CVY_OK)
            cvy_model_destroy(model);
    }
}
#define EXPECT_REFUSED(cases) expect_layers_refused(cases, sizeof cases / sizeof *cases)

Test(bad_architectures, bad_inputs_are_refused)
{
    static const bad_layers cases[] = {
        { DENSE("3"), CVY_ERR_FORMAT, "layer 1|Dense|InputLayer" },
        { INPUT("4"), CVY_ERR_FORMAT, "no layer" },
        { LAYER("InputLayer", ""), CVY_ERR_SHAPE, "layer 1|batch_shape" },
        { LAYER("InputLayer", "'batch_shape':28"), CVY_ERR_SHAPE, "batch_shape" },
        { LAYER("InputLayer", "'batch_shape':[null]"), CVY_ERR_SHAPE, "batch_shape" },
        { INPUT("2,2,1,1"), CVY_ERR_SHAPE, "batch_shape" },
        { INPUT("-28,28,1"), CVY_ERR_SHAPE, "entry 1|1 to" },
        { INPUT("28,0,1"), CVY_ERR_SHAPE, "entry 2|1 to" },
        { INPUT("28,null,1"), CVY_ERR_SHAPE, "entry 2|1 to" },
        { INPUT("28,28.5,1"), CVY_ERR_SHAPE, "entry 2|1 to" },
        { INPUT("28,'28',1"), CVY_ERR_SHAPE, "entry 2|1 to" },
        { INPUT("28,28,5"), CVY_ERR_UNSUPPORTED, "5 channels" },
        { INPUT("5000,2,1"), CVY_ERR_SHAPE, "5000|4096" },
        { INPUT("16777216,16777216,4"), CVY_ERR_SHAPE, "16777216" },
        { INPUT("16777217"), CVY_ERR_SHAPE, "entry 1" },
        { INPUT("9223372036854775807"), CVY_ERR_SHAPE, "entry 1" },
        { INPUT("92233720368547758080"), CVY_ERR_FORMAT, "not JSON" },
        { INPUT("4") INPUT("4"), CVY_ERR_UNSUPPORTED, "layer 2|InputLayer" },
        { INPUT("4") DENSE("4") INPUT("4"), CVY_ERR_UNSUPPORTED, "layer 3|InputLayer" },
    };
    EXPECT_REFUSED(cases);
}

Test(bad_architectures, bad_settings_are_refused)
{
    static const bad_layers cases[] = {
        { INPUT("4") LAYER("Dense", ""), CVY_ERR_FORMAT, "layer 2|units|missing" },
        { INPUT("4") LAYER("Dense", "'units':null"), CVY_ERR_FORMAT, "units|missing" },
        { INPUT("4") DENSE("0"), CVY_ERR_FORMAT, "layer 2|units|\"0\"" },
        { INPUT("4") DENSE("-3"), CVY_ERR_FORMAT, "layer 2|units|\"-3\"" },
        { INPUT("4") DENSE("2.5"), CVY_ERR_FORMAT, "units|\"2.5\"" },
        { INPUT("4") DENSE("[3]"), CVY_ERR_FORMAT, "units" },
        { INPUT("4") DENSE("{}"), CVY_ERR_FORMAT, "units" },
        { INPUT("4") DENSE("true"), CVY_ERR_FORMAT, "units|\"true\"" },
        { INPUT("4") DENSE("1048577"), CVY_ERR_FORMAT, "units|1048577" },
        { INPUT("4") LAYER("Dense", "'units':3,'use_bias':7"), CVY_ERR_FORMAT, "use_bias|\"7\"" },
        { INPUT("4") LAYER("Dense", "'units':3,'unit':3"), CVY_ERR_UNSUPPORTED, "unit=3" },
        { INPUT("4,4,2") LAYER("Dense", "'units':3,'unit':3"), CVY_ERR_UNSUPPORTED,
          "layer 2: Dense, computed as Conv2D: |unit=3" },
        { INPUT("5,5,1") LAYER("Conv2D", "'filters':2,'kernel_size':3,'activation':'rleu'"),
          CVY_ERR_UNSUPPORTED, "(Conv2D)|rleu|relu" },
        { INPUT("4") LAYER("Dense", "'units':3,'activation':'rleu'"), CVY_ERR_UNSUPPORTED,
          "\"rleu\"|relu" },
        { INPUT("4") LAYER("Dense", "'units':3,'kernel_initializer':'nought'"), CVY_ERR_FORMAT,
          "\"nought\"|zeros" },
        { INPUT("4") LAYER("Dense", "'units':3,'dtype':'float64'"), CVY_ERR_UNSUPPORTED,
          "float64|float32" },
        { INPUT("4") LAYER("Dropout", "'rate':1.5") DENSE("2"), CVY_ERR_FORMAT, "rate|1.5" },
        { INPUT("4") LAYER("Dropout", "'rate':-0.1") DENSE("2"), CVY_ERR_FORMAT, "rate|-0.1" },
        { INPUT("9,9,1") CONV("0", "3") FLATTEN, CVY_ERR_FORMAT, "filters|\"0\"" },
        { INPUT("9,9,1") CONV("2", "-3") FLATTEN, CVY_ERR_FORMAT, "kernel_size|\"-3\"" },
        { INPUT("9,9,1") CONV("2", "[3,0]") FLATTEN, CVY_ERR_FORMAT, "kernel_size|[3;0]" },
        { INPUT("9,9,1") CONV("2", "[3,3,3]") FLATTEN, CVY_ERR_FORMAT, "kernel_size" },
        { INPUT("9,9,1") CONV("2", "3,'strides':0") FLATTEN, CVY_ERR_FORMAT, "strides|\"0\"" },
        { INPUT("9,9,1") CONV("2", "3,'padding':'full'") FLATTEN, CVY_ERR_FORMAT,
          "padding|\"full\"|same" },
        { INPUT("9,9,1") MAX_POOL("0") FLATTEN, CVY_ERR_FORMAT, "pool_size|\"0\"" },
    };
    EXPECT_REFUSED(cases);
}

Test(bad_architectures, layers_that_do_not_fit_are_refused)
{
    static const bad_layers cases[] = {
        { INPUT("9,9,1") LAYER("LSTM", "'units':3"), CVY_ERR_UNSUPPORTED, "layer 2|LSTM|Dense" },
        { INPUT("4,9,1") MAX_POOL("[5,2]") FLATTEN, CVY_ERR_SHAPE,
          "layer 2|max_pooling2d|5 x 2|4 x 9" },
        { INPUT("9,4,1") LAYER("AveragePooling2D", "'pool_size':5") FLATTEN, CVY_ERR_SHAPE,
          "5 x 5|9 x 4" },
        { INPUT("4,4,1") CONV("2", "5") FLATTEN, CVY_ERR_SHAPE, "layer 2|5 x 5|4 x 4" },
        { INPUT("9,9,1") MAX_POOL("3") CONV("2", "4") FLATTEN, CVY_ERR_SHAPE, "layer 3|3 x 3" },
        { INPUT("40,40,1") MAX_POOL("17") FLATTEN, CVY_ERR_UNSUPPORTED, "17 x 17|256" },
        { INPUT("81") CONV("2", "3"), CVY_ERR_SHAPE, "layer 2|81|image" },
        { INPUT("81") MAX_POOL("3"), CVY_ERR_SHAPE, "layer 2|81|image" },
        { INPUT("9,9,1") DENSE("3"), CVY_ERR_SHAPE, "last layer|9 x 9 x 3|Flatten" },
        { INPUT("9,9,1") CONV("2", "3"), CVY_ERR_SHAPE, "last layer|vector" },
        { INPUT("9,9,1"), CVY_ERR_FORMAT, "no layer" },
    };
    EXPECT_REFUSED(cases);
}

Test(bad_architectures, sizes_that_overflow_are_refused)
{
    static const bad_layers cases[] = {
        /* 4096 x 4096 pixels of 65536 channels: 2^40 values */
        { INPUT("4096,4096,1") CONV("65536", "1") FLATTEN, CVY_ERR_SHAPE, "layer 2|65536" },
        /* a kernel of 2^24 x 65536 weights */
        { INPUT("1,1,1") CONV("65536", "4096,'padding':'same'") FLATTEN, CVY_ERR_SHAPE,
          "layer 2|kernel|2^31" },
        { INPUT("16777216") DENSE("1048576"), CVY_ERR_SHAPE, "layer 2|kernel|2^31" },
        { INPUT("4") DENSE("18446744073709551617"), CVY_ERR_FORMAT, "not JSON" },
        { INPUT("4") DENSE("9223372036854775807"), CVY_ERR_FORMAT, "units" },
        { INPUT("4") DENSE("1e300"), CVY_ERR_FORMAT, "units|1e+300" },
    };
    EXPECT_REFUSED(cases);
}

Test(bad_architectures, bad_names_are_refused)
{
#define NAMED(name) LAYER("Dense", "'units':3,'name':'" name "'")
#define TEN         "0123456789"
#define HUNDRED     TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
    static const bad_layers cases[] = {
        { INPUT("4") NAMED("a") NAMED("b") NAMED("a"), CVY_ERR_FORMAT, "layer 4|\"a\"|twice" },
        { INPUT("4") NAMED(""), CVY_ERR_FORMAT, "layer 2|name \"\"" },
        { INPUT("4") NAMED("a/b"), CVY_ERR_FORMAT, "layer 2|\"a/b\"" },
        { INPUT("4") NAMED(HUNDRED HUNDRED HUNDRED), CVY_ERR_FORMAT, "layer 2|1 to 255" },
        { INPUT("4") DENSE("2") NAMED("dense"), CVY_ERR_FORMAT, "layer 3|\"dense\"|twice" },
    };
    EXPECT_REFUSED(cases);
}

Test(bad_architectures, files_that_cannot_be_read_are_refused)
{
    cvy_model *model = NULL;

    expect_refusal("a missing file", cvy_model_create("no/such.json", &model), CVY_ERR_OPEN,
                   "no/such.json");
    expect_refusal("a folder", cvy_model_create("/", &model), CVY_ERR_READ, "/");
    expect_refusal("a misspelt name", cvy_model_create("lenet", &model), CVY_ERR_OPEN,
                   "lenet|\"lenet5\"");
    cr_expect_null(model);
}
