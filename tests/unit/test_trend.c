/* What a forecast believes and what it does not: growth, yes; rotation, one big copy, noise, no. */
#include "tests/unit/check.h"

#include <math.h>

#include "agent/rule/trend.h"
#include "platform/buf.h"

enum { HOUR = 3600, DAY = 86400, STEP_S = 300 };

/* Hour by hour from 0 on; random is from 0 to 1, the same in each run. */
typedef double shape_fn(double hour, double random);

static double steady(double h, double r) { (void)r; return 0.5 + 0.005 * h; }
static double slow(double h, double r) { (void)r; return 0.5 + 0.0005 * h; }
static double noisy(double h, double r) { return 0.5 + 0.005 * h + 0.03 * (r - 0.5); }
static double flat(double h, double r) { (void)h; (void)r; return 0.8; }
static double noise(double h, double r) { (void)h; return 0.7 + 0.2 * r; }
static double shrinks(double h, double r) { (void)r; return 0.9 - 0.004 * h; }
static double rotated_daily(double h, double r) { (void)r; return 0.6 + 0.3 * fmod(h, 24) / 24; }
static double rotated_late(double h, double r) { (void)r; return 0.6 + 0.3 * fmod(h + 11, 24) / 24; }
static double rotated_hourly(double h, double r) { (void)r; return 0.8 + 0.15 * fmod(h, 1); }
static double rotated_and_grows(double h, double r) { (void)r; return 0.5 + 0.005 * h + 0.1 * fmod(h, 2) / 2; }
static double copied_once(double h, double r) { (void)r; return h < 30 ? 0.4 : h < 33 ? 0.4 + 0.15 * (h - 30) : 0.85; }
static double copied_late(double h, double r) { (void)r; return h < 68 ? 0.4 : 0.4 + 0.1 * (h - 68); }
static double copied_early(double h, double r) { (void)r; return h < 14 ? 0.4 : 0.85; }
static double copied_twice(double h, double r) { (void)r; return 0.4 + (h > 20 ? 0.2 : 0) + (h > 50 ? 0.25 : 0); }
static double backup_nightly(double h, double r) { (void)r; return 0.6 + (fmod(h, 24) < 4 ? 0.3 : 0); }
static double office_hours(double h, double r) { (void)r; return 0.5 + 0.1 * floor(h / 24) + 0.1 * fmin(1, fmod(h, 24) / 9); }
static double weekly_batch(double h, double r) { (void)r; return 0.55 + (fmod(h, 168) > 60 ? 0.02 * (fmod(h, 168) - 60) : 0); }
static double emptied(double h, double r) { (void)r; return h < 60 ? 0.3 + 0.01 * h : 0.3 + 0.001 * (h - 60); }

static double run(shape_fn *shape, double hours, enum trend_keeps keeps, double there)
{
    struct trend t;
    uint32_t     seed = 7;

    trend_init(&t, 72 * HOUR, keeps);
    for (unsigned s = 0; s < (unsigned)(hours * HOUR); s += STEP_S) {
        seed = seed * 1664525u + 1013904223u;
        trend_put(&t, 1000 * (uint64_t)(s + 12345), shape((double)s / HOUR, (double)(seed >> 8) / (1 << 24)));
    }
    return trend_until_s(&t, 1000 * (uint64_t)(hours * HOUR + 12345), there) / HOUR;
}

