#include "cli/print.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text_stream.h"

static bool is_stdout_left; /* set once, before anything is printed */

void cvy_print_leave_stdout(void)
{
    is_stdout_left = true;
}

FILE *cvy_print_file(const cvy_call *call)
{
    return call->common.json || is_stdout_left ? stderr : stdout;
}

cvy_status cvy_print_flush(FILE *file)
{
    errno = 0;
    if (fflush(file) == 0 && !ferror(file))
        return CVY_OK;
    const char *name = file == stdout ? "stdout" : "stderr";
    if (errno == EBADF)
        return cvy_fail(CVY_ERR_WRITE, "%s: closed, expected somewhere to write the result", name);
    return cvy_fail(CVY_ERR_WRITE, "%s: %s", name,
                    errno != 0 ? strerror(errno) : "some of the text could not be written");
}

/* jansson alone would print 0.1 as 0.10000000000000001. */
static bool write_real(double value, FILE *file)
{
    char text[CVY_NUMBER_BYTES];

    cvy_number_short(value, text);
    const bool looks_whole = text[strspn(text, "-0123456789")] == '\0';
    return fprintf(file, "%s%s", text, looks_whole ? ".0" : "") > 0;
}

static bool write_json(json_t *value, FILE *file);

static bool write_object(json_t *object, FILE *file)
{
    const char *key;
    json_t *member;
    bool is_written = fputc('{', file) != EOF, is_first = true;

    json_object_foreach(object, key, member)
    {
        json_t *name = json_string(key);
        is_written = is_written && (is_first || fputc(',', file) != EOF) &&
                     write_json(name, file) && fputc(':', file) != EOF && write_json(member, file);
        is_first = false;
        json_decref(name);
    }
    return is_written && fputc('}', file) != EOF;
}

static bool write_array(json_t *array, FILE *file)
{
    bool is_written = fputc('[', file) != EOF;

    for (size_t i = 0; i < json_array_size(array); i++)
        is_written = is_written && (i == 0 || fputc(',', file) != EOF) &&
                     write_json(json_array_get(array, i), file);
    return is_written && fputc(']', file) != EOF;
}

/* Returns false if the file is full or memory is short. */
static bool write_json(json_t *value, FILE *file)
{
    if (json_is_object(value))
        return write_object(value, file);
    if (json_is_array(value))
        return write_array(value, file);
    if (json_is_real(value))
        return write_real(json_real_value(value), file);
    return json_dumpf(value, file, JSON_ENCODE_ANY) == 0;
}

cvy_status cvy_print_json(json_t *object)
{
    if (object == NULL)
        return cvy_fail(CVY_ERR_MEMORY, "stdout: the JSON object could not be built");
    /* whole in memory first: half an object would be worse than none */
    char *text = NULL;
    size_t size;
    FILE *memory = cvy_text_stream_open(&text, &size);
    bool is_whole = memory != NULL && write_json(object, memory) && fputc('\n', memory) != EOF;
    json_decref(object);
    if (memory != NULL)
        is_whole = fclose(memory) == 0 && is_whole;
    if (!is_whole) {
        free(text);
        return cvy_fail(CVY_ERR_MEMORY, "stdout: out of memory while writing the JSON object");
    }
    errno = 0;
    fwrite(text, 1, size, stdout); /* cvy_print_flush() checks that it arrives */
    free(text);
    return cvy_print_flush(stdout);
}

cvy_human cvy_human_count(size_t count)
{
    char digits[24];
    cvy_human human;
    size_t length = (size_t)snprintf(digits, sizeof digits, "%zu", count), at = 0;

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            human.text[at++] = ',';
        human.text[at++] = digits[i];
    }
    human.text[at] = '\0';
    return human;
}

cvy_human cvy_human_seconds(double seconds)
{
    cvy_human human;
    const double whole = floor(seconds + 0.5);

    if (seconds < 0.9995)
        snprintf(human.text, sizeof human.text, "%.3g ms", 1e3 * seconds);
    else if (seconds < 59.95)
        snprintf(human.text, sizeof human.text, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(human.text, sizeof human.text, "%.0f min %02.0f s", floor(whole / 60),
                 fmod(whole, 60));
    else
        snprintf(human.text, sizeof human.text, "%.0f h %02.0f min", floor(whole / 3600),
                 floor(fmod(whole, 3600) / 60));
    return human;
}

cvy_human cvy_human_percent(double share)
{
    cvy_human human;
    snprintf(human.text, sizeof human.text, "%.2f%%", 100 * share);
    return human;
}

bool cvy_is_terminal(FILE *file)
{
    const char *kind = getenv("TERM");
    return isatty(fileno(file)) && kind != NULL && strcmp(kind, "dumb") != 0;
}

/* https://no-color.org: set and not empty */
bool cvy_has_color(FILE *file)
{
    const char *refusal = getenv("NO_COLOR");
    return cvy_is_terminal(file) && (refusal == NULL || *refusal == '\0');
}

size_t cvy_line_width(FILE *file)
{
    struct winsize window;

    if (ioctl(fileno(file), TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
        return window.ws_col;
    return 80;
}
