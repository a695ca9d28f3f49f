#include "train/checkpoint_format.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 1 };

/* Return 0 if no convoy has ever written this value. */
static unsigned long format_of(const cvy_safetensors *file)
{
    const char *text = cvy_safetensors_find_text(file, CVY_CHECKPOINT_FORMAT_KEY);

    if (text == NULL)
        return FIRST;
    return strspn(text, "0123456789") == strlen(text) ? strtoul(text, NULL, 10) : 0;
}

cvy_status cvy_checkpoint_format_check(const cvy_safetensors *file)
{
    const unsigned long format = format_of(file), newest = strtoul(CVY_CHECKPOINT_FORMAT, NULL, 10);
    const char *version = cvy_safetensors_find_text(file, "version");

    if (format >= FIRST && format <= newest)
        return CVY_OK;
    return cvy_fail(
        CVY_ERR_FORMAT,
        CVY_CHECKPOINT_FORMAT_KEY
        ": found \"%.20s\", written by convoy %.20s, expected 1 to " CVY_CHECKPOINT_FORMAT
        "; resume with that convoy or a newer one",
        cvy_safetensors_find_text(file, CVY_CHECKPOINT_FORMAT_KEY),
        version != NULL ? version : "of an unknown version");
}

/* Add the member unless it exists. Takes ownership of `value`. */
static void add(json_t **object, const char *name, json_t *value)
{
    if (json_object_get(*object, name) != NULL)
        json_decref(value);
    else
        cvy_json_set(object, name, value);
}

static cvy_status result(const json_t *object)
{
    return object != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "checkpoint: out of memory");
}

cvy_status cvy_checkpoint_complete_settings(const cvy_safetensors *file, json_t **settings)
{
    if (format_of(file) < 2) {
        add(settings, "frozen", json_string("[]"));
        add(settings, "on_nan", json_string("stop"));
    }
    return result(*settings);
}

cvy_status cvy_checkpoint_complete_position(const cvy_safetensors *file, json_t **position)
{
    if (format_of(file) < 2)
        add(position, "skipped_steps", json_integer(0));
    return result(*position);
}
