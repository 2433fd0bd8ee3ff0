/* Files that are damaged, strange, too new, someone else's: set aside or left alone, and the agent works on. */
#include "agent/outbox/desk.h"
#include "agent/outbox/store.h"
#include "outbox_rig.h"

#include <fcntl.h>
#include <glob.h>

enum { ALERTS = 30, FILE_MAX = 4 << 20 };

struct image {
    char  *bytes;
    size_t len;
};

static struct image image_read(const char *path)
{
    struct image i = { malloc(FILE_MAX), 0 };
    FILE        *f = fopen(path, "rb");

    assert_non_null(i.bytes);
    assert_non_null(f);
    i.len = fread(i.bytes, 1, FILE_MAX, f);
    fclose(f);
    return i;
}

static void image_write(const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void fill(struct outbox *o, unsigned from, unsigned count)
{
    char bytes[2000] = "", instance[32], ref[ALERT_REF_MAX];

    for (unsigned i = from; i < from + count; i++) {
        struct alert a = rig_alert("disk-full", instance);

        snprintf(instance, sizeof instance, "mountpoint=/%u", i);
        snprintf(ref, sizeof ref, "picket-%016x", i);
        a.ref = ref;
        rig_ok(outbox_alert_put(o, &a));
        rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
        rig_ok(outbox_samples_put(o, i * 1000, i * 1000 + 999, 7, bytes, sizeof bytes));
    }
}

static void make(const struct rig_folder *f)
{
    struct outbox *o = rig_open(f->db);

    fill(o, 0, ALERTS);
    rig_durable(o);
    outbox_close(&o);
}

static bool count_open(void *context, const struct alert *a)
{
    *(unsigned *)context += a->open;
    return true;
}

static unsigned open_alerts(const struct outbox *o)
{
    unsigned count = 0;

    outbox_alert_each(o, count_open, &count);
    return count;
}

/* ---- damage found at the start ---- */

static void garble(struct image *i, size_t from, size_t len)
{
    for (size_t at = from; at < from + len && at < i->len; at++)
        i->bytes[at] = (char)(at * 131 + 7);
}

static void damage_header(struct image *i)
{
    garble(i, 0, 100);
}

static void damage_root_pages(struct image *i)
{
    garble(i, 1024, 12 * 1024);
}

static void damage_text(struct image *i)
{
    memset(i->bytes, 'x', i->len);
}

static void damage_nothing_left(struct image *i)
{
    i->len = 1024; /* the first page promises more */
}

static void damage_half(struct image *i)
{
    i->len /= 2;
}

static void damage_odd(struct image *i)
{
    i->len = 700;
}

static const struct {
    const char *name;
    void (*damage)(struct image *i);
} damages[] = {
    { "header", damage_header }, { "root pages", damage_root_pages }, { "text", damage_text },
    { "half", damage_half },     { "one page", damage_nothing_left }, { "less than a page", damage_odd },
};

static void a_damaged_file_is_set_aside_and_a_new_one_begun(void **state)
{
    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(damages); d++) {
        struct rig_folder    f;
        struct outbox       *o;
        struct image         image, aside;
        struct outbox_health h;

        rig_folder_make(&f);
        make(&f);
        image = image_read(f.db);
        damages[d].damage(&image);
        image_write(f.db, image.bytes, image.len);
        o = rig_open(f.db);
        rig_durable(o);
        h = rig_health(o);
        if (!h.set_aside)
            fail_msg("%s was not noticed", damages[d].name);
        assert_int_equal(h.set_aside_why.code, ERR_CORRUPT);
        aside = image_read(h.set_aside);
        assert_int_equal(aside.len, image.len);
        assert_memory_equal(aside.bytes, image.bytes, image.len);
        assert_int_equal(open_alerts(o), 0);
        fill(o, 100, 3);
        rig_durable(o);
        outbox_close(&o);
        o = rig_open(f.db);
        rig_durable(o);
        assert_null(rig_health(o).set_aside);
        assert_int_equal(open_alerts(o), 3);
        outbox_close(&o);
        free(image.bytes);
        free(aside.bytes);
        rig_folder_remove(&f);
    }
}

static void an_empty_file_is_simply_begun(void **state)
{
    struct rig_folder f;
    struct outbox    *o;

    (void)state;
    rig_folder_make(&f);
    image_write(f.db, "", 0);
    o = rig_open(f.db);
    rig_durable(o);
    assert_null(rig_health(o).set_aside);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void at_most_three_damaged_files_are_kept(void **state)
{
    struct rig_folder f;
    char              pattern[100];
    glob_t            found;

    (void)state;
    rig_folder_make(&f);
    for (int i = 0; i < 6; i++) {
        struct outbox *o;
        char           text[2000];

        memset(text, 'a' + i, sizeof text);
        image_write(f.db, text, sizeof text);
        o = rig_open(f.db);
        rig_durable(o);
        assert_int_equal(rig_health(o).removed_aside, i >= 3);
        outbox_close(&o);
    }
    snprintf(pattern, sizeof pattern, "%s/*damaged*", f.path);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 3);
    for (size_t i = 0; i < found.gl_pathc; i++) { /* damaged-1 is the newest */
        struct image image = image_read(found.gl_pathv[i]);

        assert_int_equal(image.bytes[0], 'f' - (int)i);
        free(image.bytes);
    }
    globfree(&found);
    rig_folder_remove(&f);
}

