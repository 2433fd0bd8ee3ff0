/* What a rule makes of other series: conditions that must hold as well, causes that keep it silent. */
#include "tests/unit/check.h"

#include <math.h>

#include "agent/rule/rules.h"
#include "platform/buf.h"

static const struct metric metrics[] = {
    { "fill", UNIT_ONE, METRIC_GAUGE, "" },
    { "heat", UNIT_NUMBER, METRIC_GAUGE, "" },
    { "link", UNIT_STATE, METRIC_GAUGE, "" },
};

enum { FILL, HEAT, LINK, METRICS, PUTS_MAX = 6, STEPS_MAX = 16, MINUTE_MS = 60000 };

#define FAILS (-1.0)  /* instead of a value: its collector */
#define LACKS (-2.0)  /* its collector is not for this system */
#define ASLEEP (-3.0) /* its collector is not asked in this round */

/* What is reported in a round. A metric of which nothing is listed is read, and has no series. */
struct put {
    const char *place; /* NULL ends them; "" is a series without attributes */
    double      value;
    int         metric;
};

struct step {
    struct put  puts[PUTS_MAX];
    const char *want; /* NULL ends the scene */
};

#define RULE(is_named, of, metric_test, limit, held_s, ...)                                                       \
    {                                                                                                             \
        .name = is_named, .metric = of, .enabled = true, .title = "", .facts = "", .test = metric_test,              \
        .warning = { true, limit, limit, held_s, held_s }, __VA_ARGS__                                            \
    }

static const struct rule_condition hot = { .metric = "heat", .test = RULE_ABOVE, .level = 50 };
static const struct rule_condition hot_anywhere = { .metric = "heat", .test = RULE_ABOVE, .level = 50, .same = "" };
static const struct rule_condition hot_place = { .metric = "heat", .test = RULE_ABOVE, .level = 50, .same = "place" };
static const struct rule_condition hot_roof = {
    .metric = "heat", .test = RULE_ABOVE, .level = 50, .same = "", .where = { { "place", "ro*", .exclude = false } }, .where_count = 1,
};
static const struct rule_condition no_link = { .metric = "link", .test = RULE_ABSENT };
static const struct rule_condition hot_and_down[] = {
    { .metric = "heat", .test = RULE_ABOVE, .level = 50 }, { .metric = "link", .test = RULE_EQUALS, .level = 0 },
};
static const struct rule_cause link_down = { "link-*", NULL };
static const struct rule_cause link_down_anywhere = { "link-*", "" };
static const struct rule_cause chain = { "hot", NULL };

#define FULL(held_s, ...) RULE("full", "fill", RULE_ABOVE, 0.8, held_s, __VA_ARGS__)

static const struct rule with_hot[] = { FULL(60, .conditions = &hot, .all_count = 1) };
static const struct rule with_hot_anywhere[] = { FULL(0, .conditions = &hot_anywhere, .all_count = 1) };
static const struct rule with_hot_place[] = { FULL(0, .conditions = &hot_place, .all_count = 1) };
static const struct rule with_hot_roof[] = { FULL(0, .conditions = &hot_roof, .all_count = 1) };
static const struct rule with_both[] = { FULL(0, .conditions = hot_and_down, .all_count = 2) };
static const struct rule with_either[] = { FULL(0, .conditions = hot_and_down, .any_count = 2) };
static const struct rule with_no_link[] = { FULL(0, .conditions = &no_link, .all_count = 1) };
static const struct rule of_absence[] = { RULE("full", "fill", RULE_ABSENT, 0, 0, .conditions = &hot_anywhere, .all_count = 1) };
static const struct rule caused[] = {
    FULL(120, .causes = &link_down, .cause_count = 1),
    RULE("link-down", "link", RULE_EQUALS, 0, 120, .causes = NULL),
};
static const struct rule caused_anywhere[] = {
    FULL(0, .causes = &link_down_anywhere, .cause_count = 1),
    RULE("link-down", "link", RULE_EQUALS, 0, 0, .causes = NULL),
};
static const struct rule chained[] = {
    FULL(0, .causes = &chain, .cause_count = 1),
    RULE("hot", "heat", RULE_ABOVE, 50, 0, .causes = &link_down, .cause_count = 1),
    RULE("link-down", "link", RULE_EQUALS, 0, 0, .causes = NULL),
};

