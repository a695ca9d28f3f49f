/* Writes a line of values per epoch; Keras's CSVLogger, byte for byte: the first epoch's names in
 * alphabetical order, with a val_ twin added for each that has none; NA for missing values; epochs
 * from 0; lines end in CR LF; values in single precision, printed as Python prints floats.
 * Sources: keras/src/callbacks/csv_logger.py, Keras 3.15.1; Python's csv module, dialect excel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/csv_cell.h"
#include "base/number.h"
#include "base/output.h"
#include "callbacks/callback_state.h"

enum { KEYS_MAX = 2 * CVY_LOGS_MAX };

typedef struct {
    char filename[CVY_PATH_BYTES], separator[CVY_NAME_BYTES];
    bool append;
} csv_settings;

typedef struct {
    FILE *file; /* NULL after a failure: the log ends with the last whole line */
    bool has_header;
    size_t key_count;
    char keys[KEYS_MAX][CVY_NAME_BYTES];
} csv_state;

#define AT(member) offsetof(csv_settings, member)
static const cvy_setting settings[] = {
    { "filename", CVY_PATH, AT(filename), NULL, 0, 0, "file to write", CVY_CLOSED, NULL },
    { "separator", CVY_NAME, AT(separator), "comma", 0, 0,
      "between values: one character, or the word comma or tab", CVY_CLOSED, NULL },
    { "append", CVY_BOOL, AT(append), "false", 0, 0, "append to an existing file", CVY_CLOSED,
      NULL },
    { 0 },
};

/* The separator, or 0 if the setting is not a usable character. */
static char separator_of(const csv_settings *s)
{
    if (strcmp(s->separator, "comma") == 0)
        return ',';
    if (strcmp(s->separator, "tab") == 0)
        return '\t';
    return strlen(s->separator) == 1 && strchr("\"\r\n", s->separator[0]) == NULL ? s->separator[0]
                                                                                  : '\0';
}

static cvy_status check(const void *config)
{
    const csv_settings *s = config;

    if (s->filename[0] == '\0')
        return cvy_fail(CVY_ERR_SETTING, "filename: found \"\", expected a file's name");
    if (separator_of(s) == '\0')
        return cvy_fail(CVY_ERR_SETTING,
                        "separator: found \"%s\", expected one character, comma or tab",
                        s->separator);
    return CVY_OK;
}

static cvy_status fail_write(const csv_settings *s, cvy_status status)
{
    return cvy_fail(status, "%s: %s", s->filename, strerror(errno));
}

static bool has_first_line(const char *path)
{
    FILE *file = fopen(path, "r");

    if (file == NULL)
        return false;
    const bool is_there = fgetc(file) != EOF;
    fclose(file);
    return is_there;
}

static cvy_status train_begin(cvy_callback *callback, cvy_callback_run *run)
{
    const csv_settings *s = callback->settings;
    csv_state *state = callback->state;
    const bool is_continued = s->append || run->is_resuming;

    if (state->file != NULL)
        fclose(state->file);
    *state = (csv_state){ .has_header = is_continued && has_first_line(s->filename) };
    if (run->has_no_files)
        return CVY_OK;
    const cvy_status status = cvy_output_open_lines(s->filename, is_continued, &state->file);
    if (status != CVY_OK)
        return status;
    fseek(state->file, 0, SEEK_END); /* ftell() counts from the beginning; a pipe has no position */
    return CVY_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void choose_keys(csv_state *state, const cvy_logs *logs)
{
    const char *names[CVY_LOGS_MAX];
    const size_t count = logs->count;
    bool has_validation = false;

    for (size_t i = 0; i < count; i++) {
        names[i] = logs->entries[i].name;
        has_validation = has_validation || strncmp(names[i], "val_", 4) == 0;
    }
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++) {
        snprintf(state->keys[i], CVY_NAME_BYTES, "%s", names[i]);
        snprintf(state->keys[count + i], CVY_NAME_BYTES, "val_%s", names[i]);
    }
    state->key_count = has_validation ? count : 2 * count;
}

static void write_header(csv_state *state, char separator)
{
    cvy_csv_cell(state->file, separator, "epoch");
    for (size_t i = 0; i < state->key_count; i++) {
        fputc(separator, state->file);
        cvy_csv_cell(state->file, separator, state->keys[i]);
    }
    fputs("\r\n", state->file);
}

static void write_line(const csv_state *state, char separator, size_t epoch, const cvy_logs *logs)
{
    char text[CVY_NUMBER_BYTES];

    snprintf(text, sizeof text, "%zu", epoch);
    cvy_csv_cell(state->file, separator, text);
    for (size_t i = 0; i < state->key_count; i++) {
        const double *value = cvy_logs_find(logs, state->keys[i]);
        if (value != NULL)
            cvy_number_print(*value, text);
        else
            snprintf(text, sizeof text, "NA");
        fputc(separator, state->file);
        cvy_csv_cell(state->file, separator, text);
    }
    fputs("\r\n", state->file);
}

