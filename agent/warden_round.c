#include "agent/warden_parts.h"

#include "agent/outbox/outbox.h"
#include "agent/stocktake.h"
#include "platform/clock.h"

enum { FORGET_PERIODS = 5 };

static void on_sample(void *context, const struct sample *sample)
{
    struct warden *w = context;
    struct err     e = rules_put(w->state.rules, sample);

    if (failed(e) && rules_refused(w->state.rules) <= 1) /* once; the next ones are only counted */
        warden_say("rules", sample->metric->name, e);
    (void)figures_put(w->state.figures, sample, plat_clock_steady_ms());
    (void)block_put(w->state.block, plat_clock_wall_ms(), sample);
}

/* The same failure is said when it starts and when it ends. */
static void on_collector(void *context, const struct collector *collector, struct err outcome, uint64_t took_us)
{
    struct warden *w = context;
    size_t         i = 0;
    char           text[160];
    bool           failing = failed(outcome);

    rules_collector_read(w->state.rules, collector->metrics, collector->metric_count,
                         round_period_s(w->state.round, collector), outcome);
    while (i < collector_count && collectors[i] != collector)
        i++;
    if (i >= COLLECTORS_MAX)
        return;
    w->state.took_us[i] = took_us;
    if (failing == w->was_failing[i])
        return;
    w->was_failing[i] = failing;
    err_print(outcome, text, sizeof text);
    if (outcome.code == ERR_UNSUPPORTED)
        log_info(collector->name, "%s; not asking again", text);
    else if (failing)
        log_warn(collector->name, "%s; trying again every period", text);
    else
        log_info(collector->name, "readable again");
}

/* What is held is recorded here, and told later if it still stands then. */
static void log_held(const struct rule_event *event)
{
    char why[96], value[64];

    log_info("rules", "%s %s: %s is held, %s (%s)", event->rule_name, event->instance,
             event->severity == SEVERITY_OK ? "its end" : severity_name(event->severity),
             event->metric ? metric_print(event->metric, event->value, value, sizeof value) : "absent",
             rule_held_print(event->held, event->held_by, why, sizeof why));
}

static void on_event(void *context, const struct rule_event *event)
{
    struct warden *w = context;
    struct err     e = alerts_on_event(w->alerts, event, plat_clock_wall_ms(), plat_clock_steady_ms());

    if (event->change == RULE_HELD)
        log_held(event);
    if (e.code == ERR_NO_MEMORY)
        rules_tell_again(w->state.rules);
    if (failed(e) && (e.code != ERR_TOO_BIG || alerts_refused(w->alerts) == 1)) /* once; the next ones are only counted */
        warden_say("alerts", event->rule_name, e);
}

void warden_on_alert(void *context, const struct alert *a)
{
    (void)context;
    log_info("alert", "%s %s: %s (%s)", a->open ? severity_name(a->severity) : "cleared", a->ref, a->title, a->change);
}

void warden_flush_samples(struct warden *w)
{
    struct block done;
    struct err   e = block_take(w->state.block, &done);

    w->block_since_ms = plat_clock_steady_ms();
    if (!failed(e) && done.count)
        e = outbox_samples_put(w->state.outbox, done.first_ms, done.last_ms, done.count, done.bytes.data,
                               done.bytes.len);
    block_done(&done);
    if (failed(e))
        warden_say("outbox", "samples of the last minutes are lost", e);
}

/* A disk that refuses is said when it begins and when it ends; status says it all the time. */
static void watch_outbox(struct warden *w)
{
    struct outbox_health health;

    outbox_tick(w->state.outbox);
    outbox_health(w->state.outbox, &health);
    if (health.durable == w->was_durable)
        return;
    w->was_durable = health.durable;
    if (health.durable)
        log_info("outbox", "on disk again");
    if (health.durable && !w->serve)
        warden_open_control(w); /* it was refused by the same disk */
    if (!health.durable)
        warden_say("outbox", "kept in memory until the disk takes it", health.why);
}

static const struct round_listener *listener_of(struct warden *w)
{
    static struct round_listener listener;

    listener = (struct round_listener){ on_sample, on_collector, w };
    return &listener;
}

static void begin_round(struct warden *w, uint64_t now)
{
    struct rules_moment moment;

    moment_read(w->moment, now, plat_clock_wall_ms(), &moment);
    rules_set_moment(w->state.rules, now, &moment);
    rules_begin_round(w->state.rules, now);
}

/* What was read is judged, kept and sent on its way. */
static void end_round(struct warden *w, uint64_t now)
{
    struct agent_state *s = &w->state;

    rules_end_round(s->rules, on_event, w);
    alerts_tick(w->alerts, plat_clock_wall_ms(), now);
    if (now - w->block_since_ms >= (uint64_t)export_block_s(w->state.export) * 1000 || block_is_full(w->state.block))
        warden_flush_samples(w);
    watch_outbox(w);
    dispatch_run(s->dispatch);
    export_run(s->export);
}

void warden_on_late(void *context)
{
    struct warden *w = context;
    uint64_t       now = plat_clock_steady_ms();

    begin_round(w, now);
    round_run_ready(w->state.round, listener_of(w));
    end_round(w, now);
}

static void forget_figures(const struct agent_state *s, uint64_t now)
{
    for (size_t i = 0; i < collector_count; i++) {
        uint64_t keep_ms = (uint64_t)round_period_s(s->round, collectors[i]) * 1000 * FORGET_PERIODS;

        if (now > keep_ms)
            figures_forget(s->figures, collectors[i]->metrics, collectors[i]->metric_count, now - keep_ms);
    }
}

static void run_round(struct warden *w)
{
    struct agent_state *s = &w->state;
    uint64_t            now = plat_clock_steady_ms();

    begin_round(w, now);
    round_run(s->round, now, listener_of(w));
    forget_figures(s, now);
    end_round(w, now);
    stocktake_run(s->stocktake, s->config->inventory_hours, now, plat_clock_wall_ms());
    s->rounds++;
    s->round_at_ms = now;
    if (w->options.on_round)
        w->options.on_round(w->options.context, s);
}

void warden_on_timer(uv_timer_t *timer)
{
    run_round(container_of(timer, struct warden, timer));
}
