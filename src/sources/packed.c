/* A packed data set (data/pack.h), mapped into memory. Its header is checked before use, and its
 * digest must match. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mapped.h"
#include "base/memory.h"
#include "data/content.h"
#include "data/fit.h"
#include "data/intake.h"
#include "data/pack.h"

enum { BLOCK_IMAGES = 256 };

static bool recognises(const char *where)
{
    return cvy_content_of(where) == CVY_CONTENT_PACK;
}

static cvy_status map_file(const char *path, cvy_mapping *mapping)
{
    struct stat about;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (file < 0)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size < CVY_PACK_PAGE) {
        close(file);
        return cvy_fail(CVY_ERR_FORMAT, "%s: a packed data set that was cut short", path);
    }
    void *bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, file, 0);
    const int error = errno;
    close(file);
    if (bytes == MAP_FAILED)
        return cvy_fail(CVY_ERR_READ, "%s: %s", path, strerror(error));
    cvy_mapped_remember(bytes, (size_t)about.st_size, path);
    *mapping = (cvy_mapping){ bytes, (size_t)about.st_size };
    return CVY_OK;
}

/* Whether `count` items of `size` bytes, starting at `at`, fit between header and end. */
static bool lies_inside(const cvy_pack_header *h, uint64_t at, uint64_t count, uint64_t size)
{
    uint64_t bytes;

    return !__builtin_mul_overflow(count, size, &bytes) && at >= h->header_bytes &&
           at <= h->file_bytes && bytes <= h->file_bytes - at && at % CVY_PACK_ALIGN == 0;
}

static bool is_sound(const cvy_pack_header *h, size_t size)
{
    const bool has_form = h->height >= 1 && h->height <= CVY_IMAGE_SIDE_MAX && h->width >= 1 &&
                          h->width <= CVY_IMAGE_SIDE_MAX && (h->channels == 1 || h->channels == 3);
    bool fits = has_form && h->file_bytes == size && h->classes >= 1 &&
                h->classes <= CVY_CLASSES_MAX && h->header_bytes % CVY_PACK_PAGE == 0 &&
                h->header_bytes <= size && h->header_bytes <= CVY_PACK_HEADER_BYTES_MAX &&
                h->header_bytes >= CVY_PACK_NAMES_AT + h->classes * CVY_CLASS_NAME_BYTES &&
                h->polarity <= CVY_POLARITY_DARK_ON_LIGHT;

    for (int p = 0; fits && p < CVY_PARTS; p++)
        fits = lies_inside(h, h->parts[p].pixels, h->parts[p].count,
                           h->height * h->width * h->channels) &&
               lies_inside(h, h->parts[p].labels, h->parts[p].count, 2);
    return fits;
}

static cvy_status check_digest(const char *path, const cvy_mapping *mapping,
                               const cvy_pack_header *h)
{
    char text[CVY_DIGEST_HEX_BYTES], expected[CVY_DIGEST_HEX_BYTES];
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    cvy_digest_add(digest, (const uint8_t *)mapping->bytes + CVY_PACK_DIGEST_AT,
                   mapping->size - CVY_PACK_DIGEST_AT);
    cvy_digest_finish(digest, text);
    for (size_t i = 0; i < sizeof h->sha256; i++)
        snprintf(expected + 2 * i, 3, "%02x", h->sha256[i]);
    return strcmp(text, expected) == 0
               ? CVY_OK
               : cvy_fail(CVY_ERR_FORMAT, "%s: a damaged packed data set (its SHA-256)", path);
}

