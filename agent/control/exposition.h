/* agent/control/exposition.h - the figures of a running agent as Prometheus reads them.
 *
 * The newest value of each series that is still seen, and target_info with what the machine is called. No time stamps: what is
 * read is what is known now.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_CONTROL_EXPOSITION_H
#define PICKET_AGENT_CONTROL_EXPOSITION_H

#include "agent/state.h"

enum { EXPOSITION_MAX_BYTES = 4 * 1024 * 1024 };

/* into is initialized by the caller. */
struct err exposition_print(const struct agent_state *state, struct buf *into);

#endif
