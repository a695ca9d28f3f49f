#include "pictures/dither.h"

#include <stdbool.h>

#include "base/memory.h"

enum {
    SIDE_MIN = 64, /* smaller pictures are drawn pixel by pixel */
    REACH = 2,     /* greys are means over 5 x 5 pixels */
    SPAN = 2 * REACH + 1,
};
static const double dots_min = 0.005; /* share of the pixels; in line art nearly none stand alone */

static bool has_two_levels(const unsigned char *grey, size_t count)
{
    const unsigned char first = grey[0];
    unsigned char second = first;

    for (size_t i = 0; i < count; i++) {
        if (grey[i] == first || grey[i] == second)
            continue;
        if (second != first)
            return false;
        second = grey[i];
    }
    return second != first;
}

/* Count pixels that differ from their four neighbors. */
static size_t count_dots(const unsigned char *grey, size_t width, size_t height)
{
    size_t dots = 0;

    for (size_t y = 1; y + 1 < height; y++)
        for (size_t x = 1; x + 1 < width; x++) {
            const unsigned char *p = grey + y * width + x;
            dots += p[-1] != *p && p[1] != *p && *(p - width) != *p && p[width] != *p;
        }
    return dots;
}

static size_t limit(size_t place, size_t offset, size_t end)
{
    const size_t moved = place + offset > REACH ? place + offset - REACH : 0;
    return moved < end ? moved : end - 1;
}

/* Sum SPAN pixels of each column, then SPAN sums; edge pixels are repeated. */
static void smooth_rows(const unsigned char *grey, size_t width, size_t height, unsigned *sums,
                        unsigned char *smooth)
{
    for (size_t y = 0; y < height; y++) {
        for (size_t x = 0; x < width; x++)
            sums[x] = 0;
        for (size_t v = 0; v < SPAN; v++) {
            const unsigned char *row = grey + limit(y, v, height) * width;
            for (size_t x = 0; x < width; x++)
                sums[x] += row[x];
        }
        for (size_t x = 0; x < width; x++) {
            unsigned sum = 0;
            for (size_t u = 0; u < SPAN; u++)
                sum += sums[limit(x, u, width)];
            smooth[y * width + x] = (unsigned char)((sum + SPAN * SPAN / 2) / (SPAN * SPAN));
        }
    }
}

cvy_status cvy_dither_smooth(const unsigned char *grey, size_t width, size_t height,
                             unsigned char **smooth)
{
    const size_t count = width * height;
    unsigned *sums = NULL;

    *smooth = NULL;
    if (width < SIDE_MIN || height < SIDE_MIN || !has_two_levels(grey, count) ||
        (double)count_dots(grey, width, height) < dots_min * (double)count)
        return CVY_OK;
    cvy_status status = cvy_memory_create(width, sizeof *sums, &sums);
    if (status == CVY_OK)
        status = cvy_memory_create(count, 1, smooth);
    if (status == CVY_OK)
        smooth_rows(grey, width, height, sums, *smooth);
    cvy_memory_free(sums);
    return status;
}
