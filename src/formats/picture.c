/* Pictures through stb, kept on a short leash: only the formats we name, the size looked at before
 * anything is decoded, no single allocation beyond what a picture of that size can need, and a
 * file that ends too early is an error, where stb would go on with whatever was in memory. */
#include "formats/picture.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"
#include "base/memory.h"

/* The most that stb may ask for at once while this thread decodes a picture. */
static _Thread_local size_t allocation_limit;

/* Zeroed, so that no picture, however damaged, can show old memory. */
static void *stb_allocate(size_t size)
{
    return size <= allocation_limit ? calloc(1, size) : NULL;
}

static void *stb_reallocate(void *memory, size_t size)
{
    return size <= allocation_limit ? realloc(memory, size) : NULL;
}

/* What stb packs PNG data with: its own way does not notice that memory has run out. */
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
#define STBI_ONLY_PNM
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
/* What a JPEG can have; the limit of ours is checked first, with a sentence that names the size. */
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
/* Declared there, compiled out by the choice of formats; gcc notices at the end of this file. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

/* A file in memory, handed to stb piece by piece so that we see whether it asks for more. */
typedef struct {
    const unsigned char *bytes;
    size_t size, position;
    char *window; /* stb's look-ahead buffer, where alone a short read means nothing */
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

static cvy_status check_side(const char *name, size_t width, size_t height)
{
    if (width < 1 || height < 1 || width > CVY_PICTURE_SIDE_MAX || height > CVY_PICTURE_SIDE_MAX)
        return cvy_fail(CVY_ERR_FORMAT,
                        "%s: a picture of %zu x %zu pixels, expected 1 to %d a side", name, width,
                        height, CVY_PICTURE_SIDE_MAX);
    return CVY_OK;
}

/* The size of a PNG stands at a fixed place; stb refuses very large ones without naming it. */
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
    return check_side(name, sides[0], sides[1]);
}

/* Whether no table of a JPEG's DHT segment has more than 256 codes; `at` is behind the marker. What
 * lies beyond the end of the file counts as 0, as it does for stb. ITU-T T.81, B.2.4.2. */
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

/* stb 2.27, which Debian 12 has, writes behind its tables of codes when a JPEG announces too many of
 * them. In front of the first scan segments follow each other by their lengths; from there on any
 * place may be where stb takes a marker up. */
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

/* width and height as the header says, both within bounds */
static cvy_status read_size(const char *name, const unsigned char *bytes, size_t size, int *width,
                            int *height)
{
    int channels;

    if (size == 0)
        return cvy_fail(CVY_ERR_FORMAT, "%s: the file is empty", name);
    if (size > CVY_PICTURE_FILE_BYTES_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "%s: %zu bytes, a picture may have %d", name, size,
                        CVY_PICTURE_FILE_BYTES_MAX);
    cvy_status status = check_png_side(name, bytes, size);
    if (status == CVY_OK)
        status = check_jpeg_codes(name, bytes, size);
    if (status != CVY_OK)
        return status;
    allocation_limit = sizeof(stbi__jpeg) + sizeof(stbi__png);
    if (!stbi_info_from_memory(bytes, (int)size, width, height, &channels))
        return cvy_fail(CVY_ERR_FORMAT, "%s: not a PNG, JPEG, BMP, PGM or PPM picture (%s)", name,
                        stbi_failure_reason());
    return check_side(name, *width < 0 ? 0 : (size_t)*width, *height < 0 ? 0 : (size_t)*height);
}

/* Four channels of two bytes, twice over since stb doubles its buffers, in whole JPEG blocks. */
static size_t decoding_bytes(size_t file_bytes, int width, int height)
{
    return 2 * file_bytes + 16 * ((size_t)width + 64) * ((size_t)height + 64);
}

