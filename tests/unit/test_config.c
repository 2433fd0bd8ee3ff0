#include "tests/unit/check.h"

#include "proto/config.h"

static const struct rule defaults[] = {
    { .name = "disk-full", .metric = "system.filesystem.utilization", .test = RULE_ABOVE,
      .warning = { true, 0.90, 0.88, 900, 300 }, .critical = { true, 0.97, 0.95, 300, 300 },
      .title = "t", .facts = "f", .enabled = true },
    { .name = "load-high", .metric = "system.linux.cpu.load_15m", .test = RULE_ABOVE,
      .warning = { true, 16, 8, 1800, 900 }, .title = "t", .facts = "" },
};

static struct err parse(const char *text, struct problems *problems, struct config **ret)
{
    *problems = (struct problems){ 0 };
    *ret = NULL;
    return config_parse(text, strlen(text), defaults, ARRAY_LEN(defaults), problems, ret);
}

static struct config *parse_well(const char *text)
{
    struct problems problems;
    struct config  *config;

    if (failed(parse(text, &problems, &config)))
        fail_msg("%s: %s: %s", text, problems.items[0].path, problems.items[0].text);
    assert_int_equal(problems.count, 0);
    return config;
}

/* ---- every mistake has its place ---- */

static const struct {
    const char *text, *problems; /* one a line: "path: text" */
} mistakes[] = {
    { "", ": line 1, column 1: this is not JSON from here on\n" },
    { "{\"log\":}", ": line 1, column 8: this is not JSON from here on\n" },
    { "[]", ": expected an object, got a list\n" },
    { "{\"device\":{\"nmae\":\"x\"}}", "device.nmae: there is no such setting; \"name\" perhaps?\n" },
    { "{\"devcie\":{}}", "devcie: there is no such setting; \"device\" perhaps?\n" },
    { "{\"zzz\":1}", "zzz: there is no such setting\n" },
    { "{\"device\":\"pc\"}", "device: expected an object, got \"pc\"\n" },
    { "{\"device\":{\"name\":7}}", "device.name: expected text without control characters, got 7\n" },
    { "{\"device\":{\"name\":\"a\\nb\"}}", "device.name: expected text without control characters, got \"a\nb\"\n" },
    { "{\"device\":{\"url\":\"ftp://x\"}}",
      "device.url: expected an address that begins with https:// or http://, got \"ftp://x\"\n" },
    { "{\"log\":{\"level\":\"loud\"}}",
      "log.level: expected \"error\", \"warn\", \"info\" or \"debug\", got \"loud\"\n" },
    { "{\"log\":{\"level\":null}}", "log.level: expected \"error\", \"warn\", \"info\" or \"debug\", got null\n" },
    { "{\"collect\":{\"period_s\":\"soon\"}}",
      "collect.period_s: expected a whole number from 1 to 3600, got \"soon\"\n" },
    { "{\"collect\":{\"period_s\":0}}", "collect.period_s: expected a whole number from 1 to 3600, got 0\n" },
    { "{\"collect\":{\"period_s\":1.5}}", "collect.period_s: expected a whole number from 1 to 3600, got 1.5\n" },
    { "{\"collect\":{\"period_s\":1e99}}", "collect.period_s: expected a whole number from 1 to 3600, got 1e+99\n" },
    { "{\"outbox\":{\"max_mb\":-1}}", "outbox.max_mb: expected a whole number from 1 to 1024, got -1\n" },
    { "{\"rules\":{}}", "rules: expected a list, got an object\n" },
    { "{\"rules\":[{}]}",
      "rules[0]: \"name\" is missing: a built-in rule's name (`picket config rules` lists them), or a new one\n" },
    { "{\"rules\":[{\"name\":\"Disk Full\"}]}", "rules[0].name: expected a name of a-z, 0-9 and -, got \"Disk Full\"\n" },
    { "{\"rules\":[{\"name\":\"disk-ful\",\"enabled\":false}]}",
      "rules[0].name: there is no built-in rule \"disk-ful\" (\"disk-full\" perhaps?), and a new one needs a "
      "\"metric\"\n" },
    { "{\"rules\":[{\"name\":\"disk-full\"},{\"name\":\"disk-full\"}]}",
      "rules[1].name: \"disk-full\" stands twice: first as rules[0]\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"warning\":{\"above\":1}}]}",
      "rules[0]: \"metric\" is missing: a new rule needs it\nrules[0]: \"title\" is missing: a new rule needs it\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a.b\",\"title\":\"t\"}]}",
      "rules[0]: it has no level: expected \"warning\", \"critical\" or \"forecast\", or \"enabled\": false\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a b\",\"title\":\"t\",\"warning\":{\"above\":1}}]}",
      "rules[0].metric: expected a metric's name, as in \"system.memory.utilization\", got \"a b\"\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"metric\":\"system.memory.utilization\"}]}",
      "rules[0].metric: the built-in \"disk-full\" looks at \"system.filesystem.utilization\": give yours another "
      "name\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"warning\":{\"above\":0.8,\"clear\":0.9}}]}",
      "rules[0].warning.clear: expected at most 0.8, the limit, got 0.9\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"below\":5,\"clear\":4}}]}",
      "rules[0].warning.clear: expected at least 5, the limit, got 4\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"warning\":{\"above\":0.98}}]}",
      "rules[0].critical.above: expected at least 0.98, the warning, got 0.97\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"below\":5},"
      "\"critical\":{\"below\":6}}]}",
      "rules[0].critical.below: expected at most 5, the warning, got 6\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"above\":5},"
      "\"critical\":{\"above\":5}}]}",
      "rules[0].critical: expected another limit than the warning's, or a longer \"for_s\"\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"above\":5},"
      "\"critical\":{\"equals\":6}}]}",
      "rules[0].critical: expected \"above\" as in \"warning\", got \"equals\"\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"above\":5,\"below\":1}}]}",
      "rules[0].warning: expected one of \"above\", \"below\", \"equals\" and \"absent\", got 2\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"for_s\":5}}]}",
      "rules[0].warning: expected \"above\", \"below\", \"equals\" or \"absent\"\n"
      "rules[0]: it has no level: expected \"warning\", \"critical\" or \"forecast\", or \"enabled\": false\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"equals\":5,\"clear\":5}}]}",
      "rules[0].warning.clear: means nothing with \"equals\"\n" },
    { "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\",\"warning\":{\"absent\":false,\"above\":1}}]}",
      "rules[0].warning.absent: expected true, or nothing\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"warning\":{\"for_s\":9999999}}]}",
      "rules[0].warning.for_s: expected a whole number from 0 to 604800, got 9999999\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"warning\":{\"enabled\":false},\"critical\":{\"enabled\":false}}]}",
      "rules[0]: it has no level: expected \"warning\", \"critical\" or \"forecast\", or \"enabled\": false\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"where\":[{\"key\":\"mountpoint\"}]}]}",
      "rules[0].where[0]: expected one of \"like\" and \"unlike\"\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"where\":[{\"like\":\"x\"}]}]}",
      "rules[0].where[0]: \"key\" is missing: the attribute, by its last word or whole: `mountpoint`, "
      "`system.filesystem.mountpoint`\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"where\":[{},{},{},{},{}]}]}", "rules[0].where: expected at most 4, got 5\n" },
    { "{\"upstreams\":[{\"name\":\"a\"}]}",
      "upstreams[0]: \"connector\" is missing: `desk`, the agent's own; a vendor's system (`docs/connectors.md`); "
      "`otlp` for samples (`docs/otlp.md`)\n" },
    { "{\"upstreams\":[{\"connector\":\"desk\"},{\"connector\":\"desk\"}]}",
      "upstreams[1].name: \"desk\" stands twice: first as upstreams[0]\n" },
    { "{\"upstreams\":[{\"connector\":\"desk\",\"settings\":{\"a\":1},\"proxy\":\"none\"}]}",
      "upstreams[0].settings: means nothing for the local desk\n"
      "upstreams[0].proxy: means nothing for the local desk\n" },
    { "{\"upstreams\":[{\"connector\":\"x\",\"from\":\"ok\"}]}",
      "upstreams[0].from: expected \"warning\" or \"critical\", got \"ok\"\n" },
    { "{\"upstreams\":[{\"connector\":\"x\",\"ca_file\":\"ca.pem\"}]}",
      "upstreams[0].ca_file: expected a path that begins with /, got \"ca.pem\"\n" },
    { "{\"upstreams\":[{\"connector\":\"x\",\"proxy\":\"proxy:3128\"}]}",
      "upstreams[0].proxy: expected \"none\" or an address such as \"http://proxy:3128\", got \"proxy:3128\"\n" },
    { "{\"upstreams\":[{\"connector\":\"x\",\"settings\":{\"key\":{\"flie\":\"/hush\"}}}]}",
      "upstreams[0].settings.key: expected text of at most 1000 bytes, a number, true, false or "
      "{\"file\": \"/absolute/path\"}\n" },
    { "{\"upstreams\":[{\"connector\":\"x\",\"settings\":{\"key\":[\"hush\"]}}]}",
      "upstreams[0].settings.key: expected text of at most 1000 bytes, a number, true, false or "
      "{\"file\": \"/absolute/path\"}\n" },
    { "{\"upstreams\":[{\"connector\":\"x\",\"settings\":\"hush\"}]}",
      "upstreams[0].settings: expected an object of at most 64 settings\n" },
    { "{\"logs\":[{\"name\":\"a\",\"match\":\"x\"},{\"name\":\"a\",\"file\":\"/a\",\"journal\":{},\"match\":\"x\"}]}",
      "logs[0]: expected one of \"file\" and \"journal\"\n"
      "logs[1].name: \"a\" stands twice: first as logs[0]\n"
      "logs[1]: expected one of \"file\" and \"journal\"\n" },
    { "{\"logs\":[{\"name\":\"a\",\"file\":\"/a\",\"match\":[\"x\",\"**\",3],\"unmatch\":[]}]}",
      "logs[0].match[1]: every line would fit\n"
      "logs[0].match[2]: expected text of at most 200 bytes that a line has in it (* is any run of characters, ? is one)\n"
      "logs[0].unmatch: expected a text, or a list of at most 16 of which one will do\n" },
    { "{\"logs\":[{\"name\":\"a\",\"journal\":{\"priority\":\"bad\"},\"match\":\"\"}]}",
      "logs[0].journal.priority: expected \"emerg\", \"alert\", \"crit\", \"err\", \"warning\", \"notice\", \"info\" or "
      "\"debug\", got \"bad\"\n"
      "logs[0].match: expected text of at most 200 bytes that a line has in it (* is any run of characters, ? is one)\n" },
    { "{\"log\":{},\"log\":{}}", ": the name \"log\" stands twice in one object\n" },
    { "{\"collect\":{\"period_s\":0},\"log\":{\"level\":1}}",
      "collect.period_s: expected a whole number from 1 to 3600, got 0\n"
      "log.level: expected \"error\", \"warn\", \"info\" or \"debug\", got 1\n" },
};

