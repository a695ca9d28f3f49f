/* Charts as gnuplot scripts: lines with names at their ends, and rows of dots. */
#ifndef CVY_CHARTS_CHART_H
#define CVY_CHARTS_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What is less important is drawn in. */
#define CVY_CHART_SOFT "#5a626c"

enum {
    CVY_CHART_TOP = 54, /* pixels that title and subtitle take */
    CVY_CHART_STYLES = 21,
    CVY_CHART_LINE = 17, /* pixels from one name to the next */
};

/* How wide a chart is, so that names have room, and between which shares of it the field lies. */
typedef struct {
    size_t characters;   /* of a name at most: the middle of a longer one is left out */
    size_t width, extra; /* pixels; of them more than a chart has with short names */
    double left, right;
} cvy_chart_frame;

/** The frame for names of which the longest has so many characters. */
cvy_chart_frame cvy_chart_frame_for(size_t longest);

/** The colour of a line, by its number from 0: Okabe and Ito's, which the colour-blind can tell apart, without
 *  their yellow. Seven colours come back with other dashes; grey from CVY_CHART_STYLES on. */
const char *cvy_chart_color(size_t number);

/** gnuplot's words for width, dashes and colour of a line. */
void cvy_chart_style(FILE *file, size_t number, double width);

/* What an axis does to numbers. */
typedef enum {
    CVY_SCALE_LINEAR,
    CVY_SCALE_LOG,
    CVY_SCALE_SHARE, /* 0 .. 1 by the logarithm of what is missing to 1: 90 %, 99 %, 99.9 % ... */
} cvy_scale;

typedef struct {
    cvy_scale scale;
    double min, max;   /* after the scale */
    size_t ticks_max;  /* with names, but for SHARE */
    double resolution; /* SHARE: half of the least difference to 1 that there is */
} cvy_chart_axis;

/** An axis that holds values from min to max. */
cvy_chart_axis cvy_chart_axis_plan(cvy_scale scale, double min, double max, double resolution);

/** The place of a value, 0 .. 1 from one end to the other. */
double cvy_chart_axis_place(const cvy_chart_axis *axis, double value);

/** Range and ticks. name  "x", "y" */
void cvy_chart_axis_print(FILE *file, const char *name, const cvy_chart_axis *axis);

/** gnuplot's expression for a column on this axis. */
void cvy_chart_column(FILE *file, const cvy_chart_axis *axis, size_t column);

/** A text in single quotes, as gnuplot reads it. */
void cvy_chart_text(FILE *file, const char *text);

/** What every script begins with. title  what follows a line feed is a subtitle: the n, say */
void cvy_chart_begin(FILE *file, const char *name, const char *title, const cvy_chart_frame *frame,
                     size_t height);

/* A name at the end of a line. */
typedef struct {
    const char *label;
    size_t style;
    double at;    /* where the line ends, 0 .. 1 in the width of the plot */
    double place; /* ... and in its height; NaN: not drawn, named at the bottom */
} cvy_chart_end;

enum { CVY_CHART_ENDS = CVY_CHART_STYLES };

/** A name in quotes; the middle of a long one is left out, for its ends tell it from others. */
void cvy_chart_name(FILE *file, const char *label, const char *more, size_t characters);

/** Write the names to the right of a plot, so that none covers another. */
void cvy_chart_ends_print(FILE *file, cvy_chart_end *ends, size_t count, double height_pixels,
                          size_t characters);

#endif
