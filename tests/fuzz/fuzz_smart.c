/* What disks say, and how it is handed on. The first byte picks the parser, the rest is the page or the line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/diskline.h"

static void check(const struct smart_health *h)
{
    if ((!isnan(h->wear) && (h->wear < 0 || h->wear > 1)) || (!isnan(h->spare) && (h->spare < 0 || h->spare > 1)) ||
        h->error_count > SMART_ERRORS_MAX)
        abort();
    for (size_t i = 0; i < h->error_count; i++)
        if (!h->errors[i].kind || smart_error_kind(h->errors[i].kind) != h->errors[i].kind)
            abort();
}

/* What was printed parses, and says the same. */
static void print_and_parse(const struct plat_disk_health *disk)
{
    struct plat_disk_health back;
    struct buf              line;

    buf_init(&line, 8192);
    if (failed(diskline_print(disk, &line)) || failed(diskline_parse(line.data, line.len - 1, &back)) ||
        strcmp(back.device, disk->device) != 0 || back.answer != disk->answer)
        abort();
    buf_done(&line);
}

static void parse_line(const char *text, size_t len)
{
    struct plat_disk_health disk;

    if (failed(diskline_parse(text, len, &disk)))
        return;
    check(&disk.health);
    print_and_parse(&disk);
}

static void parse_page(int which, const uint8_t *page, const uint8_t *second)
{
    struct smart_health h;
    struct smart_ata    a;

    smart_health_init(&h);
    if (which == 'i')
        (void)smart_ata_identity_parse(page, &a);
    else if (which == 'd')
        (void)smart_ata_parse(page, second, true, &h);
    else if (which == 's')
        (void)smart_ata_statistics_parse(page, &h);
    else if (which == 'n')
        (void)smart_nvme_parse(page, &h);
    check(&h);
}

static void parse(int which, uint8_t *bytes, size_t len)
{
    struct smart_health    h;
    struct smart_registers r;

    smart_health_init(&h);
    if (which == 'l')
        parse_line((const char *)bytes, len);
    else if (which == 'x')
        (void)smart_scsi_exceptions_parse(bytes, len, &h);
    else if (which == 'm')
        (void)smart_scsi_media_parse(bytes, len, &h);
    else if (which == 'r')
        (void)smart_registers_parse(bytes, len, &r);
    else if (len >= SMART_PAGE_BYTES)
        parse_page(which, bytes, len >= 2 * SMART_PAGE_BYTES ? bytes + SMART_PAGE_BYTES : NULL);
    check(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes;

    if (size == 0)
        return 0;
    bytes = malloc(size); /* of exactly this size, so that reading on is seen */
    if (!bytes)
        return 0;
    memcpy(bytes, data + 1, size - 1);
    parse(data[0], bytes, size - 1);
    free(bytes);
    return 0;
}
