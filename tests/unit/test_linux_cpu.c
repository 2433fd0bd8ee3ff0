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
    /* user, nice, system, idle, iowait, interrupt, steal */
    static const struct {
        const char      *name;
        struct plat_cpus want;
    } cases[] = {
        { "linux/stat/debian12-6.18-2cpu", { { { 150345, 0, 41233, 335871, 2796, 691, 1522 } }, 2, 0 } },
        { "linux/stat/centos6-2.6.32", { { { 10132153, 290696, 3084719, 46828483, 16683, 25195, 0 } }, 4, 0 } },
        { "linux/stat/linux-2.6.9", { { { 1263300, 1200, 402100, 88021212, 230101, 4500 + 1021, 0 } }, 1, 0 } },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t           len;
        char            *text = fixture_read(cases[i].name, &len);
        struct plat_cpus cpus;

        assert_int_equal(plat_cpu_parse(text, len, &cpus).code, ERR_OK);
        assert_memory_equal(cpus.all.ticks, cases[i].want.all.ticks, sizeof cpus.all.ticks);
        assert_int_equal(cpus.count, cases[i].want.count);
        free(text);
    }
}

struct cores {
    uint32_t        count, last;
    struct plat_cpu cpu; /* the first */
};

static void on_core(void *context, uint32_t number, const struct plat_cpu *cpu)
{
    struct cores *c = context;

    if (c->count++ == 0)
        c->cpu = *cpu;
    c->last = number;
}

static void captured_files_give_the_times_of_each_cpu(void **state)
{
    static const struct {
        const char *name;
        uint32_t    count, last;
        uint64_t    user, interrupt;
    } cases[] = {
        { "linux/stat/debian12-6.18-2cpu", 2, 1, 68980, 51 },
        { "linux/stat/centos6-2.6.32", 4, 3, 2541020, 6298 },
        { "linux/stat/server-5.14-192cpu", 191, 191, 1000, 524645 + 629374 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t       len;
        char        *text = fixture_read(cases[i].name, &len);
        struct cores cores = { 0 };

        assert_int_equal(plat_cpu_parse_each(text, len, on_core, &cores).code, ERR_OK);
        assert_int_equal(cores.count, cases[i].count);
        assert_int_equal(cores.last, cases[i].last);
        assert_int_equal(cores.cpu.ticks[PLAT_CPU_USER], cases[i].user);
        assert_int_equal(cores.cpu.ticks[PLAT_CPU_INTERRUPT], cases[i].interrupt);
        free(text);
    }
}

static void a_cpu_of_another_form_is_malformed(void **state)
{
    static const char *const cases[] = {
        "",
        "cpu0 1 2 3 4 5 6 7 8\n",
        "cpu  1 2 3 4 5 6 7 8\ncpux 1 2 3 4 5 6 7 8\n",
        "cpu  1 2 3 4 5 6 7 8\ncpu0 1 2 3\n",
        "cpu  1 2 3 4 5 6 7 8\ncpu99999999999 1 2 3 4 5 6 7 8\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cores cores = { 0 };

        if (plat_cpu_parse_each(cases[i], strlen(cases[i]), on_core, &cores).code != ERR_MALFORMED)
            fail_msg("%s", cases[i]);
        assert_int_equal(cores.count, 0);
    }
}

static void an_offline_cpu_is_not_counted(void **state)
{
    size_t           len;
    char            *text = fixture_read("linux/stat/server-5.14-192cpu", &len);
    struct plat_cpus cpu;

    (void)state;
    assert_int_equal(plat_cpu_parse(text, len, &cpu).code, ERR_OK);
    assert_int_equal(cpu.count, 191);
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
        struct plat_cpus cpu = { .count = 77 };

        if (plat_cpu_parse(cases[i].text, strlen(cases[i].text), &cpu).code != ERR_MALFORMED)
            fail_msg("%s", cases[i].name);
        assert_int_equal(cpu.count, 77);
    }
}

static void this_machine_has_a_cpu(void **state)
{
    struct plat_cpus cpus;
    struct cores     cores = { 0 };

    (void)state;
    assert_int_equal(plat_cpu_read(&cpus).code, ERR_OK);
    assert_true(cpus.all.ticks[PLAT_CPU_USER] > 0 && cpus.count > 0);
    assert_int_equal(plat_cpu_read_each(on_core, &cores).code, ERR_OK);
    assert_int_equal(cores.count, cpus.count);
    plat_cpu_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_give_the_times_of_all_cpus),
        cmocka_unit_test(captured_files_give_the_times_of_each_cpu),
        cmocka_unit_test(a_cpu_of_another_form_is_malformed),
        cmocka_unit_test(an_offline_cpu_is_not_counted),
        cmocka_unit_test(what_is_not_a_stat_file_is_malformed),
        cmocka_unit_test(this_machine_has_a_cpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
