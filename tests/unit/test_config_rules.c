/* Quiet times, forecasts and what else a rule may ask for: what may be written, and what is said of mistakes. */
#include "tests/unit/check.h"

#include <math.h>

#include "platform/buf.h"
#include "proto/config.h"

static const struct rule_condition built_in = { .metric = "load", .test = RULE_ABOVE, .level = 1 };
static const struct rule_cause cause = { "restarted", NULL };

static const struct rule defaults[] = {
    { .name = "disk-full", .metric = "disk", .title = "t", .facts = "", .enabled = true, .test = RULE_ABOVE,
      .warning = { true, 0.9, 0.88, 900, 300 }, .forecast = { true, false, 1, 172800, 259200, "will be" },
      .conditions = &built_in, .all_count = 1, .causes = &cause, .cause_count = 1 },
    { .name = "restarted", .metric = "up", .title = "t", .facts = "", .enabled = true, .test = RULE_BELOW,
      .warning = { true, 600, 600, 0, 0 }, .quiet = { .own = QUIET_OWN_BOOT } },
};

static struct err parse(const char *text, struct problems *problems, struct config **config)
{
    *problems = (struct problems){ 0 };
    *config = NULL;
    return config_parse(text, strlen(text), defaults, ARRAY_LEN(defaults), problems, config);
}

#define RULE(members) "{\"rules\":[{\"name\":\"mine\",\"metric\":\"a\",\"title\":\"t\"," members "}]}"
#define WINDOW(members) "{\"quiet\":{\"windows\":[{\"name\":\"w\",\"start\":\"22:00\",\"minutes\":60" members "}]}}"

