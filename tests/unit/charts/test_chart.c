#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charts/chart.h"

/* What is written into a file that is memory; released with free(). */
static char *text;
static size_t text_bytes;

static FILE *open_text(void)
{
    return open_memstream(&text, &text_bytes);
}

Test(chart, every_line_of_a_chart_looks_different)
{
    char seen[CVY_CHART_STYLES][128];

    for (size_t i = 0; i < CVY_CHART_STYLES; i++) {
        FILE *file = open_text();
        cvy_chart_style(file, i, 2);
        fclose(file);
        snprintf(seen[i], sizeof seen[i], "%s", text);
        free(text);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(seen[i], seen[j], "lines %zu and %zu", j, i);
    }
}

Test(chart, names_keep_clear_of_each_other)
{
    enum { HEIGHT = CVY_CHART_ENDS * CVY_CHART_LINE };
    cvy_chart_end ends[CVY_CHART_ENDS];
    double places[CVY_CHART_ENDS], last = -HUGE_VAL;
    size_t count = 0;

    for (size_t i = 0; i < CVY_CHART_ENDS; i++)
        ends[i] = (cvy_chart_end){ "a", i, 1, i < 3 ? NAN : 0.5 };
    FILE *file = open_text();
    cvy_chart_ends_print(file, ends, CVY_CHART_ENDS, HEIGHT, 19);
    fclose(file);
    for (char *label = text; (label = strstr(label, "at graph 1.065,")) != NULL; label += 15)
        places[count++] = strtod(label + 15, NULL);
    free(text);

    cr_assert_eq(count, CVY_CHART_ENDS);
    for (size_t i = 0; i < count; i++) {
        cr_expect(places[i] >= -1e-4 && places[i] <= 1 + 1e-4, "%g", places[i]);
        cr_expect(places[i] - last > (CVY_CHART_LINE - 0.1) / HEIGHT, "%g above %g", places[i],
                  last);
        last = places[i];
    }
}

static void expect_name(const char *label, size_t characters, const char *expected)
{
    FILE *file = open_text();
    cvy_chart_name(file, label, "", characters);
    fclose(file);
    cr_expect_str_eq(text, expected);
    free(text);
}

Test(chart, the_middle_of_a_long_name_is_left_out)
{
    expect_name("sgd momentum=0.9", 19, "'sgd momentum=0.9'");
    expect_name("sgd learning_rate=0.05 momentum=0.9", 19, "'sgd l… momentum=0.9'");
    expect_name("ééééééééééüüüüüüüüüü", 19, "'ééééé…éééüüüüüüüüüü'");
    expect_name("it's", 19, "'it''s'");
}

Test(chart, a_share_axis_has_names_wherever_it_lies)
{
    static const double ranges[][2] = { { 0.1, 0.99 },   { 0.72, 0.86 },   { 0.81, 0.88 },
                                        { 0.925, 0.96 }, { 0.985, 0.995 }, { 0.1, 0.3 } };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const cvy_chart_axis axis =
            cvy_chart_axis_plan(CVY_SCALE_SHARE, ranges[i][0], ranges[i][1], 0.0005);
        size_t names = 0;
        FILE *file = open_text();
        cvy_chart_axis_print(file, "y", &axis);
        fclose(file);
        for (const char *c = text; (c = strstr(c, "%'")) != NULL; c += 2)
            names++;
        cr_expect_geq(names, 2, "%g .. %g: %s", ranges[i][0], ranges[i][1], text);
        free(text);
    }
}
