#include "formats/safetensors.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are written as they lie");

enum { LENGTH_BYTES = 8, SHAPE_BYTES = 200, HEADER_BYTES_MAX = 100 * 1000 * 1000, ALIGNMENT = 64 };
static const size_t file_bytes_max = (size_t)1 << 33;
static const char metadata_key[] = "__metadata__";

/* --- writing --- */

static size_t count_values(const cvy_safetensor *tensor)
{
    size_t count = 1;
    for (size_t d = 0; d < tensor->rank; d++)
        count *= tensor->dims[d];
    return count;
}

/* Returns NULL if memory runs out. */
static json_t *describe(const cvy_safetensor *tensor, size_t begin)
{
    json_t *shape = json_array();
    const size_t end = begin + count_values(tensor) * sizeof(float);

    for (size_t d = 0; d < tensor->rank; d++)
        cvy_json_append(&shape, cvy_json_count(tensor->dims[d]));
    return json_pack("{s:s, s:o, s:[I,I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)end);
}

static cvy_status print_header(const char *path, const cvy_safetensor *tensors, size_t tensor_count,
                               const cvy_safetensors_text *texts, size_t text_count, char **header)
{
    json_t *root = json_object(), *metadata = json_object();
    size_t offset = 0;

    for (size_t i = 0; i < text_count; i++)
        cvy_json_set(&metadata, texts[i].key, cvy_json_text(texts[i].text));
    cvy_json_set(&root, metadata_key, metadata);
    for (size_t i = 0; i < tensor_count; i++) {
        cvy_json_set(&root, tensors[i].name, describe(&tensors[i], offset));
        offset += count_values(&tensors[i]) * sizeof(float);
    }
    return cvy_json_print(root, JSON_COMPACT, path, header);
}

/* Number of spaces after the header, so that the tensors begin at a multiple of ALIGNMENT. */
static size_t padding_after(size_t header_bytes)
{
    return (ALIGNMENT - (LENGTH_BYTES + header_bytes) % ALIGNMENT) % ALIGNMENT;
}

cvy_status cvy_safetensors_print(const cvy_safetensor *tensors, size_t tensor_count,
                                 const cvy_safetensors_text *texts, size_t text_count,
                                 unsigned char **bytes, size_t *size)
{
    char *header;
    cvy_status status =
        print_header("safetensors", tensors, tensor_count, texts, text_count, &header);

    if (status != CVY_OK)
        return status;
    const size_t length = strlen(header), padding = padding_after(length);
    const uint64_t total = length + padding;
    size_t whole = LENGTH_BYTES + length + padding;
    for (size_t i = 0; i < tensor_count; i++)
        whole += count_values(&tensors[i]) * sizeof(float);

    unsigned char *to;
    status = cvy_memory_create(whole, 1, &to);
    if (status == CVY_OK) {
        *bytes = to;
        *size = whole;
        memcpy(to, &total, LENGTH_BYTES);
        memcpy(to + LENGTH_BYTES, header, length);
        memset(to + LENGTH_BYTES + length, ' ', padding);
        to += LENGTH_BYTES + length + padding;
    }
    for (size_t i = 0; status == CVY_OK && i < tensor_count; i++) {
        const size_t tensor_bytes = count_values(&tensors[i]) * sizeof(float);
        memcpy(to, tensors[i].values, tensor_bytes);
        to += tensor_bytes;
    }
    free(header);
    return status;
}

cvy_status cvy_safetensors_write(const char *path, const cvy_safetensor *tensors,
                                 size_t tensor_count, const cvy_safetensors_text *texts,
                                 size_t text_count)
{
    unsigned char *bytes;
    size_t size;
    cvy_status status =
        cvy_safetensors_print(tensors, tensor_count, texts, text_count, &bytes, &size);

    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", path);
    status = cvy_file_write(path, bytes, size);
    cvy_memory_free(bytes);
    return status;
}

/* --- reading --- */

/* One tensor as described in the header. */
typedef struct {
    const char *name, *dtype;
    size_t rank, dims[CVY_SAFETENSORS_RANK_MAX];
    size_t begin, end; /* bytes from the start of the data */
} entry;

struct cvy_safetensors {
    char *name;
    unsigned char *bytes;
    const unsigned char *data;
    size_t data_bytes, count;
    json_t *header;
    entry *entries;
};

/* Bytes per value; 0 for an unknown type. */
static size_t size_of_dtype(const char *dtype)
{
    static const struct {
        const char *name;
        size_t bytes;
    } types[] = {
        { "F32", 4 }, { "F64", 8 }, { "F16", 2 },  { "BF16", 2 },    { "I64", 8 },
        { "I32", 4 }, { "I16", 2 }, { "I8", 1 },   { "U64", 8 },     { "U32", 4 },
        { "U16", 2 }, { "U8", 1 },  { "BOOL", 1 }, { "F8_E4M3", 1 }, { "F8_E5M2", 1 },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, dtype) == 0)
            return types[i].bytes;
    return 0;
}

static bool read_size(const json_t *value, size_t *size)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *size = (size_t)json_integer_value(value);
    return true;
}

