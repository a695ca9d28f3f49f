/* Redraw the strokes of one character from a part of the picture at full size: their strength
 * relative to the nearby ground, limited to the chosen pieces, slightly widened. */
#include "pictures/redraw.h"

#include <math.h>

#include "base/minmax.h"
#include "base/memory.h"
#include "pictures/strength.h"

enum { PART_SIDE = 192 /* the part's longer side is reduced to this .. twice this */ };
static const double margin_part = 0.2; /* margin around the box, as a share of its longer side */
static const double reach_strokes = 4; /* reach when estimating the ground, in stroke widths */

typedef struct {
    const cvy_search *search;
    size_t group;
    cvy_box part;  /* part of the picture, aligned to pixels of the reduced copy */
    size_t factor; /* pixels of the picture per pixel of these planes */
    cvy_bytes strength;
    cvy_bytes allowed; /* 2 on the pieces, 1 next to them */
    cvy_plane ink;
} drawing;

static double stroke_width(const cvy_group *group)
{
    return 2.0 * (double)group->area / (double)group->outline;
}

static size_t longer_side(const cvy_box *box)
{
    const size_t width = box->right - box->left, height = box->bottom - box->top;

    return width > height ? width : height;
}

static void choose_part(drawing *d, size_t width, size_t height)
{
    const cvy_box *box = &d->search->group[d->group].box;
    const size_t coarse = d->search->factor;
    const size_t margin = (size_t)(margin_part * (double)longer_side(box)) + 3;

    d->part = (cvy_box){
        .left = (box->left > margin ? box->left - margin : 0) * coarse,
        .top = (box->top > margin ? box->top - margin : 0) * coarse,
        .right = cvy_min((box->right + margin) * coarse, width),
        .bottom = cvy_min((box->bottom + margin) * coarse, height),
    };
    d->factor = longer_side(&d->part) / PART_SIDE;
    if (d->factor < 1)
        d->factor = 1;
    if (d->factor > coarse)
        d->factor = coarse;
}

/* The pixel of the reduced copy that contains a pixel of these planes. */
static size_t coarse_index(const drawing *d, size_t x, size_t y)
{
    const cvy_bytes *grey = &d->search->grey;
    const size_t u = (d->part.left + x * d->factor + d->factor / 2) / d->search->factor;
    const size_t v = (d->part.top + y * d->factor + d->factor / 2) / d->search->factor;

    return cvy_min(v, grey->height - 1) * grey->width + cvy_min(u, grey->width - 1);
}

static bool is_in_group(const drawing *d, size_t index)
{
    const uint32_t label = d->search->pieces.label[index];

    return label != 0 && d->search->group_of[label - 1] == d->group + 1;
}

/* Widen by one pixel: the neighbours of marked pixels get `mark`. */
static void widen(cvy_bytes *plane, uint8_t *spare, uint8_t mark)
{
    const size_t width = plane->width, height = plane->height;

    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const size_t i = y * width + x;
            const uint8_t *v = plane->value;
            spare[i] = v[i] != 0 ? v[i]
                       : (x > 0 && v[i - 1] != 0) || (x + 1 < width && v[i + 1] != 0) ||
                               (y > 0 && v[i - width] != 0) || (y + 1 < height && v[i + width] != 0)
                           ? mark
                           : 0;
        }
    for (size_t i = 0; i < width * height; i++)
        plane->value[i] = spare[i];
}

static cvy_status mark_allowed(drawing *d)
{
    uint8_t *spare = NULL;
    const double stroke = stroke_width(&d->search->group[d->group]);
    const size_t steps =
        (size_t)ceil((fmax(1.2, 0.35 * stroke)) * (double)d->search->factor / (double)d->factor);
    cvy_status status = cvy_bytes_create(&d->allowed, d->strength.width, d->strength.height);

    if (status == CVY_OK)
        status = cvy_memory_create(d->strength.width * d->strength.height, 1, &spare);
    if (status == CVY_OK) {
        for (size_t y = 0; y < d->allowed.height; y++)
            for (size_t x = 0; x < d->allowed.width; x++)
                d->allowed.value[y * d->allowed.width + x] =
                    is_in_group(d, coarse_index(d, x, y)) ? 2 : 0;
        for (size_t i = 0; i < steps; i++)
            widen(&d->allowed, spare, 1);
    }
    cvy_memory_free(spare);
    return status;
}

/* The strength not exceeded by a share `rank` (0 to 1) of the pixels marked `from` to `to`; `none`
 * if there are no such pixels. */
