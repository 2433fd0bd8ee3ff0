/* agent/inventory/merge.h - what became of one inventory in another. Thread: any. */
#ifndef PICKET_AGENT_INVENTORY_MERGE_H
#define PICKET_AGENT_INVENTORY_MERGE_H

#include "agent/inventory/sections.h"
#include "platform/err.h"

/* Rows in order, lent until the next one. *ret_row NULL: there are no more. */
typedef struct err inventory_next_fn(void *context, int *ret_section, const char **ret_row);

struct inventory_side {
    inventory_next_fn *next;
    void              *context;
};

/* Both are whole rows; NULL: it is new, it is gone. noted false: only quiet fields differ. A failure ends the merge. */
typedef struct err inventory_differs_fn(void *context, int section, const char *was, const char *now, bool noted);

/* An entry is not gone because its section could not be read whole, and a value not because it could not be read now. */
struct err inventory_merge(const struct inventory_side *was, const struct inventory_side *now,
                           inventory_differs_fn *differs, void *context);

#endif
