#include "agent/collect/collect.h"
#include "agent/collect/rate.h"
#include "platform/buf.h"
#include "platform/disks.h"

enum { IO, OPERATIONS, UTILIZATION, DURATION, PENDING };

// clang-format off
static const struct metric metrics[] = {
    [IO] = { "system.disk.io.rate", UNIT_BYTES_PER_SECOND, METRIC_GAUGE,
        "bytes read and written a second since the last reading: the rate of the convention's counter system.disk.io" },
    [OPERATIONS] = { "system.disk.operations.rate", UNIT_PER_SECOND, METRIC_GAUGE,
        "reads and writes completed a second: the rate of the convention's counter system.disk.operations" },
    [UTILIZATION] = { "system.disk.utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the time in which at least one request was under way: the rate of the convention's counter "
        "system.disk.io_time; an SSD at 1 may still take more, for it works on many at once" },
    [DURATION] = { "system.disk.operation.duration", UNIT_SECONDS, METRIC_GAUGE,
        "how long a read or write took on average, waiting included: what the convention's counters "
        "system.disk.operation_time and system.disk.operations grew by, one divided by the other; not given where none "
        "was completed" },
    [PENDING] = { "system.disk.pending_operations", UNIT_OPERATIONS, METRIC_GAUGE,
        "requests under way at the time of the reading; the convention has no metric for it, the name is that of the "
        "OpenTelemetry Collector" },
};
// clang-format on

enum { READ_BYTES, WRITTEN_BYTES, READS, WRITES, READ_MS, WRITE_MS, BUSY_MS, COUNTERS };

static struct rates rates = { .narrow = 1u << READ_MS | 1u << WRITE_MS | 1u << BUSY_MS };

static const struct direction by_direction = { "system.device", "disk.io.direction", { "read", "write" } };

static void put_duration(const struct rate_reading *r, const char *direction, double ms, double operations)
{
    struct attr attrs[] = { { by_direction.device_key, r->name }, { by_direction.key, direction } };

    if (operations > 0)
        sink_put_at(r->out, &metrics[DURATION], ms / operations / 1000, attrs, ARRAY_LEN(attrs));
}

/* One that was never used (an empty slot of a card reader) is not worth eight series. */
static void on_disk(void *context, const struct plat_disk *disk)
{
    struct rate_reading *r = context;
    const double        *per_s = r->per_s;
    const uint64_t       counters[COUNTERS] = { disk->read_bytes, disk->written_bytes, disk->reads,  disk->writes,
                                                disk->read_ms,    disk->write_ms,      disk->busy_ms };
    struct attr          device = { by_direction.device_key, r->name };
    double               busy;

    if ((disk->reads == 0 && disk->writes == 0) || !rate_reading_put(r, disk->name, disk->name, counters, COUNTERS))
        return;
    busy = per_s[BUSY_MS] / 1000;
    rate_put_directions(r, &metrics[IO], &by_direction, per_s[READ_BYTES], per_s[WRITTEN_BYTES]);
    rate_put_directions(r, &metrics[OPERATIONS], &by_direction, per_s[READS], per_s[WRITES]);
    sink_put_at(r->out, &metrics[UTILIZATION], busy < 1 ? busy : 1, &device, 1); /* the clocks differ a little */
    put_duration(r, by_direction.values[0], per_s[READ_MS], per_s[READS]);
    put_duration(r, by_direction.values[1], per_s[WRITE_MS], per_s[WRITES]);
    sink_put_at(r->out, &metrics[PENDING], (double)disk->under_way, &device, 1);
}

static struct err read_disks(struct sink *out)
{
    struct rate_reading r;

    rate_reading_begin(&r, &rates, out);
    return rate_reading_end(&r, plat_disks_read(on_disk, &r));
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
            "encryption), whose traffic shows on the disks below. A disk that is plugged in is there from its second "
            "reading on.",
    .series = "one for each disk: system.device; io, operations and duration one for each direction: disk.io.direction "
              "read, write",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_disks,
    .done = done,
};
