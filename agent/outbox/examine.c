#include "agent/outbox/examine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/outbox/sql.h"
#include "platform/buf.h"

enum { PATH_BYTES = 1100, TRIES = 5 };

/* Where the copies lie; "" while there is none. */
struct look {
    const char *path;
    char        folder[PATH_BYTES], copy[PATH_BYTES + 16];
    sqlite3    *db;
};

/* ---- files ---- */

/* What changes when the agent writes. */
struct mark {
    int        status;
    uint64_t   size;
    uv_timespec_t at;
};

static struct mark mark_of(const char *path)
{
    struct mark m = { 0 };
    uv_fs_t     request;

    m.status = uv_fs_stat(NULL, &request, path, NULL);
    if (m.status == 0) {
        m.size = request.statbuf.st_size;
        m.at = request.statbuf.st_mtim;
    }
    uv_fs_req_cleanup(&request);
    return m;
}

static bool same_mark(struct mark a, struct mark b)
{
    return a.status == b.status && a.size == b.size && a.at.tv_sec == b.at.tv_sec && a.at.tv_nsec == b.at.tv_nsec;
}

static void remove_file(const char *path)
{
    uv_fs_t request;

    (void)uv_fs_unlink(NULL, &request, path, NULL);
    uv_fs_req_cleanup(&request);
}

static struct err copy_file(const char *from, const char *to)
{
    uv_fs_t request;
    int     status = uv_fs_copyfile(NULL, &request, from, to, 0, NULL);

    uv_fs_req_cleanup(&request);
    return status == 0 || status == UV_ENOENT ? err_ok() : err_from_os(status, "copying the outbox to look at it");
}

static struct err make_folder(struct look *l)
{
    char       place[PATH_BYTES - 32];
    size_t     size = sizeof place;
    uv_fs_t    request;
    int        status = uv_os_tmpdir(place, &size);
    struct err e = err_ok();

    if (status == 0) {
        char pattern[PATH_BYTES];

        snprintf(pattern, sizeof pattern, "%s/picket-look-XXXXXX", place);
        status = uv_fs_mkdtemp(NULL, &request, pattern, NULL); /* for us alone */
        if (status == 0)
            snprintf(l->folder, sizeof l->folder, "%s", request.path);
        uv_fs_req_cleanup(&request);
    }
    if (status != 0)
        e = err_from_os(status, "making a folder for a copy of the outbox");
    snprintf(l->copy, sizeof l->copy, "%s/outbox.db", l->folder);
    return e;
}

static void remove_folder(struct look *l)
{
    static const char *const parts[] = { "", "-wal", "-shm", "-journal" };
    char                     path[sizeof l->copy + 16];
    uv_fs_t                  request;

    if (!l->folder[0])
        return;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        snprintf(path, sizeof path, "%s%s", l->copy, parts[i]);
        remove_file(path);
    }
    (void)uv_fs_rmdir(NULL, &request, l->folder, NULL);
    uv_fs_req_cleanup(&request);
}

/* Both files as they were at one moment: the log's tail may be torn, as after a crash, which SQLite mends. */
static struct err copy_both(struct look *l, const char *log)
{
    char       log_copy[sizeof l->copy + 16];
    struct err e = make_folder(l);

    snprintf(log_copy, sizeof log_copy, "%s-wal", l->copy);
    for (int i = 0; i < TRIES && !failed(e); i++) {
        struct mark file = mark_of(l->path), tail = mark_of(log);

        remove_file(log_copy);
        e = copy_file(l->path, l->copy);
        if (!failed(e))
            e = copy_file(log, log_copy);
        if (!failed(e) && same_mark(file, mark_of(l->path)) && same_mark(tail, mark_of(log)))
            return e;
        uv_sleep(100);
    }
    return failed(e) ? e : err_of(ERR_BUSY, "copying the outbox while it was written");
}

/* ---- the database ---- */

static struct err failure(const struct look *l, int rc, const char *step)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_of(ERR_CORRUPT, step);
    case SQLITE_NOMEM:
        return err_of(ERR_NO_MEMORY, step);
    case SQLITE_ERROR: /* our statements are right: a table is missing */
        return err_of(ERR_CORRUPT, step);
    default:
        rc = l->db ? sqlite3_system_errno(l->db) : 0;
        return rc ? err_from_os(rc, step) : err_of(ERR_OS, step);
    }
}

static struct err connect_to(struct look *l, bool copied)
{
    char   name[PATH_BYTES * 3 + 64];
    size_t n = (size_t)snprintf(name, sizeof name, "file:");
    int    rc;

