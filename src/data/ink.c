/* Finding ink. The order of work:
 *   reduce     large pictures are worked on at a few hundred pixels a side
 *   polarity   dark ink is turned round, so that ink is light from here on
 *   level      the ground, uneven or not, is taken off; what remains goes from 0 to 1
 *   box        of the strokes that are not specks
 * and then the box is drawn into the image (data/placing.h). */
#include "data/ink.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

#include "base/memory.h"
#include "data/levels.h"
#include "data/placing.h"

enum {
    WORK_SIDE_MAX = 512, /* of the reduced picture */
    OPENING_PART = 6,    /* strokes narrower than 2/6 of the longer side are ink */
    SOFT_EDGE_PART = 64, /* how far around a stroke its blurred edge may reach */
    INK_SIDE_MIN = 3,    /* a smaller box of ink is a dot, not a character */
    FULL_INK_MIN = 192,  /* of a picture that is in the wanted form already */
};
static const double contrast_min = 12;    /* grey levels between ground and ink */
static const double contrast_noise = 3.6; /* the same in deviations of the ground: the halves of
                                             normal noise are 2.7 apart, of uniform noise 3.46 */
static const double faint_part = 0.45;    /* of the strongest ink; ruled lines are fainter */
static const double speck_part = 0.04;    /* of the ink of the largest piece */
static const double clear_part = 0.3;     /* likewise, for a piece clear of the edge */

/* Everything that one picture needs; what is NULL was not reached. */
typedef struct {
    size_t factor; /* pixels of the picture per pixel of ink, along each axis */
    cvy_plane ink, ground, scratch;
    uint8_t *mark; /* per pixel of ink: one of the marks */
    uint32_t *queue;
} workshop;

enum { MARK_GROUND, MARK_INK, MARK_VISITED, MARK_KEPT };

static size_t longer_side(const cvy_plane *plane)
{
    return plane->width > plane->height ? plane->width : plane->height;
}

static size_t pixel_count(const cvy_plane *plane)
{
    return plane->width * plane->height;
}

static cvy_status open_workshop(workshop *shop, size_t width, size_t height)
{
    size_t side = width > height ? width : height;

    shop->factor = (side + WORK_SIDE_MAX - 1) / WORK_SIDE_MAX;
    width = (width + shop->factor - 1) / shop->factor;
    height = (height + shop->factor - 1) / shop->factor;
    cvy_status status = cvy_plane_create(&shop->ink, width, height);
    if (status == CVY_OK)
        status = cvy_plane_create(&shop->ground, width, height);
    if (status == CVY_OK)
        status = cvy_plane_create(&shop->scratch, width, height);
    if (status == CVY_OK)
        status = cvy_memory_create(width * height, sizeof *shop->mark, &shop->mark);
    if (status == CVY_OK)
        status = cvy_memory_create(width * height, sizeof *shop->queue, &shop->queue);
    return status;
}

static void close_workshop(workshop *shop)
{
    cvy_memory_free(shop->ink.value);
    cvy_memory_free(shop->ground.value);
    cvy_memory_free(shop->scratch.value);
    cvy_memory_free(shop->mark);
    cvy_memory_free(shop->queue);
}

/* ---- polarity ---- */

/* The median level along the edge of the picture: what it is written on. */
static size_t edge_level(const cvy_plane *plane)
{
    cvy_levels levels = { 0 };

    for (size_t y = 0; y < plane->height; y++)
        for (size_t x = 0; x < plane->width; x++)
            if (x == 0 || y == 0 || x + 1 == plane->width || y + 1 == plane->height)
                cvy_levels_add(&levels, plane->value[y * plane->width + x]);
    return cvy_levels_at_rank(&levels, levels.total / 2);
}

/* Ink is the extreme farther from the edge's level; light falling unevenly moves paper less. */
static bool is_ink_dark(const cvy_plane *plane, size_t edge)
{
    cvy_levels levels = { 0 };

    for (size_t i = 0; i < pixel_count(plane); i++)
        cvy_levels_add(&levels, plane->value[i]);
    size_t stray = levels.total / 1000;
    size_t darkest = cvy_levels_at_rank(&levels, stray);
    size_t lightest = cvy_levels_at_rank(&levels, levels.total - 1 - stray);
    return edge + edge > lightest + darkest;
}

