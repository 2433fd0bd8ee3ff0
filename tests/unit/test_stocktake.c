/* Inventories that the agent takes by itself. The process that reads is this same program: main() looks at its arguments, and
 * at LANG, which a child gets of our environment. */
#include "agent/stocktake.c"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include "outbox_rig.h"

enum { MINUTE = 60 * 1000, START = 5000 * 1000 };

static const int64_t NOON = INT64_C(1780000000000);

/* ---- in the child ---- */

static int act(const char *how)
{
    static const char whole[] = "13\tnew\t3\t\nend\n";

    if (strcmp(how, "hangs") == 0)
        poll(NULL, 0, 60 * 1000);
    if (strcmp(how, "fails") == 0)
        return 1;
    if (strcmp(how, "dies") == 0)
        raise(SIGKILL);
    return write(CHILD_PASS_FIRST, whole, strcmp(how, "breaks off") == 0 ? 8 : sizeof whole - 1) > 0 ? 0 : 9;
}

/* ---- a place to take it in ---- */

struct place {
    struct rig_folder folder;
    uv_loop_t         loop;
    struct outbox    *outbox;
    struct stocktake *s;
};

static void open_place(struct place *p)
{
    rig_folder_make(&p->folder);
    assert_int_equal(uv_loop_init(&p->loop), 0);
    p->outbox = rig_open(p->folder.db);
    rig_ok(stocktake_new(&p->loop, p->outbox, p->folder.path, &p->s));
}

static void close_place(struct place *p)
{
    stocktake_free(&p->s);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&p->loop), 0);
    outbox_close(&p->outbox);
    rig_folder_remove(&p->folder);
}

static bool append(void *context, int section, const char *row)
{
    char *list = context;

    snprintf(list + strlen(list), 200 - strlen(list), "%d:%s\n", section, row);
    return true;
}

static void assert_kept(struct place *p, const char *want)
{
    char       list[200] = "";
    struct err e = outbox_inventory_each(p->outbox, append, list);

    assert_true(!failed(e) || e.code == ERR_NOT_FOUND);
    assert_string_equal(list, want);
}

static unsigned files_in(const char *folder)
{
    DIR           *dir = opendir(folder);
    struct dirent *entry;
    unsigned       count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        count += strncmp(entry->d_name, "inventory-", 10) == 0;
    closedir(dir);
    return count;
}

static void begin(struct place *p, const char *how, uint64_t at_ms)
{
    setenv("LANG", how, 1);
    rig_ok(stocktake_begin(p->s, at_ms, NOON));
}

static void wait_for_end(struct place *p)
{
    while (p->s->child)
        uv_run(&p->loop, UV_RUN_ONCE);
}

/* ---- one of them ---- */

static void what_the_child_ends_is_kept_and_what_it_does_not_is_not(void **state)
{
    static const char *const bad[] = { "fails", "dies", "breaks off" };
    struct place             p;

    (void)state;
    open_place(&p);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        begin(&p, bad[i], START);
        assert_int_equal(files_in(p.folder.path), 0);
        wait_for_end(&p);
        assert_kept(&p, "");
        assert_true(p.s->failing);
    }
    begin(&p, "works", START);
    assert_int_equal(stocktake_begin(p.s, START, NOON).code, ERR_BUSY);
    wait_for_end(&p);
    assert_kept(&p, "13:new\t3\t\n");
    assert_false(p.s->failing);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        begin(&p, bad[i], START);
        wait_for_end(&p);
        assert_kept(&p, "13:new\t3\t\n");
    }
    close_place(&p);
}

static void one_that_hangs_is_ended(void **state)
{
    struct place p;

    (void)state;
    open_place(&p);
    stocktake_run(p.s, 24, START, NOON);
    begin(&p, "hangs", START);
    stocktake_run(p.s, 24, START + 3 * MINUTE, NOON);
    assert_false(p.s->overdue);
    stocktake_run(p.s, 24, START + 3 * MINUTE + 1, NOON);
    wait_for_end(&p);
    assert_true(p.s->failing);
    assert_kept(&p, "");
    close_place(&p);
}

