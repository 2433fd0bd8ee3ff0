#include "agent/replay/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/alert/alerts.h"
#include "agent/dispatch.h"
#include "agent/outbox/desk.h"
#include "agent/replay/bare.h"
#include "agent/replay/quiet.h"
#include "proto/json.h"

/* A real device's id would make its references; a trace has none. */
static const char DEVICE_ID[] = "00000000000000000000000000000000";
static const uint64_t ROUNDS_MAX = 2000000;

struct replay {
    struct replay_options  options;
    struct trace_player   *player;
    struct trace_now       now; /* of the round */
    struct config          config; /* the desk alone */
    struct dispatch_device device;
    char                   device_name[DEVICE_NAME_MAX], about[WANT_WHY_MAX];
    struct outbox         *outbox;
    struct block_writer   *block;
    struct rules          *rules;
    struct alerts         *alerts;
    struct dispatch       *dispatch;
    struct bare           *bare;
    struct quiet          *quiet;
    struct replay_alert   *told;
    size_t                 told_count, told_room;
    struct replay_change  *changes;
    size_t                 change_count, change_room;
    struct wants           wants;
    const char            *strange[REPLAY_STRANGE_MAX];
    size_t                 strange_count;
    struct err             err; /* the first failure of ours, not the trace's */
};

static void keep_first(struct replay *r, struct err e)
{
    if (failed(e) && !failed(r->err))
        r->err = e;
}

/* ---- what was told ---- */

static void *grow(void *items, size_t count, size_t *room, size_t most, size_t size)
{
    size_t more = *room ? 2 * *room : 16;
    void  *grown;

    if (count < *room)
        return items;
    grown = more <= most * 2 ? realloc(items, more * size) : NULL;
    if (grown)
        *room = more;
    return grown;
}

static struct replay_alert *told_find(struct replay *r, int64_t id)
{
    for (size_t i = r->told_count; i-- > 0;)
        if (r->told[i].id == id)
            return &r->told[i];
    return NULL;
}

static struct replay_alert *told_add(struct replay *r, const struct alert *a)
{
    struct replay_alert *grown = grow(r->told, r->told_count, &r->told_room, REPLAY_ALERTS_MAX, sizeof *grown), *t;

    if (!grown)
        return NULL;
    r->told = grown;
    t = &r->told[r->told_count++];
    *t = (struct replay_alert){ .id = a->id, .raised_ms = r->now.passed_ms, .raised_wall_ms = r->now.wall_ms, .want = -1 };
    snprintf(t->rule, sizeof t->rule, "%s", a->rule);
    snprintf(t->instance, sizeof t->instance, "%s", a->instance);
    snprintf(t->title, sizeof t->title, "%s", a->title);
    return t;
}

static void change_add(struct replay *r, const struct replay_alert *t, const struct alert *a)
{
    struct replay_change *grown = grow(r->changes, r->change_count, &r->change_room, REPLAY_CHANGES_MAX, sizeof *grown), *c;

    if (!grown) {
        keep_first(r, err_of(ERR_TOO_BIG, "keeping what was told"));
        return;
    }
    r->changes = grown;
    c = &r->changes[r->change_count++];
    *c = (struct replay_change){ (size_t)(t - r->told), r->now.passed_ms, a->open ? a->severity : SEVERITY_OK, "" };
    snprintf(c->text, sizeof c->text, "%s", a->change);
}

static void tell_of(struct replay *r, const struct alert *a)
{
    struct replay_alert *t = told_find(r, a->id);

    if (!t)
        t = told_add(r, a);
    if (!t) {
        keep_first(r, err_of(ERR_TOO_BIG, "keeping what was told"));
        return;
    }
    t->worst = a->worst;
    t->open = a->open;
    t->cleared_ms = r->now.passed_ms;
    t->cleared_wall_ms = r->now.wall_ms;
    change_add(r, t, a);
}

/* It stood when the storm was over that held it. */
static bool tell_standing(void *context, const struct alert *a)
{
    struct replay *r = context;

    if (a->open && !told_find(r, a->id))
        tell_of(r, a);
    return true;
}

static void on_alert(void *context, const struct alert *a)
{
    struct replay *r = context;

    if (!told_find(r, a->id) && storm_part_of(r->outbox, a) != STORM_NONE)
        return;
    tell_of(r, a);
    if (storm_is(a) && !a->open)
        outbox_alert_each(r->outbox, tell_standing, r);
}

