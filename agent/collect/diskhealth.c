#include "platform/diskhealth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/diskline.h"
#include "agent/collect/inquiry.h"
#include "platform/buf.h"

enum { DISKS_MAX = 256, OUTPUT_MAX_BYTES = 256 * 1024, PATIENCE_MS = 180 * 1000 };

enum { ANSWERING, FAILING, ERRORS, ENDURANCE, SPARE, TEMPERATURE, POWERED_ON };

// clang-format off
static const struct metric metrics[] = {
    [ANSWERING] = { "hw.physical_disk.answering", UNIT_STATE, METRIC_GAUGE,
        "1 if the disk tells how it is, 0 if it does not or cannot be asked: picket probe disks says why" },
    [FAILING] = { "hw.physical_disk.failing", UNIT_STATE, METRIC_GAUGE,
        "1 if the disk says that it will fail, or no longer works as it should: a threshold of its maker is reached (ATA, "
        "SAS), or it warns of anything but its temperature (NVMe); the convention's hw.status with hw.state "
        "predicted_failure" },
    [ERRORS] = { "hw.physical_disk.errors", UNIT_ERRORS, METRIC_COUNTER,
        "what the disk counted in its life; the convention's hw.errors with hw.type physical_disk" },
    [ENDURANCE] = { "hw.physical_disk.endurance_utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the writes that an SSD was made for that it has had; it may live on beyond 1; of some SATA SSDs by the "
        "attribute that their makers use for it" },
    [SPARE] = { "hw.physical_disk.spare", UNIT_ONE, METRIC_GAUGE,
        "share of its spare blocks that is left (NVMe); the convention has no metric for it" },
    [TEMPERATURE] = { "hw.physical_disk.temperature", UNIT_CELSIUS, METRIC_GAUGE,
        "its own temperature; the convention's hw.temperature with the disk as hw.parent" },
    [POWERED_ON] = { "hw.physical_disk.power_on_time", UNIT_SECONDS, METRIC_GAUGE,
        "how long it has been running in its life; the convention has no metric for it" },
};
// clang-format on

/* The newest findings, and what was known before of disks that sleep now. */
static struct {
    struct inquiry           asked;
    struct plat_disk_health *disks;
    size_t                   count;
} probe;

/* ---- asking ---- */

static const struct plat_disk_health *find(const char *device)
{
    for (size_t i = 0; i < probe.count; i++)
        if (strcmp(probe.disks[i].device, device) == 0)
            return &probe.disks[i];
    return NULL;
}

/* What it said before it fell asleep still holds, but for its temperature. */
static void keep_what_was_known(struct plat_disk_health *disk)
{
    const struct plat_disk_health *before = disk->answer == DISK_ASLEEP ? find(disk->device) : NULL;

    if (!before || before->answer != DISK_TOLD)
        return;
    *disk = *before;
    disk->health.temperature_c = NAN;
}

struct found {
    struct plat_disk_health *disks;
    size_t                   count;
};

static bool take_line(void *context, const char *line, size_t len)
{
    struct found *f = context;

    if (!failed(diskline_parse(line, len, &f->disks[f->count])))
        keep_what_was_known(&f->disks[f->count++]);
    return f->count < DISKS_MAX;
}

/* A disk that never answers keeps the process; those before it have been told of. */
static struct err take(const struct plat_program_result *result)
{
    struct found             f = { .disks = calloc(DISKS_MAX, sizeof *f.disks) };
    struct plat_disk_health *fitting;

    if (!f.disks)
        return err_of(ERR_NO_MEMORY, "reading what was found out about disks");
    inquiry_lines(result, take_line, &f);
    fitting = realloc(f.disks, (f.count ? f.count : 1) * sizeof *f.disks);
    if (fitting)
        f.disks = fitting;
    free(probe.disks);
    probe.disks = f.disks;
    probe.count = f.count;
    return inquiry_outcome(result, f.count > 0, "asking the disks how they are, in a process of its own");
}

static struct err begin(uv_loop_t *loop, collector_ready_fn *ready, void *context)
{
    static const char *const          args[] = { "/proc/self/exe", "probe", "disks", NULL };
    const struct plat_program_options o = { .args = args, .timeout_ms = PATIENCE_MS, .output_max = OUTPUT_MAX_BYTES };

    if (!plat_disk_health_is_possible())
        return err_of(ERR_UNSUPPORTED, "there is no disk here that could tell how it is (virtual ones cannot)");
    return inquiry_begin(&probe.asked, loop, &o, take, ready, context);
}

