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
 * A rule with conditions is in breach while its value is and they hold; while that is not known, nothing changes. They are
 * looked at when its own metric is read.
 */
#ifndef PICKET_AGENT_RULE_RULES_H
#define PICKET_AGENT_RULE_RULES_H

#include "agent/collect/metric.h"
#include "proto/policy.h"

enum { INSTANCE_MAX = 320, TITLE_MAX = 200, FACTS_MAX = 2000 };

/* HELD: it would have been one of the others, and is only recorded; severity is what it would have become. */
enum rule_change { RULE_RAISED, RULE_WORSE, RULE_BETTER, RULE_CLEARED, RULE_GONE, RULE_RETIRED, RULE_HELD };

/* Why something is not said now. */
enum rule_held {
    RULE_NOT_HELD,
    RULE_HELD_BOOT,
    RULE_HELD_RESUME,
    RULE_HELD_WINDOW,
    RULE_HELD_COOL_DOWN,
    RULE_HELD_CAUSE,    /* an alert of a rule that it depends on stands, or is about to */
    RULE_HELD_FLAPPING, /* it came and went too often: its end is told when it was calm */
};

/* How a condition of a rule stands for one instance. Lent for the time of the call. */
enum rule_truth { RULE_NO, RULE_YES, RULE_NOT_KNOWN };

struct rule_seen {
    const struct rule_condition *condition;
    enum rule_truth              holds;
    double                       value;  /* NaN where nothing is reported */
    const struct metric         *metric; /* NULL: the same */
    const char                  *instance;
    struct err                   why; /* NOT_KNOWN */
};

/* "system.cpu.utilization is 97 % (above 90 %)". Returns into. */
const char *rule_seen_print(const struct rule_seen *seen, char *into, size_t size);

/* How often it came and went, and in what time; times 0: it is not flapping. */
struct rule_flapped {
    unsigned times;
    uint32_t in_s;
};

/* "flapping, 14 times in 3 h"; "" where it is not. Returns into. */
const char *rule_flapped_print(const struct rule_flapped *flapped, char *into, size_t size);

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
    bool                foreseen; /* by the forecast alone: level is the forecast's, until_s how long until it is reached */
    double              until_s;
    uint64_t            since_steady_ms; /* when what the change says began: the breach, or its end */
    enum rule_held      held;         /* HELD: why; else why it was not told before now */
    const char         *held_by;      /* the window's or the cause's name, or "" */
    unsigned            held_changes; /* while it was held, with the first */
    struct rule_flapped flapped;      /* also as it ends: it was until now */
    struct rule_seen    seen[RULE_CONDITIONS_MAX];
    size_t              seen_count;
};

/* From within, only rules_each, rules_refused and rules_tell_again may be called. */
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

/* After rules_restore, of a warning that was the forecast's: the value alone does not end it. */
void rules_restore_foreseen(struct rules *rules, const char *rule_name, const char *instance);

/* What the machine is going through, by clocks and zones that the rules do not know. Told before a round; never told, nothing
 * is quiet. A window that was open stays so for as long as it was said to last, however the wall clock jumps meanwhile. */
struct rules_moment {
    uint64_t up_ms;    /* since the machine started; UINT64_MAX: unknown */
    uint64_t slept_ms; /* how much of that it slept */
    uint32_t window_left_s[QUIET_WINDOWS_MAX]; /* of the policy's windows; 0: closed */
};
void rules_set_moment(struct rules *rules, uint64_t now_ms, const struct rules_moment *moment);

/* An alert that was cleared ago_ms before a restart (of one that is open: before it was raised): its cool-down goes on, and it
 * counts for flapping. After rules_restore. */
struct err rules_restore_cleared(struct rules *rules, const char *rule_name, const char *instance, uint64_t now_ms,
                                 uint64_t ago_ms);

/* After all of those: an alert that is open may be flapping. */
void rules_restore_flapping(struct rules *rules, uint64_t now_ms);

/* A round is what one wake-up read: begin, put..., collector_read for each collector that was due with the period it is read
 * in and its outcome, end. A failed collector's samples of the round do not count. Events come from rules_end_round.
 * put fails with TOO_BIG for new instances beyond RULE_INSTANCES_MAX (see rules_refused), or NO_MEMORY. */
void       rules_begin_round(struct rules *rules, uint64_t now_ms);
struct err rules_put(struct rules *rules, const struct sample *sample);
void       rules_collector_read(struct rules *rules, const struct metric *metrics, size_t metric_count,
                                uint32_t period_s, struct err outcome);
void       rules_end_round(struct rules *rules, rule_event_fn *on_event, void *context);

/* The event that is being told could not be kept: the next round tells it again, if it still holds then. */
void rules_tell_again(struct rules *rules);

/* How many samples found no room so far: 0, or something is wrong with this machine. Said once by the caller. */
uint64_t rules_refused(const struct rules *rules);

/* How each instance stands, for `picket check` and `status`. In the order of the policy. */
enum rule_state {
    RULE_STATE_OK,
    RULE_STATE_PENDING,
    RULE_STATE_WARNING,
    RULE_STATE_CRITICAL,
    RULE_STATE_UNKNOWN,
    RULE_STATE_HELD, /* it is to be raised, and something speaks against saying so now */
};

struct rule_view {
    const struct rule   *rule;
    const struct metric *metric;
    const char          *instance;
    double               value;   /* NaN when UNKNOWN or ABSENT */
    enum rule_state      state;   /* as raised or pending */
    enum severity        raised;  /* the alert that stands, also while UNKNOWN */
    double               until_s; /* until the forecast's level is reached; INFINITY: it is not; NaN: not known */
    enum severity        at_once; /* what the value deserves without hold times */
    struct err           why;     /* UNKNOWN: what the collector said; NOT_FOUND: not read yet, or no longer reported */
    enum rule_held       held;    /* why a change of an alert is not told now */
    const char          *held_by; /* the window's or the cause's name, or "" */
    struct rule_flapped  flapped;
    const struct rule_seen *seen; /* the rule's conditions */
    size_t               seen_count;
};

typedef void rule_view_fn(void *context, const struct rule_view *view);
void rules_each(const struct rules *rules, rule_view_fn *each, void *context);

/* A value as a rule sees it: the metric's, or its change as "1.2 %/h". metric may be NULL. Returns into. */
const char *rule_value_print(const struct rule *rule, const struct metric *metric, double value, char *into, size_t size);

/* Is anything quiet now, for all rules that do not say otherwise? *ret_by: the window's name, or ""; *ret_left_s: how long. */
enum rule_held rules_quiet(const struct rules *rules, const char **ret_by, uint32_t *ret_left_s);

/* The same in words, "maintenance window nightly, for 2 h"; "" when nothing is. */
void rules_quiet_print(const struct rules *rules, char *into, size_t size);

/* "maintenance window nightly", "the machine started just now"; "" for NOT_HELD. */
const char *rule_held_print(enum rule_held held, const char *by, char *into, size_t size);

/* Fills "{device}" (the machine), "{value}", "{level}", "{forecast}" (in how long), "{severity}", "{since}", "{rule}",
 * "{metric}", "{instance}" and each attribute by the last word of its key or the whole of it ("{mountpoint}",
 * "{system.device}"). An unknown placeholder stays as it is written. What is filled in has its control characters replaced by
 * blanks. into is always terminated, and cut at a character's border. more may be NULL. */
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
