/* The manual page, made of the tables that the command line is read by. */
#ifndef CVY_CLI_MAN_H
#define CVY_CLI_MAN_H

#include <stdio.h>

#include "cli/command.h"

/** Write convoy(1) in the man macros of roff. commands: NULL-terminated. */
void cvy_man_print(FILE *file, const cvy_command *const *commands);

#endif