static void every_mistake_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        struct problems problems;
        struct config  *config;
        struct buf      said;

        buf_init(&said, 16384);
        assert_true(failed(parse(mistakes[i].text, &problems, &config)));
        assert_null(config);
        for (size_t p = 0; p < problems.count; p++)
            buf_printf(&said, "%s: %s\n", problems.items[p].path, problems.items[p].text);
        if (strcmp(buf_text(&said), mistakes[i].problems) != 0)
            fail_msg("%s\nsaid: %s\nnot:  %s", mistakes[i].text, buf_text(&said), mistakes[i].problems);
        buf_done(&said);
    }
}

static void more_mistakes_than_anyone_reads_are_counted(void **state)
{
    struct problems problems;
    struct config  *config;
    struct buf      text;

    (void)state;
    buf_init(&text, 65536);
    buf_add_text(&text, "{\"rules\":[");
    for (int i = 0; i < 100; i++)
        buf_printf(&text, "%s{\"name\":%d}", i ? "," : "", i);
    buf_add_text(&text, "]}");
    assert_int_equal(parse(text.data, &problems, &config).code, ERR_MALFORMED);
    assert_int_equal(problems.count, PROBLEMS_MAX);
    assert_int_equal(problems.omitted, 100 - PROBLEMS_MAX);
    buf_done(&text);
}

