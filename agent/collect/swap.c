#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "platform/memory.h"

enum { UTILIZATION, USAGE, LIMIT };

// clang-format off
static const struct metric metrics[] = {
    [UTILIZATION] = { "system.paging.utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the swap space in use; not given where there is none" },
    [USAGE] = { "system.paging.usage", UNIT_BYTES, METRIC_GAUGE, "swap space in use" },
    [LIMIT] = { "system.paging.limit", UNIT_BYTES, METRIC_GAUGE,
        "all swap space, 0 where there is none; the convention has no metric for it" },
};
// clang-format on

static struct err read_swap(struct sink *out)
{
    struct plat_swap s;
    struct err       e = plat_swap_read(&s);

    if (failed(e))
        return e;
    if (s.total_bytes)
        sink_put(out, &metrics[UTILIZATION], (double)s.used_bytes / (double)s.total_bytes);
    sink_put(out, &metrics[USAGE], (double)s.used_bytes);
    sink_put(out, &metrics[LIMIT], (double)s.total_bytes);
    return e;
}

const struct collector collect_swap = {
    .name = "swap",
    .help = "Swap space, all devices and files together.",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_swap,
    .done = plat_memory_done, /* the same file as the memory's; whoever reads next opens it again */
};
