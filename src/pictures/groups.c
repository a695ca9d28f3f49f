/* Group pieces into characters: every piece that could be a character is one, unless it is above,
 * below or close beside another one, like the parts of a 5 or a 4; smaller pieces join the nearest
 * character. */
#include "pictures/groups.h"

#include <math.h>

#include "base/memory.h"

static const double peer_height_min = 0.45; /* share of the best one's height */
static const double peer_height_max = 2.2;
static const double peer_score = 0.25;    /* share of its score */
static const double peer_strength = 0.5;  /* share of its strength */
static const double part_area_min = 0.03; /* share of the area of its character */
static const double part_gap = 0.14;      /* share of that character's height */

static double height_of(const cvy_box *box)
{
    return (double)(box->bottom - box->top);
}

static double width_of(const cvy_box *box)
{
    return (double)(box->right - box->left);
}

static double gap_between(size_t end_a, size_t begin_b, size_t end_b, size_t begin_a)
{
    return fmax(fmax((double)begin_b - (double)end_a, (double)begin_a - (double)end_b), 0);
}

/* The distance between two boxes, 0 if they overlap. */
static double gap_of(const cvy_box *a, const cvy_box *b)
{
    return hypot(gap_between(a->right, b->left, b->right, a->left),
                 gap_between(a->bottom, b->top, b->bottom, a->top));
}

static cvy_box around_both(const cvy_box *a, const cvy_box *b)
{
    return (cvy_box){
        .left = a->left < b->left ? a->left : b->left,
        .top = a->top < b->top ? a->top : b->top,
        .right = a->right > b->right ? a->right : b->right,
        .bottom = a->bottom > b->bottom ? a->bottom : b->bottom,
    };
}

static void add_piece(cvy_search *s, size_t group, size_t piece)
{
    const cvy_piece *p = &s->pieces.piece[piece];
    cvy_group *g = &s->group[group];

    g->box = g->area > 0 ? around_both(&g->box, &p->box) : p->box;
    g->high = (g->high * (double)g->area + (double)p->weight) / (double)(g->area + p->area);
    g->area += p->area;
    g->outline += p->outline;
    s->group_of[piece] = group + 1;
}

static void start_group(cvy_search *s, size_t piece, double score)
{
    s->group[s->group_count] = (cvy_group){ .score = score };
    add_piece(s, s->group_count++, piece);
}

/* Whether two groups are parts of one character: one above the other, or a short one close by. */
static bool are_parts(const cvy_group *a, const cvy_group *b)
{
    const double height = fmax(height_of(&a->box), height_of(&b->box));
    const double narrower = fmin(width_of(&a->box), width_of(&b->box));
    const double shared = fmin((double)a->box.right, (double)b->box.right) -
                          fmax((double)a->box.left, (double)b->box.left);
    const double gap = gap_of(&a->box, &b->box);
    const double shorter = fmin(height_of(&a->box), height_of(&b->box));

    if (shared >= 0.5 * narrower)
        return gap <= part_gap * height;
    return shorter < 0.75 * height && gap <= 0.5 * part_gap * height;
}

static void merge(cvy_search *s, size_t into, size_t from)
{
    cvy_group *a = &s->group[into], *b = &s->group[from];

    a->high = (a->high * (double)a->area + b->high * (double)b->area) / (double)(a->area + b->area);
    a->box = around_both(&a->box, &b->box);
    a->area += b->area;
    a->outline += b->outline;
    a->score = fmax(a->score, b->score);
    for (size_t i = 0; i < s->pieces.count; i++)
        if (s->group_of[i] == from + 1)
            s->group_of[i] = into + 1;
        else if (s->group_of[i] == s->group_count)
            s->group_of[i] = from + 1; /* move the last one to the free place */
    s->group[from] = s->group[--s->group_count];
}

static void merge_parts(cvy_search *s)
{
    for (size_t a = 0; a < s->group_count; a++)
        for (size_t b = a + 1; b < s->group_count;)
            if (are_parts(&s->group[a], &s->group[b])) {
                merge(s, a, b);
                b = a + 1;
            } else {
                b++;
            }
}

