/* The children are this same program: main() looks at its first argument. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#include "platform/buf.h"
#include "platform/child.h"
#include "platform/lock.h"

enum { LINK = CHILD_PASS_FIRST, LOCK };

/* ---- in the child ---- */

static void say(const char *text)
{
    if (write(LINK, text, strlen(text)) < 0)
        _exit(9);
}

/* "0 1 2 3": what is open besides what asking opens. */
static int tell_descriptors(void)
{
    char text[64] = "";

    for (int fd = 0; fd < 64; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", fd);
    }
    say(text);
    return 0;
}

static int tell_environment(void)
{
    for (char **e = environ; *e; e++) {
        say(*e);
        say("\n");
    }
    return 0;
}

static int tell_user(void)
{
    char text[64], cwd[32];

    snprintf(text, sizeof text, "%d %d %d %s", (int)geteuid(), (int)getegid(), getgroups(0, NULL),
             getcwd(cwd, sizeof cwd));
    say(text);
    return 0;
}

static int wait_for_ever(void)
{
    say("waiting");
    poll(NULL, 0, 60000);
    return 0;
}

static int end_with_7(void)
{
    return 7;
}

static int remove_program_and_spawn(void);

static const struct {
    const char *name;
    int (*act)(void);
} roles[] = {
    { "descriptors", tell_descriptors },
    { "environment", tell_environment },
    { "user", tell_user },
    { "wait", wait_for_ever },
    { "fail", end_with_7 },
    { "upgraded", remove_program_and_spawn },
};

/* ---- in the parent ---- */

struct ended {
    unsigned times;
    int64_t  status;
    int      signal;
};

static void on_end(void *context, int64_t status, int signal)
{
    struct ended *ended = context;

    ended->times++;
    ended->status = status;
    ended->signal = signal;
}

struct stage {
    uv_loop_t          loop;
    struct plat_child *child;
    struct ended       ended;
    int                link;
};

static struct err spawn(struct stage *s, const char *role, int lock, const struct plat_user *become)
{
    const char *const         args[] = { "a child", role, NULL };
    int                       theirs = -1;
    struct plat_child_options o = { .args = args, .become = become, .on_exit = on_end, .context = &s->ended };
    struct err                e;

    memset(s, 0, sizeof *s);
    uv_loop_init(&s->loop);
    e = plat_child_link(&s->link, &theirs);
    if (failed(e))
        return e;
    o.pass[o.pass_count++] = theirs;
    if (lock >= 0)
        o.pass[o.pass_count++] = lock;
    e = plat_child_spawn(&s->loop, &o, &s->child);
    close(theirs);
    return e;
}

