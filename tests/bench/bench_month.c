/* Does what must be kept fit? A month of a usual machine, written as the warden writes it.
 *
 *   bench_month FILE MEGABYTES [DAYS]
 *
 * Every metric that is read by default, each at its own period, of a machine with ten file systems, four disks, four network
 * interfaces and five script checks; incidents that are raised, get worse, and are over, each told to a ticket system and to
 * the local desk. Rates differ with every reading, what grows grows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/collect/collect.h"
#include "agent/outbox/block.h"
#include "agent/outbox/desk.h"

enum { ROUND_S = 60, BLOCK_ROUNDS = 5, HOUR_S = 3600, DAY_S = 24 * HOUR_S, INCIDENTS_A_DAY = 24, SERIES_MAX = 1024 };
enum { HISTORY_HOURS = 72 };

/* How many series a metric has, by the longest beginning of its name that is here; otherwise one. */
static const struct {
    const char *name;
    unsigned    series;
    const char *key, *side; /* side: has two values */
} shapes[] = {
    { "system.cpu.time.rate", 7, "cpu.mode", NULL },
    { "system.memory.linux.pressure", 2, "linux.pressure.kind", NULL },
    { "system.io.linux.pressure", 2, "linux.pressure.kind", NULL },
    { "system.filesystem.", 10, "system.filesystem.mountpoint", NULL },
    { "system.disk.", 4, "system.device", NULL },
    { "system.disk.io.rate", 8, "system.device", "disk.io.direction" },
    { "system.disk.operations.rate", 8, "system.device", "disk.io.direction" },
    { "system.disk.operation.duration", 8, "system.device", "disk.io.direction" },
    { "hw.", 4, "hw.id", NULL },
    { "system.network.", 8, "network.interface.name", "network.io.direction" },
    { "check.", 5, "check.name", NULL },
};

struct series {
    const struct metric *metric;
    unsigned             period_s;
    char                 instance[32];
    struct attr          attrs[2];
    size_t               attr_count;
    double               value;
};

struct month {
    struct series        series[SERIES_MAX];
    size_t               series_count;
    struct outbox       *outbox;
    struct block_writer *block;
    uint64_t             peak_bytes;
    struct err           e; /* the first that failed */
};

static void keep(struct month *m, struct err e)
{
    if (!failed(m->e))
        m->e = e;
}

static void add_series(struct month *m, const struct collector *c, const struct metric *metric)
{
    size_t best = ARRAY_LEN(shapes), longest = 0;

    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        size_t len = strlen(shapes[i].name);

        if (len > longest && strncmp(metric->name, shapes[i].name, len) == 0) {
            best = i;
            longest = len;
        }
    }
    for (unsigned i = 0; i < (longest ? shapes[best].series : 1) && m->series_count < SERIES_MAX; i++) {
        struct series *s = &m->series[m->series_count++];

        *s = (struct series){ .metric = metric, .period_s = c->period_s ? c->period_s : ROUND_S };
        if (!longest)
            continue;
        snprintf(s->instance, sizeof s->instance, "/srv/place-%u", shapes[best].side ? i / 2 : i);
        s->attrs[s->attr_count++] = (struct attr){ shapes[best].key, s->instance };
        if (shapes[best].side)
            s->attrs[s->attr_count++] = (struct attr){ shapes[best].side, i % 2 ? "write" : "read" };
    }
}

static void add_all_series(struct month *m)
{
    for (size_t i = 0; i < collector_count; i++)
        for (size_t n = 0; n < collectors[i]->metric_count && !collectors[i]->on_demand; n++)
            add_series(m, collectors[i], &collectors[i]->metrics[n]);
}

/* As its kind does. */
static void move(struct series *s)
{
    double chance = rand() / (double)RAND_MAX;

    if (strstr(s->metric->name, ".limit"))
        s->value = 512e9;
    else if (s->metric->kind == METRIC_COUNTER)
        s->value += rand() % 1000;
    else if (s->metric->unit == UNIT_BYTES)
        s->value = s->value + 4096.0 * (rand() % 2000) - (s->value > 4e9 ? 4e6 : 0);
    else if (strstr(s->metric->name, ".rate") || s->metric->unit == UNIT_SECONDS || s->metric->unit == UNIT_PER_SECOND)
        s->value = chance * 1e5;
    else if (s->metric->unit == UNIT_ONE)
        s->value += (chance - (s->value > 0.5 ? 0.55 : 0.45)) / 100;
}

static void flush_block(struct month *m)
{
    struct block done;
    struct err   e = block_take(m->block, &done);

    if (!failed(e) && done.count)
        e = outbox_samples_put(m->outbox, done.first_ms, done.last_ms, done.count, done.bytes.data, done.bytes.len);
    block_done(&done);
    keep(m, e);
}

static void one_round(struct month *m, int64_t at_s)
{
    for (size_t i = 0; i < m->series_count; i++) {
        struct series *s = &m->series[i];
        struct sample  sample = { s->metric, s->attrs, s->attr_count, 0 };

        if (at_s % s->period_s)
            continue;
        move(s);
        sample.value = s->value;
        keep(m, block_put(m->block, at_s * 1000, &sample));
    }
    if (at_s / ROUND_S % BLOCK_ROUNDS == BLOCK_ROUNDS - 1 || block_is_full(m->block))
        flush_block(m);
}

