/* Runs the program's commands. */
#ifndef CVY_CLI_PROGRAM_H
#define CVY_CLI_PROGRAM_H

#include "cli/command.h"

enum { CVY_EXIT_DONE = 0, CVY_EXIT_FAILED = 1, CVY_EXIT_USAGE = 2 };

/**
 * Run the command line, print errors, and return the exit status.
 * commands   NULL-terminated
 * arguments  as main() gets them; they may be reordered
 */
int cvy_program_run(const cvy_command *const *commands, int count, char **arguments);

#endif
