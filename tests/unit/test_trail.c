/* A small line of the past: what stands in which column, and how high. */
#include "tests/unit/check.h"

#include <math.h>

#include "agent/cli/trail.h"

struct point {
    int64_t at_ms;
    double  value;
};

static void a_column_is_a_step_of_time(void **state)
{
    static const struct {
        const char  *name;
        struct point points[8];
        size_t       count;
        bool         share;
        const char  *want;
    } cases[] = {
        { "nothing", { { 0, 0 } }, 0, false, "      " },
        { "one", { { 60000, 5 } }, 1, false, "     #" },
        { "zero is low", { { 60000, 0 } }, 1, false, "     _" },
        { "in order", { { 20000, 0 }, { 30000, 2 }, { 40000, 4 }, { 50000, 6 }, { 60000, 8 } }, 5, false, " _.-+#" },
        { "a gap", { { 30000, 8 }, { 60000, 8 } }, 2, false, "  #  #" },
        { "not to the millisecond", { { 35100, 8 }, { 44900, 8 }, { 64999, 8 } }, 3, false, "   # #" },
        { "too early and too late", { { 4900, 8 }, { 65001, 8 } }, 2, false, "      " },
        { "newest of a column", { { 56000, 0 }, { 60000, 1 }, { 61000, 0.5 } }, 3, true, "     -" },
        { "a share is of the whole", { { 50000, 0.1 }, { 60000, 0.5 } }, 2, true, "    _-" },
        { "more than the whole", { { 50000, 1 }, { 60000, 2 } }, 2, true, "    -#" },
        { "below zero", { { 50000, -4 }, { 60000, 0 } }, 2, false, "    _#" },
        { "one that goes back is left out", { { 60000, 1 }, { 50000, 9 }, { 60000, 9 } }, 3, false, "     #" },
    };
    const struct trail_look ascii = { .end_ms = 60000, .step_ms = 10000, .columns = 6, .ascii = true };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct trail_look look = ascii;
        struct trails    *t = NULL;
        char              line[64];

        look.share = cases[i].share;
        assert_false(failed(trails_new(&t)));
        for (size_t n = 0; n < cases[i].count; n++)
            assert_false(failed(trails_put(t, "x", "a=b", cases[i].points[n].at_ms, cases[i].points[n].value)));
        trails_draw(t, "x", "a=b", &look, line, sizeof line);
        if (strcmp(line, cases[i].want) != 0)
            fail_msg("%s: \"%s\" is not \"%s\"", cases[i].name, line, cases[i].want);
        trails_draw(t, "x", "a=c", &look, line, sizeof line);
        assert_string_equal(line, "      ");
        trails_free(&t);
    }
}

static void what_is_no_number_is_a_gap(void **state)
{
    const struct trail_look look = { .end_ms = 20000, .step_ms = 10000, .columns = 2 };
    struct trails          *t = NULL;
    char                    line[64];

    (void)state;
    assert_false(failed(trails_new(&t)));
    assert_false(failed(trails_put(t, "x", "", 10000, NAN)));
    assert_false(failed(trails_put(t, "x", "", 20000, 3)));
    trails_draw(t, "x", "", &look, line, sizeof line);
    assert_string_equal(line, " \xe2\x96\x88");
    trails_free(&t);
}

static void only_the_newest_are_kept(void **state)
{
    struct trail_look look = { .end_ms = 100000, .step_ms = 1000, .columns = TRAIL_POINTS, .ascii = true };
    struct trails    *t = NULL;
    char              line[TRAIL_POINTS + 1];

    (void)state;
    assert_false(failed(trails_new(&t)));
    for (int64_t at = 1; at <= 100; at++)
        assert_false(failed(trails_put(t, "x", "", at * 1000, 1)));
    trails_draw(t, "x", "", &look, line, sizeof line);
    assert_int_equal(strspn(line, "#"), TRAIL_POINTS);
    trails_draw(t, "x", "", &look, line, 5);
    assert_string_equal(line, "####");
    trails_free(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_a_step_of_time),
        cmocka_unit_test(what_is_no_number_is_a_gap),
        cmocka_unit_test(only_the_newest_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
