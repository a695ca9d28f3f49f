/* The search: for each polarity and several thresholds, find the pieces of ink, both with and
 * without printed lines. The piece most like a character decides. */
#include "pictures/search.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pictures/circle.h"
#include "pictures/groups.h"
#include "pictures/lines.h"
#include "pictures/strength.h"

enum {
    THRESHOLDS = 10,
    WORK_SIDE_MAX = 448, /* longest side of the reduced copy */
    REACH_PART = 4,      /* strokes narrower than 1/4 of the longer side are ink */
    LINE_PART = 2,       /* lines longer than 1/2 of the shorter side are printed */
    LINE_MIN = 16,
    FRAME_MIN = 16, /* side in pixels */
    CIRCLES = 32,   /* at most so many are noted */
};
static const unsigned thresholds[THRESHOLDS] = { 26, 38, 54, 72, 92, 114, 138, 164, 190, 214 };
static const double without_lines = 0.95; /* factor of a score if lines had to be removed */
static const double contrast_without_lines = 0.15; /* fainter pieces are remains of lines */
static const double score_clear = 0.35;  /* score from which no search without lines is needed */
static const double frame_stroke = 0.06; /* of a frame's width: a thicker one may be a 0 */
static const double score_min = 0.006;
/* Minimum score of a piece cut by the picture's edge. Half of a digit that fills the picture scores
 * 0.1 or more; strips of desk beside a blank sheet score below 0.05. */
static const double score_min_at_edge = 0.06;

static size_t longer_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The state of the search for one polarity. */
typedef struct {
    cvy_search *to;
    cvy_bytes strength, cleaned;
    cvy_pieces pieces;
    bool is_dark;
    cvy_box frame[THRESHOLDS]; /* thin frames found at the thresholds so far */
    size_t frame_count;
    cvy_box circle[CIRCLES]; /* circles around ink found at the thresholds so far */
    size_t circle_count;
} round_of_search;

/* Keep the candidate if it is the best so far. */
static void keep_if_better(round_of_search *r, const cvy_bytes *strength, unsigned threshold,
                           bool has_lines)
{
    const cvy_scene scene = { .grey = &r->to->grey,
                              .strength = strength,
                              .whole = &r->strength,
                              .pieces = &r->pieces,
                              .threshold = threshold,
                              .is_dark = r->is_dark,
                              .frame = r->frame,
                              .frame_count = r->frame_count,
                              .circle = r->circle,
                              .circle_count = r->circle_count };
    cvy_candidate found = cvy_candidate_best(&scene, r->to->best.score);

    if (has_lines)
        found.score *= found.high - found.low < contrast_without_lines * 255 ? 0 : without_lines;
    if (found.score <= r->to->best.score)
        return;
    r->to->best = found;
    r->to->threshold = threshold;
    r->to->is_dark = r->is_dark;
    r->to->has_lines = has_lines;
}

/* Find the largest piece that follows the sides of its box like a frame; NULL if there is none. */
static const cvy_piece *find_frame(const round_of_search *r)
{
    const cvy_piece *frame = NULL;
    size_t largest = FRAME_MIN;

    for (size_t i = 0; i < r->pieces.count; i++) {
        const cvy_box *box = &r->pieces.piece[i].box;
        const size_t w = box->right - box->left, h = box->bottom - box->top;
        if (w > largest && h > FRAME_MIN && h < 3 * w &&
            cvy_candidate_sides(&r->pieces, i, r->strength.width) >= 3) {
            largest = w;
            frame = &r->pieces.piece[i];
        }
    }
    return frame;
}

/* At higher thresholds, noise and soft corners cut a thin frame into parts. Its box is kept to
 * recognise them. */
static void note_frame(round_of_search *r)
{
    const cvy_piece *frame = find_frame(r);

    if (frame != NULL &&
        cvy_piece_stroke_width(frame) < frame_stroke * (double)(frame->box.right - frame->box.left))
        r->frame[r->frame_count++] = frame->box;
}

/* At higher thresholds a faint character in a circle is gone. */
static void note_circles(round_of_search *r)
{
    if (cvy_pieces_are_noise(&r->pieces, &r->strength))
        return;
    for (size_t i = 0; i < r->pieces.count && r->circle_count < CIRCLES; i++)
        if (cvy_is_circle_around(&r->pieces, i, r->strength.width))
            r->circle[r->circle_count++] = r->pieces.piece[i].box;
}

/* Whether any piece is long and thin enough to contain lines. */
static bool may_have_lines(const round_of_search *r, size_t length)
{
    for (size_t i = 0; i < r->pieces.count; i++) {
        const cvy_piece *p = &r->pieces.piece[i];
        const size_t size = longer_of(p->box.right - p->box.left, p->box.bottom - p->box.top);
        if (size >= length && cvy_piece_stroke_width(p) * 12 < (double)size)
            return true;
    }
    return find_frame(r) != NULL;
}

static size_t line_length(const cvy_bytes *plane)
{
    const size_t shorter = plane->width < plane->height ? plane->width : plane->height;

    return longer_of(shorter / LINE_PART, LINE_MIN);
}

/* Make a copy without lines and without the sides of a frame; *erased is 0 if there are none. The
 * pieces of this threshold must have been found. */
