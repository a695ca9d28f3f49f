/* An axis of a plot: its range, and the positions and labels of its ticks. */
#ifndef CVY_CHARTS_AXIS_H
#define CVY_CHARTS_AXIS_H

#include <stdbool.h>
#include <stddef.h>

enum { CVY_TICKS_MAX = 64, CVY_TICK_BYTES = 48 };

typedef struct {
    double value;
    char label[CVY_TICK_BYTES]; /* UTF-8; empty for a fine tick between two others */
} cvy_tick;

typedef struct {
    bool is_log;
    double min, max; /* the visible range, min < max */
    int exponent;    /* if not 0, the labels are in units of 10 to this power */
    cvy_tick ticks[CVY_TICKS_MAX];
    size_t tick_count;
} cvy_axis;

/* Larger numbers are not drawn, because their differences could overflow. */
static const double cvy_axis_limit = 1e300;

/**
 * Plan an axis for values from min to max, both finite, min <= max <= cvy_axis_limit.
 * is_log    logarithmic; min must then be above 0
 * is_tight  begin and end at the values, or at ticks very near to them; else at round numbers, and
 *           a linear axis at 0 if that is not far
 */
cvy_axis cvy_axis_plan(double min, double max, bool is_log, bool is_tight);

/** The position of a value on the axis: 0 at min, 1 at max. */
double cvy_axis_place(const cvy_axis *axis, double value);

/** Print a power of ten as "10⁻⁵". */
void cvy_power_of_ten(int exponent, char *text, size_t size);

#endif
