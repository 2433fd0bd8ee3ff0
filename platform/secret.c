#include "platform/secret.h"

#include <string.h>

/* In one piece, so that growing leaves no copies behind. */
struct err plat_secret_parse(const char *bytes, size_t len, struct buf *into)
{
    if (len > SECRET_MAX_BYTES)
        return err_of(ERR_TOO_BIG, "reading a secret");
    if (len > 0 && bytes[len - 1] == '\n')
        len--;
    if (len > 0 && bytes[len - 1] == '\r')
        len--;
    if (len == 0 || memchr(bytes, '\0', len))
        return err_of(ERR_MALFORMED, "reading a secret");
    return buf_add(into, bytes, len);
}
