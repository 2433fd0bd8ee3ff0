#include "tests/unit/check.h"

#include <math.h>

#include "platform/buf.h"
#include "proto/json.h"
#include "proto/plugin.h"
#include "tests/unit/fixture.h"

static struct plugin_output out;

/* From memory of exactly its size, so that a sanitizer sees who reads on. */
static void parse(const char *text)
{
    size_t len = strlen(text);
    char  *exact = malloc(len ? len : 1);

    assert_non_null(exact);
    memcpy(exact, text, len);
    plugin_parse(exact, len, &out);
    free(exact);
}

static void the_first_line_is_what_people_read(void **state)
{
    static const struct { const char *name, *text, *want; } cases[] = {
        { "plain", "SSH OK - OpenSSH_9.2 (protocol 2.0)\n", "SSH OK - OpenSSH_9.2 (protocol 2.0)" },
        { "with figures", "OK: 3 users |users=3;5;10;0\n", "OK: 3 users" },
        { "more lines", "DISK WARNING\n/ is full\n/srv too | a=1\n", "DISK WARNING" },
        { "no line end", "OK", "OK" },
        { "of another system", "OK - fine\r\n", "OK - fine" },
        { "blanks around", "  OK \t|a=1", "OK" },
        { "only figures", "|a=1", "" },
        { "nothing", "", "" },
        { "an empty first line", "\nsecond\n", "" },
        { "controls", "a\x1b[31mred\tb", "a [31mred b" },
        { "not UTF-8", "caf\xe9 closed", "caf\xef\xbf\xbd closed" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        parse(cases[i].text);
        if (strcmp(out.text, cases[i].want) != 0)
            fail_msg("%s: \"%s\"", cases[i].name, out.text);
    }
}

static void a_long_line_is_cut_at_a_character(void **state)
{
    char text[1001];

    (void)state;
    for (size_t i = 0; i < 1000; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[1000] = '\0';
    parse(text);
    assert_true(strlen(out.text) < PLUGIN_TEXT_MAX && strlen(out.text) > PLUGIN_TEXT_MAX - 4);
    assert_true(utf8_valid(out.text, strlen(out.text)));
}

static void units_become_base_units(void **state)
{
    static const struct { const char *text; enum plugin_unit unit; double value; } cases[] = {
        { "|a=5", PLUGIN_PLAIN, 5 },          { "|a=-5.25", PLUGIN_PLAIN, -5.25 },
        { "|a=.5", PLUGIN_PLAIN, 0.5 },       { "|a=0.25s", PLUGIN_SECONDS, 0.25 },
        { "|a=250ms", PLUGIN_SECONDS, 0.25 }, { "|a=4us", PLUGIN_SECONDS, 4e-6 },
        { "|a=93%", PLUGIN_RATIO, 0.93 },     { "|a=17c", PLUGIN_COUNTER, 17 },
        { "|a=9B", PLUGIN_BYTES, 9 },         { "|a=2KB", PLUGIN_BYTES, 2048 },
        { "|a=2MB", PLUGIN_BYTES, 2097152 },  { "|a=1GB", PLUGIN_BYTES, 1073741824 },
        { "|a=1TB", PLUGIN_BYTES, 1099511627776 }, { "|a=230V", PLUGIN_PLAIN, 230 },
        { "|a=21.5C;30;40", PLUGIN_PLAIN, 21.5 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        parse(cases[i].text);
        if (out.count != 1 || out.malformed || out.figures[0].unit != cases[i].unit ||
            fabs(out.figures[0].value - cases[i].value) > 1e-9)
            fail_msg("%s: %zu figures, %g", cases[i].text, out.count, out.figures[0].value);
    }
}

static void ranges_are_those_of_the_guidelines(void **state)
{
    static const struct { const char *text; double good, bad; } cases[] = {
        { "|a=1;10", 10, 10.5 },   { "|a=1;10", 0, -0.5 },     { "|a=1;10:", 10, 9.5 },    { "|a=1;~:10", -1e9, 10.5 },
        { "|a=1;10:20", 20, 21 },  { "|a=1;@10:20", 9, 10 },   { "|a=1;@10:20", 21, 20 },  { "|a=1;-5:-1", -3, 0 },
        { "|a=1;@10", 11, 10 },    { "|a=1MB;1", 1048576, 1048577 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct plugin_range *range = &out.figures[0].warning;

        parse(cases[i].text);
        assert_int_equal(out.count, 1);
        if (!range->set || plugin_range_alerts(range, cases[i].good) || !plugin_range_alerts(range, cases[i].bad))
            fail_msg("%s: from %g to %g", cases[i].text, range->from, range->to);
    }
    parse("|a=1;;5");
    assert_false(out.figures[0].warning.set);
    assert_false(plugin_range_alerts(&out.figures[0].warning, 1e9));
    assert_false(plugin_range_alerts(&out.figures[0].critical, NAN));
    assert_true(plugin_range_alerts(&out.figures[0].critical, 6));
}

static void labels_may_be_quoted(void **state)
{
    (void)state;
    parse("OK | '/var/log'=5MB;;;0;10 'it''s C:'=3% plain=1 'caf\xe9'=2");
    assert_int_equal(out.count, 4);
    assert_int_equal(out.malformed, 0);
    assert_string_equal(out.figures[0].label, "/var/log");
    assert_true(out.figures[0].least == 0 && out.figures[0].most == 10485760);
    assert_string_equal(out.figures[1].label, "it's C:");
    assert_true(isnan(out.figures[1].least) && isnan(out.figures[1].most));
    assert_string_equal(out.figures[2].label, "plain");
    assert_string_equal(out.figures[3].label, "caf\xef\xbf\xbd");
}

static void what_breaks_the_rules_is_left_out_and_counted(void **state)
{
    static const char *const wrong[] = {
        "a=1,5",   "a=",       "=5",       "a",       "a=1e3",    "a=x",     "a=1;x",  "a=1;20:10", "a=1;;;x", "a=1;;;;;;1",
        "'a=1",    "''=1",     "'a=b'=1",  "'a'1",    "a'b=1",    "a=1;-5",  "a=1;~5", "a=--1",     "a=1.2.3", "a=nan",
        "a=1;@",   "a=1;5;5x", "a=1=2",    "a=Us",    "a=0x10",   "a=inf",   "a=1;:5",
    };
    char text[80];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        snprintf(text, sizeof text, "OK | %s good=7", wrong[i]);
        parse(text);
        if (out.malformed == 0 || out.count > 1 || (out.count && strcmp(out.figures[0].label, "good") != 0))
            fail_msg("%s: %zu figures, %zu malformed", wrong[i], out.count, out.malformed);
    }
    parse("OK | a=U b=U;;; c=5");
    assert_int_equal(out.count, 3);
    assert_int_equal(out.malformed, 0);
    assert_true(isnan(out.figures[0].value) && isnan(out.figures[1].value) && out.figures[2].value == 5);
}

static void figures_go_on_below_the_text(void **state)
{
    (void)state;
    parse("DISK OK | /=2643MB;5948;5958;0;5968\n"
          "/ 15272 MB (77%);\n"
          "/boot 68 MB (69%);\n"
          "/var/log 819 MB (84%); | /boot=68MB;88;93;0;98\n"
          "/home=69357MB;253404;253409;0;253414\n"
          "/var/log=818MB;970;975;0;980\n");
    assert_int_equal(out.count, 4);
    assert_int_equal(out.malformed, 0);
    assert_string_equal(out.text, "DISK OK");
    assert_string_equal(out.figures[3].label, "/var/log");
    assert_true(out.figures[3].value == 818.0 * 1048576);
}

static void there_is_a_limit_to_their_number(void **state)
{
    char   text[1000] = "OK |";
    size_t len = strlen(text);

    (void)state;
    for (int i = 0; i < PLUGIN_FIGURES_MAX + 5; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, " a%d=%d", i, i);
    parse(text);
    assert_int_equal(out.count, PLUGIN_FIGURES_MAX);
    assert_int_equal(out.malformed, 5);
}

/* Printed by the plugins of Debian's monitoring-plugins-basic. */
static void what_real_plugins_print_is_understood(void **state)
{
    static const struct { const char *file; size_t count; } cases[] = {
        { "plugin/check_load", 3 }, { "plugin/check_disk", 1 },  { "plugin/check_ping", 2 },
        { "plugin/check_swap", 1 },  { "plugin/check_users", 1 }, { "plugin/check_procs", 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len;
        char  *text = fixture_read(cases[i].file, &len);

        plugin_parse(text, len, &out);
        free(text);
        if (out.malformed || out.text[0] == '\0' || out.count != cases[i].count)
            fail_msg("%s: %zu figures, %zu malformed", cases[i].file, out.count, out.malformed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_is_what_people_read),
        cmocka_unit_test(a_long_line_is_cut_at_a_character),
        cmocka_unit_test(units_become_base_units),
        cmocka_unit_test(ranges_are_those_of_the_guidelines),
        cmocka_unit_test(labels_may_be_quoted),
        cmocka_unit_test(what_breaks_the_rules_is_left_out_and_counted),
        cmocka_unit_test(figures_go_on_below_the_text),
        cmocka_unit_test(there_is_a_limit_to_their_number),
        cmocka_unit_test(what_real_plugins_print_is_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
