/* agent/control/scrape.h - the socket that a scraper asks: HTTP/1.0, GET /metrics, one answer a connection.
 *
 * A local socket only; the warden opens none to the network. Every local account may ask, for nothing secret is in it. At
 * most a few at a time, each for a few seconds, with a head of a few kB.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_CONTROL_SCRAPE_H
#define PICKET_AGENT_CONTROL_SCRAPE_H

#include "agent/state.h"

struct scrape;

/* At state's paths.metrics; state is lent until close. BUSY: another agent serves the path. */
struct err scrape_open(uv_loop_t *loop, const struct agent_state *state, struct scrape **ret);
void       scrape_close(struct scrape **scrape);

#endif
