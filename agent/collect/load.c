#include "platform/load.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

enum { OVER_1_MIN, OVER_5_MIN, OVER_15_MIN };

// clang-format off
static const struct metric metrics[] = {
    [OVER_1_MIN] = { "system.linux.cpu.load_1m", UNIT_THREADS, METRIC_GAUGE,
        "threads that run, wait to run or wait for a disk, averaged over a minute" },
    [OVER_5_MIN] = { "system.linux.cpu.load_5m", UNIT_THREADS, METRIC_GAUGE, "the same over five minutes" },
    [OVER_15_MIN] = { "system.linux.cpu.load_15m", UNIT_THREADS, METRIC_GAUGE,
        "the same over fifteen minutes; to be judged by system.cpu.logical.count" },
};
// clang-format on

static struct err read_load(struct sink *out)
{
    struct plat_load load;
    struct err       e = plat_load_read(&load);

    if (failed(e))
        return e;
    sink_put(out, &metrics[OVER_1_MIN], load.over_1_min);
    sink_put(out, &metrics[OVER_5_MIN], load.over_5_min);
    sink_put(out, &metrics[OVER_15_MIN], load.over_15_min);
    return e;
}

const struct collector collect_load = {
    .name = "load",
    .help =
        "The system's load averages. The convention has no metric for them; the names are those its guide to naming "
        "gives as an example.",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_load,
    .done = plat_load_done,
};
