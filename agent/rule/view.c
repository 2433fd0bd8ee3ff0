#include <math.h>

#include "agent/rule/engine.h"

static enum severity severity_at_once(const struct rule *rule, const struct instance *i)
{
    if (rule->test == RULE_ABSENT) {
        if (!i->missing)
            return SEVERITY_OK;
        return rule->critical.set ? SEVERITY_CRITICAL : SEVERITY_WARNING;
    }
    if (verdict_of(rule->test, &rule->critical, i->value) == VERDICT_BREACH)
        return SEVERITY_CRITICAL;
    if (verdict_of(rule->test, &rule->warning, i->value) == VERDICT_BREACH)
        return SEVERITY_WARNING;
    return SEVERITY_OK;
}

/* Of a value that would be a breach: what of its conditions is not known. */
static struct err why_not_known(const struct rule_view *v)
{
    for (size_t c = 0; c < v->seen_count; c++)
        if (v->seen[c].holds == RULE_NOT_KNOWN)
            return v->seen[c].why;
    return err_ok();
}

static struct err why_unknown(const struct rule *rule, const struct rule_reading *reading,
                              const struct instance *i)
{
    if (failed(reading->outcome))
        return reading->outcome;
    if (rule->test == RULE_ABSENT)
        return err_ok();
    if (i->missing)
        return err_of(ERR_NOT_FOUND, "its collector reports it no longer");
    if (isnan(i->value) && rule->rate.over_s)
        return err_of(ERR_NOT_FOUND, "waiting until it was read for long enough");
    if (!i->seen)
        return err_of(ERR_NOT_FOUND, "waiting for the first reading");
    if (isnan(i->value))
        return err_of(ERR_MALFORMED, "what was read is no number");
    return err_ok();
}

static enum rule_state state_of(const struct instance *i, enum severity at_once)
{
    static const enum rule_state raised[] = {
        [SEVERITY_OK] = RULE_STATE_OK,
        [SEVERITY_WARNING] = RULE_STATE_WARNING,
        [SEVERITY_CRITICAL] = RULE_STATE_CRITICAL,
    };

    if (i->told == SEVERITY_OK && i->held != RULE_NOT_HELD)
        return RULE_STATE_HELD;
    if (i->told == SEVERITY_OK && at_once != SEVERITY_OK)
        return RULE_STATE_PENDING;
    return raised[i->told];
}

static void judge_at_once(const struct instance *i, enum rule_truth met, struct rule_view *v)
{
    v->at_once = severity_at_once(v->rule, i);
    if (met == RULE_NO)
        v->at_once = SEVERITY_OK;
    if (met == RULE_NOT_KNOWN && (v->at_once != SEVERITY_OK || i->told != SEVERITY_OK))
        v->why = why_not_known(v);
    if (failed(v->why))
        return;
    v->value = i->missing ? NAN : i->value;
    v->state = state_of(i, v->at_once);
}

static void view(const struct rules *rules, const struct instance *i, rule_view_fn *each,
                 void *context)
{
    const struct rule *rule = &rules->policy->rules[i->rule];
    struct rule_seen   seen[RULE_CONDITIONS_MAX];
    enum rule_truth    met = conditions_of(rules, i, seen);
    struct rule_view   v = {
          .rule = rule,
          .metric = i->metric,
          .instance = i->name,
          .value = NAN,
          .until_s = (double)i->until_s,
          .state = RULE_STATE_UNKNOWN,
          .raised = (enum severity)i->told,
          .why = why_unknown(rule, &rules->readings[i->rule], i),
          .held = (enum rule_held)i->held,
          .held_by = gate_held_by(rules, i),
          .flapped = flaps_view(i->flaps, (int64_t)rules->now_ms),
          .seen = seen,
          .seen_count = rule->all_count + rule->any_count,
    };

    if (i->missing && i->told == SEVERITY_OK && rule->test != RULE_ABSENT)
        return; /* gone, and nobody was told of it */
    if (!failed(v.why))
        judge_at_once(i, met, &v);
    each(context, &v);
}

/* A rule whose collector cannot be read is unknown as a whole. One that found nothing to look at is not. */
static void view_without_instances(const struct rules *rules, size_t r, rule_view_fn *each,
                                   void *context)
{
    struct rule_view v = {
        .rule = &rules->policy->rules[r],
        .instance = "",
        .value = NAN,
        .until_s = NAN,
        .state = RULE_STATE_UNKNOWN,
        .why = rules->readings[r].outcome,
        .held_by = "",
    };

    if (failed(v.why))
        each(context, &v);
}

void rules_each(const struct rules *rules, rule_view_fn *each, void *context)
{
    for (size_t r = 0; r < rules->policy->count; r++) {
        const struct instance *i = rules->set.first[r];

        if (rules->policy->rules[r].enabled && !i)
            view_without_instances(rules, r, each, context);
        for (; i; i = i->next_in_rule)
            view(rules, i, each, context);
    }
}
