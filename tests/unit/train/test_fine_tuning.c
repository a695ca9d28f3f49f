/* Going on from a trained model: frozen layers, other classes, preprocessing. */
#include <criterion/criterion.h>
#include <string.h>

#include "convoy/convoy.h"
#include "data/dataset.h"
#include "support/models.h"

static cvy_dataset *data;
static cvy_model *model;
static cvy_train_settings settings;

#define NAMED(class_name, name, config) LAYER(class_name, "'name':'" name "'," config)

static void begin(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=100,test=20", 2, &data), CVY_OK);
    model = model_make(INPUT("28,28,1") NAMED("Conv2D", "first", "'filters':3,'kernel_size':5")
                           NAMED("BatchNormalization", "norm", "'momentum':0.5")
                               FLATTEN NAMED("Dense", "middle", "'units':8,'activation':'relu'")
                                   NAMED("Dense", "last", "'units':10,'activation':'softmax'"));
    settings = cvy_train_defaults();
    settings.epochs = 1;
    settings.threads = 2;
    settings.steps = 2;
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK, "%s", cvy_error_message());
    settings.keep_weights = true;
}

static void end(void)
{
    cvy_model_destroy(model);
    cvy_dataset_close(data);
}

TestSuite(fine_tuning, .init = begin, .fini = end);

enum { VALUES_MAX = 20000 };

typedef struct {
    size_t count;
    float values[VALUES_MAX];
} tensor;

static void read_tensor(const cvy_model *from, const char *name, tensor *to)
{
    to->count = 0;
    for (size_t i = 0; i < cvy_model_weight_count(from); i++)
        if (strcmp(cvy_model_weight_info(from, i)->name, name) == 0)
            to->count = cvy_model_weight_info(from, i)->count;
    cr_assert(to->count > 0 && to->count <= VALUES_MAX, "%s", name);
    cr_assert_eq(cvy_model_read_weight(from, name, to->values, to->count), CVY_OK);
}

static bool is_same(const tensor *a, const tensor *b)
{
    return a->count == b->count && memcmp(a->values, b->values, a->count * sizeof(float)) == 0;
}

/* --- frozen layers --- */

/* Trains, and says whether the weight stayed as it was. */
static bool stays(const char *name)
{
    static tensor before, after;

    read_tensor(model, name, &before);
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK, "%s", cvy_error_message());
    read_tensor(model, name, &after);
    return is_same(&before, &after);
}

Test(fine_tuning, frozen_layers_keep_their_weights_and_others_learn)
{
    size_t count;

    cr_assert_eq(cvy_model_set_trainable(model, "first", false, &count), CVY_OK);
    cr_expect_eq(count, 1);
    cr_expect(stays("first/kernel"));
    cr_expect(stays("first/bias"));
    cr_expect_not(stays("norm/gamma"));
    cr_expect_not(stays("middle/kernel"));
    cr_expect_not(stays("last/bias"));
}

Test(fine_tuning, frozen_batch_normalization_keeps_its_moving_statistics)
{
    cr_expect_not(stays("norm/moving_mean"));
    cr_assert_eq(cvy_model_set_trainable(model, "norm", false, NULL), CVY_OK);
    cr_expect(stays("norm/moving_mean"));
    cr_expect(stays("norm/moving_variance"));
    cr_expect(stays("norm/beta"));
    cr_expect_not(stays("first/kernel"));
}

Test(fine_tuning, layers_learn_again)
{
    const size_t all = cvy_model_trained_count(model);

    cr_assert_eq(cvy_model_set_trainable(model, "*", false, NULL), CVY_OK);
    cr_expect_eq(cvy_model_trained_count(model), 0);
    cr_assert_eq(cvy_model_set_trainable(model, "last", true, NULL), CVY_OK);
    cr_expect_eq(cvy_model_trained_count(model), 8 * 10 + 10);
    cr_expect(stays("middle/kernel"));
    cr_expect_not(stays("last/kernel"));
    cr_assert_eq(cvy_model_set_trainable(model, ".", true, NULL), CVY_OK);
    cr_expect_eq(cvy_model_trained_count(model), all);
}

/* "dense" alone would choose dense_1 too as a regular expression. */
Test(fine_tuning, a_name_a_glob_and_an_expression)
{
    static const struct {
        const char *pattern, *frozen; /* one letter a layer */
    } cases[] = {
        { "first", "f----" },          { "m*", "---m-" }, { "*st", "f---l" },    { "mid", "---m-" },
        { "^(first|norm)$", "fn---" }, { "t$", "f---l" }, { "[fl]*t", "f---l" },
    };

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char found[6] = "";
        cr_assert_eq(cvy_model_set_trainable(model, "*", true, NULL), CVY_OK);
        cr_assert_eq(cvy_model_set_trainable(model, cases[c].pattern, false, NULL), CVY_OK);
        for (size_t i = 0; i < 5; i++)
            found[i] = (char)(cvy_model_is_trainable(model, i) ? '-' : "fn?ml"[i]);
        cr_expect_str_eq(found, cases[c].frozen, "%s: %s", cases[c].pattern, found);
    }
}

Test(fine_tuning, a_pattern_that_chooses_nothing_is_refused)
{
    expect_refusal("conv", cvy_model_set_trainable(model, "conv", false, NULL), CVY_ERR_SETTING,
                   "layer conv|none of that name|first, norm, |middle, last");
    expect_refusal("a bracket", cvy_model_set_trainable(model, "a(", false, NULL), CVY_ERR_SETTING,
                   "a(|regular expressions");
    cr_expect(cvy_model_is_trainable(model, 0));
}

