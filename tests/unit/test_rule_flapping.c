/* An alert that comes and goes is one that stays: when it begins to be, what is said then, and when it is over. */
#include "tests/unit/check.h"

#include <math.h>

#include "agent/rule/rules.h"
#include "platform/buf.h"

static const struct metric fill = { "test.fill", UNIT_ONE, METRIC_GAUGE, "" };

/* A reading a minute: what it is, for how many minutes, and what is said in all of them. */
struct stretch {
    const char *what; /* "up": in breach, "worse": critical, "down", "gone", "fails", "restart" */
    unsigned    minutes;
    const char *want; /* NULL ends the scene */
};

enum { STRETCHES_MAX = 24, MINUTE_MS = 60000 };

#define RULE(...)                                                                                                      \
    {                                                                                                                  \
        .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "", .test = RULE_ABOVE,          \
        .warning = { true, 0.8, 0.8, 0, 0 }, .critical = { true, 0.9, 0.9, 0, 0 }, .flapping = { false, __VA_ARGS__ }, \
    }

static const struct rule three = RULE(3, 3600, 1200);
static const struct rule two = RULE(2, 600, 600);
static const struct rule never = RULE(0, 3600, 1200);

static const struct scene {
    const char        *name;
    const struct rule *rule;
    struct stretch     stretches[STRETCHES_MAX];
} scenes[] = {
    { "the third time within its time it stays, until it was calm",
      &three,
      { { "down", 1, "" },
        { "up", 2, "raised\n" },
        { "down", 3, "cleared\n" },
        { "up", 2, "raised\n" },
        { "down", 3, "cleared\n" },
        { "up", 2, "raised, flapping 3 in 8 min\n" },
        { "down", 10, "held ok flapping\n" },
        { "up", 1, "" },
        { "down", 5, "held ok flapping\n" },
        { "up", 2, "" },
        { "down", 19, "held ok flapping\n" },
        { "down", 2, "cleared, flapping 5 in 47 min\n" } } },
    { "after that it begins anew",
      &two,
      { { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "up", 1, "raised, flapping 2 in 1 min\n" },
        { "down", 11, "held ok flapping\ncleared, flapping 2 in 11 min\n" },
        { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" } } },
    { "what comes seldom is told each time",
      &three,
      { { "up", 10, "raised\n" },
        { "down", 40, "cleared\n" },
        { "up", 10, "raised\n" },
        { "down", 40, "cleared\n" },
        { "up", 10, "raised\n" },
        { "down", 40, "cleared\n" } } },
    { "a rule that never flaps is told each time",
      &never,
      { { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" } } },
    { "better and worse counts as well, and stays at the worse",
      &three,
      { { "up", 1, "raised\n" },
        { "worse", 1, "worse\n" },
        { "up", 1, "better\n" },
        { "worse", 1, "worse\n" },
        { "up", 1, "better\n" },
        { "worse", 1, "worse, flapping 3 in 3 min\n" },
        { "up", 5, "held warning flapping\n" },
        { "worse", 1, "" },
        { "up", 20, "held warning flapping\nbetter, flapping 4 in 29 min\n" } } },
    { "worse is told all the same",
      &two,
      { { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "up", 1, "raised, flapping 2 in 1 min\n" },
        { "down", 2, "held ok flapping\n" },
        { "worse", 1, "worse, flapping 3 in 4 min\n" } } },
    { "a series that comes and goes flaps as well",
      &two,
      { { "up", 1, "raised\n" },
        { "gone", 2, "gone\n" },
        { "up", 1, "raised, flapping 2 in 2 min\n" },
        { "gone", 5, "held ok flapping\n" },
        { "up", 1, "" },
        { "gone", 11, "held ok flapping\ngone, flapping 3 in 19 min\n" } } },
    { "calm is what was seen: a failing collector proves nothing",
      &two,
      { { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "up", 1, "raised, flapping 2 in 1 min\n" },
        { "down", 5, "held ok flapping\n" },
        { "fails", 100, "" },
        { "down", 5, "" },
        { "down", 1, "cleared, flapping 2 in 112 min\n" } } },
    { "an agent that starts anew remembers",
      &three,
      { { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "up", 1, "raised\n" },
        { "down", 1, "cleared\n" },
        { "restart", 0, "" },
        { "up", 1, "raised, flapping 3 in 3 min\n" },
        { "restart", 0, "" },
        { "down", 20, "held ok flapping\n" },
        { "down", 1, "cleared, flapping 3 in 23 min\n" } } },
};

/* What an outbox would remember. */
struct memory {
    struct buf said;
    uint64_t   now_ms, ended_ms[16], raised_ms;
    size_t     ended;
    bool       open;
};

static void on_event(void *context, const struct rule_event *event)
{
    static const char *const names[] = { "raised", "worse", "better", "cleared", "gone", "retired", "held" };
    struct memory           *m = context;
    char                     why[96];

    buf_add_text(&m->said, names[event->change]);
    if (event->change == RULE_HELD)
        buf_printf(&m->said, " %s %s", severity_name(event->severity),
                   rule_held_print(event->held, event->held_by, why, sizeof why));
    else if (event->flapped.times)
        buf_printf(&m->said, ", flapping %u in %u min", event->flapped.times, event->flapped.in_s / 60);
    buf_add_text(&m->said, "\n");
    if (event->change == RULE_CLEARED || event->change == RULE_GONE) {
        m->ended_ms[m->ended++] = m->now_ms;
        m->open = false;
    }
    if (event->change == RULE_RAISED) {
        m->raised_ms = m->now_ms;
        m->open = true;
    }
}

static void restart(struct rules **rules, const struct policy *policy, const struct memory *m)
{
    rules_free(rules);
    assert_false(failed(rules_new(policy, rules)));
    if (m->open)
        assert_false(failed(rules_restore(*rules, "fill", "place=roof", SEVERITY_WARNING)));
    for (size_t i = m->ended; i-- > 0;)
        assert_false(failed(rules_restore_cleared(*rules, "fill", "place=roof", m->now_ms,
                                                  (m->open ? m->raised_ms : m->now_ms) - m->ended_ms[i])));
    rules_restore_flapping(*rules, m->now_ms);
}

static void read_once(struct rules *rules, const char *what, struct memory *m)
{
    const struct attr   attr = { "test.place", "roof" };
    const struct sample sample = { &fill, &attr, 1, what[0] == 'u' ? 0.85 : what[0] == 'w' ? 0.95 : 0.5 };
    bool                fails = strcmp(what, "fails") == 0;

    rules_begin_round(rules, m->now_ms);
    if (!fails && strcmp(what, "gone") != 0)
        assert_false(failed(rules_put(rules, &sample)));
    rules_collector_read(rules, &fill, 1, 60, fails ? err_of(ERR_OS, "reading") : err_ok());
    rules_end_round(rules, on_event, m);
    m->now_ms += MINUTE_MS;
}

static void play(const struct scene *scene)
{
    struct rule         rule = *scene->rule;
    const struct policy policy = { .rules = &rule, .count = 1 };
    struct memory       m = { .now_ms = 1000 * MINUTE_MS };
    struct rules       *rules = NULL;

    buf_init(&m.said, 4096);
    assert_false(failed(rules_new(&policy, &rules)));
    for (const struct stretch *s = scene->stretches; s->want; s++) {
        buf_clear(&m.said);
        if (strcmp(s->what, "restart") == 0)
            restart(&rules, &policy, &m);
        for (unsigned i = 0; i < s->minutes; i++)
            read_once(rules, s->what, &m);
        if (strcmp(buf_text(&m.said), s->want) != 0)
            fail_msg("%s: %s (%zu): said \"%s\", not \"%s\"", scene->name, s->what, (size_t)(s - scene->stretches),
                     buf_text(&m.said), s->want);
    }
    rules_free(&rules);
    buf_done(&m.said);
}

static void every_scene_is_told_as_it_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        play(&scenes[i]);
}

static void on_view(void *context, const struct rule_view *view)
{
    char text[64];

    buf_printf(context, "%s, %s", view->state == RULE_STATE_WARNING ? "warning" : "other",
               rule_flapped_print(&view->flapped, text, sizeof text));
}

static void that_it_is_flapping_can_be_seen(void **state)
{
    static const char *const whats[] = { "up", "down", "up", "down", "down" };
    struct rule              rule = two;
    const struct policy      policy = { .rules = &rule, .count = 1 };
    struct memory            m = { .now_ms = 1000 * MINUTE_MS };
    struct rules            *rules = NULL;

    (void)state;
    buf_init(&m.said, 4096);
    assert_false(failed(rules_new(&policy, &rules)));
    for (size_t i = 0; i < ARRAY_LEN(whats); i++)
        read_once(rules, whats[i], &m);
    buf_clear(&m.said);
    rules_each(rules, on_view, &m.said);
    assert_string_equal(buf_text(&m.said), "warning, flapping, 2 times in 3 min");
    rules_free(&rules);
    buf_done(&m.said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_is_told_as_it_is_written),
        cmocka_unit_test(that_it_is_flapping_can_be_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
