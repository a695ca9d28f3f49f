#include "kernels/image_maps.h"

#include <math.h>

const char *const cvy_fill_modes[] = { "reflect", "wrap", "constant", "nearest", NULL };
const char *const cvy_interpolations[] = { "bilinear", "nearest", NULL };

double cvy_factor_at(const cvy_float_list *factor, double unit)
{
    const double size = fabs(factor->values[0]);
    const double low = factor->count > 1 ? fmin(factor->values[0], factor->values[1]) : -size;
    const double high = factor->count > 1 ? fmax(factor->values[0], factor->values[1]) : size;

    return low + (high - low) * unit;
}

double cvy_contrast_at(const cvy_float_list *factor, double unit)
{
    const double less = factor->values[0], more = factor->values[factor->count - 1];

    return 1 - less + (less + more) * unit;
}

cvy_map cvy_map_moved(double right, double down)
{
    return (cvy_map){ .xx = 1, .yy = 1, .x0 = -right, .y0 = -down };
}

cvy_map cvy_map_turned(double turns)
{
    const double angle = 2 * 3.14159265358979323846 * turns;

    /* rows run downwards, so a position of the result comes from one clockwise of it */
    return (cvy_map){ .xx = cos(angle), .xy = -sin(angle), .yx = sin(angle), .yy = cos(angle) };
}

cvy_map cvy_map_zoomed(double by_width, double by_height)
{
    return (cvy_map){ .xx = 1 + by_width, .yy = 1 + by_height };
}

cvy_map cvy_map_sheared(double x, double y, double width, double height)
{
    return (cvy_map){
        .xx = 1, .xy = x, .x0 = x * (height - 1) / 2, .yx = y, .yy = 1, .y0 = y * (width - 1) / 2
    };
}

cvy_map cvy_map_from_corner(const cvy_map *map, double width, double height)
{
    const double x = (width - 1) / 2, y = (height - 1) / 2;
    cvy_map moved = *map;

    moved.x0 += x - map->xx * x - map->xy * y;
    moved.y0 += y - map->yx * x - map->yy * y;
    return moved;
}

long cvy_fill_fold(long at, long size, int mode)
{
    if (at >= 0 && at < size)
        return at;
    if (mode == CVY_FILL_CONSTANT)
        return -1;
    if (mode == CVY_FILL_NEAREST)
        return at < 0 ? 0 : size - 1;
    const long period = mode == CVY_FILL_WRAP ? size : 2 * size;
    const long within = (at % period + period) % period;
    return within < size ? within : 2 * size - 1 - within;
}
