/* The sentence that goes with a failure, and the texts of the codes. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static char *message(void)
{
    return (char *)cvy_error_message();
}

Test(error, there_is_a_message_before_any_failure)
{
    cr_expect(eq(str, message(), ""));
}

Test(error, the_sentence_is_kept_and_the_code_returned)
{
    cr_expect(eq(int, cvy_fail(CVY_ERR_FORMAT, "%s: %d found", "a.idx", 7), CVY_ERR_FORMAT));
    cr_expect(eq(str, message(), "a.idx: 7 found"));
    cr_expect(eq(int, cvy_fail(CVY_ERR_DATA, "later"), CVY_ERR_DATA));
    cr_expect(eq(str, message(), "later"));
}

Test(error, a_place_goes_in_front)
{
    cvy_fail(CVY_ERR_SHAPE, "too large");
    cr_expect(eq(int, cvy_fail_at(CVY_ERR_SHAPE, "layer %s", "conv"), CVY_ERR_SHAPE));
    cvy_fail_at(CVY_ERR_SHAPE, "model.json");
    cr_expect(eq(str, message(), "model.json: layer conv: too large"));
}

/* A file name can hold a newline or an escape sequence; neither may forge a line of the program's. */
Test(error, names_are_escaped_and_own_newlines_stay)
{
    cvy_fail(CVY_ERR_OPEN, "%s: gone\nhint %s", "a\x1b[2J\nconvoy: done", "\xc3\xa9\xff");
    cr_expect(eq(str, message(), "a\\x1b[2J\\nconvoy: done: gone\nhint \xc3\xa9\\xff"));
    cvy_fail_at(CVY_ERR_OPEN, "%s", "b\nc");
    cr_expect(eq(str, message(), "b\\nc: a\\x1b[2J\\nconvoy: done: gone\nhint \xc3\xa9\\xff"));
}

Test(error, a_sentence_goes_on)
{
    cvy_fail(CVY_ERR_OPEN, "%s: gone", "a");
    cr_expect(eq(int, cvy_fail_add(CVY_ERR_OPEN, "; as is %s", "b\n"), CVY_ERR_OPEN));
    cr_expect(eq(str, message(), "a: gone; as is b\\n"));
    cr_expect(eq(int, cvy_fail_advise(CVY_ERR_OPEN, NULL), CVY_ERR_OPEN));
    cr_expect(eq(str, message(), "a: gone; as is b\\n"));
    cvy_fail_advise(CVY_ERR_OPEN, "Do c.");
    cr_expect(eq(str, message(), "a: gone; as is b\\n\nDo c."));
}

Test(error, a_kept_sentence_returns_with_its_lines)
{
    char kept[CVY_ERROR_BYTES];

    cvy_fail(CVY_ERR_OPEN, "a: gone\nDo %s.", "c\x01");
    strcpy(kept, cvy_error_message());
    cvy_fail(CVY_ERR_DATA, "%s", kept); /* as an argument it is a text like others */
    cr_expect(eq(str, message(), "a: gone\\nDo c\\x01."));
    cr_expect(eq(int, cvy_fail_again(CVY_ERR_OPEN, kept), CVY_ERR_OPEN));
    cr_expect(eq(str, message(), "a: gone\nDo c\\x01."));
    cvy_fail_again(CVY_ERR_OPEN, cvy_error_message());
    cr_expect(eq(str, message(), "a: gone\nDo c\\x01."));
}

/* A path of a megabyte must not hide what is wrong with it. */
Test(error, a_name_that_is_too_long_is_shown_by_its_ends)
{
    enum { HALF = CVY_ERROR_BYTES / 16 };
    static char text[1 << 20], wanted[CVY_ERROR_BYTES];

    memset(text, 'x', sizeof text - 1);
    char *end = text + sizeof text - 1 - HALF;
    memcpy(text + HALF - 1, "\xc3\xa9", 2); /* characters that the cuts would divide are left out */
    memcpy(end - 1, "\xc3\xa9", 2);
    cvy_fail(CVY_ERR_DATA, "%s: gone, %s", text, "a");
    snprintf(wanted, sizeof wanted, "%.*s...%s: gone, a", HALF - 1, text, end + 1);
    cr_expect(eq(str, message(), wanted));
    cvy_fail_at(CVY_ERR_DATA, "%s", text);
    cr_expect(ne(ptr, strstr(message(), "x: gone, a"), NULL));
}

