#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/collect.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "platform/cpu.h"
#include "platform/proclist.h"
#include "proto/json.h"

enum { UTILIZATION, MEMORY, DEFUNCT };

// clang-format off
static const struct metric metrics[] = {
    [UTILIZATION] = { "process.cpu.utilization", UNIT_ONE, METRIC_GAUGE,
        "share of the time of all CPUs that a process took since the last reading, of the five that took most" },
    [MEMORY] = { "process.memory.usage", UNIT_BYTES, METRIC_GAUGE,
        "main memory that a process has, what it shares with others included, of the five that have most" },
    [DEFUNCT] = { "system.process.defunct", UNIT_PROCESSES, METRIC_GAUGE,
        "processes that ended though whoever started them never asked how (zombies); the convention's system.process.count "
        "with process.state defunct" },
};
// clang-format on

enum { BEST = 5, KNOWN_MAX = 1 << 17, LEAST_MS = 100 };

/* What is remembered of a process until the next reading; the lists are in the order of the ids, as the system's. */
struct known {
    uint64_t id, began, cpu_ms;
};

struct list {
    struct known *items;
    size_t        count, room;
};

struct row {
    uint64_t id;
    double   value;
    char     name[PLAT_PROCESS_NAME_MAX];
};

struct looking {
    struct row  busiest[BEST + 1], largest[BEST + 1]; /* the last is room for one that falls out */
    size_t      busy_count, large_count, last_at;
    uint64_t    defunct, elapsed_ms;
    struct list now;
    struct err  err;
};

static struct list last;
static uint64_t    last_ms; /* 0: never */

static struct err remember(struct list *list, const struct plat_process *p)
{
    if (list->count == list->room) {
        size_t        room = list->room ? list->room * 2 : 256;
        struct known *items = list->count < KNOWN_MAX ? realloc(list->items, room * sizeof *items) : NULL;

        if (!items)
            return err_of(list->count < KNOWN_MAX ? ERR_NO_MEMORY : ERR_TOO_BIG, "remembering processes");
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = (struct known){ p->id, p->began, p->cpu_ms };
    return err_ok();
}

/* What it took since the last reading: all of it if it began after that. */
static uint64_t took_ms(struct looking *l, const struct plat_process *p)
{
    const struct known *before;

    while (l->last_at < last.count && last.items[l->last_at].id < p->id)
        l->last_at++;
    if (l->last_at == last.count)
        return p->cpu_ms;
    before = &last.items[l->last_at];
    if (before->id != p->id || before->began != p->began || before->cpu_ms > p->cpu_ms)
        return p->cpu_ms;
    return p->cpu_ms - before->cpu_ms;
}

static void compete(struct row *rows, size_t *count, const struct plat_process *p, double value)
{
    size_t at = *count;

    if (value <= 0)
        return;
    for (; at > 0 && rows[at - 1].value < value; at--)
        rows[at] = rows[at - 1];
    rows[at] = (struct row){ .id = p->id, .value = value };
    utf8_copy(rows[at].name, sizeof rows[at].name, p->name, strlen(p->name));
    if (*count < BEST)
        (*count)++;
}

static void on_process(void *context, const struct plat_process *p)
{
    struct looking *l = context;

    if (!failed(l->err))
        l->err = remember(&l->now, p);
    if (p->defunct)
        l->defunct++;
    if (last_ms && l->elapsed_ms >= LEAST_MS)
        compete(l->busiest, &l->busy_count, p, (double)took_ms(l, p));
    compete(l->largest, &l->large_count, p, (double)p->memory_bytes);
}

static void put(struct sink *out, const struct metric *metric, const struct row *row, double value)
{
    char        id[24];
    struct attr attrs[] = { { "process.executable.name", row->name }, { "process.pid", id } };

    snprintf(id, sizeof id, "%llu", (unsigned long long)row->id);
    sink_put_at(out, metric, value, attrs, ARRAY_LEN(attrs));
}

/* cpus 0: not known; then no share is either. */
static void put_all(struct sink *out, const struct looking *l, uint32_t cpus)
{
    double whole_ms = (double)l->elapsed_ms * cpus;

    sink_put(out, &metrics[DEFUNCT], (double)l->defunct);
    for (size_t i = 0; i < l->busy_count && whole_ms > 0; i++) {
        double share = l->busiest[i].value / whole_ms;

        put(out, &metrics[UTILIZATION], &l->busiest[i], share < 1 ? share : 1); /* the clocks differ a little */
    }
    for (size_t i = 0; i < l->large_count; i++)
        put(out, &metrics[MEMORY], &l->largest[i], l->largest[i].value);
}

static struct err read_top(struct sink *out)
{
    uint64_t         now_ms = plat_clock_steady_ms();
    struct looking   l = { .elapsed_ms = now_ms - last_ms, .err = err_ok() };
    struct plat_cpus cpus = { .count = 0 };
    struct err       e = plat_proclist_read(on_process, &l);

    if (!failed(e))
        e = l.err;
    if (failed(e)) {
        free(l.now.items);
        return e;
    }
    (void)plat_cpu_read(&cpus);
    put_all(out, &l, cpus.count);
    if (last_ms && l.elapsed_ms < LEAST_MS) { /* too soon: what is remembered stays */
        free(l.now.items);
        return e;
    }
    free(last.items);
    last = l.now;
    last_ms = now_ms;
    return e;
}

static void done(void)
{
    free(last.items);
    last = (struct list){ 0 };
    last_ms = 0;
    plat_cpu_done();
}

const struct collector collect_top = {
    .name = "top",
    .help =
        "Which processes take most, and how many zombies there are. On demand, because each process must be looked at. "
        "Processes are called by their name alone, never by what they were started with: command lines hold passwords.",
    .series = "five of utilization and five of memory at most: process.executable.name, process.pid",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .has_rates = true,
    .on_demand = true,
    .read = read_top,
    .done = done,
};
