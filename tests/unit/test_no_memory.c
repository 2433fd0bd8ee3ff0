#include "tests/unit/check.h"

/* Every allocation fails once, in turn: what is then said is a failure, and nothing is lost or used after. */
static long allowed; /* so many still succeed */

static void *failing_calloc(size_t count, size_t size)
{
    return allowed-- > 0 ? calloc(count, size) : NULL;
}

static void *failing_malloc(size_t size)
{
    return allowed-- > 0 ? malloc(size) : NULL;
}

#define calloc failing_calloc
#define malloc failing_malloc
#include "agent/rule/flap.c"
#include "agent/rule/instance.c"
#include "agent/rule/rules.c"
#include "proto/json.c"
#include "proto/pool.c"
#undef calloc
#undef malloc

#include "proto/config.h"

enum { MORE_THAN_IT_TAKES = 10000 };

static void a_configuration_is_read_whole_or_fails(void **state)
{
    static const char text[] = "{\"device\":{\"name\":\"pc\"},\"rules\":[{\"name\":\"disk-full\",\"where\":[{\"key\":\"a\","
                               "\"like\":\"b\"}]},{\"name\":\"m\",\"metric\":\"a.b\",\"title\":\"t\",\"warning\":{\"above\":1},"
                               "\"all\":[{\"metric\":\"b\",\"above\":1}],\"depends_on\":[{\"rules\":\"disk-full\"}]}],"
                               "\"upstreams\":[{\"connector\":\"x\",\"settings\":{\"a\":\"b\",\"c\":1,\"d\":{\"file\":\"/e\"}}}]}";
    long              takes = 0;

    (void)state;
    for (;; takes++) {
        struct problems problems = { 0 };
        struct config  *config = NULL;
        struct err      e;

        allowed = takes;
        e = config_parse(text, sizeof text - 1, default_rules, default_rule_count, &problems, &config);
        if (!failed(e)) {
            assert_string_equal(config->upstreams[0].settings[2].file, "/e");
            config_free(&config);
            break;
        }
        assert_null(config);
        assert_int_equal(e.code, ERR_NO_MEMORY);
        assert_true(takes < MORE_THAN_IT_TAKES);
    }
    assert_true(takes > 10);
}

static void on_event(void *context, const struct rule_event *event)
{
    (void)event;
    ++*(unsigned *)context;
}

static bool read_round(struct rules *rules, uint64_t now_ms, double value, unsigned *events)
{
    static const struct metric metrics[] = { { "test.fill", UNIT_ONE, METRIC_GAUGE, "" }, { "test.heat", UNIT_ONE, METRIC_GAUGE, "" } };
    bool                       well = true;

    rules_begin_round(rules, now_ms);
    for (int i = 0; i < 4; i++) {
        const struct attr   at = { "test.place", i % 2 ? "roof" : "cellar" };
        const struct sample s = { &metrics[i / 2], &at, 1, value };

        well = !failed(rules_put(rules, &s)) && well;
    }
    rules_collector_read(rules, metrics, 2, 60, err_ok());
    rules_end_round(rules, on_event, events);
    return well;
}

/* Two series in breach with what must hold as well, one alert of before, one of a rule that is no more; then all is over. Returns
 * whether all went well. */
static bool live(const struct policy *policy, unsigned *events)
{
    struct rules *rules = NULL;
    bool          well = !failed(rules_new(policy, &rules));

    if (!well)
        return false;
    well = !failed(rules_restore(rules, "fill", "place=roof", SEVERITY_WARNING)) && well;
    well = !failed(rules_restore(rules, "was", "place=roof", SEVERITY_WARNING)) && well;
    well = !failed(rules_restore_cleared(rules, "fill", "place=attic", 900, 100)) && well;
    well = read_round(rules, 1000, 0.9, events) && well;
    well = read_round(rules, 2000, 0.1, events) && well;
    well = well && rules_refused(rules) == 0;
    rules_free(&rules);
    return well;
}

static void rules_go_on_with_what_they_have(void **state)
{
    static const struct rule_condition hot = { .metric = "test.heat", .test = RULE_ABOVE, .level = 0.5 };
    struct rule   rule = { .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
                           .test = RULE_ABOVE, .warning = { true, 0.8, 0.8, 0, 0 }, .conditions = &hot, .all_count = 1,
                           .flapping = { .times = 3, .within_s = 600, .calm_s = 600 } };
    struct policy policy = { .rules = &rule, .count = 1 };
    unsigned      events;
    long          takes = 0;

    (void)state;
    for (;; takes++) {
        events = 0;
        allowed = takes;
        if (live(&policy, &events))
            break;
        assert_true(takes < MORE_THAN_IT_TAKES);
    }
    assert_int_equal(events, 4); /* the cellar is raised, the old rule's alert retired; then both are over */
    assert_true(takes > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_is_read_whole_or_fails),
        cmocka_unit_test(rules_go_on_with_what_they_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
