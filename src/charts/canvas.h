/* A pixel picture of images, boxes and short texts, written as PNG. */
#ifndef CVY_CHARTS_CANVAS_H
#define CVY_CHARTS_CANVAS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    CVY_LETTER_WIDTH = 6, /* pixels from one letter to the next, at size 1 */
    CVY_LETTER_HEIGHT = 8,
};

typedef struct {
    size_t width, height;
    uint8_t *pixels; /* [height][width][3] */
} cvy_canvas;

/* 0xrrggbb */
typedef uint32_t cvy_colour;

/**
 * Create a canvas of one color; released with cvy_canvas_release(), also after a failure.
 * Returns CVY_ERR_UNSUPPORTED (more than 2^28 bytes), CVY_ERR_MEMORY.
 */
cvy_status cvy_canvas_create(cvy_canvas *canvas, size_t width, size_t height, cvy_colour colour);
void cvy_canvas_release(cvy_canvas *canvas);

/* Drawings are clipped to the canvas. */

void cvy_canvas_fill(cvy_canvas *canvas, size_t x, size_t y, size_t width, size_t height,
                     cvy_colour colour);

/** Draw the outline of a rectangle, `thickness` pixels wide, inside its border. */
void cvy_canvas_outline(cvy_canvas *canvas, size_t x, size_t y, size_t width, size_t height,
                        size_t thickness, cvy_colour colour);

/** Draw an image of 1 or 3 channels, each of its pixels `zoom` pixels wide and high. */
void cvy_canvas_image(cvy_canvas *canvas, size_t x, size_t y, const uint8_t *image, size_t width,
                      size_t height, size_t channels, size_t zoom);

/** Draw text in a fixed font of 5 x 7 pixels, `size` times as large; small letters are drawn as
 *  capitals, and unknown characters as a box. */
void cvy_canvas_text(cvy_canvas *canvas, size_t x, size_t y, size_t size, const char *text,
                     cvy_colour colour);

/** Write the canvas as PNG. Returns CVY_ERR_OPEN, CVY_ERR_WRITE, CVY_ERR_MEMORY. */
cvy_status cvy_canvas_write(const cvy_canvas *canvas, const char *path);

#endif
