#include "agent/outbox/peek.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outbox/rows.h"
#include "agent/outbox/store_parts.h"
#include "platform/paths.h"

static struct err failure(int rc, const char *step)
{
    switch (rc & 0xff) {
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return err_of(ERR_DENIED, step);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_of(ERR_CORRUPT, step);
    case SQLITE_NOMEM:
        return err_of(ERR_NO_MEMORY, step);
    default:
        return err_of(ERR_OS, step);
    }
}

/* immutable: it is read as it is, without locks and journals. */
static struct err connect_to(const char *path, sqlite3 **db)
{
    char   name[STORE_PATH_MAX * 3 + 32];
    size_t n = (size_t)snprintf(name, sizeof name, "file:");
    int    rc;

    for (const char *c = path; *c && n < sizeof name - 32; c++)
        n += (size_t)snprintf(name + n, sizeof name - n, strchr("?#%", *c) ? "%%%02x" : "%c", (unsigned char)*c);
    snprintf(name + n, sizeof name - n, "?immutable=1");
    rc = sqlite3_open_v2(name, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    return rc == SQLITE_OK ? err_ok() : failure(rc, "opening the agent's database");
}

static struct err number(sqlite3 *db, const char *sql, int64_t *ret)
{
    sqlite3_stmt *row;
    int           rc = sqlite3_prepare_v2(db, sql, -1, &row, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(row);
    if (rc == SQLITE_ROW)
        *ret = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return rc == SQLITE_ROW ? err_ok() : failure(rc, "reading the agent's database");
}

static struct err identify(sqlite3 *db)
{
    int64_t    application = 0, version = 0;
    struct err e = number(db, "PRAGMA application_id", &application);

    if (!failed(e))
        e = number(db, "PRAGMA user_version", &version);
    if (!failed(e) && application != atoll(SQL_APPLICATION_ID))
        e = err_of(ERR_MALFORMED, "it is not an agent's database");
    if (!failed(e) && version < 1)
        e = err_of(ERR_UNSUPPORTED, "reading the version of the agent's database");
    return e;
}

static struct err read_blocks(sqlite3 *db, int64_t from_ms, int64_t to_ms, samples_fn *each, void *context)
{
    sqlite3_stmt *row;
    int           rc = sqlite3_prepare_v2(db, SQL_PEEK_BLOCKS, -1, &row, NULL);
    bool          more = true;

    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(row, 1, from_ms);
        sqlite3_bind_int64(row, 2, to_ms);
        rc = SQLITE_DONE;
    }
    while (more && rc == SQLITE_DONE && sqlite3_step(row) == SQLITE_ROW) {
        const void *bytes = sqlite3_column_blob(row, 3);

        more = each(context, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1),
                    (uint32_t)sqlite3_column_int64(row, 2), bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, 3));
    }
    if (rc == SQLITE_DONE)
        rc = sqlite3_reset(row);
    sqlite3_finalize(row);
    return rc == SQLITE_OK ? err_ok() : failure(rc, "reading the agent's database");
}

static struct err open_closed(const char *path, sqlite3 **db)
{
    char       journal[STORE_PATH_MAX + 8];
    struct err e;

    snprintf(journal, sizeof journal, "%s-wal", path);
    if (!plat_path_exists(path))
        return err_of(ERR_NOT_FOUND, "looking for the agent's database");
    if (plat_path_exists(journal))
        return err_of(ERR_BUSY, "the agent's database was not closed: start the agent, or ask as its user");
    e = connect_to(path, db);
    return failed(e) ? e : identify(*db);
}

struct err outbox_peek_samples(const char *path, int64_t from_ms, int64_t to_ms, samples_fn *each, void *context)
{
    sqlite3   *db = NULL;
    struct err e = open_closed(path, &db);

    if (!failed(e))
        e = read_blocks(db, from_ms, to_ms, each, context);
    sqlite3_close(db);
    return e;
}

/* ---- the inventory ---- */

/* The rest of it is the running agent's: it only reads statements from what is open. */
static struct err open_store(const char *path, struct store *s, int64_t *ret_taken_ms)
{
    struct err e = open_closed(path, &s->db);

    s->state = STORE_OPEN;
    return failed(e) ? e : rows_inventory_taken(s, ret_taken_ms);
}

struct err outbox_peek_inventory(const char *path, int64_t *ret_taken_ms, inventory_row_fn *each, void *context)
{
    struct store s = { .path = path };
    struct err   e = open_store(path, &s, ret_taken_ms);

    if (!failed(e))
        e = rows_inventory_each(&s, each, context);
    store_disconnect(&s);
    return e;
}

struct err outbox_peek_changes(const char *path, int64_t from_ms, inventory_change_fn *each, void *context)
{
    struct store s = { .path = path };
    int64_t      taken_ms;
    struct err   e = open_store(path, &s, &taken_ms);

    if (!failed(e))
        e = rows_inventory_changes(&s, 0, from_ms, each, context);
    store_disconnect(&s);
    return e;
}
