/* Write a data set as PNG files in class folders. Files are named by image number, so sorting by
 * name restores the order of the data set. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/stop.h"
#include "data/writer.h"
#include "formats/picture.h"

enum { PATH_BYTES = 4096 };

static cvy_status make_folder(const char *path)
{
    return mkdir(path, 0777) == 0 ? CVY_OK
                                  : cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
}

/* Class names become folder names, so they must not lead outside the target folder. */
static cvy_status check_name(const cvy_dataset *dataset, const char *name)
{
    if (name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL)
        return CVY_OK;
    return cvy_fail(CVY_ERR_UNSUPPORTED, "%s: the class \"%s\" cannot be the name of a folder",
                    dataset->name, name);
}

static cvy_status make_folders(const cvy_dataset *dataset, const char *folder)
{
    char path[PATH_BYTES];
    cvy_status status = make_folder(folder);

    for (size_t c = 0; status == CVY_OK && c < dataset->class_count; c++) {
        status = check_name(dataset, dataset->class_names[c]);
        if (status == CVY_OK && (size_t)snprintf(path, sizeof path, "%s/%s", folder,
                                                 dataset->class_names[c]) >= sizeof path)
            status = cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
        if (status == CVY_OK)
            status = make_folder(path);
    }
    return status;
}

/* The number of digits of the largest image number. */
static int count_digits(size_t count)
{
    int digits = 1;
    for (size_t left = count - 1; left >= 10; left /= 10)
        digits++;
    return digits > 5 ? digits : 5;
}

static cvy_status write_image(const cvy_dataset *dataset, const cvy_images *images, size_t index,
                              const char *folder, int digits)
{
    char path[PATH_BYTES];
    unsigned char *png;
    size_t size;
    FILE *file = NULL;

    if ((size_t)snprintf(path, sizeof path, "%s/%s/%0*zu.png", folder,
                         dataset->class_names[images->labels[index]], digits, index) >= sizeof path)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
    cvy_status status =
        cvy_picture_encode_png(path, cvy_images_at(images, cvy_dataset_image_bytes(dataset), index),
                               dataset->width, dataset->height, dataset->channels, &png, &size);
    if (status != CVY_OK)
        return status;
    status = cvy_writer_open(path, NULL, &file);
    if (status == CVY_OK) {
        const bool is_whole = fwrite(png, 1, size, file) == size;
        const int error = errno;
        if (fclose(file) != 0 || !is_whole) /* the files are flushed to disk together, at the end */
            status = cvy_fail(CVY_ERR_WRITE, "%s: %s", path, strerror(is_whole ? errno : error));
    }
    free(png);
    return status;
}

static cvy_status write_part(const cvy_dataset *dataset, cvy_split split, const char *folder,
                             size_t threads)
{
    const cvy_images *images = cvy_dataset_part_const(dataset, split);
    char path[PATH_BYTES], sentence[CVY_ERROR_BYTES] = "";
    cvy_status failed = CVY_OK;

    if (images->count == 0)
        return CVY_OK;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, cvy_writer_part_name(split)) >=
        sizeof path)
        return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
    cvy_status status = make_folders(dataset, path);
    if (status != CVY_OK)
        return status;
    const int digits = count_digits(images->count);
#pragma omp parallel for num_threads((int)threads) schedule(dynamic, 64)
    for (size_t i = 0; i < images->count; i++) {
        cvy_status seen;
#pragma omp atomic read
        seen = failed;
        if (seen != CVY_OK || cvy_stop_is_requested(NULL))
            continue;
        const cvy_status written = write_image(dataset, images, i, path, digits);
        if (written == CVY_OK)
            continue;
#pragma omp critical
        {
            snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
#pragma omp atomic write
            failed = written;
        }
    }
    return failed == CVY_OK ? CVY_OK : cvy_fail_again(failed, sentence);
}

static cvy_status write_folder(const cvy_dataset *dataset, const char *folder, size_t threads)
{
    cvy_status status = CVY_OK;

    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        status = write_part(dataset, (cvy_split)p, folder, threads);
    if (status == CVY_OK)
        sync();
    return status;
}

static bool owns(const char *name)
{
    const size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".png") == 0;
}

const cvy_dataset_writer cvy_writer_folders = {
    .name = "folders",
    .summary = "PNG files in a folder for each class, in folders called train, test and validation",
    .is_folder = true,
    .write = write_folder,
    .owns = owns,
};