/* One pixel as grey over white: Rec. ITU-R BT.601, Y = 0.299 R + 0.587 G + 0.114 B. */
static unsigned char grey_of(const unsigned char *pixel, int channels)
{
    unsigned grey = pixel[0], alpha = 255;

    if (channels >= 3)
        grey = (299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2] + 500U) / 1000U;
    if (channels == 2 || channels == 4)
        alpha = pixel[channels - 1];
    return (unsigned char)((grey * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

/* All channels of a picture, as stb hands them over: the caller frees *pixels with free(). */
static cvy_status decode(const char *name, const unsigned char *bytes, size_t size,
                         cvy_picture *sides, int *channels, unsigned char **pixels)
{
    static const stbi_io_callbacks callbacks = { read_piece, skip_piece, is_at_end };
    reader source = { .bytes = bytes, .size = size };
    int width, height, decoded_width, decoded_height;

    cvy_status status = read_size(name, bytes, size, &width, &height);
    if (status != CVY_OK)
        return status;
    allocation_limit = decoding_bytes(size, width, height);
    unsigned char *decoded =
        stbi_load_from_callbacks(&callbacks, &source, &decoded_width, &decoded_height, channels, 0);
    if (decoded == NULL || source.is_cut || decoded_width != width || decoded_height != height) {
        stbi_image_free(decoded);
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged picture (%s)", name,
                        source.is_cut     ? "the file ends in the middle"
                        : decoded == NULL ? stbi_failure_reason()
                                          : "two sizes");
    }
    *sides = (cvy_picture){ .width = (size_t)width, .height = (size_t)height };
    *pixels = decoded;
    return CVY_OK;
}

cvy_status cvy_picture_decode(const char *name, const unsigned char *bytes, size_t size,
                              cvy_picture *picture)
{
    unsigned char *pixels;
    cvy_picture decoded;
    int channels;

    cvy_status status = decode(name, bytes, size, &decoded, &channels, &pixels);
    if (status != CVY_OK)
        return status;
    size_t count = decoded.width * decoded.height;
    for (size_t i = 0; i < count; i++) /* in place: grey i is never after pixel i */
        pixels[i] = grey_of(pixels + i * (size_t)channels, channels);
    decoded.grey = pixels;
    *picture = decoded;
    return CVY_OK;
}

/* One colour over white. */
static void lay_over_white(const unsigned char *pixel, int channels, unsigned char colour[3])
{
    const unsigned alpha = channels == 4 ? pixel[3] : 255;

    for (int c = 0; c < 3; c++)
        colour[c] = (unsigned char)((pixel[c] * alpha + 255U * (255U - alpha) + 127U) / 255U);
}

cvy_status cvy_picture_decode_colour(const char *name, const unsigned char *bytes, size_t size,
                                     cvy_colour_picture *picture)
{
    unsigned char *pixels;
    cvy_picture decoded;
    int channels;

    cvy_status status = decode(name, bytes, size, &decoded, &channels, &pixels);
    if (status != CVY_OK)
        return status;
    size_t count = decoded.width * decoded.height;
    for (size_t i = 0; i < count; i++) { /* in place likewise */
        unsigned char colour[3];
        if (channels < 3) {
            pixels[i] = grey_of(pixels + i * (size_t)channels, channels);
            continue;
        }
        lay_over_white(pixels + i * (size_t)channels, channels, colour);
        memcpy(pixels + 3 * i, colour, 3);
    }
    *picture = (cvy_colour_picture){ .width = decoded.width,
                                     .height = decoded.height,
                                     .channels = channels < 3 ? 1 : 3,
                                     .pixels = pixels };
    return CVY_OK;
}

cvy_status cvy_picture_measure(const char *name, const unsigned char *bytes, size_t size,
                               size_t *width, size_t *height, size_t *channels)
{
    int sides[2], found;
    cvy_status status = read_size(name, bytes, size, &sides[0], &sides[1]);

    if (status != CVY_OK)
        return status;
    if (!stbi_info_from_memory(bytes, (int)size, &sides[0], &sides[1], &found))
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged picture", name);
    *width = (size_t)sides[0];
    *height = (size_t)sides[1];
    *channels = found < 3 ? 1 : 3;
    return CVY_OK;
}

void cvy_colour_picture_free(cvy_colour_picture *picture)
{
    stbi_image_free(picture->pixels);
    picture->pixels = NULL;
}

cvy_status cvy_picture_read(const char *path, cvy_picture *picture)
{
    unsigned char *bytes;
    size_t size;

    cvy_status status = cvy_file_read(path, CVY_PICTURE_FILE_BYTES_MAX, &bytes, &size);
    if (status != CVY_OK)
        return status;
    status = cvy_picture_decode(path, bytes, size, picture);
    cvy_memory_free(bytes);
    return status;
}

void cvy_picture_free(cvy_picture *picture)
{
    stbi_image_free(picture->grey);
    picture->grey = NULL;
}

cvy_status cvy_picture_encode_png(const char *name, const unsigned char *pixels, size_t width,
                                  size_t height, size_t channels, unsigned char **bytes,
                                  size_t *size)
{
    int length = 0;

    assert(width > 0 && height > 0 && (channels == 1 || channels == 3));
    assert(height <= INT32_MAX / width / (channels + 1));
    *bytes = stbi_write_png_to_mem(pixels, (int)(width * channels), (int)width, (int)height,
                                   (int)channels, &length);
    if (*bytes == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory while packing it", name);
    *size = (size_t)length;
    return CVY_OK;
}

/* Where stb leaves the bytes of a PNG, and how that went. */
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

cvy_status cvy_picture_write_png(const char *path, const unsigned char *pixels, size_t width,
                                 size_t height, size_t channels)
{
    writer target = { .status = CVY_OK };

    assert(width > 0 && height > 0 && (channels == 1 || channels == 3));
    assert(height <= INT32_MAX / width / (channels + 1)); /* stb counts in int */
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
