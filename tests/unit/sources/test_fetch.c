/* Fetching, from a server of our own on this machine: resumed, cut short, refused, from the next mirror. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/digest.h"
#include "convoy/convoy.h"
#include "formats/tar_archive.h"
#include "sources/remote_sets.h"
#include "unit/data/idx_files.h"

enum { CONTENT_BYTES = 200000 };

static unsigned char content[CONTENT_BYTES];
static size_t content_bytes = CONTENT_BYTES;
static char digest_of_content[CVY_DIGEST_HEX_BYTES];
static pid_t server;
static int port;
static char last_url[256];
static char events[4096];

/* ---- the server ---- */

static void send_all(int client, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        const ssize_t count = send(client, at, size, MSG_NOSIGNAL);
        if (count <= 0)
            return;
        at += count;
        size -= (size_t)count;
    }
}

/* What a path begins with says how the server behaves. */
static void answer(int client, const char *request)
{
    char head[256];
    size_t from = 0, to = content_bytes;
    const char *range = strstr(request, "Range: bytes=");

    if (strncmp(request, "GET /missing/", 13) == 0 ||
        (strncmp(request, "GET /rest/", 10) == 0 && range == NULL)) {
        send_all(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 45);
        return;
    }
    if (strncmp(request, "GET /moved/", 11) == 0) {
        snprintf(head, sizeof head,
                 "HTTP/1.1 302 Found\r\nLocation: /good/file\r\nContent-Length: 0\r\n\r\n");
        send_all(client, head, strlen(head));
        return;
    }
    const bool ignores_range = strncmp(request, "GET /whole/", 11) == 0;
    if (range != NULL && !ignores_range)
        from = (size_t)strtoul(range + 13, NULL, 10);
    if (from >= to) {
        send_all(client, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n", 57);
        return;
    }
    if (from > 0)
        snprintf(head, sizeof head,
                 "HTTP/1.1 206 Partial Content\r\nContent-Length: %zu\r\n"
                 "Content-Range: bytes %zu-%zu/%zu\r\n\r\n",
                 to - from, from, to - 1, to);
    else
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", to);
    send_all(client, head, strlen(head));
    if (strncmp(request, "GET /cut/", 9) == 0)
        to = from + (to - from) / 2;
    const bool is_wrong = strncmp(request, "GET /wrong/", 11) == 0;
    content[5] = (unsigned char)(content[5] + is_wrong);
    send_all(client, content + from, to - from);
    content[5] = (unsigned char)(content[5] - is_wrong);
}

static void serve(int listener)
{
    for (;;) {
        char request[4096] = "";
        size_t used = 0;
        const int client = accept(listener, NULL, NULL);
        while (client >= 0 && strstr(request, "\r\n\r\n") == NULL && used < sizeof request - 1) {
            const ssize_t count = recv(client, request + used, sizeof request - 1 - used, 0);
            if (count <= 0)
                break;
            used += (size_t)count;
            request[used] = '\0';
        }
        if (client >= 0) {
            answer(client, request);
            shutdown(client, SHUT_RDWR);
            close(client);
        }
    }
}

static void start_server(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert(listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0);
    cr_assert(listen(listener, 8) == 0);
    cr_assert(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    port = ntohs(address.sin_port);
    server = fork();
    cr_assert(server >= 0);
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with a test that does not reach its end */
        serve(listener);
        _exit(0);
    }
    close(listener);
}

static void begin(void)
{
    cvy_digest *digest;

    make_folder();
    for (size_t i = 0; i < CONTENT_BYTES; i++)
        content[i] = (unsigned char)(i * 31 + i / 255);
    cr_assert(eq(int, cvy_digest_create(&digest), CVY_OK));
    cvy_digest_add(digest, content, CONTENT_BYTES);
    cvy_digest_finish(digest, digest_of_content);
    events[0] = '\0';
    unsetenv("http_proxy");
    start_server();
}

static void end(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    remove_folder();
}

TestSuite(fetch, .init = begin, .fini = end);

/* ---- asking it ---- */

static void note_event(void *context, const char *sentence)
{
    const size_t used = strlen(events);

    (void)context;
    snprintf(events + used, sizeof events - used, "%s\n", sentence);
}

static const char *url(const char *behaviour)
{
    snprintf(last_url, sizeof last_url, "http://127.0.0.1:%d/%s/", port, behaviour);
    return last_url;
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

/* ---- archives ---- */

static void put_tar_header(unsigned char *block, const char *name, size_t size, char type)
{
    unsigned sum = 0;

    memset(block, 0, 512);
    snprintf((char *)block, 100, "%s", name);
    snprintf((char *)block + 100, 8, "0000644");
    snprintf((char *)block + 124, 12, "%011zo", size);
    memset(block + 148, ' ', 8);
    block[156] = (unsigned char)type;
    memcpy(block + 257, "ustar\00000", 8);
    for (size_t i = 0; i < 512; i++)
        sum += block[i];
    snprintf((char *)block + 148, 8, "%06o", sum);
}

/* A folder, a file of 700 bytes whose name leads upwards, and an empty one. */
static size_t make_tar(unsigned char *bytes)
{
    memset(bytes, 0, 512 * 7);
    put_tar_header(bytes, "set/", 0, '5');
    put_tar_header(bytes + 512, "set/../../first.bin", 700, '0');
    memset(bytes + 1024, 7, 700);
    put_tar_header(bytes + 2048, "set/second.bin", 0, '0');
    return 512 * 7;
}

Test(fetch, the_files_of_a_tar_archive_are_unpacked_beside_it)
{
    struct stat about;
    char digest_text[CVY_DIGEST_HEX_BYTES], mirror[300];
    const char *mirrors[1] = { mirror };
    unsigned char bytes[512 * 7];
    cvy_digest *digest;
    cvy_fetch_options options;
    const size_t size = make_tar(bytes);

    write_file("data.tar", bytes, size);
    cr_assert(eq(int, cvy_digest_create(&digest), CVY_OK));
    cvy_digest_add(digest, bytes, size);
    cvy_digest_finish(digest, digest_text);
    const cvy_remote_set set = { .about = { .name = "test" },
                                 .files = { { "data.tar", digest_text, size, CVY_REMOTE_TAR } } };
    snprintf(mirror, sizeof mirror, "file:///nowhere");
    cvy_fetch_options_init(&options);
    options.mirrors = mirrors;
    options.mirror_count = 1;
    cr_assert(eq(int, cvy_remote_fetch(&set, folder, &options), CVY_OK), "%s", cvy_error_message());
    cr_assert(stat(path_in_folder("first.bin"), &about) == 0);
    cr_expect(eq(int, (int)about.st_size, 700));
    cr_expect(stat(path_in_folder("second.bin"), &about) == 0 && about.st_size == 0);
}

Test(fetch, damaged_tar_archives_are_refused)
{
    unsigned char bytes[512 * 7];
    const size_t size = make_tar(bytes);
    cvy_tar *tar;
    cvy_tar_entry entry;
    bool is_end;

    bytes[512 + 3]++;
    write_file("a.tar", bytes, size);
    cr_assert(eq(int, cvy_tar_open(path_in_folder("a.tar"), &tar), CVY_OK));
    cr_expect(eq(int, cvy_tar_next(tar, &entry, &is_end), CVY_ERR_FORMAT));
    cvy_tar_close(tar);
    bytes[512 + 3]--;
    write_file("b.tar", bytes, 1500);
    cr_assert(eq(int, cvy_tar_open(path_in_folder("b.tar"), &tar), CVY_OK));
    cr_expect(eq(int, cvy_tar_next(tar, &entry, &is_end), CVY_OK));
    cr_expect(eq(int, cvy_tar_next(tar, &entry, &is_end), CVY_ERR_READ));
    cvy_tar_close(tar);
    cr_expect(eq(int, cvy_tar_open(path_in_folder("c.tar"), &tar), CVY_ERR_OPEN));
}

/* ---- archives as they are published ---- */

/* A ZIP archive in `content`: its entries, then the list of them. */
static unsigned char listed[4096];
static size_t used, listed_bytes, entry_count;

static void put(unsigned char *bytes, size_t *at, size_t width, size_t number)
{
    for (size_t i = 0; i < width; i++, number >>= 8)
        bytes[(*at)++] = (unsigned char)number;
}

/* What both heads of an entry have. */
static void put_zip_head(unsigned char *bytes, size_t *at, size_t checksum, size_t packed,
                         size_t size, const char *name, bool is_listed)
{
    put(bytes, at, 2, 20);
    put(bytes, at, 2, 0);
    put(bytes, at, 2, packed == size ? 0 : 8);
    put(bytes, at, 4, 0);
    put(bytes, at, 4, checksum);
    put(bytes, at, 4, packed);
    put(bytes, at, 4, size);
    put(bytes, at, 2, strlen(name));
    put(bytes, at, 2, 0);
    if (is_listed)
        put(bytes, at, 10, 0);
}

/* An entry, deflated where that makes it smaller. */
static void add_to_zip(const char *name, const unsigned char *bytes, size_t size)
{
    static unsigned char packed[65536];
    z_stream stream = { .next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (uInt)size };
    const size_t place = used, checksum = crc32(0, bytes, (uInt)size);

    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    cr_assert(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    cr_assert(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    const bool is_smaller = stream.total_out < size;
    const size_t length = is_smaller ? stream.total_out : size;
    deflateEnd(&stream);
    put(content, &used, 4, 0x04034b50);
    put_zip_head(content, &used, checksum, length, size, name, false);
    memcpy(content + used, name, strlen(name));
    used += strlen(name);
    if (length > 0)
        memcpy(content + used, is_smaller ? packed : bytes, length);
    used += length;
    put(listed, &listed_bytes, 4, 0x02014b50);
    put(listed, &listed_bytes, 2, 20);
    put_zip_head(listed, &listed_bytes, checksum, length, size, name, true);
    put(listed, &listed_bytes, 4, place);
    memcpy(listed + listed_bytes, name, strlen(name));
    listed_bytes += strlen(name);
    entry_count++;
}

static void end_zip(void)
{
    const size_t place = used;

    memcpy(content + used, listed, listed_bytes);
    used += listed_bytes;
    put(content, &used, 4, 0x06054b50);
    put(content, &used, 4, 0);
    put(content, &used, 2, entry_count);
    put(content, &used, 2, entry_count);
    put(content, &used, 4, listed_bytes);
    put(content, &used, 4, place);
    put(content, &used, 2, 0);
}

/* A file of the test's folder goes into the archive. */
static void move_to_zip(const char *name, const char *entry)
{
    static unsigned char bytes[65536];
    FILE *file = fopen(path_in_folder(name), "rb");

    cr_assert_not_null(file);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    unlink(path_in_folder(name));
    add_to_zip(entry, bytes, size);
}

/* The server again, which now sends the first bytes of `content`, and a set of that one file. */
static void fetch_archive(const char *name, cvy_remote_packing packing)
{
    const char *mirrors[1];
    cvy_digest *digest;
    cvy_fetch_options options;

    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    content_bytes = used;
    start_server();
    mirrors[0] = url("good");
    cr_assert(eq(int, cvy_digest_create(&digest), CVY_OK));
    cvy_digest_add(digest, content, used);
    cvy_digest_finish(digest, digest_of_content);
    const cvy_remote_set set = { .about = { .name = "test" },
                                 .files = { { name, digest_of_content, used, packing } } };
    cvy_fetch_options_init(&options);
    options.mirrors = mirrors;
    options.mirror_count = 1;
    const cvy_status status = cvy_remote_fetch(&set, folder, &options);
    if (status == CVY_ERR_UNSUPPORTED)
        cr_skip("%s", cvy_error_message());
    cr_assert(eq(int, status, CVY_OK), "%s", cvy_error_message());
}

static void expect_set(const char *below, size_t train, size_t test, size_t classes)
{
    char where[300];
    cvy_dataset *set;

    snprintf(where, sizeof where, "%s%s", folder, below);
    cr_assert(eq(int, cvy_dataset_open(where, 1, &set), CVY_OK), "%s", cvy_error_message());
    const cvy_dataset_info info = cvy_dataset_describe(set);
    cr_expect(eq(sz, info.train_count, train));
    cr_expect(eq(sz, info.test_count, test));
    cr_expect(eq(sz, info.class_count, classes));
    cvy_dataset_close(set);
}

/* EMNIST: gzip.zip holds a folder of packed files for each split, and tables. */
Test(fetch, emnist_is_unpacked_and_read)
{
    used = 0;
    add_to_zip("gzip/", NULL, 0);
    write_images("a.gz", 6, 28, 28, 6 * 784);
    move_to_zip("a.gz", "gzip/emnist-balanced-train-images-idx3-ubyte.gz");
    write_labels("a.gz", 6, 6, 6);
    move_to_zip("a.gz", "gzip/emnist-balanced-train-labels-idx1-ubyte.gz");
    write_images("a.gz", 4, 28, 28, 4 * 784);
    move_to_zip("a.gz", "gzip/emnist-balanced-test-images-idx3-ubyte.gz");
    write_labels("a.gz", 4, 4, 4);
    move_to_zip("a.gz", "gzip/emnist-balanced-test-labels-idx1-ubyte.gz");
    add_to_zip("gzip/emnist-balanced-mapping.txt", (const unsigned char *)"0 48\n1 49\n", 10);
    end_zip();
    fetch_archive("gzip.zip", CVY_REMOTE_ZIP);
    expect_set("/emnist-balanced", 6, 4, 47);
}

/* CIFAR-10: a packed TAR archive with a folder of six files of records, and the names of the classes. */
Test(fetch, cifar_10_is_unpacked_and_read)
{
    enum { RECORDS = 2, RECORD_BYTES = 3073, BLOCKS = (RECORDS * RECORD_BYTES + 511) / 512 };
    static const char *const files[] = { "data_batch_1", "data_batch_2", "data_batch_3",
                                         "data_batch_4", "data_batch_5", "test_batch" };
    static const char names[] = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\n"
                                "truck\n\n";
    unsigned char *tar = calloc(512, 6 * (1 + BLOCKS) + 6), *at = tar;
    char name[100];

    put_tar_header(at, "cifar-10-batches-bin/", 0, '5');
    at += 512;
    for (size_t i = 0; i < 6; i++, at += 512 * BLOCKS) {
        snprintf(name, sizeof name, "cifar-10-batches-bin/%s.bin", files[i]);
        put_tar_header(at, name, RECORDS * RECORD_BYTES, '0');
        at += 512;
        for (size_t k = 0; k < RECORDS; k++)
            at[k * RECORD_BYTES] = (unsigned char)(i + k);
    }
    put_tar_header(at, "cifar-10-batches-bin/batches.meta.txt", sizeof names - 1, '0');
    memcpy(at + 512, names, sizeof names - 1);
    at += 1024;
    z_stream stream = { .next_in = tar, .avail_in = (uInt)(at + 1024 - tar), .next_out = content };
    stream.avail_out = CONTENT_BYTES;
    cr_assert(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    cr_assert(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    used = stream.total_out;
    deflateEnd(&stream);
    free(tar);
    fetch_archive("cifar-10-binary.tar.gz", CVY_REMOTE_TAR);
    expect_set("", 10, 2, 10);
}
