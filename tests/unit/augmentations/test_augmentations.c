/* Augmentations: what they do to pixels, and that a sample depends on seed, epoch and number alone. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "augmentations/augmentation.h"

enum { SIDE = 8, PIXELS = SIDE * SIDE, COLOURS = 3 * PIXELS };

static const cvy_image_form grey = { SIDE, SIDE, 1 }, colour = { SIDE, SIDE, 3 };
static uint8_t image[COLOURS], found[COLOURS], spare[COLOURS];
static float work[4 * COLOURS];

static void begin(void)
{
    for (size_t i = 0; i < COLOURS; i++)
        image[i] = (uint8_t)(i * 37 % 251);
}

TestSuite(augmentations, .init = begin);

static void apply(const char *spec, const cvy_image_form *form, uint32_t epoch, uint64_t sample)
{
    cvy_augmenter augmenter;

    cr_assert(eq(int, cvy_augmenter_read(&spec, 1, 7, &augmenter), CVY_OK), "%s",
              cvy_error_message());
    cr_assert(cvy_augment_work_floats(form) <= sizeof work / sizeof *work);
    cvy_augment(&augmenter, epoch, sample, form, image, NULL, found, spare, work);
    cvy_augmenter_release(&augmenter);
}

/* Two columns to the right: what comes in from the left is what the fill mode says. */
static void expect_first_columns(const char *mode, int first, int second)
{
    char spec[160];

    snprintf(
        spec, sizeof spec,
        "random_translation:height_factor=0,width_factor=[0.25;0.25],fill_mode=%s,fill_value=99",
        mode);
    apply(spec, &grey, 0, 0);
    for (size_t y = 0; y < SIDE; y++) {
        cr_expect(eq(int, found[y * SIDE], first < 0 ? 99 : image[y * SIDE + (size_t)first]), "%s",
                  mode);
        cr_expect(eq(int, found[y * SIDE + 1], second < 0 ? 99 : image[y * SIDE + (size_t)second]));
        for (size_t x = 2; x < SIDE; x++)
            cr_expect(eq(int, found[y * SIDE + x], image[y * SIDE + x - 2]));
    }
}

Test(augmentations, translation_fills_as_keras_does)
{
    expect_first_columns("reflect", 1, 0);
    expect_first_columns("wrap", SIDE - 2, SIDE - 1);
    expect_first_columns("nearest", 0, 0);
    expect_first_columns("constant", -1, -1);
}

Test(augmentations, a_quarter_turn_is_counter_clockwise)
{
    apply("random_rotation:factor=[0.25;0.25]", &grey, 3, 5);
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < SIDE; x++)
            cr_expect(eq(int, found[y * SIDE + x], image[x * SIDE + SIDE - 1 - y]), "%zu %zu", y,
                      x);
}

/* As Keras: rows move in proportion to their distance from the first one, either way. */
Test(augmentations, shear_fixes_the_first_row_and_goes_either_way)
{
    size_t right = 0, left = 0;

    for (uint64_t sample = 0; sample < 40; sample++) {
        apply("random_shear:x_factor=[0.5;0.5],fill_mode=nearest", &grey, 0, sample);
        for (size_t x = 0; x < SIDE; x++)
            cr_expect(eq(int, found[x], image[x]));
        right += found[4 * SIDE + 1] == image[4 * SIDE + 3];
        left += found[4 * SIDE + 3] == image[4 * SIDE + 1];
    }
    cr_expect(eq(sz, right + left, 40));
    cr_expect(right > 8 && left > 8, "%zu and %zu", right, left);
}

Test(augmentations, factors_of_0_change_nothing)
{
    static const char *const specs[] = { "random_translation:height_factor=0,width_factor=0",
                                         "random_rotation:factor=0",
                                         "random_zoom:height_factor=0",
                                         "random_shear:x_factor=0",
                                         "random_brightness:factor=0",
                                         "random_contrast:factor=0",
                                         "random_erasing:factor=0",
                                         "random_elastic:alpha=0",
                                         "random_elastic_transform:factor=0",
                                         "random_elastic_transform:scale=0" };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        apply(specs[i], &colour, 1, 2);
        cr_expect(eq(int, memcmp(found, image, COLOURS), 0), "%s", specs[i]);
    }
}

