/* The files that a command is going to write: checks their names, and that no two are the same. */
#ifndef CVY_CLI_OUTPUTS_H
#define CVY_CLI_OUTPUTS_H

#include "base/settings.h"

enum { CVY_OUTPUTS_MAX = 3 + 2 * CVY_LIST_MAX };

/* The files to write, and their writers. */
typedef struct {
    size_t count;
    struct {
        const char *writer; /* "--output", "callback csv_logger" */
        char *path;         /* may have fields in braces: "{epoch}.safetensors" */
    } items[CVY_OUTPUTS_MAX];
} cvy_outputs;

/** Release what was added. */
void cvy_outputs_release(cvy_outputs *outputs);

/** Add a file, unless path is NULL. Returns CVY_ERR_SETTING if another writer has it, CVY_ERR_MEMORY. */
cvy_status cvy_outputs_add(cvy_outputs *outputs, const char *writer, const char *path);

/** Refuse outputs that would replace an input: the file itself, or a data file in a folder. Called
 *  after the outputs were added. path: a file, a folder, the name of built-in data, or NULL.
 *  Returns CVY_ERR_SETTING. */
cvy_status cvy_outputs_spare(const cvy_outputs *outputs, const char *reader, const char *path);

/** Call cvy_outputs_spare() for each path. */
cvy_status cvy_outputs_spare_all(const cvy_outputs *outputs, const char *reader,
                                 const cvy_text_list *paths);

/** Refuse outputs with the names of checkpoints in that folder, which need not exist yet. NULL: no
 *  folder. */
cvy_status cvy_outputs_spare_checkpoints(const cvy_outputs *outputs, const char *folder);

/** Add the files that callbacks write: the paths among their settings. The specs must be valid. */
cvy_status cvy_outputs_add_callbacks(cvy_outputs *outputs, const cvy_text_list *specs);

/** Check, without a trace, that all files can be written: logs are written under their own names, other
 *  files replaced, and model_checkpoint makes the folders of its files. Returns CVY_ERR_OPEN. */
cvy_status cvy_outputs_probe(const cvy_outputs *outputs);

/** Refuse a file that is stderr, and one that is stdout if another output or a result (JSON, CSV)
 *  goes there. If a file is stdout, text for the user goes to stderr (cvy_print_file()). Returns
 *  CVY_ERR_SETTING. */
cvy_status cvy_outputs_settle(const cvy_outputs *outputs, bool has_result);

/** Returns CVY_ERR_SETTING for a file name with the ending of another format, such as "x.h5" for a
 *  model. ending: of the format to write, with its dot. path: NULL is no file. */
cvy_status cvy_output_check_name(const char *option, const char *path, const char *ending);

#endif
