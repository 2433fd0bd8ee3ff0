#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The real collector over a CPU of our own. */
#include "agent/collect/cpu.c"

static struct plat_cpus next;
static struct err       answer;

struct err plat_cpu_read(struct plat_cpus *ret)
{
    if (!failed(answer))
        *ret = next;
    return answer;
}

void plat_cpu_done(void)
{
}

struct seen {
    struct sink sink;
    double      share[3], mode[PLAT_CPU_MODES];
    int         shares, modes, counts;
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    ptrdiff_t    which = sample->metric - metrics;

    if (which == MODE) {
        assert_string_equal(sample->attrs[0].key, "cpu.mode");
        for (int i = 0; i < PLAT_CPU_MODES; i++)
            if (strcmp(sample->attrs[0].value, modes[i]) == 0)
                s->mode[i] = sample->value;
        s->modes++;
        return;
    }
    assert_int_equal(sample->attr_count, 0);
    if (which == COUNT) {
        s->counts++;
        return;
    }
    s->share[which] = sample->value;
    s->shares++;
}

static struct seen read_once(uint64_t busy, uint64_t idle, uint64_t iowait, uint64_t steal)
{
    struct seen s = { .sink = { on_sample } };

    next.count = 4;
    memset(&next.all, 0, sizeof next.all);
    next.all.ticks[PLAT_CPU_USER] = busy / 2; /* what is busy: in four modes */
    next.all.ticks[PLAT_CPU_NICE] = busy / 4;
    next.all.ticks[PLAT_CPU_SYSTEM] = busy - busy / 2 - busy / 4;
    next.all.ticks[PLAT_CPU_INTERRUPT] = 7;
    next.all.ticks[PLAT_CPU_IDLE] = idle;
    next.all.ticks[PLAT_CPU_IOWAIT] = iowait;
    next.all.ticks[PLAT_CPU_STEAL] = steal;
    answer = err_ok();
    assert_int_equal(collect_cpu.read(&s.sink).code, ERR_OK);
    assert_int_equal(s.counts, 1);
    assert_int_equal(s.modes, s.shares ? PLAT_CPU_MODES : 0);
    return s;
}

static int forget(void **state)
{
    (void)state;
    collect_cpu.done();
    return 0;
}

static bool about(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

static void the_modes_are_told_apart_and_make_one(void **state)
{
    struct seen s;
    double      sum = 0;

    (void)state;
    read_once(1000, 5000, 100, 10);
    s = read_once(1400, 5400, 250, 60); /* 400 + 400 + 150 + 50 */
    assert_true(about(s.mode[PLAT_CPU_USER], 0.2) && about(s.mode[PLAT_CPU_NICE], 0.1) &&
                about(s.mode[PLAT_CPU_SYSTEM], 0.1) && about(s.mode[PLAT_CPU_INTERRUPT], 0));
    assert_true(about(s.mode[PLAT_CPU_IDLE], 0.4) && about(s.mode[PLAT_CPU_IOWAIT], 0.15) &&
                about(s.mode[PLAT_CPU_STEAL], 0.05));
    for (int i = 0; i < PLAT_CPU_MODES; i++)
        sum += s.mode[i];
    assert_true(about(sum, 1));
}

static void shares_are_of_the_time_between_two_readings(void **state)
{
    struct seen s;

    (void)state;
    s = read_once(1000, 5000, 100, 10);
    assert_int_equal(s.shares, 0);
    s = read_once(1500, 5300, 250, 60); /* 500 + 300 + 150 + 50 */
    assert_int_equal(s.shares, 3);
    assert_true(about(s.share[UTILIZATION], 0.55) && s.share[IOWAIT] == 0.15 && s.share[STEAL] == 0.05);
    s = read_once(1500, 6300, 250, 60);
    assert_true(s.shares == 3 && s.share[UTILIZATION] == 0);
}

static void a_small_step_back_of_an_estimate_does_no_harm(void **state)
{
    struct seen s;

    (void)state;
    read_once(1000, 5000, 100, 0);
    s = read_once(2000, 6000, 95, 0);
    assert_true(s.shares == 3 && about(s.share[UTILIZATION], 0.5) && s.share[IOWAIT] == 0);
}

static void counters_that_started_over_give_no_share_once(void **state)
{
    struct seen s;

    (void)state;
    read_once(1000, 5000, 100, 0);
    s = read_once(900, 100, 1, 0);
    assert_int_equal(s.shares, 0);
    s = read_once(1000, 200, 1, 0);
    assert_true(s.shares == 3 && about(s.share[UTILIZATION], 0.5));
}

static void readings_too_close_give_no_share_and_lose_nothing(void **state)
{
    struct seen s;

    (void)state;
    read_once(1000, 5000, 0, 0);
    s = read_once(1004, 5000, 0, 0);
    assert_int_equal(s.shares, 0);
    s = read_once(1008, 5008, 0, 0);
    assert_true(s.shares == 3 && about(s.share[UTILIZATION], 0.5));
}

static void a_failed_reading_gives_nothing(void **state)
{
    struct seen s = { .sink = { on_sample } };

    (void)state;
    answer = err_of(ERR_OS, "testing");
    assert_int_equal(collect_cpu.read(&s.sink).code, ERR_OS);
    assert_int_equal(s.shares + s.counts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_modes_are_told_apart_and_make_one, forget),
        cmocka_unit_test_setup(shares_are_of_the_time_between_two_readings, forget),
        cmocka_unit_test_setup(a_small_step_back_of_an_estimate_does_no_harm, forget),
        cmocka_unit_test_setup(counters_that_started_over_give_no_share_once, forget),
        cmocka_unit_test_setup(readings_too_close_give_no_share_and_lose_nothing, forget),
        cmocka_unit_test_setup(a_failed_reading_gives_nothing, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
