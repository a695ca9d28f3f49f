#include "charts/plane_chart.h"

#include <math.h>

#include "charts/axis.h"
#include "charts/characters.h"
#include "charts/chart.h"
#include "charts/plane_layout.h"

enum {
    WIDTH = CVY_PLANE_WIDTH,
    LEFT = CVY_PLANE_LEFT,
    RIGHT = CVY_PLANE_RIGHT,
    TOP = CVY_PLANE_TOP,
    FIELD = CVY_PLANE_FIELD
};

static const char ink[] = "rgb(  0,   0,   0)", soft[] = "rgb( 90,  98, 108)";

/* Print the color as gnuplot writes it; the page replaces it by its own. */
static void print_color(FILE *file, size_t style)
{
    unsigned red, green, blue;

    if (sscanf(cvy_chart_color(style), "#%2x%2x%2x", &red, &green, &blue) == 3)
        fprintf(file, "rgb(%3u, %3u, %3u)", red, green, blue);
}

static const char *dashes(size_t style)
{
    static const char *const patterns[] = { "none", "7 3", "1.5 2.5" };
    return patterns[style / 7 % 3];
}

static double x_of(const cvy_plane_chart *c, const cvy_field *f, double x)
{
    return f->left + f->width * (x - c->grid.x_min) / (c->grid.x_max - c->grid.x_min);
}

static double y_of(const cvy_plane_chart *c, const cvy_field *f, double y)
{
    return f->top + f->height * (c->grid.y_max - y) / (c->grid.y_max - c->grid.y_min);
}

static void put_text(FILE *file, double x, double y, const char *anchor, int size,
                     const char *color, const char *text)
{
    fprintf(file,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" stroke=\"none\" "
            "fill=\"%s\">",
            x, y, anchor, size, color);
    cvy_xml_text(file, text);
    fputs("</text>\n", file);
}

static void put_ticks(const cvy_plane_chart *c, const cvy_field *f, FILE *file)
{
    const cvy_axis x = cvy_axis_plan(c->grid.x_min, c->grid.x_max, false, true),
                   y = cvy_axis_plan(c->grid.y_min, c->grid.y_max, false, true);
    const double bottom = f->top + f->height;

    for (size_t i = 0; i < x.tick_count; i++) {
        const double at = x_of(c, f, x.ticks[i].value);
        if (x.ticks[i].label[0] == '\0' || at < f->left - 0.5 || at > f->left + f->width + 0.5)
            continue;
        fprintf(file, "<path d=\"M%.1f %.1fv4\" stroke=\"%s\"/>\n", at, bottom, soft);
        put_text(file, at, bottom + 18, "middle", 14, soft, x.ticks[i].label);
    }
    for (size_t i = 0; i < y.tick_count; i++) {
        const double at = y_of(c, f, y.ticks[i].value);
        if (y.ticks[i].label[0] == '\0' || at < f->top - 0.5 || at > bottom + 0.5)
            continue;
        fprintf(file, "<path d=\"M%.1f %.1fh-4\" stroke=\"%s\"/>\n", f->left, at, soft);
        put_text(file, f->left - 7, at + 5, "end", 14, soft, y.ticks[i].label);
    }
    put_text(file, f->left + f->width / 2, bottom + 37, "middle", 14, ink, c->x_label);
    fprintf(file, "<g transform=\"translate(14 %.1f) rotate(-90)\">", f->top + f->height / 2);
    put_text(file, 0, 0, "middle", 14, ink, c->y_label);
    fputs("</g>\n", file);
}

static void put_contours(const cvy_plane_chart *c, const cvy_field *f, FILE *file)
{
    for (size_t i = 0; i < c->level_count; i++) {
        fprintf(file, "<path fill=\"none\" stroke=\"%s\" stroke-opacity=\"%.2f\" d=\"", soft,
                cvy_plane_opacity(c, i));
        cvy_contour_path(file, &c->grid, c->levels[i], f);
        fprintf(file, "\"><title>%.4g</title></path>\n", c->levels[i]);
    }
}

