/* Search for characters on a reduced copy of a picture. */
#ifndef CVY_PICTURES_SEARCH_H
#define CVY_PICTURES_SEARCH_H

#include "pictures/candidates.h"
#include "pictures/ink.h"
#include "pictures/leptonica.h"

/* The pieces of ink of one character. */
typedef struct {
    cvy_box box;    /* in pixels of the reduced copy */
    size_t area;    /* sum over its pieces */
    size_t outline; /* sum over its pieces */
    double high;    /* mean strength of its ink */
    double score;   /* score of its best piece */
} cvy_group;

typedef struct {
    const cvy_leptonica *lept;
    size_t factor;      /* pixels of the picture per pixel of the reduced copy */
    cvy_bytes grey;     /* the reduced copy */
    cvy_bytes strength; /* strength for the better polarity, with lines removed if necessary */
    cvy_pieces pieces;  /* at the best threshold */
    unsigned threshold;
    bool is_dark, has_lines;
    cvy_candidate best;
    size_t group_count, best_group;
    cvy_group *group;
    size_t *group_of; /* for each piece its group + 1, or 0 */
} cvy_search;

/**
 * Search a picture. `search` is released with cvy_search_release(), also after a failure.
 * Returns as cvy_ink_extract().
 */
cvy_status cvy_search_run(cvy_search *search, const unsigned char *grey, size_t width,
                          size_t height, cvy_invert invert);
void cvy_search_release(cvy_search *search);

#endif