static const struct {
    const char *text, *problems;
} mistakes[] = {
    { "{\"quiet\":{\"after_boot_s\":90000}}", "quiet.after_boot_s: expected a whole number from 0 to 86400, got 90000\n" },
    { "{\"quiet\":{\"windows\":[{\"name\":\"w\"}]}}",
      "quiet.windows[0]: \"start\" is missing: the local time at which it begins: `22:00`\n"
      "quiet.windows[0]: \"minutes\" is missing: how long it lasts, also where the clocks change within it\n" },
    { WINDOW(",\"days\":\"weekdays\""),
      "quiet.windows[0].days: expected \"daily\" or days such as \"mon-fri\" or \"sat,sun\", got \"weekdays\"\n" },
    { WINDOW(",\"days\":\"mon,\""),
      "quiet.windows[0].days: expected \"daily\" or days such as \"mon-fri\" or \"sat,sun\", got \"mon,\"\n" },
    { "{\"quiet\":{\"windows\":[{\"name\":\"w\",\"start\":\"24:00\",\"minutes\":60}]}}",
      "quiet.windows[0].start: expected a local time from \"00:00\" to \"23:59\", got \"24:00\"\n" },
    { "{\"quiet\":{\"windows\":[{\"name\":\"w\",\"start\":\"2:00\",\"minutes\":0}]}}",
      "quiet.windows[0].start: expected a local time from \"00:00\" to \"23:59\", got \"2:00\"\n"
      "quiet.windows[0].minutes: expected a whole number from 1 to 10080, got 0\n" },
    { WINDOW(",\"zone\":\"../etc/passwd\""),
      "quiet.windows[0].zone: expected a time zone's name such as \"Europe/Berlin\", got \"../etc/passwd\"\n" },
    { WINDOW(",\"rules\":\"disk-empty\""),
      "quiet.windows[0].rules: no rule has such a name: `picket config rules` lists them\n" },
    { "{\"quiet\":{\"windows\":[{\"name\":\"w\",\"start\":\"22:00\",\"minutes\":60},"
      "{\"name\":\"w\",\"start\":\"22:00\",\"minutes\":60}]}}",
      "quiet.windows[1].name: \"w\" stands twice: first as windows[0]\n" },
    { RULE("\"warning\":{\"above\":5},\"all\":[{\"metric\":\"b\"},{\"metric\":\"B\",\"above\":1,\"below\":2}]"),
      "rules[0].all[1].metric: expected a metric's name, as in \"system.memory.utilization\", got \"B\"\n" },
    { RULE("\"warning\":{\"above\":5},\"all\":[{\"metric\":\"b\"},{\"metric\":\"b\",\"above\":1,\"below\":2}]"),
      "rules[0].all[0]: expected one of \"above\", \"below\", \"equals\" and \"absent\"\n"
      "rules[0].all[1]: expected one of \"above\", \"below\", \"equals\" and \"absent\"\n" },
    { RULE("\"warning\":{\"above\":5},\"any\":[{\"above\":1,\"where\":[{\"key\":\"k\"}]}]"),
      "rules[0].any[0]: \"metric\" is missing: what is looked at beside the rule's own metric\n" },
    { RULE("\"warning\":{\"above\":5},\"any\":[{\"metric\":\"b\",\"above\":1,\"where\":[{\"key\":\"k\"}]}]"),
      "rules[0].any[0].where[0]: expected one of \"like\" and \"unlike\"\n" },
    { RULE("\"warning\":{\"above\":5},\"any\":[{},{},{},{},{}]"), "rules[0].any: expected at most 4, got 5\n" },
    { RULE("\"warning\":{\"above\":5},\"all\":[{\"metric\":\"b\",\"above\":1,\"same\":\"a;b\"}]"),
      "rules[0].all[0].same: expected names of attributes, parted by blanks, got \"a;b\"\n" },
    { RULE("\"warning\":{\"above\":5},\"depends_on\":[{\"rules\":\"disk-empty\"}]"),
      "rules[0].depends_on[0].rules: no rule has such a name: `picket config rules` lists them\n" },
    { RULE("\"warning\":{\"above\":5},\"depends_on\":[{\"same\":\"\"}]"),
      "rules[0].depends_on[0]: \"rules\" is missing: which: `disk-failing`, `link-*`\n" },
    { "{\"rules\":[{\"name\":\"disk-full\",\"depends_on\":[{\"rules\":\"restart*\"}]},"
      "{\"name\":\"restarted\",\"depends_on\":[{\"rules\":\"disk-*\"}]}]}",
      "rules[1].depends_on: \"restarted\" and \"disk-full\" wait for each other\n" },
    { "{\"rules\":[{\"name\":\"restarted\",\"depends_on\":[{\"rules\":\"a\"}]},"
      "{\"name\":\"a\",\"metric\":\"m\",\"title\":\"t\",\"warning\":{\"above\":1},\"depends_on\":[{\"rules\":\"b\"}]},"
      "{\"name\":\"b\",\"metric\":\"m\",\"title\":\"t\",\"warning\":{\"above\":1},\"depends_on\":[{\"rules\":\"restarted\"}]}]}",
      "rules[2].depends_on: \"b\" and \"restarted\" wait for each other\n" },
    { RULE("\"warning\":{\"above\":5},\"flapping\":{\"times\":1,\"within_s\":59,\"calm_s\":0}"),
      "rules[0].flapping.times: expected a whole number from 2 to 10, got 1\n"
      "rules[0].flapping.within_s: expected a whole number from 60 to 604800, got 59\n"
      "rules[0].flapping.calm_s: expected a whole number from 60 to 604800, got 0\n" },
    { RULE("\"forecast\":{\"within_h\":24}"),
      "rules[0].forecast: expected \"rises_to\" or \"falls_to\"\n"
      "rules[0]: it has no level: expected \"warning\", \"critical\" or \"forecast\", or \"enabled\": false\n" },
    { RULE("\"forecast\":{\"rises_to\":1,\"falls_to\":0}"),
      "rules[0].forecast: expected one of \"rises_to\" and \"falls_to\"\n" },
    { RULE("\"warning\":{\"below\":5},\"forecast\":{\"rises_to\":1}"),
      "rules[0].forecast: \"rises_to\" does not go with levels that are \"below\"\n" },
    { RULE("\"forecast\":{\"rises_to\":1,\"within_h\":100,\"history_h\":24}"),
      "rules[0].forecast.history_h: expected at least 50, half of \"within_h\"\n" },
    { RULE("\"warning\":{\"above\":5},\"rate\":{\"per\":\"fortnight\"}"),
      "rules[0].rate.per: expected \"second\", \"minute\", \"hour\" or \"day\", got \"fortnight\"\n" },
    { RULE("\"warning\":{\"above\":5},\"rate\":{\"over_s\":600}"),
      "rules[0].rate: \"per\" is missing: second, minute, hour or day\n" },
    { RULE("\"warning\":{\"equals\":5},\"rate\":{\"per\":\"hour\"}"),
      "rules[0].rate: does not go with levels that are \"equals\"\n" },
    { RULE("\"warning\":{\"above\":5},\"rate\":{\"per\":\"hour\"},\"forecast\":{\"rises_to\":9}"),
      "rules[0].forecast: means nothing with a \"rate\"\n" },
    { RULE("\"warning\":{\"above\":5},\"quiet\":{\"windows\":\"none\"}"),
      "rules[0].quiet.windows: expected true or false, got \"none\"\n" },
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

static struct config *parse_well(const char *text)
{
    struct problems problems;
    struct config  *config;

    if (failed(parse(text, &problems, &config)))
        fail_msg("%s: %s: %s", text, problems.items[0].path, problems.items[0].text);
    return config;
}

static void days_are_read_as_people_write_them(void **state)
{
    static const struct {
        const char *days;
        unsigned    want;
    } cases[] = { { "daily", 127 }, { "mon", 1 },         { "sun", 64 },     { "mon-fri", 31 },
                  { "sat,sun", 96 }, { "sat-mon", 97 },   { "mon-sun", 127 }, { "tue-wed,fri,sun-mon", 64 + 1 + 6 + 16 },
                  { "wed-wed", 4 } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char           text[200];
        struct config *c;

        snprintf(text, sizeof text, WINDOW(",\"days\":\"%s\",\"rules\":\"rest* x-*\""), cases[i].days);
        c = parse_well(text);
        assert_int_equal(c->policy->window_count, 1);
        assert_int_equal(c->policy->windows[0].days, cases[i].want);
        assert_int_equal(c->policy->windows[0].start_min, 22 * 60);
        assert_int_equal(c->policy->windows[0].lasts_min, 60);
        assert_null(c->policy->windows[0].zone);
        config_free(&c);
    }
}

static void a_rule_has_its_own_quiet_times_or_those_of_all(void **state)
{
    struct config           *c = parse_well("{\"quiet\":{\"after_boot_s\":7,\"after_resume_s\":8},\"rules\":["
                                                      "{\"name\":\"disk-full\",\"quiet\":{\"after_resume_s\":0,\"cool_down_s\":60,"
                                                      "\"windows\":false}}]}");
    const struct rule_quiet *disk = &c->policy->rules[0].quiet, *restarted = &c->policy->rules[1].quiet;

    (void)state;
    assert_int_equal(disk->after_boot_s, 7);
    assert_int_equal(disk->after_resume_s, 0);
    assert_int_equal(disk->cool_down_s, 60);
    assert_true(disk->through_windows);
    assert_int_equal(restarted->after_boot_s, 0); /* built in so: it is about the boot */
    assert_int_equal(restarted->after_resume_s, 8);
    assert_false(restarted->through_windows);
    config_free(&c);
}

static void conditions_and_causes_are_read_and_replaced_list_by_list(void **state)
{
    struct config *c = parse_well(RULE("\"warning\":{\"above\":5},\"all\":[{\"metric\":\"b\",\"below\":2,\"same\":\"\"}],"
                                       "\"any\":[{\"metric\":\"c\",\"absent\":true,\"where\":[{\"key\":\"k\",\"unlike\":\"v\"}]},"
                                       "{\"metric\":\"d\",\"equals\":0,\"same\":\"device\"}],"
                                       "\"depends_on\":[{\"rules\":\"disk-* restarted\",\"same\":\"name\"}]"));
    const struct rule *rule = &c->policy->rules[2];

    (void)state;
    assert_int_equal(rule->all_count, 1);
    assert_int_equal(rule->any_count, 2);
    assert_string_equal(rule->conditions[0].metric, "b");
    assert_int_equal(rule->conditions[0].test, RULE_BELOW);
    assert_true(rule->conditions[0].level == 2);
    assert_string_equal(rule->conditions[0].same, "");
    assert_int_equal(rule->conditions[1].test, RULE_ABSENT);
    assert_null(rule->conditions[1].same);
    assert_int_equal(rule->conditions[1].where_count, 1);
    assert_true(rule->conditions[1].where[0].exclude);
    assert_string_equal(rule->conditions[2].same, "device");
    assert_int_equal(rule->cause_count, 1);
    assert_string_equal(rule->causes[0].rules, "disk-* restarted");
    assert_string_equal(rule->causes[0].same, "name");
    config_free(&c);
    c = parse_well("{\"rules\":[{\"name\":\"disk-full\",\"any\":[{\"metric\":\"z\",\"above\":1}],\"depends_on\":[]}]}");
    rule = &c->policy->rules[0];
    assert_int_equal(rule->all_count, 1); /* built in, and not named */
    assert_string_equal(rule->conditions[0].metric, "load");
    assert_string_equal(rule->conditions[1].metric, "z");
    assert_int_equal(rule->cause_count, 0);
    config_free(&c);
}

static void a_rule_flaps_by_its_own_figures_those_of_all_or_never(void **state)
{
    struct config              *c = parse_well("{\"rules\":[{\"name\":\"disk-full\",\"flapping\":{\"times\":5,\"calm_s\":60}},"
                                               "{\"name\":\"restarted\",\"flapping\":{\"enabled\":false}}]}");
    const struct rule_flapping *disk = &c->policy->rules[0].flapping;

    (void)state;
    assert_int_equal(disk->times, 5);
    assert_int_equal(disk->within_s, 7200);
    assert_int_equal(disk->calm_s, 60);
    assert_int_equal(c->policy->rules[1].flapping.times, 0);
    config_free(&c);
    c = parse_well("{}");
    assert_int_equal(c->policy->rules[1].flapping.times, 3);
    config_free(&c);
}

static void a_forecast_is_changed_in_part_made_anew_or_switched_off(void **state)
{
    struct config              *c = parse_well("{\"rules\":[{\"name\":\"disk-full\",\"forecast\":{\"within_h\":24}}]}");
    const struct rule_forecast *f = &c->policy->rules[0].forecast;

    (void)state;
    assert_true(f->set && !f->falls && f->reaches == 1);
    assert_int_equal(f->within_s, 86400);
    assert_int_equal(f->history_s, 259200);
    assert_string_equal(f->title, "will be");
    config_free(&c);
    c = parse_well("{\"rules\":[{\"name\":\"disk-full\",\"forecast\":{\"enabled\":false}}]}");
    assert_false(c->policy->rules[0].forecast.set);
    config_free(&c);
    c = parse_well(RULE("\"forecast\":{\"falls_to\":10}"));
    f = &c->policy->rules[2].forecast;
    assert_true(f->set && f->falls && f->reaches == 10);
    assert_int_equal(f->within_s, 48 * 3600);
    assert_int_equal(c->policy->rules[2].test, RULE_BELOW);
    config_free(&c);
}

static void a_rate_is_over_its_own_unit_unless_said(void **state)
{
    struct config *c = parse_well(RULE("\"warning\":{\"above\":5},\"rate\":{\"per\":\"hour\"}"));

    (void)state;
    assert_int_equal(c->policy->rules[2].rate.per_s, 3600);
    assert_int_equal(c->policy->rules[2].rate.over_s, 3600);
    config_free(&c);
    c = parse_well(RULE("\"warning\":{\"above\":5},\"rate\":{\"per\":\"second\",\"over_s\":900}"));
    assert_int_equal(c->policy->rules[2].rate.per_s, 1);
    assert_int_equal(c->policy->rules[2].rate.over_s, 900);
    config_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mistake_is_named_with_its_place),
        cmocka_unit_test(days_are_read_as_people_write_them),
        cmocka_unit_test(a_rule_has_its_own_quiet_times_or_those_of_all),
        cmocka_unit_test(conditions_and_causes_are_read_and_replaced_list_by_list),
        cmocka_unit_test(a_rule_flaps_by_its_own_figures_those_of_all_or_never),
        cmocka_unit_test(a_forecast_is_changed_in_part_made_anew_or_switched_off),
        cmocka_unit_test(a_rate_is_over_its_own_unit_unless_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
