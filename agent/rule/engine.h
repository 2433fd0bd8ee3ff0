/* agent/rule/engine.h - what the parts of the rule engine share: rules.c takes samples in, judge.c ends a round,
 * view.c shows how things stand.
 *
 * Inside agent/rule only.
 */
#ifndef PICKET_AGENT_RULE_ENGINE_H
#define PICKET_AGENT_RULE_ENGINE_H

#include "agent/rule/instance.h"

/* An alert of before a restart whose rule is no more. */
struct retired {
    struct retired *next;
    const char     *instance; /* behind the name */
    char            name[];
};

struct rule_reading {
    bool       now;    /* its collector was asked in this round */
    uint64_t   gap_ms; /* time between two samples counts up to here */
    struct err outcome;
};

struct rules {
    const struct policy *policy;
    struct instance_set  set;
    struct rule_reading *readings; /* one a rule */
    struct retired      *retired;
    uint64_t             now_ms;
    uint64_t             refused;
};

void rules_forget_retired(struct rules *rules);

/* The level that decides about an alert of this severity. One that is not set is judged by the other: the alert was
 * raised before the policy changed. */
static inline const struct rule_level *rule_level_of(const struct rule *rule, enum severity severity)
{
    bool critical = severity == SEVERITY_CRITICAL ? rule->critical.set : !rule->warning.set;

    return critical ? &rule->critical : &rule->warning;
}

#endif
