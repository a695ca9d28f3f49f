/* The library's face for pictures: options, ownership of results, polarity, segmentation. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "convoy/convoy.h"

#define PICTURES TESTS_FOLDER "/data/pictures/"

static cvy_picture_options defaults(void)
{
    cvy_picture_options options;

    cvy_picture_options_init(&options);
    return options;
}

Test(inputs, one_of_the_models_size_by_default)
{
    cvy_picture_options options = defaults();
    cvy_inputs *inputs;

    cr_assert(eq(int, cvy_inputs_read(PICTURES "seven.png", &options, &inputs), CVY_OK), "%s",
              cvy_error_message());
    cr_expect(eq(sz, cvy_inputs_count(inputs), 1));
    cr_expect(eq(sz, cvy_inputs_others(inputs), 0));
    const cvy_input_info info = cvy_inputs_info(inputs, 0);
    size_t width, height;
    cr_expect(cvy_inputs_picture(inputs, &width, &height) != NULL);
    cr_expect(eq(sz, width, 90));
    cr_expect(eq(sz, height, 70));
    cr_expect(info.is_inverted);
    cr_expect(lt(sz, info.left, info.right));
    cr_expect(le(sz, info.bottom, height));
    cr_expect(ne(ptr, strstr(cvy_inputs_report(inputs, 0), "90 x 70 pixels"), NULL));
    cvy_inputs_destroy(inputs);
}

Test(inputs, dark_on_light_models_get_the_negative)
{
    cvy_picture_options options = defaults();
    cvy_inputs *light, *dark;

    cr_assert(eq(int, cvy_inputs_read(PICTURES "seven.png", &options, &light), CVY_OK));
    options.polarity = CVY_POLARITY_DARK_ON_LIGHT;
    cr_assert(eq(int, cvy_inputs_read(PICTURES "seven.png", &options, &dark), CVY_OK));
    for (size_t i = 0; i < 28 * 28; i++)
        cr_assert(eq(int, cvy_inputs_images(light)[i] + cvy_inputs_images(dark)[i], 255));
    cvy_inputs_destroy(light);
    cvy_inputs_destroy(dark);
}

Test(inputs, every_character_when_segmented)
{
    cvy_picture_options options = defaults();
    cvy_inputs *inputs;

    cr_assert(eq(int, cvy_inputs_read(PICTURES "forty-two.png", &options, &inputs), CVY_OK));
    cr_expect(eq(sz, cvy_inputs_count(inputs), 1));
    cr_expect(eq(sz, cvy_inputs_others(inputs), 1));
    cvy_inputs_destroy(inputs);
    options.is_segmented = true;
    cr_assert(eq(int, cvy_inputs_read(PICTURES "forty-two.png", &options, &inputs), CVY_OK));
    cr_assert(eq(sz, cvy_inputs_count(inputs), 2));
    cr_expect(lt(sz, cvy_inputs_info(inputs, 0).right, cvy_inputs_info(inputs, 1).left));
    cvy_inputs_destroy(inputs);
}

/* 4 x 2 pixels as 2 x 1: means of 2 x 2, whatever is ink. */
Test(inputs, whole_pictures_on_request)
{
    static const char file[] = "P2 4 2 255\n 0 100 200 200  0 100 240 240";
    cvy_picture_options options = defaults();
    cvy_inputs *inputs;

    options.width = 2;
    options.height = 1;
    options.is_whole = true;
    cr_assert(
        eq(int, cvy_inputs_decode("a.pgm", file, sizeof file - 1, &options, &inputs), CVY_OK));
    cr_assert(eq(sz, cvy_inputs_count(inputs), 1));
    cr_expect(eq(int, cvy_inputs_images(inputs)[0], 50));
    cr_expect(eq(int, cvy_inputs_images(inputs)[1], 220));
    cvy_inputs_destroy(inputs);
    options.invert = CVY_INVERT_YES;
    cr_assert(
        eq(int, cvy_inputs_decode("a.pgm", file, sizeof file - 1, &options, &inputs), CVY_OK));
    cr_expect(eq(int, cvy_inputs_images(inputs)[0], 205));
    cvy_inputs_destroy(inputs);
}

Test(inputs, whole_pictures_for_rgb_models)
{
    static const char file[] = "P6 2 2 255\n"
                               "\xff\0\0\xff\0\0\0\0\xff\0\0\xff";
    cvy_picture_options options = defaults();
    cvy_inputs *inputs;

    options.channels = 3;
    options.height = options.width = 4;
    cr_assert(eq(int, cvy_inputs_decode("name", file, sizeof file - 1, &options, &inputs), CVY_OK));
    const unsigned char *image = cvy_inputs_images(inputs);
    cr_expect(eq(int, image[0], 255));
    cr_expect(eq(int, image[2], 0));
    cr_expect(eq(int, image[(4 * 4 - 1) * 3], 0));
    cr_expect(eq(int, image[(4 * 4 - 1) * 3 + 2], 255));
    cvy_inputs_destroy(inputs);
    options.invert = CVY_INVERT_YES;
    cr_assert(eq(int, cvy_inputs_decode("name", file, sizeof file - 1, &options, &inputs), CVY_OK));
    cr_expect(eq(int, cvy_inputs_images(inputs)[0], 0));
    cr_expect(eq(int, cvy_inputs_images(inputs)[2], 255));
    cr_expect(cvy_inputs_info(inputs, 0).is_inverted);
    cvy_inputs_destroy(inputs);
}

Test(inputs, a_refused_call_says_why)
{
    cvy_picture_options options = defaults();
    cvy_inputs *inputs = NULL;

    cr_expect(eq(int, cvy_inputs_read("nothing.png", &options, &inputs), CVY_ERR_OPEN));
    cr_expect(eq(int, cvy_inputs_decode("blank", "P5 2 2 255\nabab", 15, &options, &inputs),
                 CVY_ERR_DATA));
    cr_expect(eq(int, strncmp(cvy_error_message(), "blank: no ink found", 19), 0));
    cr_expect(
        eq(int, cvy_inputs_decode("g", "GIF89a.........", 15, &options, &inputs), CVY_ERR_FORMAT));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "it is GIF"), NULL));
    options.width = 0;
    cr_expect(eq(int, cvy_inputs_read(PICTURES "seven.png", &options, &inputs), CVY_ERR_SETTING));
    options = defaults();
    options.channels = 2;
    cr_expect(eq(int, cvy_inputs_read(PICTURES "seven.png", &options, &inputs), CVY_ERR_SETTING));
    cr_expect(eq(ptr, inputs, NULL));
    cvy_inputs_destroy(NULL);
}

/* A caller with a header from before is_segmented was added: what follows its struct is not read. */
Test(inputs, shorter_options_of_an_older_header_work)
{
    struct {
        cvy_picture_options options;
        unsigned char behind[8];
    } older;
    const size_t size = offsetof(cvy_picture_options, invert);
    cvy_inputs *inputs;

    memset(&older, 0xee, sizeof older);
    cvy_picture_options_init_sized(&older.options, size);
    cr_expect(eq(int, ((unsigned char *)&older)[size], 0xee));
    cr_assert(eq(int, cvy_inputs_read(PICTURES "seven.png", &older.options, &inputs), CVY_OK), "%s",
              cvy_error_message());
    cvy_inputs_destroy(inputs);
}