static double level_among(const drawing *d, uint8_t from, uint8_t to, double rank, double none)
{
    size_t counts[256] = { 0 }, total = 0, seen = 0;

    for (size_t i = 0; i < d->strength.width * d->strength.height; i++)
        if (d->allowed.value[i] >= from && d->allowed.value[i] <= to) {
            counts[d->strength.value[i]]++;
            total++;
        }
    for (size_t level = 0; level < 256 && total > 0; level++) {
        seen += counts[level];
        if ((double)seen > rank * (double)total)
            return (double)level;
    }
    return total > 0 ? 255 : none;
}

/* Scale ink to 0 .. 1: 0 up to the usual level around the strokes, 1 where it is strong. */
static cvy_status level_ink(drawing *d, cvy_ink_report *report)
{
    cvy_status status = cvy_plane_create(&d->ink, d->strength.width, d->strength.height);
    if (status != CVY_OK)
        return status;
    const double high = level_among(d, 2, 2, 0.7, 255);
    const double ground = level_among(d, 0, 0, 0.9, 0);
    const double low = fmin(ground, 0.6 * high);
    report->strength = (unsigned)(high * 100 / 255 + 0.5);
    for (size_t i = 0; i < d->ink.width * d->ink.height; i++) {
        const double value = ((double)d->strength.value[i] - low) / (high - low);
        d->ink.value[i] = d->allowed.value[i] != 0 ? (float)fmin(fmax(value, 0), 1) : 0;
    }
    return CVY_OK;
}

/* Find the bounding box of pixels with at least half ink. */
static cvy_status find_box(const drawing *d, cvy_box *box)
{
    const size_t width = d->ink.width;

    *box = (cvy_box){ .left = SIZE_MAX, .top = SIZE_MAX };
    for (size_t i = 0; i < width * d->ink.height; i++)
        if (d->ink.value[i] >= 0.5F) {
            const size_t x = i % width, y = i / width;
            box->left = x < box->left ? x : box->left;
            box->right = x >= box->right ? x + 1 : box->right;
            box->top = y < box->top ? y : box->top;
            box->bottom = y + 1;
        }
    return box->right > 0 ? CVY_OK
                          : cvy_fail(CVY_ERR_DATA, "no ink found: nothing but specks stands out");
}

static cvy_status draw(drawing *d, const unsigned char *grey, size_t width, unsigned char *image,
                       size_t image_width, size_t image_height, cvy_ink_report *report)
{
    const cvy_group *group = &d->search->group[d->group];
    cvy_bytes part;
    cvy_box box;

    cvy_status status = cvy_bytes_reduce(grey, width, &d->part, d->factor, &part);
    if (status == CVY_OK) {
        const double scale = (double)d->search->factor / (double)d->factor;
        const double reach = fmin(reach_strokes * (stroke_width(group) + 1) * scale,
                                  0.6 * (double)longer_side(&group->box) * scale);
        status = cvy_strength_measure(d->search->lept, &part, d->search->is_dark, (size_t)reach + 2,
                                      &d->strength);
    }
    cvy_memory_free(part.value);
    if (status == CVY_OK)
        status = mark_allowed(d);
    if (status == CVY_OK)
        status = level_ink(d, report);
    if (status == CVY_OK)
        status = find_box(d, &box);
    if (status == CVY_OK)
        status =
            cvy_placing_draw(&d->ink, &box, image, image_width, image_height, &report->placing);
    if (status != CVY_OK)
        return status;
    report->placing.scale /= (double)d->factor;
    report->box = (cvy_box){
        .left = d->part.left + box.left * d->factor,
        .top = d->part.top + box.top * d->factor,
        .right = cvy_min(d->part.left + box.right * d->factor, d->part.right),
        .bottom = cvy_min(d->part.top + box.bottom * d->factor, d->part.bottom),
    };
    return CVY_OK;
}

cvy_status cvy_redraw_group(const cvy_search *search, size_t group, const unsigned char *grey,
                            size_t width, size_t height, unsigned char *image, size_t image_width,
                            size_t image_height, cvy_ink_report *report)
{
    drawing d = { .search = search, .group = group };

    choose_part(&d, width, height);
    report->is_inverted = search->is_dark;
    report->has_lines = search->has_lines;
    cvy_status status = draw(&d, grey, width, image, image_width, image_height, report);
    cvy_memory_free(d.strength.value);
    cvy_memory_free(d.allowed.value);
    cvy_memory_free(d.ink.value);
    return status;
}
