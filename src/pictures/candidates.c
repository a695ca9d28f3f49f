/* Judge how much a piece looks like a written character: large enough, made of strokes thin for its
 * size, much stronger than its surroundings, and clear of the picture's edge. */
#include "pictures/candidates.h"

#include <math.h>
#include <string.h>

#include "base/minmax.h"
#include "pictures/circle.h"
#include "pictures/printed.h"
#include "pictures/stability.h"
#include "pictures/strength.h"

enum {
    SIZE_MIN = 6,      /* pixels of the reduced picture */
    SOFT_EDGE_MIN = 2, /* width in pixels of a stroke's edge, neither ink nor ground */
    SOFT_EDGE_MAX = 6,
    SPECK_AREA = 4, /* pieces of at most this many pixels are noise if numerous */
    SPECKS = 12,    /* this many specks are ignored in any picture */
};
static const double size_part_min = 0.02; /* of the longer side of the picture */
static const double fat_from =
    0.24; /* stroke width relative to the piece's size: a disc has 0.39 */
static const double fat_to = 0.36;
static const double full_from = 0.55; /* share of its box: a sheet of paper, not strokes */
static const double full_to = 0.8;
static const double spot_stroke = 0.28; /* strokes as wide in a box as full and as square: a spot */
static const double spot_full = 0.6;
static const double spot_width = 0.6;
static const double ruled_stroke =
    0.03; /* relative to a line's length; a 1 is thicker, or slants */
static const double ruled_breadth = 0.05;
static const double clear_min = 3.0;  /* contrast in standard deviations of the ground */
static const double flat_part = 0.4;  /* share of a piece's strength: a smaller step is no edge */
static const double flat_from = 0.05; /* share of the rim where the picture shows no edge */
static const double flat_to = 0.35;
static const double clear_of_all_min = 1.6; /* contrast including other ink: noise has about 1 */
static const double specks_from = 0.0008;   /* share of the pixels: more specks are noise */
static const double specks_to = 0.004;
static const double along_edge = 0.6;    /* share of its size at the picture's edge */
static const double contrast_min = 0.09; /* share of full strength */

static double size_of(const cvy_box *box)
{
    return fmax((double)(box->right - box->left), (double)(box->bottom - box->top));
}

/* 1 up to `from`, 0 beyond `to`. */
static double fade(double value, double from, double to)
{
    return fmin(fmax((to - value) / (to - from), 0), 1);
}

/* The surroundings of a piece, excluding its soft edge. */
typedef struct {
    double count, sum, squares;             /* of the strengths of pixels without ink */
    double crowd, crowd_sum, crowd_squares; /* of the strengths of other pieces' ink */
    double rim, rim_flat; /* pixels next to the soft edge; those as strong as the piece */
    size_t soft_edge;     /* width of the soft edge: half a stroke's, within limits */
} surroundings;

/* The strongest grey of a piece within `reach` of a pixel. */
static unsigned strongest_near(const cvy_scene *scene, size_t x, size_t y, uint32_t label,
                               size_t reach)
{
    const size_t width = scene->grey->width, height = scene->grey->height;
    unsigned strongest = scene->is_dark ? 255 : 0;

    for (size_t v = y > reach ? y - reach : 0; v < height && v <= y + reach; v++)
        for (size_t u = x > reach ? x - reach : 0; u < width && u <= x + reach; u++) {
            const unsigned level = scene->grey->value[v * width + u];
            if (scene->pieces->label[v * width + u] == label &&
                (scene->is_dark ? level < strongest : level > strongest))
                strongest = level;
        }
    return strongest;
}

/* Distances along a row to the next pixel of the piece, at most `limit`. */
static void measure_row(const uint32_t *labels, size_t left, size_t right, uint32_t label,
                        uint8_t limit, uint8_t *row)
{
    uint8_t distance = limit;

    for (size_t x = left; x < right; x++) {
        distance = labels[x] == label ? 0 : distance < limit ? distance + 1 : limit;
        row[x] = distance;
    }
    distance = limit;
    for (size_t x = right; x-- > left;) {
        distance = labels[x] == label ? 0 : distance < limit ? distance + 1 : limit;
        row[x] = distance < row[x] ? distance : row[x];
    }
}