/* ---- an agent ---- */

static void stop_agent(struct replay *r)
{
    dispatch_free(&r->dispatch);
    alerts_close(&r->alerts);
    rules_free(&r->rules);
}

static struct err start_agent(struct replay *r)
{
    const struct alerts_options o = { .outbox = r->outbox,
                                      .device_id = DEVICE_ID,
                                      .device_name = r->device_name,
                                      .remind_hours = r->options.remind_hours,
                                      .storm = r->options.storm,
                                      .block = r->block,
                                      .on_change = on_alert,
                                      .context = r };
    struct err                  e = rules_new(r->options.policy, &r->rules);

    if (!failed(e))
        e = alerts_open(&o, &r->alerts);
    if (!failed(e))
        e = alerts_restore(r->alerts, r->rules, r->options.policy, r->now.wall_ms, r->now.steady_ms);
    if (!failed(e))
        e = dispatch_new(&r->config, r->outbox, &r->device, &r->dispatch);
    return e;
}

static void on_event(void *context, enum trace_event event, const struct trace_now *now)
{
    struct replay *r = context;

    r->now = *now;
    if (event == TRACE_BEGIN || event == TRACE_ZONE)
        keep_first(r, quiet_set_zone(r->quiet, now->zone));
    if (event != TRACE_BEGIN && event != TRACE_BOOT && event != TRACE_RESTART)
        return;
    stop_agent(r);
    keep_first(r, start_agent(r));
}

/* ---- a round ---- */

static void on_round_begin(void *context, const struct trace_now *now)
{
    struct replay      *r = context;
    struct rules_moment moment;

    r->now = *now;
    if (failed(r->err))
        return;
    quiet_read(r->quiet, now, &moment);
    rules_set_moment(r->rules, now->steady_ms, &moment);
    rules_begin_round(r->rules, now->steady_ms);
    bare_begin_round(r->bare, now->steady_ms);
}

static void note_strange(struct replay *r, const char *metric)
{
    const struct policy *policy = r->options.policy;

    for (size_t i = 0; i < policy->count; i++)
        if (rule_looks_at(&policy->rules[i], metric))
            return;
    for (size_t i = 0; i < r->strange_count; i++)
        if (strcmp(r->strange[i], metric) == 0)
            return;
    if (r->strange_count < REPLAY_STRANGE_MAX)
        r->strange[r->strange_count++] = metric; /* the player's, which we own */
}

static void on_sample(void *context, const struct sample *sample)
{
    struct replay *r = context;

    if (failed(r->err))
        return;
    keep_first(r, rules_put(r->rules, sample));
    bare_put(r->bare, sample);
    (void)block_put(r->block, r->now.wall_ms, sample);
    if (!metric_find(sample->metric->name))
        note_strange(r, sample->metric->name);
}

static void on_collector(void *context, const struct metric *metrics, size_t count, uint32_t period_s, struct err outcome)
{
    struct replay *r = context;

    if (failed(r->err))
        return;
    rules_collector_read(r->rules, metrics, count, period_s, outcome);
    bare_collector_read(r->bare, metrics, count, period_s, outcome);
}

static void on_breach(void *context, const struct rule_event *event)
{
    struct replay *r = context;

    keep_first(r, alerts_on_event(r->alerts, event, r->now.wall_ms, r->now.steady_ms));
}

static void on_round_end(void *context, const struct trace_now *now)
{
    struct replay *r = context;
    struct block   done;

    if (failed(r->err))
        return;
    rules_end_round(r->rules, on_breach, r);
    bare_end_round(r->bare);
    alerts_tick(r->alerts, now->wall_ms, now->steady_ms);
    if (block_is_full(r->block) && !failed(block_take(r->block, &done)))
        block_done(&done);
    dispatch_run(r->dispatch);
}

/* ---- what a trace says of itself ---- */

static struct err on_word(void *context, const struct words *w, const struct trace_now *now)
{
    struct replay *r = context;
    const char    *last = w->word[w->count - 1];

