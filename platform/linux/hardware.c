#include "platform/hardware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/linux/drive_parse.h"
#include "platform/linux/parse.h"
#include "platform/linux/rooted.h"
#include "platform/linux/scan.h"

enum { TABLES_MAX_BYTES = 1 << 20, HEAD_ROOM = 16 << 10 };

/* ---- firmware ---- */

static const struct {
    const char             *name; /* in /sys/class/dmi/id */
    enum plat_hardware_text text;
    bool                    is_for_root;
} texts[] = {
    { "sys_vendor", HARDWARE_MANUFACTURER, false },
    { "product_name", HARDWARE_PRODUCT, false },
    { "product_version", HARDWARE_VERSION, false },
    { "product_serial", HARDWARE_SERIAL, true },
    { "product_uuid", HARDWARE_UUID, true },
    { "product_sku", HARDWARE_SKU, false },
    { "product_family", HARDWARE_FAMILY, false },
    { "board_vendor", HARDWARE_BOARD_MANUFACTURER, false },
    { "board_name", HARDWARE_BOARD_PRODUCT, false },
    { "board_version", HARDWARE_BOARD_VERSION, false },
    { "board_serial", HARDWARE_BOARD_SERIAL, true },
    { "chassis_vendor", HARDWARE_CHASSIS_MANUFACTURER, false },
    { "chassis_serial", HARDWARE_CHASSIS_SERIAL, true },
    { "chassis_asset_tag", HARDWARE_ASSET_TAG, false },
    { "bios_vendor", HARDWARE_FIRMWARE_VENDOR, false },
    { "bios_version", HARDWARE_FIRMWARE_VERSION, false },
    { "bios_date", HARDWARE_FIRMWARE_DATE, false },
};

static void read_texts(const struct plat_source *from, struct plat_hardware *ret)
{
    char       line[256];
    struct err denied = err_ok();

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char      *into = ret->text[texts[i].text];
        struct err e;

        if (into[0])
            continue;
        e = rooted_line(from->root, line, sizeof line, "/sys/class/dmi/id/%s", texts[i].name);
        if (!failed(e))
            plat_hardware_copy(into, line, strlen(line));
        else if (e.code == ERR_DENIED)
            denied = e;
    }
    if (failed(denied))
        from->gap(from->context, "serial numbers, UUID", denied);
    if (!ret->text[HARDWARE_CHASSIS_KIND][0] &&
        !failed(rooted_line(from->root, line, sizeof line, "/sys/class/dmi/id/chassis_type")))
        snprintf(ret->text[HARDWARE_CHASSIS_KIND], HARDWARE_TEXT_MAX, "%s",
                 plat_chassis_kind((unsigned)strtoul(line, NULL, 10)));
}

/* A board without such tables (ARM) may describe itself in the device tree. */
static void read_device_tree(const struct plat_source *from, struct plat_hardware *ret)
{
    static const struct {
        const char             *name;
        enum plat_hardware_text text;
    } nodes[] = { { "model", HARDWARE_PRODUCT }, { "serial-number", HARDWARE_SERIAL } };
    char line[256];

    for (size_t i = 0; i < ARRAY_LEN(nodes); i++)
        if (!ret->text[nodes[i].text][0] &&
            !failed(rooted_line(from->root, line, sizeof line, "/proc/device-tree/%s", nodes[i].name)))
            plat_hardware_copy(ret->text[nodes[i].text], line, strlen(line));
}

/* 2.x: "_SM_" with the version at 6; 3.x: "_SM3_" with it at 7. */
static unsigned version_of(const struct buf *entry)
{
    const uint8_t *at = (const uint8_t *)entry->data;

    if (entry->len >= 8 && memcmp(at, "_SM_", 4) == 0)
        return (unsigned)at[6] << 8 | at[7];
    if (entry->len >= 9 && memcmp(at, "_SM3_", 5) == 0)
        return (unsigned)at[7] << 8 | at[8];
    return 0x0206;
}

void plat_hardware_read(const struct plat_source *from, plat_memory_module_fn *each, void *context,
                        struct plat_hardware *ret)
{
    static const char step[] = "reading the firmware's tables";
    struct buf        tables, entry;
    struct err        e;

    *ret = (struct plat_hardware){ .slots = 0 };
    buf_init(&tables, TABLES_MAX_BYTES);
    buf_init(&entry, 256);
    e = rooted_read(from->root, "/sys/firmware/dmi/tables/DMI", step, &tables);
    if (!failed(e)) {
        (void)rooted_read(from->root, "/sys/firmware/dmi/tables/smbios_entry_point", step, &entry);
        e = plat_smbios_parse(tables.data, tables.len, version_of(&entry), each, context, ret);
    }
    if (failed(e) && e.code != ERR_NOT_FOUND)
        from->gap(from->context, "memory modules", e);
    read_texts(from, ret);
    read_device_tree(from, ret);
    buf_done(&tables);
    buf_done(&entry);
}