/* ---- what is right ---- */

static void what_a_log_rule_looks_for_may_stand_anywhere(void **state)
{
    struct config *c = parse_well("{\"logs\":[{\"name\":\"a\",\"file\":\"/a\",\"match\":\"A*b\"},{\"name\":\"b\",\"journal\":{},"
                                  "\"match\":[\"C\",\"d\"],\"unmatch\":\"E\",\"ignore_case\":true,\"severity\":\"critical\"}]}");

    (void)state;
    assert_int_equal(c->log_count, 2);
    assert_string_equal(c->logs[0].match[0], "*A*b*");
    assert_null(c->logs[0].match[1]);
    assert_null(c->logs[0].unmatch);
    assert_string_equal(c->logs[0].severity, "warning");
    assert_string_equal(c->logs[1].match[0], "*c*");
    assert_string_equal(c->logs[1].match[1], "*d*");
    assert_string_equal(c->logs[1].unmatch[0], "*e*");
    assert_null(c->logs[1].journal->unit);
    config_free(&c);
}

static void nothing_said_means_the_defaults_and_the_desk(void **state)
{
    struct config *c = parse_well("{}");

    (void)state;
    assert_null(c->device_name);
    assert_string_equal(c->log_level, "info");
    assert_int_equal(c->period_s, 60);
    assert_int_equal(c->outbox_mb, 16);
    assert_int_equal(c->history_hours, 72);
    assert_int_equal(c->inventory_hours, 24);
    assert_int_equal(c->remind_hours, 24);
    assert_int_equal(c->storm_alerts, 10);
    assert_int_equal(c->storm_min, 10);
    assert_int_equal(c->upstream_count, 1);
    assert_string_equal(c->upstreams[0].name, "desk");
    assert_string_equal(c->upstreams[0].connector, "desk");
    assert_int_equal(c->upstreams[0].from, SEVERITY_WARNING);
    assert_int_equal(c->policy->count, ARRAY_LEN(defaults));
    for (size_t r = 0; r < ARRAY_LEN(defaults); r++) { /* but for the configuration's own quiet times */
        struct rule rule = c->policy->rules[r];

        assert_int_equal(rule.quiet.after_boot_s, 300);
        assert_int_equal(rule.quiet.after_resume_s, 180);
        assert_false(rule.quiet.through_windows);
        assert_int_equal(rule.flapping.times, 3);
        rule.quiet = defaults[r].quiet;
        rule.flapping = defaults[r].flapping;
        assert_memory_equal(&rule, &defaults[r], sizeof rule);
    }
    assert_int_equal(c->policy->window_count, 0);
    config_free(&c);
    assert_null(c);
}

