/* Parses the words after a command: option rows go in, values and operands come out.
 *
 * An option is a cvy_setting row. Its name is written with hyphens and typed as --name VALUE or
 * --name=VALUE, where '_' and '-' are the same. If an option is repeated, the last one counts,
 * unless its row is a CVY_TEXT_LIST, which collects all of them. A CVY_BOOL option needs no value
 * (--json), but --json=false works too. A row without a default is optional, and its member then
 * stays zero. Its help may begin with a placeholder for the value: "FILE: where the model is saved"
 * is shown as "--output FILE  where the model is saved". */
#ifndef CVY_CLI_OPTIONS_H
#define CVY_CLI_OPTIONS_H

#include "base/settings.h"

/* A table of options, and the struct that its rows describe. */
typedef struct {
    const cvy_setting *rows;
    void *values;
} cvy_option_set;

/**
 * Set the rows of all sets to their defaults, then read the arguments.
 * arguments      "--" ends the options, a lone "-" is an operand; the operands are moved to the
 *                front in their order, and what follows them is then unspecified
 * operand_count  number of operands
 * Returns CVY_ERR_SETTING with a sentence "--name: ..." for an unknown option (it suggests the
 * nearest one), a missing value or one that the row refuses.
 */
cvy_status cvy_options_read(const cvy_option_set *sets, size_t set_count, char **arguments,
                            size_t count, size_t *operand_count);

/** The number of arguments at the beginning that are options of these rows or their values. */
size_t cvy_options_leading(const cvy_setting *rows, char **arguments, size_t count);

/** The row that "--name", "--name=VALUE" or "-h" stands for, or NULL. */
const cvy_setting *cvy_option_find(const cvy_setting *rows, const char *argument);

/* The options that every command takes. */
typedef struct {
    size_t threads;        /* to run: at least 1 once settled */
    size_t threads_wanted; /* OMP_THREAD_LIMIT may allow fewer */
    size_t seed;
    bool json, quiet, verbose, help;
    bool has_threads; /* the user chose a number; valid once settled */
} cvy_common_options;

/* Rows of the common options, for cvy_options_read() and for the help. */
extern const cvy_setting cvy_common_rows[];

/** Choose the number of threads if none was given: cvy_threads_recommended(). Returns CVY_OK, or
 *  CVY_ERR_SETTING for more threads than the GEMM backend supports. */
cvy_status cvy_common_options_settle(cvy_common_options *common);

/** Returns CVY_ERR_SETTING if the option `name` requests more simultaneous workers than the GEMM
 *  backend supports. */
cvy_status cvy_check_workers(const char *name, size_t workers);

#endif