/* Attach a piece that is no character itself to the nearest one, if it is near and large enough. */
static void attach(cvy_search *s, size_t piece)
{
    const cvy_piece *p = &s->pieces.piece[piece];
    size_t nearest = s->group_count;
    double least = INFINITY;

    if (p->is_at_edge)
        return;
    for (size_t g = 0; g < s->group_count; g++) {
        const double gap = gap_of(&p->box, &s->group[g].box);
        if (gap < least) {
            least = gap;
            nearest = g;
        }
    }
    if (nearest == s->group_count)
        return;
    const cvy_group *g = &s->group[nearest];
    if ((double)p->area >= part_area_min * (double)g->area &&
        (double)p->weight >= peer_strength * g->high * (double)p->area &&
        height_of(&p->box) < height_of(&g->box) && width_of(&p->box) < 1.5 * height_of(&g->box) &&
        least <= part_gap * height_of(&g->box))
        add_piece(s, nearest, piece);
}

static bool is_peer(const cvy_search *s, const cvy_candidate *found)
{
    const cvy_box *box = &s->pieces.piece[found->piece].box;
    const double height = height_of(&s->pieces.piece[s->best.piece].box);

    return found->score > peer_score * s->best.score &&
           found->high >= peer_strength * s->best.high &&
           height_of(box) >= peer_height_min * height &&
           height_of(box) <= peer_height_max * height && !s->pieces.piece[found->piece].is_at_edge;
}

static size_t middle_of(const cvy_group *group)
{
    return (group->box.top + group->box.bottom) / 2;
}

static bool is_read_before(const cvy_group *a, const cvy_group *b, bool is_one_line)
{
    return is_one_line ? a->box.left < b->box.left : middle_of(a) < middle_of(b);
}

/* Insertion sort, which is stable and short; a page has tens of characters. */
static void sort(const cvy_search *s, size_t *order, size_t count, bool is_one_line)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = i;
             k > 0 && is_read_before(&s->group[order[k]], &s->group[order[k - 1]], is_one_line);
             k--) {
            const size_t kept = order[k];
            order[k] = order[k - 1];
            order[k - 1] = kept;
        }
}

/* A line starts with the highest remaining character and contains all whose middle is above its
 * bottom. */
void cvy_groups_order(const cvy_search *search, size_t *order)
{
    const size_t count = search->group_count;

    for (size_t i = 0; i < count; i++)
        order[i] = i;
    sort(search, order, count, false);
    for (size_t begin = 0, end; begin < count; begin = end) {
        const size_t bottom = search->group[order[begin]].box.bottom;
        for (end = begin + 1; end < count && middle_of(&search->group[order[end]]) < bottom; end++)
            continue;
        sort(search, order + begin, end - begin, true);
    }
}

cvy_status cvy_groups_make(cvy_search *s)
{
    cvy_status status = cvy_memory_create(s->pieces.count, sizeof *s->group, &s->group);
    if (status == CVY_OK)
        status = cvy_memory_create(s->pieces.count, sizeof *s->group_of, &s->group_of);
    if (status != CVY_OK)
        return status;
    const cvy_scene scene = { .grey = &s->grey,
                              .strength = &s->strength,
                              .whole = &s->strength,
                              .pieces = &s->pieces,
                              .threshold = s->threshold,
                              .is_dark = s->is_dark };
    start_group(s, s->best.piece, s->best.score);
    for (size_t i = 0; i < s->pieces.count; i++) {
        if (i == s->best.piece)
            continue;
        const cvy_candidate found = cvy_candidate_judge(&scene, i, 0);
        if (is_peer(s, &found))
            start_group(s, i, found.score);
    }
    merge_parts(s); /* the best one's group keeps number 0 */
    for (size_t i = 0; i < s->pieces.count; i++)
        if (s->group_of[i] == 0)
            attach(s, i);
    s->best_group = 0;
    return CVY_OK;
}
