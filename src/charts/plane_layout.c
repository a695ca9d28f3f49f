#include "charts/plane_layout.h"

#include <math.h>

#include "charts/characters.h"

size_t cvy_plane_columns(const cvy_plane_chart *chart)
{
    enum { HALF_CHARACTERS = 24 };

    for (size_t i = 0; i < chart->path_count; i++)
        if (cvy_character_count(chart->paths[i].label) > HALF_CHARACTERS)
            return 1;
    return 2;
}

static const size_t names_top = CVY_PLANE_TOP + CVY_PLANE_FIELD + CVY_PLANE_TICKS;

size_t cvy_plane_height(const cvy_plane_chart *chart)
{
    const size_t columns = cvy_plane_columns(chart);
    const size_t rows = (chart->path_count + columns - 1) / columns;

    return names_top + CVY_PLANE_ROW * rows + CVY_PLANE_BELOW;
}

void cvy_plane_name_place(const cvy_plane_chart *chart, size_t i, double *x, double *y)
{
    const size_t columns = cvy_plane_columns(chart);

    *x = i % columns == 0 ? 10 : CVY_PLANE_WIDTH / 2.0 + 5;
    *y = (double)(names_top + CVY_PLANE_ROW * (i / columns)) + 9;
}

double cvy_plane_opacity(const cvy_plane_chart *chart, size_t level)
{
    return 0.85 - 0.55 * (double)level / (double)chart->level_count;
}

double cvy_plane_limit(double value, double from, double size)
{
    return fmin(fmax(value, from - 2 * size), from + 3 * size);
}
