/* Figures of a scaling report: for each a gnuplot script, which reads the tables in the same folder
 * and can be edited and rerun by hand, and the SVG that gnuplot draws. */
#include "figures/figure_scaling.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/plural.h"
#include "charts/chart.h"
#include "charts/report_file.h"
#include "charts/table.h"

enum { NAME_CHARACTERS = 19, FIELD = 240, BELOW = 60, HEIGHT = CVY_CHART_TOP + FIELD + BELOW };

const cvy_scaling_picture cvy_scaling_pictures[CVY_SCALING_PICTURES] = {
    { "speedup", "Speedup",
      "Median speedup against one thread (or rank), with its 95 % interval, and the ideal; of a "
      "VALID run with three points or more also the fitted laws." },
    { "efficiency", "Efficiency",
      "Speedup divided by the number of threads (or ranks); 1 is no loss." },
    { "phases", "Where a step's time goes",
      "Milliseconds of a step, mean over the workers; waiting is the difference between the "
      "slowest "
      "worker and the mean." },
    { "repeats", "Spread of the repeats",
      "Each repeat's throughput divided by the median of its point." },
    { "step-times", "Times of single steps",
      "Share of the measured steps by their duration; the tail on the right is what a mean "
      "hides. Both axes are logarithmic." },
    { "roofline", "Roofline",
      "Operations per second against operations per byte that a step moves when nothing "
      "stays in a cache. Roofs: the measured FMA peak and the triad's bandwidth." },
};

/* --- scripts --- */

static void put_frame(const cvy_scaling *s, FILE *file, const char *name, const char *title,
                      const char *what, const char *x_label)
{
    const cvy_chart_frame frame = cvy_chart_frame_for(0);
    char both[256];

    snprintf(both, sizeof both, "%s\n%s; n = %zu repeat%s", title, what, s->request.repeats,
             cvy_plural(s->request.repeats));
    cvy_chart_begin(file, name, both, &frame, HEIGHT);
    fprintf(file,
            "set lmargin at screen %g\nset rmargin at screen %g\n"
            "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
            "set xlabel '%s' noenhanced offset 0,0.7\n",
            frame.left, frame.right, 1 - (double)CVY_CHART_TOP / HEIGHT, (double)BELOW / HEIGHT,
            x_label);
}

static void put_head(const cvy_scaling *s, FILE *file, const char *name, const char *title,
                     const char *what)
{
    put_frame(s, file, name, title, what, cvy_scaling_unit(s));
    fputs("set xtics (", file);
    for (size_t i = 0; i < s->request.point_count; i++)
        fprintf(file, "%s%zu", i > 0 ? ", " : "", cvy_scaling_count(&s->points[i]));
    fputs(") offset 0,0.3\n", file);
}

static size_t last_count(const cvy_scaling *s)
{
    return cvy_scaling_count(&s->points[s->request.point_count - 1]);
}

static bool is_wide(const cvy_scaling *s)
{
    return last_count(s) > 8;
}

/* The end of the axis: 0.3 past the last point, or 10 % past it on a logarithmic axis. */
static double count_end(const cvy_scaling *s)
{
    return is_wide(s) ? 1.1 * (double)last_count(s) : (double)last_count(s) + 0.3;
}

static void put_count_axis(const cvy_scaling *s, FILE *file)
{
    fprintf(file, "%sset xrange [%g:%g]\n", is_wide(s) ? "set logscale x 2\n" : "",
            is_wide(s) ? 0.9 : 0.7, count_end(s));
}

/* Laws are drawn for a valid series of at least three points, because any law fits two. */
static bool has_laws(const cvy_scaling *s)
{
    return s->reason_count == 0 && s->request.point_count >= 3;
}

static void put_laws(const cvy_scaling *s, FILE *file)
{
    const cvy_usl *u = &s->usl;

    if (has_laws(s) && s->amdahl.is_found)
        fprintf(file, "amdahl(p) = 1 / (%.9g + (1 - %.9g) / p)\n", s->amdahl.serial_fraction,
                s->amdahl.serial_fraction);
    if (has_laws(s) && s->gustafson.is_found)
        fprintf(file, "gustafson(p) = p - %.9g * (p - 1)\n", s->gustafson.serial_fraction);
    if (has_laws(s) && u->is_found)
        fprintf(file, "usl(p) = %.9g * p / (1 + %.9g * (p - 1) + %.9g * p * (p - 1))\n",
                u->lambda / s->points[0].rate.median, u->sigma, u->kappa);
}

static double amdahl_at(const cvy_scaling *s, double p)
{
    return 1 / (s->amdahl.serial_fraction + (1 - s->amdahl.serial_fraction) / p);
}

static double usl_at(const cvy_scaling *s, double p)
{
    const cvy_usl *u = &s->usl;
    return u->lambda / s->points[0].rate.median * p /
           (1 + u->sigma * (p - 1) + u->kappa * p * (p - 1));
}