Test(error, a_cut_is_between_characters)
{
    char part[CVY_ERROR_BYTES / 8];
    const size_t rest = CVY_ERROR_BYTES - 1 - 8 * (sizeof part - 1);

    memset(part, 'x', sizeof part - 1);
    part[sizeof part - 1] = '\0';
    memcpy(part + rest - 1, "\xc3\xa9", 2);
    cvy_fail(CVY_ERR_DATA, "%s%s%s%s%s%s%s%s%s", part, part, part, part, part, part, part, part,
             part);
    cr_expect(eq(sz, strlen(cvy_error_message()), CVY_ERROR_BYTES - 2));
    cvy_fail_at(CVY_ERR_DATA, "y");
    cr_expect(lt(sz, strlen(cvy_error_message()), CVY_ERROR_BYTES));
}

Test(error, long_sentences_are_cut)
{
    char text[CVY_ERROR_BYTES];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cvy_fail(CVY_ERR_DATA, "%s", text);
    cr_expect(eq(sz, strlen(cvy_error_message()), CVY_ERROR_BYTES - 1));
    cvy_fail_at(CVY_ERR_DATA, "place");
    cr_expect(eq(sz, strlen(cvy_error_message()), CVY_ERROR_BYTES - 1));
    cr_expect(zero(int, strncmp(message(), "place: xxx", 10)));
    cvy_fail_at(CVY_ERR_DATA, "%s", text);
    cr_expect(eq(sz, strlen(cvy_error_message()), CVY_ERROR_BYTES - 1));
    cr_expect(eq(chr, message()[0], 'x'));
}

static void *fail_elsewhere(void *unused)
{
    (void)unused;
    cvy_fail(CVY_ERR_READ, "of the other thread");
    return strcmp(cvy_error_message(), "of the other thread") == 0 ? message() : NULL;
}

Test(error, each_thread_has_its_own)
{
    pthread_t thread;
    void *result;

    cvy_fail(CVY_ERR_DATA, "of this thread");
    cr_assert(zero(int, pthread_create(&thread, NULL, fail_elsewhere, NULL)));
    cr_assert(zero(int, pthread_join(thread, &result)));
    cr_expect(ne(ptr, result, NULL));
    cr_expect(eq(str, message(), "of this thread"));
}

Test(error, every_code_has_a_text_of_its_own)
{
    for (int code = 0; code < CVY_STATUS_COUNT; code++) {
        const char *text = cvy_status_text((cvy_status)code);
        cr_expect(ne(str, (char *)text, ""), "%d", code);
        cr_expect(ne(str, (char *)text, "unknown status"), "%d", code);
        for (int other = 0; other < code; other++)
            cr_expect(ne(str, (char *)text, (char *)cvy_status_text((cvy_status)other)));
    }
    cr_expect(eq(str, (char *)cvy_status_text(CVY_OK), "done"));
    cr_expect(eq(str, (char *)cvy_status_text(CVY_STATUS_COUNT), "unknown status"));
}

Test(error, a_place_is_named_once)
{
    cvy_fail(CVY_ERR_FORMAT, "a.txt: line 3: not a number");
    cr_expect(eq(int, cvy_fail_at(CVY_ERR_FORMAT, "%s", "a.txt"), CVY_ERR_FORMAT));
    cr_expect(eq(str, (char *)cvy_error_message(), "a.txt: line 3: not a number"));
    cvy_fail_at(CVY_ERR_FORMAT, "a.txt: line");
    cr_expect(eq(str, (char *)cvy_error_message(), "a.txt: line: a.txt: line 3: not a number"));
}
