/* agent/cli/inventory_text.h - inventories as tables, changes as lines. Thread: the first. */
#ifndef PICKET_AGENT_CLI_INVENTORY_TEXT_H
#define PICKET_AGENT_CLI_INVENTORY_TEXT_H

#include <stdio.h>

#include "agent/cli/table.h"
#include "agent/inventory/json.h"

struct inventory_text {
    FILE               *out;
    int                 only;    /* 0: all sections */
    int                 section; /* that rows came of; 0: none yet */
    struct table        table;
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t              fields[TABLE_COLUMNS_MAX]; /* which field each column shows */
    char                titles[TABLE_COLUMNS_MAX][32];
    size_t              column_count;
};

/* Rows come in order; what could not be read comes first and is said first. */
void inventory_text_begin(struct inventory_text *t, FILE *out, int only);
void inventory_text_row(struct inventory_text *t, int section, const char *row);
void inventory_text_end(struct inventory_text *t);

/* One line: "+ users: mallory (id 1002, ...)", "  packages: dpkg openssl amd64 version 3.0.15-1 -> 3.0.16-1". dated: behind
 * when it was found. */
void inventory_change_print(FILE *out, bool dated, const struct inventory_change *change);

#endif
