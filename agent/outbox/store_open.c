#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outbox/store_parts.h"
#include "platform/buf.h"
#include "platform/private.h"

enum { OPEN_PATIENCE_MS = 250, ROW_MAX_BYTES = 1 << 20, JOURNAL_SHARE = 4 };

static const char *const migrations[] = { SQL_MIGRATION_1, SQL_MIGRATION_2, SQL_MIGRATION_3 };

/* ---- the file and its folder ---- */

static bool file_exists(const struct store *s, const char *suffix)
{
    char         path[STORE_PATH_MAX + 16];
    int          exists = 0;
    sqlite3_vfs *vfs = sqlite3_vfs_find(s->vfs);

    snprintf(path, sizeof path, "%s%s", s->path, suffix);
    return vfs && vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &exists) == SQLITE_OK && exists;
}

static struct err folder_of(const struct store *s, char *into, size_t size)
{
    const char *slash = strrchr(s->path, '/');
    size_t      len = slash ? (size_t)(slash - s->path) : 0;

    if (len >= size)
        return err_of(ERR_TOO_BIG, "the outbox's path");
    snprintf(into, size, "%.*s", (int)len, s->path);
    if (len == 0)
        snprintf(into, size, "%s", slash ? "/" : ".");
    return err_ok();
}

struct err store_folder(const struct store *s)
{
    char       folder[STORE_PATH_MAX];
    struct err e = folder_of(s, folder, sizeof folder);

    return failed(e) ? e : plat_private_dir(folder);
}

/* Ours alone, and there, before SQLite makes it with its own idea of a mode. */
static struct err check_file(const struct store *s)
{
    struct err e = store_folder(s);

    return failed(e) ? e : plat_private_file(s->path, true);
}

/* ---- a damaged file ---- */

static const char *const parts[] = { "", "-wal", "-journal", "-shm" };

/* Also its journals: together they may still be read by a person. */
static bool move_parts(const char *from, const char *to)
{
    char a[STORE_PATH_MAX + 48], b[STORE_PATH_MAX + 48];
    bool moved = false;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        snprintf(a, sizeof a, "%s%s", from, parts[i]);
        snprintf(b, sizeof b, "%s%s", to, parts[i]);
        remove(b);
        if (rename(a, b) == 0 && i == 0)
            moved = true;
    }
    return moved;
}

static struct err set_aside(struct store *s)
{
    char       from[sizeof s->set_aside], to[sizeof s->set_aside], folder[STORE_PATH_MAX];
    struct err e = folder_of(s, folder, sizeof folder);

    if (failed(e))
        return e;
    snprintf(to, sizeof to, "%s.damaged-%d", s->path, STORE_SET_ASIDE_MAX);
    if (file_exists(s, ".damaged-3"))
        s->removed_aside = true;
    for (int n = STORE_SET_ASIDE_MAX - 1; n >= 0; n--) {
        if (n > 0)
            snprintf(from, sizeof from, "%s.damaged-%d", s->path, n);
        else
            snprintf(from, sizeof from, "%s", s->path);
        if (!move_parts(from, to) && n == 0)
            return err_of(ERR_OS, "setting a damaged outbox aside");
        memcpy(to, from, sizeof to);
    }
    snprintf(s->set_aside, sizeof s->set_aside, "%s.damaged-1", s->path);
    s->set_aside_why = s->damage;
    s->damage = err_ok();
    plat_private_dir_sync(folder); /* if it fails, the damaged file is found again */
    return err_ok();
}

/* ---- opening ---- */

static struct err connect_to(struct store *s, const char *name, int flags)
{
    int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, s->vfs);

    if (rc != SQLITE_OK)
        return store_failure(s, rc, "opening the outbox");
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0); /* 48 kB we would never fill */
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, ROW_MAX_BYTES);
    sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_timeout(s->db, OPEN_PATIENCE_MS);
    return store_text(s, SQL_SETTINGS, "opening the outbox");
}

/* On a read-only disk SQLite cannot make the WAL it wants beside the file; none being there, nothing is missing. */
static struct err connect_immutable(struct store *s)
{
    char       name[STORE_PATH_MAX * 3 + 32];
    size_t     n = (size_t)snprintf(name, sizeof name, "file:");
    struct err e;

    for (const char *c = s->path; *c && n < sizeof name - 32; c++)
        n += (size_t)snprintf(name + n, sizeof name - n, strchr("?#%", *c) ? "%%%02x" : "%c", (unsigned char)*c);
    snprintf(name + n, sizeof name - n, "?immutable=1");
    store_disconnect(s);
    e = connect_to(s, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    return e;
}

struct err store_migrate(struct store *s, const char *const *steps, int count)
{
    int64_t    version = 0;
    char       mark[64];
    struct err e = store_number(s, "PRAGMA user_version", &version);

    if (failed(e) || version >= count)
        return e;
    e = store_text(s, "BEGIN IMMEDIATE", "making the outbox's tables");
    for (int64_t i = version; !failed(e) && i < count; i++)
        e = store_text(s, steps[i], "making the outbox's tables");
    snprintf(mark, sizeof mark, "PRAGMA user_version=%d", count);
    if (!failed(e))
        e = store_text(s, mark, "making the outbox's tables");
    if (!failed(e) && version == 0)
        e = store_text(s, "PRAGMA application_id=" SQL_APPLICATION_ID, "making the outbox's tables");
    if (!failed(e))
        return store_commit(s);
    store_rollback(s);
    return e;
}

/* Whose file it is. *begin: it is empty. */
static struct err identify(struct store *s, bool *begin)
{
    int64_t    version = 0, application = 0, tables = 0;
    struct err e = store_number(s, "PRAGMA user_version", &version);

