/* agent/replay/bare.h - what a bare threshold would have made: the yardstick for noise.
 *
 * The same rules on the same samples, but with nothing else than their limits: each level is an alert of its own, raised by
 * the first sample beyond the limit and over with the first that is not. No time to hold, no clear level, no memory.
 * Rules that are not a limit on a figure (see bare_new) take no part.
 * Thread: any, one owner.
 */
#ifndef PICKET_AGENT_REPLAY_BARE_H
#define PICKET_AGENT_REPLAY_BARE_H

#include "agent/rule/rules.h"

struct bare;

/* policy is lent until bare_free. */
struct err bare_new(const struct policy *policy, struct bare **ret);
void       bare_free(struct bare **bare);

void     bare_begin_round(struct bare *bare, uint64_t now_ms);
void     bare_put(struct bare *bare, const struct sample *sample);
void     bare_collector_read(struct bare *bare, const struct metric *metrics, size_t count, uint32_t period_s,
                             struct err outcome);
void     bare_end_round(struct bare *bare);
uint64_t bare_alerts(const struct bare *bare); /* so far */

#endif
