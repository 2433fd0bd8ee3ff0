#include "proto/ustar.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 512 };

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2];
    char user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* The sum of its bytes, with blanks where the sum will be. */
static void put_checksum(struct header *h)
{
    const unsigned char *bytes = (const unsigned char *)h;
    unsigned             sum = 0;

    memset(h->checksum, ' ', sizeof h->checksum);
    for (size_t i = 0; i < sizeof *h; i++)
        sum += bytes[i];
    snprintf(h->checksum, sizeof h->checksum, "%06o", sum);
}

static struct err put_blanks(struct buf *into, size_t len)
{
    static const char nothing[2 * BLOCK];

    return buf_add(into, nothing, len);
}

struct err ustar_put(struct buf *into, const char *name, int64_t mtime_s, const void *bytes, size_t len)
{
    struct header h = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
    const size_t  before = into->len;
    struct err    e;

    assert(strlen(name) < sizeof h.name);
    snprintf(h.name, sizeof h.name, "%s", name);
    snprintf(h.mode, sizeof h.mode, "%07o", 0600U);
    snprintf(h.uid, sizeof h.uid, "%07o", 0U);
    snprintf(h.gid, sizeof h.gid, "%07o", 0U);
    snprintf(h.size, sizeof h.size, "%011" PRIo64, (uint64_t)len & 077777777777);
    snprintf(h.mtime, sizeof h.mtime, "%011" PRIo64, (uint64_t)(mtime_s > 0 ? mtime_s : 0) & 077777777777);
    put_checksum(&h);
    e = buf_add(into, &h, sizeof h);
    if (!failed(e))
        e = buf_add(into, bytes, len);
    if (!failed(e))
        e = put_blanks(into, (BLOCK - len % BLOCK) % BLOCK);
    if (failed(e))
        buf_cut(into, before);
    return e;
}

struct err ustar_end(struct buf *into)
{
    return put_blanks(into, 2 * BLOCK);
}
