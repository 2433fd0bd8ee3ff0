/* proto/trend_slots.h - how forecasts and rates are written in a rule.
 *
 * Inside proto/ only. Ownership: all in the parser's pool.
 */
#ifndef PICKET_PROTO_TREND_SLOTS_H
#define PICKET_PROTO_TREND_SLOTS_H

#include "proto/policy.h"
#include "proto/slot.h"

struct forecast_draft {
    int         enabled;
    double      rises_to, falls_to;
    uint32_t    within_h, history_h;
    const char *title;
};

struct rate_draft {
    const char *per;
    uint32_t    over_s;
};

extern const struct slot_table forecast_slots; /* of struct forecast_draft */
extern const struct slot_table rate_slots;     /* of struct rate_draft */

/* The parser stands at the rule, whose levels are applied already. rule holds the built-in one's and gets the result. */
void forecast_apply(struct slot_parser *p, const struct forecast_draft *draft, struct rule *rule);
void rate_apply(struct slot_parser *p, const struct rate_draft *draft, struct rule *rule);

#endif
