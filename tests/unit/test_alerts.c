/* Events become alerts: one per incident, in words a person can use, whatever the clock does. */
#include "agent/alert/alerts.h"

#include "outbox_rig.h"

static const int64_t  WALL = INT64_C(1767607920000); /* 2026-01-05T10:12:00Z */
static const uint64_t STEADY = UINT64_C(500000000);
static const uint64_t MINUTE = 60000, HOUR = UINT64_C(3600000), DAY = UINT64_C(86400000);

static const struct metric disk = { "system.filesystem.utilization", UNIT_ONE, METRIC_GAUGE, "" };
static const struct attr   srv[] = { { "system.filesystem.mountpoint", "/srv" } };

static struct rule rules_of_the_test[] = {
    { .name = "disk-full",
      .metric = "system.filesystem.utilization",
      .test = RULE_ABOVE,
      .warning = { true, 0.90, 0.85, 900, 300 },
      .critical = { true, 0.95, 0.93, 300, 300 },
      .title = "{device}: {mountpoint} is {value} full",
      .facts = "Look at {mountpoint} first.",
      .enabled = true },
    { .name = "backup-missing",
      .metric = "backup.last_success",
      .test = RULE_ABSENT,
      .critical = { true, 0, 0, 0, 0 },
      .title = "{device}: no backup",
      .facts = "",
      .enabled = true },
};

static struct policy policy = { .rules = rules_of_the_test, .count = ARRAY_LEN(rules_of_the_test) };

struct rig {
    struct rig_folder     folder;
    struct outbox        *outbox;
    struct alerts        *alerts;
    struct rules         *rules;
    struct alerts_options options;
    struct block_writer  *block;
    unsigned              changes;
    char                  last[TITLE_MAX * 2];
};

static void on_change(void *context, const struct alert *a)
{
    struct rig *r = context;

    r->changes++;
    snprintf(r->last, sizeof r->last, "%s r%u %s: %s", a->open ? severity_name(a->severity) : "over", a->revision,
             a->rule, a->change);
}

static void start(struct rig *r)
{
    r->outbox = rig_open(r->folder.db);
    r->options.outbox = r->outbox;
    rig_ok(alerts_open(&r->options, &r->alerts));
    rig_ok(rules_new(&policy, &r->rules));
    rig_ok(alerts_restore(r->alerts, r->rules, &policy, WALL, STEADY));
}

static void end(struct rig *r)
{
    alerts_close(&r->alerts);
    rules_free(&r->rules);
    outbox_close(&r->outbox);
}

static void rig_begin(struct rig *r)
{
    *r = (struct rig){ .options = { .device_id = "0123456789abcdef0123456789abcdef",
                                    .device_name = "web1",
                                    .client = "Contoso",
                                    .site = "HQ",
                                    .url = "https://example.test/web1",
                                    .remind_hours = 24,
                                    .on_change = on_change } };
    r->options.context = r;
    rig_folder_make(&r->folder);
    start(r);
}

static void rig_end(struct rig *r)
{
    end(r);
    rig_folder_remove(&r->folder);
}

static struct err event_of(struct rig *r, const char *instance, enum rule_change change, enum severity severity,
                           double value, int64_t wall, uint64_t steady)
{
    const struct rule_event e = {
        .change = change,
        .rule = change == RULE_RETIRED ? NULL : &rules_of_the_test[0],
        .rule_name = "disk-full",
        .instance = instance,
        .severity = severity,
        .value = value,
        .level = severity == SEVERITY_CRITICAL ? 0.95 : 0.90,
        .metric = change == RULE_RETIRED ? NULL : &disk,
        .attrs = srv,
        .attr_count = 1,
        .since_steady_ms = steady - 15 * MINUTE,
    };

    return alerts_on_event(r->alerts, &e, wall, steady);
}

static void event(struct rig *r, enum rule_change change, enum severity severity, double value, int64_t wall,
                  uint64_t steady)
{
    rig_ok(event_of(r, "mountpoint=/srv", change, severity, value, wall, steady));
}

