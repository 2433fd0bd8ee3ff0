#include "check.h"

#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

/* The real collector over records, a clock and an ending of our own. */
#include "agent/collect/crashes.c"

#include "rootdir.h"

enum { HOUR_MS = 3600 * 1000 };

static const int64_t  NOW_MS = 1700000000000;
static struct lastrun last;
static double         up_hours;
static int64_t        records[8];
static size_t         record_count;

int64_t plat_clock_wall_ms(void)
{
    return NOW_MS;
}

const char *plat_clock_print(int64_t wall_ms, char into[CLOCK_TEXT_BYTES])
{
    snprintf(into, CLOCK_TEXT_BYTES, "%lldh", (long long)((wall_ms - NOW_MS) / HOUR_MS));
    return into;
}

struct err plat_uptime_read(double *ret_s)
{
    *ret_s = up_hours * 3600;
    return err_ok();
}

void plat_uptime_done(void)
{
}

void lastrun_get(struct lastrun *ret)
{
    *ret = last;
}

struct err plat_crashes_each(const char *root, plat_crash_fn *each, void *context)
{
    (void)root;
    for (size_t i = 0; i < record_count; i++)
        each(context, records[i]);
    return err_ok();
}

struct seen {
    struct sink sink;
    double      all, recent, unclean;
    char        last_seen[40];
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    double      *into[] = { [ALL] = &s->all, [RECENT] = &s->recent, [UNCLEAN] = &s->unclean };
    char         instance[80];

    *into[sample->metric - metrics] = sample->value;
    assert_string_equal(attrs_print(sample->attrs, sample->attr_count, instance, sizeof instance), "");
    if (sample->attr_count)
        snprintf(s->last_seen, sizeof s->last_seen, "%s", sample->attrs[0].value);
}

static void each_crash_counts_once_and_explains_what_it_ended(void **state)
{
    static const struct {
        const char      *name;
        enum plat_ending ending;
        double           seen, up, at[6]; /* hours; records 0: no more */
        int              all, recent, unclean;
    } cases[] = {
        { "nothing known", ENDING_UNKNOWN, 0, 1, { 0 }, 0, 0, -1 },
        { "shut down", ENDING_CLEAN, -2, 1, { 0 }, 0, 0, 0 },
        { "power cut", ENDING_UNCLEAN, -2, 1, { 0 }, 0, 0, 1 },
        { "power cut, two days ago", ENDING_UNCLEAN, -50, 49, { 0 }, 0, 0, 0 },
        { "crash in four pieces", ENDING_UNCLEAN, -2, 1, { -1.9, -1.91, -1.92, -1.93 }, 1, 1, 0 },
        { "crash, and off for a week after it", ENDING_UNCLEAN, -170, 1, { -170.1 }, 1, 1, 0 },
        { "the same a day later", ENDING_UNCLEAN, -195, 25, { -195.1 }, 1, 0, 0 },
        { "an old crash, and a power cut now", ENDING_UNCLEAN, -2, 1, { -300 }, 1, 0, 1 },
        { "old crashes", ENDING_CLEAN, -2, 1, { -300, -400, -20 }, 3, 1, 0 },
        { "records of a clock that was years ahead", ENDING_CLEAN, -2, 1, { 9000 }, 1, 0, 0 },
        { "crash, without a mark", ENDING_UNCLEAN, 0, 1, { -1.5 }, 1, 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s = { .sink = { on_sample }, .unclean = -1 };

        last =
            (struct lastrun){ cases[i].ending, cases[i].seen != 0 ? NOW_MS + (int64_t)(cases[i].seen * HOUR_MS) : 0 };
        up_hours = cases[i].up;
        for (record_count = 0; cases[i].at[record_count] != 0; record_count++)
            records[record_count] = NOW_MS + (int64_t)(cases[i].at[record_count] * HOUR_MS);
        assert_int_equal(collect_crashes.read(&s.sink).code, ERR_OK);
        if (s.all != cases[i].all || s.recent != cases[i].recent || s.unclean != cases[i].unclean)
            fail_msg("%s: %g %g %g", cases[i].name, s.all, s.recent, s.unclean);
        if (cases[i].ending == ENDING_UNCLEAN && cases[i].seen == 0)
            assert_string_equal(s.last_seen, "unknown");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_crash_counts_once_and_explains_what_it_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
