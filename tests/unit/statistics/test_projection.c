/* Principal planes against NumPy's SVD. Goldens: tests/golden/make_projection_goldens.py. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>

#include "base/memory.h"
#include "statistics/projection.h"

/* As the golden's script makes them. */
static float *make_points(size_t count, size_t dimensions)
{
    float *points;
    unsigned state = 1;

    cr_assert_eq(cvy_memory_create(count, dimensions * sizeof *points, &points), CVY_OK);
    for (size_t i = 0; i < count * dimensions; i++) {
        state = state * 1664525u + 1013904223u;
        points[i] =
            (float)(((double)state / 4294967296.0 - 0.5) * (double)(1 + i % dimensions % 7));
    }
    return points;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Axes have length 1 and right angles, and coordinates are the points along them. */
static void expect_consistent(const cvy_plane *plane, const float *points)
{
    const size_t n = plane->dimensions;

    for (size_t k = 0; k < 2; k++) {
        if (plane->share[k] == 0)
            continue;
        cr_expect_float_eq(dot(plane->axes[k], plane->axes[k], n), 1, 1e-9);
        for (size_t i = 0; i < plane->count; i++) {
            double at = 0;
            for (size_t d = 0; d < n; d++)
                at += ((double)points[i * n + d] - plane->mean[d]) * plane->axes[k][d];
            cr_expect_float_eq(plane->coordinates[2 * i + k], at, 1e-8);
        }
    }
    cr_expect_float_eq(dot(plane->axes[0], plane->axes[1], n), 0, 1e-9);
}

static void expect_case(const json_t *golden)
{
    const size_t count = (size_t)json_integer_value(json_object_get(golden, "count"));
    const size_t dimensions = (size_t)json_integer_value(json_object_get(golden, "dimensions"));
    const json_t *shares = json_object_get(golden, "share"),
                 *coordinates = json_object_get(golden, "coordinates");
    float *points = make_points(count, dimensions);
    cvy_plane plane;

    cr_assert_eq(cvy_plane_find(points, count, dimensions, &plane), CVY_OK);
    expect_consistent(&plane, points);
    for (size_t k = 0; k < 2; k++) {
        const double share = json_number_value(json_array_get(shares, k));
        cr_expect_float_eq(plane.share[k], share, 1e-9, "%zu x %zu", count, dimensions);
        if (share < 1e-9)
            continue;
        double sign = 0; /* a direction has no sign */
        for (size_t i = 0; i < count; i++) {
            const double theirs =
                json_number_value(json_array_get(json_array_get(coordinates, i), k));
            if (sign == 0)
                sign = theirs * plane.coordinates[2 * i + k] < 0 ? -1 : 1;
            cr_expect_float_eq(sign * plane.coordinates[2 * i + k], theirs, 1e-7, "%zu x %zu: %zu",
                               count, dimensions, i);
        }
    }
    cvy_plane_release(&plane);
    cvy_memory_free(points);
}

Test(projection, planes_are_those_of_numpy)
{
    json_error_t error;
    json_t *golden = json_load_file(TESTS_FOLDER "/golden/projection.json", 0, &error), *entry;
    size_t index;

    cr_assert_not_null(golden, "%s", error.text);
    json_array_foreach(json_object_get(golden, "cases"), index, entry) expect_case(entry);
    cr_expect_eq(index, 4);
    json_decref(golden);
}

/* Points on a straight line have one direction; equal points have none. */
Test(projection, fewer_directions_than_two)
{
    const float line[3][2] = { { 0, 0 }, { 3, 4 }, { 6, 8 } }, same[2][2] = { { 1, 2 }, { 1, 2 } };
    cvy_plane plane;

    cr_assert_eq(cvy_plane_find(&line[0][0], 3, 2, &plane), CVY_OK);
    cr_expect_float_eq(plane.share[0], 1, 1e-12);
    cr_expect_eq(plane.share[1], 0);
    cr_expect_float_eq(fabs(plane.coordinates[0]), 5, 1e-9);
    cvy_plane_release(&plane);
    cr_assert_eq(cvy_plane_find(&same[0][0], 2, 2, &plane), CVY_OK);
    cr_expect_eq(plane.share[0], 0);
    cvy_plane_release(&plane);
}
