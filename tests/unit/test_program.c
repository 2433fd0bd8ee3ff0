/* The programs are the system's own: mostly sh with a line. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#include "platform/buf.h"
#include "platform/program.h"

struct seen {
    int                        calls;
    struct plat_program_result r;
    char                       out[4096], err_text[4096], end[100];
    struct plat_program       *program;
};

static void on_done(void *context, const struct plat_program_result *r)
{
    struct seen *s = context;

    s->calls++;
    s->r = *r;
    assert_true(r->out_len < sizeof s->out);
    memcpy(s->out, r->out, r->out_len + 1);
    memcpy(s->err_text, r->err_text, r->err_len + 1);
    plat_program_end_print(r, s->end, sizeof s->end);
    plat_program_close(&s->program);
}

/* What it started with, run to the end on a loop of its own. */
static struct err run(const char *const *args, uint32_t timeout_ms, size_t output_max, struct seen *s)
{
    struct plat_program_options o = { .args = args, .timeout_ms = timeout_ms, .output_max = output_max,
                                      .on_done = on_done, .context = s };
    uv_loop_t                   loop;
    struct err                  e;

    memset(s, 0, sizeof *s);
    assert_int_equal(uv_loop_init(&loop), 0);
    e = plat_program_start(&loop, &o, &s->program);
    assert_int_equal(s->calls, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return e;
}

static void sh(const char *line, struct seen *s)
{
    const char *const args[] = { "sh", "-c", line, NULL };

    assert_int_equal(run(args, 20000, 1000, s).code, ERR_OK);
    assert_int_equal(s->calls, 1);
}

static void what_it_says_and_how_it_ends_is_told(void **state)
{
    static const struct {
        const char *line, *out, *err_text, *end;
        enum plat_program_end how;
        int status, signal;
    } cases[] = {
        { "echo hello; echo oh >&2; exit 3", "hello\n", "oh\n", "exit code 3", PROGRAM_EXITED, 3, 0 },
        { "true", "", "", "exit code 0", PROGRAM_EXITED, 0, 0 },
        { "kill -9 $$", "", "", "killed by signal 9", PROGRAM_SIGNALLED, 0, 9 },
        { "cat; pwd; echo \"$PATH $LC_ALL $HOME\"",
          "/\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin C.UTF-8 /\n", "", "exit code 0", PROGRAM_EXITED,
          0, 0 },
        { "exec >&- 2>&-; sleep 0.2; exit 4", "", "", "exit code 4", PROGRAM_EXITED, 4, 0 },
        { "ls /proc/self/fd", "0\n1\n2\n3\n", "", "exit code 0", PROGRAM_EXITED, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s;

        print_message("%s\n", cases[i].line);
        sh(cases[i].line, &s);
        assert_string_equal(s.out, cases[i].out);
        assert_string_equal(s.err_text, cases[i].err_text);
        assert_string_equal(s.end, cases[i].end);
        assert_int_equal(s.r.end, cases[i].how);
        assert_int_equal(s.r.status, cases[i].status);
        assert_int_equal(s.r.signal, cases[i].signal);
        assert_false(s.r.out_cut);
    }
}

static void too_much_output_is_cut_and_the_program_still_ends(void **state)
{
    struct seen s;

    (void)state;
    sh("head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' y >&2; echo end; exit 5", &s);
    assert_int_equal(s.r.status, 5);
    assert_int_equal(s.r.out_len, 1000);
    assert_int_equal(s.r.err_len, PROGRAM_ERR_MAX);
    assert_true(s.r.out_cut);
    assert_int_equal(strspn(s.out, "x"), 1000);
}

/* Dead is enough: whoever inherited it may not bury it. */
static bool is_dead(const char *pid_text)
{
    char  path[64], text[512] = "";
    FILE *stat;

    snprintf(path, sizeof path, "/proc/%ld/stat", strtol(pid_text, NULL, 10));
    stat = fopen(path, "r");
    if (!stat)
        return true;
    if (!fgets(text, sizeof text, stat))
        text[0] = '\0';
    fclose(stat);
    return strstr(text, ") Z ") != NULL;
}

static bool is_gone(const char *pid_text)
{
    assert_true(strtol(pid_text, NULL, 10) > 1);
    for (int i = 0; i < 200; i++) {
        if (is_dead(pid_text))
            return true;
        usleep(10000);
    }
    return false;
}

static void at_the_time_limit_its_whole_group_dies(void **state)
{
    const char *const args[] = { "sh", "-c", "trap '' TERM INT HUP; sleep 600 & echo $!; wait", NULL };
    struct seen       s;

    (void)state;
    assert_int_equal(run(args, 300, 1000, &s).code, ERR_OK);
    assert_int_equal(s.r.end, PROGRAM_TIMED_OUT);
    assert_true(s.r.took_ms >= 300 && s.r.took_ms < 10000);
    assert_true(is_gone(s.out));
}

static void one_that_left_something_behind_is_not_waited_for(void **state)
{
    struct seen s;

    (void)state;
    sh("sleep 600 & echo $!; exit 0", &s);
    assert_int_equal(s.r.end, PROGRAM_EXITED);
    assert_true(is_gone(s.out));
    /* this one left the group as well, so it lives and holds the pipe */
    sh("setsid sleep 5 & echo $!; exit 0", &s);
    assert_int_equal(s.r.end, PROGRAM_EXITED);
    assert_true(s.r.took_ms < 4000);
    kill((pid_t)strtol(s.out, NULL, 10), SIGKILL);
}

static void what_cannot_be_started_says_why(void **state)
{
    static const struct {
        const char   *file;
        enum err_code code;
    } cases[] = {
        { "no-such-program-here", ERR_NOT_FOUND },
        { "/no/such/program", ERR_NOT_FOUND },
        { "/etc/passwd", ERR_DENIED },
        { "/", ERR_DENIED },
    };
    struct seen s;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *const args[] = { cases[i].file, NULL };

        print_message("%s\n", cases[i].file);
        assert_int_equal(run(args, 1000, 1000, &s).code, cases[i].code);
        assert_int_equal(s.calls, 0);
        assert_null(s.program);
    }
}

static void on_nothing(void *context, const struct plat_program_result *r)
{
    (void)context;
    (void)r;
    fail_msg("it was forgotten, and spoke");
}

static void one_that_is_closed_is_killed_and_silent(void **state)
{
    const char *const           args[] = { "sleep", "600", NULL };
    struct plat_program_options o = { .args = args, .timeout_ms = 60000, .output_max = 10, .on_done = on_nothing };
    struct plat_program        *program;
    uv_loop_t                   loop;
    char                        pid[32];

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(plat_program_start(&loop, &o, &program).code, ERR_OK);
    snprintf(pid, sizeof pid, "%llu", (unsigned long long)plat_program_id(program));
    plat_program_close(&program);
    plat_program_close(&program);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_true(is_gone(pid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says_and_how_it_ends_is_told),
        cmocka_unit_test(too_much_output_is_cut_and_the_program_still_ends),
        cmocka_unit_test(at_the_time_limit_its_whole_group_dies),
        cmocka_unit_test(one_that_left_something_behind_is_not_waited_for),
        cmocka_unit_test(what_cannot_be_started_says_why),
        cmocka_unit_test(one_that_is_closed_is_killed_and_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
