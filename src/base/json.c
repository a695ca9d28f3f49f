#include "base/json.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    *text = cvy_json_dump(document, flags);
    json_decref(document);
    return *text != NULL ? CVY_OK : cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", what);
}

/* --- printing --- */

typedef struct {
    char *bytes;
    size_t used, room;
    bool has_failed; /* jansson does not look at every result */
} growing_text;

/* Keeps room for a NUL. */
static int add_bytes(const char *bytes, size_t size, void *context)
{
    growing_text *text = context;

    if (text->has_failed)
        return -1;
    if (size >= text->room - text->used) {
        const size_t room = 2 * (text->used + size) + 64;
        char *larger = size < SIZE_MAX / 4 ? realloc(text->bytes, room) : NULL;
        text->has_failed = larger == NULL;
        if (text->has_failed)
            return -1;
        text->bytes = larger;
        text->room = room;
    }
    memcpy(text->bytes + text->used, bytes, size);
    text->used += size;
    return 0;
}

char *cvy_json_dump(const json_t *json, size_t flags)
{
    growing_text text = { 0 };

    if (json == NULL || json_dump_callback(json, add_bytes, &text, flags) != 0 || text.has_failed ||
        add_bytes("", 1, &text) != 0) {
        free(text.bytes);
        return NULL;
    }
    return text.bytes;
}

/* --- parsing: jansson allocates with the functions that it had before, through one that sees failures --- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static json_malloc_t allocate;
static json_free_t release;
static _Thread_local bool is_out_of_memory;

static void *allocate_watched(size_t size)
{
    void *memory = allocate(size);

    is_out_of_memory = is_out_of_memory || memory == NULL;
    return memory;
}

static void watch(void)
{
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(allocate_watched, release);
}

static void begin(void)
{
    pthread_once(&once, watch);
    is_out_of_memory = false;
}

static json_t *end(json_t *value, json_error_t *error)
{
    if (!is_out_of_memory)
        return value;
    if (error != NULL)
        snprintf(error->text, sizeof error->text, "out of memory");
    json_decref(value);
    return NULL;
}

json_t *cvy_json_load(const char *text, size_t size, size_t flags, json_error_t *error)
{
    begin();
    return end(json_loadb(text, size, flags, error), error);
}

json_t *cvy_json_load_text(const char *text, size_t flags, json_error_t *error)
{
    begin();
    return end(json_loads(text, flags, error), error);
}

json_t *cvy_json_load_file(const char *path, size_t flags, json_error_t *error)
{
    begin();
    return end(json_load_file(path, flags, error), error);
}
