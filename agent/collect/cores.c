#include <stdio.h>

#include "agent/collect/collect.h"
#include "agent/collect/rate.h"
#include "platform/buf.h"
#include "platform/cpu.h"

static const struct metric metrics[] = {
    { "system.cpu.logical.utilization", UNIT_ONE, METRIC_GAUGE,
      "share of the time of one logical CPU that was wanted for work since the last reading, as system.cpu.utilization "
      "is of all; the convention's system.cpu.utilization with cpu.logical_number" },
};

enum { WANTED, ALL, COUNTERS };

static struct rates rates;

static void on_cpu(void *context, uint32_t number, const struct plat_cpu *cpu)
{
    struct rate_reading *r = context;
    uint64_t             counters[COUNTERS] = { 0 };
    char                 name[12];

    for (int i = 0; i < PLAT_CPU_MODES; i++) {
        counters[ALL] += cpu->ticks[i];
        if (i != PLAT_CPU_IDLE && i != PLAT_CPU_IOWAIT)
            counters[WANTED] += cpu->ticks[i];
    }
    snprintf(name, sizeof name, "%u", (unsigned)number);
    if (rate_reading_put(r, name, name, counters, COUNTERS) && r->per_s[ALL] > 0)
        sink_put_at(r->out, &metrics[0], r->per_s[WANTED] / r->per_s[ALL],
                    &(struct attr){ "cpu.logical_number", r->name }, 1);
}

static struct err read_cores(struct sink *out)
{
    struct rate_reading r;

    rate_reading_begin(&r, &rates, out);
    return rate_reading_end(&r, plat_cpu_read_each(on_cpu, &r));
}

static void done(void)
{
    rates_done(&rates);
    plat_cpu_done(); /* the same file as the cpu's; whoever reads next opens it again */
}

const struct collector collect_cores = {
    .name = "cores",
    .help =
        "How busy each CPU was between two readings. One that never rests while the others do is a program that can "
        "use only one.",
    .series = "one for each logical CPU that is online: cpu.logical_number",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .on_demand = true,
    .read = read_cores,
    .done = done,
};
