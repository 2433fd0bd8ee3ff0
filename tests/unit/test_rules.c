#include "tests/unit/check.h"

#include <math.h>

#include "agent/collect/collect.h"
#include "agent/rule/rules.h"
#include "platform/buf.h"

/* Scenes: what one series does, reading after reading, and what is said about it. The period is a minute. */
static const struct metric fill = { "test.fill", UNIT_ONE, METRIC_GAUGE, "" };

enum what {
    READ,  /* the value */
    GONE,  /* read, without the series */
    FAILS, /* the collector */
    LACKS, /* it says UNSUPPORTED */
    NAN_,  /* what is no number */
};

struct step {
    unsigned    at_s;
    enum what   what;
    double      value;
    const char *want; /* events, one a line; NULL ends the scene */
};

enum { STEPS_MAX = 20 };

#define LEVEL(...)         \
    {                      \
        true, __VA_ARGS__  \
    }

static const struct rule two_levels = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
    .test = RULE_ABOVE, .warning = LEVEL(0.8, 0.7, 300, 120), .critical = LEVEL(0.9, 0.85, 120, 120),
};
static const struct rule at_once = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
    .test = RULE_ABOVE, .warning = LEVEL(0.8, 0.8, 0, 0),
};
static const struct rule low = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
    .test = RULE_BELOW, .warning = LEVEL(0.2, 0.3, 60, 60), .critical = LEVEL(0.1, 0.15, 0, 0),
};
static const struct rule is_one = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
    .test = RULE_EQUALS, .critical = LEVEL(1, 1, 60, 60),
};
static const struct rule absent = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
    .test = RULE_ABSENT, .warning = LEVEL(0, 0, 120, 60), .critical = LEVEL(0, 0, 240, 60),
};
static const struct rule only_critical = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
    .test = RULE_ABOVE, .critical = LEVEL(0.9, 0.8, 0, 60),
};
static const struct rule only_warning = {
    .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "",
    .test = RULE_ABOVE, .warning = LEVEL(0.8, 0.7, 0, 60),
};
static const struct rule off = { .name = "fill", .metric = "test.fill", .title = "", .facts = "",
                                 .warning = LEVEL(0.8, 0.7, 0, 60) };