/* Make ink light; returned is the level along the edge after that. */
static size_t turn_light(cvy_plane *plane, cvy_invert invert, cvy_ink_report *report)
{
    size_t edge = edge_level(plane);

    report->background = (unsigned)edge;
    report->is_inverted =
        invert == CVY_INVERT_AUTO ? is_ink_dark(plane, edge) : invert == CVY_INVERT_YES;
    if (!report->is_inverted)
        return edge;
    for (size_t i = 0; i < pixel_count(plane); i++)
        plane->value[i] = CVY_LEVELS - 1 - plane->value[i];
    return CVY_LEVELS - 1 - edge;
}

/* ---- level ---- */

/* Take the ground off, stretch what is above its noise to 0..1, mark what is ink beyond doubt. */
static cvy_status level_ink(workshop *shop)
{
    cvy_levels levels = { 0 };
    size_t count = pixel_count(&shop->ink), radius = longer_side(&shop->ink) / OPENING_PART;
    float *ink = shop->ink.value;

    cvy_plane_open(&shop->ink, radius > 0 ? radius : 1, &shop->scratch, &shop->ground);
    for (size_t i = 0; i < count; i++) {
        ink[i] -= shop->ground.value[i];
        cvy_levels_add(&levels, ink[i]);
    }
    cvy_level_classes classes = cvy_levels_separate(&levels);
    double contrast = classes.high_mean - classes.low_mean;
    if (contrast < contrast_min || contrast < contrast_noise * classes.low_deviation)
        return cvy_fail(CVY_ERR_DATA, "no ink found: nothing stands out from the ground");

    size_t strong = cvy_levels_at_rank(&levels, count - 1 - classes.high_count / 10);
    double threshold = fmax(classes.threshold, faint_part * (double)strong);
    float low = (float)fmin(cvy_levels_noise_top(&levels, classes.threshold), classes.threshold);
    float high = (float)cvy_levels_mean_above(&levels, threshold);
    for (size_t i = 0; i < count; i++) {
        shop->mark[i] = (double)ink[i] > threshold ? MARK_INK : MARK_GROUND;
        ink[i] = fminf(fmaxf((ink[i] - low) / (high - low), 0), 1);
    }
    return CVY_OK;
}

/* ---- box ---- */

typedef struct {
    double ink;
    bool is_at_edge; /* of the picture */
} piece;

/* Give the connected piece of ink around `start` another mark. */
static piece mark_piece(workshop *shop, size_t start, uint8_t from, uint8_t to)
{
    size_t width = shop->ink.width, height = shop->ink.height, head = 0, tail = 0;
    piece found = { 0 };

    shop->mark[start] = to;
    shop->queue[tail++] = (uint32_t)start;
    while (head < tail) {
        size_t here = shop->queue[head++], x = here % width, y = here / width;
        found.ink += (double)shop->ink.value[here];
        found.is_at_edge |= x == 0 || y == 0 || x + 1 == width || y + 1 == height;
        for (size_t v = y > 0 ? y - 1 : 0; v < height && v <= y + 1; v++)
            for (size_t u = x > 0 ? x - 1 : 0; u < width && u <= x + 1; u++)
                if (shop->mark[v * width + u] == from) {
                    shop->mark[v * width + u] = to;
                    shop->queue[tail++] = (uint32_t)(v * width + u);
                }
    }
    return found;
}

/* Specks lose their mark, and so does what reaches in over the edge (a shadow, the end of the
 * sheet) when something of weight stands clear of it. */
static void drop_specks(workshop *shop)
{
    size_t count = pixel_count(&shop->ink);
    double largest = 0, largest_clear = 0;

    for (size_t i = 0; i < count; i++)
        if (shop->mark[i] == MARK_INK) {
            piece found = mark_piece(shop, i, MARK_INK, MARK_VISITED);
            largest = fmax(largest, found.ink);
            if (!found.is_at_edge)
                largest_clear = fmax(largest_clear, found.ink);
        }
    bool keeps_edge = largest_clear < clear_part * largest;
    double speck = speck_part * (keeps_edge ? largest : largest_clear);
    for (size_t i = 0; i < count; i++)
        if (shop->mark[i] == MARK_VISITED) {
            piece found = mark_piece(shop, i, MARK_VISITED, MARK_KEPT);
            if (found.ink < speck || (found.is_at_edge && !keeps_edge))
                mark_piece(shop, i, MARK_KEPT, MARK_GROUND);
        }
}

