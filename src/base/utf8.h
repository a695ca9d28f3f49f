/* External text (file names, class names) as valid UTF-8. */
#ifndef CVY_BASE_UTF8_H
#define CVY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/** The number of bytes of the valid character at `text`: 1 to 4; 0 if none starts there. Overlong
 *  forms, surrogates and values above U+10FFFF are not valid. Source: RFC 3629. */
size_t cvy_utf8_character(const char *text);

/** Copy as many characters as fit into `room` bytes, including the final NUL. U+FFFD replaces each
 *  byte that belongs to no character. Returns whether all of `from` was copied unchanged. */
bool cvy_utf8_fit(char *to, size_t room, const char *from);

/** Copy `text`, with U+FFFD for each byte that belongs to no character. The caller frees the copy
 *  with cvy_memory_free(). Returns CVY_OK or CVY_ERR_MEMORY. */
cvy_status cvy_utf8_repair(const char *text, char **repaired);

#endif
