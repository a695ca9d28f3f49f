/* Help, made of the tables that the command line is read by. */
#ifndef CVY_CLI_HELP_H
#define CVY_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/** convoy --help. commands: NULL-terminated. */
void cvy_help_program(FILE *file, const cvy_command *const *commands);

/** convoy COMMAND --help */
void cvy_help_command(FILE *file, const cvy_command *command);

/** An option with what stands for its value: "--output FILE", "--invert auto|yes|no". */
void cvy_help_option_name(const cvy_setting *row, char *text, size_t size);

/** What an option is, takes and has without being given: "share of ...; a number in [0, 1) (default
 *  0)". */
void cvy_help_option_text(const cvy_setting *row, char *text, size_t size);

#endif
