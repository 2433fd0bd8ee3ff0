#include "agent/outbox/rows.h"

#include <stdio.h>

static const char *text_at(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);

    return text ? (const char *)text : "";
}

struct err rows_cleared(struct store *s, cleared_fn *each, void *context)
{
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_ALERTS_PAST, &row);

    while (!failed(e)) {
        e = store_step(s, row, &more);
        if (!more)
            break;
        each(context, text_at(row, 0), text_at(row, 1), sqlite3_column_int64(row, 2));
    }
    return e;
}

static void told_at(sqlite3_stmt *row, struct outbox_told *ret)
{
    int worst = sqlite3_column_int(row, 0);

    *ret = (struct outbox_told){ .worst = worst == SEVERITY_CRITICAL ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                                 .raised_ms = sqlite3_column_int64(row, 1),
                                 .changed_ms = sqlite3_column_int64(row, 2),
                                 .cleared_ms = sqlite3_column_int64(row, 3),
                                 .title = text_at(row, 4),
                                 .ref = text_at(row, 5),
                                 .upstream = text_at(row, 6),
                                 .ticket_id = text_at(row, 7),
                                 .ticket_url = text_at(row, 8),
                                 .note = text_at(row, 9) };
}

struct err rows_told(struct store *s, told_fn *each, void *context)
{
    sqlite3_stmt *row;
    bool          more = false;
    struct err    e = store_statement(s, SQL_TOLD_PAST, &row);

    while (!failed(e)) {
        struct outbox_told told;

        e = store_step(s, row, &more);
        if (!more)
            break;
        told_at(row, &told);
        each(context, &told);
    }
    return e;
}