/* ---- damage while it runs ---- */

static void damage_under_a_running_agent_costs_no_open_alert(void **state)
{
    unsigned noticed = 0;

    (void)state;
    for (int page = 0; page < 40; page++) {
        struct rig_folder f;
        struct outbox    *o;
        struct image      image;
        int               fd;

        rig_folder_make(&f);
        make(&f);
        o = rig_open(f.db);
        image = image_read(f.db);
        garble(&image, (size_t)page * 1024, 1024);
        fd = open(f.db, O_WRONLY);
        assert_int_equal(pwrite(fd, image.bytes + page * 1024, 1024, page * 1024), 1024);
        close(fd);
        fill(o, 200, 5);
        outbox_tick(o);
        outbox_tick(o);
        rig_durable(o);
        noticed += rig_health(o).set_aside != NULL;
        assert_int_equal(open_alerts(o), ALERTS + 5);
        outbox_close(&o);
        free(image.bytes);

        o = rig_open(f.db); /* what was not noticed before is noticed now, or does not touch alerts */
        rig_durable(o);
        if (!rig_health(o).set_aside)
            assert_int_equal(open_alerts(o), ALERTS + 5);
        outbox_close(&o);
        rig_folder_remove(&f);
    }
    printf("  noticed while running: %u of 40 pages\n", noticed);
    assert_true(noticed > 0);
}

static void a_file_that_is_taken_away_is_made_anew(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    char             *before, *after;

    (void)state;
    rig_folder_make(&f);
    make(&f);
    o = rig_open(f.db);
    before = rig_picture(o);
    assert_int_equal(unlink(f.db), 0);
    outbox_tick(o);
    rig_durable(o);
    outbox_close(&o);
    o = rig_open(f.db);
    after = rig_picture(o);
    assert_string_equal(after, before);
    outbox_close(&o);
    free(before);
    free(after);
    rig_folder_remove(&f);
}

/* Damage can look like another program's file, or a newer one's: then it is left alone. */
static bool works_or_is_left(const struct outbox *o)
{
    enum err_code why = rig_health(o).why.code;

    if (why == ERR_UNSUPPORTED || why == ERR_MALFORMED)
        return false;
    rig_durable(o);
    return true;
}

/* Bits flip anywhere, in the database and its journal. Nothing crashes, nothing hangs, and the outbox works. */
static void random_damage_never_stops_the_agent(void **state)
{
    struct rig_folder f;
    struct image      db, wal;
    char              wal_path[100];
    unsigned          aside = 0, left = 0, rounds = rig_rounds(300);
    struct outbox    *o;

    (void)state;
    srand((unsigned)rig_seed("random damage"));
    rig_folder_make(&f);
    snprintf(wal_path, sizeof wal_path, "%s-wal", f.db);
    make(&f);
    o = rig_open(f.db);
    fill(o, 300, 5);
    db = image_read(f.db);
    wal = image_read(wal_path);
    assert_true(wal.len > 0);
    outbox_close(&o);
    for (unsigned r = 0; r < rounds; r++) {
        struct image *i = r % 3 ? &db : &wal;
        size_t        at = (size_t)rand() % i->len, len = 1 + (size_t)rand() % (r % 2 ? 4 : 3000);
        char         *saved = malloc(i->len);

        memcpy(saved, i->bytes, i->len);
        for (size_t n = at; n < at + len && n < i->len; n++)
            i->bytes[n] = (char)rand();
        image_write(f.db, db.bytes, db.len);
        image_write(wal_path, wal.bytes, wal.len);
        memcpy(i->bytes, saved, i->len);
        free(saved);
        o = rig_open(f.db);
        fill(o, 400, 2);
        outbox_tick(o);
        outbox_tick(o);
        left += !works_or_is_left(o);
        aside += rig_health(o).set_aside != NULL;
        assert_non_null(outbox_alert_find_open(o, "disk-full", "mountpoint=/401"));
        outbox_close(&o);
        o = rig_open(f.db);
        works_or_is_left(o);
        outbox_close(&o);
    }
    printf("  %u rounds, %u set aside, %u left alone\n", rounds, aside, left);
    assert_true(left <= rounds / 20);
    free(db.bytes);
    free(wal.bytes);
    rig_folder_remove(&f);
}

/* ---- not ours to touch ---- */

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void assert_left_alone(const struct rig_folder *f, enum err_code why)
{
    struct image   before = image_read(f->db), after;
    struct outbox *o = rig_open(f->db);

    assert_false(rig_health(o).durable);
    assert_int_equal(rig_health(o).why.code, why);
    assert_null(rig_health(o).set_aside);
    fill(o, 0, 2);
    outbox_tick(o);
    assert_int_equal(open_alerts(o), 2);
    assert_int_equal(rig_health(o).why.code, why);
    outbox_close(&o);
    after = image_read(f->db);
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.bytes, before.bytes, before.len);
    free(before.bytes);
    free(after.bytes);
}

