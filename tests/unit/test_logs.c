#include "tests/unit/check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/user.h"

/* With its static parts: what is kept when. */
#include "agent/collect/logs.c"

static char              folder[64], path[100], marks[100];
static const char *const globs[] = { "*FAIL*", NULL };
static struct config_log row;
static struct config     config;
static uv_loop_t         loop;
static unsigned          ready_calls;

struct seen {
    struct sink sink;
    double      matches, recent, unreadable, skipped;
    char        line[ATTR_VALUE_MAX], reason[ATTR_VALUE_MAX];
};

static struct seen seen;

/* ---- the rig ---- */

static void on_put(struct sink *self, const struct sample *s)
{
    struct seen *to = container_of(self, struct seen, sink);

    assert_string_equal(s->attrs[0].value, "it");
    if (s->metric == &metrics[MATCHES])
        to->matches = s->value;
    else if (s->metric == &metrics[SKIPPED])
        to->skipped = s->value;
    else if (s->metric == &metrics[RECENT]) {
        to->recent = s->value;
        snprintf(to->line, sizeof to->line, "%s", s->attrs[2].value);
    } else {
        to->unreadable = s->value;
        snprintf(to->reason, sizeof to->reason, "%s", s->attrs[1].value);
    }
}

static void on_ready(void *context)
{
    (void)context;
    ready_calls++;
}

/* A reading up to where it would be handed over. */
static void reach(void)
{
    unsigned before = ready_calls;

    assert_false(failed(collect_logs.begin(&loop, on_ready, NULL)));
    assert_int_equal(ready_calls, before);
    while (ready_calls == before)
        uv_run(&loop, UV_RUN_ONCE);
}

static double look(void)
{
    reach();
    seen = (struct seen){ .sink = { on_put } };
    assert_false(failed(collect_logs.read(&seen.sink)));
    return seen.recent;
}