    (void)now;
    if (strcmp(w->word[0], "want") == 0)
        return wants_add(&r->wants, w);
    if (strcmp(w->word[0], "device") == 0)
        utf8_copy(r->device_name, sizeof r->device_name, last, strlen(last));
    else if (w->count == 3 && strcmp(w->word[1], ":") == 0)
        utf8_copy(r->about, sizeof r->about, last, strlen(last));
    else
        return err_of(ERR_MALFORMED, "expected: about : TEXT");
    return err_ok();
}

/* ---- from beginning to end ---- */

static struct err prepare(struct replay *r)
{
    const struct trace_listener listener = { on_round_begin, on_sample, on_collector, on_round_end, on_event, on_word, r };
    const struct outbox_options outbox = { .device_id = DEVICE_ID };
    struct err                  e = outbox_open(&outbox, &r->outbox);

    r->config.upstreams[0] = (struct config_upstream){ .name = "desk", .connector = "desk", .from = SEVERITY_WARNING };
    r->config.upstream_count = 1;
    r->config.policy = (struct policy *)(uintptr_t)r->options.policy;
    r->device = (struct dispatch_device){ DEVICE_ID, r->device_name, "" };
    snprintf(r->device_name, sizeof r->device_name, "%s", r->options.device_name ? r->options.device_name : "machine");
    if (!failed(e))
        e = block_writer_new(&r->block);
    if (!failed(e))
        e = bare_new(r->options.policy, &r->bare);
    if (!failed(e))
        e = quiet_new(r->options.policy, &r->quiet);
    if (!failed(e))
        e = trace_player_new(&listener, r->options.rounds_max ? r->options.rounds_max : ROUNDS_MAX, &r->player);
    return e;
}

struct err replay_new(const struct replay_options *options, struct replay **ret)
{
    struct replay *r = calloc(1, sizeof *r);
    struct err     e;

    if (!r)
        return err_of(ERR_NO_MEMORY, "playing a trace");
    r->options = *options;
    e = prepare(r);
    if (failed(e))
        replay_free(&r);
    else
        *ret = r;
    return e;
}

void replay_free(struct replay **at)
{
    struct replay *r = *at;

    if (!r)
        return;
    *at = NULL;
    stop_agent(r);
    bare_free(&r->bare);
    quiet_free(&r->quiet);
    block_writer_free(&r->block);
    outbox_close(&r->outbox);
    trace_player_free(&r->player);
    wants_done(&r->wants);
    free(r->told);
    free(r->changes);
    free(r);
}

struct err replay_feed(struct replay *r, const void *bytes, size_t len)
{
    struct err e = trace_player_feed(r->player, bytes, len);

    return failed(e) ? e : r->err;
}

const char *replay_why(const struct replay *r)
{
    return failed(r->err) ? r->err.step : trace_player_why(r->player);
}

static bool count_ticket(void *context, const struct desk_ticket *ticket)
{
    uint64_t *most = context;

    if ((uint64_t)ticket->number > *most)
        *most = (uint64_t)ticket->number;
    return true;
}

static void meet_wants(struct replay *r, struct replay_result *into)
{
    for (size_t i = 0; i < r->told_count; i++) {
        struct replay_alert *t = &r->told[i];

        t->want = wants_meet(&r->wants, t->rule, t->instance, t->worst, t->raised_ms, t->open, t->cleared_ms);
        into->too_many += t->want < 0;
    }
    for (size_t i = 0; i < r->wants.count; i++)
        into->missed += !r->wants.all[i].met;
}

struct err replay_end(struct replay *r, struct replay_result *ret)
{
    struct replay_result result = { .about = r->about };
    struct err           e = trace_player_end(r->player);

    if (!failed(e))
        e = r->err;
    if (!failed(e))
        e = desk_ticket_each(r->outbox, true, count_ticket, &result.tickets);
    if (failed(e))
        return e;
    if (r->wants.said)
        meet_wants(r, &result);
    result.alerts = r->told;
    result.alert_count = r->told_count;
    result.changes = r->changes;
    result.change_count = r->change_count;
    result.wants = r->wants.all;
    result.want_count = r->wants.count;
    result.wants_said = r->wants.said;
    result.bare = bare_alerts(r->bare);
    result.passed_ms = r->now.passed_ms;
    result.strange = r->strange;
    result.strange_count = r->strange_count;
    trace_player_counts(r->player, &result.counts);
    *ret = result;
    return e;
}
