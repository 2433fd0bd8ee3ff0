/* agent/export.h - brings every block of samples to every upstream that takes samples, in order.
 *
 * What is to be sent is derived from the outbox: the blocks behind an upstream's cursor. One batch for an upstream is with the
 * courier at a time; the cursor moves when it is taken, so an outage is caught up from there, and what was removed meanwhile is
 * counted as missed. A new upstream gets what is measured from then on.
 * Wakes nobody: it runs with the rounds, and when a batch was taken.
 * Thread: the loop's.
 */
#ifndef PICKET_AGENT_EXPORT_H
#define PICKET_AGENT_EXPORT_H

#include "agent/outbox/outbox.h"
#include "agent/upstream/link.h"
#include "proto/config.h"

struct export;

/* How one fares, beside what the courier says. */
struct export_view {
    uint32_t waiting;    /* blocks */
    int64_t  last_ok_ms; /* wall; 0: never */
    char     note[300];  /* what was lost for it, or "" */
};

/* All lent until free. */
struct err export_new(const struct config *config, struct outbox *outbox, const char *device_id, const char *device_name,
                      struct export **ret);
void       export_free(struct export **export);
void       export_set_link(struct export *export, struct courier_link *link); /* NULL: none */

/* How long a block of samples may grow before it is to be put into the outbox. */
uint32_t export_block_s(const struct export *export);

/* Look for something to send. */
void export_run(struct export *export);

/* From the link. */
void export_on_down(struct export *export);
void export_on_taken(struct export *export, const struct link_taken *taken);

/* False: that upstream takes no samples. */
bool export_get(const struct export *export, size_t upstream, struct export_view *ret);

#endif
