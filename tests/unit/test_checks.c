#include "tests/unit/check.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/user.h"

/* With its static parts: what is due when, and how many run. */
#include "agent/collect/checks.c"

enum { CHECKS = 8 };

static char                folder[64];
static struct config_check rows[CHECKS];
static struct config       config;
static const char         *commands[CHECKS][4];
static uv_loop_t           loop;
static unsigned            ready_calls;

struct seen {
    struct sink sink;
    unsigned    count;
    struct {
        const struct metric *metric;
        char                 name[40], more[PLUGIN_TEXT_MAX]; /* label or output */
        double               value;
    } all[200];
};

static struct seen seen;

/* ---- the rig ---- */

static void on_put(struct sink *self, const struct sample *s)
{
    struct seen *to = container_of(self, struct seen, sink);

    assert_true(to->count < ARRAY_LEN(to->all));
    to->all[to->count].metric = s->metric;
    to->all[to->count].value = s->value;
    snprintf(to->all[to->count].name, sizeof to->all[0].name, "%s", s->attrs[0].value);
    snprintf(to->all[to->count].more, sizeof to->all[0].more, "%s", s->attr_count > 1 ? s->attrs[1].value : "");
    to->count++;
}

static double value_of(const char *check, const char *metric, const char *label)
{
    for (unsigned i = 0; i < seen.count; i++)
        if (strcmp(seen.all[i].name, check) == 0 && strcmp(seen.all[i].metric->name, metric) == 0 &&
            (!label || strcmp(seen.all[i].more, label) == 0))
            return seen.all[i].value;
    fail_msg("no %s of %s %s", metric, check, label ? label : "");
    return 0;
}

static const char *output_of(const char *check)
{
    for (unsigned i = 0; i < seen.count; i++)
        if (strcmp(seen.all[i].name, check) == 0 && seen.all[i].metric == &metrics[STATE])
            return seen.all[i].more;
    fail_msg("no state of %s", check);
    return "";
}

static void on_ready(void *context)
{
    (void)context;
    ready_calls++;
}

static char *script(const char *name, const char *text)
{
    static char paths[CHECKS][128];
    static int  next;
    char       *path = paths[next++ % CHECKS];
    FILE       *file;

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", text);
    fclose(file);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static struct config_check *add(const char *name, const char *path)
{
    struct config_check *c = &rows[config.check_count];

    commands[config.check_count][0] = path;
    commands[config.check_count][1] = NULL;
    *c = (struct config_check){ name, commands[config.check_count], 300, 60, 20, "nobody" };
    config.check_count++;
    return c;
}

static void read_them(void)
{
    seen = (struct seen){ .sink = { on_put } };
    assert_false(failed(collect_checks.read(&seen.sink)));
}

static void run_once(void)
{
    unsigned before = ready_calls;

    assert_false(failed(collect_checks.begin(&loop, on_ready, NULL)));
    assert_int_equal(ready_calls, before);
    while (ready_calls == before)
        uv_run(&loop, UV_RUN_ONCE);
    assert_int_equal(ready_calls, before + 1);
    read_them();
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/picket-checks-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0755), 0);
    config = (struct config){ .checks = rows, .checks_at_once = 4 };
    assert_int_equal(uv_loop_init(&loop), 0);
    return 0;
}

static int teardown(void **state)
{
    char command[100];

    (void)state;
    collect_checks.cancel();
    collect_checks.done();
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? 0 : -1;
}

/* Does any process still run this script? */
static bool lives(const char *mark)
{
    char command[200];

    snprintf(command, sizeof command, "grep -lqs -- %s /proc/[0-9]*/cmdline", mark);
    return WEXITSTATUS(system(command)) == 0;
}

/* ---- the tests ---- */

static void exit_code_line_and_figures_become_samples(void **state)
{
    (void)state;
    add("good", script("good", "echo \"OK - fine | 'a b'=5;3;10;0;20 time=250ms used=40%;50;90 n=7c odd=1,5\"; exit 0"));
    add("warn", script("warn", "echo WARNING: hm; exit 1"));
    add("bad", script("bad", "echo CRITICAL: gone; exit 2"));
    add("unsure", script("unsure", "echo UNKNOWN: no idea; exit 3"));
    add("odd", script("odd", "echo oops; exit 127"));
    add("mute", script("mute", "exit 0"));
    add("complains", script("complains", "echo 'cannot find it' >&2; exit 2"));
    collect_checks.configure(&config);
    run_once();
    assert_true(value_of("good", "picket.check.state", NULL) == 0);
    assert_true(value_of("good", "picket.check.unknown", NULL) == 0);
    assert_string_equal(output_of("good"), "OK - fine");
    assert_true(value_of("good", "picket.check.value", "a b") == 5);
    assert_true(value_of("good", "picket.check.value.ratio", "a b") == 0.25);
    assert_true(value_of("good", "picket.check.value.severity", "a b") == PLUGIN_WARNING);
    assert_true(value_of("good", "picket.check.value.time", "time") == 0.25);
    assert_true(value_of("good", "picket.check.value.ratio", "used") == 0.4);
    assert_true(value_of("good", "picket.check.value.severity", "used") == PLUGIN_OK);
    assert_true(value_of("good", "picket.check.value.count", "n") == 7);
    assert_true(value_of("warn", "picket.check.state", NULL) == 1);
    assert_true(value_of("bad", "picket.check.state", NULL) == 2);
    assert_true(isnan(value_of("unsure", "picket.check.state", NULL)));
    assert_true(value_of("unsure", "picket.check.unknown", NULL) == 1);
    assert_true(isnan(value_of("odd", "picket.check.state", NULL)));
    assert_string_equal(output_of("odd"), "exit code 127, which no plugin ends with: oops");
    assert_string_equal(output_of("mute"), "(it printed nothing)");
    assert_string_equal(output_of("complains"), "cannot find it");
}

