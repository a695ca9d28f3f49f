/* Fetching a file from a server on this machine: resumed, cut short, refused, from the next mirror. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "convoy/convoy.h"
#include "sources/remote_sets.h"
#include "unit/sources/fetch_server.h"

static char events[4096];

static void begin(void)
{
    make_folder();
    for (size_t i = 0; i < CONTENT_BYTES; i++)
        content[i] = (unsigned char)(i * 31 + i / 255);
    digest_content();
    events[0] = '\0';
    unsetenv("http_proxy");
    start_server();
}

static void end(void)
{
    stop_server();
    remove_folder();
}

TestSuite(fetch, .init = begin, .fini = end);

static void note_event(void *context, const char *sentence)
{
    const size_t used = strlen(events);

    (void)context;
    snprintf(events + used, sizeof events - used, "%s\n", sentence);
}

static cvy_status fetch(const char *first, const char *second)
{
    char urls[2][256];
    const char *mirrors[2] = { urls[0], urls[1] };
    cvy_fetch_options options;
    const cvy_remote_set set = {
        .about = { .name = "test" },
        .files = { { "file", digest_of_content, CONTENT_BYTES, CVY_REMOTE_PLAIN } },
    };

    snprintf(urls[0], sizeof urls[0], "%s", url(first));
    if (second != NULL)
        snprintf(urls[1], sizeof urls[1], "%s", url(second));
    cvy_fetch_options_init(&options);
    options.mirrors = mirrors;
    options.mirror_count = second != NULL ? 2 : 1;
    options.on_event = note_event;
    const cvy_status status = cvy_remote_fetch(&set, folder, &options);
    if (status == CVY_ERR_UNSUPPORTED)
        cr_skip("%s", cvy_error_message());
    return status;
}

static void expect_whole(void)
{
    static unsigned char found[CONTENT_BYTES + 1];
    FILE *file = fopen(path_in_folder("file"), "rb");

    cr_assert_not_null(file);
    cr_expect(eq(sz, fread(found, 1, sizeof found, file), CONTENT_BYTES));
    cr_expect(memcmp(found, content, CONTENT_BYTES) == 0);
    fclose(file);
    cr_expect(ne(int, access(path_in_folder("file.part"), F_OK), 0));
}

static void expect_nothing(void)
{
    cr_expect(ne(int, access(path_in_folder("file"), F_OK), 0));
}

static void write_part(size_t bytes)
{
    FILE *file = fopen(path_in_folder("file.part"), "wb");

    cr_assert_not_null(file);
    cr_assert(fwrite(content, 1, bytes, file) == bytes && fclose(file) == 0);
}

Test(fetch, a_file_is_loaded_once)
{
    cr_assert(eq(int, fetch("good", NULL), CVY_OK), "%s", cvy_error_message());
    expect_whole();
    cr_assert(eq(int, fetch("missing", NULL), CVY_OK), "%s", cvy_error_message());
    cr_expect_not_null(strstr(events, "file: there already"));
}

Test(fetch, a_redirection_is_followed)
{
    cr_assert(eq(int, fetch("moved", NULL), CVY_OK), "%s", cvy_error_message());
    expect_whole();
}

Test(fetch, what_is_there_is_not_loaded_again)
{
    write_part(CONTENT_BYTES - 1000);
    cr_assert(eq(int, fetch("rest", NULL), CVY_OK), "%s", cvy_error_message());
    expect_whole();
}

Test(fetch, a_server_without_ranges_sends_all_again)
{
    write_part(1000);
    cr_assert(eq(int, fetch("whole", NULL), CVY_OK), "%s", cvy_error_message());
    expect_whole();
}

Test(fetch, a_beginning_of_another_file_is_replaced)
{
    content[7]++;
    write_part(1000);
    content[7]--;
    cr_assert(eq(int, fetch("good", NULL), CVY_OK), "%s", cvy_error_message());
    expect_whole();
    unlink(path_in_folder("file"));
    content[7]++;
    write_part(CONTENT_BYTES);
    content[7]--;
    cr_assert(eq(int, fetch("good", NULL), CVY_OK), "%s", cvy_error_message());
    expect_whole();
}

Test(fetch, a_transfer_that_breaks_off_is_resumed_by_the_next_call)
{
    struct stat about;

    cr_expect(eq(int, fetch("cut", NULL), CVY_ERR_READ));
    expect_nothing();
    cr_assert(stat(path_in_folder("file.part"), &about) == 0);
    cr_expect(eq(int, (int)about.st_size, CONTENT_BYTES / 2));
    cr_assert(eq(int, fetch("good", NULL), CVY_OK), "%s", cvy_error_message());
    expect_whole();
}

Test(fetch, the_next_mirror_goes_on)
{
    cr_assert(eq(int, fetch("missing", "good"), CVY_OK), "%s", cvy_error_message());
    expect_whole();
    cr_expect_not_null(strstr(events, "404"));
    unlink(path_in_folder("file"));
    cr_assert(eq(int, fetch("cut", "good"), CVY_OK), "%s", cvy_error_message());
    expect_whole();
}

Test(fetch, other_bytes_are_refused)
{
    cr_expect(eq(int, fetch("wrong", NULL), CVY_ERR_DATA));
    cr_expect_not_null(strstr(cvy_error_message(), "another file than expected"));
    cr_expect_not_null(strstr(cvy_error_message(), "--mirror URL"));
    expect_nothing();
    cr_expect(ne(int, access(path_in_folder("file.part"), F_OK), 0));
    cr_assert(eq(int, fetch("wrong", "good"), CVY_OK), "%s", cvy_error_message());
    expect_whole();
}

static bool stop_at_once(void *context, const char *file, uint64_t done, uint64_t total)
{
    (void)context, (void)file, (void)done, (void)total;
    return false;
}

Test(fetch, a_request_to_stop_is_heeded)
{
    const char *mirrors[1] = { url("good") };
    cvy_fetch_options options;
    const cvy_remote_set set = {
        .about = { .name = "test" },
        .files = { { "file", digest_of_content, CONTENT_BYTES, CVY_REMOTE_PLAIN } },
    };

    cvy_fetch_options_init(&options);
    options.mirrors = mirrors;
    options.mirror_count = 1;
    options.on_progress = stop_at_once;
    const cvy_status status = cvy_remote_fetch(&set, folder, &options);
    if (status == CVY_ERR_UNSUPPORTED)
        cr_skip("%s", cvy_error_message());
    cr_expect(eq(int, status, CVY_ERR_STOPPED));
    expect_nothing();
}
