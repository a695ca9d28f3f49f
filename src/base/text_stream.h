/* A stream into memory that reports a lack of memory. glibc's open_memstream() drops what does not
 * fit, and neither ferror() nor fclose() reports it. */
#ifndef CVY_BASE_TEXT_STREAM_H
#define CVY_BASE_TEXT_STREAM_H

#include <stddef.h>
#include <stdio.h>

/**
 * Open a stream. When it is closed, fclose() returns 0, and *text has *size bytes and a final NUL,
 * which the caller frees with free(); or, if memory was short, it returns EOF, *text is NULL and
 * *size 0, as they are before.
 * Returns NULL if memory is short.
 */
FILE *cvy_text_stream_open(char **text, size_t *size);

#endif
