/* Convert a picture to images. A picture that already has the wanted form is kept; otherwise a
 * search on a reduced copy (pictures/search.h) finds the characters, which are redrawn from the
 * picture (pictures/redraw.h). */
#include "pictures/ink.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "pictures/dither.h"
#include "pictures/groups.h"
#include "pictures/redraw.h"
#include "pictures/search.h"

enum { FULL_INK_MIN = 192 /* for a picture already in the wanted form */ };

/* Whether the picture already has the wanted form: black ground, full ink, correct placing. plane:
 * the picture as light on dark. */
static bool has_wanted_form(const cvy_plane *plane, cvy_box *box)
{
    const size_t count = plane->width * plane->height;
    size_t black = 0, black_at_edge = 0, edge = 0;
    float strongest = 0;

    *box = (cvy_box){ .left = plane->width, .top = plane->height };
    for (size_t i = 0; i < count; i++) {
        const size_t x = i % plane->width, y = i / plane->width;
        const bool is_black = plane->value[i] < 1;
        black += is_black;
        if (x == 0 || y == 0 || x + 1 == plane->width || y + 1 == plane->height) {
            edge++;
            black_at_edge += is_black;
        }
        strongest = plane->value[i] > strongest ? plane->value[i] : strongest;
        if (plane->value[i] < 128)
            continue;
        box->left = x < box->left ? x : box->left;
        box->right = x >= box->right ? x + 1 : box->right;
        box->top = y < box->top ? y : box->top;
        box->bottom = y + 1;
    }
    return 2 * black > count && 10 * black_at_edge > 9 * edge && strongest >= FULL_INK_MIN &&
           cvy_placing_is_met(plane, box);
}

/* Keep the pixels of a picture that has the wanted form; *is_kept tells whether it does. */
static cvy_status keep(const unsigned char *grey, size_t width, size_t height, bool is_dark,
                       unsigned char *image, cvy_ink_report *report)
{
    cvy_plane plane;
    cvy_box box;
    cvy_status status = cvy_plane_create(&plane, width, height);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < width * height; i++)
        plane.value[i] = is_dark ? 255 - grey[i] : grey[i];
    if (has_wanted_form(&plane, &box)) {
        for (size_t i = 0; i < width * height; i++)
            image[i] = (unsigned char)plane.value[i];
        *report = (cvy_ink_report){ .is_kept = true, .is_inverted = is_dark, .box = box };
        report->placing.scale = 1;
        report->placing.stroke_width = cvy_plane_stroke_width(&plane);
    }
    cvy_memory_free(plane.value);
    return CVY_OK;
}

static cvy_status try_to_keep(const unsigned char *grey, size_t width, size_t height,
                              cvy_invert invert, unsigned char *image, cvy_ink_report *report)
{
    cvy_status status = CVY_OK;

    if (invert != CVY_INVERT_YES)
        status = keep(grey, width, height, false, image, report);
    if (status == CVY_OK && !report->is_kept && invert != CVY_INVERT_NO)
        status = keep(grey, width, height, true, image, report);
    return status;
}

static unsigned median_of(const unsigned char *grey, size_t count)
{
    size_t counts[256] = { 0 }, seen = 0;
    unsigned level = 0;

    for (size_t i = 0; i < count; i++)
        counts[grey[i]]++;
    for (seen = counts[0]; 2 * seen < count; seen += counts[++level])
        continue;
    return level;
}

/* Search the picture and draw its best character. */
static cvy_status extract_best(const unsigned char *grey, size_t width, size_t height,
                               cvy_invert invert, unsigned char *image, size_t image_width,
                               size_t image_height, cvy_ink_report *report, size_t *others)
{
    cvy_search search = { 0 };
    unsigned char *smooth;
    cvy_status status = cvy_dither_smooth(grey, width, height, &smooth);
    const unsigned char *searched = smooth != NULL ? smooth : grey;

    if (status == CVY_OK)
        status = cvy_search_run(&search, searched, width, height, invert);
    if (status == CVY_OK) {
        *others = search.group_count - 1;
        status = cvy_redraw_group(&search, search.best_group, searched, width, height, image,
                                  image_width, image_height, report);
    }
    cvy_search_release(&search);
    cvy_memory_free(smooth);
    return status;
}

