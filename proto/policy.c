#include "proto/policy.h"

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
