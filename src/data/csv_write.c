/* Write a data set as CSV: label, pixel0, pixel1, ... */
#include <string.h>

#include "base/stop.h"
#include "data/writer.h"

/* Write a name, quoted if necessary. */
static void put_label(FILE *file, const char *name)
{
    const size_t length = strlen(name);
    const bool is_plain = length > 0 && name[strcspn(name, ",;\t\"\r\n")] == '\0' &&
                          name[0] != ' ' && name[length - 1] != ' ';

    if (is_plain) {
        fputs(name, file);
        return;
    }
    putc('"', file);
    for (; *name != '\0'; name++) {
        if (*name == '"')
            putc('"', file);
        putc(*name, file);
    }
    putc('"', file);
}

static void put_row(FILE *file, const cvy_dataset *dataset, const uint8_t *pixels, size_t label)
{
    char text[4 * CVY_IMAGE_SIDE_MAX * 3];
    const size_t bytes = cvy_dataset_image_bytes(dataset);
    size_t used = 0;

    put_label(file, dataset->class_names[label]);
    for (size_t i = 0; i < bytes; i++) {
        const unsigned value = pixels[i];
        text[used++] = ',';
        if (value >= 100)
            text[used++] = (char)('0' + value / 100);
        if (value >= 10)
            text[used++] = (char)('0' + value / 10 % 10);
        text[used++] = (char)('0' + value % 10);
        if (used + 4 > sizeof text) {
            fwrite(text, 1, used, file);
            used = 0;
        }
    }
    fwrite(text, 1, used, file);
    putc('\n', file);
}

static cvy_status write_part(const cvy_dataset *dataset, cvy_split split, const char *folder)
{
    const cvy_images *images = cvy_dataset_part_const(dataset, split);
    const size_t bytes = cvy_dataset_image_bytes(dataset);
    char name[32];
    FILE *file = NULL;

    if (images->count == 0)
        return CVY_OK;
    snprintf(name, sizeof name, "%s.csv", cvy_writer_part_name(split));
    cvy_status status = cvy_writer_open(folder, name, &file);
    if (status != CVY_OK)
        return status;
    fputs("label", file);
    for (size_t i = 0; i < bytes; i++)
        if (dataset->channels == 1 && dataset->height != dataset->width) /* gives the sides */
            fprintf(file, ",%zux%zu", i / dataset->width + 1, i % dataset->width + 1);
        else
            fprintf(file, ",pixel%zu", i);
    putc('\n', file);
    for (size_t i = 0; i < images->count && !cvy_stop_is_requested(NULL); i++)
        put_row(file, dataset, cvy_images_at(images, bytes, i), images->labels[i]);
    cvy_writer_close(file, folder, name, &status);
    return status;
}

static cvy_status write_folder(const cvy_dataset *dataset, const char *folder, size_t threads)
{
    cvy_status status = CVY_OK;

    (void)threads;
    if (dataset->channels != 1 && dataset->height != dataset->width)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "%s: color images of %zu x %zu, CSV holds square ones",
                        dataset->name, dataset->height, dataset->width);
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        status = write_part(dataset, (cvy_split)p, folder);
    return status;
}

static bool owns(const char *name)
{
    return strcmp(name, "train.csv") == 0 || strcmp(name, "test.csv") == 0 ||
           strcmp(name, "validation.csv") == 0;
}

const cvy_dataset_writer cvy_writer_csv = {
    .name = "csv",
    .summary =
        "a folder with train.csv, test.csv and validation.csv: a label and pixels on each line",
    .is_folder = true,
    .write = write_folder,
    .owns = owns,
};
