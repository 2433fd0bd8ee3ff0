/* proto/condition_slots.h - how it is written which series a rule means, what else must be so, what it waits for, and when it
 * is flapping.
 *
 * Inside proto/ only. Ownership: all in the parser's pool.
 */
#ifndef PICKET_PROTO_CONDITION_SLOTS_H
#define PICKET_PROTO_CONDITION_SLOTS_H

#include "proto/policy.h"
#include "proto/slot.h"

struct selector_draft {
    const char *key, *like, *unlike;
};

/* The ways in which a value may be a breach; one of them is meant. */
struct test_draft {
    double above, below, equals;
    int    absent;
};

struct condition_draft {
    const char            *metric, *same;
    struct selector_draft *where;
    size_t                 where_count;
    struct test_draft      test;
};

struct cause_draft {
    const char *rules, *same;
};

struct flapping_draft {
    int      enabled;
    uint32_t times, within_s, calm_s;
};

/* The rows of a test_draft that lies at this offset. */
#define TEST_ROWS(at)                                                                              \
    { .name = "above",                                                                             \
      .kind = SLOT_NUMBER,                                                                         \
      .offset = (at) + offsetof(struct test_draft, above),                                         \
      .help = "a breach is a value over this (ratios go from 0 to 1)" },                           \
        { .name = "below",                                                                         \
          .kind = SLOT_NUMBER,                                                                     \
          .offset = (at) + offsetof(struct test_draft, below),                                     \
          .help = "a breach is a value under this" },                                              \
        { .name = "equals",                                                                        \
          .kind = SLOT_NUMBER,                                                                     \
          .offset = (at) + offsetof(struct test_draft, equals),                                    \
          .help = "a breach is this very value; states are 0 (no) and 1 (yes)" },                  \
    {                                                                                              \
        .name = "absent", .kind = SLOT_FLAG, .offset = (at) + offsetof(struct test_draft, absent), \
        .help = "`true`: a breach is that nothing is reported, or no longer"                       \
    }

extern const struct slot_table selector_slots;  /* of struct selector_draft */
extern const struct slot_table condition_slots; /* of struct condition_draft */
extern const struct slot_table cause_slots;     /* of struct cause_draft */
extern const struct slot_table flapping_slots;  /* of struct flapping_draft */

extern const struct slot_form slot_form_metric;

/* How many ways were written, and the last of them. */
int test_draft_read(const struct test_draft *draft, enum rule_test *ret_test, double *ret_level);

/* The parser stands where "where" is a member. Returns how many there are. */
size_t selectors_apply(struct slot_parser *p, const struct selector_draft *drafts, size_t count,
                       struct rule_selector *into);

struct rule_draft;

/* The parser stands at the rule, which holds the built-in one's and gets the result. */
void conditions_apply(struct slot_parser *p, const struct rule_draft *draft, struct rule *rule);
void causes_apply(struct slot_parser *p, const struct rule_draft *draft, struct rule *rule);
void flapping_apply(const struct flapping_draft *draft, struct rule_flapping *own);
void flapping_complete(struct rule_flapping *own);

/* The parser stands at the list of rules: what a rule waits for must be there, and not wait for it. */
void causes_check(struct slot_parser *p, const struct policy *policy);

#endif