static cvy_status read_entry(const cvy_safetensors *file, const json_t *value, entry *e)
{
    const json_t *shape = json_object_get(value, "shape");
    const json_t *offsets = json_object_get(value, "data_offsets");
    size_t bytes;

    e->dtype = json_string_value(json_object_get(value, "dtype"));
    if (e->dtype == NULL || !json_is_array(shape) || json_array_size(offsets) != 2)
        return cvy_fail(CVY_ERR_FORMAT, "expected dtype, shape and two data_offsets");
    bytes = size_of_dtype(e->dtype);
    if (bytes == 0)
        return cvy_fail(CVY_ERR_FORMAT, "dtype \"%.32s\" is not one of the format", e->dtype);
    e->rank = json_array_size(shape);
    if (e->rank > CVY_SAFETENSORS_RANK_MAX)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "shape of %zu dimensions, expected at most %d",
                        e->rank, CVY_SAFETENSORS_RANK_MAX);
    for (size_t d = 0; d < e->rank; d++)
        if (!read_size(json_array_get(shape, d), &e->dims[d]) ||
            !cvy_size_multiply(bytes, e->dims[d], &bytes))
            return cvy_fail(CVY_ERR_FORMAT, "shape: entry %zu is not a size that fits", d);
    if (!read_size(json_array_get(offsets, 0), &e->begin) ||
        !read_size(json_array_get(offsets, 1), &e->end))
        return cvy_fail(CVY_ERR_FORMAT, "data_offsets are not whole numbers from 0");
    if (e->begin > e->end)
        return cvy_fail(CVY_ERR_FORMAT, "data_offsets [%zu, %zu] run backwards", e->begin, e->end);
    if (e->end > file->data_bytes)
        return cvy_fail(CVY_ERR_FORMAT, "data_offsets end at %zu, the data at %zu", e->end,
                        file->data_bytes);
    if (e->end - e->begin != bytes)
        return cvy_fail(CVY_ERR_FORMAT, "data_offsets span %zu bytes, its shape %zu",
                        e->end - e->begin, bytes);
    return CVY_OK;
}

