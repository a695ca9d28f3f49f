/* Pictures as planes of floats: dilation, scaling, measuring. */
#include "pictures/plane.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

cvy_status cvy_plane_create(cvy_plane *plane, size_t width, size_t height)
{
    size_t count;

    *plane = (cvy_plane){ .width = width, .height = height };
    if (!cvy_size_multiply(width, height, &count))
        return cvy_fail(CVY_ERR_MEMORY, "a picture of %zu x %zu pixels does not fit", width,
                        height);
    return cvy_memory_create(count, sizeof *plane->value, &plane->value);
}

static inline float larger_of(float a, float b)
{
    return a > b ? a : b;
}

/* target[i] = max(target[i], source[i + shift]) wherever both indices are within the line */
static void raise_shifted(float *target, const float *source, size_t count, ptrdiff_t shift)
{
    size_t skip = (size_t)(shift < 0 ? -shift : shift);

    if (shift < 0)
        target += skip;
    else
        source += skip;
    for (size_t i = 0; i + skip < count; i++)
        target[i] = larger_of(target[i], source[i]);
}

void cvy_plane_dilate(const cvy_plane *plane, size_t radius, cvy_plane *wide)
{
    size_t width = plane->width, height = plane->height;
    ptrdiff_t reach = (ptrdiff_t)radius;

    memcpy(wide->value, plane->value, width * height * sizeof *plane->value);
    for (ptrdiff_t dy = -reach; dy <= reach; dy++) {
        ptrdiff_t half = (ptrdiff_t)floor(sqrt((double)(reach * reach - dy * dy)));
        for (size_t y = 0; y < height; y++) {
            ptrdiff_t v = (ptrdiff_t)y + dy;
            if (v < 0 || v >= (ptrdiff_t)height)
                continue;
            for (ptrdiff_t dx = -half; dx <= half; dx++)
                raise_shifted(wide->value + y * width, plane->value + (size_t)v * width, width, dx);
        }
    }
}

/* The part of pixel i, the interval i .. i + 1, between `from` and `to`. */
static double overlap(size_t i, double from, double to)
{
    return fmin((double)i + 1, to) - fmax((double)i, from);
}

/* Mean over a rectangle that may extend beyond the plane. */
static float mean_over(const cvy_plane *plane, double x0, double y0, double x1, double y1)
{
    double left = fmax(x0, 0), right = fmin(x1, (double)plane->width);
    double top = fmax(y0, 0), bottom = fmin(y1, (double)plane->height), sum = 0;

    for (size_t y = (size_t)top; (double)y < bottom; y++)
        for (size_t x = (size_t)left; (double)x < right; x++)
            sum += overlap(x, left, right) * overlap(y, top, bottom) *
                   (double)plane->value[y * plane->width + x];
    return (float)(sum / ((x1 - x0) * (y1 - y0)));
}

void cvy_plane_draw(const cvy_plane *plane, double left, double top, double scale,
                    cvy_plane *canvas)
{
    for (size_t j = 0; j < canvas->height; j++)
        for (size_t i = 0; i < canvas->width; i++)
            canvas->value[j * canvas->width + i] =
                mean_over(plane, left + (double)i / scale, top + (double)j / scale,
                          left + (double)(i + 1) / scale, top + (double)(j + 1) / scale);
}

void cvy_plane_fill(const cvy_plane *plane, cvy_plane *canvas)
{
    const double across = (double)plane->width / (double)canvas->width;
    const double down = (double)plane->height / (double)canvas->height;

    for (size_t j = 0; j < canvas->height; j++)
        for (size_t i = 0; i < canvas->width; i++)
            canvas->value[j * canvas->width + i] =
                mean_over(plane, (double)i * across, (double)j * down, (double)(i + 1) * across,
                          (double)(j + 1) * down);
}

void cvy_plane_shrink(const cvy_plane *plane, size_t factor, cvy_plane *small)
{
    for (size_t j = 0; j < small->height; j++)
        for (size_t i = 0; i < small->width; i++) {
            const float *corner = plane->value + j * factor * plane->width + i * factor;
            float sum = 0;
            for (size_t v = 0; v < factor; v++)
                for (size_t u = 0; u < factor; u++)
                    sum += corner[v * plane->width + u];
            small->value[j * small->width + i] = sum / (float)(factor * factor);
        }
}

double cvy_plane_stroke_width(const cvy_plane *plane)
{
    double area = 0, outline = 0;

    for (size_t y = 0; y < plane->height; y++)
        for (size_t x = 0; x < plane->width; x++) {
            const float *here = plane->value + y * plane->width + x;
            double dx = x + 1 < plane->width ? here[1] - here[0] : -here[0];
            double dy = y + 1 < plane->height ? here[plane->width] - here[0] : -here[0];
            area += (double)here[0];
            outline += sqrt(dx * dx + dy * dy);
        }
    return outline > 0 ? 2 * area / outline : 0;
}

void cvy_plane_centre(const cvy_plane *plane, double *x, double *y)
{
    double mass = 0, sum_x = 0, sum_y = 0;

    for (size_t v = 0; v < plane->height; v++)
        for (size_t u = 0; u < plane->width; u++) {
            double value = (double)plane->value[v * plane->width + u];
            mass += value;
            sum_x += value * ((double)u + 0.5);
            sum_y += value * ((double)v + 0.5);
        }
    *x = sum_x / mass;
    *y = sum_y / mass;
}
