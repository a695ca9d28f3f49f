/* Find the piece of ink that looks most like a written character, and score it. */
#ifndef CVY_PICTURES_CANDIDATES_H
#define CVY_PICTURES_CANDIDATES_H

#include "pictures/pieces.h"

typedef struct {
    double score; /* 0: no character; otherwise the higher, the better */
    size_t piece;
    double high, low; /* strength of the ink, and of its surroundings, 0 .. 255 */
} cvy_candidate;

/* The planes and pieces of a search. */
typedef struct {
    const cvy_bytes *grey, *strength; /* the picture, and the strength of its ink */
    const cvy_bytes *whole;           /* the strength before lines were removed */
    const cvy_pieces *pieces;
    unsigned threshold;   /* strength threshold of the pieces */
    bool is_dark;         /* the ink is darker than its ground */
    const cvy_box *frame; /* [frame_count]: boxes of the thin frames found */
    size_t frame_count;
    const cvy_box *circle; /* [circle_count]: boxes of the circles found around ink */
    size_t circle_count;
} cvy_scene;

/** Score one piece by size, stroke width, contrast and distance from the picture's edge. A piece
 *  that cannot score more than `floor` scores 0 without a closer look. */
cvy_candidate cvy_candidate_judge(const cvy_scene *scene, size_t piece, double floor);

/** Return the best of all pieces; its score is 0 if none scores more than `floor`. */
cvy_candidate cvy_candidate_best(const cvy_scene *scene, double floor);

/** Whether a piece in a box of this size is a spot, such as a punched hole: no character is as
 *  full, as square and as thick. */
bool cvy_is_spot(double width, double height, double area, double stroke_width);

/** Count the sides of its box that a piece follows over nearly their whole length: 3 or 4 make a
 *  frame.
 *  width  of the plane */
unsigned cvy_candidate_sides(const cvy_pieces *pieces, size_t piece, size_t width);

/** Whether the pieces include so many specks that none of them can be a character. */
bool cvy_pieces_are_noise(const cvy_pieces *pieces, const cvy_bytes *plane);

#endif
