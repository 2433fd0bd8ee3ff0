/* agent/replay/quiet.h - the quiet times of a policy in a trace's time.
 *
 * As agent/moment.h is for the machine's own clocks. Reads the system's files of time zones, for windows alone. Thread: any,
 * one owner.
 */
#ifndef PICKET_AGENT_REPLAY_QUIET_H
#define PICKET_AGENT_REPLAY_QUIET_H

#include "agent/replay/trace.h"
#include "agent/rule/rules.h"

struct quiet;

/* policy is lent until free. */
struct err quiet_new(const struct policy *policy, struct quiet **ret);
void       quiet_free(struct quiet **quiet);

/* At the beginning, and when the machine's zone changes ("": UTC). Where it fails, what was before stays. */
struct err quiet_set_zone(struct quiet *quiet, const char *zone);
void       quiet_read(const struct quiet *quiet, const struct trace_now *now, struct rules_moment *ret);

#endif
