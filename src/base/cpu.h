/* The abilities of this machine's processor, detected once. */
#ifndef CVY_BASE_CPU_H
#define CVY_BASE_CPU_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char model[80];  /* as the system names it, or "unknown" */
    bool has_avx2;   /* AVX2 and FMA, and the system saves their registers */
    bool has_avx512; /* AVX-512 F, BW, DQ and VL, and the system saves their registers */
} cvy_cpu;

/** Returns the same object at every call. Any thread. */
const cvy_cpu *cvy_cpu_detect(void);

/** Treat denormal numbers as zero from now on in the calling thread: they would slow training down
 *  many times and carry no information. Returns the previous state. */
unsigned long cvy_cpu_flush_denormals(void);

/** Restore the state that cvy_cpu_flush_denormals() returned in the same thread. */
void cvy_cpu_restore_denormals(unsigned long before);

#endif
