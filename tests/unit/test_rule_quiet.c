/* Quiet times: what is held after boot, after sleep, in a window and while a rule cools down, and what is said then. */
#include "tests/unit/check.h"

#include <math.h>

#include "agent/rule/rules.h"
#include "platform/buf.h"

/* One series, a reading a minute. It begins when the machine has been up for a day, unless a scene says otherwise. */
static const struct metric fill = { "test.fill", UNIT_ONE, METRIC_GAUGE, "" };

enum { GONE = -1, FAILS = -2 }; /* instead of a value */
enum { DAY_S = 86400, STEPS_MAX = 24 };

struct step {
    unsigned    minute;
    double      value;
    const char *want; /* NULL ends the scene */
    unsigned    window_left_s, slept_s;
};

#define RULE(...)                                                                                               \
    {                                                                                                           \
        .name = "fill", .metric = "test.fill", .enabled = true, .title = "", .facts = "", .test = RULE_ABOVE,   \
        .warning = { true, 0.8, 0.7, 0, 60 }, .critical = { true, 0.9, 0.85, 0, 60 }, .quiet = { __VA_ARGS__ }, \
    }

static const struct rule plain = RULE(.after_boot_s = 300, .after_resume_s = 180);
static const struct rule speaks = RULE(.after_boot_s = 0, .through_windows = true);
static const struct rule cools = RULE(.cool_down_s = 600);
static struct quiet_window nightly = { .name = "nightly" };
static struct quiet_window of_others = { .name = "nightly", .rules = "disk-* cpu-*" };
static struct quiet_window of_it = { .name = "nightly", .rules = "disk-* f?ll" };

