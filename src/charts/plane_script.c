/* A plane chart as a gnuplot script that contains its data. */
#include <math.h>

#include "charts/axis.h"
#include "charts/chart.h"
#include "charts/gnuplot.h"
#include "charts/plane_layout.h"

/* gnuplot counts from the bottom, in fractions of the picture. */
static double across(double x)
{
    return x / CVY_PLANE_WIDTH;
}

static double up(const cvy_plane_chart *c, double y)
{
    return 1 - y / (double)cvy_plane_height(c);
}

static void put_label(const cvy_plane_chart *c, double x, double y, const char *how,
                      const char *text, FILE *file)
{
    fputs("set label ", file);
    cvy_chart_text(file, text);
    fprintf(file, " at screen %.4f,%.4f noenhanced %s\n", across(x), up(c, y), how);
}

static void put_ticks(const char *axis, double low, double high, FILE *file)
{
    const cvy_axis plan = cvy_axis_plan(low, high, false, true);
    size_t count = 0;

    fprintf(file, "set %srange [%.9g:%.9g]\nset %stics (", axis, low, high, axis);
    for (size_t i = 0; i < plan.tick_count; i++) {
        if (plan.ticks[i].label[0] == '\0' || plan.ticks[i].value < low ||
            plan.ticks[i].value > high)
            continue;
        fputs(count++ > 0 ? ", " : "", file);
        cvy_chart_text(file, plan.ticks[i].label);
        fprintf(file, " %.9g", plan.ticks[i].value);
    }
    fprintf(file, ") textcolor rgb '%s'\n", CVY_CHART_SOFT);
}

static void put_frame(const cvy_plane_chart *c, FILE *file)
{
    const double bottom = CVY_PLANE_TOP + CVY_PLANE_FIELD;
    const double middle = CVY_PLANE_LEFT + (CVY_PLANE_WIDTH - CVY_PLANE_LEFT - CVY_PLANE_RIGHT) / 2;

    fprintf(
        file,
        "set lmargin at screen %.4f\nset rmargin at screen %.4f\nset tmargin at screen %.4f\n"
        "set bmargin at screen %.4f\nunset key\nset clip two\nset border 15 linecolor rgb '%s'\n"
        "set tics out nomirror scale 0.4\n",
        across(CVY_PLANE_LEFT), across(CVY_PLANE_WIDTH - CVY_PLANE_RIGHT), up(c, CVY_PLANE_TOP),
        up(c, bottom), CVY_CHART_SOFT);
    put_ticks("x", c->grid.x_min, c->grid.x_max, file);
    put_ticks("y", c->grid.y_min, c->grid.y_max, file);
    put_label(c, 8, 15, "left font ',16'", c->title, file);
    put_label(c, 8, 36, "left font ',13' textcolor rgb '" CVY_CHART_SOFT "'", c->subtitle, file);
    put_label(c, middle, bottom + 32, "center", c->x_label, file);
    put_label(c, 10, CVY_PLANE_TOP + CVY_PLANE_FIELD / 2, "center rotate by 90", c->y_label, file);
    for (size_t i = 0; i < c->path_count; i++) {
        double x, y;
        cvy_plane_name_place(c, i, &x, &y);
        fprintf(file, "set arrow from screen %.4f,%.4f to screen %.4f,%.4f nohead ", across(x),
                up(c, y), across(x + 22), up(c, y));
        cvy_chart_style(file, c->paths[i].style, 3);
        fputc('\n', file);
        put_label(c, x + 28, y, "left", c->paths[i].label, file);
    }
}

static void put_line(void *context, double x1, double y1, double x2, double y2)
{
    fprintf(context, "%.5g %.5g\n%.5g %.5g\n\n", x1, y1, x2, y2);
}

static void put_data(const cvy_plane_chart *c, FILE *file)
{
    const cvy_grid *g = &c->grid;

    for (size_t i = 0; i < c->level_count; i++) {
        fprintf(file, "# contour of %.6g\n$contour%zu << END\n", c->levels[i], i);
        cvy_contour_lines(g, c->levels[i], put_line, file);
        fputs("END\n", file);
    }
    for (size_t i = 0; i < c->path_count; i++) {
        const cvy_plane_path *p = &c->paths[i];
        fprintf(file, "$path%zu << END\n", i);
        for (size_t k = 0; k < p->count; k++)
            fprintf(file, "%.7g %.7g\n",
                    cvy_plane_limit(p->xy[2 * k], g->x_min, g->x_max - g->x_min),
                    cvy_plane_limit(p->xy[2 * k + 1], g->y_min, g->y_max - g->y_min));
        fputs("END\n", file);
    }
    fputs("$stars << END\n", file);
    for (size_t i = 0; i < c->star_count; i++)
        fprintf(file, "%.7g %.7g\n", c->stars[2 * i], c->stars[2 * i + 1]);
    fputs("END\n", file);
}

/* The leading byte of a color is its transparency. */
static void put_plot(const cvy_plane_chart *c, FILE *file)
{
    fputs("plot 1/0", file);
    for (size_t i = 0; i < c->level_count; i++)
        fprintf(file, ", \\\n $contour%zu with lines linecolor rgb '#%02x%s' linewidth 1", i,
                (unsigned)lround(255 * (1 - cvy_plane_opacity(c, i))), &CVY_CHART_SOFT[1]);
    for (size_t i = 0; i < c->path_count; i++) {
        if (c->paths[i].count == 0)
            continue;
        fprintf(file, ", \\\n $path%zu with lines ", i);
        cvy_chart_style(file, c->paths[i].style, 2);
        fprintf(file,
                ", $path%zu every ::%zu with points pointtype 7 pointsize 1.3 linecolor rgb '%s'",
                i, c->paths[i].count - 1, cvy_chart_color(c->paths[i].style));
    }
    for (size_t i = 0; i < c->path_count; i++)
        if (c->paths[i].count > 0)
            fprintf(file,
                    ", \\\n $path%zu every ::::0 with points pointtype 7 pointsize 1 linecolor rgb "
                    "'black', $path%zu every ::::0 with points pointtype 7 pointsize 0.6 linecolor "
                    "rgb 'white'",
                    i, i);
    if (c->star_count > 0)
        fputs(
            ", \\\n $stars with points pointtype 1 pointsize 1.2 linewidth 2 linecolor rgb 'black'",
            file);
    fputc('\n', file);
}

void cvy_plane_chart_script(const cvy_plane_chart *c, const char *name, FILE *file)
{
    cvy_gnuplot_begin(file, name, CVY_PLANE_WIDTH, cvy_plane_height(c));
    put_data(c, file);
    put_frame(c, file);
    put_plot(c, file);
}
