/* IDX files: what is read from good ones, and the sentence for each way of being bad. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "base/memory.h"
#include "sources/idx.h"
#include "support/slow_build.h"
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

static cvy_dataset *open_set(const char *where)
{
    cvy_dataset *set = NULL;

    cr_assert(eq(int, cvy_dataset_open(where, 2, &set), CVY_OK), "%s", cvy_error_message());
    return set;
}

static void expect_set_refused(cvy_status expected, const char *word)
{
    cvy_dataset *set = NULL;

    cr_expect(eq(int, cvy_dataset_open(folder, 2, &set), expected), "%s", cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), word), NULL), "%s", cvy_error_message());
    cr_expect(eq(ptr, set, NULL));
}

Test(idx, opens_a_folder)
{
    write_small_set();
    cr_expect(cvy_dataset_idx.recognises(folder));
    cr_expect(not(cvy_dataset_idx.recognises(path_in_folder("nowhere"))));
    cvy_dataset *set = open_set(folder);
    cr_expect(eq(sz, set->train.count, 12));
    cr_expect(eq(sz, set->test.count, 5));
    cr_expect(eq(sz, set->height, 3));
    cr_expect(eq(sz, set->width, 2));
    cr_expect(eq(sz, set->channels, 1));
    cr_assert(eq(sz, set->class_count, 4));
    cr_expect(eq(str, set->class_names[3], (char *)"3"));
    cr_expect(eq(int, set->train.labels[11], 3));
    cr_expect(eq(int, set->test.labels[4], 1));
    cvy_dataset_close(set);
}

Test(idx, finds_other_spellings)
{
    write_images("train-images.idx3-ubyte", 12, 3, 2, 72);
    write_labels("train-labels-idx1-ubyte.gz", 12, 4, 12);
    write_images("t10k-images.idx3-ubyte.gz", 5, 3, 2, 30);
    write_labels(TEST_LABELS, 5, 3, 5);
    cvy_dataset_close(open_set(folder));
}

Test(idx, a_folder_without_test_images_has_a_training_part_only)
{
    write_small_set();
    unlink(path_in_folder(TEST_IMAGES));
    unlink(path_in_folder(TEST_LABELS));
    cvy_dataset *set = open_set(folder);
    cr_expect(eq(sz, set->train.count, 12));
    cr_expect(eq(sz, set->test.count, 0));
    cvy_dataset_close(set);
}

Test(idx, a_part_can_be_opened_alone)
{
    cvy_dataset_options options;
    cvy_dataset *set = NULL;

    write_small_set();
    write_file(TRAIN_IMAGES, "damaged", 7);
    cvy_dataset_options_init(&options);
    options.parts = CVY_PART_TEST;
    cr_assert(eq(int, cvy_dataset_open_with(folder, &options, &set), CVY_OK), "%s",
              cvy_error_message());
    cr_expect(eq(sz, set->test.count, 5));
    cr_expect(eq(sz, set->train.count, 0));
    cvy_dataset_close(set);
    options.parts = CVY_PART_VALIDATION;
    cr_expect(eq(int, cvy_dataset_open_with(folder, &options, &set), CVY_ERR_DATA));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "no validation images"), NULL), "%s",
              cvy_error_message());
}

/* EMNIST: several splits in one folder, images on their side, letters numbered from 1. */
static void write_emnist(const char *split)
{
    char name[128];
    unsigned char labels[8 + 4] = { 0, 0, 8, 1, 0, 0, 0, 4, 1, 26, 2, 1 };

    snprintf(name, sizeof name, "emnist-%s-train-images-idx3-ubyte", split);
    write_images(name, 4, 3, 3, 36);
    snprintf(name, sizeof name, "emnist-%s-train-labels-idx1-ubyte.gz", split);
    write_file(name, labels, sizeof labels);
}

Test(idx, emnist_is_chosen_by_its_split_and_turned)
{
    char where[300];

    write_emnist("letters");
    write_emnist("balanced");
    expect_set_refused(CVY_ERR_SETTING, "several data sets");
    expect_set_refused(CVY_ERR_SETTING, "/emnist-letters");
    for (int whole = 0; whole < 2; whole++) {
        snprintf(where, sizeof where, "%s/%sletters", folder, whole ? "emnist-" : "");
        cvy_dataset *set = open_set(where);
        cr_expect(eq(sz, set->class_count, 26));
        cr_expect(eq(str, set->class_names[25], (char *)"Z"));
        cr_expect(eq(int, set->train.labels[0], 0));
        cr_expect(eq(int, set->train.labels[1], 25));
        cr_expect(eq(int, cvy_dataset_image(set, CVY_SPLIT_TRAIN, 0)[1], 3 * 7));
        cr_expect(eq(int, cvy_dataset_image(set, CVY_SPLIT_TRAIN, 1)[3], 10 * 7));
        cvy_dataset_close(set);
    }
    snprintf(where, sizeof where, "%s/balanced", folder);
    cvy_dataset *set = open_set(where);
    cr_expect(eq(sz, set->class_count, 47));
    cr_expect(eq(str, set->class_names[46], (char *)"t"));
    cr_expect(eq(int, set->train.labels[1], 26));
    cvy_dataset_close(set);
}

