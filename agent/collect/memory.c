#include "platform/memory.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

enum { UTILIZATION, USAGE, LIMIT, AVAILABLE };

// clang-format off
static const struct metric metrics[] = {
    [UTILIZATION] = { "system.memory.utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the memory that a new program could not get: 1 - available / limit" },
    [USAGE] = { "system.memory.usage", UNIT_BYTES, METRIC_GAUGE, "memory in use: limit - available" },
    [LIMIT] = { "system.memory.limit", UNIT_BYTES, METRIC_GAUGE, "memory fitted and visible to the system" },
    [AVAILABLE] = { "system.memory.linux.available", UNIT_BYTES, METRIC_GAUGE,
        "what a new program could get without swapping, by the kernel's estimate: free memory and what caches can "
        "give back" },
};
// clang-format on

static struct err read_memory(struct sink *out)
{
    struct plat_memory m;
    struct err         e = plat_memory_read(&m);
    double             used;

    if (failed(e))
        return e;
    used = (double)(m.total_bytes - m.available_bytes);
    sink_put(out, &metrics[UTILIZATION], used / (double)m.total_bytes);
    sink_put(out, &metrics[USAGE], used);
    sink_put(out, &metrics[LIMIT], (double)m.total_bytes);
    sink_put(out, &metrics[AVAILABLE], (double)m.available_bytes);
    return e;
}

const struct collector collect_memory = {
    .name = "memory",
    .help = "Main memory. Caches do not count as used. Not offered by Linux before 3.14, which does not say what is "
            "available.",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_memory,
    .done = plat_memory_done,
};
