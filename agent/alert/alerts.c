#include "agent/alert/alerts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/alert/alert_text.h"
#include "platform/buf.h"

static const int64_t HOUR_MS = INT64_C(3600) * 1000;
/* More than a year between two wall times is more often a clock that was set than a breach. */
static const int64_t PLAUSIBLE_MS = INT64_C(366) * 24 * 3600 * 1000;

/* What is known of an open alert in this run only. */
struct life {
    int64_t  alert_id;
    int64_t  age_ms;    /* of the breach at seen_ms; AGE_UNKNOWN */
    uint64_t seen_ms;   /* steady */
    uint64_t remind_ms; /* steady; when it is due */
};

struct alerts {
    struct alerts_options options;
    struct rules         *rules;
    struct life          *lives;
    size_t                count, room;
    uint64_t              refused;
    struct storm          storm;
};

struct err alerts_open(const struct alerts_options *options, struct alerts **ret)
{
    struct alerts *a = calloc(1, sizeof *a);

    if (!a)
        return err_of(ERR_NO_MEMORY, "preparing alerts");
    a->options = *options;
    *ret = a;
    return err_ok();
}

void alerts_close(struct alerts **alerts)
{
    if (!*alerts)
        return;
    free((*alerts)->lives);
    free(*alerts);
    *alerts = NULL;
}

uint64_t alerts_refused(const struct alerts *a)
{
    return a->refused;
}

/* ---- how long it lasts ---- */

static struct life *life_find(const struct alerts *a, int64_t id)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->lives[i].alert_id == id)
            return &a->lives[i];
    return NULL;
}

/* Without memory for it the alert stands all the same, without reminders and of unknown age. */
static void life_add(struct alerts *a, const struct life *life)
{
    if (a->count == a->room) {
        size_t       room = a->room ? a->room * 2 : 4;
        struct life *grown = realloc(a->lives, room * sizeof *grown);

        if (!grown)
            return;
        a->lives = grown;
        a->room = room;
    }
    a->lives[a->count++] = *life;
}

static void life_remove(struct alerts *a, int64_t id)
{
    struct life *life = life_find(a, id);

    if (life)
        *life = a->lives[--a->count];
}

static int64_t between(int64_t from_ms, int64_t to_ms)
{
    int64_t ms;

    if (from_ms <= 0 || to_ms < from_ms || __builtin_sub_overflow(to_ms, from_ms, &ms) || ms > PLAUSIBLE_MS)
        return AGE_UNKNOWN;
    return ms;
}

static int64_t age_at(const struct alerts *a, int64_t id, uint64_t steady_ms)
{
    const struct life *life = life_find(a, id);

    if (!life || life->age_ms == AGE_UNKNOWN || steady_ms < life->seen_ms)
        return AGE_UNKNOWN;
    return life->age_ms + (int64_t)(steady_ms - life->seen_ms);
}

static uint64_t remind_period(const struct alerts *a)
{
    return (uint64_t)a->options.remind_hours * (uint64_t)HOUR_MS;
}

/* An alert of an earlier run: its reminder is due a period after what was told last. */
static void meet(struct alerts *a, const struct alert *alert, int64_t wall_ms, uint64_t steady_ms)
{
    int64_t     told = between(alert->changed_ms, wall_ms);
    uint64_t    period = remind_period(a), waited = told == AGE_UNKNOWN ? 0 : (uint64_t)told;
    struct life life = {
        .alert_id = alert->id,
        .age_ms = between(alert->raised_ms, wall_ms),
        .seen_ms = steady_ms,
        .remind_ms = steady_ms + (waited < period ? period - waited : 0),
    };

    if (!life_find(a, alert->id))
        life_add(a, &life);
}

/* ---- the start ---- */

struct restoring {
    const struct outbox *outbox;
    struct rules        *rules;
    const struct policy *policy;
    int64_t              wall_ms;
    uint64_t             steady_ms;
    struct err           err;
};

/* Its limit is the forecast's, and no level's. */
static bool is_forecast(const struct policy *policy, const struct alert *alert)
{
    for (size_t r = 0; r < policy->count; r++)
        if (strcmp(policy->rules[r].name, alert->rule) == 0 && policy->rules[r].forecast.set)
            return alert->level == policy->rules[r].forecast.reaches && policy->rules[r].warning.raise != alert->level;
    return false;
}

/* A clock that was set back since: as if it were over just now. Told newest first, so an older end changes nothing. */
static void restore_cleared(void *context, const char *rule, const char *instance, int64_t cleared_ms)
{
    struct restoring   *r = context;
    const struct alert *open = outbox_alert_find_open(r->outbox, rule, instance);
    int64_t             ago = (open ? open->raised_ms : r->wall_ms) - cleared_ms;

    if (!failed(r->err))
        r->err = rules_restore_cleared(r->rules, rule, instance, r->steady_ms, ago < 0 ? 0 : (uint64_t)ago);
}

