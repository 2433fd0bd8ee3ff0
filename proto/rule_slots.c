#include "proto/rule_slots.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "proto/nearest.h"
#include "proto/text.h"

static bool is_lines(const char *text)
{
    return !text_has_controls(text, "\n");
}

static const struct slot_form lines_form = { "lines of text", NULL, is_lines, RULE_TEXT_MAX };

/* One row reads as one setting; clang-format would make a paragraph of each. */
// clang-format off
#define AT(field) offsetof(struct level_draft, field)
static const struct slot level_rows[] = {
    TEST_ROWS(offsetof(struct level_draft, test)),
    { .name = "clear", .kind = SLOT_NUMBER, .offset = AT(clear),
      .help = "it is over when the value is back at this; without it, at the limit itself" },
    { .name = "for_s", .kind = SLOT_WHOLE, .offset = AT(for_s), .most = 604800,
      .help = "seconds that it must be seen in breach before the alert is raised; 0 in a new rule" },
    { .name = "clear_for_s", .kind = SLOT_WHOLE, .offset = AT(clear_for_s), .most = 604800,
      .help = "seconds that it must be over before the alert is cleared; as `for_s` in a new rule" },
    { .name = "enabled", .kind = SLOT_FLAG, .offset = AT(enabled),
      .help = "`false` switches this level off" },
};
#undef AT

static const struct slot_table level_slots = {
    level_rows, ARRAY_LEN(level_rows), sizeof(struct level_draft),
};

#define AT(field) offsetof(struct rule_draft, field)
static const struct slot rule_rows[] = {
    { .name = "name", .kind = SLOT_TEXT, .offset = AT(name), .form = &slot_form_name, .required = true,
      .help = "a built-in rule's name (`picket config rules` lists them), or a new one" },
    { .name = "enabled", .kind = SLOT_FLAG, .offset = AT(enabled),
      .help = "`false` switches the rule off" },
    { .name = "metric", .kind = SLOT_TEXT, .offset = AT(metric), .form = &slot_form_metric,
      .help = "what it looks at (`picket check --verbose` lists them); a new rule needs it" },
    { .name = "where", .kind = SLOT_LIST, .offset = AT(where), .inner = &selector_slots,
      .count_offset = AT(where_count), .count_max = RULE_SELECTORS_MAX,
      .help = "which of its instances; all must agree" },
    { .name = "warning", .kind = SLOT_GROUP, .offset = AT(warning), .inner = &level_slots,
      .help = "when it is a warning" },
    { .name = "critical", .kind = SLOT_GROUP, .offset = AT(critical), .inner = &level_slots,
      .help = "when it is critical: the same alert, but worse" },
    { .name = "title", .kind = SLOT_TEXT, .offset = AT(title),
      .help = "of the ticket, with placeholders such as `{device}` and `{value}`; a new rule needs it" },
    { .name = "facts", .kind = SLOT_TEXT, .offset = AT(facts), .form = &lines_form,
      .help = "more lines for the ticket, with placeholders" },
    { .name = "forecast", .kind = SLOT_GROUP, .offset = AT(forecast), .inner = &forecast_slots,
      .help = "a warning before a level is reached" },
    { .name = "rate", .kind = SLOT_GROUP, .offset = AT(rate), .inner = &rate_slots,
      .help = "levels on how fast the value changes" },
    { .name = "all", .kind = SLOT_LIST, .offset = AT(all), .inner = &condition_slots, .count_offset = AT(all_count),
      .count_max = RULE_CONDITIONS_MAX / 2,
      .help = "other metrics that must all be so as well, or it is no breach" },
    { .name = "any", .kind = SLOT_LIST, .offset = AT(any), .inner = &condition_slots, .count_offset = AT(any_count),
      .count_max = RULE_CONDITIONS_MAX / 2,
      .help = "other metrics of which one must be so as well" },
    { .name = "depends_on", .kind = SLOT_LIST, .offset = AT(causes), .inner = &cause_slots, .count_offset = AT(cause_count),
      .count_max = RULE_CAUSES_MAX,
      .help = "rules whose alerts are the cause: while one stands, this rule is silent" },
    { .name = "flapping", .kind = SLOT_GROUP, .offset = AT(flapping), .inner = &flapping_slots,
      .help = "when an alert that comes and goes is one that stays" },
    { .name = "quiet", .kind = SLOT_GROUP, .offset = AT(quiet), .inner = &rule_quiet_slots,
      .help = "when it is silent though it has something to say" },
};
#undef AT
// clang-format on

