/* Drawn photographs of many kinds, read by a model that was trained on MNIST. CONVOY_PHOTOS=200 draws 200
 * of each kind. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "convoy/convoy.h"
#include "support/photo.h"
#include "support/slow_build.h"

enum { SIDE = 28, CLASSES = 10 };

enum { COUNT = IS_SLOW ? 1 : 5 };

/* The class that the model sees in an image. */
static size_t class_of(const cvy_model *model, const unsigned char *image)
{
    float outputs[CLASSES];
    size_t best = 0;

    cr_assert(eq(int, cvy_model_predict(model, image, 1, 1, outputs), CVY_OK));
    for (size_t c = 1; c < CLASSES; c++)
        best = outputs[c] > outputs[best] ? c : best;
    return best;
}

/* A picture as a PGM file, through the library's face; CLASSES for none. */
static size_t read_photo(const cvy_model *model, const photo *picture)
{
    cvy_picture_options options;
    cvy_inputs *inputs;
    const size_t area = picture->width * picture->height;
    unsigned char *file = malloc(area + 64);
    const int head = sprintf((char *)file, "P5 %zu %zu 255\n", picture->width, picture->height);

    memcpy(file + head, picture->grey, area);
    cvy_picture_options_init(&options);
    cvy_status status = cvy_inputs_decode("photo", file, area + (size_t)head, &options, &inputs);
    free(file);
    if (status != CVY_OK)
        return CLASSES;
    const size_t found = class_of(model, cvy_inputs_images(inputs));
    cvy_inputs_destroy(inputs);
    return found;
}

/* A digit that the model reads rightly as it is. */
static const unsigned char *next_digit(const cvy_dataset *set, const cvy_model *model, size_t *at,
                                       size_t *label)
{
    const unsigned char *image;

    do {
        image = cvy_dataset_image(set, CVY_SPLIT_TEST, *at);
        *label = cvy_dataset_label(set, CVY_SPLIT_TEST, *at);
        *at = (*at + 1) % cvy_dataset_describe(set).test_count;
    } while (class_of(model, image) != *label);
    return image;
}

Test(photos, nine_of_ten_of_every_kind_are_read)
{
    const char *wanted = getenv("CONVOY_PHOTOS");
    const size_t count = wanted != NULL ? strtoul(wanted, NULL, 10) : COUNT;
    size_t right_of_all = 0, at = 0, label;
    cvy_model *model;
    cvy_dataset *set;

    cr_assert(eq(int, cvy_model_load(TESTS_FOLDER "/../models/lenet5.safetensors", &model), CVY_OK),
              "%s", cvy_error_message());
    cr_assert(eq(int, cvy_dataset_open("digits:train=10,test=1000", 1, &set), CVY_OK));
    for (size_t k = 0; k < photo_kind_count; k++) {
        size_t right = 0;
        for (size_t i = 0; i < count; i++) {
            const unsigned char *digit = next_digit(set, model, &at, &label);
            photo picture = photo_draw(&photo_kinds[k], digit, (uint32_t)(1000 * k + i));
            right += read_photo(model, &picture) == label;
            free(picture.grey);
        }
        if (wanted != NULL)
            printf("%-20s %zu of %zu\n", photo_kinds[k].name, right, count);
        right_of_all += right;
        cr_expect(ge(sz, 10 * right + 9, 9 * count), "%s: %zu of %zu", photo_kinds[k].name, right,
                  count);
    }
    cr_expect(ge(sz, 100 * right_of_all, 95 * count * photo_kind_count), "%zu of %zu", right_of_all,
              count * photo_kind_count);
    cvy_dataset_close(set);
    cvy_model_destroy(model);
}

/* A digit four times as large as its image, with a circle around it; `flat` makes an ellipse of that. */
static photo draw_circled(const unsigned char *digit, double flat)
{
    enum { SIZE = 220, SCALE = 4, EDGE = (SIZE - SCALE * SIDE) / 2 };
    photo picture = { .width = SIZE, .height = SIZE, .grey = malloc(SIZE * SIZE) };

    for (size_t i = 0; i < SIZE * SIZE; i++) {
        const size_t x = i % SIZE, y = i / SIZE;
        const double across = (double)x - SIZE / 2.0, down = (double)y - SIZE / 2.0;
        const double radius = hypot(across, down / flat);
        picture.grey[i] = fabs(radius - 84) < 2.5 ? 60 : 235;
        if (x >= EDGE && x < SIZE - EDGE && y >= EDGE && y < SIZE - EDGE)
            picture.grey[i] =
                (uint8_t)(picture.grey[i] -
                          digit[(y - EDGE) / SCALE * SIDE + (x - EDGE) / SCALE] * 0.7);
    }
    return picture;
}

