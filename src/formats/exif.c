/* EXIF: a TIFF directory in a segment of a JPEG or a chunk of a PNG (CIPA DC-008, Exif 2.32;
 * ISO/IEC 15948, extension eXIf). Every offset and length is checked; if one is out of range, there
 * is no orientation. */
#include "formats/exif.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { UPRIGHT = 1, ORIENTATION_TAG = 0x0112, SHORT_TYPE = 3, ENTRY_BYTES = 12 };

typedef struct {
    const unsigned char *bytes;
    size_t size;
    bool is_little; /* byte order */
} tiff;

static unsigned short_at(const tiff *t, size_t at)
{
    const unsigned a = t->bytes[at], b = t->bytes[at + 1];

    return t->is_little ? b << 8 | a : a << 8 | b;
}

static size_t long_at(const tiff *t, size_t at)
{
    const size_t a = short_at(t, at), b = short_at(t, at + 2);

    return t->is_little ? b << 16 | a : a << 16 | b;
}

/* Read the orientation from the first directory of a TIFF structure. */
static unsigned orientation_of(const unsigned char *bytes, size_t size)
{
    tiff t = { .bytes = bytes, .size = size };

    if (size < 10 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
        return UPRIGHT;
    t.is_little = bytes[0] == 'I';
    const size_t directory = long_at(&t, 4);
    if (directory > size - 2)
        return UPRIGHT;
    const size_t count = short_at(&t, directory);
    for (size_t i = 0; i < count; i++) {
        const size_t at = directory + 2 + i * ENTRY_BYTES;
        if (at > size || size - at < ENTRY_BYTES)
            return UPRIGHT;
        if (short_at(&t, at) != ORIENTATION_TAG)
            continue;
        const unsigned value = short_at(&t, at + 8);
        return short_at(&t, at + 2) == SHORT_TYPE && long_at(&t, at + 4) == 1 && value >= 1 &&
                       value <= 8
                   ? value
                   : UPRIGHT;
    }
    return UPRIGHT;
}

static unsigned of_jpeg(const unsigned char *bytes, size_t size)
{
    enum { MARK = 0xff, SOS = 0xda, APP1 = 0xe1 };
    const tiff big = { .bytes = bytes, .size = size };
    size_t at = 2; /* after SOI */

    while (at < size && size - at >= 4 && bytes[at] == MARK) {
        const unsigned marker = bytes[at + 1];
        if (marker == MARK) { /* a fill byte */
            at++;
            continue;
        }
        const size_t length = short_at(&big, at + 2);
        if (marker == SOS || length < 2 || length > size - at - 2)
            break;
        if (marker == APP1 && length >= 8 && memcmp(bytes + at + 4, "Exif\0\0", 6) == 0)
            return orientation_of(bytes + at + 10, length - 8);
        at += 2 + length;
    }
    return UPRIGHT;
}

static unsigned of_png(const unsigned char *bytes, size_t size)
{
    const tiff big = { .bytes = bytes, .size = size };
    size_t at = 8; /* after the signature */

    while (at < size && size - at >= 12) {
        const size_t length = long_at(&big, at);
        if (length > size - at - 12 || memcmp(bytes + at + 4, "IEND", 4) == 0)
            break;
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0)
            return orientation_of(bytes + at + 8, length);
        at += 12 + length;
    }
    return UPRIGHT;
}

unsigned cvy_exif_orientation(const unsigned char *bytes, size_t size)
{
    if (size >= 4 && bytes[0] == 0xff && bytes[1] == 0xd8)
        return of_jpeg(bytes, size);
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return of_png(bytes, size);
    return UPRIGHT;
}
