/* agent/moment.h - what the machine is going through: started, woken, under maintenance?
 *
 * Looks at clocks and zone files for the rules, which do neither. Zone files are read again when they changed: the machine may
 * have been moved, or its zones updated. Without windows in the policy no file is looked at.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_MOMENT_H
#define PICKET_AGENT_MOMENT_H

#include "agent/rule/rules.h"

struct moment;

/* policy is lent until free. */
struct err moment_new(const struct policy *policy, struct moment **ret);
void       moment_free(struct moment **moment);

void moment_read(struct moment *moment, uint64_t steady_ms, int64_t wall_ms, struct rules_moment *ret);

/* The first window whose zone is not to be found, for `picket config check`; -1: none. */
int moment_zone_missing(const struct policy *policy, struct err *ret_why);

#endif
