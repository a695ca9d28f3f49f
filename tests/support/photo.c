#include "support/photo.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28 };

/* What a kind of photograph changes before and after the digit is written. */
typedef struct scene {
    size_t width, height;
    double left, top, size; /* of the digit's box of 28 x 28 */
    double paper, dark;     /* level of paper; what part of the light the ink takes */
    double noise;
    const uint8_t *digit;
    float *level; /* [height][width]: the picture */
    uint32_t state;
} scene;

static double random_between(scene *s, double low, double high)
{
    s->state = s->state * 1664525U + 1013904223U;
    return low + (high - low) * (double)(s->state >> 8) / (double)(1U << 24);
}

static double clamp(double value)
{
    return fmin(fmax(value, 0), 1);
}

/* The digit between its pixels, bilinear, then sharpened to an edge. */
static double cover_at(const scene *s, double x, double y)
{
    const double u = (x - s->left) / s->size * SIDE - 0.5, v = (y - s->top) / s->size * SIDE - 0.5;
    const int i = (int)floor(u), j = (int)floor(v);
    double sum = 0;

    for (int b = j; b <= j + 1; b++)
        for (int a = i; a <= i + 1; a++)
            if (a >= 0 && b >= 0 && a < SIDE && b < SIDE)
                sum += (1 - fabs(u - a)) * (1 - fabs(v - b)) * s->digit[b * SIDE + a] / 255;
    return clamp((sum - 0.5) * fmax(s->size / SIDE, 1) + 0.5);
}

typedef double (*factor)(const scene *s, double x, double y, const double *p);

/* Multiply the picture by what a function says of each place. */
static void apply(scene *s, factor f, const double *p)
{
    for (size_t y = 0; y < s->height; y++)
        for (size_t x = 0; x < s->width; x++)
            s->level[y * s->width + x] *= (float)f(s, (double)x, (double)y, p);
}

static double ink_factor(const scene *s, double x, double y, const double *p)
{
    (void)p;
    return 1 - s->dark * cover_at(s, x, y);
}

static void write_digit(scene *s)
{
    apply(s, ink_factor, NULL);
}

static void choose_page(scene *s, size_t width, size_t height)
{
    const double shorter = (double)(width < height ? width : height);

    s->width = width;
    s->height = height;
    s->size = shorter * random_between(s, 0.45, 0.8);
    s->left = ((double)width - s->size) * random_between(s, 0.3, 0.7);
    s->top = ((double)height - s->size) * random_between(s, 0.3, 0.7);
    s->paper = random_between(s, 195, 245);
    s->dark = random_between(s, 0.7, 0.92);
    s->noise = random_between(s, 1, 4);
}

/* ---- light ---- */

/* p: where the edge is, its direction, depth and softness */
static double shadow_factor(const scene *s, double x, double y, const double *p)
{
    const double across =
        (x - p[0] * (double)s->width) * cos(p[2]) + (y - p[1] * (double)s->height) * sin(p[2]);

    return 1 - p[3] / (1 + exp(-fmin(fmax(across / p[4], -50), 50)));
}

static void draw_shadow(scene *s, double x, double y, double direction)
{
    const double p[] = { x, y, direction, random_between(s, 0.4, 0.6), random_between(s, 1, 8) };

    apply(s, shadow_factor, p);
}

static void shadow_across(scene *s)
{
    write_digit(s);
    draw_shadow(s, random_between(s, 0.45, 0.55), random_between(s, 0.45, 0.55),
                random_between(s, 0, 6.28));
}

static void shadow_in_a_corner(scene *s)
{
    write_digit(s);
    draw_shadow(s, 0.9, 0.9, 0.785);
}

static void shadow_beside(scene *s)
{
    write_digit(s);
    draw_shadow(s, random_between(s, 0.85, 0.92), 0.5, 0);
}

static double vignette_factor(const scene *s, double x, double y, const double *p)
{
    const double u = 2 * x / (double)s->width - 1, v = 2 * y / (double)s->height - 1;

    return 1 - p[0] * clamp((u * u + v * v) / 2);
}

static void vignette(scene *s)
{
    const double p[] = { random_between(s, 0.3, 0.8) };

    write_digit(s);
    apply(s, vignette_factor, p);
}

static double glare_factor(const scene *s, double x, double y, const double *p)
{
    const double u = x / (double)s->width - p[0], v = y / (double)s->height - p[1];

    return 0.75 + p[2] * exp(-(u * u + v * v) / 0.04);
}

