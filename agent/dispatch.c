#include "agent/dispatch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/collect.h"
#include "agent/outbox/desk.h"
#include "agent/upstream/setup.h"
#include "platform/clock.h"
#include "platform/log.h"

enum { FLIGHTS_MAX = 32 }; /* with the courier at a time, of one upstream; below its LANE_WORKS_MAX */

struct flight {
    int64_t  alert_id; /* 0: free */
    uint32_t revision;
};

struct lane_state {
    struct flight    flights[FLIGHTS_MAX];
    struct link_news news;
    int64_t          last_ok_ms;
    uint32_t         waiting;
};

struct dispatch {
    const struct config         *config;
    struct outbox               *outbox;
    struct courier_link         *link;
    const struct dispatch_device *device;
    struct lane_state            lanes[CONFIG_UPSTREAMS_MAX];
    const char                  *names[CONFIG_UPSTREAMS_MAX];
    const char                  *told[CONFIG_UPSTREAMS_MAX]; /* those that are told of alerts */
    size_t                       told_count;
};

struct err dispatch_new(const struct config *config, struct outbox *outbox,
                        const struct dispatch_device *device, struct dispatch **ret)
{
    struct dispatch *d = calloc(1, sizeof *d);

    if (!d)
        return err_of(ERR_NO_MEMORY, "preparing upstreams");
    d->config = config;
    d->outbox = outbox;
    d->device = device;
    for (size_t i = 0; i < config->upstream_count; i++) {
        d->names[i] = config->upstreams[i].name;
        if (!upstream_takes_samples(&config->upstreams[i]))
            d->told[d->told_count++] = d->names[i];
    }
    *ret = d;
    return err_ok();
}

void dispatch_free(struct dispatch **d)
{
    free(*d);
    *d = NULL;
}

void dispatch_set_link(struct dispatch *d, struct courier_link *link)
{
    d->link = link;
}

static struct flight *flight_find(struct lane_state *lane, int64_t alert_id)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (lane->flights[i].alert_id == alert_id)
            return &lane->flights[i];
    return NULL;
}

/* ---- what a work says ---- */

struct work_text {
    char event_id[96], value[64], level[64];
    char raised[CLOCK_TEXT_BYTES], changed[CLOCK_TEXT_BYTES], cleared[CLOCK_TEXT_BYTES];
};

static const struct rule *rule_of(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->policy->count; i++)
        if (strcmp(config->policy->rules[i].name, name) == 0)
            return &config->policy->rules[i];
    return NULL;
}

