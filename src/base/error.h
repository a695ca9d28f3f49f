/* Reporting a failure: keep the sentence, return the code. */
#ifndef CVY_BASE_ERROR_H
#define CVY_BASE_ERROR_H

#include "convoy/status.h"

enum { CVY_ERROR_BYTES = 2048 };

/**
 * Keep a sentence for cvy_error_message() and return `status`, so that a function can end with
 * `return cvy_fail(CVY_ERR_FORMAT, "%s: ...", path)`. The sentence begins with the place.
 * Names among the arguments may hold anything: base/visible.h says what becomes of their control characters.
 * A newline of one's own stands in `format`.
 */
cvy_status cvy_fail(cvy_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Go on with the sentence kept last, on a line of its own where `format` begins with a newline. */
cvy_status cvy_fail_add(cvy_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Put a sentence of advice on a line of its own after the sentence kept last; NULL: none. */
cvy_status cvy_fail_advise(cvy_status status, const char *advice);

/** Keep a sentence again that cvy_error_message() has returned before, perhaps to another thread or process. */
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
