/* Rules that look back: what is foreseen is an alert like any other, and a rate has levels like any value. */
#include "tests/unit/check.h"

#include <malloc.h>
#include <math.h>

#include "agent/rule/rules.h"
#include "agent/rule/trend.h"
#include "platform/buf.h"

static const struct metric fill = { "test.fill", UNIT_ONE, METRIC_GAUGE, "" };

enum { HOUR = 3600, PERIOD_S = 300 };

static const struct rule filling = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "{value}", .facts = "", .test = RULE_ABOVE,
    .warning = { true, 0.9, 0.88, 900, 300 }, .critical = { true, 0.97, 0.95, 300, 300 },
    .forecast = { true, false, 1, 48 * HOUR, 72 * HOUR, "full in {forecast}" },
};
static const struct rule only_foreseen = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "", .test = RULE_BELOW,
    .forecast = { true, true, 0, 24 * HOUR, 24 * HOUR, NULL },
};
static const struct rule too_fast = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "", .test = RULE_ABOVE,
    .warning = { true, 0.05, 0.03, 0, 0 }, .rate = { .over_s = HOUR, .per_s = HOUR },
};

struct play {
    struct rule   rule;
    struct policy policy;
    struct rules *rules;
    unsigned      at_s;
    struct buf    said;
};

static void on_event(void *context, const struct rule_event *event)
{
    static const char *const names[] = { "raised", "worse", "better", "cleared", "gone", "retired", "held" };
    struct play             *p = context;

    buf_printf(&p->said, "%s %s %.2f at %.2f%s in hour %u\n", names[event->change], severity_name(event->severity),
               fabs(event->value), event->level, event->foreseen ? " foreseen" : "", p->at_s / HOUR);
}

static void begin(struct play *p, const struct rule *rule)
{
    *p = (struct play){ .rule = *rule };
    p->policy = (struct policy){ .rules = &p->rule, .count = 1 };
    buf_init(&p->said, 4096);
    assert_false(failed(rules_new(&p->policy, &p->rules)));
}

static void end(struct play *p)
{
    rules_free(&p->rules);
    buf_done(&p->said);
}

static void read_one(struct play *p, double value)
{
    const struct attr   attr = { "test.place", "roof" };
    const struct sample sample = { &fill, &attr, 1, value };

    rules_begin_round(p->rules, 1000 * (uint64_t)p->at_s);
    if (!isnan(value))
        rules_put(p->rules, &sample);
    rules_collector_read(p->rules, &fill, 1, PERIOD_S, err_ok());
    rules_end_round(p->rules, on_event, p);
    p->at_s += PERIOD_S;
}

/* From where it stands, in a straight line. */
static void run(struct play *p, unsigned hours, double from, double an_hour)
{
    for (unsigned s = 0; s < hours * HOUR; s += PERIOD_S)
        read_one(p, from + an_hour * s / HOUR);
}

static void said(struct play *p, const char *want)
{
    assert_string_equal(buf_text(&p->said), want);
    buf_clear(&p->said);
}

static void a_disk_that_fills_is_one_alert_from_the_forecast_on(void **state)
{
    struct play p;

    (void)state;
    begin(&p, &filling);
    run(&p, 36, 0.4, 0.005);
    said(&p, "");
    run(&p, 50, 0.58, 0.005);
    said(&p, "raised warning 0.76 at 1.00 foreseen in hour 73\n");
    run(&p, 25, 0.83, 0.005);
    said(&p, ""); /* over 90 % now: it is a warning already */
    run(&p, 5, 0.955, 0.005);
    said(&p, "worse critical 0.97 at 0.97 in hour 114\n");
    run(&p, 2, 0.3, 0);
    said(&p, "cleared ok 0.30 at 0.97 in hour 116\n"); /* emptied */
    run(&p, 30, 0.3, 0);
    said(&p, "");
    end(&p);
}

static void what_is_slow_flat_or_lately_seen_is_not_foreseen(void **state)
{
    struct play p;

    (void)state;
    begin(&p, &filling);
    run(&p, 100, 0.5, 0.001);
    said(&p, "");
    end(&p);
    begin(&p, &filling);
    run(&p, 35, 0.5, 0.009); /* fast, but too early to say */
    said(&p, "");
    end(&p);
    begin(&p, &filling);
    for (unsigned day = 0; day < 14; day++) /* a log that is rotated each night */
        run(&p, 24, 0.45, 0.018);
    said(&p, "");
    end(&p);
}