    for (const char *c = copied ? l->copy : l->path; *c && n < sizeof name - 32; c++)
        n += (size_t)snprintf(name + n, sizeof name - n, strchr("?#%", *c) ? "%%%02x" : "%c", (unsigned char)*c);
    if (!copied) /* no lock is taken, no journal made */
        snprintf(name + n, sizeof name - n, "?immutable=1");
    rc = sqlite3_open_v2(name, &l->db, SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                             (copied ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY), NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(l->db, SQL_SETTINGS, NULL, NULL, NULL);
    return rc == SQLITE_OK ? err_ok() : failure(l, rc, "opening the outbox");
}

/* The first row's first column; text of at most size bytes if into is given. */
static struct err ask(struct look *l, const char *sql, int64_t *ret, char *into, size_t size)
{
    sqlite3_stmt *statement = NULL;
    int           rc = sqlite3_prepare_v2(l->db, sql, -1, &statement, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW && ret)
        *ret = sqlite3_column_int64(statement, 0);
    if (rc == SQLITE_ROW && into)
        snprintf(into, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? err_ok() : failure(l, rc, "reading the outbox");
}

static struct err identify(struct look *l, struct outbox_facts *f)
{
    int64_t    application = 0;
    struct err e = ask(l, "PRAGMA application_id", &application, NULL, 0);

    if (!failed(e))
        e = ask(l, "PRAGMA user_version", &f->version, NULL, 0);
    if (!failed(e) && application != atoll(SQL_APPLICATION_ID))
        e = err_of(ERR_MALFORMED, "the outbox's file belongs to another program");
    return e;
}

static struct err check(struct look *l, struct outbox_facts *f)
{
    struct err e = ask(l, "PRAGMA quick_check(1)", NULL, f->fault, sizeof f->fault);

    if (!failed(e) && strcmp(f->fault, "ok") != 0)
        return err_of(ERR_CORRUPT, "checking the outbox");
    if (!failed(e))
        f->fault[0] = '\0';
    return e;
}

static struct err count(struct look *l, struct outbox_facts *f)
{
    const struct {
        const char *sql;
        uint64_t   *into;
    } rows[] = {
        { "SELECT count(*) FROM alert", &f->alerts },
        { "SELECT count(*) FROM alert WHERE open", &f->alerts_open },
        { "SELECT count(*) FROM delivery", &f->deliveries },
        { "SELECT count(*) FROM ticket", &f->tickets },
        { "SELECT count(*) FROM ticket WHERE open", &f->tickets_open },
        { "SELECT count(*) FROM note", &f->notes },
        { "SELECT count(*) FROM block", &f->blocks },
        { "SELECT coalesce(sum(count), 0) FROM block", &f->samples },
        { "SELECT count(*) FROM gap", &f->gaps },
    };
    struct err e = err_ok();
    int64_t    number = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows) && !failed(e); i++) {
        e = ask(l, rows[i].sql, &number, NULL, 0);
        *rows[i].into = (uint64_t)number;
    }
    if (!failed(e))
        e = ask(l, "SELECT coalesce(min(first_ms), 0) FROM block", &f->first_ms, NULL, 0);
    if (!failed(e))
        e = ask(l, "SELECT coalesce(max(last_ms), 0) FROM block", &f->last_ms, NULL, 0);
    return e;
}

static struct err look_once(struct look *l, struct outbox_facts *f)
{
    char       log[PATH_BYTES + 8];
    struct err e = err_ok();
    bool       copied;

    snprintf(log, sizeof log, "%s-wal", l->path);
    f->file_bytes = mark_of(l->path).size;
    f->log_bytes = mark_of(log).size;
    copied = f->log_bytes > 0;
    if (copied)
        e = copy_both(l, log);
    if (!failed(e))
        e = connect_to(l, copied);
    if (!failed(e))
        e = identify(l, f);
    if (!failed(e))
        e = check(l, f);
    if (!failed(e))
        e = count(l, f);
    sqlite3_close(l->db);
    remove_folder(l);
    return e;
}

struct err outbox_examine(const char *path, struct outbox_facts *ret)
{
    struct outbox_facts facts = { 0 };
    struct mark         before = mark_of(path), after;
    struct err          e = err_ok();

    if (before.status != 0)
        return err_from_os(before.status, "looking at the outbox");
    for (int i = 0; i < TRIES; i++) {
        struct look l = { .path = path };

        facts = (struct outbox_facts){ 0 };
        e = look_once(&l, &facts);
        after = mark_of(path);
        if (e.code != ERR_CORRUPT || same_mark(before, after))
            break;
        before = after; /* it was written while we looked: that proves nothing */
    }
    *ret = facts;
    return e;
}
