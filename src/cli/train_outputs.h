/* The files that `convoy train` reads and writes, and the saved configuration that repeats the
 * run. */
#ifndef CVY_CLI_TRAIN_OUTPUTS_H
#define CVY_CLI_TRAIN_OUTPUTS_H

#include <stdbool.h>

#include "base/settings.h"

typedef struct {
    const char *output, *log; /* log: NULL: none */
    const cvy_text_list *callbacks, *data;
    const char *validation_data, *config, *checkpoint; /* NULL: none */
    bool has_result;                                   /* JSON goes to stdout */
} cvy_train_files;

/** Refuse names that cannot be written, and a file with two writers or a writer and a reader,
 *  before training begins.
 *  Returns CVY_ERR_SETTING, CVY_ERR_OPEN, CVY_ERR_MEMORY. */
cvy_status cvy_train_check_outputs(const cvy_train_files *files);

/** Save the configuration, a JSON object, next to the log: as epochs.config.json with --log
 *  epochs.csv. Called before the log is opened, which empties it: if the configuration cannot be
 *  written, the old log stays. log: NULL saves nothing. */
cvy_status cvy_train_write_configuration(const char *log, const char *text);

#endif
