/* Write a packed data set and its header. */
#include "data/pack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/stop.h"
#include "data/writer.h"

enum { BLOCK_BYTES = 1 << 20 };

static void put_number(uint8_t **at, uint64_t number)
{
    for (size_t i = 0; i < 8; i++)
        *(*at)++ = (uint8_t)(number >> (8 * i));
}

static uint64_t get_number(const uint8_t **at)
{
    uint64_t number = 0;

    for (size_t i = 0; i < 8; i++)
        number |= (uint64_t) * (*at)++ << (8 * i);
    return number;
}

/* Write the numbers of a header, in file order. */
static void put_numbers(uint8_t *at, const cvy_pack_header *h)
{
    const uint64_t numbers[] = {
        h->height, h->width, h->channels, h->classes, h->polarity, h->flags
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(&at, numbers[i]);
    for (size_t p = 0; p < CVY_PARTS; p++) {
        put_number(&at, h->parts[p].count);
        put_number(&at, h->parts[p].pixels);
        put_number(&at, h->parts[p].labels);
    }
    put_number(&at, h->left_out_count);
}

void cvy_pack_get(const uint8_t *bytes, cvy_pack_header *h)
{
    const uint8_t *at = bytes + 8;
    uint64_t *const numbers[] = { &h->height,  &h->width,    &h->channels,
                                  &h->classes, &h->polarity, &h->flags };

    h->header_bytes = get_number(&at);
    h->file_bytes = get_number(&at);
    memcpy(h->sha256, at, sizeof h->sha256);
    at += sizeof h->sha256;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = get_number(&at);
    for (size_t p = 0; p < CVY_PARTS; p++) {
        h->parts[p].count = get_number(&at);
        h->parts[p].pixels = get_number(&at);
        h->parts[p].labels = get_number(&at);
    }
    h->left_out_count = get_number(&at);
}

cvy_pack_header cvy_pack_describe(const cvy_dataset *d)
{
    return (cvy_pack_header){
        .height = d->height,
        .width = d->width,
        .channels = d->channels,
        .classes = d->class_count,
        .polarity = (uint64_t)d->polarity,
        .flags = (d->has_class_names ? CVY_PACK_HAS_NAMES : 0U) |
                 (d->is_undivided ? CVY_PACK_IS_UNDIVIDED : 0U),
        .left_out_count = d->left_out_count,
    };
}

/* ---- header and digest ---- */

/* Convert a hexadecimal SHA-256 to 32 bytes. */
static void take_sha256(const char *text, uint8_t sha256[32])
{
    for (size_t i = 0; i < 32; i++) {
        unsigned byte = 0;
        sscanf(text + 2 * i, "%2x", &byte);
        sha256[i] = (uint8_t)byte;
    }
}

static void put_header(uint8_t *bytes, const cvy_pack_header *h, const cvy_dataset *d)
{
    uint8_t *at = bytes + 8;

    memcpy(bytes, CVY_PACK_MAGIC, 8);
    put_number(&at, h->header_bytes);
    put_number(&at, h->file_bytes);
    memcpy(at, h->sha256, sizeof h->sha256);
    put_numbers(bytes + CVY_PACK_DIGEST_AT, h);
    memcpy(bytes + CVY_PACK_LEFT_OUT_AT, d->left_out, sizeof d->left_out);
    for (size_t c = 0; c < d->class_count; c++)
        memcpy(bytes + CVY_PACK_NAMES_AT + c * CVY_CLASS_NAME_BYTES, d->class_names[c],
               CVY_CLASS_NAME_BYTES);
}

/* Add everything after the header to the digest. */
static cvy_status digest_content(int file, const char *path, const cvy_pack_header *h,
                                 cvy_digest *digest)
{
    uint8_t *block;
    uint64_t at = h->header_bytes;
    cvy_status status = cvy_memory_create(BLOCK_BYTES, 1, &block);

    while (status == CVY_OK && at < h->file_bytes) {
        const uint64_t left = h->file_bytes - at;
        const size_t wanted = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
        const ssize_t count = pread(file, block, wanted, (off_t)at);
        if (count > 0) {
            cvy_digest_add(digest, block, (size_t)count);
            at += (uint64_t)count;
        } else if (count == 0 || errno != EINTR) {
            status = cvy_fail(CVY_ERR_READ, "%s: %s", path,
                              count == 0 ? "it became shorter" : strerror(errno));
        }
    }
    cvy_memory_free(block);
    return status;
}

static cvy_status find_digest(int file, const char *path, const cvy_pack_header *h,
                              const uint8_t *header, char text[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    cvy_digest_add(digest, header + CVY_PACK_DIGEST_AT,
                   (size_t)h->header_bytes - CVY_PACK_DIGEST_AT);
    status = digest_content(file, path, h, digest);
    cvy_digest_finish(digest, text);
    return status;
}

static cvy_status write_at(int file, const char *path, const uint8_t *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        const ssize_t count = pwrite(file, bytes + done, size - done, (off_t)done);
        if (count < 0 && errno != EINTR)
            return cvy_fail(CVY_ERR_WRITE, "%s: %s", path, strerror(errno));
        done += count > 0 ? (size_t)count : 0;
    }
    return CVY_OK;
}

cvy_status cvy_pack_seal(int file, const char *path, cvy_pack_header *header,
                         const cvy_dataset *dataset)
{
    char text[CVY_DIGEST_HEX_BYTES];
    uint8_t *bytes;
    cvy_status status = cvy_memory_create((size_t)header->header_bytes, 1, &bytes);

    if (status != CVY_OK)
        return status;
    put_header(bytes, header, dataset);
    status = find_digest(file, path, header, bytes, text);
    if (status == CVY_OK) {
        take_sha256(text, header->sha256);
        memcpy(bytes + CVY_PACK_DIGEST_AT - sizeof header->sha256, header->sha256,
               sizeof header->sha256);
        status = write_at(file, path, bytes, (size_t)header->header_bytes);
    }
    if (status == CVY_OK && fsync(file) != 0 && errno != EINVAL)
        status = cvy_fail(CVY_ERR_WRITE, "%s: %s", path, strerror(errno));
    cvy_memory_free(bytes);
    return status;
}

/* ---- content ---- */

void cvy_pack_put_labels(uint8_t *bytes, const uint16_t *labels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = (uint8_t)labels[i];
        bytes[2 * i + 1] = (uint8_t)(labels[i] >> 8);
    }
}