static const struct scene {
    const char        *name;
    const struct rule *rule;
    enum severity      restored; /* before the first reading */
    struct step        steps[STEPS_MAX];
} scenes[] = {
    { "a breach is raised when it was held long enough", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.81, "" }, { 60, READ, 0.82, "" }, { 120, READ, 0.83, "" }, { 180, READ, 0.83, "" },
        { 240, READ, 0.82, "" }, { 300, READ, 0.84, "raised warning 0.84 over 0.80 since 0\n" },
        { 360, READ, 0.84, "" } } },
    { "the limit itself is no breach", &at_once, SEVERITY_OK,
      { { 0, READ, 0.80, "" }, { 60, READ, 0.8000001, "raised warning 0.80 over 0.80 since 60\n" },
        { 120, READ, 0.80, "cleared ok 0.80 over 0.80 since 120\n" } } },
    { "one reading below the limit begins the hold anew", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.85, "" }, { 60, READ, 0.85, "" }, { 120, READ, 0.85, "" }, { 180, READ, 0.79, "" },
        { 240, READ, 0.85, "" }, { 300, READ, 0.85, "" }, { 360, READ, 0.85, "" }, { 420, READ, 0.85, "" },
        { 480, READ, 0.85, "" }, { 540, READ, 0.85, "raised warning 0.85 over 0.80 since 240\n" } } },
    { "flapping at the border raises nothing", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.81, "" }, { 60, READ, 0.79, "" }, { 120, READ, 0.81, "" }, { 180, READ, 0.79, "" },
        { 240, READ, 0.81, "" }, { 300, READ, 0.79, "" }, { 360, READ, 0.81, "" }, { 420, READ, 0.79, "" } } },
    { "flapping at the clear level clears nothing", &only_warning, SEVERITY_OK,
      { { 0, READ, 0.81, "raised warning 0.81 over 0.80 since 0\n" }, { 60, READ, 0.70, "" },
        { 120, READ, 0.71, "" }, { 180, READ, 0.70, "" }, { 240, READ, 0.71, "" }, { 300, READ, 0.82, "" } } },
    { "between clear and limit nothing changes", &only_warning, SEVERITY_OK,
      { { 0, READ, 0.75, "" }, { 60, READ, 0.81, "raised warning 0.81 over 0.80 since 60\n" },
        { 120, READ, 0.75, "" }, { 900, READ, 0.75, "" } } },
    { "it is over when it was over long enough", &only_warning, SEVERITY_OK,
      { { 0, READ, 0.81, "raised warning 0.81 over 0.80 since 0\n" }, { 60, READ, 0.70, "" },
        { 120, READ, 0.60, "cleared ok 0.60 over 0.80 since 60\n" }, { 180, READ, 0.60, "" } } },
    { "it gets worse, better, and is over: one alert", &two_levels, SEVERITY_WARNING,
      { { 0, READ, 0.95, "" }, { 60, READ, 0.95, "" }, { 120, READ, 0.96, "worse critical 0.96 over 0.90 since 0\n" },
        { 180, READ, 0.84, "" }, { 240, READ, 0.84, "" },
        { 300, READ, 0.84, "better warning 0.84 over 0.80 since 180\n" }, { 360, READ, 0.5, "" },
        { 420, READ, 0.5, "" }, { 480, READ, 0.5, "cleared ok 0.50 over 0.80 since 360\n" } } },
    { "what was raised at critical gets better before it is over", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.95, "" }, { 60, READ, 0.95, "" },
        { 120, READ, 0.95, "raised critical 0.95 over 0.90 since 0\n" }, { 180, READ, 0.84, "" },
        { 240, READ, 0.84, "" }, { 300, READ, 0.84, "better warning 0.84 over 0.80 since 180\n" } } },
    { "from critical to well is one change", &two_levels, SEVERITY_CRITICAL,
      { { 0, READ, 0.1, "" }, { 60, READ, 0.1, "" }, { 120, READ, 0.1, "cleared ok 0.10 over 0.90 since 0\n" } } },
    { "below works the other way round", &low, SEVERITY_OK,
      { { 0, READ, 0.19, "" }, { 60, READ, 0.18, "raised warning 0.18 over 0.20 since 0\n" },
        { 120, READ, 0.09, "worse critical 0.09 over 0.10 since 120\n" },
        { 180, READ, 0.15, "better warning 0.15 over 0.20 since 180\n" }, { 240, READ, 0.29, "" },
        { 300, READ, 0.3, "" }, { 360, READ, 0.31, "cleared ok 0.31 over 0.20 since 300\n" } } },
    { "equals is over with any other value", &is_one, SEVERITY_OK,
      { { 0, READ, 1, "" }, { 60, READ, 1, "raised critical 1.00 over 1.00 since 0\n" }, { 120, READ, 0, "" },
        { 180, READ, 2, "cleared ok 2.00 over 1.00 since 120\n" } } },
    { "a missed round does not break a hold", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.95, "" }, { 120, READ, 0.95, "raised critical 0.95 over 0.90 since 0\n" } } },
    { "a failed reading does not break a hold", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.95, "" }, { 60, FAILS, 0, "" },
        { 120, READ, 0.95, "raised critical 0.95 over 0.90 since 0\n" } } },
    { "a long gap does not count as held", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.95, "" }, { 60, READ, 0.95, "" }, { 30000, READ, 0.95, "" },
        { 30060, READ, 0.95, "raised critical 0.95 over 0.90 since 0\n" } } },
    { "a long gap does not count as over", &two_levels, SEVERITY_CRITICAL,
      { { 0, READ, 0.5, "" }, { 30000, READ, 0.5, "" }, { 30060, READ, 0.5, "" },
        { 30120, READ, 0.5, "cleared ok 0.50 over 0.90 since 0\n" } } },
    { "a hold needs readings: one that comes late proves nothing", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.95, "" }, { 151, READ, 0.95, "" }, { 302, READ, 0.95, "" }, { 453, READ, 0.95, "" } } },
    { "a clock that goes back counts nothing", &two_levels, SEVERITY_OK,
      { { 1000, READ, 0.95, "" }, { 1060, READ, 0.95, "" }, { 100, READ, 0.95, "" },
        { 160, READ, 0.95, "raised critical 0.95 over 0.90 since 1000\n" } } },
    { "a failing collector changes nothing", &only_warning, SEVERITY_OK,
      { { 0, READ, 0.81, "raised warning 0.81 over 0.80 since 0\n" }, { 60, FAILS, 0, "" }, { 600, FAILS, 0, "" },
        { 660, READ, 0.5, "" }, { 720, READ, 0.5, "cleared ok 0.50 over 0.80 since 660\n" } } },
    { "what is no number changes nothing", &only_warning, SEVERITY_OK,
      { { 0, NAN_, 0, "" }, { 60, READ, 0.81, "raised warning 0.81 over 0.80 since 60\n" }, { 120, NAN_, 0, "" },
        { 180, NAN_, 0, "" }, { 240, NAN_, 0, "" }, { 300, READ, 0.9, "" } } },
    { "a series that is gone ends its alert", &only_warning, SEVERITY_OK,
      { { 0, READ, 0.81, "raised warning 0.81 over 0.80 since 0\n" }, { 60, GONE, 0, "" },
        { 120, GONE, 0, "gone ok nan over 0.80 since 60\n" }, { 180, GONE, 0, "" }, { 240, READ, 0.5, "" } } },
    { "a series that is back in time was not gone", &only_warning, SEVERITY_OK,
      { { 0, READ, 0.81, "raised warning 0.81 over 0.80 since 0\n" }, { 60, GONE, 0, "" },
        { 120, READ, 0.82, "" }, { 180, GONE, 0, "" }, { 240, READ, 0.9, "" } } },
    { "nobody is told of the end of what was never raised", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.95, "" }, { 60, GONE, 0, "" }, { 120, GONE, 0, "" }, { 180, GONE, 0, "" },
        { 240, GONE, 0, "" }, { 300, GONE, 0, "" } } },
    { "a series left out of one reading keeps its hold", &two_levels, SEVERITY_OK,
      { { 0, READ, 0.95, "" }, { 60, GONE, 0, "" },
        { 120, READ, 0.95, "raised critical 0.95 over 0.90 since 0\n" } } },
    { "what this machine no longer has ends at once", &two_levels, SEVERITY_CRITICAL,
      { { 10, LACKS, 0, "gone ok nan over 0.90 since 10\n" }, { 70, LACKS, 0, "" } } },
    { "an alert of before a restart is not raised again", &only_warning, SEVERITY_WARNING,
      { { 0, READ, 0.81, "" }, { 60, READ, 0.5, "" }, { 120, READ, 0.5, "cleared ok 0.50 over 0.80 since 60\n" } } },
    { "an alert of before a restart ends if its series never comes", &only_warning, SEVERITY_WARNING,
      { { 10, GONE, 0, "" }, { 70, GONE, 0, "gone ok nan over 0.80 since 10\n" } } },
    { "an alert of before a restart stays while its collector fails", &only_warning, SEVERITY_WARNING,
      { { 0, FAILS, 0, "" }, { 60, FAILS, 0, "" }, { 6000, FAILS, 0, "" } } },
    { "a warning of before a policy without it ends by the other level", &only_critical, SEVERITY_WARNING,
      { { 0, READ, 0.85, "" }, { 60, READ, 0.79, "" }, { 120, READ, 0.79, "cleared ok 0.79 over 0.90 since 60\n" } } },
    { "critical of before a policy without it becomes a warning", &only_warning, SEVERITY_CRITICAL,
      { { 10, READ, 0.95, "better warning 0.95 over 0.80 since 10\n" } } },
    { "the alert of a rule that was switched off is retired", &off, SEVERITY_WARNING,
      { { 10, READ, 0.99, "retired ok nan over nan since 10\n" }, { 60, READ, 0.99, "" } } },
    { "absent: a series that is gone is a breach, and its return the end", &absent, SEVERITY_OK,
      { { 0, READ, 0.5, "" }, { 60, GONE, 0, "" }, { 120, GONE, 0, "" },
        { 180, GONE, 0, "raised warning nan over nan since 60\n" }, { 240, GONE, 0, "" },
        { 300, GONE, 0, "worse critical nan over nan since 60\n" }, { 360, READ, 0.5, "" },
        { 420, READ, 0.5, "cleared ok 0.50 over nan since 360\n" } } },
    { "absent: a failing collector says nothing", &absent, SEVERITY_OK,
      { { 0, READ, 0.5, "" }, { 60, FAILS, 0, "" }, { 120, FAILS, 0, "" }, { 180, FAILS, 0, "" },
        { 240, FAILS, 0, "" }, { 300, LACKS, 0, "" } } },
    { "absent: stays over a restart", &absent, SEVERITY_CRITICAL,
      { { 0, GONE, 0, "" }, { 60, GONE, 0, "" }, { 600, GONE, 0, "" }, { 660, READ, 0.5, "" },
        { 720, READ, 0.5, "cleared ok 0.50 over nan since 660\n" } } },
};