const struct slot_table rule_slots = {
    rule_rows,
    ARRAY_LEN(rule_rows),
    sizeof(struct rule_draft),
};

/* ---- one level ---- */

static bool anything_written(const struct level_draft *draft)
{
    return draft->enabled == 1 || !isnan(draft->clear) || draft->for_s != SLOT_UNNAMED ||
           draft->clear_for_s != SLOT_UNNAMED;
}

/* Where the limit moves, what stood beside it moves along; it never crosses zero on the way. */
static double moved_clear(const struct rule_level *before, double raise)
{
    double clear = raise + (before->clear - before->raise);

    return (clear < 0) == (raise < 0) ? clear : raise;
}

static void check_clear(struct slot_parser *p, enum rule_test test, const struct rule_level *level)
{
    if (test == RULE_ABOVE && level->clear > level->raise)
        slot_problem(p, ".clear", "expected at most %g, the limit, got %g", level->raise, level->clear);
    if (test == RULE_BELOW && level->clear < level->raise)
        slot_problem(p, ".clear", "expected at least %g, the limit, got %g", level->raise, level->clear);
}

/* level and test hold the built-in ones (not set where there are none) and get the result. */
static void apply_level(struct slot_parser *p, const struct level_draft *draft,
                        struct rule_level *level, enum rule_test *test)
{
    const struct rule_level before = *level;
    enum rule_test          was = *test;
    int                     ways = test_draft_read(&draft->test, test, &level->raise);
    bool                    had = before.set && (ways == 0 || *test == was);

    if (draft->test.absent == 0)
        slot_problem(p, ".absent", "expected true, or nothing");
    if (ways > 1)
        slot_problem(p, "", "expected one of \"above\", \"below\", \"equals\" and \"absent\", got %d", ways);
    level->set = draft->enabled != 0 && (ways > 0 || before.set);
    if (!level->set) {
        if (draft->enabled != 0 && anything_written(draft))
            slot_problem(p, "", "expected \"above\", \"below\", \"equals\" or \"absent\"");
        return;
    }
    if (draft->for_s != SLOT_UNNAMED || !had)
        level->for_s = draft->for_s != SLOT_UNNAMED ? draft->for_s : 0;
    if (draft->clear_for_s != SLOT_UNNAMED || !had)
        level->clear_for_s = draft->clear_for_s != SLOT_UNNAMED ? draft->clear_for_s : level->for_s;
    level->clear = !isnan(draft->clear) ? draft->clear
                   : had                ? moved_clear(&before, level->raise)
                                        : level->raise;
    if (!isnan(draft->clear) && (*test == RULE_EQUALS || *test == RULE_ABSENT))
        slot_problem(p, ".clear", "means nothing with \"%s\"", rule_test_name(*test));
    if (ways <= 1)
        check_clear(p, *test, level);
}

static void apply_level_at(struct slot_parser *p, const char *key, const struct level_draft *draft,
                           struct rule_level *level, enum rule_test *test)
{
    size_t before = slot_enter(p, key, 0);

    apply_level(p, draft, level, test);
    slot_leave(p, before);
}

/* What is critical must be harder to reach than a warning, or the warning says nothing. */
static void check_order(struct slot_parser *p, const struct rule *rule)
{
    const struct rule_level *w = &rule->warning, *c = &rule->critical;
    bool                     same = rule->test == RULE_ABSENT || w->raise == c->raise;

    if (rule->test == RULE_ABOVE && c->raise < w->raise)
        slot_problem(p, ".critical.above", "expected at least %g, the warning, got %g", w->raise, c->raise);
    else if (rule->test == RULE_BELOW && c->raise > w->raise)
        slot_problem(p, ".critical.below", "expected at most %g, the warning, got %g", w->raise, c->raise);
    else if (same && c->for_s <= w->for_s)
        slot_problem(p, ".critical", "expected another limit than the warning's, or a longer \"for_s\"");
}

static void apply_levels(struct slot_parser *p, const struct rule_draft *draft, struct rule *rule)
{
    enum rule_test of_warning = rule->test, of_critical = rule->test;

    apply_level_at(p, "warning", &draft->warning, &rule->warning, &of_warning);
    apply_level_at(p, "critical", &draft->critical, &rule->critical, &of_critical);
    rule->test = rule->warning.set ? of_warning : of_critical;
    if (!rule->warning.set || !rule->critical.set)
        return;
    if (of_warning != of_critical)
        slot_problem(p, ".critical", "expected \"%s\" as in \"warning\", got \"%s\"",
                     rule_test_name(of_warning), rule_test_name(of_critical));
    else
        check_order(p, rule);
}

