#include "agent/control/answers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/collect.h"
#include "agent/outbox/desk.h"
#include "agent/upstream/setup.h"
#include "platform/child.h"
#include "platform/clock.h"
#include "platform/user.h"
#include "version.h"

enum { FORECAST_SHOWN_S = 30 * 86400 }; /* beyond it nobody plans */

#define COPY(into, text) copy(into, sizeof(into), text)

static void copy(char *into, size_t size, const char *text)
{
    text = text ? text : "";
    utf8_copy(into, size, text, strlen(text));
}

static void put(const struct answer_sink *to, const struct record *record, const void *value)
{
    to->put(to->context, record, value);
}

static bool keep_gap(void *context, int64_t from_ms, int64_t to_ms, uint64_t count, const char *reason)
{
    struct talk_agent *a = context;
    char               from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];

    snprintf(a->last_gap, sizeof a->last_gap, "%s to %s: %" PRIu64 " samples, %.80s", plat_clock_print(from_ms, from),
             plat_clock_print(to_ms, to), count, reason);
    return true;
}

void answer_agent(const struct agent_state *s, const struct answer_sink *to)
{
    struct talk_agent    a = { 0 };
    struct outbox_health health;
    struct outbox_counts counts;
    struct plat_user     self;

    outbox_health(s->outbox, &health);
    outbox_counts(s->outbox, &counts);
    plat_user_self(&self);
    COPY(a.version, PICKET_VERSION);
    COPY(a.device_id, s->device_id);
    COPY(a.device_name, s->device_name);
    COPY(a.user, self.name);
    a.process = (uint64_t)uv_os_getpid();
    if (s->link && courier_link_is_up(s->link)) {
        a.courier_process = courier_link_process(s->link);
        COPY(a.courier_user, s->courier.user);
        COPY(a.courier_confinement, s->courier.confinement);
    }
    a.started = s->started_ms;
    a.period_s = s->config->period_s;
    COPY(a.configuration, s->config_origin);
    COPY(a.configuration_error, s->config_error);
    rules_quiet_print(s->rules, a.quiet, sizeof a.quiet);
    a.durable = health.durable;
    if (!health.durable)
        err_print(health.why, a.durable_why, sizeof a.durable_why);
    COPY(a.set_aside, health.set_aside);
    a.outbox_bytes = health.bytes;
    a.unsaved = health.unsaved;
    a.open_alerts = counts.open_alerts;
    a.sample_blocks = counts.sample_blocks;
    a.gaps = counts.gaps;
    if (counts.gaps)
        (void)outbox_gap_each(s->outbox, keep_gap, &a); /* the last one stays */
    a.rounds = s->rounds;
    a.round_age_ms = s->rounds ? plat_clock_steady_ms() - s->round_at_ms : 0;
    put(to, &talk_agent_record, &a);
}

static bool has_rule(const struct policy *policy, const char *metric)
{
    for (size_t i = 0; i < policy->count; i++)
        if (policy->rules[i].enabled && rule_looks_at(&policy->rules[i], metric))
            return true;
    return false;
}

void answer_figures(const struct agent_state *s, const struct answer_sink *to)
{
    for (size_t i = 0; i < figures_count(s->figures); i++) {
        const struct figure *f = figures_get(s->figures, i);
        struct talk_figure   t = { .value = f->value, .rule = has_rule(s->config->policy, f->metric->name) };

        COPY(t.name, f->metric->name);
        COPY(t.instance, f->instance);
        COPY(t.unit, unit_text(f->metric->unit));
        metric_print(f->metric, f->value, t.text, sizeof t.text);
        put(to, &talk_figure_record, &t);
    }
}

/* That the system does not offer it is said by the state. */
static void why_print(struct err why, char *into, size_t size)
{
    if (why.code == ERR_UNSUPPORTED)
        snprintf(into, size, "%s", why.step);
    else
        err_print(why, into, size);
}

static const char *collector_state(struct err outcome)
{
    switch (outcome.code) {
    case ERR_OK:
        return "ok";
    case ERR_UNSUPPORTED:
        return "unsupported";
    case ERR_NOT_FOUND:
        return outcome.os ? "failed" : "waiting";
    default:
        return "failed";
    }
}

void answer_collectors(const struct agent_state *s, const struct answer_sink *to)
{
    for (size_t i = 0; i < collector_count; i++) {
        struct err            outcome = round_outcome(s->round, i);
        struct talk_collector t = { .took_us = i < COLLECTORS_MAX ? s->took_us[i] : 0 };

        COPY(t.name, collectors[i]->name);
        COPY(t.state, round_is_asleep(s->round, i) ? "asleep" : collector_state(outcome));
        if (round_is_asleep(s->round, i))
            COPY(t.why, "read when a rule or a person asks");
        else if (failed(outcome))
            why_print(outcome, t.why, sizeof t.why);
        put(to, &talk_collector_record, &t);
    }
}

