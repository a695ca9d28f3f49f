/* A stream into memory that tells when memory was short. glibc's open_memstream() drops what does not fit, and neither
 * ferror() nor fclose() says so. */
#ifndef CVY_BASE_TEXT_STREAM_H
#define CVY_BASE_TEXT_STREAM_H

#include <stddef.h>
#include <stdio.h>

/**
 * Open one. fclose() returns 0, and *text, of *size bytes and a zero byte after them, is the caller's to free(); or it
 * returns EOF, *text is NULL and *size 0, since memory was short. Until then both are as that failure leaves them.
 * Returns NULL when memory is short.
 */
FILE *cvy_text_stream_open(char **text, size_t *size);

#endif