static const struct alert *the_alert(const struct rig *r)
{
    return outbox_alert_find_open(r->outbox, "disk-full", "mountpoint=/srv");
}

/* ---- a life ---- */

static void an_incident_is_told_from_beginning_to_end(void **state)
{
    struct rig          r;
    const struct alert *a;
    int64_t             id;

    (void)state;
    rig_begin(&r);
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    assert_string_equal(r.last, "warning r1 disk-full: raised: 91.0 %, warning");
    a = the_alert(&r);
    id = a->id;
    assert_string_equal(a->title, "web1: /srv is 91.0 % full");
    assert_string_equal(a->facts, "Device: web1\n"
                                  "Client: Contoso\n"
                                  "Site: HQ\n"
                                  "Seen: system.filesystem.utilization of mountpoint=/srv is 91.0 %\n"
                                  "Limit: above 90.0 % for 15 min\n"
                                  "Severity: warning\n"
                                  "Since: 2026-01-05T09:57:00Z\n"
                                  "Rule: disk-full\n"
                                  "Reference: picket-8bd2ab1eeb6224e1\n"
                                  "Link: https://example.test/web1\n"
                                  "Look at /srv first.\n");
    assert_int_equal(a->raised_ms, WALL - 15 * (int64_t)MINUTE);

    event(&r, RULE_WORSE, SEVERITY_CRITICAL, 0.971, WALL + (int64_t)MINUTE, STEADY + MINUTE);
    assert_string_equal(r.last, "critical r2 disk-full: now 97.1 % (was 91.0 %), critical");
    event(&r, RULE_BETTER, SEVERITY_WARNING, 0.92, WALL + 2 * (int64_t)MINUTE, STEADY + 2 * MINUTE);
    assert_string_equal(r.last, "warning r3 disk-full: now 92.0 % (was 97.1 %), warning");
    a = the_alert(&r);
    assert_int_equal(a->worst, SEVERITY_CRITICAL);
    assert_int_equal(a->changes, 2);
    event(&r, RULE_CLEARED, SEVERITY_OK, 0.61, WALL + 17 * (int64_t)MINUTE, STEADY + 17 * MINUTE);
    assert_string_equal(r.last, "over r4 disk-full: back to 61.0 % after 32 min");
    assert_null(the_alert(&r));
    a = outbox_alert_get(r.outbox, id);
    assert_int_equal(a->severity, SEVERITY_WARNING);
    assert_int_equal(a->cleared_ms, WALL + 17 * (int64_t)MINUTE);
    assert_int_equal(r.changes, 4);
    rig_end(&r);
}

