#include "sources/npy.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { HEADER_BYTES_MAX = 4096, BLOCK_VALUES = 4096, UTF8_BYTES = 4 };

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

static bool is_number_type(const cvy_npy_header *header)
{
    const bool is_size =
        header->bytes == 1 || header->bytes == 2 || header->bytes == 4 || header->bytes == 8;

    return is_size && (header->kind == 'u' || header->kind == 'i' ||
                       (header->kind == 'f' && header->bytes > 1) ||
                       (header->kind == 'b' && header->bytes == 1));
}

/* Texts must fit CVY_NPY_TEXT_BYTES: a character of U has four bytes here, and up to four in UTF-8. */
static bool is_text_type(const cvy_npy_header *header)
{
    return (header->kind == 'S' || header->kind == 'U') && header->bytes > 0 &&
           header->bytes < CVY_NPY_TEXT_BYTES;
}

static cvy_status read_type(const char *place, const char *text, unsigned accepted,
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
            "code\nsave the array as numbers%s",
            place, (accepted & CVY_NPY_TEXTS) != 0 ? " or texts, as in labels.astype(str)" : "");
    const int type_length = (int)strcspn(type, "'\"");
    unsigned long long bytes =
        *type != 0 && isdigit((unsigned char)type[1]) ? strtoull(type + 1, NULL, 10) : 0;
    bytes = bytes > 1 << 20 ? 0 : bytes;
    header->kind = *type;
    header->bytes = (size_t)bytes * (*type == 'U' ? UTF8_BYTES : 1);
    if (((accepted & CVY_NPY_NUMBERS) != 0 && is_number_type(header)) ||
        ((accepted & CVY_NPY_TEXTS) != 0 && is_text_type(header)))
        return CVY_OK;
    return cvy_fail(
        CVY_ERR_UNSUPPORTED, "%s: a NumPy array of type %.*s, expected %s%s%s", place, type_length,
        type, (accepted & CVY_NPY_NUMBERS) != 0 ? "whole numbers, float16, float32 or float64" : "",
        accepted == (CVY_NPY_NUMBERS | CVY_NPY_TEXTS) ? ", or " : "",
        (accepted & CVY_NPY_TEXTS) != 0 ? "texts of at most 256 bytes" : "");
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

