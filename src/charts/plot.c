/* The parts of a plot from top to bottom: title, subtitle, legend, the field with its grid and
 * lines, the ticks and the name of the x axis. Everything is placed here, in pixels of a picture
 * WIDTH wide; colours and fonts are in the style setup. */
#include "charts/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "charts/axis.h"
#include "charts/svg.h"

enum {
    WIDTH = 760,
    MARGIN = 20,
    FIELD_HEIGHT = 300,
    TITLE_HEIGHT = 24,
    LINE_HEIGHT = 18,
    LEGEND_HEIGHT = 22,
    SWATCH_WIDTH = 22,
    LINE_CHARACTERS = 104, /* of the subtitle */
    LINES_MAX = 4,
    COLOURS = 8,
    DASHES = 3,
    MARKED_POINTS = 40, /* up to so many points get a dot each */
};
static const double character_width = 7.2; /* on average, at 12 pixels */

/* Line colours keep a contrast of 3:1 and more to the paper; names are long since HTML around may
 * have a style setup too. */
static const char style[] =
    "<style>\n"
    ".cvy-plot text{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\","
    "Arial,sans-serif;fill:#59636e}\n"
    ".cvy-plot .cvy-title{font-size:16px;font-weight:600;fill:#1f2328}\n"
    ".cvy-plot .cvy-name{fill:#1f2328}\n"
    ".cvy-paper{fill:#fff}\n"
    ".cvy-grid{stroke:#d8dee4}.cvy-fine{stroke:#eff2f5}.cvy-axis{stroke:#818b98}\n"
    ".cvy-line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;"
    "stroke-linecap:round}\n"
    ".cvy-dot{fill:currentColor}\n"
    ".cvy-dash1{stroke-dasharray:7 5}.cvy-dash2{stroke-dasharray:1 5}\n"
    ".cvy-c0{color:#0b62b0}.cvy-c1{color:#c64600}.cvy-c2{color:#0a7d57}.cvy-c3{color:#943a93}\n"
    ".cvy-c4{color:#8a6800}.cvy-c5{color:#b3123f}.cvy-c6{color:#0a7986}.cvy-c7{color:#5f6670}\n"
    "@media (prefers-color-scheme:dark){\n"
    ".cvy-plot text{fill:#9ea7b3}\n"
    ".cvy-plot .cvy-title,.cvy-plot .cvy-name{fill:#e6edf3}\n"
    ".cvy-paper{fill:#0d1117}\n"
    ".cvy-grid{stroke:#2f353d}.cvy-fine{stroke:#1c2128}.cvy-axis{stroke:#7d8590}\n"
    ".cvy-c0{color:#62b0f5}.cvy-c1{color:#ff9a5c}.cvy-c2{color:#4fd1a5}.cvy-c3{color:#e08ad6}\n"
    ".cvy-c4{color:#e3bd4a}.cvy-c5{color:#ff7b9c}.cvy-c6{color:#55cfe0}.cvy-c7{color:#aab2bd}\n"
    "}\n"
    "</style>\n";

/* A plot on its way to the file. */
typedef struct {
    const cvy_plot *plot;
    FILE *file;
    cvy_axis x, y;
    double left, right, top, bottom; /* of the field */
} drawing;

/* --- above the field --- */

/* How many characters of the text go into a line: up to the last ',', ';' or ' ' that fits. */
static size_t line_length(const char *text)
{
    size_t count = 0, length = 0;

    for (; *text != '\0'; text += cvy_svg_character_bytes(text)) {
        if (++count > LINE_CHARACTERS)
            return length > 0 ? length : LINE_CHARACTERS;
        if (strchr(",; ", *text) != NULL)
            length = count;
    }
    return count;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; text != NULL && *text != '\0' && lines < LINES_MAX; lines++)
        for (size_t rest = line_length(text); rest > 0; rest--)
            text += cvy_svg_character_bytes(text);
    return lines;
}

static double put_subtitle(FILE *file, const char *text, double y)
{
    const size_t lines = count_lines(text);

    for (size_t i = 0; i < lines; i++, y += LINE_HEIGHT) {
        cvy_svg_begin_text(file, NULL, MARGIN, y, CVY_ANCHOR_START);
        text = cvy_svg_text(file, text, line_length(text));
        fprintf(file, "%s</text>\n", i + 1 == lines && *text != '\0' ? " …" : "");
    }
    return y;
}

static void put_classes(FILE *file, const char *class, size_t i)
{
    fprintf(file, " class=\"%s cvy-c%zu", class, i % COLOURS);
    if (i / COLOURS % DASHES > 0)
        fprintf(file, " cvy-dash%zu", i / COLOURS % DASHES);
    fputc('"', file);
}

