#include <string.h>

#include "agent/collect/collect.h"
#include "agent/collect/rate.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "platform/disks.h"
#include "proto/json.h"

enum { IO, OPERATIONS, UTILIZATION };

// clang-format off
static const struct metric metrics[] = {
    [IO] = { "system.disk.io.rate", UNIT_BYTES_PER_SECOND, METRIC_GAUGE,
        "bytes read and written a second since the last reading: the rate of the convention's counter system.disk.io" },
    [OPERATIONS] = { "system.disk.operations.rate", UNIT_PER_SECOND, METRIC_GAUGE,
        "reads and writes completed a second: the rate of the convention's counter system.disk.operations" },
    [UTILIZATION] = { "system.disk.utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the time in which at least one request was under way: the rate of the convention's counter "
        "system.disk.io_time; an SSD at 1 may still take more, for it works on many at once" },
};
// clang-format on

enum { READ_BYTES, WRITTEN_BYTES, READS, WRITES, BUSY_MS, COUNTERS };

static struct rates rates;

struct reading {
    struct sink *out;
    struct err   err;
};

static void put(struct sink *out, const char *name, const double *per_s)
{
    struct attr reading[] = { { "system.device", name }, { "disk.io.direction", "read" } };
    struct attr writing[] = { { "system.device", name }, { "disk.io.direction", "write" } };
    double      busy = per_s[BUSY_MS] / 1000;

    sink_put_at(out, &metrics[IO], per_s[READ_BYTES], reading, 2);
    sink_put_at(out, &metrics[IO], per_s[WRITTEN_BYTES], writing, 2);
    sink_put_at(out, &metrics[OPERATIONS], per_s[READS], reading, 2);
    sink_put_at(out, &metrics[OPERATIONS], per_s[WRITES], writing, 2);
    sink_put_at(out, &metrics[UTILIZATION], busy < 1 ? busy : 1, reading, 1); /* the clocks differ a little */
}

/* One that was never used (an empty slot of a card reader) is not worth five series. */
static void on_disk(void *context, const struct plat_disk *disk)
{
    struct reading *r = context;
    uint64_t   counters[COUNTERS] = { disk->read_bytes, disk->written_bytes, disk->reads, disk->writes, disk->busy_ms };
    double     per_s[COUNTERS];
    char       name[PLAT_DISK_NAME_MAX];
    bool       known;
    struct err e;

    if (disk->reads == 0 && disk->writes == 0)
        return;
    e = rates_put(&rates, disk->name, counters, COUNTERS, per_s, &known);
    if (failed(e)) {
        r->err = e;
        return;
    }
    utf8_copy(name, sizeof name, disk->name, strlen(disk->name));
    if (known)
        put(r->out, name, per_s);
}

static struct err read_disks(struct sink *out)
{
    struct reading r = { out, err_ok() };
    struct err     e;

    rates_begin(&rates, plat_clock_steady_ms());
    e = plat_disks_read(on_disk, &r);
    if (failed(e))
        return e;
    rates_end(&rates);
    return r.err;
}

static void done(void)
{
    rates_done(&rates);
    plat_disks_done();
}

const struct collector collect_disk = {
    .name = "disk",
    .help = "The traffic of physical disks, or what a virtual machine has for one. Left out: partitions, loop and RAM "
            "disks, CD drives, floppies, disks that were never used, and what is put together from disks (LVM, RAID, "
            "encryption), whose traffic shows on the disks below.",
    .series =
        "one for each disk: system.device; io and operations one for each direction: disk.io.direction read, write",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_disks,
    .done = done,
};
