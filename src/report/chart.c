#include "report/chart.h"

#include <math.h>
#include <string.h>

#include "report/axis.h"
#include "report/svg.h"

enum { TICKS_MAX = 6 };

static double scaled(const cvy_chart_axis *axis, double value)
{
    if (axis->scale == CVY_SCALE_LOG)
        return log10(value);
    if (axis->scale == CVY_SCALE_SHARE)
        return -log10(fmax(1 - value, 0) + axis->resolution);
    return value;
}

cvy_chart_axis cvy_chart_axis_plan(cvy_scale scale, double min, double max, double resolution)
{
    cvy_chart_axis axis = { .scale = scale, .resolution = resolution };

    if (scale == CVY_SCALE_SHARE) {
        axis.min = scaled(&axis, min);
        axis.max = scaled(&axis, max);
        const double edge = fmax(0.04 * (axis.max - axis.min), 0.02);
        axis.min -= edge;
        axis.max += edge;
        return axis;
    }
    const cvy_axis plan = cvy_axis_plan(min, max, scale == CVY_SCALE_LOG, true);
    axis.min = scaled(&axis, plan.min);
    axis.max = scaled(&axis, plan.max);
    return axis;
}

double cvy_chart_axis_place(const cvy_chart_axis *axis, double value)
{
    const double place = (scaled(axis, value) - axis->min) / (axis->max - axis->min);
    return isfinite(place) ? fmin(fmax(place, 0), 1) : NAN;
}

void cvy_chart_text(FILE *file, const char *text)
{
    fputc('\'', file);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputc('\'', file);
        fputc((unsigned char)*text < 0x20 ? ' ' : *text, file);
    }
    fputc('\'', file);
}

static void print_share_ticks(FILE *file, const cvy_chart_axis *axis, double most)
{
    static const double shares[] = { 0,    0.2,  0.4,   0.6,   0.8,   0.9,   0.95,   0.97,
                                     0.98, 0.99, 0.995, 0.997, 0.998, 0.999, 0.9995, 0.9999 };
    double last = -HUGE_VAL;
    size_t said = 0;

    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        const double at = scaled(axis, shares[i]);
        if (at < axis->min || at > axis->max || at - last < (axis->max - axis->min) / most)
            continue;
        fprintf(file, "%s'%g %%%%' %.9g", said++ > 0 ? ", " : "", 100 * shares[i], at);
        last = at;
    }
}

void cvy_chart_axis_print(FILE *file, const char *name, const cvy_chart_axis *axis)
{
    fprintf(file, "set %srange [%.9g:%.9g]\nset %stics (", name, axis->min, axis->max, name);
    if (axis->scale == CVY_SCALE_SHARE) {
        print_share_ticks(file, axis, name[0] == 'x' ? 5 : 9); /* side by side they need room */
        fputs(")\n", file);
        return;
    }
    const bool is_log = axis->scale == CVY_SCALE_LOG;
    const cvy_axis plan = cvy_axis_plan(is_log ? pow(10, axis->min) : axis->min,
                                        is_log ? pow(10, axis->max) : axis->max, is_log, true);
    size_t labels = 0, seen = 0, said = 0;
    for (size_t i = 0; i < plan.tick_count; i++)
        labels += plan.ticks[i].label[0] != '\0';
    const size_t every = (labels + TICKS_MAX - 1) / TICKS_MAX;
    for (size_t i = 0; i < plan.tick_count; i++) {
        if (plan.ticks[i].label[0] == '\0' || seen++ % every != 0)
            continue;
        fputs(said++ > 0 ? ", " : "", file);
        char label[2 * CVY_TICK_BYTES], power[CVY_TICK_BYTES];
        cvy_power_of_ten(plan.exponent, power, sizeof power);
        snprintf(label, sizeof label, "%s%s%s", plan.ticks[i].label, plan.exponent != 0 ? "·" : "",
                 plan.exponent != 0 ? power : "");
        cvy_chart_text(file, label);
        fprintf(file, " %.9g", scaled(axis, plan.ticks[i].value));
    }
    fputs(")\n", file);
}

