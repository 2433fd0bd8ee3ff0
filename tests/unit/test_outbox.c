/* The outbox on a disk that does as it is told: what is kept, for how long, and for whom. */
#include "agent/outbox/outbox.h"

#include <dirent.h>
#include <sys/wait.h>

#include "outbox_rig.h"

static bool collect_id(void *context, const struct alert *a)
{
    struct buf *text = context;

    rig_ok(buf_printf(text, "%lld%s ", (long long)a->id, a->open ? "" : "c"));
    return true;
}

static void assert_alerts(const struct outbox *o, const char *want)
{
    struct buf text;

    buf_init(&text, 4096);
    outbox_alert_each(o, collect_id, &text);
    assert_string_equal(buf_text(&text), want);
    buf_done(&text);
}

static int64_t put(struct outbox *o, const char *rule, const char *instance)
{
    struct alert a = rig_alert(rule, instance);

    rig_ok(outbox_alert_put(o, &a));
    assert_true(a.id > 0);
    return a.id;
}

static void clear(struct outbox *o, int64_t id)
{
    struct alert a = *outbox_alert_get(o, id);

    a.open = false;
    a.revision++;
    a.cleared_ms = 99;
    a.change = "over";
    rig_ok(outbox_alert_put(o, &a));
}

static void tell_end(struct outbox *o, int64_t id, const char *upstream)
{
    struct delivery d;

    outbox_delivery_get(o, id, upstream, &d);
    d.told_revision = 2;
    d.told_cleared = true;
    rig_ok(outbox_delivery_put(o, &d));
}

static void all_fields_survive_a_restart(void **state)
{
    struct rig_folder   f;
    struct outbox      *o;
    struct alert        a = rig_alert("cpu", "cpu=0 \xc3\xa4\nx");
    const struct alert *b;
    struct delivery     d, e;
    char               *before, *after;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    a.severity = SEVERITY_CRITICAL;
    a.changes = 3;
    a.revision = 5;
    a.cleared_ms = -5;
    a.raised_ms = INT64_MIN;
    a.changed_ms = INT64_MAX;
    a.value = NAN;
    a.level = -0.5;
    rig_ok(outbox_alert_put(o, &a));
    d = (struct delivery){ .alert_id = a.id, .told_revision = UINT32_MAX, .maybe_created = true };
    snprintf(d.upstream, sizeof d.upstream, "psa");
    memset(d.ticket_id, 'i', sizeof d.ticket_id - 1);
    memset(d.ticket_url, 'u', sizeof d.ticket_url - 1);
    memset(d.note, 'n', sizeof d.note - 1);
    rig_ok(outbox_delivery_put(o, &d));
    before = rig_picture(o);
    outbox_close(&o);
    assert_null(o);
    o = rig_open(f.db);
    after = rig_picture(o);
    assert_string_equal(after, before);
    b = outbox_alert_find_open(o, "cpu", "cpu=0 \xc3\xa4\nx");
    assert_non_null(b);
    assert_true(isnan(b->value));
    assert_true(b->raised_ms == INT64_MIN && b->changed_ms == INT64_MAX && b->cleared_ms == -5);
    outbox_delivery_get(o, a.id, "psa", &e);
    assert_string_equal(e.ticket_id, d.ticket_id);
    assert_string_equal(e.ticket_url, d.ticket_url);
    assert_string_equal(e.note, d.note);
    assert_true(e.told_revision == UINT32_MAX && e.maybe_created && !e.told_cleared);
    outbox_close(&o);
    free(before);
    free(after);
    rig_folder_remove(&f);
}

static void texts_that_are_too_long_are_cut_at_a_character(void **state)
{
    struct outbox      *o = rig_open(NULL);
    struct alert        a = rig_alert("cpu", "");
    char                title[TITLE_MAX + 50];
    const struct alert *kept;

    (void)state;
    for (size_t i = 0; i + 2 < sizeof title; i += 2)
        memcpy(title + i, "\xc3\xa4", 2);
    title[sizeof title - 2] = title[sizeof title - 1] = '\0';
    a.title = title;
    a.facts = NULL;
    rig_ok(outbox_alert_put(o, &a));
    kept = outbox_alert_get(o, a.id);
    assert_int_equal(strlen(kept->title), TITLE_MAX - 2);
    assert_string_equal(kept->facts, "");
    outbox_close(&o);
}

