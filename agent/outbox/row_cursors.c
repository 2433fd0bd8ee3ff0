#include "agent/outbox/rows.h"

#include <stdio.h>

static int64_t at_least_0(sqlite3_stmt *row, int column)
{
    int64_t n = sqlite3_column_int64(row, column);

    return n < 0 ? 0 : n;
}

static void cursor_at(sqlite3_stmt *row, struct outbox_cursor *ret)
{
    const unsigned char *name = sqlite3_column_text(row, 0);
    int64_t              done = at_least_0(row, 2);

    snprintf(ret->upstream, sizeof ret->upstream, "%s", name ? (const char *)name : "");
    ret->block = at_least_0(row, 1);
    ret->done = done > CURSOR_WHOLE ? CURSOR_WHOLE : (uint32_t)done;
    ret->until_ms = at_least_0(row, 3);
    ret->boot_ms = at_least_0(row, 4);
    ret->missed = (uint64_t)at_least_0(row, 5);
    ret->rejected = (uint64_t)at_least_0(row, 6);
}

struct err rows_cursors_load(struct store *s, struct model *m)
{
    sqlite3_stmt *row;
    bool          more = false;
    uint64_t      tables = 0;
    struct err    e = rows_count(s, SQL_CURSOR_TABLE, &tables);

    if (failed(e) || tables == 0)
        return e; /* an older version's file on a disk that takes no changes */
    e = store_statement(s, SQL_CURSORS, &row);
    while (!failed(e) && m->cursor_count < UPSTREAMS_MAX) {
        e = store_step(s, row, &more);
        if (!more)
            break;
        cursor_at(row, &m->cursors[m->cursor_count].cursor);
        m->cursors[m->cursor_count++].saved = SAVED;
    }
    return e;
}

static struct err save(struct store *s, struct kept_cursor *kept)
{
    const struct outbox_cursor *c = &kept->cursor;
    const int64_t numbers[] = { c->block, c->done, c->until_ms, c->boot_ms, (int64_t)c->missed, (int64_t)c->rejected };
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_CURSOR_PUT, &row);

    if (failed(e))
        return e;
    sqlite3_bind_text(row, 1, c->upstream, -1, SQLITE_STATIC);
    for (int i = 0; i < (int)ARRAY_LEN(numbers); i++)
        sqlite3_bind_int64(row, 2 + i, numbers[i]);
    kept->saved = WRITTEN;
    return store_run(s, row);
}

struct err rows_cursors_save(struct store *s, struct model *m)
{
    struct err e = err_ok();

    for (size_t i = 0; !failed(e) && i < m->cursor_count; i++)
        if (m->cursors[i].saved == UNSAVED)
            e = save(s, &m->cursors[i]);
    return e;
}

struct err rows_cursor_drop(struct store *s, const char *upstream)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_CURSOR_DROP, &row);

    if (failed(e))
        return e;
    sqlite3_bind_text(row, 1, upstream, -1, SQLITE_STATIC);
    return store_run(s, row);
}
