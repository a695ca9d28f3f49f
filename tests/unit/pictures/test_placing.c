/* Ink in the form of MNIST: its size, its place, its strokes, for square and other images. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

#include "base/memory.h"
#include "pictures/placing.h"

enum { SIDE_MAX = 256 };

static unsigned char image[SIDE_MAX * SIDE_MAX];

/* Ink all over a box. */
static cvy_plane make_bar(size_t width, size_t height, cvy_box box)
{
    cvy_plane plane;

    cr_assert(eq(int, cvy_plane_create(&plane, width, height), CVY_OK));
    for (size_t y = box.top; y < box.bottom; y++)
        for (size_t x = box.left; x < box.right; x++)
            plane.value[y * width + x] = 1;
    return plane;
}

static cvy_placing place(cvy_box box, size_t width, size_t height)
{
    cvy_placing placing;
    cvy_plane ink = make_bar(box.right + 7, box.bottom + 3, box);

    cr_assert(eq(int, cvy_placing_draw(&ink, &box, image, width, height, &placing), CVY_OK));
    cvy_memory_free(ink.value);
    return placing;
}

/* Rows and columns that hold at least half of full ink. */
static cvy_box found_box(size_t width, size_t height)
{
    cvy_box box = { .left = width, .top = height };

    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            if (image[y * width + x] >= 128) {
                box.left = x < box.left ? x : box.left;
                box.right = x + 1 > box.right ? x + 1 : box.right;
                box.top = y < box.top ? y : box.top;
                box.bottom = y + 1;
            }
    return box;
}

static void expect_near(double found, double expected, double slack)
{
    cr_expect(le(dbl, fabs(found - expected), slack), "%g, expected %g", found, expected);
}

Test(placing, fits_the_box_with_its_aspect)
{
    cvy_placing placing = place((cvy_box){ 10, 20, 50, 120 }, 28, 28);
    cvy_box box = found_box(28, 28);

    expect_near(placing.scale, 0.2, 1e-9);
    expect_near((double)(box.bottom - box.top), 20, 0);
    expect_near((double)(box.right - box.left), 8, 0);
    expect_near((double)(box.top + box.bottom) / 2, 14.5, 1);
    expect_near((double)(box.left + box.right) / 2, 14.5, 1);
    expect_near(placing.widened_by, 0, 0);
}

Test(placing, serves_images_of_any_form)
{
    place((cvy_box){ 0, 0, 10, 10 }, 56, 28);
    cvy_box box = found_box(56, 28);
    expect_near((double)(box.bottom - box.top), 20, 0);
    expect_near((double)(box.right - box.left), 20, 0);
    expect_near((double)box.left, 18, 1);

    place((cvy_box){ 0, 0, 10, 10 }, 200, 200);
    box = found_box(200, 200);
    expect_near((double)(box.bottom - box.top), 143, 1);

    place((cvy_box){ 0, 0, 10, 10 }, 1, 1);
    cr_expect(eq(int, image[0], 255));
}

Test(placing, widens_hairlines)
{
    cvy_placing placing = place((cvy_box){ 100, 5, 101, 505 }, 28, 28);
    cvy_box box = found_box(28, 28);

    cr_expect(lt(dbl, placing.stroke_width, 0.5));
    cr_expect(gt(dbl, placing.widened_by, 1));
    cr_expect(ge(sz, box.right - box.left, 1));
    cr_expect(le(sz, box.bottom - box.top, 20));
    cr_expect(ge(sz, box.bottom - box.top, 18));
}

Test(placing, draws_a_single_pixel)
{
    place((cvy_box){ 3, 4, 4, 5 }, 28, 28);
    cvy_box box = found_box(28, 28);

    expect_near((double)(box.right - box.left), 20, 0);
    expect_near((double)(box.bottom - box.top), 20, 0);
}

Test(placing, moves_the_mass_to_the_middle_but_nothing_out_of_the_image)
{
    cvy_box box = { 0, 0, 40, 40 };
    cvy_plane ink = make_bar(40, 40, (cvy_box){ 0, 0, 40, 4 }); /* heavy on top ... */
    cvy_placing placing;

    ink.value[39 * 40 + 20] = 1; /* ... and a dot at the bottom */
    cr_assert(eq(int, cvy_placing_draw(&ink, &box, image, 28, 28, &placing), CVY_OK));
    expect_near(placing.shift_y, 4, 0); /* all the room there is */
    expect_near((double)found_box(28, 28).top, 8, 0);
    cvy_memory_free(ink.value);
}

Test(placing, knows_what_is_placed_already)
{
    cvy_box good = { 4, 4, 24, 24 }, small = { 9, 9, 19, 19 }, aside = { 0, 4, 20, 24 };
    cvy_plane ink = make_bar(28, 28, good);

    cr_expect(cvy_placing_is_met(&ink, &good));
    cvy_memory_free(ink.value);
    ink = make_bar(28, 28, small);
    cr_expect(not(cvy_placing_is_met(&ink, &small)));
    cvy_memory_free(ink.value);
    ink = make_bar(28, 28, aside);
    cr_expect(not(cvy_placing_is_met(&ink, &aside)));
    cvy_memory_free(ink.value);
}
