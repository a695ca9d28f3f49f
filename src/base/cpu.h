/* What this machine's processor can do, asked once. */
#ifndef CVY_BASE_CPU_H
#define CVY_BASE_CPU_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char model[80];  /* as the system names it, "unknown" where it does not */
    bool has_avx2;   /* AVX2 and FMA, and the system saves their registers */
    bool has_avx512; /* AVX-512 F, BW, DQ and VL, likewise */
} cvy_cpu;

/** The same object at every call; safe from any thread. */
const cvy_cpu *cvy_cpu_detect(void);

/** Denormal numbers count as zero from here on in the calling thread: they would slow training
 *  down many times and carry no information. Returns how the thread computed before. */
unsigned long cvy_cpu_flush_denormals(void);

/** Go back to what cvy_cpu_flush_denormals() returned in the same thread. */
void cvy_cpu_restore_denormals(unsigned long before);

#endif
