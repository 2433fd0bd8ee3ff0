#include <stdlib.h>
#include <string.h>

#include "agent/outbox/block.h"
#include "agent/outbox/gaps.h"
#include "agent/outbox/parts.h"

/* Without a disk so many bytes of samples are kept in memory, no more: it is worth more than they are. */
enum { MEMORY_BYTES = 48 * 1024 };
/* What samples leave free for alerts and tickets; what is removed in one transaction; how much history is kept. */
enum { RESERVE_SHARE = 8, BATCH = 16, HISTORY_MAX = 2000, PLENTY_BYTES = 64 * 1024, SPAN_MAX_MS = 3600 * 1000 };

/* From one block's beginning to the next one's. */
static int64_t span_of(int64_t from_ms, int64_t to_ms)
{
    int64_t span;

    if (to_ms <= from_ms)
        return 0;
    if (__builtin_sub_overflow(to_ms, from_ms, &span) || span > SPAN_MAX_MS)
        return SPAN_MAX_MS; /* the clock was set meanwhile, or the machine was off */
    return span;
}

void samples_opened(struct outbox *o)
{
    o->counted = false;
    o->block_count = 0;
    o->covered_ms = 0;
}

static void count_one(struct outbox *o, int64_t first_ms)
{
    if (o->block_count++)
        o->covered_ms += span_of(o->newest_ms, first_ms);
    o->newest_ms = first_ms;
}

void samples_count(struct outbox *o)
{
    sqlite3_stmt *row;
    bool          more = true;
    struct err    e;

    if (o->counted)
        return;
    samples_opened(o);
    e = store_statement(&o->store, SQL_BLOCK_TIMES, &row);
    while (!failed(e) && more) {
        e = store_step(&o->store, row, &more);
        if (!failed(e) && more)
            count_one(o, sqlite3_column_int64(row, 0));
    }
    o->counted = !failed(e);
}

/* ---- removing ---- */

/* The first row of a query by id, or *found false. */
static struct err first_of(struct outbox *o, enum sql sql, sqlite3_stmt **ret, bool *found)
{
    struct err e = store_statement(&o->store, sql, ret);

    return failed(e) ? e : store_step(&o->store, *ret, found);
}

static struct err drop(struct outbox *o, enum sql sql, int64_t id)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(&o->store, sql, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, id);
    return store_run(&o->store, row);
}

static void uncount_one(struct outbox *o, const struct gap *oldest, bool another, int64_t another_ms)
{
    if (!o->counted || o->block_count == 0)
        return;
    o->block_count--;
    if (another)
        o->covered_ms -= span_of(oldest->from_ms, another_ms);
}

static struct err drop_block(struct outbox *o, enum gap_reason reason, bool *found)
{
    struct gap    gap = { .reason = reason };
    int64_t       next_ms = 0;
    bool          another = false;
    sqlite3_stmt *row;
    struct err    e = first_of(o, SQL_BLOCK_OLDEST, &row, found);

    if (failed(e) || !*found)
        return e;
    gap.first_id = gap.last_id = sqlite3_column_int64(row, 0);
    gap.from_ms = sqlite3_column_int64(row, 1);
    gap.to_ms = sqlite3_column_int64(row, 2);
    gap.count = (uint64_t)sqlite3_column_int64(row, 3);
    e = store_step(&o->store, row, &another);
    if (!failed(e) && another)
        next_ms = sqlite3_column_int64(row, 1);
    sqlite3_reset(row);
    if (!failed(e))
        e = drop(o, SQL_BLOCK_DROP, gap.first_id);
    if (!failed(e))
        e = gap_record(&o->store, &gap);
    if (!failed(e))
        uncount_one(o, &gap, another, next_ms);
    return e;
}

static struct err drop_change(struct outbox *o, enum gap_reason reason, bool *found)
{
    int64_t       id;
    sqlite3_stmt *row;
    struct err    e = first_of(o, SQL_CHANGE_OLDEST, &row, found);

    (void)reason;
    if (failed(e) || !*found)
        return e;
    id = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return drop(o, SQL_CHANGE_DROP, id);
}