static void each_way_to_end_has_its_words(void **state)
{
    static const struct {
        enum rule_change change;
        double           value;
        const char      *want;
    } cases[] = {
        { RULE_CLEARED, 0.5, "back to 50.0 % after 20 min" },
        { RULE_CLEARED, NAN, "over after 20 min" },
        { RULE_GONE, NAN, "no longer there, after 20 min" },
        { RULE_RETIRED, NAN, "the rule was removed from the policy, after 20 min" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig r;

        rig_begin(&r);
        event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
        event(&r, cases[i].change, SEVERITY_OK, cases[i].value, WALL + 5 * (int64_t)MINUTE, STEADY + 5 * MINUTE);
        assert_string_equal(strchr(r.last, ':') + 2, cases[i].want);
        assert_null(the_alert(&r));
        rig_end(&r);
    }
}

static void something_absent_has_no_figure(void **state)
{
    struct rig              r;
    const struct alert     *a;
    const struct rule_event missing = { .change = RULE_RAISED,
                                        .rule = &rules_of_the_test[1],
                                        .rule_name = "backup-missing",
                                        .instance = "",
                                        .severity = SEVERITY_CRITICAL,
                                        .value = NAN,
                                        .level = NAN,
                                        .since_steady_ms = STEADY };
    struct rule_event       back = missing;

    (void)state;
    rig_begin(&r);
    rig_ok(alerts_on_event(r.alerts, &missing, WALL, STEADY));
    a = outbox_alert_find_open(r.outbox, "backup-missing", "");
    assert_string_equal(a->title, "web1: no backup");
    assert_non_null(strstr(a->facts, "Seen: backup.last_success is absent\nLimit: absent\n"));
    back.change = RULE_CLEARED;
    back.severity = SEVERITY_OK;
    rig_ok(alerts_on_event(r.alerts, &back, WALL + 1000, STEADY + 3 * HOUR));
    assert_string_equal(r.last, "over r2 backup-missing: there again after 3 h");
    rig_end(&r);
}

static void an_end_without_a_beginning_is_nothing(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r);
    event(&r, RULE_CLEARED, SEVERITY_OK, 0.5, WALL, STEADY);
    event(&r, RULE_GONE, SEVERITY_OK, NAN, WALL, STEADY);
    assert_int_equal(r.changes, 0);
    event(&r, RULE_WORSE, SEVERITY_CRITICAL, 0.99, WALL, STEADY); /* its beginning was refused: this is it */
    assert_string_equal(r.last, "critical r1 disk-full: raised: 99.0 %, critical");
    event(&r, RULE_RAISED, SEVERITY_CRITICAL, 0.98, WALL, STEADY); /* raised twice is still one */
    assert_string_equal(r.last, "critical r2 disk-full: now 98.0 % (was 99.0 %), critical");
    rig_end(&r);
}

static void beyond_the_limit_new_alerts_are_refused_and_old_ones_go_on(void **state)
{
    struct rig r;
    char       instance[32];

    (void)state;
    rig_begin(&r);
    for (int i = 0; i < OPEN_ALERTS_MAX; i++) {
        snprintf(instance, sizeof instance, "mountpoint=/%d", i);
        rig_ok(event_of(&r, instance, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY));
    }
    assert_int_equal(alerts_refused(r.alerts), 0);
    assert_int_equal(event_of(&r, "more", RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY).code, ERR_TOO_BIG);
    assert_int_equal(alerts_refused(r.alerts), 1);
    rig_ok(event_of(&r, "mountpoint=/7", RULE_CLEARED, SEVERITY_OK, 0.5, WALL, STEADY));
    rig_ok(event_of(&r, "more", RULE_WORSE, SEVERITY_CRITICAL, 0.99, WALL, STEADY));
    assert_non_null(outbox_alert_find_open(r.outbox, "disk-full", "more"));
    alerts_tick(r.alerts, WALL, STEADY);
    rig_end(&r);
}

static void what_led_to_it_is_in_the_facts(void **state)
{
    struct rig    r;
    struct sample s = { &disk, srv, 1, 0 };

    (void)state;
    rig_begin(&r);
    rig_ok(block_writer_new(&r.block));
    r.options.block = r.block;
    end(&r);
    start(&r);
    for (int i = 0; i < 3; i++) {
        s.value = 0.89 + i * 0.01;
        rig_ok(block_put(r.block, WALL + i * (int64_t)MINUTE, &s));
    }
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    assert_non_null(strstr(the_alert(&r)->facts, "is 91.0 %\nRecent: 89.0 %, 90.0 %, 91.0 %\nLimit: "));
    block_writer_free(&r.block);
    rig_end(&r);
}

/* ---- time ---- */

static void a_clock_set_ten_years_either_way_changes_only_printed_times(void **state)
{
    static const int64_t jumps[] = { INT64_C(315360000000), -INT64_C(315360000000), -INT64_C(1767607920000) };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
        struct rig r;

        rig_begin(&r);
        event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
        for (unsigned minute = 1; minute < 60; minute++)
            alerts_tick(r.alerts, WALL + jumps[i], STEADY + minute * MINUTE);
        assert_int_equal(r.changes, 1); /* no reminder */
        event(&r, RULE_CLEARED, SEVERITY_OK, 0.5, WALL + jumps[i], STEADY + HOUR);
        assert_string_equal(r.last, "over r2 disk-full: back to 50.0 % after 75 min");
        rig_end(&r);
    }
}

