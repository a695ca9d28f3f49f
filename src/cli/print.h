/* How commands print: one JSON object for programs, readable numbers for people. */
#ifndef CVY_CLI_PRINT_H
#define CVY_CLI_PRINT_H

#include <stdio.h>

#include "base/json.h"
#include "charts/table.h"
#include "cli/command.h"

/** Where text for people goes: stdout, or stderr if stdout is reserved for JSON. */
FILE *cvy_print_file(const cvy_call *call);

/** Called if an output file is stdout: from now on cvy_print_file() is stderr. */
void cvy_print_leave_stdout(void);

/**
 * Write the one JSON object of the command and a newline to stdout, and release it. Numbers are
 * printed with the fewest digits that read back to the same double.
 * object  NULL, which jansson returns if it could not be built, gives CVY_ERR_MEMORY
 * Returns CVY_OK, CVY_ERR_MEMORY, CVY_ERR_WRITE.
 */
cvy_status cvy_print_json(json_t *object);

/** Flush everything that was printed to the file. Returns CVY_ERR_WRITE if that fails or failed
 *  before. */
cvy_status cvy_print_flush(FILE *file);

/* A number formatted for people, for immediate use: printf("%s", cvy_human_count(12345).text). */
typedef struct {
    char text[32];
} cvy_human;

cvy_human cvy_human_count(size_t count);     /* 12,345 */
cvy_human cvy_human_seconds(double seconds); /* 12 ms, 1.2 s, 2 min 05 s */
cvy_human cvy_human_percent(double share);   /* 0.965: 96.50% */

/** Whether lines can be redrawn: the file is a terminal, and not a dumb one. */
bool cvy_is_terminal(FILE *file);

/** Whether to use color: the file is a terminal, and NO_COLOR is not set. */
bool cvy_has_color(FILE *file);

/** The width of the terminal in characters, or 80 if there is none. */
size_t cvy_line_width(FILE *file);

#endif
