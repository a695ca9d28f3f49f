/* Pictures in every format that is read, and files that only look like one. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/picture.h"

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image_write.h>

enum { WIDTH = 20, HEIGHT = 10, FILE_BYTES_MAX = 1 << 16 };

/* A file being made. */
typedef struct {
    unsigned char bytes[FILE_BYTES_MAX];
    size_t size;
} file_image;

static void append(void *user, void *bytes, int size)
{
    file_image *file = user;

    cr_assert(file->size + (size_t)size <= FILE_BYTES_MAX);
    memcpy(file->bytes + file->size, bytes, (size_t)size);
    file->size += (size_t)size;
}

static cvy_status decode(const file_image *file, size_t size, cvy_picture *picture)
{
    unsigned char *copy = malloc(size > 0 ? size : 1); /* so that reading beyond it is noticed */

    memcpy(copy, file->bytes, size);
    cvy_status status = cvy_picture_decode("name", copy, size, picture);
    free(copy);
    return status;
}

static void expect_refused(const file_image *file, size_t size, const char *word)
{
    cvy_picture picture = { .width = 77 };

    cr_expect(eq(int, decode(file, size, &picture), CVY_ERR_FORMAT));
    cr_expect(zero(int, strncmp(cvy_error_message(), "name: ", 6)), "%s", cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), word), NULL), "%s", cvy_error_message());
    cr_expect(eq(ptr, strchr(cvy_error_message(), '\n'), NULL));
    cr_expect(eq(sz, picture.width, 77));
}

/* Pixel number i has the value `channel[c] + i` in its channel c. */
static unsigned char *ramps(int channels, const unsigned char channel[4])
{
    static unsigned char pixels[WIDTH * HEIGHT * 4];

    for (int i = 0; i < WIDTH * HEIGHT; i++)
        for (int c = 0; c < channels; c++)
            pixels[i * channels + c] = (unsigned char)(channel[c] + (c < 3 ? i / 4 : 0));
    return pixels;
}

/* Every pixel must be within `slack` of base + i / 4. */
static void expect_ramp(const file_image *file, int base, int slack)
{
    cvy_picture picture = { 0 };

    cr_assert(eq(int, decode(file, file->size, &picture), CVY_OK), "%s", cvy_error_message());
    cr_assert(eq(sz, picture.width, WIDTH));
    cr_assert(eq(sz, picture.height, HEIGHT));
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        cr_expect(le(int, abs(picture.grey[i] - base - i / 4), slack), "%d: %d", i,
                  picture.grey[i]);
    cvy_picture_free(&picture);
    cr_expect(eq(ptr, picture.grey, NULL));
}

/* The grey ramp that make_files() draws, as a JPEG of quality 90: stb writes JPEG by shifts that a
 * sanitizer objects to. */
static const unsigned char grey_jpeg_bytes[] = {
    0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00,
    0x01, 0x00, 0x01, 0x00, 0x00, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x03, 0x02, 0x02, 0x03, 0x02,
    0x02, 0x03, 0x03, 0x03, 0x03, 0x04, 0x03, 0x03, 0x04, 0x05, 0x08, 0x05, 0x05, 0x04, 0x04,
    0x05, 0x0a, 0x07, 0x07, 0x06, 0x08, 0x0c, 0x0a, 0x0c, 0x0c, 0x0b, 0x0a, 0x0b, 0x0b, 0x0d,
    0x0e, 0x12, 0x10, 0x0d, 0x0e, 0x11, 0x0e, 0x0b, 0x0b, 0x10, 0x16, 0x10, 0x11, 0x13, 0x14,
    0x15, 0x15, 0x15, 0x0c, 0x0f, 0x17, 0x18, 0x16, 0x14, 0x18, 0x12, 0x14, 0x15, 0x14, 0xff,
    0xc0, 0x00, 0x0b, 0x08, 0x00, 0x0a, 0x00, 0x14, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00,
    0x16, 0x00, 0x01, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x03, 0x06, 0x08, 0xff, 0xc4, 0x00, 0x1d, 0x10, 0x00, 0x02, 0x01, 0x05,
    0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01,
    0x06, 0x52, 0x62, 0x91, 0xa1, 0x12, 0x16, 0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00,
    0x3f, 0x00, 0xcf, 0x4b, 0x48, 0xe1, 0xc1, 0x56, 0x91, 0xc3, 0x82, 0x7c, 0x8e, 0x1c, 0x2f,
    0x95, 0x16, 0xd8, 0xd0, 0xca, 0x8b, 0x6c, 0x68, 0x4f, 0x0b, 0x6c, 0x68, 0xff, 0xd9,
};

