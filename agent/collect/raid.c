#include <string.h>

#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "platform/raid.h"
#include "proto/json.h"

enum { DEGRADED, INACTIVE, MISSING, FAILED, SPARE, PROGRESS };

// clang-format off
static const struct metric metrics[] = {
    [DEGRADED] = { "system.linux.raid.degraded", UNIT_STATE, METRIC_GAUGE,
        "1 if it has fewer disks than it should, or no longer works" },
    [INACTIVE] = { "system.linux.raid.inactive", UNIT_STATE, METRIC_GAUGE,
        "1 if the array is known but was not put together, so that nothing can be read from it" },
    [MISSING] = { "system.linux.raid.disks.missing", UNIT_DISKS, METRIC_GAUGE,
        "disks that it should have and does not; while one is rebuilt it still counts. Not told of a ZFS pool" },
    [FAILED] = { "system.linux.raid.disks.failed", UNIT_DISKS, METRIC_GAUGE,
        "disks that were thrown out for their errors and not taken away yet" },
    [SPARE] = { "system.linux.raid.disks.spare", UNIT_DISKS, METRIC_GAUGE, "disks that wait to replace one" },
    [PROGRESS] = { "system.linux.raid.sync.progress", UNIT_ONE, METRIC_GAUGE,
        "how far a recovery, resync, reshape or check is; only while there is one" },
};
// clang-format on

static void on_raid(void *context, const struct plat_raid *raid)
{
    struct sink *out = context;
    char         name[PLAT_RAID_NAME_MAX], level[PLAT_RAID_LEVEL_MAX];
    struct attr  attrs[] = { { "system.linux.raid.name", name }, { "hw.logical_disk.raid_level", level } };

    utf8_copy(name, sizeof name, raid->name, strlen(raid->name));
    utf8_copy(level, sizeof level, raid->level, strlen(raid->level));
    sink_put_at(out, &metrics[DEGRADED], raid->degraded, attrs, 2);
    sink_put_at(out, &metrics[INACTIVE], raid->inactive, attrs, 2);
    if (!raid->has_disks)
        return;
    sink_put_at(out, &metrics[MISSING], raid->missing, attrs, 2);
    sink_put_at(out, &metrics[FAILED], raid->failed, attrs, 2);
    sink_put_at(out, &metrics[SPARE], raid->spare, attrs, 2);
    if (raid->syncing)
        sink_put_at(out, &metrics[PROGRESS], raid->progress, attrs, 2);
}

static struct err read_raid(struct sink *out)
{
    return plat_raid_read(on_raid, out);
}

const struct collector collect_raid = {
    .name = "raid",
    .help =
        "Arrays of Linux' software RAID (md) and pools of ZFS, by what the kernel says; disks are not asked, and no "
        "program is run. The containers of firmware RAID (imsm, ddf) are left out, the arrays in them are not. What a "
        "RAID controller does on its own is not seen here. The convention has no metrics for it.",
    .series =
        "one for each array or pool: system.linux.raid.name; hw.logical_disk.raid_level describes it, but is no part "
        "of its name in alerts",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_raid,
    .done = plat_raid_done,
};
