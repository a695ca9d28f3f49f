/* Bytes of any content as EXIF in a JPEG and in a PNG: the orientation is always one of the eight. The bytes
 * are the TIFF structure, or, where they begin like a picture, the file. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/exif.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The bytes after a beginning, in memory that ends where they end. */
static void look(const char *beginning, size_t length, const uint8_t *bytes, size_t size)
{
    enum { ROOM = 32 };
    uint8_t *block = size <= SIZE_MAX - ROOM ? malloc(ROOM + size) : NULL;

    if (block == NULL)
        return;
    uint8_t *file = block + ROOM - length;
    memcpy(file, beginning, length);
    if (size > 0)
        memcpy(file + length, bytes, size);
    const unsigned orientation = cvy_exif_orientation(file, length + size);
    assert(orientation >= 1 && orientation <= 8);
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char jpeg[] = "\xff\xd8\xff\xe1\0\0Exif\0\0", png[] = "\x89PNG\r\n\x1a\n\0\0\0\0eXIf";

    look("", 0, bytes, size);
    jpeg[4] = (char)((size + 8) >> 8);
    jpeg[5] = (char)(size + 8);
    look(jpeg, sizeof jpeg - 1, bytes, size);
    png[10] = (char)(size >> 8);
    png[11] = (char)size;
    look(png, sizeof png - 1, bytes, size);
    return 0;
}
