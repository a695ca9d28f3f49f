/* GEMM by OpenBLAS, which is loaded only if CONVOY_GEMM=openblas asks for it, since loading it
 * takes hundreds of megabytes of address space. Only this file uses it.
 *
 * Workers call it at the same time, so it must stay on the calling thread:
 *  - The pthread build obeys openblas_set_num_threads(1).
 *  - The OpenMP build reads omp_get_max_threads() at each call outside an active parallel region,
 *  and a
 *    team of one is not active, so each worker also sets its own OpenMP thread count to one
 *    (OpenBLAS 0.3.21, common_thread.h; OpenBLAS issue 5806).
 *  - The serial build takes no locks and returns wrong products when several threads call it at
 *  once.
 *    It is refused.
 *
 * Each product in progress holds a buffer, and the library is built with two buffers per thread of
 * its maximum. When they run out, it adds some and may crash (0.3.21), or ends the program
 * (OpenBLAS issues 1451, 3321, 4216), so the number of workers is limited accordingly. If a buffer
 * cannot be mapped, it retries for ever. */
#include "kernels/gemm.h"

#include <dlfcn.h>
#include <omp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* From cblas.h and openblas_config.h: these numbers are part of the ABI. */
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };
enum { PARALLEL_SERIAL, PARALLEL_PTHREAD, PARALLEL_OPENMP };

static struct {
    char *(*get_config)(void);
    char *(*get_corename)(void);
    int (*get_parallel)(void);
    int (*get_num_threads)(void);
    void (*set_num_threads)(int);
    void (*sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                  const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
} blas;

static const struct {
    const char *name;
    void *function; /* points to a member of blas */
} symbols[] = {
    { "openblas_get_config", &blas.get_config },
    { "openblas_get_corename", &blas.get_corename },
    { "openblas_get_parallel", &blas.get_parallel },
    { "openblas_get_num_threads", &blas.get_num_threads },
    { "openblas_set_num_threads", &blas.set_num_threads },
    { "cblas_sgemm", &blas.sgemm },
};

static cvy_status load_status;
static char load_error[CVY_ERROR_BYTES], label[64];

/* --- using a loaded library --- */

static bool always(const cvy_cpu *cpu)
{
    (void)cpu;
    return true;
}

static void enter_worker(void)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

    omp_set_num_threads(1); /* for this worker */
    pthread_mutex_lock(&one_at_a_time);
    if (blas.get_num_threads() != 1)
        blas.set_num_threads(1); /* for the process; frees buffers, and is not thread-safe */
    pthread_mutex_unlock(&one_at_a_time);
}

/* Address space of a worker's buffer, and of everything else in the process. */
static const size_t buffer_bytes = (size_t)132 << 20, other_bytes = (size_t)256 << 20;

/* The number of buffers that fit into the address space allowed to the process. */
static size_t buffers_in_address_space(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    return limit.rlim_cur > other_bytes ? (size_t)(limit.rlim_cur - other_bytes) / buffer_bytes : 0;
}

/* OpenBLAS keeps one buffer for itself. A build that does not report its number of buffers is
 * assumed to have 50, the minimum (common.h, NUM_BUFFERS). */
static size_t workers_max(void)
{
    enum { BUFFERS_MIN = 50 };
    const char *limit = strstr(blas.get_config(), "MAX_THREADS=");
    const size_t threads = limit != NULL ? strtoul(limit + strlen("MAX_THREADS="), NULL, 10) : 0;
    const size_t built = 2 * threads > BUFFERS_MIN ? 2 * threads : BUFFERS_MIN;
    const size_t mapped = buffers_in_address_space();

    return (built < mapped ? built : mapped) - 1;
}

static void describe(char *text, size_t size)
{
    static const char *const builds[] = {
        [PARALLEL_SERIAL] = "serial", [PARALLEL_PTHREAD] = "pthread", [PARALLEL_OPENMP] = "openmp"
    };
    snprintf(text, size, "%s; build: %s; core: %s", blas.get_config(), builds[blas.get_parallel()],
             blas.get_corename());
}

static const char *get_label(void)
{
    return label;
}

static void run(cvy_gemm_form form, size_t m, size_t n, size_t k, const float *a, size_t lda,
                const float *b, size_t ldb, bool accumulate, float *c, size_t ldc)
{
    blas.sgemm(ROW_MAJOR, form == CVY_GEMM_TN ? TRANSPOSE : NO_TRANSPOSE,
               form == CVY_GEMM_NT ? TRANSPOSE : NO_TRANSPOSE, (int)m, (int)n, (int)k, 1.0f, a,
               (int)lda, b, (int)ldb, accumulate ? 1.0f : 0.0f, c, (int)ldc);
}

/* --- loading --- */

static sigjmp_buf trial;
static pthread_t trying;

static void give_up(int number)
{
    if (pthread_equal(trying, pthread_self()))
        siglongjmp(trial, number);
}