static void glare(scene *s)
{
    const double p[] = { random_between(s, 0, 1), random_between(s, 0, 1),
                         random_between(s, 0.2, 0.4) };

    write_digit(s);
    apply(s, glare_factor, p);
}

/* ---- what is around the paper ---- */

static void fill(scene *s, double left, double top, double right, double bottom, double level)
{
    for (size_t y = 0; y < s->height; y++)
        for (size_t x = 0; x < s->width; x++)
            if ((double)x >= left && (double)x < right && (double)y >= top && (double)y < bottom)
                s->level[y * s->width + x] = (float)level;
}

static void shrink_digit(scene *s, double share)
{
    s->left += s->size * (1 - share) / 2;
    s->top += s->size * (1 - share) / 2;
    s->size *= share;
}

static void letterbox(scene *s)
{
    const double w = (double)s->width, h = (double)s->height, bar = random_between(s, 0.03, 0.15);

    shrink_digit(s, 0.75);
    write_digit(s);
    fill(s, 0, 0, w, bar * h, 0);
    fill(s, 0, (1 - bar) * h, w, h, 0);
}

static void frame(scene *s)
{
    const double w = (double)s->width, h = (double)s->height, bar = random_between(s, 4, 30);
    const double level = random_between(s, 0, 90);

    shrink_digit(s, 0.8);
    write_digit(s);
    fill(s, 0, 0, w, bar, level);
    fill(s, 0, h - bar, w, h, level);
    fill(s, 0, 0, bar, h, level);
    fill(s, w - bar, 0, w, h, level);
}

static double desk_factor(const scene *s, double x, double y, const double *p)
{
    const double a = x - (double)s->width / 2, b = y - (double)s->height / 2;
    const double u = a * cos(p[0]) + b * sin(p[0]), v = b * cos(p[0]) - a * sin(p[0]);

    if (fabs(u) < p[1] * (double)s->width && fabs(v) < p[1] * (double)s->height)
        return 1;
    return p[2] * (1 + p[3] * sin(x / p[4] + y / p[5]));
}

/* p: slope, half of the sheet's part of the picture, darkness, stripes of the desk: strength, distances */
static void draw_sheet(scene *s, const double *p)
{
    s->size *= 0.6;
    s->left = ((double)s->width - s->size) / 2;
    s->top = ((double)s->height - s->size) / 2;
    write_digit(s);
    apply(s, desk_factor, p);
}

static void sheet_on_a_desk(scene *s)
{
    const double slope = random_between(s, -0.1, 0.1), part = random_between(s, 0.32, 0.4);
    const double p[] = { slope, part, random_between(s, 0.2, 0.45), 0, 1, 1 };

    draw_sheet(s, p);
}

static void sheet_on_a_striped_desk(scene *s)
{
    const double slope = random_between(s, -0.25, 0.25), part = random_between(s, 0.3, 0.4);
    const double dark = random_between(s, 0.2, 0.45), by_column = random_between(s, 5, 40);
    const double p[] = { slope, part, dark, 0.15, by_column, random_between(s, 20, 90) };

    draw_sheet(s, p);
}

static void desk_on_one_side(scene *s)
{
    shrink_digit(s, 0.75);
    write_digit(s);
    fill(s, 0, 0, random_between(s, 0.03, 0.15) * (double)s->width, (double)s->height,
         random_between(s, 30, 100));
}

/* ---- what is printed on the paper ---- */

/* p: distance, thickness, strength, slope, phase, 1 for columns too */
static double lines_factor(const scene *s, double x, double y, const double *p)
{
    const double v = y + p[3] * x - p[4], u = x - p[3] * y - p[4];
    const double across = fabs(v - p[0] * round(v / p[0]));
    const double along = fabs(u - p[0] * round(u / p[0]));
    const double near = p[5] > 0 ? fmin(across, along) : across;

    (void)s;
    return 1 - p[2] * clamp(p[1] / 2 + 0.5 - near);
}

static void print_lines(scene *s, double strongest, bool has_columns)
{
    const double p[] = { random_between(s, 0.05, 0.1) * (double)s->height,
                         random_between(s, 1, 2.5),
                         random_between(s, 0.15, strongest),
                         random_between(s, -0.02, 0.02),
                         random_between(s, 0, 30),
                         has_columns ? 1 : 0 };

    apply(s, lines_factor, p);
}

