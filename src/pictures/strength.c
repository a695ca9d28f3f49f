/* Measure the strength of ink relative to a ground found by Leptonica's closing or opening. */
#include "pictures/strength.h"

/* Added to both levels, so that noise in black does not look like ink on black. */
enum { DARKNESS = 24 };

/* Leptonica numbers the bytes of a word from its most significant one. */
static inline size_t place_in_word(size_t x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return x ^ 3;
#else
    return x;
#endif
}

static PIX *pix_of(const cvy_leptonica *lept, const cvy_bytes *grey)
{
    PIX *pix = lept->pixCreate((l_int32)grey->width, (l_int32)grey->height, 8);

    if (pix == NULL)
        return NULL;
    const size_t row_bytes = 4 * (size_t)lept->pixGetWpl(pix);
    uint8_t *bytes = (uint8_t *)lept->pixGetData(pix);
    for (size_t y = 0; y < grey->height; y++)
        for (size_t x = 0; x < grey->width; x++)
            bytes[y * row_bytes + place_in_word(x)] = grey->value[y * grey->width + x];
    return pix;
}

unsigned cvy_strength_of(unsigned darker, unsigned lighter)
{
    return lighter > darker
               ? (255U * (lighter - darker) + (lighter + DARKNESS) / 2) / (lighter + DARKNESS)
               : 0;
}

cvy_status cvy_strength_measure(const cvy_leptonica *lept, const cvy_bytes *grey, bool is_dark,
                                size_t reach, cvy_bytes *strength)
{
    cvy_status status = cvy_bytes_create(strength, grey->width, grey->height);
    if (status != CVY_OK)
        return status;
    PIX *pix = pix_of(lept, grey), *ground = NULL;
    if (pix != NULL)
        ground = (is_dark ? lept->pixCloseGray : lept->pixOpenGray)(pix, (l_int32)(reach | 1),
                                                                    (l_int32)(reach | 1));
    if (ground == NULL)
        status =
            cvy_fail(CVY_ERR_MEMORY, "out of memory while looking for the ground of a picture");
    else {
        const size_t row_bytes = 4 * (size_t)lept->pixGetWpl(ground);
        const uint8_t *bytes = (const uint8_t *)lept->pixGetData(ground);
        for (size_t y = 0; y < grey->height; y++)
            for (size_t x = 0; x < grey->width; x++) {
                const size_t i = y * grey->width + x;
                const unsigned behind = bytes[y * row_bytes + place_in_word(x)];
                strength->value[i] = (uint8_t)(is_dark ? cvy_strength_of(grey->value[i], behind)
                                                       : cvy_strength_of(behind, grey->value[i]));
            }
    }
    lept->pixDestroy(&pix);
    lept->pixDestroy(&ground);
    return status;
}
