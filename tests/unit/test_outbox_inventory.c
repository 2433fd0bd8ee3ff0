/* Inventories in the outbox: whole or not at all, and what changed from one to the next. */
#include <sqlite3.h>

#include "agent/inventory/rows.h"
#include "agent/outbox/inventory.h"
#include "agent/outbox/peek.h"
#include "agent/outbox/store.h"
#include "outbox_rig.h"
#include "powercut_vfs.h"

enum { LIST_BYTES = 1 << 16 };

/* ---- how much memory SQLite holds ---- */

static struct {
    sqlite3_mem_methods real;
    size_t              used, most;
} memory;

static void *count(void *bytes, size_t before)
{
    memory.used += (bytes ? (size_t)memory.real.xSize(bytes) : before) - before;
    if (memory.used > memory.most)
        memory.most = memory.used;
    return bytes;
}

static void *counted_malloc(int size)
{
    return count(memory.real.xMalloc(size), 0);
}

static void *counted_realloc(void *old, int size)
{
    size_t before = (size_t)memory.real.xSize(old);

    return count(memory.real.xRealloc(old, size), before);
}

static void counted_free(void *bytes)
{
    memory.used -= (size_t)memory.real.xSize(bytes);
    memory.real.xFree(bytes);
}

static int count_memory(void **state)
{
    sqlite3_mem_methods counting;

    (void)state;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real);
    counting = memory.real;
    counting.xMalloc = counted_malloc;
    counting.xRealloc = counted_realloc;
    counting.xFree = counted_free;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &counting) == SQLITE_OK ? 0 : -1;
}

/* ---- helpers ---- */

static int file_of(const char *lines)
{
    char path[] = "/tmp/picket-rows-XXXXXX";
    int  fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, lines, strlen(lines)), strlen(lines));
    return fd;
}

static struct err try_to_take(struct outbox *o, const char *lines, int64_t at_ms, uint64_t *changes)
{
    int        fd = file_of(lines);
    struct err e = outbox_inventory_take(o, fd, at_ms, changes);

    close(fd);
    return e;
}

/* How many changes it made. */
static uint64_t take(struct outbox *o, const char *lines, int64_t at_ms)
{
    uint64_t changes = 99;

    rig_ok(try_to_take(o, lines, at_ms, &changes));
    return changes;
}

static bool list_row(void *context, int section, const char *row)
{
    char *list = context;

    snprintf(list + strlen(list), LIST_BYTES - strlen(list), "%d:%s\n", section, row);
    return true;
}

static bool list_change(void *context, int64_t number, const struct inventory_change *c)
{
    char *list = context;

    snprintf(list + strlen(list), LIST_BYTES - strlen(list), "%d@%d %d %s|%s\n", (int)number, (int)c->at_ms, c->section,
             c->was, c->now);
    return true;
}

static char list[LIST_BYTES];

static void assert_rows(struct outbox *o, const char *want)
{
    list[0] = '\0';
    rig_ok(outbox_inventory_each(o, list_row, list));
    assert_string_equal(list, want);
}

static void assert_changes(struct outbox *o, int64_t after, int64_t from_ms, const char *want)
{
    list[0] = '\0';
    rig_ok(outbox_inventory_changes(o, after, from_ms, list_change, list));
    assert_string_equal(list, want);
}

#define FIRST "13\tgone\t1\t\n13\tsame\t2\tann\n15\tsystemd\tssh\tenabled\t1\n16\tdpkg\tbash\tamd64\t\t5.1\nend\n"
#define SECOND "13\tnew\t3\t\n13\tsame\t2\tann\n15\tsystemd\tssh\tenabled\t0\n16\tdpkg\tbash\tamd64\t\t5.2\nend\n"

/* ---- one after the other ---- */