/* Store the Chebyshev distances from the pixels of a part to the piece, at most `limit`, in
 * pieces->distance[1]. */
static void measure_distances(const cvy_scene *scene, const cvy_box *part, uint32_t label,
                              uint8_t limit)
{
    const size_t width = scene->grey->width;
    uint8_t *rows = scene->pieces->distance[0], *distance = scene->pieces->distance[1];

    for (size_t y = part->top; y < part->bottom; y++)
        measure_row(scene->pieces->label + y * width, part->left, part->right, label, limit,
                    rows + y * width);
    for (size_t y = part->top; y < part->bottom; y++) {
        uint8_t *here = distance + y * width;
        memset(here + part->left, limit, part->right - part->left);
        for (size_t v = y + 1 > part->top + limit ? y + 1 - limit : part->top;
             v < part->bottom && v < y + limit; v++) {
            const uint8_t off = (uint8_t)(v > y ? v - y : y - v);
            const uint8_t *row = rows + v * width;
            for (size_t x = part->left; x < part->right; x++) {
                const uint8_t far = row[x] > off ? row[x] : off;
                here[x] = far < here[x] ? far : here[x];
            }
        }
    }
}

/* Count a pixel beside the piece; `high` is the strength of the piece. */
static void look_at(const cvy_scene *scene, size_t x, size_t y, uint32_t label, double high,
                    surroundings *s)
{
    const size_t i = y * scene->grey->width + x;
    const double value = scene->strength->value[i];

    if (scene->pieces->distance[1][i] == s->soft_edge + 1) {
        const unsigned here = scene->grey->value[i];
        const unsigned ink = strongest_near(scene, x, y, label, s->soft_edge + 1);
        const unsigned step =
            scene->is_dark ? cvy_strength_of(ink, here) : cvy_strength_of(here, ink);
        s->rim++;
        s->rim_flat += step < flat_part * high;
    }
    if (value >= scene->threshold) {
        s->crowd++;
        s->crowd_sum += value;
        s->crowd_squares += value * value;
        return;
    }
    s->count++;
    s->sum += value;
    s->squares += value * value;
}

static surroundings look_around(const cvy_scene *scene, size_t piece)
{
    const cvy_piece *p = &scene->pieces->piece[piece];
    const cvy_box *box = &p->box;
    const double high = (double)p->weight / (double)p->area;
    const double edge = fmin(fmax(0.5 * cvy_piece_stroke_width(p), SOFT_EDGE_MIN), SOFT_EDGE_MAX);
    surroundings s = { .soft_edge = (size_t)edge };
    const size_t margin = (size_t)(0.15 * size_of(box)) + s.soft_edge + 1;
    const cvy_box part = {
        .left = box->left > margin ? box->left - margin : 0,
        .top = box->top > margin ? box->top - margin : 0,
        .right = cvy_min(box->right + margin, scene->grey->width),
        .bottom = cvy_min(box->bottom + margin, scene->grey->height),
    };

    measure_distances(scene, &part, (uint32_t)piece + 1, (uint8_t)(s.soft_edge + 2));
    for (size_t y = part.top; y < part.bottom; y++)
        for (size_t x = part.left; x < part.right; x++)
            if (scene->pieces->distance[1][y * scene->grey->width + x] > s.soft_edge)
                look_at(scene, x, y, (uint32_t)piece + 1, high, &s);
    return s;
}

