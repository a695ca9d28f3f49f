/* Text from outside (file names, class names) as valid UTF-8. */
#ifndef CVY_BASE_UTF8_H
#define CVY_BASE_UTF8_H

#include <stddef.h>

#include "base/error.h"

/** How many bytes the valid character at `text` has: 1 to 4; 0 where none starts there. Overlong forms,
 *  surrogates and values above U+10FFFF are not valid. Source: RFC 3629. */
size_t cvy_utf8_character(const char *text);

/** The largest length, at most `limit` bytes, at which `text` can be cut between two characters. */
size_t cvy_utf8_cut(const char *text, size_t limit);

/** A copy of `text` in which U+FFFD replaces each byte that belongs to no character. The caller frees it
 *  with cvy_memory_free(). Returns CVY_OK or CVY_ERR_MEMORY. */
cvy_status cvy_utf8_repair(const char *text, char **repaired);

#endif
