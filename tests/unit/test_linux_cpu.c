#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/parse.h"

static void captured_files_give_the_times_of_all_cpus(void **state)
{
    static const struct {
        const char     *name;
        struct plat_cpu want;
    } cases[] = {
        { "linux/stat/debian12-6.18-2cpu", { 150345 + 41233 + 691, 335871, 2796, 1522, 2 } },
        { "linux/stat/centos6-2.6.32", { 10132153 + 290696 + 3084719 + 25195, 46828483, 16683, 0, 4 } },
        { "linux/stat/linux-2.6.9", { 1263300 + 1200 + 402100 + 4500 + 1021, 88021212, 230101, 0, 1 } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t          len;
        char           *text = fixture_read(cases[i].name, &len);
        struct plat_cpu cpu;

        assert_int_equal(plat_cpu_parse(text, len, &cpu).code, ERR_OK);
        assert_int_equal(cpu.busy, cases[i].want.busy);
        assert_int_equal(cpu.idle, cases[i].want.idle);
        assert_int_equal(cpu.iowait, cases[i].want.iowait);
        assert_int_equal(cpu.steal, cases[i].want.steal);
        assert_int_equal(cpu.cpus, cases[i].want.cpus);
        free(text);
    }
}

static void an_offline_cpu_is_not_counted(void **state)
{
    size_t          len;
    char           *text = fixture_read("linux/stat/server-5.14-192cpu", &len);
    struct plat_cpu cpu;

    (void)state;
    assert_int_equal(plat_cpu_parse(text, len, &cpu).code, ERR_OK);
    assert_int_equal(cpu.cpus, 191);
    free(text);
}

static void what_is_not_a_stat_file_is_malformed(void **state)
{
    static const struct {
        const char *name, *text;
    } cases[] = {
        { "empty", "" },
        { "no total", "cpu0 1 2 3 4 5 6 7 8\n" },
        { "cut in the total", "cpu  1 2 3 4 5" },
        { "total later", "intr 1\ncpu  1 2 3 4 5 6 7 8\n" },
        { "words", "cpu  one two three four five six seven eight\n" },
        { "negative", "cpu  1 2 3 -4 5 6 7 8\n" },
        { "over 64 bits", "cpu  1 2 3 18446744073709551616 5 6 7 8\n" },
        { "sum over 64 bits", "cpu  18446744073709551615 18446744073709551615 3 4 5 6 7 8\n" },
        { "glued", "cpu1 2 3 4 5 6 7 8\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_cpu cpu = { .idle = 77 };

        if (plat_cpu_parse(cases[i].text, strlen(cases[i].text), &cpu).code != ERR_MALFORMED)
            fail_msg("%s", cases[i].name);
        assert_int_equal(cpu.idle, 77);
    }
}

static void this_machine_has_a_cpu(void **state)
{
    struct plat_cpu cpu;

    (void)state;
    assert_int_equal(plat_cpu_read(&cpu).code, ERR_OK);
    assert_true(cpu.busy > 0 && cpu.cpus > 0);
    plat_cpu_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_give_the_times_of_all_cpus),
        cmocka_unit_test(an_offline_cpu_is_not_counted),
        cmocka_unit_test(what_is_not_a_stat_file_is_malformed),
        cmocka_unit_test(this_machine_has_a_cpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
