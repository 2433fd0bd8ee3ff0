/* References and words of alerts. */
#include "agent/alert/alert_text.h"

#include "check.h"
#include "platform/buf.h"

static const int64_t WALL = INT64_C(1767607920000); /* 2026-01-05T10:12:00Z */

static const struct metric disk = { "system.filesystem.utilization", UNIT_ONE, METRIC_GAUGE, "" };

static const struct rule rule = {
    .name = "disk-full",
    .metric = "system.filesystem.utilization",
    .test = RULE_ABOVE,
    .critical = { true, 0.95, 0.93, 300, 300 },
    .title = "{device}: {mountpoint} is {value} full",
    .facts = "Look at {mountpoint} first.",
};

static void a_reference_is_made_of_the_key_alone(void **state)
{
    char a[ALERT_REF_MAX], b[ALERT_REF_MAX];

    (void)state;
    alert_ref_make("device", "disk-full", "mountpoint=/", a);
    /* printf 'device\0disk-full\0mountpoint=/\0' | sha256sum */
    assert_string_equal(a, "picket-e1db91e7b65ebccf");
    alert_ref_make("device", "disk-full", "mountpoint=/", b);
    assert_string_equal(a, b);
    alert_ref_make("device", "disk-ful", "lmountpoint=/", b);
    assert_string_not_equal(a, b);
    alert_ref_make("devic", "edisk-full", "mountpoint=/", b);
    assert_string_not_equal(a, b);
}

static void hostile_and_endless_texts_stay_within_bounds(void **state)
{
    char                  mountpoint[256], instance[INSTANCE_MAX], title[TITLE_MAX], facts[FACTS_MAX];
    const struct attr     attrs[] = { { "system.filesystem.mountpoint", mountpoint } };
    struct alerts_options device = { .device_name = "web1\nReference: forged", .client = "a\x1b[31mb" };
    struct rule_event     e = { .change = RULE_RAISED,
                                .rule = &rule,
                                .rule_name = "disk-full",
                                .instance = instance,
                                .severity = SEVERITY_CRITICAL,
                                .value = 0.99,
                                .level = 0.95,
                                .metric = &disk,
                                .attrs = attrs,
                                .attr_count = 1 };

    (void)state;
    memset(mountpoint, 0, sizeof mountpoint);
    for (size_t i = 0; i + 2 < sizeof mountpoint; i += 2)
        memcpy(mountpoint + i, "\xc3\xa9", 2);
    snprintf(instance, sizeof instance, "mountpoint=%s\n", mountpoint);
    alert_text_title(&device, &e, WALL, title);
    assert_true(strlen(title) < TITLE_MAX && !strpbrk(title, "\n\x1b"));
    alert_text_facts(&device, &e, "picket-1", WALL, facts);
    assert_true(strlen(facts) < FACTS_MAX);
    assert_true(strncmp(facts, "Device: web1 Reference: forged\nClient: a [31mb\n", 40) == 0);
    assert_null(strchr(facts, '\x1b'));
}

static void durations_have_a_unit_that_fits(void **state)
{
    static const struct {
        int64_t     ms;
        const char *want;
    } cases[] = {
        { AGE_UNKNOWN, "an unknown time" },
        { 0, "0 s" },
        { 119999, "119 s" },
        { 120000, "2 min" },
        { 7199999, "119 min" },
        { 7200000, "2 h" },
        { 172799999, "47 h" },
        { 172800000, "2 days" },
        { INT64_MAX, "106751991167 days" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[DURATION_TEXT_BYTES];

        assert_string_equal(alert_text_duration(cases[i].ms, text), cases[i].want);
    }
}

static void what_held_as_well_and_how_often_it_came_is_said(void **state)
{
    static const struct metric         load = { "system.cpu.utilization", UNIT_ONE, METRIC_GAUGE, "" };
    static const struct rule_condition busy = { .metric = "system.cpu.utilization", .test = RULE_ABOVE, .level = 0.9 };
    struct alerts_options              device = { .device_name = "web1" };
    char                               facts[FACTS_MAX], words[TITLE_MAX];
    struct rule                        flaps = rule;
    struct rule_event                  e = { .change = RULE_RAISED,
                                             .rule = &flaps,
                                             .rule_name = "disk-full",
                                             .instance = "",
                                             .severity = SEVERITY_CRITICAL,
                                             .value = 0.99,
                                             .level = 0.95,
                                             .metric = &disk,
                                             .held_by = "",
                                             .flapped = { 3, 3600 },
                                             .seen = { { &busy, RULE_YES, 0.97, &load, "cpu=1", { ERR_OK, 0, NULL } },
                                                       { &busy, RULE_NO, 0.1, &load, "cpu=2", { ERR_OK, 0, NULL } } },
                                             .seen_count = 2 };

    (void)state;
    flaps.flapping = (struct rule_flapping){ false, 3, 7200, 3600 };
    alert_text_facts(&device, &e, "picket-1", WALL, facts);
    assert_non_null(strstr(facts, "\nAnd: system.cpu.utilization of cpu=1 is 97.0 % (above 90.0 %)\n"));
    assert_null(strstr(facts, "cpu=2"));
    alert_text_change(NULL, &e, 0, words);
    assert_string_equal(words, "raised: 99.0 %, critical; flapping, 3 times in 60 min: open until calm for 60 min");
    e.change = RULE_CLEARED;
    e.value = 0.1;
    alert_text_change(NULL, &e, 7200000, words);
    assert_string_equal(words, "back to 10.0 % after 2 h; it was flapping, 3 times in 60 min");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_is_made_of_the_key_alone),
        cmocka_unit_test(hostile_and_endless_texts_stay_within_bounds),
        cmocka_unit_test(durations_have_a_unit_that_fits),
        cmocka_unit_test(what_held_as_well_and_how_often_it_came_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