/* ---- one rule ---- */

static void apply(struct slot_parser *p, const struct rule_draft *draft, struct rule *rule)
{
    if (draft->enabled >= 0)
        rule->enabled = draft->enabled;
    if (draft->title)
        rule->title = draft->title;
    if (draft->facts)
        rule->facts = draft->facts;
    if (draft->where)
        rule->where_count = selectors_apply(p, draft->where, draft->where_count, rule->where);
    apply_levels(p, draft, rule);
    rate_apply(p, &draft->rate, rule);
    forecast_apply(p, &draft->forecast, rule);
    conditions_apply(p, draft, rule);
    causes_apply(p, draft, rule);
    flapping_apply(&draft->flapping, &rule->flapping);
    rule_quiet_apply(&draft->quiet, &rule->quiet);
    if (rule->enabled && !rule->warning.set && !rule->critical.set && !rule->forecast.set)
        slot_problem(p, "", "it has no level: expected \"warning\", \"critical\" or \"forecast\", or \"enabled\": false");
}

static void change_rule(struct slot_parser *p, const struct rule_draft *draft, struct rule *rule)
{
    if (draft->metric && strcmp(draft->metric, rule->metric) != 0)
        slot_problem(p, ".metric", "the built-in \"%s\" looks at \"%s\": give yours another name",
                     rule->name, rule->metric);
    apply(p, draft, rule);
}

static void begin_rule(struct slot_parser *p, const struct rule_draft *draft, const struct rule_drafts *all,
                       struct rule *rule)
{
    struct nearest best = nearest_begin(draft->name, strlen(draft->name));

    for (size_t d = 0; d < all->default_count; d++)
        nearest_offer(&best, all->defaults[d].name);
    if (!draft->metric && best.found) {
        slot_problem(p, ".name", "there is no built-in rule \"%s\" (\"%s\" perhaps?), and a new one needs a \"metric\"",
                     draft->name, best.found);
        return;
    }
    if (!draft->metric)
        slot_problem(p, "", "\"metric\" is missing: a new rule needs it");
    if (!draft->title)
        slot_problem(p, "", "\"title\" is missing: a new rule needs it");
    *rule = (struct rule){ .name = draft->name, .metric = draft->metric, .title = draft->title,
                           .facts = "", .enabled = true };
    apply(p, draft, rule);
}

static struct rule *find(struct rule *rules, size_t count, const char *name)
{
    for (size_t r = 0; r < count; r++)
        if (rules[r].name && strcmp(rules[r].name, name) == 0)
            return &rules[r];
    return NULL;
}

static void apply_draft(struct slot_parser *p, const struct rule_draft *draft, size_t place,
                        const struct rule_drafts *all, struct policy *policy)
{
    struct rule *rule = draft->name ? find(policy->rules, policy->count, draft->name) : NULL;

    if (!draft->name)
        return; /* said already */
    if (rule && rule->place) {
        slot_problem(p, ".name", "\"%s\" stands twice: first as rules[%zu]", draft->name, rule->place - 1);
        return;
    }
    if (rule) {
        change_rule(p, draft, rule);
    } else {
        rule = &policy->rules[policy->count++];
        begin_rule(p, draft, all, rule);
    }
    rule->place = place;
}

void rule_drafts_apply(struct slot_parser *p, const struct rule_drafts *drafts, struct policy **ret)
{
    struct policy *policy = text_pool_take(p->pool, sizeof *policy);
    struct rule   *rules = text_pool_take(p->pool, (drafts->default_count + drafts->count + 1) * sizeof *rules);

    if (!policy || !rules) {
        p->err = err_of(ERR_NO_MEMORY, "keeping rules");
        return;
    }
    for (size_t d = 0; d < drafts->default_count; d++)
        rules[d] = drafts->defaults[d];
    policy->rules = rules;
    policy->count = drafts->default_count;
    for (size_t i = 0; i < drafts->count; i++) {
        size_t before = slot_enter(p, NULL, i);

        apply_draft(p, &drafts->items[i], i + 1, drafts, policy);
        slot_leave(p, before);
    }
    rule_quiet_complete(drafts->quiet, &policy->general);
    for (size_t r = 0; r < policy->count; r++) {
        rule_quiet_complete(drafts->quiet, &rules[r].quiet);
        flapping_complete(&rules[r].flapping);
    }
    causes_check(p, policy);
    *ret = policy;
}
