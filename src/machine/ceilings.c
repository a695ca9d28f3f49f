#include "machine/ceilings.h"

#include <math.h>
#include <omp.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/quota.h"
#include "base/topology.h"
#include "statistics/repeats.h"

double cvy_measure_fma(const cvy_kernels *kernels, cvy_bind bind, size_t threads, size_t tries)
{
    enum { ROUNDS = 1000000 };
    double best = 0;

    for (size_t i = 0; i < tries; i++) {
        double operations = 0, start = 0, end = 0;
#pragma omp parallel num_threads((int)threads)
        {
            float result;
            cvy_cpu_mask before;
            cvy_topology_bind(bind, (size_t)omp_get_thread_num(), &before);
#pragma omp barrier
#pragma omp master
            start = cvy_clock_seconds();
            const double done = kernels->fma_peak->run(ROUNDS, &result);
            __asm__ volatile("" : : "m"(result)); /* marks it as used */
#pragma omp atomic
            operations += done; /* with clang, a reduction clause would export a lock */
#pragma omp barrier
#pragma omp master
            end = cvy_clock_seconds();
            cvy_topology_unbind(bind, &before);
        }
        best = fmax(best, operations / (end - start));
    }
    return best;
}

static size_t last_cache_bytes(void)
{
    const cvy_topology *topology = cvy_topology_detect();
    size_t last = 0;

    for (size_t level = 0; level < CVY_CACHE_LEVELS; level++)
        if (topology->cache[level].bytes > 0)
            last = topology->cache[level].bytes * topology->cache[level].count;
    return last;
}

/* The three arrays take at most a quarter of the memory that this process may have. */
static size_t affordable_bytes(size_t bytes)
{
    const double share = fmin((double)cvy_memory_installed(), cvy_quota_read_memory("")) / 12;
    return (double)bytes > share ? (size_t)share : bytes;
}

static cvy_status create_arrays(cvy_triad *triad)
{
    cvy_status status = cvy_memory_create(triad->count, sizeof(double), &triad->a);

    if (status == CVY_OK)
        status = cvy_memory_create(triad->count, sizeof(double), &triad->b);
    if (status == CVY_OK)
        status = cvy_memory_create(triad->count, sizeof(double), &triad->c);
    return status;
}

cvy_status cvy_triad_create(cvy_bind bind, size_t threads, size_t bytes, cvy_triad *triad)
{
    enum { LEAST_BYTES = 1 << 20 };
    const size_t last = last_cache_bytes();
    cvy_status status = CVY_ERR_MEMORY;

    if (bytes == 0)
        bytes = affordable_bytes(last == 0 || last > CVY_TRIAD_BYTES_MAX / 4 ? CVY_TRIAD_BYTES_MAX
                                                                             : 4 * last);
    *triad = (cvy_triad){ 0 };
    for (; status != CVY_OK; bytes /= 2) { /* with a limit on the address space, what there is */
        cvy_triad_release(triad);
        triad->count = bytes / sizeof(double);
        triad->is_small = bytes / 4 < last || last == 0;
        status = create_arrays(triad);
        if (bytes <= LEAST_BYTES)
            break;
    }
    if (status == CVY_OK) {
#pragma omp parallel num_threads((int)threads)
        {
            cvy_cpu_mask before;
            cvy_topology_bind(bind, (size_t)omp_get_thread_num(), &before);
#pragma omp for schedule(static)
            for (size_t i = 0; i < triad->count; i++) {
                triad->a[i] = 0;
                triad->b[i] = 1;
                triad->c[i] = 2;
            }
            cvy_topology_unbind(bind, &before);
        }
    }
    return status;
}

void cvy_triad_release(cvy_triad *triad)
{
    cvy_memory_free(triad->a);
    cvy_memory_free(triad->b);
    cvy_memory_free(triad->c);
    *triad = (cvy_triad){ 0 };
}

double cvy_measure_triad(const cvy_triad *triad, cvy_bind bind, size_t threads)
{
    double *restrict a = triad->a;
    const double *restrict b = triad->b, *restrict c = triad->c;
    double start = 0, end = 0;

#pragma omp parallel num_threads((int)threads)
    {
        cvy_cpu_mask before;
        cvy_topology_bind(bind, (size_t)omp_get_thread_num(), &before);
#pragma omp barrier
#pragma omp master
        start = cvy_clock_seconds();
#pragma omp for schedule(static)
        for (size_t i = 0; i < triad->count; i++)
            a[i] = b[i] + 3.0 * c[i];
#pragma omp master
        end = cvy_clock_seconds();
        cvy_topology_unbind(bind, &before);
    }
    return 3 * sizeof(double) * (double)triad->count / (end - start);
}

/* Cache lines that one worker writes and another reads, alternately. */
typedef struct {
    float *lines;
    size_t floats;
} exchange;

static float read_lines(const exchange *e)
{
    float sum = 0;

    for (size_t i = 0; i < e->floats; i += CVY_CACHE_LINE / sizeof(float))
        sum += e->lines[i];
    return sum;
}

static double write_lines(const exchange *e)
{
    const double start = cvy_clock_seconds();

    for (size_t i = 0; i < e->floats; i++)
        e->lines[i] += 1;
    const double seconds = cvy_clock_seconds() - start;
    return seconds / ((double)e->floats * sizeof(float) / CVY_CACHE_LINE);
}

double cvy_measure_exchange(const cvy_triad *triad, cvy_bind bind, size_t threads)
{
    enum { ROUNDS = 15, BYTES = 64 * 1024 };
    const size_t bytes = triad->count * sizeof *triad->a;
    const exchange e = { (float *)(void *)triad->a,
                         (bytes < BYTES ? bytes : BYTES) / sizeof(float) };
    double farthest = NAN, seconds[ROUNDS];

#pragma omp parallel num_threads((int)threads)
    {
        const size_t worker = (size_t)omp_get_thread_num();
        cvy_cpu_mask before;
        cvy_topology_bind(bind, worker, &before);
        for (size_t reader = 1; reader < (size_t)omp_get_num_threads(); reader++) {
            for (size_t round = 0; round < ROUNDS; round++) {
#pragma omp barrier
                if (worker == 0)
                    seconds[round] = write_lines(&e);
#pragma omp barrier
                if (worker == reader) {
                    float sum = read_lines(&e);
                    __asm__ volatile("" : : "m"(sum)); /* marks it as used */
                }
            }
            if (worker == 0)
                farthest = fmax(farthest, cvy_repeats_sum_up(seconds, ROUNDS).median);
        }
        cvy_topology_unbind(bind, &before);
    }
    return farthest;
}
