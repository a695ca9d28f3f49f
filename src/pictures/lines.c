/* Find lines by morphological opening with a long thin brick, after slight dilation across so that
 * a line may be tilted; then erase pixels by the length of the run across the line (like staves in
 * scanned music: Fujinaga, Staff Detection and Removal, 2004). */
#include "pictures/lines.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    PIECE_PART = 6, /* a tilted line consists of straight pieces of 1/6 of its length */
    FRAME_PART = 8, /* a line within 1/8 of a frame's height of a side belongs to it */
};

/* A plane seen along its rows or its columns. */
typedef struct {
    cvy_bytes *plane;
    size_t along, across;           /* sides */
    size_t along_step, across_step; /* distances in memory */
    unsigned threshold;
    const cvy_box *frame; /* in coordinates of the view; NULL: none */
} view;

static uint8_t *pixel(const view *v, size_t along, size_t across)
{
    return &v->plane->value[along * v->along_step + across * v->across_step];
}

static bool is_ink(const view *v, size_t along, size_t across)
{
    return *pixel(v, along, across) >= v->threshold;
}

/* Whether there is ink here or in the row above or below: a line may be tilted. */
static bool is_near_ink(const view *v, size_t along, size_t across)
{
    return is_ink(v, along, across) || (across > 0 && is_ink(v, along, across - 1)) ||
           (across + 1 < v->across && is_ink(v, along, across + 1));
}

/* Copy the runs of at least `length` pixels of a row to a row of bits. The last pixel that a run
 * from `begin` needs is looked at first: where it has no ink, no run covers it, and most pixels are
 * never looked at. */
static void copy_long_runs(const view *v, size_t across, size_t length, l_uint32 *bits)
{
    size_t begin = 0;

    while (begin + length <= v->along) {
        size_t end = begin + length;
        while (end > begin && is_near_ink(v, end - 1, across))
            end--;
        if (end > begin) {
            begin = end;
            continue;
        }
        for (end = begin; end < v->along && is_near_ink(v, end, across); end++)
            bits[end / 32] |= 0x80000000U >> (end % 32);
        begin = end + 1;
    }
}

/* The opening of a view, dilated across, with a brick `length` long: a Leptonica picture, with lines
 * horizontal. */
static PIX *long_runs_of(const cvy_leptonica *lept, const view *v, size_t length)
{
    PIX *pix = lept->pixCreate((l_int32)v->along, (l_int32)v->across, 1);

    if (pix == NULL)
        return NULL;
    const size_t words = (size_t)lept->pixGetWpl(pix);
    l_uint32 *data = lept->pixGetData(pix);
    for (size_t y = 0; y < v->across; y++)
        copy_long_runs(v, y, length, data + y * words);
    return pix;
}

/* Find the run of ink through a pixel, across the line. */
static void find_run(const view *v, size_t along, size_t at, size_t *begin, size_t *end)
{
    *begin = at;
    *end = at + 1;
    while (*begin > 0 && is_ink(v, along, *begin - 1))
        --*begin;
    while (*end < v->across && is_ink(v, along, *end))
        ++*end;
}

static int by_size(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Find the line in a column of the opened picture; v->across if it is absent. */
static size_t line_at(const l_uint32 *data, size_t words, size_t x, size_t from, size_t to,
                      const view *v)
{
    for (size_t y = from; y < to; y++)
        if ((data[y * words + x / 32] & (0x80000000U >> (x % 32))) != 0 && is_ink(v, x, y))
            return y;
    return v->across;
}

/* Erase a line that spans a box of the opened picture, unless it is too thick to be a line. */
static size_t erase_line(const view *v, const l_uint32 *data, size_t words, const cvy_box *box,
                         size_t *runs)
{
    size_t count = 0, erased = 0, begin, end;

    for (size_t x = box->left; x < box->right; x++) {
        const size_t at = line_at(data, words, x, box->top, box->bottom, v);
        if (at == v->across)
            continue;
        find_run(v, x, at, &begin, &end);
        runs[count++] = end - begin;
    }
    if (count == 0)
        return 0;
    qsort(runs, count, sizeof *runs, by_size);
    const size_t usual = runs[count / 2], limit = usual + 1 + usual / 2;
    if (usual * 12 > box->right - box->left)
        return 0;
    for (size_t x = box->left; x < box->right; x++) {
        const size_t at = line_at(data, words, x, box->top, box->bottom, v);
        if (at == v->across)
            continue;
        find_run(v, x, at, &begin, &end);
        if (end - begin > limit)
            continue;
        for (size_t y = begin; y < end; y++)
            *pixel(v, x, y) = 0;
        erased += end - begin;
    }
    return erased;
}

/* Whether a line is along a side of the frame, if there is a frame. */
static bool is_wanted(const view *v, const cvy_box *line)
{
    const cvy_box *f = v->frame;

    if (f == NULL)
        return true;
    const size_t band = (f->bottom - f->top) / FRAME_PART + 2;
    return line->left + 2 >= f->left && line->right <= f->right + 2 &&
           ((line->top + 2 >= f->top && line->bottom <= f->top + band) ||
            (line->bottom <= f->bottom + 2 && line->top + band >= f->bottom));
}

static cvy_status erase_along(const cvy_leptonica *lept, const view *v, size_t length,
                              size_t *erased)
{
    size_t *runs = NULL;
    cvy_status status = cvy_memory_create(v->along, sizeof *runs, &runs);
    if (status != CVY_OK)
        return status;
    PIX *lines = long_runs_of(lept, v, length / PIECE_PART + 4);
    BOXA *boxes = NULL;
    if (lines != NULL)
        boxes = lept->pixConnComp(lines, NULL, 8);
    if (boxes == NULL)
        status = cvy_fail(CVY_ERR_MEMORY, "out of memory while looking for lines in a picture");
    else
        for (l_int32 i = 0; i < lept->boxaGetCount(boxes); i++) {
            l_int32 x, y, w, h;
            lept->boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h);
            const cvy_box box = { (size_t)x, (size_t)y, (size_t)(x + w), (size_t)(y + h) };
            if ((size_t)w < length || h * 6 > w + 24 || !is_wanted(v, &box))
                continue;
            *erased +=
                erase_line(v, lept->pixGetData(lines), (size_t)lept->pixGetWpl(lines), &box, runs);
        }
    lept->boxaDestroy(&boxes);
    lept->pixDestroy(&lines);
    cvy_memory_free(runs);
    return status;
}

cvy_status cvy_lines_erase(const cvy_leptonica *lept, cvy_bytes *strength, unsigned threshold,
                           size_t length, const cvy_box *frame, size_t *erased)
{
    const size_t width = strength->width, height = strength->height;
    const cvy_box turned = frame == NULL ? (cvy_box){ 0 }
                                         : (cvy_box){ .left = frame->top,
                                                      .top = frame->left,
                                                      .right = frame->bottom,
                                                      .bottom = frame->right };
    const view rows = { strength, width, height, 1, width, threshold, frame };
    const view columns = {
        strength, height, width, width, 1, threshold, frame == NULL ? NULL : &turned
    };

    *erased = 0;
    cvy_status status = erase_along(lept, &rows, length, erased);
    return status == CVY_OK ? erase_along(lept, &columns, length, erased) : status;
}
