#include "pictures/circle.h"

#include <math.h>

enum { SECTORS = 36, SIZE_MIN = 12 };
static const double inner_height = 0.3;   /* of the circle's height: the least of what is inside */
static const double inner_area = 0.02;    /* of the circle's area: smaller pieces are specks */
static const double inner_strength = 0.5; /* of the circle's */
static const double ring_from = 0.65;     /* of the radius: the stroke stays beyond that ... */
static const double ring_inside = 0.03;   /* ... but for this share of its pixels */
static const double closed_part = 0.85;   /* of the sectors: a C is open */

static double strength_of(const cvy_piece *piece)
{
    return (double)piece->weight / (double)piece->area;
}

/* Distance from the middle of a box, 1 on the ellipse in it. */
static double radius_in(const cvy_box *box, double x, double y)
{
    const double across = 0.5 * (double)(box->right - box->left);
    const double down = 0.5 * (double)(box->bottom - box->top);

    return hypot((x - (double)box->left - across) / across, (y - (double)box->top - down) / down);
}

/* Whether a box lies within the ellipse in another one: the middles of its sides do. */
static bool is_within(const cvy_box *inner, const cvy_box *outer)
{
    const double x = 0.5 * (double)(inner->left + inner->right);
    const double y = 0.5 * (double)(inner->top + inner->bottom);

    return inner->left > outer->left && inner->right < outer->right && inner->top > outer->top &&
           inner->bottom < outer->bottom && radius_in(outer, (double)inner->left, y) < 1 &&
           radius_in(outer, (double)inner->right, y) < 1 &&
           radius_in(outer, x, (double)inner->top) < 1 &&
           radius_in(outer, x, (double)inner->bottom) < 1;
}

/* Whether the ink inside is large enough for a character, which may be in several pieces. */
static bool holds_ink(const cvy_pieces *pieces, size_t piece)
{
    const cvy_piece *circle = &pieces->piece[piece];
    const double height = (double)(circle->box.bottom - circle->box.top);
    size_t top = circle->box.bottom, bottom = circle->box.top;

    for (size_t i = 0; i < pieces->count; i++) {
        const cvy_piece *p = &pieces->piece[i];
        if (i == piece || (double)p->area < inner_area * (double)circle->area ||
            strength_of(p) < inner_strength * strength_of(circle) ||
            !is_within(&p->box, &circle->box))
            continue;
        top = p->box.top < top ? p->box.top : top;
        bottom = p->box.bottom > bottom ? p->box.bottom : bottom;
    }
    return bottom > top && (double)(bottom - top) >= inner_height * height;
}

/* Whether the piece's pixels follow the ellipse in its box all around. */
static bool is_ring(const cvy_pieces *pieces, size_t piece, size_t width)
{
    const cvy_piece *p = &pieces->piece[piece];
    const double x_middle = 0.5 * (double)(p->box.left + p->box.right);
    const double y_middle = 0.5 * (double)(p->box.top + p->box.bottom);
    bool is_met[SECTORS] = { false };
    const double may_be_inside = ring_inside * (double)p->area;
    size_t inside = 0, met = 0;

    for (size_t y = p->box.top; y < p->box.bottom && (double)inside <= may_be_inside; y++)
        for (size_t x = p->box.left; x < p->box.right; x++) {
            if (pieces->label[y * width + x] != piece + 1)
                continue;
            const double u = (double)x + 0.5, v = (double)y + 0.5;
            const double turn = atan2(v - y_middle, u - x_middle) / (2 * acos(-1)) + 0.5;
            inside += radius_in(&p->box, u, v) < ring_from;
            is_met[(size_t)fmin(turn * SECTORS, SECTORS - 1)] = true;
        }
    for (size_t i = 0; i < SECTORS; i++)
        met += is_met[i];
    return (double)inside <= may_be_inside && (double)met >= closed_part * SECTORS;
}

/* A quick test that nearly all pieces fail: none of its pixels lies near the middle of its box, on the
 * row and the column there. */
static bool is_open_in_the_middle(const cvy_pieces *pieces, size_t piece, size_t width)
{
    const cvy_box *box = &pieces->piece[piece].box;
    const size_t w = box->right - box->left, h = box->bottom - box->top;
    const size_t row = (box->top + box->bottom) / 2, column = (box->left + box->right) / 2;

    if (w < SIZE_MIN || h < SIZE_MIN)
        return false;
    for (size_t x = box->left + w / 4; x < box->right - w / 4; x++)
        if (pieces->label[row * width + x] == piece + 1)
            return false;
    for (size_t y = box->top + h / 4; y < box->bottom - h / 4; y++)
        if (pieces->label[y * width + column] == piece + 1)
            return false;
    return true;
}

bool cvy_is_circle_around(const cvy_pieces *pieces, size_t piece, size_t width)
{
    return is_open_in_the_middle(pieces, piece, width) && is_ring(pieces, piece, width) &&
           holds_ink(pieces, piece);
}