/* Entries side by side, as many as go into a row. file NULL: only to know where it ends. */
static double put_legend(FILE *file, const cvy_plot *plot, double y)
{
    double x = MARGIN;

    if (plot->series_count < 2)
        return y;
    for (size_t i = 0; i < plot->series_count; i++) {
        const char *name = plot->series[i].name != NULL ? plot->series[i].name : "";
        const double width =
            SWATCH_WIDTH + 8 + (double)cvy_svg_character_count(name) * character_width + 16;
        if (x > MARGIN && x + width > WIDTH) {
            x = MARGIN;
            y += LEGEND_HEIGHT;
        }
        if (file != NULL) {
            fputs("<path", file);
            put_classes(file, "cvy-line", i);
            fputs(" d=\"M", file);
            cvy_svg_number(file, x);
            fputc(' ', file);
            cvy_svg_number(file, y - 4);
            fprintf(file, "h%d\"/>\n", SWATCH_WIDTH);
            cvy_svg_label(file, "cvy-name", x + SWATCH_WIDTH + 8, y, CVY_ANCHOR_START, name);
        }
        x += width;
    }
    return y + LEGEND_HEIGHT;
}

/* --- the field --- */

static double column_of(const drawing *d, double x)
{
    return d->left + cvy_axis_place(&d->x, x) * (d->right - d->left);
}

static double row_of(const drawing *d, double y)
{
    return d->bottom - cvy_axis_place(&d->y, y) * (d->bottom - d->top);
}

static void put_grid(const drawing *d)
{
    for (size_t i = 0; i < d->y.tick_count; i++) {
        const cvy_tick *tick = &d->y.ticks[i];
        const double row = row_of(d, tick->value);
        cvy_svg_line(d->file, tick->label[0] != '\0' ? "cvy-grid" : "cvy-fine", d->left, row,
                     d->right, row);
        if (tick->label[0] != '\0')
            cvy_svg_label(d->file, NULL, d->left - 8, row + 4, CVY_ANCHOR_END, tick->label);
    }
    for (size_t i = 0; i < d->x.tick_count; i++) {
        const cvy_tick *tick = &d->x.ticks[i];
        const double column = column_of(d, tick->value);
        const double length = tick->label[0] != '\0' ? 5 : 3;
        cvy_svg_line(d->file, "cvy-axis", column, d->bottom, column, d->bottom + length);
        if (tick->label[0] != '\0')
            cvy_svg_label(d->file, NULL, column, d->bottom + 20, CVY_ANCHOR_MIDDLE, tick->label);
    }
    cvy_svg_line(d->file, "cvy-axis", d->left, d->bottom, d->right, d->bottom);
}

/* "learning rate", or "learning rate / 10⁻⁵" where the ticks are in such units */
static void put_axis_name(FILE *file, const cvy_axis *axis, const char *name)
{
    char power[CVY_TICK_BYTES];

    cvy_svg_text(file, name, SIZE_MAX);
    if (axis->exponent != 0) {
        cvy_power_of_ten(axis->exponent, power, sizeof power);
        fprintf(file, " / %s", power);
    }
    fputs("</text>\n", file);
}

static void put_axis_names(const drawing *d)
{
    cvy_svg_begin_text(d->file, NULL, (d->left + d->right) / 2, d->bottom + 42, CVY_ANCHOR_MIDDLE);
    put_axis_name(d->file, &d->x, d->plot->x_label);
    fputs("<text text-anchor=\"middle\" transform=\"translate(", d->file);
    cvy_svg_number(d->file, MARGIN + 8);
    fputc(' ', d->file);
    cvy_svg_number(d->file, (d->top + d->bottom) / 2);
    fputs(") rotate(-90)\">", d->file);
    put_axis_name(d->file, &d->y, d->plot->y_label);
}

/* --- lines --- */

static double x_at(const cvy_plot_series *series, size_t i)
{
    return series->x != NULL ? series->x[i] : (double)i;
}

static bool can_show(double value, bool is_log)
{
    return fabs(value) <= cvy_axis_limit && (!is_log || value > 1 / cvy_axis_limit);
}

static bool is_shown(const cvy_plot *plot, const cvy_plot_series *series, size_t i)
{
    return can_show(x_at(series, i), plot->is_x_log) && can_show(series->y[i], plot->is_y_log);
}

/* The first point behind `first` that is in another column of pixels, or behind a gap. */
static size_t column_end(const drawing *d, const cvy_plot_series *series, size_t first)
{
    const double column = floor(column_of(d, x_at(series, first)));
    size_t i = first + 1;

    while (i < series->count && is_shown(d->plot, series, i) &&
           floor(column_of(d, x_at(series, i))) == column)
        i++;
    return i;
}

static void put_point(const drawing *d, const cvy_plot_series *series, size_t i)
{
    cvy_svg_number(d->file, column_of(d, x_at(series, i)));
    fputc(' ', d->file);
    cvy_svg_number(d->file, row_of(d, series->y[i]));
}

/* Of the points first .. end - 1, all in one column: the first, the lowest, the highest, the last. */
static void put_column(const drawing *d, const cvy_plot_series *series, size_t first, size_t end)
{
    size_t low = first, high = first;

    for (size_t i = first; i < end; i++) {
        if (series->y[i] < series->y[low])
            low = i;
        if (series->y[i] > series->y[high])
            high = i;
    }
    const size_t kept[] = { first, low < high ? low : high, low < high ? high : low, end - 1 };
    for (size_t k = 0; k < 4; k++) {
        if (k > 0 && kept[k] == kept[k - 1])
            continue;
        if (k > 0)
            fputc(' ', d->file);
        put_point(d, series, kept[k]);
    }
}

