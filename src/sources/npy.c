#include "sources/npy.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { HEADER_BYTES_MAX = 4096, BLOCK_VALUES = 4096, TEXT_BYTES_MAX = 256 };

/* Return the text after 'key': in the header, a Python dictionary; NULL if the key is absent. */
static const char *find_key(const char *text, const char *key)
{
    const size_t length = strlen(key);

    for (const char *at = text; (at = strstr(at, key)) != NULL; at += length)
        if (at > text && (at[-1] == '\'' || at[-1] == '"') && at[length] == at[-1]) {
            const char *value = at + length + 1;
            value += strspn(value, " ");
            return *value == ':' ? value + 1 + strspn(value + 1, " ") : NULL;
        }
    return NULL;
}

static cvy_status read_type(const char *place, const char *text, bool wants_texts,
                            cvy_npy_header *header)
{
    const char *type = find_key(text, "descr");

    if (type == NULL || (*type != '\'' && *type != '"'))
        return cvy_fail(type != NULL && *type == '[' ? CVY_ERR_UNSUPPORTED : CVY_ERR_FORMAT,
                        "%s: a NumPy array without a plain type, expected numbers", place);
    type++;
    header->is_swapped = *type == '>';
    if (strchr("<>|=", *type) != NULL && *type != '\0')
        type++;
    if (*type == 'O')
        return cvy_fail(
            CVY_ERR_UNSUPPORTED,
            "%s: Python objects (pickled), which are refused since reading them would run "
            "code\nsave the array as numbers",
            place);
    const int type_length = (int)strcspn(type, "'\"");
    header->kind = *type;
    header->bytes =
        *type != 0 && isdigit((unsigned char)type[1]) ? (size_t)strtoul(type + 1, NULL, 10) : 0;
    if (wants_texts)
        return *type == 'S' && header->bytes >= 1 && header->bytes <= TEXT_BYTES_MAX
                   ? CVY_OK
                   : cvy_fail(
                         CVY_ERR_UNSUPPORTED,
                         "%s: a NumPy array of type %.*s, expected texts of at most %d bytes (S)",
                         place, type_length, type, TEXT_BYTES_MAX);
    const bool is_size =
        header->bytes == 1 || header->bytes == 2 || header->bytes == 4 || header->bytes == 8;
    if (*type == '\0' || strchr("uifb", *type) == NULL || !is_size ||
        (*type == 'f' && header->bytes < 2) || (*type == 'b' && header->bytes != 1))
        return cvy_fail(
            CVY_ERR_UNSUPPORTED,
            "%s: a NumPy array of type %.*s, expected whole numbers, float16, float32 or float64",
            place, type_length, type);
    return CVY_OK;
}

static cvy_status read_shape(const char *place, const char *text, cvy_npy_header *header)
{
    const char *at = find_key(text, "shape");

    header->rank = 0;
    header->count = 1;
    if (at == NULL || *at++ != '(')
        return cvy_fail(CVY_ERR_FORMAT, "%s: a NumPy array without a shape", place);
    for (;;) {
        at += strspn(at, " ,");
        if (*at == ')')
            return CVY_OK;
        char *end;
        const unsigned long long side = strtoull(at, &end, 10);
        if (end == at || !isdigit((unsigned char)*at))
            return cvy_fail(CVY_ERR_FORMAT, "%s: a NumPy array without a shape", place);
        if (header->rank == CVY_NPY_RANK_MAX)
            return cvy_fail(CVY_ERR_DATA, "%s: an array of more than %d dimensions", place,
                            CVY_NPY_RANK_MAX);
        header->dims[header->rank++] = (size_t)side;
        if (side > SIZE_MAX / 16 || !cvy_size_multiply(header->count, (size_t)side, &header->count))
            return cvy_fail(CVY_ERR_FORMAT, "%s: an array of an impossible size", place);
        at = end;
    }
}

static cvy_status read_text(const char *place, const char *text, bool wants_texts,
                            cvy_npy_header *header)
{
    cvy_status status = read_type(place, text, wants_texts, header);
    const char *order = find_key(text, "fortran_order");

    if (status == CVY_OK)
        status = read_shape(place, text, header);
    if (status == CVY_OK && (order == NULL || strncmp(order, "False", 5) != 0) && header->rank > 1)
        status = cvy_fail(CVY_ERR_UNSUPPORTED,
                          "%s: columns first (Fortran order)\nnumpy.ascontiguousarray() mends it",
                          place);
    return status;
}

