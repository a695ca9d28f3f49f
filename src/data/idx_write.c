/* Write a data set as IDX files with MNIST's file names. */
#include <string.h>

#include "base/memory.h"
#include "base/stop.h"
#include "data/writer.h"

enum { IMAGE_MAGIC = 0x00000803, LABEL_MAGIC = 0x00000801 };

static void put_be32(FILE *file, size_t value)
{
    for (size_t i = 0; i < 4; i++)
        putc((int)(value >> (24 - 8 * i) & 255), file);
}

static const char *file_prefix(cvy_split split)
{
    return split == CVY_SPLIT_TEST ? "t10k" : cvy_writer_part_name(split);
}

static cvy_status write_pixels(const cvy_dataset *dataset, const cvy_images *images,
                               const char *folder, const char *name)
{
    const size_t bytes = cvy_dataset_image_bytes(dataset);
    FILE *file = NULL;
    cvy_status status = cvy_writer_open(folder, name, &file);

    if (status != CVY_OK)
        return status;
    put_be32(file, IMAGE_MAGIC);
    put_be32(file, images->count);
    put_be32(file, dataset->height);
    put_be32(file, dataset->width);
    for (size_t i = 0; i < images->count && !cvy_stop_is_requested(NULL); i++)
        fwrite(cvy_images_at(images, bytes, i), 1, bytes, file);
    cvy_writer_close(file, folder, name, &status);
    return status;
}

static cvy_status write_labels(const cvy_images *images, const char *folder, const char *name)
{
    FILE *file = NULL;
    cvy_status status = cvy_writer_open(folder, name, &file);

    if (status != CVY_OK)
        return status;
    put_be32(file, LABEL_MAGIC);
    put_be32(file, images->count);
    for (size_t i = 0; i < images->count && !cvy_stop_is_requested(NULL); i++)
        putc(images->labels[i], file);
    cvy_writer_close(file, folder, name, &status);
    return status;
}

/* Write the class names, one per line, unless they are just numbers. */
static cvy_status write_names(const cvy_dataset *dataset, const char *folder)
{
    FILE *file = NULL;
    cvy_status status;

    if (!dataset->has_class_names)
        return CVY_OK;
    for (size_t c = 0; c < dataset->class_count; c++)
        if (strchr(dataset->class_names[c], '\n') != NULL)
            return cvy_fail(
                CVY_ERR_UNSUPPORTED,
                "%s: the class %s has a line break in its name, which classes.txt cannot hold",
                dataset->name, dataset->class_names[c]);
    status = cvy_writer_open(folder, CVY_IDX_NAMES_FILE, &file);
    if (status != CVY_OK)
        return status;
    for (size_t c = 0; c < dataset->class_count; c++)
        fprintf(file, "%s\n", dataset->class_names[c]);
    cvy_writer_close(file, folder, CVY_IDX_NAMES_FILE, &status);
    return status;
}

static cvy_status write_folder(const cvy_dataset *dataset, const char *folder, size_t threads)
{
    cvy_status status = CVY_OK;
    char name[64];

    (void)threads;
    if (dataset->channels != 1 || dataset->class_count > 256)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: %zu channels and %zu classes, IDX files hold 1 channel and at most "
                        "256 classes",
                        dataset->name, dataset->channels, dataset->class_count);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++) {
        const cvy_images *images = cvy_dataset_part_const(dataset, (cvy_split)p);
        if (images->count == 0)
            continue;
        if (images->count > UINT32_MAX)
            return cvy_fail(CVY_ERR_UNSUPPORTED, "%s: %zu images, IDX files hold 2^32",
                            dataset->name, images->count);
        snprintf(name, sizeof name, "%s-images-idx3-ubyte", file_prefix((cvy_split)p));
        status = write_pixels(dataset, images, folder, name);
        snprintf(name, sizeof name, "%s-labels-idx1-ubyte", file_prefix((cvy_split)p));
        if (status == CVY_OK)
            status = write_labels(images, folder, name);
    }
    return status == CVY_OK ? write_names(dataset, folder) : status;
}

static bool owns(const char *name)
{
    return strstr(name, "idx3-ubyte") != NULL || strstr(name, "idx1-ubyte") != NULL ||
           strstr(name, "idx2-int") != NULL || strcmp(name, CVY_IDX_NAMES_FILE) == 0;
}

const cvy_dataset_writer cvy_writer_idx = {
    .name = "idx",
    .summary =
        "a folder with IDX files under MNIST's names; grey images, class names in classes.txt",
    .is_folder = true,
    .write = write_folder,
    .owns = owns,
};