static void number_print(const struct rule *rule, const struct metric *metric, double value, char *into, size_t size)
{
    into[0] = '\0';
    if (!isnan(value))
        rule_value_print(rule, metric, value, into, size);
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static void facts_fill(const struct dispatch *d, const struct alert *a, struct work_text *t,
                       struct ticket_facts *f)
{
    const struct rule   *rule = rule_of(d->config, a->rule);
    const struct metric *metric = rule ? metric_find(rule->metric) : NULL;

    /* Stable for one change of one incident, also when the database was lost and ids begin again. */
    snprintf(t->event_id, sizeof t->event_id, "%s-%" PRIx64 "-%u", a->ref, (uint64_t)a->raised_ms,
             (unsigned)a->revision);
    number_print(rule, metric, a->value, t->value, sizeof t->value);
    number_print(rule, metric, storm_is(a) ? (double)NAN : a->level, t->level, sizeof t->level);
    *f = (struct ticket_facts){
        .ref = a->ref,
        .event_id = t->event_id,
        .title = a->title,
        .text = a->facts,
        .note = a->change,
        .severity = a->severity,
        .cleared = !a->open,
        .device_id = d->device->id,
        .device_name = d->device->name,
        .device_url = d->device->url,
        .client = text_or_empty(d->config->client),
        .site = text_or_empty(d->config->site),
        .rule = a->rule,
        .instance = a->instance,
        .metric = rule ? rule->metric : "",
        .value = t->value,
        .level = t->level,
        .raised_at = plat_clock_print(a->raised_ms, t->raised),
        .changed_at = plat_clock_print(a->changed_ms, t->changed),
        .cleared_at = a->open ? "" : plat_clock_print(a->cleared_ms, t->cleared),
        .revision = a->revision,
        .changes = a->changes,
    };
}

/* ---- deciding ---- */

static bool has_news(const struct alert *a, const struct delivery *d)
{
    return a->open ? d->told_revision < a->revision : !d->told_cleared;
}

struct earlier {
    const struct dispatch *d;
    const char            *upstream;
    const struct alert    *alert;
    bool                   found;
};

static bool is_earlier(void *context, const struct alert *a)
{
    struct earlier *s = context;
    struct delivery told;

    if (a->id >= s->alert->id)
        return false; /* oldest first */
    if (strcmp(a->ref, s->alert->ref) == 0) {
        outbox_delivery_get(s->d->outbox, a->id, s->upstream, &told);
        s->found = !told.told_cleared;
    }
    return !s->found;
}

static bool earlier_incident_pending(const struct dispatch *d, const char *upstream,
                                     const struct alert *alert)
{
    struct earlier search = { d, upstream, alert, false };

    outbox_alert_each(d->outbox, is_earlier, &search);
    return search.found;
}

static void say(const char *upstream, const struct alert *a, struct err e)
{
    char text[160];

    log_error(upstream, "alert %s %s: %s; trying again", a->rule, a->instance,
              err_print(e, text, sizeof text));
}

static void tell_desk(struct dispatch *d, size_t i, const struct alert *a)
{
    struct err e = desk_deliver(d->outbox, a, d->names[i]);

    if (failed(e))
        say(d->names[i], a, e);
    else
        d->lanes[i].last_ok_ms = plat_clock_wall_ms();
}

static void tell_courier(struct dispatch *d, size_t i, const struct alert *a, struct delivery *told)
{
    struct work_text text;
    struct link_work work = { .upstream = i, .alert_id = a->id };
    struct flight   *flight = flight_find(&d->lanes[i], 0);
    struct err       e = err_ok();

    if (!flight || !d->link || !courier_link_is_up(d->link))
        return;
    work.work.ticket_id = told->ticket_id;
    work.work.maybe_created = told->maybe_created;
    if (!told->ticket_id[0] && !told->maybe_created) {
        told->maybe_created = true;
        e = outbox_delivery_put(d->outbox, told);
        a = outbox_alert_get(d->outbox, work.alert_id); /* lent anew */
    }
    facts_fill(d, a, &text, &work.work.facts);
    if (!failed(e))
        e = courier_link_send(d->link, &work);
    if (failed(e))
        say(d->names[i], a, e);
    else
        *flight = (struct flight){ a->id, a->revision };
}

/* An alert that never was bad enough for this upstream is none of its business; of one that came and went within a storm, the
 * storm's own ticket told. */
static void settle_quietly(struct dispatch *d, const struct alert *a, struct delivery *told)
{
    told->told_revision = a->revision;
    told->told_cleared = !a->open;
    (void)outbox_delivery_put(d->outbox, told); /* health says it, and nothing hangs on it */
}

static enum storm_part storm_part_for(const struct dispatch *d, const struct alert *a, const struct delivery *told)
{
    bool is_news = !told->told_revision && !told->ticket_id[0] && !told->maybe_created;

    return is_news ? storm_part_of(d->outbox, a) : STORM_NONE;
}

static void consider(struct dispatch *d, size_t i, const struct alert *a)
{
    const struct config_upstream *u = &d->config->upstreams[i];
    struct delivery               told;
    enum storm_part               part;

    outbox_delivery_get(d->outbox, a->id, u->name, &told);
    if (!has_news(a, &told))
        return;
    part = storm_part_for(d, a, &told);
    if (a->worst < u->from || part != STORM_NONE) {
        if (!a->open)
            settle_quietly(d, a, &told);
        return;
    }
    d->lanes[i].waiting++;
    if (flight_find(&d->lanes[i], a->id) || earlier_incident_pending(d, u->name, a))
        return;
    if (upstream_is_desk(u)) {
        tell_desk(d, i, a);
        d->lanes[i].waiting--;
    } else {
        tell_courier(d, i, a, &told);
    }
}

/* What is told changes the outbox, which ends a walk through it: so ids first. */
struct ids {
    int64_t *ids;
    size_t   count, room;
};

static bool note_id(void *context, const struct alert *a)
{
    struct ids *all = context;

    if (all->count == all->room) {
        size_t   room = all->room ? 2 * all->room : 32;
        int64_t *grown = realloc(all->ids, room * sizeof *grown);
        if (!grown)
            return false; /* the rest has its turn next time */
        all->ids = grown;
        all->room = room;
    }
    all->ids[all->count++] = a->id;
    return true;
}

void dispatch_run(struct dispatch *d)
{
    struct ids all = { 0 };

    outbox_alert_each(d->outbox, note_id, &all);
    for (size_t i = 0; i < d->config->upstream_count; i++) {
        d->lanes[i].waiting = 0;
        if (upstream_takes_samples(&d->config->upstreams[i]))
            continue;
        for (size_t n = 0; n < all.count; n++) {
            const struct alert *a = outbox_alert_get(d->outbox, all.ids[n]);
            if (a)
                consider(d, i, a);
        }
    }
    free(all.ids);
    outbox_retire(d->outbox, d->told, d->told_count);
}

/* ---- the link ---- */

void dispatch_on_up(struct dispatch *d)
{
    dispatch_run(d);
}

void dispatch_on_down(struct dispatch *d)
{
    for (size_t i = 0; i < ARRAY_LEN(d->lanes); i++)
        memset(d->lanes[i].flights, 0, sizeof d->lanes[i].flights);
}

static const char *const outcome_words[] = {
    [TASK_CREATED] = "ticket created",      [TASK_ADOPTED] = "ticket found",
    [TASK_NOTED] = "ticket noted",          [TASK_CLOSED] = "ticket closed",
    [TASK_LEFT_OPEN] = "ticket left open",  [TASK_SENT] = "event accepted",
    [TASK_OK] = "ok",                       [TASK_LATER] = "ticket known, not finished",
    [TASK_REFUSED] = "ticket known, then refused", [TASK_GONE] = "ticket is not there any more",
};

/* Only a ticket that was just made or found may still have to be closed; anything else said all it will. */
static bool wants_another_step(enum task_outcome outcome)
{
    return outcome == TASK_CREATED || outcome == TASK_ADOPTED;
}

void dispatch_on_done(struct dispatch *d, const struct link_done *done)
{
    struct lane_state  *lane = &d->lanes[done->upstream];
    struct flight      *flight = flight_find(lane, done->alert_id);
    const struct alert *a = outbox_alert_get(d->outbox, done->alert_id);
    struct delivery     told;
    char                text[160];
    struct err          e;
    bool final = done->outcome != TASK_LATER && done->outcome != TASK_REFUSED;

    /* A courier can answer only what it was asked. */
    if (!a || !flight || flight->revision != done->revision || done->upstream >= d->config->upstream_count)
        return;
    outbox_delivery_get(d->outbox, a->id, d->names[done->upstream], &told);
    if (done->ticket_id[0]) {
        memcpy(told.ticket_id, done->ticket_id, sizeof told.ticket_id);
        memcpy(told.ticket_url, done->ticket_url, sizeof told.ticket_url);
    }
    if (final) {
        told.maybe_created = done->maybe_created;
        told.told_revision = done->revision;
        told.told_cleared = done->cleared_told || (!a->open && done->revision == a->revision &&
                                                   !wants_another_step(done->outcome));
        memcpy(told.note, done->note, sizeof told.note);
        *flight = (struct flight){ 0 };
        lane->last_ok_ms = plat_clock_wall_ms();
    }
    log_info(d->names[done->upstream], "alert %s %s: %s %s%s%s", a->rule, a->instance,
             outcome_words[done->outcome], told.ticket_id, done->note[0] ? ": " : "", done->note);
    e = outbox_delivery_put(d->outbox, &told);
    if (failed(e))
        log_error(d->names[done->upstream], "%s", err_print(e, text, sizeof text));
    if (final)
        dispatch_run(d);
}

static void say_news(const struct config_upstream *u, const struct link_news *n)
{
    const char *name = u->name;


    switch (n->mood) {
    case LINK_FINE:
        log_info(name, "it works again");
        break;
    case LINK_RETRYING:
        log_warn(name, "%s; trying again in %u s", n->why, (unsigned)n->retry_s);
        break;
    case LINK_REFUSED:
        log_error(name, "refused: %s; someone must mend this; trying again in %u s", n->why,
                  (unsigned)n->retry_s);
        break;
    case LINK_UNUSABLE:
        log_error(name, "cannot be used: %s; %s wait until the configuration is mended", n->why,
                  upstream_takes_samples(u) ? "samples" : "tickets");
    }
}

void dispatch_on_news(struct dispatch *d, const struct link_news *news)
{
    struct link_news *last = &d->lanes[news->upstream].news;

    if (news->upstream >= d->config->upstream_count)
        return;
    /* The same failure is said when it starts and when it ends. */
    if (news->mood != last->mood || strcmp(news->why, last->why) != 0)
        say_news(&d->config->upstreams[news->upstream], news);
    *last = *news;
}

size_t dispatch_upstream_count(const struct dispatch *d)
{
    return d->config->upstream_count;
}

void dispatch_upstream_get(const struct dispatch *d, size_t i, struct upstream_view *ret)
{
    *ret = (struct upstream_view){ .name = d->names[i],
                                   .connector = d->config->upstreams[i].connector,
                                   .news = d->lanes[i].news,
                                   .waiting = d->lanes[i].waiting,
                                   .last_ok_ms = d->lanes[i].last_ok_ms };
}