/* ---- playing ---- */

static void on_event(void *context, const struct rule_event *event)
{
    static const char *const names[] = { "raised", "worse", "better", "cleared", "gone", "retired" };
    struct buf              *said = context;

    assert_string_equal(event->rule_name, "fill");
    buf_printf(said, "%s %s %.2f over %.2f since %llu\n", names[event->change], severity_name(event->severity),
               fabs(event->value), fabs(event->level), (unsigned long long)event->since_steady_ms / 1000);
}

static void put(struct rules *rules, const char *place, double value)
{
    const struct attr   attr = { "test.place", place };
    const struct sample s = { &fill, &attr, 1, value };

    rules_put(rules, &s);
}

static void play_step(struct rules *rules, const struct step *step, struct buf *said)
{
    struct err outcome = err_ok();

    if (step->what == FAILS)
        outcome = err_of(ERR_OS, "reading");
    if (step->what == LACKS)
        outcome = err_of(ERR_UNSUPPORTED, "reading");
    buf_clear(said);
    rules_begin_round(rules, 1000 * (uint64_t)step->at_s);
    if (step->what == READ)
        put(rules, "roof", step->value);
    if (step->what == NAN_)
        put(rules, "roof", NAN);
    if (step->what == FAILS)
        put(rules, "roof", 99); /* what a failed reading brought does not count */
    rules_collector_read(rules, &fill, 1, 60, outcome);
    rules_end_round(rules, on_event, said);
}

