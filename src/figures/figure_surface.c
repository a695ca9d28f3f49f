/* The loss surface with the paths of all configurations on it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/plural.h"
#include "charts/plane_chart.h"
#include "charts/report_file.h"
#include "figures/figures.h"
#include "study/surface.h"

enum { LEVELS = 16, PATH_BYTES = 4096 };

static void put_data(const void *what, FILE *file)
{
    const cvy_study *c = what;
    const cvy_surface *s = c->surface;

    fputs("kind,configuration,step,x,y,loss\n", file);
    for (size_t i = 0; i < s->path_count; i++)
        for (size_t p = 0; p < s->paths[i].count; p++) {
            fputs("path,", file);
            cvy_csv_text(file, c->configurations[s->paths[i].configuration].label);
            fprintf(file, "%zu,%.9g,%.9g,\n", s->paths[i].steps[p], s->paths[i].xy[p][0],
                    s->paths[i].xy[p][1]);
        }
    for (size_t row = 0; row < CVY_SURFACE_SIDE; row++)
        for (size_t k = 0; k < CVY_SURFACE_SIDE; k++)
            fprintf(file, "surface,,,%.9g,%.9g,%.9g\n",
                    s->x_min + (s->x_max - s->x_min) * (double)k / (CVY_SURFACE_SIDE - 1),
                    s->y_min + (s->y_max - s->y_min) * (double)row / (CVY_SURFACE_SIDE - 1),
                    s->loss[row * CVY_SURFACE_SIDE + k]);
}

/* Draw the paths in the order and colors of the ranking. */
static cvy_status draw(const cvy_findings *f, const cvy_figure *figure, FILE *svg, FILE *script)
{
    const cvy_study *c = f->study;
    const cvy_surface *s = c->surface;
    double levels[LEVELS];
    char x_label[64], y_label[64], title[200];
    cvy_plane_path *paths;
    cvy_status status = cvy_memory_create(s->path_count, sizeof *paths, &paths);

    if (status != CVY_OK)
        return status;
    snprintf(title, sizeof title, "%s", figure->title);
    char *subtitle = strchr(title, '\n');
    *subtitle++ = '\0';
    snprintf(x_label, sizeof x_label, "first direction: %.0f %% of the variance",
             100 * s->share[0]);
    snprintf(y_label, sizeof y_label, "second direction: %.0f %%", 100 * s->share[1]);
    cvy_plane_chart chart = {
        .title = title,
        .subtitle = subtitle,
        .x_label = x_label,
        .y_label = y_label,
        .grid = { CVY_SURFACE_SIDE, CVY_SURFACE_SIDE, s->x_min, s->x_max, s->y_min, s->y_max,
                  s->loss },
        .levels = levels,
        .paths = paths,
    };
    for (size_t r = 0; r < c->compared_count; r++)
        for (size_t i = 0; i < s->path_count; i++)
            if (s->paths[i].configuration == f->order[r])
                paths[chart.path_count++] =
                    (cvy_plane_path){ c->configurations[f->order[r]].label, s->paths[i].count,
                                      &s->paths[i].xy[0][0], r };
    status = cvy_contour_levels(&chart.grid, LEVELS, levels, &chart.level_count);
    if (status == CVY_OK)
        cvy_plane_chart_write(&chart, svg);
    if (status == CVY_OK)
        cvy_plane_chart_script(&chart, figure->name, script);
    cvy_memory_free(paths);
    return status;
}

static cvy_status write_drawings(const cvy_findings *f, const char *folder,
                                 const cvy_figure *figure)
{
    cvy_report_file svg, script;
    cvy_status status = cvy_report_file_open(&svg, folder, "surface.svg");

    if (status != CVY_OK)
        return status;
    status = cvy_report_file_open(&script, folder, "surface.gp");
    const cvy_status drawn = status == CVY_OK ? draw(f, figure, svg.file, script.file) : CVY_OK;
    const cvy_status closed = cvy_report_file_close(&svg);
    if (status != CVY_OK)
        return status;
    status = cvy_report_file_close(&script);
    if (drawn != CVY_OK)
        return drawn;
    return closed != CVY_OK ? closed : status;
}

cvy_status cvy_figures_of_surface(const cvy_findings *f, const char *folder, cvy_figures *figures)
{
    const cvy_surface *s = f->study->surface;
    char path[PATH_BYTES];

    if (s == NULL) { /* remove the picture of an earlier report */
        static const char *const endings[] = { "svg", "pdf", "png", "csv", "gp" };
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
            snprintf(path, sizeof path, "%.*s/surface.%s", PATH_BYTES - 64, folder, endings[i]);
            unlink(path);
        }
        return CVY_OK;
    }
    cvy_figure *figure = cvy_figures_add(
        figures, "surface.csv", "surface",
        "Paths on the loss surface\ncontours: loss of %zu training image%s; seed %llu",
        s->image_count, cvy_plural(s->image_count), (unsigned long long)s->seed);
    if (figure == NULL)
        return CVY_OK;
    figure->has_own_svg = true;
    cvy_status status = cvy_report_file_write(folder, "surface.csv", put_data, f->study);
    return status == CVY_OK ? write_drawings(f, folder, figure) : status;
}