static void it_runs_as_nobody_without_a_shell_of_ours(void **state)
{
    struct config_check *c;

    (void)state;
    if (!plat_user_is_administrator())
        skip_because("only root can become another user");
    add("who", script("who", "echo \"$(id -un) $(id -Gn) [$1] $PATH\""));
    commands[0][1] = "$(touch /tmp/never); *";
    commands[0][2] = NULL;
    c = add("root", script("root", "id -u"));
    c->user = "root";
    c = add("missing", script("missing", "id -u"));
    c->user = "no-such-account";
    collect_checks.configure(&config);
    run_once();
    assert_non_null(strstr(output_of("who"), "nobody nogroup [$(touch /tmp/never); *] /usr/local/sbin"));
    assert_string_equal(output_of("root"), "0");
    assert_string_equal(output_of("missing"), "not run: there is no account no-such-account: name one in \"user\"");
}

static void what_others_could_exchange_is_refused_with_the_remedy(void **state)
{
    char inner[100], path[128], want[400];

    (void)state;
    add("missing", "/usr/lib/nagios/plugins/check_no_such_thing");
    add("plain", script("plain", "exit 0"));
    chmod(commands[1][0], 0644);
    add("writable", script("writable", "exit 0"));
    chmod(commands[2][0], 0775);
    snprintf(inner, sizeof inner, "%s/open", folder);
    assert_int_equal(mkdir(inner, 0755), 0);
    add("below", script("open/below", "exit 0"));
    chmod(inner, 0777);
    snprintf(path, sizeof path, "%s/link", folder);
    assert_int_equal(symlink(commands[3][0], path), 0);
    add("linked", path);
    add("folder", folder);
    collect_checks.configure(&config);
    run_once();
    assert_non_null(strstr(output_of("missing"), "there is no /usr/lib/nagios/plugins/check_no_such_thing: install"));
    snprintf(want, sizeof want, "chmod +x %s", commands[1][0]);
    assert_non_null(strstr(output_of("plain"), want));
    snprintf(want, sizeof want, "chmod go-w %s", commands[2][0]);
    assert_non_null(strstr(output_of("writable"), want));
    snprintf(want, sizeof want, "chmod go-w %s", inner);
    assert_non_null(strstr(output_of("below"), want));
    assert_non_null(strstr(output_of("linked"), want));
    assert_non_null(strstr(output_of("folder"), "is a folder"));
    for (size_t i = 0; i < config.check_count; i++) {
        assert_true(value_of(rows[i].name, "picket.check.unknown", NULL) == 1);
        assert_int_equal(checks.running, 0);
    }
}

static void a_script_for_root_is_guarded_as_its_interpreter_is(void **state)
{
    struct config_check *c;

    (void)state;
    if (!plat_user_is_administrator())
        skip_because("only root runs anything as root");
    c = add("script", "/bin/sh");
    commands[0][1] = script("script", "exit 0");
    commands[0][2] = NULL;
    chmod(commands[0][1], 0777);
    c->user = "root";
    collect_checks.configure(&config);
    run_once();
    assert_non_null(strstr(output_of("script"), "not run: others can change"));
}

static void a_hostile_check_leaves_nothing_behind(void **state)
{
    char mark[100];

    (void)state;
    snprintf(mark, sizeof mark, "/tmp/[p]%s/", folder + strlen("/tmp/p")); /* does not find the search itself */
    add("stubborn", script("stubborn", "trap '' TERM INT HUP; while :; do sleep 1; done"))->timeout_s = 1;
    add("silent", script("silent", "exec >&- 2>&-; sleep 30; exit 0"))->timeout_s = 1;
    add("grandchild", script("grandchild", "sh -c 'sleep 30; : '\"$0\" & echo OK; exit 0"))->timeout_s = 5;
    add("flood", script("flood", "echo 'OK | a=1 '; head -c 100000000 /dev/zero | tr '\\0' '7'; exit 0"))->timeout_s = 15;
    collect_checks.configure(&config);
    run_once();
    assert_non_null(strstr(output_of("stubborn"), "no end within 1 s"));
    assert_non_null(strstr(output_of("silent"), "no end within 1 s"));
    assert_string_equal(output_of("grandchild"), "OK");
    assert_true(value_of("grandchild", "picket.check.duration", NULL) < 4);
    assert_string_equal(output_of("flood"), "OK");
    assert_true(value_of("flood", "picket.check.value", "a") == 1);
    collect_checks.cancel();
    assert_false(lives(mark));
}

