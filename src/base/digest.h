/* SHA-256 (FIPS 180-4), by OpenSSL's libcrypto. */
#ifndef CVY_BASE_DIGEST_H
#define CVY_BASE_DIGEST_H

#include <stddef.h>

#include "base/error.h"

enum { CVY_DIGEST_BYTES = 32, CVY_DIGEST_HEX_BYTES = 2 * CVY_DIGEST_BYTES + 1 };

typedef struct cvy_digest cvy_digest;

/** Fails with CVY_ERR_MEMORY only. */
cvy_status cvy_digest_create(cvy_digest **digest);
void cvy_digest_add(cvy_digest *digest, const void *bytes, size_t size);

/** Write the digest in lower-case hexadecimal with a final NUL, and release `digest`. */
void cvy_digest_finish(cvy_digest *digest, char text[CVY_DIGEST_HEX_BYTES]);

#endif
