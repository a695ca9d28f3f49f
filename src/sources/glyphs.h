/* How people write the ten digits: for each of them several ways, as strokes of the pen. */
#ifndef CVY_SOURCES_GLYPHS_H
#define CVY_SOURCES_GLYPHS_H

#include <stddef.h>
#include <stdint.h>

enum { CVY_GLYPH_POINTS_MAX = 24, CVY_DIGIT_COUNT = 10 };

/* What the pen does at a point. */
typedef enum {
    CVY_PEN_END,     /* there are no more points */
    CVY_PEN_THROUGH, /* a smooth curve leads through it */
    CVY_PEN_CORNER,  /* the direction changes at once */
    CVY_PEN_DOWN,    /* a stroke begins here; a glyph's first point always is one */
} cvy_pen;

/* A point of a skeleton in hundredths, x from left to right, y from 0 at the top to 100 at the bottom. From
 * hand to hand it moves along (dx, dy): hand -1 writes x - dx, y - dy, hand 1 writes x + dx, y + dy; a hand
 * may lie beyond these two. */
typedef struct {
    int8_t x, y, dx, dy;
    int8_t pen; /* a cvy_pen */
} cvy_glyph_point;

typedef struct {
    size_t digit;
    float share; /* of this way among those of its digit; they need not add up to 1 */
    cvy_glyph_point points[CVY_GLYPH_POINTS_MAX]; /* up to CVY_PEN_END */
} cvy_glyph;

extern const cvy_glyph cvy_glyphs[];
extern const size_t cvy_glyph_count;

#endif