Test(photos, a_circle_around_a_digit_is_left_out)
{
    enum { DIGITS = 20 };
    size_t right = 0, at = 0, label;
    cvy_model *model;
    cvy_dataset *set;

    cr_assert(eq(int, cvy_model_load(TESTS_FOLDER "/../models/lenet5.safetensors", &model), CVY_OK),
              "%s", cvy_error_message());
    cr_assert(eq(int, cvy_dataset_open("digits:train=10,test=1000", 1, &set), CVY_OK));
    for (size_t i = 0; i < DIGITS; i++) {
        const unsigned char *digit = next_digit(set, model, &at, &label);
        photo picture = draw_circled(digit, 1 + 0.02 * (double)(i % 10));
        right += read_photo(model, &picture) == label;
        free(picture.grey);
    }
    cr_expect(ge(sz, right, DIGITS - 1), "%zu of %d", right, DIGITS);
    cvy_dataset_close(set);
    cvy_model_destroy(model);
}

/* Floyd and Steinberg 1976: each pixel becomes black or white, and its error goes to pixels after it. */
static void dither(photo *picture)
{
    const size_t w = picture->width, h = picture->height;
    double *value = malloc(w * h * sizeof *value);

    for (size_t i = 0; i < w * h; i++)
        value[i] = picture->grey[i];
    for (size_t i = 0; i < w * h; i++) {
        const size_t x = i % w, y = i / w;
        picture->grey[i] = value[i] >= 128 ? 255 : 0;
        const double error = value[i] - picture->grey[i];
        if (x + 1 < w)
            value[i + 1] += error * 7 / 16;
        if (y + 1 < h && x > 0)
            value[i + w - 1] += error * 3 / 16;
        if (y + 1 < h)
            value[i + w] += error * 5 / 16;
        if (y + 1 < h && x + 1 < w)
            value[i + w + 1] += error / 16;
    }
    free(value);
}

/* As a fax machine sends them: black and white dots in place of greys. */
Test(photos, dithered_pictures_are_read_and_blank_ones_refused)
{
    static const unsigned char nothing[SIDE * SIDE];
    enum { PICTURES = 10, KINDS = 5 }; /* plain, shadows, vignette */
    size_t right = 0, refused = 0, at = 0, label;
    cvy_model *model;
    cvy_dataset *set;

    cr_assert(eq(int, cvy_model_load(TESTS_FOLDER "/../models/lenet5.safetensors", &model), CVY_OK),
              "%s", cvy_error_message());
    cr_assert(eq(int, cvy_dataset_open("digits:train=10,test=1000", 1, &set), CVY_OK));
    for (size_t i = 0; i < PICTURES; i++) {
        const unsigned char *digit = next_digit(set, model, &at, &label);
        photo written = photo_draw(&photo_kinds[i % KINDS], digit, (uint32_t)(7000 + i));
        photo blank = photo_draw(&photo_kinds[i % KINDS], nothing, (uint32_t)(8000 + i));
        dither(&written);
        dither(&blank);
        right += read_photo(model, &written) == label;
        refused += read_photo(model, &blank) == CLASSES;
        free(written.grey);
        free(blank.grey);
    }
    cr_expect(ge(sz, right, PICTURES - 1), "%zu of %d", right, PICTURES);
    cr_expect(ge(sz, refused, PICTURES - 1), "%zu of %d blank ones", refused, PICTURES);
    cvy_dataset_close(set);
    cvy_model_destroy(model);
}

/* Paper without a digit: ruled, squared, with boxes or holes, in any light. 38 of 40 of each kind are refused. */
Test(photos, blank_paper_is_refused)
{
    static const unsigned char nothing[SIDE * SIDE];
    const char *wanted = getenv("CONVOY_PHOTOS");
    const size_t count = wanted != NULL ? strtoul(wanted, NULL, 10) : COUNT;
    size_t refused_of_all = 0;
    cvy_model *model;

    cr_assert(eq(int, cvy_model_load(TESTS_FOLDER "/../models/lenet5.safetensors", &model), CVY_OK),
              "%s", cvy_error_message());
    for (size_t k = 0; k < photo_kind_count; k++) {
        size_t refused = 0;
        for (size_t i = 0; i < count; i++) {
            photo picture = photo_draw(&photo_kinds[k], nothing, (uint32_t)(1000 * k + i));
            refused += read_photo(model, &picture) == CLASSES;
            free(picture.grey);
        }
        if (wanted != NULL)
            printf("%-20s %zu of %zu blank ones refused\n", photo_kinds[k].name, refused, count);
        refused_of_all += refused;
        cr_expect(ge(sz, 20 * refused + 19, 19 * count), "%s: %zu of %zu", photo_kinds[k].name,
                  refused, count);
    }
    cr_expect(ge(sz, 100 * refused_of_all, 97 * count * photo_kind_count), "%zu of %zu",
              refused_of_all, count * photo_kind_count);
    cvy_model_destroy(model);
}
