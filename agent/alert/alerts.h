/* agent/alert/alerts.h - breaches become alerts, changes become revisions.
 *
 * Turns the events of the rules into alerts in the outbox, and says so to on_change, which
 * brings them to the upstreams. Texts come from the rule; what lasts is told again after
 * remind_hours. How long something lasted comes from the steady clock, across restarts from
 * wall times where those are plausible; a clock that jumps changes printed times, nothing else.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_ALERT_ALERTS_H
#define PICKET_AGENT_ALERT_ALERTS_H

#include "agent/alert/storm.h"
#include "agent/outbox/block.h"
#include "agent/outbox/outbox.h"

struct alerts;

/* All lent until alerts_close. */
struct alerts_options {
    struct outbox *outbox;
    const char    *device_id, *device_name;
    const char    *client, *site, *url; /* NULL where unknown */
    uint32_t       remind_hours;        /* 0: never */
    struct storm_limit storm;
    const struct block_writer *block;   /* knows the values before a breach; NULL: nobody does */
    /* After the outbox has it; alert is lent for the call, in which the outbox may be changed. May be NULL. */
    void (*on_change)(void *context, const struct alert *alert);
    void *context;
};

struct err alerts_open(const struct alerts_options *options, struct alerts **ret);
void       alerts_close(struct alerts **alerts);

/* At the start: tells the rules of every open alert, and of those that were over so lately that their rule's cool-down lasts.
 * rules is lent until alerts_close: reminders ask it how things stand. */
struct err alerts_restore(struct alerts *alerts, struct rules *rules, const struct policy *policy, int64_t wall_ms,
                          uint64_t steady_ms);

/* TOO_BIG: OPEN_ALERTS_MAX are open, this one is refused; it is raised with its next change when there
 * is room again. */
struct err alerts_on_event(struct alerts *alerts, const struct rule_event *event, int64_t wall_ms,
                           uint64_t steady_ms);

/* Once a round, after its events: reminders, and what a storm has to say. */
void alerts_tick(struct alerts *alerts, int64_t wall_ms, uint64_t steady_ms);

uint64_t alerts_refused(const struct alerts *alerts); /* so far; the caller says it once */

#endif