unsigned cvy_candidate_sides(const cvy_pieces *pieces, size_t piece, size_t width)
{
    const cvy_box *box = &pieces->piece[piece].box;
    const size_t w = box->right - box->left, h = box->bottom - box->top;
    const size_t band = (size_t)(0.06 * size_of(box)) + 2;
    size_t along[4] = { 0 };

    for (size_t x = box->left; x < box->right; x++) {
        bool is_on[2] = { false, false };
        for (size_t d = 0; d < band && d < h; d++) {
            is_on[0] |= pieces->label[(box->top + d) * width + x] == piece + 1;
            is_on[1] |= pieces->label[(box->bottom - 1 - d) * width + x] == piece + 1;
        }
        along[0] += is_on[0];
        along[1] += is_on[1];
    }
    for (size_t y = box->top; y < box->bottom; y++) {
        bool is_on[2] = { false, false };
        for (size_t d = 0; d < band && d < w; d++) {
            is_on[0] |= pieces->label[y * width + box->left + d] == piece + 1;
            is_on[1] |= pieces->label[y * width + box->right - 1 - d] == piece + 1;
        }
        along[2] += is_on[0];
        along[3] += is_on[1];
    }
    return (along[0] * 10 > w * 8) + (along[1] * 10 > w * 8) + (along[2] * 10 > h * 8) +
           (along[3] * 10 > h * 8);
}

/* Count the pixels of a piece at the edges of the plane. */
static size_t count_at_edge(const cvy_pieces *pieces, size_t piece, const cvy_bytes *plane)
{
    const size_t w = plane->width, h = plane->height;
    size_t count = 0;

    for (size_t x = 0; x < w; x++)
        count += (pieces->label[x] == piece + 1) + (pieces->label[(h - 1) * w + x] == piece + 1);
    for (size_t y = 0; y < h; y++)
        count += (pieces->label[y * w] == piece + 1) + (pieces->label[y * w + w - 1] == piece + 1);
    return count;
}

/* The factor for a piece cut by the picture's edge: a character may be cut slightly by one edge,
 * unless the stroke runs along it, like a strip of desk; otherwise it is no character. */
static double cut_penalty(const cvy_pieces *pieces, size_t piece, const cvy_bytes *plane)
{
    const cvy_piece *p = &pieces->piece[piece];
    const unsigned edges = (p->box.left == 0) + (p->box.top == 0) + (p->box.right == plane->width) +
                           (p->box.bottom == plane->height);

    if (edges == 0)
        return 0;
    return edges == 1 && (double)count_at_edge(pieces, piece, plane) < along_edge * size_of(&p->box)
               ? 0.7
               : 1;
}

bool cvy_is_spot(double width, double height, double area, double stroke_width)
{
    return stroke_width > spot_stroke * fmax(width, height) && width > spot_width * height &&
           area > spot_full * width * height;
}

/* Whether a line is too long, thin and straight to be drawn by hand. */
static bool is_ruled_line(double width, double height, double stroke_width)
{
    const double length = fmax(width, height);

    return stroke_width < ruled_stroke * length && fmin(width, height) < ruled_breadth * length;
}

/* Judge by shape alone: 1 for a character, 0 if it cannot be one. */
static double likeness(const cvy_pieces *pieces, size_t piece, const cvy_bytes *plane)
{
    const cvy_piece *p = &pieces->piece[piece];
    const double w = (double)(p->box.right - p->box.left), h = (double)(p->box.bottom - p->box.top);
    const double size = fmax(w, h), longer = fmax((double)plane->width, (double)plane->height);

    if (size < SIZE_MIN || size < size_part_min * longer || w > 2.2 * h)
        return 0;
    if (cvy_is_spot(w, h, (double)p->area, cvy_piece_stroke_width(p)) ||
        is_ruled_line(w, h, cvy_piece_stroke_width(p)))
        return 0;
    double like = fade(cvy_piece_stroke_width(p) / size, fat_from, fat_to);
    const unsigned sides =
        like > 0 && w > 0.3 * h ? cvy_candidate_sides(pieces, piece, plane->width) : 0;
    if (sides >= 3)
        like *= sides == 4 ? 0 : 0.1;
    if (w > 0.35 * h)
        like *= 0.2 + 0.8 * fade((double)p->area / (w * h), full_from, full_to);
    return like * (1 - cut_penalty(pieces, piece, plane));
}

/* The mean of the surroundings, including ink of other pieces. */
static double mean_of(const surroundings *s)
{
    return (s->sum + s->crowd_sum) / (s->count + s->crowd);
}

