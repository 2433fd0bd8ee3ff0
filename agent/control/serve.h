/* agent/control/serve.h - the agent's side of the control socket.
 *
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_CONTROL_SERVE_H
#define PICKET_AGENT_CONTROL_SERVE_H

#include "agent/state.h"

struct serve;

/* state is lent until close. BUSY: another agent serves the path. */
struct err serve_open(uv_loop_t *loop, const struct agent_state *state, struct serve **ret);
void       serve_close(struct serve **serve);

#endif