cvy_status cvy_ink_extract(const unsigned char *grey, size_t width, size_t height,
                           cvy_invert invert, unsigned char *image, size_t image_width,
                           size_t image_height, cvy_ink_report *report, size_t *other_count)
{
    cvy_ink_report done = { 0 };
    size_t others = 0;
    cvy_status status = CVY_OK;

    assert(width > 0 && height > 0 && image_width > 0 && image_height > 0);
    if (width == image_width && height == image_height)
        status = try_to_keep(grey, width, height, invert, image, &done);
    if (status == CVY_OK && !done.is_kept)
        status = extract_best(grey, width, height, invert, image, image_width, image_height, &done,
                              &others);
    if (status != CVY_OK)
        return status;
    done.background = median_of(grey, width * height);
    *report = done;
    *other_count = others;
    return CVY_OK;
}

static cvy_status create_inks(cvy_inks *inks, size_t count, size_t image_bytes)
{
    cvy_status status = cvy_memory_create(count, sizeof *inks->report, &inks->report);

    if (status == CVY_OK)
        status = cvy_memory_create(count, image_bytes, &inks->images);
    return status;
}

/* Draw every group in reading order, skipping those that vanish at full size. */
static cvy_status draw_groups(const cvy_search *search, const unsigned char *grey, size_t width,
                              size_t height, size_t image_width, size_t image_height,
                              cvy_inks *inks)
{
    size_t *order = NULL;
    const unsigned background = median_of(grey, width * height);
    cvy_status status = cvy_memory_create(search->group_count, sizeof *order, &order);

    if (status == CVY_OK)
        status = create_inks(inks, search->group_count, image_width * image_height);
    if (status == CVY_OK)
        cvy_groups_order(search, order);
    for (size_t i = 0; status == CVY_OK && i < search->group_count; i++) {
        cvy_ink_report *report = &inks->report[inks->count];
        status = cvy_redraw_group(search, order[i], grey, width, height,
                                  inks->images + inks->count * image_width * image_height,
                                  image_width, image_height, report);
        report->background = background;
        if (status == CVY_OK)
            inks->count++;
        else if (status == CVY_ERR_DATA && (inks->count > 0 || i + 1 < search->group_count))
            status = CVY_OK;
    }
    cvy_memory_free(order);
    return status;
}

cvy_status cvy_ink_extract_all(const unsigned char *grey, size_t width, size_t height,
                               cvy_invert invert, size_t image_width, size_t image_height,
                               cvy_inks *inks)
{
    cvy_search search = { 0 };
    cvy_ink_report kept = { 0 };
    unsigned char *smooth;
    cvy_status status = CVY_OK;

    *inks = (cvy_inks){ 0 };
    if (width == image_width && height == image_height) {
        status = create_inks(inks, 1, image_width * image_height);
        if (status == CVY_OK)
            status = try_to_keep(grey, width, height, invert, inks->images, &kept);
        if (status != CVY_OK)
            return status;
        kept.background = median_of(grey, width * height);
        inks->report[0] = kept;
        inks->count = kept.is_kept;
        if (kept.is_kept)
            return CVY_OK;
        cvy_inks_release(inks);
    }
    status = cvy_dither_smooth(grey, width, height, &smooth);
    const unsigned char *searched = smooth != NULL ? smooth : grey;
    if (status == CVY_OK)
        status = cvy_search_run(&search, searched, width, height, invert);
    if (status == CVY_OK)
        status = draw_groups(&search, searched, width, height, image_width, image_height, inks);
    cvy_search_release(&search);
    cvy_memory_free(smooth);
    return status;
}

void cvy_inks_release(cvy_inks *inks)
{
    cvy_memory_free(inks->report);
    cvy_memory_free(inks->images);
    *inks = (cvy_inks){ 0 };
}
