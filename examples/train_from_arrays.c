/* Train from arrays in memory: images of horizontal and vertical bars, drawn here.
 * Usage: train_from_arrays */
#include <convoy/convoy.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 28, PIXELS = SIDE * SIDE, IMAGES = 400, TRAINED = 300 };

static unsigned char pixels[IMAGES][SIDE][SIDE];
static uint16_t labels[IMAGES];

static void draw_bars(void)
{
    for (size_t i = 0; i < IMAGES; i++) {
        const size_t place = 2 + i * 7 % (SIDE - 6);
        labels[i] = i % 2;
        for (size_t along = 3; along < SIDE - 3; along++)
            for (size_t across = place; across < place + 3; across++)
                if (labels[i] == 0)
                    pixels[i][across][along] = 255;
                else
                    pixels[i][along][across] = 255;
    }
}

/* Every failure leaves a sentence. */
static void check(cvy_status status)
{
    if (status == CVY_OK)
        return;
    fprintf(stderr, "%s\n", cvy_error_message());
    exit(1);
}

int main(void)
{
    static const char *const names[] = { "horizontal", "vertical" };
    cvy_arrays arrays;
    cvy_dataset *data;
    cvy_model *model;
    cvy_score *score;

    draw_bars();
    cvy_arrays_init(&arrays);
    arrays.name = "bars";
    arrays.height = arrays.width = SIDE;
    arrays.class_count = 2;
    arrays.class_names = names;
    arrays.train.count = TRAINED;
    arrays.train.bytes = &pixels[0][0][0];
    arrays.train.labels = labels;
    arrays.test.count = IMAGES - TRAINED;
    arrays.test.bytes = &pixels[TRAINED][0][0];
    arrays.test.labels = labels + TRAINED;
    check(cvy_dataset_from_arrays(&arrays, &data));
    check(cvy_model_create("lenet5", &model));

    cvy_train_settings settings = cvy_train_defaults();
    settings.epochs = 3;
    settings.batch_size = 32;
    settings.threads = cvy_threads_recommended()->recommended;
    check(cvy_train(model, data, &settings, NULL));
    check(cvy_evaluate(model, data, CVY_SPLIT_TEST, 1, settings.threads, &score));
    printf("%s: accuracy %.3f on %zu test images\n", cvy_dataset_describe(data).name,
           score->accuracy, score->image_count);

    cvy_score_destroy(score);
    cvy_model_destroy(model);
    cvy_dataset_close(data);
    return 0;
}
