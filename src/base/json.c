#include "base/json.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/utf8.h"

static const size_t file_bytes_max = (size_t)1 << 30;

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
    bool has_failed; /* jansson does not check every result */
} growing_text;

/* Leaves room for a NUL. */
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

/* --- parsing ---
 * If the buffer of the current token cannot grow, jansson aborts or loses characters. Therefore
 * jansson allocates through a function that, while this thread parses, serves the first failed
 * request from a reserve large enough for any token, and ends the text there: jansson then reports
 * a premature end, which becomes "out of memory". */

typedef struct {
    const char *next, *end; /* the rest of the text */
    char *reserve;
    size_t reserve_bytes;
    bool is_out_of_memory;
} parsing;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static json_malloc_t allocate; /* jansson's previous allocator */
static json_free_t release;
static _Thread_local parsing *running;

static void *allocate_or_reserve(size_t size)
{
    void *memory = allocate(size);

    if (memory != NULL || running == NULL)
        return memory;
    const bool is_first = !running->is_out_of_memory;
    running->is_out_of_memory = true;
    return is_first && size <= running->reserve_bytes ? running->reserve : NULL;
}

static void release_or_keep(void *memory)
{
    if (running == NULL || memory != running->reserve)
        release(memory);
}

static void take_over(void)
{
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(allocate_or_reserve, release_or_keep);
}

/* An upper bound for the bytes of one token, including the quotation marks of a string. */
static size_t longest_token(const char *text, size_t size)
{
    size_t longest = 0, length = 0;
    bool is_string = false;

    for (size_t i = 0; i < size; i++) {
        const bool is_escape = is_string && text[i] == '\\' && i + 1 < size;
        const bool is_between = !is_string && strchr(" \t\r\n,:[]{}", text[i]) != NULL;
        if (text[i] == '"')
            is_string = !is_string;
        length = is_between ? 0 : length + 1 + is_escape;
        i += is_escape;
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* One byte at a time, so that jansson's buffer holds none when memory runs out. */
static size_t next_byte(void *buffer, size_t room, void *context)
{
    parsing *p = context;

    if (room == 0 || p->next == p->end || p->is_out_of_memory)
        return 0;
    *(char *)buffer = *p->next++;
    return 1;
}

static void set_error(json_error_t *error, const char *text)
{
    if (error != NULL)
        snprintf(error->text, sizeof error->text, "%s", text);
}

json_t *cvy_json_load(const char *text, size_t size, size_t flags, json_error_t *error)
{
    /* jansson's buffer begins with 16 bytes and doubles. */
    const size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    parsing p = { text + mark, text + size, NULL, 2 * longest_token(text, size) + 64, false };

    pthread_once(&once, take_over);
    p.reserve = malloc(p.reserve_bytes);
    p.is_out_of_memory = p.reserve == NULL;
    running = &p;
    json_t *value = json_load_callback(next_byte, &p, flags, error);
    if (p.is_out_of_memory) {
        json_decref(value);
        value = NULL;
        set_error(error, "out of memory");
    }
    running = NULL;
    free(p.reserve);
    return value;
}

static bool says(const char *sentence, const char *beginning, const char *near)
{
    const char *found = strstr(sentence, " near ");

    return strncmp(sentence, beginning, strlen(beginning)) == 0 && found != NULL &&
           strncmp(found + strlen(" near "), near, strlen(near)) == 0;
}

const char *cvy_json_advice(const char *sentence)
{
    static const struct {
        const char *beginning, *near, *advice;
    } rows[] = {
        { "", "'/", "JSON has no comments." },
        { "string or '}' expected", "'#", "JSON has no comments." },
        { "string or '}' expected", "'}'", "JSON has no comma before the closing }." },
        { "unexpected token", "']'", "JSON has no comma before the closing ]." },
        { "", "'''", "In JSON, names and texts stand in double quotes (\")." },
        { "string or '}' expected", "'", "In JSON, names and texts stand in double quotes (\")." },
        { "invalid token", "'True'", "In JSON it is true, in lower case." },
        { "invalid token", "'False'", "In JSON it is false, in lower case." },
        { "invalid token", "'None'", "In JSON it is null." },
        { "'[' or '{' expected", "end of file", "The file is empty." },
        { "'[' or '{' expected", "", "A JSON file begins with {; YAML and TOML are not read." },
        { "'}' expected", "end of file", "The closing } is missing." },
        { "']' expected", "end of file", "The closing ] is missing." },
        { "'}' expected", "'\"", "A comma is missing before it." },
        { "']' expected", "'\"", "A comma is missing before it." },
        { "end of file expected", "", "A file holds a single JSON object." },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (says(sentence, rows[i].beginning, rows[i].near))
            return rows[i].advice;
    return NULL;
}

json_t *cvy_json_load_text(const char *text, size_t flags, json_error_t *error)
{
    return cvy_json_load(text, strlen(text), flags, error);
}

json_t *cvy_json_load_file(const char *path, size_t flags, json_error_t *error)
{
    unsigned char *bytes;
    size_t size;

    if (cvy_file_read(path, file_bytes_max, &bytes, &size) != CVY_OK) {
        set_error(error, cvy_error_message());
        return NULL;
    }
    json_t *value = cvy_json_load((const char *)bytes, size, flags, error);
    cvy_memory_free(bytes);
    return value;
}