    if (!failed(e))
        e = store_number(s, "PRAGMA application_id", &application);
    if (!failed(e))
        e = store_number(s, "SELECT count(*) FROM sqlite_schema", &tables);
    if (failed(e))
        return e;
    *begin = version == 0 && application == 0 && tables == 0;
    if (*begin)
        return e;
    if (version < 0)
        return err_of(ERR_CORRUPT, "reading the outbox's version");
    if (application != atoll(SQL_APPLICATION_ID))
        return err_of(ERR_MALFORMED, "the outbox's file belongs to another program");
    if (version > (int64_t)ARRAY_LEN(migrations))
        return err_of(ERR_UNSUPPORTED, "the outbox was written by a newer version of this program");
    return e;
}

static struct err check(struct store *s, const char *sql)
{
    sqlite3_stmt *statement;
    bool          sound = false;
    int           rc = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);

    if (rc != SQLITE_OK)
        return store_failure(s, rc, "checking the outbox");
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        sound = strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
    sqlite3_finalize(statement);
    if (rc != SQLITE_ROW)
        return store_failure(s, rc, "checking the outbox");
    return sound ? err_ok() : err_of(ERR_CORRUPT, "checking the outbox");
}

/* What is loaded at once, not the megabytes of samples. */
static struct err check_small(struct store *s)
{
    static const char *const checks[] = { "PRAGMA quick_check(alert)", "PRAGMA quick_check(delivery)",
                                          "PRAGMA quick_check(ticket)", "PRAGMA quick_check(note)" };
    struct err               e = err_ok();

    for (size_t i = 0; !failed(e) && i < ARRAY_LEN(checks); i++)
        e = check(s, checks[i]);
    return e;
}

struct err store_check(struct store *s)
{
    if (s->state != STORE_OPEN || !s->unchecked)
        return err_ok();
    s->unchecked = false;
    return check(s, "PRAGMA quick_check(1)");
}

static struct err limit_pages(struct store *s)
{
    char       sql[64];
    struct err e = store_number(s, "PRAGMA page_size", &s->page_bytes);

    if (failed(e))
        return e;
    s->max_pages = (int64_t)(s->max_bytes - s->max_bytes / JOURNAL_SHARE) / s->page_bytes;
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld", (long long)s->max_pages);
    return store_text(s, sql, "limiting the outbox");
}

void store_limit(struct store *s, uint64_t max_bytes)
{
    s->max_bytes = max_bytes;
    if (s->state == STORE_OPEN)
        (void)limit_pages(s);
}

static struct err open_checked(struct store *s, bool unclean)
{
    bool       begin = false;
    int64_t    described = 0;
    struct err e = connect_to(s, s->path, SQLITE_OPEN_READWRITE | (s->vfs ? SQLITE_OPEN_CREATE : 0));

    if (!failed(e))
        e = identify(s, &begin);
    if (failed(e) && e.code != ERR_CORRUPT && e.code != ERR_BUSY && s->db && sqlite3_db_readonly(s->db, "main") == 1 &&
        !unclean) {
        e = connect_immutable(s);
        if (!failed(e))
            e = identify(s, &begin);
    }
    if (failed(e))
        return e;
    s->read_only = sqlite3_db_readonly(s->db, "main") == 1;
    s->unchecked = unclean && !begin;
    if (s->unchecked)
        e = check_small(s);
    if (failed(e) || s->read_only)
        return failed(e) || !begin ? e : err_of(ERR_READ_ONLY, "beginning an outbox");
    e = begin ? store_text(s, SQL_NEW, "beginning an outbox") : err_ok();
    if (!failed(e))
        e = store_text(s, SQL_JOURNAL, "opening the outbox");
    if (!failed(e))
        e = limit_pages(s);
    if (!failed(e))
        e = store_migrate(s, migrations, (int)ARRAY_LEN(migrations));
    if (!failed(e))
        e = store_number(s, "SELECT count(*) FROM meta", &described);
    s->begun = described == 0; /* also one whose beginning was interrupted after the tables */
    return e;
}

/* An existing file whose content we never saw must not be written over by what we made up without it. */
static enum store_state state_after(const struct store *s, enum err_code code, bool existed)
{
    switch (code) {
    case ERR_UNSUPPORTED:
    case ERR_MALFORMED:
    case ERR_EXPOSED:
        return STORE_LEFT;
    case ERR_CORRUPT: /* the caller sets it aside */
    case ERR_BUSY:
        return STORE_CLOSED;
    default:
        return existed && !s->known ? STORE_LEFT : STORE_CLOSED;
    }
}

struct err store_open(struct store *s)
{
    bool       existed;
    struct err e = failed(s->damage) ? set_aside(s) : err_ok();

    if (failed(e))
        return e;
    s->begun = s->read_only = false;
    existed = file_exists(s, "");
    if (!s->vfs)
        e = check_file(s);
    if (e.code == ERR_READ_ONLY && existed)
        e = err_ok(); /* a mode that cannot be changed there */
    if (!failed(e))
        e = open_checked(s, file_exists(s, "-wal"));
    if (!failed(e)) {
        s->state = STORE_OPEN;
        return e;
    }
    store_disconnect(s);
    s->state = state_after(s, e.code, existed);
    return e;
}