static void an_alert_leaves_when_all_who_count_know_its_end(void **state)
{
    static const char *const both[] = { "desk", "psa" };
    struct rig_folder        f;
    struct outbox           *o;
    struct outbox_counts     c;
    int64_t                  a, b;

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    a = put(o, "cpu", "");
    b = put(o, "disk", "/");
    clear(o, a);
    outbox_retire(o, both, 2);
    assert_alerts(o, "1c 2 ");
    tell_end(o, a, "desk");
    outbox_retire(o, both, 2);
    assert_alerts(o, "1c 2 ");
    tell_end(o, a, "psa");
    tell_end(o, b, "desk"); /* told of an end that has not come: it is open */
    tell_end(o, b, "psa");
    outbox_retire(o, both, 2);
    assert_alerts(o, "2 ");
    assert_null(outbox_alert_get(o, a));
    outbox_counts(o, &c);
    assert_int_equal(c.history, 1);
    assert_int_equal(c.open_alerts, 1);
    outbox_close(&o);
    o = rig_open(f.db);
    assert_alerts(o, "2 ");
    clear(o, b);
    outbox_retire(o, both, 1);
    assert_alerts(o, "");
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void an_id_is_never_used_again(void **state)
{
    static const char *const upstreams[] = { "desk" };
    struct rig_folder        f;
    struct outbox           *o;
    int64_t                  last = 0;

    (void)state;
    rig_folder_make(&f);
    for (int i = 0; i < 5; i++) {
        int64_t id;

        o = rig_open(f.db);
        id = put(o, "cpu", "");
        assert_true(id > last);
        last = id;
        clear(o, id);
        tell_end(o, id, "desk");
        outbox_retire(o, upstreams, 1);
        outbox_close(&o);
    }
    rig_folder_remove(&f);
}

static void the_newest_open_alert_of_a_key_is_found_among_its_earlier_ones(void **state)
{
    struct outbox *o = rig_open(NULL);
    int64_t        first = put(o, "cpu", "a"), other = put(o, "cpu", "b"), second;

    (void)state;
    assert_int_equal(outbox_alert_find_open(o, "cpu", "a")->id, first);
    clear(o, first);
    assert_null(outbox_alert_find_open(o, "cpu", "a"));
    second = put(o, "cpu", "a");
    assert_int_equal(outbox_alert_find_open(o, "cpu", "a")->id, second);
    assert_int_equal(outbox_alert_find_open(o, "cpu", "b")->id, other);
    assert_alerts(o, "1c 2 3 ");
    outbox_close(&o);
}

static void what_is_not_kept_cannot_be_changed(void **state)
{
    struct outbox  *o = rig_open(NULL);
    struct alert    a = rig_alert("cpu", "");
    struct delivery d = { .alert_id = 7 };

    (void)state;
    a.id = 7;
    assert_int_equal(outbox_alert_put(o, &a).code, ERR_NOT_FOUND);
    assert_int_equal(outbox_delivery_put(o, &d).code, ERR_NOT_FOUND);
    outbox_delivery_get(o, 7, "psa", &d);
    assert_string_equal(d.upstream, "psa");
    assert_int_equal(d.told_revision, 0);
    assert_null(outbox_alert_get(o, 7));
    outbox_close(&o);
}

static void only_we_can_read_what_is_written(void **state)
{
    struct rig_folder f;
    char              nested[160], db[200];
    struct outbox    *o;
    DIR              *dir;
    struct dirent    *entry;
    unsigned          files = 0;
    struct stat       st;

    (void)state;
    rig_folder_make(&f);
    snprintf(nested, sizeof nested, "%s/a/b", f.path);
    snprintf(db, sizeof db, "%s/outbox.db", nested);
    umask(0);
    o = rig_open(db);
    rig_durable(o);
    put(o, "cpu", "");
    assert_int_equal(stat(nested, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    dir = opendir(nested);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[512];

        snprintf(path, sizeof path, "%s/%s", nested, entry->d_name);
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        files++;
        if (st.st_mode & 0077)
            fail_msg("%s has mode %o", entry->d_name, st.st_mode & 0777);
    }
    closedir(dir);
    assert_int_equal(files, 3); /* the database, its WAL, the lock */
    outbox_close(&o);
    assert_int_equal(chmod(db, 0644), 0);
    o = rig_open(db);
    assert_int_equal(stat(db, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    rig_durable(o);
    outbox_close(&o);
    umask(022);
    rig_folder_remove(&f);
}

static void a_second_agent_is_refused_until_the_first_has_ended(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 1 << 20 };
    struct outbox        *first, *second = NULL;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    first = rig_open(f.db);
    assert_int_equal(outbox_open(&options, &second).code, ERR_BUSY);
    assert_null(second);
    outbox_close(&first);
    first = rig_open(f.db);
    rig_durable(first);
    outbox_close(&first);
    rig_folder_remove(&f);
}

/* Whoever removes the lock file meets SQLite's own lock, which is one between processes. */
static void without_its_lock_file_a_second_agent_is_still_refused(void **state)
{
    struct rig_folder     f;
    struct outbox_options options = { .max_bytes = 1 << 20 };
    struct outbox        *first, *second = NULL;
    char                  lock[100], go;
    int                   ends[2], status;
    pid_t                 child;

    (void)state;
    rig_folder_make(&f);
    options.path = f.db;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(read(ends[0], &go, 1) == 1 ? (int)outbox_open(&options, &second).code : 99);
    first = rig_open(f.db);
    put(first, "cpu", "");
    snprintf(lock, sizeof lock, "%s.lock", f.db);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ERR_BUSY);
    put(first, "cpu", "2");
    rig_durable(first);
    close(ends[0]);
    close(ends[1]);
    outbox_close(&first);
    rig_folder_remove(&f);
}

static void without_a_path_all_is_in_memory_and_bounded(void **state)
{
    static const char *const upstreams[] = { "desk" };
    struct outbox           *o = rig_open(NULL);
    struct outbox_counts     c;

    (void)state;
    assert_false(rig_health(o).durable);
    assert_int_equal(rig_health(o).why.code, ERR_UNSUPPORTED);
    put(o, "stays", "");
    for (int i = 0; i < 3000; i++) {
        int64_t id = put(o, "cpu", "");

        clear(o, id);
        tell_end(o, id, "desk");
        outbox_retire(o, upstreams, 1);
    }
    outbox_counts(o, &c);
    assert_int_equal(c.open_alerts, 1);
    assert_true(rig_health(o).unsaved < 300);
    outbox_tick(o);
    outbox_close(&o);
    outbox_close(&o);
}

static void the_epoch_is_the_databases_own(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    char              first[36];

    (void)state;
    rig_folder_make(&f);
    o = rig_open(f.db);
    memcpy(first, rig_health(o).epoch, sizeof first);
    assert_int_equal(strlen(first), 32);
    outbox_close(&o);
    o = rig_open(f.db);
    assert_string_equal(rig_health(o).epoch, first);
    outbox_close(&o);
    assert_int_equal(unlink(f.db), 0);
    o = rig_open(f.db);
    assert_string_not_equal(rig_health(o).epoch, first);
    outbox_close(&o);
    rig_folder_remove(&f);
}

static void a_path_with_odd_characters_is_just_a_path(void **state)
{
    struct rig_folder f;
    char              db[120];
    struct outbox    *o;

    (void)state;
    rig_folder_make(&f);
    snprintf(db, sizeof db, "%s/100%% odd?mode=memory#&'.db", f.path);
    o = rig_open(db);
    rig_durable(o);
    put(o, "cpu", "");
    outbox_close(&o);
    o = rig_open(db);
    assert_alerts(o, "1 ");
    outbox_close(&o);
    rig_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_survive_a_restart),
        cmocka_unit_test(texts_that_are_too_long_are_cut_at_a_character),
        cmocka_unit_test(an_alert_leaves_when_all_who_count_know_its_end),
        cmocka_unit_test(an_id_is_never_used_again),
        cmocka_unit_test(the_newest_open_alert_of_a_key_is_found_among_its_earlier_ones),
        cmocka_unit_test(what_is_not_kept_cannot_be_changed),
        cmocka_unit_test(only_we_can_read_what_is_written),
        cmocka_unit_test(a_second_agent_is_refused_until_the_first_has_ended),
        cmocka_unit_test(without_its_lock_file_a_second_agent_is_still_refused),
        cmocka_unit_test(without_a_path_all_is_in_memory_and_bounded),
        cmocka_unit_test(the_epoch_is_the_databases_own),
        cmocka_unit_test(a_path_with_odd_characters_is_just_a_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
