/* agent/alert/alert.h - an alert: one breach from its beginning to its end.
 *
 *     (nothing) --raised--> OPEN --worse, better, reminded--> OPEN --cleared--> CLEARED --all upstreams told--> history
 *
 * Its key is (device, rule, instance); ref is what upstreams search for, and is made of the key alone, so that an agent
 * that lost its database finds its tickets again. Every change makes revision grow by one.
 */
#ifndef PICKET_AGENT_ALERT_ALERT_H
#define PICKET_AGENT_ALERT_ALERT_H

#include "agent/rule/rules.h"

enum { ALERT_REF_MAX = 32, DEVICE_ID_MAX = 40, DEVICE_NAME_MAX = 256 };

/* Texts are lent, never NULL in an alert that the outbox lends; a NULL that is put counts as "". */
struct alert {
    int64_t       id;       /* row in the outbox; grows, never used again */
    const char   *rule;     /* at most RULE_NAME_MAX bytes */
    const char   *instance; /* under INSTANCE_MAX */
    const char   *ref;      /* "picket-" and 16 hex digits of SHA-256(device id, rule, instance) */
    bool          open;
    enum severity severity;  /* the last one while open; kept when cleared */
    enum severity worst;
    uint32_t      revision;  /* 1 when raised */
    uint32_t      changes;   /* how often it got worse or better */
    int64_t       raised_ms; /* wall; when the condition began */
    int64_t       changed_ms;
    int64_t       cleared_ms;   /* 0 while open */
    double        value, level; /* NaN where there is none */
    const char   *title;        /* under TITLE_MAX */
    const char   *facts;        /* under FACTS_MAX; lines, for the ticket's text */
    const char   *change;       /* under TITLE_MAX; the last change in words: "now 97.1 % (was 91.0 %)" */
};

/* ref must have ALERT_REF_MAX bytes. */
void alert_ref_make(const char *device_id, const char *rule, const char *instance, char *ref);

#endif
