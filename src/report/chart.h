/* Charts as gnuplot scripts: lines with names at their ends, and rows of dots. */
#ifndef CVY_REPORT_CHART_H
#define CVY_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CVY_CHART_WIDTH = 560 };

/* What an axis does to numbers. */
typedef enum {
    CVY_SCALE_LINEAR,
    CVY_SCALE_LOG,
    CVY_SCALE_SHARE, /* 0 .. 1 by the logarithm of what is missing to 1: 90 %, 99 %, 99.9 % ... */
} cvy_scale;

typedef struct {
    cvy_scale scale;
    double min, max;   /* after the scale */
    double resolution; /* SHARE: half of the least difference to 1 that there is */
} cvy_chart_axis;

/** An axis that holds values from min to max. */
cvy_chart_axis cvy_chart_axis_plan(cvy_scale scale, double min, double max, double resolution);

/** Where a value stands, 0 .. 1 from one end to the other. */
double cvy_chart_axis_place(const cvy_chart_axis *axis, double value);

/** Range and ticks. name  "x", "y" */
void cvy_chart_axis_print(FILE *file, const char *name, const cvy_chart_axis *axis);

/** gnuplot's expression for a column on this axis. */
void cvy_chart_column(FILE *file, const cvy_chart_axis *axis, size_t column);

/** A text in single quotes, as gnuplot reads it. */
void cvy_chart_text(FILE *file, const char *text);

/** What every script begins with. */
void cvy_chart_begin(FILE *file, const char *name, const char *title, size_t height);

/* A name at the end of a line. */
typedef struct {
    const char *label, *color;
    double place; /* 0 .. 1 in the height of the plot; NaN: not drawn, named at the bottom */
} cvy_chart_end;

enum { CVY_CHART_ENDS = 16, CVY_CHART_LABEL = 20 };

/** Write the names to the right of a plot, so that none covers another. */
void cvy_chart_ends_print(FILE *file, cvy_chart_end *ends, size_t count, double height_pixels);

#endif
