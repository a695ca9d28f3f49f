/* ZIP archives that say something else than they hold. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "convoy/convoy.h"
#include "formats/zip_archive.h"
#include "unit/data/idx_files.h"

enum { ARCHIVE_BYTES = 1 << 20 };

static unsigned char archive[ARCHIVE_BYTES];
static size_t used;

TestSuite(zip_archive, .init = make_folder, .fini = remove_folder);

static void put(size_t bytes, uint32_t number)
{
    for (size_t i = 0; i < bytes; i++)
        archive[used++] = (unsigned char)(number >> (8 * i));
}

static void put_text(const char *text)
{
    memcpy(archive + used, text, strlen(text));
    used += strlen(text);
}

/* An archive with one entry x.npy of `held` zero bytes, which are deflated, and which it announces as
 * `announced` bytes. */
static void make_archive(size_t held, uint32_t announced)
{
    unsigned char *zeros = calloc(held, 1), *packed = malloc(ARCHIVE_BYTES);
    z_stream stream = { .next_in = zeros, .avail_in = (uInt)held, .next_out = packed };
    const uint32_t checksum = (uint32_t)crc32(0, zeros, (uInt)announced);

    stream.avail_out = ARCHIVE_BYTES;
    cr_assert(deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    cr_assert(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    const uint32_t size = (uint32_t)stream.total_out;
    deflateEnd(&stream);
    used = 0;
    for (int is_central = 0; is_central < 2; is_central++) {
        const size_t start = used;
        put(4, is_central ? 0x02014b50 : 0x04034b50);
        if (is_central)
            put(2, 20);
        put(2, 20); /* version */
        put(2, 0);
        put(2, 8); /* deflated */
        put(4, 0);
        put(4, checksum);
        put(4, size);
        put(4, announced);
        put(2, 5); /* of the name */
        put(2, 0);
        if (is_central) {
            put(2, 0); /* comment, disk, attributes, place */
            put(2, 0);
            put(2, 0);
            put(4, 0);
            put(4, 0);
        }
        put_text("x.npy");
        if (!is_central) {
            memcpy(archive + used, packed, size);
            used += size;
            continue;
        }
        const uint32_t bytes = (uint32_t)(used - start);
        put(4, 0x06054b50);
        put(2, 0);
        put(2, 0);
        put(2, 1);
        put(2, 1);
        put(4, bytes);
        put(4, (uint32_t)start);
        put(2, 0);
    }
    free(packed);
    free(zeros);
    write_file("a.npz", archive, used);
}

static cvy_status read_all(size_t bytes)
{
    cvy_zip *zip;
    unsigned char *content = malloc(bytes);
    cvy_status status = cvy_zip_open(path_in_folder("a.npz"), &zip);

    if (status == CVY_OK) {
        cr_assert(eq(sz, cvy_zip_count(zip), 1));
        cr_expect(eq(sz, (size_t)cvy_zip_size(zip, 0), bytes));
        status = cvy_zip_begin(zip, 0);
        if (status == CVY_OK)
            status = cvy_zip_read(zip, content, bytes);
        cvy_zip_close(zip);
    }
    free(content);
    return status;
}

Test(zip_archive, an_entry_is_read_as_announced)
{
    make_archive(5000, 5000);
    cr_expect(eq(int, read_all(5000), CVY_OK), "%s", cvy_error_message());
}

/* 20 MB in 20 KB, announced as 100 bytes. */
Test(zip_archive, an_entry_that_inflates_beyond_its_word_is_refused)
{
    make_archive(20 << 20, 100);
    cr_expect(eq(int, read_all(100), CVY_ERR_FORMAT));
    cr_expect_not_null(strstr(cvy_error_message(), "a.npz"), "%s", cvy_error_message());
}

Test(zip_archive, an_entry_shorter_than_announced_is_refused)
{
    make_archive(100, 100);
    for (size_t i = 0; i + 4 < used; i++) /* both sizes become 164 */
        if (memcmp(archive + i, "\x64\0\0\0\5\0", 6) == 0)
            archive[i] = 0xa4;
    write_file("a.npz", archive, used);
    cr_expect(eq(int, read_all(164), CVY_ERR_FORMAT));
}