/* The speedup axis. */
typedef struct {
    bool is_log;
    double min, max;
} speedup_axis;

static speedup_axis plan_speedup(const cvy_scaling *s)
{
    speedup_axis axis = { .is_log = is_wide(s), .min = is_wide(s) ? 0.9 : 0, .max = count_end(s) };

    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        axis.max =
            fmax(axis.max, 1.05 * (isfinite(p->speedup_high) ? p->speedup_high : p->speedup));
        if (axis.is_log)
            axis.min =
                fmin(axis.min, 0.9 * (isfinite(p->speedup_low) ? p->speedup_low : p->speedup));
    }
    return axis;
}

static double place_of(const speedup_axis *axis, double value)
{
    return axis->is_log ? log(value / axis->min) / log(axis->max / axis->min)
                        : (value - axis->min) / (axis->max - axis->min);
}

enum { MEASURED, SERIAL_LAW, USL, IDEAL = CVY_CHART_STYLES };

static void put_speedup_names(const cvy_scaling *s, FILE *file, const speedup_axis *axis)
{
    const double end = count_end(s);
    const cvy_scaling_point *last = &s->points[s->request.point_count - 1];
    cvy_chart_end ends[4] = { { "measured", MEASURED, 1, place_of(axis, last->speedup) },
                              { "ideal", IDEAL, 1, place_of(axis, end) } };
    size_t count = 2;

    if (has_laws(s) && s->amdahl.is_found)
        ends[count++] =
            (cvy_chart_end){ "Amdahl", SERIAL_LAW, 1, place_of(axis, amdahl_at(s, end)) };
    else if (has_laws(s) && s->gustafson.is_found)
        ends[count++] =
            (cvy_chart_end){ "Gustafson", SERIAL_LAW, 1,
                             place_of(axis, end - s->gustafson.serial_fraction * (end - 1)) };
    if (has_laws(s) && s->usl.is_found)
        ends[count++] = (cvy_chart_end){ "USL", USL, 1, place_of(axis, usl_at(s, end)) };
    cvy_chart_ends_print(file, ends, count, FIELD, NAME_CHARACTERS);
}

static void write_speedup(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    const speedup_axis axis = plan_speedup(s);
    const bool has_interval = isfinite(s->points[0].rate.low);

    put_head(s, file, "speedup", s->request.is_weak ? "Scaled speedup" : "Speedup",
             has_interval ? "median, its 95 % interval" : "median");
    put_count_axis(s, file);
    if (axis.is_log)
        fputs("set logscale y 2\n", file);
    fprintf(file, "set yrange [%.6g:%.6g]\n", axis.min, axis.max);
    put_speedup_names(s, file, &axis);
    put_laws(s, file);
    fputs("plot x dashtype 3 linecolor rgb '" CVY_CHART_SOFT "'", file);
    if (has_laws(s) && (s->amdahl.is_found || s->gustafson.is_found)) {
        fprintf(file, ", \\\n     %s(x) ", s->amdahl.is_found ? "amdahl" : "gustafson");
        cvy_chart_style(file, SERIAL_LAW, 2);
    }
    if (has_laws(s) && s->usl.is_found) {
        fputs(", \\\n     usl(x) ", file);
        cvy_chart_style(file, USL, 2);
    }
    fprintf(file,
            ", \\\n     'scaling.csv' using (column('%s')):(column('speedup'))%s "
            "pointtype 7 pointsize 0.6 ",
            cvy_scaling_unit(s),
            has_interval ? ":(column('speedup_low')):(column('speedup_high')) with yerrorbars"
                         : " with points");
    cvy_chart_style(file, MEASURED, 2);
    fputc('\n', file);
}

static void write_efficiency(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    const double last = s->points[s->request.point_count - 1].efficiency;
    const char *unit = cvy_scaling_unit(s);
    double top = 1.1;

    for (size_t i = 0; i < s->request.point_count; i++)
        top = fmax(top, 1.1 * fmax(s->points[i].efficiency,
                                   isfinite(s->points[i].speedup_high)
                                       ? s->points[i].speedup_high /
                                             (double)cvy_scaling_count(&s->points[i])
                                       : 0));
    cvy_chart_end ends[] = { { "measured", MEASURED, 1, last / top },
                             { "ideal", IDEAL, 1, 1 / top } };
    const bool has_interval = isfinite(s->points[0].rate.low);
    put_head(s, file, "efficiency", "Efficiency",
             has_interval ? "median speedup over the number, its 95 % interval"
                          : "median speedup over the number");
    put_count_axis(s, file);
    fprintf(file, "set yrange [0:%.6g]\n", top);
    cvy_chart_ends_print(file, ends, 2, FIELD, NAME_CHARACTERS);
    fprintf(file,
            "plot 1 dashtype 3 linecolor rgb '" CVY_CHART_SOFT "', \\\n"
            "     'scaling.csv' using (column('%s')):(column('efficiency')) with lines ",
            unit);
    cvy_chart_style(file, MEASURED, 2);
    fprintf(file,
            ", \\\n     'scaling.csv' using (column('%s')):(column('efficiency'))%s pointtype 7 "
            "pointsize 0.6 ",
            unit,
            !has_interval ? " with points"
            : s->request.comm != NULL
                ? ":(column('speedup_low')/column('ranks')):(column('speedup_high')/"
                  "column('ranks')) with yerrorbars"
                : ":(column('speedup_low')/column('threads')):(column('speedup_high')/"
                  "column('threads')) with yerrorbars");
    cvy_chart_style(file, MEASURED, 2);
    fputc('\n', file);
}

