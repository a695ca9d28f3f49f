/* safetensors: what is written is read back, byte for byte; what lies about itself is refused. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "formats/safetensors.h"

static char path[] = "/tmp/convoy-test-XXXXXX";

static void make_path(void)
{
    close(mkstemp(path));
}

static void remove_path(void)
{
    unlink(path);
}

TestSuite(safetensors, .init = make_path, .fini = remove_path);

/* A file of this header and so many bytes of data, which count up from 0. */
static cvy_status parse(const char *header, size_t data_bytes, cvy_safetensors **file)
{
    const uint64_t length = strlen(header);
    const size_t size = 8 + length + data_bytes;
    unsigned char *bytes = malloc(size);

    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    for (size_t i = 0; i < data_bytes; i++)
        bytes[8 + length + i] = (unsigned char)i;
    cvy_status status = cvy_safetensors_parse("name", bytes, size, file);
    free(bytes);
    return status;
}

static void expect_refused(const char *header, size_t data_bytes, const char *word)
{
    cvy_safetensors *file = NULL;
    cvy_status status = parse(header, data_bytes, &file);

    cr_expect(status == CVY_ERR_FORMAT || status == CVY_ERR_UNSUPPORTED, "%s", header);
    cr_expect(zero(int, strncmp(cvy_error_message(), "name: ", 6)), "%s", cvy_error_message());
    cr_expect(ne(ptr, strstr(cvy_error_message(), word), NULL), "%s: %s", header,
              cvy_error_message());
    cr_expect(eq(ptr, file, NULL));
}

#define TENSOR(name, shape, begin, end)                                                            \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

static const float kernel[6] = { 1, -2, 3.5F, 0, -0.0F, 1e-40F }, bias[1] = { 7 };
static const cvy_safetensor tensors[] = {
    { .name = "dense/kernel", .rank = 2, .dims = { 2, 3 }, .values = kernel },
    { .name = "dense/bias", .rank = 1, .dims = { 1 }, .values = bias },
};
static const cvy_safetensors_text texts[] = { { "a", "one" }, { "b", "\"two\" \\ \xc3\xa9 \n" } };

Test(safetensors, reads_back_what_it_wrote)
{
    cvy_safetensors *file;
    float values[6];

    cr_assert(eq(int, cvy_safetensors_write(path, tensors, 2, texts, 2), CVY_OK));
    cr_assert(eq(int, cvy_safetensors_open(path, &file), CVY_OK), "%s", cvy_error_message());
    cr_expect(eq(sz, cvy_safetensors_count(file), 2));
    cr_expect(eq(str, (char *)cvy_safetensors_find_text(file, "a"), (char *)texts[0].text));
    cr_expect(eq(str, (char *)cvy_safetensors_find_text(file, "b"), (char *)texts[1].text));
    cr_expect(eq(ptr, (void *)cvy_safetensors_find_text(file, "c"), NULL));
    cr_assert(eq(int, cvy_safetensors_read(file, &tensors[0], values), CVY_OK));
    cr_expect(zero(int, memcmp(values, kernel, sizeof kernel)));
    cr_assert(eq(int, cvy_safetensors_read(file, &tensors[1], values), CVY_OK));
    cr_expect(zero(int, memcmp(values, bias, sizeof bias)));
    cvy_safetensors_close(file);
    cvy_safetensors_close(NULL);
}

