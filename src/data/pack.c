/* Writing a packed data set, and its header. */
#include "data/pack.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "data/writer.h"

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

/* The numbers of a header, in their order. */
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
}

void cvy_pack_put(uint8_t *bytes, const cvy_pack_header *h)
{
    uint8_t *at = bytes + 8;

    memcpy(bytes, CVY_PACK_MAGIC, 8);
    put_number(&at, h->header_bytes);
    put_number(&at, h->file_bytes);
    memcpy(at, h->sha256, sizeof h->sha256);
    put_numbers(at + sizeof h->sha256, h);
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
}

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

static cvy_pack_header plan(const cvy_dataset *d)
{
    cvy_pack_header h = {
        .header_bytes =
            round_up(CVY_PACK_NAMES_AT + d->class_count * CVY_CLASS_NAME_BYTES, CVY_PACK_PAGE),
        .height = d->height,
        .width = d->width,
        .channels = d->channels,
        .classes = d->class_count,
        .polarity = (uint64_t)d->polarity,
        .flags = (d->has_class_names ? CVY_PACK_HAS_NAMES : 0U) |
                 (d->is_undivided ? CVY_PACK_IS_UNDIVIDED : 0U),
    };
    uint64_t at = h.header_bytes;

    for (int p = 0; p < CVY_PARTS; p++) {
        const uint64_t count = cvy_dataset_count(d, (cvy_split)p);
        h.parts[p] = (cvy_pack_part){ .count = count, .pixels = at };
        at = round_up(at + count * cvy_dataset_image_bytes(d), CVY_PACK_ALIGN);
        h.parts[p].labels = at;
        at = round_up(at + 2 * count, CVY_PACK_ALIGN);
    }
    h.file_bytes = at;
    return h;
}

typedef struct {
    FILE *file;
    cvy_digest *digest;
    uint64_t position;
} packing;

static void put(packing *p, const void *bytes, size_t size)
{
    fwrite(bytes, 1, size, p->file);
    cvy_digest_add(p->digest, bytes, size);
    p->position += size;
}

static void pad_to(packing *p, uint64_t position)
{
    static const uint8_t zeros[CVY_PACK_ALIGN];

    if (position > p->position)
        put(p, zeros, (size_t)(position - p->position));
}

static void put_part(packing *p, const cvy_dataset *d, cvy_split split, const cvy_pack_part *part)
{
    const cvy_images *images = cvy_dataset_part_const(d, split);
    const size_t bytes = cvy_dataset_image_bytes(d);

    pad_to(p, part->pixels);
    for (size_t i = 0; i < images->count; i++)
        put(p, cvy_images_at(images, bytes, i), bytes);
    pad_to(p, part->labels);
    for (size_t i = 0; i < images->count; i++) {
        const uint8_t label[2] = { (uint8_t)images->labels[i], (uint8_t)(images->labels[i] >> 8) };
        put(p, label, sizeof label);
    }
}

/* SHA-256 as 32 bytes from its hexadecimal form. */
static void take_sha256(const char *text, uint8_t sha256[32])
{
    for (size_t i = 0; i < 32; i++) {
        unsigned byte = 0;
        sscanf(text + 2 * i, "%2x", &byte);
        sha256[i] = (uint8_t)byte;
    }
}

static cvy_status write_content(packing *p, const cvy_dataset *d, cvy_pack_header *h)
{
    char text[CVY_DIGEST_HEX_BYTES];
    uint8_t *header;
    cvy_status status = cvy_memory_create((size_t)h->header_bytes, 1, &header);

    if (status != CVY_OK)
        return status;
    fwrite(header, 1, (size_t)h->header_bytes,
           p->file); /* its place; the digest is not known yet */
    p->position = h->header_bytes;
    for (int i = 0; i < CVY_PARTS; i++)
        put_part(p, d, (cvy_split)i, &h->parts[i]);
    pad_to(p, h->file_bytes);
    cvy_digest_finish(p->digest, text);
    p->digest = NULL;
    take_sha256(text, h->sha256);
    cvy_pack_put(header, h);
    for (size_t c = 0; c < d->class_count; c++)
        memcpy(header + CVY_PACK_NAMES_AT + c * CVY_CLASS_NAME_BYTES, d->class_names[c],
               CVY_CLASS_NAME_BYTES);
    if (fseek(p->file, 0, SEEK_SET) == 0)
        fwrite(header, 1, (size_t)h->header_bytes, p->file);
    cvy_memory_free(header);
    return CVY_OK;
}

static cvy_status write_file(const cvy_dataset *dataset, const char *path, size_t threads)
{
    packing p = { 0 };
    cvy_pack_header header = plan(dataset);
    cvy_status status = cvy_digest_create(&p.digest);

    (void)threads;
    if (status == CVY_OK)
        status = cvy_writer_open(path, NULL, &p.file);
    if (status == CVY_OK)
        status = write_content(&p, dataset, &header);
    if (p.digest != NULL) {
        char unused[CVY_DIGEST_HEX_BYTES];
        cvy_digest_finish(p.digest, unused);
    }
    cvy_writer_close(p.file, path, NULL, &status);
    return status;
}

const cvy_dataset_writer cvy_writer_packed = {
    .name = "packed",
    .summary = "one file that is mapped into memory: for more images than fit there",
    .write = write_file,
};
