/* CIFAR-10 and CIFAR-100 in their binary version: records of one label (two for CIFAR-100: coarse,
 * fine) and 3,072 bytes, the red, green and blue planes of 32 x 32 pixels. The user names this
 * folder or its parent. Source: https://www.cs.toronto.edu/~kriz/cifar.html */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "data/content.h"
#include "data/intake.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, CHANNELS = 3, PATH_BYTES = 4096, BLOCK_RECORDS = 256 };
enum { FILES_MAX = 5, NAMES_BYTES = 4096 };

/* CIFAR-10 or CIFAR-100. */
typedef struct {
    const char *inner; /* folder in the archive */
    const char *train[FILES_MAX + 1], *test;
    const char *names; /* file with the class names, one per line */
    size_t label_bytes, classes;
} cifar_form;

static const cifar_form forms[] = {
    { "cifar-10-batches-bin",
      { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
        "data_batch_5.bin", NULL },
      "test_batch.bin",
      "batches.meta.txt",
      1,
      10 },
    { "cifar-100-binary", { "train.bin", NULL }, "test.bin", "fine_label_names.txt", 2, 100 },
};

static bool join_path(char path[PATH_BYTES], const char *folder, const char *name)
{
    return (size_t)snprintf(path, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES;
}

static bool is_file(const char *folder, const char *name)
{
    char path[PATH_BYTES];
    struct stat about;
    return join_path(path, folder, name) && stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static bool has_files(const char *folder, const cifar_form *form)
{
    return is_file(folder, form->train[0]) || is_file(folder, form->test);
}

/* Find out which of the two is at `where`, and in which folder. */
static const cifar_form *find_form(const char *where, char folder[PATH_BYTES])
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if ((size_t)snprintf(folder, PATH_BYTES, "%s", where) < PATH_BYTES &&
            has_files(folder, &forms[i]))
            return &forms[i];
        if (join_path(folder, where, forms[i].inner) && has_files(folder, &forms[i]))
            return &forms[i];
    }
    return NULL;
}

static bool recognises(const char *where)
{
    char folder[PATH_BYTES];
    return find_form(where, folder) != NULL;
}

/* A file of records being read. */
typedef struct {
    const char *path;
    int file;
    size_t count; /* number of records */
} record_file;

