/* agent/rule/rules.h - samples in, breaches out.
 *
 * Pure: no clock, no loop, no file. Time is the caller's steady clock in milliseconds. An instance is one rule on one
 * series (rule name + attrs_print text).
 *
 *     OK --held for_s--> WARNING <--> CRITICAL --clear level held clear_for_s--> OK
 *
 * Held means: seen in breach, sample after sample. Time between two samples counts only where they are at most two and
 * a half periods apart; over a longer gap (a suspend, a stopped process, a failing collector) a hold neither grows nor
 * ends. A value between `clear` and the limit changes nothing and ends both holds.
 * Raised at critical is raised at warning as well: what falls out of critical gets better before it is over.
 *
 * What could not be read changes nothing: an alert stays as it is while its collector fails (and says "unknown" in
 * rules_each). A series that its collector no longer reports (unmounted, unplugged) ends its alert with RULE_GONE
 * after clear_for_s; one whose collector is UNSUPPORTED here (after an upgrade) at once. Restarts lose hold times, never
 * raised alerts: rules_restore puts those back first.
 * ABSENT: an instance for each series that was ever seen; while none was, one with the name "" stands for the rule.
 */
#ifndef PICKET_AGENT_RULE_RULES_H
#define PICKET_AGENT_RULE_RULES_H

#include "agent/collect/metric.h"
#include "proto/policy.h"

enum { INSTANCE_MAX = 320, TITLE_MAX = 200, FACTS_MAX = 2000 };

enum rule_change { RULE_RAISED, RULE_WORSE, RULE_BETTER, RULE_CLEARED, RULE_GONE, RULE_RETIRED };

/* Lent for the time of the call. */
struct rule_event {
    enum rule_change   change;
    const struct rule *rule;     /* NULL for RETIRED: the policy no longer has it */
    const char        *rule_name;
    const char        *instance;
    enum severity      severity; /* after the change */
    double             value;    /* what was seen; NaN if nothing was (ABSENT, GONE, RETIRED) */
    double             level;    /* the limit of that severity; CLEARED, GONE: of the last one; NaN: none */
    const struct metric *metric; /* may be NULL where never sampled */
    const struct attr  *attrs;
    size_t              attr_count;
    uint64_t            since_steady_ms; /* when what the change says began: the breach, or its end */
};

/* From within, only rules_each and rules_refused may be called. */
typedef void rule_event_fn(void *context, const struct rule_event *event);

struct rules;

enum { RULE_INSTANCES_MAX = 4096 };

/* policy is lent and must outlive the rules. */
struct err rules_new(const struct policy *policy, struct rules **ret);
void       rules_free(struct rules **rules);

/* An alert raised before a restart. If the policy no longer has (or has disabled) the rule, the next
 * rules_end_round reports it RETIRED. */
struct err rules_restore(struct rules *rules, const char *rule_name, const char *instance,
                         enum severity severity);

/* A round is what one wake-up read: begin, put..., collector_read for each collector that was due with the period it is read
 * in and its outcome, end. A failed collector's samples of the round do not count. Events come from rules_end_round.
 * put fails with TOO_BIG for new instances beyond RULE_INSTANCES_MAX (see rules_refused), or NO_MEMORY. */
void       rules_begin_round(struct rules *rules, uint64_t now_ms);
struct err rules_put(struct rules *rules, const struct sample *sample);
void       rules_collector_read(struct rules *rules, const struct metric *metrics, size_t metric_count,
                                uint32_t period_s, struct err outcome);
void       rules_end_round(struct rules *rules, rule_event_fn *on_event, void *context);

/* How many samples found no room so far: 0, or something is wrong with this machine. Said once by the caller. */
uint64_t rules_refused(const struct rules *rules);

/* How each instance stands, for `picket check` and `status`. In the order of the policy. */
enum rule_state { RULE_STATE_OK, RULE_STATE_PENDING, RULE_STATE_WARNING, RULE_STATE_CRITICAL, RULE_STATE_UNKNOWN };

struct rule_view {
    const struct rule   *rule;
    const struct metric *metric;
    const char          *instance;
    double               value;   /* NaN when UNKNOWN or ABSENT */
    enum rule_state      state;   /* as raised or pending */
    enum severity        raised;  /* the alert that stands, also while UNKNOWN */
    enum severity        at_once; /* what the value deserves without hold times */
    struct err           why;     /* UNKNOWN: what the collector said; NOT_FOUND: not read yet, or no longer reported */
};

typedef void rule_view_fn(void *context, const struct rule_view *view);
void rules_each(const struct rules *rules, rule_view_fn *each, void *context);

/* Fills "{device}" (the machine), "{value}", "{level}", "{severity}", "{since}", "{rule}", "{metric}", "{instance}" and
 * each attribute by the last word of its key or the whole of it ("{mountpoint}", "{system.device}"). An unknown placeholder
 * stays as it is written. What is filled in has its control characters replaced by blanks. into is always terminated, and
 * cut at a character's border. more may be NULL. */
struct rule_text {
    const char *device;
    const char *since;
};
void rule_text_fill(const char *text, const struct rule_event *event, const struct rule_text *more,
                    char *into, size_t size);

/* The built-in policy: rows in agent/rule/defaults.c. */
extern const struct rule default_rules[];
extern const size_t      default_rule_count;

#endif