static void cancel(void)
{
    inquiry_cancel(&probe.asked);
}

/* ---- telling ---- */

/* A serial number stays the same when two disks swap their names; some bridges give each disk the same. */
static const char *id_of(size_t which)
{
    const struct plat_disk_health *disk = &probe.disks[which];

    if (strlen(disk->serial) < 4 || strspn(disk->serial, "0 ") == strlen(disk->serial))
        return disk->device;
    for (size_t i = 0; i < which; i++)
        if (strcmp(probe.disks[i].serial, disk->serial) == 0)
            return disk->device;
    return disk->serial;
}

static void put_health(struct sink *out, const struct smart_health *h, struct attr *attrs)
{
    const struct {
        int    metric;
        double value;
    } figures[] = {
        { ENDURANCE, h->wear }, { SPARE, h->spare }, { TEMPERATURE, h->temperature_c }, { POWERED_ON, h->powered_on_s }
    };

    if (h->verdict != SMART_UNKNOWN)
        sink_put_at(out, &metrics[FAILING], h->verdict == SMART_FAILING, attrs, 3);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        if (!isnan(figures[i].value))
            sink_put_at(out, &metrics[figures[i].metric], figures[i].value, attrs, 3);
    for (size_t i = 0; i < h->error_count; i++) {
        attrs[3] = (struct attr){ "error.type", h->errors[i].kind };
        sink_put_at(out, &metrics[ERRORS], (double)h->errors[i].count, attrs, 4);
    }
}

static void put_disk(struct sink *out, size_t which)
{
    const struct plat_disk_health *disk = &probe.disks[which];
    struct attr                    attrs[4] = { { "hw.id", id_of(which) },
                                                { "system.device", disk->device },
                                                { "hw.model", disk->model } };

    if (disk->answer == DISK_VIRTUAL || disk->answer == DISK_ASLEEP)
        return;
    sink_put_at(out, &metrics[ANSWERING], disk->answer == DISK_TOLD, attrs, 3);
    if (disk->answer == DISK_TOLD)
        put_health(out, &disk->health, attrs);
}

static struct err read_disks(struct sink *out)
{
    size_t answers[DISK_FAILED + 1] = { 0 };

    if (failed(probe.asked.outcome))
        return probe.asked.outcome;
    for (size_t i = 0; i < probe.count; i++)
        answers[probe.disks[i].answer]++;
    if (answers[DISK_VIRTUAL] == probe.count)
        return err_of(ERR_UNSUPPORTED, "all disks here are virtual: whoever provides them knows how the real ones are");
    if (answers[DISK_DENIED] + answers[DISK_VIRTUAL] == probe.count)
        return err_of(ERR_UNSUPPORTED, "asking the disks takes root with CAP_SYS_RAWIO and CAP_SYS_ADMIN");
    for (size_t i = 0; i < probe.count; i++)
        put_disk(out, i);
    return err_ok();
}

static void done(void)
{
    free(probe.disks);
    probe.disks = NULL;
    probe.count = 0;
}

const struct collector collect_diskhealth = {
    .name = "diskhealth",
    .help =
        "How disks say they are: SMART of SATA disks, the health log of NVMe, the information exceptions of SAS, the "
        "life time of eMMC, by the kernel's ioctls; disks behind USB bridges and RAID controllers, and those that "
        "such a controller hides, by smartctl where it is installed (package smartmontools, version 7.0 or later). "
        "Asked every hour by a process of its own (picket probe disks), because a disk may take long to answer and "
        "one that fails may never. A disk that sleeps is left asleep: what it said before stands. Not asked are "
        "virtual disks and those of iSCSI. It takes root, with CAP_SYS_RAWIO (SATA, SAS) and CAP_SYS_ADMIN (NVMe).",
    .series =
        "one for each disk: hw.id, its serial number (or its name, where it has none of its own); system.device and "
        "hw.model describe it, but are no part of its name in alerts. Errors one for each error.type: "
        "bad_sector.pending (cannot be read now; attribute 197), bad_sector.uncorrectable (198), bad_sector.reported "
        "(187; SAS by smartctl: reads that failed), bad_sector.media (NVMe), reallocated (5; SAS by smartctl: grown "
        "defects), timeout (188), crc (199: a bad cable)",
    .period_s = 3600,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_disks,
    .begin = begin,
    .cancel = cancel,
    .done = done,
};
