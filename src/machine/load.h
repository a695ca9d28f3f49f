/* How much of the processors' time went to other processes while something was measured. */
#ifndef CVY_MACHINE_LOAD_H
#define CVY_MACHINE_LOAD_H

/* More than this share of the processors' time, and times that were measured meanwhile are not trusted. */
static const double cvy_load_limit = 0.05;

/* Seconds. The system counts processor time in ticks of 10 ms, so that over a shorter time a quiet machine may seem busy. */
static const double cvy_load_span = 0.5;

typedef struct {
    double busy,
        own; /* seconds that the processors we may use were busy, and that this process was */
    double wall;
} cvy_load_mark;

cvy_load_mark cvy_load_begin(void);

/** Seconds of processor time that this process has taken since then. */
double cvy_load_own(const cvy_load_mark *begin);

/** The share, 0..1, of the time of the processors we may use that others took since then; NaN: unknown, also for less
 *  than cvy_load_span. */
double cvy_load_elsewhere(const cvy_load_mark *begin);

/** The same, where other processes that belong to this one took so many seconds of processor time. */
double cvy_load_elsewhere_but(const cvy_load_mark *begin, double seconds);

#endif
