/* proto/rule_slots.h - how rules are written in the configuration.
 *
 * A rule with the name of a built-in one changes only what it names; any other is new and must be whole. A level's
 * limit that moves takes its clear level along, unless that is named as well.
 * Inside proto/ only. Ownership: all in the parser's pool; text of the built-in rules is lent.
 */
#ifndef PICKET_PROTO_RULE_SLOTS_H
#define PICKET_PROTO_RULE_SLOTS_H

#include "proto/condition_slots.h"
#include "proto/quiet_slots.h"
#include "proto/trend_slots.h"

/* As it was written; what was not named is as slots_default leaves it. */
struct level_draft {
    int               enabled;
    struct test_draft test;
    double            clear;
    uint32_t          for_s, clear_for_s;
};

struct rule_draft {
    const char            *name, *metric, *title, *facts;
    int                    enabled;
    struct selector_draft *where; /* NULL: not named */
    size_t                 where_count;
    struct level_draft     warning, critical;
    struct rule_quiet_draft quiet;
    struct forecast_draft   forecast;
    struct rate_draft       rate;
    struct condition_draft *all, *any; /* NULL: not named */
    size_t                  all_count, any_count;
    struct cause_draft     *causes;
    size_t                  cause_count;
    struct flapping_draft   flapping;
};

enum { RULE_DRAFTS_MAX = 200 };

/* What a policy is made of. */
struct rule_drafts {
    const struct rule_draft  *items;
    size_t                    count;
    const struct rule        *defaults;
    size_t                    default_count;
    const struct quiet_draft *quiet;
};

extern const struct slot_table rule_slots; /* of struct rule_draft */

/* The parser stands at the list. Problems are the parser's; *ret is set where there are none. */
void rule_drafts_apply(struct slot_parser *p, const struct rule_drafts *drafts, struct policy **ret);

#endif
