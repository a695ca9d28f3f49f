/* Class weights by name, by number and balanced; what they do to loss, gradient and accuracy. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "convoy/train.h"
#include "support/models.h"
#include "train/class_weights.h"

static char names[4][CVY_CLASS_NAME_BYTES] = { "cat", "3", "x=y", "dog" };
static cvy_dataset data = { .name = "pets", .class_count = 4, .class_names = names };
static const uint16_t labels[] = { 0, 0, 0, 1, 1, 3, 0, 0, 0, 0 };

static void expect(const char *text, const float *wanted)
{
    float *weights;

    cr_assert_eq(cvy_class_weights_read(text, &data, labels, 10, &weights), CVY_OK, "%s: %s", text,
                 cvy_error_message());
    for (size_t c = 0; c < 4; c++)
        cr_expect_eq(weights[c], wanted[c], "%s: class %zu weighs %g", text, c, (double)weights[c]);
    cvy_memory_free(weights);
}

Test(class_weights, are_read)
{
    expect("cat=2", (float[]){ 2, 1, 1, 1 });
    expect("dog=0.5,cat=0", (float[]){ 0, 1, 1, 0.5f });
    expect("0=2,2=1e-3", (float[]){ 2, 1, 1e-3f, 1 });
    expect("3=7", (float[]){ 1, 7, 1, 1 }); /* a name goes before a number */
    expect("x=y=4", (float[]){ 1, 1, 4, 1 });
}

/* scikit-learn: 10 images / (3 classes that there are * images of the class). */
Test(class_weights, balanced)
{
    expect("balanced", (float[]){ (float)(10. / 21), (float)(10. / 6), 1, (float)(10. / 3) });
}

Test(class_weights, none_are_null)
{
    float *weights = (float[]){ 1 };

    cr_expect_eq(cvy_class_weights_read(NULL, &data, labels, 10, &weights), CVY_OK);
    cr_expect_null(weights);
}

static void expect_refused(const char *text, const char *words)
{
    float *weights;

    expect_refusal(text, cvy_class_weights_read(text, &data, labels, 10, &weights), CVY_ERR_SETTING,
                   words);
    cvy_memory_free(weights);
}

Test(class_weights, bad_ones_are_refused)
{
    expect_refused("", "class weight|balanced");
    expect_refused("balance", "class weight|\"balance\"|CLASS=WEIGHT");
    expect_refused("cow=1", "class weight|\"cow\"|4 classes of pets");
    expect_refused("4=1", "\"4\"");
    expect_refused("-1=1", "\"-1\"");
    expect_refused("0x1=1", "\"0x1\"");
    expect_refused("cat=1,0=2", "0 is given twice");
    expect_refused("cat=-1", "cat|weight|\"-1\"|[0, 1000000]");
    expect_refused("cat=nan", "cat|\"nan\"");
    expect_refused("cat=", "cat|\"\"");
    expect_refused("cat=1,", "\"\"");
}

/* --- in training --- */

enum { IMAGES = 40, BATCH = 16 };

static cvy_dataset *digits;
static cvy_model *model;
static cvy_history *history;

static void begin(void)
{
    cr_assert_eq(cvy_dataset_open("digits:train=40,test=10", 1, &digits), CVY_OK);
    model =
        model_make(INPUT("28,28,1") FLATTEN LAYER("Dense", "'units':10,'activation':'softmax'"));
}

static void end(void)
{
    cvy_history_destroy(history);
    history = NULL;
    cvy_model_destroy(model);
    cvy_dataset_close(digits);
}

static void train(const char *class_weight, const char *rate, size_t threads)
{
    cvy_train_settings settings = cvy_train_defaults();

    settings.optimizer = "sgd";
    settings.learning_rate = rate;
    settings.class_weight = class_weight;
    settings.epochs = 1;
    settings.batch_size = BATCH;
    settings.threads = threads;
    cvy_history_destroy(history);
    history = NULL;
    cr_assert_eq(cvy_train(model, digits, &settings, &history), CVY_OK, "%s", cvy_error_message());
}

/* At a rate of 0: the mean over the number of images of weight * loss; accuracy as without. */
Test(class_weights, weigh_the_loss_but_not_the_accuracy, .init = begin, .fini = end)
{
    cvy_dataset one_class = *digits;
    double wanted = 0, accuracy;
    cvy_score *score;
    size_t count = 0;

    train(NULL, "0", 1);
    accuracy = history->epochs[0]->accuracy;
    for (uint16_t c = 0; c < 10; c++) {
        uint8_t pixels[IMAGES][28 * 28];
        uint16_t same[IMAGES];
        count = 0;
        for (size_t i = 0; i < IMAGES; i++)
            if (digits->train.labels[i] == c) {
                same[count] = c;
                memcpy(pixels[count++], digits->train.pixels + i * 28 * 28, 28 * 28);
            }
        if (count == 0)
            continue;
        one_class.test = (cvy_images){ .count = count, .pixels = pixels[0], .labels = same };
        cr_assert_eq(cvy_evaluate(model, &one_class, CVY_SPLIT_TEST, 1, 1, &score), CVY_OK);
        wanted += (c == 2 ? 2.5 : c == 7 ? 0 : 1) * (double)count * score->loss / IMAGES;
        cvy_score_destroy(score);
    }
    train("2=2.5,7=0", "0", 2);
    cr_expect_float_eq(history->epochs[0]->loss, wanted, 1e-6);
    cr_expect_eq(history->epochs[0]->accuracy, accuracy);
}

Test(class_weights, of_one_change_nothing, .init = begin, .fini = end)
{
    train(NULL, "0.1", 1);
    const char *plain = model_digest(model);
    train("4=1", "0.1", 3);
    cr_expect_str_eq(model_digest(model), plain);
}

/* A constant factor for all classes is a factor of the rate of plain sgd. */
Test(class_weights, scale_the_gradient, .init = begin, .fini = end)
{
    train("0=2,1=2,2=2,3=2,4=2,5=2,6=2,7=2,8=2,9=2", "0.125", 2);
    const char *weighted = model_digest(model);
    train(NULL, "0.25", 1);
    cr_expect_str_eq(model_digest(model), weighted);
}

/* Classes of weight 0 teach nothing: not even what they look like matters. */
Test(class_weights, of_zero_leave_a_class_out, .init = begin, .fini = end)
{
    train("3=0,5=0", "0.25", 1);
    const char *before = model_digest(model);
    const float scale = model->pixel_scale, offset = model->pixel_offset;
    for (size_t i = 0; i < IMAGES; i++) {
        uint8_t *image = digits->train.pixels + i * 28 * 28;
        if (digits->train.labels[i] == 3 || digits->train.labels[i] == 5)
            for (size_t p = 0; p < 14 * 28; p++) { /* turned round: mean and deviation stay */
                const uint8_t other = image[28 * 28 - 1 - p];
                image[28 * 28 - 1 - p] = image[p];
                image[p] = other;
            }
    }
    train("3=0,5=0", "0.25", 2);
    cr_expect_eq(model->pixel_scale, scale);
    cr_expect_eq(model->pixel_offset, offset);
    cr_expect_str_eq(model_digest(model), before);
}
