/* agent/dispatch.h - brings every alert to every upstream, one step at a time.
 *
 * What is to be done is always derived from the outbox: an alert whose revision (or end) an upstream was not told. The desk is
 * served at once. For the others one work for (alert, upstream) is with the courier at a time; before one that may
 * create a ticket goes out, the delivery says so on disk (maybe_created), so that after any kill the next try looks first.
 * A new incident waits until the earlier one with the same reference is told to the end. What belongs to a storm that is not
 * over (agent/alert/storm.h) waits for its end.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_DISPATCH_H
#define PICKET_AGENT_DISPATCH_H

#include "agent/alert/storm.h"
#include "agent/upstream/link.h"
#include "proto/config.h"

struct dispatch;

struct dispatch_device {
    const char *id, *name, *url; /* url "" where unknown; lent */
};

/* How an upstream fares, for status. */
struct upstream_view {
    const char      *name, *connector;
    struct link_news news;     /* mood FINE before anything was tried */
    uint32_t         waiting;  /* alerts with something to tell */
    int64_t          last_ok_ms; /* wall; 0: never */
};

/* link may be NULL (no connector upstreams). All lent until free. */
struct err dispatch_new(const struct config *config, struct outbox *outbox,
                        const struct dispatch_device *device, struct dispatch **ret);
void       dispatch_free(struct dispatch **dispatch);
void       dispatch_set_link(struct dispatch *dispatch, struct courier_link *link);

/* Look for something to do: after a change of an alert, and now and then. */
void dispatch_run(struct dispatch *dispatch);

/* From the link. */
void dispatch_on_up(struct dispatch *dispatch);
void dispatch_on_down(struct dispatch *dispatch);
void dispatch_on_done(struct dispatch *dispatch, const struct link_done *done);
void dispatch_on_news(struct dispatch *dispatch, const struct link_news *news);

size_t dispatch_upstream_count(const struct dispatch *dispatch);
void   dispatch_upstream_get(const struct dispatch *dispatch, size_t i, struct upstream_view *ret);

#endif