static void a_figure_that_was_cut_is_no_figure(void **state)
{
    (void)state;
    add("long", script("long", "printf 'OK |'; i=0; while [ $i -lt 9000 ]; do printf ' a=123456'; i=$((i+1)); done"));
    collect_checks.configure(&config);
    run_once();
    assert_int_equal(checks.all[0].count, 1); /* one label */
    assert_true(value_of("long", "picket.check.value", "a") == 123456);
}

static void as_many_run_at_once_as_are_allowed(void **state)
{
    static const char *const names[] = { "a", "b", "c", "d", "e" };
    size_t                   most = 0;
    uint64_t                 began;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        add(names[i], script(names[i], "sleep 0.2; echo OK"));
    config.checks_at_once = 2;
    collect_checks.configure(&config);
    began = plat_clock_steady_ms();
    ready_calls = 0;
    assert_false(failed(collect_checks.begin(&loop, on_ready, NULL)));
    while (ready_calls == 0) {
        most = checks.running > most ? checks.running : most;
        uv_run(&loop, UV_RUN_ONCE);
    }
    assert_int_equal(most, 2);
    assert_true(plat_clock_steady_ms() - began >= 600);
    read_them();
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_true(value_of(names[i], "picket.check.state", NULL) == 0);
}

static void a_slow_one_holds_up_the_first_reading_only(void **state)
{
    (void)state;
    add("quick", script("quick", "echo OK"));
    add("slow", script("slow", "sleep 30"));
    collect_checks.configure(&config);
    checks.all_known = true; /* as after the first reading */
    ready_calls = 0;
    assert_false(failed(collect_checks.begin(&loop, on_ready, NULL)));
    uv_timer_start(checks.timer, on_timer, 700, 0); /* instead of ten seconds */
    while (ready_calls == 0)
        uv_run(&loop, UV_RUN_ONCE);
    read_them();
    assert_true(value_of("quick", "picket.check.state", NULL) == 0);
    assert_int_equal(checks.running, 1);
    assert_false(failed(collect_checks.begin(&loop, on_ready, NULL))); /* and it is not started twice */
    assert_int_equal(checks.running, 1);
    collect_checks.cancel();
    assert_int_equal(checks.running, 0);
    assert_int_equal(ready_calls, 1);
}

static void runs_are_spread_and_closer_after_a_change(void **state)
{
    static const struct plugin_output nothing;
    uint64_t                          second[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        add("x", "/bin/true");
    collect_checks.configure(&config);
    for (size_t i = 0; i < 4; i++) {
        checks.all[i].due_ms = 1000;
        on_end(&checks.all[i].run, PLUGIN_OK, 0, &nothing);
        second[i] = checks.all[i].due_ms;
    }
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(second[i], 1000 + 75000 * (i + 1));
    on_end(&checks.all[0].run, PLUGIN_CRITICAL, 0, &nothing);
    for (int retry = 0; retry < RETRIES; retry++) {
        assert_int_equal(checks.all[0].due_ms, second[0] + 60000 * (uint64_t)(retry + 1));
        on_end(&checks.all[0].run, PLUGIN_CRITICAL, 0, &nothing);
    }
    assert_int_equal(checks.all[0].due_ms, second[0] + 60000 * RETRIES + 300000);
}

static void where_none_is_configured_nothing_is_done(void **state)
{
    (void)state;
    collect_checks.configure(&config);
    assert_int_equal(collect_checks.begin(&loop, on_ready, NULL).code, ERR_UNSUPPORTED);
    assert_int_equal(collect_checks.read(&seen.sink).code, ERR_UNSUPPORTED);
    assert_false(uv_loop_alive(&loop));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(exit_code_line_and_figures_become_samples),
        CASE(it_runs_as_nobody_without_a_shell_of_ours),
        CASE(what_others_could_exchange_is_refused_with_the_remedy),
        CASE(a_script_for_root_is_guarded_as_its_interpreter_is),
        CASE(a_hostile_check_leaves_nothing_behind),
        CASE(a_figure_that_was_cut_is_no_figure),
        CASE(as_many_run_at_once_as_are_allowed),
        CASE(a_slow_one_holds_up_the_first_reading_only),
        CASE(runs_are_spread_and_closer_after_a_change),
        CASE(where_none_is_configured_nothing_is_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