/* A box is begun with left and top beyond everything, right and bottom 0. */
static void extend_box(cvy_box *box, size_t x, size_t y)
{
    box->left = x < box->left ? x : box->left;
    box->right = x >= box->right ? x + 1 : box->right;
    box->top = y < box->top ? y : box->top;
    box->bottom = y >= box->bottom ? y + 1 : box->bottom;
}

static cvy_status find_box(const workshop *shop, cvy_box *box)
{
    *box = (cvy_box){ .left = shop->ink.width, .top = shop->ink.height };
    for (size_t i = 0; i < pixel_count(&shop->ink); i++)
        if (shop->mark[i] == MARK_KEPT)
            extend_box(box, i % shop->ink.width, i / shop->ink.width);
    if (box->right < box->left + INK_SIDE_MIN && box->bottom < box->top + INK_SIDE_MIN)
        return cvy_fail(CVY_ERR_DATA, "no ink found: nothing but specks stands out");
    return CVY_OK;
}

/* Only the strokes and their soft edges stay. */
static void clear_around(workshop *shop)
{
    for (size_t i = 0; i < pixel_count(&shop->ink); i++)
        shop->scratch.value[i] = shop->mark[i] == MARK_KEPT ? 1 : 0;
    cvy_plane_dilate(&shop->scratch, longer_side(&shop->ink) / SOFT_EDGE_PART + 1, &shop->ground);
    for (size_t i = 0; i < pixel_count(&shop->ink); i++)
        shop->ink.value[i] *= shop->ground.value[i];
}

/* ---- all of it ---- */

/* Whether the picture, light on dark by now, is what all this would make of it: black ground, full
 * ink, placed as it should be. */
static bool has_wanted_form(const cvy_plane *plane, size_t edge, cvy_box *box)
{
    cvy_levels levels = { 0 };

    *box = (cvy_box){ .left = plane->width, .top = plane->height };
    for (size_t i = 0; i < pixel_count(plane); i++) {
        cvy_levels_add(&levels, plane->value[i]);
        if (plane->value[i] >= CVY_LEVELS / 2)
            extend_box(box, i % plane->width, i / plane->width);
    }
    return edge == 0 && cvy_levels_at_rank(&levels, levels.total / 2) == 0 &&
           cvy_levels_at_rank(&levels, levels.total - 1) >= FULL_INK_MIN &&
           cvy_placing_is_met(plane, box);
}

static void keep_pixels(const cvy_plane *plane, unsigned char *image, cvy_ink_report *report)
{
    for (size_t i = 0; i < pixel_count(plane); i++)
        image[i] = (unsigned char)plane->value[i];
    report->is_kept = true;
    report->placing.scale = 1;
    report->placing.stroke_width = cvy_plane_stroke_width(plane);
}

static cvy_status redraw(workshop *shop, cvy_box *box, unsigned char *image, size_t width,
                         size_t height, cvy_placing *placing)
{
    cvy_status status = level_ink(shop);
    if (status != CVY_OK)
        return status;
    drop_specks(shop);
    status = find_box(shop, box);
    if (status != CVY_OK)
        return status;
    clear_around(shop);
    status = cvy_placing_draw(&shop->ink, box, image, width, height, placing);
    placing->scale /= (double)shop->factor;
    return status;
}

static size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

cvy_status cvy_ink_extract(const unsigned char *grey, size_t width, size_t height,
                           cvy_invert invert, unsigned char *image, size_t image_width,
                           size_t image_height, cvy_ink_report *report)
{
    workshop shop = { 0 };
    cvy_ink_report done = { 0 };
    cvy_box box;

    assert(width > 0 && height > 0 && image_width > 0 && image_height > 0);
    cvy_status status = open_workshop(&shop, width, height);
    if (status == CVY_OK) {
        cvy_plane_reduce(grey, width, height, shop.factor, &shop.ink);
        size_t edge = turn_light(&shop.ink, invert, &done);
        if (width == image_width && height == image_height && shop.factor == 1 &&
            has_wanted_form(&shop.ink, edge, &box))
            keep_pixels(&shop.ink, image, &done);
        else
            status = redraw(&shop, &box, image, image_width, image_height, &done.placing);
    }
    if (status == CVY_OK) {
        done.box = (cvy_box){
            .left = box.left * shop.factor,
            .top = box.top * shop.factor,
            .right = at_most(box.right * shop.factor, width),
            .bottom = at_most(box.bottom * shop.factor, height),
        };
        *report = done;
    }
    close_workshop(&shop);
    return status;
}
