/* Charts as gnuplot scripts: lines labeled at their ends, and rows of dots. */
#ifndef CVY_CHARTS_CHART_H
#define CVY_CHARTS_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The color of less important parts. */
#define CVY_CHART_SOFT "#5a626c"

enum {
    CVY_CHART_TOP = 54, /* pixels for title and subtitle */
    CVY_CHART_STYLES = 21,
    CVY_CHART_LINE = 17, /* pixels from one name to the next */
};

/* The width of a chart, which leaves room for names, and the fractions of it between which the plot
 * lies. */
typedef struct {
    size_t characters;   /* longest name; the middle of a longer one is left out */
    size_t width, extra; /* in pixels; extra: more than with short names */
    double left, right;
} cvy_chart_frame;

/** The frame for names of at most `longest` characters. */
cvy_chart_frame cvy_chart_frame_for(size_t longest);

/** The color of line `number`, from 0: those of Okabe and Ito, which color-blind readers can
 *  distinguish, without their yellow. The seven colors repeat with other dashes; grey from
 *  CVY_CHART_STYLES on. */
const char *cvy_chart_color(size_t number);

/** Write gnuplot's options for width, dashes and color of a line. */
void cvy_chart_style(FILE *file, size_t number, double width);

/* How an axis transforms numbers. */
typedef enum {
    CVY_SCALE_LINEAR,
    CVY_SCALE_LOG,
    CVY_SCALE_SHARE, /* 0 .. 1 by the logarithm of the difference to 1: 90 %, 99 %, 99.9 % ... */
} cvy_scale;

typedef struct {
    cvy_scale scale;
    double min, max;   /* after the transformation */
    size_t ticks_max;  /* labeled ones; not for SHARE */
    double resolution; /* SHARE: half of the smallest difference to 1 in the data */
} cvy_chart_axis;

/** Plan an axis for values from min to max. */
cvy_chart_axis cvy_chart_axis_plan(cvy_scale scale, double min, double max, double resolution);

/** The position of a value, from 0 at one end to 1 at the other. */
double cvy_chart_axis_place(const cvy_chart_axis *axis, double value);

/** Write range and ticks. name: "x", "y" */
void cvy_chart_axis_print(FILE *file, const char *name, const cvy_chart_axis *axis);

/** Write gnuplot's expression for a column on this axis. */
void cvy_chart_column(FILE *file, const cvy_chart_axis *axis, size_t column);

/** Write a text in gnuplot's single quotes. */
void cvy_chart_text(FILE *file, const char *text);

/** Write the beginning of a script. title: the text after a line feed is a subtitle, for instance
 *  the n */
void cvy_chart_begin(FILE *file, const char *name, const char *title, const cvy_chart_frame *frame,
                     size_t height);

/* A name at the end of a line. */
typedef struct {
    const char *label;
    size_t style;
    double at;    /* end of the line, as a fraction of the plot's width */
    double place; /* ... and of its height; NaN: no line, named at the bottom */
} cvy_chart_end;

enum { CVY_CHART_ENDS = CVY_CHART_STYLES };

/** Write a name in quotes; of a long one the middle is left out, since its ends distinguish it from
 *  others. */
void cvy_chart_name(FILE *file, const char *label, const char *more, size_t characters);

/** Write the names to the right of a plot without overlaps. */
void cvy_chart_ends_print(FILE *file, cvy_chart_end *ends, size_t count, double height_pixels,
                          size_t characters);

#endif
