/* agent/upstream/backoff.h - how long to wait before trying an upstream again: full jitter, 1 s at first, a minute at most.
 *
 * Thread: any.
 */
#ifndef PICKET_AGENT_UPSTREAM_BACKOFF_H
#define PICKET_AGENT_UPSTREAM_BACKOFF_H

#include <stdint.h>

uint64_t backoff_ms(uint32_t failures); /* in a row; at least 1 */

#endif
