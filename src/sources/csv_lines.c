#include "sources/csv_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

enum { FIRST_ROOM = 1 << 20, LINE_BYTES_MAX = 16 << 20 };

struct cvy_csv_lines {
    const char *path;
    gzFile stream;
    char *buffer;
    size_t room, begin, end; /* buffer size, and the range read but not yet returned */
    size_t line_number;      /* first line of the row returned last */
    size_t row_lines;        /* lines of that row: more than one if quotes enclose line ends */
    char line_end;           /* '\n', or '\r' in files of old Macs */
    bool is_at_end;
};

static cvy_status open_stream(cvy_csv_lines *lines)
{
    struct stat about;
    const int descriptor = open(lines->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (descriptor < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", lines->path, strerror(errno));
    if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(descriptor);
        return cvy_fail(CVY_ERR_READ, "%s: not a regular file", lines->path);
    }
    lines->stream = gzdopen(descriptor, "rb");
    if (lines->stream == NULL) {
        close(descriptor);
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", lines->path);
    }
    return CVY_OK;
}

cvy_status cvy_csv_open(const char *path, cvy_csv_lines **lines)
{
    cvy_csv_lines *opened;
    cvy_status status = cvy_memory_create(1, sizeof *opened, &opened);

    if (status != CVY_OK)
        return status;
    opened->path = path;
    status = open_stream(opened);
    if (status == CVY_OK)
        status = cvy_memory_create(FIRST_ROOM, 1, &opened->buffer);
    if (status != CVY_OK) {
        cvy_csv_close(opened);
        return status;
    }
    opened->room = FIRST_ROOM;
    opened->line_end = '\n';
    *lines = opened;
    return CVY_OK;
}

void cvy_csv_close(cvy_csv_lines *lines)
{
    if (lines == NULL)
        return;
    if (lines->stream != NULL)
        gzclose(lines->stream);
    cvy_memory_free(lines->buffer);
    cvy_memory_free(lines);
}

cvy_status cvy_csv_rewind(cvy_csv_lines *lines)
{
    if (gzrewind(lines->stream) != 0)
        return cvy_fail(CVY_ERR_READ, "%s: cannot be read a second time", lines->path);
    lines->begin = lines->end = lines->line_number = lines->row_lines = 0;
    lines->is_at_end = false;
    return CVY_OK;
}

size_t cvy_csv_line_number(const cvy_csv_lines *lines)
{
    return lines->line_number;
}

/* Read more text; first move the rest to the front, and grow the buffer if it is full. */
static cvy_status fill(cvy_csv_lines *lines)
{
    int code;

    memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
    if (lines->end + 1 >= lines->room) {
        char *larger;
        if (lines->room >= LINE_BYTES_MAX)
            return cvy_fail(CVY_ERR_FORMAT, "%s: line %zu is longer than %d bytes", lines->path,
                            lines->line_number + 1, LINE_BYTES_MAX);
        cvy_status status = cvy_memory_create(2 * lines->room, 1, &larger);
        if (status != CVY_OK)
            return status;
        memcpy(larger, lines->buffer, lines->end);
        cvy_memory_free(lines->buffer);
        lines->buffer = larger;
        lines->room *= 2;
    }
    const int count =
        gzread(lines->stream, lines->buffer + lines->end, (unsigned)(lines->room - lines->end - 1));
    if (count < 0)
        return cvy_fail(CVY_ERR_READ, "%s: damaged gzip data (%s)", lines->path,
                        gzerror(lines->stream, &code));
    gzerror(lines->stream, &code);
    if (count == 0 && code == Z_BUF_ERROR)
        return cvy_fail(CVY_ERR_READ, "%s: the gzip data end in the middle", lines->path);
    lines->end += (size_t)count;
    lines->is_at_end = count == 0;
    return CVY_OK;
}

/* Find the end of the row whose first line ends at `newline`: the next line end outside quotes.
 * NULL if the text read so far ends inside quotes. */
static char *find_row_end(cvy_csv_lines *lines, char *newline)
{
    char *from = lines->buffer + lines->begin, *const there = lines->buffer + lines->end;
    bool is_quoted = false;

    lines->row_lines = 1;
    while (newline != NULL) {
        for (char *quote = from; (quote = memchr(quote, '"', (size_t)(newline - quote))) != NULL;
             quote++)
            is_quoted = !is_quoted;
        if (!is_quoted)
            return newline;
        from = newline + 1;
        newline = memchr(from, lines->line_end, (size_t)(there - from));
        lines->row_lines++;
    }
    return NULL;
}

static void find_line_end(cvy_csv_lines *lines)
{
    const bool has_newline = memchr(lines->buffer, '\n', lines->end) != NULL;

    lines->line_end = !has_newline && memchr(lines->buffer, '\r', lines->end) != NULL ? '\r' : '\n';
}

/* Return the next row, even if blank; a zero byte replaces its end. */
static cvy_status next_line(cvy_csv_lines *lines, char **text, size_t *length)
{
    char *newline = NULL;
    size_t looked = 0;

    *text = NULL;
    lines->line_number += lines->row_lines;
    for (;;) {
        char *from = lines->buffer + lines->begin;
        const size_t there = lines->end - lines->begin;
        newline = memchr(from + looked, lines->line_end, there - looked);
        if (newline != NULL)
            newline = find_row_end(lines, newline);
        if (newline != NULL || lines->is_at_end)
            break;
        looked = memchr(from, '"', there) != NULL ? 0 : there;
        const bool is_first = lines->line_number == 0 && lines->end == 0;
        cvy_status status = fill(lines);
        if (status != CVY_OK)
            return status;
        if (is_first)
            find_line_end(lines);
    }
    if (lines->begin == lines->end)
        return CVY_OK;
    char *end = newline != NULL ? newline : lines->buffer + lines->end;
    *text = lines->buffer + lines->begin;
    lines->begin = newline != NULL ? (size_t)(newline + 1 - lines->buffer) : lines->end;
    const bool is_first_line = lines->line_number == 0;
    if (is_first_line)
        lines->line_number = 1;
    if (end > *text && end[-1] == '\r')
        end--;
    *end = '\0';
    if (is_first_line && strncmp(*text, "\xef\xbb\xbf", 3) == 0)
        *text += 3;
    *length = (size_t)(end - *text);
    return strlen(*text) == *length
               ? CVY_OK
               : cvy_fail(CVY_ERR_FORMAT, "%s: line %zu: a zero byte, expected text", lines->path,
                          lines->line_number);
}

cvy_status cvy_csv_next(cvy_csv_lines *lines, char **text, size_t *length)
{
    cvy_status status;

    do
        status = next_line(lines, text, length);
    while (status == CVY_OK && *text != NULL && (*text)[strspn(*text, " \t")] == '\0');
    return status;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cut a quoted cell; `from` is after its opening quote. Removing quotes shortens the text in
 * place. */
static char *cut_quoted(char *from, char **rest, char separator)
{
    char *cell = from, *to = from;

    for (;; from++) {
        if (*from == '\0')
            return NULL;
        if (*from == '"' && from[1] != '"')
            break;
        from += *from == '"';
        *to++ = *from;
    }
    from++;
    while (is_blank(*from) && *from != separator)
        from++;
    if (*from != '\0' && *from != separator)
        return NULL;
    *rest = *from == separator ? from + 1 : NULL;
    *to = '\0';
    return cell;
}

char *cvy_csv_cut_cell(char **rest, char separator)
{
    char *cell = *rest;

    while (is_blank(*cell) && *cell != separator)
        cell++;
    if (*cell == '"')
        return cut_quoted(cell + 1, rest, separator);
    char *end = strchr(cell, separator);
    *rest = end != NULL ? end + 1 : NULL;
    if (end == NULL)
        end = cell + strlen(cell);
    while (end > cell && is_blank(end[-1]))
        end--;
    *end = '\0';
    return cell;
}

cvy_status cvy_csv_fail_quote(const cvy_csv_lines *lines, size_t column)
{
    return cvy_fail(CVY_ERR_FORMAT,
                    "%s: line %zu, column %zu: a quote that is not closed, or text after it",
                    lines->path, cvy_csv_line_number(lines), column + 1);
}
