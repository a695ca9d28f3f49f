#include "cli/values.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"

enum { ADVICE_BYTES = 512 };

/* One setting's value in its JSON type. */
static json_t *json_value(const cvy_setting_value *value)
{
    if (value->is_none)
        return json_null();
    switch (value->setting->type) {
    case CVY_VALUE_NUMBER:
        return cvy_json_number(value->numbers[0]);
    case CVY_VALUE_NUMBERS:
        return cvy_json_numbers(value->numbers, value->number_count, cvy_json_number);
    case CVY_VALUE_COUNT:
        return json_integer((json_int_t)value->numbers[0]);
    case CVY_VALUE_BOOL:
        return json_boolean(value->numbers[0] != 0);
    default:
        return json_string(value->text);
    }
}

json_t *cvy_json_spec(cvy_kind_group group, const char *text)
{
    cvy_spec *spec;

    if (cvy_spec_resolve(group, text, &spec) != CVY_OK)
        return json_null();
    json_t *object = json_pack("{s:s}", "name", spec->kind->name);
    for (size_t i = 0; i < spec->value_count; i++)
        cvy_json_set(&object, spec->values[i]->setting->name, json_value(spec->values[i]));
    cvy_spec_destroy(spec);
    return object;
}

void cvy_spec_shorten(cvy_kind_group group, const char *text, char *brief, size_t size)
{
    cvy_spec *spec;

    if (cvy_spec_resolve(group, text, &spec) != CVY_OK) {
        snprintf(brief, size, "%s", text);
        return;
    }
    snprintf(brief, size, "%s", spec->brief);
    cvy_spec_destroy(spec);
}

/* Whether a file begins like safetensors: the length of the header, which begins with a brace. */
static bool has_tensors(const char *path)
{
    unsigned char bytes[9];
    struct stat about;
    uint64_t length = 0;

    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    const bool is_read = fread(bytes, sizeof bytes, 1, file) == 1;
    fclose(file);
    for (size_t i = 0; is_read && i < 8; i++)
        length |= (uint64_t)bytes[i] << (8 * i);
    return is_read && bytes[8] == '{' && length <= (uint64_t)about.st_size;
}

bool cvy_is_trained_name(const char *what)
{
    static const char *const endings[] = { ".safetensors", ".keras", ".h5", ".hdf5" };
    const size_t length = strlen(what);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t tail = strlen(endings[i]);
        if (length > tail && strcmp(what + length - tail, endings[i]) == 0)
            return true;
    }
    return has_tensors(what);
}

cvy_status cvy_model_open(const char *what, cvy_model **model)
{
    return cvy_is_trained_name(what) ? cvy_model_load(what, model) : cvy_model_create(what, model);
}

/* Advise a user who probably did not mean a trained model. */
static const char *advise_on_model(const char *what, char text[ADVICE_BYTES])
{
    static const char *const endings[] = { ".safetensors", "safetensors", "s" };
    struct stat about;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char path[ADVICE_BYTES / 2];
        snprintf(path, sizeof path, "%.200s%s", what, endings[i]);
        if (stat(path, &about) == 0 && S_ISREG(about.st_mode)) {
            snprintf(text, ADVICE_BYTES, "Did you mean %s?", path);
            return text;
        }
    }

    for (size_t i = 0; cvy_model_builtin(i) != NULL; i++)
        if (strcmp(cvy_model_builtin(i), what) == 0)
            return "That is a built-in architecture without weights. Train it first: convoy train "
                   "--model "
                   "NAME.";
    if (stat(what, &about) == 0 && S_ISDIR(about.st_mode))
        return "The trained model comes first; data are given by --data FOLDER.";
    return "A trained model is a file that convoy train has saved.";
}

cvy_status cvy_model_open_trained(const char *path, cvy_model **model)
{
    cvy_status status = cvy_model_load(path, model);
    char advice[ADVICE_BYTES];

    if (status == CVY_OK || status == CVY_ERR_MEMORY || strchr(cvy_error_message(), '\n') != NULL ||
        (status != CVY_ERR_OPEN && status != CVY_ERR_READ))
        return status;
    return cvy_fail_advise(status, advise_on_model(path, advice));
}

void cvy_print_metrics(const cvy_score *score, const char *prefix, FILE *file)
{
    for (size_t i = 0; i < score->metric_count; i++)
        fprintf(file, "%s%-9s %.4g\n", prefix, score->metrics[i].name, score->metrics[i].value);
}

void cvy_set_metrics(json_t **object, const cvy_score *score)
{
    for (size_t i = 0; i < score->metric_count; i++)
        cvy_json_set(object, score->metrics[i].name, cvy_json_number(score->metrics[i].value));
}
