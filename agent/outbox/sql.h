/* agent/outbox/sql.h - all SQL of the outbox.
 *
 * The schema is what the migrations make of an empty database, one after the other; a row here is never changed once it
 * was released, a new one is added. Columns that are searched stand before long texts, which go to pages of their own.
 */
#ifndef PICKET_AGENT_OUTBOX_SQL_H
#define PICKET_AGENT_OUTBOX_SQL_H

/* "Pick1" in the file's header: no other program's database is taken for ours. */
#define SQL_APPLICATION_ID "1349085003"

// clang-format off
#define SQL_SETTINGS                                                                                    \
    "PRAGMA locking_mode=EXCLUSIVE;" /* one process; the index of the WAL is then in memory, not in a file */ \
    "PRAGMA cache_size=24;"                                                                             \
    "PRAGMA mmap_size=0;"                                                                               \
    "PRAGMA temp_store=MEMORY;"                                                                         \
    "PRAGMA trusted_schema=OFF;"                                                                        \
    "PRAGMA cell_size_check=ON;"
#define SQL_NEW                                                                                         \
    "PRAGMA page_size=1024;" /* a small change is few bytes, a small cache many pages */                \
    "PRAGMA auto_vacuum=INCREMENTAL;" /* so that a lower limit can be reached later */
#define SQL_JOURNAL                                                                                     \
    "PRAGMA journal_mode=WAL;"                                                                          \
    "PRAGMA synchronous=FULL;"                                                                          \
    "PRAGMA wal_autocheckpoint=128;"                                                                    \
    "PRAGMA journal_size_limit=262144;"

#define SQL_PEEK_BLOCKS                                                                                 \
    "SELECT first_ms, last_ms, count, bytes FROM block WHERE last_ms>=?1 AND first_ms<=?2 ORDER BY id"

#define SQL_MIGRATION_1                                                                                 \
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"                       \
    "CREATE TABLE alert(id INTEGER PRIMARY KEY, live INTEGER NOT NULL, open INTEGER NOT NULL,"          \
    " severity INTEGER NOT NULL, worst INTEGER NOT NULL, revision INTEGER NOT NULL,"                    \
    " changes INTEGER NOT NULL, raised_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"               \
    " cleared_ms INTEGER NOT NULL, value REAL, level REAL, rule TEXT NOT NULL, instance TEXT NOT NULL," \
    " ref TEXT NOT NULL, title TEXT NOT NULL, facts TEXT NOT NULL, change TEXT NOT NULL);"              \
    "CREATE INDEX alert_live ON alert(id) WHERE live;"                                                  \
    "CREATE TABLE delivery(alert_id INTEGER NOT NULL, upstream TEXT NOT NULL,"                          \
    " told_revision INTEGER NOT NULL, told_cleared INTEGER NOT NULL, maybe_created INTEGER NOT NULL,"   \
    " ticket_id TEXT NOT NULL, ticket_url TEXT NOT NULL, note TEXT NOT NULL,"                           \
    " PRIMARY KEY(alert_id, upstream)) WITHOUT ROWID;"                                                  \
    "CREATE TABLE ticket(number INTEGER PRIMARY KEY, open INTEGER NOT NULL, touched INTEGER NOT NULL,"  \
    " severity INTEGER NOT NULL, opened_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"              \
    " closed_ms INTEGER NOT NULL, ref TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);"         \
    "CREATE INDEX ticket_open ON ticket(number) WHERE open;"                                            \
    "CREATE TABLE note(id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, at_ms INTEGER NOT NULL,"        \
    " author TEXT NOT NULL, text TEXT NOT NULL);"                                                       \
    "CREATE INDEX note_ticket ON note(ticket);"                                                         \
    "CREATE TABLE block(id INTEGER PRIMARY KEY, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,"   \
    " count INTEGER NOT NULL, bytes BLOB NOT NULL);"                                                    \
    "CREATE TABLE gap(first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, from_ms INTEGER NOT NULL," \
    " to_ms INTEGER NOT NULL, count INTEGER NOT NULL, reason INTEGER NOT NULL);"

/* How far exports are: agent/export.h. */
#define SQL_MIGRATION_2                                                                                 \
    "CREATE TABLE cursor(upstream TEXT PRIMARY KEY, block INTEGER NOT NULL, done INTEGER NOT NULL,"     \
    " until_ms INTEGER NOT NULL, boot_ms INTEGER NOT NULL, missed INTEGER NOT NULL,"                    \
    " rejected INTEGER NOT NULL) WITHOUT ROWID;"

