/* Portable anymaps of every kind and maximum, and packed bitmaps. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

#include "formats/picture.h"

static void expect_greys(const void *file, size_t size, size_t width, size_t height,
                         const unsigned char *expected)
{
    cvy_picture picture;

    cr_assert(eq(int, cvy_picture_decode("name", file, size, &picture), CVY_OK), "%s",
              cvy_error_message());
    cr_expect(eq(sz, picture.width, width));
    cr_expect(eq(sz, picture.height, height));
    for (size_t i = 0; i < width * height; i++)
        cr_expect(eq(int, picture.grey[i], expected[i]), "pixel %zu", i);
    cvy_picture_free(&picture);
}

#define EXPECT_GREYS(text, width, height, ...)                                                     \
    expect_greys(text, sizeof(text) - 1, width, height, (const unsigned char[]){ __VA_ARGS__ })

static void expect_refused(const char *file, size_t size, const char *words)
{
    cvy_picture picture;

    cr_expect(eq(int, cvy_picture_decode("name", (const unsigned char *)file, size, &picture),
                 CVY_ERR_FORMAT),
              "%s", file);
    cr_expect(ne(ptr, strstr(cvy_error_message(), words), NULL), "%s", cvy_error_message());
}

Test(pnm, plain_and_raw_of_all_three_kinds)
{
    EXPECT_GREYS("P1 3 2\n0 1 0\n101", 3, 2, 255, 0, 255, 0, 255, 0);
    EXPECT_GREYS("P4 3 2\n\x40\xa0", 3, 2, 255, 0, 255, 0, 255, 0);
    EXPECT_GREYS("P2 # a comment\n2 2 # another\n10\n0 5 10 11", 2, 2, 0, 128, 255, 255);
    EXPECT_GREYS("P5 2 1 255\n\x10\xff", 2, 1, 0x10, 0xff);
    EXPECT_GREYS("P3 1 2 255 200 200 200 0 0 0", 1, 2, 200, 0);
    EXPECT_GREYS("P6 1 1 255\nddd", 1, 1, 'd');
}

Test(pnm, samples_are_scaled_by_the_maximum)
{
    EXPECT_GREYS("P5 4 1 3\n\0\1\2\3", 4, 1, 0, 85, 170, 255);
    EXPECT_GREYS("P5 2 1 1\n\0\1", 2, 1, 0, 255);
    EXPECT_GREYS("P5 2 1 65535\n\x80\x00\xff\xff", 2, 1, 127, 255);
    /* above 255, and less than a quarter of the range in use: stretched */
    EXPECT_GREYS("P5 3 1 65535\n\x00\x00\x01\x00\x02\x00", 3, 1, 0, 127, 255);
}

Test(pnm, refuses_what_is_damaged)
{
    expect_refused("P5 2 2 255\nabc", 14, "ends in the middle");
    expect_refused("P2 2 2 255 1 2 3", 16, "ends in the middle");
    expect_refused("P2 2 2 255 1 2 x 4", 18, "byte 15 is no number");
    expect_refused("P5 2 2 0\nabcd", 13, "maximum is not from 1 to 65535");
    expect_refused("P5 2 2 65536\nabcdefgh", 21, "maximum is not from 1 to 65535");
    expect_refused("P5 2", 4, "no width and height");
    expect_refused("P5 0 2 255\n", 11, "0 x 2 pixels");
    expect_refused("P1 8192 8192\n1", 14, "ends in the middle");
}

/* A BMP header of 54 bytes and a palette of two colours, black and white. */
static size_t make_bmp(unsigned char *to, unsigned bits, unsigned compression, int height,
                       const void *pixels, size_t size)
{
    static const unsigned char head[62] = { 'B', 'M', 0, 0, 0, 0, 0, 0, 0, 0, 62, 0, 0, 0, 40,
                                            0,   0,   0, 4, 0, 0, 0, 0, 0, 0, 0,  1, 0, 0, 0 };
    memcpy(to, head, sizeof head);
    to[22] = (unsigned char)height;
    to[23] = to[24] = to[25] = height < 0 ? 0xff : 0;
    to[28] = (unsigned char)bits;
    to[30] = (unsigned char)compression;
    to[46] = 2; /* colours */
    to[58] = to[59] = to[60] = 255;
    memcpy(to + 62, pixels, size);
    return 62 + size;
}

Test(bmp, packed_rows_are_unpacked)
{
    static const unsigned char expected[] = { 255, 255, 255, 0, 0, 255, 0, 255 };
    unsigned char file[128];

    /* bottom row: four colours one by one; top row: a run of three, the rest skipped */
    size_t size = make_bmp(file, 8, 1, 2, "\0\4\0\1\0\1\0\0\3\1\0\1", 12);
    expect_greys(file, size, 4, 2, expected);
    size = make_bmp(file, 4, 2, 2, "\0\4\x01\x01\0\0\3\x11\0\1", 10);
    expect_greys(file, size, 4, 2, expected);
    for (size_t cut = 54; cut < size; cut++) {
        cvy_picture picture;
        cr_expect(ne(int, cvy_picture_decode("name", file, cut, &picture), CVY_OK));
    }
}

Test(bmp, rows_may_go_from_top_to_bottom)
{
    static const unsigned char down[] = { 255, 255, 255, 255, 0, 0, 0, 0 };
    static const unsigned char up[] = { 0, 0, 0, 0, 255, 255, 255, 255 };
    unsigned char file[128];

    expect_greys(file, make_bmp(file, 8, 0, -2, "\1\1\1\1\0\0\0\0", 8), 4, 2, down);
    expect_greys(file, make_bmp(file, 8, 0, 2, "\1\1\1\1\0\0\0\0", 8), 4, 2, up);
}

Test(pnm, colours_of_equal_lightness_are_told_apart)
{
    /* red and green of the same luma, 87 */
    static const unsigned char file[] = { 'P', '6', ' ', '2', ' ', '2', ' ', '2',
                                          '5', '5', ' ', 200, 30,  80,  0,   130,
                                          93,  0,   130, 93,  0,   130, 93 };
    cvy_picture picture;

    cr_assert(eq(int, cvy_picture_decode("name", file, sizeof file, &picture), CVY_OK));
    cr_expect(gt(int, abs(picture.grey[0] - picture.grey[1]), 200));
    cr_expect(eq(int, picture.grey[1], picture.grey[3]));
    cvy_picture_free(&picture);
}
