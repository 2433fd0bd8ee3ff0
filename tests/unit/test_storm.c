/* Many alerts at once are one ticket: none of them is lost, none is told twice, whoever starts anew. */
#include "agent/alert/alerts.h"
#include "agent/dispatch.h"

#include "outbox_rig.h"
#include "platform/buf.h"

enum { LIMIT = 4, WITHIN_S = 600 };

static const int64_t  WALL = INT64_C(1767607920000);
static const uint64_t STEADY = UINT64_C(500000000), MINUTE = 60000;

static const struct metric fill = { "test.fill", UNIT_ONE, METRIC_GAUGE, "" };
static struct rule         rule = { .name = "fill",
                                    .metric = "test.fill",
                                    .title = "{device}: {instance}",
                                    .facts = "",
                                    .enabled = true,
                                    .test = RULE_ABOVE,
                                    .warning = { true, 0.5, 0.5, 0, 0 },
                                    .critical = { true, 0.9, 0.9, 0, 0 } };
static struct policy       policy = { .rules = &rule, .count = 1 };

struct rig {
    struct rig_folder      folder;
    struct outbox         *outbox;
    struct alerts         *alerts;
    struct rules          *rules;
    struct dispatch       *dispatch;
    struct config          config;
    struct dispatch_device device;
    struct storm_limit     limit;
    unsigned               minute;
};

static void start(struct rig *r)
{
    const struct alerts_options options = { .outbox = r->outbox = rig_open(r->folder.db),
                                            .device_id = "0123456789abcdef0123456789abcdef",
                                            .device_name = "web1",
                                            .storm = r->limit };

    rig_ok(alerts_open(&options, &r->alerts));
    rig_ok(rules_new(&policy, &r->rules));
    rig_ok(alerts_restore(r->alerts, r->rules, &policy, WALL + (int64_t)(r->minute * MINUTE),
                          STEADY + r->minute * MINUTE));
    rig_ok(dispatch_new(&r->config, r->outbox, &r->device, &r->dispatch));
}

static void end(struct rig *r)
{
    dispatch_free(&r->dispatch);
    alerts_close(&r->alerts);
    rules_free(&r->rules);
    outbox_close(&r->outbox);
}

static void rig_begin(struct rig *r, uint32_t limit)
{
    *r = (struct rig){ .limit = { limit, WITHIN_S }, .device = { "0123456789abcdef0123456789abcdef", "web1", "" } };
    r->config.upstreams[0] = (struct config_upstream){ .name = "desk", .connector = "desk", .from = SEVERITY_WARNING };
    r->config.upstream_count = 1;
    r->config.policy = &policy;
    rig_folder_make(&r->folder);
    start(r);
}

static void rig_end(struct rig *r)
{
    end(r);
    rig_folder_remove(&r->folder);
}

static void on_event(void *context, const struct rule_event *event)
{
    struct rig *r = context;

    rig_ok(alerts_on_event(r->alerts, event, WALL + (int64_t)(r->minute * MINUTE),
                           STEADY + r->minute * MINUTE + 7)); /* after the round began */
}

/* A minute in which series from..to are at value, the others of before as they were not reported. told: dispatch had its turn. */
static void pass(struct rig *r, size_t count, double value, bool told)
{
    const uint64_t now_ms = STEADY + r->minute * MINUTE;

    rules_begin_round(r->rules, now_ms);
    for (size_t i = 0; i < count; i++) {
        char                name[32];
        const struct attr   attr = { "test.place", name };
        const struct sample s = { &fill, &attr, 1, value };

        snprintf(name, sizeof name, "p%02zu", i);
        rig_ok(rules_put(r->rules, &s));
    }
    rules_collector_read(r->rules, &fill, 1, 60, err_ok());
    rules_end_round(r->rules, on_event, r);
    alerts_tick(r->alerts, WALL + (int64_t)(r->minute * MINUTE), now_ms);
    if (told)
        dispatch_run(r->dispatch);
    r->minute++;
}

static bool print_ticket(void *context, const struct desk_ticket *t)
{
    buf_printf(context, "%s %s\n", t->open ? "open" : "closed", t->title);
    return true;
}

static void tickets_are(struct rig *r, const char *want)
{
    struct buf said;

    buf_init(&said, 16384);
    rig_ok(desk_ticket_each(r->outbox, true, print_ticket, &said));
    assert_string_equal(buf_text(&said), want);
    buf_done(&said);
}

static bool print_note(void *context, const struct desk_note *n)
{
    buf_printf(context, "%s\n", n->text);
    return true;
}

#define FOUR(state) \
    state " web1: place=p03\n" state " web1: place=p02\n" state " web1: place=p01\n" state " web1: place=p00\n"
#define STORM "web1: more than 4 alerts within 10 min\n"

static void as_many_as_the_limit_are_told_one_by_one(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r, LIMIT);
    pass(&r, 4, 0.6, true);
    tickets_are(&r, FOUR("open"));
    rig_end(&r);
}

