#include "base/threads.h"

#include <ctype.h>
#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/letters.h"
#include "base/memory.h"

/* Measured: trainings, comparisons with jobs and scaling runs fit into 48 KiB, including what glibc
 * and OpenMP need, but not into 32. */
enum { STACK_MIN_KIB = 128 };

size_t cvy_threads_granted(size_t wanted)
{
    const int limit = omp_get_thread_limit();

    return limit > 0 && wanted > (size_t)limit ? (size_t)limit : wanted;
}

/* --- stacks --- */

/* Read "SIZE", "SIZEB", "SIZEK", "SIZEM" or "SIZEG", in KiB without a unit (OpenMP 5.2, section
 * 21.2.2); 0 if it is not set or is invalid. */
static size_t read_size(const char *text)
{
    char *end;

    if (text == NULL)
        return 0;
    text += strspn(text, " \t");
    unsigned long long size = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
    if (size == 0 || size > (1ULL << 40))
        return 0;
    end += strspn(end, " \t");
    switch (cvy_lower(*end)) {
    case 'b':
        return (size_t)size;
    case '\0':
    case 'k':
        return (size_t)(size << 10);
    case 'm':
        return (size_t)(size << 20);
    case 'g':
        return size < (1ULL << 30) ? (size_t)(size << 30) : 0;
    default:
        return 0;
    }
}

/* The variable that sets the stack of OpenMP's threads, or NULL. libgomp reads OMP_STACKSIZE first. */
static const char *find_stack_setting(size_t *bytes)
{
    static const char *const names[] = { "OMP_STACKSIZE", "GOMP_STACKSIZE" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *bytes = read_size(getenv(names[i]));
        if (*bytes > 0)
            return names[i];
    }
    return NULL;
}

/* --- trying --- */

/* Temporary threads wait here until they may end. */
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t may_go;
    bool is_over;
} gathering;

static void *attend(void *context)
{
    gathering *g = context;

    pthread_mutex_lock(&g->mutex);
    while (!g->is_over)
        pthread_cond_wait(&g->may_go, &g->mutex);
    pthread_mutex_unlock(&g->mutex);
    return NULL;
}

static void dismiss(gathering *g, pthread_t *threads, size_t count)
{
    pthread_mutex_lock(&g->mutex);
    g->is_over = true;
    pthread_cond_broadcast(&g->may_go);
    pthread_mutex_unlock(&g->mutex);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

/* The number of threads of this process, or 0 if the system does not report it. */
static size_t count_threads(void)
{
    char line[128];
    size_t count = 0;
    FILE *file = fopen("/proc/self/status", "r");

    while (file != NULL && count == 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Threads:", 8) == 0)
            count = strtoul(line + 8, NULL, 10);
    if (file != NULL)
        fclose(file);
    return count;
}

/* A joined thread counts against the limits until the system has removed it. */
static void wait_until_gone(size_t before)
{
    static const struct timespec nap = { 0, 100000 };

    for (size_t i = 0; i < 1000 && count_threads() > before; i++)
        nanosleep(&nap, NULL);
}

static cvy_status try(pthread_t *threads, size_t count, const pthread_attr_t *attributes)
{
    gathering g = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
    const size_t before = count_threads();
    size_t created = 0;
    int error = 0;

    while (created < count && error == 0) {
        error = pthread_create(&threads[created], attributes, attend, &g);
        created += error == 0;
    }
    dismiss(&g, threads, created);
    wait_until_gone(before);
    if (error == 0)
        return CVY_OK;
    return cvy_fail(CVY_ERR_MEMORY,
                    "threads: the system gives this process %zu of %zu threads (%s); ulimit -u, "
                    "pids.max and ulimit -v limit them, and fewer threads need less",
                    created + 1, count + 1, strerror(error));
}

static cvy_status check_stack(size_t bytes, const char *setting)
{
    if (bytes >> 10 >= STACK_MIN_KIB)
        return CVY_OK;
    return cvy_fail(CVY_ERR_SETTING,
                    "%s: found %zu KiB of stack for each thread, expected at least %d",
                    setting != NULL ? setting : "ulimit -s", bytes >> 10, (int)STACK_MIN_KIB);
}

static cvy_status prepare(size_t count)
{
    size_t stack_size;
    const char *setting = find_stack_setting(&stack_size);
    pthread_attr_t attributes;
    pthread_t *threads;
    size_t bytes;
    cvy_status status = cvy_memory_create(count, sizeof *threads, &threads);

    if (status != CVY_OK)
        return status;
    if (pthread_attr_init(&attributes) != 0) {
        cvy_memory_free(threads);
        return cvy_fail(CVY_ERR_MEMORY, "threads: out of memory");
    }
    if (stack_size > 0)
        pthread_attr_setstacksize(&attributes, stack_size); /* if it is too small, the default
                                                               stays */
    pthread_attr_getstacksize(&attributes, &bytes);
    status = check_stack(stack_size > 0 ? stack_size : bytes, setting);
    if (status == CVY_OK)
        status = try(threads, count, &attributes);
    pthread_attr_destroy(&attributes);
    cvy_memory_free(threads);
    return status;
}

cvy_status cvy_threads_prepare(size_t count)
{
    /* OpenMP keeps its worker threads for the thread that opens regions. */
    static _Thread_local size_t prepared = 1;

    count = cvy_threads_granted(count);
    if (count <= prepared || omp_in_parallel())
        return CVY_OK;
    cvy_status status = prepare(count - 1);
    if (status == CVY_OK)
        prepared = count;
    return status;
}
