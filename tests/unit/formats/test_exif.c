/* Orientation in JPEG and PNG, and pixels turned by it. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#include "formats/exif.h"
#include "formats/pixels.h"

/* A TIFF structure with one entry, the orientation, of either byte order. */
static size_t make_tiff(unsigned char *to, bool is_little, unsigned orientation)
{
    static const unsigned char little[] = { 'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3,
                                            0,   1,   0,   0, 0, 0, 0, 0, 0, 0, 0,    0, 0 };
    static const unsigned char big[] = { 'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                                         3,   0,   0, 0,   1, 0, 0, 0, 0, 0, 0, 0,    0 };

    memcpy(to, is_little ? little : big, sizeof little);
    to[is_little ? 18 : 19] = (unsigned char)orientation;
    return sizeof little;
}

/* SOI, a JFIF segment, an Exif segment with the structure, SOS. */
static size_t make_jpeg(unsigned char *to, const unsigned char *tiff, size_t size)
{
    static const unsigned char head[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xe1 };
    size_t at = sizeof head;

    memcpy(to, head, at);
    to[at++] = 0;
    to[at++] = (unsigned char)(size + 8);
    memcpy(to + at, "Exif\0\0", 6);
    memcpy(to + at + 6, tiff, size);
    memcpy(to + at + 6 + size, "\xff\xda", 2);
    return at + 6 + size + 2;
}

static size_t make_png(unsigned char *to, const unsigned char *tiff, size_t size)
{
    memcpy(to, "\x89PNG\r\n\x1a\n\0\0\0\0gAMAcrc.\0\0\0", 23);
    to[23] = (unsigned char)size;
    memcpy(to + 24, "eXIf", 4);
    memcpy(to + 28, tiff, size);
    memcpy(to + 28 + size, "crc.", 4);
    return 32 + size;
}

Test(exif, orientation_of_jpeg_and_png_in_both_byte_orders)
{
    unsigned char tiff[64], file[128];

    for (unsigned value = 1; value <= 8; value++)
        for (int is_little = 0; is_little < 2; is_little++) {
            const size_t size = make_tiff(tiff, is_little, value);
            size_t length = make_jpeg(file, tiff, size);
            cr_expect(eq(uint, cvy_exif_orientation(file, length), value));
            length = make_png(file, tiff, size);
            cr_expect(eq(uint, cvy_exif_orientation(file, length), value));
        }
}

Test(exif, damage_asks_for_nothing)
{
    unsigned char tiff[64], file[128];
    const size_t size = make_tiff(tiff, true, 6), length = make_jpeg(file, tiff, size);

    for (size_t cut = 0; cut < length - 4; cut++) /* the last four bytes are padding and SOS */
        cr_expect(eq(uint, cvy_exif_orientation(file, cut), 1), "cut to %zu bytes", cut);
    make_tiff(tiff, true, 9); /* not a value */
    cr_expect(eq(uint, cvy_exif_orientation(file, make_jpeg(file, tiff, size)), 1));
    make_tiff(tiff, true, 6);
    memset(tiff + 4, 0xff, 4); /* the directory is beyond the end */
    cr_expect(eq(uint, cvy_exif_orientation(file, make_jpeg(file, tiff, size)), 1));
    make_tiff(tiff, true, 6);
    tiff[8] = tiff[9] = 0xff; /* more entries than there are; the first one is still right */
    cr_expect(eq(uint, cvy_exif_orientation(file, make_jpeg(file, tiff, size)), 6));
    cr_expect(eq(uint, cvy_exif_orientation((const unsigned char *)"P5 1 1 255 x", 12), 1));
}

/* What the eight orientations make of
 *   1 2 3
 *   4 5 6  (Exif 2.32, tag 0x0112: where row 0 and column 0 belong) */
Test(exif, pixels_are_turned_as_the_standard_says)
{
    static const char *const expected[9] = { NULL,     "123456", "321654", "654321", "456123",
                                             "142536", "415263", "635241", "362514" };

    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        cvy_pixels pixels;
        cr_assert(eq(int, cvy_pixels_create(&pixels, 3, 2, 1, false), CVY_OK));
        memcpy(pixels.samples, "123456", 6);
        cr_assert(eq(int, cvy_pixels_orient(&pixels, orientation), CVY_OK));
        cr_expect(zero(int, memcmp(pixels.samples, expected[orientation], 6)), "%u: %.6s",
                  orientation, (const char *)pixels.samples);
        cr_expect(eq(sz, pixels.width, orientation >= 5 ? 2 : 3));
        cvy_pixels_free(&pixels);
    }
}
