/* For tests: a folder of its own for each test, and IDX files, whole or broken, written into it. */
#ifndef CONVOY_TESTS_IDX_FILES_H
#define CONVOY_TESTS_IDX_FILES_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define TRAIN_IMAGES "train-images-idx3-ubyte"
#define TRAIN_LABELS "train-labels-idx1-ubyte"
#define TEST_IMAGES  "t10k-images-idx3-ubyte"
#define TEST_LABELS  "t10k-labels-idx1-ubyte"

static char folder[256], path_buffer[512];

static inline void make_folder(void)
{
    const char *base = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/convoy-test-XXXXXX", base != NULL ? base : "/tmp");
    cr_assert_not_null(mkdtemp(folder));
}

static inline const char *path_in_folder(const char *name)
{
    snprintf(path_buffer, sizeof path_buffer, "%s/%s", folder, name);
    return path_buffer;
}

static inline void remove_folder(void)
{
    DIR *listing = opendir(folder);

    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.')
            unlink(path_in_folder(entry->d_name));
    if (listing != NULL)
        closedir(listing);
    rmdir(folder);
}

/* Written plain, or packed where the name ends in .gz. */
static inline void write_file(const char *name, const void *bytes, size_t size)
{
    bool is_packed = strlen(name) > 3 && strcmp(name + strlen(name) - 3, ".gz") == 0;
    gzFile file = gzopen(path_in_folder(name), is_packed ? "wb9" : "wbT");

    cr_assert_not_null(file);
    cr_assert(size == 0 || gzwrite(file, bytes, (unsigned)size) == (int)size);
    cr_assert(gzclose(file) == Z_OK);
}

static inline size_t put_number(unsigned char *bytes, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> (24 - 8 * i));
    return 4;
}

/* An image file whose header says what it is told and that has `content` bytes after it. */
static inline void write_images(const char *name, uint32_t count, uint32_t rows, uint32_t columns,
                                size_t content)
{
    unsigned char *bytes = malloc(16 + content);
    size_t at = put_number(bytes, 0x803);

    at += put_number(bytes + at, count);
    at += put_number(bytes + at, rows);
    at += put_number(bytes + at, columns);
    for (size_t i = 0; i < content; i++)
        bytes[at + i] = (unsigned char)(i * 7 + i / 256);
    write_file(name, bytes, at + content);
    free(bytes);
}

/* A label file: label i is i % classes. */
static inline void write_labels(const char *name, uint32_t count, unsigned classes, size_t content)
{
    unsigned char *bytes = malloc(8 + content);
    size_t at = put_number(bytes, 0x801);

    at += put_number(bytes + at, count);
    for (size_t i = 0; i < content; i++)
        bytes[at + i] = (unsigned char)(i % classes);
    write_file(name, bytes, at + content);
    free(bytes);
}

/* Twelve images of 3 x 2 to train on and five to test with, in four classes. */
static inline void write_small_set(void)
{
    write_images(TRAIN_IMAGES, 12, 3, 2, 72);
    write_labels(TRAIN_LABELS, 12, 4, 12);
    write_images(TEST_IMAGES, 5, 3, 2, 30);
    write_labels(TEST_LABELS, 5, 3, 5);
}

static inline void cut_file(const char *name, size_t bytes_less)
{
    struct stat about;

    cr_assert(stat(path_in_folder(name), &about) == 0);
    cr_assert(truncate(path_buffer, about.st_size - (off_t)bytes_less) == 0);
}

/* Where the real MNIST files lie, or NULL. */
static inline const char *real_mnist(void)
{
    const char *where = getenv("CONVOY_MNIST");
    struct stat about;

    if (where == NULL)
        where = "../shared/data/mnist";
    return stat(where, &about) == 0 ? where : NULL;
}

#endif