/* One bar per point; the parts are named next to the last one. */
static void write_phases(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    const size_t count = s->request.point_count;
    cvy_chart_end ends[CVY_PHASE_COUNT];
    double top = 0, below = 0;

    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
            sum += 1e3 * s->points[i].phase[phase];
        top = fmax(top, 1.05 * sum);
    }
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++) {
        const double part = 1e3 * s->points[count - 1].phase[phase];
        ends[phase] = (cvy_chart_end){ cvy_phase_names[phase], phase, 1, (below + part / 2) / top };
        below += part;
    }
    put_head(s, file, "phases", "Milliseconds of a step", "medians");
    fprintf(file,
            "unset xtics\n"
            "set xtics scale 0 offset 0,0.3\n"
            "set style data histograms\n"
            "set style histogram rowstacked\n"
            "set style fill solid 1.0 border linecolor rgb '#ffffff'\n"
            "set boxwidth 0.8\n"
            "set xrange [-0.6:%g]\n"
            "set yrange [0:%.6g]\n",
            (double)count - 0.55, top);
    cvy_chart_ends_print(file, ends, CVY_PHASE_COUNT, FIELD, NAME_CHARACTERS);
    fputs("plot ", file);
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        fprintf(file, "%s'scaling.csv' using (column('%s_ms'))%s linecolor rgb '%s'",
                phase > 0 ? ", \\\n     " : "", cvy_phase_names[phase],
                phase > 0                 ? ""
                : s->request.comm != NULL ? ":xtic(stringcolumn('ranks'))"
                                          : ":xtic(stringcolumn('threads'))",
                cvy_chart_color(phase));
    fputc('\n', file);
}

static void write_repeats(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    put_head(s, file, "repeats", "Spread of the repeats", "throughput / median of its point");
    put_count_axis(s, file);
    fprintf(file,
            "set jitter spread 0.4\n"
            "plot 1 dashtype 3 linecolor rgb '" CVY_CHART_SOFT "', \\\n"
            "     'repeats.csv' using (column('%s')):(column('share_of_median')) with points "
            "pointtype 7 pointsize 0.5 ",
            cvy_scaling_unit(s));
    cvy_chart_style(file, MEASURED, 2);
    fputc('\n', file);
}

/* --- single steps --- */

/* The names of the points, in the order of their colors. */
enum { POINT_NAME_BYTES = 32 };

static void put_point_names(const cvy_scaling *s, FILE *file, const double *at, const double *place)
{
    cvy_chart_end ends[CVY_CHART_ENDS];
    char names[CVY_CHART_ENDS][POINT_NAME_BYTES];
    size_t count = 0;

    for (size_t i = 0; i < s->request.point_count && count < CVY_CHART_ENDS; i++) {
        if (isnan(place[i]))
            continue;
        const size_t point = cvy_scaling_count(&s->points[i]);
        snprintf(names[count], POINT_NAME_BYTES, "%zu %.*s", point,
                 (int)strlen(cvy_scaling_unit(s)) - (point == 1), cvy_scaling_unit(s));
        ends[count] = (cvy_chart_end){ names[count], i, at[i], place[i] };
        count++;
    }
    cvy_chart_ends_print(file, ends, count, FIELD, NAME_CHARACTERS);
}

static double share_on_log(double value, double low, double high)
{
    return fmin(fmax(log(value / low) / log(high / low), 0), 1);
}