static struct err drop_history(struct outbox *o, enum gap_reason reason, bool *found)
{
    int64_t       id;
    sqlite3_stmt *row;
    struct err    e = first_of(o, SQL_ALERT_OLDEST, &row, found);

    (void)reason;
    if (failed(e) || !*found)
        return e;
    id = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    e = drop(o, SQL_DELIVERY_DROP, id);
    return failed(e) ? e : drop(o, SQL_ALERT_DROP, id);
}

static struct err drop_ticket(struct outbox *o, enum gap_reason reason, bool *found)
{
    int64_t       number;
    sqlite3_stmt *row;
    struct err    e = first_of(o, SQL_TICKET_OLDEST, &row, found);

    (void)reason;
    if (failed(e) || !*found)
        return e;
    number = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    e = drop(o, SQL_NOTES_DROP, number);
    return failed(e) ? e : drop(o, SQL_TICKET_DROP, number);
}

typedef struct err drop_fn(struct outbox *o, enum gap_reason reason, bool *found);

/* Some in one transaction; *dropped: how many. */
static struct err drop_some(struct outbox *o, drop_fn *one, enum gap_reason reason, int most, int *dropped)
{
    bool       found = true;
    struct err e = store_begin(&o->store, false);

    *dropped = 0;
    if (failed(e))
        return e;
    while (!failed(e) && found && *dropped < most) {
        e = one(o, reason, &found);
        *dropped += !failed(e) && found;
    }
    if (!failed(e))
        e = store_commit(&o->store);
    else
        store_rollback(&o->store);
    if (failed(e)) {
        *dropped = 0;
        samples_opened(o); /* the totals went with it */
    }
    return e;
}

bool samples_make_room(struct outbox *o)
{
    static drop_fn *const order[] = { drop_block, drop_change, drop_history, drop_ticket };
    int                   dropped = 0;
    int64_t               room = 0;

    if (failed(store_room(&o->store, &room)) || room > PLENTY_BYTES)
        return false; /* not our limit: the disk is full, and removing needs room in the journal as well */
    for (size_t i = 0; i < ARRAY_LEN(order) && dropped == 0; i++)
        if (failed(drop_some(o, order[i], GAP_SIZE, BATCH, &dropped)))
            return false;
    return dropped > 0;
}

static struct err is_too_full(struct outbox *o, int64_t bytes, bool *ret)
{
    int64_t    room = 0, reserve = o->store.max_pages * o->store.page_bytes / RESERVE_SHARE;
    struct err e = store_room(&o->store, &room);

    *ret = !failed(e) && room < bytes + reserve;
    return e;
}

/* A few more than asked for, so that not every block begins with this. */
static struct err evict(struct outbox *o, int64_t bytes)
{
    bool       too_full = false;
    int        dropped = 1;
    struct err e = err_ok();

    samples_count(o);
    while (!failed(e) && dropped && o->history_ms && o->covered_ms > o->history_ms)
        e = drop_some(o, drop_block, GAP_AGE, 1, &dropped);
    dropped = 1;
    if (!failed(e))
        e = is_too_full(o, bytes, &too_full);
    while (!failed(e) && dropped && too_full) {
        e = drop_some(o, drop_block, GAP_SIZE, BATCH / 4, &dropped);
        if (!failed(e))
            e = is_too_full(o, bytes, &too_full);
    }
    return e;
}

static struct err evict_history(struct outbox *o)
{
    static const struct {
        enum sql count;
        drop_fn *drop;
    } kinds[] = { { SQL_ALERT_COUNT, drop_history }, { SQL_TICKET_COUNT, drop_ticket } };
    struct err e = err_ok();
    int        dropped;

    for (size_t i = 0; !failed(e) && i < ARRAY_LEN(kinds); i++) {
        uint64_t count = 0;

        e = rows_count(&o->store, kinds[i].count, &count);
        if (!failed(e) && count > HISTORY_MAX)
            e = drop_some(o, kinds[i].drop, GAP_SIZE, (int)(count - HISTORY_MAX), &dropped);
    }
    return e;
}

