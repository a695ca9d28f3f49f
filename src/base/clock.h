/* Seconds of wall time since an arbitrary start; only differences mean something. */
#ifndef CVY_BASE_CLOCK_H
#define CVY_BASE_CLOCK_H

double cvy_clock_seconds(void);

#endif
