/* Does the agent's memory grow with what it does? Thousands of report cycles in one process, as the warden does them.
 *
 *   bench_cycles FILE [CYCLES]
 *
 * A cycle is all collectors, the rules, an alert that is raised in one and cleared in the next, the outbox in FILE (which must
 * not exist), its ticket on the local desk, samples put into blocks and onto disk. Only time is not real: a minute passes
 * with each cycle. Memory is what /proc/self/smaps_rollup says after a tenth of the cycles and at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/alert/alerts.h"
#include "agent/collect/collect.h"
#include "agent/collect/figures.h"
#include "agent/collect/round.h"
#include "agent/dispatch.h"
#include "agent/outbox/block.h"
#include "agent/outbox/desk.h"
#include "agent/rule/rules.h"
#include "platform/clock.h"

enum { CYCLE_MS = 60 * 1000, CYCLES_PER_BLOCK = 5 };

static const char settings[] =
    "{\"rules\":[{\"name\":\"bench\",\"metric\":\"system.linux.cpu.load_1m\",\"title\":\"{device}: {value}\","
    "\"facts\":\"limit {level}\",\"warning\":{\"above\":100},\"flapping\":{\"enabled\":false}}]}";

struct bench {
    struct config       *config;
    struct outbox       *outbox;
    struct round        *round;
    struct rules        *rules;
    struct alerts       *alerts;
    struct figures      *figures;
    struct dispatch     *dispatch;
    struct block_writer *block;
    uint64_t             steady_ms;
    int64_t              wall_ms;
    bool                 breach;
    struct err           e; /* the first that failed */
};

static void keep(struct bench *b, struct err e)
{
    if (!failed(b->e))
        b->e = e;
}

static void on_sample(void *context, const struct sample *sample)
{
    struct bench *b = context;
    struct sample said = *sample;

    if (strcmp(said.metric->name, "system.linux.cpu.load_1m") == 0)
        said.value = b->breach ? 1000 : 0;
    keep(b, rules_put(b->rules, &said));
    keep(b, figures_put(b->figures, &said, b->steady_ms));
    keep(b, block_put(b->block, b->wall_ms, &said));
}

static void on_collector(void *context, const struct collector *collector, struct err outcome, uint64_t took_us)
{
    struct bench *b = context;

    (void)took_us;
    rules_collector_read(b->rules, collector->metrics, collector->metric_count, CYCLE_MS / 1000, outcome);
}

static void on_event(void *context, const struct rule_event *event)
{
    struct bench *b = context;

    keep(b, alerts_on_event(b->alerts, event, b->wall_ms, b->steady_ms));
}

static void flush_block(struct bench *b)
{
    struct block done;
    struct err   e = block_take(b->block, &done);

    if (!failed(e) && done.count)
        e = outbox_samples_put(b->outbox, done.first_ms, done.last_ms, done.count, done.bytes.data, done.bytes.len);
    block_done(&done);
    keep(b, e);
}

static void one_cycle(struct bench *b, int number)
{
    const struct round_listener listener = { on_sample, on_collector, b };

    b->steady_ms += CYCLE_MS;
    b->wall_ms += CYCLE_MS;
    b->breach = number % 2 == 0;
    rules_begin_round(b->rules, b->steady_ms);
    round_run(b->round, b->steady_ms, &listener);
    rules_end_round(b->rules, on_event, b);
    alerts_tick(b->alerts, b->wall_ms, b->steady_ms);
    for (size_t i = 0; i < collector_count; i++)
        figures_forget(b->figures, collectors[i]->metrics, collectors[i]->metric_count, b->steady_ms - CYCLE_MS);
    if (number % CYCLES_PER_BLOCK == CYCLES_PER_BLOCK - 1)
        flush_block(b);
    outbox_tick(b->outbox);
    dispatch_run(b->dispatch);
}

static void open_bench(struct bench *b, const char *path)
{
    static const struct dispatch_device device = { "bench", "bench", "" };
    const struct outbox_options         outbox = { .path = path, .max_bytes = 16 * 1024 * 1024 };
    struct alerts_options               alerts = { .device_id = "bench", .device_name = "bench", .remind_hours = 24 };

    b->steady_ms = plat_clock_steady_ms();
    b->wall_ms = plat_clock_wall_ms();
    /* Without the built-in rules: where minutes pass in milliseconds a busy CPU soon deserves tickets of its own. */
    keep(b, config_parse(settings, sizeof settings - 1, NULL, 0, NULL, &b->config));
    if (!failed(b->e))
        keep(b, outbox_open(&outbox, &b->outbox));
    if (!failed(b->e))
        keep(b, round_new(CYCLE_MS / 1000, &b->round));
    if (!failed(b->e))
        keep(b, rules_new(b->config->policy, &b->rules));
    alerts.outbox = b->outbox;
    if (!failed(b->e))
        keep(b, alerts_open(&alerts, &b->alerts));
    if (!failed(b->e))
        keep(b, alerts_restore(b->alerts, b->rules, b->config->policy, b->wall_ms, b->steady_ms));
    if (!failed(b->e))
        keep(b, figures_new(&b->figures));
    if (!failed(b->e))
        keep(b, block_writer_new(&b->block));
    if (!failed(b->e))
        keep(b, dispatch_new(b->config, b->outbox, &device, &b->dispatch));
}

static void close_bench(struct bench *b)
{
    dispatch_free(&b->dispatch);
    block_writer_free(&b->block);
    figures_free(&b->figures);
    alerts_close(&b->alerts);
    rules_free(&b->rules);
    round_free(&b->round);
    outbox_close(&b->outbox);
    config_free(&b->config);
}

/* kB that no other process shares. */
static unsigned long private_kb(void)
{
    FILE         *file = fopen("/proc/self/smaps_rollup", "r");
    char          line[200];
    unsigned long kb, sum = 0;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Private_Clean: %lu", &kb) == 1 || sscanf(line, "Private_Dirty: %lu", &kb) == 1)
            sum += kb;
    if (file)
        fclose(file);
    return sum;
}

/* The newest ticket's number: how many there ever were, for old ones go. */
static bool newest_ticket(void *context, const struct desk_ticket *ticket)
{
    *(long *)context = (long)ticket->number;
    return false;
}

int main(int argc, char **argv)
{
    struct bench         b = { 0 };
    int                  cycles = argc > 2 ? atoi(argv[2]) : 10000;
    unsigned long        early = 0, late = 0;
    long                 tickets = 0;
    struct outbox_health health = { 0 };
    char                 text[160];

    if (argc < 2 || cycles < 10)
        return 2;
    open_bench(&b, argv[1]);
    for (int i = 0; i < cycles && !failed(b.e); i++) {
        one_cycle(&b, i);
        if (i == cycles / 10)
            early = private_kb();
    }
    late = private_kb();
    if (!failed(b.e)) {
        keep(&b, desk_ticket_each(b.outbox, true, newest_ticket, &tickets));
        outbox_health(b.outbox, &health);
    }
    close_bench(&b);
    if (failed(b.e)) {
        fprintf(stderr, "%s\n", err_print(b.e, text, sizeof text));
        return 1;
    }
    printf("cycles=%d tickets=%ld durable=%d disk_kb=%lu early_kb=%lu late_kb=%lu\n", cycles, tickets, health.durable,
           (unsigned long)(health.bytes / 1024), early, late);
    return 0;
}
