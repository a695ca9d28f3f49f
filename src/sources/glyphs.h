/* Handwritten forms of the ten digits, several for each, as pen strokes. */
#ifndef CVY_SOURCES_GLYPHS_H
#define CVY_SOURCES_GLYPHS_H

#include <stddef.h>
#include <stdint.h>

enum { CVY_GLYPH_POINTS_MAX = 24, CVY_DIGIT_COUNT = 10 };

/* The action of the pen at a point. */
typedef enum {
    CVY_PEN_END,     /* no more points */
    CVY_PEN_THROUGH, /* a smooth curve passes through it */
    CVY_PEN_CORNER,  /* the direction changes abruptly */
    CVY_PEN_DOWN,    /* a stroke begins here, as at a glyph's first point */
} cvy_pen;

/* A point of a skeleton in hundredths, x from left to right, y from 0 at the top to 100 at the
 * bottom. It varies with the hand along (dx, dy): hand -1 writes x - dx, y - dy, hand 1 writes x +
 * dx, y + dy; a hand may be beyond these two. */
typedef struct {
    int8_t x, y, dx, dy;
    int8_t pen; /* a cvy_pen */
} cvy_glyph_point;

typedef struct {
    size_t digit;
    float share; /* weight among the glyphs of the digit; weights need not sum to 1 */
    cvy_glyph_point points[CVY_GLYPH_POINTS_MAX]; /* up to CVY_PEN_END */
} cvy_glyph;

extern const cvy_glyph cvy_glyphs[];
extern const size_t cvy_glyph_count;

#endif
