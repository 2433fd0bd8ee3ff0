#include "agent/outbox/inventory.h"

#include <stdlib.h>
#include <uv.h>

#include "agent/inventory/merge.h"
#include "agent/inventory/rows.h"
#include "agent/outbox/parts.h"

/* ---- taking ---- */

static struct err take_once(struct outbox *o, struct inventory_reader *r, int fd, int64_t at_ms, uint64_t *ret)
{
    struct inventory_side now = { inventory_reader_next, r };
    bool                  sound = true;
    struct err            e = store_begin(&o->store, false);

    if (failed(e))
        return e;
    inventory_reader_init(r, fd);
    e = rows_inventory_take(&o->store, &now, at_ms, ret, &sound);
    if (!failed(e) && !sound) {
        inventory_reader_init(r, fd);
        e = rows_inventory_fill(&o->store, &now);
    }
    if (!failed(e))
        e = store_commit(&o->store);
    else
        store_rollback(&o->store);
    return e;
}

/* Samples and older changes give way to it. */
static struct err take(struct outbox *o, struct inventory_reader *r, int fd, uint64_t bytes, int64_t at_ms,
                       uint64_t *ret)
{
    struct err e = take_once(o, r, fd, at_ms, ret);

    if (e.code == ERR_NO_SPACE) {
        samples_evict(o, (int64_t)bytes * 2);
        e = take_once(o, r, fd, at_ms, ret);
    }
    while (e.code == ERR_NO_SPACE && samples_make_room(o))
        e = take_once(o, r, fd, at_ms, ret);
    return e;
}

static struct err size_of(int fd, uint64_t *ret)
{
    uv_fs_t request;
    int     status = uv_fs_fstat(NULL, &request, fd, NULL);

    *ret = status == 0 ? request.statbuf.st_size : 0;
    uv_fs_req_cleanup(&request);
    return status == 0 ? err_ok() : err_from_os(status, "reading an inventory");
}

struct err outbox_inventory_take(struct outbox *o, int fd, int64_t at_ms, uint64_t *ret)
{
    struct inventory_reader *r;
    uint64_t                 bytes = 0;
    struct err               e = failed(o->why) ? o->why : size_of(fd, &bytes);

    if (!failed(e) && bytes > o->store.max_bytes / INVENTORY_SHARE)
        e = err_of(ERR_TOO_BIG, "keeping an inventory (it would take more than an eighth of the outbox)");
    if (failed(e))
        return e;
    r = malloc(sizeof *r);
    if (!r)
        return err_of(ERR_NO_MEMORY, "keeping an inventory");
    e = take(o, r, fd, bytes, at_ms, ret);
    free(r);
    store_idle(&o->store);
    if (e.code == ERR_CORRUPT)
        outbox_suspect(o, e);
    return e;
}

/* ---- reading ---- */

static struct err after_reading(struct outbox *o, struct err e)
{
    store_idle(&o->store);
    if (failed(e) && e.code != ERR_NOT_FOUND)
        outbox_suspect(o, e);
    return e;
}

struct err outbox_inventory_get(struct outbox *o, struct outbox_inventory *ret)
{
    struct outbox_inventory got = { 0 };
    uint64_t                number = 0;
    struct err              e = rows_inventory_taken(&o->store, &got.taken_ms);

    if (!failed(e))
        e = rows_count(&o->store, SQL_CHANGE_LAST, &number);
    got.newest = (int64_t)number;
    if (!failed(e))
        e = rows_count(&o->store, SQL_CHANGE_FIRST, &number);
    got.oldest = (int64_t)number;
    if (!failed(e))
        *ret = got;
    return after_reading(o, e);
}

struct err outbox_inventory_each(struct outbox *o, inventory_row_fn *each, void *context)
{
    int64_t    taken_ms;
    struct err e = rows_inventory_taken(&o->store, &taken_ms);

    if (!failed(e))
        e = rows_inventory_each(&o->store, each, context);
    return after_reading(o, e);
}

struct err outbox_inventory_changes(struct outbox *o, int64_t after, int64_t from_ms, inventory_change_fn *each,
                                    void *context)
{
    int64_t    taken_ms;
    struct err e = rows_inventory_taken(&o->store, &taken_ms);

    if (!failed(e))
        e = rows_inventory_changes(&o->store, after, from_ms, each, context);
    return after_reading(o, e);
}
