#include "charts/contours.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

cvy_status cvy_contour_levels(const cvy_grid *grid, size_t count, double *levels, size_t *found)
{
    double *sorted;
    size_t finite = 0;
    cvy_status status = cvy_memory_create(grid->columns * grid->rows, sizeof *sorted, &sorted);

    *found = 0;
    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < grid->columns * grid->rows; i++)
        if (isfinite(grid->values[i]))
            sorted[finite++] = grid->values[i];
    qsort(sorted, finite, sizeof *sorted, compare);
    for (size_t i = 0; i < count && finite > 0; i++) {
        const double level = sorted[(2 * i + 1) * finite / (2 * count)];
        if (level > sorted[0] && (*found == 0 || level > levels[*found - 1]))
            levels[(*found)++] = level;
    }
    cvy_memory_free(sorted);
    return CVY_OK;
}

typedef struct {
    double x, y;
} place;

/* The point between two corners at which the function has the level. */
static place cross(place a, double value_a, place b, double value_b, double level)
{
    const double share = (level - value_a) / (value_b - value_a);
    return (place){ a.x + share * (b.x - a.x), a.y + share * (b.y - a.y) };
}

static void report(cvy_contour_function *function, void *context, place a, place b)
{
    function(context, a.x, a.y, b.x, b.y);
}

/* The corners are in order around the square; sides[i] lies between corner i and the next one. */
static void cross_square(const place corners[4], const double values[4], double level,
                         cvy_contour_function *function, void *context)
{
    place sides[4];
    size_t crossed[4], count = 0;
    double mean = 0;

    for (size_t i = 0; i < 4; i++) {
        const size_t next = (i + 1) % 4;
        if (!isfinite(values[i]))
            return;
        mean += values[i] / 4;
        if ((values[i] > level) == (values[next] > level))
            continue;
        sides[i] = cross(corners[i], values[i], corners[next], values[next], level);
        crossed[count++] = i;
    }
    if (count == 2)
        report(function, context, sides[crossed[0]], sides[crossed[1]]);
    if (count < 4)
        return;
    /* the middle joins the corners on its side of the level: cut off the other two */
    const size_t first = (mean > level) == (values[0] > level) ? 1 : 0;
    report(function, context, sides[(first + 3) % 4], sides[first]);
    report(function, context, sides[(first + 1) % 4], sides[(first + 2) % 4]);
}

void cvy_contour_lines(const cvy_grid *grid, double level, cvy_contour_function *function,
                       void *context)
{
    const double wide = (grid->x_max - grid->x_min) / (double)(grid->columns - 1);
    const double high = (grid->y_max - grid->y_min) / (double)(grid->rows - 1);

    for (size_t row = 0; row + 1 < grid->rows; row++)
        for (size_t column = 0; column + 1 < grid->columns; column++) {
            const double *low = grid->values + row * grid->columns + column;
            const double x = grid->x_min + wide * (double)column;
            const double y = grid->y_min + high * (double)row;
            const place corners[4] = {
                { x, y }, { x + wide, y }, { x + wide, y + high }, { x, y + high }
            };
            const double values[4] = { low[0], low[1], low[grid->columns + 1], low[grid->columns] };
            cross_square(corners, values, level, function, context);
        }
}

/* Where the lines are drawn. */
typedef struct {
    FILE *file;
    const cvy_grid *grid;
    const cvy_field *field;
} drawing;

static double right_of(const drawing *d, double x)
{
    return d->field->left +
           d->field->width * (x - d->grid->x_min) / (d->grid->x_max - d->grid->x_min);
}

static double below(const drawing *d, double y)
{
    return d->field->top +
           d->field->height * (d->grid->y_max - y) / (d->grid->y_max - d->grid->y_min);
}

static void write_line(void *context, double x1, double y1, double x2, double y2)
{
    const drawing *d = context;

    fprintf(d->file, "M%.1f %.1fL%.1f %.1f", right_of(d, x1), below(d, y1), right_of(d, x2),
            below(d, y2));
}

void cvy_contour_path(FILE *file, const cvy_grid *grid, double level, const cvy_field *field)
{
    drawing d = { file, grid, field };

    cvy_contour_lines(grid, level, write_line, &d);
}