static const struct scene {
    const char        *name;
    const struct rule *rules;
    size_t             count;
    struct step        steps[STEPS_MAX];
} scenes[] = {
    { "both must hold, and for as long", with_hot, 1,
      { { { { "roof", 0.9, FILL }, { "roof", 40, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "roof", 60, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "roof", 60, HEAT } }, "raised full place=roof warning 0.9, heat 60\n" },
        { { { "roof", 0.9, FILL }, { "roof", 50, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "roof", 50, HEAT } }, "cleared full place=roof ok 0.9\n" } } },
    { "the value decides as well", with_hot, 1,
      { { { { "roof", 0.9, FILL }, { "roof", 60, HEAT } }, "" },
        { { { "roof", 0.5, FILL }, { "roof", 60, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "roof", 60, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "roof", 60, HEAT } }, "raised full place=roof warning 0.9, heat 60\n" },
        { { { "roof", 0.5, FILL }, { "roof", 60, HEAT } }, "" },
        { { { "roof", 0.5, FILL }, { "roof", 60, HEAT } }, "cleared full place=roof ok 0.5, heat 60\n" } } },
    { "what another place does is no matter", with_hot, 1,
      { { { { "roof", 0.9, FILL }, { "cellar", 60, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "cellar", 60, HEAT }, { "roof", 10, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "cellar", 60, HEAT } }, "" } } },
    { "what the whole machine does is", with_hot, 1,
      { { { { "roof", 0.9, FILL }, { "cellar", 0.9, FILL }, { "", 60, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "cellar", 0.9, FILL }, { "", 60, HEAT } },
          "raised full place=roof warning 0.9, heat 60\nraised full place=cellar warning 0.9, heat 60\n" } } },
    { "any series will do where nothing must be the same", with_hot_anywhere, 1,
      { { { { "roof", 0.9, FILL }, { "attic", 10, HEAT }, { "cellar", 60, HEAT } },
          "raised full place=roof warning 0.9, heat 60\n" } } },
    { "what must be the same must be there", with_hot_place, 1,
      { { { { "roof", 0.9, FILL }, { "", 60, HEAT } }, "" },
        { { { "roof", 0.9, FILL }, { "roof", 60, HEAT } }, "raised full place=roof warning 0.9, heat 60\n" } } },
    { "a condition chooses its series", with_hot_roof, 1,
      { { { { "x", 0.9, FILL }, { "cellar", 60, HEAT } }, "" },
        { { { "x", 0.9, FILL }, { "roof", 60, HEAT } }, "raised full place=x warning 0.9, heat 60\n" } } },
    { "of all, none may fail", with_both, 1,
      { { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 40, HEAT }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 0, LINK } }, "raised full place=a warning 0.9, heat 60, link 0\n" } } },
    { "of any, one is enough", with_either, 1,
      { { { { "a", 0.9, FILL }, { "a", 40, HEAT }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 1, LINK } }, "raised full place=a warning 0.9, heat 60\n" },
        { { { "a", 0.9, FILL }, { "a", 40, HEAT }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 40, HEAT }, { "a", 1, LINK } }, "cleared full place=a ok 0.9\n" } } },
    { "what is not known changes nothing", with_hot_anywhere, 1,
      { { { { "a", 0.9, FILL }, { "", FAILS, HEAT } }, "" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT } }, "raised full place=a warning 0.9, heat 60\n" },
        { { { "a", 0.9, FILL }, { "", FAILS, HEAT } }, "" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT } }, "" },
        { { { "a", 0.5, FILL }, { "", FAILS, HEAT } }, "cleared full place=a ok 0.5\n" } } },
    { "a hold is neither longer nor shorter for it", with_hot, 1,
      { { { { "a", 0.9, FILL }, { "a", 60, HEAT } }, "" },
        { { { "a", 0.9, FILL }, { "", FAILS, HEAT } }, "" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT } }, "raised full place=a warning 0.9, heat 60\n" } } },
    { "what is no number is not known", with_hot_anywhere, 1,
      { { { { "a", 0.9, FILL }, { "a", 60, HEAT } }, "raised full place=a warning 0.9, heat 60\n" },
        { { { "a", 0.9, FILL }, { "a", NAN, HEAT } }, "" },
        { { { "a", 0.9, FILL }, { "a", 10, HEAT } }, "cleared full place=a ok 0.9\n" } } },
    { "of any, one that holds outweighs one that is not known", with_either, 1,
      { { { { "a", 0.9, FILL }, { "", FAILS, HEAT }, { "a", 0, LINK } }, "raised full place=a warning 0.9, link 0\n" },
        { { { "a", 0.9, FILL }, { "", FAILS, HEAT }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 10, HEAT }, { "a", 1, LINK } }, "cleared full place=a ok 0.9\n" } } },
    { "of all, one that fails outweighs one that is not known", with_both, 1,
      { { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 0, LINK } }, "raised full place=a warning 0.9, heat 60, link 0\n" },
        { { { "a", 0.9, FILL }, { "", FAILS, HEAT }, { "a", 1, LINK } }, "cleared full place=a ok 0.9\n" } } },
    { "what this system does not have does not hold", with_either, 1,
      { { { { "a", 0.9, FILL }, { "a", 60, HEAT } }, "raised full place=a warning 0.9, heat 60\n" },
        { { { "a", 0.9, FILL }, { "", LACKS, HEAT } }, "cleared full place=a ok 0.9\n" } } },
    { "a condition that is read seldom stands until it is read again", with_hot_anywhere, 1,
      { { { { "a", 0.5, FILL }, { "a", 60, HEAT } }, "" },
        { { { "a", 0.9, FILL }, { "", ASLEEP, HEAT } }, "raised full place=a warning 0.9, heat 60\n" },
        { { { "a", 0.9, FILL } }, "cleared full place=a ok 0.9\n" } } },
    { "that something is absent may be a condition", with_no_link, 1,
      { { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL } }, "raised full place=a warning 0.9, link nan\n" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "cleared full place=a ok 0.9\n" } } },
    { "absence may have a condition", of_absence, 1,
      { { { { "a", 0.1, FILL }, { "", 60, HEAT } }, "" },
        { { { "", 10, HEAT } }, "" },
        { { { "", 60, HEAT } }, "raised full place=a warning nan, heat 60\n" },
        { { { "", 10, HEAT } }, "cleared full place=a ok nan\n" } } },

    { "a cause makes one alert", caused, 2,
      { { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "held full place=a warning because of link-down\nraised link-down place=a warning 0\n" },
        { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "" },
        { { { "a", 0.5, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.5, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.5, FILL }, { "a", 1, LINK } }, "cleared link-down place=a ok 1\n" },
        { { { "a", 0.5, FILL }, { "a", 1, LINK } }, "" } } },
    { "a consequence that stays speaks after its own time", caused, 2,
      { { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "held full place=a warning because of link-down\nraised link-down place=a warning 0\n" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "cleared link-down place=a ok 1\n" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "raised full place=a warning 0.9\n" } } },
    { "a cause that is about to be one is waited for", caused, 2,
      { { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "held full place=a warning because of link-down\n" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 1, LINK } }, "raised full place=a warning 0.9\n" } } },
    { "but not while nobody can tell", caused, 2,
      { { { { "a", 0.9, FILL }, { "a", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "", FAILS, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "", FAILS, LINK } }, "raised full place=a warning 0.9\n" } } },
    { "another place's cause is none", caused, 2,
      { { { { "a", 0.9, FILL }, { "b", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "b", 0, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "b", 0, LINK } }, "raised full place=a warning 0.9\nraised link-down place=b warning 0\n" } } },
    { "the whole machine's is, and any where so said", caused_anywhere, 2,
      { { { { "a", 0.9, FILL }, { "b", 0, LINK } }, "held full place=a warning because of link-down\nraised link-down place=b warning 0\n" } } },
    { "what was told before the cause goes on, and ends", caused_anywhere, 2,
      { { { { "a", 0.9, FILL }, { "b", 1, LINK } }, "raised full place=a warning 0.9\n" },
        { { { "a", 0.9, FILL }, { "b", 0, LINK } }, "raised link-down place=b warning 0\n" },
        { { { "a", 0.5, FILL }, { "b", 0, LINK } }, "cleared full place=a ok 0.5\n" } } },
    { "a cause that is silent itself is one all the same", chained, 3,
      { { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 0, LINK } },
          "held full place=a warning because of hot\nheld hot place=a warning because of link-down\n"
          "raised link-down place=a warning 0\n" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 1, LINK } }, "cleared link-down place=a ok 1\n" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 1, LINK } }, "" },
        { { { "a", 0.9, FILL }, { "a", 60, HEAT }, { "a", 1, LINK } }, "raised hot place=a warning 60\n" } } },
};

