#include "base/digest.h"

#include <openssl/evp.h>

/* EVP_MD_CTX under our own name: no other file needs OpenSSL's headers. */
static EVP_MD_CTX *context_of(cvy_digest *digest)
{
    return (EVP_MD_CTX *)digest;
}

cvy_status cvy_digest_create(cvy_digest **digest)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    *digest = (cvy_digest *)context;
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        *digest = NULL;
        return cvy_fail(CVY_ERR_MEMORY, "SHA-256: libcrypto cannot start a digest");
    }
    return CVY_OK;
}

void cvy_digest_add(cvy_digest *digest, const void *bytes, size_t size)
{
    EVP_DigestUpdate(context_of(digest), bytes, size);
}

void cvy_digest_finish(cvy_digest *digest, char text[CVY_DIGEST_HEX_BYTES])
{
    static const char hexadecimal[] = "0123456789abcdef";
    unsigned char bytes[CVY_DIGEST_BYTES];

    EVP_DigestFinal_ex(context_of(digest), bytes, NULL);
    EVP_MD_CTX_free(context_of(digest));
    for (size_t i = 0; i < CVY_DIGEST_BYTES; i++) {
        text[2 * i] = hexadecimal[bytes[i] >> 4];
        text[2 * i + 1] = hexadecimal[bytes[i] & 15];
    }
    text[2 * CVY_DIGEST_BYTES] = '\0';
}
