#include "cli/values.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

static json_t *json_numbers(const cvy_float_list *list)
{
    json_t *numbers = json_array();

    for (size_t i = 0; i < list->count; i++)
        cvy_json_append(&numbers, cvy_json_number(list->values[i]));
    return numbers;
}

json_t *cvy_json_setting(const cvy_setting *row, const void *values)
{
    const char *member = (const char *)values + row->offset;
    char text[256];

    switch (row->type) {
    case CVY_FLOAT:
        return cvy_json_number(*(const double *)(const void *)member);
    case CVY_FLOAT_LIST:
        return json_numbers((const void *)member);
    case CVY_COUNT:
        if (row->bounds & CVY_OR_NONE && *(const size_t *)(const void *)member == 0)
            return json_null();
        return json_integer((json_int_t) * (const size_t *)(const void *)member);
    case CVY_BOOL:
        return json_boolean(*(const bool *)member);
    case CVY_COUNT_PAIR:
    case CVY_CHOICE:
    case CVY_NAME:
    case CVY_PATH:
    case CVY_TEXT:
    case CVY_TEXT_LIST:
        break;
    }
    cvy_setting_print(row, values, text, sizeof text);
    return json_string(text);
}

json_t *cvy_json_spec(const cvy_kind *const *kinds, const char *spec)
{
    const cvy_kind *kind;
    void *settings;

    if (cvy_spec_read("spec", spec, kinds, &kind, &settings) != CVY_OK)
        return json_null();
    json_t *object = json_pack("{s:s}", "name", kind->name);
    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL; row++)
        json_object_set_new(object, row->name, cvy_json_setting(row, settings));
    cvy_memory_free(settings);
    return object;
}

void cvy_spec_shorten(const cvy_kind *const *kinds, const char *spec, char *text, size_t size)
{
    const cvy_kind *kind;
    void *settings, *defaults = NULL;
    char value[256], fallback[256];

    if (cvy_spec_read("spec", spec, kinds, &kind, &settings) != CVY_OK) {
        snprintf(text, size, "%s", spec);
        return;
    }
    if (kind->settings != NULL && cvy_memory_create(1, kind->settings_size, &defaults) == CVY_OK)
        cvy_settings_default(kind->settings, defaults);
    size_t length = (size_t)snprintf(text, size, "%s", kind->name);
    char separator = ':';
    for (const cvy_setting *row = kind->settings; row != NULL && row->name != NULL && length < size;
         row++) {
        cvy_setting_print(row, settings, value, sizeof value);
        if (row->fallback != NULL && defaults != NULL) {
            cvy_setting_print(row, defaults, fallback, sizeof fallback);
            if (strcmp(value, fallback) == 0)
                continue;
        }
        length +=
            (size_t)snprintf(text + length, size - length, "%c%s=%s", separator, row->name, value);
        separator = ',';
    }
    cvy_memory_free(defaults);
    cvy_memory_free(settings);
}

bool cvy_is_trained_name(const char *what)
{
    static const char ending[] = ".safetensors";
    const size_t length = strlen(what), tail = sizeof ending - 1;
    return length > tail && strcmp(what + length - tail, ending) == 0;
}

cvy_status cvy_model_open(const char *what, cvy_model **model)
{
    return cvy_is_trained_name(what) ? cvy_model_load(what, model) : cvy_model_create(what, model);
}

cvy_status cvy_model_open_trained(const char *path, cvy_model **model)
{
    cvy_status status = cvy_model_load(path, model);
    char sentence[CVY_ERROR_BYTES / 2];

    if (status != CVY_ERR_OPEN)
        return status;
    snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
    return cvy_fail(status, "%s\nA trained model is a file that convoy train has saved.", sentence);
}