/* --- other classes --- */

static const char *const three[] = { "7", "A", "2" };

Test(fine_tuning, known_classes_keep_their_weights_and_new_ones_are_drawn)
{
    static tensor before, after;
    cvy_model *changed;

    cr_assert_eq(cvy_model_with_classes(model, 3, three, 5, &changed), CVY_OK, "%s",
                 cvy_error_message());
    cr_expect_eq(cvy_model_output_count(changed), 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect_str_eq(cvy_model_class_name(changed, i), three[i]);
    read_tensor(model, "last/kernel", &before);
    read_tensor(changed, "last/kernel", &after);
    cr_assert_eq(after.count, 24);
    bool is_drawn = false;
    for (size_t row = 0; row < 8; row++) {
        cr_expect_eq(after.values[row * 3], before.values[row * 10 + 7]);
        cr_expect_eq(after.values[row * 3 + 2], before.values[row * 10 + 2]);
        is_drawn = is_drawn || after.values[row * 3 + 1] != 0;
    }
    cr_expect(is_drawn);
    static const char *const kept[] = { "first/kernel", "norm/moving_mean", "middle/bias" };
    for (size_t i = 0; i < 3; i++) {
        read_tensor(model, kept[i], &before);
        read_tensor(changed, kept[i], &after);
        cr_expect(is_same(&before, &after), "%s", kept[i]);
    }
    cvy_model_destroy(changed);
}

/* Permuting the classes permutes the outputs. */
Test(fine_tuning, the_same_classes_in_another_order_predict_the_same)
{
    static const char *const turned[] = { "9", "8", "7", "6", "5", "4", "3", "2", "1", "0" };
    const unsigned char *image = cvy_dataset_image(data, CVY_SPLIT_TEST, 0);
    float straight[10], reversed[10];
    cvy_model *changed;

    cr_assert_eq(cvy_model_with_classes(model, 10, turned, 5, &changed), CVY_OK);
    cr_assert_eq(cvy_model_predict(model, image, 1, 1, straight), CVY_OK);
    cr_assert_eq(cvy_model_predict(changed, image, 1, 1, reversed), CVY_OK);
    for (size_t i = 0; i < 10; i++)
        cr_expect_float_eq(straight[i], reversed[9 - i], 1e-6F);
    cvy_model_destroy(changed);
}

Test(fine_tuning, other_classes_are_refused_where_they_cannot_be)
{
    static const char *const twice[] = { "a", "b", "a" };
    cvy_model *number = model_make(INPUT("2,2,1") FLATTEN DENSE("1"));
    cvy_model *changed;

    expect_refusal("one output", cvy_model_with_classes(number, 3, three, 0, &changed),
                   CVY_ERR_SHAPE, "one output");
    expect_refusal("a name twice", cvy_model_with_classes(model, 3, twice, 0, &changed),
                   CVY_ERR_SETTING, "a is given twice");
    expect_refusal("one class", cvy_model_with_classes(model, 1, three, 0, &changed),
                   CVY_ERR_SETTING, "found 1, expected at least 2");
    cvy_model_destroy(number);
}

Test(fine_tuning, a_last_layer_that_is_no_dense_or_conv2d_is_named)
{
    cvy_model *other = model_make(INPUT("2,2,1") FLATTEN DENSE("3")
                                      NAMED("BatchNormalization", "tail", "'axis':-1"));
    cvy_model *changed;

    expect_refusal("batch normalization", cvy_model_with_classes(other, 3, three, 0, &changed),
                   CVY_ERR_UNSUPPORTED, "tail (BatchNormalization)|expected a Dense or a Conv2D");
    cvy_model_destroy(other);
}

Test(fine_tuning, a_convolution_in_front_of_global_pooling_is_a_last_layer)
{
    cvy_model *other = model_make(INPUT("4,4,1") CONV("4", "3") LAYER("GlobalAveragePooling2D", "")
                                      LAYER("Activation", "'activation':'softmax'"));
    cvy_model *changed;

    cr_assert_eq(cvy_model_with_classes(other, 3, three, 0, &changed), CVY_OK, "%s",
                 cvy_error_message());
    cr_expect_eq(cvy_model_output_count(changed), 3);
    cvy_model_destroy(changed);
    cvy_model_destroy(other);
}

/* --- preprocessing --- */

Test(fine_tuning, preprocessing_is_kept)
{
    const float scale = model->pixel_scale, offset = model->pixel_offset;
    cvy_dataset *other;

    cr_expect_str_eq(cvy_model_normalization(model), "standard");
    cr_assert_eq(cvy_dataset_open("digits:train=30,test=20,seed=3", 2, &other), CVY_OK);
    cr_assert_eq(cvy_train(model, other, &settings, NULL), CVY_OK, "%s", cvy_error_message());
    cr_expect_eq(model->pixel_scale, scale);
    cr_expect_eq(model->pixel_offset, offset);
    settings.keep_weights = false;
    cr_assert_eq(cvy_train(model, other, &settings, NULL), CVY_OK);
    cr_expect_neq(model->pixel_offset, offset);
    cvy_dataset_close(other);
}

Test(fine_tuning, pixels_can_be_scaled_anew_where_it_is_asked_for)
{
    settings.normalize = "none";
    cr_assert_eq(cvy_train(model, data, &settings, NULL), CVY_OK);
    cr_expect_eq(model->pixel_scale, 1);
    cr_expect_str_eq(cvy_model_normalization(model), "none");
}
