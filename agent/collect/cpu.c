#include "platform/cpu.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

enum { UTILIZATION, IOWAIT, STEAL, MODE, COUNT };

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
    [MODE] = { "system.cpu.time.rate", UNIT_ONE, METRIC_GAUGE,
        "share of the time of all CPUs spent in each mode, together 1: the rate of the convention's counter "
        "system.cpu.time, averaged over the CPUs" },
    [COUNT] = { "system.cpu.logical.count", UNIT_CPUS, METRIC_GAUGE, "logical CPUs that are online" },
};

/* The values that the convention gives to cpu.mode. */
static const char *const modes[] = {
    [PLAT_CPU_USER] = "user",
    [PLAT_CPU_NICE] = "nice",
    [PLAT_CPU_SYSTEM] = "system",
    [PLAT_CPU_IDLE] = "idle",
    [PLAT_CPU_IOWAIT] = "iowait",
    [PLAT_CPU_INTERRUPT] = "interrupt",
    [PLAT_CPU_STEAL] = "steal",
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
static bool shares(const struct plat_cpu *from, const struct plat_cpu *to, double ret[PLAT_CPU_MODES],
                   bool *ret_too_soon)
{
    uint64_t lost = 0;
    double   total = 0;

    for (int i = 0; i < PLAT_CPU_MODES; i++) {
        ret[i] = (double)growth(from->ticks[i], to->ticks[i], &lost);
        total += ret[i];
    }
    *ret_too_soon = lost == 0 && total < TICKS_LEAST;
    if (total < TICKS_LEAST || (double)lost * 100 > total)
        return false;
    for (int i = 0; i < PLAT_CPU_MODES; i++)
        ret[i] /= total;
    return true;
}

static void put(struct sink *out, const double share[PLAT_CPU_MODES], uint32_t missing)
{
    double unwanted = share[PLAT_CPU_IDLE] + share[PLAT_CPU_IOWAIT];

    sink_put(out, &metrics[UTILIZATION], unwanted < 1 ? 1 - unwanted : 0);
    if (!(missing & 1u << PLAT_CPU_IOWAIT))
        sink_put(out, &metrics[IOWAIT], share[PLAT_CPU_IOWAIT]);
    if (!(missing & 1u << PLAT_CPU_STEAL))
        sink_put(out, &metrics[STEAL], share[PLAT_CPU_STEAL]);
    for (int i = 0; i < PLAT_CPU_MODES; i++)
        if (!(missing & 1u << i))
            sink_put_at(out, &metrics[MODE], share[i], &(struct attr){ "cpu.mode", modes[i] }, 1);
}

static struct err read_cpu(struct sink *out)
{
    struct plat_cpus now;
    double           share[PLAT_CPU_MODES];
    bool             too_soon = false;
    struct err       e = plat_cpu_read(&now);

    if (failed(e))
        return e;
    if (now.count)
        sink_put(out, &metrics[COUNT], now.count);
    if (have_last && shares(&last, &now.all, share, &too_soon))
        put(out, share, now.missing);
    if (!too_soon)
        last = now.all;
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
    .help = "How busy the CPUs were, all of them together, between two readings. The shares of the single modes have a "
            "name "
            "of their own, so that a rule about system.cpu.utilization is never about the share of idle time.",
    .series = "system.cpu.time.rate has one for each cpu.mode: user, nice, system, idle, iowait, interrupt, steal; the "
              "others have one",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_cpu,
    .done = done,
};