static void put(const char *file, const char *mode, const char *text)
{
    FILE *f = fopen(file, mode);

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void start(void)
{
    collect_logs.configure(&config);
}

/* Ends as a kill does: nothing more is kept. */
static void kill_it(void)
{
    collect_logs.cancel();
    logs.moved = false;
    start();
}

static const char *beside(const char *name)
{
    static char other[140];

    snprintf(other, sizeof other, "%s/%s", folder, name);
    return other;
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/picket-logs-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/app.log", folder);
    snprintf(marks, sizeof marks, "%s/marks", folder);
    row = (struct config_log){ .name = "it", .file = path, .match = globs, .severity = "warning" };
    config = (struct config){ .logs = &row, .log_count = 1 };
    logs_keep(marks);
    assert_int_equal(uv_loop_init(&loop), 0);
    log_open("test", LOG_LEVEL_ERROR);
    return 0;
}

static int teardown(void **state)
{
    char command[100];

    (void)state;
    collect_logs.cancel();
    collect_logs.done();
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : -1;
}

/* ---- the tests ---- */

static void what_was_there_before_the_first_start_is_no_news(void **state)
{
    (void)state;
    put(path, "w", "FAIL of yesterday\nFAIL that has not en");
    start();
    assert_true(look() == 0);
    put(path, "a", "ded\nfine\nFAIL now\nFAIL half");
    assert_true(look() == 1);
    assert_string_equal(seen.line, "FAIL now");
    assert_true(look() == 0);
    put(path, "a", " a line\n");
    assert_true(look() == 1);
    assert_string_equal(seen.line, "FAIL half a line");
    assert_true(seen.matches == 2 && seen.unreadable == 0);
}

static void a_file_that_appears_later_is_read_from_its_beginning(void **state)
{
    (void)state;
    start();
    assert_true(look() == 0);
    assert_true(seen.unreadable == 1);
    assert_string_equal(seen.reason, "there is no such file");
    put(path, "w", "FAIL at once\n");
    assert_true(look() == 1);
    assert_true(seen.unreadable == 0);
    collect_logs.done();
    unlink(path);
    row.optional = 1;
    start();
    assert_true(look() == 0);
    assert_true(seen.unreadable == 0);
}

static void a_restart_goes_on_where_it_was(void **state)
{
    (void)state;
    put(path, "w", "");
    start();
    look();
    put(path, "a", "FAIL one\n");
    assert_true(look() == 1);
    collect_logs.done();
    put(path, "a", "FAIL two\n");
    start();
    assert_true(look() == 1);
    assert_string_equal(seen.line, "FAIL two");
    assert_true(seen.matches == 2);
}

/* Between reading and saving: the lines are read again, and none is lost. */
static void a_kill_loses_no_line(void **state)
{
    (void)state;
    put(path, "w", "");
    start();
    look();
    put(path, "a", "FAIL one\n");
    assert_true(look() == 1);
    kill_it();
    put(path, "a", "FAIL two\n");
    assert_true(look() == 2);
    reach(); /* the next reading saves */
    put(path, "a", "FAIL three\n");
    look();
    kill_it();
    assert_true(look() == 1);
    assert_string_equal(seen.line, "FAIL three");
    put(path, "a", "FAIL four\n");
    reach(); /* read, and not handed over */
    kill_it();
    assert_true(look() == 1);
    assert_string_equal(seen.line, "FAIL four");
}

static void a_file_with_another_name_is_read_to_its_end(void **state)
{
    (void)state;
    put(path, "w", "");
    start();
    look();
    put(path, "a", "FAIL before\n");
    assert_int_equal(rename(path, beside("app.log.1")), 0);
    put(path, "w", "FAIL after\n");
    assert_true(look() == 2);
    put(beside("app.log.1"), "a", "FAIL late\nFAIL unended"); /* its writer had not noticed yet */
    assert_true(look() == 2);
    put(beside("app.log.1"), "a", "\nFAIL too late\n");
    assert_true(look() == 0);
    assert_int_equal(logs.all[0].old.file, -1);
    put(path, "a", "FAIL again\n");
    assert_int_equal(unlink(path), 0); /* removed, as by compression, before it was read */
    assert_true(look() == 1);
    assert_true(look() == 0);
    assert_true(seen.unreadable == 1);
    put(path, "w", "FAIL anew\n");
    assert_true(look() == 1);
    assert_true(seen.unreadable == 0 && seen.matches == 6);
}

static void a_file_that_was_cut_is_read_from_its_beginning(void **state)
{
    (void)state;
    put(path, "w", "FAIL 1\nFAIL 2\nFAIL 3\n");
    start();
    look();
    put(path, "w", "FAIL 4\n");
    assert_true(look() == 1);
    put(path, "w", "FAIL 5, and more than was there before\nFAIL 6\n");
    assert_true(look() == 2);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(truncate(path, 100000), 0); /* a writer that goes on at the old place */
    put(path, "a", "FAIL 7\n");
    assert_true(look() == 1);
    assert_string_equal(seen.line, "FAIL 7");
}

static void what_happened_to_it_while_we_were_stopped_is_found_out(void **state)
{
    (void)state;
    put(path, "w", "first\n");
    start();
    look();
    collect_logs.done();
    put(path, "a", "FAIL before\n");
    assert_int_equal(rename(path, beside("app-20261201.log")), 0);
    put(path, "w", "FAIL after\n");
    start();
    assert_true(look() == 2);
    assert_true(seen.unreadable == 0);
    look();
    collect_logs.done();
    assert_int_equal(mkdir(beside("sub"), 0700), 0); /* it is gone, and nobody gets its number */
    assert_int_equal(rename(path, beside("sub/x")), 0);
    put(path, "w", "FAIL anew\n");
    start();
    assert_true(look() == 1);
    assert_true(seen.unreadable == 1);
    assert_non_null(strstr(seen.reason, "what came after its byte 11 was not looked at"));
    assert_true(look() == 0);
    assert_true(seen.unreadable == 0);
    collect_logs.done();
    put(path, "w", "FAIL in the same file, cut\n");
    start();
    assert_true(look() == 1);
}

static void what_is_no_plain_file_is_not_read(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    start();
    look();
    assert_true(seen.unreadable == 1);
    assert_string_equal(seen.reason, "it is no plain file");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    look();
    assert_true(seen.unreadable == 1);
    rmdir(path);
    assert_int_equal(symlink("/dev/zero", path), 0);
    look();
    assert_true(seen.unreadable == 1);
    unlink(path);
    put(beside("secret"), "w", "FAIL secret\n");
    chmod(folder, 0777); /* others could have made what follows */
    assert_int_equal(symlink(beside("secret"), path), 0);
    look();
    assert_string_equal(seen.reason, "following a link in a folder that others can write to");
    unlink(path);
    assert_int_equal(link(beside("secret"), path), 0);
    look();
    assert_string_equal(seen.reason, "it has a second name (a hard link), in a folder that others can write to");
    chmod(folder, 0700);
    look();
    assert_true(seen.unreadable == 0);
    put(path, "a", "FAIL in the open\n");
    assert_true(look() == 1);
}

static void a_flood_is_read_in_portions_and_none_of_it_twice(void **state)
{
    enum { LINES = 300000 };
    double all = 0;
    FILE  *f;

    (void)state;
    put(path, "w", "");
    start();
    look();
    f = fopen(path, "a");
    assert_non_null(f);
    for (int i = 0; i < LINES; i++)
        fprintf(f, "%06d a line of a program that writes a great deal when it %s: one that is long enough to fill\n", i,
                i % 1000 ? "works" : "FAILs");
    fclose(f);
    do {
        all += look();
        assert_true(logs.taken <= READING_MAX);
    } while (!logs.all[0].now.ended);
    assert_true(all == LINES / 1000);
    assert_int_equal(logs.all[0].lines, LINES);
    assert_true(seen.skipped == 0);
}

static void what_is_passed_over_is_said(void **state)
{
    (void)state;
    put(path, "w", "first\n");
    start();
    look();
    assert_int_equal(truncate(path, 400 * 1024 * 1024), 0); /* a hole takes no room */
    put(path, "a", "\nFAIL at the end\n");
    look();
    assert_true(seen.unreadable == 1 && seen.skipped > 380e6);
    assert_string_equal(seen.reason, "it grows faster than it can be read: 384 MiB were not looked at");
    while (!logs.all[0].now.ended)
        look();
    assert_true(seen.matches == 1 && seen.unreadable == 0);
}

static void a_look_from_the_command_line_looks_back(void **state)
{
    struct log_view view;

    (void)state;
    put(path, "w", "FAIL one\nfine\nFAIL two\n");
    logs_keep(NULL);
    start();
    reach();
    assert_true(logs_get(0, &view));
    assert_int_equal(view.lines, 3);
    assert_int_equal(view.matches, 2);
    assert_string_equal(view.text, "FAIL two");
    assert_false(logs_get(1, &view));
    collect_logs.done();
    assert_int_not_equal(access(marks, F_OK), 0);
}

static void marks_that_are_damaged_do_no_harm(void **state)
{
    static const char *const texts[] = { "", "\n\n", "file it 5\n", "file it x y z\n", "journal it 4 s=1\nfile\n",
                                         "file it 1 99999999999999999999999999 18446744073709551615 ffffffff /else\n" };

    (void)state;
    put(path, "w", "FAIL before\n");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        put(marks, "w", texts[i]);
        start();
        assert_true(look() == 0);
        assert_true(seen.matches == 0 && seen.unreadable == 0);
    }
    collect_logs.done();
    chmod(marks, 0666);
    assert_int_equal(rename(marks, beside("elsewhere")), 0);
    assert_int_equal(symlink(beside("elsewhere"), marks), 0);
    start();
    assert_true(look() == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(what_was_there_before_the_first_start_is_no_news),
        TEST(a_file_that_appears_later_is_read_from_its_beginning),
        TEST(a_restart_goes_on_where_it_was),
        TEST(a_kill_loses_no_line),
        TEST(a_file_with_another_name_is_read_to_its_end),
        TEST(a_file_that_was_cut_is_read_from_its_beginning),
        TEST(what_happened_to_it_while_we_were_stopped_is_found_out),
        TEST(what_is_no_plain_file_is_not_read),
        TEST(a_flood_is_read_in_portions_and_none_of_it_twice),
        TEST(what_is_passed_over_is_said),
        TEST(a_look_from_the_command_line_looks_back),
        TEST(marks_that_are_damaged_do_no_harm),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
