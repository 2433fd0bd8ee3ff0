/* agent/upstream/lane.h - one upstream of the courier: its works, one at a time.
 *
 *     IDLE --work--> BUSY <--> WAITING (settle time, Retry-After, backoff) --> IDLE
 *
 * A lane owns the session of its connector and an HTTP client. It tries until a work is done: what may be tried again waits
 * (full-jitter backoff up to a minute, or what the upstream asked for) and holds the whole lane; what was refused waits a
 * quarter of an hour on its own, since a person has to mend it.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_UPSTREAM_LANE_H
#define PICKET_AGENT_UPSTREAM_LANE_H

#include <uv.h>

#include "platform/http.h"
#include "proto/link.h"

enum { LANE_WORKS_MAX = 64 };

struct lane;

/* What a lane says: a work came to its end (or its ticket became known), or its fortune changed. */
struct lane_listener {
    void (*done)(void *context, const struct link_done *done);
    void (*news)(void *context, const struct link_news *news);
    void *context;
};

/* Reads the connector and its secrets; before the courier confines itself, and without the loop. A lane that
 * cannot work (a secret that others can read, a setting that is missing) is still a lane: once open it says so as news,
 * UNUSABLE, and keeps its works. */
struct err lane_new(const struct link_setup *setup, struct lane **ret);
struct err lane_open(struct lane *lane, uv_loop_t *loop, const struct lane_listener *listener);
/* Ends exchanges as they are; accepts one that was never opened. */
void lane_close(struct lane **lane);

/* Takes work (its owned text too). TOO_BIG when the lane is full. */
struct err lane_put(struct lane *lane, struct link_work *work);

/* Begin nothing more. */
void lane_stop(struct lane *lane);
bool lane_busy(const struct lane *lane); /* an exchange is on the wire */

#endif
