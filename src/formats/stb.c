/* PNG, JPEG and BMP through stb with strict limits: only these formats, the size is checked before
 * decoding, no single allocation exceeds what a picture of that size can need, and a truncated file
 * is an error, whereas stb would continue with whatever was in memory. */
#include "formats/foreign.h"
#include "formats/stb.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/output.h"
#include "formats/picture.h"

/* The largest single allocation allowed to stb while this thread decodes a picture. */
static _Thread_local size_t allocation_limit;

/* Allocate zeroed memory, so that no damaged picture can show old memory. */
static void *stb_allocate(size_t size)
{
    return size <= allocation_limit ? calloc(1, size) : NULL;
}

static void *stb_reallocate(void *memory, size_t size)
{
    return size <= allocation_limit ? realloc(memory, size) : NULL;
}

/* Compress PNG data for stb, whose own function does not detect that memory ran out. */
static unsigned char *stb_compress(unsigned char *bytes, int size, int *packed_size, int quality)
{
    uLongf bound = compressBound((uLong)size);
    unsigned char *packed = malloc(bound);

    (void)quality;
    if (packed != NULL && compress2(packed, &bound, bytes, (uLong)size, 9) != Z_OK) {
        free(packed);
        return NULL;
    }
    *packed_size = (int)bound;
    return packed;
}

#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
/* SIMD gives the same bits and would only add a second JPEG decoder. */
#define STBI_NO_SIMD
/* The maximum of JPEG; our own limit is checked first, with a message that names the size. */
#define STBI_MAX_DIMENSIONS 65535
#define STBI_MALLOC         stb_allocate
#define STBI_REALLOC        stb_reallocate
#define STBI_FREE           free
#define STBIW_ZLIB_COMPRESS stb_compress
#define STBI_ASSERT(x)      assert(x)
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x) assert(x)
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
/* Functions declared but not compiled for these formats; gcc warns at the end of this file. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

/* A file in memory, passed to stb in pieces so that we notice reads beyond the end. */
typedef struct {
    const unsigned char *bytes;
    size_t size, position;
    char *window; /* stb's look-ahead buffer; only there is a short read harmless */
    bool is_cut;
} reader;

static int read_piece(void *user, char *bytes, int wanted)
{
    reader *r = user;
    size_t left = r->size - r->position;
    size_t count = (size_t)wanted < left ? (size_t)wanted : left;

    if (r->window == NULL)
        r->window = bytes;
    if (wanted > 0 && (count == 0 || (count < (size_t)wanted && bytes != r->window)))
        r->is_cut = true;
    memcpy(bytes, r->bytes + r->position, count);
    r->position += count;
    return (int)count;
}

static void skip_piece(void *user, int wanted)
{
    reader *r = user;
    size_t left = r->size - r->position;

    if (wanted > 0)
        r->position += (size_t)wanted < left ? (size_t)wanted : left;
}

static int is_at_end(void *user)
{
    const reader *r = user;

    return r->position == r->size;
}

