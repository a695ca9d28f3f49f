/* The share of processor time that other processes took during a measurement. */
#ifndef CVY_MACHINE_LOAD_H
#define CVY_MACHINE_LOAD_H

/* Times are not trusted if other processes took more than this share of processor time. */
static const double cvy_load_limit = 0.05;

/* Seconds. The system counts processor time in ticks of 10 ms, so that over a shorter time a quiet machine may seem busy. */
static const double cvy_load_span = 0.5;

typedef struct {
    double busy,
        own; /* seconds that the processors we may use were busy, and that this process used */
    double wall;
} cvy_load_mark;

cvy_load_mark cvy_load_begin(void);

/** Seconds of processor time that this process has used since the mark. */
double cvy_load_own(const cvy_load_mark *begin);

/** The share, 0..1, of the time of the processors we may use that others took since the mark; NaN:
 *  unknown, also less than cvy_load_span after the mark. */
double cvy_load_elsewhere(const cvy_load_mark *begin);

/** Like cvy_load_elsewhere(), excluding `seconds` of processor time used by other processes that
 *  belong to this one. */
double cvy_load_elsewhere_but(const cvy_load_mark *begin, double seconds);

#endif