static void an_upstream_is_read_with_its_settings(void **state)
{
    struct config *c = parse_well("{\"device\":{\"name\":\"pc-7\",\"client\":\"Acme\",\"site\":null},\"upstreams\":["
                                  "{\"name\":\"psa\",\"connector\":\"some\",\"from\":\"critical\",\"proxy\":\"none\","
                                  "\"ca_file\":\"/ca\",\"settings\":{\"site\":\"x\",\"board\":12,\"big\":1234567890123,"
                                  "\"on\":true,\"not\":null,\"key\":{\"file\":\"/k\"}}},{\"connector\":\"desk\"}]}");
    const struct config_upstream *u = &c->upstreams[0];
    static const struct {
        const char *name, *value, *file;
    } want[] = {
        { "site", "x", NULL }, { "board", "12", NULL }, { "big", "1234567890123", NULL }, { "on", "true", NULL },
        { "key", NULL, "/k" },
    };

    (void)state;
    assert_string_equal(c->device_name, "pc-7");
    assert_string_equal(c->client, "Acme");
    assert_null(c->site);
    assert_int_equal(c->upstream_count, 2);
    assert_string_equal(c->upstreams[1].name, "desk");
    assert_int_equal(u->from, SEVERITY_CRITICAL);
    assert_string_equal(u->ca_file, "/ca");
    assert_int_equal(u->setting_count, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(u->settings[i].name, want[i].name);
        assert_true(want[i].value ? strcmp(u->settings[i].value, want[i].value) == 0 : !u->settings[i].value);
        assert_true(want[i].file ? strcmp(u->settings[i].file, want[i].file) == 0 : !u->settings[i].file);
    }
    config_free(&c);
}

