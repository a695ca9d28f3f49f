/* Images brought into another form. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "data/fit.h"

static void expect_pixels(const uint8_t *found, const uint8_t *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_expect(eq(int, found[i], expected[i]), "pixel %zu", i);
}

Test(fit, the_same_form_is_a_copy)
{
    const uint8_t from[] = { 1, 2, 3, 4, 5, 6 };
    uint8_t to[6];

    cvy_fit_image(from, (cvy_form){ 2, 3, 1 }, to, (cvy_form){ 2, 3, 1 });
    expect_pixels(to, from, 6);
}

Test(fit, colours_become_grey_and_back)
{
    const uint8_t colours[] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 10, 10 };
    uint8_t grey[4], back[12];

    cvy_fit_image(colours, (cvy_form){ 2, 2, 3 }, grey, (cvy_form){ 2, 2, 1 });
    expect_pixels(grey, (uint8_t[]){ 76, 150, 29, 10 }, 4);
    cvy_fit_image(grey, (cvy_form){ 2, 2, 1 }, back, (cvy_form){ 2, 2, 3 });
    expect_pixels(back, (uint8_t[]){ 76, 76, 76, 150, 150, 150, 29, 29, 29, 10, 10, 10 }, 12);
}

/* Halving with a triangle 2 wide: weights 1/8 3/8 3/8 1/8, at the border 3/7 3/7 1/7. */
Test(fit, halving_weighs_neighbours)
{
    const uint8_t from[] = { 0, 0, 80, 160, 240, 240 };
    uint8_t to[3];

    cvy_fit_image(from, (cvy_form){ 1, 6, 1 }, to, (cvy_form){ 1, 3, 1 });
    expect_pixels(to, (uint8_t[]){ 11, 120, 229 }, 3);
    cvy_fit_image(from, (cvy_form){ 6, 1, 1 }, to, (cvy_form){ 3, 1, 1 });
    expect_pixels(to, (uint8_t[]){ 11, 120, 229 }, 3);
}

Test(fit, doubling_interpolates)
{
    const uint8_t from[] = { 0, 100 };
    uint8_t to[4];

    cvy_fit_image(from, (cvy_form){ 1, 2, 1 }, to, (cvy_form){ 1, 4, 1 });
    expect_pixels(to, (uint8_t[]){ 0, 25, 75, 100 }, 4);
}

Test(fit, an_even_image_stays_even_at_any_size)
{
    static uint8_t from[61 * 300 * 3], to[256 * 256 * 3];

    memset(from, 255, sizeof from);
    for (size_t side = 1; side <= 256; side += 17) {
        memset(to, 0, sizeof to);
        cvy_fit_image(from, (cvy_form){ 61, 300, 3 }, to, (cvy_form){ side, 257 - side, 3 });
        for (size_t i = 0; i < side * (257 - side) * 3; i++)
            cr_assert(eq(int, to[i], 255), "side %zu, pixel %zu", side, i);
    }
}
