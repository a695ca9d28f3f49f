#include "machine/machine.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/build.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/plural.h"
#include "base/threads.h"

/* --- BLAS --- */

/* Parse "...; build: openmp; core: Zen". */
static void read_blas(cvy_machine *m, const cvy_gemm_backend *blas)
{
    blas->describe(m->blas, sizeof m->blas);
    char *build = strstr(m->blas, "; build: "), *core = strstr(m->blas, "; core: ");

    if (build == NULL || core == NULL)
        return;
    *build = *core = '\0';
    snprintf(m->blas_build, sizeof m->blas_build, "%s", build + strlen("; build: "));
    snprintf(m->blas_core, sizeof m->blas_core, "%s", core + strlen("; core: "));

    const char *limit = strstr(m->blas, "MAX_THREADS=");
    if (limit != NULL)
        m->blas_threads_max = strtoul(limit + strlen("MAX_THREADS="), NULL, 10);
    m->blas_workers_max = blas->workers_max();
    m->blas_taming = "each worker set it to use one thread, and OpenMP likewise";
}

/* Processor time of the whole process, and of the calling thread. */
typedef struct {
    double process, worker;
} processor_time;

static double read_cpu_clock(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static processor_time read_processor_time(void)
{
    const double worker = read_cpu_clock(CLOCK_THREAD_CPUTIME_ID);
    return (processor_time){ read_cpu_clock(CLOCK_PROCESS_CPUTIME_ID), worker };
}

/* The average number of other threads of the process that were busy since `before`. The system
 * updates the time of other threads only at clock ticks, every 10 ms or less. */
static double count_others(processor_time before)
{
    const processor_time now = read_processor_time();
    const double worker = fmax(now.worker - before.worker, 1e-9);

    return fmax((now.process - before.process) / worker - 1, 0);
}

static const double long_enough = 0.05; /* seconds of processor time: several ticks */

static bool is_over(processor_time before)
{
    return read_processor_time().worker - before.worker >= long_enough;
}

/* Wait until other threads are idle. OpenMP's threads spin for some milliseconds after their work,
 * or for ever if so configured; the number still busy after a while is returned, since it is not
 * due to OpenBLAS. */
static double wait_for_others(const cvy_kernels *kernels)
{
    enum { TRIES = 5, ROUNDS = 10000 };
    double others = 1;

    for (size_t i = 0; i < TRIES && others > 0.1; i++) {
        const processor_time before = read_processor_time();
        while (!is_over(before)) {
            float result;
            kernels->fma_peak->run(ROUNDS, &result);
            __asm__ volatile("" : : "m"(result)); /* marks it as used */
        }
        others = count_others(before);
    }
    return others;
}

/* Measure the processor time of the process over that of the worker during the worker's products.
 * On a busy machine it is uncertain, so the least of several tries counts. */
static cvy_status measure_spread(cvy_machine *m)
{
    enum { SIZE = 384, TRIES = 4 };
    float *matrices;
    cvy_status status = cvy_memory_create(3 * SIZE * SIZE, sizeof *matrices, &matrices);

    if (status != CVY_OK)
        return status;
#pragma omp parallel num_threads(1)
    {
        m->gemm->enter_worker();
        m->blas_spread = HUGE_VAL;
        for (size_t i = 0; i < TRIES && !cvy_machine_blas_stays(m); i++) {
            const double others = wait_for_others(m->kernels);
            const processor_time before = read_processor_time();
            while (!is_over(before))
                m->gemm->run(CVY_GEMM_NN, SIZE, SIZE, SIZE, matrices, SIZE, matrices + SIZE * SIZE,
                             SIZE, false, matrices + 2 * SIZE * SIZE, SIZE);
            m->blas_spread = fmin(m->blas_spread, 1 + fmax(count_others(before) - others, 0));
        }
    }
    cvy_memory_free(matrices);
    return CVY_OK;
}

/* The limit is between the uncertainty of ticks and two threads that
 * each get half the processor time. */
bool cvy_machine_blas_stays(const cvy_machine *m)
{
    return m->blas_spread < 1.25;
}

/* --- the system --- */

static void read_governor(char *governor, size_t size)
{
    FILE *file = fopen("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "r");

    if (file == NULL || fgets(governor, (int)size, file) == NULL)
        snprintf(governor, size, "not shown");
    governor[strcspn(governor, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
}

static void read_system(char *text, size_t size)
{
    struct utsname name;

    if (uname(&name) == 0)
        snprintf(text, size, "%.60s %.60s %.30s", name.sysname, name.release, name.machine);
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0';
}

static const char *reason_of_choice(void)
{
    if (is_set("CONVOY_GEMM"))
        return "asked for by CONVOY_GEMM";
    return is_set("CONVOY_ISA") ? "the best one that goes with CONVOY_ISA"
                                : "the best one that runs here";
}

cvy_status cvy_machine_look(size_t threads, cvy_machine *m)
{
    *m = (cvy_machine){ .threads = cvy_threads_granted(threads),
                        .threads_wanted = threads,
                        .blas_spread = 1 };
    cvy_status status = cvy_kernels_choose(&m->kernels);

    if (status == CVY_OK)
        status = cvy_gemm_choose(&m->gemm);
    if (status != CVY_OK)
        return status;
    m->gemm_reason = reason_of_choice();
    m->cpu = cvy_cpu_detect();
    m->topology = cvy_topology_detect();
    m->uses_blas = m->gemm->describe != NULL;
    if (m->uses_blas) {
        read_blas(m, m->gemm);
        status = measure_spread(m);
    }
    m->places = omp_get_proc_bind() != omp_proc_bind_false ? (size_t)omp_get_num_places() : 0;
    read_governor(m->governor, sizeof m->governor);
    read_system(m->system, sizeof m->system);
    if (getloadavg(&m->load, 1) != 1)
        m->load = NAN;
    cvy_machine_diagnose(m);
    return status;
}

/* --- text and JSON --- */

static int put_count(char *text, size_t size, size_t count, const char *one)
{
    return snprintf(text, size, "%zu %s%s", count, one, cvy_plural(count));
}

void cvy_machine_describe_cores(const cvy_topology *t, char *text, size_t size)
{
    char cores[40], cpus[40], sockets[40], nodes[40];

    put_count(cores, sizeof cores, t->cores, "core");
    put_count(cpus, sizeof cpus, t->cpus, "hardware thread");
    put_count(sockets, sizeof sockets, t->sockets, "socket");
    put_count(nodes, sizeof nodes, t->numa_nodes, "NUMA node");
    snprintf(text, size, "%s, %s, %s, %s", cores, cpus, sockets, nodes);
}

void cvy_machine_describe_caches(const cvy_topology *t, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t level = 0; level < CVY_CACHE_LEVELS && length < size; level++) {
        const size_t bytes = t->cache[level].bytes;
        if (bytes == 0)
            continue;
        const bool is_large = bytes >= (1 << 20);
        length += (size_t)snprintf(text + length, size - length, "%sL%zu %zu %s x %zu",
                                   length > 0 ? ", " : "", level + 1, bytes >> (is_large ? 20 : 10),
                                   is_large ? "MiB" : "KiB", t->cache[level].count);
    }
    if (length == 0)
        snprintf(text, size, "not shown");
}

static json_t *json_blas(const cvy_machine *m)
{
    if (m->blas_taming == NULL)
        return json_null();
    return json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:o, s:I, s:I}", "name", m->blas, "build", m->blas_build, "core",
        m->blas_core, "used", m->uses_blas, "taming", m->blas_taming, "stays_on_its_thread",
        m->uses_blas ? json_boolean(cvy_machine_blas_stays(m)) : json_null(), "threads_max",
        (json_int_t)m->blas_threads_max, "workers_max", (json_int_t)m->blas_workers_max);
}

static json_t *json_cpu(const cvy_machine *m)
{
    const cvy_topology *t = m->topology;
    json_t *features = json_array(), *caches = json_array();

    if (m->cpu->has_avx2)
        cvy_json_append(&features, json_string("avx2"));
    if (m->cpu->has_avx512)
        cvy_json_append(&features, json_string("avx512"));
    for (size_t level = 0; level < CVY_CACHE_LEVELS; level++)
        if (t->cache[level].bytes > 0)
            cvy_json_append(&caches, json_pack("{s:I, s:I, s:I}", "level", (json_int_t)level + 1,
                                               "bytes", (json_int_t)t->cache[level].bytes, "count",
                                               (json_int_t)t->cache[level].count));
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:s, s:s, s:o}", "model",
                     m->cpu->model, "cores", (json_int_t)t->cores, "hardware_threads",
                     (json_int_t)t->cpus, "threads_per_core", (json_int_t)(t->cpus / t->cores),
                     "sockets", (json_int_t)t->sockets, "numa_nodes", (json_int_t)t->numa_nodes,
                     "features", features, "caches", caches, "governor", m->governor, "system",
                     m->system, "load", cvy_json_number(m->load));
}

json_t *cvy_machine_json(const cvy_machine *m)
{
    const cvy_topology *t = m->topology;
    json_t *warnings = json_array();

    for (size_t i = 0; i < m->warning_count; i++)
        cvy_json_append(&warnings, json_string(m->warnings[i]));
    return json_pack("{s:{s:s, s:s, s:s, s:s}, s:o, s:o, s:{s:{s:s, s:s}, s:s}, s:{s:I, s:I, s:I, "
                     "s:I, s:o, s:I}, "
                     "s:o}",
                     "build", "compiler", cvy_build_compiler, "type", cvy_build_type, "flags",
                     cvy_build_flags, "commit", cvy_build_commit, "blas", json_blas(m), "cpu",
                     json_cpu(m), "kernels", "fp32", "chosen", m->gemm->name, "reason",
                     m->gemm_reason, "instructions", m->kernels->name, "threads", "chosen",
                     (json_int_t)m->threads, "advised", (json_int_t)cvy_topology_threads(t),
                     "allowed_cores", (json_int_t)t->allowed_cores, "allowed_hardware_threads",
                     (json_int_t)t->allowed_cpus, "quota", cvy_json_number(t->quota), "places",
                     (json_int_t)m->places, "warnings", warnings);
}
