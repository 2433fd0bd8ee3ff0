#include "tests/unit/check.h"

#include "agent/collect/figures.h"
#include "agent/collect/round.h"

/* Rounds over collectors of the test's own: the table is replaced. */
static const struct metric heat = { "test.heat", UNIT_ONE, METRIC_GAUGE, "" };
static struct err          hot_says, cold_says;
static unsigned            hot_reads, cold_reads, done_calls;

static struct err read_hot(struct sink *out)
{
    const struct attr where[] = { { "test.place", "roof" } };

    hot_reads++;
    sink_put(out, &heat, 0.5);
    sink_put_at(out, &heat, 0.75, where, 1);
    return hot_says;
}

static struct err read_cold(struct sink *out)
{
    (void)out;
    cold_reads++;
    return cold_says;
}

static void done(void)
{
    done_calls++;
}

/* Late: it is ready when the test says so. */
static const struct metric slow_metric = { "test.slow", UNIT_ONE, METRIC_GAUGE, "" };
static struct err          slow_begins;
static collector_ready_fn *slow_ready;
static void               *slow_context;
static unsigned            slow_reads, slow_cancels, configured;

static struct err begin_slow(uv_loop_t *loop, collector_ready_fn *ready, void *context)
{
    assert_non_null(loop);
    slow_ready = ready;
    slow_context = context;
    return slow_begins;
}

static struct err read_slow(struct sink *out)
{
    slow_reads++;
    sink_put(out, &slow_metric, 1);
    return err_ok();
}

static void cancel_slow(void)
{
    slow_cancels++;
}

static void configure_slow(const struct config *config)
{
    assert_non_null(config);
    configured++;
}

static const struct metric rare_metric = { "test.rare", UNIT_ONE, METRIC_GAUGE, "" };
static unsigned            rare_reads;

static struct err read_rare(struct sink *out)
{
    rare_reads++;
    sink_put(out, &rare_metric, 1);
    return err_ok();
}

static const struct collector slow = { .name = "slow", .metrics = &slow_metric, .metric_count = 1, .read = read_slow,
                                       .begin = begin_slow, .cancel = cancel_slow, .configure = configure_slow };
static const struct collector rare = { .name = "rare", .metrics = &rare_metric, .metric_count = 1, .read = read_rare,
                                       .on_demand = true };
static const struct collector hot = { .name = "hot", .metrics = &heat, .metric_count = 1, .read = read_hot, .done = done };
static const struct collector cold = { .name = "cold", .period_s = 60, .read = read_cold };

#define collectors      test_collectors
#define collector_count test_collector_count
static const struct collector *const test_collectors[] = { &hot, &cold, &slow, &rare };
static const size_t                  test_collector_count = 4;
#include "agent/collect/round.c"
#undef collectors
#undef collector_count

struct seen {
    struct figures *figures;
    unsigned        samples, outcomes, failures;
    uint64_t        now;
};

static void on_sample(void *context, const struct sample *sample)
{
    struct seen *s = context;

    s->samples++;
    assert_false(failed(figures_put(s->figures, sample, s->now)));
}

static void on_collector(void *context, const struct collector *collector, struct err outcome, uint64_t took_us)
{
    struct seen *s = context;

    (void)collector;
    (void)took_us;
    s->outcomes++;
    s->failures += failed(outcome);
}

static void setup_round(struct round **round, struct seen *seen)
{
    hot_says = cold_says = err_ok();
    hot_reads = cold_reads = done_calls = slow_reads = slow_cancels = rare_reads = configured = 0;
    slow_begins = err_ok();
    slow_ready = NULL;
    *seen = (struct seen){ 0 };
    assert_false(failed(round_new(10, round)));
    assert_false(failed(figures_new(&seen->figures)));
}

static void run_at(struct round *round, struct seen *seen, uint64_t now)
{
    const struct round_listener listener = { on_sample, on_collector, seen };

    seen->now = now;
    round_run(round, now, &listener);
}

static void one_wake_up_reads_all_that_is_due(void **state)
{
    struct round *round;
    struct seen   seen;

    (void)state;
    setup_round(&round, &seen);
    for (uint64_t now = 0; now <= 60000; now += 10000)
        run_at(round, &seen, now + now % 3); /* timers are never exact */
    assert_int_equal(hot_reads, 7);
    assert_int_equal(cold_reads, 2);
    assert_int_equal(seen.samples, 14);
    assert_int_equal(figures_count(seen.figures), 2);
    assert_string_equal(figures_get(seen.figures, 1)->instance, "place=roof");
    figures_forget(seen.figures, &heat, 1, 70000);
    assert_int_equal(figures_count(seen.figures), 0);
    round_free(&round);
    assert_int_equal(done_calls, 1);
    figures_free(&seen.figures);
}

