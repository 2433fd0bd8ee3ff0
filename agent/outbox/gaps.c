#include "agent/outbox/gaps.h"

enum { GAPS_MAX = 200 };

static void gap_at(sqlite3_stmt *row, struct gap *ret)
{
    int64_t reason = sqlite3_column_int64(row, 5);

    ret->first_id = sqlite3_column_int64(row, 0);
    ret->last_id = sqlite3_column_int64(row, 1);
    ret->from_ms = sqlite3_column_int64(row, 2);
    ret->to_ms = sqlite3_column_int64(row, 3);
    ret->count = (uint64_t)sqlite3_column_int64(row, 4);
    ret->reason = reason >= 0 && reason < GAP_REASONS ? (enum gap_reason)reason : GAP_SIZE;
}

static struct err write_gap(struct store *s, const struct gap *gap)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_GAP_PUT, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, gap->first_id);
    sqlite3_bind_int64(row, 2, gap->last_id);
    sqlite3_bind_int64(row, 3, gap->from_ms);
    sqlite3_bind_int64(row, 4, gap->to_ms);
    sqlite3_bind_int64(row, 5, (int64_t)gap->count);
    sqlite3_bind_int64(row, 6, gap->reason);
    return store_run(s, row);
}

/* The one that begins before id, or none. */
static struct err read_before(struct store *s, int64_t id, struct gap *ret, bool *found)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_GAP_BEFORE, &row);

    *found = false;
    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, id);
    e = store_step(s, row, found);
    if (!failed(e) && *found) {
        gap_at(row, ret);
        sqlite3_reset(row);
    }
    return e;
}

static void join(struct gap *into, const struct gap *later)
{
    into->last_id = later->last_id;
    if (later->from_ms < into->from_ms)
        into->from_ms = later->from_ms;
    if (later->to_ms > into->to_ms)
        into->to_ms = later->to_ms;
    into->count += later->count;
}

/* Many small gaps with different reasons: the two oldest become one. */
static struct err join_oldest(struct store *s)
{
    struct gap    two[2];
    size_t        n = 0;
    sqlite3_stmt *row;
    bool          more = true;
    struct err    e = store_statement(s, SQL_GAPS, &row);

    while (!failed(e) && more && n < 2) {
        e = store_step(s, row, &more);
        if (!failed(e) && more)
            gap_at(row, &two[n++]);
    }
    if (failed(e) || n < 2)
        return e;
    sqlite3_reset(row);
    join(&two[0], &two[1]);
    e = write_gap(s, &two[0]);
    if (!failed(e))
        e = store_statement(s, SQL_GAP_DROP, &row);
    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, two[1].first_id);
    return store_run(s, row);
}

struct err gap_record(struct store *s, const struct gap *gap)
{
    struct gap before;
    bool       found = false;
    uint64_t   count = 0;
    struct err e = read_before(s, gap->first_id, &before, &found);

    if (failed(e))
        return e;
    if (found && before.reason == gap->reason && before.last_id == gap->first_id - 1) {
        join(&before, gap);
        return write_gap(s, &before);
    }
    e = rows_count(s, SQL_GAP_TOTALS, &count);
    if (!failed(e) && count >= GAPS_MAX)
        e = join_oldest(s);
    return failed(e) ? e : write_gap(s, gap);
}

struct err gap_each(struct store *s, gap_fn *each, void *context)
{
    static const char *const reasons[GAP_REASONS] = {
        [GAP_NOT_STORED] = "the disk refused them",
        [GAP_SIZE] = "removed to make room",
        [GAP_AGE] = "removed because of their age",
    };
    struct gap    gap;
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_GAPS, &row);

    while (!failed(e)) {
        e = store_step(s, row, &more);
        if (!more)
            break;
        gap_at(row, &gap);
        if (!each(context, gap.from_ms, gap.to_ms, gap.count, reasons[gap.reason]))
            break;
    }
    return e;
}
