/* Convert an ordinary picture of a written character to an image like those a model was trained on:
 * light ink on black, the ink's box 20/28 of the side, its centre of mass in the middle, as in
 * MNIST. */
#ifndef CVY_PICTURES_INK_H
#define CVY_PICTURES_INK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "convoy/picture.h"
#include "pictures/placing.h"

/* The findings and steps for one character. */
typedef struct {
    bool is_kept;        /* the picture already had the wanted form; its pixels were kept */
    bool is_inverted;    /* the ink is darker than its ground */
    unsigned background; /* median grey level of the picture, 0 .. 255 */
    unsigned strength;   /* strength of the ink in percent of black on white */
    bool has_lines;      /* printed lines were removed */
    cvy_box box;         /* bounding box of the ink, in pixels of the picture */
    cvy_placing placing; /* scale: pixels of the image per pixel of the picture */
} cvy_ink_report;

typedef struct {
    size_t count;
    cvy_ink_report *report; /* [count] */
    unsigned char *images;  /* [count][image_height][image_width] */
} cvy_inks;

/**
 * Find the ink in a picture and convert it to the form of MNIST.
 * grey         [height][width], 0 black to 255 white; height and width at least 1
 * invert       whether the ink is darker than its ground; CVY_INVERT_AUTO detects it
 * image        [image_height][image_width], written only on CVY_OK: 0 ground to 255 full ink
 * report       written only on CVY_OK
 * other_count  number of further characters of similar size; written only on CVY_OK
 * Returns CVY_ERR_DATA ("no ink found ...", without the name of the picture), CVY_ERR_MEMORY,
 * CVY_ERR_UNSUPPORTED (Leptonica is not installed). Any thread.
 */
cvy_status cvy_ink_extract(const unsigned char *grey, size_t width, size_t height,
                           cvy_invert invert, unsigned char *image, size_t image_width,
                           size_t image_height, cvy_ink_report *report, size_t *other_count);

/**
 * Extract every character in the picture, line by line, from left to right.
 * inks  released with cvy_inks_release(), also after a failure
 */
cvy_status cvy_ink_extract_all(const unsigned char *grey, size_t width, size_t height,
                               cvy_invert invert, size_t image_width, size_t image_height,
                               cvy_inks *inks);
void cvy_inks_release(cvy_inks *inks);

#endif