static void play(const struct scene *scene)
{
    struct rule   rule = *scene->rule;
    struct policy policy = { .rules = &rule, .count = 1 };
    struct rules *rules = NULL;
    struct buf    said;

    buf_init(&said, 4096);
    assert_false(failed(rules_new(&policy, &rules)));
    if (scene->restored)
        assert_false(failed(rules_restore(rules, "fill", "place=roof", scene->restored)));
    for (const struct step *step = scene->steps; step->want; step++) {
        play_step(rules, step, &said);
        if (strcmp(buf_text(&said), step->want) != 0)
            fail_msg("%s: at %u s: said \"%s\", not \"%s\"", scene->name, step->at_s, buf_text(&said), step->want);
    }
    rules_free(&rules);
    buf_done(&said);
}

static void every_scene_is_told_as_it_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        play(&scenes[i]);
}

/* ---- more than one series ---- */

struct heard {
    size_t count;
    char   last[INSTANCE_MAX];
};

static void on_heard(void *context, const struct rule_event *event)
{
    struct heard *heard = context;

    heard->count++;
    snprintf(heard->last, sizeof heard->last, "%s", event->instance);
}

static void end_round(struct rules *rules, struct heard *heard)
{
    heard->count = 0;
    rules_collector_read(rules, &fill, 1, 60, err_ok());
    rules_end_round(rules, on_heard, heard);
}

