#include "platform/linux/packages_rpm.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/package_parse.h"
#include "platform/linux/rooted.h"

enum { PATIENCE_MS = 2000 };

/* ---- SQLite: a table of headers ---- */

static struct err sql_failure(sqlite3 *db, const char *step)
{
    int rc = db ? sqlite3_errcode(db) : SQLITE_NOMEM;

    if (rc == SQLITE_NOMEM)
        return err_of(ERR_NO_MEMORY, step);
    if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
        return err_of(ERR_BUSY, step);
    if (rc == SQLITE_CANTOPEN || rc == SQLITE_IOERR || rc == SQLITE_READONLY)
        return err_from_os(sqlite3_system_errno(db), step);
    return err_of(ERR_MALFORMED, step);
}

/* With nothing in its journal the file alone is the truth, and is read without a lock or a file of ours beside it. */
static bool is_at_rest(const char *path)
{
    char        journal[ROOTED_PATH_BYTES + 8];
    struct stat at;

    snprintf(journal, sizeof journal, "%s-wal", path);
    return stat(journal, &at) != 0 || at.st_size == 0;
}

static struct err open_database(const char *path, sqlite3 **ret)
{
    char   name[ROOTED_PATH_BYTES * 3 + 40];
    size_t n = (size_t)snprintf(name, sizeof name, "file:");
    int    rc;

    for (const char *c = path; *c && n < sizeof name - 40; c++)
        n += (size_t)snprintf(name + n, sizeof name - n, strchr("?#%", *c) ? "%%%02x" : "%c", (unsigned char)*c);
    snprintf(name + n, sizeof name - n, "?%s", is_at_rest(path) ? "immutable=1" : "mode=ro");
    rc = sqlite3_open_v2(name, ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return sql_failure(*ret, "opening rpm's database");
    sqlite3_limit(*ret, SQLITE_LIMIT_LENGTH, RPM_HEADER_MAX);
    sqlite3_busy_timeout(*ret, PATIENCE_MS);
    sqlite3_exec(*ret, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=64;", NULL, NULL, NULL);
    return err_ok();
}

static struct err take_rows(sqlite3 *db, plat_package_fn *each, void *context)
{
    sqlite3_stmt   *rows = NULL;
    struct plat_rpm rpm;
    struct err      e = err_ok(), worst = err_ok();
    int             rc = sqlite3_prepare_v2(db, "SELECT blob FROM Packages", -1, &rows, NULL);

    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(rows);
        if (rc != SQLITE_ROW)
            break;
        e = err_of(ERR_MALFORMED, "reading a header of rpm");
        if (sqlite3_column_type(rows, 0) == SQLITE_BLOB)
            e = plat_rpm_header_parse(sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0), &rpm);
        if (failed(e))
            worst = e;
        else
            each(context, &(struct plat_package){ "rpm", rpm.name, rpm.version, rpm.architecture });
    }
    if (rc != SQLITE_DONE)
        worst = sql_failure(db, "reading rpm's database");
    sqlite3_finalize(rows);
    return worst;
}

static struct err read_sqlite(const char *path, plat_package_fn *each, void *context)
{
    sqlite3   *db = NULL;
    struct err e = open_database(path, &db);

    if (!failed(e))
        e = take_rows(db, each, context);
    sqlite3_close(db);
    return e;
}

/* ---- ndb ---- */

static struct err read_at(void *context, uint64_t offset, void *into, size_t len)
{
    const int *fd = context;

    for (size_t done = 0; done < len;) {
        ssize_t got = pread(*fd, (char *)into + done, len - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_from_os(errno, "reading rpm's Packages.db");
        if (got == 0)
            return err_of(ERR_MALFORMED, "reading rpm's Packages.db");
        done += (size_t)got;
    }
    return err_ok();
}

static struct err read_ndb(const char *path, plat_package_fn *each, void *context)
{
    int        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct err e;

    if (fd < 0)
        return err_from_os(errno, "reading rpm's Packages.db");
    e = plat_ndb_parse(read_at, &fd, each, context);
    close(fd);
    return e;
}

static struct err refuse_berkeley(const char *path, plat_package_fn *each, void *context)
{
    (void)path;
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED,
                  "reading the Berkeley database of an rpm before 4.16 (RHEL 8 and older); see rpm -qa");
}

/* ---- which ---- */

static const struct {
    const char *path;
    struct err (*read)(const char *path, plat_package_fn *each, void *context);
} databases[] = {
    { "/usr/lib/sysimage/rpm/rpmdb.sqlite", read_sqlite }, { "/var/lib/rpm/rpmdb.sqlite", read_sqlite },
    { "/usr/lib/sysimage/rpm/Packages.db", read_ndb },     { "/var/lib/rpm/Packages.db", read_ndb },
    { "/usr/lib/sysimage/rpm/Packages", refuse_berkeley }, { "/var/lib/rpm/Packages", refuse_berkeley },
};

/* /var/lib/rpm is often a link to the other place: only the first that is there counts. */
const char *plat_rpm_database(const char *root)
{
    for (size_t i = 0; i < ARRAY_LEN(databases); i++)
        if (rooted_exists(root, "%s", databases[i].path))
            return databases[i].path;
    return NULL;
}

void plat_rpm_each(const struct plat_source *from, plat_package_fn *each, void *context)
{
    char path[ROOTED_PATH_BYTES];

    for (size_t i = 0; i < ARRAY_LEN(databases); i++) {
        struct err e;

        if (!rooted_path(from->root, path, "%s", databases[i].path) || access(path, F_OK) != 0)
            continue;
        e = databases[i].read(path, each, context);
        if (failed(e))
            from->gap(from->context, "rpm", e);
        return;
    }
}
