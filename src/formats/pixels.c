/* Decoded pictures: allocation, size checks and orientation. */
#include "formats/pixels.h"

#include <stdlib.h>
#include <string.h>

#include "formats/picture.h"

cvy_status cvy_pixels_check_sides(const char *name, size_t width, size_t height)
{
    if (width < 1 || height < 1 || width > CVY_PICTURE_SIDE_MAX || height > CVY_PICTURE_SIDE_MAX)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: a picture of %zu x %zu pixels, expected 1 to %d a side", name, width,
                        height, CVY_PICTURE_SIDE_MAX);
    return CVY_OK;
}

size_t cvy_pixels_bytes(const cvy_pixels *pixels)
{
    return pixels->channels * (pixels->is_deep ? 2 : 1);
}

cvy_status cvy_pixels_create(cvy_pixels *pixels, size_t width, size_t height, size_t channels,
                             bool is_deep)
{
    *pixels =
        (cvy_pixels){ .width = width, .height = height, .channels = channels, .is_deep = is_deep };
    pixels->samples = calloc(width * height, cvy_pixels_bytes(pixels)); /* as by stb */
    if (pixels->samples == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory for a picture of %zu x %zu pixels", width,
                        height);
    return CVY_OK;
}

void cvy_pixels_free(cvy_pixels *pixels)
{
    free(pixels->samples);
    pixels->samples = NULL;
}

/* The effect of each orientation: first swap rows and columns, then reverse either. */
typedef struct {
    bool is_transposed, is_mirrored, is_upside_down;
} turn;

static const turn turns[9] = {
    [2] = { false, true, false }, [3] = { false, true, true }, [4] = { false, false, true },
    [5] = { true, false, false }, [6] = { true, true, false }, [7] = { true, true, true },
    [8] = { true, false, true },
};

cvy_status cvy_pixels_orient(cvy_pixels *pixels, unsigned orientation)
{
    const turn t = turns[orientation];
    const size_t bytes = cvy_pixels_bytes(pixels);
    cvy_pixels turned;

    if (!t.is_transposed && !t.is_mirrored && !t.is_upside_down)
        return CVY_OK;
    cvy_status status = cvy_pixels_create(&turned, t.is_transposed ? pixels->height : pixels->width,
                                          t.is_transposed ? pixels->width : pixels->height,
                                          pixels->channels, pixels->is_deep);
    if (status != CVY_OK)
        return status;
    const unsigned char *from = pixels->samples;
    unsigned char *to = turned.samples;
    for (size_t y = 0; y < turned.height; y++)
        for (size_t x = 0; x < turned.width; x++) {
            const size_t u = t.is_mirrored ? turned.width - 1 - x : x;
            const size_t v = t.is_upside_down ? turned.height - 1 - y : y;
            const size_t i = t.is_transposed ? u * pixels->width + v : v * pixels->width + u;
            memcpy(to + (y * turned.width + x) * bytes, from + i * bytes, bytes);
        }
    cvy_pixels_free(pixels);
    *pixels = turned;
    return CVY_OK;
}
