#include "cli/config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/ranks.h"

enum { FILE_BYTES_MAX = 1 << 20, OPTIONS_MAX = 1000, WORD_BYTES_MAX = 1 << 16 };

/* Members that describe the configuration itself. */
static bool is_about(const char *key)
{
    return strcmp(key, "command") == 0 || strcmp(key, "summary") == 0;
}

/* --- the command line --- */

static const cvy_setting *find_row(const cvy_command *command, const char *word)
{
    const cvy_setting *row =
        command->options != NULL ? cvy_option_find(command->options, word) : NULL;
    return row != NULL ? row : cvy_option_find(cvy_common_rows, word);
}

/* The next option's row, or NULL for an operand; *used counts its words, *value is its value or
 * NULL. */
static const cvy_setting *next_option(const cvy_command *command, char **words, size_t count,
                                      size_t *used, const char **value)
{
    const cvy_setting *row = words[0][0] == '-' ? find_row(command, words[0]) : NULL;
    const char *equals = strchr(words[0], '=');

    *used = 1;
    *value = NULL;
    if (row == NULL)
        return NULL;
    if (equals != NULL) {
        *value = equals + 1;
    } else if (row->type != CVY_BOOL && count > 1) {
        *value = words[1];
        *used = 2;
    }
    return row;
}

/* Whether the command line gives this option; *value is that of the last occurrence. */
static bool is_given(const cvy_command *command, char **words, size_t count, const char *name,
                     const char **value)
{
    bool is_found = false;
    size_t used;

    for (size_t i = 0; i < count && strcmp(words[i], "--") != 0; i += used) {
        const char *given;
        const cvy_setting *row = next_option(command, words + i, count - i, &used, &given);
        if (row == NULL || strcmp(row->name, name) != 0)
            continue;
        is_found = true;
        *value = given;
    }
    return is_found;
}

/* --- the words of a configuration --- */

static cvy_status add_word(cvy_config *config, const char *name, const char *value)
{
    const size_t bytes = strlen(name) + strlen(value) + sizeof "--=";
    char *word;

    if (config->own_count == OPTIONS_MAX || bytes > WORD_BYTES_MAX)
        return cvy_fail(CVY_ERR_SETTING,
                        "%.80s: expected at most %d values in all, of at most %d bytes", name,
                        OPTIONS_MAX, WORD_BYTES_MAX);
    cvy_status status = cvy_memory_create(bytes, 1, &word);
    if (status != CVY_OK)
        return status;
    snprintf(word, bytes, "--%s=%s", name, value);
    config->own[config->own_count++] = word;
    return CVY_OK;
}

/* Add a JSON number as a user would type it. */
static cvy_status add_number(cvy_config *config, const char *name, const json_t *value)
{
    char *text = cvy_json_dump(value, JSON_ENCODE_ANY);

    if (text == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "out of memory");
    cvy_status status = add_word(config, name, text);
    free(text);
    return status;
}

static cvy_status add_value(cvy_config *config, const char *name, const json_t *value)
{
    if (json_is_string(value) && strlen(json_string_value(value)) != json_string_length(value))
        return cvy_fail(CVY_ERR_SETTING, "%.80s: found a text with a zero byte", name);
    if (json_is_string(value))
        return add_word(config, name, json_string_value(value));
    if (json_is_boolean(value))
        return add_word(config, name, json_is_true(value) ? "true" : "false");
    if (json_is_number(value))
        return add_number(config, name, value);
    return cvy_fail(CVY_ERR_SETTING,
                    "%.80s: found %s, expected a text, a number, true, false or null", name,
                    json_is_object(value) ? "an object" : "a list");
}

static cvy_status add_member(const cvy_command *command, const char *key, const json_t *value,
                             cvy_config *config)
{
    char word[CVY_NAME_BYTES + 3];
    cvy_status status = CVY_OK;

    snprintf(word, sizeof word, "--%s", key);
    const cvy_setting *row = strchr(key, '=') == NULL ? find_row(command, word) : NULL;
    if (row != NULL && (strcmp(row->name, "config") == 0 || strcmp(row->name, "help") == 0))
        return cvy_fail(CVY_ERR_SETTING, "%s: found in a configuration, expected on a command line",
                        row->name);
    /* the option reader suggests the nearest option for an unknown one */
    const char *name = row != NULL ? row->name : key;
    if (json_is_null(value))
        return CVY_OK;
    if (row == NULL || row->type != CVY_TEXT_LIST || !json_is_array(value))
        return add_value(config, name, value);
    for (size_t i = 0; status == CVY_OK && i < json_array_size(value); i++)
        status = add_value(config, name, json_array_get(value, i));
    return status;
}

/* Parses only the configuration, so that errors name the file and not the command line. */
static cvy_status check(const cvy_command *command, const cvy_config *config)
{
    char **words;
    void *options;
    cvy_common_options common;
    size_t operands;
    cvy_status status = cvy_memory_create(config->own_count, sizeof *words, &words);

    if (status == CVY_OK)
        status = cvy_memory_create(1, command->options_size, &options);
    if (status == CVY_OK) {
        const cvy_option_set sets[] = { { command->options, options },
                                        { cvy_common_rows, &common } };
        for (size_t i = 0; i < config->own_count; i++)
            words[i] = config->own[i];
        status = cvy_options_read(sets, 2, words, config->own_count, &operands);
        cvy_memory_free(options);
    }
    cvy_memory_free(words);
    return status;
}