static void level_is(const struct rule_level *level, double raise, double clear, uint32_t for_s, uint32_t clear_for_s)
{
    assert_true(level->set);
    assert_float_equal(level->raise, raise, 1e-9);
    assert_float_equal(level->clear, clear, 1e-9);
    assert_int_equal(level->for_s, for_s);
    assert_int_equal(level->clear_for_s, clear_for_s);
}

static void a_built_in_rule_changes_only_where_it_is_named(void **state)
{
    struct config     *c = parse_well("{\"rules\":[{\"name\":\"disk-full\",\"warning\":{\"for_s\":60}},"
                                      "{\"name\":\"load-high\",\"enabled\":true}]}");
    const struct rule *r = c->policy->rules;

    (void)state;
    level_is(&r[0].warning, 0.90, 0.88, 60, 300);
    level_is(&r[0].critical, 0.97, 0.95, 300, 300);
    assert_string_equal(r[0].title, "t");
    assert_string_equal(r[0].facts, "f");
    assert_int_equal(r[0].place, 1);
    assert_true(r[1].enabled);
    assert_int_equal(r[1].place, 2);
    config_free(&c);
}

static void a_limit_that_moves_takes_its_clear_level_along(void **state)
{
    static const struct {
        const char *level;
        double      raise, clear;
    } cases[] = {
        { "{\"above\":0.80}", 0.80, 0.78 },                 { "{\"above\":0.80,\"clear\":0.5}", 0.80, 0.5 },
        { "{\"clear\":0.6}", 0.90, 0.6 },                   { "{\"above\":0.01}", 0.01, 0.01 },
        { "{\"above\":0.95}", 0.95, 0.93 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char           text[200];
        struct config *c;

        snprintf(text, sizeof text, "{\"rules\":[{\"name\":\"disk-full\",\"warning\":%s}]}", cases[i].level);
        c = parse_well(text);
        level_is(&c->policy->rules[0].warning, cases[i].raise, cases[i].clear, 900, 300);
        config_free(&c);
    }
}

static void a_level_can_be_switched_off_and_another_way_of_breaching_begins_anew(void **state)
{
    struct config     *c = parse_well("{\"rules\":[{\"name\":\"disk-full\",\"warning\":{\"below\":0.5},\"critical\":"
                                      "{\"enabled\":false}}]}");
    const struct rule *r = c->policy->rules;

    (void)state;
    assert_int_equal(r->test, RULE_BELOW);
    level_is(&r->warning, 0.5, 0.5, 0, 0);
    assert_false(r->critical.set);
    config_free(&c);
}

static void a_new_rule_is_read_whole(void **state)
{
    struct config *c = parse_well(
        "{\"rules\":[{\"name\":\"backup-disk\",\"metric\":\"system.filesystem.usage\",\"where\":[{\"key\":\"mountpoint\","
        "\"like\":\"/backup*\"},{\"key\":\"type\",\"unlike\":\"tmpfs\"}],\"critical\":{\"absent\":true,\"for_s\":300},"
        "\"title\":\"{device}: no backup disk\",\"facts\":\"one\\ntwo\"}]}");
    const struct rule *r = &c->policy->rules[2];

    (void)state;
    assert_int_equal(c->policy->count, 3);
    assert_string_equal(r->name, "backup-disk");
    assert_string_equal(r->metric, "system.filesystem.usage");
    assert_string_equal(r->facts, "one\ntwo");
    assert_int_equal(r->test, RULE_ABSENT);
    assert_true(r->enabled && r->critical.set && !r->warning.set);
    assert_int_equal(r->critical.for_s, 300);
    assert_int_equal(r->critical.clear_for_s, 300);
    assert_int_equal(r->where_count, 2);
    assert_string_equal(r->where[0].glob, "/backup*");
    assert_false(r->where[0].exclude);
    assert_string_equal(r->where[1].key, "type");
    assert_true(r->where[1].exclude);
    assert_int_equal(r->place, 1);
    config_free(&c);
}

static void a_list_of_selectors_replaces_the_built_in_one(void **state)
{
    static const struct rule of_media = { .name = "x", .metric = "m", .where = { { "k", "g", true } }, .where_count = 1,
                                          .test = RULE_ABOVE, .warning = { true, 1, 1, 0, 0 }, .title = "t",
                                          .facts = "", .enabled = true };
    static const char        text[] = "{\"rules\":[{\"name\":\"x\",\"where\":[]}]}";
    struct problems          problems = { 0 };
    struct config           *c = NULL;

    (void)state;
    assert_false(failed(config_parse(text, strlen(text), &of_media, 1, &problems, &c)));
    assert_int_equal(c->policy->rules[0].where_count, 0);
    config_free(&c);
}

/* ---- what is printed from the rows ---- */

static void the_example_says_what_holds_without_it(void **state)
{
    struct config *bare = parse_well("{}"), *c;
    struct buf     text;

    (void)state;
    buf_init(&text, 65536);
    assert_false(failed(config_example_print(&text)));
    c = parse_well(text.data);
    assert_int_equal(c->period_s, bare->period_s);
    assert_int_equal(c->outbox_mb, bare->outbox_mb);
    assert_int_equal(c->history_hours, bare->history_hours);
    assert_int_equal(c->remind_hours, bare->remind_hours);
    assert_null(c->device_name);
    assert_string_equal(c->log_level, bare->log_level);
    assert_int_equal(c->upstream_count, 1);
    assert_string_equal(c->upstreams[0].connector, "desk");
    assert_memory_equal(c->policy->rules, bare->policy->rules, sizeof defaults);
    config_free(&c);
    config_free(&bare);
    buf_done(&text);
}

/* The committed file is what the rows print. path: below the source folder. */
static void file_holds(const char *path, const char *printed, const char *remedy)
{
    char   full[512];
    FILE  *file;
    char  *text;
    size_t len;

    snprintf(full, sizeof full, "%s/%s", PICKET_SOURCE_DIR, path);
    file = fopen(full, "rb");
    if (!file)
        fail_msg("%s is missing: %s", path, remedy);
    text = calloc(1, 1024 * 1024);
    assert_non_null(text);
    len = fread(text, 1, 1024 * 1024 - 1, file);
    fclose(file);
    if (!strstr(text, printed))
        fail_msg("%s (%zu bytes) is not what the rows say: %s", path, len, remedy);
    free(text);
}

static void the_committed_schema_example_and_reference_are_those_of_the_rows(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1024 * 1024);
    assert_false(failed(config_schema_print(&text)));
    file_holds("proto/schema/config.schema.json", text.data, "picket config schema > proto/schema/config.schema.json");
    buf_clear(&text);
    assert_false(failed(config_example_print(&text)));
    file_holds("packaging/picket.json.example", text.data, "picket config example > packaging/picket.json.example");
    buf_clear(&text);
    assert_false(failed(config_reference_print(&text)));
    file_holds("docs/configuration.md", text.data, "put the table of `picket config reference` into it");
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_named_with_its_place),
        cmocka_unit_test(more_mistakes_than_anyone_reads_are_counted),
        cmocka_unit_test(what_a_log_rule_looks_for_may_stand_anywhere),
        cmocka_unit_test(nothing_said_means_the_defaults_and_the_desk),
        cmocka_unit_test(an_upstream_is_read_with_its_settings),
        cmocka_unit_test(a_built_in_rule_changes_only_where_it_is_named),
        cmocka_unit_test(a_limit_that_moves_takes_its_clear_level_along),
        cmocka_unit_test(a_level_can_be_switched_off_and_another_way_of_breaching_begins_anew),
        cmocka_unit_test(a_new_rule_is_read_whole),
        cmocka_unit_test(a_list_of_selectors_replaces_the_built_in_one),
        cmocka_unit_test(the_example_says_what_holds_without_it),
        cmocka_unit_test(the_committed_schema_example_and_reference_are_those_of_the_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