Test(augmentations, flip_mirrors_half_of_the_samples)
{
    size_t mirrored = 0;

    for (uint64_t sample = 0; sample < 200; sample++) {
        apply("random_flip:mode=horizontal", &colour, 0, sample);
        const bool is_mirrored = memcmp(found, image, COLOURS) != 0;
        mirrored += is_mirrored;
        for (size_t x = 0; x < SIDE; x++)
            cr_expect(eq(int, found[3 * x + 1], image[3 * (is_mirrored ? SIDE - 1 - x : x) + 1]));
    }
    cr_expect(mirrored > 70 && mirrored < 130, "%zu of 200", mirrored);
}

Test(augmentations, brightness_contrast_and_erasing_in_numbers)
{
    apply("random_brightness:factor=[0.2;0.2]", &grey, 0, 0);
    for (size_t i = 0; i < PIXELS; i++)
        cr_expect(eq(int, found[i], image[i] + 51 > 255 ? 255 : image[i] + 51));
    memset(image, 100, COLOURS);
    apply("random_contrast:factor=1", &colour, 0, 0);
    cr_expect(eq(int, found[5], 100)); /* all at the mean */
    apply("random_erasing:factor=[1;1],fill_value=7,scale=[0.25;0.25]", &grey, 0, 4);
    size_t erased = 0;
    for (size_t i = 0; i < PIXELS; i++)
        erased += found[i] == 7;
    cr_expect(eq(sz, erased, SIDE / 2 * SIDE / 2));
}

/* As Keras: the probability itself is drawn from 0 to the factor, unless both ends are given. */
Test(augmentations, a_factor_of_1_changes_half_of_the_samples)
{
    size_t some = 0, all = 0;

    for (uint64_t sample = 0; sample < 400; sample++) {
        apply("random_erasing:scale=[0.3;0.3]", &grey, 0, sample);
        some += memcmp(found, image, PIXELS) != 0;
        apply("random_erasing:factor=[1;1],scale=[0.3;0.3]", &grey, 0, sample);
        all += memcmp(found, image, PIXELS) != 0;
    }
    cr_expect(some > 160 && some < 240, "%zu of 400", some);
    cr_expect(eq(sz, all, 400));
}

/* As Keras's field of 28 x 28 pixels with scale 1: noise of deviation 1.4 pixels times 2.8, filtered by a Gaussian of
 * deviation 1.4. 100,352 displacements of the same sums in NumPy have the deviation 0.774. */
Test(augmentations, the_field_of_random_elastic_transform_is_as_strong_as_in_keras)
{
    enum { WIDE = 28, FIELDS = 128 };
    const cvy_field field = cvy_field_keras(1, WIDE, WIDE);
    static float values[WIDE * WIDE], copy[WIDE];
    double sum = 0;

    cr_expect(eq(sz, field.radius, 4));
    for (uint64_t sample = 0; sample < FIELDS; sample++) {
        cvy_dice dice = cvy_dice_of(7, 0, sample, 0);
        cvy_draw_field(&dice, &field, WIDE, WIDE, values, copy);
        for (size_t i = 0; i < WIDE * WIDE; i++)
            sum += (double)values[i] * (double)values[i];
    }
    cr_expect(epsilon_eq(dbl, sqrt(sum / (FIELDS * WIDE * WIDE)), 0.774, 0.015));
}

Test(augmentations, a_sample_depends_on_epoch_and_number_alone)
{
    static uint8_t first[COLOURS];

    apply("random_elastic", &colour, 2, 9);
    memcpy(first, found, COLOURS);
    apply("random_elastic", &colour, 2, 9);
    cr_expect(eq(int, memcmp(first, found, COLOURS), 0));
    apply("random_elastic", &colour, 3, 9);
    cr_expect(ne(int, memcmp(first, found, COLOURS), 0));
    apply("random_elastic", &colour, 2, 10);
    cr_expect(ne(int, memcmp(first, found, COLOURS), 0));
}

Test(augmentations, wrong_specs_are_refused)
{
    static const char *const specs[] = { "random_rotations",
                                         "random_rotation:factor=2",
                                         "random_rotation:factor=[0.2;0.1]",
                                         "random_translation:height_factor=[0;0.1;0.2]",
                                         "random_zoom:height_factor=[-1;1]",
                                         "random_erasing:scale=[0.1;0.2;0.3]",
                                         "random_elastic_transform:scale=2",
                                         "cutmix:factor=[0.5;0.2]",
                                         "random_translation:fill_mode=mirror" };

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        cvy_augmenter augmenter;
        cr_expect(eq(int, cvy_augmenter_read(&specs[i], 1, 0, &augmenter), CVY_ERR_SETTING), "%s",
                  specs[i]);
        cvy_augmenter_release(&augmenter);
    }
}

