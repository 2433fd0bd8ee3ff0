#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "agent/collect/metric.h"
#include "platform/buf.h"
#include "proto/json.h"

static void values_are_printed_as_people_read_them(void **state)
{
    static const struct {
        enum unit   unit;
        double      value;
        const char *want;
    } cases[] = {
        { UNIT_ONE, 0.934, "93.4 %" },
        { UNIT_ONE, 0, "0.0 %" },
        { UNIT_ONE, 1, "100.0 %" },
        { UNIT_BYTES, 0, "0 B" },
        { UNIT_BYTES, 1023, "1023 B" },
        { UNIT_BYTES, 1024, "1.0 KiB" },
        { UNIT_BYTES, 1.2 * 1024 * 1024 * 1024, "1.2 GiB" },
        { UNIT_BYTES, 1024 * 1024 - 1, "1.0 MiB" },
        { UNIT_BYTES, 1e30, "867361737988.4 EiB" },
        { UNIT_BYTES_PER_SECOND, 3.1 * 1024 * 1024, "3.1 MiB/s" },
        { UNIT_BYTES_PER_SECOND, 12.4, "12 B/s" },
        { UNIT_SECONDS, 0.25, "0.25 s" },
        { UNIT_SECONDS, 0.0042, "4.2 ms" },
        { UNIT_SECONDS, 0, "0 s" },
        { UNIT_SECONDS, 45, "45 s" },
        { UNIT_SECONDS, 17 * 60 + 59, "17 min" },
        { UNIT_SECONDS, 5.9 * 3600, "5 h" },
        { UNIT_SECONDS, 365.0 * 86400, "365 d" },
        { UNIT_PER_SECOND, 12.345, "12.35/s" },
        { UNIT_PER_SECOND, 3, "3/s" },
        { UNIT_THREADS, 2.8, "2.80" },
        { UNIT_PROCESSES, 412, "412" },
        { UNIT_PROCESSES, 1e18, "1000000000000000000.00" },
        { UNIT_STATE, 1, "yes" },
        { UNIT_STATE, 0, "no" },
        { UNIT_ONE, NAN, "unknown" },
        { UNIT_STATE, INFINITY, "unknown" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct metric metric = { "x", cases[i].unit, METRIC_GAUGE, "" };
        char                text[64];

        assert_string_equal(metric_print(&metric, cases[i].value, text, sizeof text), cases[i].want);
    }
}

static void no_value_is_too_long_for_its_room(void **state)
{
    static const double values[] = { 1e308, -1e308, 5e-324, -0.0 };

    (void)state;
    for (int unit = UNIT_ONE; unit <= UNIT_STATE; unit++)
        for (size_t i = 0; i < ARRAY_LEN(values); i++) {
            const struct metric metric = { "x", (enum unit)unit, METRIC_GAUGE, "" };
            char                text[8];

            metric_print(&metric, values[i], text, sizeof text);
            assert_true(strlen(text) < sizeof text);
        }
}

static void an_instance_is_named_by_the_last_words_of_its_keys(void **state)
{
    static const struct {
        struct attr attrs[3];
        size_t      count;
        const char *want;
    } cases[] = {
        { { { NULL, NULL } }, 0, "" },
        { { { "system.device", "sda" }, { "disk.io.direction", "read" } }, 2, "device=sda direction=read" },
        { { { "plain", "x y" } }, 1, "plain=x y" },
        { { { "system.filesystem.mountpoint", "/srv" },
            { "system.filesystem.type", "ext4" },
            { "system.device", "/dev/sdb1" } },
          3,
          "mountpoint=/srv" },
        { { { "system.device", "/dev/sdb1" }, { "system.filesystem.mountpoint", "/srv" } }, 2, "mountpoint=/srv" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[64];

        assert_string_equal(attrs_print(cases[i].attrs, cases[i].count, text, sizeof text), cases[i].want);
    }
}

static void an_instance_is_cut_at_a_characters_border(void **state)
{
    const struct attr attr = { "a.b", "x\303\251y" };

    (void)state;
    for (size_t size = 1; size < 10; size++) {
        char text[10];

        attrs_print(&attr, 1, text, size);
        assert_true(strlen(text) < size);
        assert_true(utf8_valid(text, strlen(text)));
        assert_memory_equal(text, "b=x\303\251y", strlen(text));
    }
}

static void the_longest_attributes_fit(void **state)
{
    char        value[ATTR_VALUE_MAX + 1], key[ATTR_KEY_MAX + 1], text[2 * (ATTR_VALUE_MAX + ATTR_KEY_MAX + 4)];
    struct attr attrs[2] = { { key, value }, { key, value } };

    (void)state;
    memset(value, 'v', sizeof value - 1);
    memset(key, 'k', sizeof key - 1);
    value[sizeof value - 1] = key[sizeof key - 1] = '\0';
    attrs_print(attrs, 2, text, sizeof text);
    assert_int_equal(strlen(text), 2 * (ATTR_VALUE_MAX + ATTR_KEY_MAX + 1) + 1);
}

static void units_have_their_texts(void **state)
{
    (void)state;
    assert_string_equal(unit_text(UNIT_ONE), "1");
    assert_string_equal(unit_text(UNIT_BYTES_PER_SECOND), "By/s");
    assert_string_equal(unit_text(UNIT_STATE), "{state}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_printed_as_people_read_them),
        cmocka_unit_test(no_value_is_too_long_for_its_room),
        cmocka_unit_test(an_instance_is_named_by_the_last_words_of_its_keys),
        cmocka_unit_test(an_instance_is_cut_at_a_characters_border),
        cmocka_unit_test(the_longest_attributes_fit),
        cmocka_unit_test(units_have_their_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
