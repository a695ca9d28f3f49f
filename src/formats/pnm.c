/* Portable anymaps (Netpbm's pbm(5), pgm(5), ppm(5)). A header is the magic, width, height and,
 * except for bitmaps, the maximum, separated by white space and comments. One byte of white space
 * and the raster follow: digits in plain files, else bytes, or big-endian pairs if the maximum is
 * above 255. */
#include "formats/pnm.h"

enum { MAXIMUM_MAX = 65535 };

typedef struct {
    const char *name;
    const unsigned char *bytes;
    size_t size, at;
    size_t width, height, channels, maximum;
    bool is_plain, is_bitmap;
} anymap;

static bool is_space(unsigned char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool cvy_pnm_is(const unsigned char *bytes, size_t size)
{
    return size >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
           (is_space(bytes[2]) || bytes[2] == '#');
}

static void skip_space(anymap *map)
{
    while (map->at < map->size) {
        if (map->bytes[map->at] == '#')
            while (map->at < map->size && map->bytes[map->at] != '\n' &&
                   map->bytes[map->at] != '\r')
                map->at++;
        else if (is_space(map->bytes[map->at]))
            map->at++;
        else
            return;
    }
}

/* Read a decimal number; false if there is none. Digits after NUMBER_MAX is reached are ignored;
 * such a number is too large for every field. */
static bool read_number(anymap *map, size_t *number)
{
    enum { NUMBER_MAX = 1 << 24 };
    size_t digits = 0;

    skip_space(map);
    for (*number = 0; map->at < map->size; digits++) {
        const unsigned char byte = map->bytes[map->at];
        if (byte < '0' || byte > '9')
            break;
        if (*number < NUMBER_MAX)
            *number = *number * 10 + (size_t)(byte - '0');
        map->at++;
    }
    return digits > 0;
}

static cvy_status read_header(anymap *map)
{
    const unsigned kind = (unsigned)(map->bytes[1] - '0');

    map->at = 2;
    map->is_plain = kind <= 3;
    map->is_bitmap = kind % 3 == 1;
    map->channels = kind % 3 == 0 ? 3 : 1;
    map->maximum = 1;
    if (!read_number(map, &map->width) || !read_number(map, &map->height))
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged PNM picture (no width and height)",
                        map->name);
    cvy_status status = cvy_pixels_check_sides(map->name, map->width, map->height);
    if (status != CVY_OK || map->is_bitmap)
        return status;
    if (!read_number(map, &map->maximum) || map->maximum < 1 || map->maximum > MAXIMUM_MAX)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: a damaged PNM picture (its maximum is not from 1 to %d)", map->name,
                        MAXIMUM_MAX);
    return CVY_OK;
}

static cvy_status cut_short(const anymap *map)
{
    return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged picture (the file ends in the middle)",
                    map->name);
}

/* Read one bit of a plain bitmap; bits need no space between them. */
static bool read_bit(anymap *map, size_t *bit)
{
    skip_space(map);
    if (map->at == map->size || (map->bytes[map->at] != '0' && map->bytes[map->at] != '1'))
        return false;
    *bit = (size_t)(map->bytes[map->at++] - '0');
    return true;
}

/* Return sample x of a row of a raw file. */
static size_t raw_sample(const anymap *map, const unsigned char *row, size_t x)
{
    if (map->is_bitmap)
        return row[x / 8] >> (7 - x % 8) & 1;
    return map->maximum > 255 ? (size_t)row[2 * x] << 8 | row[2 * x + 1] : row[x];
}

/* Store a sample. Black is 1 in a bitmap and 0 elsewhere; samples above the maximum are clipped. */
static void store(const anymap *map, cvy_pixels *pixels, size_t i, size_t sample)
{
    const size_t full = pixels->is_deep ? 65535 : 255;

    if (sample > map->maximum)
        sample = map->maximum;
    if (map->is_bitmap)
        sample = 1 - sample;
    sample = (sample * full + map->maximum / 2) / map->maximum;
    if (pixels->is_deep)
        ((uint16_t *)pixels->samples)[i] = (uint16_t)sample;
    else
        ((uint8_t *)pixels->samples)[i] = (uint8_t)sample;
}

static cvy_status read_plain(anymap *map, cvy_pixels *pixels)
{
    const size_t count = map->width * map->height * map->channels;
    size_t sample;

    for (size_t i = 0; i < count; i++) {
        if (!(map->is_bitmap ? read_bit(map, &sample) : read_number(map, &sample)))
            return map->at == map->size
                       ? cut_short(map)
                       : cvy_fail(CVY_ERR_FORMAT,
                                  "%s: a damaged PNM picture (byte %zu is no number)", map->name,
                                  map->at);
        store(map, pixels, i, sample);
    }
    return CVY_OK;
}

static size_t raw_row_bytes(const anymap *map)
{
    const size_t samples = map->width * map->channels;

    return map->is_bitmap ? (samples + 7) / 8 : map->maximum > 255 ? 2 * samples : samples;
}

static cvy_status read_raw(anymap *map, cvy_pixels *pixels)
{
    const size_t samples = map->width * map->channels, row_bytes = raw_row_bytes(map);

    for (size_t y = 0; y < map->height; y++)
        for (size_t x = 0; x < samples; x++)
            store(map, pixels, y * samples + x,
                  raw_sample(map, map->bytes + map->at + y * row_bytes, x));
    return CVY_OK;
}

/* Whether the file is long enough; checked before memory is allocated. */
static bool is_whole(anymap *map)
{
    const size_t samples = map->width * map->height * map->channels;

    if (map->is_plain) /* one digit each, and a space except after the last one and in bitmaps */
        return (map->size - map->at) >= (map->is_bitmap ? samples : 2 * samples - 1);
    if (map->at < map->size)
        map->at++; /* white space after the header */
    return (map->size - map->at) / raw_row_bytes(map) >= map->height;
}

cvy_status cvy_pnm_measure(const char *name, const unsigned char *bytes, size_t size, size_t *width,
                           size_t *height, size_t *channels)
{
    anymap map = { .name = name, .bytes = bytes, .size = size };
    cvy_status status = read_header(&map);

    if (status != CVY_OK)
        return status;
    *width = map.width;
    *height = map.height;
    *channels = map.channels;
    return CVY_OK;
}

cvy_status cvy_pnm_decode(const char *name, const unsigned char *bytes, size_t size,
                          cvy_pixels *pixels)
{
    anymap map = { .name = name, .bytes = bytes, .size = size };
    cvy_status status = read_header(&map);

    if (status != CVY_OK)
        return status;
    if (!is_whole(&map))
        return cut_short(&map);
    cvy_pixels read;
    status = cvy_pixels_create(&read, map.width, map.height, map.channels, map.maximum > 255);
    if (status == CVY_OK)
        status = map.is_plain ? read_plain(&map, &read) : read_raw(&map, &read);
    if (status == CVY_OK)
        *pixels = read;
    else
        cvy_pixels_free(&read);
    return status;
}