/* All it says until it closes the link. */
static const char *heard(struct stage *s)
{
    static char text[4096];
    size_t      len = 0;
    ssize_t     n;

    while ((n = read(s->link, text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    return text;
}

static void finish(struct stage *s)
{
    uv_run(&s->loop, UV_RUN_DEFAULT);
    plat_child_close(&s->child);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    close(s->link);
    assert_int_equal(uv_loop_close(&s->loop), 0);
}

static void a_child_inherits_what_is_passed_and_nothing_else(void **state)
{
    struct stage s;
    int          other = open("/dev/null", O_RDONLY); /* as if whoever started us had left it open */

    (void)state;
    assert_false(failed(spawn(&s, "descriptors", -1, NULL)));
    assert_string_equal(heard(&s), "0 1 2 3 ");
    finish(&s);
    assert_int_equal(s.ended.times, 1);
    assert_int_equal(s.ended.status, 0);
    close(other);
}

static void a_child_gets_a_small_environment(void **state)
{
    struct stage s;
    const char  *text;

    (void)state;
    setenv("PICKET_SECRET", "x", 1);
    setenv("LD_LIBRARY_PATH", "/nowhere", 1);
    setenv("https_proxy", "http://proxy:1", 1);
    assert_false(failed(spawn(&s, "environment", -1, NULL)));
    text = heard(&s);
    assert_non_null(strstr(text, "https_proxy=http://proxy:1\n"));
    assert_non_null(strstr(text, "PATH="));
    assert_null(strstr(text, "SECRET"));
    assert_null(strstr(text, "LD_"));
    finish(&s);
    unsetenv("LD_LIBRARY_PATH");
}

static void an_exit_is_told_with_its_status_or_signal(void **state)
{
    struct stage s;

    (void)state;
    assert_false(failed(spawn(&s, "fail", -1, NULL)));
    finish(&s);
    assert_int_equal(s.ended.status, 7);
    assert_int_equal(s.ended.signal, 0);

    assert_false(failed(spawn(&s, "wait", -1, NULL)));
    plat_child_kill(s.child);
    finish(&s);
    assert_int_equal(s.ended.times, 1);
    assert_int_equal(s.ended.signal, SIGKILL);
}

static void a_forgotten_child_is_killed_silently(void **state)
{
    struct stage s;

    (void)state;
    assert_false(failed(spawn(&s, "wait", -1, NULL)));
    plat_child_close(&s.child);
    assert_null(s.child);
    assert_string_not_equal(heard(&s), "x"); /* until the link ends: it is dead */
    finish(&s);
    assert_int_equal(s.ended.times, 0);
}

static void a_passed_lock_lives_as_long_as_the_child(void **state)
{
    char         path[] = "/tmp/test_child.XXXXXX";
    struct stage s;
    int          lock = -1, mine = -1, fd = mkstemp(path);
    char         byte;

    (void)state;
    close(fd);
    assert_false(failed(plat_lock_take(path, &lock)));
    assert_int_equal(plat_lock_take(path, &mine).code, ERR_BUSY);
    assert_int_equal(mine, -1);
    assert_false(failed(spawn(&s, "wait", lock, NULL)));
    plat_lock_release(&lock);
    assert_int_equal(lock, -1);
    assert_int_equal(read(s.link, &byte, 1), 1); /* it runs */
    assert_int_equal(plat_lock_take(path, &mine).code, ERR_BUSY);
    plat_child_kill(s.child);
    finish(&s);
    assert_false(failed(plat_lock_take(path, &mine)));
    plat_lock_release(&mine);
    plat_lock_release(&mine); /* accepted */
    unlink(path);
}

static void root_can_make_it_somebody_else(void **state)
{
    struct plat_user nobody;
    struct stage     s;
    char             want[64];

    (void)state;
    if (!plat_user_is_administrator() || failed(plat_user_find("nobody", &nobody)))
        skip_because("needs root, and an account nobody");
    snprintf(want, sizeof want, "%u %u 0 /", nobody.id, nobody.group);
    assert_false(failed(spawn(&s, "user", -1, &nobody)));
    assert_string_equal(heard(&s), want);
    finish(&s);
}

static void others_cannot_become_somebody_else(void **state)
{
    struct plat_user root;
    struct stage     s;

    (void)state;
    if (plat_user_is_administrator())
        skip_because("root may become anybody");
    assert_false(failed(plat_user_find("root", &root)));
    assert_int_equal(spawn(&s, "user", -1, &root).code, ERR_DENIED);
    finish(&s);
}

/* In a copy of this program, which removes itself from the disk first. */
static int remove_program_and_spawn(void)
{
    char         path[256];
    ssize_t      len = readlink("/proc/self/exe", path, sizeof path - 1);
    struct stage s;

    if (len < 0)
        return 1;
    path[len] = '\0';
    if (unlink(path) != 0 || failed(spawn(&s, "fail", -1, NULL)))
        return 2;
    finish(&s);
    return s.ended.status == 7 ? 0 : 3;
}

static void a_replaced_program_still_starts_its_own_kind(void **state)
{
    char copy[] = "/tmp/test_child.XXXXXX", command[256];
    int  fd = mkstemp(copy);

    (void)state;
    close(fd);
    snprintf(command, sizeof command, "cp /proc/%d/exe %s && chmod 700 %s && %s upgraded", (int)getpid(), copy, copy,
             copy);
    assert_int_equal(system(command), 0);
    assert_int_not_equal(access(copy, F_OK), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_inherits_what_is_passed_and_nothing_else),
        cmocka_unit_test(a_child_gets_a_small_environment),
        cmocka_unit_test(an_exit_is_told_with_its_status_or_signal),
        cmocka_unit_test(a_forgotten_child_is_killed_silently),
        cmocka_unit_test(a_passed_lock_lives_as_long_as_the_child),
        cmocka_unit_test(root_can_make_it_somebody_else),
        cmocka_unit_test(others_cannot_become_somebody_else),
        cmocka_unit_test(a_replaced_program_still_starts_its_own_kind),
    };

    for (size_t i = 0; argc > 1 && i < ARRAY_LEN(roles); i++) {
        if (strcmp(argv[1], roles[i].name) == 0)
            return roles[i].act();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