static void on_event(void *context, const struct rule_event *event)
{
    static const char *const names[] = { "raised", "worse", "better", "cleared", "gone", "retired", "held" };
    struct buf              *said = context;
    char                     why[96];

    buf_printf(said, "%s %s %s %s", names[event->change], event->rule_name, event->instance, severity_name(event->severity));
    if (event->change == RULE_HELD)
        buf_printf(said, " %s", rule_held_print(event->held, event->held_by, why, sizeof why));
    else
        buf_printf(said, " %g", isnan(event->value) ? (double)NAN : event->value);
    for (size_t c = 0; c < event->seen_count; c++)
        if (event->seen[c].holds == RULE_YES)
            buf_printf(said, ", %s %g", event->seen[c].condition->metric,
                       isnan(event->seen[c].value) ? (double)NAN : event->seen[c].value);
    buf_add_text(said, "\n");
}

static struct err outcome_of(const struct step *step, int metric, bool *asleep)
{
    struct err e = err_ok();

    for (const struct put *put = step->puts; put->place; put++) {
        *asleep = *asleep || (put->metric == metric && put->value == ASLEEP);
        if (put->metric == metric && (put->value == FAILS || put->value == LACKS))
            e = err_of(put->value == FAILS ? ERR_OS : ERR_UNSUPPORTED, "reading");
    }
    return e;
}

