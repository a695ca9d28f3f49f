/* An axis of a plot: the range it shows, and the places and labels of its ticks. */
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
    double min, max; /* what is shown, min < max */
    int exponent;    /* not 0: the labels are in units of 10 to this power */
    cvy_tick ticks[CVY_TICKS_MAX];
    size_t tick_count;
} cvy_axis;

/* Numbers beyond this are not drawn: differences of them could overflow. */
static const double cvy_axis_limit = 1e300;

/**
 * An axis for values from min to max, both finite, min <= max <= cvy_axis_limit.
 * is_log    logarithmic; then min is above 0
 * is_tight  it begins and ends with the values, or at ticks very near to them; else at round numbers,
 *           and a linear one at 0 when that is not far
 */
cvy_axis cvy_axis_plan(double min, double max, bool is_log, bool is_tight);

/** Where on the axis a value lies: 0 at min, 1 at max. */
double cvy_axis_place(const cvy_axis *axis, double value);

/** 10 to a power as "10⁻⁵". */
void cvy_power_of_ten(int exponent, char *text, size_t size);

#endif