static cvy_status open_records(const char *path, const cifar_form *form, record_file *records)
{
    const size_t bytes = form->label_bytes + CHANNELS * PLANE;
    struct stat about;

    records->path = path;
    records->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (records->file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (fstat(records->file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(records->file);
        return cvy_fail(CVY_ERR_READ, "%s: not a regular file", path);
    }
    records->count = (size_t)about.st_size / bytes;
    if (records->count > 0 && (size_t)about.st_size % bytes == 0)
        return CVY_OK;
    close(records->file);
    const char *mistake = cvy_content_mistake(cvy_content_of(path));
    return mistake != NULL ? cvy_fail(CVY_ERR_FORMAT, "%s: %s", path, mistake)
                           : cvy_fail(CVY_ERR_FORMAT,
                                      "%s: %zu bytes, expected a multiple of %zu (a CIFAR record)",
                                      path, (size_t)about.st_size, bytes);
}

static cvy_status read_bytes(const record_file *records, unsigned char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t count = read(records->file, bytes, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return cvy_fail(CVY_ERR_READ, "%s: %s", records->path,
                            count < 0 ? strerror(errno) : "it became shorter while it was read");
        bytes += count;
        size -= (size_t)count;
    }
    return CVY_OK;
}

/* Interleave colour planes to pixels. */
static void weave(const unsigned char *planes, uint8_t *pixels)
{
    for (size_t p = 0; p < PLANE; p++)
        for (size_t c = 0; c < CHANNELS; c++)
            pixels[p * CHANNELS + c] = planes[c * PLANE + p];
}

typedef struct {
    cvy_intake *intake;
    const cifar_form *form;
    cvy_split split;
    cvy_images *part;
    size_t done;
    unsigned char *records;
    uint8_t *pixels;
} reading;

static cvy_status read_records(reading *r, const record_file *file)
{
    const size_t bytes = r->form->label_bytes + CHANNELS * PLANE;
    cvy_status status = CVY_OK;

    for (size_t first = 0; status == CVY_OK && first < file->count; first += BLOCK_RECORDS) {
        const size_t left = file->count - first;
        const size_t count = left < BLOCK_RECORDS ? left : BLOCK_RECORDS;
        status = read_bytes(file, r->records, count * bytes);
        for (size_t i = 0; status == CVY_OK && i < count; i++) {
            const unsigned char *record = r->records + i * bytes;
            const unsigned label = record[r->form->label_bytes - 1];
            if (label >= r->form->classes)
                status = cvy_fail(CVY_ERR_DATA,
                                  "%s: record %zu has the label %u, expected one below %zu",
                                  file->path, first + i, label, r->form->classes);
            r->part->labels[r->done + first + i] = (uint16_t)label;
            weave(record + r->form->label_bytes, r->pixels + i * CHANNELS * PLANE);
        }
        if (status == CVY_OK)
            cvy_intake_put(r->intake, r->split, r->done + first, count, r->pixels);
    }
    r->done += file->count;
    return status;
}

/* Process each file in turn: read its records if `keep` is set, else only count them. */
static cvy_status go_through(reading *r, const char *folder, const char *const *names, bool keep,
                             size_t *total)
{
    char path[PATH_BYTES];
    cvy_status status = CVY_OK;

    *total = 0;
    for (; status == CVY_OK && *names != NULL; names++) {
        record_file file = { 0 };
        if (!join_path(path, folder, *names))
            return cvy_fail(CVY_ERR_OPEN, "%s: the path is too long", folder);
        status = open_records(path, r->form, &file);
        if (status != CVY_OK)
            break;
        if (keep && *total + file.count > r->part->count)
            status = cvy_fail(CVY_ERR_READ, "%s: it became longer while it was read", path);
        *total += file.count;
        if (keep && status == CVY_OK)
            status = read_records(r, &file);
        close(file.file);
    }
    return status;
}

static cvy_status read_part(reading *r, const char *folder, const char *const *names)
{
    size_t total;
    cvy_status status = go_through(r, folder, names, false, &total);

    if (status == CVY_OK)
        status = cvy_intake_begin(r->intake, r->split, total, (cvy_form){ SIDE, SIDE, CHANNELS },
                                  &r->part);
    r->done = 0;
    return status == CVY_OK ? go_through(r, folder, names, true, &total) : status;
}

static cvy_status read_parts(reading *r, const char *folder)
{
    const char *const test[] = { r->form->test, NULL };
    cvy_status status = CVY_OK;

    r->split = CVY_SPLIT_TRAIN;
    if (cvy_intake_wants(r->intake, r->split) && is_file(folder, r->form->train[0]))
        status = read_part(r, folder, r->form->train);
    r->split = CVY_SPLIT_TEST;
    if (status == CVY_OK && cvy_intake_wants(r->intake, r->split) && is_file(folder, r->form->test))
        status = read_part(r, folder, test);
    return status;
}

/* Read the class names, one per line; use numbers if the file is missing or does not match. */
static cvy_status name_classes(cvy_intake *intake, const cifar_form *form, const char *folder)
{
    char path[PATH_BYTES], text[NAMES_BYTES], *save = NULL;
    const char *names[CVY_CLASSES_MAX];
    size_t count = 0;
    FILE *file = join_path(path, folder, form->names) ? fopen(path, "re") : NULL;

    if (file == NULL)
        return cvy_intake_name_classes(intake, form->classes, NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (char *line = strtok_r(text, "\r\n", &save); line != NULL && count < form->classes;
         line = strtok_r(NULL, "\r\n", &save))
        names[count++] = line;
    return cvy_intake_name_classes(intake, form->classes, count == form->classes ? names : NULL);
}

static cvy_status open_cifar(cvy_intake *intake)
{
    char folder[PATH_BYTES];
    reading r = { .intake = intake, .form = find_form(intake->where, folder) };

    if (r.form == NULL) /* removed after it was recognized */
        return cvy_fail(CVY_ERR_OPEN, "%s: no files of CIFAR any more", intake->where);
    cvy_status status =
        cvy_memory_create(BLOCK_RECORDS, r.form->label_bytes + CHANNELS * PLANE, &r.records);

    if (status == CVY_OK)
        status = cvy_memory_create(BLOCK_RECORDS, CHANNELS * PLANE, &r.pixels);
    if (status == CVY_OK)
        status = read_parts(&r, folder);
    cvy_memory_free(r.records);
    cvy_memory_free(r.pixels);
    return status == CVY_OK ? name_classes(intake, r.form, folder) : status;
}

const cvy_dataset_kind cvy_dataset_cifar = {
    .kind = { .name = "cifar",
              .summary = "a folder with the binary files of CIFAR-10 or CIFAR-100" },
    .recognises = recognises,
    .open = open_cifar,
};
