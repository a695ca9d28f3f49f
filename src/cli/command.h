/* A command. Each has a file of its own, cmd_NAME.c, and is listed in commands.c. */
#ifndef CVY_CLI_COMMAND_H
#define CVY_CLI_COMMAND_H

#include "cli/options.h"

typedef struct cvy_command cvy_command;

/* One invocation of a command. */
typedef struct {
    const cvy_command *command;
    const void *options; /* command->options_size bytes, read by command->options */
    char *const *operands;
    size_t operand_count; /* from operands_min to operands_max */
    cvy_common_options common;
} cvy_call;

struct cvy_command {
    const char *name;
    const char *operands;       /* as in the usage line: "MODEL FILE..."; NULL: none */
    const char *summary;        /* a phrase in lower case without a full stop */
    const char *examples;       /* whole command lines, each ending in a newline; the first one also
                                   appears in the help of the program */
    const cvy_setting *options; /* NULL: only the common ones */
    size_t options_size;
    size_t operands_min, operands_max;
    bool is_for_ranks; /* several processes run it together (cli/ranks.h); else only rank 0 runs
                          it */

    /**
     * Run the command. Results go to cvy_print_file() or, with --json, through cvy_print_json(). On
     * failure the status and cvy_error_message(), which begins with the place, are the program's
     * answer: CVY_ERR_SETTING is a wrong command line (exit status 2), CVY_ERR_STOPPED a signal
     * (130 or 143), anything else is a failure (1).
     */
    cvy_status (*run)(const cvy_call *call);
};

/* The list. NULL-terminated. */
extern const cvy_command *const cvy_commands[];

#endif
