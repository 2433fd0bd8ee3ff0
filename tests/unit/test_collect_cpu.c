#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The real collector over a CPU of our own. */
#include "agent/collect/cpu.c"

static struct plat_cpu next;
static struct err      answer;

struct err plat_cpu_read(struct plat_cpu *ret)
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
    double      share[3];
    int         shares, counts;
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    ptrdiff_t    which = sample->metric - metrics;

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

    next = (struct plat_cpu){ busy, idle, iowait, steal, 4 };
    answer = err_ok();
    assert_int_equal(collect_cpu.read(&s.sink).code, ERR_OK);
    assert_int_equal(s.counts, 1);
    return s;
}

static int forget(void **state)
{
    (void)state;
    collect_cpu.done();
    return 0;
}

static void shares_are_of_the_time_between_two_readings(void **state)
{
    struct seen s;

    (void)state;
    s = read_once(1000, 5000, 100, 10);
    assert_int_equal(s.shares, 0);
    s = read_once(1500, 5300, 250, 60); /* 500 + 300 + 150 + 50 */
    assert_int_equal(s.shares, 3);
    assert_true(s.share[UTILIZATION] == 0.55 && s.share[IOWAIT] == 0.15 && s.share[STEAL] == 0.05);
    s = read_once(1500, 6300, 250, 60);
    assert_true(s.shares == 3 && s.share[UTILIZATION] == 0);
}

static void a_small_step_back_of_an_estimate_does_no_harm(void **state)
{
    struct seen s;

    (void)state;
    read_once(1000, 5000, 100, 0);
    s = read_once(2000, 6000, 95, 0);
    assert_true(s.shares == 3 && s.share[UTILIZATION] == 0.5 && s.share[IOWAIT] == 0);
}

static void counters_that_started_over_give_no_share_once(void **state)
{
    struct seen s;

    (void)state;
    read_once(1000, 5000, 100, 0);
    s = read_once(900, 100, 1, 0);
    assert_int_equal(s.shares, 0);
    s = read_once(1000, 200, 1, 0);
    assert_true(s.shares == 3 && s.share[UTILIZATION] == 0.5);
}

static void readings_too_close_give_no_share_and_lose_nothing(void **state)
{
    struct seen s;

    (void)state;
    read_once(1000, 5000, 0, 0);
    s = read_once(1004, 5000, 0, 0);
    assert_int_equal(s.shares, 0);
    s = read_once(1008, 5008, 0, 0);
    assert_true(s.shares == 3 && s.share[UTILIZATION] == 0.5);
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
        cmocka_unit_test_setup(shares_are_of_the_time_between_two_readings, forget),
        cmocka_unit_test_setup(a_small_step_back_of_an_estimate_does_no_harm, forget),
        cmocka_unit_test_setup(counters_that_started_over_give_no_share_once, forget),
        cmocka_unit_test_setup(readings_too_close_give_no_share_and_lose_nothing, forget),
        cmocka_unit_test_setup(a_failed_reading_gives_nothing, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
