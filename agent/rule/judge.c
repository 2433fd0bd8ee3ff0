#include <math.h>

#include "agent/rule/engine.h"

/* A round's end, at one rule. */
struct ending {
    struct rules      *rules;
    const struct rule *rule;
    uint64_t           now_ms, gap_ms;
    rule_event_fn     *on_event;
    void              *context;
};

static uint64_t watched_since(const struct ending *end, uint64_t before_ms)
{
    uint64_t passed = end->now_ms > before_ms ? end->now_ms - before_ms : 0;

    return passed <= end->gap_ms ? passed : 0;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void tell(const struct ending *end, struct instance *i, enum rule_change change,
                 enum severity severity, uint64_t since_ms)
{
    enum severity     judged = severity != SEVERITY_OK ? severity : (enum severity)i->told;
    struct rule_event event = {
        .change = change,
        .rule = end->rule,
        .rule_name = end->rule->name,
        .instance = i->name,
        .severity = severity,
        .value = i->missing ? NAN : i->value,
        .level = end->rule->test == RULE_ABSENT ? NAN : rule_level_of(end->rule, judged)->raise,
        .metric = i->metric,
        .attrs = i->attrs,
        .attr_count = i->attr_count,
        .since_steady_ms = since_ms,
    };

    i->told = (uint8_t)severity;
    end->on_event(end->context, &event);
}

static enum severity severity_of(const struct instance *i)
{
    if (i->critical.on)
        return SEVERITY_CRITICAL;
    return i->warning.on ? SEVERITY_WARNING : SEVERITY_OK;
}

static void tell_change(const struct ending *end, struct instance *i)
{
    enum severity before = (enum severity)i->told, after = severity_of(i);

    if (after == before)
        return;
    if (after == SEVERITY_OK)
        tell(end, i, RULE_CLEARED, after, later(i->warning.since_ms, i->critical.since_ms));
    else if (after < before)
        tell(end, i, RULE_BETTER, after,
             end->rule->critical.set ? i->critical.since_ms : end->now_ms);
    else
        tell(end, i, before == SEVERITY_OK ? RULE_RAISED : RULE_WORSE, after,
             i->critical.on ? i->critical.since_ms : i->warning.since_ms);
}

/* One level of an instance; those of ABSENT have their verdict given. */
static bool step(const struct ending *end, struct instance *i, enum severity severity,
                 const enum verdict *given, uint64_t watched_ms)
{
    bool                     is_critical = severity == SEVERITY_CRITICAL;
    struct latch            *latch = is_critical ? &i->critical : &i->warning;
    const struct rule_level *own = is_critical ? &end->rule->critical : &end->rule->warning;
    const struct rule_level *level = rule_level_of(end->rule, severity);

    if (!own->set && !latch->on)
        return false;
    return latch_step(latch, level,
                      given ? *given : verdict_of(end->rule->test, level, i->value), end->now_ms,
                      watched_ms);
}

static void judge(const struct ending *end, struct instance *i, const enum verdict *given,
                  uint64_t watched_ms)
{
    step(end, i, SEVERITY_WARNING, given, watched_ms);
    if (step(end, i, SEVERITY_CRITICAL, given, watched_ms) && i->critical.on &&
        end->rule->warning.set)
        latch_set(&i->warning, true);
    tell_change(end, i);
}

static void note_seen(const struct ending *end, struct instance *i)
{
    i->missing = false;
    i->seen = true;
    i->seen_ms = end->now_ms;
}

/* Returns the watched time since the last reading without it. */
static uint64_t note_missed(const struct ending *end, struct instance *i)
{
    uint64_t watched_ms = i->missing ? watched_since(end, i->missed_ms) : 0;

    if (!i->missing) {
        i->gone_ms = end->now_ms;
        i->missing_ms = 0;
    }
    i->missing = true;
    i->missed_ms = end->now_ms;
    i->missing_ms += watched_ms;
    return watched_ms;
}

static void see(const struct ending *end, struct instance *i)
{
    static const enum verdict over = VERDICT_OVER;
    uint64_t                  watched_ms = i->seen ? watched_since(end, i->seen_ms) : 0;

    if (isnan(i->value))
        return;
    note_seen(end, i);
    judge(end, i, end->rule->test == RULE_ABSENT ? &over : NULL, watched_ms);
}

/* Returns whether the instance is to be forgotten. One that was never raised is kept for a while, so that a single
 * reading without it does not end its hold. */
static bool miss(const struct ending *end, struct instance *i)
{
    uint64_t need_ms = end->gap_ms;

    note_missed(end, i);
    if (i->told != SEVERITY_OK)
        need_ms = 1000 * (uint64_t)rule_level_of(end->rule, (enum severity)i->told)->clear_for_s;
    if (i->missing_ms < need_ms)
        return false;
    if (i->told != SEVERITY_OK)
        tell(end, i, RULE_GONE, SEVERITY_OK, i->gone_ms);
    return true;
}

/* For RULE_ABSENT. The instance "" speaks for the rule only while no series is known. */
static bool miss_of_absent(const struct ending *end, struct instance *i)
{
    bool         stands_in = i->name[0] == '\0' && !i->seen;
    bool         others = end->rules->set.first[i->rule] != i || i->next_in_rule;
    bool         over = stands_in && others;
    enum verdict verdict = over ? VERDICT_OVER : VERDICT_BREACH;
    uint64_t     watched_ms = note_missed(end, i);

    judge(end, i, &verdict, watched_ms);
    return over && i->told == SEVERITY_OK;
}

static void end_of_rule(const struct ending *end, size_t r)
{
    struct instance_set *set = &end->rules->set;
    bool                 of_absent = end->rule->test == RULE_ABSENT;

    if (of_absent && !set->first[r]) {
        struct instance *stand_in;

        if (failed(instance_add(set, r, "", &stand_in)))
            end->rules->refused++;
    }
    for (struct instance **at = &set->first[r]; *at;) {
        bool forget = false;

        if ((*at)->fresh)
            see(end, *at);
        else
            forget = of_absent ? miss_of_absent(end, *at) : miss(end, *at);
        if (forget)
            instance_drop(set, at);
        else
            at = &(*at)->next_in_rule;
    }
}

/* This machine does not have what the rule looks at, any more. */
static void end_for_good(const struct ending *end, size_t r)
{
    struct instance_set *set = &end->rules->set;

    while (end->rule->test != RULE_ABSENT && set->first[r]) {
        struct instance *i = set->first[r];

        i->missing = true;
        if (i->told != SEVERITY_OK)
            tell(end, i, RULE_GONE, SEVERITY_OK, end->now_ms);
        instance_drop(set, &set->first[r]);
    }
}

/* Those that a failed reading brought and that were never seen before. */
static void forget_unseen(const struct ending *end, size_t r)
{
    for (struct instance **at = &end->rules->set.first[r]; *at;) {
        if ((*at)->fresh && !(*at)->seen && (*at)->told == SEVERITY_OK)
            instance_drop(&end->rules->set, at);
        else
            at = &(*at)->next_in_rule;
    }
}

static void tell_retired(const struct ending *end)
{
    for (const struct retired *gone = end->rules->retired; gone; gone = gone->next) {
        struct rule_event event = {
            .change = RULE_RETIRED,
            .rule_name = gone->name,
            .instance = gone->instance,
            .severity = SEVERITY_OK,
            .value = NAN,
            .level = NAN,
            .since_steady_ms = end->now_ms,
        };

        end->on_event(end->context, &event);
    }
    rules_forget_retired(end->rules);
}

void rules_end_round(struct rules *rules, rule_event_fn *on_event, void *context)
{
    struct ending end = { .rules = rules, .now_ms = rules->now_ms, .on_event = on_event,
                          .context = context };

    tell_retired(&end);
    for (size_t r = 0; r < rules->policy->count; r++) {
        const struct rule_reading *reading = &rules->readings[r];

        end.rule = &rules->policy->rules[r];
        end.gap_ms = reading->gap_ms;
        if (!end.rule->enabled)
            continue;
        if (reading->now && !failed(reading->outcome))
            end_of_rule(&end, r);
        else if (reading->now && reading->outcome.code == ERR_UNSUPPORTED)
            end_for_good(&end, r);
        else
            forget_unseen(&end, r);
    }
}

