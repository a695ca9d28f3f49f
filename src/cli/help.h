/* Help, generated from the tables that parse the command line. */
#ifndef CVY_CLI_HELP_H
#define CVY_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/** convoy --help. commands: NULL-terminated. */
void cvy_help_program(FILE *file, const cvy_command *const *commands);

/** convoy COMMAND --help */
void cvy_help_command(FILE *file, const cvy_command *command);

/** An option with a placeholder for its value: "--output FILE", "--invert auto|yes|no". */
void cvy_help_option_name(const cvy_setting *row, char *text, size_t size);

/** An option's description, range and default: "share of ...; a number in [0, 1) (default 0)". */
void cvy_help_option_text(const cvy_setting *row, char *text, size_t size);

#endif
