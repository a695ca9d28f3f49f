/* The words behind a command: option rows go in, values and operands come out.
 *
 * An option is a cvy_setting row. Its name is written with hyphens and typed as --name VALUE or
 * --name=VALUE, where '_' and '-' are the same; of an option given twice the last one counts, unless
 * its row is a CVY_TEXT_LIST, which takes all of them. A
 * CVY_BOOL option stands alone (--json), but --json=false is understood. A row without a default
 * may be left out, and its member then stays zero. Its help may begin with the word that stands for
 * the value: "FILE: where the model is saved" shows as "--output FILE  where the model is saved". */
#ifndef CVY_CLI_OPTIONS_H
#define CVY_CLI_OPTIONS_H

#include "base/settings.h"

/* A table of options, and the struct that its rows describe. */
typedef struct {
    const cvy_setting *rows;
    void *values;
} cvy_option_set;

/**
 * Give the rows of all sets their defaults, then read the arguments.
 * arguments      "--" ends the options, a lone "-" is an operand; the operands are moved to the
 *                front in their order, and what lies behind them is then of no meaning
 * operand_count  how many there are
 * Returns CVY_ERR_SETTING with a sentence "--name: ..." for an unknown option (it names the nearest
 * one), a missing value or one that the row refuses.
 */
cvy_status cvy_options_read(const cvy_option_set *sets, size_t set_count, char **arguments,
                            size_t count, size_t *operand_count);

typedef enum { CVY_PRECISION_FP32, CVY_PRECISION_BF16, CVY_PRECISION_AUTO } cvy_precision;

/* What every command takes. */
typedef struct {
    size_t threads;        /* that run: at least 1 once settled */
    size_t threads_wanted; /* OMP_THREAD_LIMIT may allow fewer */
    size_t seed;
    int precision; /* a cvy_precision; never auto once settled */
    bool json, quiet, verbose, help;
} cvy_common_options;

/* Their rows, for cvy_options_read() and for the help. */
extern const cvy_setting cvy_common_rows[];

/** Decide what was left open: the number of threads (OMP_NUM_THREADS, else the cores this process
 *  may use; no more than matrix products allow) and the precision. Returns CVY_OK,
 *  CVY_ERR_UNSUPPORTED, or CVY_ERR_SETTING for more threads than that. */
cvy_status cvy_common_options_settle(cvy_common_options *common);

/** CVY_ERR_SETTING when the option `name` asks for more workers at the same time than matrix products allow. */
cvy_status cvy_check_workers(const char *name, size_t workers);

#endif