static void restart(struct rig *r)
{
    end(r);
    start(r);
    r->changes = 0;
}

static void across_a_restart_wall_times_serve_if_they_can_be_true(void **state)
{
    static const struct {
        int64_t     later;
        const char *want;
    } cases[] = {
        { INT64_C(7200000), "back to 50.0 % after 2 h" }, /* and a quarter, and five minutes */
        { INT64_C(3) * 86400000, "back to 50.0 % after 3 days" },
        { INT64_C(315360000000), "back to 50.0 % after an unknown time" },
        { -INT64_C(315360000000), "back to 50.0 % after an unknown time" },
        { INT64_MAX - INT64_C(1767607920000), "back to 50.0 % after an unknown time" },
        { INT64_MIN, "back to 50.0 % after an unknown time" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig r;
        int64_t    wall = WALL + cases[i].later;

        rig_begin(&r);
        event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
        restart(&r);
        alerts_tick(r.alerts, wall, 1000); /* another boot: the steady clock begins anew */
        event(&r, RULE_CLEARED, SEVERITY_OK, 0.5, wall, 1000 + 5 * MINUTE);
        assert_string_equal(strchr(r.last, ':') + 2, cases[i].want);
        rig_end(&r);
    }
}

static void what_lasts_is_told_again_after_a_day(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r);
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    event(&r, RULE_WORSE, SEVERITY_CRITICAL, 0.97, WALL, STEADY + HOUR);
    alerts_tick(r.alerts, WALL, STEADY + DAY);
    assert_int_equal(r.changes, 2);
    alerts_tick(r.alerts, WALL, STEADY + DAY + HOUR);
    assert_string_equal(r.last, "critical r3 disk-full: still open after 25 h, changed 1 time");
    alerts_tick(r.alerts, WALL, STEADY + DAY + HOUR + MINUTE);
    assert_int_equal(r.changes, 3);
    alerts_tick(r.alerts, WALL, STEADY + 2 * DAY + HOUR);
    assert_string_equal(r.last, "critical r4 disk-full: still open after 2 days, changed 1 time");
    event(&r, RULE_CLEARED, SEVERITY_OK, 0.5, WALL, STEADY + 2 * DAY + 2 * HOUR);
    alerts_tick(r.alerts, WALL, STEADY + 9 * DAY);
    assert_int_equal(r.changes, 5);
    rig_end(&r);
}

static void a_reminder_says_how_it_stands(void **state)
{
    struct rig          r;
    const struct sample seen = { &disk, srv, 1, 0.934 };

    (void)state;
    rig_begin(&r);
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    restart(&r); /* the rules hear of it, and of a newer value */
    rules_begin_round(r.rules, 1000);
    rig_ok(rules_put(r.rules, &seen));
    rules_collector_read(r.rules, &disk, 1, 60, err_ok());
    rules_end_round(r.rules, NULL, NULL);
    alerts_tick(r.alerts, WALL + 2 * (int64_t)DAY, 1000);
    assert_string_equal(r.last, "warning r2 disk-full: still 93.4 % after 2 days");
    assert_true(the_alert(&r)->value == 0.934);
    rules_begin_round(r.rules, 61000);
    rules_collector_read(r.rules, &disk, 1, 60, err_of(ERR_DENIED, "asking statvfs"));
    rules_end_round(r.rules, NULL, NULL);
    alerts_tick(r.alerts, WALL + 3 * (int64_t)DAY, 1000 + DAY);
    assert_string_equal(r.last,
                        "warning r3 disk-full: still open after 3 days; how it stands is unknown: asking statvfs: "
                        "the system said no");
    rig_end(&r);
}

