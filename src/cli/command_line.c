#include "cli/command_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text_stream.h"
#include "base/visible.h"

/* Options that say where a run happens and where its output goes, not what is trained. */
static const char *const of_place[] = {
    "threads", "json",   "quiet",         "verbose",    "help",
    "output",  "log",    "bind",          "checkpoint", "checkpoint-every",
    "keep",    "resume", "resume-anyway", "time-limit", "config",
};

static bool is_of_place(const char *name)
{
    for (size_t i = 0; i < sizeof of_place / sizeof *of_place; i++)
        if (strcmp(name, of_place[i]) == 0)
            return true;
    return false;
}

/* --- quoting --- */

/* Control characters, as in the name of a file: $'a\nb', as bash, zsh and ksh read it. */
static void print_escaped(FILE *file, const char *text)
{
    fputs("$'", file);
    while (*text != '\0') {
        const size_t length = strcspn(text, "\\'");
        cvy_visible_print(file, "%.*s", (int)length, text);
        text += length;
        if (*text != '\0')
            fprintf(file, "\\%c", *text++);
    }
    fputc('\'', file);
}

/* Print a text, in quotation marks unless a shell leaves it unchanged. */
static void print_word(FILE *file, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=,+@%";

    if (*text != '\0' && strspn(text, plain) == strlen(text)) {
        fputs(text, file);
        return;
    }
    if (!cvy_visible_is_plain(text)) {
        print_escaped(file, text);
        return;
    }
    fputc('\'', file);
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", file);
        else
            fputc(*text, file);
    fputc('\'', file);
}

static void print_option(FILE *file, const cvy_setting *row, const char *text)
{
    if (row->type == CVY_BOOL && strcmp(text, "true") == 0) {
        fprintf(file, " --%s", row->name);
        return;
    }
    if (row->type == CVY_BOOL) {
        fprintf(file, " --%s=%s", row->name, text);
        return;
    }
    fprintf(file, " --%s ", row->name);
    print_word(file, text);
}

/* --- values --- */

/* An option's value as JSON: a text, a list of texts, true or false; null if not given. Numbers are
 * texts, so that no digit is lost. */
static json_t *value_of(const cvy_setting *row, const void *values)
{
    const char *at = (const char *)values + row->offset;
    char text[CVY_PATH_BYTES];

    if (row->type == CVY_TEXT_LIST) {
        const cvy_text_list *list = (const void *)at;
        json_t *texts = json_array();
        for (size_t i = 0; i < list->count; i++)
            cvy_json_append(&texts, cvy_json_text(list->texts[i]));
        return texts;
    }
    if (row->type == CVY_TEXT)
        return cvy_json_text(*(const char *const *)(const void *)at);
    if (row->type == CVY_BOOL)
        return json_boolean(*(const bool *)(const void *)at);
    cvy_setting_print(row, values, text, sizeof text);
    return json_string(text);
}

static void add_rows(json_t **object, const cvy_setting *rows, const void *values)
{
    for (const cvy_setting *row = rows; row != NULL && row->name != NULL; row++)
        if (!is_of_place(row->name))
            cvy_json_set(object, row->name, value_of(row, values));
}

json_t *cvy_configuration_of(const cvy_call *call)
{
    json_t *object = json_pack("{s:s}", "command", call->command->name);

    add_rows(&object, call->command->options, call->options);
    add_rows(&object, cvy_common_rows, &call->common);
    return object;
}

/* --- lines --- */

static bool is_default(const cvy_setting *row, const json_t *value)
{
    if (json_is_array(value))
        return json_array_size(value) == 0;
    if (json_is_boolean(value))
        return json_is_true(value) == (row->fallback != NULL && strcmp(row->fallback, "true") == 0);
    return json_is_null(value) ||
           (row->fallback != NULL && strcmp(row->fallback, json_string_value(value)) == 0);
}

static void print_value(FILE *file, const cvy_setting *row, const json_t *value)
{
    if (json_is_array(value))
        for (size_t i = 0; i < json_array_size(value); i++)
            print_option(file, row, json_string_value(json_array_get(value, i)));
    else if (json_is_boolean(value))
        print_option(file, row, json_is_true(value) ? "true" : "false");
    else
        print_option(file, row, json_string_value(value));
}

static bool print_rows(FILE *file, const cvy_setting *rows, const void *values, const char *hidden)
{
    bool is_whole = true;

    for (const cvy_setting *row = rows; row != NULL && row->name != NULL; row++) {
        json_t *value = value_of(row, values);
        is_whole = is_whole && value != NULL;
        if (value != NULL && !is_default(row, value) &&
            (hidden == NULL || strcmp(row->name, hidden) != 0))
            print_value(file, row, value);
        json_decref(value);
    }
    return is_whole;
}

static cvy_status close_line(FILE *file, bool is_whole, char **line)
{
    const bool has_failed = ferror(file) != 0;

    if (fclose(file) == 0 && is_whole && !has_failed)
        return CVY_OK;
    free(*line);
    *line = NULL;
    return cvy_fail(CVY_ERR_MEMORY, "command line: out of memory");
}

cvy_status cvy_command_line_print(const cvy_call *call, const char *more, char **line)
{
    size_t size;
    FILE *file = cvy_text_stream_open(line, &size);

    if (file == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "command line: out of memory");
    fprintf(file, "convoy %s", call->command->name);
    bool is_whole = print_rows(file, call->command->options, call->options, more);
    const cvy_setting *seed = cvy_setting_find(cvy_common_rows, "seed");
    json_t *value = value_of(seed, &call->common);
    is_whole = is_whole && value != NULL;
    if (value != NULL && !is_default(seed, value))
        print_value(file, seed, value);
    json_decref(value);
    if (more != NULL)
        fprintf(file, " --%s", more);
    return close_line(file, is_whole, line);
}

static const cvy_command *find_command(const char *name)
{
    for (size_t i = 0; cvy_commands[i] != NULL; i++)
        if (name != NULL && strcmp(cvy_commands[i]->name, name) == 0)
            return cvy_commands[i];
    return NULL;
}

static bool is_value(const json_t *value)
{
    bool is_good = json_is_string(value) || json_is_boolean(value) || json_is_null(value);

    for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)))
            return false;
    return is_good || json_is_array(value);
}

static void print_configured(FILE *file, const cvy_setting *rows, const json_t *configuration)
{
    for (const cvy_setting *row = rows; row != NULL && row->name != NULL; row++) {
        const json_t *value = json_object_get(configuration, row->name);
        if (is_value(value) && !is_default(row, value))
            print_value(file, row, value);
    }
}

cvy_status cvy_configuration_print_line(const json_t *configuration, char **line)
{
    const char *name = json_string_value(json_object_get(configuration, "command"));
    const cvy_command *command = find_command(name);
    size_t size;

    if (command == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "configuration: command: found %.40s, expected train",
                        name != NULL ? name : "none");
    FILE *file = cvy_text_stream_open(line, &size);
    if (file == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "command line: out of memory");
    fprintf(file, "convoy %s", command->name);
    print_configured(file, command->options, configuration);
    print_configured(file, cvy_common_rows, configuration);
    return close_line(file, true, line);
}
