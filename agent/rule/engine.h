/* agent/rule/engine.h - what the parts of the rule engine share: rules.c takes samples in, judge.c ends a round,
 * condition.c looks at other series, foresight.c looks back, gate.c says what may be told now, view.c shows how things stand.
 *
 * Inside agent/rule only.
 */
#ifndef PICKET_AGENT_RULE_ENGINE_H
#define PICKET_AGENT_RULE_ENGINE_H

#include <assert.h>

#include "agent/rule/instance.h"

/* An alert of before a restart whose rule is no more. */
struct retired {
    struct retired *next;
    const char     *instance; /* behind the name */
    char            name[];
};

/* What is read for a rule, or for one of its conditions. */
struct rule_reading {
    const char                 *metric; /* NULL: nothing, the rule is off */
    const struct rule_selector *where;
    size_t                      where_count;
    bool       now;    /* its collector was asked in this round */
    uint64_t   gap_ms; /* time between two samples counts up to here */
    struct err outcome;
};

struct rules {
    const struct policy *policy;
    struct instance_set  set;
    struct rule_reading *readings; /* one a rule, then one a condition */
    size_t               reading_count;
    uint16_t            *conditions; /* one a rule: the reading of its first condition */
    struct retired      *retired;
    uint64_t             now_ms;
    uint64_t             refused;
    bool                 tell_again; /* said by whoever is being told */
    struct {
        bool     known;
        uint64_t up_ms, at_ms; /* how long the machine was up at at_ms */
        uint64_t slept_ms;
        bool     resumed;
        uint64_t resumed_ms;
        uint64_t window_until_ms[QUIET_WINDOWS_MAX]; /* 0: closed */
    } moment;
    uint16_t *windows; /* one a rule: a bit for each window that is about it */
};

static_assert(QUIET_WINDOWS_MAX <= 16, "a bit for each window");

/* Is it called that? "system.filesystem.mountpoint" is also by its last word; len is word's. */
bool rules_key_is(const char *key, const char *word, size_t len);

/* Forgets the series of conditions that are no longer reported. Before anything is judged. */
void conditions_end_round(struct rules *rules);
/* How the rule's conditions stand for the instance, with each of them where into is not NULL (RULE_CONDITIONS_MAX). */
enum rule_truth conditions_of(const struct rules *rules, const struct instance *i, struct rule_seen *into);
/* What a verdict on the value is worth where the conditions stand so. */
enum verdict conditions_weigh(enum rule_truth met, enum verdict verdict);
/* Do two series belong together? same: as in struct rule_condition. */
bool instances_agree(const struct instance *a, const struct instance *b, const char *same);

/* Of a rule that looks back: keeps the value, makes a rate of it, steps the forecast. */
void foresight_see(struct rules *rules, struct instance *i, uint64_t now_ms, uint64_t watched_ms);

/* Why an instance must not say what it wants to; NOT_HELD: it may. */
enum rule_held gate_of(const struct rules *rules, const struct instance *i, enum severity want);
/* Of those that hold a rule now the one that is open longest; -1: none. */
int         gate_window(const struct rules *rules, size_t rule);
/* The rule whose alert stands in its way; -1: none. */
int         gate_cause(const struct rules *rules, const struct instance *i);
const char *gate_held_by(const struct rules *rules, const struct instance *i); /* the window's or the rule's name, or "" */
/* After an alert was over. */
void gate_cool_down(const struct rules *rules, struct instance *i);
bool gate_is_cooling(const struct rules *rules, const struct instance *i);

/* The level that decides about an alert of this severity. One that is not set is judged by the other: the alert was
 * raised before the policy changed. */
static inline const struct rule_level *rule_level_of(const struct rule *rule, enum severity severity)
{
    bool critical = severity == SEVERITY_CRITICAL ? rule->critical.set : !rule->warning.set;

    return critical ? &rule->critical : &rule->warning;
}

#endif
