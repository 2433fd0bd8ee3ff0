#include "agent/cli/limits.h"

#include <math.h>
#include <stdio.h>

#include "agent/collect/collect.h"

static const struct metric duration = { .unit = UNIT_SECONDS };

static void print_value(const struct rule *rule, double value, char *into, size_t size)
{
    const struct metric *metric = metric_find(rule->metric);
    double               percent = value * 100;

    if (metric && metric->unit == UNIT_ONE && !rule->rate.over_s)
        snprintf(into, size, "%.*f %%", percent == floor(percent + 1e-9) ? 0 : 1, percent);
    else
        rule_value_print(rule, metric, value, into, size);
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
    static const char *const  signs[] = { [RULE_ABOVE] = "> ", [RULE_BELOW] = "< ", [RULE_EQUALS] = "= " };
    char                       value[32] = "absent", held[24] = "";
    int                        len;

    into[0] = '\0';
    if (level == &rule->warning && rule->forecast.set && !level->set)
        print_forecast(rule, "", into, LIMIT_MAX);
    if (!level->set)
        return into;
    if (rule->test != RULE_ABSENT)
        print_value(rule, level->raise, value, sizeof value);
    if (level->for_s)
        metric_print(&duration, level->for_s, held, sizeof held);
    len = snprintf(into, LIMIT_MAX, "%s%s%s%s", rule->test == RULE_ABSENT ? "" : signs[rule->test], value,
                   level->for_s ? " for " : "", held);
    if (level == &rule->warning && rule->forecast.set && len > 0 && len < LIMIT_MAX)
        print_forecast(rule, " or ", into + len, LIMIT_MAX - (size_t)len);
    return len < 0 ? "" : into;
}