static void tell(struct month *m, struct alert *a, int64_t at_s)
{
    struct delivery told;

    a->revision++;
    a->changed_ms = at_s * 1000;
    keep(m, outbox_alert_put(m->outbox, a));
    keep(m, desk_deliver(m->outbox, outbox_alert_get(m->outbox, a->id), "desk"));
    outbox_delivery_get(m->outbox, a->id, "psa", &told);
    snprintf(told.ticket_id, sizeof told.ticket_id, "%lld", 700000LL + (long long)a->id);
    snprintf(told.ticket_url, sizeof told.ticket_url, "https://psa.example.com/tickets/%lld",
             700000LL + (long long)a->id);
    told.told_revision = a->revision;
    told.told_cleared = !a->open;
    keep(m, outbox_delivery_put(m->outbox, &told));
}

static void one_incident(struct month *m, unsigned number, int64_t at_s)
{
    static const char *const upstreams[] = { "desk", "psa" };
    char                     instance[64], ref[ALERT_REF_MAX], facts[700];
    struct alert a = { .rule = "disk-full", .instance = instance, .ref = ref, .open = true, .facts = facts };

    snprintf(instance, sizeof instance, "system.filesystem.mountpoint=/srv/place-%u", number % 10);
    snprintf(ref, sizeof ref, "picket-%016x", number % 10);
    memset(facts, 'f', sizeof facts - 1);
    facts[sizeof facts - 1] = '\0';
    a.title = "web1.example.com: /srv/place is 97.0 % full";
    a.change = "raised: 97.0 %, warning; for 15 min over 95.0 %";
    a.severity = a.worst = SEVERITY_WARNING;
    a.raised_ms = at_s * 1000;
    tell(m, &a, at_s);
    a.severity = a.worst = SEVERITY_CRITICAL;
    tell(m, &a, at_s + 10);
    a.open = false;
    a.cleared_ms = (at_s + 20) * 1000;
    tell(m, &a, at_s + 20);
    outbox_retire(m->outbox, upstreams, ARRAY_LEN(upstreams));
}

static void one_month(struct month *m, unsigned days)
{
    const int64_t begin_s = INT64_C(1700006400);
    unsigned      incidents = 0;

    for (int64_t s = 0; s < (int64_t)days * DAY_S && !failed(m->e); s += ROUND_S) {
        struct outbox_health health;

        one_round(m, begin_s + s);
        if (s % (DAY_S / INCIDENTS_A_DAY) == 0)
            one_incident(m, incidents++, begin_s + s);
        if (s % HOUR_S)
            continue;
        outbox_tick(m->outbox);
        outbox_health(m->outbox, &health);
        if (health.bytes > m->peak_bytes)
            m->peak_bytes = health.bytes;
        if (failed(health.why))
            keep(m, health.why);
    }
    flush_block(m);
}

struct kept {
    int64_t  first_ms, last_ms;
    uint64_t count;
};

static bool see_block(void *context, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes, size_t len)
{
    struct kept *k = context;

    (void)bytes;
    (void)len;
    if (!k->count)
        k->first_ms = first_ms;
    k->last_ms = last_ms;
    k->count += count;
    return true;
}

static bool see_gap(void *context, int64_t from_ms, int64_t to_ms, uint64_t count, const char *reason)
{
    (void)from_ms;
    (void)to_ms;
    if (!strstr(reason, "age"))
        *(uint64_t *)context += count;
    return true;
}

static int report(struct month *m, unsigned days)
{
    struct kept          kept = { 0 };
    uint64_t             lost = 0;
    struct outbox_counts counts = { 0 };
    char                 text[160];

    keep(m, outbox_samples_each(m->outbox, INT64_MIN, INT64_MAX, see_block, &kept));
    keep(m, outbox_gap_each(m->outbox, see_gap, &lost));
    outbox_counts(m->outbox, &counts);
    if (failed(m->e)) {
        fprintf(stderr, "%s\n", err_print(m->e, text, sizeof text));
        return 1;
    }
    printf("days=%u series=%zu samples=%llu hours=%lld squeezed=%llu incidents=%u history=%llu peak_kb=%llu\n", days,
           m->series_count, (unsigned long long)kept.count,
           (long long)((kept.last_ms - kept.first_ms + 60000) / 3600000), (unsigned long long)lost,
           days * INCIDENTS_A_DAY, (unsigned long long)counts.history, (unsigned long long)(m->peak_bytes / 1024));
    return 0;
}

int main(int argc, char **argv)
{
    static struct month   m;
    unsigned              days = argc > 3 ? (unsigned)atoi(argv[3]) : 30;
    struct outbox_options options = { .history_hours = HISTORY_HOURS };
    int                   status;

    if (argc < 3 || days == 0)
        return 2;
    options.path = argv[1];
    options.max_bytes = (uint64_t)atoi(argv[2]) << 20;
    add_all_series(&m);
    keep(&m, outbox_open(&options, &m.outbox));
    if (!failed(m.e))
        keep(&m, block_writer_new(&m.block));
    if (!failed(m.e))
        one_month(&m, days);
    status = m.outbox ? report(&m, days) : 1;
    if (m.block)
        block_writer_free(&m.block);
    outbox_close(&m.outbox);
    return status;
}
