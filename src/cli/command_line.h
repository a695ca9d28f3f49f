/* A command's options as the equivalent command line, and as a JSON object: the resolved
 * configuration of a run. */
#ifndef CVY_CLI_COMMAND_LINE_H
#define CVY_CLI_COMMAND_LINE_H

#include "base/json.h"
#include "cli/command.h"

/**
 * Print the command line, "convoy train --epochs 3 ...", quoted for a shell, without options that
 * have their default.
 * more  a flag to add, or NULL
 * line  the caller frees it with free()
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_command_line_print(const cvy_call *call, const char *more, char **line);

/** All options that influence the result, by name, including defaults. Options that depend on the
 *  machine or name outputs (threads, output, log, checkpoints) are left out, so equal runs have
 *  equal configurations. NULL if memory is short. */
json_t *cvy_configuration_of(const cvy_call *call);

/** Print the command line for a configuration, "convoy train --epochs 3 ...", without options that
 *  equal the current default. The caller frees it with free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_configuration_print_line(const json_t *configuration, char **line);

#endif
