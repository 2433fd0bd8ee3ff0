#include "tests/unit/check.h"

#include "platform/buf.h"
#include "proto/journal.h"
#include "proto/json.h"

/* ---- lines ---- */

static char seen[8 * LOG_LINE_MAX];

static void on_line(void *context, const char *line)
{
    size_t len = strlen(seen);

    (void)context;
    assert_true(utf8_valid(line, strlen(line)));
    snprintf(seen + len, sizeof seen - len, "[%s]", line);
}

static size_t feed(const char *text, size_t len, bool more, bool *beyond)
{
    char  *exact = malloc(len ? len : 1);
    size_t used;

    assert_non_null(exact);
    memcpy(exact, text, len);
    seen[0] = '\0';
    used = log_lines_each(exact, len, more, beyond, on_line, NULL);
    free(exact);
    return used;
}

static void lines_that_have_ended_are_told(void **state)
{
    static const struct { const char *name, *text; size_t len; bool more, beyond; const char *want; size_t used; } cases[] = {
        { "nothing", "", 0, false, false, "", 0 },
        { "two", "a b\nc\n", 6, false, false, "[a b][c]", 6 },
        { "one has not ended", "a\nbc", 4, false, false, "[a]", 2 },
        { "none has ended", "abc", 3, false, false, "", 0 },
        { "of Windows", "a\r\n\r\nb\r\n", 8, false, false, "[a][b]", 8 },
        { "empty ones say nothing", "\n\na\n", 4, false, false, "[a]", 4 },
        { "NULs of a file that was cut", "\0\0\0a\n", 5, false, false, "[a]", 5 },
        { "a NUL within", "a\0b\n", 4, false, false, "[a\xef\xbf\xbd""b]", 4 },
        { "not UTF-8", "caf\xe9\n", 5, false, false, "[caf\xef\xbf\xbd]", 5 },
        { "a terminal's controls", "a\x1b[2Jb\n", 7, false, false, "[a [2Jb]", 7 },
        { "a line as long as can be", "abc", 3, true, false, "[abc]", 3 },
        { "the rest of it is passed over", "def\ng\n", 6, false, true, "[g]", 6 },
        { "and of it not even the end", "defgh", 5, true, true, "", 5 },
        { "a hole is no line", "\0\0\0\0", 4, true, false, "", 4 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool   beyond = cases[i].beyond;
        size_t used = feed(cases[i].text, cases[i].len, cases[i].more, &beyond);

        if (used != cases[i].used || strcmp(seen, cases[i].want) != 0)
            fail_msg("%s: %zu, \"%s\"", cases[i].name, used, seen);
    }
}

static void of_a_long_line_the_beginning_counts(void **state)
{
    static char text[3 * LOG_LINE_MAX + 2];
    bool        beyond = false;

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 2] = '\n';
    text[sizeof text - 1] = 'y';
    assert_int_equal(feed(text, sizeof text, false, &beyond), sizeof text - 1);
    assert_int_equal(strlen(seen), LOG_LINE_MAX + 2);
    assert_int_equal(feed(text, 2 * LOG_LINE_MAX, true, &beyond), 2 * LOG_LINE_MAX);
    assert_true(beyond);
    assert_int_equal(strlen(seen), LOG_LINE_MAX + 2);
    assert_int_equal(feed("xx\nnew\n", 7, false, &beyond), 7);
    assert_string_equal(seen, "[new]");
    assert_false(beyond);
}

/* ---- what is looked for ---- */