static void a_newer_versions_file_is_left_alone(void **state)
{
    struct rig_folder f;

    (void)state;
    rig_folder_make(&f);
    make(&f);
    run_sql(f.db, "PRAGMA user_version=99; CREATE TABLE future(x)");
    assert_left_alone(&f, ERR_UNSUPPORTED);
    rig_folder_remove(&f);
}

static void another_programs_database_is_left_alone(void **state)
{
    struct rig_folder f;

    (void)state;
    rig_folder_make(&f);
    run_sql(f.db, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)");
    assert_left_alone(&f, ERR_MALFORMED);
    rig_folder_remove(&f);
}

static void a_symbolic_link_is_not_followed(void **state)
{
    struct rig_folder f;
    char              target[100];

    (void)state;
    rig_folder_make(&f);
    make(&f);
    snprintf(target, sizeof target, "%s/elsewhere.db", f.path);
    assert_int_equal(rename(f.db, target), 0);
    assert_int_equal(symlink(target, f.db), 0);
    assert_left_alone(&f, ERR_EXPOSED);
    rig_folder_remove(&f);
}

static void a_folder_that_others_may_write_to_is_not_used(void **state)
{
    struct rig_folder f;
    struct outbox    *o;

    (void)state;
    rig_folder_make(&f);
    assert_int_equal(chmod(f.path, 0777), 0);
    o = rig_open(f.db);
    assert_int_equal(rig_health(o).why.code, ERR_EXPOSED);
    outbox_close(&o);
    assert_false(rig_exists(f.path, "outbox.db"));
    rig_folder_remove(&f);
}

static void an_older_schema_is_brought_forward_whole_or_not_at_all(void **state)
{
    static const char *const good[] = { SQL_MIGRATION_1, SQL_MIGRATION_2, SQL_MIGRATION_3,
                                        "CREATE TABLE colour(ticket INTEGER PRIMARY KEY, name TEXT)" };
    static const char *const bad[] = { SQL_MIGRATION_1, SQL_MIGRATION_2, SQL_MIGRATION_3,
                                       "CREATE TABLE colour(ticket INTEGER PRIMARY KEY, name TEXT)",
                                       "INSERT INTO nothing VALUES(1)" };
    struct rig_folder        f;
    struct store             s = { .state = STORE_CLOSED, .max_bytes = 1 << 20, .known = true };

    (void)state;
    rig_folder_make(&f);
    make(&f);
    s.path = f.db;
    rig_ok(store_open(&s));
    assert_true(failed(store_migrate(&s, bad, 5)));
    assert_int_equal(sqlite3_exec(s.db, "SELECT name FROM colour", NULL, NULL, NULL), SQLITE_ERROR);
    rig_ok(store_migrate(&s, good, 4));
    assert_int_equal(sqlite3_exec(s.db, "SELECT name FROM colour", NULL, NULL, NULL), SQLITE_OK);
    rig_ok(store_migrate(&s, good, 4));
    store_close(&s);
    assert_true(store_open(&s).code == ERR_UNSUPPORTED); /* this program is the older one now */
    store_close(&s);
    rig_folder_remove(&f);
}

static void another_devices_outbox_is_set_aside(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 1 << 20, .device_id = "one" };
    struct outbox        *o;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    o = rig_open_with(&options);
    fill(o, 0, 1);
    outbox_close(&o);
    o = rig_open_with(&options);
    assert_int_equal(open_alerts(o), 1);
    outbox_close(&o);
    options.device_id = "two";
    o = rig_open_with(&options);
    rig_durable(o);
    assert_int_equal(open_alerts(o), 0);
    assert_non_null(rig_health(o).set_aside);
    assert_int_equal(rig_health(o).set_aside_why.code, ERR_DENIED);
    outbox_close(&o);
    rig_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_file_is_set_aside_and_a_new_one_begun),
        cmocka_unit_test(an_empty_file_is_simply_begun),
        cmocka_unit_test(at_most_three_damaged_files_are_kept),
        cmocka_unit_test(damage_under_a_running_agent_costs_no_open_alert),
        cmocka_unit_test(a_file_that_is_taken_away_is_made_anew),
        cmocka_unit_test(random_damage_never_stops_the_agent),
        cmocka_unit_test(a_newer_versions_file_is_left_alone),
        cmocka_unit_test(another_programs_database_is_left_alone),
        cmocka_unit_test(a_symbolic_link_is_not_followed),
        cmocka_unit_test(a_folder_that_others_may_write_to_is_not_used),
        cmocka_unit_test(an_older_schema_is_brought_forward_whole_or_not_at_all),
        cmocka_unit_test(another_devices_outbox_is_set_aside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