static void nothing_of_a_failed_reading_counts(void **state)
{
    struct round *round;
    struct seen   seen;

    (void)state;
    setup_round(&round, &seen);
    assert_int_equal(round_outcome(round, 0).code, ERR_NOT_FOUND);
    hot_says = err_of(ERR_OS, "reading");
    run_at(round, &seen, 0);
    assert_int_equal(seen.samples, 0);
    assert_int_equal(seen.failures, 1);
    assert_int_equal(round_outcome(round, 0).code, ERR_OS);
    hot_says = err_ok();
    run_at(round, &seen, 10000);
    assert_int_equal(seen.samples, 2);
    round_free(&round);
    figures_free(&seen.figures);
}

static void what_the_machine_lacks_is_asked_once(void **state)
{
    struct round *round;
    struct seen   seen;

    (void)state;
    setup_round(&round, &seen);
    hot_says = err_of(ERR_UNSUPPORTED, "reading");
    for (uint64_t now = 0; now <= 60000; now += 10000)
        run_at(round, &seen, now);
    assert_int_equal(hot_reads, 1);
    round_free(&round);
    figures_free(&seen.figures);
}

static void count_ready(void *context)
{
    ++*(unsigned *)context;
}

static void what_is_late_is_read_when_it_came(void **state)
{
    struct round               *round;
    struct seen                 seen;
    const struct round_listener listener = { on_sample, on_collector, &seen };
    unsigned                    ready = 0;
    uv_loop_t                   loop;

    (void)state;
    setup_round(&round, &seen);
    assert_int_equal(uv_loop_init(&loop), 0);
    run_at(round, &seen, 0);
    assert_null(slow_ready); /* nobody runs a loop */
    round_attach(round, &loop, count_ready, &ready);
    run_at(round, &seen, 10000);
    assert_non_null(slow_ready);
    assert_true(round_is_waiting(round));
    assert_int_equal(round_outcome(round, 2).code, ERR_NOT_FOUND);
    run_at(round, &seen, 20000); /* it is not begun twice */
    slow_ready(slow_context);
    slow_ready(slow_context);
    assert_int_equal(ready, 1);
    assert_int_equal(slow_reads, 0);
    round_run_ready(round, &listener);
    round_run_ready(round, &listener);
    assert_int_equal(slow_reads, 1);
    assert_false(round_is_waiting(round));
    assert_int_equal(round_outcome(round, 2).code, ERR_OK);
    slow_begins = err_of(ERR_DENIED, "starting");
    run_at(round, &seen, 30000);
    assert_int_equal(round_outcome(round, 2).code, ERR_DENIED);
    slow_begins = err_ok();
    run_at(round, &seen, 40000);
    round_attach(round, NULL, NULL, NULL);
    assert_int_equal(slow_cancels, 1);
    assert_false(round_is_waiting(round));
    slow_ready(slow_context);
    assert_int_equal(ready, 1);
    round_free(&round);
    assert_int_equal(uv_loop_close(&loop), 0);
    figures_free(&seen.figures);
}

static void what_is_on_demand_is_read_for_a_rule_or_a_person(void **state)
{
    struct rule         rules[] = { { .name = "r", .metric = "test.rare" } };
    struct policy       policy = { .rules = rules, .count = 1 };
    const struct config config = { .policy = &policy };
    struct round       *round;
    struct seen         seen;

    (void)state;
    setup_round(&round, &seen);
    run_at(round, &seen, 0);
    assert_true(round_is_asleep(round, 3));
    round_configure(round, &config); /* the rule is off */
    assert_int_equal(configured, 1);
    run_at(round, &seen, 10000);
    assert_int_equal(rare_reads, 0);
    round_ask_all(round, true);
    run_at(round, &seen, 20000);
    assert_int_equal(rare_reads, 1);
    round_ask_all(round, false);
    run_at(round, &seen, 30000);
    assert_int_equal(rare_reads, 1);
    rules[0].enabled = true;
    round_configure(round, &config);
    assert_false(round_is_asleep(round, 3));
    run_at(round, &seen, 40000);
    assert_int_equal(rare_reads, 2);
    round_free(&round);
    figures_free(&seen.figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_wake_up_reads_all_that_is_due),
        cmocka_unit_test(nothing_of_a_failed_reading_counts),
        cmocka_unit_test(what_the_machine_lacks_is_asked_once),
        cmocka_unit_test(what_is_late_is_read_when_it_came),
        cmocka_unit_test(what_is_on_demand_is_read_for_a_rule_or_a_person),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