static void an_agent_that_ends_meanwhile_leaves_nothing(void **state)
{
    struct place p;

    (void)state;
    open_place(&p);
    begin(&p, "hangs", START);
    assert_int_equal(files_in(p.folder.path), 0);
    close_place(&p);
}

static void where_no_file_can_be_made_it_is_said_and_tried_again(void **state)
{
    struct place p;

    (void)state;
    open_place(&p);
    p.s->folder = "/nowhere";
    stocktake_run(p.s, 24, START, NOON);
    stocktake_run(p.s, 24, START + 11 * MINUTE, NOON);
    assert_null(p.s->child);
    assert_true(p.s->failing);
    p.s->folder = p.folder.path;
    setenv("LANG", "works", 1);
    stocktake_run(p.s, 24, START + 70 * MINUTE, NOON);
    assert_null(p.s->child);
    stocktake_run(p.s, 24, START + 71 * MINUTE, NOON);
    wait_for_end(&p);
    assert_kept(&p, "13:new\t3\t\n");
    close_place(&p);
}

/* ---- when ---- */

static void the_first_one_is_minutes_after_the_start(void **state)
{
    struct place p;

    (void)state;
    open_place(&p);
    setenv("LANG", "works", 1);
    stocktake_run(p.s, 24, START, NOON);
    stocktake_run(p.s, 24, START + 3 * MINUTE - 1, NOON);
    assert_null(p.s->child);
    stocktake_run(p.s, 0, START + 11 * MINUTE, NOON);
    assert_null(p.s->child); /* it was told never to */
    stocktake_run(p.s, 24, START + 11 * MINUTE, NOON);
    assert_non_null(p.s->child);
    wait_for_end(&p);
    assert_kept(&p, "13:new\t3\t\n");
    close_place(&p);
}

static void the_next_one_is_due_by_either_clock(void **state)
{
    static const struct {
        const char *name;
        uint32_t    hours;
        bool        failing;
        uint64_t    passed_ms; /* steady */
        int64_t     moved_ms;  /* wall */
        bool        want;
    } cases[] = {
        { "a day has passed", 24, false, 24 * 60 * MINUTE, 24 * 60 * MINUTE, true },
        { "not yet", 24, false, 24 * 60 * MINUTE - 1, 24 * 60 * MINUTE - 1, false },
        { "every hour", 1, false, 60 * MINUTE, 60 * MINUTE, true },
        { "the clock stood still", 24, false, 24 * 60 * MINUTE, 0, true },
        { "the clock went back", 24, false, 24 * 60 * MINUTE, -5 * 60 * MINUTE, true },
        { "slept through the night", 24, false, 15 * 60 * MINUTE, 24 * 60 * MINUTE, true },
        { "ten years ahead", 24, false, 11 * MINUTE, INT64_C(315360000000), true },
        { "ten years back", 24, false, 11 * MINUTE, -INT64_C(315360000000), true },
        { "ten years ahead just now", 24, false, 1 * MINUTE, INT64_C(315360000000), false },
        { "failed an hour ago", 24, true, 60 * MINUTE, 60 * MINUTE, true },
        { "failed a minute ago", 24, true, 1 * MINUTE, 1 * MINUTE, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stocktake s = { .began = true, .failing = cases[i].failing, .at_ms = START, .wall_ms = NOON };

        if (is_due(&s, cases[i].hours, START + cases[i].passed_ms, NOON + cases[i].moved_ms) != cases[i].want)
            fail_msg("%s", cases[i].name);
    }
    assert_true(is_due(&(struct stocktake){ .began = true, .wall_ms = INT64_MIN }, 24, 11 * MINUTE, INT64_MAX));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_child_ends_is_kept_and_what_it_does_not_is_not),
        cmocka_unit_test(one_that_hangs_is_ended),
        cmocka_unit_test(an_agent_that_ends_meanwhile_leaves_nothing),
        cmocka_unit_test(where_no_file_can_be_made_it_is_said_and_tried_again),
        cmocka_unit_test(the_first_one_is_minutes_after_the_start),
        cmocka_unit_test(the_next_one_is_due_by_either_clock),
    };
    const char *how = getenv("LANG");

    if (argc > 1 && strcmp(argv[1], "probe") == 0)
        return act(how ? how : "");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
