#include "proto/trend_slots.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t    s;
} units[] = { { "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", 86400 } };

static const char *const unit_names[] = { "second", "minute", "hour", "day", NULL };

enum { WITHIN_H = 48, HISTORY_H = 72 };

// clang-format off
#define AT(field) offsetof(struct forecast_draft, field)
static const struct slot forecast_rows[] = {
    { .name = "rises_to", .kind = SLOT_NUMBER, .offset = AT(rises_to),
      .help = "a warning when the value will be at this before long (full is 1)" },
    { .name = "falls_to", .kind = SLOT_NUMBER, .offset = AT(falls_to),
      .help = "the same for a value that falls" },
    { .name = "within_h", .kind = SLOT_WHOLE, .offset = AT(within_h), .least = 1, .most = 720,
      .help = "hours that count as before long; 48 in a new rule" },
    { .name = "history_h", .kind = SLOT_WHOLE, .offset = AT(history_h), .least = 2, .most = 720,
      .help = "hours it looks back on; it speaks from half of them on; 72 in a new rule" },
    { .name = "title", .kind = SLOT_TEXT, .offset = AT(title),
      .help = "of a ticket made by the forecast, with `{forecast}`; without it, the rule's" },
    { .name = "enabled", .kind = SLOT_FLAG, .offset = AT(enabled),
      .help = "`false` switches the forecast off" },
};
#undef AT

#define AT(field) offsetof(struct rate_draft, field)
static const struct slot rate_rows[] = {
    { .name = "per", .kind = SLOT_WORD, .offset = AT(per), .words = unit_names,
      .help = "the rule's levels are on the change of the value in that time" },
    { .name = "over_s", .kind = SLOT_WHOLE, .offset = AT(over_s), .least = 60, .most = 604800,
      .help = "seconds over which the change is measured; the same time without it" },
};
#undef AT
// clang-format on

const struct slot_table forecast_slots = { forecast_rows, ARRAY_LEN(forecast_rows), sizeof(struct forecast_draft) };
const struct slot_table rate_slots = { rate_rows, ARRAY_LEN(rate_rows), sizeof(struct rate_draft) };

static bool anything_written(const struct forecast_draft *draft)
{
    return draft->within_h != SLOT_UNNAMED || draft->history_h != SLOT_UNNAMED || draft->title || draft->enabled == 1;
}

static void check(struct slot_parser *p, const struct rule *rule)
{
    const struct rule_forecast *f = &rule->forecast;
    bool                        has_levels = rule->warning.set || rule->critical.set;
    const char                 *name = f->falls ? "falls_to" : "rises_to";

    if (has_levels && rule->test != (f->falls ? RULE_BELOW : RULE_ABOVE))
        slot_problem(p, ".forecast", "\"%s\" does not go with levels that are \"%s\"", name, rule_test_name(rule->test));
    if (f->history_s < f->within_s / 2)
        slot_problem(p, ".forecast.history_h", "expected at least %u, half of \"within_h\"", (unsigned)(f->within_s / 7200));
    if (rule->rate.over_s)
        slot_problem(p, ".forecast", "means nothing with a \"rate\"");
}

void forecast_apply(struct slot_parser *p, const struct forecast_draft *draft, struct rule *rule)
{
    struct rule_forecast *f = &rule->forecast;
    bool                  rises = !isnan(draft->rises_to), falls = !isnan(draft->falls_to);

    if (rises && falls)
        slot_problem(p, ".forecast", "expected one of \"rises_to\" and \"falls_to\"");
    if (draft->enabled == 0) {
        f->set = false;
        return;
    }
    if (!f->set && !rises && !falls) {
        if (anything_written(draft))
            slot_problem(p, ".forecast", "expected \"rises_to\" or \"falls_to\"");
        return;
    }
    if (!f->set)
        *f = (struct rule_forecast){ .within_s = WITHIN_H * 3600, .history_s = HISTORY_H * 3600 };
    f->set = true;
    if (rises || falls) {
        f->falls = falls;
        f->reaches = falls ? draft->falls_to : draft->rises_to;
    }
    if (draft->within_h != SLOT_UNNAMED)
        f->within_s = draft->within_h * 3600;
    if (draft->history_h != SLOT_UNNAMED)
        f->history_s = draft->history_h * 3600;
    if (draft->title)
        f->title = draft->title;
    if (!rule->warning.set && !rule->critical.set)
        rule->test = f->falls ? RULE_BELOW : RULE_ABOVE;
    check(p, rule);
}

void rate_apply(struct slot_parser *p, const struct rate_draft *draft, struct rule *rule)
{
    for (size_t u = 0; draft->per && u < ARRAY_LEN(units); u++)
        if (strcmp(units[u].name, draft->per) == 0)
            rule->rate.per_s = rule->rate.over_s = units[u].s;
    if (draft->over_s != SLOT_UNNAMED)
        rule->rate.over_s = draft->over_s;
    if (rule->rate.over_s && !rule->rate.per_s)
        slot_problem(p, ".rate", "\"per\" is missing: second, minute, hour or day");
    if (rule->rate.over_s && rule->rate.over_s < 60)
        rule->rate.over_s = 60;
    if (rule->rate.over_s && (rule->test == RULE_EQUALS || rule->test == RULE_ABSENT))
        slot_problem(p, ".rate", "does not go with levels that are \"%s\"", rule_test_name(rule->test));
}
