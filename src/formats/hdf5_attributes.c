/* Text attributes of groups and arrays: of fixed length in the attribute, or of variable length in
 * the global heap. */
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "formats/hdf5_blocks.h"

enum { CLASS_TEXT = 3, CLASS_VARIABLE = 9, TEXTS_MAX = 20000, TEXT_BYTES_MAX = 16 << 20 };

/* The attribute to find, and the result. */
typedef struct {
    const char *name;
    char **texts;
    size_t count;
} search;

static size_t round_up(size_t size)
{
    return (size + 7) / 8 * 8;
}

/* Store one text of an attribute; a terminating zero is optional. */
static cvy_status keep(search *s, const unsigned char *from, size_t size)
{
    char *text;
    const unsigned char *end = size > 0 ? memchr(from, 0, size) : NULL;
    const size_t length = end != NULL ? (size_t)(end - from) : size;

    if (size > TEXT_BYTES_MAX)
        return cvy_fail(CVY_ERR_FORMAT, "attribute %s: a text of %zu bytes", s->name, size);
    cvy_status status = cvy_memory_create(length + 1, 1, &text);
    if (status != CVY_OK)
        return status;
    if (length > 0)
        memcpy(text, from, length);
    s->texts[s->count++] = text;
    return CVY_OK;
}

/* Read object `index` of the collection at an address. */
static cvy_status read_heap(const cvy_hdf5 *file, uint64_t address, uint64_t index, uint64_t length,
                            search *s)
{
    enum { PREFIX = 16 };
    cvy_hdf5_span head, all;
    cvy_status status = cvy_hdf5_take(file, address, PREFIX, "a global heap", &head);

    if (status == CVY_OK && (memcmp(head.at, "GCOL", 4) != 0 || index == 0))
        status = cvy_hdf5_fail("a global heap");
    if (status == CVY_OK)
        status =
            cvy_hdf5_take(file, address, cvy_hdf5_number(head.at + 8, 8), "a global heap", &all);
    for (size_t at = PREFIX; status == CVY_OK && at + PREFIX <= all.size;) {
        const uint64_t size = cvy_hdf5_number(all.at + at + 8, 8);
        const uint64_t found = cvy_hdf5_number(all.at + at, 2);
        if (found == 0 || size > all.size - at - PREFIX)
            break;
        if (found == index)
            return length <= size ? keep(s, all.at + at + PREFIX, (size_t)length)
                                  : cvy_hdf5_fail("a text that is longer than its place");
        at += PREFIX + round_up((size_t)size);
    }
    return status == CVY_OK ? cvy_hdf5_fail("a text that is not there") : status;
}

static cvy_status read_texts(const cvy_hdf5 *file, cvy_hdf5_span type, cvy_hdf5_span values,
                             size_t count, search *s)
{
    enum { REFERENCE = 16 };
    const unsigned class = type.at[0] & 15;
    const size_t size = (size_t)cvy_hdf5_number(type.at + 4, 4);
    const bool is_variable = class == CLASS_VARIABLE && (type.at[1] & 15) == 1;
    size_t bytes;

    if (class != CLASS_TEXT && !is_variable) /* h5py stores an empty list as numbers */
        return count == 0 ? CVY_OK
                          : cvy_fail(CVY_ERR_UNSUPPORTED, "attribute %s: expected texts", s->name);
    if (count > TEXTS_MAX || !cvy_size_multiply(count, size, &bytes) || bytes > values.size ||
        (is_variable && size != REFERENCE))
        return cvy_hdf5_fail("an attribute");
    cvy_status status = cvy_memory_create(count, sizeof *s->texts, &s->texts);
    for (size_t i = 0; status == CVY_OK && i < count; i++) {
        const unsigned char *at = values.at + i * size;
        if (!is_variable)
            status = keep(s, at, size);
        else if (cvy_hdf5_number(at, 4) == 0)
            status = keep(s, at, 0);
        else
            status = read_heap(file, cvy_hdf5_number(at + 4, 8), cvy_hdf5_number(at + 12, 4),
                               cvy_hdf5_number(at, 4), s);
    }
    return status;
}

/* Read name, datatype, dataspace and values, in this order; version 1 pads each of them. */
static cvy_status read_attribute(cvy_hdf5 *file, const cvy_hdf5_message *m, void *context)
{
    search *s = context;
    const unsigned char *b = m->data.at;
    size_t rank, dims[CVY_HDF5_RANK_MAX], count;

    if (m->type != CVY_HDF5_ATTRIBUTE || s->texts != NULL)
        return CVY_OK;
    if (m->data.size < 9 || b[0] < 1 || b[0] > 3)
        return cvy_hdf5_fail("an attribute");
    const bool is_first = b[0] == 1;
    const size_t name = (size_t)cvy_hdf5_number(b + 2, 2), type = (size_t)cvy_hdf5_number(b + 4, 2);
    const size_t space = (size_t)cvy_hdf5_number(b + 6, 2), begin = b[0] == 3 ? 9 : 8;
    const size_t type_at = begin + (is_first ? round_up(name) : name);
    const size_t space_at = type_at + (is_first ? round_up(type) : type);
    const size_t values_at = space_at + (is_first ? round_up(space) : space);
    if (values_at > m->data.size || type < 8)
        return cvy_hdf5_fail("an attribute");
    if (name != strlen(s->name) + 1 || memcmp(b + begin, s->name, name) != 0)
        return CVY_OK;
    cvy_status status =
        cvy_hdf5_dataspace((cvy_hdf5_span){ b + space_at, space }, &rank, dims, &count);
    return status == CVY_OK
               ? read_texts(file, (cvy_hdf5_span){ b + type_at, type },
                            (cvy_hdf5_span){ b + values_at, m->data.size - values_at }, count, s)
               : status;
}

cvy_status cvy_hdf5_attribute(cvy_hdf5 *file, const char *path, const char *name, char ***texts,
                              size_t *count)
{
    search s = { .name = name };
    uint64_t header;

    *texts = NULL;
    *count = 0;
    if (!cvy_hdf5_header_of(file, path, &header))
        return CVY_OK;
    cvy_status status = cvy_hdf5_walk(file, header, read_attribute, &s);
    if (status != CVY_OK) {
        cvy_hdf5_free_texts(s.texts, s.count);
        return cvy_fail_at(status, "%s", cvy_hdf5_name(file));
    }
    *texts = s.texts;
    *count = s.count;
    return CVY_OK;
}

void cvy_hdf5_free_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts != NULL && i < count; i++)
        cvy_memory_free(texts[i]);
    cvy_memory_free(texts);
}
