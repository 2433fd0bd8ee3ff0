/* agent/cli/table.h - rows in columns, fitted to the terminal.
 *
 * On a terminal the columns that may give are shortened (with "…") until a row fits; in a file or pipe nothing is. Text is
 * tamed (text_tame). Ownership: the caller's struct; text is copied. Thread: the first.
 */
#ifndef PICKET_AGENT_CLI_TABLE_H
#define PICKET_AGENT_CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "platform/buf.h"

enum table_tone { TABLE_PLAIN, TABLE_GOOD, TABLE_WARN, TABLE_BAD, TABLE_DIM };

struct table_column {
    const char *title;
    bool        to_right; /* numbers */
    bool        gives;    /* may be shortened */
};

enum { TABLE_COLUMNS_MAX = 8 };

struct table_cell;

struct table {
    const struct table_column *columns;
    size_t                     column_count;
    struct table_cell         *cells;
    size_t                     cell_count, cell_room;
    struct err                 err; /* out of memory: nothing is printed */
};

/* Who looks at it. */
struct table_style {
    size_t columns; /* 0: a file, nothing needs to fit */
    bool   colour, ascii;
};

struct table_style table_style_of(FILE *out);

void table_begin(struct table *t, const struct table_column *columns, size_t column_count);

/* The next cell, row by row. Colours are for terminals that have them. */
void table_put(struct table *t, enum table_tone tone, const char *text);

/* Prints it and lets go of it. */
struct err table_print(struct table *t, const struct table_style *style, struct buf *into);
struct err table_end(struct table *t, FILE *out);

/* The colour of a word outside a table: "" where there are none. */
const char *table_style_on(const struct table_style *style, enum table_tone tone);
const char *table_style_off(const struct table_style *style, enum table_tone tone);
const char *table_tone_on(FILE *out, enum table_tone tone);
const char *table_tone_off(FILE *out, enum table_tone tone);

#endif