static void a_forecast_needs_no_level_and_may_fall(void **state)
{
    struct play p;

    (void)state;
    begin(&p, &only_foreseen);
    run(&p, 24, 100, -1);
    said(&p, "");
    run(&p, 56, 76, -1);
    assert_non_null(strstr(buf_text(&p.said), "raised warning"));
    buf_clear(&p.said);
    for (int i = 0; i < 20; i++)
        read_one(&p, NAN);
    assert_non_null(strstr(buf_text(&p.said), "gone ok"));
    end(&p);
}

static void a_foreseen_alert_of_before_a_restart_waits_for_the_forecast(void **state)
{
    struct play p;

    (void)state;
    begin(&p, &filling);
    assert_false(failed(rules_restore(p.rules, "fill", "place=roof", SEVERITY_WARNING)));
    rules_restore_foreseen(p.rules, "fill", "place=roof");
    rules_restore_foreseen(p.rules, "no-such-rule", "place=roof");
    run(&p, 20, 0.7, 0);
    said(&p, "");
    run(&p, 24, 0.7, 0);
    said(&p, "cleared ok 0.70 at 0.90 in hour 36\n"); /* now it is known to be flat */
    end(&p);
}

static void a_rate_is_judged_once_it_is_known(void **state)
{
    struct play p;

    (void)state;
    begin(&p, &too_fast);
    run(&p, 3, 0.1, 0.04);
    said(&p, "");
    run(&p, 2, 0.22, 0.08);
    said(&p, "raised warning 0.05 at 0.05 in hour 3\n");
    run(&p, 3, 0.38, 0.01);
    said(&p, "cleared ok 0.03 at 0.05 in hour 5\n");
    end(&p);
}

static void values_are_printed_as_the_rule_sees_them(void **state)
{
    char text[64];

    (void)state;
    assert_string_equal(rule_value_print(&too_fast, &fill, 0.051, text, sizeof text), "5.1 %/h");
    assert_string_equal(rule_value_print(&filling, &fill, 0.051, text, sizeof text), "5.1 %");
    assert_string_equal(rule_value_print(&too_fast, &fill, NAN, text, sizeof text), "unknown");
    assert_string_equal(rule_value_print(NULL, NULL, 1.5, text, sizeof text), "1.5");
}

static void titles_of_a_forecast_say_in_how_long(void **state)
{
    const struct rule_event event = { .change = RULE_RAISED, .rule = &filling, .rule_name = "fill", .instance = "",
                                      .value = 0.7, .level = 1, .metric = &fill, .foreseen = true, .until_s = 31 * HOUR };
    char                    into[80];

    (void)state;
    rule_text_fill("{value}, full in {forecast}", &event, NULL, into, sizeof into);
    assert_string_equal(into, "70.0 %, full in 31 h");
}

/* Each instance may look back; all of them together stay within what the documents promise. */
static void four_thousand_instances_that_look_back_stay_within_their_bound(void **state)
{
    struct play     p;
    struct mallinfo2 before, after;
    const unsigned  rounds = 100;

    (void)state;
    begin(&p, &filling);
    before = mallinfo2();
    for (unsigned r = 0; r < rounds; r++) {
        rules_begin_round(p.rules, 1000 * (uint64_t)r * HOUR);
        for (int i = 0; i < RULE_INSTANCES_MAX; i++) {
            char                place[32];
            const struct attr   attr = { "test.place", place };
            const struct sample sample = { &fill, &attr, 1, 0.3 };

            snprintf(place, sizeof place, "/srv/place-%04d", i);
            assert_false(failed(rules_put(p.rules, &sample)));
        }
        rules_collector_read(p.rules, &fill, 1, HOUR, err_ok());
        rules_end_round(p.rules, on_event, &p);
    }
    after = mallinfo2();
    assert_true(RULE_INSTANCES_MAX * (sizeof(struct trend) + 16) <= 1100 * 1024);
    if (after.uordblks > before.uordblks) /* a sanitizer's malloc does not say */
        assert_true(after.uordblks - before.uordblks < 3 * 1024 * 1024);
    said(&p, "");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_that_fills_is_one_alert_from_the_forecast_on),
        cmocka_unit_test(what_is_slow_flat_or_lately_seen_is_not_foreseen),
        cmocka_unit_test(a_forecast_needs_no_level_and_may_fall),
        cmocka_unit_test(a_foreseen_alert_of_before_a_restart_waits_for_the_forecast),
        cmocka_unit_test(a_rate_is_judged_once_it_is_known),
        cmocka_unit_test(values_are_printed_as_the_rule_sees_them),
        cmocka_unit_test(titles_of_a_forecast_say_in_how_long),
        cmocka_unit_test(four_thousand_instances_that_look_back_stay_within_their_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
