#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/hardware.h"
#include "platform/linux/drive_parse.h"
#include "platform/linux/rooted.h"

enum { SECTOR_BYTES = 512 };

struct walk {
    const struct plat_source *from;
    plat_drive_fn            *each;
    void                     *context;
};

const char *plat_drive_bus(const char *link)
{
    static const struct {
        const char *part, *bus;
    } buses[] = {
        { "/usb", "usb" },       { "/nvme", "nvme" },    { "/virtio", "virtio" },     { "/mmc", "mmc" },
        { "/ata", "ata" },       { "/vmbus", "hyperv" }, { "/VMBUS", "hyperv" },      { "/vbd-", "xen" },
        { "/session", "iscsi" }, { "/rport-", "fc" },    { "/firewire", "firewire" }, { "/end_device-", "sas" },
        { "/host", "scsi" },
    };

    for (size_t i = 0; i < ARRAY_LEN(buses); i++)
        if (strstr(link, buses[i].part))
            return buses[i].bus;
    return "";
}

size_t plat_scsi_serial(const char *page, size_t len, char *into, size_t size)
{
    size_t count = len >= 4 ? (size_t)(unsigned char)page[3] : 0, n = 0;

    for (size_t i = 0; i < count && 4 + i < len && n + 1 < size; i++)
        if (page[4 + i] > ' ' && page[4 + i] < 0x7f)
            into[n++] = page[4 + i];
    into[n] = '\0';
    return n;
}

/* NVMe, virtio and MMC say it in a file; a SCSI or ATA disk in its page 0x80, or udev's notes have it. */
static void read_serial(const char *root, const char *name, char *into, size_t size)
{
    char        path[ROOTED_PATH_BYTES], device[32];
    struct buf  text;
    const char *found;

    if (!failed(rooted_line(root, into, size, "/sys/block/%s/device/serial", name)) && into[0])
        return;
    if (!failed(rooted_line(root, into, size, "/sys/block/%s/serial", name)) && into[0])
        return;
    into[0] = '\0';
    buf_init(&text, 64 << 10);
    if (rooted_path("", path, "/sys/block/%s/device/vpd_pg80", name) &&
        !failed(rooted_read(root, path, "reading a disk's serial number", &text)) &&
        plat_scsi_serial(text.data, text.len, into, size)) {
        buf_done(&text);
        return;
    }
    buf_clear(&text);
    if (!failed(rooted_line(root, device, sizeof device, "/sys/block/%s/dev", name)) &&
        rooted_path("", path, "/run/udev/data/b%s", device) &&
        !failed(rooted_read(root, path, "reading udev's notes", &text))) {
        found = strstr(buf_text(&text), "E:ID_SERIAL_SHORT=");
        if (found)
            snprintf(into, size, "%.*s", (int)strcspn(found + 18, "\n"), found + 18);
    }
    buf_done(&text);
}

/* Without a device behind it a name is a loop, a RAM disk or made of others (dm, md). */
static void take_drive(void *context, const char *name)
{
    const struct walk *w = context;
    const char        *root = w->from->root;
    char               link[512], line[64];
    struct plat_drive  d = { .name = "" };

    if (strlen(name) >= sizeof d.name || strncmp(name, "sr", 2) == 0 || strncmp(name, "fd", 2) == 0 ||
        strstr(name, "boot") || !rooted_exists(root, "/sys/block/%s/device", name))
        return;
    snprintf(d.name, sizeof d.name, "%s", name);
    if (!failed(rooted_line(root, line, sizeof line, "/sys/block/%s/size", name)))
        d.size_bytes = strtoull(line, NULL, 10) * SECTOR_BYTES;
    if (d.size_bytes == 0) /* a card reader without a card */
        return;
    if (failed(rooted_line(root, d.model, sizeof d.model, "/sys/block/%s/device/model", name)))
        rooted_line(root, d.model, sizeof d.model, "/sys/block/%s/device/name", name);
    if (failed(rooted_line(root, d.firmware, sizeof d.firmware, "/sys/block/%s/device/firmware_rev", name)))
        rooted_line(root, d.firmware, sizeof d.firmware, "/sys/block/%s/device/rev", name);
    d.rotational =
        !failed(rooted_line(root, line, sizeof line, "/sys/block/%s/queue/rotational", name)) && line[0] == '1';
    d.removable = !failed(rooted_line(root, line, sizeof line, "/sys/block/%s/removable", name)) && line[0] == '1';
    if (rooted_link(root, link, sizeof link, "/sys/block/%s", name))
        snprintf(d.bus, sizeof d.bus, "%s", plat_drive_bus(link));
    read_serial(root, name, d.serial, sizeof d.serial);
    w->each(w->context, &d);
}

void plat_drives_each(const struct plat_source *from, plat_drive_fn *each, void *context)
{
    struct walk w = { from, each, context };
    struct err  e = rooted_each(from->root, "/sys/block", take_drive, &w);

    if (failed(e) && (e.code != ERR_NOT_FOUND || !from->root[0]))
        from->gap(from->context, "disks", e);
}
