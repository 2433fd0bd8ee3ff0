#include <stdio.h>

#include "agent/outbox/store_parts.h"
#include "platform/buf.h"

static const char *const sql_text[SQL_STATEMENTS] = {
#define X(name, text) [SQL_##name] = text,
    SQL_TABLE(X)
#undef X
};

static const struct {
    int           sqlite;
    enum err_code code;
} codes[] = {
    { SQLITE_NOMEM, ERR_NO_MEMORY },    { SQLITE_FULL, ERR_NO_SPACE },
    { SQLITE_BUSY, ERR_BUSY },          { SQLITE_LOCKED, ERR_BUSY },
    { SQLITE_READONLY, ERR_READ_ONLY }, { SQLITE_CORRUPT, ERR_CORRUPT },
    { SQLITE_NOTADB, ERR_CORRUPT },     { SQLITE_TOOBIG, ERR_CORRUPT },
    { SQLITE_CONSTRAINT, ERR_CORRUPT }, /* an index that does not fit its table */
};

struct err store_failure(const struct store *s, int rc, const char *step)
{
    int os = s->db ? sqlite3_system_errno(s->db) : 0;

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if ((rc & 0xff) == codes[i].sqlite)
            return err_of(codes[i].code, step);
    return os ? err_from_os(os, step) : err_of(ERR_OS, step);
}

/* Our statements are right: one that cannot be prepared misses a table. */
static struct err schema_failure(const struct store *s, int rc)
{
    return rc == SQLITE_ERROR ? err_of(ERR_CORRUPT, "reading the outbox's tables")
                              : store_failure(s, rc, "reading the outbox's tables");
}

struct err store_text(struct store *s, const char *sql, const char *step)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? err_ok() : store_failure(s, rc, step);
}

struct err store_number(const struct store *s, const char *sql, int64_t *ret)
{
    sqlite3_stmt *statement;
    int           rc = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);

    if (rc != SQLITE_OK)
        return schema_failure(s, rc);
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *ret = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? err_ok() : store_failure(s, rc, "asking the outbox");
}

/* ---- statements and transactions ---- */

struct err store_statement(struct store *s, enum sql sql, sqlite3_stmt **ret)
{
    int rc;

    if (s->state != STORE_OPEN)
        return err_of(ERR_NOT_FOUND, "the outbox is not open");
    if (!s->ready[sql]) {
        rc = sqlite3_prepare_v2(s->db, sql_text[sql], -1, &s->ready[sql], NULL);
        if (rc != SQLITE_OK)
            return schema_failure(s, rc);
    }
    sqlite3_reset(s->ready[sql]);
    sqlite3_clear_bindings(s->ready[sql]);
    *ret = s->ready[sql];
    return err_ok();
}

struct err store_step(struct store *s, sqlite3_stmt *statement, bool *row)
{
    int        rc = sqlite3_step(statement);
    struct err e;

    *row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW)
        return err_ok();
    e = rc == SQLITE_DONE ? err_ok() : store_failure(s, rc, "reading or writing the outbox");
    sqlite3_reset(statement);
    return e;
}

struct err store_run(struct store *s, sqlite3_stmt *statement)
{
    bool row;

    return store_step(s, statement, &row);
}

static void finalize_all(struct store *s)
{
    for (size_t i = 0; i < SQL_STATEMENTS; i++) {
        sqlite3_finalize(s->ready[i]);
        s->ready[i] = NULL;
    }
}

void store_idle(struct store *s)
{
    finalize_all(s);
    if (s->db)
        sqlite3_db_release_memory(s->db);
}

struct err store_begin(struct store *s, bool durable)
{
    struct err e;

    if (s->state != STORE_OPEN)
        return err_of(ERR_NOT_FOUND, "the outbox is not open");
    if (s->read_only)
        return err_of(ERR_READ_ONLY, "writing the outbox");
    e = store_text(s, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", "writing the outbox");
    return failed(e) ? e : store_text(s, "BEGIN IMMEDIATE", "writing the outbox");
}

struct err store_commit(struct store *s)
{
    struct err e = store_text(s, "COMMIT", "writing the outbox");

    if (failed(e))
        store_rollback(s);
    else
        s->commits++;
    return e;
}

void store_rollback(struct store *s)
{
    finalize_all(s);
    if (s->db && !sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- closing ---- */

void store_disconnect(struct store *s)
{
    finalize_all(s);
    sqlite3_close(s->db);
    s->db = NULL;
}

void store_close(struct store *s)
{
    if (s->state == STORE_OPEN)
        s->state = STORE_CLOSED;
    store_disconnect(s);
}

void store_leave(struct store *s)
{
    store_disconnect(s);
    s->state = STORE_LEFT;
}

/* ---- sizes ---- */

bool store_moved(const struct store *s)
{
    int moved = 0;

    if (s->state != STORE_OPEN)
        return false;
    return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

static uint64_t file_bytes(const struct store *s, int which)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 bytes = 0;

    if (sqlite3_file_control(s->db, "main", which, &file) != SQLITE_OK || !file || !file->pMethods ||
        file->pMethods->xFileSize(file, &bytes) != SQLITE_OK)
        return 0;
    return (uint64_t)bytes;
}

uint64_t store_bytes(const struct store *s)
{
    if (s->state != STORE_OPEN)
        return 0;
    return file_bytes(s, SQLITE_FCNTL_FILE_POINTER) + file_bytes(s, SQLITE_FCNTL_JOURNAL_POINTER);
}

/* Pages over the limit, and pages in the file that hold nothing. */
static struct err read_pages(const struct store *s, int64_t *over, int64_t *unused)
{
    int64_t    used = 0;
    struct err e = store_number(s, "PRAGMA page_count", &used);

    *over = used - s->max_pages;
    return failed(e) ? e : store_number(s, "PRAGMA freelist_count", unused);
}

struct err store_room(const struct store *s, int64_t *ret)
{
    int64_t    over = 0, unused = 0;
    struct err e = read_pages(s, &over, &unused);

    if (!failed(e))
        *ret = (unused - over) * s->page_bytes;
    return e;
}

struct err store_shrink(struct store *s)
{
    char       sql[64];
    int64_t    over = 0, unused = 0;
    struct err e = read_pages(s, &over, &unused);

    if (failed(e) || over <= 0 || unused == 0)
        return e;
    snprintf(sql, sizeof sql, "PRAGMA incremental_vacuum(%lld)", (long long)(over < unused ? over : unused));
    return store_text(s, sql, "shrinking the outbox");
}
