/* BMP run lengths (Microsoft, Bitmap Compression, BI_RLE8 and BI_RLE4). Pairs of bytes: a count and
 * a colour, or 0 and an escape: 0 end of row, 1 end of picture, 2 move right and up, else the
 * number of literal colours that follow, padded to an even number of bytes. Skipped pixels have
 * colour 0. */
#include "formats/bmp_rle.h"

#include <string.h>

#include "base/memory.h"

enum { FILE_HEADER = 14, INFO_HEADER = 40, COLOURS = 256, RLE8 = 1, RLE4 = 2 };

typedef struct {
    const unsigned char *bytes;
    size_t size, at, width, height;
    unsigned bits;  /* 8 or 4 per pixel */
    uint8_t *index; /* [height][width], bottom row first */
    size_t x, y;
} bitmap;

static uint32_t long_at(const unsigned char *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

bool cvy_bmp_rle_is(const unsigned char *bytes, size_t size)
{
    return size >= FILE_HEADER + INFO_HEADER && bytes[0] == 'B' && bytes[1] == 'M' &&
           long_at(bytes + 14) >= INFO_HEADER &&
           ((long_at(bytes + 30) == RLE8 && bytes[28] == 8) ||
            (long_at(bytes + 30) == RLE4 && bytes[28] == 4));
}

cvy_status cvy_bmp_rle_measure(const char *name, const unsigned char *bytes, size_t size,
                               size_t *width, size_t *height, size_t *channels)
{
    (void)size;
    *width = long_at(bytes + 18);
    *height = long_at(bytes + 22); /* a compressed bitmap always stores the bottom row first */
    *channels = 3;
    return cvy_pixels_check_sides(name, *width, *height);
}

static void put(bitmap *b, unsigned colour)
{
    if (b->x < b->width && b->y < b->height)
        b->index[b->y * b->width + b->x] = (uint8_t)colour;
    b->x++;
}

/* The colour of pixel i of a run whose colours start at `from`. */
static unsigned colour_at(const bitmap *b, const unsigned char *from, size_t i)
{
    return b->bits == 8 ? from[i] : from[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
}

/* Copy literal colours; false if the file ends before the last. */
static bool copy_colours(bitmap *b, size_t count)
{
    const size_t bytes = (b->bits == 8 ? count : (count + 1) / 2) + 1;

    if (b->size - b->at < bytes - bytes % 2)
        return false;
    for (size_t i = 0; i < count; i++)
        put(b, colour_at(b, b->bytes + b->at, i));
    b->at += bytes - bytes % 2;
    return true;
}

/* Unpack all rows; false if the file ends before the picture does. */
static bool unpack(bitmap *b)
{
    while (b->size - b->at >= 2 && b->y < b->height) {
        const unsigned char *pair = b->bytes + b->at;
        b->at += 2;
        if (pair[0] > 0) {
            for (size_t i = 0; i < pair[0] && b->x < b->width; i++)
                put(b, b->bits == 8 ? pair[1] : pair[1] >> (i % 2 == 0 ? 4 : 0) & 15);
        } else if (pair[1] == 0) {
            b->x = 0;
            b->y++;
        } else if (pair[1] == 1) {
            return true;
        } else if (pair[1] == 2) {
            if (b->size - b->at < 2)
                return false;
            b->x += b->bytes[b->at];
            b->y += b->bytes[b->at + 1];
            b->at += 2;
        } else if (!copy_colours(b, pair[1])) {
            return false;
        }
    }
    return b->y >= b->height;
}

/* Read the palette after the header: blue, green, red and an unused byte per entry. */
static void read_palette(const unsigned char *bytes, size_t size, uint8_t palette[COLOURS][3])
{
    const size_t begin = FILE_HEADER + (size_t)long_at(bytes + 14);
    const size_t end = long_at(bytes + 10) < size ? long_at(bytes + 10) : size;

    memset(palette, 0, COLOURS * sizeof *palette);
    for (size_t i = 0; i < COLOURS && begin + 4 * i + 4 <= end; i++)
        for (size_t c = 0; c < 3; c++)
            palette[i][c] = bytes[begin + 4 * i + 2 - c];
}

cvy_status cvy_bmp_rle_decode(const char *name, const unsigned char *bytes, size_t size,
                              cvy_pixels *pixels)
{
    bitmap b = { .bytes = bytes, .size = size, .at = long_at(bytes + 10), .bits = bytes[28] };
    uint8_t palette[COLOURS][3];
    cvy_pixels read = { 0 };
    size_t channels;

    cvy_status status = cvy_bmp_rle_measure(name, bytes, size, &b.width, &b.height, &channels);
    if (status != CVY_OK)
        return status;
    if (b.at < FILE_HEADER + INFO_HEADER || b.at > size)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: a damaged picture (its pixels begin at byte %zu of %zu)", name, b.at,
                        size);
    status = cvy_memory_create(b.width * b.height, 1, &b.index);
    if (status == CVY_OK)
        status = cvy_pixels_create(&read, b.width, b.height, channels, false);
    if (status == CVY_OK && !unpack(&b))
        status =
            cvy_fail(CVY_ERR_FORMAT, "%s: a damaged picture (the file ends in the middle)", name);
    if (status == CVY_OK) {
        read_palette(bytes, size, palette);
        for (size_t y = 0; y < b.height; y++)
            for (size_t x = 0; x < b.width; x++)
                memcpy((uint8_t *)read.samples + (y * b.width + x) * channels,
                       palette[b.index[(b.height - 1 - y) * b.width + x]], channels);
        *pixels = read;
    } else {
        cvy_pixels_free(&read);
    }
    cvy_memory_free(b.index);
    return status;
}