static void a_restart_does_not_put_a_reminder_off_nor_double_it(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r);
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    for (unsigned hour = 1; hour < 24; hour++) {
        restart(&r);
        alerts_tick(r.alerts, WALL + (int64_t)(hour * HOUR), 1000);
        assert_int_equal(r.changes, 0);
    }
    restart(&r);
    alerts_tick(r.alerts, WALL + (int64_t)DAY, 1000);
    assert_int_equal(r.changes, 1);
    restart(&r);
    alerts_tick(r.alerts, WALL + (int64_t)DAY + 1000, 1000);
    assert_int_equal(r.changes, 0);
    rig_end(&r);
}

static void reminders_can_be_turned_off(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r);
    r.options.remind_hours = 0;
    end(&r);
    start(&r);
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    alerts_tick(r.alerts, WALL, STEADY + 100 * DAY);
    assert_int_equal(r.changes, 1);
    rig_end(&r);
}

/* ---- restarts ---- */

static void on_rule_event(void *context, const struct rule_event *e)
{
    struct rig *r = context;

    rig_ok(alerts_on_event(r->alerts, e, WALL, 1000));
}

/* An end that is held is kept for the next reminder, and is no news to anyone. */
static void what_flaps_is_counted_and_not_told(void **state)
{
    const struct rule_event held = { .change = RULE_HELD, .rule = &rules_of_the_test[0], .rule_name = "disk-full",
                                     .instance = "mountpoint=/srv", .held = RULE_HELD_FLAPPING, .held_by = "" };
    struct rule_event       in_window = held;
    struct rig              r;
    uint32_t                revision;

    (void)state;
    rig_begin(&r);
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    revision = the_alert(&r)->revision;
    in_window.held = RULE_HELD_WINDOW;
    rig_ok(alerts_on_event(r.alerts, &in_window, WALL, STEADY));
    assert_int_equal(the_alert(&r)->changes, 0);
    rig_ok(alerts_on_event(r.alerts, &held, WALL, STEADY));
    rig_ok(alerts_on_event(r.alerts, &held, WALL, STEADY));
    restart(&r);
    assert_int_equal(the_alert(&r)->changes, 2);
    assert_int_equal(the_alert(&r)->revision, revision);
    rig_end(&r);
}

static void a_restart_raises_nothing_twice_and_a_removed_rule_ends_its_alert(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r);
    event(&r, RULE_RAISED, SEVERITY_WARNING, 0.91, WALL, STEADY);
    restart(&r);
    rules_begin_round(r.rules, 1000);
    rules_end_round(r.rules, on_rule_event, &r);
    assert_int_equal(r.changes, 0);
    assert_non_null(the_alert(&r));
    rules_of_the_test[0].enabled = false;
    restart(&r);
    rules_of_the_test[0].enabled = true;
    rules_begin_round(r.rules, 1000);
    rules_end_round(r.rules, on_rule_event, &r);
    assert_int_equal(r.changes, 1);
    assert_null(the_alert(&r));
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incident_is_told_from_beginning_to_end),
        cmocka_unit_test(each_way_to_end_has_its_words),
        cmocka_unit_test(something_absent_has_no_figure),
        cmocka_unit_test(an_end_without_a_beginning_is_nothing),
        cmocka_unit_test(beyond_the_limit_new_alerts_are_refused_and_old_ones_go_on),
        cmocka_unit_test(what_led_to_it_is_in_the_facts),
        cmocka_unit_test(a_clock_set_ten_years_either_way_changes_only_printed_times),
        cmocka_unit_test(across_a_restart_wall_times_serve_if_they_can_be_true),
        cmocka_unit_test(what_lasts_is_told_again_after_a_day),
        cmocka_unit_test(a_reminder_says_how_it_stands),
        cmocka_unit_test(a_restart_does_not_put_a_reminder_off_nor_double_it),
        cmocka_unit_test(reminders_can_be_turned_off),
        cmocka_unit_test(what_flaps_is_counted_and_not_told),
        cmocka_unit_test(a_restart_raises_nothing_twice_and_a_removed_rule_ends_its_alert),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
