#include "agent/outbox/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/outbox/gaps.h"

/* Far beyond what we count to: such a row is damaged. */
static const int64_t ID_MAX = INT64_C(1) << 48;

/* ---- columns ---- */

static uint32_t number_at(sqlite3_stmt *row, int column)
{
    int64_t n = sqlite3_column_int64(row, column);

    return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static enum severity severity_at(sqlite3_stmt *row, int column)
{
    int64_t n = sqlite3_column_int64(row, column);

    return n < SEVERITY_OK || n > SEVERITY_CRITICAL ? SEVERITY_WARNING : (enum severity)n;
}

static double figure_at(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN : sqlite3_column_double(row, column);
}

static const char *text_at(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);

    return text ? (const char *)text : "";
}

static void copy_at(sqlite3_stmt *row, int column, char *into, size_t size)
{
    snprintf(into, size, "%s", text_at(row, column));
}

static void bind_text(sqlite3_stmt *row, int column, const char *text)
{
    sqlite3_bind_text(row, column, text, -1, SQLITE_STATIC);
}

/* SQLite keeps NaN as NULL. */
static void bind_numbers(sqlite3_stmt *row, int column, const int64_t *numbers, int count)
{
    for (int i = 0; i < count; i++)
        sqlite3_bind_int64(row, column + i, numbers[i]);
}

/* ---- loading ---- */

static struct err load_delivery(struct kept_alert *a, sqlite3_stmt *row)
{
    struct delivery       d = { .alert_id = a->alert.id };
    struct kept_delivery *kept;

    copy_at(row, 1, d.upstream, sizeof d.upstream);
    d.told_revision = number_at(row, 2);
    d.told_cleared = sqlite3_column_int(row, 3) != 0;
    d.maybe_created = sqlite3_column_int(row, 4) != 0;
    copy_at(row, 5, d.ticket_id, sizeof d.ticket_id);
    copy_at(row, 6, d.ticket_url, sizeof d.ticket_url);
    copy_at(row, 7, d.note, sizeof d.note);
    kept = model_delivery_put(a, &d);
    if (!kept)
        return err_of(ERR_NO_MEMORY, "reading the outbox");
    kept->saved = SAVED;
    return err_ok();
}

static struct err load_deliveries(struct store *s, struct kept_alert *a)
{
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_DELIVERIES, &row);

    if (!failed(e))
        sqlite3_bind_int64(row, 1, a->alert.id);
    while (!failed(e)) {
        e = store_step(s, row, &more);
        if (!more)
            break;
        e = load_delivery(a, row);
    }
    return e;
}

static struct err load_alert(struct store *s, struct model *m, sqlite3_stmt *row)
{
    struct kept_alert *kept;
    const struct alert a = {
        .id = sqlite3_column_int64(row, 0),
        .open = sqlite3_column_int(row, 1) != 0,
        .severity = severity_at(row, 2),
        .worst = severity_at(row, 3),
        .revision = number_at(row, 4),
        .changes = number_at(row, 5),
        .raised_ms = sqlite3_column_int64(row, 6),
        .changed_ms = sqlite3_column_int64(row, 7),
        .cleared_ms = sqlite3_column_int64(row, 8),
        .value = figure_at(row, 9),
        .level = figure_at(row, 10),
        .rule = text_at(row, 11),
        .instance = text_at(row, 12),
        .ref = text_at(row, 13),
        .title = text_at(row, 14),
        .facts = text_at(row, 15),
        .change = text_at(row, 16),
    };

    if (a.id < 1 || a.id > ID_MAX)
        return err_of(ERR_CORRUPT, "reading the outbox");
    kept = model_alert_put(m, &a);
    if (!kept)
        return err_of(ERR_NO_MEMORY, "reading the outbox");
    kept->saved = SAVED;
    return load_deliveries(s, kept);
}

static struct err load_alerts(struct store *s, struct model *m)
{
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_ALERTS_LIVE, &row);

    while (!failed(e)) {
        e = store_step(s, row, &more);
        if (!more)
            break;
        e = load_alert(s, m, row);
    }
    return e;
}

static void ticket_at(sqlite3_stmt *row, struct desk_ticket *ret)
{
    ret->number = sqlite3_column_int64(row, 0);
    ret->open = sqlite3_column_int(row, 1) != 0;
    ret->touched = sqlite3_column_int(row, 2) != 0;
    ret->severity = severity_at(row, 3);
    ret->opened_ms = sqlite3_column_int64(row, 4);
    ret->changed_ms = sqlite3_column_int64(row, 5);
    ret->closed_ms = sqlite3_column_int64(row, 6);
    copy_at(row, 7, ret->ref, sizeof ret->ref);
    copy_at(row, 8, ret->title, sizeof ret->title);
    copy_at(row, 9, ret->text, sizeof ret->text);
}