/* The size of a PNG is at a fixed offset; stb rejects very large ones without naming it. */
static cvy_status check_png_side(const char *name, const unsigned char *bytes, size_t size)
{
    static const unsigned char signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    uint32_t sides[2];

    if (size < 24 || memcmp(bytes, signature, sizeof signature) != 0)
        return CVY_OK;
    for (size_t i = 0; i < 2; i++) {
        const unsigned char *b = bytes + 16 + 4 * i;
        sides[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    }
    return cvy_pixels_check_sides(name, sides[0], sides[1]);
}

/* Whether no table of a JPEG's DHT segment has more than 256 codes; `at` is after the marker. Bytes
 * beyond the end of the file count as 0, as in stb. ITU-T T.81, B.2.4.2. */
static bool codes_fit(const unsigned char *bytes, size_t size, size_t at)
{
    enum { LENGTHS = 16, CODES_MAX = 256 };

    if (size - at < 2)
        return true;
    const size_t end = at + ((size_t)bytes[at] << 8 | bytes[at + 1]);
    for (at += 2; at < end;) {
        size_t codes = 0;
        for (size_t i = at + 1; i <= at + LENGTHS && i < size; i++)
            codes += bytes[i];
        if (codes > CODES_MAX)
            return false;
        at += 1 + LENGTHS + codes;
    }
    return true;
}

/* stb 2.27, the version in Debian 12, writes past its code tables if a JPEG announces too many
 * codes. Before the first scan, segments follow each other by their lengths; after it, stb may find
 * a marker anywhere. */
static cvy_status check_jpeg_codes(const char *name, const unsigned char *bytes, size_t size)
{
    enum { MARK = 0xff, SOI = 0xd8, SOS = 0xda, DHT = 0xc4 };
    bool is_header = true;

    if (bytes[0] != MARK)
        return CVY_OK;
    for (size_t at = 0; at + 1 < size;) {
        const unsigned marker = bytes[at + 1];
        if (bytes[at] != MARK || marker == MARK) {
            at++;
            continue;
        }
        at += 2;
        if (marker == DHT && !codes_fit(bytes, size, at))
            return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged picture (too many JPEG codes)", name);
        is_header = is_header && marker != SOS;
        if (is_header && marker != SOI && at + 1 < size)
            at += (size_t)bytes[at] << 8 | bytes[at + 1];
    }
    return CVY_OK;
}

/* A BMP with rows from top to bottom has a negative height. */
static size_t side_of(int side)
{
    return side == INT_MIN ? 0 : (size_t)abs(side);
}

/* name: the path of the file, if there is one */
static cvy_status fail_unknown(const char *name)
{
    const char *reason = stbi_failure_reason();
    const cvy_foreign *foreign = cvy_foreign_recognise(name);
    const bool is_other = foreign != NULL && strcmp(foreign->name, "an image") != 0;

    return cvy_fail(CVY_ERR_FORMAT, "%s: not a PNG, JPEG, BMP, PGM or PPM picture (%s%s)", name,
                    is_other ? "it is " : "", is_other ? foreign->name : reason);
}

cvy_status cvy_stb_measure(const char *name, const unsigned char *bytes, size_t size, size_t *width,
                           size_t *height, size_t *channels)
{
    int sides[2], found;

    cvy_status status = check_png_side(name, bytes, size);
    if (status == CVY_OK)
        status = check_jpeg_codes(name, bytes, size);
    if (status != CVY_OK)
        return status;
    allocation_limit = sizeof(stbi__jpeg) + sizeof(stbi__png);
    if (!stbi_info_from_memory(bytes, (int)size, &sides[0], &sides[1], &found))
        return fail_unknown(name);
    *width = side_of(sides[0]);
    *height = side_of(sides[1]);
    *channels = (size_t)found;
    return cvy_pixels_check_sides(name, *width, *height);
}

/* Four channels of two bytes, doubled because stb doubles its buffers, in whole JPEG blocks. */
static size_t decoding_bytes(size_t file_bytes, size_t width, size_t height)
{
    return 2 * file_bytes + 16 * (width + 64) * (height + 64);
}

cvy_status cvy_stb_decode(const char *name, const unsigned char *bytes, size_t size,
                          cvy_pixels *pixels)
{
    static const stbi_io_callbacks callbacks = { read_piece, skip_piece, is_at_end };
    reader source = { .bytes = bytes, .size = size };
    size_t width, height, channels;
    int decoded_width, decoded_height, decoded_channels;

    cvy_status status = cvy_stb_measure(name, bytes, size, &width, &height, &channels);
    if (status != CVY_OK)
        return status;
    allocation_limit = decoding_bytes(size, width, height);
    const bool is_deep = stbi_is_16_bit_from_memory(bytes, (int)size);
    void *decoded = is_deep
                        ? (void *)stbi_load_16_from_callbacks(&callbacks, &source, &decoded_width,
                                                              &decoded_height, &decoded_channels, 0)
                        : (void *)stbi_load_from_callbacks(&callbacks, &source, &decoded_width,
                                                           &decoded_height, &decoded_channels, 0);
    if (decoded == NULL || source.is_cut || (size_t)decoded_width != width ||
        side_of(decoded_height) != height) {
        stbi_image_free(decoded);
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged picture (%s)", name,
                        source.is_cut     ? "the file ends in the middle"
                        : decoded == NULL ? stbi_failure_reason()
                                          : "two sizes");
    }
    *pixels = (cvy_pixels){ .width = width,
                            .height = height,
                            .channels = (size_t)decoded_channels,
                            .is_deep = is_deep,
                            .samples = decoded };
    return CVY_OK;
}

/* Receives the bytes of a PNG from stb, and the status. */
typedef struct {
    cvy_output *output;
    cvy_status status;
} writer;

static void write_piece(void *user, void *bytes, int size)
{
    writer *w = user;

    if (w->status == CVY_OK)
        w->status = cvy_output_write(w->output, bytes, (size_t)size);
}

cvy_status cvy_picture_encode_png(const char *name, const unsigned char *pixels, size_t width,
                                  size_t height, size_t channels, unsigned char **bytes,
                                  size_t *size)
{
    int length = 0;

    assert(width > 0 && height > 0 && (channels == 1 || channels == 3));
    assert(height <= INT32_MAX / width / (channels + 1)); /* stb counts in int */
    *bytes = stbi_write_png_to_mem(pixels, (int)(width * channels), (int)width, (int)height,
                                   (int)channels, &length);
    if (*bytes == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory while packing it", name);
    *size = (size_t)length;
    return CVY_OK;
}

cvy_status cvy_picture_write_png(const char *path, const unsigned char *pixels, size_t width,
                                 size_t height, size_t channels)
{
    CVY_REQUIRE(path);
    CVY_REQUIRE(pixels);
    if (channels != 1 && channels != 3)
        return cvy_fail(CVY_ERR_SETTING, "%s: found %zu channels, expected 1 or 3", path, channels);
    if (width < 1 || height < 1 ||
        height > INT32_MAX / (channels + 1) / width) /* stb counts in int */
        return cvy_fail(CVY_ERR_SETTING,
                        "%s: found %zu x %zu pixels, expected at least one, and at most %d bytes",
                        path, width, height, INT32_MAX);
    writer target = { .status = CVY_OK };

    cvy_status status = cvy_output_open(path, &target.output);
    if (status != CVY_OK)
        return status;
    if (!stbi_write_png_to_func(write_piece, &target, (int)width, (int)height, (int)channels,
                                pixels, (int)(width * channels)))
        target.status = cvy_fail(CVY_ERR_MEMORY, "%s: out of memory while packing it", path);
    if (target.status == CVY_OK)
        return cvy_output_commit(target.output);
    cvy_output_discard(target.output);
    return target.status;
}
