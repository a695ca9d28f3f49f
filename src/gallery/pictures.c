#include "gallery/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/letters.h"
#include "base/memory.h"
#include "convoy/dataset_files.h"

/* The result of reading one file. */
typedef struct {
    cvy_inputs *inputs;
    char *error;
    bool is_idx, is_out_of_memory;
} result;

/* Make room for `more` further elements, at least doubling the size. */
static cvy_status grow(void *array, size_t *room, size_t count, size_t more, size_t size)
{
    void **memory = array, *larger;
    size_t wanted = *room > 0 ? 2 * *room : 16;

    if (more <= *room - count)
        return CVY_OK;
    if (wanted < count + more)
        wanted = count + more;
    cvy_status status = cvy_memory_create(wanted, size, &larger);
    if (status != CVY_OK)
        return status;
    if (count > 0)
        memcpy(larger, *memory, count * size);
    cvy_memory_free(*memory);
    *memory = larger;
    *room = wanted;
    return CVY_OK;
}

static cvy_status add_entry(cvy_pictures *to, const char *name, const char *error,
                            cvy_picture_entry **entry)
{
    cvy_status status =
        grow(&to->entries, &to->entry_room, to->entry_count, 1, sizeof *to->entries);

    if (status != CVY_OK)
        return status;
    *entry = &to->entries[to->entry_count++];
    (*entry)->first = to->image_count;
    status = cvy_text_copy(name, &(*entry)->name);
    if (status == CVY_OK && error != NULL)
        status = cvy_text_copy(error, &(*entry)->error);
    return status;
}

/* Make room for images and return the place of the first one. */
static cvy_status next_images(cvy_pictures *to, size_t count, unsigned char **images)
{
    cvy_status status = grow(&to->images, &to->image_room, to->image_count, count, to->image_bytes);

    if (status == CVY_OK)
        *images = to->images + to->image_count * to->image_bytes;
    return status;
}

/* Whether a file is called like a data set. */
static bool is_called_like_data(const char *path)
{
    static const char *const endings[] = { ".csv", ".csv.gz", ".tsv", ".npz" };
    bool is_data = false;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        is_data = is_data || cvy_ends_in_letters(path, endings[i]);
    return is_data;
}

static result read_one(const char *path, const cvy_picture_options *options)
{
    result r = { .is_idx = cvy_images_are_in(path) };

    if (r.is_idx)
        return r;
    cvy_status status = cvy_inputs_read(path, options, &r.inputs);
    if (status == CVY_OK)
        return r;
    if (status == CVY_ERR_FORMAT && is_called_like_data(path))
        status = cvy_fail(status,
                          "%s: a data set, expected pictures; convoy evaluate MODEL --data FILE "
                          "--predictions OUT.csv classifies its images",
                          path);
    r.is_out_of_memory =
        status == CVY_ERR_MEMORY || cvy_text_copy(cvy_error_message(), &r.error) != CVY_OK;
    return r;
}

static cvy_status add_inputs(cvy_pictures *to, const char *name, const cvy_inputs *inputs)
{
    const size_t count = cvy_inputs_count(inputs);
    cvy_picture_entry *entry;
    unsigned char *images;

    cvy_status status = next_images(to, count, &images);
    if (status == CVY_OK)
        status = add_entry(to, name, NULL, &entry);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *entry->report, &entry->report);
    if (status == CVY_OK)
        status = cvy_memory_create(count, sizeof *entry->info, &entry->info);
    if (status != CVY_OK)
        return status;
    memcpy(images, cvy_inputs_images(inputs), count * to->image_bytes);
    to->image_count += count;
    entry->count = count;
    entry->others = cvy_inputs_others(inputs);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        entry->info[i] = cvy_inputs_info(inputs, i);
        status = cvy_text_copy(cvy_inputs_report(inputs, i), &entry->report[i]);
    }
    return status;
}

static cvy_status add_idx(cvy_pictures *to, const char *path, const cvy_picture_options *o)
{
    unsigned char *pixels = NULL;
    size_t count, height, width;
    cvy_picture_entry *entry;
    unsigned char *place;
    cvy_status status = cvy_images_read(path, &count, &height, &width, &pixels);

    if (status == CVY_ERR_MEMORY)
        return status;
    if (status == CVY_OK && (height != o->height || width != o->width || o->channels != 1)) {
        cvy_images_free(pixels);
        status = cvy_fail(CVY_ERR_SHAPE, "%s: images of %zu x %zu, the model takes %zu x %zu x %zu",
                          path, height, width, o->height, o->width, o->channels);
    }
    if (status != CVY_OK) {
        char sentence[CVY_ERROR_BYTES];
        snprintf(sentence, sizeof sentence, "%s", cvy_error_message());
        return add_entry(to, path, sentence, &entry);
    }
    status = next_images(to, count, &place);
    if (status == CVY_OK)
        memcpy(place, pixels, count * height * width);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s[%zu]", path, i);
        status = add_entry(to, name, NULL, &entry);
        if (status == CVY_OK) {
            entry->count = 1;
            to->image_count++;
        }
    }
    cvy_images_free(pixels);
    return status;
}

static cvy_status add_result(cvy_pictures *to, const char *name, const char *trouble,
                             const result *r, const cvy_picture_options *options)
{
    cvy_picture_entry *entry;

    if (trouble != NULL || r->error != NULL)
        return add_entry(to, name, trouble != NULL ? trouble : r->error, &entry);
    if (r->is_out_of_memory)
        return cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", name);
    return r->is_idx ? add_idx(to, name, options) : add_inputs(to, name, r->inputs);
}

cvy_status cvy_pictures_read(char *const *names, char *const *trouble, size_t count,
                             const cvy_picture_options *options, size_t threads,
                             cvy_pictures *pictures)
{
    result *results = NULL;

    *pictures =
        (cvy_pictures){ .image_bytes = options->height * options->width * options->channels };
    cvy_status status = cvy_memory_create(count, sizeof *results, &results);
    if (status != CVY_OK)
        return status;
#pragma omp parallel for schedule(dynamic) num_threads((int)(threads < count ? threads : count))
    for (size_t i = 0; i < count; i++) /* only its reader writes a result */
        if (trouble[i] == NULL)
            results[i] = read_one(names[i], options);
    for (size_t i = 0; i < count; i++) {
        if (status == CVY_OK)
            status = add_result(pictures, names[i], trouble[i], &results[i], options);
        cvy_inputs_destroy(results[i].inputs);
        cvy_memory_free(results[i].error);
    }
    cvy_memory_free(results);
    return status;
}

void cvy_pictures_release(cvy_pictures *pictures)
{
    for (size_t i = 0; i < pictures->entry_count; i++) {
        cvy_picture_entry *entry = &pictures->entries[i];
        for (size_t k = 0; entry->report != NULL && k < entry->count; k++)
            cvy_memory_free(entry->report[k]);
        cvy_memory_free(entry->report);
        cvy_memory_free(entry->info);
        cvy_memory_free(entry->name);
        cvy_memory_free(entry->error);
    }
    cvy_memory_free(pictures->entries);
    cvy_memory_free(pictures->images);
    *pictures = (cvy_pictures){ 0 };
}
