#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "base/visible.h"

static _Thread_local char message[CVY_ERROR_BYTES];

/* Put what is formatted after the first `length` bytes of the sentence. Its arguments may lie in `message`. */
static void keep(size_t length, const char *format, va_list arguments)
{
    char text[CVY_ERROR_BYTES];

    cvy_visible_fit(text, sizeof text - length, format, arguments);
    memcpy(message + length, text, strlen(text) + 1);
}

cvy_status cvy_fail(cvy_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(0, format, arguments);
    va_end(arguments);
    return status;
}

cvy_status cvy_fail_add(cvy_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(strlen(message), format, arguments);
    va_end(arguments);
    return status;
}

cvy_status cvy_fail_advise(cvy_status status, const char *advice)
{
    return advice != NULL ? cvy_fail_add(status, "\n%s", advice) : status;
}

cvy_status cvy_fail_again(cvy_status status, const char *sentence)
{
    if (sentence != message)
        snprintf(message, sizeof message, "%s", sentence);
    return status;
}

cvy_status cvy_fail_at(cvy_status status, const char *format, ...)
{
    char sentence[CVY_ERROR_BYTES];
    memcpy(sentence, message, sizeof sentence);

    va_list arguments;
    va_start(arguments, format);
    keep(0, format, arguments);
    va_end(arguments);
    const size_t length = strlen(message);
    const bool is_there =
        strncmp(sentence, message, length) == 0 && strncmp(sentence + length, ": ", 2) == 0;
    if (is_there) {
        memcpy(message, sentence, sizeof message);
    } else if (length + sizeof ": " <= sizeof message) {
        memcpy(message + length, ": ", 2);
        cvy_utf8_fit(message + length + 2, sizeof message - length - 2, sentence);
    }
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