/* ---- mixup and cutmix ---- */

static uint8_t partner_image[COLOURS], buffer[COLOURS];

static cvy_mixture mix(const char *const *specs, size_t count, uint32_t epoch, uint64_t sample)
{
    cvy_augmenter augmenter;
    cvy_partner partner = { .image = partner_image, .buffer = buffer };

    cr_assert(eq(int, cvy_augmenter_read(specs, count, 7, &augmenter), CVY_OK), "%s",
              cvy_error_message());
    cr_assert(cvy_augmenter_mixes(&augmenter));
    partner.mixture = cvy_augment_draw(&augmenter, epoch, sample, 1000, &colour);
    cvy_augment(&augmenter, epoch, sample, &colour, image, &partner, found, spare, work);
    cvy_augmenter_release(&augmenter);
    return partner.mixture;
}

Test(augmentations, mixup_blends_pixels_by_the_share_of_the_label)
{
    const char *const spec = "mixup:alpha=1";
    double sum = 0;

    memset(image, 200, COLOURS);
    memset(partner_image, 40, COLOURS);
    for (uint64_t sample = 0; sample < 400; sample++) {
        const cvy_mixture m = mix(&spec, 1, 3, sample);
        cr_expect(m.share >= 0 && m.share <= 1 && m.partner < 1000);
        cr_expect(epsilon_eq(dbl, found[17], 40 + 160 * (double)m.share, 0.51));
        sum += (double)m.share;
    }
    cr_expect(epsilon_eq(dbl, sum / 400, 0.5, 0.06)); /* Beta(1, 1) is uniform */
}

/* 58 % of Beta(0.2, 0.2) lie within 0.05 of an end. */
Test(augmentations, a_small_alpha_seldom_mixes)
{
    const char *const spec = "mixup";
    size_t near_ends = 0;

    for (uint64_t sample = 0; sample < 1000; sample++) {
        const cvy_mixture m = mix(&spec, 1, 0, sample);
        near_ends += m.share < 0.05f || m.share > 0.95f;
    }
    cr_expect(near_ends > 520 && near_ends < 640, "%zu of 1000", near_ends);
}

Test(augmentations, cutmix_replaces_as_much_as_the_label_says)
{
    const char *const spec = "cutmix";

    memset(image, 200, COLOURS);
    memset(partner_image, 40, COLOURS);
    for (uint64_t sample = 0; sample < 200; sample++) {
        const cvy_mixture m = mix(&spec, 1, 0, sample);
        size_t replaced = 0;
        for (size_t i = 0; i < COLOURS; i++)
            replaced += found[i] == 40;
        cr_expect(epsilon_eq(dbl, (double)replaced / COLOURS, 1 - (double)m.share, 1e-6));
    }
}

/* The partner is moved by its own number, as it would be as a sample of its own. */
Test(augmentations, the_partner_is_augmented_up_to_where_it_is_mixed_in)
{
    static const char *const specs[] = { "random_translation", "random_elastic", "mixup:alpha=1" };
    static uint8_t alone[COLOURS], other[COLOURS], mixed[COLOURS];
    cvy_augmenter augmenter;

    for (size_t i = 0; i < COLOURS; i++)
        partner_image[i] = (uint8_t)(i * 91 % 253);
    const cvy_mixture m = mix(specs, 3, 4, 11);
    memcpy(mixed, found, COLOURS);
    cr_assert(eq(int, cvy_augmenter_read(specs, 2, 7, &augmenter), CVY_OK));
    cvy_augment(&augmenter, 4, 11, &colour, image, NULL, alone, spare, work);
    cvy_augment(&augmenter, 4, m.partner, &colour, partner_image, NULL, other, spare, work);
    cvy_augmenter_release(&augmenter);
    for (size_t i = 0; i < COLOURS; i++)
        cr_expect(epsilon_eq(dbl, mixed[i],
                             (double)m.share * alone[i] + (1 - (double)m.share) * other[i], 0.51));
}

Test(augmentations, only_one_kind_mixes)
{
    static const char *const specs[] = { "mixup", "cutmix" };
    cvy_augmenter augmenter;

    cr_expect(eq(int, cvy_augmenter_read(specs, 2, 0, &augmenter), CVY_ERR_SETTING));
    cr_expect_not_null(strstr(cvy_error_message(), "cutmix mixes after mixup"));
    cvy_augmenter_release(&augmenter);
}