static double deviation_of(const surroundings *s)
{
    const double mean = mean_of(s);

    return sqrt(fmax((s->squares + s->crowd_squares) / (s->count + s->crowd) - mean * mean, 0));
}

static bool is_near(size_t a, size_t b, double tolerance)
{
    return fabs((double)a - (double)b) <= tolerance;
}

/* Whether a piece is a circle around ink, or was one at another threshold, where there was more ink. */
static bool is_circle(const cvy_scene *scene, size_t piece)
{
    const cvy_box *box = &scene->pieces->piece[piece].box;
    const double tolerance = 0.05 * size_of(box) + 1;

    for (size_t i = 0; i < scene->circle_count; i++) {
        const cvy_box *circle = &scene->circle[i];
        if (is_near(box->left, circle->left, tolerance) &&
            is_near(box->right, circle->right, tolerance) &&
            is_near(box->top, circle->top, tolerance) &&
            is_near(box->bottom, circle->bottom, tolerance))
            return true;
    }
    return cvy_is_circle_around(scene->pieces, piece, scene->grey->width);
}

cvy_candidate cvy_candidate_judge(const cvy_scene *scene, size_t piece, double floor)
{
    const cvy_piece *p = &scene->pieces->piece[piece];
    const double like = likeness(scene->pieces, piece, scene->grey);
    const double size =
        size_of(&p->box) / fmax((double)scene->grey->width, (double)scene->grey->height);
    cvy_candidate candidate = { .piece = piece, .high = (double)p->weight / (double)p->area };

    if (like * sqrt(candidate.high / 255 * size) <= floor || is_circle(scene, piece))
        return candidate;
    const surroundings around = look_around(scene, piece);
    if (around.count < 1 || around.rim < 1)
        return candidate;
    const double low = around.sum / around.count;
    const double deviation = sqrt(fmax(around.squares / around.count - low * low, 0));
    candidate.low = low;
    const double contrast = (candidate.high - low) / 255;
    if (contrast < contrast_min || contrast * 255 < clear_min * deviation)
        return candidate;
    if (candidate.high - mean_of(&around) < clear_of_all_min * deviation_of(&around))
        return candidate;
    const double crowd = around.crowd / (around.crowd + around.count);
    const double middle =
        ((double)scene->threshold - low) / (candidate.high - low); /* 0.5 is best */
    candidate.score = like * sqrt(contrast * size) * (1 - 0.7 * crowd) *
                      fade(around.rim_flat / around.rim, flat_from, flat_to) *
                      fade(deviation / 255 / contrast, 0.1, 0.6) * (1 - 0.5 * fabs(middle - 0.5));
    return candidate;
}

static size_t count_specks(const cvy_pieces *pieces)
{
    size_t count = 0;

    for (size_t i = 0; i < pieces->count; i++)
        count += pieces->piece[i].area <= SPECK_AREA;
    return count;
}

/* 1 for few specks, 0 for so many that all pieces are noise. */
static double calmness(const cvy_pieces *pieces, const cvy_bytes *plane)
{
    const double pixels = (double)plane->width * (double)plane->height;

    return fade((double)count_specks(pieces), SPECKS + specks_from * pixels,
                SPECKS + specks_to * pixels);
}

bool cvy_pieces_are_noise(const cvy_pieces *pieces, const cvy_bytes *plane)
{
    return calmness(pieces, plane) == 0;
}

cvy_candidate cvy_candidate_best(const cvy_scene *scene, double floor)
{
    cvy_candidate best = { .score = floor };
    const double calm = calmness(scene->pieces, scene->grey);

    if (calm == 0)
        return (cvy_candidate){ 0 };
    for (size_t i = 0; i < scene->pieces->count; i++) {
        cvy_candidate found = cvy_candidate_judge(scene, i, best.score);
        found.score *= calm;
        if (found.score > best.score && !cvy_is_printed(scene, &found) &&
            cvy_is_stable(scene, &found))
            best = found;
    }
    return best.score > floor ? best : (cvy_candidate){ 0 };
}