static const char *const state_words[] = {
    [RULE_STATE_OK] = "ok",           [RULE_STATE_PENDING] = "pending", [RULE_STATE_WARNING] = "warning",
    [RULE_STATE_CRITICAL] = "critical", [RULE_STATE_UNKNOWN] = "unknown",
    [RULE_STATE_HELD] = "held",
};

static void limit_print(const struct rule *rule, const struct metric *metric, char *into, size_t size)
{
    char                     warning[40], critical[40];
    const struct rule_level *both[] = { &rule->warning, &rule->critical };

    if (rule->test == RULE_ABSENT) {
        snprintf(into, size, "absent");
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        char *text = i == 0 ? warning : critical;
        if (!both[i]->set)
            snprintf(text, sizeof warning, "-");
        else
            rule_value_print(rule, metric, both[i]->raise, text, sizeof warning);
    }
    snprintf(into, size, "%s %s / %s", rule_test_name(rule->test), warning, critical);
}

/* "100 % in 31 h, if it goes on so" */
static void say_forecast(const struct rule_view *v, char *into, size_t size)
{
    static const struct metric duration = { .unit = UNIT_SECONDS };
    char                       there[40], until[40];

    snprintf(into, size, "%s in %s, if it goes on so",
             rule_value_print(v->rule, v->metric, v->rule->forecast.reaches, there, sizeof there),
             metric_print(&duration, v->until_s, until, sizeof until));
}

/* What keeps it from being a breach, whatever its value. */
static const struct rule_seen *in_the_way(const struct rule_view *v)
{
    for (size_t c = 0; c < v->seen_count; c++)
        if (v->seen[c].holds == RULE_NO)
            return &v->seen[c];
    return NULL;
}

static bool is_unsupported(const struct rule_view *v)
{
    return v->state == RULE_STATE_UNKNOWN && v->why.code == ERR_UNSUPPORTED;
}

static void put_rule(void *context, const struct rule_view *v)
{
    const struct answer_sink *to = context;
    struct talk_rule          t = { .value = v->value };

    COPY(t.rule, v->rule->name);
    COPY(t.instance, v->instance);
    COPY(t.state, is_unsupported(v) ? "unsupported" : state_words[v->state]);
    if (v->metric && !isnan(v->value))
        rule_value_print(v->rule, v->metric, v->value, t.value_text, sizeof t.value_text);
    limit_print(v->rule, v->metric, t.limit_text, sizeof t.limit_text);
    if (v->state == RULE_STATE_UNKNOWN)
        why_print(v->why, t.why, sizeof t.why);
    else if (v->flapped.times)
        rule_flapped_print(&v->flapped, t.why, sizeof t.why);
    else if (v->held != RULE_NOT_HELD)
        rule_held_print(v->held, v->held_by, t.why, sizeof t.why);
    else if (in_the_way(v))
        rule_seen_print(in_the_way(v), t.why, sizeof t.why);
    else if (isfinite(v->until_s) && v->until_s < FORECAST_SHOWN_S)
        say_forecast(v, t.why, sizeof t.why);
    put(to, &talk_rule_record, &t);
}

void answer_rules(const struct agent_state *s, const struct answer_sink *to)
{
    rules_each(s->rules, put_rule, (void *)(uintptr_t)to);
}

static bool put_alert(void *context, const struct alert *a)
{
    const struct answer_sink *to = context;
    struct talk_alert         t = { .open = a->open,
                                    .revision = a->revision,
                                    .raised = a->raised_ms,
                                    .changed = a->changed_ms,
                                    .cleared = a->cleared_ms };

    COPY(t.rule, a->rule);
    COPY(t.instance, a->instance);
    COPY(t.ref, a->ref);
    COPY(t.severity, severity_name(a->severity));
    COPY(t.title, a->title);
    COPY(t.change, a->change);
    put(to, &talk_alert_record, &t);
    return true;
}

void answer_alerts(const struct agent_state *s, const struct answer_sink *to)
{
    outbox_alert_each(s->outbox, put_alert, (void *)(uintptr_t)to);
}

static const char *mood_word(const struct upstream_view *view)
{
    switch (view->news.mood) {
    case LINK_RETRYING:
        return "retrying";
    case LINK_REFUSED:
        return "refused";
    case LINK_UNUSABLE:
        return "unusable";
    default:
        return view->last_ok_ms ? "ok" : "idle";
    }
}

void answer_upstreams(const struct agent_state *s, const struct answer_sink *to)
{
    for (size_t i = 0; i < dispatch_upstream_count(s->dispatch); i++) {
        struct upstream_view view;
        struct export_view   samples;
        struct talk_upstream t = { 0 };

        dispatch_upstream_get(s->dispatch, i, &view);
        if (export_get(s->export, i, &samples)) {
            view.waiting = samples.waiting;
            view.last_ok_ms = samples.last_ok_ms;
            if (!view.news.why[0])
                COPY(view.news.why, samples.note);
        }
        COPY(t.name, view.name);
        COPY(t.connector, view.connector);
        COPY(t.state, mood_word(&view));
        COPY(t.why, view.news.why);
        t.waiting = view.waiting;
        t.retry_s = view.news.retry_s;
        t.last_ok = view.last_ok_ms;
        put(to, &talk_upstream_record, &t);
    }
}