static file_image grey_png, grey_bmp, grey_jpeg, grey_pgm;

static void make_files(void)
{
    static const unsigned char equal[4] = { 60, 60, 60, 255 };

    stbi_write_png_to_func(append, &grey_png, WIDTH, HEIGHT, 1, ramps(1, equal), WIDTH);
    stbi_write_bmp_to_func(append, &grey_bmp, WIDTH, HEIGHT, 3, ramps(3, equal));
    memcpy(grey_jpeg.bytes, grey_jpeg_bytes, sizeof grey_jpeg_bytes);
    grey_jpeg.size = sizeof grey_jpeg_bytes;
    char header[] = "P5\n# a comment\n20 10\n255\n";
    append(&grey_pgm, header, sizeof header - 1);
    append(&grey_pgm, ramps(1, equal), WIDTH * HEIGHT);
}

TestSuite(picture, .init = make_files);

Test(picture, reads_every_format)
{
    expect_ramp(&grey_png, 60, 0);
    expect_ramp(&grey_bmp, 60, 0);
    expect_ramp(&grey_pgm, 60, 0);
    expect_ramp(&grey_jpeg, 60, 3);
}

Test(picture, weighs_colours_as_the_eye_does)
{
    static const unsigned char colours[3][4] = { { 200, 0, 0 }, { 0, 200, 0 }, { 0, 0, 200 } };
    static const int greys[3] = { 60, 117, 23 }; /* 200 times 0.299, 0.587, 0.114 */

    for (size_t i = 0; i < 3; i++) {
        file_image file = { .size = 0 };
        stbi_write_png_to_func(append, &file, WIDTH, HEIGHT, 3, ramps(3, colours[i]), WIDTH * 3);
        expect_ramp(&file, greys[i], 1);
    }
}

Test(picture, alpha_of_255_and_alpha_of_0_everywhere_leave_the_colours)
{
    static const unsigned char clear[4] = { 9, 9, 9, 0 }, full[4] = { 9, 9, 9, 255 };
    file_image opaque = { .size = 0 }, unseen = { .size = 0 };

    stbi_write_png_to_func(append, &opaque, WIDTH, HEIGHT, 4, ramps(4, full), WIDTH * 4);
    expect_ramp(&opaque, 9, 0);
    stbi_write_png_to_func(append, &unseen, WIDTH, HEIGHT, 4, ramps(4, clear), WIDTH * 4);
    expect_ramp(&unseen, 9, 0);
}

/* The left half opaque and of one level, the right half clear. */
static void expect_ground(unsigned char level, int ground)
{
    unsigned char pixels[WIDTH * HEIGHT][2];
    file_image file = { .size = 0 };
    cvy_picture picture;

    for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
        pixels[i][0] = level;
        pixels[i][1] = i % WIDTH < WIDTH / 2 ? 255 : 0;
    }
    stbi_write_png_to_func(append, &file, WIDTH, HEIGHT, 2, pixels, WIDTH * 2);
    cr_assert(eq(int, decode(&file, file.size, &picture), CVY_OK));
    cr_expect(eq(int, picture.grey[0], level));
    cr_expect(eq(int, picture.grey[WIDTH - 1], ground));
    cvy_picture_free(&picture);
}

Test(picture, transparency_lies_over_what_the_ink_is_not)
{
    expect_ground(10, 255);
    expect_ground(250, 0);
}

Test(picture, refuses_what_is_no_picture)
{
    file_image file = { .size = 0 };
    char text[] = "this is a letter, not a picture, whatever its name says\n";
    char gif[] = "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1D\0;";

    expect_refused(&file, 0, "empty");
    append(&file, text, sizeof text - 1);
    expect_refused(&file, file.size, "not a PNG, JPEG, BMP, PGM or PPM");
    file.size = 0;
    append(&file, gif, sizeof gif);
    expect_refused(&file, file.size, "not a PNG");
}

/* However short it was cut: never a picture, never a read beyond the end. */
static void expect_refused_when_cut(const file_image *file)
{
    for (size_t size = 0; size < file->size; size++)
        expect_refused(file, size, "name: ");
}

