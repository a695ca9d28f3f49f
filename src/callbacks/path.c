#include "callbacks/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/settings.h"

enum { FIELD_BYTES = 128, TEXT_BYTES = 256, DIGITS_MAX = 2 };

/* "[0][WIDTH][.DIGITS][TYPE]" */
typedef struct {
    bool has_zeros;
    int width, digits; /* digits -1: not given */
    char type;         /* or 0 */
} field_format;

/* At most two digits; -1 for none. */
static int take_number(const char **text)
{
    const size_t length = strspn(*text, "0123456789");

    if (length == 0 || length > DIGITS_MAX)
        return -1;
    const int number = atoi(*text);
    *text += length;
    return number;
}

static bool read_format(const char *text, field_format *format)
{
    *format = (field_format){ .digits = -1 };
    format->has_zeros = *text == '0';
    const int width = take_number(&text);
    format->width = width > 0 ? width : 0;
    if (*text == '.') {
        text++;
        format->digits = take_number(&text);
        if (format->digits < 0)
            return false;
    }
    if (*text != '\0' && strchr("defg", *text) != NULL)
        format->type = *text++;
    return *text == '\0';
}

/* Zeros are inserted after the sign, spaces before it. */
static void append_padded(const field_format *format, const char *text, char *path, size_t size)
{
    const size_t length = strlen(path), sign = format->has_zeros && text[0] == '-';
    const int missing = format->width - (int)strlen(text);

    if (missing <= 0)
        snprintf(path + length, size - length, "%s", text);
    else if (format->has_zeros)
        snprintf(path + length, size - length, "%.*s%0*d%s", (int)sign, text, missing, 0,
                 text + sign);
    else
        snprintf(path + length, size - length, "%*s%s", missing, "", text);
}

/* Returns false if the format does not suit this type of number. */
static bool print_value(const field_format *format, bool is_count, double value, char *text,
                        size_t size)
{
    const bool has_digits = format->digits >= 0;

    if (is_count && (format->type == 'd' || format->type == '\0')) {
        snprintf(text, size, "%.0f", value);
        return !has_digits;
    }
    if (format->type == '\0')
        cvy_number_print(value, text);
    else
        cvy_number_format(value, format->type, has_digits ? format->digits : 6, text, size);
    return format->type != 'd' && (format->type != '\0' || !has_digits);
}

static cvy_status fail_unknown(const char *name, cvy_path_place place, const cvy_logs *logs)
{
    char names[TEXT_BYTES];

    cvy_logs_print_names(logs, names, sizeof names);
    return cvy_fail(CVY_ERR_SETTING, "filepath: unknown field {%s}, expected epoch, %s%s", name,
                    place.batch > 0 ? "batch, " : "", names);
}

/* field: the text between the braces; modified in place. */
static cvy_status append_field(char *field, cvy_path_place place, const cvy_logs *logs, char *path,
                               size_t size)
{
    char text[TEXT_BYTES], *spec = strchr(field, ':');
    const double *logged;
    field_format format;
    double value;
    bool is_count = true;

    if (spec != NULL)
        *spec++ = '\0';
    if (strcmp(field, "epoch") == 0) {
        value = (double)place.epoch;
    } else if (strcmp(field, "batch") == 0 && place.batch > 0) {
        value = (double)place.batch;
    } else if ((logged = cvy_logs_find(logs, field)) != NULL) {
        value = *logged;
        is_count = false;
    } else {
        return fail_unknown(field, place, logs);
    }
    if (!read_format(spec != NULL ? spec : "", &format) ||
        !print_value(&format, is_count, value, text, sizeof text))
        return cvy_fail(CVY_ERR_SETTING,
                        "filepath: {%s:%s} has no format as in {epoch:02d} or {loss:.2f}", field,
                        spec);
    append_padded(&format, text, path, size);
    return CVY_OK;
}

static cvy_status append_next(const char **pattern, cvy_path_place place, const cvy_logs *logs,
                              char *path, size_t size)
{
    const char *at = *pattern;
    const size_t plain = strcspn(at, "{}"), length = strlen(path);
    char field[FIELD_BYTES];

    if (plain > 0 || (at[1] == at[0])) { /* a text, or a brace written twice */
        snprintf(path + length, size - length, "%.*s", (int)(plain > 0 ? plain : 1), at);
        *pattern = at + (plain > 0 ? plain : 2);
        return CVY_OK;
    }
    const size_t inside = strcspn(at + 1, "{}");
    if (at[0] == '}' || at[1 + inside] != '}' || inside >= sizeof field)
        return cvy_fail(CVY_ERR_SETTING, "filepath: found \"%s\", expected braces in pairs", at);
    snprintf(field, sizeof field, "%.*s", (int)inside, at + 1);
    *pattern = at + inside + 2;
    return append_field(field, place, logs, path, size);
}

cvy_status cvy_path_print(const char *pattern, cvy_path_place place, const cvy_logs *logs,
                          char *path, size_t size)
{
    cvy_status status = CVY_OK;

    *path = '\0';
    while (status == CVY_OK && *pattern != '\0' && strlen(path) + 1 < size)
        status = append_next(&pattern, place, logs, path, size);
    if (status == CVY_OK && strlen(path) + 1 >= size)
        return cvy_fail(CVY_ERR_SETTING, "filepath: longer than %zu bytes", size - 2);
    return status;
}
