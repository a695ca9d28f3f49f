/* Connected pieces of ink. */
#ifndef CVY_PICTURES_PIECES_H
#define CVY_PICTURES_PIECES_H

#include <stdbool.h>

#include "pictures/bytes.h"

typedef struct {
    cvy_box box;
    size_t area;     /* pixels */
    size_t outline;  /* sides of pixels between the piece and what is not ink */
    uint64_t weight; /* the sum of the pixels' strengths */
    bool is_at_edge; /* touches the edge of the plane */
} cvy_piece;

typedef struct {
    size_t count, room;
    cvy_piece *piece;
    uint32_t
        *label; /* [height][width]: 0 where there is no ink, else the number of its piece + 1 */
    size_t label_count;
    uint32_t *parent;     /* scratch of the search */
    uint8_t *distance[2]; /* scratch for those who look around a piece, [height][width] each */
    uint32_t *queue;      /* likewise, [height * width] */
} cvy_pieces;

/** Memory for planes of that size; released with cvy_pieces_release(), also after a failure. */
cvy_status cvy_pieces_create(cvy_pieces *pieces, size_t width, size_t height);
void cvy_pieces_release(cvy_pieces *pieces);

/**
 * Find the pieces of all pixels of at least `threshold`, eight neighbours to a pixel. The memory of an
 * earlier search is used again.
 * threshold  1 .. 255
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_pieces_find(cvy_pieces *pieces, const cvy_bytes *strength, unsigned threshold);

/** How wide the strokes of a piece are: twice its area by its outline. */
double cvy_piece_stroke_width(const cvy_piece *piece);

#endif
