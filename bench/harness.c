#include "harness.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "convoy/status.h"
#include "report/ceilings.h"

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

_Noreturn void bench_fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, cvy_error_message());
    exit(1);
}

double bench_fma_peak(size_t threads)
{
    enum { TRIES = 10 };
    const cvy_kernels *kernels;

    if (cvy_kernels_choose(&kernels) != CVY_OK)
        bench_fail("kernels");
    return cvy_measure_fma(kernels, CVY_BIND_NONE, threads, TRIES);
}

static void triad(size_t first, size_t end, float *restrict a, const float *restrict b,
                  const float *restrict c)
{
    for (size_t i = first; i < end; i++)
        a[i] = b[i] + 3 * c[i];
}

double bench_bandwidth(size_t threads, size_t floats)
{
    enum { TRIES = 5 };
    float *arrays;
    double best = 0;

    if (cvy_memory_create(floats, 3 * sizeof *arrays, &arrays) != CVY_OK)
        bench_fail("arrays");
    for (size_t i = 0; i < TRIES; i++) {
        const double start = cvy_clock_seconds();
#pragma omp parallel num_threads((int)threads)
        {
            const size_t worker = (size_t)omp_get_thread_num();
            triad(floats * worker / threads, floats * (worker + 1) / threads, arrays,
                  arrays + floats, arrays + 2 * floats);
        }
        __asm__ volatile("" : : "r"(arrays) : "memory"); /* it counts as used */
        const double rate = 16 * (double)floats / (cvy_clock_seconds() - start);
        best = rate > best ? rate : best;
    }
    cvy_memory_free(arrays);
    return best;
}