static void put_series(const drawing *d, size_t index)
{
    const cvy_plot_series *series = &d->plot->series[index];
    bool is_inside = false; /* of an unbroken line */

    fputs("<path", d->file);
    put_classes(d->file, "cvy-line", index);
    fputs(" d=\"", d->file);
    for (size_t i = 0, end; i < series->count; i = end) {
        end = i + 1;
        if (!is_shown(d->plot, series, i)) {
            is_inside = false;
            continue;
        }
        end = column_end(d, series, i);
        fputs(is_inside ? "\nL" : "\nM", d->file);
        put_column(d, series, i, end);
        if (!is_inside)
            fputs("h0", d->file); /* so that a point alone shows */
        is_inside = true;
    }
    fputs("\"/>\n", d->file);
    for (size_t i = 0; i < series->count && series->count <= MARKED_POINTS; i++) {
        if (!is_shown(d->plot, series, i))
            continue;
        fputs("<circle", d->file);
        put_classes(d->file, "cvy-dot", index);
        cvy_svg_attribute(d->file, "cx", column_of(d, x_at(series, i)));
        cvy_svg_attribute(d->file, "cy", row_of(d, series->y[i]));
        fputs(" r=\"3\"/>\n", d->file);
    }
}

/* --- the whole --- */

static void plan_axes(drawing *d)
{
    const cvy_plot *plot = d->plot;
    double x[2] = { HUGE_VAL, -HUGE_VAL }, y[2] = { HUGE_VAL, -HUGE_VAL };

    for (size_t s = 0; s < plot->series_count; s++)
        for (size_t i = 0; i < plot->series[s].count; i++)
            if (is_shown(plot, &plot->series[s], i)) {
                x[0] = fmin(x[0], x_at(&plot->series[s], i));
                x[1] = fmax(x[1], x_at(&plot->series[s], i));
                y[0] = fmin(y[0], plot->series[s].y[i]);
                y[1] = fmax(y[1], plot->series[s].y[i]);
            }
    if (x[0] > x[1]) { /* nothing to show */
        x[0] = y[0] = 1;
        x[1] = y[1] = 10;
    }
    d->x = cvy_axis_plan(x[0], x[1], plot->is_x_log, true);
    d->y = cvy_axis_plan(y[0], y[1], plot->is_y_log, false);
}

static void place_field(drawing *d, double top)
{
    size_t widest = 0;

    for (size_t i = 0; i < d->y.tick_count; i++) {
        const size_t width = cvy_svg_character_count(d->y.ticks[i].label);
        widest = width > widest ? width : widest;
    }
    d->left = MARGIN + 20 + (double)widest * character_width + 8;
    d->right = WIDTH - MARGIN - 16; /* half of the last tick's label is behind it */
    d->top = top;
    d->bottom = top + FIELD_HEIGHT;
}

static void draw(const cvy_plot *plot, FILE *file)
{
    drawing d = { .plot = plot, .file = file };
    const double title = MARGIN + 14, subtitle = title + TITLE_HEIGHT;
    const double legend = subtitle + (double)count_lines(plot->subtitle) * LINE_HEIGHT + 2;

    plan_axes(&d);
    place_field(&d, put_legend(NULL, plot, legend) + 4);
    const int height = (int)ceil(d.bottom) + 42 + MARGIN;
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"cvy-plot\" role=\"img\" "
            "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n<title>",
            WIDTH, height, WIDTH, height);
    cvy_svg_text(file, plot->title, SIZE_MAX);
    fprintf(file, "</title>\n%s<rect class=\"cvy-paper\" width=\"%d\" height=\"%d\"/>\n", style,
            WIDTH, height);
    cvy_svg_label(file, "cvy-title", MARGIN, title, CVY_ANCHOR_START, plot->title);
    put_subtitle(file, plot->subtitle, subtitle);
    put_legend(file, plot, legend);
    put_grid(&d);
    put_axis_names(&d);
    for (size_t i = 0; i < plot->series_count; i++)
        put_series(&d, i);
    fputs("</svg>\n", file);
}

cvy_status cvy_plot_draw(const cvy_plot *plot, char **svg, size_t *bytes)
{
    FILE *file = open_memstream(svg, bytes);
    bool is_whole = file != NULL;

    if (file != NULL) {
        draw(plot, file);
        is_whole = !ferror(file);
        is_whole = fclose(file) == 0 && is_whole;
        if (!is_whole)
            free(*svg);
    }
    return is_whole ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "out of memory for a plot");
}

cvy_status cvy_plot_save(const cvy_plot *plot, const char *path)
{
    char *svg;
    size_t bytes;
    cvy_status status = cvy_plot_draw(plot, &svg, &bytes);

    if (status != CVY_OK)
        return status;
    status = cvy_file_write(path, svg, bytes);
    free(svg);
    return status;
}
