/* agent/outbox/peek.h - what is in the database of an agent that is not running. Nothing is changed, not even a lock is
 * taken; so it is for a database that was closed properly.
 * Thread: any.
 */
#ifndef PICKET_AGENT_OUTBOX_PEEK_H
#define PICKET_AGENT_OUTBOX_PEEK_H

#include "agent/outbox/inventory.h"

/* As outbox_samples_each. NOT_FOUND: there is no such file; BUSY: it was not closed, or an agent has it; DENIED, MALFORMED,
 * UNSUPPORTED (a newer version's), CORRUPT. */
struct err outbox_peek_samples(const char *path, int64_t from_ms, int64_t to_ms, samples_fn *each, void *context);

/* When it was taken, then its rows; and the changes from then on. Also NOT_FOUND: none was taken yet. */
struct err outbox_peek_inventory(const char *path, int64_t *ret_taken_ms, inventory_row_fn *each, void *context);
struct err outbox_peek_changes(const char *path, int64_t from_ms, inventory_change_fn *each, void *context);

#endif
