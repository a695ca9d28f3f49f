/* Contour lines of functions whose lines are known. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "charts/contours.h"

enum { SIDE = 41 };

static double values[SIDE * SIDE];

static cvy_grid make(double (*f)(double x, double y))
{
    for (size_t row = 0; row < SIDE; row++)
        for (size_t column = 0; column < SIDE; column++)
            values[row * SIDE + column] =
                f(-2 + 4 * (double)column / (SIDE - 1), -2 + 4 * (double)row / (SIDE - 1));
    return (cvy_grid){ SIDE, SIDE, -2, 2, -2, 2, values };
}

static char *path_of(const cvy_grid *grid, double level)
{
    static const cvy_field field = { 100, 50, 400, 400 };
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    cvy_contour_path(file, grid, level, &field);
    fclose(file);
    return text;
}

static double bowl(double x, double y)
{
    return x * x + y * y;
}

static double slope(double x, double y)
{
    (void)x;
    return y;
}

/* The line of x^2 + y^2 = 1 is a circle of 100 pixels around (300, 250), of length 2 pi 100. */
Test(contours, a_bowl_has_circles)
{
    const cvy_grid grid = make(bowl);
    char *text = path_of(&grid, 1);
    double length = 0, x1, y1, x2, y2;
    size_t pieces = 0;

    for (const char *at = text; (at = strchr(at, 'M')) != NULL; at++) {
        cr_assert_eq(sscanf(at, "M%lf %lfL%lf %lf", &x1, &y1, &x2, &y2), 4);
        cr_expect_float_eq(hypot(x1 - 300, y1 - 250), 100, 0.5);
        length += hypot(x2 - x1, y2 - y1);
        pieces++;
    }
    cr_expect_gt(pieces, 30);
    cr_expect_float_eq(length, 2 * M_PI * 100, 2);
    free(text);
}

/* y goes down: the line y = 1 is a quarter from the top. */
Test(contours, rows_begin_at_the_bottom)
{
    const cvy_grid grid = make(slope);
    char *text = path_of(&grid, 1);

    for (const char *at = text; (at = strchr(at, 'M')) != NULL; at++) {
        double x, y;
        cr_assert_eq(sscanf(at, "M%lf %lf", &x, &y), 2);
        cr_expect_float_eq(y, 150, 0.06);
    }
    free(text);
}

Test(contours, nothing_is_drawn_where_nothing_is)
{
    cvy_grid grid = make(bowl);
    char *text = path_of(&grid, 100);

    cr_expect_str_eq(text, "");
    free(text);
    values[0] = NAN;
    for (size_t i = 1; i < SIDE * SIDE; i++)
        values[i] = NAN;
    text = path_of(&grid, 1);
    cr_expect_str_eq(text, "");
    free(text);
}

Test(contours, levels_rise_and_divide_the_area)
{
    const cvy_grid grid = make(slope);
    double levels[4];
    size_t found;

    cr_assert_eq(cvy_contour_levels(&grid, 4, levels, &found), CVY_OK);
    cr_assert_eq(found, 4);
    for (size_t i = 0; i < 4; i++)
        cr_expect_float_eq(levels[i], -1.5 + (double)i, 0.11);
}

static double flat(double x, double y)
{
    (void)x;
    (void)y;
    return 3;
}

Test(contours, a_flat_function_has_no_levels)
{
    const cvy_grid grid = make(flat);
    double levels[4];
    size_t found;

    cr_assert_eq(cvy_contour_levels(&grid, 4, levels, &found), CVY_OK);
    cr_expect_eq(found, 0);
}
