/* What a shell offers at the cursor: convoy help --complete WORD..., which completions/ call. Made of the
 * tables that the command line is read by. */
#ifndef CVY_CLI_COMPLETION_H
#define CVY_CLI_COMPLETION_H

#include <stdio.h>

#include "cli/command.h"

/**
 * Print what may stand in place of the last word, a line each: the whole word, a tab, what it is. A line
 * ":files" stands for files, ":files .csv .jsonl" for those of some endings, ":folders" for folders.
 * commands  NULL-terminated
 * words     [count], at least 1: those behind "convoy", the last one perhaps empty
 */
void cvy_completion_print(FILE *file, const cvy_command *const *commands, char *const *words,
                          size_t count);

#endif
