/* Package databases. The first byte picks the format (d dpkg, a apk, r a header of rpm, n ndb), the rest is the file. */
#include <stdlib.h>
#include <string.h>

#include "platform/linux/package_parse.h"

static void on_package(void *context, const struct plat_package *p)
{
    *(size_t *)context += strlen(p->name) + strlen(p->version) + strlen(p->architecture);
    if (!p->name[0] || !p->version[0])
        abort();
}

struct memory {
    const uint8_t *bytes;
    size_t         len;
};

static struct err read_memory(void *context, uint64_t offset, void *into, size_t len)
{
    const struct memory *m = context;

    if (offset > m->len || len > m->len - offset)
        return err_of(ERR_MALFORMED, "reading");
    memcpy(into, m->bytes + offset, len);
    return err_ok();
}

/* The first page is made sound, and the file is as long as its slots: a fuzzer does not find 254 times "Slot". */
static void parse_ndb(const uint8_t *bytes, size_t len)
{
    struct memory m = { bytes, len };
    uint8_t      *page;
    size_t        sum = 0;

    plat_ndb_parse(read_memory, &m, on_package, &sum);
    if (len < 64)
        return;
    page = calloc(1, 4096 + len);
    if (!page)
        return;
    memcpy(page, "RpmP", 4);
    page[12] = 1;
    for (size_t i = 2; i < 256; i++)
        memcpy(page + 16 * i, "Slot", 4);
    memcpy(page + 32 + 4, bytes, 12);
    memcpy(page + 48 + 4, bytes + 12, 12);
    memcpy(page + 4096, bytes, len);
    m = (struct memory){ page, 4096 + len };
    plat_ndb_parse(read_memory, &m, on_package, &sum);
    free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plat_rpm rpm;
    uint8_t        *bytes;
    size_t          sum = 0;

    if (size == 0)
        return 0;
    bytes = malloc(size); /* of exactly this size, so that reading on is seen */
    if (!bytes)
        return 0;
    memcpy(bytes, data + 1, size - 1);
    if (data[0] == 'r' && !failed(plat_rpm_header_parse(bytes, size - 1, &rpm)) && !rpm.name[0])
        abort();
    if (data[0] == 'n')
        parse_ndb(bytes, size - 1);
    if (data[0] == 'd' || data[0] == 'a')
        plat_paragraphs_parse(data[0] == 'd' ? &package_dpkg : &package_apk, (char *)bytes, size - 1, on_package, &sum);
    free(bytes);
    return 0;
}