static void multiply_in_every_form(void)
{
    enum { SIZE = 40 };
    static const size_t sizes[] = { 1, 7, 33, SIZE };
    static float a[SIZE * SIZE], b[SIZE * SIZE], c[SIZE * SIZE];

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int form = CVY_GEMM_NN; form <= CVY_GEMM_NT; form++)
            for (int accumulate = 0; accumulate < 2; accumulate++)
                run((cvy_gemm_form)form, sizes[i], sizes[i], sizes[i], a, SIZE, b, SIZE,
                    accumulate != 0, c, SIZE);
}

/* Whether the chosen kernels run here. OpenBLAS chooses them by the processor's model and some of
 * its features, and may choose instructions that a virtual or emulated processor lacks. */
static bool runs_here(void)
{
    struct sigaction action = { .sa_handler = give_up }, before;
    const int threads = omp_get_max_threads();
    volatile bool runs = false;

    trying = pthread_self();
    if (sigaction(SIGILL, &action, &before) != 0)
        return false;
    if (sigsetjmp(trial, 1) == 0) {
        enter_worker();
        multiply_in_every_form();
        runs = true;
    }
    sigaction(SIGILL, &before, NULL);
    omp_set_num_threads(threads);
    return runs;
}

/* Explain in `why` why the library loaded into `blas` cannot be used; an empty string if it can. */
static void examine(const char *file, char *why, size_t size)
{
    why[0] = '\0';
    if (blas.get_parallel() != PARALLEL_PTHREAD && blas.get_parallel() != PARALLEL_OPENMP)
        snprintf(why, size,
                 "%s: a serial build, whose products are wrong when several threads call it", file);
    else if (strstr(blas.get_config(), "USE64BITINT") != NULL)
        snprintf(why, size, "%s: a build for 64-bit integers, expected 32-bit ones", file);
    else if (!runs_here())
        snprintf(why, size,
                 "%s: it chose its kernels for %s, which this processor cannot execute; "
                 "OPENBLAS_CORETYPE names others",
                 file, blas.get_corename());
}

/* Load one file. `why` is empty on success, else the reason. */
static void load_file(const char *file, char *why, size_t size)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        snprintf(why, size, "%s", dlerror());
        return;
    }
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *function = dlsym(library, symbols[i].name);
        if (function == NULL) {
            snprintf(why, size, "%s: without %s, expected OpenBLAS", file, symbols[i].name);
            dlclose(library);
            return;
        }
        memcpy(symbols[i].function, &function, sizeof function);
    }
    examine(file, why, size);
    if (why[0] == '\0')
        snprintf(label, sizeof label, "openblas/%s", blas.get_corename());
    else
        dlclose(library);
}

/* Names in the order of preference. Some distributions have a separate name for the OpenMP build,
 * which comes first. */
static const char *const files[] = {
#ifdef CVY_MULTIARCH
    "/usr/lib/" CVY_MULTIARCH "/openblas-openmp/libopenblas.so.0", /* Debian, Ubuntu */
#endif
    "libopenblaso.so.0", /* Fedora, openSUSE */
    "libopenblas.so.0",
    "libopenblasp.so.0",
    "libopenblas.so",
};
enum { FILE_COUNT = sizeof files / sizeof *files };

static void fail(const char *why)
{
    load_status = CVY_ERR_SETTING;
    snprintf(load_error, sizeof load_error,
             "CONVOY_GEMM=openblas: %s; without CONVOY_GEMM convoy uses its own GEMM", why);
}

static void load_once(void)
{
    const char *chosen = getenv("CONVOY_OPENBLAS");
    char why[1024], first[1024] = "";

    if (buffers_in_address_space() < 2) {
        fail("the address space is limited too far (ulimit -v): OpenBLAS needs 384 MiB, and 132 "
             "more "
             "for each further thread");
        return;
    }
    if (chosen != NULL && *chosen != '\0') {
        load_file(chosen, why, sizeof why);
        if (why[0] != '\0')
            fail(why);
        return;
    }
    for (size_t i = 0; i < FILE_COUNT; i++) {
        load_file(files[i], why, sizeof why);
        if (why[0] == '\0')
            return;
        if (first[0] == '\0' && strstr(why, "cannot open shared object file") == NULL)
            snprintf(first, sizeof first, "%s", why);
    }
    fail(first[0] != '\0' ? first
                          : "no OpenBLAS is installed (Debian's package: libopenblas0-openmp)");
}

static cvy_status load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, load_once);
    return load_status == CVY_OK ? CVY_OK : cvy_fail(load_status, "%s", load_error);
}

const cvy_gemm_backend cvy_gemm_openblas = {
    .name = "openblas",
    .summary = "OpenBLAS, one thread in each worker",
    .is_on_request = true,
    .is_usable = always,
    .load = load,
    .enter_worker = enter_worker,
    .workers_max = workers_max,
    .describe = describe,
    .label = get_label,
    .run = run,
};
