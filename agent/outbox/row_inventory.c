#include <stdio.h>

#include "agent/inventory/merge.h"
#include "agent/outbox/rows.h"

/* Cut to what a row may be: the database may be damaged. */
static void copy_row(sqlite3_stmt *from, int column, char into[INVENTORY_ROW_MAX + 1])
{
    const char *text = (const char *)sqlite3_column_text(from, column);

    snprintf(into, INVENTORY_ROW_MAX + 1, "%s", text ? text : "");
}

struct err rows_inventory_taken(struct store *s, int64_t *ret)
{
    sqlite3_stmt *row = NULL;
    bool          found = false;
    uint64_t      tables = 0;
    struct err    e = rows_count(s, SQL_INVENTORY_TABLE, &tables);

    if (!failed(e) && tables > 0)
        e = store_statement(s, SQL_INVENTORY_TAKEN, &row);
    if (!failed(e) && tables > 0)
        e = store_step(s, row, &found);
    if (failed(e))
        return e;
    if (!found) /* or an older version's file on a disk that takes no changes */
        return err_of(ERR_NOT_FOUND, "looking for an inventory that the agent took");
    *ret = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return e;
}

/* ---- reading ---- */

struct stored {
    struct store *store;
    sqlite3_stmt *row;
    char          text[INVENTORY_ROW_MAX + 1];
};

static struct err next_stored(void *context, int *ret_section, const char **ret_row)
{
    struct stored *d = context;
    bool           more = false;
    struct err     e = store_step(d->store, d->row, &more);

    *ret_row = NULL;
    if (failed(e) || !more)
        return e;
    *ret_section = sqlite3_column_int(d->row, 0);
    copy_row(d->row, 1, d->text);
    *ret_row = d->text;
    return e;
}

struct err rows_inventory_each(struct store *s, inventory_row_fn *each, void *context)
{
    struct stored d = { .store = s };
    const char   *row = "";
    int           section = 0;
    struct err    e = store_statement(s, SQL_INVENTORY, &d.row);

    while (!failed(e) && row) {
        e = next_stored(&d, &section, &row);
        if (failed(e) || !row || !each(context, section, row))
            break;
    }
    return e;
}

struct err rows_inventory_changes(struct store *s, int64_t after, int64_t from_ms, inventory_change_fn *each,
                                  void *context)
{
    char          was[INVENTORY_ROW_MAX + 1], now[INVENTORY_ROW_MAX + 1];
    sqlite3_stmt *row;
    bool          more = true;
    struct err    e = store_statement(s, SQL_CHANGES, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, after);
    sqlite3_bind_int64(row, 2, from_ms);
    while (!failed(e) && more) {
        struct inventory_change change = { .was = was, .now = now };

        e = store_step(s, row, &more);
        if (failed(e) || !more)
            break;
        change.at_ms = sqlite3_column_int64(row, 1);
        change.section = sqlite3_column_int(row, 2);
        copy_row(row, 3, was);
        copy_row(row, 4, now);
        if (inventory_kinds_of(change.section))
            more = each(context, sqlite3_column_int64(row, 0), &change);
    }
    return e;
}

/* ---- a take ---- */

struct take {
    struct store *store;
    int64_t       at_ms;
    uint64_t      noted;
    bool          unsound; /* a row was not found by its key */
    struct err    err;
};

static struct err drop_row(struct take *t, int section, const char *text)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(t->store, SQL_INVENTORY_DROP, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int(row, 1, section);
    sqlite3_bind_text(row, 2, text, (int)inventory_key_len(inventory_kinds_of(section), text), SQLITE_STATIC);
    e = store_run(t->store, row);
    t->unsound = t->unsound || sqlite3_changes(t->store->db) != 1;
    return e;
}

static struct err put_row(struct store *s, int section, const char *text)
{
    size_t        key_len = inventory_key_len(inventory_kinds_of(section), text);
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_INVENTORY_PUT, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int(row, 1, section);
    sqlite3_bind_text(row, 2, text, (int)key_len, SQLITE_STATIC);
    sqlite3_bind_text(row, 3, text + key_len, -1, SQLITE_STATIC);
    return store_run(s, row);
}

