/* A command's options as the line that would give them, and as a JSON object: the resolved configuration of
 * a run. */
#ifndef CVY_CLI_COMMAND_LINE_H
#define CVY_CLI_COMMAND_LINE_H

#include <jansson.h>

#include "cli/command.h"

/**
 * The line: "convoy train --epochs 3 ...", quoted for a shell, options at their default left out.
 * more  an option without value to add, or NULL
 * line  the caller frees it with free()
 * Returns CVY_OK or CVY_ERR_MEMORY.
 */
cvy_status cvy_command_line_print(const cvy_call *call, const char *more, char **line);

/** All options that have a say in the result, by name, defaults included. What depends on the machine or
 *  names outputs (threads, output, log, checkpoints) is not in it, so equal runs have equal
 *  configurations. NULL when memory is short. */
json_t *cvy_configuration_of(const cvy_call *call);

/** The line that gives a configuration back: "convoy train --epochs 3 ...", where options at the default that
 *  they have now are left out. The caller frees it with free(). Returns CVY_ERR_MEMORY. */
cvy_status cvy_configuration_print_line(const json_t *configuration, char **line);

#endif
