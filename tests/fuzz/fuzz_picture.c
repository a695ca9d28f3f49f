/* Files of any content as pictures, and whatever they show as ink. */
#include <stdint.h>

#include "pictures/ink.h"
#include "formats/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { SIDE = 28, PIXELS_MAX = 1 << 16 }; /* of pictures that ink is looked for in: for speed */
    cvy_picture picture;
    cvy_ink_report report;
    unsigned char image[SIDE * SIDE];
    size_t others;

    if (cvy_picture_decode("input", bytes, size, &picture) != CVY_OK)
        return 0;
    if (picture.width * picture.height <= PIXELS_MAX)
        (void)cvy_ink_extract(picture.grey, picture.width, picture.height, CVY_INVERT_AUTO, image,
                              SIDE, SIDE, &report, &others);
    cvy_picture_free(&picture);
    return 0;
}
