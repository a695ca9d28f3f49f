/* What is done to planes, against what can be worked out by hand. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

#include "base/memory.h"
#include "pictures/plane.h"

static cvy_plane make_plane(size_t width, size_t height, const float *values)
{
    cvy_plane plane;

    cr_assert(eq(int, cvy_plane_create(&plane, width, height), CVY_OK));
    for (size_t i = 0; i < width * height; i++)
        plane.value[i] = values != NULL ? values[i] : 0;
    return plane;
}

static void expect_values(const cvy_plane *plane, const float *expected)
{
    for (size_t i = 0; i < plane->width * plane->height; i++)
        cr_expect(lt(dbl, fabs((double)(plane->value[i] - expected[i])), 1e-6), "%zu: %g, not %g",
                  i, (double)plane->value[i], (double)expected[i]);
}

Test(plane, refuses_sizes_that_overflow)
{
    cvy_plane plane;

    cr_expect(eq(int, cvy_plane_create(&plane, SIZE_MAX / 2, 3), CVY_ERR_MEMORY));
    cr_expect(eq(int, cvy_plane_create(&plane, SIZE_MAX / 4, 1), CVY_ERR_MEMORY));
    cr_expect(eq(ptr, plane.value, NULL));
}

Test(plane, dilation_is_round)
{
    static const float expected[] = { 0, 0, 5, 0, 0, 0, 5, 5, 5, 0, 5, 5, 5,
                                      5, 5, 0, 5, 5, 5, 0, 0, 0, 5, 0, 0 };
    cvy_plane plane = make_plane(5, 5, NULL), wide = make_plane(5, 5, NULL);

    plane.value[12] = 5;
    cvy_plane_dilate(&plane, 2, &wide);
    expect_values(&wide, expected);
    cvy_plane_dilate(&plane, 100, &wide); /* reaches beyond the plane on all sides */
    for (size_t i = 0; i < 25; i++)
        cr_expect(eq(int, (int)wide.value[i], 5));
    cvy_memory_free(plane.value);
    cvy_memory_free(wide.value);
}

Test(plane, draws_to_scale)
{
    static const float values[] = { 1, 2, 3, 4 };
    static const float doubled[] = { 1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4 };
    static const float moved[] = { 0, 0, 0, 0, 0.25F, 0.75F, 0, 1, 2.5F }; /* by half a pixel */
    cvy_plane plane = make_plane(2, 2, values), large = make_plane(4, 4, NULL);
    cvy_plane canvas = make_plane(3, 3, NULL), one = make_plane(1, 1, NULL);

    cvy_plane_draw(&plane, 0, 0, 2, &large);
    expect_values(&large, doubled);
    cvy_plane_draw(&plane, -1.5, -1.5, 1, &canvas);
    expect_values(&canvas, moved);
    cvy_plane_draw(&plane, 0, 0, 0.5, &one);
    cr_expect(lt(dbl, fabs((double)one.value[0] - 2.5), 1e-6));
    cvy_plane_shrink(&large, 2, &plane);
    expect_values(&plane, values);
    cvy_memory_free(plane.value);
    cvy_memory_free(large.value);
    cvy_memory_free(canvas.value);
    cvy_memory_free(one.value);
}

Test(plane, measures_strokes)
{
    cvy_plane plane = make_plane(100, 40, NULL);

    cr_expect(eq(dbl, cvy_plane_stroke_width(&plane), 0));
    for (size_t y = 20; y < 24; y++)
        for (size_t x = 5; x < 95; x++)
            plane.value[y * 100 + x] = 0.5F;
    cr_expect(lt(dbl, fabs(cvy_plane_stroke_width(&plane) - 4), 0.3));
    cvy_memory_free(plane.value);
}

Test(plane, finds_the_centre)
{
    static const float values[] = { 0, 0, 3, 0, 0, 1 };
    cvy_plane plane = make_plane(3, 2, values);
    double x, y;

    cvy_plane_centre(&plane, &x, &y);
    cr_expect(eq(dbl, x, 2.5));
    cr_expect(eq(dbl, y, 0.75));
    cvy_memory_free(plane.value);
}
