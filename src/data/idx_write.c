/* Writing a data set as IDX files. */
#include <stdio.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/idx.h"

enum { IMAGE_MAGIC = 0x00000803, LABEL_MAGIC = 0x00000801, PATH_BYTES = 4096, FILE_COUNT = 4 };

static void put_be32(uint8_t bytes[4], size_t value)
{
    for (size_t i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* One file of the four on its way: some numbers in big-endian order, then bytes. */
static cvy_status write_file(const char *folder, const char *name, const size_t *numbers,
                             size_t number_count, const uint8_t *bytes, size_t size,
                             cvy_output **output)
{
    char path[PATH_BYTES];
    uint8_t header[4];

    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
    cvy_status status = cvy_output_open(path, output);
    for (size_t i = 0; status == CVY_OK && i < number_count; i++) {
        put_be32(header, numbers[i]);
        status = cvy_output_write(*output, header, sizeof header);
    }
    return status == CVY_OK ? cvy_output_write(*output, bytes, size) : status;
}

static cvy_status write_split(const cvy_dataset *dataset, const cvy_images *images,
                              const char *folder, const char *image_name, const char *label_name,
                              cvy_output *outputs[2])
{
    const size_t pixels = images->count * dataset->height * dataset->width;
    const size_t image_header[] = { IMAGE_MAGIC, images->count, dataset->height, dataset->width };
    const size_t label_header[] = { LABEL_MAGIC, images->count };
    uint8_t *labels;
    cvy_status status = cvy_memory_create(images->count, 1, &labels);

    if (status != CVY_OK)
        return status;
    for (size_t i = 0; i < images->count; i++)
        labels[i] = (uint8_t)images->labels[i];
    status = write_file(folder, image_name, image_header, 4, images->pixels, pixels, &outputs[0]);
    if (status == CVY_OK)
        status =
            write_file(folder, label_name, label_header, 2, labels, images->count, &outputs[1]);
    cvy_memory_free(labels);
    return status;
}

/* All four or, as far as that can be, none: nothing gets its name before everything is written. */
static cvy_status finish(cvy_output *outputs[FILE_COUNT], cvy_status status)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (status == CVY_OK)
            status = cvy_output_commit(outputs[i]);
        else
            cvy_output_discard(outputs[i]);
    }
    return status;
}

cvy_status cvy_idx_write_folder(const cvy_dataset *dataset, const char *folder)
{
    cvy_output *outputs[FILE_COUNT] = { NULL };

    if (dataset->channels != 1 || dataset->class_count > 256)
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: %zu channels and %zu classes, IDX files hold 1 channel and at most "
                        "256 classes",
                        dataset->name, dataset->channels, dataset->class_count);
    cvy_status status = write_split(dataset, &dataset->train, folder, "train-images-idx3-ubyte",
                                    "train-labels-idx1-ubyte", outputs);
    if (status == CVY_OK)
        status = write_split(dataset, &dataset->test, folder, "t10k-images-idx3-ubyte",
                             "t10k-labels-idx1-ubyte", outputs + 2);
    return finish(outputs, status);
}
