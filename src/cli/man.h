/* The manual page, generated from the tables that parse the command line. */
#ifndef CVY_CLI_MAN_H
#define CVY_CLI_MAN_H

#include <stdio.h>

#include "cli/command.h"

/** Write convoy(1) with roff's man macros. commands: NULL-terminated. */
void cvy_man_print(FILE *file, const cvy_command *const *commands);

#endif
