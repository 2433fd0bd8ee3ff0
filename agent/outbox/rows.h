/* agent/outbox/rows.h - the model from and to the database's rows.
 *
 * Rows may be damaged in ways that no check of SQLite sees: numbers out of range are brought
 * into it, texts that are too long are cut.
 * Internal to agent/outbox.
 */
#ifndef PICKET_AGENT_OUTBOX_ROWS_H
#define PICKET_AGENT_OUTBOX_ROWS_H

#include "agent/inventory/merge.h"
#include "agent/outbox/inventory.h"
#include "agent/outbox/model.h"

enum { EPOCH_BYTES = 36 };

/* What a database says of itself. */
struct meta {
    char epoch[EPOCH_BYTES];
    char device[DEVICE_ID_MAX]; /* "" where it is not known */
};

struct err rows_meta(struct store *s, struct meta *ret);
/* Into an empty model. */
struct err rows_load(struct store *s, struct model *m);

/* Writes what is UNSAVED, which becomes WRITTEN, within the caller's transaction. meta NULL: it is there already. */
struct err rows_save(struct store *s, struct model *m, const struct meta *meta);

/* row_cursors.c */
struct err rows_cursors_load(struct store *s, struct model *m);
struct err rows_cursors_save(struct store *s, struct model *m);
struct err rows_cursor_drop(struct store *s, const char *upstream);

/* row_inventory.c. In the caller's transaction; NOT_FOUND: none was taken yet. Not sound: rows were damaged, and the document
 * is to be filled anew. */
struct err rows_inventory_take(struct store *s, const struct inventory_side *now, int64_t at_ms, uint64_t *ret,
                               bool *ret_sound);
struct err rows_inventory_fill(struct store *s, const struct inventory_side *now);
struct err rows_inventory_taken(struct store *s, int64_t *ret);
struct err rows_inventory_each(struct store *s, inventory_row_fn *each, void *context);
struct err rows_inventory_changes(struct store *s, int64_t after, int64_t from_ms, inventory_change_fn *each, void *context);

struct err rows_ticket(struct store *s, int64_t number, struct desk_ticket *ret); /* NOT_FOUND */
struct err rows_tickets(struct store *s, desk_ticket_fn *each, void *context);    /* newest first */
struct err rows_notes(struct store *s, int64_t ticket, desk_note_fn *each, void *context, bool *stopped);

/* row_past.c: newest first */
struct err rows_cleared(struct store *s, cleared_fn *each, void *context);
struct err rows_told(struct store *s, told_fn *each, void *context);

struct err rows_count(struct store *s, enum sql sql, uint64_t *ret);

#endif
