/* Text that is printed into memory is whole, or closing the stream fails. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text_stream.h"
#include "support/slow_build.h"

Test(text_stream, holds_what_was_printed)
{
    char *text;
    size_t size;
    FILE *stream = cvy_text_stream_open(&text, &size);

    for (int i = 0; i < 20000; i++)
        fprintf(stream, "%05d,", i);
    fputc('\0', stream);
    fputs("end", stream);
    cr_assert(eq(int, fclose(stream), 0));
    cr_assert(eq(sz, size, 6 * 20000 + 4));
    cr_expect(eq(sz, strlen(text), 6 * 20000));
    cr_expect(eq(int, strncmp(text + 6 * 12345, "12345,", 6), 0));
    cr_expect(eq(str, text + 6 * 20000 + 1, "end"));
    free(text);
}

Test(text_stream, nothing_is_an_empty_text)
{
    char *text;
    size_t size;

    cr_assert(eq(int, fclose(cvy_text_stream_open(&text, &size)), 0));
    cr_expect(eq(str, text, ""));
    cr_expect(eq(sz, size, 0));
    free(text);
}

/* Not under AddressSanitizer, which needs more address space than the limit leaves. */
#if !HAS_SANITIZER
Test(text_stream, closing_fails_when_memory_was_short)
{
    static char piece[1 << 20];
    struct rlimit limit;
    char *text;
    size_t size;
    FILE *stream = cvy_text_stream_open(&text, &size);

    cr_assert(eq(int, getrlimit(RLIMIT_AS, &limit), 0));
    limit.rlim_cur = (rlim_t)1 << 30;
    cr_assert(eq(int, setrlimit(RLIMIT_AS, &limit), 0));
    for (int i = 0; i < 1000; i++)
        fwrite(piece, 1, sizeof piece, stream);
    fputs("this would fit", stream);
    cr_expect(eq(int, fclose(stream), EOF));
    cr_expect(eq(ptr, text, NULL));
    cr_expect(eq(sz, size, 0));
}
#endif
