/* A policy over a trace: the alerts and tickets that the agent would have made, and those that were deserved. */
#include "tests/unit/check.h"

#include "agent/replay/replay.h"
#include "agent/rule/rules.h"
#include "platform/buf.h"

static struct rule rules_of_the_test[] = {
    { .name = "disk-full",
      .metric = "system.filesystem.utilization",
      .test = RULE_ABOVE,
      .warning = { true, 0.90, 0.85, 600, 300 },
      .critical = { true, 0.97, 0.95, 300, 300 },
      .title = "{device}: {mountpoint} is {value} full",
      .facts = "",
      .enabled = true },
};

static const struct policy policy = { .rules = rules_of_the_test, .count = ARRAY_LEN(rules_of_the_test) };

static const char HEAD[] = "trace 1\nseries d system.filesystem.utilization system.filesystem.mountpoint=/srv\n";

/* From full after an hour to empty after two. */
static const char FULL[] = "d 50%\nfor 1h\nd 93%\nfor 1h\nd 50%\nfor 1h\n";

static struct replay *play(const char *first, const char *then, struct replay_result *result)
{
    const struct replay_options o = { .policy = &policy, .remind_hours = 24 };
    struct replay              *replay = NULL;

    assert_false(failed(replay_new(&o, &replay)));
    if (failed(replay_feed(replay, HEAD, strlen(HEAD))) || failed(replay_feed(replay, first, strlen(first))) ||
        failed(replay_feed(replay, then, strlen(then))) || failed(replay_end(replay, result)))
        fail_msg("%s", replay_why(replay));
    return replay;
}

static void a_breach_is_one_alert_from_its_beginning_to_its_end(void **state)
{
    struct replay_result r;
    struct replay       *replay = play("device web1\n", FULL, &r);

    (void)state;
    assert_int_equal(r.alert_count, 1);
    assert_int_equal(r.tickets, 1);
    assert_int_equal(r.change_count, 2);
    assert_string_equal(r.alerts[0].rule, "disk-full");
    assert_string_equal(r.alerts[0].instance, "mountpoint=/srv");
    assert_string_equal(r.alerts[0].title, "web1: /srv is 93.0 % full");
    assert_int_equal(r.alerts[0].raised_ms, (3600 + 60 + 600) * 1000);
    assert_int_equal(r.alerts[0].cleared_ms, (7200 + 60 + 300) * 1000);
    assert_false(r.alerts[0].open);
    assert_int_equal(r.bare, 1);
    assert_false(r.wants_said);
    replay_free(&replay);
}

/* A restart keeps the alert; so does a boot. */
static const struct {
    const char *lines;
    size_t      alerts, bare;
} lives[] = {
    { "d 93%\nfor 1h\nrestart 1m\nfor 1h\n", 1, 1 },
    { "d 93%\nfor 1h\nboot 1m\nfor 1h\n", 1, 1 },
    { "d 93%\nfor 1h\nd 98%\nfor 1h\nd 1%\nfor 1h\n", 1, 2 },
    { "repeat 10\nd 93%\nfor 5m\nd 89%\nfor 5m\nend\n", 0, 10 },
    { "repeat 10\nd 98%\nfor 3m\nd 89%\nfor 5m\nend\n", 0, 20 },
    { "d 93%\nfor 1h\nd gone\nfor 1h\nd 93%\nfor 1h\n", 2, 2 },
    { "d 50%\nfor 1h\n", 0, 0 },
};

static void one_incident_is_one_ticket(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
        struct replay_result r;
        struct replay       *replay = play(lives[i].lines, "", &r);

        if (r.alert_count != lives[i].alerts || r.tickets != lives[i].alerts || r.bare != lives[i].bare)
            fail_msg("%s: %zu alerts, %d tickets, bare %d", lives[i].lines, r.alert_count, (int)r.tickets, (int)r.bare);
        replay_free(&replay);
    }
}

static const struct {
    const char *want;
    size_t      missed, too_many;
} wants[] = {
    { "want disk-full mountpoint=/srv warning raised 1h..1h15m cleared 2h..2h15m : it fills\n", 0, 0 },
    { "want disk-full mountpoint=/srv warning raised 1h..1h15m stays\n", 1, 1 },
    { "want disk-full mountpoint=/srv critical raised 1h..1h15m cleared 2h..2h15m\n", 1, 1 },
    { "want disk-full mountpoint=/ warning raised 1h..1h15m cleared 2h..2h15m\n", 1, 1 },
    { "want disk-full warning raised 1h..1h15m cleared 2h..2h15m\n", 1, 1 },
    { "want disk-full mountpoint=/srv warning raised 1h..1h5m cleared 2h..2h15m\n", 1, 1 },
    { "want disk-full mountpoint=/srv warning raised 1h..1h15m cleared 2h..2h5m\n", 1, 1 },
    { "want nothing : it is the quiet one\n", 0, 1 },
    { "want disk-full mountpoint=/srv warning raised 0s..3h cleared 0s..3h\n"
      "want disk-full mountpoint=/srv warning raised 0s..3h cleared 0s..3h\n", 1, 0 },
};

static void what_was_wanted_is_compared_with_what_came(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
        struct replay_result r;
        struct replay       *replay = play(wants[i].want, FULL, &r);

        assert_true(r.wants_said);
        if (r.missed != wants[i].missed || r.too_many != wants[i].too_many)
            fail_msg("%s: missed %zu, too many %zu", wants[i].want, r.missed, r.too_many);
        replay_free(&replay);
    }
}

static void a_want_that_makes_no_sense_is_a_mistake(void **state)
{
    static const char *const bad[] = {
        "want\n",
        "want disk-full\n",
        "want disk-full x fatal raised 1h..2h stays\n",
        "want disk-full x warning raised 2h..1h stays\n",
        "want disk-full x warning raised 1h stays\n",
        "want disk-full x warning raised 1h..2h cleared\n",
        "want nothing\nwant disk-full x warning raised 1h..2h stays\n",
        "want disk-full x warning raised 1h..2h stays\nwant nothing\n",
    };
    const struct replay_options o = { .policy = &policy };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct replay *replay = NULL;

        assert_false(failed(replay_new(&o, &replay)));
        (void)replay_feed(replay, HEAD, strlen(HEAD));
        if (!failed(replay_feed(replay, bad[i], strlen(bad[i]))))
            fail_msg("%s was taken", bad[i]);
        assert_non_null(strstr(replay_why(replay), "line "));
        replay_free(&replay);
    }
}

static void a_metric_that_nobody_knows_is_told(void **state)
{
    struct replay_result r;
    struct replay       *replay = play("series x system.cpu.utilisation\nx 1\nseries y system.uptime\ny 1\n", FULL, &r);

    (void)state;
    assert_int_equal(r.strange_count, 1);
    assert_string_equal(r.strange[0], "system.cpu.utilisation");
    replay_free(&replay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_breach_is_one_alert_from_its_beginning_to_its_end),
        cmocka_unit_test(one_incident_is_one_ticket),
        cmocka_unit_test(what_was_wanted_is_compared_with_what_came),
        cmocka_unit_test(a_want_that_makes_no_sense_is_a_mistake),
        cmocka_unit_test(a_metric_that_nobody_knows_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
