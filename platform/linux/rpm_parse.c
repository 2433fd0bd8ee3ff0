#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/linux/package_parse.h"

static uint32_t big(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t little(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* ---- a header: two counts, an index, its data; all big-endian ---- */

enum {
    ENTRY_BYTES = 16,
    ENTRIES_MAX = 0xffff, /* rpm's own limits */
    TYPE_INT32 = 4,
    TYPE_STRING = 6,
    TAG_NAME = 1000,
    TAG_VERSION = 1001,
    TAG_RELEASE = 1002,
    TAG_EPOCH = 1003,
    TAG_ARCHITECTURE = 1022,
};

struct header {
    const uint8_t *index, *data;
    size_t         entries, data_bytes;
};

static bool open_header(const uint8_t *bytes, size_t len, struct header *ret)
{
    if (len < 8)
        return false;
    ret->entries = big(bytes);
    ret->data_bytes = big(bytes + 4);
    if (ret->entries == 0 || ret->entries > ENTRIES_MAX || ret->data_bytes > RPM_HEADER_MAX ||
        8 + ret->entries * ENTRY_BYTES + ret->data_bytes > len)
        return false;
    ret->index = bytes + 8;
    ret->data = ret->index + ret->entries * ENTRY_BYTES;
    return true;
}

/* The value's first byte, and how many bytes are left from there. */
static const uint8_t *find(const struct header *h, uint32_t tag, uint32_t type, size_t *ret_room)
{
    for (size_t i = 0; i < h->entries; i++) {
        const uint8_t *entry = h->index + i * ENTRY_BYTES;
        uint32_t       offset = big(entry + 8);

        if (big(entry) != tag)
            continue;
        if (big(entry + 4) != type || big(entry + 12) < 1 || offset >= h->data_bytes)
            return NULL;
        *ret_room = h->data_bytes - offset;
        return h->data + offset;
    }
    return NULL;
}

static bool copy_text(const struct header *h, uint32_t tag, char *into, size_t size)
{
    size_t         room = 0;
    const uint8_t *at = find(h, tag, TYPE_STRING, &room);
    const uint8_t *end = at ? memchr(at, '\0', room) : NULL;

    if (!end || (size_t)(end - at) >= size)
        return false;
    memcpy(into, at, (size_t)(end - at) + 1);
    return true;
}

struct err plat_rpm_header_parse(const void *bytes, size_t len, struct plat_rpm *ret)
{
    struct header   h;
    struct plat_rpm rpm = { "", "", "" };
    char            version[PACKAGE_VERSION_MAX / 2 - 8], release[PACKAGE_VERSION_MAX / 2 - 8], epoch[16] = "";
    size_t          room = 0;
    const uint8_t  *number;

    if (!open_header(bytes, len, &h) || !copy_text(&h, TAG_NAME, rpm.name, sizeof rpm.name) || !rpm.name[0] ||
        !copy_text(&h, TAG_VERSION, version, sizeof version) || !copy_text(&h, TAG_RELEASE, release, sizeof release))
        return err_of(ERR_MALFORMED, "reading a header of rpm");
    copy_text(&h, TAG_ARCHITECTURE, rpm.architecture, sizeof rpm.architecture);
    number = find(&h, TAG_EPOCH, TYPE_INT32, &room);
    if (number && room >= 4)
        snprintf(epoch, sizeof epoch, "%u:", (unsigned)big(number));
    snprintf(rpm.version, sizeof rpm.version, "%s%s-%s", epoch, version, release);
    *ret = rpm;
    return err_ok();
}

/* ---- ndb: pages of slots, each telling where a header lies; all little-endian ---- */

enum {
    NDB_MAGIC = 0x506d7052,  /* "RpmP" */
    SLOT_MAGIC = 0x746f6c53, /* "Slot" */
    BLOB_MAGIC = 0x53626c42, /* "BlbS" */
    SLOT_BYTES = 16,
    PAGE_BYTES = 4096,
    PAGES_MAX = 4096, /* a million packages */
    UNIT_BYTES = 16,  /* blobs are counted in it */
};

struct ndb {
    ndb_read_fn     *read;
    void            *source;
    plat_package_fn *each;
    void            *context;
};

static struct err torn(void)
{
    return err_of(ERR_MALFORMED, "reading rpm's Packages.db");
}

static struct err take_blob(const struct ndb *n, const uint8_t *slot)
{
    uint64_t        offset = (uint64_t)little(slot + 8) * UNIT_BYTES, room = (uint64_t)little(slot + 12) * UNIT_BYTES;
    uint8_t         head[16], *bytes;
    struct plat_rpm rpm;
    uint32_t        len;
    struct err      e = n->read(n->source, offset, head, sizeof head);

    if (failed(e))
        return e;
    len = little(head + 12);
    if (little(head) != BLOB_MAGIC || memcmp(head + 4, slot + 4, 4) != 0 || len > RPM_HEADER_MAX || len > room)
        return torn();
    bytes = malloc(len ? len : 1);
    if (!bytes)
        return err_of(ERR_NO_MEMORY, "reading rpm's Packages.db");
    e = n->read(n->source, offset + sizeof head, bytes, len);
    if (!failed(e))
        e = plat_rpm_header_parse(bytes, len, &rpm);
    free(bytes);
    if (!failed(e))
        n->each(n->context, &(struct plat_package){ "rpm", rpm.name, rpm.version, rpm.architecture });
    return e;
}

/* A damaged package does not hide the others. */
static struct err take_page(const struct ndb *n, const uint8_t page[PAGE_BYTES], size_t first)
{
    struct err worst = err_ok();

    for (size_t i = first; i < PAGE_BYTES / SLOT_BYTES; i++) {
        const uint8_t *slot = page + i * SLOT_BYTES;
        struct err     e = err_ok();

        if (little(slot) != SLOT_MAGIC)
            e = torn();
        else if (little(slot + 4) != 0 && little(slot + 8) != 0) /* in use */
            e = take_blob(n, slot);
        if (failed(e))
            worst = e;
        if (e.code == ERR_NO_MEMORY)
            break;
    }
    return worst;
}

struct err plat_ndb_parse(ndb_read_fn *read, void *source, plat_package_fn *each, void *context)
{
    const struct ndb n = { read, source, each, context };
    uint8_t          page[PAGE_BYTES];
    uint32_t         pages = 1;
    struct err       e, worst = err_ok();

    for (uint32_t p = 0; p < pages; p++) {
        e = read(source, (uint64_t)p * PAGE_BYTES, page, sizeof page);
        if (failed(e))
            return e;
        if (p == 0) {
            pages = little(page + 12);
            if (little(page) != NDB_MAGIC || little(page + 4) != 0 || pages < 1 || pages > PAGES_MAX)
                return torn();
        }
        e = take_page(&n, page, p == 0 ? 2 : 0); /* the file's own header takes the place of two */
        if (failed(e))
            worst = e;
        if (e.code == ERR_NO_MEMORY)
            break;
    }
    return worst;
}
