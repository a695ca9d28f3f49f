#define _GNU_SOURCE /* memmem() */
#include "checkpoints/checkpoint_file.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/output.h"

/* In the compact JSON of the header. A quotation mark inside a text is written as \", so nothing
 * else in the header looks like this. */
static const char checksum_key[] = "checksum", checksum_start[] = "\"checksum\":\"";
enum {
    KEY_BYTES = sizeof checksum_start - 1,
    HEX_BYTES = CVY_DIGEST_HEX_BYTES - 1,
    LENGTH_BYTES = 8
};
static const char zeros[CVY_DIGEST_HEX_BYTES] =
    "0000000000000000000000000000000000000000000000000000000000000000";
static const size_t file_bytes_max = (size_t)1 << 33;

/* The position of the 64 digits, or NULL. */
static unsigned char *find_checksum(unsigned char *bytes, size_t size)
{
    uint64_t length;

    if (size < LENGTH_BYTES)
        return NULL;
    memcpy(&length, bytes, LENGTH_BYTES);
    if (length > size - LENGTH_BYTES)
        return NULL;
    const unsigned char *end = bytes + LENGTH_BYTES + length;
    unsigned char *key = memmem(bytes + LENGTH_BYTES, length, checksum_start, KEY_BYTES);
    return key != NULL && (size_t)(end - key) >= KEY_BYTES + HEX_BYTES ? key + KEY_BYTES : NULL;
}

static cvy_status sum(const unsigned char *bytes, size_t size, char text[CVY_DIGEST_HEX_BYTES])
{
    cvy_digest *digest;
    cvy_status status = cvy_digest_create(&digest);

    if (status != CVY_OK)
        return status;
    cvy_digest_add(digest, bytes, size);
    cvy_digest_finish(digest, text);
    return CVY_OK;
}

static cvy_status print(const cvy_checkpoint_content *content, unsigned char **bytes, size_t *size)
{
    cvy_safetensors_text texts[CVY_CHECKPOINT_TEXTS_MAX + 1];
    char text[CVY_DIGEST_HEX_BYTES];

    assert(content->text_count <= CVY_CHECKPOINT_TEXTS_MAX);
    memcpy(texts, content->texts, content->text_count * sizeof *texts);
    texts[content->text_count] = (cvy_safetensors_text){ checksum_key, zeros };
    cvy_status status = cvy_safetensors_print(content->tensors, content->tensor_count, texts,
                                              content->text_count + 1, bytes, size);
    if (status != CVY_OK)
        return status;
    status = sum(*bytes, *size, text);
    if (status == CVY_OK)
        memcpy(find_checksum(*bytes, *size), text, HEX_BYTES);
    else
        cvy_memory_free(*bytes);
    return status;
}

cvy_status cvy_checkpoint_write(const char *path, const cvy_checkpoint_content *content)
{
    unsigned char *bytes;
    size_t size;
    cvy_status status = print(content, &bytes, &size);

    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", path);
    status = cvy_file_write(path, bytes, size);
    cvy_memory_free(bytes);
    return status;
}

/* The bytes are unchanged when this returns. */
static cvy_status verify(const char *path, unsigned char *bytes, size_t size)
{
    char found[CVY_DIGEST_HEX_BYTES] = "", computed[CVY_DIGEST_HEX_BYTES];
    unsigned char *checksum = find_checksum(bytes, size);

    if (checksum == NULL)
        return cvy_fail(CVY_ERR_FORMAT, "%s: not a checkpoint, or cut short: it has no checksum",
                        path);
    memcpy(found, checksum, HEX_BYTES);
    memcpy(checksum, zeros, HEX_BYTES);
    cvy_status status = sum(bytes, size, computed);
    memcpy(checksum, found, HEX_BYTES);
    if (status == CVY_OK && strcmp(found, computed) != 0)
        status = cvy_fail(CVY_ERR_FORMAT, "%s: damaged: its checksum does not match", path);
    return status;
}

cvy_status cvy_checkpoint_open(const char *path, cvy_safetensors **file)
{
    unsigned char *bytes;
    size_t size;
    cvy_status status = cvy_file_read(path, file_bytes_max, &bytes, &size);

    if (status != CVY_OK)
        return status;
    status = verify(path, bytes, size);
    if (status == CVY_OK)
        status = cvy_safetensors_parse(path, bytes, size, file);
    cvy_memory_free(bytes);
    return status;
}
