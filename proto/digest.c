#include "proto/digest.h"

#include <mbedtls/sha256.h>
#include <string.h>

void digest_sha256(const void *bytes, size_t len, uint8_t ret[DIGEST_BYTES])
{
    /* in software it cannot fail; should a platform's engine do so, zeros are nobody's digest */
    if (mbedtls_sha256(bytes, len, ret, 0) != 0)
        memset(ret, 0, DIGEST_BYTES);
}

void digest_hex(const uint8_t *bytes, size_t len, char *into)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *into++ = digits[bytes[i] >> 4];
        *into++ = digits[bytes[i] & 15];
    }
    *into = '\0';
}

void digest_sha256_text(const void *bytes, size_t len, char ret[DIGEST_TEXT_BYTES])
{
    uint8_t digest[DIGEST_BYTES];

    digest_sha256(bytes, len, digest);
    digest_hex(digest, sizeof digest, ret);
}
