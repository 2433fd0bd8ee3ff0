/* A change that could not be kept, for want of memory, is told again round after round, and once it was kept no more. */
#include "tests/unit/check.h"

#include "agent/collect/collect.h"
#include "agent/rule/rules.h"

static const struct metric fill = { "test.fill", UNIT_ONE, METRIC_GAUGE, "" };

struct forgetful {
    struct rules *rules;
    bool          keeps;
    size_t        told[RULE_RETIRED + 1];
};

static void on_told(void *context, const struct rule_event *event)
{
    struct forgetful *f = context;

    f->told[event->change]++;
    if (!f->keeps)
        rules_tell_again(f->rules);
}

/* Two rounds in which it cannot be kept, one in which it can, one more. */
static void tell_four_times(struct forgetful *f, uint64_t from_ms, double value)
{
    const struct attr   attr = { "test.place", "roof" };
    const struct sample sample = { &fill, &attr, 1, value };

    for (size_t i = 0; i < 4; i++) {
        f->keeps = i >= 2;
        rules_begin_round(f->rules, from_ms + 60000 * i);
        assert_false(failed(rules_put(f->rules, &sample)));
        rules_collector_read(f->rules, &fill, 1, 60, err_ok());
        rules_end_round(f->rules, on_told, f);
    }
}

static void what_could_not_be_kept_is_told_again(void **state)
{
    struct rule      rule = { .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
                              .test = RULE_ABOVE, .warning = { true, 0.8, 0.8, 0, 0 } };
    struct policy    policy = { .rules = &rule, .count = 1 };
    struct forgetful f = { .rules = NULL };

    (void)state;
    assert_false(failed(rules_new(&policy, &f.rules)));
    assert_false(failed(rules_restore(f.rules, "gone", "", SEVERITY_WARNING)));
    tell_four_times(&f, 1000, 0.9);
    assert_int_equal(f.told[RULE_RETIRED], 3);
    assert_int_equal(f.told[RULE_RAISED], 3);
    tell_four_times(&f, 601000, 0.1);
    assert_int_equal(f.told[RULE_CLEARED], 3);
    assert_int_equal(f.told[RULE_RAISED], 3);
    rules_free(&f.rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_not_be_kept_is_told_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
