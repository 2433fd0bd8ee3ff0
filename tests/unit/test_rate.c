#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "agent/collect/rate.h"

static const uint64_t T0 = 5000;

static void a_rate_needs_two_readings(void **state)
{
    struct rates r = { 0 };
    double       per_s[2];
    bool         known = true;

    (void)state;
    rates_begin(&r, T0);
    assert_int_equal(rates_put(&r, "a", (uint64_t[]){ 100, 7 }, 2, per_s, &known).code, ERR_OK);
    assert_false(known);
    rates_end(&r);
    rates_begin(&r, T0 + 2000);
    assert_int_equal(rates_put(&r, "a", (uint64_t[]){ 300, 7 }, 2, per_s, &known).code, ERR_OK);
    assert_true(known && per_s[0] == 100 && per_s[1] == 0);
    rates_end(&r);
    rates_done(&r);
}

static void a_counter_that_went_back_gives_no_rate_once(void **state)
{
    static const struct {
        uint64_t counters[2];
        bool     known;
        double   per_s;
    } steps[] = {
        { { 1000, 50 }, false, 0 }, { { 2000, 50 }, true, 1000 },
        { { 10, 60 }, false, 0 }, /* started over */
        { { 510, 60 }, true, 500 }, { { 4294967290, 70 }, true, 4294966780.0 },
        { { 5, 80 }, false, 0 }, /* 32 bits were full */
        { { 6, 1 }, false, 0 },  /* the other one went back */
        { { 7, 1 }, true, 1 },      { { UINT64_MAX, 1 }, true, 18446744073709551608.0 },
    };
    struct rates r = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        double per_s[2];
        bool   known;

        rates_begin(&r, T0 + i * 1000);
        assert_int_equal(rates_put(&r, "a", steps[i].counters, 2, per_s, &known).code, ERR_OK);
        assert_int_equal(known, steps[i].known);
        if (known)
            assert_true(per_s[0] == steps[i].per_s);
        rates_end(&r);
    }
    rates_done(&r);
}

static void a_counter_known_to_have_32_bits_may_wrap(void **state)
{
    static const uint64_t full = (uint64_t)UINT32_MAX + 1;
    const struct {
        const char *name;
        uint64_t    from[2], to[2]; /* the second is narrow */
        bool        known;
        double      per_s;
    } cases[] = {
        { "full", { 100, full - 500 }, { 101, 1500 }, true, 2000 },
        { "started over", { 100, full - 500 }, { 3, 1500 }, false, 0 },
        { "too far back for a wrap", { 100, full / 2 }, { 101, 1500 }, false, 0 },
        { "too far on for a wrap", { 100, full - 500 }, { 101, full / 2 }, false, 0 },
        { "more than 32 bits after all", { 100, full + 500 }, { 101, 1500 }, false, 0 },
        { "the wide one may not", { full - 500, 100 }, { 1500, 101 }, false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rates r = { .narrow = 1u << 1 };
        double       per_s[2] = { 0 };
        bool         known;

        rates_begin(&r, T0);
        rates_put(&r, "a", cases[i].from, 2, per_s, &known);
        rates_end(&r);
        rates_begin(&r, T0 + 1000);
        rates_put(&r, "a", cases[i].to, 2, per_s, &known);
        rates_end(&r);
        if (known != cases[i].known || (known && per_s[1] != cases[i].per_s))
            fail_msg("%s: %d %f", cases[i].name, known, per_s[1]);
        rates_done(&r);
        assert_int_equal(r.narrow, 1u << 1);
    }
}

static void readings_too_close_give_no_rate_and_lose_nothing(void **state)
{
    struct rates r = { 0 };
    double       per_s;
    bool         known;

    (void)state;
    rates_begin(&r, T0);
    rates_put(&r, "a", (uint64_t[]){ 0 }, 1, &per_s, &known);
    rates_end(&r);
    rates_begin(&r, T0 + RATE_LEAST_MS - 1);
    rates_put(&r, "a", (uint64_t[]){ 50 }, 1, &per_s, &known);
    assert_false(known);
    rates_end(&r);
    rates_begin(&r, T0 + 1000);
    rates_put(&r, "a", (uint64_t[]){ 100 }, 1, &per_s, &known);
    assert_true(known && per_s == 100);
    rates_end(&r);
    rates_done(&r);
}

static void a_thing_that_was_away_starts_anew(void **state)
{
    struct rates r = { 0 };
    double       per_s;
    bool         known;

    (void)state;
    for (int i = 0; i < 2; i++) {
        rates_begin(&r, T0 + (uint64_t)i * 10000);
        rates_put(&r, "a", (uint64_t[]){ 100 }, 1, &per_s, &known);
        rates_put(&r, "b", (uint64_t[]){ 100 }, 1, &per_s, &known);
        rates_end(&r);
    }
    assert_true(known);
    rates_begin(&r, T0 + 20000);
    rates_put(&r, "b", (uint64_t[]){ 100 }, 1, &per_s, &known);
    rates_end(&r);
    assert_int_equal(r.count, 1);
    rates_begin(&r, T0 + 30000);
    rates_put(&r, "a", (uint64_t[]){ 900 }, 1, &per_s, &known);
    assert_false(known);
    rates_end(&r);
    rates_done(&r);
}

static void more_things_than_agreed_are_refused(void **state)
{
    struct rates r = { 0 };
    char         name[RATE_NAME_MAX + 1];
    double       per_s;
    bool         known;

    (void)state;
    rates_begin(&r, T0);
    for (int i = 0; i < RATE_THINGS_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(rates_put(&r, name, (uint64_t[]){ 1 }, 1, &per_s, &known).code, ERR_OK);
    }
    assert_int_equal(rates_put(&r, "one more", (uint64_t[]){ 1 }, 1, &per_s, &known).code, ERR_TOO_BIG);
    rates_done(&r);
    memset(name, 'x', RATE_NAME_MAX);
    name[RATE_NAME_MAX] = '\0';
    assert_int_equal(rates_put(&r, name, (uint64_t[]){ 1 }, 1, &per_s, &known).code, ERR_TOO_BIG);
    rates_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_needs_two_readings),
        cmocka_unit_test(a_counter_that_went_back_gives_no_rate_once),
        cmocka_unit_test(a_counter_known_to_have_32_bits_may_wrap),
        cmocka_unit_test(readings_too_close_give_no_rate_and_lose_nothing),
        cmocka_unit_test(a_thing_that_was_away_starts_anew),
        cmocka_unit_test(more_things_than_agreed_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
