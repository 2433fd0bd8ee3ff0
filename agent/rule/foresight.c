#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/rule/engine.h"

/* A forecast must stand for an hour; it is over when what it fears is further away by a quarter. */
enum { HOLD_S = 3600, CLEAR_S = 300, CLEAR_PART = 4 };

/* False: there is no memory for it now. */
static bool have_trend(struct rules *rules, const struct rule *rule, struct instance *i)
{
    uint32_t         looks_back_s = rule->rate.over_s ? rule->rate.over_s + rule->rate.over_s / 8 : rule->forecast.history_s;
    enum trend_keeps keeps = rule->rate.over_s ? TREND_LAST : rule->forecast.falls ? TREND_HIGHEST : TREND_LOWEST;

    if (!i->trend) {
        i->trend = malloc(sizeof *i->trend);
        if (i->trend)
            trend_init(i->trend, looks_back_s, keeps);
        else
            rules->refused++;
    }
    return i->trend != NULL;
}

static enum verdict verdict_on(double until_s, uint32_t within_s)
{
    if (isnan(until_s))
        return VERDICT_BETWEEN;
    if (until_s <= (double)within_s)
        return VERDICT_BREACH;
    return until_s > (double)(within_s + within_s / CLEAR_PART) ? VERDICT_OVER : VERDICT_BETWEEN;
}

void foresight_see(struct rules *rules, struct instance *i, uint64_t now_ms, uint64_t watched_ms)
{
    static const struct rule_level hold = { .set = true, .for_s = HOLD_S, .clear_for_s = CLEAR_S };
    const struct rule             *rule = &rules->policy->rules[i->rule];
    double                         value = i->value;

    if (!have_trend(rules, rule, i)) {
        i->value = rule->rate.over_s ? NAN : i->value;
        return;
    }
    if (rule->rate.over_s)
        i->value = trend_rate(i->trend, now_ms, value, rule->rate.over_s) * (double)rule->rate.per_s;
    trend_put(i->trend, now_ms, value);
    if (!rule->forecast.set)
        return;
    i->until_s = (float)trend_until_s(i->trend, now_ms, rule->forecast.reaches);
    latch_step(&i->foreseen, &hold,
               conditions_weigh((enum rule_truth)i->met, verdict_on((double)i->until_s, rule->forecast.within_s)), now_ms,
               watched_ms);
}

void rules_restore_foreseen(struct rules *rules, const char *rule_name, const char *instance)
{
    for (size_t r = 0; r < rules->policy->count; r++) {
        struct instance *i = instance_find(&rules->set, r, instance);

        if (!i || i->told != SEVERITY_WARNING || !rules->policy->rules[r].forecast.set ||
            strcmp(rules->policy->rules[r].name, rule_name) != 0)
            continue;
        latch_set(&i->warning, false);
        latch_set(&i->foreseen, true);
    }
}
