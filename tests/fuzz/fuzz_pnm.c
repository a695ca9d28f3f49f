/* Bytes of any content as PNM and as packed BMP: decoded or refused, and every sample is there. */
#include <assert.h>
#include <stdint.h>

#include "formats/bmp_rle.h"
#include "formats/grey.h"
#include "formats/picture.h"
#include "formats/pnm.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look_at(cvy_pixels *pixels)
{
    const size_t pixel_count = pixels->width * pixels->height;
    unsigned sum = 0;

    cvy_pixels_flatten(pixels);
    cvy_pixels_to_grey(pixels);
    assert(pixels->channels == 1);
    for (size_t i = 0; i < pixel_count; i++)
        sum += ((const uint8_t *)pixels->samples)[i];
    assert(sum <= 255 * pixel_count);
    cvy_pixels_free(pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { PIXELS_MAX = 1 << 18 }; /* for speed: a packed BMP of a few bytes can have 2^26 */
    cvy_pixels pixels;
    size_t width, height, channels;

    if (cvy_picture_measure("input", bytes, size, &width, &height, &channels) == CVY_OK &&
        width * height > PIXELS_MAX)
        return 0;
    if (cvy_pnm_is(bytes, size) && cvy_pnm_decode("input", bytes, size, &pixels) == CVY_OK)
        look_at(&pixels);
    if (cvy_bmp_rle_is(bytes, size) && cvy_bmp_rle_decode("input", bytes, size, &pixels) == CVY_OK)
        look_at(&pixels);
    return 0;
}