static void growth_is_foreseen_and_what_only_looks_like_it_is_not(void **state)
{
    static const struct {
        const char *name;
        shape_fn   *shape;
        double      hours, from, to; /* full within, in hours; from INFINITY: never; NaN: it cannot know */
    } cases[] = {
        { "too early to say", steady, 35, NAN, 0 },
        { "steady growth", steady, 72, 26, 30 },
        { "steady growth, half the history", steady, 40, 58, 62 },
        { "slow growth is far away", slow, 72, 900, 950 },
        { "growth under noise", noisy, 72, 26, 36 },
        { "growth under a log that is rotated", rotated_and_grows, 72, 26, 30 },
        { "growth in office hours", office_hours, 96, 20, 60 },
        { "nothing changes", flat, 72, INFINITY, 0 },
        { "noise", noise, 72, INFINITY, 0 },
        { "it shrinks", shrinks, 72, INFINITY, 0 },
        { "rotated each day, just before", rotated_daily, 71.9, INFINITY, 0 },
        { "rotated each day, two days known", rotated_daily, 47.9, INFINITY, 0 },
        { "rotated each day, one and a half", rotated_late, 37, INFINITY, 0 },
        { "rotated each hour", rotated_hourly, 72, INFINITY, 0 },
        { "one big copy in the middle", copied_once, 72, INFINITY, 0 },
        { "one big copy just now", copied_late, 73.9, INFINITY, 0 },
        { "one big copy at the beginning", copied_early, 72, INFINITY, 0 },
        { "two big copies", copied_twice, 72, INFINITY, 0 },
        { "a backup each night", backup_nightly, 72, INFINITY, 0 },
        { "a batch of the week", weekly_batch, 72, INFINITY, 0 },
        { "emptied lately", emptied, 72, INFINITY, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double got = run(cases[i].shape, cases[i].hours, TREND_LOWEST, 1.0);
        bool   well = isnan(cases[i].from)   ? isnan(got)
                      : isinf(cases[i].from) ? isinf(got)
                                             : got >= cases[i].from && got <= cases[i].to;

        if (!well)
            fail_msg("%s: %.1f h, not %.0f to %.0f", cases[i].name, got, cases[i].from, cases[i].to);
    }
}

static double sinks(double h, double r) { (void)r; return 500 - 5 * h; }
static double sinks_and_is_filled(double h, double r) { (void)r; return 500 - 15 * fmod(h, 24); }

static void what_falls_is_foreseen_as_well(void **state)
{
    double got = run(sinks, 72, TREND_HIGHEST, 0);

    (void)state;
    assert_true(got > 26 && got < 32);
    assert_true(isinf(run(sinks_and_is_filled, 71, TREND_HIGHEST, 0)));
    assert_true(isinf(run(steady, 72, TREND_HIGHEST, 0)));
    assert_true(run(sinks, 72, TREND_HIGHEST, 200) == 0); /* it is there */
}

static void gaps_and_clocks_that_go_back_leave_the_rest_as_it_was(void **state)
{
    struct trend t;

    (void)state;
    trend_init(&t, 72 * HOUR, TREND_LOWEST);
    for (unsigned h = 0; h < 72; h++)
        if (h < 20 || h > 30) /* asleep */
            trend_put(&t, 1000 * (uint64_t)h * HOUR, 0.5 + 0.005 * h);
    trend_put(&t, 0, 99);
    trend_put(&t, 1000 * (uint64_t)70 * HOUR, 0.86); /* within the newest block, but not lower */
    assert_true(fabs(trend_until_s(&t, 1000 * (uint64_t)72 * HOUR, 1.0) - 28 * HOUR) < HOUR);
    trend_put(&t, 1000 * (uint64_t)2000 * HOUR, 0.5); /* all of it is too old now */
    assert_true(isnan(trend_until_s(&t, 1000 * (uint64_t)2000 * HOUR, 1.0)));
    trend_put(&t, UINT64_MAX, 0.5);
    assert_true(isnan(trend_until_s(&t, 1000 * (uint64_t)2000 * HOUR, 1.0)));
}

static void a_rate_is_over_the_time_asked_for(void **state)
{
    struct trend t;

    (void)state;
    trend_init(&t, HOUR + HOUR / 10, TREND_LAST);
    assert_true(isnan(trend_rate(&t, 0, 1, HOUR)));
    for (unsigned s = 0; s <= 2 * HOUR; s += 60) {
        double value = s < HOUR ? 100 : 100 + (s - HOUR) / 60.0, rate = trend_rate(&t, 1000 * (uint64_t)s, value, HOUR);

        if (s < 54 * 60)
            assert_true(isnan(rate));
        else if (s >= 58 * 60 && s < HOUR)
            assert_true(rate == 0);
        trend_put(&t, 1000 * (uint64_t)s, value);
    }
    assert_true(fabs(trend_rate(&t, 7200000, 160, HOUR) * HOUR - 60) < 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_is_foreseen_and_what_only_looks_like_it_is_not),
        cmocka_unit_test(what_falls_is_foreseen_as_well),
        cmocka_unit_test(gaps_and_clocks_that_go_back_leave_the_rest_as_it_was),
        cmocka_unit_test(a_rate_is_over_the_time_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