static void a_rule_looks_for_globs_anywhere_in_a_line(void **state)
{
    static const char *const raid[] = { "*megaraid*: *FATAL*", NULL }, *const two[] = { "*oops*", "*panic:?not*", NULL };
    static const char *const small[] = { "*failed pass*", NULL }, *const known[] = { "*10.0.0.*", NULL };
    static const struct { const char *line; const struct config_log log; bool want; } cases[] = {
        { "Dec  1 host kernel: megaraid_sas 0000:02: FATAL firmware error", { .match = raid }, true },
        { "Dec  1 host kernel: megaraid_sas 0000:02: fatal firmware error", { .match = raid }, false },
        { "FATAL: megaraid", { .match = raid }, false },
        { "an oops", { .match = two }, true },
        { "kernel panic: not syncing", { .match = two }, true },
        { "kernel panic:", { .match = two }, false },
        { "sshd[1]: FAILED Password for root", { .match = small, .ignore_case = 1 }, true },
        { "sshd[1]: FAILED Password for root", { .match = small }, false },
        { "failed password from 10.0.0.7", { .match = small, .unmatch = known }, false },
        { "failed password from 10.1.0.7", { .match = small, .unmatch = known }, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (log_line_fits(&cases[i].log, cases[i].line) != cases[i].want)
            fail_msg("%s", cases[i].line);
}

/* ---- the journal ---- */

static struct journal_entry entry;

static bool next(const char **at, const char *end)
{
    bool whole = journal_next(at, end, &entry);

    assert_true(utf8_valid(entry.line, strlen(entry.line)));
    return whole;
}

static void entries_of_the_journal_become_lines(void **state)
{
    static const char text[] = "__CURSOR=s=1;i=2a;b=3\n__REALTIME_TIMESTAMP=1\nMESSAGE=Failed password\nSYSLOG_IDENTIFIER=sshd\n\n"
                               "__CURSOR=s=1;i=2b;b=3\nSYSLOG_IDENTIFIER=app\nMESSAGE\n\x0a\0\0\0\0\0\0\0two\nl=\xff""ine\n\n"
                               "__CURSOR=s=1;i=2c;b=3\n_PID=1\n\n"
                               "__CURSOR=-x\nMESSAGE=no=identifier\nMESSAGE=second\n\n";
    const char       *at = text, *end = text + sizeof text - 1;

    (void)state;
    assert_true(next(&at, end));
    assert_string_equal(entry.cursor, "s=1;i=2a;b=3");
    assert_string_equal(entry.line, "sshd: Failed password");
    assert_true(next(&at, end));
    assert_string_equal(entry.cursor, "s=1;i=2b;b=3");
    assert_string_equal(entry.line, "app: two l=\xef\xbf\xbdine");
    assert_true(next(&at, end));
    assert_string_equal(entry.line, "");
    assert_true(next(&at, end));
    assert_string_equal(entry.cursor, "");
    assert_string_equal(entry.line, "no=identifier");
    assert_false(next(&at, end));
    assert_ptr_equal(at, end);
}

static void an_entry_that_was_cut_stays_for_the_next_time(void **state)
{
    static const char text[] = "__CURSOR=s=1;i=2a;b=3\nSYSLOG_IDENTIFIER=app\nMESSAGE\n\x05\0\0\0\0\0\0\0first\n\n";

    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        char       *exact = malloc(len ? len : 1);
        const char *at = exact;

        assert_non_null(exact);
        memcpy(exact, text, len);
        assert_false(next(&at, exact + len));
        assert_ptr_equal(at, exact);
        if (len >= 22)
            assert_string_equal(entry.cursor, "s=1;i=2a;b=3");
        free(exact);
    }
    assert_string_equal(entry.line, "app: first");
}

static void a_count_that_lies_reads_nothing_beyond(void **state)
{
    static const char text[] = "__CURSOR=s=1\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff" "abc\n\n";
    char             *exact = calloc(1, sizeof text - 1);
    const char       *at;

    (void)state;
    assert_non_null(exact);
    memcpy(exact, text, sizeof text - 1);
    at = exact;
    assert_false(next(&at, exact + sizeof text - 1));
    assert_string_equal(entry.line, "abc  ");
    free(exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_have_ended_are_told),
        cmocka_unit_test(of_a_long_line_the_beginning_counts),
        cmocka_unit_test(a_rule_looks_for_globs_anywhere_in_a_line),
        cmocka_unit_test(entries_of_the_journal_become_lines),
        cmocka_unit_test(an_entry_that_was_cut_stays_for_the_next_time),
        cmocka_unit_test(a_count_that_lies_reads_nothing_beyond),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
