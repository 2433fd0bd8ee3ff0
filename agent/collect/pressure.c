#include "platform/pressure.h"
#include "agent/collect/collect.h"
#include "agent/collect/rate.h"
#include "platform/buf.h"

// clang-format off
static const struct metric metrics[] = {
    [PLAT_PRESSURE_CPU] = { "system.cpu.linux.pressure", UNIT_ONE, METRIC_GAUGE,
        "share of the time since the last reading in which some task that could run waited for a CPU; the convention has no "
        "metric for it" },
    [PLAT_PRESSURE_MEMORY] = { "system.memory.linux.pressure", UNIT_ONE, METRIC_GAUGE,
        "share of the time in which tasks waited for memory (to be freed, or to come back from swap); the convention has "
        "no metric for it" },
    [PLAT_PRESSURE_IO] = { "system.io.linux.pressure", UNIT_ONE, METRIC_GAUGE,
        "share of the time in which tasks waited for reads and writes, also over the network; the convention has no "
        "metric for it" },
};
// clang-format on

static const char *const names[] = {
    [PLAT_PRESSURE_CPU] = "cpu", [PLAT_PRESSURE_MEMORY] = "memory", [PLAT_PRESSURE_IO] = "io"
};

enum { SOME, FULL, COUNTERS };

static struct rates rates;

static void put(const struct rate_reading *r, int what, int kind)
{
    double share = r->per_s[kind] / 1e6;

    sink_put_at(r->out, &metrics[what], share < 1 ? share : 1, /* the clocks differ a little */
                &(struct attr){ "linux.pressure.kind", kind == SOME ? "some" : "full" }, 1);
}

static struct err read_pressure(struct sink *out)
{
    struct rate_reading  r;
    struct plat_pressure p;
    struct err           e = err_ok();

    rate_reading_begin(&r, &rates, out);
    for (int i = 0; i < PLAT_PRESSURE_KINDS && !failed(e); i++) {
        e = plat_pressure_read((enum plat_pressure_on)i, &p);
        if (failed(e) || !rate_reading_put(&r, names[i], names[i], (uint64_t[]){ p.some_us, p.full_us }, COUNTERS))
            continue;
        put(&r, i, SOME);
        if (i != PLAT_PRESSURE_CPU)
            put(&r, i, FULL);
    }
    return rate_reading_end(&r, e);
}

static void done(void)
{
    rates_done(&rates);
    plat_pressure_done();
}

const struct collector collect_pressure = {
    .name = "pressure",
    .help =
        "How much of the time work stood still for want of something. It tells a machine that is busy from one that is "
        "too small, which neither load nor utilization does. Linux only, since 4.20; some distributions have it off "
        "(psi=1 among the kernel's parameters turns it on). In a container the figures are the whole machine's.",
    .series =
        "memory and io have two, cpu has one: linux.pressure.kind some (at least one task waited), full (all that had "
        "work waited, so nothing went on)",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .read = read_pressure,
    .done = done,
};
