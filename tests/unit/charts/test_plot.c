/* Plots: well-formed SVG with everything in it that was asked for, and inside of its frame. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charts/plot.h"

enum { DEPTH_MAX = 16, NAME_BYTES = 32 };

/* --- a small check of XML --- */

static size_t name_length(const char *text)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '-')
        length++;
    return length;
}

/* "&" must begin one of the three that plots use. */
static const char *skip_text(const char *at)
{
    for (; *at != '<' && *at != '\0'; at++) {
        cr_assert(*at != '>' && (*at == '\n' || (unsigned char)*at >= ' '), "\"%.20s\"", at);
        if (*at == '&')
            cr_assert(strncmp(at, "&amp;", 5) == 0 || strncmp(at, "&lt;", 4) == 0 ||
                          strncmp(at, "&gt;", 4) == 0,
                      "\"%.20s\"", at);
    }
    return at;
}

/* Behind the name: attributes with values between double quotes, then ">" or "/>". */
static const char *skip_attributes(const char *at)
{
    while (*at == ' ') {
        const size_t length = name_length(++at);
        cr_assert(length > 0 && at[length] == '=' && at[length + 1] == '"', "\"%.20s\"", at);
        for (at += length + 2; *at != '"'; at++)
            cr_assert(*at != '<' && *at != '&' && *at != '\0');
        at++;
    }
    return at;
}

/* Every tag is closed in its turn, and around everything is one svg. */
static void expect_well_formed(const char *svg)
{
    char open[DEPTH_MAX][NAME_BYTES];
    size_t depth = 0;

    cr_assert(strncmp(svg, "<svg ", 5) == 0);
    for (const char *at = svg; *at != '\0'; at = skip_text(at)) {
        const bool is_end = *++at == '/';
        const char *name = at + is_end;
        const size_t length = name_length(name);
        cr_assert(length > 0 && length < NAME_BYTES, "\"%.20s\"", at);
        at = skip_attributes(name + length);
        if (is_end) {
            cr_assert(depth > 0 && strncmp(open[depth - 1], name, length) == 0, "\"%.20s\"", name);
            depth--;
        } else if (*at == '/') {
            at++;
        } else {
            cr_assert_lt(depth, DEPTH_MAX);
            snprintf(open[depth++], NAME_BYTES, "%.*s", (int)length, name);
        }
        cr_assert_eq(*at++, '>');
        cr_assert(depth > 0 || strcmp(at, "\n") == 0, "text behind the end");
    }
    cr_assert_eq(depth, 0);
}

/* --- what is in a plot --- */

static char *draw(const cvy_plot *plot)
{
    char *svg;
    size_t bytes;

    cr_assert_eq(cvy_plot_draw(plot, &svg, &bytes), CVY_OK);
    cr_assert_eq(strlen(svg), bytes);
    expect_well_formed(svg);
    return svg;
}

static size_t count(const char *svg, const char *what)
{
    size_t found = 0;
    while ((svg = strstr(svg, what)) != NULL) {
        svg += strlen(what);
        found++;
    }
    return found;
}

static void expect_text(const char *svg, const char *what)
{
    cr_expect_not_null(strstr(svg, what), "expected %s", what);
}

/* The n-th line, of which only numbers and the letters M, L, h are expected. */
static const char *line(const char *svg, size_t n)
{
    const char *at = strstr(svg, "<line class=\"cvy-axis\"");

    for (size_t i = 0; i <= n; i++)
        at = strstr(at + 1, "<path");
    at = strstr(at, " d=\"") + 4;
    cr_assert_eq(at[strspn(at, "MLh0123456789. \n")], '"', "\"%.40s\"", at);
    return at;
}

static const double ramp[] = { 0, 1, 2, 3 };
static const double falling[] = { 3, 2.5, 2, 0.5 };

static cvy_plot plot_of(const cvy_plot_series *series, size_t series_count)
{
    return (cvy_plot){ .title = "Title",
                       .x_label = "step",
                       .y_label = "rate",
                       .series = series,
                       .series_count = series_count };
}

Test(plot, has_title_names_and_ticks)
{
    const cvy_plot_series series = { .name = "one", .y = ramp, .count = 4 };
    cvy_plot plot = plot_of(&series, 1);

    plot.subtitle = "all of it";
    char *svg = draw(&plot);
    expect_text(svg, "<title>Title</title>");
    expect_text(svg, ">Title</text>");
    expect_text(svg, ">all of it</text>");
    expect_text(svg, ">step</text>");
    expect_text(svg, ">rate</text>");
    expect_text(svg, ">0.5</text>");
    expect_text(svg, ">3.0</text>");
    expect_text(svg, "prefers-color-scheme:dark");
    cr_expect_null(strstr(svg, ">one</text>"), "a legend of a single line");
    cr_expect_null(strstr(svg, "href"));
    cr_expect_null(strstr(svg, "url("));
    cr_expect_eq(count(svg, "<circle"), 4);
    free(svg);
}

