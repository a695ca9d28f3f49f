#define _GNU_SOURCE /* fopencookie() */
#include "base/text_stream.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *bytes;
    size_t used, room;
    bool has_failed;
    char **text;
    size_t *size;
} text_stream;

/* Keeps room for the final NUL. */
static bool make_room(text_stream *s, size_t size)
{
    if (size < s->room - s->used)
        return true;
    if (size > SIZE_MAX / 4 - s->used)
        return false;
    const size_t room = 2 * (s->used + size) + 512;
    char *larger = realloc(s->bytes, room);
    if (larger == NULL)
        return false;
    s->bytes = larger;
    s->room = room;
    return true;
}

static ssize_t put(void *cookie, const char *bytes, size_t size)
{
    text_stream *s = cookie;

    s->has_failed = s->has_failed || !make_room(s, size);
    if (s->has_failed)
        return 0; /* reports a failed write to stdio */
    memcpy(s->bytes + s->used, bytes, size);
    s->used += size;
    return (ssize_t)size;
}

static int finish(void *cookie)
{
    text_stream *s = cookie;
    const bool is_whole = !s->has_failed && make_room(s, 0);

    if (is_whole) {
        s->bytes[s->used] = '\0';
        *s->text = s->bytes;
        *s->size = s->used;
    } else {
        free(s->bytes);
    }
    free(s);
    return is_whole ? 0 : EOF;
}

FILE *cvy_text_stream_open(char **text, size_t *size)
{
    text_stream *s = calloc(1, sizeof *s);

    *text = NULL;
    *size = 0;
    if (s == NULL)
        return NULL;
    s->text = text;
    s->size = size;
    FILE *file = fopencookie(s, "w", (cookie_io_functions_t){ .write = put, .close = finish });
    if (file == NULL)
        free(s);
    return file;
}
