/* The built-in digits: the same bytes everywhere, and in the form of MNIST. How well a network that
 * has learned from them reads the real ones is what tests/cli/mnist.sh measures. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#include "convoy/dataset.h"
#include "sources/glyphs.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE };

static cvy_dataset *open_digits(const char *spec, size_t threads)
{
    cvy_dataset *set = NULL;

    cr_assert(eq(int, cvy_dataset_open(spec, threads, &set), CVY_OK), "%s", cvy_error_message());
    return set;
}

static void digest(const char *spec, size_t threads, char text[CVY_DIGEST_TEXT_BYTES])
{
    cvy_dataset *set = open_digits(spec, threads);

    cr_assert(eq(int, cvy_dataset_digest(set, text), CVY_OK));
    cvy_dataset_close(set);
}

/* Recorded with gcc 12 and, to the same result, with clang 14 told to use AVX2 and FMA. */
Test(digits, are_the_same_bytes_on_every_machine)
{
    char text[CVY_DIGEST_TEXT_BYTES];

    digest("digits", 2, text);
    cr_expect(
        eq(str, text, (char *)"00e5904649e631956b79a28f3a97f3d1be71e2a9e46696f1f94c8ec69aa80df2"));
}

Test(digits, do_not_depend_on_the_number_of_threads)
{
    char one[CVY_DIGEST_TEXT_BYTES], several[CVY_DIGEST_TEXT_BYTES];

    digest("digits:seed=7,train=1000,test=131", 1, one);
    for (size_t threads = 2; threads <= 8; threads++) {
        digest("digits:seed=7,train=1000,test=131", threads, several);
        cr_expect(eq(str, several, one), "%zu threads", threads);
    }
}

Test(digits, other_seeds_are_other_images)
{
    char first[CVY_DIGEST_TEXT_BYTES], second[CVY_DIGEST_TEXT_BYTES];

    digest("digits:train=50,test=50", 1, first);
    digest("digits:train=50,test=50,seed=1", 1, second);
    cr_expect(ne(str, first, second));
}

Test(digits, fewer_images_are_the_first_of_more)
{
    cvy_dataset *few = open_digits("digits:train=20,test=1", 1);
    cvy_dataset *more = open_digits("digits:train=40,test=20", 1);

    for (size_t i = 0; i < 20; i++) {
        const unsigned char *image = cvy_dataset_image(more, CVY_SPLIT_TRAIN, i);
        cr_expect(eq(int, memcmp(cvy_dataset_image(few, CVY_SPLIT_TRAIN, i), image, PIXELS), 0));
        cr_expect(ne(int, memcmp(cvy_dataset_image(more, CVY_SPLIT_TEST, i), image, PIXELS), 0),
                  "image %zu is held out and trained on", i);
    }
    cvy_dataset_close(few);
    cvy_dataset_close(more);
}

Test(digits, hold_about_as_many_of_each)
{
    cvy_dataset *set = open_digits("digits", 2);
    size_t count[CVY_DIGIT_COUNT] = { 0 };

    for (size_t i = 0; i < 20000; i++)
        count[cvy_dataset_label(set, CVY_SPLIT_TRAIN, i)]++;
    for (size_t digit = 0; digit < CVY_DIGIT_COUNT; digit++)
        cr_expect(lt(dbl, fabs((double)count[digit] - 2000), 4.5 * sqrt(20000 * 0.1 * 0.9)),
                  "%zu images of digit %zu", count[digit], digit);
    cvy_dataset_close(set);
}

/* Full ink somewhere, none along the edge, the centre of mass in the middle pixel or next to it. */
static void expect_form_of_mnist(const unsigned char *image, size_t number)
{
    double mass = 0, x = 0, y = 0;
    int most = 0;

    for (size_t i = 0; i < PIXELS; i++) {
        mass += image[i];
        x += image[i] * ((double)(i % SIDE) + 0.5);
        y += image[i] * ((double)(i / SIDE) + 0.5);
        most = image[i] > most ? image[i] : most;
    }
    cr_expect(ge(int, most, 160), "image %zu: strongest ink %d", number, most);
    cr_expect(lt(dbl, fabs(x / mass - 14.5), 1.2), "image %zu: centre at x %g", number, x / mass);
    cr_expect(lt(dbl, fabs(y / mass - 14.5), 1.2), "image %zu: centre at y %g", number, y / mass);
    cr_expect(gt(dbl, mass / 255, 15), "image %zu: ink for %g pixels", number, mass / 255);
    cr_expect(lt(dbl, mass / 255, 330), "image %zu: ink for %g pixels", number, mass / 255);
}

Test(digits, have_the_form_of_mnist)
{
    cvy_dataset *set = open_digits("digits", 2);

    for (size_t i = 0; i < 5000; i++)
        expect_form_of_mnist(cvy_dataset_image(set, CVY_SPLIT_TEST, i), i);
    cvy_dataset_close(set);
}

Test(digits, every_digit_is_written_in_several_ways)
{
    size_t ways[CVY_DIGIT_COUNT] = { 0 };

    for (size_t i = 0; i < cvy_glyph_count; i++) {
        cr_assert(lt(sz, cvy_glyphs[i].digit, CVY_DIGIT_COUNT));
        cr_expect(eq(int, cvy_glyphs[i].points[0].pen, CVY_PEN_DOWN));
        cr_expect(eq(int, cvy_glyphs[i].points[CVY_GLYPH_POINTS_MAX - 1].pen, CVY_PEN_END));
        ways[cvy_glyphs[i].digit]++;
    }
    for (size_t digit = 0; digit < CVY_DIGIT_COUNT; digit++)
        cr_expect(ge(sz, ways[digit], 3), "digit %zu", digit);
}

Test(digits, refuse_what_cannot_be)
{
    cvy_dataset *set = NULL;
    static const char *const specs[] = { "digits:train=0", "digits:test=-1", "digits:seed=x",
                                         "digits:size=32", "digits:train=10000000" };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        cr_expect(eq(int, cvy_dataset_open(specs[i], 1, &set), CVY_ERR_SETTING), "%s", specs[i]);
    cr_expect(eq(ptr, set, NULL));
}