static bool looks_back(const struct policy *policy)
{
    for (size_t i = 0; i < policy->count; i++)
        if (policy->rules[i].enabled && (policy->rules[i].quiet.cool_down_s || policy->rules[i].flapping.times))
            return true;
    return false;
}

static bool restore_one(void *context, const struct alert *alert)
{
    struct restoring *r = context;

    if (storm_is(alert))
        return true;
    if (alert->open)
        r->err = rules_restore(r->rules, alert->rule, alert->instance, alert->severity);
    if (!failed(r->err) && alert->open && is_forecast(r->policy, alert))
        rules_restore_foreseen(r->rules, alert->rule, alert->instance);
    return !failed(r->err);
}

struct err alerts_restore(struct alerts *a, struct rules *rules, const struct policy *policy, int64_t wall_ms,
                          uint64_t steady_ms)
{
    struct restoring r = { a->options.outbox, rules, policy, wall_ms, steady_ms, err_ok() };

    const struct alert *storm = storm_open(a->options.outbox);

    a->rules = rules;
    if (storm)
        storm_resume(&a->storm, &a->options.storm, storm, steady_ms);
    outbox_alert_each(a->options.outbox, restore_one, &r);
    if (!failed(r.err) && looks_back(policy))
        outbox_cleared_each(a->options.outbox, restore_cleared, &r);
    if (!failed(r.err))
        rules_restore_flapping(rules, steady_ms);
    return r.err;
}

/* ---- events ---- */

static struct err publish(struct alerts *a, struct alert *alert)
{
    struct err          e = outbox_alert_put(a->options.outbox, alert);
    const struct alert *kept = failed(e) ? NULL : outbox_alert_get(a->options.outbox, alert->id);

    if (kept && a->options.on_change)
        a->options.on_change(a->options.context, kept);
    return e;
}

/* Put before the first alert that it holds: a kill in between leaves a storm of none, which is soon over. */
static void begin_storm(struct alerts *a, enum severity severity, int64_t wall_ms)
{
    char               ref[ALERT_REF_MAX];
    struct storm_words words;
    struct alert       storm = {
              .rule = STORM_RULE,
              .instance = "",
              .ref = ref,
              .open = true,
              .severity = severity,
              .worst = severity,
              .revision = 1,
              .raised_ms = wall_ms,
              .changed_ms = wall_ms,
              .value = 1,
              .level = NAN,
    };

    alert_ref_make(a->options.device_id, STORM_RULE, "", ref);
    storm_tell_begin(&a->options.storm, a->options.device_name, &storm, &words);
    if (failed(outbox_alert_put(a->options.outbox, &storm)))
        return; /* without memory for it each alert is told by itself */
    a->storm.begun = true;
    a->storm.total = 0;
    a->storm.named = storm.id;
}

/* One more is about to be put. */
static void note_raised(struct alerts *a, enum severity severity, int64_t wall_ms, uint64_t steady_ms)
{
    if (storm_note(&a->storm, &a->options.storm, steady_ms) && !storm_open(a->options.outbox))
        begin_storm(a, severity, wall_ms);
    a->storm.total++;
}

static bool count_open(void *context, const struct alert *alert)
{
    *(size_t *)context += alert->open;
    return true;
}

static struct err raise(struct alerts *a, const struct rule_event *event, int64_t wall_ms, uint64_t steady_ms)
{
    char        ref[ALERT_REF_MAX], title[TITLE_MAX], facts[FACTS_MAX], words[TITLE_MAX];
    uint64_t    held_ms = steady_ms > event->since_steady_ms ? steady_ms - event->since_steady_ms : 0;
    int64_t     raised_ms = wall_ms - (int64_t)held_ms;
    size_t      open = 0;
    struct life life = { 0, (int64_t)held_ms, steady_ms, steady_ms + remind_period(a) };
    struct err  e;

    outbox_alert_each(a->options.outbox, count_open, &open);
    if (open >= OPEN_ALERTS_MAX) {
        a->refused++;
        return err_of(ERR_TOO_BIG, "raising an alert");
    }
    note_raised(a, event->severity, wall_ms, steady_ms);
    alert_ref_make(a->options.device_id, event->rule_name, event->instance, ref);
    alert_text_title(&a->options, event, raised_ms, title);
    alert_text_facts(&a->options, event, ref, raised_ms, facts);
    alert_text_change(NULL, event, (int64_t)held_ms, words);
    struct alert alert = {
        .rule = event->rule_name,
        .instance = event->instance,
        .ref = ref,
        .open = true,
        .severity = event->severity,
        .worst = event->severity,
        .revision = 1,
        .raised_ms = raised_ms,
        .changed_ms = wall_ms,
        .value = event->value,
        .level = event->level,
        .title = title,
        .facts = facts,
        .change = words, /* a note where the ticket was there before */
    };
    e = publish(a, &alert);
    if (failed(e))
        return e;
    life.alert_id = alert.id;
    life_add(a, &life);
    return e;
}