Test(plot, lines_have_a_legend_and_looks_of_their_own)
{
    cvy_plot_series series[20];
    char names[20][8];

    for (size_t i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "line %zu", i);
        series[i] = (cvy_plot_series){ .name = names[i], .x = ramp, .y = falling, .count = 4 };
    }
    const cvy_plot plot = plot_of(series, 20);
    char *svg = draw(&plot);
    for (size_t i = 0; i < 20; i++) {
        char entry[32];
        snprintf(entry, sizeof entry, ">line %zu</text>", i);
        expect_text(svg, entry);
    }
    cr_expect_eq(count(svg, "class=\"cvy-line cvy-c3\""), 2);
    cr_expect_eq(count(svg, "class=\"cvy-line cvy-c3 cvy-dash1\""), 2);
    cr_expect_eq(count(svg, "class=\"cvy-line cvy-c3 cvy-dash2\""), 2);
    free(svg);
}

Test(plot, points_lie_where_they_belong)
{
    const cvy_plot_series series = { .y = ramp, .count = 4 };
    const cvy_plot plot = plot_of(&series, 1);
    char *svg = draw(&plot);
    double x[4], y[4];

    const char *at = line(svg, 0);
    cr_assert_eq(sscanf(at, "\nM%lf %lfh0\nL%lf %lf\nL%lf %lf\nL%lf %lf\"", &x[0], &y[0], &x[1],
                        &y[1], &x[2], &y[2], &x[3], &y[3]),
                 8, "%.80s", at);
    for (size_t i = 1; i < 4; i++) {
        cr_expect_float_eq(x[i] - x[0], (x[3] - x[0]) * (double)i / 3, 0.02);
        cr_expect_float_eq(y[0] - y[i], 300 * (double)i / 3, 0.02);
    }
    free(svg);
}

Test(plot, gaps_where_there_is_no_number)
{
    const double y[] = { 1, NAN, 2, 3, HUGE_VAL, -HUGE_VAL, 1e305, 4 };
    const cvy_plot_series series = { .y = y, .count = 8 };
    cvy_plot plot = plot_of(&series, 1);
    char *svg = draw(&plot);

    cr_expect_eq(count(line(svg, 0), "M"), 3);
    cr_expect_eq(count(svg, "<circle"), 4);
    free(svg);
}

Test(plot, a_logarithmic_axis_leaves_out_what_is_not_above_0)
{
    const double y[] = { -1, 0, 1e-5, 1e-3, 0, 1 };
    const cvy_plot_series series = { .y = y, .count = 6 };
    cvy_plot plot = plot_of(&series, 1);

    plot.is_y_log = true;
    char *svg = draw(&plot);
    cr_expect_eq(count(svg, "<circle"), 3);
    expect_text(svg, ">10⁻³</text>");
    free(svg);
}

Test(plot, nothing_to_show_is_an_empty_frame)
{
    const double y[] = { NAN };
    const cvy_plot_series series[] = { { .y = y, .count = 1 }, { .y = y, .count = 0 } };
    const cvy_plot none = plot_of(NULL, 0), empty = plot_of(series, 2);

    free(draw(&none));
    free(draw(&empty));
}

/* Of a million points a few thousand are kept, the single high one among them. */
Test(plot, many_points_become_few_and_none_that_shows_is_lost)
{
    enum { MANY = 1000000 };
    double *y = calloc(MANY, sizeof *y);
    char *svg;

    cr_assert_not_null(y);
    for (size_t i = 0; i < MANY; i++)
        y[i] = i % 2 == 0 ? 0.25 : 0.5;
    y[654321] = 1;
    const cvy_plot_series series = { .y = y, .count = MANY };
    const cvy_plot plot = plot_of(&series, 1);
    svg = draw(&plot);
    cr_expect_lt(strlen(svg), 100000);
    const double top = strtod(strstr(strstr(svg, "cvy-grid\" x1"), " y1=\"") + 5, NULL) - 300;
    char high[32];
    snprintf(high, sizeof high, " %g", top);
    cr_expect_not_null(strstr(line(svg, 0), high), "no point at the height%s", high);
    free(svg);
    free(y);
}

Test(plot, texts_are_escaped)
{
    const cvy_plot_series series[] = {
        { .name = "a<b>&\"c\"", .y = ramp, .count = 4 },
        { .name = "\xff\xc0\x80\xed\xa0\x80\x01|\xc3\xa4", .y = ramp, .count = 4 }
    };
    cvy_plot plot = plot_of(series, 2);

    plot.title = "</title><script>";
    char *svg = draw(&plot);
    expect_text(svg, ">a&lt;b&gt;&amp;\"c\"</text>");
    expect_text(svg, ">???????|ä</text>");
    cr_expect_null(strstr(svg, "<script"));
    free(svg);
}

Test(plot, a_long_subtitle_is_broken_and_in_the_end_cut)
{
    const cvy_plot_series series = { .y = ramp, .count = 4 };
    cvy_plot plot = plot_of(&series, 1);
    char text[2001] = "";

    for (size_t i = 0; i < 30; i++)
        strcat(text, "key=12345,");
    plot.subtitle = text;
    char *svg = draw(&plot);
    cr_expect_eq(count(svg, "key=12345,</text>"), 3);
    free(svg);

    memset(text, 'x', 2000);
    text[2000] = '\0';
    svg = draw(&plot);
    expect_text(svg, "xxx …</text>");
    free(svg);
}

Test(plot, a_file_that_cannot_be_written_is_an_error)
{
    const cvy_plot_series series = { .y = ramp, .count = 4 };
    const cvy_plot plot = plot_of(&series, 1);

    cr_expect_eq(cvy_plot_save(&plot, "/nowhere/plot.svg"), CVY_ERR_OPEN);
    cr_expect_not_null(strstr(cvy_error_message(), "/nowhere"));
}