static const struct scene {
    const char          *name;
    const struct rule   *rule;
    struct quiet_window *window;
    unsigned             up_s; /* 0: a day */
    enum severity        restored;
    struct step          steps[STEPS_MAX];
} scenes[] = {
    { "after boot a breach is held, and told when it lasts", &plain, NULL, 60, SEVERITY_OK,
      { { 0, 0.81, "held warning boot 1\n", 0, 0 }, { 1, 0.82, "", 0, 0 }, { 3, 0.82, "", 0, 0 },
        { 4, 0.83, "raised warning 0.83 since 0, held boot 1\n", 0, 0 }, { 5, 0.83, "", 0, 0 } } },
    { "after boot what is over in time is never told", &plain, NULL, 60, SEVERITY_OK,
      { { 0, 0.95, "held critical boot 1\n", 0, 0 }, { 1, 0.5, "", 0, 0 }, { 2, 0.5, "", 0, 0 }, { 3, 0.5, "", 0, 0 },
        { 4, 0.5, "", 0, 0 }, { 5, 0.81, "raised warning 0.81 since 5\n", 0, 0 } } },
    { "after boot an alert of before does not end and begin again", &plain, NULL, 30, SEVERITY_WARNING,
      { { 0, 0.5, "", 0, 0 }, { 1, 0.5, "held ok boot 1\n", 0, 0 }, { 2, 0.82, "", 0, 0 }, { 5, 0.82, "", 0, 0 } } },
    { "an alert of before that is over ends when the start is over", &plain, NULL, 30, SEVERITY_WARNING,
      { { 0, 0.5, "", 0, 0 }, { 1, 0.5, "held ok boot 1\n", 0, 0 }, { 4, 0.5, "", 0, 0 },
        { 5, 0.5, "cleared ok 0.50 since 0, held boot 1\n", 0, 0 } } },
    { "a rule that speaks after boot speaks", &speaks, NULL, 1, SEVERITY_OK,
      { { 0, 0.81, "raised warning 0.81 since 0\n", 0, 0 } } },
    { "a machine that has been up for long is not quiet", &plain, NULL, 0, SEVERITY_OK,
      { { 0, 0.81, "raised warning 0.81 since 0\n", 0, 0 } } },
    { "after sleep a breach is held", &plain, NULL, 0, SEVERITY_OK,
      { { 0, 0.5, "", 0, 0 }, { 1, 0.81, "held warning resume 1\n", 0, 3600 }, { 2, 0.81, "", 0, 3600 },
        { 3, 0.81, "", 0, 3600 }, { 4, 0.81, "raised warning 0.81 since 1, held resume 1\n", 0, 3600 } } },
    { "what it slept before we came is no resume", &plain, NULL, 0, SEVERITY_OK,
      { { 0, 0.81, "raised warning 0.81 since 0\n", 0, 99999 } } },
    { "a second sleep begins the grace anew", &plain, NULL, 0, SEVERITY_OK,
      { { 0, 0.5, "", 0, 0 }, { 1, 0.81, "held warning resume 1\n", 0, 60 }, { 3, 0.81, "", 0, 120 },
        { 5, 0.81, "", 0, 120 }, { 6, 0.81, "raised warning 0.81 since 1, held resume 1\n", 0, 120 } } },
    { "in a window changes are held, and the state at its end speaks", &plain, &nightly, 0, SEVERITY_OK,
      { { 0, 0.5, "", 600, 0 }, { 1, 0.81, "held warning window nightly 1\n", 540, 0 },
        { 2, 0.95, "held critical window nightly 2\n", 480, 0 }, { 3, 0.5, "", 420, 0 }, { 4, 0.5, "", 360, 0 },
        { 5, 0.81, "held warning window nightly 1\n", 300, 0 }, { 9, 0.81, "", 60, 0 },
        { 10, 0.81, "raised warning 0.81 since 5, held window nightly 1\n", 0, 0 } } },
    { "what began and ended in a window is never told", &plain, &nightly, 0, SEVERITY_OK,
      { { 0, 0.95, "held critical window nightly 1\n", 240, 0 }, { 1, 0.5, "", 180, 0 }, { 2, 0.5, "", 120, 0 },
        { 5, 0.5, "", 0, 0 }, { 6, 0.81, "raised warning 0.81 since 6\n", 0, 0 } } },
    { "an alert of before is not ended and raised anew by a window", &plain, &nightly, 0, SEVERITY_WARNING,
      { { 0, 0.5, "", 240, 0 }, { 1, 0.5, "held ok window nightly 1\n", 180, 0 }, { 2, 0.82, "", 120, 0 },
        { 5, 0.82, "", 0, 0 } } },
    { "what is unplugged in a window and comes back was never gone", &plain, &nightly, 0, SEVERITY_WARNING,
      { { 0, GONE, "", 240, 0 }, { 1, GONE, "held ok window nightly 1\n", 180, 0 }, { 2, GONE, "", 120, 0 },
        { 5, 0.82, "", 0, 0 } } },
    { "and if it does not come back, it is gone at the end", &plain, &nightly, 0, SEVERITY_WARNING,
      { { 0, GONE, "", 120, 0 }, { 1, GONE, "held ok window nightly 1\n", 60, 0 },
        { 2, GONE, "gone ok nan since 0, held window nightly 1\n", 0, 0 } } },
    { "what is about to be over at the end of a window is not told", &plain, &nightly, 0, SEVERITY_OK,
      { { 0, 0.81, "held warning window nightly 1\n", 60, 0 }, { 1, 0.5, "", 0, 0 }, { 2, 0.5, "", 0, 0 },
        { 3, 0.81, "raised warning 0.81 since 3\n", 0, 0 } } },
    { "and is told if it is not over after all", &plain, &nightly, 0, SEVERITY_OK,
      { { 0, 0.81, "held warning window nightly 1\n", 60, 0 }, { 1, 0.5, "", 0, 0 },
        { 2, 0.81, "raised warning 0.81 since 1, held window nightly 1\n", 0, 0 } } },
    { "a window of other rules holds nothing", &plain, &of_others, 0, SEVERITY_OK,
      { { 0, 0.81, "raised warning 0.81 since 0\n", 600, 0 } } },
    { "a window of this rule does", &plain, &of_it, 0, SEVERITY_OK,
      { { 0, 0.81, "held warning window nightly 1\n", 600, 0 } } },
    { "a rule that speaks through windows speaks", &speaks, &nightly, 0, SEVERITY_OK,
      { { 0, 0.81, "raised warning 0.81 since 0\n", 600, 0 } } },
    { "a wall clock that leaves the window does not end it", &plain, &nightly, 0, SEVERITY_OK,
      { { 0, 0.81, "held warning window nightly 1\n", 180, 0 }, { 1, 0.81, "", 0, 0 }, { 2, 0.81, "", 0, 0 },
        { 3, 0.81, "raised warning 0.81 since 0, held window nightly 1\n", 0, 0 } } },
    { "a wall clock that enters it holds for no longer than it says", &plain, &nightly, 0, SEVERITY_OK,
      { { 0, 0.5, "", 0, 0 }, { 1, 0.81, "held warning window nightly 1\n", 120, 0 }, { 2, 0.81, "", 0, 0 },
        { 3, 0.81, "raised warning 0.81 since 1, held window nightly 1\n", 0, 0 } } },
    { "what could not be read at the end of a window is told when it can be", &plain, &nightly, 0, SEVERITY_OK,
      { { 0, 0.81, "held warning window nightly 1\n", 60, 0 }, { 1, FAILS, "", 0, 0 }, { 2, FAILS, "", 0, 0 },
        { 3, 0.81, "raised warning 0.81 since 0, held window nightly 1\n", 0, 0 } } },
    { "while a rule cools down it raises nothing, and then what stands", &cools, NULL, 0, SEVERITY_OK,
      { { 0, 0.81, "raised warning 0.81 since 0\n", 0, 0 }, { 1, 0.5, "", 0, 0 },
        { 2, 0.5, "cleared ok 0.50 since 1\n", 0, 0 }, { 3, 0.81, "held warning cool-down 1\n", 0, 0 },
        { 4, 0.95, "held critical cool-down 2\n", 0, 0 }, { 11, 0.95, "", 0, 0 },
        { 12, 0.95, "raised critical 0.95 since 4, held cool-down 2\n", 0, 0 } } },
    { "what was over before the cool-down was is never told", &cools, NULL, 0, SEVERITY_WARNING,
      { { 0, 0.5, "", 0, 0 }, { 1, 0.5, "cleared ok 0.50 since 0\n", 0, 0 }, { 3, 0.81, "held warning cool-down 1\n", 0, 0 },
        { 4, 0.5, "", 0, 0 }, { 5, 0.5, "", 0, 0 }, { 15, 0.5, "", 0, 0 },
        { 16, 0.81, "raised warning 0.81 since 16\n", 0, 0 } } },
    { "a cool-down outlasts the series", &cools, NULL, 0, SEVERITY_WARNING,
      { { 0, GONE, "", 0, 0 }, { 1, GONE, "gone ok nan since 0\n", 0, 0 }, { 2, GONE, "", 0, 0 }, { 5, GONE, "", 0, 0 },
        { 6, 0.81, "held warning cool-down 1\n", 0, 0 },
        { 11, 0.81, "raised warning 0.81 since 6, held cool-down 1\n", 0, 0 } } },
};