static cvy_status read_header(const char *place, const char *text, unsigned accepted,
                              cvy_npy_header *header)
{
    cvy_status status = read_type(place, text, accepted, header);
    const char *order = find_key(text, "fortran_order");

    if (status == CVY_OK)
        status = read_shape(place, text, header);
    if (status == CVY_OK && order == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: a NumPy array without an order", place);
    header->is_fortran =
        status == CVY_OK && header->rank > 1 && strncmp(order, "True", strlen("True")) == 0;
    return status;
}

/* Move values from Fortran order, first index fastest, to C order, last index fastest. */
static void reorder(const cvy_npy_header *header, const unsigned char *from, unsigned char *to)
{
    const size_t rank = header->rank, bytes = header->bytes;
    size_t strides[CVY_NPY_RANK_MAX], index[CVY_NPY_RANK_MAX] = { 0 }, place = 0;

    for (size_t d = 0, stride = 1; d < rank; stride *= header->dims[d++])
        strides[d] = stride;
    for (size_t i = 0; i < header->count; i++) {
        memcpy(to + i * bytes, from + place * bytes, bytes);
        for (size_t d = rank; d-- > 0;) {
            place += strides[d];
            if (++index[d] < header->dims[d])
                break;
            place -= strides[d] * header->dims[d];
            index[d] = 0;
        }
    }
}

/* Hold an array in Fortran order in memory, in C order. Its size has been checked. */
static cvy_status hold(cvy_zip *zip, cvy_npy_header *header)
{
    const size_t size = header->count * header->bytes;
    unsigned char *stored;
    cvy_status status = cvy_memory_create(size, 1, &stored);

    if (status != CVY_OK)
        return status;
    status = cvy_zip_read(zip, stored, size);
    if (status == CVY_OK)
        status = cvy_memory_create(size, 1, &header->ordered);
    if (status == CVY_OK)
        reorder(header, stored, header->ordered);
    cvy_memory_free(stored);
    return status;
}

cvy_status cvy_npy_begin(cvy_zip *zip, size_t index, const char *place, unsigned accepted,
                         cvy_npy_header *header)
{
    unsigned char start[10], more[2];
    char text[HEADER_BYTES_MAX + 1];
    size_t length, begun = sizeof start, content;
    cvy_status status = cvy_zip_begin(zip, index);

    *header = (cvy_npy_header){ 0 };
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
        status = read_header(place, text, accepted, header);
    if (status == CVY_OK && (!cvy_size_multiply(header->count, header->bytes, &content) ||
                             content != cvy_zip_size(zip, index) - begun - length))
        status = cvy_fail(CVY_ERR_FORMAT, "%s: its shape needs %zu values, its size is another",
                          place, header->count);
    return status == CVY_OK && header->is_fortran ? hold(zip, header) : status;
}

void cvy_npy_end(cvy_npy_header *header)
{
    cvy_memory_free(header->ordered);
    header->ordered = NULL;
}

bool cvy_npy_has_texts(const cvy_npy_header *header)
{
    return header->kind == 'S' || header->kind == 'U';
}

/* Read the next bytes of the values. A caller never reads more than there are. */
static cvy_status take(cvy_zip *zip, cvy_npy_header *header, size_t size, void *bytes)
{
    if (header->ordered == NULL)
        return cvy_zip_read(zip, bytes, size);
    memcpy(bytes, header->ordered + header->used, size);
    header->used += size;
    return CVY_OK;
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

cvy_status cvy_npy_read(cvy_zip *zip, cvy_npy_header *header, size_t count, double *values)
{
    unsigned char block[BLOCK_VALUES * 8];
    cvy_status status = CVY_OK;

    for (size_t first = 0; status == CVY_OK && first < count; first += BLOCK_VALUES) {
        const size_t left = count - first, taken = left < BLOCK_VALUES ? left : BLOCK_VALUES;
        status = take(zip, header, taken * header->bytes, block);
        for (size_t i = 0; status == CVY_OK && i < taken; i++)
            values[first + i] = value_of(header, block + i * header->bytes);
    }
    return status;
}

cvy_status cvy_npy_read_bytes(cvy_zip *zip, cvy_npy_header *header, size_t count,
                              unsigned char *values)
{
    return take(zip, header, count, values);
}

/* Append a code point as UTF-8; one that is none becomes U+FFFD. */
static size_t put_utf8(char *text, uint32_t code)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    if (code < 0x80) {
        text[0] = (char)code;
        return 1;
    }
    const size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = { 0, 0xC0, 0xE0, 0xF0 };
    text[0] = (char)(first[more] | code >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        text[i] = (char)(0x80 | (code >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

cvy_status cvy_npy_read_text(cvy_zip *zip, cvy_npy_header *header, char text[CVY_NPY_TEXT_BYTES])
{
    unsigned char bytes[CVY_NPY_TEXT_BYTES] = { 0 };
    size_t used = 0;
    const cvy_status status = take(zip, header, header->bytes, bytes);

    if (status != CVY_OK)
        return status;
    if (header->kind == 'S') {
        memcpy(text, bytes, CVY_NPY_TEXT_BYTES);
        return CVY_OK;
    }
    for (size_t at = 0; at < header->bytes; at += UTF8_BYTES) {
        uint32_t code = 0;
        for (size_t i = 0; i < UTF8_BYTES; i++)
            code = code << 8 | bytes[at + (header->is_swapped ? i : UTF8_BYTES - 1 - i)];
        if (code == 0)
            break;
        used += put_utf8(text + used, code);
    }
    text[used] = '\0';
    return CVY_OK;
}
