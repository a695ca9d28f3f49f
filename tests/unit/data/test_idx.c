/* IDX files: what is read from good ones, and the sentence for each way of being bad. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/memory.h"
#include "data/idx.h"
#include "unit/data/idx_files.h"

TestSuite(idx, .init = make_folder, .fini = remove_folder);

/* Read the file of images called `name`, which must be refused, with `word` in the sentence. */
static void expect_refused(const char *name, cvy_status expected, const char *word)
{
    cvy_images images = { .count = 77 };
    size_t height = 77, width = 77;

    cvy_status status = cvy_idx_read_images(path_in_folder(name), &images, &height, &width);
    cr_expect(eq(int, status, expected), "%s: %s", name, cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), word), NULL), "%s", cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), path_buffer), NULL), "%s", cvy_error_message());
    cr_expect(eq(sz, images.count, 77));
    cr_expect(eq(sz, height, 77));
    cr_expect(eq(sz, width, 77));
}

static void expect_read(const char *name)
{
    cvy_images images;
    size_t height, width;

    cvy_status status = cvy_idx_read_images(path_in_folder(name), &images, &height, &width);
    cr_assert(eq(int, status, CVY_OK), "%s", cvy_error_message());
    cr_expect(eq(sz, images.count, 12));
    cr_expect(eq(sz, height, 3));
    cr_expect(eq(sz, width, 2));
    for (size_t i = 0; i < 72; i++)
        cr_expect(eq(int, images.pixels[i], (i * 7 + i / 256) % 256));
    cvy_memory_free(images.pixels);
}

Test(idx, reads_plain_and_packed)
{
    write_images("plain", 12, 3, 2, 72);
    write_images("packed.gz", 12, 3, 2, 72);
    expect_read("plain");
    expect_read("packed.gz");
}

Test(idx, reads_what_is_packed_uncommonly_well)
{
    unsigned char *bytes = calloc(16 + 1000000, 1);
    cvy_images images;
    size_t height, width;

    put_number(bytes, 0x803);
    put_number(bytes + 4, 1000);
    put_number(bytes + 8, 10);
    put_number(bytes + 12, 100);
    bytes[16 + 999999] = 9;
    write_file("blank.gz", bytes, 16 + 1000000);
    free(bytes);
    cr_assert(
        eq(int, cvy_idx_read_images(path_in_folder("blank.gz"), &images, &height, &width), CVY_OK),
        "%s", cvy_error_message());
    cr_expect(eq(int, images.pixels[999998], 0));
    cr_expect(eq(int, images.pixels[999999], 9));
    cvy_memory_free(images.pixels);
}

Test(idx, reads_labels)
{
    cvy_images images;

    write_labels("labels", 700, 256, 700);
    cr_assert(eq(int, cvy_idx_read_labels(path_in_folder("labels"), &images), CVY_OK));
    cr_assert(eq(sz, images.count, 700));
    for (size_t i = 0; i < 700; i++)
        cr_expect(eq(int, images.labels[i], i % 256));
    cvy_memory_free(images.labels);
}

Test(idx, refuses_broken_headers)
{
    unsigned char header[16] = { 0, 0, 8, 3 };

    expect_refused("missing", CVY_ERR_OPEN, "No such file");
    write_file("empty", "", 0);
    expect_refused("empty", CVY_ERR_READ, "empty");
    write_file("short", header, 15);
    expect_refused("short", CVY_ERR_READ, "15 bytes");
    write_file("html", "<!DOCTYPE html><title>404</title>", 33);
    expect_refused("html", CVY_ERR_FORMAT, "0x3c21444f");
    write_labels("labels", 12, 4, 12);
    expect_refused("labels", CVY_ERR_FORMAT, "0x00000801");
    write_images("none", 0, 3, 2, 0);
    expect_refused("none", CVY_ERR_FORMAT, "0 images");
    write_images("flat", 12, 0, 2, 0);
    expect_refused("flat", CVY_ERR_FORMAT, "0 rows");
    write_images("thin", 12, 3, 0, 0);
    expect_refused("thin", CVY_ERR_FORMAT, "0 columns");
    cr_assert(mkdir(path_in_folder("folder"), 0700) == 0);
    expect_refused("folder", CVY_ERR_READ, "not a regular file");
    rmdir(path_in_folder("folder"));
}

Test(idx, refuses_sizes_that_lie)
{
    write_images("more", 13, 3, 2, 72);
    expect_refused("more", CVY_ERR_FORMAT, "announces 78 bytes, 72 follow");
    write_images("less", 11, 3, 2, 72);
    expect_refused("less", CVY_ERR_FORMAT, "goes on after the 66 bytes");
    write_images("huge", 0xffffffff, 0xffffffff, 0xffffffff, 72);
    expect_refused("huge", CVY_ERR_FORMAT, "4294967295 rows");
    write_images("overflow", 0xffffffff, 8192, 8192, 72);
    expect_refused("overflow", CVY_ERR_FORMAT, "at most");
    write_images("more.gz", 13, 3, 2, 72);
    expect_refused("more.gz", CVY_ERR_FORMAT, "announces 78 bytes, 72 follow");
    write_images("less.gz", 11, 3, 2, 72);
    expect_refused("less.gz", CVY_ERR_FORMAT, "goes on after");
    write_images("much-more.gz", 2000000000, 1, 1, 72);
    expect_refused("much-more.gz", CVY_ERR_FORMAT, "announces 2000000000 bytes, 72 follow");
}