static struct err load_tickets(struct store *s, struct model *m)
{
    struct desk_ticket ticket;
    sqlite3_stmt      *row;
    bool               more = false;
    struct err         e = store_statement(s, SQL_TICKETS_OPEN, &row);

    while (!failed(e)) {
        struct kept_ticket *kept;

        e = store_step(s, row, &more);
        if (!more)
            break;
        ticket_at(row, &ticket);
        if (ticket.number < 1 || ticket.number > ID_MAX)
            return err_of(ERR_CORRUPT, "reading the outbox");
        kept = model_ticket_put(m, &ticket);
        if (!kept)
            return err_of(ERR_NO_MEMORY, "reading the outbox");
        kept->saved = SAVED;
    }
    return e;
}

static struct err load_last(struct store *s, enum sql sql, int column, int64_t *last)
{
    int64_t       last_here;
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, sql, &row);

    if (!failed(e))
        e = store_step(s, row, &more);
    if (failed(e) || !more)
        return e;
    last_here = sqlite3_column_int64(row, column);
    sqlite3_reset(row);
    if (last_here > ID_MAX)
        return err_of(ERR_CORRUPT, "reading the outbox");
    if (last_here > *last)
        *last = last_here;
    return e;
}

static struct err load_meta(struct store *s, const char *key, char *into, size_t size)
{
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_META_GET, &row);

    if (failed(e))
        return e;
    bind_text(row, 1, key);
    e = store_step(s, row, &more);
    if (!failed(e) && !more)
        e = err_of(ERR_CORRUPT, "the outbox does not say what it is");
    if (!failed(e)) {
        copy_at(row, 0, into, size);
        sqlite3_reset(row);
    }
    return e;
}

struct err rows_meta(struct store *s, struct meta *ret)
{
    struct err e = load_meta(s, "epoch", ret->epoch, sizeof ret->epoch);

    return failed(e) ? e : load_meta(s, "device", ret->device, sizeof ret->device);
}

struct err rows_load(struct store *s, struct model *m)
{
    struct err e = load_alerts(s, m);

    if (!failed(e))
        e = load_tickets(s, m);
    if (!failed(e))
        e = load_last(s, SQL_ALERT_LAST, 0, &m->last_alert);
    if (!failed(e))
        e = load_last(s, SQL_TICKET_LAST, 0, &m->last_ticket);
    if (!failed(e))
        e = load_last(s, SQL_BLOCK_LAST, 0, &m->last_block);
    if (!failed(e))
        e = load_last(s, SQL_GAP_TOTALS, 1, &m->last_block);
    if (!failed(e))
        e = rows_cursors_load(s, m);
    return e;
}

/* ---- saving ---- */

static struct err save_alert(struct store *s, struct kept_alert *kept)
{
    const struct alert *a = &kept->alert;
    const int64_t       numbers[] = { a->id,      a->open,      a->severity,   a->worst,     a->revision,
                                      a->changes, a->raised_ms, a->changed_ms, a->cleared_ms };
    sqlite3_stmt       *row;
    struct err          e = store_statement(s, SQL_ALERT_PUT, &row);

    if (failed(e))
        return e;
    bind_numbers(row, 1, numbers, ARRAY_LEN(numbers));
    sqlite3_bind_double(row, 10, a->value);
    sqlite3_bind_double(row, 11, a->level);
    bind_text(row, 12, a->rule);
    bind_text(row, 13, a->instance);
    bind_text(row, 14, a->ref);
    bind_text(row, 15, a->title);
    bind_text(row, 16, a->facts);
    bind_text(row, 17, a->change);
    sqlite3_bind_int(row, 18, !kept->retired);
    kept->saved = WRITTEN;
    return store_run(s, row);
}

static struct err save_delivery(struct store *s, int64_t alert_id, struct kept_delivery *d)
{
    const int64_t numbers[] = { d->told_revision, d->told_cleared, d->maybe_created };
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_DELIVERY_PUT, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, alert_id);
    bind_text(row, 2, d->upstream);
    bind_numbers(row, 3, numbers, ARRAY_LEN(numbers));
    bind_text(row, 6, d->ticket_id);
    bind_text(row, 7, d->ticket_url);
    bind_text(row, 8, d->note);
    d->saved = WRITTEN;
    return store_run(s, row);
}

static struct err save_alerts(struct store *s, struct model *m)
{
    struct err e = err_ok();

    for (size_t i = 0; !failed(e) && i < m->alert_count; i++) {
        struct kept_alert *a = m->alerts[i];

        if (a->saved == UNSAVED)
            e = save_alert(s, a);
        for (struct kept_delivery *d = a->deliveries; !failed(e) && d; d = d->next)
            if (d->saved == UNSAVED)
                e = save_delivery(s, a->alert.id, d);
    }
    return e;
}

