/* Archives that are fetched are unpacked: TAR, and data sets as they are published. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "convoy/convoy.h"
#include "formats/tar_archive.h"
#include "sources/remote_sets.h"
#include "unit/sources/fetch_server.h"

static void begin(void)
{
    make_folder();
    unsetenv("http_proxy");
}

TestSuite(fetch_archives, .init = begin, .fini = remove_folder);

/* ---- TAR ---- */

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

Test(fetch_archives, the_files_of_a_tar_archive_are_unpacked_beside_it)
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

Test(fetch_archives, damaged_tar_archives_are_refused)
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

/* Fetch a data set of one file, which the server sends: the first `used` bytes of `content`. */
static void fetch_archive(const char *name, cvy_remote_packing packing)
{
    const char *mirrors[1];
    cvy_fetch_options options;

    content_bytes = used;
    digest_content();
    start_server();
    mirrors[0] = url("good");
    const cvy_remote_set set = { .about = { .name = "test" },
                                 .files = { { name, digest_of_content, used, packing } } };
    cvy_fetch_options_init(&options);
    options.mirrors = mirrors;
    options.mirror_count = 1;
    const cvy_status status = cvy_remote_fetch(&set, folder, &options);
    stop_server();
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
Test(fetch_archives, emnist_is_unpacked_and_read)
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
Test(fetch_archives, cifar_10_is_unpacked_and_read)
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
