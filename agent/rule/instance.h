/* agent/rule/instance.h - the instances of all rules: found by rule and name, walked in order of first sight.
 *
 * Inside agent/rule only. Ownership: the set owns its instances; each is as large as its texts.
 */
#ifndef PICKET_AGENT_RULE_INSTANCE_H
#define PICKET_AGENT_RULE_INSTANCE_H

#include "agent/rule/flap.h"
#include "agent/rule/latch.h"
#include "agent/rule/rules.h"
#include "agent/rule/trend.h"

struct instance {
    struct instance     *next_in_rule, *next_in_bucket;
    const struct metric *metric; /* NULL: never sampled */
    struct attr         *attrs;  /* one block with its values; NULL for none */
    double               value;  /* the newest; NaN: it was no number */
    uint64_t             seen_ms;    /* when that was */
    uint64_t             missed_ms;  /* the last reading without it */
    uint64_t             gone_ms;    /* the first of them in a row */
    uint64_t             missing_ms; /* watched time since */
    uint64_t             cool_until_ms; /* 0: there is no cool-down */
    struct latch         warning, critical;
    struct latch         foreseen; /* the forecast's; a warning as well */
    struct trend        *trend;    /* of rules that look back; NULL before the first sample */
    struct flaps        *flaps;    /* NULL: its alert did not end lately */
    float                until_s;  /* by the forecast; NaN where it says nothing */
    uint32_t             hash;
    uint16_t             rule; /* index in the policy; behind its rules, of a condition */
    uint16_t             held_by; /* which of the policy's windows or rules held it, where one did */
    uint8_t              attr_count;
    uint8_t              met;       /* enum rule_truth: the rule's conditions, for it */
    uint8_t              told; /* enum severity of the last event */
    uint8_t              held;      /* enum rule_held: why what it wants to say was not said yet */
    uint8_t              held_want; /* enum severity of that */
    uint16_t             held_changes;
    bool                 fresh;   /* sampled in this round */
    bool                 seen;    /* seen_ms and value hold */
    bool                 missing; /* the last reading was without it */
    bool                 again;   /* its change was told, and is to be told again */
    char                 name[];   /* attrs_print */
};

enum { INSTANCE_BUCKETS = 128 };

struct instance_set {
    struct instance  *buckets[INSTANCE_BUCKETS];
    struct instance **first; /* one list a rule */
    size_t            rule_count, count;
};

struct err instance_set_init(struct instance_set *set, size_t rule_count);
void       instance_set_done(struct instance_set *set);

struct instance *instance_find(const struct instance_set *set, size_t rule, const char *name);

/* TOO_BIG beyond RULE_INSTANCES_MAX. */
struct err instance_add(struct instance_set *set, size_t rule, const char *name,
                        struct instance **ret);

/* Where *at is one of the rule's list: takes it out and frees it; *at is the next. */
void instance_drop(struct instance_set *set, struct instance **at);

static inline enum severity instance_severity(const struct instance *i)
{
    if (i->critical.on)
        return SEVERITY_CRITICAL;
    return i->warning.on || i->foreseen.on ? SEVERITY_WARNING : SEVERITY_OK;
}

/* Keeps a copy; does nothing where they are the same. On failure the old ones stay. */
struct err instance_keep_attrs(struct instance *i, const struct attr *attrs, size_t count);

#endif
