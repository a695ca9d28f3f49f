/* Reporting a failure: keep the sentence, return the code. */
#ifndef CVY_BASE_ERROR_H
#define CVY_BASE_ERROR_H

#include "convoy/status.h"

enum { CVY_ERROR_BYTES = 2048 };

/**
 * Keep a sentence for cvy_error_message() and return `status`, so that a function can end with
 * `return cvy_fail(CVY_ERR_FORMAT, "%s: ...", path)`. The sentence begins with the place.
 * Control characters in the arguments are escaped (base/visible.h); newlines in `format` are
 * kept. A name that is too long is shown by its beginning and end.
 */
cvy_status cvy_fail(cvy_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Append to the last sentence. A `format` that begins with a newline starts a line of its own. */
cvy_status cvy_fail_add(cvy_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Append advice to the last sentence, on a line of its own; NULL: none. */
cvy_status cvy_fail_advise(cvy_status status, const char *advice);

/** Keep a sentence that cvy_error_message() returned earlier, perhaps in another thread or
 *  process. */
cvy_status cvy_fail_again(cvy_status status, const char *sentence);

/** In a public function: refuse a NULL argument. */
#define CVY_REQUIRE(pointer)                                                                       \
    do {                                                                                           \
        if ((pointer) == NULL)                                                                     \
            return cvy_fail(CVY_ERR_SETTING, "%s: %s is NULL", __func__, #pointer);                \
    } while (0)

/** Prefix the last sentence with `"<place>: "`, unless it begins so, and return `status`
 *  unchanged. */
cvy_status cvy_fail_at(cvy_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