/* After a failed write: removes the incomplete line and writes no more. */
static cvy_status give_up(const csv_settings *s, csv_state *state, long whole_bytes)
{
    const int reason = errno;

    cvy_file_close_at(state->file, whole_bytes);
    state->file = NULL;
    return cvy_fail(CVY_ERR_WRITE, "%s: %s; the log ends here", s->filename, strerror(reason));
}

static cvy_status epoch_end(cvy_callback *callback, cvy_callback_run *run, cvy_logs *logs)
{
    const csv_settings *s = callback->settings;
    csv_state *state = callback->state;
    const char separator = separator_of(s);

    if (state->file == NULL)
        return CVY_OK;
    const long whole_bytes = ftell(state->file);
    if (state->key_count == 0) {
        choose_keys(state, logs);
        if (!state->has_header)
            write_header(state, separator);
    }
    write_line(state, separator, run->epoch, logs);
    return fflush(state->file) == 0 ? CVY_OK : give_up(s, state, whole_bytes);
}

static cvy_status train_end(cvy_callback *callback, cvy_callback_run *run)
{
    csv_state *state = callback->state;
    const int result = state->file != NULL ? fclose(state->file) : 0;

    (void)run;
    state->file = NULL;
    return result == 0 ? CVY_OK : fail_write(callback->settings, CVY_ERR_WRITE);
}

/* Lines written after the checkpoint are cut off when training resumes from it. */
static json_t *save_state(const cvy_callback *callback)
{
    const csv_state *state = callback->state;
    const long bytes = state->file != NULL ? ftell(state->file) : 0;
    json_t *keys = json_array();
    bool is_whole = keys != NULL;

    for (size_t i = 0; is_whole && i < state->key_count; i++)
        is_whole = json_array_append_new(keys, json_string(state->keys[i])) == 0;
    if (!is_whole) {
        json_decref(keys);
        return NULL;
    }
    return json_pack("{s:b, s:o, s:I}", "has_header", state->has_header, "keys", keys, "bytes",
                     (json_int_t)(bytes > 0 ? bytes : 0));
}

static cvy_status read_keys(const json_t *keys, csv_state *state)
{
    const size_t count = json_array_size(keys);

    if (!json_is_array(keys) || count > KEYS_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "state: keys: expected a list of at most %d names",
                        KEYS_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        if (key == NULL || strlen(key) >= CVY_NAME_BYTES)
            return cvy_fail(CVY_ERR_FORMAT, "state: keys: entry %zu is not a name", i);
        snprintf(state->keys[i], CVY_NAME_BYTES, "%s", key);
    }
    state->key_count = count;
    return CVY_OK;
}

static cvy_status restore_state(cvy_callback *callback, const json_t *saved)
{
    const csv_settings *s = callback->settings;
    csv_state *state = callback->state;
    size_t bytes = 0;
    bool has_header;
    cvy_status status = cvy_state_read_bool(saved, "has_header", &has_header);

    if (status == CVY_OK)
        status = cvy_state_read_count(saved, "bytes", &bytes);
    if (status == CVY_OK)
        status = read_keys(json_object_get(saved, "keys"), state);
    if (status != CVY_OK)
        return status;
    state->has_header = has_header;
    if (state->file == NULL) /* another process writes it */
        return CVY_OK;
    if (bytes == 0 && state->key_count > 0) /* writing had failed; the file ends with its last
                                               whole line */
        return CVY_OK;
    if (fseek(state->file, 0, SEEK_END) != 0 || ftell(state->file) < (long)bytes)
        return cvy_fail(CVY_ERR_DATA, "%s: shorter than when the checkpoint was written",
                        s->filename);
    /* ftell() must know the new end too, for the next checkpoint */
    return ftruncate(fileno(state->file), (off_t)bytes) == 0 && fseek(state->file, 0, SEEK_END) == 0
               ? CVY_OK
               : fail_write(s, CVY_ERR_WRITE);
}

static void release(cvy_callback *callback)
{
    csv_state *state = callback->state;

    if (state->file != NULL)
        fclose(state->file);
}

const cvy_callback_kind cvy_csv_logger = {
    .kind = { "csv_logger", "write a line of values per epoch", settings, sizeof(csv_settings) },
    .state_bytes = sizeof(csv_state),
    .check = check,
    .train_begin = train_begin,
    .epoch_end = epoch_end,
    .train_end = train_end,
    .release = release,
    .save_state = save_state,
    .restore_state = restore_state,
};