static cvy_status take_labels(const cvy_mapping *mapping, const cvy_pack_part *part,
                              cvy_images *images)
{
    const uint8_t *bytes = (const uint8_t *)mapping->bytes + part->labels;

    for (size_t i = 0; i < images->count; i++)
        images->labels[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    return CVY_OK;
}

/* Images to be converted to another form go through the intake; others remain mapped. */
static cvy_status take_part(cvy_intake *intake, cvy_split split, const cvy_mapping *mapping,
                            const cvy_pack_header *h)
{
    const cvy_pack_part *part = &h->parts[split];
    const cvy_form form = { (size_t)h->height, (size_t)h->width, (size_t)h->channels };
    const size_t bytes = form.height * form.width * form.channels, count = (size_t)part->count;
    const uint8_t *pixels = (const uint8_t *)mapping->bytes + part->pixels;
    cvy_dataset *dataset = intake->dataset;
    cvy_images *images = cvy_dataset_part(dataset, split);
    cvy_status status;

    if (count == 0)
        return CVY_OK;
    if (!cvy_form_is(cvy_fit_form(intake->options, form), form)) {
        status = cvy_intake_begin(intake, split, count, form, &images);
        for (size_t first = 0; status == CVY_OK && first < count; first += BLOCK_IMAGES) {
            const size_t left = count - first;
            cvy_intake_put(intake, split, first, left < BLOCK_IMAGES ? left : BLOCK_IMAGES,
                           pixels + first * bytes);
        }
    } else {
        dataset->height = form.height;
        dataset->width = form.width;
        dataset->channels = form.channels;
        status = cvy_memory_create(count, sizeof *images->labels, &images->labels);
        images->count = status == CVY_OK ? count : 0;
        images->pixels = (uint8_t *)pixels;
        images->is_borrowed = true;
    }
    return status == CVY_OK ? take_labels(mapping, part, images) : status;
}

static cvy_status name_classes(cvy_intake *intake, const cvy_mapping *mapping,
                               const cvy_pack_header *h)
{
    char texts[CVY_CLASSES_MAX][CVY_CLASS_NAME_BYTES];
    const char *names[CVY_CLASSES_MAX];

    for (size_t c = 0; c < h->classes; c++) {
        memcpy(texts[c],
               (const uint8_t *)mapping->bytes + CVY_PACK_NAMES_AT + c * CVY_CLASS_NAME_BYTES,
               CVY_CLASS_NAME_BYTES);
        texts[c][CVY_CLASS_NAME_BYTES - 1] = '\0';
        names[c] = texts[c];
    }
    return cvy_intake_name_classes(intake, (size_t)h->classes,
                                   (h->flags & CVY_PACK_HAS_NAMES) != 0 ? names : NULL);
}

/* Read the messages about pictures skipped when the file was written. */
static cvy_status take_left_out(cvy_intake *intake, const cvy_mapping *mapping,
                                const cvy_pack_header *h)
{
    cvy_dataset *dataset = intake->dataset;

    memcpy(dataset->left_out, (const uint8_t *)mapping->bytes + CVY_PACK_LEFT_OUT_AT,
           sizeof dataset->left_out);
    for (size_t i = 0; i < CVY_LEFT_OUT_NAMED; i++)
        dataset->left_out[i][CVY_LEFT_OUT_BYTES - 1] = '\0';
    dataset->left_out_count = (size_t)h->left_out_count;
    return cvy_intake_check_left_out(intake);
}

static cvy_status take_parts(cvy_intake *intake, const cvy_mapping *mapping,
                             const cvy_pack_header *h)
{
    cvy_status status = CVY_OK;

    intake->dataset->is_undivided = (h->flags & CVY_PACK_IS_UNDIVIDED) != 0;
    intake->dataset->polarity = (cvy_polarity)h->polarity;
    if (intake->dataset->is_undivided && h->parts[CVY_SPLIT_TRAIN].count > 0) {
        const cvy_split split = cvy_intake_undivided(intake);
        cvy_pack_header moved = *h;
        moved.parts[split] = h->parts[CVY_SPLIT_TRAIN];
        return take_part(intake, split, mapping, &moved);
    }
    for (int p = 0; status == CVY_OK && p < CVY_PARTS; p++)
        if (cvy_intake_wants(intake, (cvy_split)p))
            status = take_part(intake, (cvy_split)p, mapping, h);
    return status;
}

static cvy_status open_packed(cvy_intake *intake)
{
    cvy_mapping *mapping = &intake->dataset->mapping;
    cvy_pack_header header;
    cvy_status status = map_file(intake->where, mapping);

    if (status != CVY_OK)
        return status;
    cvy_pack_get(mapping->bytes, &header);
    if (!is_sound(&header, mapping->size))
        return cvy_fail(CVY_ERR_FORMAT, "%s: a damaged packed data set (its header)",
                        intake->where);
    status = check_digest(intake->where, mapping, &header);
    if (status == CVY_OK)
        status = take_left_out(intake, mapping, &header);
    if (status == CVY_OK)
        status = take_parts(intake, mapping, &header);
    return status == CVY_OK ? name_classes(intake, mapping, &header) : status;
}

const cvy_dataset_kind cvy_dataset_packed = {
    .kind = { .name = "packed", .summary = "a packed data set, as convoy data convert writes it" },
    .recognises = recognises,
    .open = open_packed,
};
