/* --log: a line per epoch, as CSV or as JSON lines; what the file's name ends in decides. */
#ifndef CVY_CLI_LOG_H
#define CVY_CLI_LOG_H

#include <jansson.h>
#include <stdio.h>

#include "convoy/train.h"

typedef struct {
    FILE *file; /* NULL: no log is wanted */
    const char *path;
    bool is_json, has_header;
    bool is_waiting; /* for cvy_log_resume(): the file is as it was */
    int error;       /* errno of the first line that could not be written, or 0 */
} cvy_log;

/** Whether a log can have this name, NULL for none. Returns CVY_ERR_SETTING for another ending. */
cvy_status cvy_log_check_name(const char *path);

/** Begin a log, or none when path is NULL. A file of that name is replaced, or, when is_resuming, left as
 *  it is until cvy_log_resume(). Returns CVY_ERR_SETTING for another ending, CVY_ERR_OPEN. */
cvy_status cvy_log_open(const char *path, bool is_resuming, cvy_log *log);

/** A run is resumed after so many epochs: the log becomes theirs, whatever was in it. */
void cvy_log_resume(cvy_log *log, const cvy_epoch *const *epochs, size_t count);

/** Write one epoch and have it reach the file. */
void cvy_log_epoch(cvy_log *log, const cvy_epoch *epoch);

/** Returns CVY_ERR_WRITE when a line could not be written. */
cvy_status cvy_log_close(cvy_log *log);

/** An epoch as in the JSON of `convoy train`; val_ entries only where there was a validation. */
json_t *cvy_log_json(const cvy_epoch *epoch);

#endif