Test(safetensors, lays_the_file_out_as_the_format_says)
{
    unsigned char *bytes, *again;
    size_t size, size_again;
    uint64_t length;

    cr_assert(eq(int, cvy_safetensors_write(path, tensors, 2, texts, 2), CVY_OK));
    cr_assert(eq(int, cvy_file_read(path, 10000, &bytes, &size), CVY_OK));
    memcpy(&length, bytes, 8);
    cr_assert(eq(sz, size, 8 + length + 28));
    cr_expect(zero(sz, (8 + length) % 64)); /* the data begin a cache line */
    cr_expect(eq(int, bytes[8], '{'));
    cr_expect(eq(int, bytes[8 + length - 1], ' '));
    cr_expect(zero(int, memcmp(bytes + 8 + length, kernel, 24)));
    cr_expect(zero(int, memcmp(bytes + 8 + length + 24, bias, 4)));

    cr_assert(eq(int, cvy_safetensors_write(path, tensors, 2, texts, 2), CVY_OK));
    cr_assert(eq(int, cvy_file_read(path, 10000, &again, &size_again), CVY_OK));
    cr_expect(size == size_again && memcmp(bytes, again, size) == 0);
    cvy_memory_free(bytes);
    cvy_memory_free(again);
}

Test(safetensors, reads_what_others_write)
{
    cvy_safetensors *file;
    cvy_safetensor scalar = { .name = "s", .rank = 0 };
    unsigned char value[4];

    /* no metadata, padding behind the header, another order, a scalar, an empty tensor */
    cr_assert(eq(int,
                 parse("{" TENSOR("b", "[2]", 4, 12) "," TENSOR("s", "[]", 0, 4) "," TENSOR(
                           "none", "[0,5]", 12, 12) "}   ",
                       12, &file),
                 CVY_OK),
              "%s", cvy_error_message());
    cr_expect(eq(sz, cvy_safetensors_count(file), 3));
    cr_expect(eq(ptr, (void *)cvy_safetensors_find_text(file, "format"), NULL));
    cr_assert(eq(int, cvy_safetensors_read(file, &scalar, (float *)(void *)value), CVY_OK));
    cr_expect(eq(int, value[3], 3));
    cvy_safetensors_close(file);
}

Test(safetensors, refuses_to_hand_out_what_is_not_there)
{
    cvy_safetensors *file;
    float values[8];
    cvy_safetensor wanted = { .name = "b", .rank = 1, .dims = { 2 } };

    cr_assert(eq(int,
                 parse("{" TENSOR("b", "[2]", 0, 8) ",\"i\":{\"dtype\":\"I32\",\"shape\":[2],"
                                                    "\"data_offsets\":[8,16]}}",
                       16, &file),
                 CVY_OK),
              "%s", cvy_error_message());
    cr_expect(eq(int, cvy_safetensors_read(file, &wanted, values), CVY_OK));
    wanted.dims[0] = 3;
    cr_expect(eq(int, cvy_safetensors_read(file, &wanted, values), CVY_ERR_SHAPE));
    wanted = (cvy_safetensor){ .name = "b", .rank = 2, .dims = { 1, 2 } };
    cr_expect(eq(int, cvy_safetensors_read(file, &wanted, values), CVY_ERR_SHAPE));
    wanted = (cvy_safetensor){ .name = "c", .rank = 1, .dims = { 2 } };
    cr_expect(eq(int, cvy_safetensors_read(file, &wanted, values), CVY_ERR_FORMAT));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "\"c\" is missing"), NULL));
    wanted.name = "i";
    cr_expect(eq(int, cvy_safetensors_read(file, &wanted, values), CVY_ERR_UNSUPPORTED));
    cvy_safetensors_close(file);
}

Test(safetensors, refuses_headers_of_a_length_that_cannot_be)
{
    static const uint64_t lengths[] = { 0, 1, 6, 9, 100000001, UINT64_MAX, UINT64_MAX - 7 };
    unsigned char bytes[16] = { [8] = '{', '"', 'a', '"', ':', '1', '}', '}' };
    cvy_safetensors *file = NULL;

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memcpy(bytes, &lengths[i], 8);
        cr_expect(eq(int, cvy_safetensors_parse("name", bytes, 16, &file), CVY_ERR_FORMAT));
        cr_expect(ne(ptr, strstr(cvy_error_message(), "header"), NULL), "%s", cvy_error_message());
    }
    for (size_t size = 0; size < 8; size++) {
        cr_expect(eq(int, cvy_safetensors_parse("name", bytes, size, &file), CVY_ERR_FORMAT));
        cr_expect(ne(ptr, strstr(cvy_error_message(), "too short"), NULL));
    }
    cr_expect(eq(ptr, file, NULL));
}