Test(idx, refuses_damaged_gzip)
{
    write_images("cut.gz", 100, 28, 28, 78400);
    cut_file("cut.gz", 100);
    expect_refused("cut.gz", CVY_ERR_READ, "end in the middle");
    write_images("no-sum.gz", 12, 3, 2, 72);
    cut_file("no-sum.gz", 8); /* all the pixels are there, their checksum is not */
    expect_refused("no-sum.gz", CVY_ERR_READ, "end in the middle");

    write_images("bit.gz", 12, 3, 2, 72);
    FILE *file = fopen(path_in_folder("bit.gz"), "r+b");
    fseek(file, -8, SEEK_END);
    int byte = fgetc(file);
    fseek(file, -8, SEEK_END);
    fputc(byte ^ 1, file);
    fclose(file);
    expect_refused("bit.gz", CVY_ERR_READ, "damaged gzip");
}

/* A fresh data set read from the folder. */
static cvy_status open_set(cvy_dataset *set)
{
    memset(set, 0, sizeof *set);
    return cvy_dataset_idx.open(folder, NULL, 2, set);
}

static void release_set(cvy_dataset *set)
{
    cvy_memory_free(set->train.pixels);
    cvy_memory_free(set->train.labels);
    cvy_memory_free(set->test.pixels);
    cvy_memory_free(set->test.labels);
    cvy_memory_free(set->class_names);
}

static void expect_set_refused(cvy_status expected, const char *word)
{
    cvy_dataset set;

    cr_expect(eq(int, open_set(&set), expected), "%s", cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), word), NULL), "%s", cvy_error_message());
    release_set(&set);
}

Test(idx, opens_a_folder)
{
    cvy_dataset set;

    write_small_set();
    cr_expect(cvy_dataset_idx.recognises(folder));
    cr_expect(not(cvy_dataset_idx.recognises(path_in_folder(TRAIN_IMAGES))));
    cr_expect(not(cvy_dataset_idx.recognises(path_in_folder("nowhere"))));
    cr_assert(eq(int, open_set(&set), CVY_OK), "%s", cvy_error_message());
    cr_expect(eq(sz, set.train.count, 12));
    cr_expect(eq(sz, set.test.count, 5));
    cr_expect(eq(sz, set.height, 3));
    cr_expect(eq(sz, set.width, 2));
    cr_expect(eq(sz, set.channels, 1));
    cr_assert(eq(sz, set.class_count, 4));
    cr_expect(eq(str, set.class_names[3], (char *)"3"));
    cr_expect(eq(int, set.train.labels[11], 3));
    cr_expect(eq(int, set.test.labels[4], 1));
    release_set(&set);
}

Test(idx, finds_other_spellings)
{
    cvy_dataset set;

    write_images("train-images.idx3-ubyte", 12, 3, 2, 72);
    write_labels("train-labels-idx1-ubyte.gz", 12, 4, 12);
    write_images("t10k-images.idx3-ubyte.gz", 5, 3, 2, 30);
    write_labels(TEST_LABELS, 5, 3, 5);
    cr_expect(eq(int, open_set(&set), CVY_OK), "%s", cvy_error_message());
    release_set(&set);
}

Test(idx, names_the_missing_file)
{
    const char *const names[] = { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS };

    for (size_t i = 0; i < 4; i++) {
        write_small_set();
        unlink(path_in_folder(names[i]));
        expect_set_refused(CVY_ERR_OPEN, names[i]);
    }
}

Test(idx, refuses_files_that_do_not_belong_together)
{
    write_small_set();
    write_labels(TRAIN_LABELS, 11, 4, 11);
    expect_set_refused(CVY_ERR_DATA, "12 images, but 11 labels");
    write_small_set();
    write_images(TEST_IMAGES, 5, 2, 3, 30);
    expect_set_refused(CVY_ERR_DATA, "3 x 2, the test images 2 x 3");
    write_small_set();
    write_labels(TRAIN_LABELS, 12, 1, 12);
    write_labels(TEST_LABELS, 5, 1, 5);
    expect_set_refused(CVY_ERR_DATA, "two classes");
    write_small_set();
    write_labels(TEST_LABELS, 5, 3, 4);
    expect_set_refused(CVY_ERR_FORMAT, "5 bytes, 4 follow");
    write_small_set();
    write_images(TEST_LABELS, 5, 3, 2, 30);
    expect_set_refused(CVY_ERR_FORMAT, "0x00000803");
}