void samples_evict(struct outbox *o, int64_t bytes)
{
    struct err e;

    if (o->store.state != STORE_OPEN || o->store.read_only)
        return;
    e = evict(o, bytes);
    if (!failed(e) && bytes == 0)
        e = evict_history(o);
    if (!failed(e) && bytes == 0)
        e = store_shrink(&o->store);
    if (e.code == ERR_CORRUPT)
        outbox_suspect(o, e);
}

/* ---- adding ---- */

static void lose(struct model *m, const struct kept_block *b)
{
    if (m->lost.count == 0)
        m->lost = (struct gap){ b->id, b->id, b->first_ms, b->last_ms, 0, GAP_NOT_STORED };
    m->lost.last_id = b->id;
    m->lost.to_ms = b->last_ms;
    m->lost.count += b->count;
}

static void bound_memory(struct model *m)
{
    size_t bytes = 0;

    for (const struct kept_block *b = m->blocks; b; b = b->next)
        bytes += sizeof *b + b->len;
    for (struct kept_block *b = m->blocks; b && bytes > MEMORY_BYTES; b = m->blocks) {
        bytes -= sizeof *b + b->len;
        lose(m, b);
        m->blocks = b->next;
        free(b);
    }
}

static struct kept_block *new_block(struct model *m, const void *bytes, size_t len)
{
    struct kept_block **at = &m->blocks, *b = malloc(sizeof *b + len);

    if (!b)
        return NULL;
    while (*at)
        at = &(*at)->next;
    *at = b;
    b->next = NULL;
    b->saved = UNSAVED;
    b->id = ++m->last_block;
    b->len = len;
    memcpy(b->bytes, bytes, len);
    return b;
}

struct err outbox_samples_put(struct outbox *o, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes,
                              size_t len)
{
    struct kept_block *b;

    if (len > BLOCK_MAX_BYTES)
        return err_of(ERR_TOO_BIG, "keeping samples");
    if (!failed(o->why))
        samples_evict(o, (int64_t)len * 2);
    b = new_block(&o->model, bytes, len);
    if (!b)
        return err_of(ERR_NO_MEMORY, "keeping samples");
    b->first_ms = first_ms;
    b->last_ms = last_ms;
    b->count = count;
    outbox_save(o, false);
    bound_memory(&o->model);
    return err_ok();
}

void samples_stored(struct outbox *o)
{
    for (const struct kept_block *b = o->model.blocks; b && o->counted; b = b->next)
        if (b->saved == WRITTEN)
            count_one(o, b->first_ms);
}

/* ---- reading ---- */

struct reader {
    samples_fn *each;
    void       *context;
    bool        stopped;
};

static struct err read_stored(struct store *s, int64_t from_ms, int64_t to_ms, struct reader *r)
{
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_BLOCKS, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, from_ms);
    sqlite3_bind_int64(row, 2, to_ms);
    while (!failed(e) && !r->stopped) {
        const void *bytes;

        e = store_step(s, row, &more);
        if (!more)
            break;
        bytes = sqlite3_column_blob(row, 3);
        r->stopped =
            !r->each(r->context, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                     (uint32_t)sqlite3_column_int64(row, 2), bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, 3));
    }
    return e;
}

struct err outbox_samples_each(struct outbox *o, int64_t from_ms, int64_t to_ms, samples_fn *each, void *context)
{
    struct reader r = { each, context, false };
    struct err    e = err_ok();

    if (o->store.state == STORE_OPEN) {
        e = read_stored(&o->store, from_ms, to_ms, &r);
        store_idle(&o->store);
    }
    for (const struct kept_block *b = o->model.blocks; b && !r.stopped; b = b->next)
        if (b->last_ms >= from_ms && b->first_ms <= to_ms)
            r.stopped = !each(context, b->first_ms, b->last_ms, b->count, b->bytes, b->len);
    if (failed(e))
        outbox_suspect(o, e);
    return e;
}

struct err outbox_gap_each(struct outbox *o, gap_fn *each, void *context)
{
    struct err e = err_ok();

    if (o->store.state == STORE_OPEN) {
        e = gap_each(&o->store, each, context);
        store_idle(&o->store);
    }
    if (failed(e))
        outbox_suspect(o, e);
    return e;
}
