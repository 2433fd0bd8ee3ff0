/* agent/outbox/inventory.h - the last whole inventory of this machine, and what changed from one to the next.
 *
 * On disk alone, and row by row: nothing of it is held in memory. A take is one transaction; one that breaks off, or that the
 * disk refuses, leaves the document that was there. The first one of a database makes no changes.
 * Changes have numbers that rise and are not used again within an epoch, also when the oldest were removed: an upstream that
 * says how far it is gets what came after; one that is behind the oldest needs the whole document.
 * Thread and ownership: as outbox.h.
 */
#ifndef PICKET_AGENT_OUTBOX_INVENTORY_H
#define PICKET_AGENT_OUTBOX_INVENTORY_H

#include "agent/inventory/document.h"
#include "agent/inventory/json.h"
#include "agent/outbox/outbox.h"

/* How many changes are kept; a document takes no more than a SHARE of the outbox. */
enum { CHANGES_MAX = 5000, CHANGES_BYTES = 2 << 20, INVENTORY_SHARE = 8 };

/* fd: as inventory_write left it, lent. at_ms: wall. *ret: how many changes it made. MALFORMED: it is not whole; TOO_BIG; or
 * what the disk said. */
struct err outbox_inventory_take(struct outbox *outbox, int fd, int64_t at_ms, uint64_t *ret);

struct outbox_inventory {
    int64_t taken_ms;
    int64_t oldest, newest; /* numbers of the changes; 0: there is none */
};
struct err outbox_inventory_get(struct outbox           *outbox,
                                struct outbox_inventory *ret); /* NOT_FOUND: none was taken yet */
struct err outbox_inventory_each(struct outbox *outbox, inventory_row_fn *each, void *context);

/* Oldest first, those with a number above after that were seen at from_ms or later. Stops when each says false. */
typedef bool inventory_change_fn(void *context, int64_t number, const struct inventory_change *change);
struct err   outbox_inventory_changes(struct outbox *outbox, int64_t after, int64_t from_ms, inventory_change_fn *each,
                                      void *context);

#endif