/* Written down first: the document that is being compared must not change meanwhile. */
static struct err put_change(void *context, int section, const char *was, const char *now, bool noted)
{
    struct take  *t = context;
    sqlite3_stmt *row;
    struct err    e = store_statement(t->store, SQL_CHANGE_PUT, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, t->at_ms);
    sqlite3_bind_int(row, 2, noted);
    sqlite3_bind_int(row, 3, section);
    sqlite3_bind_text(row, 4, was ? was : "", -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 5, now ? now : "", -1, SQLITE_STATIC);
    t->noted += noted;
    return store_run(t->store, row);
}

static bool apply(void *context, int64_t number, const struct inventory_change *change)
{
    struct take *t = context;

    (void)number;
    t->err =
        change->now[0] ? put_row(t->store, change->section, change->now) : drop_row(t, change->section, change->was);
    return !failed(t->err);
}

static struct err compare(struct take *t, const struct inventory_side *now)
{
    struct stored         d = { .store = t->store };
    struct inventory_side was = { next_stored, &d };
    uint64_t              last = 0;
    struct err            e = rows_count(t->store, SQL_CHANGE_LAST, &last);

    if (!failed(e))
        e = store_statement(t->store, SQL_INVENTORY, &d.row);
    if (!failed(e))
        e = inventory_merge(&was, now, put_change, t);
    if (!failed(e))
        e = rows_inventory_changes(t->store, (int64_t)last, INT64_MIN, apply, t);
    return failed(e) ? e : t->err;
}

struct err rows_inventory_fill(struct store *s, const struct inventory_side *now)
{
    sqlite3_stmt *clear;
    const char   *row = "";
    int           section = 0;
    struct err    e = store_statement(s, SQL_INVENTORY_CLEAR, &clear);

    if (!failed(e))
        e = store_run(s, clear);
    while (!failed(e)) {
        e = now->next(now->context, &section, &row);
        if (failed(e) || !row)
            break;
        e = put_row(s, section, row);
    }
    return e;
}

/* The newest one stays whatever it weighs: the next number is one above it. */
static struct err trim(struct store *s)
{
    sqlite3_stmt *row;
    uint64_t      count = 0, bytes = 0;
    int64_t       number = 0;
    bool          more = true, over = false;
    struct err    e = store_statement(s, SQL_CHANGE_SIZES, &row);

    while (!failed(e) && more && !over) {
        e = store_step(s, row, &more);
        if (failed(e) || !more)
            break;
        number = sqlite3_column_int64(row, 0);
        bytes += (uint64_t)sqlite3_column_bytes(row, 1) + (uint64_t)sqlite3_column_bytes(row, 2);
        over = ++count > 1 && (count > CHANGES_MAX || bytes > CHANGES_BYTES);
    }
    if (failed(e) || !over)
        return e;
    sqlite3_reset(row);
    e = store_statement(s, SQL_CHANGES_TRIM, &row);
    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, number);
    return store_run(s, row);
}

static struct err put_taken(struct store *s, int64_t at_ms)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_CHANGES_QUIET_DROP, &row);

    if (!failed(e))
        e = store_run(s, row);
    if (!failed(e))
        e = store_statement(s, SQL_INVENTORY_TAKEN_PUT, &row);
    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, at_ms);
    return store_run(s, row);
}

struct err rows_inventory_take(struct store *s, const struct inventory_side *now, int64_t at_ms, uint64_t *ret,
                               bool *ret_sound)
{
    struct take t = { .store = s, .at_ms = at_ms, .err = err_ok() };
    int64_t     before = 0;
    struct err  e = rows_inventory_taken(s, &before);

    if (!failed(e))
        e = compare(&t, now);
    else if (e.code == ERR_NOT_FOUND)
        e = rows_inventory_fill(s, now);
    if (!failed(e))
        e = put_taken(s, at_ms);
    if (!failed(e) && t.noted)
        e = trim(s);
    if (failed(e))
        return e;
    *ret = t.noted;
    *ret_sound = !t.unsound;
    return e;
}
