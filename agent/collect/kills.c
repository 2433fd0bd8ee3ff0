#include "platform/kills.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

enum { ALL, RECENT };

// clang-format off
static const struct metric metrics[] = {
    [ALL] = { "system.memory.linux.oom_kills", UNIT_PROCESSES, METRIC_COUNTER,
        "processes the kernel ended for want of memory since the system started, those that only had reached the limit of "
        "their container or service included; the convention has no metric for it" },
    [RECENT] = { "system.memory.linux.oom_kills.recent", UNIT_PROCESSES, METRIC_GAUGE,
        "those since the last reading" },
};
// clang-format on

static uint64_t last;
static bool     have_last;

static struct err read_kills(struct sink *out)
{
    uint64_t   now;
    struct err e = plat_kills_read(&now);

    if (failed(e))
        return e;
    sink_put(out, &metrics[ALL], (double)now);
    if (have_last && now >= last)
        sink_put(out, &metrics[RECENT], (double)(now - last));
    last = now;
    have_last = true;
    return e;
}

static void done(void)
{
    have_last = false;
    plat_kills_done();
}

const struct collector collect_kills = {
    .name = "kills",
    .help = "Processes that were ended for want of memory. Which, is in the kernel's log. In a container the figures "
            "are the "
            "whole machine's.",
    .period_s = 60,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_kills,
    .done = done,
};
