#include "agent/cli/table.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cli/print.h"
#include "platform/terminal.h"

enum { GAP = 2, COLUMN_LEAST = 8, CELL_MAX_BYTES = 1024, TABLE_MAX_BYTES = 16 * 1024 * 1024 };

struct table_cell {
    enum table_tone tone;
    const char     *text; /* of a cell: its own, from the heap */
};

static const char *const tones[] = {
    [TABLE_PLAIN] = "",       [TABLE_GOOD] = "\x1b[32m", [TABLE_WARN] = "\x1b[33m",
    [TABLE_BAD] = "\x1b[31m", [TABLE_DIM] = "\x1b[2m",
};

const char *table_style_on(const struct table_style *style, enum table_tone tone)
{
    return style->colour ? tones[tone] : "";
}

const char *table_style_off(const struct table_style *style, enum table_tone tone)
{
    return style->colour && tone != TABLE_PLAIN ? "\x1b[0m" : "";
}

struct table_style table_style_of(FILE *out)
{
    return (struct table_style){ .columns = plat_terminal_columns(out),
                                 .colour = plat_terminal_has_colour(out),
                                 .ascii = !plat_terminal_has_utf8() };
}

const char *table_tone_on(FILE *out, enum table_tone tone)
{
    const struct table_style style = table_style_of(out);

    return table_style_on(&style, tone);
}

const char *table_tone_off(FILE *out, enum table_tone tone)
{
    const struct table_style style = table_style_of(out);

    return table_style_off(&style, tone);
}

void table_begin(struct table *t, const struct table_column *columns, size_t column_count)
{
    assert(column_count <= TABLE_COLUMNS_MAX);
    *t = (struct table){ .columns = columns, .column_count = column_count, .err = err_ok() };
}

void table_put(struct table *t, enum table_tone tone, const char *text)
{
    size_t             room = t->cell_room ? 2 * t->cell_room : 64;
    struct table_cell *grown = t->cells;
    char               tame[CELL_MAX_BYTES], *copy;

    if (failed(t->err))
        return;
    if (t->cell_count == t->cell_room) {
        grown = realloc(t->cells, room * sizeof *grown);
        if (grown) {
            t->cells = grown;
            t->cell_room = room;
        }
    }
    copy = grown ? strdup(text_tame(text, tame, sizeof tame)) : NULL;
    if (!copy)
        t->err = err_of(ERR_NO_MEMORY, "printing a table");
    else
        t->cells[t->cell_count++] = (struct table_cell){ tone, copy };
}

static size_t natural_width(const struct table *t, size_t column)
{
    size_t width = text_columns(t->columns[column].title);

    for (size_t c = column; c < t->cell_count; c += t->column_count) {
        size_t here = text_columns(t->cells[c].text);

        width = here > width ? here : width;
    }
    return width;
}

static bool is_empty(const struct table *t, size_t column)
{
    for (size_t c = column; c < t->cell_count; c += t->column_count)
        if (t->cells[c].text[0])
            return false;
    return true;
}

/* Columns without a word go first; then the widest column that may give, loses one at a time. */
static void fit(const struct table *t, size_t widths[], size_t columns)
{
    size_t total = 0;

    for (size_t i = 0; i < t->column_count; i++)
        total += widths[i] + (i ? GAP : 0);
    for (size_t i = 1; i < t->column_count && columns && total > columns; i++)
        if (is_empty(t, i)) {
            total -= widths[i] + GAP;
            widths[i] = 0;
        }
    while (columns && total > columns) {
        size_t widest = t->column_count;

        for (size_t i = 0; i < t->column_count; i++)
            if (t->columns[i].gives && widths[i] > COLUMN_LEAST &&
                (widest == t->column_count || widths[i] > widths[widest]))
                widest = i;
        if (widest == t->column_count)
            return;
        widths[widest]--;
        total--;
    }
}

/* Bytes of the first `columns` characters. */
static size_t bytes_of(const char *text, size_t columns)
{
    size_t bytes = 0;

    while (text[bytes] && columns-- > 0)
        for (bytes++; (text[bytes] & 0xc0) == 0x80;)
            bytes++;
    return bytes;
}

static void print_cell(const struct table_column *column, const struct table_style *style, struct buf *into,
                       const struct table_cell *cell, size_t width, bool last)
{
    size_t columns = text_columns(cell->text);
    bool   shortened = columns > width;
    size_t bytes = bytes_of(cell->text, shortened ? width - 1 : width);
    int    blanks = shortened ? 0 : (int)(width - columns);

    (void)buf_printf(into, "%*s%s%.*s%s%s%*s", column->to_right ? blanks : 0, "", table_style_on(style, cell->tone),
                     (int)bytes, cell->text, shortened ? (style->ascii ? "~" : "\xe2\x80\xa6") : "",
                     table_style_off(style, cell->tone), last ? 0 : GAP + (column->to_right ? 0 : blanks), "");
}

/* Empty cells at the end leave no blanks behind. */
static void print_row(const struct table *t, const struct table_style *style, struct buf *into,
                      const struct table_cell *cells, const size_t widths[])
{
    size_t count = t->column_count;

    while (count > 0 && (!cells[count - 1].text[0] || widths[count - 1] == 0))
        count--;
    for (size_t i = 0; i < count; i++)
        if (widths[i])
            print_cell(&t->columns[i], style, into, &cells[i], widths[i], i + 1 == count);
    (void)buf_add_byte(into, '\n');
}

static void print_all(const struct table *t, const struct table_style *style, struct buf *into)
{
    size_t            widths[TABLE_COLUMNS_MAX];
    struct table_cell titles[TABLE_COLUMNS_MAX];

    for (size_t i = 0; i < t->column_count; i++) {
        widths[i] = natural_width(t, i);
        titles[i] = (struct table_cell){ TABLE_DIM, t->columns[i].title };
    }
    fit(t, widths, style->columns);
    print_row(t, style, into, titles, widths);
    for (size_t c = 0; c + t->column_count <= t->cell_count; c += t->column_count)
        print_row(t, style, into, &t->cells[c], widths);
}

struct err table_print(struct table *t, const struct table_style *style, struct buf *into)
{
    struct err e = t->err;

    if (!failed(e) && t->cell_count > 0)
        print_all(t, style, into);
    for (size_t c = 0; c < t->cell_count; c++)
        free((char *)(uintptr_t)t->cells[c].text);
    free(t->cells);
    *t = (struct table){ .err = err_ok() };
    return e;
}

struct err table_end(struct table *t, FILE *out)
{
    const struct table_style style = table_style_of(out);
    struct buf               text;
    struct err               e;

    buf_init(&text, TABLE_MAX_BYTES);
    e = table_print(t, &style, &text);
    fputs(buf_text(&text), out);
    buf_done(&text);
    return e;
}
