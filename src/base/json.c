#include "base/json.h"

#include <math.h>

#include "base/memory.h"

json_t *cvy_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *cvy_json_count(size_t count)
{
    return json_integer((json_int_t)count);
}

json_t *cvy_json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *result = json_string(text);
    char *copy;

    if (result != NULL || cvy_text_copy(text, &copy) != CVY_OK)
        return result;
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    result = json_string(copy);
    cvy_memory_free(copy);
    return result;
}

static void check(json_t **container, int result)
{
    if (result == 0)
        return;
    json_decref(*container);
    *container = NULL;
}

void cvy_json_append(json_t **array, json_t *value)
{
    check(array, json_array_append_new(*array, value));
}

void cvy_json_set(json_t **object, const char *key, json_t *value)
{
    check(object, json_object_set_new(*object, key, value));
}