Test(idx, qmnist_labels_are_the_first_of_eight_numbers)
{
    unsigned char rows[12 + 12 * 32] = { 0, 0, 12, 2, 0, 0, 0, 12, 0, 0, 0, 8 };

    for (size_t i = 0; i < 12; i++) {
        put_number(rows + 12 + i * 32, (uint32_t)(i % 3));
        put_number(rows + 12 + i * 32 + 8, 70000);
    }
    write_images("qmnist-train-images-idx3-ubyte", 12, 3, 2, 72);
    write_file("qmnist-train-labels-idx2-int.gz", rows, sizeof rows);
    cvy_dataset *set = open_set(folder);
    cr_expect(eq(sz, set->class_count, 3));
    cr_expect(eq(int, set->train.labels[11], 2));
    cvy_dataset_close(set);
    put_number(rows + 12 + 32, 1000);
    write_file("qmnist-train-labels-idx2-int.gz", rows, sizeof rows);
    expect_set_refused(CVY_ERR_DATA, "label 1 is 1000");
    put_number(rows + 12 + 32, 1);
    write_file("qmnist-train-labels-idx2-int.gz", rows, sizeof rows - 1);
    expect_set_refused(CVY_ERR_FORMAT, "announces 384 bytes, 383 follow");
    rows[11] = 7;
    write_file("qmnist-train-labels-idx2-int.gz", rows, sizeof rows);
    expect_set_refused(CVY_ERR_FORMAT, "7 numbers a label");
}

Test(idx, is_found_further_down)
{
    char deeper[300], raw[300];

    snprintf(deeper, sizeof deeper, "%s/MNIST", folder);
    snprintf(raw, sizeof raw, "%s/MNIST/raw", folder);
    cr_assert(mkdir(deeper, 0700) == 0 && mkdir(raw, 0700) == 0);
    write_images("MNIST/raw/" TRAIN_IMAGES, 12, 3, 2, 72);
    write_labels("MNIST/raw/" TRAIN_LABELS, 12, 4, 12);
    cvy_dataset *set = open_set(folder);
    cr_expect(eq(sz, set->train.count, 12));
    cvy_dataset_close(set);
    unlink(path_in_folder("MNIST/raw/" TRAIN_IMAGES));
    unlink(path_in_folder("MNIST/raw/" TRAIN_LABELS));
    rmdir(raw);
    rmdir(deeper);
}

Test(idx, a_single_file_is_no_data_set)
{
    cvy_dataset *set = NULL;

    write_small_set();
    cr_expect(eq(int, cvy_dataset_open(path_in_folder(TRAIN_IMAGES), 1, &set), CVY_ERR_FORMAT));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "a single IDX file"), NULL));
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

/* 3 million images, 2.4 GB, of which the disk holds next to nothing. */
Test(idx, reads_files_above_2_gib)
{
    enum { COUNT = 3000000, BYTES = 784, BLOCK = 20000 };
    unsigned char header[16];
    const unsigned char last = 77;
    cvy_idx_stream *stream;
    cvy_idx_header found;
    uint8_t *pixels;

#ifdef __clang__
    cr_skip_test("reads for seconds, and once is enough: with gcc");
#endif
    if (IS_SLOW)
        cr_skip_test("reads for seconds, and once is enough: with gcc");
    put_number(header, 0x803);
    put_number(header + 4, COUNT);
    put_number(header + 8, 28);
    put_number(header + 12, 28);
    write_file("large", header, sizeof header);
    FILE *file = fopen(path_in_folder("large"), "r+b");
    cr_assert(fseeko(file, 16 + (off_t)COUNT * BYTES - 1, SEEK_SET) == 0);
    cr_assert(fwrite(&last, 1, 1, file) == 1 && fclose(file) == 0);

    cr_assert(eq(int, cvy_idx_stream_open(path_in_folder("large"), &stream, &found), CVY_OK), "%s",
              cvy_error_message());
    cr_expect(eq(sz, found.count, COUNT));
    cr_assert(eq(int, cvy_memory_create(BLOCK, BYTES, &pixels), CVY_OK));
    for (size_t done = 0; done < COUNT; done += BLOCK)
        cr_assert(eq(int, cvy_idx_stream_read(stream, pixels, BLOCK), CVY_OK), "%s",
                  cvy_error_message());
    cr_expect(eq(int, pixels[BLOCK * BYTES - 1], 77));
    cvy_memory_free(pixels);
    cvy_idx_stream_close(stream);
}