/* ---- tickets ---- */

struct ticket_walk {
    const struct agent_state *state;
    const struct answer_sink *to;
    const char               *desk; /* the name of the upstream that is the desk */
};

static const char *delivery_state(const struct alert *a, const struct delivery *d)
{
    if (!d->ticket_id[0])
        return d->told_revision ? "sent" : "waiting";
    if (d->told_cleared)
        return d->note[0] ? "left" : "closed";
    return a->open ? "open" : "closing";
}

static bool put_deliveries(void *context, const struct alert *a)
{
    const struct ticket_walk *w = context;
    const struct config      *config = w->state->config;

    for (size_t i = 0; i < config->upstream_count; i++) {
        struct talk_ticket t = { .opened = a->raised_ms, .changed = a->changed_ms, .closed = a->cleared_ms };
        struct delivery    d;

        if (upstream_is_desk(&config->upstreams[i]) || upstream_takes_samples(&config->upstreams[i]) ||
            a->worst < config->upstreams[i].from)
            continue;
        outbox_delivery_get(w->state->outbox, a->id, config->upstreams[i].name, &d);
        COPY(t.upstream, config->upstreams[i].name);
        COPY(t.id, d.ticket_id);
        COPY(t.url, d.ticket_url);
        COPY(t.state, delivery_state(a, &d));
        COPY(t.severity, severity_name(a->severity));
        COPY(t.title, a->title);
        COPY(t.ref, a->ref);
        COPY(t.note, d.note);
        put(w->to, &talk_ticket_record, &t);
    }
    return true;
}

/* Of what is over and told; the desk has its own list. */
static void put_told(void *context, const struct outbox_told *told)
{
    const struct ticket_walk *w = context;
    struct talk_ticket        t = { .opened = told->raised_ms, .changed = told->changed_ms, .closed = told->cleared_ms };

    if (strcmp(told->upstream, w->desk) == 0)
        return;
    COPY(t.upstream, told->upstream);
    COPY(t.id, told->ticket_id);
    COPY(t.url, told->ticket_url);
    COPY(t.state, told->note[0] ? "left" : "closed");
    COPY(t.severity, severity_name(told->worst));
    COPY(t.title, told->title);
    COPY(t.ref, told->ref);
    COPY(t.note, told->note);
    put(w->to, &talk_ticket_record, &t);
}

static void put_desk(const struct ticket_walk *w, const struct desk_ticket *from)
{
    struct talk_ticket t = { .number = (uint64_t)from->number,
                             .touched = from->touched,
                             .opened = from->opened_ms,
                             .changed = from->changed_ms,
                             .closed = from->closed_ms };

    COPY(t.upstream, w->desk);
    snprintf(t.id, sizeof t.id, "%lld", (long long)from->number);
    COPY(t.state, from->open ? "open" : "closed");
    COPY(t.severity, severity_name(from->severity));
    COPY(t.title, from->title);
    COPY(t.ref, from->ref);
    put(w->to, &talk_ticket_record, &t);
}

static bool put_desk_ticket(void *context, const struct desk_ticket *ticket)
{
    put_desk(context, ticket);
    return true;
}

static const char *desk_name(const struct config *config)
{
    for (size_t i = 0; i < config->upstream_count; i++)
        if (upstream_is_desk(&config->upstreams[i]))
            return config->upstreams[i].name;
    return "desk";
}

struct err answer_tickets(const struct agent_state *s, bool all, const struct answer_sink *to)
{
    struct ticket_walk walk = { s, to, desk_name(s->config) };

    outbox_alert_each(s->outbox, put_deliveries, &walk);
    if (all)
        outbox_told_each(s->outbox, put_told, &walk);
    return desk_ticket_each(s->outbox, all, put_desk_ticket, &walk);
}

static bool put_note(void *context, const struct desk_note *note)
{
    const struct answer_sink *to = context;
    struct talk_note          t = { .at = note->at_ms };

    COPY(t.author, note->author);
    COPY(t.text, note->text);
    put(to, &talk_note_record, &t);
    return true;
}

struct err answer_ticket(const struct agent_state *s, int64_t number, const struct answer_sink *to)
{
    struct ticket_walk      walk = { s, to, desk_name(s->config) };
    struct desk_ticket      ticket;
    struct talk_text text;
    struct err              e = desk_ticket_get(s->outbox, number, &ticket);

    if (failed(e))
        return e;
    put_desk(&walk, &ticket);
    COPY(text.text, ticket.text);
    put(to, &talk_text_record, &text);
    return desk_note_each(s->outbox, number, put_note, (void *)(uintptr_t)to);
}