static int by_place(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* In order of position, each tensor must begin where the previous one ends. */
static cvy_status check_places(cvy_safetensors *file)
{
    size_t end = 0;

    if (file->count > 0) /* qsort() does not accept NULL */
        qsort(file->entries, file->count, sizeof *file->entries, by_place);
    for (size_t i = 0; i < file->count; i++) {
        const entry *e = &file->entries[i];
        if (e->begin != end)
            return cvy_fail(CVY_ERR_FORMAT, "tensor \"%.64s\": begins at %zu, %s at %zu", e->name,
                            e->begin, e->begin < end ? "overlaps what ends" : "leaves a hole", end);
        end = e->end;
    }
    if (end != file->data_bytes)
        return cvy_fail(CVY_ERR_FORMAT, "%zu bytes of data, the tensors take %zu", file->data_bytes,
                        end);
    return CVY_OK;
}

static cvy_status check_metadata(const json_t *metadata)
{
    const char *key;
    json_t *text;

    if (!json_is_object(metadata))
        return cvy_fail(CVY_ERR_FORMAT, "%s is not an object", metadata_key);
    json_object_foreach((json_t *)metadata, key, text) if (!json_is_string(text)) return cvy_fail(
        CVY_ERR_FORMAT, "%s: \"%.64s\" is not a text", metadata_key, key);
    return CVY_OK;
}

static cvy_status read_entries(cvy_safetensors *file)
{
    const char *name;
    json_t *value;
    cvy_status status =
        cvy_memory_create(json_object_size(file->header), sizeof *file->entries, &file->entries);

    json_object_foreach(file->header, name, value)
    {
        if (status != CVY_OK)
            return status;
        if (strcmp(name, metadata_key) == 0) {
            status = check_metadata(value);
            continue;
        }
        entry *e = &file->entries[file->count++];
        e->name = name;
        status = read_entry(file, value, e);
        if (status != CVY_OK)
            status = cvy_fail_at(status, "tensor \"%.64s\"", name);
    }
    return status == CVY_OK ? check_places(file) : status;
}

/* Parse the header; file->bytes holds the whole file of `size` bytes. */
static cvy_status read_header(cvy_safetensors *file, size_t size)
{
    uint64_t length;
    json_error_t error;

    if (size < LENGTH_BYTES)
        return cvy_fail(CVY_ERR_FORMAT, "%zu bytes, too short for a safetensors file", size);
    memcpy(&length, file->bytes, LENGTH_BYTES);
    if (length > HEADER_BYTES_MAX || length > size - LENGTH_BYTES)
        return cvy_fail(
            CVY_ERR_FORMAT,
            "no safetensors file: its header would have %llu bytes, expected at most %zu",
            (unsigned long long)length,
            size - LENGTH_BYTES < HEADER_BYTES_MAX ? size - LENGTH_BYTES
                                                   : (size_t)HEADER_BYTES_MAX);
    if (length == 0 || file->bytes[LENGTH_BYTES] != '{')
        return cvy_fail(CVY_ERR_FORMAT, "the header does not begin with {");
    file->data = file->bytes + LENGTH_BYTES + length;
    file->data_bytes = size - LENGTH_BYTES - (size_t)length;
    file->header = cvy_json_load((const char *)file->bytes + LENGTH_BYTES, (size_t)length,
                                 JSON_REJECT_DUPLICATES, &error);
    if (file->header == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "the header is not JSON: %s", error.text);
    return read_entries(file);
}

/* Takes ownership of `bytes`. */
static cvy_status take_bytes(const char *name, unsigned char *bytes, size_t size,
                             cvy_safetensors **result)
{
    cvy_safetensors *file;
    cvy_status status = cvy_memory_create(1, sizeof *file, &file);

    if (status != CVY_OK) {
        cvy_memory_free(bytes);
        return status;
    }
    file->bytes = bytes;
    status = cvy_text_copy(name, &file->name);
    if (status == CVY_OK)
        status = read_header(file, size);
    if (status != CVY_OK) {
        cvy_safetensors_close(file);
        return cvy_fail_at(status, "%s", name);
    }
    *result = file;
    return CVY_OK;
}

cvy_status cvy_safetensors_open(const char *path, cvy_safetensors **file)
{
    unsigned char *bytes;
    size_t size;
    cvy_status status = cvy_file_read(path, file_bytes_max, &bytes, &size);

    return status == CVY_OK ? take_bytes(path, bytes, size, file) : status;
}

cvy_status cvy_safetensors_parse(const char *name, const unsigned char *bytes, size_t size,
                                 cvy_safetensors **file)
{
    unsigned char *copy;
    cvy_status status = cvy_memory_create(size, 1, &copy);

    if (status != CVY_OK)
        return status;
    if (size > 0)
        memcpy(copy, bytes, size);
    return take_bytes(name, copy, size, file);
}

void cvy_safetensors_close(cvy_safetensors *file)
{
    if (file == NULL)
        return;
    json_decref(file->header);
    cvy_memory_free(file->entries);
    cvy_memory_free(file->bytes);
    cvy_memory_free(file->name);
    cvy_memory_free(file);
}

size_t cvy_safetensors_count(const cvy_safetensors *file)
{
    return file->count;
}

size_t cvy_safetensors_count_named(const cvy_safetensors *file, const char *start)
{
    size_t count = 0;

    for (size_t i = 0; i < file->count; i++)
        count += strncmp(file->entries[i].name, start, strlen(start)) == 0;
    return count;
}

bool cvy_safetensors_entry(const cvy_safetensors *file, size_t index, cvy_safetensor *tensor)
{
    if (index >= file->count)
        return false;
    const entry *e = &file->entries[index];
    *tensor = (cvy_safetensor){ .name = e->name, .rank = e->rank };
    memcpy(tensor->dims, e->dims, sizeof tensor->dims);
    return true;
}

size_t cvy_safetensors_data_bytes(const cvy_safetensors *file)
{
    return file->data_bytes;
}

const char *cvy_safetensors_find_text(const cvy_safetensors *file, const char *key)
{
    return json_string_value(json_object_get(json_object_get(file->header, metadata_key), key));
}

static const entry *find(const cvy_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->entries[i].name, name) == 0)
            return &file->entries[i];
    return NULL;
}

/* Print a shape such as "784 x 128". */
static void print_shape(size_t rank, const size_t *dims, char text[SHAPE_BYTES])
{
    size_t used = (size_t)snprintf(text, SHAPE_BYTES, "%s", rank == 0 ? "a number" : "");

    for (size_t d = 0; d < rank && used < SHAPE_BYTES; d++)
        used +=
            (size_t)snprintf(text + used, SHAPE_BYTES - used, "%s%zu", d > 0 ? " x " : "", dims[d]);
}

static cvy_status fail_shape(const cvy_safetensors *file, const entry *found,
                             const cvy_safetensor *wanted)
{
    char shape[SHAPE_BYTES], expected[SHAPE_BYTES];

    print_shape(found->rank, found->dims, shape);
    print_shape(wanted->rank, wanted->dims, expected);
    return cvy_fail(CVY_ERR_SHAPE, "%s: tensor \"%s\": shape: found %s, expected %s", file->name,
                    wanted->name, shape, expected);
}

cvy_status cvy_safetensors_read(const cvy_safetensors *file, const cvy_safetensor *tensor,
                                float *values)
{
    const entry *e = find(file, tensor->name);

    if (e == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: tensor \"%s\" is missing", file->name, tensor->name);
    if (strcmp(e->dtype, "F32") != 0)
        return cvy_fail(CVY_ERR_UNSUPPORTED, "%s: tensor \"%s\": dtype %s, expected F32",
                        file->name, tensor->name, e->dtype);
    if (e->rank != tensor->rank || memcmp(e->dims, tensor->dims, e->rank * sizeof *e->dims) != 0)
        return fail_shape(file, e, tensor);
    memcpy(values, file->data + e->begin, e->end - e->begin);
    return CVY_OK;
}
