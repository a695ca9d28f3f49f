/* The files that a command is going to write: their names, and that no two of them are the same. */
#ifndef CVY_CLI_OUTPUTS_H
#define CVY_CLI_OUTPUTS_H

#include "base/settings.h"

enum { CVY_OUTPUTS_MAX = 3 + 2 * CVY_LIST_MAX };

/* Who writes which files. */
typedef struct {
    size_t count;
    struct {
        const char *writer;        /* "--output", "callback csv_logger" */
        char path[CVY_PATH_BYTES]; /* perhaps with fields in braces: "{epoch}.safetensors" */
    } items[CVY_OUTPUTS_MAX];
} cvy_outputs;

/** Add a file, unless path is NULL. Returns CVY_ERR_SETTING when it is too long, or when another writer
 *  has it. */
cvy_status cvy_outputs_add(cvy_outputs *outputs, const char *writer, const char *path);

/** Refuse outputs that would replace what is read: the file itself, or one of the data in a folder. To be called
 *  after the outputs were added. path: a file, a folder, the name of built-in data, or NULL. Returns
 *  CVY_ERR_SETTING. */
cvy_status cvy_outputs_spare(const cvy_outputs *outputs, const char *reader, const char *path);

/** cvy_outputs_spare() for each. */
cvy_status cvy_outputs_spare_all(const cvy_outputs *outputs, const char *reader,
                                 const cvy_text_list *paths);

/** Refuse outputs with the names of checkpoints in that folder, which may be missing still. NULL: no folder. */
cvy_status cvy_outputs_spare_checkpoints(const cvy_outputs *outputs, const char *folder);

/** Add what callbacks write: the paths among their settings. The specs must be valid. */
cvy_status cvy_outputs_add_callbacks(cvy_outputs *outputs, const cvy_text_list *specs);

/** Refuse a file that is stderr, and one that is stdout when another output or a result (JSON, CSV) goes there. With a file that is stdout, what is printed for people goes to stderr
 *  (cvy_print_file()). Returns CVY_ERR_SETTING. */
cvy_status cvy_outputs_settle(const cvy_outputs *outputs, bool has_result);

/** CVY_ERR_SETTING for a file that is named like another format, "x.h5" for a model. ending: that of what is
 *  written, with its dot. path: NULL is no file. */
cvy_status cvy_output_check_name(const char *option, const char *path, const char *ending);

#endif
