#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/parse.h"

static const struct plat_proc_units units = { 100, 4096 };

#define REST \
    " 1 812 812 0 -1 4194560 8172 93 1 0 250 50 3 4 20 0 1 0 31415 108990464 3141 18446744073709551615 1 1 0 0\n"

static void the_name_may_hold_anything(void **state)
{
    static const struct {
        const char *text, *name;
        bool        defunct;
    } cases[] = {
        { "812 (cron) S" REST, "cron", false },
        { "812 (a b) S (c)) S" REST, "a b) S (c)", false },
        { "812 () Z" REST, "", true },
        { "812 ((sd-pam)) S" REST, "(sd-pam)", false },
        { "812 (\xff\n) R" REST, "\xff\n", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char                name[PLAT_PROCESS_NAME_MAX];
        struct plat_process p;

        if (!plat_pidstat_parse(cases[i].text, strlen(cases[i].text), &units, name, &p))
            fail_msg("%s", cases[i].text);
        assert_string_equal(p.name, cases[i].name);
        assert_int_equal(p.defunct, cases[i].defunct);
        assert_true(p.id == 812 && p.began == 31415 && p.cpu_ms == 3000 && p.memory_bytes == 3141 * 4096);
    }
}

static void what_is_no_process_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "812",
        "812 (cron",
        "812 cron) S" REST,
        "(cron) S" REST,
        "x (cron) S" REST,
        "812 )cron( S" REST,
        "812 (cron) S 1 2",
        "812 (cron) S 1 812 812 0 -1 4194560 8172 93 1 0 -250 50 3 4 20 0 1 0 31415 108990464 3141 1\n",
        "812 (cron) S 1 812 812 0 -1 4194560 8172 93 1 0 18446744073709551615 5 3 4 20 0 1 0 31415 108990464 3141 1\n",
        "812 (a name without an end aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) S" REST,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char                name[PLAT_PROCESS_NAME_MAX];
        struct plat_process p;

        if (plat_pidstat_parse(cases[i], strlen(cases[i]), &units, name, &p))
            fail_msg("%s", cases[i]);
    }
}

struct looked {
    uint64_t            wanted, last;
    struct plat_process found;
    size_t              count;
};

static void on_process(void *context, const struct plat_process *p)
{
    struct looked *l = context;

    assert_true(p->id > l->last); /* in order */
    l->last = p->id;
    l->count++;
    if (p->id == l->wanted)
        l->found = *p;
}

static void a_child_that_nobody_asked_for_is_defunct(void **state)
{
    struct looked l = { 0 };
    siginfo_t     how;
    pid_t         child = fork();

    (void)state;
    if (child == 0)
        _exit(0);
    assert_int_equal(waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0);
    l.wanted = (uint64_t)child;
    assert_int_equal(plat_proclist_read(on_process, &l).code, ERR_OK);
    assert_true(l.found.id == l.wanted && l.found.defunct);
    waitpid(child, NULL, 0);
    l = (struct looked){ .wanted = (uint64_t)getpid() };
    assert_int_equal(plat_proclist_read(on_process, &l).code, ERR_OK);
    assert_true(l.found.id == l.wanted && !l.found.defunct && l.found.memory_bytes > 0 && l.found.began > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_may_hold_anything),
        cmocka_unit_test(what_is_no_process_is_refused),
        cmocka_unit_test(a_child_that_nobody_asked_for_is_defunct),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