static struct err save_ticket(struct store *s, struct kept_ticket *t)
{
    const int64_t numbers[] = {
        t->number, t->open, t->touched, t->severity, t->opened_ms, t->changed_ms, t->closed_ms
    };
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_TICKET_PUT, &row);

    if (failed(e))
        return e;
    bind_numbers(row, 1, numbers, ARRAY_LEN(numbers));
    bind_text(row, 8, t->ref);
    bind_text(row, 9, t->title);
    bind_text(row, 10, t->body);
    t->saved = WRITTEN;
    return store_run(s, row);
}

static struct err save_note(struct store *s, struct kept_note *n)
{
    const int64_t numbers[] = { n->ticket, n->at_ms };
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_NOTE_PUT, &row);

    if (failed(e))
        return e;
    bind_numbers(row, 1, numbers, ARRAY_LEN(numbers));
    bind_text(row, 3, n->author);
    bind_text(row, 4, n->body);
    n->saved = WRITTEN;
    return store_run(s, row);
}

static struct err save_block(struct store *s, struct kept_block *b)
{
    const int64_t numbers[] = { b->id, b->first_ms, b->last_ms, b->count };
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_BLOCK_PUT, &row);

    if (failed(e))
        return e;
    bind_numbers(row, 1, numbers, ARRAY_LEN(numbers));
    sqlite3_bind_blob64(row, 5, b->bytes, b->len, SQLITE_STATIC);
    b->saved = WRITTEN;
    return store_run(s, row);
}

static struct err save_meta(struct store *s, const char *key, const char *value)
{
    sqlite3_stmt *row;
    struct err    e = store_statement(s, SQL_META_PUT, &row);

    if (failed(e))
        return e;
    bind_text(row, 1, key);
    bind_text(row, 2, value);
    return store_run(s, row);
}

struct err rows_save(struct store *s, struct model *m, const struct meta *meta)
{
    struct err e = meta ? save_meta(s, "epoch", meta->epoch) : err_ok();

    if (!failed(e) && meta)
        e = save_meta(s, "device", meta->device);
    if (!failed(e))
        e = save_alerts(s, m);
    for (struct kept_ticket *t = m->tickets; !failed(e) && t; t = t->next)
        if (t->saved == UNSAVED)
            e = save_ticket(s, t);
    for (struct kept_note *n = m->notes; !failed(e) && n; n = n->next)
        if (n->saved == UNSAVED)
            e = save_note(s, n);
    if (!failed(e) && m->lost.count)
        e = gap_record(s, &m->lost);
    for (struct kept_block *b = m->blocks; !failed(e) && b; b = b->next)
        if (b->saved == UNSAVED)
            e = save_block(s, b);
    if (!failed(e))
        e = rows_cursors_save(s, m);
    return e;
}

/* ---- reading what is not in memory ---- */

struct err rows_ticket(struct store *s, int64_t number, struct desk_ticket *ret)
{
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_TICKET_GET, &row);

    if (failed(e))
        return e;
    sqlite3_bind_int64(row, 1, number);
    e = store_step(s, row, &more);
    if (failed(e))
        return e;
    if (!more)
        return err_of(ERR_NOT_FOUND, "looking for a ticket");
    ticket_at(row, ret);
    sqlite3_reset(row);
    return e;
}

struct err rows_tickets(struct store *s, desk_ticket_fn *each, void *context)
{
    struct desk_ticket ticket;
    sqlite3_stmt      *row;
    bool               more = false;
    struct err         e = store_statement(s, SQL_TICKETS, &row);

    while (!failed(e)) {
        e = store_step(s, row, &more);
        if (!more)
            break;
        ticket_at(row, &ticket);
        if (!each(context, &ticket))
            break;
    }
    return e;
}

struct err rows_notes(struct store *s, int64_t ticket, desk_note_fn *each, void *context, bool *stopped)
{
    struct desk_note note;
    sqlite3_stmt    *row;
    bool             more = false;
    struct err       e = store_statement(s, SQL_NOTES, &row);

    *stopped = false;
    if (!failed(e))
        sqlite3_bind_int64(row, 1, ticket);
    while (!failed(e) && !*stopped) {
        e = store_step(s, row, &more);
        if (!more)
            break;
        note.at_ms = sqlite3_column_int64(row, 0);
        copy_at(row, 1, note.author, sizeof note.author);
        copy_at(row, 2, note.text, sizeof note.text);
        *stopped = !each(context, &note);
    }
    return e;
}

struct err rows_count(struct store *s, enum sql sql, uint64_t *ret)
{
    int64_t    n = 0;
    struct err e = load_last(s, sql, 0, &n);

    if (!failed(e))
        *ret = (uint64_t)n;
    return e;
}
