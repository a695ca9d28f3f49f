#include "base/json.h"

#include <math.h>

#include "base/memory.h"
#include "base/utf8.h"

bool cvy_json_put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

bool cvy_json_append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;
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

json_t *cvy_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *cvy_json_finish(json_t *document, bool is_whole)
{
    if (is_whole)
        return document;
    json_decref(document);
    return NULL;
}

cvy_status cvy_json_print(json_t *document, size_t flags, const char *what, char **text)
{
    *text = document != NULL ? json_dumps(document, flags) : NULL;
    json_decref(document);
    return *text != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", what);
}