/* ---- processors ---- */

void plat_cpuinfo_value(const char *text, const char *key, char *into, size_t size)
{
    struct scan all = { text, strlen(text) }, line, name;

    into[0] = '\0';
    while (!into[0] && scan_line(&all, &line)) {
        if (!scan_until(&line, ':', &name))
            continue;
        while (name.len && strchr(" \t", name.at[name.len - 1]))
            name.len--;
        while (line.len && strchr(" \t", line.at[0])) {
            line.at++;
            line.len--;
        }
        if (scan_is(name, key))
            snprintf(into, size, "%.*s", (int)line.len, line.at);
    }
}

struct topology {
    const char *root;
    uint64_t   *seen; /* socket and core of each */
    size_t      count, room;
    uint32_t    threads;
    bool        is_known;
};

static bool remember(struct topology *t, uint64_t value)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->seen[i] == value)
            return true;
    if (t->count == t->room) {
        size_t    room = t->room ? 2 * t->room : 64;
        uint64_t *more = realloc(t->seen, room * sizeof *more);

        if (!more)
            return false;
        t->seen = more;
        t->room = room;
    }
    t->seen[t->count++] = value;
    return true;
}

/* The clusters of an ARM system each count their cores from 0 and have no package: then the core's number is unknown. */
static void take_cpu(void *context, const char *name)
{
    struct topology *t = context;
    char             package[32], core[32], online[8];

    if (strncmp(name, "cpu", 3) != 0 || !name[3] || name[3 + strspn(name + 3, "0123456789")])
        return;
    if (!failed(rooted_line(t->root, online, sizeof online, "/sys/devices/system/cpu/%s/online", name)) &&
        online[0] == '0')
        return;
    t->threads++;
    if (failed(rooted_line(t->root, package, sizeof package, "/sys/devices/system/cpu/%s/topology/physical_package_id",
                           name)) ||
        failed(rooted_line(t->root, core, sizeof core, "/sys/devices/system/cpu/%s/topology/core_id", name)) ||
        package[0] == '-' || core[0] == '-' ||
        !remember(t, strtoull(package, NULL, 10) << 32 | (strtoull(core, NULL, 10) & 0xffffffff)))
        t->is_known = false;
}

static void count_cores(const char *root, struct plat_processor *ret)
{
    struct topology t = { .root = root, .is_known = true };

    (void)rooted_each(root, "/sys/devices/system/cpu", take_cpu, &t);
    ret->threads = t.threads;
    if (t.is_known && t.count) {
        ret->cores = (uint32_t)t.count;
        for (size_t i = 0; i < t.count; i++) {
            bool first = true;

            for (size_t k = 0; k < i; k++)
                first = first && t.seen[k] >> 32 != t.seen[i] >> 32;
            ret->sockets += first;
        }
    }
    free(t.seen);
}

void plat_processor_read(const struct plat_source *from, struct plat_processor *ret)
{
    static const char *const models[] = { "model name", "Model", "Hardware", "cpu model", "cpu" };
    static const char *const vendors[] = { "vendor_id", "CPU implementer" };
    char                    *text = malloc(HEAD_ROOM);

    *ret = (struct plat_processor){ .threads = 0 };
    count_cores(from->root, ret);
    if (!text || rooted_head(from->root, "/proc/cpuinfo", text, HEAD_ROOM) == 0) {
        free(text);
        return;
    }
    for (size_t i = 0; !ret->model[0] && i < ARRAY_LEN(models); i++)
        plat_cpuinfo_value(text, models[i], ret->model, sizeof ret->model);
    for (size_t i = 0; !ret->vendor[0] && i < ARRAY_LEN(vendors); i++)
        plat_cpuinfo_value(text, vendors[i], ret->vendor, sizeof ret->vendor);
    free(text);
}

uint64_t plat_visible_memory_bytes(const struct plat_source *from)
{
    struct plat_memory memory = { 0 };
    struct buf         text;

    buf_init(&text, 64 << 10);
    if (failed(rooted_read(from->root, "/proc/meminfo", "reading /proc/meminfo", &text)) ||
        failed(plat_memory_parse(text.data, text.len, &memory)))
        memory.total_bytes = 0;
    buf_done(&text);
    return memory.total_bytes >> 20 << 20;
}
