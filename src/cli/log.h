/* --log: a line per epoch, as CSV or as JSON lines, depending on the file name's ending. */
#ifndef CVY_CLI_LOG_H
#define CVY_CLI_LOG_H

#include <stdio.h>

#include "base/json.h"
#include "convoy/train.h"

typedef struct {
    FILE *file; /* NULL: no log */
    const char *path;
    bool is_json, has_header;
    bool is_waiting; /* for cvy_log_resume(): the file is still unchanged */
    int error;       /* errno of the first line that could not be written, or 0 */
} cvy_log;

/** Check the ending of a log's name; NULL is no log. Returns CVY_ERR_SETTING for another ending. */
cvy_status cvy_log_check_name(const char *path);

/** Begin a log, or none if path is NULL. A file of that name is replaced or, if is_resuming, left
 *  unchanged until cvy_log_resume(). Returns CVY_ERR_SETTING for another ending, CVY_ERR_OPEN. */
cvy_status cvy_log_open(const char *path, bool is_resuming, cvy_log *log);

/** Replace the content of the log by the epochs that were done before the run was resumed. */
void cvy_log_resume(cvy_log *log, const cvy_epoch *const *epochs, size_t count);

/** Write one epoch and flush it to the file. */
void cvy_log_epoch(cvy_log *log, const cvy_epoch *epoch);

/** Returns CVY_ERR_WRITE if a line could not be written. */
cvy_status cvy_log_close(cvy_log *log);

/** An epoch as in the JSON of `convoy train`; with val_ entries only if there was a validation. */
json_t *cvy_log_json(const cvy_epoch *epoch);

#endif