void cvy_chart_column(FILE *file, const cvy_chart_axis *axis, size_t column)
{
    if (axis->scale == CVY_SCALE_LOG)
        fprintf(file, "(log10($%zu))", column);
    else if (axis->scale == CVY_SCALE_SHARE)
        fprintf(file, "(-log10((1-$%zu)+%.9g))", column, axis->resolution);
    else
        fprintf(file, "($%zu)", column);
}

void cvy_chart_begin(FILE *file, const char *name, const char *title, size_t height)
{
    fprintf(file,
            "# gnuplot %s.gp draws %s.svg from the CSV file beside it.\n"
            "set encoding utf8\n"
            "set datafile separator ','\n"
            "set datafile missing ''\n"
            "set terminal svg size %d,%zu font 'Helvetica,14' background rgb 'white'\n"
            "set output '%s.svg'\n"
            "set multiplot\n"
            "unset key\n"
            "set border 3 linecolor rgb 'black'\n"
            "set tics nomirror out scale 0.5\n"
            "set label 1 ",
            name, name, CVY_CHART_WIDTH, height, name);
    cvy_chart_text(file, title);
    fprintf(file, " at screen 0.015,%.4f left noenhanced font ',15'\n", 1 - 16.0 / (double)height);
}

/* Places far enough apart: pushed up from below, then down from above. The ends are in rising order. */
static void spread(cvy_chart_end *const *ends, size_t count, double gap)
{
    double floor = 0, ceiling = 1;

    for (size_t i = 0; i < count; i++) {
        ends[i]->place = fmax(ends[i]->place, floor);
        floor = ends[i]->place + gap;
    }
    for (size_t i = count; i-- > 0;) {
        ends[i]->place = fmin(ends[i]->place, ceiling);
        ceiling = ends[i]->place - gap;
    }
}

static void print_label(FILE *file, const char *label, const char *more)
{
    char text[256];
    size_t bytes = 0, characters = 0;

    while (label[bytes] != '\0' && characters < CVY_CHART_LABEL && bytes + 8 < sizeof text) {
        bytes += cvy_svg_character_bytes(label + bytes);
        characters++;
    }
    snprintf(text, sizeof text, "%.*s%s%s", (int)bytes, label, label[bytes] != '\0' ? "…" : "",
             more);
    cvy_chart_text(file, text);
}

void cvy_chart_ends_print(FILE *file, cvy_chart_end *ends, size_t count, double height_pixels)
{
    cvy_chart_end *order[CVY_CHART_ENDS];
    double from[CVY_CHART_ENDS];
    size_t drawn = 0;

    for (size_t i = 0; i < count && drawn < CVY_CHART_ENDS; i++) {
        size_t place = drawn;
        const double at = isnan(ends[i].place) ? -1 : ends[i].place;
        for (; place > 0; place--) {
            const double other = isnan(order[place - 1]->place) ? -1 : order[place - 1]->place;
            if (other <= at)
                break;
            order[place] = order[place - 1];
        }
        order[place] = &ends[i];
        drawn++;
    }
    for (size_t i = 0; i < drawn; i++) {
        from[i] = order[i]->place;
        if (isnan(from[i]))
            order[i]->place = 0;
    }
    spread(order, drawn, 17 / height_pixels);
    for (size_t i = 0; i < drawn; i++) {
        if (!isnan(from[i]))
            fprintf(file,
                    "set arrow from graph 1.005,%.4f to graph 1.05,%.4f nohead linewidth 2 "
                    "linecolor rgb '%s'\n",
                    from[i], order[i]->place, order[i]->color);
        fputs("set label ", file);
        print_label(file, order[i]->label, isnan(from[i]) ? " ×" : "");
        fprintf(file, " at graph 1.065,%.4f left noenhanced font ',13'\n", order[i]->place);
    }
}
