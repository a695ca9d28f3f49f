#include "charts/line_chart.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/temporary.h"
#include "charts/chart.h"
#include "charts/gnuplot.h"
#include "charts/report_file.h"

enum { HEIGHT = 340, BELOW = 54, SUBTITLE_CHARACTERS = 68, SVG_BYTES_MAX = 64 << 20 };
enum { PATH_BYTES = 4096 };

#define NAME "plot"

static bool is_drawn(const cvy_line_chart *c, double y)
{
    return isfinite(y) && (!c->is_log || y > 0);
}

static cvy_chart_axis plan_y(const cvy_line_chart *c)
{
    double min = INFINITY, max = -INFINITY;

    for (size_t i = 0; i < c->count; i++)
        if (is_drawn(c, c->y[i])) {
            min = fmin(min, c->y[i]);
            max = fmax(max, c->y[i]);
        }
    if (!(min <= max))
        return cvy_chart_axis_plan(CVY_SCALE_LINEAR, 0, 1, 0);
    return cvy_chart_axis_plan(c->is_log ? CVY_SCALE_LOG : CVY_SCALE_LINEAR,
                               c->is_log ? min : fmin(min, 0), max, 0);
}

static void print_data(const cvy_line_chart *c, FILE *file)
{
    fputs("$data << end\n", file);
    for (size_t i = 0; i < c->count; i++)
        if (is_drawn(c, c->y[i]))
            fprintf(file, "%zu,%.9g\n", i, c->y[i]);
        else
            fputc('\n', file); /* a gap */
    fputs("end\n", file);
}

static void print_script(const void *chart, FILE *file)
{
    const cvy_line_chart *c = chart;
    const cvy_chart_axis y = plan_y(c),
                         x = cvy_chart_axis_plan(CVY_SCALE_LINEAR, 0,
                                                 c->count > 1 ? (double)(c->count - 1) : 1, 0);
    const cvy_chart_frame frame = cvy_chart_frame_for(0);

    cvy_chart_begin(file, NAME, c->title, &frame, HEIGHT);
    fputs("set label 2 ", file);
    cvy_chart_name(file, c->subtitle, "", SUBTITLE_CHARACTERS);
    fprintf(file,
            " at screen 0.015,%.4f left noenhanced font ',12.5' textcolor rgb '" CVY_CHART_SOFT
            "'\n"
            "set lmargin at screen %g\nset rmargin at screen 0.97\n"
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
            "set xlabel '%s' offset 0,0.7\nset ylabel '%s' offset 0.5,0\n",
            1 - 35.0 / HEIGHT, frame.left + 0.02, 1 - (double)CVY_CHART_TOP / HEIGHT,
            (double)BELOW / HEIGHT, c->x_label, c->y_label);
    cvy_chart_axis_print(file, "x", &x);
    cvy_chart_axis_print(file, "y", &y);
    print_data(c, file);
    fputs("plot $data using 1:", file);
    cvy_chart_column(file, &y, 2);
    fputs(" with lines ", file);
    cvy_chart_style(file, 0, 2);
    fputc('\n', file);
}

/* Draws in a separate folder, so that no incomplete picture appears under the path. */
static cvy_status draw(const cvy_line_chart *c, const char *folder, const char *path)
{
    char picture[PATH_BYTES];
    unsigned char *svg;
    size_t bytes;
    cvy_status status = cvy_report_file_write(folder, NAME ".gp", print_script, c);

    if (status != CVY_OK)
        return status;
    const cvy_pictures_end end =
        cvy_gnuplot_run(folder, &(const char *){ NAME }, 1, CVY_FORMAT_SVG);
    if (end == CVY_PICTURES_NO_GNUPLOT)
        return cvy_fail(CVY_ERR_OPEN, "%s: gnuplot, which draws it, is not installed", path);
    snprintf(picture, sizeof picture, "%s/" NAME ".svg", folder);
    if (end != CVY_PICTURES_DRAWN || cvy_file_read(picture, SVG_BYTES_MAX, &svg, &bytes) != CVY_OK)
        return cvy_fail(CVY_ERR_OPEN, "%s: gnuplot could not draw it", path);
    status = cvy_file_write(path, svg, bytes);
    cvy_memory_free(svg);
    return status;
}

/* What gnuplot reads and writes, in a folder of its own. */
static const char *const files[] = { NAME ".gp", NAME ".svg" };
enum { FILES = sizeof files / sizeof *files };

/* The names of the files in the folder; a signal that ends the process removes them, and the folder. */
static void remember(const char *folder, int entries[FILES + 1], char paths[FILES][PATH_BYTES])
{
    for (size_t i = 0; i < FILES; i++) {
        snprintf(paths[i], PATH_BYTES, "%s/%s", folder, files[i]);
        entries[i] = cvy_temporary_remember(AT_FDCWD, paths[i]);
    }
    entries[FILES] = cvy_temporary_remember(AT_FDCWD, folder);
}

cvy_status cvy_line_chart_save(const cvy_line_chart *chart, const char *path)
{
    const char *place = getenv("TMPDIR");
    char folder[2048], paths[FILES][PATH_BYTES];
    int entries[FILES + 1];

    snprintf(folder, sizeof folder, "%.2000s/convoy-plot-XXXXXX",
             place != NULL && *place != '\0' ? place : "/tmp");
    if (mkdtemp(folder) == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: cannot be created (%s); TMPDIR names another place",
                        folder, strerror(errno));
    remember(folder, entries, paths);
    cvy_status status = draw(chart, folder, path);
    for (size_t i = 0; i < FILES; i++)
        unlink(paths[i]);
    rmdir(folder);
    for (size_t i = 0; i < FILES + 1; i++)
        cvy_temporary_forget(entries[i]);
    return status;
}
