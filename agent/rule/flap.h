/* agent/rule/flap.h - what an alert did lately: how often it came and went.
 *
 * Of each end the time is kept. Raised with so many ends behind it that it comes to the rule's `times` within `within_s`, it is
 * flapping: what would make it better or end it waits until it was calm for `calm_s` of watched time.
 * Inside agent/rule only. Ownership: malloc's, an instance's; NULL is an alert that did not end lately. Times are the steady
 * clock's, before a restart below zero. Thread: any, one owner.
 */
#ifndef PICKET_AGENT_RULE_FLAP_H
#define PICKET_AGENT_RULE_FLAP_H

#include "agent/rule/rules.h"

struct flaps {
    int64_t  ended_ms[RULE_FLAPS_MAX - 1]; /* newest first */
    uint8_t  count;
    bool     on;
    uint16_t times;    /* since it is on, with those before */
    int64_t  first_ms; /* since when that is counted */
    uint64_t calm_ms;
};

/* It ended, or got better. False: there is no memory for it, and it is not counted. */
bool flaps_note_end(struct flaps **flaps, int64_t at_ms);
/* It was raised, or got worse. */
void flaps_note_begin(struct flaps *flaps, const struct rule_flapping *rule, int64_t at_ms);
/* Time passed in which it was as it is. Forgets what is too old to count. */
void flaps_pass(struct flaps **flaps, const struct rule_flapping *rule, int64_t now_ms, uint64_t watched_ms);
/* It is in breach: the calm is over. again: its end was held, so it is once more. */
void flaps_disturb(struct flaps *flaps, bool again);

/* Must its end wait? */
bool flaps_hold(const struct flaps *flaps, const struct rule_flapping *rule);

struct rule_flapped flaps_view(const struct flaps *flaps, int64_t now_ms);

#endif
