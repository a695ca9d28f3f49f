/* A loop that only multiplies and adds, as fast as the processor can: the peak to which other
 * kernels are compared. */
#include "kernels/vector.h"

/* Ten chains hide a latency of five cycles on two units, and fit in the 16 registers of AVX2. */
enum { CHAINS = 10 };

static double run(size_t rounds, float *result)
{
    vector sum[CHAINS], factor, term;

    for (size_t i = 0; i < sizeof factor / sizeof(float); i++) {
        factor[i] = 0.999f;
        term[i] = 0.001f;
    }
    for (size_t c = 0; c < CHAINS; c++)
        sum[c] = term * (float)c;
    for (size_t round = 0; round < rounds; round++)
        for (size_t c = 0; c < CHAINS; c++)
            sum[c] = vector_fma(sum[c], factor, term);
    *result = 0;
    for (size_t c = 0; c < CHAINS; c++)
        *result += sum[c][0];
    return 2.0 * (double)rounds * CHAINS * sizeof(vector) / sizeof(float);
}

extern const cvy_fma_peak_kernels CVY_FOR_ISA(cvy_fma_peak_kernels);
const cvy_fma_peak_kernels CVY_FOR_ISA(cvy_fma_peak_kernels) = { .run = run };
