#include "agent/inventory/document.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"
#include "proto/text.h"

void inventory_init(struct inventory *d)
{
    *d = (struct inventory){ .err = err_ok() };
    buf_init(&d->text, INVENTORY_DOCUMENT_MAX);
}

void inventory_done(struct inventory *d)
{
    buf_done(&d->text);
    free(d->rows);
    d->rows = NULL;
    d->row_count = d->row_room = 0;
}

/* ---- one row ---- */

void inventory_row(struct inventory *d, enum inventory_section section)
{
    d->section = (uint8_t)section;
    d->len = 0;
    d->first = true;
    d->cut = false;
}

/* Nothing is added that does not fit whole. */
static void add(struct inventory *d, char mark, const char *text)
{
    char   tame[INVENTORY_ROW_MAX];
    size_t len = utf8_copy(tame, sizeof tame, text, strlen(text)), room = INVENTORY_ROW_MAX - d->len;

    text_blank_controls(tame);
    if (len + 1 > room || (mark != '\t' && d->cut)) {
        d->cut = true;
        len = 0;
        if (mark != '\t' || room == 0)
            return;
    }
    if (mark)
        d->row[d->len++] = mark;
    memcpy(d->row + d->len, tame, len);
    d->len += len;
}

static void add_field(struct inventory *d, const char *text)
{
    add(d, d->first ? '\0' : '\t', text);
    d->first = false;
}

void inventory_text(struct inventory *d, const char *text)
{
    add_field(d, text);
}

void inventory_whole(struct inventory *d, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    add_field(d, text);
}

void inventory_known(struct inventory *d, uint64_t value)
{
    if (value)
        inventory_whole(d, value);
    else
        add_field(d, "");
}

void inventory_flag(struct inventory *d, bool value)
{
    add_field(d, value ? "1" : "0");
}

void inventory_list(struct inventory *d)
{
    add_field(d, "");
    d->item_follows = false;
}

void inventory_item(struct inventory *d, const char *text)
{
    add(d, d->item_follows ? INVENTORY_LIST_MARK : '\0', text);
    d->item_follows = true;
}

static bool make_room(struct inventory *d)
{
    size_t                   room = d->row_room ? 2 * d->row_room : 512;
    struct inventory_row_at *more;

    if (d->row_count < d->row_room)
        return true;
    more = d->row_count < INVENTORY_ROWS_MAX ? realloc(d->rows, room * sizeof *more) : NULL;
    if (!more) {
        d->err = err_of(d->row_count < INVENTORY_ROWS_MAX ? ERR_NO_MEMORY : ERR_TOO_BIG, "making an inventory");
        return false;
    }
    d->rows = more;
    d->row_room = room;
    return true;
}

void inventory_end(struct inventory *d)
{
    size_t offset = d->text.len;
    char   key[64];

    if (failed(d->err) || !make_room(d))
        return;
    d->err = buf_add(&d->text, d->row, d->len);
    if (!failed(d->err))
        d->err = buf_add(&d->text, "", 1);
    if (failed(d->err))
        return;
    d->rows[d->row_count++] = (struct inventory_row_at){ offset, d->section };
    if (!d->cut || d->section == INVENTORY_INCOMPLETE)
        return;
    d->row[d->len < sizeof d->row ? d->len : sizeof d->row - 1] = '\0';
    snprintf(key, sizeof key, "%.*s", (int)strcspn(d->row, "\t"), d->row);
    inventory_gap(d, d->section, key, "longer than what is kept of one entry; it was cut", false);
}

void inventory_gap(struct inventory *d, enum inventory_section section, const char *part, const char *reason,
                   bool hides_entries)
{
    inventory_row(d, INVENTORY_INCOMPLETE);
    inventory_text(d, inventory_kinds_of(section)->name);
    inventory_text(d, part);
    inventory_text(d, reason);
    inventory_text(d, hides_entries ? "entries" : "values");
    inventory_end(d);
}

/* ---- all of them ---- */

struct order {
    size_t      key_len;
    const char *row;
    uint8_t     section;
};

static int by_key(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    size_t              least = x->key_len < y->key_len ? x->key_len : y->key_len;
    int                 by_bytes;

    if (x->section != y->section)
        return x->section < y->section ? -1 : 1;
    by_bytes = memcmp(x->row, y->row, least);
    if (by_bytes)
        return by_bytes;
    if (x->key_len != y->key_len)
        return x->key_len < y->key_len ? -1 : 1;
    return strcmp(x->row, y->row);
}

static bool same_key(const struct order *x, const struct order *y)
{
    return x->section == y->section && x->key_len == y->key_len && memcmp(x->row, y->row, x->key_len) == 0;
}

/* Two rows may not have one key: the later ones of them go. */
static void write_back(struct inventory *d, const struct order *rows)
{
    size_t kept = 0, last = 0;

    for (size_t i = 0; i < d->row_count; i++) {
        if (i > 0 && same_key(&rows[last], &rows[i]))
            continue;
        last = i;
        d->rows[kept++] = (struct inventory_row_at){ (size_t)(rows[i].row - d->text.data), rows[i].section };
    }
    d->row_count = kept;
}

struct err inventory_sort(struct inventory *d)
{
    struct order *rows = failed(d->err) || !d->row_count ? NULL : malloc(d->row_count * sizeof *rows);

    if (!rows)
        return failed(d->err) || !d->row_count ? d->err : err_of(ERR_NO_MEMORY, "sorting an inventory");
    for (size_t i = 0; i < d->row_count; i++) {
        rows[i].row = d->text.data + d->rows[i].offset;
        rows[i].section = d->rows[i].section;
        rows[i].key_len = inventory_key_len(inventory_kinds_of(rows[i].section), rows[i].row);
    }
    qsort(rows, d->row_count, sizeof *rows, by_key);
    write_back(d, rows);
    free(rows);
    return err_ok();
}

void inventory_each(const struct inventory *d, inventory_row_fn *each, void *context)
{
    for (size_t i = 0; i < d->row_count; i++)
        if (!each(context, d->rows[i].section, d->text.data + d->rows[i].offset))
            break;
}

struct err inventory_cursor_next(void *cursor, int *ret_section, const char **ret_row)
{
    struct inventory_cursor *c = cursor;

    *ret_row = NULL;
    if (c->at < c->d->row_count) {
        *ret_section = c->d->rows[c->at].section;
        *ret_row = c->d->text.data + c->d->rows[c->at++].offset;
    }
    return err_ok();
}

void inventory_add(struct inventory *d, int section, const char *row)
{
    size_t len = strlen(row);

    d->section = (uint8_t)section;
    d->cut = false;
    d->len = len < INVENTORY_ROW_MAX ? len : INVENTORY_ROW_MAX;
    memcpy(d->row, row, d->len);
    inventory_end(d);
}