Test(safetensors, refuses_headers_that_are_not_what_they_should_be)
{
    expect_refused("[]", 0, "does not begin with {");
    expect_refused(" {}", 0, "does not begin with {");
    expect_refused("{", 0, "not JSON");
    expect_refused("{} x", 0, "not JSON");
    expect_refused("{" TENSOR("a", "[1]", 0, 4) "," TENSOR("a", "[1]", 4, 8) "}", 8, "not JSON");
    expect_refused("{\"__metadata__\":[]}", 0, "not an object");
    expect_refused("{\"__metadata__\":{\"a\":1}}", 0, "\"a\" is not a text");
    expect_refused("{\"a\":1}", 0, "tensor \"a\": expected dtype");
    expect_refused("{\"a\":{}}", 0, "expected dtype");
    expect_refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4,
                   "two data_offsets");
    expect_refused("{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "F33");
}

Test(safetensors, refuses_sizes_that_cannot_be)
{
    expect_refused("{" TENSOR("a", "[-1]", 0, 4) "}", 4, "not a size that fits");
    expect_refused("{" TENSOR("a", "[1.0]", 0, 4) "}", 4, "not a size that fits");
    expect_refused("{" TENSOR("a", "[\"1\"]", 0, 4) "}", 4, "not a size that fits");
    expect_refused("{" TENSOR("a", "[4294967296,4294967296]", 0, 4) "}", 4, "not a size that fits");
    expect_refused("{" TENSOR("a", "[4611686018427387904]", 0, 0) "}", 0, "not a size that fits");
    expect_refused("{" TENSOR("a", "[9223372036854775808]", 0, 0) "}", 0, "not JSON");
    expect_refused("{" TENSOR("a", "[1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4, "9 dimensions");
}

Test(safetensors, refuses_places_that_cannot_be)
{
    expect_refused("{" TENSOR("a", "[1]", 4, 0) "}", 4, "run backwards");
    expect_refused("{" TENSOR("a", "[1]", -4, 0) "}", 4, "not whole numbers");
    expect_refused("{" TENSOR("a", "[2]", 0, 8) "}", 4, "end at 8, the data at 4");
    expect_refused("{" TENSOR("a", "[2]", 0, 4) "}", 4, "span 4 bytes, its shape 8");
    expect_refused("{" TENSOR("a", "[2]", 0, 8) "," TENSOR("b", "[2]", 4, 12) "}", 12, "overlaps");
    expect_refused("{" TENSOR("a", "[2]", 0, 8) "," TENSOR("b", "[2]", 0, 8) "}", 8, "overlaps");
    expect_refused("{" TENSOR("a", "[1]", 0, 4) "," TENSOR("b", "[1]", 8, 12) "}", 12, "a hole");
    expect_refused("{" TENSOR("a", "[1]", 4, 8) "}", 8, "a hole");
    expect_refused("{" TENSOR("a", "[1]", 0, 4) "}", 5, "5 bytes of data, the tensors take 4");
    expect_refused("{}", 1, "1 bytes of data");
}

Test(safetensors, names_the_file_that_cannot_be_opened_or_written)
{
    cvy_safetensors *file = NULL;

    cr_expect(eq(int, cvy_safetensors_open("/nowhere/at/all", &file), CVY_ERR_OPEN));
    cr_expect(eq(int, cvy_safetensors_open("/", &file), CVY_ERR_READ));
    cr_expect(
        eq(int, cvy_safetensors_write("/nowhere/at/all", tensors, 2, texts, 2), CVY_ERR_OPEN));
    cr_expect(ne(ptr, strstr(cvy_error_message(), "/nowhere/at/all"), NULL));
    cr_expect(eq(ptr, file, NULL));
}
