#include "agent/cli/limits.h"

#include <math.h>
#include <stdio.h>

#include "agent/collect/collect.h"

static void print_value(const struct rule *rule, double value, char *into, size_t size)
{
    const struct metric *metric = metric_find(rule->metric);
    double               percent = value * 100;

    if (metric && metric->unit == UNIT_ONE)
        snprintf(into, size, "%.*f %%", percent == floor(percent + 1e-9) ? 0 : 1, percent);
    else if (metric)
        metric_print(metric, value, into, size);
    else
        snprintf(into, size, "%g", value);
}

const char *limit_print(const struct rule *rule, const struct rule_level *level, char into[LIMIT_MAX])
{
    static const char *const  signs[] = { [RULE_ABOVE] = "> ", [RULE_BELOW] = "< ", [RULE_EQUALS] = "= " };
    static const struct metric duration = { .unit = UNIT_SECONDS };
    char                       value[32] = "absent", held[24] = "";
    int                        len;

    into[0] = '\0';
    if (!level->set)
        return into;
    if (rule->test != RULE_ABSENT)
        print_value(rule, level->raise, value, sizeof value);
    if (level->for_s)
        metric_print(&duration, level->for_s, held, sizeof held);
    len = snprintf(into, LIMIT_MAX, "%s%s%s%s", rule->test == RULE_ABSENT ? "" : signs[rule->test], value,
                   level->for_s ? " for " : "", held);
    return len < 0 ? "" : into;
}
