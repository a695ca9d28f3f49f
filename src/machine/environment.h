/* What else a result may depend on: memory, the C library, the OpenMP runtime, variables of the environment. */
#ifndef CVY_MACHINE_ENVIRONMENT_H
#define CVY_MACHINE_ENVIRONMENT_H

#include <jansson.h>
#include <stddef.h>

/** The time now, "2026-11-28T17:05:00Z". */
void cvy_environment_date(char *text, size_t size);

/** "125.8 GiB" */
void cvy_environment_memory(char *text, size_t size);

/** "glibc 2.36" */
void cvy_environment_libc(char *text, size_t size);

/** "libgomp, OpenMP 201511": the runtime that is loaded, and the version that was compiled for. */
void cvy_environment_openmp(char *text, size_t size);

/** Variable number `index`, NAME=VALUE, of those that OpenMP, BLAS and convoy read, in the order of the
 *  environment; NULL past the last. */
const char *cvy_environment_variable(size_t index);

/** All of them with spaces between, or "none set"; cut to `size` bytes. */
void cvy_environment_variables(char *text, size_t size);

/** {"date":...,"memory_bytes":N,"libc":...,"openmp":...,"variables":[...]}, or NULL for want of memory. */
json_t *cvy_environment_json(void);

#endif
