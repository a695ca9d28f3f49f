#include "charts/chart.h"

#include <math.h>
#include <string.h>

#include "charts/axis.h"
#include "charts/characters.h"
#include "charts/gnuplot.h"

enum { TICKS_MAX = 6, COLORS = 7 };

const char *cvy_chart_color(size_t number)
{
    static const char *const colors[COLORS] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                "#e69f00", "#56b4e9", "#882255" };
    return number < CVY_CHART_STYLES ? colors[number % COLORS] : "#999999";
}

void cvy_chart_style(FILE *file, size_t number, double width)
{
    static const char *const dashes[CVY_CHART_STYLES / COLORS] = { "1", "(7,3)", "(1.5,2.5)" };

    fprintf(file, "linewidth %g dashtype %s linecolor rgb '%s'",
            number < CVY_CHART_STYLES ? width : width / 2,
            number < CVY_CHART_STYLES ? dashes[number / COLORS] : "1", cvy_chart_color(number));
}

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
    cvy_chart_axis axis = { .scale = scale, .resolution = resolution, .ticks_max = TICKS_MAX };

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

cvy_chart_frame cvy_chart_frame_for(size_t longest)
{
    enum { SHORT = 19, LONG = 60, CHARACTER = 8, WIDTH = 520 };
    const size_t characters = longest < SHORT ? SHORT : longest < LONG ? longest : LONG;
    const size_t extra = (characters - SHORT) * CHARACTER, width = WIDTH + extra;

    return (cvy_chart_frame){ .characters = characters,
                              .width = width,
                              .extra = extra,
                              .left = 0.13 * WIDTH / (double)width,
                              .right = 0.66 * WIDTH / (double)width };
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

static size_t count_inside(const cvy_chart_axis *axis, const double *shares, size_t count)
{
    size_t inside = 0;
    for (size_t i = 0; i < count; i++) {
        const double at = scaled(axis, shares[i]);
        inside += at >= axis->min && at <= axis->max;
    }
    return inside;
}

static void print_share_ticks(FILE *file, const cvy_chart_axis *axis, double most)
{
    static const double wide[] = { 0,    0.2,  0.4,   0.6,   0.8,   0.9,   0.95,   0.97,
                                   0.98, 0.99, 0.995, 0.997, 0.998, 0.999, 0.9995, 0.9999 };
    static const double fine[] = { 0,     0.05, 0.1,   0.15, 0.2,   0.25,  0.3,   0.35,  0.4,
                                   0.45,  0.5,  0.55,  0.6,  0.65,  0.7,   0.75,  0.8,   0.85,
                                   0.88,  0.9,  0.92,  0.93, 0.94,  0.95,  0.96,  0.965, 0.97,
                                   0.975, 0.98, 0.985, 0.99, 0.992, 0.994, 0.996, 0.998, 0.999 };
    enum { WIDE = sizeof wide / sizeof *wide, FINE = sizeof fine / sizeof *fine, FEW = 3 };
    const bool is_fine = count_inside(axis, wide, WIDE) < FEW;
    const double *shares = is_fine ? fine : wide;
    double last = -HUGE_VAL;
    size_t said = 0;

    for (size_t i = 0; i < (is_fine ? FINE : WIDE); i++) {
        const double at = scaled(axis, shares[i]);
        if (at < axis->min || at > axis->max || at - last < (axis->max - axis->min) / most)
            continue;
        fprintf(file, "%s'%g %%%%' %.9g", said++ > 0 ? ", " : "", 100 * shares[i], at);
        last = at;
    }
}

static bool is_named(const cvy_tick *tick, bool is_tens_only)
{
    const double exponent = is_tens_only ? log10(tick->value) : 0;
    return tick->label[0] != '\0' && fabs(exponent - round(exponent)) < 1e-9;
}

static size_t count_named(const cvy_axis *axis, bool is_tens_only)
{
    size_t count = 0;
    for (size_t i = 0; i < axis->tick_count; i++)
        count += is_named(&axis->ticks[i], is_tens_only);
    return count;
}

/* The numbers are close to the x axis. */
static const char *end_of_ticks(const char *name)
{
    return name[0] == 'x' ? ") offset 0,0.3\n" : ")\n";
}

void cvy_chart_axis_print(FILE *file, const char *name, const cvy_chart_axis *axis)
{
    fprintf(file, "set %srange [%.9g:%.9g]\nset %stics (", name, axis->min, axis->max, name);
    if (axis->scale == CVY_SCALE_SHARE) {
        print_share_ticks(file, axis, name[0] == 'x' ? 5 : 9); /* side by side they need more
                                                                  room */
        fputs(end_of_ticks(name), file);
        return;
    }
    const bool is_log = axis->scale == CVY_SCALE_LOG;
    const cvy_axis plan = cvy_axis_plan(is_log ? pow(10, axis->min) : axis->min,
                                        is_log ? pow(10, axis->max) : axis->max, is_log, true);
    const size_t most = axis->ticks_max > 0 ? axis->ticks_max : TICKS_MAX;
    size_t seen = 0, said = 0;
    const bool is_tens_only =
        is_log && count_named(&plan, true) > 1 && count_named(&plan, false) > most;
    const size_t labels = count_named(&plan, is_tens_only);
    const size_t every = (labels + most - 1) / most;
    for (size_t i = 0; i < plan.tick_count; i++) {
        if (!is_named(&plan.ticks[i], is_tens_only) || seen++ % every != 0)
            continue;
        fputs(said++ > 0 ? ", " : "", file);
        char label[2 * CVY_TICK_BYTES], power[CVY_TICK_BYTES];
        cvy_power_of_ten(plan.exponent, power, sizeof power);
        snprintf(label, sizeof label, "%s%s%s", plan.ticks[i].label, plan.exponent != 0 ? "·" : "",
                 plan.exponent != 0 ? power : "");
        cvy_chart_text(file, label);
        fprintf(file, " %.9g", scaled(axis, plan.ticks[i].value));
    }
    fputs(end_of_ticks(name), file);
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

void cvy_chart_begin(FILE *file, const char *name, const char *title, const cvy_chart_frame *frame,
                     size_t height)
{
    cvy_gnuplot_begin(file, name, frame->width, height);
    fputs("set datafile separator ','\n"
          "set datafile missing ''\n"
          "set multiplot\n"
          "unset key\n"
          "set border 3 linecolor rgb 'black'\n"
          "set tics nomirror out scale 0.5\n"
          "set label 1 ",
          file);
    const size_t length = strcspn(title, "\n");
    char head[256];
    snprintf(head, sizeof head, "%.*s", (int)length, title);
    cvy_chart_text(file, head);
    fprintf(file, " at screen 0.015,%.4f left noenhanced font ',15'\n", 1 - 16.0 / (double)height);
    if (title[length] == '\0')
        return;
    fputs("set label 2 ", file);
    cvy_chart_text(file, title + length + 1);
    fprintf(file,
            " at screen 0.015,%.4f left noenhanced font ',12.5' textcolor rgb '" CVY_CHART_SOFT
            "'\n",
            1 - 35.0 / (double)height);
}

/* Space out the ends, which are sorted by position: push up from the bottom, then down from the
 * top. */
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

/* The text after its first `count` characters. */
static const char *skip(const char *text, size_t count)
{
    while (count-- > 0 && *text != '\0')
        text += cvy_character_bytes(text);
    return text;
}

void cvy_chart_name(FILE *file, const char *label, const char *more, size_t characters)
{
    const size_t count = cvy_character_count(label);
    const size_t tail = 3 * (characters - 1) / 4, head = characters - 1 - tail;
    char text[512];

    if (count <= characters)
        snprintf(text, sizeof text, "%s%s", label, more);
    else
        snprintf(text, sizeof text, "%.*s…%s%s", (int)(skip(label, head) - label), label,
                 skip(label, count - tail), more);
    cvy_chart_text(file, text);
}

void cvy_chart_ends_print(FILE *file, cvy_chart_end *ends, size_t count, double height_pixels,
                          size_t characters)
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
    spread(order, drawn, CVY_CHART_LINE / height_pixels);
    for (size_t i = 0; i < drawn; i++) {
        if (!isnan(from[i])) {
            fprintf(file, "set arrow from graph %.4f,%.4f to graph 1.05,%.4f nohead ",
                    fmin(order[i]->at, 1) + 0.005, from[i], order[i]->place);
            cvy_chart_style(file, order[i]->style, order[i]->at < 0.995 ? 0.5 : 2);
            fputc('\n', file);
        }
        fputs("set label ", file);
        cvy_chart_name(file, order[i]->label, isnan(from[i]) ? " ×" : "", characters);
        fprintf(file, " at graph 1.065,%.4f left noenhanced font ',12'\n", order[i]->place);
    }
}
