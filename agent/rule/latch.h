/* agent/rule/latch.h - one level of one instance: on or off, and how long it has been about to change.
 *
 *     off --BREACH held for_s--> on --OVER held clear_for_s--> off
 *
 * BETWEEN denies either. Time is added by the caller, who knows which of it was watched.
 * Thread: any, one owner. All zero is off.
 */
#ifndef PICKET_AGENT_RULE_LATCH_H
#define PICKET_AGENT_RULE_LATCH_H

#include "proto/policy.h"

enum verdict { VERDICT_OVER, VERDICT_BETWEEN, VERDICT_BREACH, VERDICT_UNKNOWN /* changes nothing */ };

struct latch {
    bool     on;
    bool     counting; /* towards the other state */
    uint64_t since_ms; /* when it began to count; kept after the change it led to */
    uint64_t held_ms;
};

/* What a value is to a level. A level that is not set is never in breach. Not for RULE_ABSENT. */
enum verdict verdict_of(enum rule_test test, const struct rule_level *level, double value);

/* watched_ms: the time since the verdict before this one that counts as held. Returns whether it changed. */
bool latch_step(struct latch *latch, const struct rule_level *level, enum verdict verdict,
                uint64_t now_ms, uint64_t watched_ms);

/* Turned on or off by another's decision. */
void latch_set(struct latch *latch, bool on);

#endif