static void ruled_paper(scene *s)
{
    print_lines(s, 0.45, false);
    write_digit(s);
}

static void squared_paper(scene *s)
{
    print_lines(s, 0.4, true);
    write_digit(s);
}

static void outline(scene *s, double left, double top, double right, double bottom, double t)
{
    const double level = s->paper * (1 - random_between(s, 0.5, 0.9));

    fill(s, left, top, right, top + t, level);
    fill(s, left, bottom - t, right, bottom, level);
    fill(s, left, top, left + t, bottom, level);
    fill(s, right - t, top, right, bottom, level);
}

static void printed_box(scene *s)
{
    const double gap = random_between(s, 0.02, 0.08) * s->size;

    write_digit(s);
    outline(s, s->left - gap, s->top - gap, s->left + s->size + gap, s->top + s->size + gap,
            random_between(s, 2, 5));
}

static void table_cell(scene *s)
{
    write_digit(s);
    outline(s, 0, 0, (double)s->width, (double)s->height, random_between(s, 1, 3));
}

static double hole_factor(const scene *s, double x, double y, const double *p)
{
    const double u = x - 0.06 * (double)s->width, v = y - p[0] * (double)s->height;

    return hypot(u, v) < p[1] * (double)s->height ? 0.2 : 1;
}

static void punched_holes(scene *s)
{
    const double high[] = { 0.25, random_between(s, 0.015, 0.035) }, low[] = { 0.75, high[1] };

    write_digit(s);
    apply(s, hole_factor, high);
    apply(s, hole_factor, low);
}

/* ---- the pen, and the plain one ---- */

static void pencil(scene *s)
{
    s->dark = random_between(s, 0.25, 0.45);
    write_digit(s);
}

static void chalk(scene *s)
{
    write_digit(s);
    for (size_t i = 0; i < s->width * s->height; i++)
        s->level[i] = 255 - s->level[i];
}

static void fills_the_picture(scene *s)
{
    s->size = 1.15 * (double)(s->width < s->height ? s->width : s->height);
    s->left = ((double)s->width - s->size) / 2;
    s->top = ((double)s->height - s->size) / 2;
    write_digit(s);
}

static void small_on_a_page(scene *s)
{
    shrink_digit(s, 0.3);
    write_digit(s);
}

const photo_kind photo_kinds[] = {
    { "plain", write_digit },
    { "shadow across", shadow_across },
    { "shadow in a corner", shadow_in_a_corner },
    { "shadow beside", shadow_beside },
    { "vignette", vignette },
    { "glare", glare },
    { "letterbox", letterbox },
    { "frame", frame },
    { "sheet on a desk", sheet_on_a_desk },
    { "sheet on striped desk", sheet_on_a_striped_desk },
    { "desk on one side", desk_on_one_side },
    { "ruled paper", ruled_paper },
    { "squared paper", squared_paper },
    { "printed box", printed_box },
    { "table cell", table_cell },
    { "punched holes", punched_holes },
    { "pencil", pencil },
    { "chalk", chalk },
    { "fills the picture", fills_the_picture },
    { "small on a page", small_on_a_page },
};
const size_t photo_kind_count = sizeof photo_kinds / sizeof *photo_kinds;

photo photo_draw(const photo_kind *kind, const uint8_t digit[SIDE * SIDE], uint32_t seed)
{
    static const size_t sizes[][2] = { { 400, 300 }, { 300, 400 }, { 240, 240 } };
    scene s = { .digit = digit, .state = seed * 2654435761U + 12345U };
    const size_t *size = sizes[seed % 3];

    choose_page(&s, size[0], size[1]);
    s.level = malloc(s.width * s.height * sizeof *s.level);
    for (size_t i = 0; i < s.width * s.height; i++)
        s.level[i] = (float)s.paper;
    kind->draw(&s);
    photo made = { s.width, s.height, malloc(s.width * s.height) };
    for (size_t i = 0; i < s.width * s.height; i++) {
        double grain = 0; /* nearly normal */
        for (int k = 0; k < 6; k++)
            grain += random_between(&s, -1, 1);
        made.grey[i] =
            (uint8_t)fmin(fmax((double)s.level[i] + s.noise * grain / 1.41 + 0.5, 0), 255);
    }
    free(s.level);
    return made;
}
