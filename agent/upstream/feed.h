/* agent/upstream/feed.h - one upstream of the courier that takes samples (OTLP over HTTP), one batch at a time.
 *
 *     IDLE --batch--> POSTING <--> WAITING (Retry-After, backoff) --taken--> IDLE
 *
 * A batch is tried until the receiver has it, or says that it never will (feed_verdict.h): only then the warden hears that
 * it is taken, and sends the next. It goes out again byte for byte, so a receiver that had it already keeps the same points.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_UPSTREAM_FEED_H
#define PICKET_AGENT_UPSTREAM_FEED_H

#include <uv.h>

#include "proto/link.h"

struct feed;

struct feed_listener {
    void (*taken)(void *context, const struct link_taken *taken);
    void (*news)(void *context, const struct link_news *news);
    void *context;
};

/* As lane_new: reads secrets; one that cannot work is still a feed, and says so once open. */
struct err feed_new(const struct link_setup *setup, struct feed **ret);
struct err feed_open(struct feed *feed, uv_loop_t *loop, const struct feed_listener *listener);
void       feed_close(struct feed **feed); /* accepts one that was never opened */

/* Takes the batch. BUSY: the one before is not over. */
struct err feed_put(struct feed *feed, struct link_samples *batch);

void feed_stop(struct feed *feed); /* begin nothing more */
bool feed_busy(const struct feed *feed); /* an exchange is on the wire */

#endif