static void on_event(void *context, const struct rule_event *event)
{
    static const char *const names[] = { "raised", "worse", "better", "cleared", "gone", "retired", "held" };
    static const char *const held[] = { "", "boot", "resume", "window", "cool-down" };
    struct buf              *said = context;

    buf_printf(said, "%s %s ", names[event->change], severity_name(event->severity));
    if (event->change != RULE_HELD)
        buf_printf(said, "%.2f since %llu%s", fabs(event->value), (unsigned long long)event->since_steady_ms / 60000 - 10000,
                   event->held ? ", held " : "");
    if (event->held)
        buf_printf(said, "%s%s%s %u", held[event->held], event->held_by[0] ? " " : "", event->held_by, event->held_changes);
    buf_add_text(said, "\n");
}

static void play_step(struct rules *rules, const struct scene *scene, const struct step *step, struct buf *said)
{
    const struct attr         attr = { "test.place", "roof" };
    const struct sample       sample = { &fill, &attr, 1, step->value };
    const uint64_t            now_ms = 60000 * (uint64_t)(10000 + step->minute);
    const struct rules_moment moment = {
        .up_ms = 1000 * (uint64_t)((scene->up_s ? scene->up_s : DAY_S) + 60 * step->minute),
        .slept_ms = 1000 * (uint64_t)step->slept_s,
        .window_left_s = { step->window_left_s },
    };

    buf_clear(said);
    rules_set_moment(rules, now_ms, &moment);
    rules_begin_round(rules, now_ms);
    if (step->value >= 0)
        assert_false(failed(rules_put(rules, &sample)));
    rules_collector_read(rules, &fill, 1, 60, step->value == FAILS ? err_of(ERR_OS, "reading") : err_ok());
    rules_end_round(rules, on_event, said);
}

