#include "check.h"

#include <sys/stat.h>
#include <utime.h>

/* The real judgement over a boot and records of our own. */
#include "agent/lastrun.c"

#include "rootdir.h"

static const char      *boot = "11111111-1111-1111-1111-111111111111";
static enum plat_ending recorded;

void plat_host_read(const struct plat_source *from, struct plat_host *ret)
{
    (void)from;
    *ret = (struct plat_host){ .booted_ms = 1 };
    snprintf(ret->boot_id, sizeof ret->boot_id, "%s", boot);
}

enum plat_ending plat_ending_read(const char *root, int64_t booted_ms)
{
    (void)root;
    (void)booted_ms;
    return recorded;
}

#define MARK(boot_digit, state, ended)                                                                              \
    "picket-run 1\nboot " boot_digit "1111111-1111-1111-1111-111111111111\nstate " state "\nended " ended "\nseen " \
                                                                                                          "500\n"

static void the_systems_record_is_right_and_the_mark_speaks_without_one(void **state)
{
    static const struct {
        const char      *name, *mark;
        enum plat_ending recorded, want;
        int64_t          seen_ms;
    } cases[] = {
        { "first start, no records", "", ENDING_UNKNOWN, ENDING_UNKNOWN, 0 },
        { "first start, records", "", ENDING_UNCLEAN, ENDING_UNCLEAN, 0 },
        { "told to stop", MARK("2", "stopped", "clean"), ENDING_UNKNOWN, ENDING_CLEAN, 900 },
        { "never told to stop", MARK("2", "at-work", "clean"), ENDING_UNKNOWN, ENDING_UNCLEAN, 900 },
        { "killed, then shut down", MARK("2", "at-work", "clean"), ENDING_CLEAN, ENDING_CLEAN, 900 },
        { "power cut", MARK("2", "at-work", "clean"), ENDING_UNCLEAN, ENDING_UNCLEAN, 900 },
        { "told to stop where no end is recorded", MARK("2", "stopped", "clean"), ENDING_UNCLEAN, ENDING_CLEAN, 900 },
        { "the same run: as it was judged", MARK("1", "at-work", "unclean"), ENDING_CLEAN, ENDING_UNCLEAN, 500 },
        { "the same run, stopped", MARK("1", "stopped", "clean"), ENDING_UNCLEAN, ENDING_CLEAN, 500 },
        { "damaged", "picket-run 1\nboot zzz\n", ENDING_UNKNOWN, ENDING_UNKNOWN, 0 },
        { "another word", MARK("1", "at-work", "other"), ENDING_CLEAN, ENDING_UNKNOWN, 500 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lastrun now;

        lastrun_judge(cases[i].mark, &(struct lastrun_now){ boot, cases[i].recorded, 900 }, &now);
        if (now.ending != cases[i].want || now.seen_ms != cases[i].seen_ms)
            fail_msg("%s", cases[i].name);
    }
}

static struct lastrun start_in(const char *folder, const char *boot_now)
{
    struct lastrun now;

    boot = boot_now;
    lastrun_open(folder);
    lastrun_get(&now);
    return now;
}

static void from_run_to_run(void **state)
{
    static const char first[] = "aaaa-1", second[] = "aaaa-2", third[] = "aaaa-3";
    char             *folder = rootdir_make();
    char              path[128];
    struct lastrun    now;

    (void)state;
    chmod(folder, 0700);
    snprintf(path, sizeof path, "%s/last-run", folder);
    recorded = ENDING_UNKNOWN;
    assert_int_equal(start_in(folder, first).ending, ENDING_UNKNOWN);
    assert_int_equal(start_in(folder, first).ending, ENDING_UNKNOWN); /* it was killed, and the system was not */
    utime(path, &(struct utimbuf){ 5000, 5000 });
    now = start_in(folder, second);
    assert_int_equal(now.ending, ENDING_UNCLEAN);
    assert_int_equal(now.seen_ms, 5000 * 1000);
    lastrun_close();
    assert_int_equal(start_in(folder, second).ending, ENDING_UNCLEAN);
    lastrun_close();
    assert_int_equal(start_in(folder, third).ending, ENDING_CLEAN);
    lastrun_close();
    rootdir_remove(folder);
}

static void a_mark_that_cannot_be_kept_leaves_it_unknown(void **state)
{
    (void)state;
    recorded = ENDING_UNKNOWN;
    assert_int_equal(start_in("/proc/no/such", "aaaa-1").ending, ENDING_UNKNOWN);
    lastrun_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_systems_record_is_right_and_the_mark_speaks_without_one),
        cmocka_unit_test(from_run_to_run),
        cmocka_unit_test(a_mark_that_cannot_be_kept_leaves_it_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
