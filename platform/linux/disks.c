#include "platform/disks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"
#include "platform/linux/verdicts.h"

enum {
    SECTOR_BYTES = 512, /* in this file always, whatever the disk's own are */
    MAJOR_RAM = 1,
    MAJOR_FLOPPY = 2,
    MAJOR_LOOP = 7,
    MAJOR_CDROM = 11,
};

/* The columns behind the name; later kernels add more. */
// clang-format off
enum { READS, READS_MERGED, SECTORS_READ, READ_MS, WRITES, WRITES_MERGED, SECTORS_WRITTEN, WRITE_MS,
       UNDER_WAY, BUSY_MS, WAITED_MS, COLUMNS };
// clang-format on

static struct procfile file = {
    .path = "/proc/diskstats", .step = "reading /proc/diskstats", .max_bytes = 4 << 20, .rows = true
};
static struct verdicts verdicts;

struct reading {
    plat_disk_fn *each;
    void         *context;
    bool          seen; /* something that might be a disk */
};

static bool parse_row(struct scan line, struct plat_disk *ret, char name[PLAT_DISK_NAME_MAX], uint64_t *ret_major)
{
    uint64_t    number[2], column[COLUMNS];
    struct scan word;

    if (!scan_u64s(&line, number, 2) || !scan_word(&line, &word) || !scan_u64s(&line, column, COLUMNS) ||
        !scan_copy(word, name, PLAT_DISK_NAME_MAX))
        return false;
    if (column[SECTORS_READ] > UINT64_MAX / SECTOR_BYTES || column[SECTORS_WRITTEN] > UINT64_MAX / SECTOR_BYTES)
        return false;
    *ret = (struct plat_disk){
        .name = name,
        .read_bytes = column[SECTORS_READ] * SECTOR_BYTES,
        .written_bytes = column[SECTORS_WRITTEN] * SECTOR_BYTES,
        .reads = column[READS],
        .writes = column[WRITES],
        .read_ms = column[READ_MS],
        .write_ms = column[WRITE_MS],
        .busy_ms = column[BUSY_MS],
        .under_way = column[UNDER_WAY],
    };
    *ret_major = number[0];
    return true;
}

struct err plat_diskstats_parse(const char *text, size_t len, plat_diskstats_fn *each, void *context)
{
    struct scan      all = { text, len }, line;
    struct plat_disk disk;
    char             name[PLAT_DISK_NAME_MAX];
    uint64_t         major_number;
    bool             understood = len == 0;

    while (scan_line(&all, &line))
        if (parse_row(line, &disk, name, &major_number)) {
            understood = true;
            each(context, &disk, major_number);
        }
    return understood ? err_ok() : err_of(ERR_MALFORMED, file.step);
}

/* A whole disk is listed in /sys/block, and has a device below it unless it is put together by software. */
static int is_disk(const char *name)
{
    char path[sizeof "/sys/block//device" + PLAT_DISK_NAME_MAX];
    char listed[PLAT_DISK_NAME_MAX];

    snprintf(listed, sizeof listed, "%s", name);
    for (char *c = listed; *c; c++)
        if (*c == '/')
            *c = '!'; /* as sysfs writes "cciss/c0d0" */
    snprintf(path, sizeof path, "/sys/block/%s/device", listed);
    return access(path, F_OK) == 0;
}

static void on_row(void *context, const struct plat_disk *disk, uint64_t major_number)
{
    struct reading *r = context;

    if (major_number == MAJOR_RAM || major_number == MAJOR_FLOPPY || major_number == MAJOR_LOOP ||
        major_number == MAJOR_CDROM)
        return;
    r->seen = true;
    if (verdicts_get(&verdicts, disk->name, is_disk))
        r->each(r->context, disk);
}

struct err plat_disks_read(plat_disk_fn *each, void *context)
{
    struct reading r = { each, context, false };
    const char    *text;
    size_t         len;
    struct err     e = procfile_read(&file, &text, &len);

    if (failed(e))
        return e;
    e = plat_diskstats_parse(text, len, on_row, &r);
    verdicts_end(&verdicts);
    if (!failed(e) && r.seen && access("/sys/block", F_OK) != 0)
        e = err_of(ERR_UNSUPPORTED, "telling disks apart without /sys");
    return e;
}

void plat_disks_done(void)
{
    procfile_close(&file);
    verdicts_done(&verdicts);
}