static void every_series_is_an_instance_of_its_own(void **state)
{
    struct rule   rule = at_once;
    struct policy policy = { .rules = &rule, .count = 1 };
    struct rules *rules = NULL;
    struct heard  heard = { 0 };

    (void)state;
    assert_false(failed(rules_new(&policy, &rules)));
    rules_begin_round(rules, 1000);
    put(rules, "roof", 0.5);
    put(rules, "cellar", 0.9);
    end_round(rules, &heard);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last, "place=cellar");
    rules_begin_round(rules, 61000);
    put(rules, "roof", 0.9);
    put(rules, "cellar", 0.9);
    end_round(rules, &heard);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last, "place=roof");
    rules_free(&rules);
}

static void selectors_choose_by_glob_and_by_either_form_of_the_key(void **state)
{
    static const struct {
        struct rule_selector where[2];
        size_t               count;
        bool                 roof, cellar;
    } cases[] = {
        { { { "place", "roof", false } }, 1, true, false },
        { { { "test.place", "r*", false } }, 1, true, false },
        { { { "place", "r*", true } }, 1, false, true },
        { { { "place", "?oof", false } }, 1, true, false },
        { { { "place", "*", false }, { "place", "c*", true } }, 2, true, false },
        { { { "lace", "*", false } }, 1, false, false },
        { { { "floor", "*", false } }, 1, false, false },
        { { { "floor", "*", true } }, 1, true, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rule   rule = at_once;
        struct policy policy = { .rules = &rule, .count = 1 };
        struct rules *rules = NULL;
        struct heard  heard = { 0 };

        memcpy(rule.where, cases[i].where, sizeof cases[i].where);
        rule.where_count = cases[i].count;
        assert_false(failed(rules_new(&policy, &rules)));
        rules_begin_round(rules, 1000);
        put(rules, "roof", 1);
        put(rules, "cellar", 1);
        end_round(rules, &heard);
        assert_int_equal(heard.count, (size_t)cases[i].roof + cases[i].cellar);
        rules_free(&rules);
    }
}

static void beyond_the_bound_new_instances_are_refused_and_known_ones_live(void **state)
{
    struct rule   rule = at_once;
    struct policy policy = { .rules = &rule, .count = 1 };
    struct rules *rules = NULL;
    struct heard  heard = { 0 };
    char          place[32];

    (void)state;
    assert_false(failed(rules_new(&policy, &rules)));
    rules_begin_round(rules, 1000);
    for (int i = 0; i < RULE_INSTANCES_MAX + 10; i++) {
        snprintf(place, sizeof place, "room %d", i);
        put(rules, place, 0.1);
    }
    assert_int_equal(rules_refused(rules), 10);
    end_round(rules, &heard);
    rules_begin_round(rules, 61000);
    put(rules, "room 7", 0.9);
    put(rules, "a new one", 0.9);
    assert_int_equal(rules_refused(rules), 11);
    end_round(rules, &heard);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last, "place=room 7");
    for (uint64_t minute = 2; minute < 8; minute++) { /* room is made by those that went */
        rules_begin_round(rules, minute * 60000);
        put(rules, "room 7", 0.9);
        end_round(rules, &heard);
    }
    rules_begin_round(rules, 600000);
    put(rules, "a new one", 0.9);
    end_round(rules, &heard);
    assert_string_equal(heard.last, "place=a new one");
    assert_int_equal(rules_refused(rules), 11);
    rules_free(&rules);
}