static cvy_pack_header plan(const cvy_dataset *d)
{
    cvy_pack_header h = cvy_pack_describe(d);

    h.header_bytes =
        cvy_pack_round_up(CVY_PACK_NAMES_AT + d->class_count * CVY_CLASS_NAME_BYTES, CVY_PACK_PAGE);
    uint64_t at = h.header_bytes;
    for (int p = 0; p < CVY_PARTS; p++) {
        const uint64_t count = cvy_dataset_count(d, (cvy_split)p);
        h.parts[p] = (cvy_pack_part){ .count = count, .pixels = at };
        at = cvy_pack_round_up(at + count * cvy_dataset_image_bytes(d), CVY_PACK_ALIGN);
        h.parts[p].labels = at;
        at = cvy_pack_round_up(at + 2 * count, CVY_PACK_ALIGN);
    }
    h.file_bytes = at;
    return h;
}

typedef struct {
    FILE *file;
    uint64_t position;
} packing;

static void put(packing *p, const void *bytes, size_t size)
{
    fwrite(bytes, 1, size, p->file);
    p->position += size;
}

static void pad_to(packing *p, uint64_t position)
{
    static const uint8_t zeros[CVY_PACK_PAGE];

    while (position > p->position) {
        const uint64_t left = position - p->position;
        put(p, zeros, left < sizeof zeros ? (size_t)left : sizeof zeros);
    }
}

static void put_part(packing *p, const cvy_dataset *d, cvy_split split, const cvy_pack_part *part)
{
    const cvy_images *images = cvy_dataset_part_const(d, split);
    const size_t bytes = cvy_dataset_image_bytes(d);

    pad_to(p, part->pixels);
    for (size_t i = 0; i < images->count && !cvy_stop_is_requested(NULL); i++)
        put(p, cvy_images_at(images, bytes, i), bytes);
    pad_to(p, part->labels);
    for (size_t i = 0; i < images->count && !cvy_stop_is_requested(NULL); i++) {
        uint8_t label[2];
        cvy_pack_put_labels(label, &images->labels[i], 1);
        put(p, label, sizeof label);
    }
}

static cvy_status write_file(const cvy_dataset *dataset, const char *path, size_t threads)
{
    packing p = { 0 };
    cvy_pack_header header = plan(dataset);
    cvy_status status = cvy_writer_open(path, NULL, &p.file);

    (void)threads;
    if (status != CVY_OK)
        return status;
    for (int i = 0; i < CVY_PARTS; i++) /* zeros reserve space for the header */
        put_part(&p, dataset, (cvy_split)i, &header.parts[i]);
    pad_to(&p, header.file_bytes);
    if (fflush(p.file) != 0 || ferror(p.file))
        status = cvy_fail(CVY_ERR_WRITE, "%s: %s", path, strerror(errno));
    if (status == CVY_OK)
        status = cvy_pack_seal(fileno(p.file), path, &header, dataset);
    cvy_writer_close(p.file, path, NULL, &status);
    return status;
}

const cvy_dataset_writer cvy_writer_packed = {
    .name = "packed",
    .summary = "one file that is mapped into memory: for more images than fit there",
    .content = CVY_CONTENT_PACK,
    .write = write_file,
};
