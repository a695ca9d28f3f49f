#include "figures/figures.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "charts/chart.h"
#include "charts/gnuplot.h"

enum { PATH_BYTES = 4096, SVG_BYTES_MAX = 16 << 20 };

cvy_figure *cvy_figures_add(cvy_figures *figures, const char *data, const char *name,
                            const char *title, ...)
{
    if (figures->count == CVY_FIGURES_MAX)
        return NULL;
    cvy_figure *figure = &figures->figures[figures->count++];
    va_list arguments;

    *figure = (cvy_figure){ .svg = NULL };
    snprintf(figure->data, sizeof figure->data, "%s", data);
    snprintf(figure->name, sizeof figure->name, "%s", name);
    va_start(arguments, title);
    vsnprintf(figure->title, sizeof figure->title, title, arguments);
    va_end(arguments);
    return figure;
}

const char *cvy_figures_busy_note(const cvy_findings *f)
{
    return f->is_busy ? "; busy machine, seconds not comparable" : "";
}

static void print_path(const char *folder, const cvy_figure *figure, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%.*s/%s.svg", PATH_BYTES - 128, folder, figure->name);
}

/* Draw the figures that have an SVG already, or the others. Older pictures are removed first, so
 * that all that exist afterwards are new. */
static cvy_pictures_end run_gnuplot(const char *folder, const cvy_figures *figures,
                                    bool has_own_svg)
{
    const unsigned not_ours = has_own_svg ? CVY_FORMAT_SVG : 0;
    const char *names[CVY_FIGURES_MAX] = { NULL };
    size_t count = 0;

    for (size_t i = 0; i < figures->count; i++)
        if (figures->figures[i].has_own_svg == has_own_svg)
            names[count++] = figures->figures[i].name;
    cvy_gnuplot_remove(folder, names, count, CVY_FORMATS_ALL & ~not_ours);
    const unsigned formats = (figures->formats | CVY_FORMAT_SVG) & ~not_ours;
    return count > 0 && formats != 0 ? cvy_gnuplot_run(folder, names, count, formats)
                                     : CVY_PICTURES_DRAWN;
}

cvy_status cvy_figures_draw(cvy_figures *figures, const char *folder)
{
    char path[PATH_BYTES];
    size_t size;
    cvy_status status = CVY_OK;
    const cvy_pictures_end end = run_gnuplot(folder, figures, false);

    figures->end = run_gnuplot(folder, figures, true);
    for (size_t i = 0; status == CVY_OK && i < figures->count; i++) {
        cvy_figure *figure = &figures->figures[i];
        print_path(folder, figure, path);
        if (figure->has_own_svg || end == CVY_PICTURES_DRAWN)
            status = cvy_file_read(path, SVG_BYTES_MAX, (unsigned char **)&figure->svg, &size);
    }
    if (end != CVY_PICTURES_DRAWN)
        figures->end = end;
    return status;
}

cvy_status cvy_figures_make_profile(const cvy_findings *profile, const char *problem,
                                    const char *folder, cvy_figures *figures)
{
    *figures = (cvy_figures){ .end = CVY_PICTURES_DRAWN, .formats = figures->formats };
    cvy_status status = cvy_figures_of_profile(profile, problem, folder, figures);
    return status == CVY_OK ? cvy_figures_draw(figures, folder) : status;
}

cvy_status cvy_figures_make(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    static cvy_status (*const makers[])(const cvy_findings *, const char *, cvy_figures *) = {
        cvy_figures_of_batches,  cvy_figures_of_curves, cvy_figures_of_rows,
        cvy_figures_of_settings, cvy_figures_of_tuning, cvy_figures_of_inside,
        cvy_figures_of_surface
    };

    *figures = (cvy_figures){ .end = CVY_PICTURES_DRAWN, .formats = figures->formats };
    cvy_status status = CVY_OK;
    for (size_t i = 0; status == CVY_OK && i < sizeof makers / sizeof *makers; i++)
        status = makers[i](f, folder, figures);
    return status == CVY_OK ? cvy_figures_draw(figures, folder) : status;
}

void cvy_figures_release(cvy_figures *figures)
{
    for (size_t i = 0; i < figures->count; i++)
        cvy_memory_free(figures->figures[i].svg);
    figures->count = 0;
}
