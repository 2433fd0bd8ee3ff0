/* agent/inventory/sections.h - what an inventory consists of: said once, for JSON, tables, differences and the database.
 *
 * A document is rows of sections. A row is its fields as text with tabs between them: its key (the first fields, which
 * name it among its kind), then its values. An empty field is unknown; a list has a unit separator between its items.
 * Fields are appended at the end of a section, sections at the end of the enum, and neither is renamed, moved or taken
 * away: both are in databases. Thread: any.
 */
#ifndef PICKET_AGENT_INVENTORY_SECTIONS_H
#define PICKET_AGENT_INVENTORY_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/json_put.h"

// clang-format off
enum inventory_section {
    INVENTORY_INCOMPLETE = 1, INVENTORY_SYSTEM, INVENTORY_ENVIRONMENT, INVENTORY_OS, INVENTORY_BOOT, INVENTORY_PROCESSOR,
    INVENTORY_MEMORY, INVENTORY_MEMORY_MODULES, INVENTORY_DISKS, INVENTORY_INTERFACES, INVENTORY_NETWORK, INVENTORY_USERS,
    INVENTORY_GROUPS, INVENTORY_ADMINISTRATORS, INVENTORY_SERVICES, INVENTORY_PACKAGES, INVENTORY_SECTIONS
};

enum inventory_kind { INVENTORY_TEXT, INVENTORY_WHOLE, INVENTORY_BYTES, INVENTORY_FLAG, INVENTORY_TIME, INVENTORY_LIST };
// clang-format on

enum inventory_marks {
    INVENTORY_QUIET = 1,   /* moves by itself: alone it makes no change */
    INVENTORY_SECRET = 2,  /* not for everybody on the machine: the administrator's and the agent's own user's */
    INVENTORY_UNSHOWN = 4, /* told by another field: not in tables */
};

struct inventory_field {
    const char         *name; /* as JSON key */
    enum inventory_kind kind;
    unsigned            marks;
};

struct inventory_kinds {
    const char                   *name; /* as JSON key and for --section */
    const struct inventory_field *fields;
    uint8_t                       field_count, key_count; /* key_count 0: there is one row */
};

enum { INVENTORY_ROW_MAX = 4000, INVENTORY_FIELDS_MAX = 20 };
#define INVENTORY_TAB "\t"
#define INVENTORY_LIST_MARK '\x1f'

/* NULL: there is no such section. */
const struct inventory_kinds *inventory_kinds_of(int section);
int                           inventory_section_of(const char *name); /* 0: there is none */

/* A row taken apart: lent from the row, which loses its tabs. Fields that it lacks are "". Returns how many it had. */
size_t inventory_split(char *row, const char *fields[INVENTORY_FIELDS_MAX]);

/* Where the key ends: at a tab, or at the end. */
size_t inventory_key_len(const struct inventory_kinds *kinds, const char *row);

/* Empties the secret fields in place. */
void inventory_blank(const struct inventory_kinds *kinds, char *row);

/* Do they tell the same, but for what is quiet and what one of them does not know of (an older version's row)? hidden: nor
 * does it count what now leaves empty. */
bool inventory_same(const struct inventory_kinds *kinds, const char *was, const char *now, bool hidden);

/* One value, as JSON or for people. */
void inventory_put_json(const struct inventory_field *field, const char *value, struct json_put *j, const char *key);
void inventory_print(const struct inventory_field *field, const char *value, char *into, size_t size);

#endif
