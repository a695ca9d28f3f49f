/* Shell completion: convoy help --complete WORD..., called by the scripts in completions/.
 * Generated from the tables that parse the command line. */
#ifndef CVY_CLI_COMPLETION_H
#define CVY_CLI_COMPLETION_H

#include <stdio.h>

#include "cli/command.h"

/**
 * Print the candidates for the last word, one per line: the whole word, a tab, a description. The
 * line ":files" stands for files, ":files .csv .jsonl" for files with these endings, ":folders" for
 * folders.
 * commands  NULL-terminated
 * words     [count], at least 1: those after "convoy"; the last one may be empty
 */
void cvy_completion_print(FILE *file, const cvy_command *const *commands, char *const *words,
                          size_t count);

#endif
