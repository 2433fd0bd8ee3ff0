#include "agent/cli/limits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/collect/collect.h"

static const struct metric duration = { .unit = UNIT_SECONDS };

static void print_of(const struct rule *rule, const char *name, double value, char *into, size_t size)
{
    const struct metric *metric = metric_find(name);
    double               percent = value * 100;

    if (metric && metric->unit == UNIT_ONE && !(rule && rule->rate.over_s))
        snprintf(into, size, "%.*f %%", percent == floor(percent + 1e-9) ? 0 : 1, percent);
    else
        rule_value_print(rule, metric, value, into, size);
}

static void print_value(const struct rule *rule, double value, char *into, size_t size)
{
    print_of(rule, rule->metric, value, into, size);
}

static const char *const signs[] = { [RULE_ABOVE] = "> ", [RULE_BELOW] = "< ", [RULE_EQUALS] = "= ", [RULE_ABSENT] = "" };

/* ", and system.cpu.utilization > 80 %"; more than one are only counted: they have no room here. */
static void print_conditions(const struct rule *rule, char *into, size_t size)
{
    size_t                       count = rule->all_count + rule->any_count;
    const struct rule_condition *c = rule->conditions;
    char                         value[32] = "absent";

    if (count == 1 && c->test != RULE_ABSENT)
        print_of(NULL, c->metric, c->level, value, sizeof value);
    if (count == 1)
        snprintf(into, size, ", and %s %s%s", c->metric, signs[c->test], value);
    else if (count)
        snprintf(into, size, ", and %zu conditions", count);
}

/* "100 % within 2 d" */
static void print_forecast(const struct rule *rule, const char *before, char *into, size_t size)
{
    char value[32], within[24];

    print_value(rule, rule->forecast.reaches, value, sizeof value);
    metric_print(&duration, rule->forecast.within_s, within, sizeof within);
    snprintf(into, size, "%s%s within %s", before, value, within);
}

const char *limit_print(const struct rule *rule, const struct rule_level *level, char into[LIMIT_MAX])
{
    char                       value[32] = "absent", held[24] = "";

    into[0] = '\0';
    if (level == &rule->warning && rule->forecast.set && !level->set)
        print_forecast(rule, "", into, LIMIT_MAX);
    if (!level->set)
        return into;
    if (rule->test != RULE_ABSENT)
        print_value(rule, level->raise, value, sizeof value);
    if (level->for_s)
        metric_print(&duration, level->for_s, held, sizeof held);
    snprintf(into, LIMIT_MAX, "%s%s%s%s", signs[rule->test], value, level->for_s ? " for " : "", held);
    if (level == &rule->warning && rule->forecast.set)
        print_forecast(rule, " or ", into + strlen(into), LIMIT_MAX - strlen(into));
    print_conditions(rule, into + strlen(into), LIMIT_MAX - strlen(into));
    return into;
}
