#include "pictures/printed.h"

#include <math.h>

enum {
    SIDE_MAX = 448, /* longest side of the reduced copy in search.c */
    GRID_LINES = 4, /* this many lines from side to side make a grid */
};
static const double reach = 1.5;         /* range beyond the box, by the character's size */
static const double reach_min = 0.75;    /* share of that range that must be in the picture */
static const double line_from = 0.6;     /* share of ink beyond the box from which it is a line */
static const double printed_from = 0.75; /* share of the candidate's pixels on such lines */
static const double whole_from =
    0.8; /* share of the picture's side: a thin line this long is printed */
static const double thin_to = 0.04; /* stroke width by its length */
static const double grid_stroke =
    0.06; /* share of a piece's size: wider strokes are a pen's or a display's */
static const double frame_band = 0.15; /* share of a frame's side, to include rounded corners */
static const double frame_part =
    0.95; /* share of a candidate's pixels within the band: part of the frame */
static const double tilt = 0.012; /* tolerated tilt of a line, relative to the character's size */

/* A line along a row or column of a plane, examined beyond both ends of a box. */
typedef struct {
    const cvy_bytes *plane;
    size_t step, across; /* offset of the next pixel along the line, and across it */
    size_t length;       /* size of the plane along the line */
    size_t breadth;      /* and across it */
    unsigned level;      /* lowest strength of ink */
    size_t slack;        /* pixels beside the line that also count */
} line;

static bool is_inked(const line *l, size_t along, size_t at)
{
    const size_t first = at > l->slack ? at - l->slack : 0;
    const size_t last = at + l->slack < l->breadth ? at + l->slack : l->breadth - 1;

    for (size_t k = first; k <= last; k++)
        if (l->plane->value[along * l->step + k * l->across] >= l->level)
            return true;
    return false;
}

/* The share of ink in the line beyond begin .. end; 0 if too little of it is in the picture. */
static double goes_on(const line *l, size_t at, size_t begin, size_t end, double size)
{
    const size_t far = (size_t)(reach * size) + 1;
    const size_t from = begin > far ? begin - far : 0;
    const size_t to = end + far < l->length ? end + far : l->length;
    const size_t beyond = (begin - from) + (to - end);
    size_t inked = 0;

    if ((double)beyond < reach_min * size)
        return 0;
    for (size_t along = from; along < to; along++)
        if (along < begin || along >= end)
            inked += is_inked(l, along, at);
    return (double)inked / (double)beyond;
}

/* The share of ink in a row or column of the box. */
static double covers(const line *l, size_t at, size_t begin, size_t end)
{
    size_t inked = 0;

    for (size_t along = begin; along < end; along++)
        inked += is_inked(l, along, at);
    return (double)inked / (double)(end - begin);
}

/* Count the lines among rows or columns: runs of marks. */
static size_t count_runs(const bool *marks, size_t count)
{
    size_t runs = 0;

    for (size_t i = 0; i < count; i++)
        runs += marks[i] && (i == 0 || !marks[i - 1]);
    return runs;
}

/* Mark the box's rows or columns that are on a line that continues beyond the box. */
static void mark(const line *l, size_t first, size_t last, size_t begin, size_t end, double size,
                 bool *marks)
{
    for (size_t at = first; at < last; at++)
        marks[at - first] = goes_on(l, at, begin, end, size) >= line_from;
}

/* Mark the rows or columns that are lines from one side of the box to the other. */
static void mark_inside(const line *l, size_t first, size_t last, size_t begin, size_t end,
                        bool *marks)
{
    for (size_t at = first; at < last; at++)
        marks[at - first] = covers(l, at, begin, end) >= line_from;
}

/* The share of a candidate's pixels on marked rows or columns. */
static double marked_part(const cvy_scene *scene, size_t piece, const bool *rows,
                          const bool *columns)
{
    const cvy_box *box = &scene->pieces->piece[piece].box;
    size_t marked = 0, all = 0;

    for (size_t y = box->top; y < box->bottom; y++)
        for (size_t x = box->left; x < box->right; x++)
            if (scene->pieces->label[y * scene->whole->width + x] == piece + 1) {
                marked += rows[y - box->top] || columns[x - box->left];
                all++;
            }
    return (double)marked / (double)all;
}

/* Whether a piece is a thin line across the whole picture, with nothing beyond its ends to
 * examine. */
static bool crosses_picture(const cvy_scene *scene, const cvy_piece *piece)
{
    const double w = (double)(piece->box.right - piece->box.left);
    const double h = (double)(piece->box.bottom - piece->box.top);

    return cvy_piece_stroke_width(piece) < thin_to * fmax(w, h) &&
           ((h > w && h > whole_from * (double)scene->whole->height) ||
            (w > h && w > whole_from * (double)scene->whole->width)) &&
           fmin(w, h) < 2 * thin_to * fmax(w, h);
}

/* The share of a candidate's pixels within a band along the sides of a box. */
static double part_along(const cvy_scene *scene, size_t piece, const cvy_box *frame)
{
    const cvy_box *box = &scene->pieces->piece[piece].box;
    const size_t w = frame->right - frame->left, h = frame->bottom - frame->top;
    const size_t band = (size_t)(frame_band * (double)(w < h ? w : h)) + 2;
    size_t along = 0, all = 0;

    for (size_t y = box->top; y < box->bottom; y++)
        for (size_t x = box->left; x < box->right; x++) {
            if (scene->pieces->label[y * scene->whole->width + x] != piece + 1)
                continue;
            all++;
            along += x + 2 >= frame->left && x < frame->right + 2 && y + 2 >= frame->top &&
                     y < frame->bottom + 2 &&
                     (x < frame->left + band || x + band >= frame->right || y < frame->top + band ||
                      y + band >= frame->bottom);
        }
    return (double)along / (double)all;
}

static bool is_of_a_frame(const cvy_scene *scene, size_t piece)
{
    for (size_t i = 0; i < scene->frame_count; i++)
        if (part_along(scene, piece, &scene->frame[i]) > frame_part)
            return true;
    return false;
}

bool cvy_is_printed(const cvy_scene *scene, const cvy_candidate *candidate)
{
    const cvy_bytes *plane = scene->whole;
    const cvy_piece *piece = &scene->pieces->piece[candidate->piece];
    const cvy_box *box = &piece->box;
    const double size = fmax((double)(box->right - box->left), (double)(box->bottom - box->top));
    const unsigned level = (unsigned)(0.5 * (candidate->low + candidate->high));
    const size_t slack = (size_t)(tilt * size);
    const line row = { plane, 1, plane->width, plane->width, plane->height, level, slack };
    const line column = { plane, plane->width, 1, plane->height, plane->width, level, slack };
    bool rows[SIDE_MAX], columns[SIDE_MAX];

    if (plane->width > SIDE_MAX || plane->height > SIDE_MAX)
        return false;
    if (crosses_picture(scene, piece) || is_of_a_frame(scene, candidate->piece))
        return true;
    mark(&row, box->top, box->bottom, box->left, box->right, size, rows);
    mark(&column, box->left, box->right, box->top, box->bottom, size, columns);
    if (marked_part(scene, candidate->piece, rows, columns) >= printed_from)
        return true;
    if (cvy_piece_stroke_width(piece) > grid_stroke * size)
        return false;
    mark_inside(&row, box->top, box->bottom, box->left, box->right, rows);
    mark_inside(&column, box->left, box->right, box->top, box->bottom, columns);
    return count_runs(rows, box->bottom - box->top) + count_runs(columns, box->right - box->left) >=
               GRID_LINES &&
           marked_part(scene, candidate->piece, rows, columns) >= printed_from;
}
