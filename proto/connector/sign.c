#include "proto/connector/sign.h"

#include <mbedtls/md.h>
#include <stdio.h>
#include <string.h>

struct err base64_add(struct buf *into, const void *bytes, size_t len)
{
    static const char    digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = bytes;
    struct err           e = err_ok();

    for (size_t i = 0; i < len && !failed(e); i += 3) {
        size_t   left = len - i;
        unsigned three = (unsigned)from[i] << 16 | (left > 1 ? (unsigned)from[i + 1] << 8 : 0) |
                         (left > 2 ? (unsigned)from[i + 2] : 0);
        char four[4] = { digits[three >> 18], digits[three >> 12 & 63], left > 1 ? digits[three >> 6 & 63] : '=',
                         left > 2 ? digits[three & 63] : '=' };

        e = buf_add(into, four, sizeof four);
    }
    return e;
}

static mbedtls_md_type_t md_type(enum digest_kind digest)
{
    switch (digest) {
    case DIGEST_SHA1:
        return MBEDTLS_MD_SHA1;
    case DIGEST_SHA384:
        return MBEDTLS_MD_SHA384;
    case DIGEST_SHA512:
        return MBEDTLS_MD_SHA512;
    default:
        return MBEDTLS_MD_SHA256;
    }
}

struct err signature_add(struct buf *into, enum digest_kind digest, enum digest_print print, const struct buf *key,
                         const struct buf *text)
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(md_type(digest));
    unsigned char            mac[MBEDTLS_MD_MAX_SIZE];
    char                     hex[2 * MBEDTLS_MD_MAX_SIZE + 1] = "";
    size_t                   size = info ? mbedtls_md_get_size(info) : 0;

    if (!info)
        return err_of(ERR_UNSUPPORTED, "signing a request");
    if (mbedtls_md_hmac(info, (const unsigned char *)buf_text(key), key->len, (const unsigned char *)buf_text(text),
                        text->len, mac) != 0)
        return err_of(ERR_NO_MEMORY, "signing a request");
    if (print == PRINT_BASE64)
        return base64_add(into, mac, size);
    for (size_t i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    return print == PRINT_HEX ? buf_add_text(into, hex) : base64_add(into, hex, strlen(hex));
}