static cvy_status begin(cvy_zip *zip, size_t index, const char *place, bool wants_texts,
                        cvy_npy_header *header)
{
    unsigned char start[10], more[2];
    char text[HEADER_BYTES_MAX + 1];
    size_t length, begun = sizeof start, content;
    cvy_status status = cvy_zip_begin(zip, index);

    if (status == CVY_OK && cvy_zip_size(zip, index) < sizeof start + sizeof more)
        return cvy_fail(CVY_ERR_FORMAT, "%s: no NumPy array", place);
    if (status == CVY_OK)
        status = cvy_zip_read(zip, start, sizeof start);
    if (status != CVY_OK)
        return status;
    if (memcmp(start, "\x93NUMPY", 6) != 0 || start[6] < 1 || start[6] > 3)
        return cvy_fail(CVY_ERR_FORMAT, "%s: no NumPy array", place);
    length = (size_t)start[8] | (size_t)start[9] << 8;
    if (start[6] > 1) { /* the length has four bytes */
        status = cvy_zip_read(zip, more, sizeof more);
        if (status != CVY_OK)
            return status;
        length |= (size_t)more[0] << 16 | (size_t)more[1] << 24;
        begun += sizeof more;
    }
    if (length > HEADER_BYTES_MAX || cvy_zip_size(zip, index) - begun < length)
        return cvy_fail(CVY_ERR_FORMAT, "%s: a NumPy header of %zu bytes, expected at most %d",
                        place, length, HEADER_BYTES_MAX);
    status = cvy_zip_read(zip, text, length);
    text[length] = '\0';
    if (status == CVY_OK)
        status = read_text(place, text, wants_texts, header);
    if (status == CVY_OK && (!cvy_size_multiply(header->count, header->bytes, &content) ||
                             content != cvy_zip_size(zip, index) - begun - length))
        status = cvy_fail(CVY_ERR_FORMAT, "%s: its shape needs %zu values, its size is another",
                          place, header->count);
    return status;
}

cvy_status cvy_npy_begin(cvy_zip *zip, size_t index, const char *place, cvy_npy_header *header)
{
    return begin(zip, index, place, false, header);
}

cvy_status cvy_npy_begin_texts(cvy_zip *zip, size_t index, const char *place,
                               cvy_npy_header *header)
{
    return begin(zip, index, place, true, header);
}

/* IEEE 754 binary16: sign, 5 exponent bits, 10 fraction bits. */
static double half_of(unsigned bits)
{
    const int exponent = (int)(bits >> 10 & 31);
    const double fraction = bits & 1023;
    const double size = exponent == 31  ? (fraction > 0 ? (double)NAN : (double)INFINITY)
                        : exponent == 0 ? ldexp(fraction, -24)
                                        : ldexp(1024 + fraction, exponent - 25);

    return bits >> 15 != 0 ? -size : size;
}

static double value_of(const cvy_npy_header *header, const unsigned char *bytes)
{
    unsigned char ordered[8] = { 0 };
    uint64_t whole = 0;
    float single;
    double value;

    for (size_t i = 0; i < header->bytes; i++)
        ordered[i] = bytes[header->is_swapped ? header->bytes - 1 - i : i];
    for (size_t i = 0; i < 8; i++)
        whole |= (uint64_t)ordered[i] << (8 * i);
    if (header->kind == 'f' && header->bytes == 2)
        return half_of((unsigned)whole);
    if (header->kind == 'f' && header->bytes == 4) {
        const uint32_t half = (uint32_t)whole;
        memcpy(&single, &half, sizeof single);
        return (double)single;
    }
    if (header->kind == 'f') {
        memcpy(&value, &whole, sizeof value);
        return value;
    }
    if (header->kind != 'i')
        return (double)whole;
    const unsigned unused = (unsigned)(64 - 8 * header->bytes); /* extend the sign */
    return (double)((int64_t)(whole << unused) >> unused);
}

cvy_status cvy_npy_read(cvy_zip *zip, const cvy_npy_header *header, size_t count, double *values)
{
    unsigned char block[BLOCK_VALUES * 8];
    cvy_status status = CVY_OK;

    for (size_t first = 0; status == CVY_OK && first < count; first += BLOCK_VALUES) {
        const size_t left = count - first, taken = left < BLOCK_VALUES ? left : BLOCK_VALUES;
        status = cvy_zip_read(zip, block, taken * header->bytes);
        for (size_t i = 0; status == CVY_OK && i < taken; i++)
            values[first + i] = value_of(header, block + i * header->bytes);
    }
    return status;
}

cvy_status cvy_npy_read_bytes(cvy_zip *zip, size_t count, unsigned char *values)
{
    return cvy_zip_read(zip, values, count);
}