static void play(const struct scene *scene)
{
    struct rule         rule = *scene->rule;
    const struct policy policy = { .rules = &rule, .count = 1, .windows = scene->window, .window_count = scene->window != NULL };
    struct rules       *rules = NULL;
    struct buf          said;

    buf_init(&said, 4096);
    assert_false(failed(rules_new(&policy, &rules)));
    if (scene->restored)
        assert_false(failed(rules_restore(rules, "fill", "place=roof", scene->restored)));
    for (const struct step *step = scene->steps; step->want; step++) {
        play_step(rules, scene, step, &said);
        if (strcmp(buf_text(&said), step->want) != 0)
            fail_msg("%s: in minute %u: said \"%s\", not \"%s\"", scene->name, step->minute, buf_text(&said), step->want);
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

static void a_cool_down_goes_on_after_a_restart(void **state)
{
    static const struct {
        uint64_t    ago_s;
        const char *want;
    } cases[] = {
        { 0, "held warning cool-down 1\n" },
        { 400, "held warning cool-down 1\n" },
        { 600, "raised warning 0.81 since 0\n" },
        { 315360000, "raised warning 0.81 since 0\n" },
    };
    struct buf said;

    (void)state;
    buf_init(&said, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        static const struct scene scene = { .rule = &cools };
        const struct step         step = { 0, 0.81, "", 0, 0 };
        struct rule               rule = cools;
        const struct policy       policy = { .rules = &rule, .count = 1 };
        struct rules             *rules = NULL;

        assert_false(failed(rules_new(&policy, &rules)));
        assert_false(failed(rules_restore_cleared(rules, "fill", "place=roof", 600000000, 1000 * cases[i].ago_s)));
        assert_false(failed(rules_restore_cleared(rules, "no-such-rule", "", 600000000, 0)));
        play_step(rules, &scene, &step, &said);
        assert_string_equal(buf_text(&said), cases[i].want);
        rules_free(&rules);
    }
    buf_done(&said);
}

static void on_view(void *context, const struct rule_view *view)
{
    char why[96];

    buf_printf(context, "%s %s", view->state == RULE_STATE_HELD ? "held" : severity_name(view->raised),
               rule_held_print(view->held, view->held_by, why, sizeof why));
}

static void what_is_held_and_why_can_be_seen(void **state)
{
    static const struct scene scene = { .rule = &plain };
    const struct step         step = { 0, 0.81, "", 600, 0 };
    struct rule               rule = plain;
    const struct policy       policy = { .rules = &rule, .count = 1, .windows = &nightly, .window_count = 1 };
    struct rules             *rules = NULL;
    const char               *by;
    uint32_t                  left_s;
    struct buf                said;

    (void)state;
    buf_init(&said, 4096);
    assert_false(failed(rules_new(&policy, &rules)));
    assert_int_equal(rules_quiet(rules, &by, &left_s), RULE_NOT_HELD);
    play_step(rules, &scene, &step, &said);
    assert_int_equal(rules_quiet(rules, &by, &left_s), RULE_HELD_WINDOW);
    assert_string_equal(by, "nightly");
    assert_int_equal(left_s, 600);
    buf_clear(&said);
    rules_each(rules, on_view, &said);
    assert_string_equal(buf_text(&said), "held maintenance window nightly");
    rules_free(&rules);
    buf_done(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_is_told_as_it_is_written),
        cmocka_unit_test(a_cool_down_goes_on_after_a_restart),
        cmocka_unit_test(what_is_held_and_why_can_be_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