static void write_step_times(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    double at[CVY_POINTS_MAX], place[CVY_POINTS_MAX], least = 0.5;
    const double low = 1e3 * cvy_scaling_bin_edge(s, 0),
                 high = 1e3 * cvy_scaling_bin_edge(s, CVY_STEP_BINS);

    put_frame(s, file, "step-times", "Distribution of step times", "all repeats",
              "milliseconds of a step");
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        size_t counts[CVY_STEP_BINS], last = 0;
        cvy_scaling_count_steps(s, i, counts);
        at[i] = place[i] = NAN;
        for (size_t bin = 0; bin < CVY_STEP_BINS; bin++)
            last = counts[bin] > 0 ? bin : last;
        if (p->step_time_count == 0)
            continue;
        least = fmin(least, 0.7 / (double)p->step_time_count);
        at[i] = ((double)last + 1) / CVY_STEP_BINS;
        place[i] = (double)counts[last] / (double)p->step_time_count;
    }
    for (size_t i = 0; i < s->request.point_count; i++)
        place[i] = isnan(place[i]) ? NAN : share_on_log(place[i], least, 1);
    fprintf(file,
            "set logscale x 2\nset logscale y\nset xrange [%.6g:%.6g]\nset yrange [%.6g:1]\n"
            "set xtics offset 0,0.3\nset format x '%%g'\nset format y '%%g'\n",
            low, high, least);
    put_point_names(s, file, at, place);
    fputs("plot ", file);
    for (size_t i = 0; i < s->request.point_count; i++) {
        fprintf(file,
                "%s'step-times.csv' skip 1 index %zu using 2:($5 > 0 ? $5 : %.6g) with fillsteps "
                "fillstyle transparent solid 0.2 noborder linecolor rgb '%s', \\\n"
                "     '' skip 1 index %zu using 2:($5 > 0 ? $5 : %.6g) with steps ",
                i > 0 ? ", \\\n     " : "", i, least / 10, cvy_chart_color(i), i, least / 10);
        cvy_chart_style(file, i, 2);
    }
    fputc('\n', file);
}

/* --- roofline --- */

/* Source: Williams, Waterman and Patterson, Roofline: An Insightful Visual Performance Model, CACM
 * 52(4), 2009. */
static void write_roofline(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    double at[CVY_POINTS_MAX], place[CVY_POINTS_MAX];
    double left = HUGE_VAL, right = 0, low = HUGE_VAL, high = 0;

    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        const double ridge = p->fma / p->triad;
        left = fmin(left, fmin(p->intensity, ridge) / 8);
        right = fmax(right, fmax(p->intensity, ridge) * 4);
        low = fmin(low, 1e-9 * p->flops / 3);
        high = fmax(high, 1e-9 * p->fma * 2);
    }
    put_frame(s, file, "roofline", "GFLOP/s under the roofline", "medians",
              "FLOPs for each byte moved");
    for (size_t i = 0; i < s->request.point_count; i++) {
        at[i] = 1;
        place[i] = share_on_log(1e-9 * s->points[i].fma, low, high);
    }
    fprintf(file,
            "set logscale xy 2\nset xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\n"
            "set xtics offset 0,0.3\nset format x '%%g'\nset format y '%%g'\n"
            "set samples 400\n"
            "roof(x, peak, band) = x * band < peak ? x * band : peak\n",
            left, right, low, high);
    put_point_names(s, file, at, place);
    fputs("plot ", file);
    for (size_t i = 0; i < s->request.point_count; i++) {
        const cvy_scaling_point *p = &s->points[i];
        fprintf(file, "%sroof(x, %.6g, %.6g) ", i > 0 ? ", \\\n     " : "", 1e-9 * p->fma,
                1e-9 * p->triad);
        cvy_chart_style(file, i, 2);
        fprintf(file,
                ", \\\n     'scaling.csv' using (column('%s') == %zu ? "
                "column('flops_per_byte') : NaN):(column('gflops')) with points pointtype 7 "
                "pointsize 1 linecolor rgb '%s'",
                cvy_scaling_unit(s), cvy_scaling_count(p), cvy_chart_color(i));
    }
    fputc('\n', file);
}

static void (*const writers[CVY_SCALING_PICTURES])(const void *scaling, FILE *file) = {
    write_speedup, write_efficiency, write_phases, write_repeats, write_step_times, write_roofline
};

/* --- files --- */

cvy_status cvy_scaling_draw(const cvy_scaling *s, const char *folder, cvy_pictures_end *end)
{
    const char *names[CVY_SCALING_PICTURES];

    for (size_t i = 0; i < CVY_SCALING_PICTURES; i++) {
        char script[64];
        names[i] = cvy_scaling_pictures[i].name;
        snprintf(script, sizeof script, "%s.gp", names[i]);
        cvy_status status = cvy_report_file_write(folder, script, writers[i], s);
        if (status != CVY_OK)
            return status;
    }
    cvy_gnuplot_remove(folder, names, CVY_SCALING_PICTURES, CVY_FORMATS_ALL);
    *end =
        cvy_gnuplot_run(folder, names, CVY_SCALING_PICTURES, s->request.formats | CVY_FORMAT_SVG);
    if (*end != CVY_PICTURES_DRAWN)
        cvy_gnuplot_remove(folder, names, CVY_SCALING_PICTURES, CVY_FORMATS_ALL);
    return CVY_OK;
}