Test(picture, refuses_files_cut_short)
{
    expect_refused_when_cut(&grey_png);
    expect_refused_when_cut(&grey_bmp);
    expect_refused_when_cut(&grey_pgm);
    expect_refused_when_cut(&grey_jpeg);
}

static void put_png_size(file_image *file, unsigned width, unsigned height)
{
    for (int i = 0; i < 4; i++) {
        file->bytes[16 + i] = (unsigned char)(width >> (24 - 8 * i));
        file->bytes[20 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
}

Test(picture, names_the_size_that_is_too_large)
{
    put_png_size(&grey_png, 20000, 20000);
    expect_refused(&grey_png, grey_png.size, "20000 x 20000 pixels, expected 1 to 8192");
    put_png_size(&grey_png, 4000000000, 1);
    expect_refused(&grey_png, grey_png.size, "4000000000 x 1 pixels");
    put_png_size(&grey_png, 0, 5);
    expect_refused(&grey_png, grey_png.size, "0 x 5 pixels");
    put_png_size(&grey_png, 8192, 8192); /* allowed, and far more than the file holds */
    expect_refused(&grey_png, grey_png.size, "damaged");

    file_image file = { .size = 0 };
    char pgm[] = "P5 20000 20000 255\n", jpeg[] = { 0x4e, 0x20, 0x4e, 0x20 };
    append(&file, pgm, sizeof pgm - 1);
    expect_refused(&file, file.size, "20000 x 20000 pixels");
    file.size = 0;
    char wrapping[] = "P5 99999999999999999999 99999999999999999999 255\n";
    append(&file, wrapping, sizeof wrapping - 1);
    expect_refused(&file, file.size, "pixels, expected 1 to 8192");
    size_t frame = 0;
    while (grey_jpeg.bytes[frame] != 0xff || grey_jpeg.bytes[frame + 1] != 0xc0)
        frame++;
    memcpy(grey_jpeg.bytes + frame + 5, jpeg, sizeof jpeg);
    expect_refused(&grey_jpeg, grey_jpeg.size, "20000 x 20000 pixels");
}

/* A JPEG has at most 256 codes in a table; more were written behind stb's. */
Test(picture, refuses_jpeg_tables_of_too_many_codes)
{
    size_t table = 0;

    while (grey_jpeg.bytes[table] != 0xff || grey_jpeg.bytes[table + 1] != 0xc4)
        table++;
    grey_jpeg.bytes[table + 5 + 14] = 200;
    grey_jpeg.bytes[table + 5 + 15] = 100;
    expect_refused(&grey_jpeg, grey_jpeg.size, "too many JPEG codes");
    grey_jpeg.bytes[table + 5 + 14] = 0; /* fits, but is not what the segment's length says */
    expect_refused(&grey_jpeg, grey_jpeg.size, "damaged");
    memset(grey_jpeg.bytes + table + 5, 255, 16);
    expect_refused(&grey_jpeg, grey_jpeg.size, "too many JPEG codes");
    /* also where the file ends there */
    expect_refused(&grey_jpeg, table + 12, "too many JPEG codes");
}

Test(picture, reads_files_and_writes_png)
{
    static const unsigned char pixels[6] = { 0, 50, 100, 150, 200, 250 };
    char path[] = "/tmp/convoy-test-XXXXXX";
    cvy_picture picture;

    close(mkstemp(path));
    cr_assert(eq(int, cvy_picture_write_png(path, pixels, 3, 2, 1), CVY_OK));
    cr_assert(eq(int, cvy_picture_read(path, &picture), CVY_OK), "%s", cvy_error_message());
    cr_expect(eq(sz, picture.width, 3));
    cr_expect(eq(sz, picture.height, 2));
    cr_expect(zero(int, memcmp(picture.grey, pixels, 6)));
    cvy_picture_free(&picture);

    cr_assert(eq(int, cvy_picture_write_png(path, pixels, 1, 2, 3), CVY_OK));
    cr_assert(eq(int, cvy_picture_read(path, &picture), CVY_OK), "%s", cvy_error_message());
    cr_expect(eq(int, picture.grey[1], 191)); /* of 150, 200, 250 */
    cvy_picture_free(&picture);
    unlink(path);

    cr_expect(eq(int, cvy_picture_read(path, &picture), CVY_ERR_OPEN));
    cr_expect(eq(int, cvy_picture_write_png("/nowhere/at/all.png", pixels, 3, 2, 1), CVY_ERR_OPEN));
}