static void the_first_one_makes_no_changes_and_the_next_ones_do(void **state)
{
    struct rig_folder       f;
    struct outbox          *o;
    struct outbox_inventory kept;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    assert_int_equal(outbox_inventory_get(o, &kept).code, ERR_NOT_FOUND);
    assert_int_equal(outbox_inventory_each(o, list_row, list).code, ERR_NOT_FOUND);
    assert_int_equal(take(o, FIRST, 1000), 0);
    assert_rows(o, "13:gone\t1\t\n13:same\t2\tann\n15:systemd\tssh\tenabled\t1\n16:dpkg\tbash\tamd64\t\t5.1\n");
    assert_changes(o, 0, 0, "");
    assert_int_equal(take(o, FIRST, 2000), 0);
    outbox_close(&o);

    o = rig_open(f.db);
    assert_int_equal(take(o, SECOND, 3000), 3); /* that ssh runs no more is in the document alone */
    assert_rows(o, "13:new\t3\t\n13:same\t2\tann\n15:systemd\tssh\tenabled\t0\n16:dpkg\tbash\tamd64\t\t5.2\n");
    assert_changes(o, 0, 0,
                   "1@3000 13 gone\t1\t|\n2@3000 13 |new\t3\t\n"
                   "4@3000 16 dpkg\tbash\tamd64\t\t5.1|dpkg\tbash\tamd64\t\t5.2\n");
    assert_int_equal(take(o, FIRST, 500), 3); /* the clock was set back: order is by number */
    assert_changes(o, 4, 0,
                   "5@500 13 |gone\t1\t\n6@500 13 new\t3\t|\n"
                   "8@500 16 dpkg\tbash\tamd64\t\t5.2|dpkg\tbash\tamd64\t\t5.1\n");
    assert_changes(o, 0, 3001, "");
    rig_ok(outbox_inventory_get(o, &kept));
    assert_int_equal(kept.taken_ms, 500);
    assert_int_equal(kept.oldest, 1);
    assert_int_equal(kept.newest, 8);
    rig_durable(o);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void what_was_not_whole_or_not_readable_takes_nothing_away(void **state)
{
    static const struct {
        const char   *lines;
        enum err_code want;
        const char   *rows;
    } cases[] = {
        { "13\tnew\t3\t\n", ERR_MALFORMED, "12:ann\t1\t1\t\t/\t/bin/sh\tset\t2024-01-01\n13:one\t1\t\n" },
        { "", ERR_MALFORMED, "12:ann\t1\t1\t\t/\t/bin/sh\tset\t2024-01-01\n13:one\t1\t\n" },
        { "13\tnew\t3\t\nen", ERR_MALFORMED, "12:ann\t1\t1\t\t/\t/bin/sh\tset\t2024-01-01\n13:one\t1\t\n" },
        { "13\tnew\t3\t\n12\tann\t1\t1\t\t/\t/bin/sh\tset\t\nend\n", ERR_MALFORMED,
          "12:ann\t1\t1\t\t/\t/bin/sh\tset\t2024-01-01\n13:one\t1\t\n" },
        /* entries: what is missing may be there, what is there is news */
        { "1\tgroups\tgroups\tno\tentries\n12\tann\t1\t1\t\t/\t/bin/sh\tset\t2024-01-01\n13\ttwo\t2\t\nend\n", ERR_OK,
          "1:groups\tgroups\tno\tentries\n12:ann\t1\t1\t\t/\t/bin/sh\tset\t2024-01-01\n13:one\t1\t\n13:two\t2\t\n" },
        /* values: what could not be read is as it was, what could is news */
        { "1\tusers\tpasswords\tno\tvalues\n12\tann\t1\t1\t\t/\t/bin/ash\t\t\n13\tone\t1\t\nend\n", ERR_OK,
          "1:users\tpasswords\tno\tvalues\n12:ann\t1\t1\t\t/\t/bin/ash\tset\t2024-01-01\n13:one\t1\t\n" },
        { "end\n", ERR_OK, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig_folder f;
        struct outbox    *o;
        uint64_t          changes;

        rig_folder_make(&f);
        o = rig_open(f.db);
        take(o, "12\tann\t1\t1\t\t/\t/bin/sh\tset\t2024-01-01\n13\tone\t1\t\nend\n", 1);
        assert_int_equal(try_to_take(o, cases[i].lines, 2, &changes).code, cases[i].want);
        assert_rows(o, cases[i].rows);
        rig_durable(o);
        outbox_close(&o);
        rig_folder_remove(&f);
    }
}

/* ---- bounds ---- */

enum entries { PACKAGES, WIDE_GROUPS };

static char *many(enum entries entries, unsigned count, unsigned version)
{
    struct buf lines;

    buf_init(&lines, 8 << 20);
    for (unsigned i = 0; i < count; i++)
        if (entries == PACKAGES)
            rig_ok(buf_printf(&lines, "16\tdpkg\tpackage-with-a-name-%06u\tamd64\t\t2:1.2.3-%u+deb12u1\n", i, version));
        else
            rig_ok(buf_printf(&lines, "13\tgroup-%06u\t%u\t%03900d\n", i, version, 7));
    rig_ok(buf_add_text(&lines, "end\n"));
    return lines.data;
}

static uint64_t take_many(struct outbox *o, enum entries entries, unsigned count, unsigned version)
{
    char    *lines = many(entries, count, version);
    uint64_t changes = take(o, lines, version);

    free(lines);
    return changes;
}

static bool count_change(void *context, int64_t number, const struct inventory_change *c)
{
    (void)number;
    (void)c;
    ++*(unsigned *)context;
    return true;
}

static unsigned changes_in(struct outbox *o)
{
    unsigned count = 0;

    rig_ok(outbox_inventory_changes(o, 0, INT64_MIN, count_change, &count));
    return count;
}

static void the_history_is_bounded_and_its_numbers_are_not_used_again(void **state)
{
    struct rig_folder       f;
    struct outbox          *o;
    struct outbox_inventory kept;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    for (unsigned version = 0; version < 3; version++)
        assert_int_equal(take_many(o, PACKAGES, 2600, version), version ? 2600 : 0);
    assert_int_equal(changes_in(o), CHANGES_MAX);
    rig_ok(outbox_inventory_get(o, &kept));
    assert_int_equal(kept.oldest, 201);
    assert_int_equal(kept.newest, 5200);

    take_many(o, WIDE_GROUPS, 300, 4);
    take_many(o, WIDE_GROUPS, 300, 5);
    assert_in_range(changes_in(o), 250, 300); /* of 8 kB each */
    rig_ok(outbox_inventory_get(o, &kept));
    assert_int_equal(kept.newest, 5200 + 2900 + 300);
    rig_durable(o);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void fill_with_samples(struct outbox *o)
{
    char bytes[4000] = "";

    for (unsigned i = 0; i < 220; i++)
        rig_ok(outbox_samples_put(o, i, i, 7, bytes, sizeof bytes));
}

static void samples_make_way_for_it_and_it_for_alerts(void **state)
{
    struct rig_folder    f;
    struct outbox       *o;
    struct outbox_counts before, after;
    unsigned             changes;

    (void)state;
    rig_folder_make(&f);
    o = rig_open_with(&(struct outbox_options){ .path = f.db, .max_bytes = 1 << 20 });
    fill_with_samples(o);
    outbox_counts(o, &before);
    for (unsigned version = 0; version < 3; version++)
        take_many(o, PACKAGES, 1200, version);
    rig_durable(o);
    outbox_counts(o, &after);
    assert_true(after.sample_blocks < before.sample_blocks);
    changes = changes_in(o);
    assert_int_equal(changes, 2400);
    printf("  %d bytes on disk, then ", (int)rig_health(o).bytes);
    rig_ok(outbox_samples_put(o, 0, 0, 0, "", 0)); /* ends the long journal of a take */
    printf("%d\n", (int)rig_health(o).bytes);
    assert_true(rig_health(o).bytes <= 1 << 20);

    for (unsigned i = 0; i < 200; i++) {
        char         instance[32], facts[1800];
        struct alert a = rig_alert("disk-full", instance);

        snprintf(instance, sizeof instance, "mountpoint=/%u", i);
        snprintf(facts, sizeof facts, "%01700u", i);
        a.facts = facts;
        rig_ok(outbox_alert_put(o, &a));
    }
    rig_durable(o);
    outbox_counts(o, &after);
    assert_int_equal(after.open_alerts, 200);
    assert_int_equal(after.sample_blocks, 0);
    assert_true(changes_in(o) < changes && changes_in(o) >= 1);
    assert_int_equal(take_many(o, PACKAGES, 1200, 2), 0); /* the document itself is there */
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void one_that_is_too_large_costs_no_samples(void **state)
{
    struct rig_folder    f;
    struct outbox       *o;
    struct outbox_counts before, after;
    char                *lines = many(PACKAGES, 6000, 1);
    uint64_t             changes;

    (void)state;
    rig_folder_make(&f);
    o = rig_open_with(&(struct outbox_options){ .path = f.db, .max_bytes = 1 << 20 });
    fill_with_samples(o);
    outbox_counts(o, &before);
    assert_int_equal(try_to_take(o, lines, 1, &changes).code, ERR_TOO_BIG);
    outbox_counts(o, &after);
    assert_int_equal(after.sample_blocks, before.sample_blocks);
    rig_durable(o);
    outbox_close(&o);
    rig_folder_remove(&f);
    free(lines);
}

/* ---- weight ---- */

static void it_is_compact_and_goes_through_little_memory(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    size_t            before;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    outbox_tick(o);
    before = memory.most = memory.used;
    assert_true(before > 0);
    take_many(o, PACKAGES, 1200, 0);
    take_many(o, PACKAGES, 1200, 1);
    take_many(o, PACKAGES, 1200, 1);
    printf("  memory of SQLite: %zu bytes before, %zu at most, %zu after\n", before, memory.most, memory.used);
    assert_true(memory.most < before + 100 * 1024);
    assert_true(memory.used <= before + 1024);
    outbox_close(&o);

    o = rig_open(f.db); /* the journal is in the database now */
    printf("  %d bytes on disk, with 1200 changes\n", (int)rig_health(o).bytes);
    assert_true(rig_health(o).bytes < 300 * 1024);
    outbox_close(&o);
    rig_folder_remove(&f);
}

/* ---- files that are older, damaged, or somebody's else to read ---- */

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void an_older_versions_file_gets_the_tables(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    struct alert      a = rig_alert("disk-full", "mountpoint=/");
    int64_t           taken;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    rig_ok(outbox_alert_put(o, &a));
    outbox_close(&o);
    run_sql(f.db, "DROP TABLE inventory; DROP TABLE inventory_change; PRAGMA user_version=2");
    assert_int_equal(outbox_peek_inventory(f.db, &taken, list_row, list).code, ERR_NOT_FOUND);
    assert_int_equal(outbox_peek_changes(f.db, 0, list_change, list).code, ERR_NOT_FOUND);
    o = rig_open(f.db);
    rig_durable(o);
    assert_non_null(outbox_alert_get(o, a.id));
    take(o, FIRST, 1);
    assert_int_equal(take(o, SECOND, 2), 3);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void a_closed_file_is_read_as_it_is(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    int64_t           taken = 0;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    take(o, FIRST, 1);
    take(o, SECOND, 2);
    assert_int_equal(outbox_peek_inventory(f.db, &taken, list_row, list).code, ERR_BUSY);
    outbox_close(&o);
    list[0] = '\0';
    rig_ok(outbox_peek_inventory(f.db, &taken, list_row, list));
    rig_ok(outbox_peek_changes(f.db, 0, list_change, list));
    assert_int_equal(taken, 2);
    assert_string_equal(list, "13:new\t3\t\n13:same\t2\tann\n15:systemd\tssh\tenabled\t0\n16:dpkg\tbash\tamd64\t\t5.2\n"
                              "1@2 13 gone\t1\t|\n2@2 13 |new\t3\t\n"
                              "4@2 16 dpkg\tbash\tamd64\t\t5.1|dpkg\tbash\tamd64\t\t5.2\n");
    assert_false(rig_exists(f.path, "outbox.db-wal"));
    rig_folder_remove(&f);
}

/* Rows that no check of SQLite minds. */
static void rows_that_make_no_sense_do_no_harm(void **state)
{
    static const char *const damages[] = {
        "INSERT INTO inventory VALUES(99, 'x', ''), (-1, 'x', ''), (0, '', ''), (9223372036854775807, 'x', "
        "'y')", /* stay */
        "INSERT INTO inventory VALUES(16, hex(zeroblob(20000)), hex(zeroblob(20000)))",
        "INSERT INTO inventory VALUES(1, '', ''), (1, 'users', ''), (1, char(9), char(9)), (12, '', "
        "char(9,9,9,9,9,9,9,9,9))",
        "UPDATE inventory SET key = CAST(x'ff00fe' AS TEXT) WHERE section = 13 AND key = 'same'",
        "INSERT INTO inventory_change VALUES(5, -1, 1, 77, '', ''), (6, 1, 1, 12, hex(zeroblob(9000)), '')",
        "UPDATE meta SET value = 'long ago' WHERE key = 'inventory'",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
        struct rig_folder f;
        struct outbox    *o;

        rig_folder_make(&f);
        o = rig_open(f.db);
        take(o, FIRST, 1);
        outbox_close(&o);
        run_sql(f.db, damages[i]);
        o = rig_open(f.db);
        take(o, SECOND, 2);
        list[0] = '\0';
        rig_ok(outbox_inventory_changes(o, 0, INT64_MIN, list_change, list));
        assert_non_null(strstr(list, "dpkg\tbash\tamd64\t\t5.1|dpkg\tbash\tamd64\t\t5.2"));
        assert_int_equal(take(o, SECOND, 3), 0);
        if (i > 0)
            assert_rows(o, "13:new\t3\t\n13:same\t2\tann\n15:systemd\tssh\tenabled\t0\n16:dpkg\tbash\tamd64\t\t5.2\n");
        rig_durable(o);
        outbox_close(&o);
        rig_folder_remove(&f);
    }
}

static void without_a_disk_there_is_none(void **state)
{
    struct outbox_options options = { .max_bytes = 1 << 20 };
    struct outbox        *o = rig_open_with(&options);
    uint64_t              changes;

    (void)state;
    assert_true(failed(try_to_take(o, FIRST, 1, &changes)));
    assert_true(failed(outbox_inventory_each(o, list_row, list)));
    outbox_close(&o);
}

/* ---- a disk that refuses, power that goes ---- */

static void assert_one_of_both(struct outbox *o)
{
    static const char old[] =
        "13:gone\t1\t\n13:same\t2\tann\n15:systemd\tssh\tenabled\t1\n16:dpkg\tbash\tamd64\t\t5.1\n";
    static const char new[] =
        "13:new\t3\t\n13:same\t2\tann\n15:systemd\tssh\tenabled\t0\n16:dpkg\tbash\tamd64\t\t5.2\n";
    struct outbox_inventory kept;
    bool                    is_new;

    rig_ok(outbox_inventory_get(o, &kept));
    is_new = kept.taken_ms == 2;
    assert_rows(o, is_new ? new : old);
    assert_int_equal(changes_in(o), is_new ? 3 : 0);
}

/* The n-th write, flush or read of the second take fails; then the power goes. False: it never failed. */
static bool refuse(enum powercut_call kind, int code, unsigned n)
{
    struct outbox_options options = { .path = "outbox.db", .max_bytes = 1 << 20, .vfs = "refusing" };
    struct powercut      *disk = powercut_open("refusing", n), *after = powercut_open("after", n);
    struct outbox        *o = rig_open_with(&options);
    struct alert          a = rig_alert("disk-full", "mountpoint=/");
    uint64_t              changes;
    struct err            e;
    bool                  refused;

    rig_ok(outbox_alert_put(o, &a));
    take(o, FIRST, 1);
    rig_ok(outbox_alert_put(o, &a)); /* a flush: what came before it is on the platter */
    powercut_fail(disk, kind, n, code, true);
    e = try_to_take(o, SECOND, 2, &changes);
    refused = powercut_failed(disk);
    assert_true(failed(e) || !refused || kind != POWERCUT_WRITE);
    powercut_fail(disk, kind, 0, 0, false);
    outbox_tick(o);
    rig_durable(o);
    assert_one_of_both(o);
    powercut_cut(disk, after, POWERCUT_RANDOM);
    outbox_close(&o);
    options.vfs = "after";
    o = rig_open_with(&options);
    rig_durable(o);
    assert_one_of_both(o);
    assert_non_null(outbox_alert_get(o, a.id));
    take(o, SECOND, 2);
    assert_one_of_both(o);
    outbox_close(&o);
    powercut_close(after);
    powercut_close(disk);
    return refused;
}

static void wherever_the_disk_refuses_it_is_the_old_one_or_the_new(void **state)
{
    static const struct {
        enum powercut_call kind;
        int                code;
    } kinds[] = { { POWERCUT_WRITE, SQLITE_FULL },
                  { POWERCUT_WRITE, SQLITE_IOERR_WRITE },
                  { POWERCUT_READ, SQLITE_IOERR_READ } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        unsigned n = 1;

        while (refuse(kinds[i].kind, kinds[i].code, n))
            n++;
        assert_true(n > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_one_makes_no_changes_and_the_next_ones_do),
        cmocka_unit_test(what_was_not_whole_or_not_readable_takes_nothing_away),
        cmocka_unit_test(the_history_is_bounded_and_its_numbers_are_not_used_again),
        cmocka_unit_test(samples_make_way_for_it_and_it_for_alerts),
        cmocka_unit_test(one_that_is_too_large_costs_no_samples),
        cmocka_unit_test(it_is_compact_and_goes_through_little_memory),
        cmocka_unit_test(an_older_versions_file_gets_the_tables),
        cmocka_unit_test(a_closed_file_is_read_as_it_is),
        cmocka_unit_test(rows_that_make_no_sense_do_no_harm),
        cmocka_unit_test(without_a_disk_there_is_none),
        cmocka_unit_test(wherever_the_disk_refuses_it_is_the_old_one_or_the_new),
    };

    return cmocka_run_group_tests(tests, count_memory, NULL);
}
