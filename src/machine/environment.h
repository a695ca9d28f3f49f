/* What else a result may depend on: memory, the C library, the OpenMP runtime, variables of the environment. */
#ifndef CVY_MACHINE_ENVIRONMENT_H
#define CVY_MACHINE_ENVIRONMENT_H

#include <stddef.h>

#include "base/json.h"

/* A fact as a text, cut to `size` bytes. */
typedef struct {
    const char *name;
    void (*describe)(char *text, size_t size);
} cvy_environment_fact;

/* memory ("125.8 GiB"), C library ("glibc 2.36"), OpenMP ("libgomp, OpenMP 201511": the runtime that is loaded,
 * and the version that was compiled for), environment (NAME=VALUE with spaces between, or "none set") and date
 * ("2026-11-28T17:05:00Z"); ended by a name of NULL. */
extern const cvy_environment_fact cvy_environment_facts[];

/** Variable number `index`, NAME=VALUE, of those that OpenMP, BLAS and convoy read, in the order of the
 *  environment; NULL past the last. */
const char *cvy_environment_variable(size_t index);

/** The time now, "2026-11-28T17:05:00Z". */
void cvy_environment_date(char *text, size_t size);

/** All variables with spaces between, or "none set"; cut to `size` bytes. */
void cvy_environment_variables(char *text, size_t size);

/** {"date":...,"memory_bytes":N,"libc":...,"openmp":...,"variables":[...]}, or NULL for want of memory. */
json_t *cvy_environment_json(void);

#endif
