/* The software environment that results may depend on: memory, C library, OpenMP runtime,
 * environment variables. */
#ifndef CVY_MACHINE_ENVIRONMENT_H
#define CVY_MACHINE_ENVIRONMENT_H

#include <stddef.h>

#include "base/json.h"

/* A fact, printed as text truncated to `size` bytes. */
typedef struct {
    const char *name;
    void (*describe)(char *text, size_t size);
} cvy_environment_fact;

/* memory ("125.8 GiB"), C library ("glibc 2.36"), OpenMP ("libgomp, OpenMP 201511": the loaded
 * runtime, and the version at compile time), environment (NAME=VALUE separated by spaces, or "none
 * set") and date ("2026-11-28T17:05:00Z"); terminated by a NULL name. */
extern const cvy_environment_fact cvy_environment_facts[];

/** Variable number `index`, NAME=VALUE, among those that OpenMP, BLAS and convoy read, in the order
 *  of the environment; NULL past the last. */
const char *cvy_environment_variable(size_t index);

/** Print the current time, "2026-11-28T17:05:00Z". */
void cvy_environment_date(char *text, size_t size);

/** Print all variables separated by spaces, or "none set", truncated to `size` bytes. */
void cvy_environment_variables(char *text, size_t size);

/** {"date":...,"memory_bytes":N,"libc":...,"openmp":...,"variables":[...]},
 *  or NULL if memory is short. */
json_t *cvy_environment_json(void);

#endif
