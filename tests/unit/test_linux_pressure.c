#include "check.h"

#include "fixture.h"
#include "platform/buf.h"
#include "platform/kills.h"
#include "platform/linux/parse.h"

static void captured_files_give_the_totals(void **state)
{
    static const struct {
        const char *name;
        uint64_t    some_us, full_us;
    } cases[] = {
        { "linux/pressure/debian12-6.18-io", 360209230, 103868535 },
        { "linux/pressure/debian12-6.18-cpu", 5437611555, 0 },
        { "linux/pressure/ubuntu20-5.4-cpu", 158761459, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t               len;
        char                *text = fixture_read(cases[i].name, &len);
        struct plat_pressure p;

        assert_int_equal(plat_pressure_parse(text, len, &p).code, ERR_OK);
        assert_int_equal(p.some_us, cases[i].some_us);
        assert_int_equal(p.full_us, cases[i].full_us);
        free(text);
    }
}

static void what_is_no_pressure_is_malformed(void **state)
{
    static const char *const cases[] = {
        "",
        "full avg10=0.00 total=1\n",
        "some avg10=0.00 avg60=0.00\n",
        "some total=-1\n",
        "some total=1x\n",
        "some total=18446744073709551616\n",
        "some total\n",
        "some total=1\nfull total=\n",
        "some total=1\n\n",
        "some=1\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_pressure p = { 7, 7 };

        if (plat_pressure_parse(cases[i], strlen(cases[i]), &p).code != ERR_MALFORMED)
            fail_msg("%s", cases[i]);
        assert_true(p.some_us == 7 && p.full_us == 7);
    }
}

static void what_a_later_kernel_adds_is_passed_over(void **state)
{
    static const char    text[] = "some avg10=0.00 total=5 worst=9\nmost avg10=0.00 total=6\nfull total=4\n";
    struct plat_pressure p;

    (void)state;
    assert_int_equal(plat_pressure_parse(text, sizeof text - 1, &p).code, ERR_OK);
    assert_true(p.some_us == 5 && p.full_us == 4);
}

static void this_machine_has_all_or_says_why_not(void **state)
{
    struct plat_pressure p;

    (void)state;
    for (int i = 0; i < PLAT_PRESSURE_KINDS; i++) {
        struct err e = plat_pressure_read((enum plat_pressure_on)i, &p);

        if (failed(e) && e.code != ERR_UNSUPPORTED)
            fail_msg("%d: %s", i, e.step);
        if (failed(e))
            assert_non_null(strstr(e.step, "psi=1"));
        else
            assert_true(p.full_us <= p.some_us);
    }
    plat_pressure_done();
}

static void kills_are_found_among_the_rest(void **state)
{
    static const struct {
        const char   *name, *text;
        enum err_code want;
        uint64_t      kills;
    } cases[] = {
        { "last", "nr_free_pages 9\noom_kill 12\n", ERR_OK, 12 },
        { "no end of the line", "oom_kill 1", ERR_OK, 1 },
        { "a name that begins so", "oom_kill_other 4\noom_kill 2\n", ERR_OK, 2 },
        { "an older kernel", "nr_free_pages 9\npgfault 2\n", ERR_UNSUPPORTED, 0 },
        { "empty", "", ERR_MALFORMED, 0 },
        { "another file", "MemTotal: 12 kB\n", ERR_UNSUPPORTED, 0 },
        { "no number", "nr_free_pages nine\noom_kill 3\n", ERR_MALFORMED, 0 },
        { "over 64 bits", "oom_kill 18446744073709551616\n", ERR_MALFORMED, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t   kills = 0;
        struct err e = plat_kills_parse(cases[i].text, strlen(cases[i].text), &kills);

        if (e.code != cases[i].want || kills != cases[i].kills)
            fail_msg("%s", cases[i].name);
    }
}

static void captured_files_give_the_kills(void **state)
{
    size_t   len;
    char    *text = fixture_read("linux/vmstat/debian12-6.18", &len);
    uint64_t kills;

    (void)state;
    assert_int_equal(plat_kills_parse(text, len, &kills).code, ERR_OK);
    assert_int_equal(kills, 3);
    free(text);
    text = fixture_read("linux/vmstat/rhel7-3.10", &len);
    assert_int_equal(plat_kills_parse(text, len, &kills).code, ERR_UNSUPPORTED);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_give_the_totals),
        cmocka_unit_test(what_is_no_pressure_is_malformed),
        cmocka_unit_test(what_a_later_kernel_adds_is_passed_over),
        cmocka_unit_test(this_machine_has_all_or_says_why_not),
        cmocka_unit_test(kills_are_found_among_the_rest),
        cmocka_unit_test(captured_files_give_the_kills),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
