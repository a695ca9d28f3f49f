/* Which piece of ink looks most like a written character, and how much. */
#ifndef CVY_PICTURES_CANDIDATES_H
#define CVY_PICTURES_CANDIDATES_H

#include "pictures/pieces.h"

typedef struct {
    double score; /* 0: no character at all; others are compared */
    size_t piece;
    double high, low; /* strength of the ink, and of what lies around it, 0 .. 255 */
} cvy_candidate;

/* Where pieces were found. */
typedef struct {
    const cvy_bytes *grey, *strength; /* the picture, and how much ink there is */
    const cvy_bytes *whole;           /* the strength before lines were taken out */
    const cvy_pieces *pieces;
    unsigned threshold;   /* of the strength, that the pieces were found at */
    bool is_dark;         /* the ink is darker than its ground */
    const cvy_box *frame; /* [frame_count]: boxes of thin frames that were found */
    size_t frame_count;
} cvy_scene;

/** Judge one piece: is it as large, as thin, as clear of its surroundings and of the edge of the picture
 *  as a character is? What cannot score more than `floor` is not looked at closely and scores 0. */
cvy_candidate cvy_candidate_judge(const cvy_scene *scene, size_t piece, double floor);

/** The best of all pieces; its score is 0 when none scores more than `floor`. */
cvy_candidate cvy_candidate_best(const cvy_scene *scene, double floor);

/** Whether what lies in a box of that size is a spot, such as a punched hole: no character is as full, as square
 *  and as thick. */
bool cvy_is_spot(double width, double height, double area, double stroke_width);

/** How many of its box's four sides a piece follows over nearly their whole length: 3 or 4 make a frame.
 *  width  of the plane */
unsigned cvy_candidate_sides(const cvy_pieces *pieces, size_t piece, size_t width);

#endif
