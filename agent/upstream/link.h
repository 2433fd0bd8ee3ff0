/* agent/upstream/link.h - the warden's end of the courier.
 *
 *     DOWN --spawn--> STARTING --READY--> UP --exit, broken frame--> DOWN (again after 1 s, 2 s ... 60 s)
 *
 * Starts a courier for the connector upstreams of a configuration, and another when it ends; only when the earlier
 * one's lock is free, so that no orphan finishes a create that the next one repeats. What was handed over and not
 * answered by then is the caller's to hand over again (on_down).
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_UPSTREAM_LINK_H
#define PICKET_AGENT_UPSTREAM_LINK_H

#include <uv.h>

#include "platform/log.h"
#include "proto/config.h"
#include "proto/link.h"

struct courier_link;

struct courier_link_listener {
    void (*on_up)(void *context, const struct link_ready *ready);
    void (*on_done)(void *context, const struct link_done *done);
    void (*on_news)(void *context, const struct link_news *news);
    void (*on_taken)(void *context, const struct link_taken *taken);
    void (*on_down)(void *context);
    void *context;
};

struct courier_link_options {
    const struct config *config;    /* lent until close */
    const char          *lock_path; /* lent */
    int                  spare_lock; /* passed on where a full or read-only disk has no room for that: the warden's own */
    enum log_level       log_level;
    struct courier_link_listener listener;
};

struct err courier_link_open(uv_loop_t *loop, const struct courier_link_options *options,
                             struct courier_link **ret);

bool     courier_link_is_up(const struct courier_link *link);
uint64_t courier_link_process(const struct courier_link *link); /* 0 when down */

/* Only while up. TOO_BIG: the courier does not read; keep the work. */
struct err courier_link_send(struct courier_link *link, const struct link_work *work);

/* A whole SAMPLES message; taken in any case. As above. */
struct err courier_link_send_samples(struct courier_link *link, struct buf *message);

/* Asks the courier to end, waits a few seconds for what is on the wire, then kills it; on_closed when all is done. */
void courier_link_close(struct courier_link *link, void (*on_closed)(void *context), void *context);

#endif
