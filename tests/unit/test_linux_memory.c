#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/parse.h"

#define KB(n) ((uint64_t)(n)*1024)

static void captured_files_give_memory_and_swap(void **state)
{
    static const struct {
        const char   *name;
        enum err_code want;
        uint64_t      total, available, swap_total, swap_used;
    } cases[] = {
        { "linux/meminfo/debian12-6.18", ERR_OK, KB(24684096), KB(24239740), 0, 0 },
        { "linux/meminfo/rhel7-3.10", ERR_OK, KB(3880528), KB(2466740), KB(2097148), KB(2097148 - 1931004) },
        { "linux/meminfo/lxc-container", ERR_OK, KB(2097152), KB(1933820), KB(524288), KB(524288 - 131072) },
        { "linux/meminfo/centos6-2.6.32", ERR_UNSUPPORTED, 0, 0, KB(1048568), 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t             len;
        char              *text = fixture_read(cases[i].name, &len);
        struct plat_memory memory = { 0 };
        struct plat_swap   swap;

        assert_int_equal(plat_memory_parse(text, len, &memory).code, cases[i].want);
        assert_int_equal(memory.total_bytes, cases[i].total);
        assert_int_equal(memory.available_bytes, cases[i].available);
        assert_int_equal(plat_swap_parse(text, len, &swap).code, ERR_OK);
        assert_int_equal(swap.total_bytes, cases[i].swap_total);
        assert_int_equal(swap.used_bytes, cases[i].swap_used);
        free(text);
    }
}

static void odd_texts_are_told_apart(void **state)
{
    static const struct {
        const char   *name, *text;
        enum err_code want;
        uint64_t      total, available;
    } cases[] = {
        { "plain", "MemTotal: 2048 kB\nMemAvailable: 512 kB\n", ERR_OK, KB(2048), KB(512) },
        { "no end of line", "MemTotal: 2048 kB\nMemAvailable: 512 kB", ERR_OK, KB(2048), KB(512) },
        { "more available than there is", "MemTotal: 8 kB\nMemAvailable: 9 kB\n", ERR_OK, KB(8), KB(8) },
        { "the first of two counts", "MemTotal: 8 kB\nMemTotal: 1 kB\nMemAvailable: 2 kB\n", ERR_OK, KB(8), KB(2) },
        { "old kernel", "MemTotal: 2048 kB\nMemFree: 1 kB\n", ERR_UNSUPPORTED, 0, 0 },
        { "cut behind the total", "MemTotal: 2048 kB\n", ERR_MALFORMED, 0, 0 },
        { "cut in a row", "MemTotal: 2048 kB\nMemFree: 1 kB\nMemAvailable:", ERR_MALFORMED, 0, 0 },
        { "cut before the unit", "MemTotal: 2048 kB\nMemFree: 1 kB\nMemAvailable:  23", ERR_MALFORMED, 0, 0 },
        { "no total", "MemAvailable: 2048 kB\n", ERR_MALFORMED, 0, 0 },
        { "no memory", "MemTotal: 0 kB\nMemAvailable: 0 kB\n", ERR_MALFORMED, 0, 0 },
        { "another unit", "MemTotal: 2048 MB\nMemAvailable: 512 MB\n", ERR_MALFORMED, 0, 0 },
        { "over 64 bits", "MemTotal: 18446744073709551615 kB\nMemAvailable: 1 kB\n", ERR_MALFORMED, 0, 0 },
        { "empty", "", ERR_MALFORMED, 0, 0 },
        { "no colon", "MemTotal 2048 kB\nMemAvailable 512 kB\n", ERR_MALFORMED, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_memory memory = { 0 };

        if (plat_memory_parse(cases[i].text, strlen(cases[i].text), &memory).code != cases[i].want)
            fail_msg("%s", cases[i].name);
        assert_int_equal(memory.total_bytes, cases[i].total);
        assert_int_equal(memory.available_bytes, cases[i].available);
    }
}

static void swap_needs_both_its_rows(void **state)
{
    struct plat_swap swap = { 0 };

    (void)state;
    assert_int_equal(plat_swap_parse("SwapTotal: 1 kB\n", 16, &swap).code, ERR_MALFORMED);
    assert_int_equal(plat_swap_parse("SwapFree: 1 kB\n", 15, &swap).code, ERR_MALFORMED);
    assert_int_equal(plat_swap_parse("SwapTotal: 1 kB\nSwapFree: 2 kB\n", 31, &swap).code, ERR_OK);
    assert_int_equal(swap.used_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_files_give_memory_and_swap),
        cmocka_unit_test(odd_texts_are_told_apart),
        cmocka_unit_test(swap_needs_both_its_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
