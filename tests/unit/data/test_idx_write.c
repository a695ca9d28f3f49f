/* Data written as IDX files: read back they are the same; where one cannot be written, none is. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/file.h"
#include "base/memory.h"
#include "convoy/dataset_files.h"
#include "sources/idx.h"
#include "unit/data/idx_files.h"

TestSuite(idx_write, .init = make_folder, .fini = remove_folder);

static uint8_t pixels[] = { 0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255 };
static uint16_t train_labels[] = { 0, 255 }, test_labels[] = { 7 };

/* Two images of 2 x 2 to train on and one to test with, in 256 classes. */
static cvy_dataset make_set(void)
{
    return (cvy_dataset){
        .name = "mine",
        .height = 2,
        .width = 2,
        .channels = 1,
        .class_count = 256,
        .train = { .count = 2, .pixels = pixels, .labels = train_labels },
        .test = { .count = 1, .pixels = pixels + 8, .labels = test_labels },
    };
}

static void expect_content(const char *name, const unsigned char *expected, size_t size)
{
    unsigned char *bytes;
    size_t found;

    cr_assert(eq(int, cvy_file_read(path_in_folder(name), 1000, &bytes, &found), CVY_OK), "%s",
              cvy_error_message());
    cr_expect(eq(sz, found, size), "%s", name);
    cr_expect(found == size && memcmp(bytes, expected, size) == 0, "%s", name);
    cvy_memory_free(bytes);
}

static size_t count_files(void)
{
    DIR *listing = opendir(folder);
    size_t count = 0;

    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(listing);
    return count;
}

Test(idx_write, writes_byte_by_byte_what_the_format_says)
{
    static const unsigned char train_image_file[] = { 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0,   2,
                                                      0, 0, 0, 2, 0, 1, 2, 3, 4, 5, 250, 251 };
    static const unsigned char train_label_file[] = { 0, 0, 8, 1, 0, 0, 0, 2, 0, 255 };
    static const unsigned char test_image_file[] = { 0, 0, 8, 3, 0, 0, 0,   1,   0,   0,
                                                     0, 2, 0, 0, 0, 2, 252, 253, 254, 255 };
    static const unsigned char test_label_file[] = { 0, 0, 8, 1, 0, 0, 0, 1, 7 };
    const cvy_dataset set = make_set();

    cr_assert(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_OK), "%s",
              cvy_error_message());
    expect_content(TRAIN_IMAGES, train_image_file, sizeof train_image_file);
    expect_content(TRAIN_LABELS, train_label_file, sizeof train_label_file);
    expect_content(TEST_IMAGES, test_image_file, sizeof test_image_file);
    expect_content(TEST_LABELS, test_label_file, sizeof test_label_file);
    cr_expect(eq(sz, count_files(), 4));
}

Test(idx_write, reads_back_with_the_same_digest)
{
    char written[CVY_DIGEST_TEXT_BYTES], found[CVY_DIGEST_TEXT_BYTES];
    cvy_dataset set = make_set(), *again;

    cr_assert(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_OK));
    cr_assert(eq(int, cvy_dataset_open(folder, 1, &again), CVY_OK), "%s", cvy_error_message());
    cr_assert(eq(int, cvy_dataset_digest(&set, written), CVY_OK));
    cr_assert(eq(int, cvy_dataset_digest(again, found), CVY_OK));
    cr_expect(eq(str, written, found));
    cvy_dataset_close(again);
}

Test(idx_write, replaces_older_files)
{
    const cvy_dataset set = make_set();

    write_small_set();
    cr_assert(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_OK));
    cr_expect(eq(sz, count_files(), 4));
}

Test(idx_write, other_files_are_never_lost)
{
    const cvy_dataset set = make_set();

    write_small_set();
    cr_expect(eq(int, cvy_dataset_write(&set, "idx", folder, false, 1), CVY_ERR_SETTING));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "--overwrite"), NULL), "%s", cvy_error_message());
    write_file("notes.txt", "mine", 4);
    cr_expect(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_ERR_SETTING));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "notes.txt"), NULL), "%s", cvy_error_message());
    cr_expect(eq(sz, count_files(), 5));
    unlink(path_in_folder("notes.txt"));
    cr_expect(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_OK));
    cr_expect(eq(sz, count_files(), 4));
}

Test(idx_write, a_refused_set_leaves_the_old_one)
{
    cvy_dataset set = make_set();

    write_small_set();
    set.channels = 3;
    cr_expect(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_ERR_UNSUPPORTED));
    cvy_dataset *kept;
    cr_assert(eq(int, cvy_dataset_open(folder, 1, &kept), CVY_OK));
    cr_expect(eq(sz, kept->train.count, 12));
    cvy_dataset_close(kept);
    cr_expect(eq(sz, count_files(), 4));
}

Test(idx_write, refuses_what_the_format_cannot_hold)
{
    char long_folder[5000];
    cvy_dataset set = make_set();

    set.channels = 3;
    cr_expect(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_ERR_UNSUPPORTED));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "mine: 3 channels"), NULL));
    set = make_set();
    set.class_count = 257;
    cr_expect(eq(int, cvy_dataset_write(&set, "idx", folder, true, 1), CVY_ERR_UNSUPPORTED));
    set = make_set();
    cr_expect(eq(int, cvy_dataset_write(&set, "idx", "/nowhere/at/all", true, 1), CVY_ERR_OPEN));
    memset(long_folder, 'a', sizeof long_folder - 1);
    long_folder[sizeof long_folder - 1] = '\0';
    cr_expect(ne(int, cvy_dataset_write(&set, "idx", long_folder, true, 1), CVY_OK));
    cr_expect(eq(sz, count_files(), 0));
}
