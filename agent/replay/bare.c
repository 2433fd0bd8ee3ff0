#include "agent/replay/bare.h"

#include <stdlib.h>
#include <string.h>

struct bare {
    struct policy policy;
    struct rules *rules;
    uint64_t      alerts;
};

static struct rule_level stripped(const struct rule_level *level)
{
    return (struct rule_level){ .set = level->set, .raise = level->raise, .clear = level->raise };
}

static struct rule strip(const struct rule *rule)
{
    struct rule bare = {
        .name = rule->name,
        .metric = rule->metric,
        .where_count = rule->where_count,
        .test = rule->test,
        .warning = stripped(&rule->warning),
        .critical = stripped(&rule->critical),
        .title = "",
        .facts = "",
        .enabled = rule->enabled,
    };

    memcpy(bare.where, rule->where, sizeof bare.where);
    return bare;
}

struct err bare_new(const struct policy *policy, struct bare **ret)
{
    struct bare *b = calloc(1, sizeof *b);

    if (b)
        b->policy.rules = calloc(policy->count + 1, sizeof *b->policy.rules);
    if (!b || !b->policy.rules) {
        free(b);
        return err_of(ERR_NO_MEMORY, "preparing a threshold");
    }
    b->policy.count = policy->count;
    for (size_t i = 0; i < policy->count; i++)
        b->policy.rules[i] = strip(&policy->rules[i]);
    if (failed(rules_new(&b->policy, &b->rules))) {
        bare_free(&b);
        return err_of(ERR_NO_MEMORY, "preparing a threshold");
    }
    *ret = b;
    return err_ok();
}

void bare_free(struct bare **at)
{
    struct bare *b = *at;

    if (!b)
        return;
    *at = NULL;
    rules_free(&b->rules);
    free(b->policy.rules);
    free(b);
}

void bare_begin_round(struct bare *b, uint64_t now_ms)
{
    rules_begin_round(b->rules, now_ms);
}

void bare_put(struct bare *b, const struct sample *sample)
{
    (void)rules_put(b->rules, sample);
}

void bare_collector_read(struct bare *b, const struct metric *metrics, size_t count, uint32_t period_s, struct err outcome)
{
    rules_collector_read(b->rules, metrics, count, period_s, outcome);
}

/* Two levels that are crossed at once are two alerts. */
static void on_event(void *context, const struct rule_event *event)
{
    struct bare *b = context;

    if (event->change == RULE_WORSE)
        b->alerts++;
    else if (event->change == RULE_RAISED)
        b->alerts += event->severity == SEVERITY_CRITICAL && event->rule->warning.set ? 2 : 1;
}

void bare_end_round(struct bare *b)
{
    rules_end_round(b->rules, on_event, b);
}

uint64_t bare_alerts(const struct bare *b)
{
    return b->alerts;
}
