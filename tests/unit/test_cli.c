#include "tests/unit/check.h"

#include <unistd.h>

#include "agent/cli/command.h"
#include "agent/cli/limits.h"
#include "agent/cli/print.h"
#include "agent/cli/table.h"
#include "agent/rule/rules.h"
#include "platform/buf.h"

/* ---- options ---- */

enum { JSON, VERBOSE, FILE_ };

static const struct option_row rows[] = {
    [JSON] = { "json", 'j', NULL, "as JSON" },
    [VERBOSE] = { "verbose", 'v', NULL, "more" },
    [FILE_] = { "file", 'f', "FILE", "a file" },
    { 0 },
};

static const struct command tried = { .name = "try", .summary = "Try.", .usage = "", .options = rows };

/* What was found, as text: "json file=x | operands". */
static const struct {
    const char *line, *want;
} lines[] = {
    { "", "|" },
    { "--json", "json |" },
    { "-j", "json |" },
    { "-jv", "json verbose |" },
    { "-vfx a", "verbose file=x | a" },
    { "-vf x a", "verbose file=x | a" },
    { "--file x", "file=x |" },
    { "--file=x=y", "file=x=y |" },
    { "--file=", "file= |" },
    { "show 3 --json", "json | show 3" },
    { "show --file x 3 -v 4", "file=x verbose | show 3 4" },
    { "a -- --json -v", "| a --json -v" },
    { "-- a", "| a" },
    { "a - b", "| a - b" },
    { "-j a -v b -f c d", "json verbose file=c | a b d" },
    { "--file --json", "file=--json |" },
    { "--help", "exit 0" },
    { "-jh", "json exit 0" },
    { "a --help", "exit 0" },
    { "--jsno", "exit 2" },
    { "--json=1", "exit 2" },
    { "--file", "exit 2" },
    { "a -f", "exit 2" },
    { "-x", "exit 2" },
    { "--jso", "exit 2" },
};

static void scan_line(const char *line, char *into, size_t size)
{
    char               words[200], *argv[20] = { (char[]){ "try" } }, *rest = NULL;
    struct option_scan scan = { .command = &tried, .argc = 1, .argv = argv };
    size_t             len = 0;

    into[0] = '\0';
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        argv[scan.argc++] = word;
    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT) {
            snprintf(into + len, size - len, "exit %d", scan.status);
            return;
        }
        len += (size_t)snprintf(into + len, size - len, scan.value ? "%s=%s " : "%s ", rows[option].name, scan.value);
    }
    len += (size_t)snprintf(into + len, size - len, "|");
    for (; scan.at < scan.argc; scan.at++)
        len += (size_t)snprintf(into + len, size - len, " %s", argv[scan.at]);
}

/* Usage and help go where nobody has to read them. */
static void hush(bool on)
{
    static int out = -1, err = -1;

    fflush(stdout);
    fflush(stderr);
    if (on) {
        FILE *nothing = fopen("/dev/null", "w");

        assert_non_null(nothing);
        out = dup(1);
        err = dup(2);
        dup2(fileno(nothing), 1);
        dup2(fileno(nothing), 2);
        fclose(nothing);
    } else {
        dup2(out, 1);
        dup2(err, 2);
        close(out);
        close(err);
    }
}

static void options_are_found_wherever_they_stand(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        char got[200];

        hush(true);
        scan_line(lines[i].line, got, sizeof got);
        hush(false);
        if (strcmp(got, lines[i].want) != 0)
            fail_msg("\"%s\": \"%s\", not \"%s\"", lines[i].line, got, lines[i].want);
    }
}

static void every_command_says_what_it_is_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const struct command *c = commands[i];

        assert_non_null(c->run);
        assert_true(c->name[0] && c->summary[0]);
        assert_true(c->summary[strlen(c->summary) - 1] == '.');
        assert_non_null(c->usage);
        for (const struct option_row *row = c->options; row && row->name; row++) {
            assert_true(row->help && row->help[0] && row->letter != 'h');
            for (const struct option_row *other = c->options; other < row; other++) {
                assert_string_not_equal(other->name, row->name);
                assert_true(!row->letter || row->letter != other->letter);
            }
        }
    }
}

/* ---- printing ---- */

static char *printed(FILE *file)
{
    long  len = ftell(file);
    char *text = calloc(1, (size_t)len + 1);

    assert_non_null(text);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)len, file), len);
    fclose(file);
    return text;
}

