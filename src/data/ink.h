/* From an ordinary picture of one written character to the image a model was trained on: light ink
 * on black, the ink's box 20/28 of the side, its centre of mass in the middle, as in MNIST. */
#ifndef CVY_DATA_INK_H
#define CVY_DATA_INK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/placing.h"

typedef enum { CVY_INVERT_AUTO, CVY_INVERT_YES, CVY_INVERT_NO } cvy_invert;

/* What was done, for those who want to know. */
typedef struct {
    bool is_inverted;    /* dark ink on a light ground was turned round */
    bool is_kept;        /* the picture had the wanted form already; its pixels were kept */
    unsigned background; /* grey level along the edge of the picture as it came, 0..255 */
    cvy_box box;         /* of the ink, in pixels of the picture */
    cvy_placing placing; /* its scale is pixels of the image per pixel of the picture */
} cvy_ink_report;

/**
 * Find the ink in a picture and bring it into the form of MNIST.
 * grey    [height][width], 0 black to 255 white; height and width at least 1
 * invert  whether the ink is darker than its ground: CVY_INVERT_AUTO looks
 * image   [image_height][image_width], written only on CVY_OK: 0 ground to 255 full ink
 * report  written only on CVY_OK
 * Returns CVY_ERR_DATA ("no ink found ...", without the name of the picture), CVY_ERR_MEMORY.
 */
cvy_status cvy_ink_extract(const unsigned char *grey, size_t width, size_t height,
                           cvy_invert invert, unsigned char *image, size_t image_width,
                           size_t image_height, cvy_ink_report *report);

#endif
