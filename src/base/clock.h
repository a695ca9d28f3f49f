/* Wall time since an arbitrary start; only differences are meaningful. */
#ifndef CVY_BASE_CLOCK_H
#define CVY_BASE_CLOCK_H

#include <stdint.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

double cvy_clock_seconds(void);
uint64_t cvy_clock_nanoseconds(void);

/** A counter that takes a few nanoseconds to read and runs at a constant, machine-dependent rate:
 *  calibrate it with cvy_clock_seconds(). */
static inline uint64_t cvy_clock_ticks(void)
{
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return (uint64_t)(cvy_clock_seconds() * 1e9);
#endif
}

#endif
