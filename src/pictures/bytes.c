/* Planes of bytes: reduction and quantiles. */
#include "pictures/bytes.h"

#include <string.h>

#include "base/minmax.h"
#include "base/memory.h"

cvy_status cvy_bytes_create(cvy_bytes *bytes, size_t width, size_t height)
{
    size_t count;

    *bytes = (cvy_bytes){ .width = width, .height = height };
    if (!cvy_size_multiply(width, height, &count))
        return cvy_fail(CVY_ERR_MEMORY, "a picture of %zu x %zu pixels does not fit", width,
                        height);
    return cvy_memory_create(count, 1, &bytes->value);
}

/* Write the means of a strip of `rows` rows whose column sums are in `sums`. */
static void finish_row(const uint32_t *sums, size_t width, size_t factor, size_t rows, uint8_t *row)
{
    const uint32_t area = (uint32_t)(factor * rows);

    for (size_t x = 0; x * factor < width; x++) {
        const size_t end = cvy_min((x + 1) * factor, width);
        const uint32_t count =
            end - x * factor == factor ? area : (uint32_t)((end - x * factor) * rows);
        uint32_t sum = count / 2;
        for (size_t u = x * factor; u < end; u++)
            sum += sums[u];
        row[x] = (uint8_t)(sum / count);
    }
}

cvy_status cvy_bytes_reduce(const unsigned char *grey, size_t width, const cvy_box *part,
                            size_t factor, cvy_bytes *small)
{
    const size_t part_width = part->right - part->left, part_height = part->bottom - part->top;
    uint32_t *sums = NULL;

    cvy_status status = cvy_bytes_create(small, (part_width + factor - 1) / factor,
                                         (part_height + factor - 1) / factor);
    if (status != CVY_OK)
        return status;
    const unsigned char *corner = grey + part->top * width + part->left;
    if (factor == 1) {
        for (size_t y = 0; y < part_height; y++)
            memcpy(small->value + y * part_width, corner + y * width, part_width);
        return CVY_OK;
    }
    status = cvy_memory_create(part_width, sizeof *sums, &sums);
    for (size_t y = 0; status == CVY_OK && y < small->height; y++) {
        const size_t end = cvy_min((y + 1) * factor, part_height);
        memset(sums, 0, part_width * sizeof *sums);
        for (size_t v = y * factor; v < end; v++)
            for (size_t x = 0; x < part_width; x++)
                sums[x] += corner[v * width + x];
        finish_row(sums, part_width, factor, end - y * factor, small->value + y * small->width);
    }
    cvy_memory_free(sums);
    return status;
}

unsigned cvy_bytes_level_at(const cvy_bytes *bytes, double rank)
{
    size_t counts[256] = { 0 }, seen = 0;
    const size_t count = bytes->width * bytes->height;
    const size_t wanted = (size_t)(rank * (double)(count - 1));

    for (size_t i = 0; i < count; i++)
        counts[bytes->value[i]]++;
    for (unsigned level = 0; level < 255; level++) {
        seen += counts[level];
        if (seen > wanted)
            return level;
    }
    return 255;
}
