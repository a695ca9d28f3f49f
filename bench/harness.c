#include "harness.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "convoy/status.h"
#include "machine/ceilings.h"
#include "statistics/statistics.h"

double bench_median(double *values, size_t count)
{
    cvy_sort(values, count);
    return cvy_quantile(values, count, 0.5);
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

double bench_bandwidth(size_t threads, size_t floats)
{
    enum { TRIES = 5 };
    cvy_triad triad;
    double best = 0;

    if (cvy_triad_create(CVY_BIND_NONE, threads, floats * sizeof(float), &triad) != CVY_OK)
        bench_fail("arrays");
    for (size_t i = 0; i < TRIES; i++)
        best = fmax(best, cvy_measure_triad(&triad, CVY_BIND_NONE, threads));
    cvy_triad_release(&triad);
    return 4. / 3 * best;
}

/* Read the joules of one package. */
static bool read_joules(size_t package, double *joules)
{
    char path[64];
    double microjoules;

    snprintf(path, sizeof path, "/sys/class/powercap/intel-rapl:%zu/energy_uj", package);
    FILE *file = fopen(path, "r");
    const bool is_read = file != NULL && fscanf(file, "%lf", &microjoules) == 1;
    if (file != NULL)
        fclose(file);
    if (is_read)
        *joules = 1e-6 * microjoules;
    return is_read;
}

double bench_joules(void)
{
    double sum = 0, joules;
    size_t package = 0;

    for (; read_joules(package, &joules); package++)
        sum += joules;
    return package > 0 ? sum : NAN;
}
