#include <string.h>

#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "platform/filesystems.h"
#include "proto/json.h"

enum { UTILIZATION, USAGE, LIMIT, AVAILABLE, INODES, READ_ONLY };

// clang-format off
static const struct metric metrics[] = {
    [UTILIZATION] = { "system.filesystem.utilization", UNIT_ONE, METRIC_GAUGE,
        "how full it is for a program without privileges, as df says it: usage / (usage + available)" },
    [USAGE] = { "system.filesystem.usage", UNIT_BYTES, METRIC_GAUGE, "space in use" },
    [LIMIT] = { "system.filesystem.limit", UNIT_BYTES, METRIC_GAUGE,
        "its size, with what is reserved for the administrator" },
    [AVAILABLE] = { "system.filesystem.available", UNIT_BYTES, METRIC_GAUGE,
        "space that a program without privileges could fill; the convention's system.filesystem.usage with state free" },
    [INODES] = { "system.filesystem.inodes.utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the inodes (files and directories it has room for) in use; not given where their number is not "
        "fixed; the convention has no metric for it" },
    [READ_ONLY] = { "system.filesystem.read_only", UNIT_STATE, METRIC_GAUGE,
        "1 if it was meant to be written but the system made it read-only, as after an error of the disk; the "
        "convention has no metric for it" },
};
// clang-format on

static void on_filesystem(void *context, const struct plat_filesystem *f)
{
    struct sink *out = context;
    char         mount_point[ATTR_VALUE_MAX], device[ATTR_VALUE_MAX], type[ATTR_VALUE_MAX];
    struct attr  attrs[] = {
         { "system.filesystem.mountpoint", mount_point },
         { "system.filesystem.type", type },
         { "system.device", device },
    };
    double within_reach = (double)f->used_bytes + (double)f->available_bytes;

    utf8_copy(mount_point, sizeof mount_point, f->mount_point, strlen(f->mount_point));
    utf8_copy(device, sizeof device, f->device, strlen(f->device));
    utf8_copy(type, sizeof type, f->type, strlen(f->type));
    if (within_reach > 0)
        sink_put_at(out, &metrics[UTILIZATION], (double)f->used_bytes / within_reach, attrs, ARRAY_LEN(attrs));
    sink_put_at(out, &metrics[USAGE], (double)f->used_bytes, attrs, ARRAY_LEN(attrs));
    sink_put_at(out, &metrics[LIMIT], (double)f->total_bytes, attrs, ARRAY_LEN(attrs));
    sink_put_at(out, &metrics[AVAILABLE], (double)f->available_bytes, attrs, ARRAY_LEN(attrs));
    if (f->inodes)
        sink_put_at(out, &metrics[INODES], (double)(f->inodes - f->inodes_free) / (double)f->inodes, attrs,
                    ARRAY_LEN(attrs));
    sink_put_at(out, &metrics[READ_ONLY], f->lost_writing, attrs, ARRAY_LEN(attrs));
}

static struct err read_filesystems(struct sink *out)
{
    return plat_filesystems_read(on_filesystem, out);
}

const struct collector collect_filesystem = {
    .name = "filesystem",
    .help =
        "Local file systems that are made to be written, each once, however often it is mounted (of ZFS one a pool: "
        "they share its space). Left out: network and FUSE file systems and what is mounted below one or below an "
        "autofs, because "
        "asking them may hang for as long as their server does not answer; squashfs, ISO images and what somebody "
        "mounted read-only on purpose, because they are full by nature; tmpfs and the like, unless it is the root. "
        "A file system counts as made read-only by the system if it is read-only though its mount is not, or "
        "though /etc/fstab wants it written, or if ext4 says so itself (emergency_ro).",
    .series =
        "one for each file system: system.filesystem.mountpoint; system.filesystem.type and system.device describe "
        "it, but are no part of its name in alerts",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_filesystems,
    .done = plat_filesystems_done,
};
