#include "platform/fserrors.h"

#include <string.h>

#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "proto/json.h"

enum { ERRORS, MISSING };

// clang-format off
static const struct metric metrics[] = {
    [ERRORS] = { "system.linux.filesystem.errors", UNIT_ERRORS, METRIC_COUNTER,
        "errors that the file system found so far and remembers on the disk: of ext4 all since the last e2fsck, of btrfs of "
        "each disk and kind since the last btrfs device stats -z" },
    [MISSING] = { "system.linux.filesystem.disks.missing", UNIT_DISKS, METRIC_GAUGE,
        "disks of a btrfs file system that are not there" },
};
// clang-format on

static void on_count(void *context, const struct plat_fserrors *errors)
{
    char        id[ATTR_VALUE_MAX], label[ATTR_VALUE_MAX];
    struct attr attrs[] = {
        { "system.linux.filesystem.id", id },
        { "error.type", errors->kind },
        { "system.filesystem.type", errors->type },
        { "system.linux.filesystem.label", label },
    };

    utf8_copy(id, sizeof id, errors->name, strlen(errors->name));
    utf8_copy(label, sizeof label, errors->label, strlen(errors->label));
    sink_put_at(context, &metrics[ERRORS], (double)errors->count, attrs, ARRAY_LEN(attrs));
}

static void on_missing(void *context, const char *name, const char *label_bytes, uint32_t missing)
{
    char        id[ATTR_VALUE_MAX], label[ATTR_VALUE_MAX];
    struct attr attrs[] = {
        { "system.linux.filesystem.id", id },
        { "system.filesystem.type", "btrfs" },
        { "system.linux.filesystem.label", label },
    };

    utf8_copy(id, sizeof id, name, strlen(name));
    utf8_copy(label, sizeof label, label_bytes, strlen(label_bytes));
    sink_put_at(context, &metrics[MISSING], missing, attrs, ARRAY_LEN(attrs));
}

static struct err read_errors(struct sink *out)
{
    const struct plat_fserrors_listener listener = { on_count, on_missing, out };

    return plat_fserrors_read(&listener);
}

const struct collector collect_fserrors = {
    .name = "fserrors",
    .help =
        "What mounted ext4 and btrfs file systems found wrong in themselves or in the disks below. They remember it "
        "over reboots, so that an old error is seen as well. Nothing is read from a disk. btrfs tells it since Linux "
        "5.14; XFS does not count. The convention has no metrics for it.",
    .series =
        "one for each file system: system.linux.filesystem.id (ext4: the device; btrfs: its UUID, for errors with the "
        "number of the disk); errors of btrfs one for each error.type; system.filesystem.type and "
        "system.linux.filesystem.label describe it, but are no part of its name in alerts",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_errors,
};
