/* Stability against the threshold, as in maximally stable extremal regions (Matas, Chum, Urban and Pajdla,
 * Robust Wide Baseline Stereo from Maximally Stable Extremal Regions, 2002). */
#include "pictures/stability.h"

#include <math.h>
#include <string.h>

#include "base/minmax.h"

static const double drop = 0.35;  /* drop of the threshold, relative to the candidate's contrast */
static const double growth = 0.3; /* relative growth on any side: more is another piece */
static const double widening = 2.5; /* of its strokes: beyond, it was an area with noise */
static const double soft_edge = 2;  /* pixels by which strokes always widen */

/* A flood fill within the part of the plane that the piece may grow into. */
typedef struct {
    const cvy_scene *scene;
    cvy_box part;
    unsigned level;
    uint8_t *is_seen; /* [height][width] */
    uint32_t *queue;  /* [height * width] */
    size_t count;
    cvy_box seen; /* bounding box of the filled pixels */
} fill;

static void add(fill *f, size_t x, size_t y)
{
    const size_t i = y * f->scene->grey->width + x;

    if (f->is_seen[i] || f->scene->strength->value[i] < f->level)
        return;
    f->is_seen[i] = 1;
    f->queue[f->count++] = (uint32_t)i;
    f->seen.left = x < f->seen.left ? x : f->seen.left;
    f->seen.top = y < f->seen.top ? y : f->seen.top;
    f->seen.right = x >= f->seen.right ? x + 1 : f->seen.right;
    f->seen.bottom = y >= f->seen.bottom ? y + 1 : f->seen.bottom;
}

static void add_piece(fill *f, size_t piece)
{
    const cvy_pieces *pieces = f->scene->pieces;
    const cvy_box *box = &pieces->piece[piece].box;
    const size_t width = f->scene->grey->width;

    for (size_t y = f->part.top; y < f->part.bottom; y++)
        memset(f->is_seen + y * width + f->part.left, 0, f->part.right - f->part.left);
    for (size_t y = box->top; y < box->bottom; y++)
        for (size_t x = box->left; x < box->right; x++)
            if (pieces->label[y * width + x] == piece + 1)
                add(f, x, y);
}

/* Whether a pixel is at an edge of the part that is not an edge of the picture. */
static bool is_at_end(const fill *f, size_t x, size_t y)
{
    return (x == f->part.left && x > 0) || (y == f->part.top && y > 0) ||
           (x + 1 == f->part.right && x + 1 < f->scene->grey->width) ||
           (y + 1 == f->part.bottom && y + 1 < f->scene->grey->height);
}

/* The stroke width of the filled pixels, as in cvy_piece_stroke_width(). */
static double stroke_width(const fill *f)
{
    const size_t width = f->scene->grey->width;
    size_t outline = 0;

    for (size_t i = 0; i < f->count; i++) {
        const size_t at = f->queue[i], x = at % width, y = at / width;
        outline += (x == f->part.left || !f->is_seen[at - 1]) +
                   (x + 1 == f->part.right || !f->is_seen[at + 1]) +
                   (y == f->part.top || !f->is_seen[at - width]) +
                   (y + 1 == f->part.bottom || !f->is_seen[at + width]);
    }
    return 2.0 * (double)f->count / (double)outline;
}

bool cvy_is_stable(const cvy_scene *scene, const cvy_candidate *candidate)
{
    const cvy_pieces *pieces = scene->pieces;
    const cvy_box *box = &pieces->piece[candidate->piece].box;
    const size_t w = box->right - box->left, h = box->bottom - box->top;
    const size_t width = scene->grey->width,
                 margin = (size_t)(growth * fmax((double)w, (double)h)) + 2;
    const double level = (double)scene->threshold - drop * (candidate->high - candidate->low);
    fill f = {
        .scene = scene,
        .part = { .left = box->left > margin ? box->left - margin : 0,
                  .top = box->top > margin ? box->top - margin : 0,
                  .right = cvy_min(box->right + margin, width),
                  .bottom = cvy_min(box->bottom + margin, scene->grey->height) },
        .level = level > 1 ? (unsigned)level : 1,
        .is_seen = pieces->distance[0],
        .queue = pieces->queue,
        .seen = *box,
    };

    add_piece(&f, candidate->piece);
    for (size_t next = 0; next < f.count; next++) {
        const size_t x = f.queue[next] % width, y = f.queue[next] / width;
        if (is_at_end(&f, x, y))
            return false;
        for (size_t v = y > f.part.top ? y - 1 : y; v < f.part.bottom && v <= y + 1; v++)
            for (size_t u = x > f.part.left ? x - 1 : x; u < f.part.right && u <= x + 1; u++)
                add(&f, u, v);
    }
    const double stroke = stroke_width(&f);
    return !cvy_is_spot((double)(f.seen.right - f.seen.left), (double)(f.seen.bottom - f.seen.top),
                        (double)f.count, stroke) &&
           stroke <=
               widening * cvy_piece_stroke_width(&pieces->piece[candidate->piece]) + soft_edge;
}