static void an_absent_rule_stands_for_itself_while_nothing_was_seen(void **state)
{
    struct rule   rule = absent;
    struct policy policy = { .rules = &rule, .count = 1 };
    struct rules *rules = NULL;
    struct heard  heard = { 0 };

    (void)state;
    assert_false(failed(rules_new(&policy, &rules)));
    for (uint64_t minute = 1; minute <= 3; minute++) {
        rules_begin_round(rules, minute * 60000);
        end_round(rules, &heard);
    }
    assert_int_equal(heard.count, 1); /* raised after two minutes */
    assert_string_equal(heard.last, "");
    for (uint64_t minute = 4; minute <= 5; minute++) {
        rules_begin_round(rules, minute * 60000);
        put(rules, "roof", 0.5);
        end_round(rules, &heard);
    }
    assert_int_equal(heard.count, 1); /* over after one with a series */
    assert_string_equal(heard.last, "");
    for (uint64_t minute = 6; minute <= 8; minute++) {
        rules_begin_round(rules, minute * 60000);
        end_round(rules, &heard);
    }
    assert_int_equal(heard.count, 1); /* and now it is the series that is absent */
    assert_string_equal(heard.last, "place=roof");
    rules_free(&rules);
}

static void an_alert_of_a_rule_that_is_no_more_is_retired_once(void **state)
{
    struct rule   rule = at_once;
    struct policy policy = { .rules = &rule, .count = 1 };
    struct rules *rules = NULL;
    struct heard  heard = { 0 };

    (void)state;
    assert_false(failed(rules_new(&policy, &rules)));
    assert_false(failed(rules_restore(rules, "what-was", "place=attic", SEVERITY_WARNING)));
    rules_begin_round(rules, 1000);
    end_round(rules, &heard);
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.last, "place=attic");
    rules_begin_round(rules, 2000);
    end_round(rules, &heard);
    assert_int_equal(heard.count, 0);
    rules_free(&rules);
}

/* ---- how it stands ---- */

static void on_view(void *context, const struct rule_view *view)
{
    static const char *const states[] = { "ok", "pending", "warning", "critical", "unknown" };

    buf_printf(context, "%s %s %s %.2f %s;", view->instance, states[view->state], severity_name(view->at_once),
               fabs(view->value), failed(view->why) ? err_name(view->why.code) : "");
}

static void look(struct rules *rules, const char *want)
{
    struct buf text;

    buf_init(&text, 4096);
    rules_each(rules, on_view, &text);
    assert_string_equal(buf_text(&text), want);
    buf_done(&text);
}

static void views_say_what_is_pending_raised_and_unknown(void **state)
{
    struct rule   rule = two_levels;
    struct policy policy = { .rules = &rule, .count = 1 };
    struct rules *rules = NULL;
    struct step   step = { 60, READ, 0.95, "" };
    struct buf    said;

    (void)state;
    buf_init(&said, 4096);
    assert_false(failed(rules_new(&policy, &rules)));
    look(rules, " unknown ok nan NOT_FOUND;");
    play_step(rules, &step, &said);
    look(rules, "place=roof pending critical 0.95 ;");
    step.at_s = 120;
    play_step(rules, &step, &said);
    step.at_s = 180;
    play_step(rules, &step, &said);
    look(rules, "place=roof critical critical 0.95 ;");
    step.what = FAILS;
    play_step(rules, &step, &said);
    look(rules, "place=roof unknown ok nan OS;");
    step = (struct step){ 240, READ, 0.5, "" };
    play_step(rules, &step, &said);
    look(rules, "place=roof critical ok 0.50 ;");
    step = (struct step){ 300, GONE, 0, "" };
    play_step(rules, &step, &said);
    look(rules, "place=roof unknown ok nan NOT_FOUND;");
    step = (struct step){ 310, LACKS, 0, "" };
    play_step(rules, &step, &said);
    look(rules, " unknown ok nan UNSUPPORTED;");
    rules_free(&rules);
    buf_done(&said);
}

/* ---- texts ---- */

