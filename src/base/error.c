#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char message[CVY_ERROR_BYTES];

static void replace_control_bytes(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 && *text != '\n')
            *text = '?';
}

cvy_status cvy_fail(cvy_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    replace_control_bytes(message);
    return status;
}

cvy_status cvy_fail_at(cvy_status status, const char *format, ...)
{
    char sentence[CVY_ERROR_BYTES];
    memcpy(sentence, message, sizeof sentence);

    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    const bool is_there = length > 0 && (size_t)length < sizeof message &&
                          strncmp(sentence, message, (size_t)length) == 0 &&
                          strncmp(sentence + length, ": ", 2) == 0;
    if (is_there)
        memcpy(message, sentence, sizeof message);
    else if (length >= 0 && (size_t)length < sizeof message)
        snprintf(message + length, sizeof message - (size_t)length, ": %.*s",
                 (int)(sizeof message - (size_t)length), sentence);
    replace_control_bytes(message);
    return status;
}

const char *cvy_error_message(void)
{
    return message;
}

const char *cvy_status_text(cvy_status status)
{
#define CVY_STATUS_TEXT(code, text) [code] = text,
    static const char *const texts[] = { CVY_STATUS_LIST(CVY_STATUS_TEXT) };
#undef CVY_STATUS_TEXT
    return (size_t)status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}
