/* Connected components of ink, called pieces. */
#ifndef CVY_PICTURES_PIECES_H
#define CVY_PICTURES_PIECES_H

#include <stdbool.h>

#include "pictures/bytes.h"

typedef struct {
    cvy_box box;
    size_t area;     /* pixels */
    size_t outline;  /* length of the boundary: pixel sides between ink and no ink */
    uint64_t weight; /* the sum of the pixels' strengths */
    bool is_at_edge; /* whether it touches the edge of the plane */
} cvy_piece;

typedef struct {
    size_t count, room;
    cvy_piece *piece;
    uint32_t *label; /* [height][width]: 0 without ink, else the pixel's piece + 1 */
    size_t label_count;
    uint32_t *parent;     /* scratch memory of the search */
    uint8_t *distance[2]; /* scratch memory for measuring around a piece, [height][width] each */
    uint32_t *queue;      /* scratch memory, [height * width] */
} cvy_pieces;

/** Allocate memory for planes of this size; released with cvy_pieces_release(), also after a
 *  failure. */
cvy_status cvy_pieces_create(cvy_pieces *pieces, size_t width, size_t height);
void cvy_pieces_release(cvy_pieces *pieces);

/**
 * Find the 8-connected pieces of all pixels of at least `threshold`. Memory of an earlier search is
 * reused.
 * threshold  1 .. 255
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_pieces_find(cvy_pieces *pieces, const cvy_bytes *strength, unsigned threshold);

/** The stroke width of a piece: twice its area divided by its outline. */
double cvy_piece_stroke_width(const cvy_piece *piece);

#endif
