#include "proto/policy.h"

#include <string.h>

static const char *const severities[] = {
    [SEVERITY_OK] = "ok",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_CRITICAL] = "critical",
};

static const char *const tests[] = {
    [RULE_ABOVE] = "above",
    [RULE_BELOW] = "below",
    [RULE_EQUALS] = "equals",
    [RULE_ABSENT] = "absent",
};

const char *severity_name(enum severity severity)
{
    return severities[severity];
}

const char *rule_test_name(enum rule_test test)
{
    return tests[test];
}

bool rule_looks_at(const struct rule *rule, const char *metric)
{
    for (size_t c = 0; c < rule->all_count + rule->any_count; c++)
        if (strcmp(rule->conditions[c].metric, metric) == 0)
            return true;
    return strcmp(rule->metric, metric) == 0;
}
