/* agent/collect/collect.h - the collectors: each a value that names its metrics and reads them.
 *
 * To add one: a file agent/collect/x.c with a const struct collector, and its line in COLLECTOR_TABLE; docs/metrics.md
 * is printed from it (reference.h).
 * read() is called on the loop, every period_s; it takes no child process, no network, milliseconds at most.
 * It may keep open files and the last counters between calls (done() releases them, so that tests and sanitizers
 * end clean). On failure nothing of that call counts. UNSUPPORTED means: this machine lacks it, ask no more until restart.
 * A rate needs two readings: a first call yields no rate and is not an error.
 *
 * What takes longer, or a program, is late: begin() starts it and read() hands over what came, once ready() was called.
 * What is dear and seldom of use is on demand: it is read only while an enabled rule looks at one of its metrics, or a
 * person asks for it.
 */
#ifndef PICKET_AGENT_COLLECT_COLLECT_H
#define PICKET_AGENT_COLLECT_COLLECT_H

#include <uv.h>

#include "agent/collect/metric.h"

struct config;

typedef void collector_ready_fn(void *context);

struct collector {
    const char          *name;   /* in configuration, logs and reports: never renamed */
    const char          *help;   /* sentences for people: what is looked at, what is left out and why */
    const char          *series; /* NULL: one series a metric; else what there is one for, with the attributes' names */
    uint32_t             period_s; /* 0: the configuration's default; a multiple of it otherwise */
    const struct metric *metrics;
    size_t               metric_count;
    bool                 has_rates; /* wants a second reading before it has all its figures */
    bool                 on_demand;
    struct err (*read)(struct sink *out);

    /* The rest may be NULL. */
    void (*configure)(const struct config *config); /* before the first reading of each configuration, which is lent
                                                     * until done() */
    /* ready is called once, from the loop and never from within. What fails here is the outcome of the reading. */
    struct err (*begin)(uv_loop_t *loop, collector_ready_fn *ready, void *context);
    void (*cancel)(void); /* comes with begin: ends what runs, also what went on after ready (its handles close on the
                           * loop); no ready after it */
    void (*done)(void);
};

// clang-format off
#define COLLECTOR_TABLE(X)  \
    X(cpu)                  \
    X(cores)                \
    X(load)                 \
    X(memory)               \
    X(swap)                 \
    X(pressure)             \
    X(kills)                \
    X(filesystem)           \
    X(disk)                 \
    X(network)              \
    X(processes)            \
    X(sessions)             \
    X(top)                  \
    X(checks)               \
    X(units)                \
    X(logs)                 \
    X(uptime)               \
    X(clock)                \
    X(raid)                 \
    X(fserrors)             \
    X(faults)               \
    X(crashes)              \
    X(sensors)              \
    X(diskhealth)
// clang-format on

#define X(name) extern const struct collector collect_##name;
COLLECTOR_TABLE(X)
#undef X

extern const struct collector *const collectors[];
extern const size_t                  collector_count;

/* NULL if no collector declares it. */
const struct metric *metric_find(const char *name);

#endif
