/* agent/inventory/json.h - inventories and changes as JSON (proto/schema/inventory.schema.json). Thread: any. */
#ifndef PICKET_AGENT_INVENTORY_JSON_H
#define PICKET_AGENT_INVENTORY_JSON_H

#include "agent/inventory/sections.h"

enum { INVENTORY_JSON_VERSION = 1 };

struct inventory_json {
    struct json_put *j;
    int              only; /* 0: all sections */
    int              next; /* section that was not begun yet */
    bool             open;
};

/* One object of all sections, also of those without a row. Rows come in order. */
void inventory_json_begin(struct inventory_json *o, struct json_put *j, int only);
void inventory_json_row(struct inventory_json *o, int section, const char *row);
void inventory_json_end(struct inventory_json *o);

struct inventory_change {
    int64_t     at_ms;
    int         section;
    const char *was, *now; /* "": it was not there, it is gone */
};

/* As one object of an array. */
void inventory_change_json(const struct inventory_change *change, struct json_put *j);

#endif