static void more_are_one_ticket_that_names_them(void **state)
{
    struct desk_ticket t;
    struct rig         r;

    (void)state;
    rig_begin(&r, LIMIT);
    pass(&r, 7, 0.6, true);
    tickets_are(&r, "open " STORM FOUR("open"));
    rig_ok(desk_ticket_get(r.outbox, 5, &t));
    assert_non_null(strstr(
        t.text, "- warning fill: web1: place=p04\n- warning fill: web1: place=p05\n- warning fill: web1: place=p06\n"));
    assert_int_equal(t.severity, SEVERITY_WARNING);
    rig_end(&r);
}

static void what_comes_later_is_noted_and_what_is_worse_at_once(void **state)
{
    struct desk_ticket t;
    struct buf         notes;
    struct rig         r;

    (void)state;
    rig_begin(&r, LIMIT);
    pass(&r, 6, 0.6, true);
    pass(&r, 8, 0.6, true);
    for (int i = 0; i < 3; i++)
        pass(&r, 8, 0.6, true);
    buf_init(&notes, 8192);
    rig_ok(desk_note_each(r.outbox, 5, print_note, &notes));
    assert_string_equal(buf_text(&notes), "");
    pass(&r, 8, 0.6, true);
    rig_ok(desk_note_each(r.outbox, 5, print_note, &notes));
    assert_string_equal(buf_text(&notes), "4 so far: fill place=p06, fill place=p07\n");
    pass(&r, 8, 0.95, true);
    rig_ok(desk_ticket_get(r.outbox, 5, &t));
    assert_int_equal(t.severity, SEVERITY_CRITICAL);
    buf_done(&notes);
    rig_end(&r);
}

static void what_stands_when_it_is_over_gets_its_ticket_and_what_does_not_is_history(void **state)
{
    struct outbox_counts counts;
    struct rig           r;

    (void)state;
    rig_begin(&r, LIMIT);
    pass(&r, 7, 0.6, true);
    for (int i = 0; i < 10; i++)
        pass(&r, 6, 0.6, true); /* p06 is gone */
    tickets_are(&r, "open " STORM FOUR("open"));
    pass(&r, 6, 0.6, true);
    tickets_are(&r, "open web1: place=p05\nopen web1: place=p04\nclosed " STORM FOUR("open"));
    pass(&r, 0, 0, true);
    tickets_are(&r, "closed web1: place=p05\nclosed web1: place=p04\nclosed " STORM FOUR("closed"));
    outbox_counts(r.outbox, &counts);
    assert_int_equal(counts.history, 8);
    assert_int_equal(counts.open_alerts, 0);
    rig_end(&r);
}

/* Whether it ends before or after the upstream was told of the storm's end makes no difference. */
static void what_went_by_is_settled_though_the_storm_is_over_at_the_same_time(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r, LIMIT);
    pass(&r, 7, 0.6, true);
    for (int i = 0; i < 10; i++)
        pass(&r, 7, 0.6, true);
    pass(&r, 5, 0.6, true); /* p05, p06 and the storm end in one round */
    tickets_are(&r, "open web1: place=p04\nclosed " STORM FOUR("open"));
    rig_end(&r);
}

/* Ended at each point of its life in turn, before anyone was told of that point. */
static void an_agent_that_starts_anew_loses_and_doubles_nothing(void **state)
{
    (void)state;
    for (unsigned killed = 0; killed < 16; killed++) {
        struct rig r;

        rig_begin(&r, LIMIT);
        for (unsigned i = 0; i < 40; i++) {
            pass(&r, i < 30 ? 7 : 0, 0.6, i != killed);
            if (i == killed) {
                end(&r);
                start(&r);
            }
            if (i == 29)
                tickets_are(
                    &r, "open web1: place=p06\nopen web1: place=p05\nopen web1: place=p04\nclosed " STORM FOUR("open"));
        }
        tickets_are(
            &r, "closed web1: place=p06\nclosed web1: place=p05\nclosed web1: place=p04\nclosed " STORM FOUR("closed"));
        rig_end(&r);
    }
}

static void without_a_limit_each_is_told(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r, 0);
    pass(&r, 6, 0.6, true);
    tickets_are(&r, "open web1: place=p05\nopen web1: place=p04\n" FOUR("open"));
    rig_end(&r);
}

static void a_slow_succession_is_no_storm(void **state)
{
    struct rig r;

    (void)state;
    rig_begin(&r, LIMIT);
    for (size_t i = 1; i <= 6; i++)
        for (int m = 0; m < 3; m++)
            pass(&r, i, 0.6, true);
    tickets_are(&r, "open web1: place=p05\nopen web1: place=p04\n" FOUR("open"));
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_the_limit_are_told_one_by_one),
        cmocka_unit_test(more_are_one_ticket_that_names_them),
        cmocka_unit_test(what_comes_later_is_noted_and_what_is_worse_at_once),
        cmocka_unit_test(what_stands_when_it_is_over_gets_its_ticket_and_what_does_not_is_history),
        cmocka_unit_test(what_went_by_is_settled_though_the_storm_is_over_at_the_same_time),
        cmocka_unit_test(an_agent_that_starts_anew_loses_and_doubles_nothing),
        cmocka_unit_test(without_a_limit_each_is_told),
        cmocka_unit_test(a_slow_succession_is_no_storm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
