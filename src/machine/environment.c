#define _GNU_SOURCE /* RTLD_DEFAULT, gnu_get_libc_version */
#include "machine/environment.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "base/json.h"
#include "base/memory.h"

extern char **environ;

void cvy_environment_date(char *text, size_t size)
{
    const time_t now = time(NULL);
    struct tm parts;

    if (gmtime_r(&now, &parts) == NULL || strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        snprintf(text, size, "not shown");
}

static void describe_memory(char *text, size_t size)
{
    const size_t bytes = cvy_memory_installed();

    if (bytes == SIZE_MAX)
        snprintf(text, size, "not shown");
    else
        snprintf(text, size, "%.1f GiB", (double)bytes / (1 << 30));
}

static void describe_libc(char *text, size_t size)
{
#ifdef __GLIBC__
    snprintf(text, size, "glibc %s", gnu_get_libc_version());
#else
    snprintf(text, size, "not shown");
#endif
}

/* Recognize the OpenMP runtime by a function that only this one has. */
static const char *openmp_runtime(void)
{
    if (dlsym(RTLD_DEFAULT, "__kmpc_global_thread_num") != NULL)
        return "libomp";
    return dlsym(RTLD_DEFAULT, "GOMP_parallel") != NULL ? "libgomp" : "unknown runtime";
}

static void describe_openmp(char *text, size_t size)
{
    snprintf(text, size, "%s, OpenMP %d", openmp_runtime(), _OPENMP);
}

static bool is_read(const char *variable)
{
    static const char *const beginnings[] = { "OMP_", "GOMP_", "KMP_", "OPENBLAS_", "CONVOY_" };

    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(variable, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

const char *cvy_environment_variable(size_t index)
{
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
        if (is_read(*variable) && index-- == 0)
            return *variable;
    return NULL;
}

void cvy_environment_variables(char *text, size_t size)
{
    const char *variable;
    size_t length = 0;

    snprintf(text, size, "none set");
    for (size_t i = 0; length < size && (variable = cvy_environment_variable(i)) != NULL; i++)
        length +=
            (size_t)snprintf(text + length, size - length, "%s%s", i > 0 ? " " : "", variable);
}

const cvy_environment_fact cvy_environment_facts[] = {
    { "memory", describe_memory },    { "C library", describe_libc },
    { "OpenMP", describe_openmp },    { "environment", cvy_environment_variables },
    { "date", cvy_environment_date }, { NULL, NULL },
};

json_t *cvy_environment_json(void)
{
    char date[64], libc[64], openmp[64];
    const size_t bytes = cvy_memory_installed();
    const char *variable;
    json_t *object = json_object(), *variables = json_array();

    cvy_environment_date(date, sizeof date);
    describe_libc(libc, sizeof libc);
    describe_openmp(openmp, sizeof openmp);
    for (size_t i = 0; (variable = cvy_environment_variable(i)) != NULL; i++)
        cvy_json_append(&variables, cvy_json_text(variable));
    cvy_json_set(&object, "date", cvy_json_text(date));
    cvy_json_set(&object, "memory_bytes", bytes == SIZE_MAX ? json_null() : cvy_json_count(bytes));
    cvy_json_set(&object, "libc", cvy_json_text(libc));
    cvy_json_set(&object, "openmp", cvy_json_text(openmp));
    cvy_json_set(&object, "variables", variables);
    return object;
}
