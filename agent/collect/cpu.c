#include "platform/cpu.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

enum { UTILIZATION, IOWAIT, STEAL, COUNT };

// clang-format off
static const struct metric metrics[] = {
    [UTILIZATION] = { "system.cpu.utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the time of all CPUs that was wanted for work since the last reading: all but idle and waiting for "
        "disks; what a hypervisor gave to others (steal) counts as wanted" },
    [IOWAIT] = { "system.cpu.iowait", UNIT_ONE, METRIC_GAUGE,
        "share of the time in which CPUs were idle because work waited for disks; the convention's "
        "system.cpu.utilization with cpu.mode iowait" },
    [STEAL] = { "system.cpu.steal", UNIT_ONE, METRIC_GAUGE,
        "share of the time in which a CPU had work but the hypervisor ran another machine; the convention's "
        "system.cpu.utilization with cpu.mode steal" },
    [COUNT] = { "system.cpu.logical.count", UNIT_CPUS, METRIC_GAUGE, "logical CPUs that are online" },
};
// clang-format on

/* Fewer ticks than this say nothing: on one CPU they are a tenth of a second. */
enum { TICKS_LEAST = 10 };

static struct plat_cpu last;
static bool            have_last;

/* What was added; what went back adds nothing and is told apart. */
static uint64_t growth(uint64_t from, uint64_t to, uint64_t *lost)
{
    if (to >= from)
        return to - from;
    *lost += from - to;
    return 0;
}

/* False if it is too soon, or the times went back by more than the kernel's estimates do (over a hundredth): then the
 * counters started over, and the new ones are the next reading's start. */
static bool shares(const struct plat_cpu *from, const struct plat_cpu *to, double ret[COUNT], bool *ret_too_soon)
{
    uint64_t lost = 0;
    uint64_t busy = growth(from->busy, to->busy, &lost), idle = growth(from->idle, to->idle, &lost);
    uint64_t iowait = growth(from->iowait, to->iowait, &lost), steal = growth(from->steal, to->steal, &lost);
    double   total = (double)busy + (double)idle + (double)iowait + (double)steal;

    *ret_too_soon = lost == 0 && total < TICKS_LEAST;
    if (total < TICKS_LEAST || (double)lost * 100 > total)
        return false;
    ret[UTILIZATION] = ((double)busy + (double)steal) / total;
    ret[IOWAIT] = (double)iowait / total;
    ret[STEAL] = (double)steal / total;
    return true;
}

static struct err read_cpu(struct sink *out)
{
    struct plat_cpu now;
    double          share[COUNT];
    bool            too_soon = false;
    struct err      e = plat_cpu_read(&now);

    if (failed(e))
        return e;
    if (now.cpus)
        sink_put(out, &metrics[COUNT], now.cpus);
    if (have_last && shares(&last, &now, share, &too_soon))
        for (int i = UTILIZATION; i < COUNT; i++)
            sink_put(out, &metrics[i], share[i]);
    if (!too_soon)
        last = now;
    have_last = true;
    return e;
}

static void done(void)
{
    have_last = false;
    plat_cpu_done();
}

const struct collector collect_cpu = {
    .name = "cpu",
    .help = "How busy the CPUs were, all of them together, between two readings.",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_cpu,
    .done = done,
};