static bool is_end(enum rule_change change)
{
    return change == RULE_CLEARED || change == RULE_GONE || change == RULE_RETIRED;
}

/* The texts of `alert` are the outbox's until it is put. */
static struct err change(struct alerts *a, struct alert alert, const struct rule_event *event, int64_t wall_ms,
                         uint64_t steady_ms)
{
    char         words[TITLE_MAX];
    struct life *life = life_find(a, alert.id);

    alert_text_change(&alert, event, age_at(a, alert.id, steady_ms), words);
    alert.change = words;
    alert.revision++;
    alert.changed_ms = wall_ms;
    alert.value = event->value;
    if (is_end(event->change)) {
        alert.open = false;
        alert.cleared_ms = wall_ms;
        life_remove(a, alert.id);
        return publish(a, &alert);
    }
    alert.changes++;
    alert.severity = event->severity;
    alert.level = event->level;
    if (alert.severity > alert.worst)
        alert.worst = alert.severity;
    if (life)
        life->remind_ms = steady_ms + remind_period(a);
    return publish(a, &alert);
}

/* It would have ended: that is kept, and nobody is told. */
static struct err count(struct alerts *a, struct alert alert)
{
    alert.changes++;
    return outbox_alert_put(a->options.outbox, &alert);
}

struct err alerts_on_event(struct alerts *a, const struct rule_event *event, int64_t wall_ms, uint64_t steady_ms)
{
    const struct alert *known = outbox_alert_find_open(a->options.outbox, event->rule_name, event->instance);

    if (event->change == RULE_HELD)
        return known && event->held == RULE_HELD_FLAPPING ? count(a, *known) : err_ok(); /* the caller logs it */
    if (known) {
        meet(a, known, wall_ms, steady_ms);
        return change(a, *known, event, wall_ms, steady_ms);
    }
    if (is_end(event->change))
        return err_ok(); /* it was refused when it began */
    return raise(a, event, wall_ms, steady_ms);
}

/* ---- reminders ---- */

struct standing {
    const struct alert *alert;
    struct rule_view    view;
    bool                found;
};

static void look(void *context, const struct rule_view *view)
{
    struct standing *s = context;

    if (strcmp(view->rule->name, s->alert->rule) != 0 || strcmp(view->instance, s->alert->instance) != 0)
        return;
    s->view = *view;
    s->found = true;
}

static void remind(struct alerts *a, struct life *life, int64_t wall_ms, uint64_t steady_ms)
{
    const struct alert *known = outbox_alert_get(a->options.outbox, life->alert_id);
    struct standing     s = { .alert = known };
    struct alert        alert;
    char                words[TITLE_MAX];

    life->remind_ms = steady_ms + remind_period(a);
    if (!known || !known->open)
        return;
    if (a->rules)
        rules_each(a->rules, look, &s);
    alert = *known;
    alert_text_reminder(&alert, s.found ? &s.view : NULL, age_at(a, alert.id, steady_ms), words);
    alert.change = words;
    alert.revision++;
    alert.changed_ms = wall_ms;
    if (s.found && !isnan(s.view.value))
        alert.value = s.view.value;
    (void)publish(a, &alert); /* without memory now, it is told a period later */
}

/* ---- storms ---- */

static void tend_storm(struct alerts *a, int64_t wall_ms, uint64_t steady_ms)
{
    const struct alert *open = storm_open(a->options.outbox);
    struct storm_words  words;
    struct alert        alert;
    bool                over = storm_is_over(&a->storm, &a->options.storm, steady_ms);

    if (!open)
        return;
    alert = *open;
    if (over)
        storm_tell_end(&a->storm, a->options.outbox, between(alert.raised_ms, wall_ms), &alert, &words);
    else if (!storm_tell(&a->storm, a->options.outbox, steady_ms, &alert, &words))
        return;
    if (over) {
        alert.open = false;
        alert.cleared_ms = wall_ms;
        life_remove(a, alert.id);
    }
    alert.revision += !a->storm.begun;
    alert.changed_ms = wall_ms;
    a->storm.begun = false;
    (void)publish(a, &alert); /* without memory now, it is told a round later */
}

struct meeting {
    struct alerts *alerts;
    int64_t        wall_ms;
    uint64_t       steady_ms;
};

static bool meet_open(void *context, const struct alert *alert)
{
    const struct meeting *m = context;

    if (alert->open)
        meet(m->alerts, alert, m->wall_ms, m->steady_ms);
    return true;
}

void alerts_tick(struct alerts *a, int64_t wall_ms, uint64_t steady_ms)
{
    struct meeting m = { a, wall_ms, steady_ms };

    outbox_alert_each(a->options.outbox, meet_open, &m);
    for (size_t i = 0; a->options.remind_hours && i < a->count; i++)
        if (a->lives[i].remind_ms <= steady_ms)
            remind(a, &a->lives[i], wall_ms, steady_ms);
    tend_storm(a, wall_ms, steady_ms);
}
