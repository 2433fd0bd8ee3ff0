#include <stdio.h>
#include <string.h>

#include "agent/outbox/parts.h"

static struct kept_cursor *find(const struct outbox *o, const char *upstream)
{
    for (size_t i = 0; i < o->model.cursor_count; i++)
        if (strcmp(o->model.cursors[i].cursor.upstream, upstream) == 0)
            return (struct kept_cursor *)(uintptr_t)&o->model.cursors[i];
    return NULL;
}

void outbox_cursor_get(const struct outbox *o, const char *upstream, struct outbox_cursor *ret)
{
    const struct kept_cursor *kept = find(o, upstream);

    if (kept) {
        *ret = kept->cursor;
        return;
    }
    *ret = (struct outbox_cursor){ .block = o->model.last_block, .done = CURSOR_WHOLE };
    snprintf(ret->upstream, sizeof ret->upstream, "%s", upstream);
}

struct err outbox_cursor_put(struct outbox *o, const struct outbox_cursor *cursor)
{
    struct kept_cursor *kept = find(o, cursor->upstream);

    if (!kept && o->model.cursor_count == UPSTREAMS_MAX)
        return err_of(ERR_TOO_BIG, "keeping how far an upstream is");
    if (!kept)
        kept = &o->model.cursors[o->model.cursor_count++];
    *kept = (struct kept_cursor){ *cursor, UNSAVED };
    outbox_save(o, false);
    return err_ok();
}

static bool is_kept(const char *name, const char *const *upstreams, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(upstreams[i], name) == 0)
            return true;
    return false;
}

void outbox_cursors_keep(struct outbox *o, const char *const *upstreams, size_t count)
{
    struct err e = err_ok();

    for (size_t i = o->model.cursor_count; i-- > 0;) {
        struct kept_cursor *kept = &o->model.cursors[i];

        if (is_kept(kept->cursor.upstream, upstreams, count))
            continue;
        if (o->store.state == STORE_OPEN && !o->store.read_only && !failed(e))
            e = rows_cursor_drop(&o->store, kept->cursor.upstream); /* left there, it is forgotten at the next start */
        *kept = o->model.cursors[--o->model.cursor_count];
    }
    store_idle(&o->store);
    if (failed(e))
        outbox_suspect(o, e);
}

int64_t outbox_samples_newest(const struct outbox *o)
{
    return o->model.last_block;
}

static struct err next_stored(struct outbox *o, int64_t number, block_fn *take, void *context, bool *found)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(&o->store, SQL_BLOCK_FROM, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, number);
    e = store_step(&o->store, row, found);
    if (!failed(e) && *found) {
        const void *bytes = sqlite3_column_blob(row, 3);

        take(context, sqlite3_column_int64(row, 4), sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
             (uint32_t)sqlite3_column_int64(row, 2), bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, 3));
        sqlite3_reset(row);
    }
    return e;
}

struct err outbox_samples_next(struct outbox *o, int64_t number, block_fn *take, void *context)
{
    bool       found = false;
    struct err e = err_ok();

    if (o->store.state == STORE_OPEN) {
        e = next_stored(o, number, take, context, &found);
        store_idle(&o->store);
    }
    if (failed(e))
        outbox_suspect(o, e);
    for (const struct kept_block *b = o->model.blocks; b && !failed(e) && !found; b = b->next)
        if (b->id >= number) {
            take(context, b->id, b->first_ms, b->last_ms, b->count, b->bytes, b->len);
            found = true;
        }
    return failed(e) || found ? e : err_of(ERR_NOT_FOUND, "looking for a block of samples");
}
