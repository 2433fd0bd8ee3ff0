/* agent/inventory/document.h - an inventory being written down, row by row.
 *
 *     inventory_row(d, INVENTORY_GROUPS);
 *     inventory_text(d, "sudo");
 *     inventory_whole(d, 27);
 *     inventory_list(d);
 *     inventory_item(d, "alice");
 *     inventory_end(d);
 *
 * Fields in the order of sections.c. A row that does not fit is cut at a list's item, and what happened stands under
 * INVENTORY_INCOMPLETE. Text is made valid UTF-8 without controls. Thread: any, one owner.
 */
#ifndef PICKET_AGENT_INVENTORY_DOCUMENT_H
#define PICKET_AGENT_INVENTORY_DOCUMENT_H

#include "agent/inventory/sections.h"
#include "platform/buf.h"

enum { INVENTORY_DOCUMENT_MAX = 4 << 20, INVENTORY_ROWS_MAX = 40000 };

struct inventory_row_at {
    size_t  offset;
    uint8_t section;
};

struct inventory {
    struct buf               text;
    struct inventory_row_at *rows;
    size_t                   row_count, row_room;
    struct err               err; /* the first failure sticks */

    char    row[INVENTORY_ROW_MAX + 1]; /* that is being written */
    size_t  len;
    uint8_t section;
    bool    first, item_follows, cut;
};

void inventory_init(struct inventory *d);
void inventory_done(struct inventory *d);

void inventory_row(struct inventory *d, enum inventory_section section);
void inventory_text(struct inventory *d, const char *text); /* "" is unknown */
void inventory_whole(struct inventory *d, uint64_t value);
void inventory_known(struct inventory *d, uint64_t value); /* 0 is unknown */
void inventory_flag(struct inventory *d, bool value);
void inventory_list(struct inventory *d);
void inventory_item(struct inventory *d, const char *text);
void inventory_end(struct inventory *d);

/* hides_entries: whole rows may be missing, not only values of those that are there. */
void inventory_gap(struct inventory *d, enum inventory_section section, const char *part, const char *reason,
                   bool hides_entries);

/* A row that was written before. */
void inventory_add(struct inventory *d, int section, const char *row);

/* Sorted by section and key; of rows with the same key the first stays. */
struct err inventory_sort(struct inventory *d);

/* Row by row in order; stops when one says false. */
typedef bool inventory_row_fn(void *context, int section, const char *row);
void         inventory_each(const struct inventory *d, inventory_row_fn *each, void *context);

/* The same one at a time, as the `next` of an inventory_side (merge.h); at 0 is the first one. */
struct inventory_cursor {
    const struct inventory *d;
    size_t                  at;
};
struct err inventory_cursor_next(void *cursor, int *ret_section, const char **ret_row);

#endif