static void play_step(struct rules *rules, const struct step *step, uint64_t now_ms, struct buf *said)
{
    buf_clear(said);
    rules_begin_round(rules, now_ms);
    for (const struct put *put = step->puts; put->place; put++) {
        const struct attr   attr = { "test.place", put->place };
        const struct sample sample = { &metrics[put->metric], &attr, put->place[0] != '\0', put->value };

        if (!(put->value < 0))
            assert_false(failed(rules_put(rules, &sample)));
    }
    for (int m = 0; m < METRICS; m++) {
        bool       asleep = false;
        struct err e = outcome_of(step, m, &asleep);

        if (!asleep)
            rules_collector_read(rules, &metrics[m], 1, 60, e);
    }
    rules_end_round(rules, on_event, said);
}

static void play(const struct scene *scene)
{
    struct rule         copies[4];
    const struct policy policy = { .rules = copies, .count = scene->count };
    struct rules       *rules = NULL;
    struct buf          said;

    memcpy(copies, scene->rules, scene->count * sizeof *copies);
    buf_init(&said, 4096);
    assert_false(failed(rules_new(&policy, &rules)));
    for (const struct step *step = scene->steps; step->want; step++) {
        size_t minute = (size_t)(step - scene->steps);

        play_step(rules, step, (1000 + minute) * MINUTE_MS, &said);
        if (strcmp(buf_text(&said), step->want) != 0)
            fail_msg("%s: in minute %zu: said \"%s\", not \"%s\"", scene->name, minute, buf_text(&said), step->want);
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

/* ---- how it looks ---- */

static void on_view(void *context, const struct rule_view *view)
{
    static const char *const states[] = { "ok", "pending", "warning", "critical", "unknown", "held" };
    char                     text[200];

    buf_printf(context, "%s: ", states[view->state]);
    for (size_t c = 0; c < view->seen_count; c++)
        buf_printf(context, "%s\n", rule_seen_print(&view->seen[c], text, sizeof text));
}

static void conditions_are_shown_as_they_stand(void **state)
{
    static const struct {
        struct step step;
        const char *want;
    } cases[] = {
        { { { { "a", 0.9, FILL }, { "a", 10, HEAT } }, NULL }, "ok: heat of place=a is 10 (not above 50)\n" },
        { { { { "a", 0.9, FILL }, { "a", 60, HEAT } }, NULL }, "pending: heat of place=a is 60 (above 50)\n" },
        { { { { "a", 0.9, FILL }, { "", FAILS, HEAT } }, NULL }, "unknown: heat is unknown\n" },
        { { { { "a", 0.1, FILL }, { "", FAILS, HEAT } }, NULL }, "ok: heat is unknown\n" },
        { { { { "a", 0.9, FILL } }, NULL }, "ok: heat is absent\n" },
    };
    struct rule         rule = with_hot[0];
    const struct policy policy = { .rules = &rule, .count = 1 };
    struct buf          said;

    (void)state;
    buf_init(&said, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rules *rules = NULL;

        assert_false(failed(rules_new(&policy, &rules)));
        play_step(rules, &cases[i].step, 1000 * MINUTE_MS, &said);
        buf_clear(&said);
        rules_each(rules, on_view, &said);
        assert_string_equal(buf_text(&said), cases[i].want);
        rules_free(&rules);
    }
    buf_done(&said);
}

/* ---- parts of disks ---- */

static void a_partition_belongs_to_its_disk(void **state)
{
    static const struct {
        const char *device, *disk;
        bool        agree;
    } cases[] = {
        { "/dev/sda1", "sda", true },          { "sda", "/dev/sda", true },      { "/dev/sda12", "sda", true },
        { "/dev/sdaa1", "sda", false },        { "/dev/sdb1", "sda", false },    { "/dev/nvme0n1p2", "nvme0n1", true },
        { "/dev/nvme0n12", "nvme0n1", false }, { "/dev/mmcblk0p1", "mmcblk0", true }, { "sda", "/dev/sda3", true },
        { "/dev/mapper/root", "sda", false },  { "sda1p1", "sda1", true },       { "sda", "", false },
    };
    static const struct rule_condition broken = { .metric = "heat", .test = RULE_ABOVE, .level = 50 };
    struct rule         rule = FULL(0, .conditions = &broken, .all_count = 1);
    const struct policy policy = { .rules = &rule, .count = 1 };
    struct buf          said;

    (void)state;
    buf_init(&said, 4096);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct attr   of_fill[] = { { "fs.mountpoint", "/" }, { "system.device", cases[i].device } };
        const struct attr   of_heat = { "system.device", cases[i].disk };
        const struct sample fill = { &metrics[FILL], of_fill, 2, 0.9 }, heat = { &metrics[HEAT], &of_heat, 1, 60 };
        struct rules       *rules = NULL;

        buf_clear(&said);
        assert_false(failed(rules_new(&policy, &rules)));
        rules_begin_round(rules, 1000 * MINUTE_MS);
        assert_false(failed(rules_put(rules, &fill)));
        assert_false(failed(rules_put(rules, &heat)));
        for (int m = 0; m < METRICS; m++)
            rules_collector_read(rules, &metrics[m], 1, 60, err_ok());
        rules_end_round(rules, on_event, &said);
        if ((buf_text(&said)[0] != '\0') != cases[i].agree)
            fail_msg("%s and %s: said \"%s\"", cases[i].device, cases[i].disk, buf_text(&said));
        rules_free(&rules);
    }
    buf_done(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_is_told_as_it_is_written),
        cmocka_unit_test(conditions_are_shown_as_they_stand),
        cmocka_unit_test(a_partition_belongs_to_its_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
