/* agent/control/ask_samples.h - what the running agent has recorded.
 *
 * Blocking, as ask.h.
 */
#ifndef PICKET_AGENT_CONTROL_ASK_SAMPLES_H
#define PICKET_AGENT_CONTROL_ASK_SAMPLES_H

#include "agent/control/ask.h"
#include "agent/outbox/block.h"

/* The samples of the TALK_HISTORY_MS from then on, block by block; a block reaches over the ends of that time. A damaged one is
 * MALFORMED, after the others were read. Stops when each says false. */
struct err ask_samples(const char *state_override, int64_t from_ms, block_sample_fn *each, void *context, char *why);

#endif