static void a_table_in_a_file_is_whole_and_cannot_command_a_terminal(void **state)
{
    static const struct table_column columns[] = {
        { .title = "NAME", .gives = true },
        { .title = "N", .to_right = true },
        { .title = "LAST" },
    };
    FILE        *file = tmpfile();
    struct table t;
    char        *text;

    (void)state;
    table_begin(&t, columns, 3);
    table_put(&t, TABLE_PLAIN, "gr\xc3\xbc\xc3\xbc");
    table_put(&t, TABLE_BAD, "7");
    table_put(&t, TABLE_GOOD, "a");
    table_put(&t, TABLE_PLAIN, "x\x1b[31m\xff\ny");
    table_put(&t, TABLE_PLAIN, "1234");
    table_put(&t, TABLE_PLAIN, "");
    assert_false(failed(table_end(&t, file)));
    text = printed(file);
    assert_string_equal(text, "NAME          N  LAST\n"
                              "gr\xc3\xbc\xc3\xbc          7  a\n"
                              "x [31m\xef\xbf\xbd y  1234\n");
    free(text);
}

static void an_empty_table_prints_nothing(void **state)
{
    static const struct table_column columns[] = { { .title = "NAME" } };
    FILE                            *file = tmpfile();
    struct table                     t;

    (void)state;
    table_begin(&t, columns, 1);
    assert_false(failed(table_end(&t, file)));
    assert_int_equal(ftell(file), 0);
    fclose(file);
}

static void prose_is_wrapped_and_examples_are_not(void **state)
{
    FILE *file = tmpfile();
    char *text;

    (void)state;
    print_paragraphs(file, "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhhhhh iiiiiiiii\n"
                           "\n"
                           "    an example stays as it is");
    print_entry(file, "  --x", 8, "what it does");
    print_entry(file, "  --longer-than-that", 8, "what it does");
    text = printed(file);
    assert_string_equal(text, "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee fffffffff ggggggggg hhhhhhhhh\n"
                              "iiiiiiiii\n"
                              "\n"
                              "    an example stays as it is\n"
                              "  --x   what it does\n"
                              "  --longer-than-that\n"
                              "        what it does\n");
    free(text);
}

static void limits_are_said_in_the_metrics_unit(void **state)
{
    static const struct {
        struct rule rule;
        const char *want;
    } cases[] = {
        { { .metric = "system.memory.utilization", .test = RULE_ABOVE, .warning = { true, 0.9, 0, 900, 0 } },
          "> 90 % for 15 min" },
        { { .metric = "system.memory.utilization", .test = RULE_ABOVE, .warning = { true, 0.975, 0, 0, 0 } }, "> 97.5 %" },
        { { .metric = "system.filesystem.available", .test = RULE_BELOW, .warning = { true, 1073741824, 0, 60, 0 } },
          "< 1.0 GiB for 60 s" },
        { { .metric = "system.filesystem.read_only", .test = RULE_EQUALS, .warning = { true, 1, 0, 0, 0 } }, "= yes" },
        { { .metric = "system.uptime", .test = RULE_ABSENT, .warning = { true, 0, 0, 300, 0 } }, "absent for 5 min" },
        { { .metric = "not.known", .test = RULE_ABOVE, .warning = { true, 1.5, 0, 0, 0 } }, "> 1.5" },
        { { .metric = "not.known", .test = RULE_ABOVE }, "" },
    };
    char text[LIMIT_MAX];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(limit_print(&cases[i].rule, &cases[i].rule.warning, text), cases[i].want);
}

/* ---- the documentation ---- */

static void the_documented_rules_are_the_built_in_ones(void **state)
{
    struct buf want;
    char       path[512], *text = calloc(1, 65536), warning[LIMIT_MAX], critical[LIMIT_MAX];
    FILE      *file;

    (void)state;
    buf_init(&want, 65536);
    buf_add_text(&want, "| rule | warning | critical | metric | |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < default_rule_count; i++) {
        const struct rule *r = &default_rules[i];

        buf_printf(&want, "| `%s` | %s | %s | `%s` | %s |\n", r->name, limit_print(r, &r->warning, warning),
                   limit_print(r, &r->critical, critical), r->metric, r->enabled ? "" : "off");
    }
    snprintf(path, sizeof path, "%s/docs/rules.md", PICKET_SOURCE_DIR);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    if (!strstr(text, want.data)) {
        fputs(want.data, stderr);
        fail_msg("docs/rules.md should have the table above");
    }
    free(text);
    buf_done(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_found_wherever_they_stand),
        cmocka_unit_test(every_command_says_what_it_is_for),
        cmocka_unit_test(a_table_in_a_file_is_whole_and_cannot_command_a_terminal),
        cmocka_unit_test(an_empty_table_prints_nothing),
        cmocka_unit_test(prose_is_wrapped_and_examples_are_not),
        cmocka_unit_test(limits_are_said_in_the_metrics_unit),
        cmocka_unit_test(the_documented_rules_are_the_built_in_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