static void texts_are_filled_and_nothing_gets_out_of_them(void **state)
{
    static const struct metric full = { "test.fill", UNIT_ONE, METRIC_GAUGE, "" };
    static const struct attr   attrs[] = { { "test.mountpoint", "/a\nb\x1b[31m{device}" }, { "test.type", "ext4" } };
    const struct rule_event    event = {
           .change = RULE_RAISED, .rule = &two_levels, .rule_name = "fill", .instance = "mountpoint=/srv",
           .severity = SEVERITY_WARNING, .value = 0.934, .level = 0.9, .metric = &full, .attrs = attrs, .attr_count = 2,
    };
    const struct rule_text more = { .device = "pc-\xe2\x80\xae" "7", .since = "now" };
    static const struct {
        const char *text, *want;
        size_t      size;
    } cases[] = {
        { "{device}: {type} is {value} full (limit {level}), {severity}", "pc- " "  7: ext4 is 93.4 % full (limit 90.0 %), warning", 200 },
        { "{mountpoint}", "/a b [31m{device}", 200 },
        { "{test.type} {rule} {metric} {instance} {since}", "ext4 fill test.fill mountpoint=/srv now", 200 },
        { "{what} {} { {type} {type", "{what} {} { ext4 {type", 200 },
        { "{{type}}", "{ext4}", 200 },
        { "one\ntwo", "one\ntwo", 200 },
        { "", "", 200 },
        { "gr\xc3\xbc\xc3\xbc", "gr\xc3\xbc", 6 },
        { "x{type}{type}", "xext4ex", 8 },
    };
    char into[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        rule_text_fill(cases[i].text, &event, &more, into, cases[i].size);
        assert_string_equal(into, cases[i].want);
    }
    rule_text_fill("{device}{since}{type}", &event, NULL, into, sizeof into);
    assert_string_equal(into, "ext4");
}

static void what_was_not_seen_is_said_to_be_absent_or_unknown(void **state)
{
    const struct rule_event gone = { .change = RULE_GONE, .rule = &two_levels, .rule_name = "fill", .instance = "",
                                     .value = NAN, .level = 0.9 };
    const struct rule_event retired = { .change = RULE_RETIRED, .rule_name = "fill", .instance = "", .value = NAN,
                                        .level = NAN };
    char                    into[80];

    (void)state;
    rule_text_fill("{value} {level}", &gone, NULL, into, sizeof into);
    assert_string_equal(into, "absent 0.9");
    rule_text_fill("{value} {metric}", &retired, NULL, into, sizeof into);
    assert_string_equal(into, "unknown ");
}

/* ---- the built-in policy ---- */


static void built_in_rules_are_whole_and_look_at_what_is_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < default_rule_count; i++) {
        const struct rule       *r = &default_rules[i];
        const struct rule_level *w = &r->warning, *c = &r->critical;

        if (!metric_find(r->metric))
            fail_msg("%s looks at %s, which nothing yields", r->name, r->metric);
        assert_true(w->set || c->set);
        assert_int_equal(r->place, 0);
        assert_non_null(r->facts);
        assert_true(strlen(r->title) > 10 && strlen(r->title) < TITLE_MAX / 2 && strlen(r->facts) <= RULE_TEXT_MAX);
        assert_true(strlen(r->name) <= RULE_NAME_MAX);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(default_rules[k].name, r->name);
        if (r->test == RULE_ABOVE)
            assert_true((!w->set || w->clear <= w->raise) && (!c->set || c->clear <= c->raise));
        if (w->set && c->set && r->test == RULE_ABOVE)
            assert_true(c->raise > w->raise && c->clear >= w->raise);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_is_told_as_it_is_written),
        cmocka_unit_test(every_series_is_an_instance_of_its_own),
        cmocka_unit_test(selectors_choose_by_glob_and_by_either_form_of_the_key),
        cmocka_unit_test(beyond_the_bound_new_instances_are_refused_and_known_ones_live),
        cmocka_unit_test(an_absent_rule_stands_for_itself_while_nothing_was_seen),
        cmocka_unit_test(an_alert_of_a_rule_that_is_no_more_is_retired_once),
        cmocka_unit_test(views_say_what_is_pending_raised_and_unknown),
        cmocka_unit_test(texts_are_filled_and_nothing_gets_out_of_them),
        cmocka_unit_test(what_was_not_seen_is_said_to_be_absent_or_unknown),
        cmocka_unit_test(built_in_rules_are_whole_and_look_at_what_is_measured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
