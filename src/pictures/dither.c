#include "pictures/dither.h"

#include <stdbool.h>

#include "base/memory.h"

enum {
    SIDE_MIN = 64, /* smaller pictures are drawn pixel by pixel */
    REACH = 2,     /* greys are means over 5 x 5 pixels */
    SPAN = 2 * REACH + 1,
    BLOCK = 4096, /* pixels between two looks at what was found */
};
static const double dots_min = 0.005; /* share of the pixels; in line art nearly none stand alone */

/* The loops over pixels do not branch on them: in a dithered picture no branch is predictable. */

static bool has_two_levels(const unsigned char *grey, size_t count)
{
    const unsigned char first = grey[0];
    size_t begin = 0;

    while (begin < count && grey[begin] == first)
        begin++;
    if (begin == count)
        return false;
    const unsigned char second = grey[begin];
    for (; begin < count; begin += BLOCK) {
        const size_t end = begin + BLOCK < count ? begin + BLOCK : count;
        unsigned others = 0;
        for (size_t i = begin; i < end; i++)
            others |= (unsigned)(grey[i] != first) & (unsigned)(grey[i] != second);
        if (others != 0)
            return false;
    }
    return true;
}

/* Count pixels that differ from their four neighbors. */
static size_t count_dots(const unsigned char *grey, size_t width, size_t height)
{
    size_t dots = 0;

    for (size_t y = 1; y + 1 < height; y++) {
        const unsigned char *row = grey + y * width, *above = row - width, *below = row + width;
        unsigned found = 0;
        for (size_t x = 1; x + 1 < width; x++)
            found += (unsigned)(row[x - 1] != row[x]) & (unsigned)(row[x + 1] != row[x]) &
                     (unsigned)(above[x] != row[x]) & (unsigned)(below[x] != row[x]);
        dots += found;
    }
    return dots;
}

static size_t limit(size_t place, size_t offset, size_t end)
{
    const size_t moved = place + offset > REACH ? place + offset - REACH : 0;
    return moved < end ? moved : end - 1;
}

/* The means of SPAN sums along a row; those at its ends are repeated. */
static void smooth_row(const unsigned *sums, size_t width, unsigned char *smooth)
{
    unsigned sum = 0;

    for (size_t u = 0; u < SPAN; u++)
        sum += sums[limit(0, u, width)];
    for (size_t x = 0; x < width; x++) {
        smooth[x] = (unsigned char)((sum + SPAN * SPAN / 2) / (SPAN * SPAN));
        sum += sums[limit(x + 1, SPAN - 1, width)] - sums[limit(x, 0, width)];
    }
}

/* sums: SPAN pixels of each column, zero at first, which move down row by row; edge pixels are
 * repeated. */
static void smooth_rows(const unsigned char *grey, size_t width, size_t height, unsigned *sums,
                        unsigned char *smooth)
{
    for (size_t v = 0; v < SPAN; v++)
        for (size_t x = 0; x < width; x++)
            sums[x] += grey[limit(0, v, height) * width + x];
    for (size_t y = 0; y < height; y++) {
        const unsigned char *next = grey + limit(y + 1, SPAN - 1, height) * width;
        const unsigned char *last = grey + limit(y, 0, height) * width;
        smooth_row(sums, width, smooth + y * width);
        for (size_t x = 0; x < width; x++)
            sums[x] += (unsigned)next[x] - (unsigned)last[x];
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
