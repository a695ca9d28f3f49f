#include "base/json.h"

#include <math.h>

#include "base/memory.h"
#include "base/utf8.h"

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
    char *repaired;

    if (text == NULL)
        return json_null();
    json_t *value = json_string(text);
    if (value != NULL || cvy_utf8_repair(text, &repaired) != CVY_OK)
        return value;
    value = json_string(repaired);
    cvy_memory_free(repaired);
    return value;
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

json_t *cvy_json_numbers(const double *values, size_t count, json_t *(*make)(double value))
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        cvy_json_append(&array, make(values[i]));
    return array;
}

cvy_status cvy_json_print(json_t *document, size_t flags, const char *what, char **text)
{
    *text = document != NULL ? json_dumps(document, flags) : NULL;
    json_decref(document);
    return *text != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", what);
}
