/* SHA256_*() are deprecated since OpenSSL 3.0, but allocate nothing. EVP loads providers first; if
 * memory runs out meanwhile, OpenSSL 3.0.22 crashes: EVP_MD_fetch() locks a lock that was never
 * created. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <openssl/sha.h>

#include "base/memory.h"

struct cvy_digest {
    SHA256_CTX context;
};

cvy_status cvy_digest_create(cvy_digest **digest)
{
    const cvy_status status = cvy_memory_create(1, sizeof **digest, digest);

    if (status == CVY_OK)
        SHA256_Init(&(*digest)->context);
    return status;
}

void cvy_digest_add(cvy_digest *digest, const void *bytes, size_t size)
{
    SHA256_Update(&digest->context, bytes, size);
}

void cvy_digest_finish(cvy_digest *digest, char text[CVY_DIGEST_HEX_BYTES])
{
    static const char hexadecimal[] = "0123456789abcdef";
    unsigned char bytes[CVY_DIGEST_BYTES];

    SHA256_Final(bytes, &digest->context);
    cvy_memory_free(digest);
    for (size_t i = 0; i < CVY_DIGEST_BYTES; i++) {
        text[2 * i] = hexadecimal[bytes[i] >> 4];
        text[2 * i + 1] = hexadecimal[bytes[i] & 15];
    }
    text[2 * CVY_DIGEST_BYTES] = '\0';
}
