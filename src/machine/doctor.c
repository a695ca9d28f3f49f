/* The thread doctor: one plain sentence for each thing that slows threads down. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/letters.h"
#include "base/plural.h"
#include "base/threads.h"
#include "base/visible.h"
#include "machine/machine.h"

__attribute__((format(printf, 2, 3))) static void warn(cvy_machine *m, const char *format, ...)
{
    va_list arguments;

    if (m->warning_count == CVY_WARNINGS_MAX)
        return;
    va_start(arguments, format);
    cvy_visible_format(m->warnings[m->warning_count++], CVY_WARNING_BYTES, format, arguments);
    va_end(arguments);
}

static void look_at_oversubscription(cvy_machine *m)
{
    const cvy_topology *t = m->topology;

    if (m->threads > t->allowed_cpus)
        warn(m,
             "more threads than cores this process may use: %zu on %zu; they will wait for each "
             "other",
             m->threads, t->allowed_cpus);
    else if (m->threads > t->allowed_cores)
        warn(m,
             "%zu threads on %zu cores: some share a core (SMT) and its arithmetic units, which "
             "seldom helps; one thread a core is the default",
             m->threads, t->allowed_cores);
    if (isfinite(t->quota) && (double)m->threads > t->quota)
        warn(m,
             "the quota of this process's control group is %.3g processors, less than its %zu "
             "threads: the system will stop all of them for a part of every period",
             t->quota, m->threads);
}

static void look_at_affinity(cvy_machine *m)
{
    const cvy_topology *t = m->topology;

    if (t->allowed_cpus < t->cpus && m->threads >= t->allowed_cpus)
        warn(m,
             "this process may use %zu of the machine's %zu hardware threads (affinity mask, or "
             "OpenMP's places)",
             t->allowed_cpus, t->cpus);
}

static void look_at_blas(cvy_machine *m)
{
    if (strcmp(m->gemm->name, "reference") == 0)
        warn(m, "matrix products run in plain loops, many times slower than the others");
    if (!m->uses_blas)
        return;
    if (strcmp(m->blas_build, "pthread") == 0)
        warn(m, "OpenBLAS is the pthread build, which can disturb OpenMP threads; it was set to "
                "use one thread");
    if (!cvy_machine_blas_stays(m))
        warn(m,
             "OpenBLAS ignores that it was set to use one thread: a product of one worker kept "
             "%.1f threads busy, so workers will disturb each other",
             m->blas_spread);
    if (cvy_topology_threads(m->topology) > m->blas_workers_max)
        warn(m,
             "this build of OpenBLAS (NUM_THREADS=%zu) has buffers for %zu workers at once, fewer "
             "than the %zu cores that could work: no more threads than that are taken",
             m->blas_threads_max, m->blas_workers_max, cvy_topology_threads(m->topology));
}

static void look_at_limit(cvy_machine *m)
{
    if (m->threads < m->threads_wanted)
        warn(m, "OMP_THREAD_LIMIT is less than the %zu threads that are wanted: %zu run",
             m->threads_wanted, m->threads);
}

/* Warn about OpenMP settings that take effect and cost speed. */
static void look_at_openmp(cvy_machine *m)
{
    const char *bind = getenv("OMP_PROC_BIND"), *threads = getenv("OMP_NUM_THREADS");
    const size_t advised = cvy_topology_threads(m->topology);

    if (bind != NULL && m->threads > 1 &&
        (cvy_same_letters(bind, "master") || cvy_same_letters(bind, "primary")))
        warn(m, "OMP_PROC_BIND=%.20s puts all %zu threads where the first one is", bind,
             m->threads);
    if (threads != NULL && strtoul(threads, NULL, 10) == m->threads && m->threads < advised)
        warn(m, "OMP_NUM_THREADS=%.40s leaves %zu of the %zu cores that could work idle", threads,
             advised - m->threads, advised);
    if (m->places > 0 && m->threads > m->places)
        warn(m,
             "OpenMP binds %zu threads to %zu place%s (OMP_PLACES, OMP_PROC_BIND): some share one",
             m->threads, m->places, cvy_plural(m->places));
}

/* Warn about variables for other libraries, which have no effect here. */
static void look_at_environment(cvy_machine *m)
{
    static const char *const names[] = { "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
                                         "MKL_NUM_THREADS" };
    const char *threads = getenv("OMP_NUM_THREADS");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]) != NULL && m->blas_taming != NULL)
            warn(m, "%s is set, but matrix products use one thread in each worker anyway",
                 names[i]);
    if (threads != NULL && threads[strspn(threads, " 0123456789,")] != '\0')
        warn(m, "OMP_NUM_THREADS is \"%.40s\", which is not a number and is ignored", threads);
}

static void look_at_clock(cvy_machine *m)
{
    if (strcmp(m->governor, "powersave") == 0 || strcmp(m->governor, "ondemand") == 0)
        warn(m, "the clock's governor is %s: figures of short runs may move with the clock",
             m->governor);
    if (isfinite(m->load) && m->load > 0.5 * (double)m->topology->cpus)
        warn(m,
             "the machine is busy: on average %.1f processes wanted to run in the last minute, on "
             "%zu hardware threads",
             m->load, m->topology->cpus);
}

void cvy_machine_diagnose(cvy_machine *machine)
{
    machine->warning_count = 0;
    look_at_oversubscription(machine);
    look_at_affinity(machine);
    look_at_limit(machine);
    look_at_blas(machine);
    look_at_openmp(machine);
    look_at_environment(machine);
    look_at_clock(machine);
}

void cvy_machine_diagnose_threads(size_t threads_wanted, cvy_machine *machine)
{
    *machine = (cvy_machine){ .threads = cvy_threads_granted(threads_wanted),
                              .threads_wanted = threads_wanted,
                              .topology = cvy_topology_detect() };
    look_at_oversubscription(machine);
    look_at_limit(machine);
}
