#include "data/pen.h"

#include <assert.h>
#include <math.h>

enum { STEPS = 6 }; /* straight segments between two points of a curve */

static float clamp(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

/* The spline between b and c for t from 0 to 1; a and d are the neighboring points. */
static float spline(float a, float b, float c, float d, float t)
{
    return b + 0.5F * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

static cvy_trace_point mirrored(const cvy_trace_point *at, const cvy_trace_point *inner)
{
    return (cvy_trace_point){ .x = 2 * at->x - inner->x, .y = 2 * at->y - inner->y };
}

static void append(cvy_trace *trace, cvy_trace_point point)
{
    assert(trace->count < CVY_TRACE_POINTS_MAX);
    trace->points[trace->count++] = point;
}

void cvy_pen_curve(cvy_trace *trace, const cvy_trace_point *points, size_t count)
{
    append(trace, points[0]);
    for (size_t i = 0; i + 1 < count; i++) {
        const cvy_trace_point *b = &points[i], *c = &points[i + 1];
        cvy_trace_point a = i > 0 ? points[i - 1] : mirrored(b, c);
        cvy_trace_point d = i + 2 < count ? points[i + 2] : mirrored(c, b);
        for (size_t step = 1; step <= STEPS; step++) {
            float t = (float)step / STEPS;
            append(trace, (cvy_trace_point){ .x = spline(a.x, b->x, c->x, d.x, t),
                                             .y = spline(a.y, b->y, c->y, d.y, t),
                                             .radius = b->radius + t * (c->radius - b->radius) });
        }
    }
}

/* The first of `size` pixels whose center may lie at or beyond `at`. */
static size_t first_pixel(float at, size_t size)
{
    return (size_t)clamp(at, 0, (float)size);
}

/* Lower the distances of pixels within `reach` of the segment from a to b. */
static void draw_piece(const cvy_trace_point *a, const cvy_trace_point *b, float reach,
                       float *distance, size_t width, size_t height)
{
    float along_x = b->x - a->x, along_y = b->y - a->y, wider = b->radius - a->radius;
    float square = along_x * along_x + along_y * along_y;
    float scale = square > 0 ? 1 / square : 0;
    float room = reach + (a->radius > b->radius ? a->radius : b->radius);
    size_t left = first_pixel((a->x < b->x ? a->x : b->x) - room, width);
    size_t right = first_pixel((a->x > b->x ? a->x : b->x) + room + 1, width);
    size_t top = first_pixel((a->y < b->y ? a->y : b->y) - room, height);
    size_t bottom = first_pixel((a->y > b->y ? a->y : b->y) + room + 1, height);

    for (size_t j = top; j < bottom; j++)
        for (size_t i = left; i < right; i++) {
            float x = (float)i + 0.5F - a->x, y = (float)j + 0.5F - a->y;
            float t = clamp((x * along_x + y * along_y) * scale, 0, 1);
            float off_x = x - t * along_x, off_y = y - t * along_y;
            float found = sqrtf(off_x * off_x + off_y * off_y) - a->radius - t * wider;
            float *kept = &distance[j * width + i];
            *kept = found < *kept ? found : *kept;
        }
}

void cvy_pen_ink(const cvy_trace *trace, float softness, float ink, float *distance, uint8_t *image,
                 size_t width, size_t height)
{
    const float reach = softness / 2;

    for (size_t i = 0; i < width * height; i++)
        distance[i] = reach;
    for (size_t i = 0; i < trace->count; i++) {
        const cvy_trace_point *b = &trace->points[i];
        draw_piece(b->is_lifted ? b : b - 1, b, reach, distance, width, height);
    }
    for (size_t i = 0; i < width * height; i++)
        image[i] = (uint8_t)(ink * clamp(0.5F - distance[i] / softness, 0, 1) + 0.5F);
}