static void put_path(const cvy_plane_chart *c, const cvy_field *f, const cvy_plane_path *p,
                     FILE *file)
{
    double x = 0, y = 0;

    fputs("<g stroke=\"", file);
    print_color(file, p->style);
    fputs("\" fill=\"", file);
    print_color(file, p->style);
    fprintf(
        file,
        "\"><polyline class=\"path\" fill=\"none\" stroke-width=\"2\" stroke-linejoin=\"round\" "
        "stroke-dasharray=\"%s\" points=\"",
        dashes(p->style));
    for (size_t i = 0; i < p->count; i++) {
        x = cvy_plane_limit(x_of(c, f, p->xy[2 * i]), f->left, f->width);
        y = cvy_plane_limit(y_of(c, f, p->xy[2 * i + 1]), f->top, f->height);
        fprintf(file, "%s%.1f,%.1f", i > 0 ? " " : "", x, y);
    }
    fputs("\"><title>", file);
    cvy_xml_text(file, p->label);
    fprintf(file,
            "</title></polyline><circle class=\"end\" r=\"5\" cx=\"%.1f\" cy=\"%.1f\"/></g>\n", x,
            y);
}

static void put_marks(const cvy_plane_chart *c, const cvy_field *f, FILE *file)
{
    for (size_t i = 0; i < c->path_count; i++)
        if (c->paths[i].count > 0)
            fprintf(file,
                    "<circle r=\"4\" cx=\"%.1f\" cy=\"%.1f\" fill=\"#ffffff\" stroke=\"%s\" "
                    "stroke-width=\"2\"/>\n",
                    x_of(c, f, c->paths[i].xy[0]), y_of(c, f, c->paths[i].xy[1]), ink);
    for (size_t i = 0; i < c->star_count; i++)
        fprintf(file,
                "<path d=\"M%.1f %.1fm-6 0h12m-6 -6v12\" stroke=\"%s\" stroke-width=\"2\"/>\n",
                x_of(c, f, c->stars[2 * i]), y_of(c, f, c->stars[2 * i + 1]), ink);
}

static void put_names(const cvy_plane_chart *c, FILE *file)
{
    for (size_t i = 0; i < c->path_count; i++) {
        double x, y;
        cvy_plane_name_place(c, i, &x, &y);
        fprintf(file, "<path d=\"M%.1f %.1fh22\" stroke=\"", x, y);
        print_color(file, c->paths[i].style);
        fprintf(file, "\" stroke-width=\"3\" stroke-dasharray=\"%s\"/>\n",
                dashes(c->paths[i].style));
        put_text(file, x + 28, y + 5, "start", 14, ink, c->paths[i].label);
    }
}

void cvy_plane_chart_write(const cvy_plane_chart *c, FILE *file)
{
    const cvy_field field = { LEFT, TOP, WIDTH - LEFT - RIGHT, FIELD };
    const int height = (int)cvy_plane_height(c);

    fprintf(file,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"\n"
            " xmlns=\"http://www.w3.org/2000/svg\"\n>\n"
            "<g font-family=\"Helvetica,sans-serif\">\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
            WIDTH, height, WIDTH, height, WIDTH, height);
    put_text(file, 8, 20, "start", 16, ink, c->title);
    put_text(file, 8, 41, "start", 13, soft, c->subtitle);
    fprintf(file,
            "<svg x=\"%d\" y=\"%d\" width=\"%g\" height=\"%d\" viewBox=\"%d %d %g %d\" "
            "overflow=\"hidden\">\n",
            LEFT, TOP, field.width, FIELD, LEFT, TOP, field.width, FIELD);
    put_contours(c, &field, file);
    for (size_t i = 0; i < c->path_count; i++)
        if (c->paths[i].count > 0)
            put_path(c, &field, &c->paths[i], file);
    put_marks(c, &field, file);
    fprintf(file,
            "</svg>\n<rect x=\"%d\" y=\"%d\" width=\"%g\" height=\"%d\" fill=\"none\" "
            "stroke=\"%s\"/>\n",
            LEFT, TOP, field.width, FIELD, soft);
    put_ticks(c, &field, file);
    put_names(c, file);
    fputs("</g>\n</svg>\n", file);
}
