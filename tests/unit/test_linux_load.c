#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/parse.h"

static void captured_files_give_load_averages(void **state)
{
    static const struct {
        const char      *name;
        struct plat_load want;
    } cases[] = {
        { "linux/loadavg/debian12-6.18", { 0.63, 1.17, 1.34 } },
        { "linux/loadavg/rhel7-3.10", { 0.00, 0.01, 0.05 } },
        { "linux/loadavg/server-5.14-192cpu", { 1043.27, 980.44, 871.09 } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t           len;
        char            *text = fixture_read(cases[i].name, &len);
        struct plat_load load;

        assert_int_equal(plat_load_parse(text, len, &load).code, ERR_OK);
        assert_true(load.over_1_min == cases[i].want.over_1_min);
        assert_true(load.over_5_min == cases[i].want.over_5_min);
        assert_true(load.over_15_min == cases[i].want.over_15_min);
        free(text);
    }
}

static void captured_files_give_the_uptime(void **state)
{
    static const struct {
        const char *name;
        double      want_s;
    } cases[] = { { "linux/uptime/debian12-6.18", 2672.09 }, { "linux/uptime/rhel7-3.10", 31536000.99 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len;
        char  *text = fixture_read(cases[i].name, &len);
        double uptime_s;

        assert_int_equal(plat_uptime_parse(text, len, &uptime_s).code, ERR_OK);
        assert_true(uptime_s == cases[i].want_s);
        free(text);
    }
}

static void what_holds_no_decimals_is_malformed(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        " ",
        "0.1",
        "0.1 0.2",
        "0.1 0.2 -0.3",
        "nan nan nan",
        "inf inf inf",
        "1e3 1e3 1e3",
        "0x1 0x1 0x1",
        "1.2.3 1 1",
        ". . .",
        "1000000000000000000000 1 1",
        "0,52 0,58 0,59",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct plat_load load;

        if (plat_load_parse(texts[i], strlen(texts[i]), &load).code != ERR_MALFORMED)
            fail_msg("\"%s\"", texts[i]);
    }
}

static void a_malformed_uptime_leaves_the_result_alone(void **state)
{
    double uptime_s = 5;

    (void)state;
    assert_int_equal(plat_uptime_parse("-1.0 2", 6, &uptime_s).code, ERR_MALFORMED);
    assert_int_equal(plat_uptime_parse("", 0, &uptime_s).code, ERR_MALFORMED);
    assert_true(uptime_s == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_give_load_averages),
        cmocka_unit_test(captured_files_give_the_uptime),
        cmocka_unit_test(what_holds_no_decimals_is_malformed),
        cmocka_unit_test(a_malformed_uptime_leaves_the_result_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