static cvy_status clean(round_of_search *r, unsigned threshold, size_t *erased)
{
    const cvy_piece *frame = find_frame(r);
    size_t more = 0;

    memcpy(r->cleaned.value, r->strength.value, r->strength.width * r->strength.height);
    cvy_status status = cvy_lines_erase(r->to->lept, &r->cleaned, threshold,
                                        line_length(&r->strength), NULL, erased);
    if (status == CVY_OK && frame != NULL) {
        const cvy_box *box = &frame->box;
        const size_t w = box->right - box->left, h = box->bottom - box->top;
        status = cvy_lines_erase(r->to->lept, &r->cleaned, threshold, (w < h ? w : h) * 7 / 10, box,
                                 &more);
    }
    *erased += more;
    return status;
}

static cvy_status try_threshold(round_of_search *r, unsigned threshold)
{
    cvy_status status = cvy_pieces_find(&r->pieces, &r->strength, threshold);
    size_t erased = 0;

    if (status != CVY_OK)
        return status;
    note_frame(r);
    note_circles(r);
    keep_if_better(r, &r->strength, threshold, false);
    if (r->to->best.score >= score_clear || !may_have_lines(r, line_length(&r->strength)))
        return CVY_OK;
    if (cvy_pieces_are_noise(&r->pieces, &r->strength)) /* erasing lines leaves the specks */
        return CVY_OK;
    status = clean(r, threshold, &erased);
    if (status != CVY_OK || erased == 0)
        return status;
    status = cvy_pieces_find(&r->pieces, &r->cleaned, threshold);
    if (status == CVY_OK)
        keep_if_better(r, &r->cleaned, threshold, true);
    return status;
}

static void end_round(round_of_search *r)
{
    cvy_memory_free(r->strength.value);
    cvy_memory_free(r->cleaned.value);
    cvy_pieces_release(&r->pieces);
}

static cvy_status begin_round(round_of_search *r)
{
    const cvy_bytes *grey = &r->to->grey;
    cvy_status status =
        cvy_strength_measure(r->to->lept, grey, r->is_dark,
                             longer_of(grey->width, grey->height) / REACH_PART + 2, &r->strength);

    if (status == CVY_OK)
        status = cvy_bytes_create(&r->cleaned, grey->width, grey->height);
    if (status == CVY_OK)
        status = cvy_pieces_create(&r->pieces, grey->width, grey->height);
    return status;
}

/* Move the planes and pieces of the round with the best candidate to the search. */
static cvy_status hand_over(round_of_search *r)
{
    cvy_search *s = r->to;
    size_t erased;
    cvy_status status = CVY_OK;

    if (s->has_lines) {
        status = cvy_pieces_find(&r->pieces, &r->strength, s->threshold);
        if (status == CVY_OK)
            status = clean(r, s->threshold, &erased);
    }
    if (status != CVY_OK)
        return status;
    cvy_memory_free(s->strength.value);
    cvy_pieces_release(&s->pieces);
    s->strength = s->has_lines ? r->cleaned : r->strength;
    *(s->has_lines ? &r->cleaned : &r->strength) = (cvy_bytes){ 0 };
    s->pieces = r->pieces;
    r->pieces = (cvy_pieces){ 0 };
    return cvy_pieces_find(&s->pieces, &s->strength, s->threshold);
}

static cvy_status search_polarity(cvy_search *search, bool is_dark)
{
    round_of_search r = { .to = search, .is_dark = is_dark };
    const double before = search->best.score;
    cvy_status status = begin_round(&r);

    for (size_t i = 0; status == CVY_OK && i < THRESHOLDS; i++)
        status = try_threshold(&r, thresholds[i]);
    if (status == CVY_OK && search->best.score > before)
        status = hand_over(&r);
    end_round(&r);
    return status;
}

static double least_score(const cvy_search *search)
{
    const bool is_at_edge =
        search->best.score > 0 && search->pieces.piece[search->best.piece].is_at_edge;

    return is_at_edge ? score_min_at_edge : score_min;
}

cvy_status cvy_search_run(cvy_search *search, const unsigned char *grey, size_t width,
                          size_t height, cvy_invert invert)
{
    const cvy_box all = { .right = width, .bottom = height };

    *search = (cvy_search){ 0 };
    search->factor = (longer_of(width, height) + WORK_SIDE_MAX - 1) / WORK_SIDE_MAX;
    cvy_status status = cvy_leptonica_open(&search->lept);
    if (status == CVY_OK)
        status = cvy_bytes_reduce(grey, width, &all, search->factor, &search->grey);
    if (status == CVY_OK && invert != CVY_INVERT_NO)
        status = search_polarity(search, true);
    if (status == CVY_OK && invert != CVY_INVERT_YES)
        status = search_polarity(search, false);
    if (status != CVY_OK)
        return status;
    if (search->best.score < least_score(search))
        return cvy_fail(CVY_ERR_DATA,
                        search->best.score > 0
                            ? "no ink found: what stands out is too small or too faint"
                            : "no ink found: nothing stands out from the background");
    return cvy_groups_make(search);
}

void cvy_search_release(cvy_search *search)
{
    cvy_memory_free(search->grey.value);
    cvy_memory_free(search->strength.value);
    cvy_pieces_release(&search->pieces);
    cvy_memory_free(search->group);
    cvy_memory_free(search->group_of);
    *search = (cvy_search){ 0 };
}
