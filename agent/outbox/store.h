/* agent/outbox/store.h - the outbox's database file: opening, refusing, repairing, transactions.
 *
 * WAL with locking_mode=EXCLUSIVE: one fsync makes a commit durable (a rollback journal needs three or four), and no
 * -shm file is mapped. Knows nothing of alerts; the rows are in rows.c.
 * Thread: the loop's. Internal to agent/outbox.
 */
#ifndef PICKET_AGENT_OUTBOX_STORE_H
#define PICKET_AGENT_OUTBOX_STORE_H

#include <sqlite3.h>
#include <stdint.h>

#include "agent/outbox/sql.h"
#include "platform/err.h"

enum { STORE_PATH_MAX = 1024, STORE_SET_ASIDE_MAX = 3 };

/* OPEN -> CLOSED -> OPEN as the disk pleases. LEFT: a file that is not ours to touch in this run (made by a newer
 * version, another program's, exposed, unreadable). NONE: there is no path. */
enum store_state { STORE_NONE, STORE_CLOSED, STORE_OPEN, STORE_LEFT };

struct store {
    enum store_state state;
    sqlite3         *db;
    sqlite3_stmt    *ready[SQL_STATEMENTS];
    const char      *path, *vfs; /* owned by the outbox */
    uint64_t         max_bytes;
    int64_t          page_bytes;
    int64_t          max_pages; /* what max_bytes leaves to the database beside its journal */
    bool             known;     /* the model holds what the file held: set by the caller after loading */
    bool             read_only;  /* OPEN, but nothing can be written */
    bool             unchecked; /* it was not closed properly, and only what is loaded was checked */
    bool             begun;      /* the last store_open began a new database */
    uint64_t         commits;    /* so far */
    struct err       damage; /* failed: what is at path is to be set aside before anything else */
    struct err       set_aside_why;
    bool             removed_aside; /* an older damaged file was removed to make room for a newer one */
    char             set_aside[STORE_PATH_MAX + 32]; /* the last damaged file's new name; "" */
};

/* CORRUPT: what is there is damaged: with damage set, the next store_open sets it aside first.
 * UNSUPPORTED, MALFORMED, EXPOSED, and any failure to read an existing file whose content was never
 * known, make the state LEFT; all else leaves it CLOSED. */
struct err store_open(struct store *s);
struct err store_folder(const struct store *s); /* there, and ours alone: EXPOSED */
void       store_limit(struct store *s, uint64_t max_bytes); /* at any time; if it cannot be, with the next store_open */
void       store_close(struct store *s);
void       store_leave(struct store *s); /* closes it, and it is LEFT */

/* The rest of an unchecked one: 15 ms for 11 MB in the cache, half a second from a slow disk, so not at the start. */
struct err store_check(struct store *s);

/* A durable commit is on disk when it returns; another one survives a crash of ours, not a power cut. A failed one was
 * rolled back. */
struct err store_begin(struct store *s, bool durable);
struct err store_commit(struct store *s);
void       store_rollback(struct store *s);

/* Reset and without bindings; kept until store_idle. */
struct err store_statement(struct store *s, enum sql sql, sqlite3_stmt **ret);
/* *row: there is one to read. */
struct err store_step(struct store *s, sqlite3_stmt *statement, bool *row);
/* For statements that yield no row. */
struct err store_run(struct store *s, sqlite3_stmt *statement);
/* Gives back the memory of statements and pages. */
void store_idle(struct store *s);

bool     store_moved(const struct store *s); /* its file is not at its path any more */
uint64_t store_bytes(const struct store *s); /* on disk, with the journal */
struct err store_room(const struct store *s, int64_t *ret); /* bytes that can be added; negative: over max_bytes */
struct err store_shrink(struct store *s); /* gives unused pages over max_bytes back to the disk */

struct err store_migrate(struct store *s, const char *const *migrations, int count);

#endif
