/* proto/quiet_slots.h - how quiet times are written in the configuration.
 *
 * Inside proto/ only. Ownership: all in the parser's pool.
 */
#ifndef PICKET_PROTO_QUIET_SLOTS_H
#define PICKET_PROTO_QUIET_SLOTS_H

#include "proto/policy.h"
#include "proto/slot.h"

struct window_draft {
    const char *name, *days, *start, *zone, *rules;
    uint32_t    minutes;
};

/* Of the whole configuration. */
struct quiet_draft {
    uint32_t             after_boot_s, after_resume_s;
    struct window_draft *windows;
    size_t               window_count;
};

/* Of one rule. */
struct rule_quiet_draft {
    uint32_t after_boot_s, after_resume_s, cool_down_s;
    int      windows;
};

extern const struct slot_form slot_form_globs; /* names of rules, with * and ?, parted by blanks */

extern const struct slot_table quiet_slots;      /* of struct quiet_draft */
extern const struct slot_table rule_quiet_slots; /* of struct rule_quiet_draft */

/* The parser stands at "quiet". */
void quiet_windows_apply(struct slot_parser *p, const struct quiet_draft *draft, struct policy *policy);

/* own holds the built-in rule's and gets the result: what the rule names, else its own, else the configuration's. */
void rule_quiet_apply(const struct rule_quiet_draft *draft, struct rule_quiet *own);
void rule_quiet_complete(const struct quiet_draft *general, struct rule_quiet *own);

#endif
