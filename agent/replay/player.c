#include "agent/replay/player.h"

/* When an agent has its first round after a start of its machine, and what a machine of unknown age has been up. */
enum { START_MS = 30 * 1000, UP_AT_FIRST_MS = 10 * 86400 * 1000 };

void trace_tell(struct trace_player *p, enum trace_event event)
{
    p->now.zone = p->zone;
    p->listener.on_event(p->listener.context, event, &p->now);
}

void trace_begin(struct trace_player *p)
{
    if (p->begun)
        return;
    p->begun = true;
    p->now.steady_ms = p->now.up_ms = UP_AT_FIRST_MS;
    trace_tell(p, TRACE_BEGIN);
}

static void advance(struct trace_player *p, uint64_t ms)
{
    p->now.passed_ms += ms;
    p->now.wall_ms += (int64_t)ms;
    p->now.steady_ms += ms;
    p->now.up_ms += ms;
}

/* ---- a round ---- */

static void put_series(struct trace_player *p, const struct trace_series *s)
{
    const struct sample sample = { s->metric, s->attrs, s->attr_count, signal_at(&s->signal, p->now.passed_ms, &p->random) };

    p->counts.samples++;
    p->listener.on_sample(p->listener.context, &sample);
}

static void read_source(struct trace_player *p, size_t i)
{
    struct trace_source  *s = p->sources[i];
    const struct metric  *metrics = s->collector ? s->collector->metrics : &s->foreign;
    size_t                count = s->collector ? s->collector->metric_count : 1;
    struct err            outcome = s->failing == ERR_OK ? err_ok() : err_of(s->failing, "as the trace has it");
    uint64_t              own_ms = (uint64_t)s->period_s * 1000;
    uint64_t              period_ms = own_ms > p->period_ms ? own_ms : p->period_ms;

    if (p->now.steady_ms + period_ms / 10 < s->due_ms)
        return;
    s->due_ms = p->now.steady_ms + period_ms;
    for (size_t n = 0; n < p->series_count && s->failing == ERR_OK; n++)
        if (p->series[n].source == i && p->series[n].signal.kind != SIGNAL_GONE)
            put_series(p, &p->series[n]);
    p->listener.on_collector(p->listener.context, metrics, count, (uint32_t)((period_ms + 999) / 1000), outcome);
}

struct err trace_round(struct trace_player *p)
{
    if (++p->counts.rounds > p->rounds_max)
        return err_of(ERR_TOO_BIG, "more rounds than are played of one trace");
    trace_begin(p);
    p->listener.on_round_begin(p->listener.context, &p->now);
    for (size_t i = 0; i < p->source_count; i++)
        read_source(p, i);
    p->listener.on_round_end(p->listener.context, &p->now);
    p->next_ms = p->now.passed_ms + p->period_ms;
    return err_ok();
}

struct err trace_pass(struct trace_player *p, uint64_t ms)
{
    uint64_t   end_ms = p->now.passed_ms + ms;
    struct err e = err_ok();

    trace_begin(p);
    while (!failed(e) && p->next_ms <= end_ms) {
        if (p->next_ms > p->now.passed_ms)
            advance(p, p->next_ms - p->now.passed_ms);
        e = trace_round(p);
    }
    if (!failed(e))
        advance(p, end_ms - p->now.passed_ms);
    return e;
}

/* ---- between rounds ---- */

static void start_clocks_anew(struct trace_player *p)
{
    p->now.steady_ms = p->now.up_ms = START_MS;
    for (size_t i = 0; i < p->source_count; i++)
        p->sources[i]->due_ms = 0;
}

void trace_skip(struct trace_player *p, uint64_t ms, enum trace_event event)
{
    uint64_t steady_ms = p->now.steady_ms;

    trace_begin(p);
    advance(p, ms);
    if (event == TRACE_RESUME)
        p->now.steady_ms = steady_ms;
    if (event == TRACE_BOOT)
        start_clocks_anew(p);
    if (event == TRACE_RESTART)
        for (size_t i = 0; i < p->source_count; i++)
            p->sources[i]->due_ms = 0;
    p->next_ms = event == TRACE_RESUME ? p->next_ms + ms : p->now.passed_ms; /* timers sleep along */
    trace_tell(p, event);
}