/* The last inventory, and what changed in it: agent/outbox/inventory.h. A row's text is key and rest. */
#define SQL_MIGRATION_3                                                                                 \
    "CREATE TABLE inventory(section INTEGER NOT NULL, key TEXT NOT NULL, rest TEXT NOT NULL,"           \
    " PRIMARY KEY(section, key)) WITHOUT ROWID;"                                                        \
    "CREATE TABLE inventory_change(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, noted INTEGER NOT NULL," \
    " section INTEGER NOT NULL, was TEXT NOT NULL, now TEXT NOT NULL);"

#define SQL_ALERT_COLUMNS                                                                               \
    "id, open, severity, worst, revision, changes, raised_ms, changed_ms, cleared_ms, value, level,"    \
    " rule, instance, ref, title, facts, change"
#define SQL_DELIVERY_COLUMNS                                                                            \
    "alert_id, upstream, told_revision, told_cleared, maybe_created, ticket_id, ticket_url, note"
#define SQL_TICKET_COLUMNS                                                                              \
    "number, open, touched, severity, opened_ms, changed_ms, closed_ms, ref, title, text"

#define SQL_TABLE(X)                                                                                    \
    X(META_PUT,     "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")                           \
    X(META_GET,     "SELECT value FROM meta WHERE key = ?1")                                            \
    X(ALERT_PUT,    "INSERT OR REPLACE INTO alert(" SQL_ALERT_COLUMNS ", live)"                         \
                    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)")          \
    X(ALERTS_LIVE,  "SELECT " SQL_ALERT_COLUMNS " FROM alert INDEXED BY alert_live WHERE live"          \
                    " ORDER BY id")                                                                     \
    X(ALERTS_PAST,  "SELECT rule, instance, cleared_ms FROM alert WHERE NOT open ORDER BY id DESC LIMIT 1000") \
    X(TOLD_PAST,    "SELECT worst, raised_ms, changed_ms, cleared_ms, title, ref, upstream, ticket_id, ticket_url, note" \
                    " FROM alert JOIN delivery ON alert_id = id WHERE NOT live AND ticket_id <> ''"     \
                    " ORDER BY id DESC LIMIT 500")                                                      \
    X(ALERT_LAST,   "SELECT max(id) FROM alert")                                                        \
    X(ALERT_COUNT,  "SELECT count(*) FROM alert WHERE NOT live")                                        \
    X(ALERT_OLDEST, "SELECT id FROM alert WHERE NOT live AND id < (SELECT max(id) FROM alert)"          \
                    " ORDER BY id LIMIT 1")                                                             \
    X(ALERT_DROP,   "DELETE FROM alert WHERE id = ?1")                                                  \
    X(DELIVERY_PUT, "INSERT OR REPLACE INTO delivery(" SQL_DELIVERY_COLUMNS ")"                         \
                    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8)")                                                 \
    X(DELIVERIES,   "SELECT " SQL_DELIVERY_COLUMNS " FROM delivery WHERE alert_id = ?1")                \
    X(DELIVERY_DROP, "DELETE FROM delivery WHERE alert_id = ?1")                                        \
    X(TICKET_PUT,   "INSERT OR REPLACE INTO ticket(" SQL_TICKET_COLUMNS ")"                             \
                    " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)")                                          \
    X(TICKETS_OPEN, "SELECT " SQL_TICKET_COLUMNS " FROM ticket INDEXED BY ticket_open WHERE open"       \
                    " ORDER BY number")                                                                 \
    X(TICKETS,      "SELECT " SQL_TICKET_COLUMNS " FROM ticket ORDER BY number DESC")                   \
    X(TICKET_GET,   "SELECT " SQL_TICKET_COLUMNS " FROM ticket WHERE number = ?1")                      \
    X(TICKET_LAST,  "SELECT max(number) FROM ticket")                                                   \
    X(TICKET_OLDEST, "SELECT number FROM ticket WHERE NOT open"                                         \
                    " AND number < (SELECT max(number) FROM ticket) ORDER BY number LIMIT 1")           \
    X(TICKET_COUNT, "SELECT count(*) FROM ticket WHERE NOT open")                                       \
    X(TICKET_DROP,  "DELETE FROM ticket WHERE number = ?1")                                             \
    X(NOTE_PUT,     "INSERT INTO note(ticket, at_ms, author, text) VALUES(?1,?2,?3,?4)")                \
    X(NOTES,        "SELECT at_ms, author, text FROM note WHERE ticket = ?1 ORDER BY id")               \
    X(NOTES_DROP,   "DELETE FROM note WHERE ticket = ?1")                                               \
    X(BLOCK_PUT,    "INSERT OR REPLACE INTO block(id, first_ms, last_ms, count, bytes) VALUES(?1,?2,?3,?4,?5)")    \
    X(BLOCKS,       "SELECT first_ms, last_ms, count, bytes FROM block"                                 \
                    " WHERE last_ms >= ?1 AND first_ms <= ?2 ORDER BY id")                              \
    X(BLOCK_FROM,   "SELECT first_ms, last_ms, count, bytes, id FROM block WHERE id >= ?1 ORDER BY id LIMIT 1") \
    X(BLOCK_LAST,   "SELECT max(id) FROM block")                                                        \
    X(BLOCK_TIMES,  "SELECT first_ms FROM block ORDER BY id")                                           \
    X(BLOCK_OLDEST, "SELECT id, first_ms, last_ms, count FROM block ORDER BY id LIMIT 2")               \
    X(BLOCK_DROP,   "DELETE FROM block WHERE id = ?1")                                                  \
    X(GAP_PUT,      "INSERT OR REPLACE INTO gap(first_id, last_id, from_ms, to_ms, count, reason)"      \
                    " VALUES(?1,?2,?3,?4,?5,?6)")                                                       \
    X(GAPS,         "SELECT first_id, last_id, from_ms, to_ms, count, reason FROM gap ORDER BY first_id") \
    X(GAP_BEFORE,   "SELECT first_id, last_id, from_ms, to_ms, count, reason FROM gap"                  \
                    " WHERE first_id <= ?1 ORDER BY first_id DESC LIMIT 1")                             \
    X(GAP_TOTALS,   "SELECT count(*), max(last_id) FROM gap")                                           \
    X(GAP_DROP,     "DELETE FROM gap WHERE first_id = ?1")                                              \
    X(CURSOR_PUT,   "INSERT OR REPLACE INTO cursor(upstream, block, done, until_ms, boot_ms, missed, rejected)" \
                    " VALUES(?1,?2,?3,?4,?5,?6,?7)")                                                    \
    X(CURSORS,      "SELECT upstream, block, done, until_ms, boot_ms, missed, rejected FROM cursor"     \
                    " ORDER BY upstream LIMIT 8")                                                       \
    X(CURSOR_TABLE, "SELECT count(*) FROM sqlite_schema WHERE name = 'cursor'")                         \
    X(CURSOR_DROP,  "DELETE FROM cursor WHERE upstream = ?1")                                           \
    X(INVENTORY_TABLE, "SELECT count(*) FROM sqlite_schema WHERE name = 'inventory'")                   \
    X(INVENTORY_TAKEN, "SELECT value FROM meta WHERE key = 'inventory'")                                \
    X(INVENTORY_TAKEN_PUT, "INSERT OR REPLACE INTO meta(key, value) VALUES('inventory', ?1)")           \
    X(INVENTORY,    "SELECT section, key || rest FROM inventory ORDER BY section, key")                 \
    X(INVENTORY_PUT, "INSERT OR REPLACE INTO inventory(section, key, rest) VALUES(?1,?2,?3)")           \
    X(INVENTORY_CLEAR, "DELETE FROM inventory")                                                         \
    X(INVENTORY_DROP, "DELETE FROM inventory WHERE section = ?1 AND key = ?2")                          \
    X(CHANGE_PUT,   "INSERT INTO inventory_change(at_ms, noted, section, was, now) VALUES(?1,?2,?3,?4,?5)") \
    X(CHANGES,      "SELECT id, at_ms, section, was, now FROM inventory_change"                         \
                    " WHERE id > ?1 AND at_ms >= ?2 ORDER BY id")                                       \
    X(CHANGES_QUIET_DROP, "DELETE FROM inventory_change WHERE NOT noted")                               \
    X(CHANGE_FIRST, "SELECT min(id) FROM inventory_change")                                             \
    X(CHANGE_LAST,  "SELECT max(id) FROM inventory_change")                                             \
    X(CHANGE_SIZES, "SELECT id, was, now FROM inventory_change ORDER BY id DESC")                       \
    X(CHANGES_TRIM, "DELETE FROM inventory_change WHERE id <= ?1")                                      \
    X(CHANGE_OLDEST, "SELECT id FROM inventory_change WHERE id < (SELECT max(id) FROM inventory_change)" \
                    " ORDER BY id LIMIT 1")                                                             \
    X(CHANGE_DROP,  "DELETE FROM inventory_change WHERE id = ?1")
// clang-format on

enum sql {
#define X(name, text) SQL_##name,
    SQL_TABLE(X)
#undef X
        SQL_STATEMENTS
};

#endif