static cvy_status read_members(const cvy_command *command, const json_t *object, char **words,
                               size_t count, cvy_config *config)
{
    const char *key, *ignored;
    json_t *value;
    cvy_status status = CVY_OK;
    const char *of = json_string_value(json_object_get(object, "command"));

    if (of != NULL && strcmp(of, command->name) != 0)
        return cvy_fail(CVY_ERR_SETTING, "command: found %.40s, expected a configuration of %s", of,
                        command->name);
    json_object_foreach((json_t *)object, key, value)
    {
        char word[CVY_NAME_BYTES + 3];
        snprintf(word, sizeof word, "--%s", key);
        const cvy_setting *row = find_row(command, word);
        /* a list on the command line replaces that of the configuration */
        if (is_about(key) || (row != NULL && row->type == CVY_TEXT_LIST &&
                              is_given(command, words, count, row->name, &ignored)))
            continue;
        status = add_member(command, key, value, config);
        if (status != CVY_OK)
            return status;
    }
    return check(command, config);
}

static cvy_status join(char **words, size_t count, cvy_config *config)
{
    cvy_status status =
        cvy_memory_create(config->own_count + count, sizeof *config->words, &config->words);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < config->own_count; i++)
        config->words[config->count++] = config->own[i];
    for (size_t i = 0; i < count; i++)
        config->words[config->count++] = words[i];
    return CVY_OK;
}

cvy_status cvy_config_parse(const cvy_command *command, const char *name, const char *text,
                            size_t size, char **words, size_t count, cvy_config *config)
{
    json_error_t error;
    json_t *object = cvy_json_load(text, size, JSON_REJECT_DUPLICATES, &error);
    cvy_status status = cvy_memory_create(OPTIONS_MAX, sizeof *config->own, &config->own);

    if (status == CVY_OK && object == NULL) {
        cvy_fail(CVY_ERR_FORMAT, "line %d: not JSON: %s", error.line, error.text);
        status = cvy_fail_advise(CVY_ERR_FORMAT, cvy_json_advice(error.text));
    }
    if (status == CVY_OK && !json_is_object(object))
        status =
            cvy_fail(CVY_ERR_FORMAT, "expected a JSON object of options, as in {\"epochs\": 3}");
    else if (status == CVY_OK)
        status = read_members(command, object, words, count, config);
    json_decref(object);
    return status == CVY_OK ? join(words, count, config) : cvy_fail_at(status, "%s", name);
}

/* --- files and recipes --- */

static const cvy_recipe *find_recipe(const char *name)
{
    for (size_t i = 0; i < cvy_recipe_count; i++)
        if (strcmp(cvy_recipes[i].name, name) == 0)
            return &cvy_recipes[i];
    return NULL;
}

/* The file does not exist: suggest a recipe if one was meant. */
static cvy_status fail_unknown(const char *path)
{
    char names[256] = "";

    if (path[0] == '\0')
        cvy_fail(CVY_ERR_SETTING, "found \"\", expected a file or a recipe");
    cvy_fail_at(CVY_ERR_SETTING, "--config");
    if (strchr(cvy_error_message(), '\n') != NULL) /* it already says what was meant */
        return CVY_ERR_SETTING;
    for (size_t i = 0, length = 0; i < cvy_recipe_count && length < sizeof names; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? ", " : "",
                                   cvy_recipes[i].name);
    return cvy_fail_add(CVY_ERR_SETTING, "\nBuilt-in recipes: %s (convoy info --recipes).", names);
}

static cvy_status parse_file(const cvy_command *command, const char *path, char **words,
                             size_t count, cvy_config *config)
{
    unsigned char *bytes;
    size_t size;
    cvy_status status = command->is_for_ranks
                            ? cvy_ranks_read_file(path, FILE_BYTES_MAX, &bytes, &size)
                            : cvy_file_read(path, FILE_BYTES_MAX, &bytes, &size);

    if (status == CVY_ERR_OPEN)
        return fail_unknown(path);
    if (status != CVY_OK)
        return status;
    status = cvy_config_parse(command, path, (const char *)bytes, size, words, count, config);
    cvy_memory_free(bytes);
    return status;
}

cvy_status cvy_config_expand(const cvy_command *command, char **words, size_t count,
                             cvy_config *config)
{
    const char *name = NULL;

    *config = (cvy_config){ 0 };
    if (command->options == NULL || cvy_setting_find(command->options, "config") == NULL ||
        !is_given(command, words, count, "config", &name) || name == NULL)
        return join(words, count, config);
    const cvy_recipe *recipe = find_recipe(name);
    if (recipe != NULL)
        return cvy_config_parse(command, name, recipe->text, recipe->size, words, count, config);
    return parse_file(command, name, words, count, config);
}

void cvy_config_release(cvy_config *config)
{
    for (size_t i = 0; i < config->own_count; i++)
        cvy_memory_free(config->own[i]);
    cvy_memory_free(config->own);
    cvy_memory_free(config->words);
    *config = (cvy_config){ 0 };
}
