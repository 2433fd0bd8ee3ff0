#include <math.h>
#include <stdlib.h>

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

static bool is_foreseen(const struct instance *i)
{
    return i->foreseen.on && !i->warning.on && !i->critical.on;
}

/* When what it is raised for began. */
static uint64_t began_ms(const struct instance *i)
{
    return i->critical.on ? i->critical.since_ms : i->warning.on ? i->warning.since_ms : i->foreseen.since_ms;
}

static uint64_t ended_ms(const struct instance *i)
{
    return later(later(i->warning.since_ms, i->critical.since_ms), i->foreseen.since_ms);
}

static double level_of(const struct rule *rule, const struct instance *i, enum severity severity)
{
    if (rule->test == RULE_ABSENT)
        return NAN;
    return is_foreseen(i) ? rule->forecast.reaches : rule_level_of(rule, severity)->raise;
}

/* What telling changes of an instance, but for its flaps. */
struct telling {
    uint8_t  told, held;
    uint16_t held_changes;
    uint64_t cool_until_ms;
};

static void take_back(struct instance *i, const struct telling *before)
{
    i->told = before->told;
    i->held = before->held;
    i->held_changes = before->held_changes;
    i->cool_until_ms = before->cool_until_ms;
}

static bool was_refused(struct rules *rules)
{
    bool refused = rules->tell_again;

    rules->tell_again = false;
    return refused;
}

static void tell(const struct ending *end, struct instance *i, enum rule_change change,
                 enum severity severity, uint64_t since_ms)
{
    enum severity     judged = severity != SEVERITY_OK ? severity : (enum severity)i->told;
    struct telling    before = { i->told, i->held, i->held_changes, i->cool_until_ms };
    struct rule_event event = {
        .change = change,
        .rule = end->rule,
        .rule_name = end->rule->name,
        .instance = i->name,
        .severity = severity,
        .value = i->missing ? NAN : i->value,
        .level = level_of(end->rule, i, judged),
        .foreseen = is_foreseen(i),
        .until_s = (double)i->until_s,
        .metric = i->metric,
        .attrs = i->attrs,
        .attr_count = i->attr_count,
        .since_steady_ms = since_ms,
        .held = (enum rule_held)i->held,
        .held_by = gate_held_by(end->rules, i),
        .held_changes = i->held_changes,
        .seen_count = end->rule->all_count + end->rule->any_count,
    };

    (void)conditions_of(end->rules, i, event.seen);
    if ((change == RULE_RAISED || change == RULE_WORSE) && !i->again)
        flaps_note_begin(i->flaps, &end->rule->flapping, (int64_t)end->now_ms);
    event.flapped = flaps_view(i->flaps, (int64_t)end->now_ms);
    if (change != RULE_HELD) {
        i->told = (uint8_t)severity;
        i->held = RULE_NOT_HELD;
        i->held_changes = 0;
        if (severity == SEVERITY_OK)
            gate_cool_down(end->rules, i);
        if (change != RULE_RAISED && change != RULE_WORSE && end->rule->flapping.times && !i->again)
            end->rules->refused += !flaps_note_end(&i->flaps, (int64_t)end->now_ms);
    }
    end->on_event(end->context, &event);
    i->again = was_refused(end->rules);
    if (i->again)
        take_back(i, &before);
}

static void tell_change(const struct ending *end, struct instance *i)
{
    enum severity before = (enum severity)i->told, after = instance_severity(i);

    if (after == before)
        return;
    if (after == SEVERITY_OK)
        tell(end, i, RULE_CLEARED, after, ended_ms(i));
    else if (after < before)
        tell(end, i, RULE_BETTER, after,
             end->rule->critical.set ? i->critical.since_ms : end->now_ms);
    else
        tell(end, i, before == SEVERITY_OK ? RULE_RAISED : RULE_WORSE, after, began_ms(i));
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
                      conditions_weigh((enum rule_truth)i->met,
                                       given ? *given : verdict_of(end->rule->test, level, i->value)),
                      end->now_ms, watched_ms);
}

static void judge(const struct ending *end, struct instance *i, const enum verdict *given,
                  uint64_t watched_ms)
{
    step(end, i, SEVERITY_WARNING, given, watched_ms);
    if (step(end, i, SEVERITY_CRITICAL, given, watched_ms) && i->critical.on &&
        end->rule->warning.set)
        latch_set(&i->warning, true);
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

    i->met = (uint8_t)conditions_of(end->rules, i, NULL);
    if (!isnan(i->value) && (end->rule->rate.over_s || end->rule->forecast.set))
        foresight_see(end->rules, i, end->now_ms, watched_ms);
    if (isnan(i->value))
        return;
    note_seen(end, i);
    flaps_pass(&i->flaps, &end->rule->flapping, (int64_t)end->now_ms, watched_ms);
    judge(end, i, end->rule->test == RULE_ABSENT ? &over : NULL, watched_ms);
}

/* For RULE_ABSENT. The instance "" speaks for the rule only while no series is known. */
static bool is_over_as_stand_in(const struct ending *end, const struct instance *i)
{
    bool others = end->rules->set.first[i->rule] != i || i->next_in_rule;

    return i->name[0] == '\0' && !i->seen && others;
}

static void miss(const struct ending *end, struct instance *i)
{
    uint64_t     watched_ms = note_missed(end, i);
    enum verdict verdict = is_over_as_stand_in(end, i) ? VERDICT_OVER : VERDICT_BREACH;

    i->met = (uint8_t)conditions_of(end->rules, i, NULL);
    flaps_pass(&i->flaps, &end->rule->flapping, (int64_t)end->now_ms, watched_ms);
    if (end->rule->test == RULE_ABSENT)
        judge(end, i, &verdict, watched_ms);
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
    for (struct instance *i = set->first[r]; i; i = i->next_in_rule)
        if (i->fresh)
            see(end, i);
        else
            miss(end, i);
}

/* ---- what is said of it ---- */

/* One that was never raised is kept for a while, so that a single reading without it does not end its hold. */
static bool is_gone(const struct ending *end, const struct instance *i)
{
    uint64_t need_ms = end->gap_ms;

    if (end->rule->test == RULE_ABSENT)
        return is_over_as_stand_in(end, i);
    if (i->told != SEVERITY_OK)
        need_ms = 1000 * (uint64_t)rule_level_of(end->rule, (enum severity)i->told)->clear_for_s;
    return i->missing && i->missing_ms >= need_ms;
}

static void hold(const struct ending *end, struct instance *i, enum severity want, enum rule_held held)
{
    bool news = i->held == RULE_NOT_HELD || i->held_want != want;

    i->held = (uint8_t)held;
    i->held_want = (uint8_t)want;
    if (held == RULE_HELD_WINDOW)
        i->held_by = (uint16_t)gate_window(end->rules, i->rule);
    if (held == RULE_HELD_CAUSE)
        i->held_by = (uint16_t)gate_cause(end->rules, i);
    if (!news)
        return;
    i->held_changes += i->held_changes < UINT16_MAX;
    tell(end, i, RULE_HELD, want, end->now_ms);
}

/* A quiet time ends while what it held is about to be over: its clear time decides whether there is anything to tell. */
static bool is_about_to_end(const struct instance *i, enum severity want)
{
    const struct latch *latch = want == SEVERITY_CRITICAL ? &i->critical : &i->warning;

    return i->held != RULE_NOT_HELD && want > (enum severity)i->told && latch->on && latch->counting;
}

/* The cause is over: what it held must last for its own time from now on. */
static void begin_anew(struct instance *i)
{
    if (i->told < SEVERITY_WARNING) {
        latch_set(&i->warning, false);
        latch_set(&i->foreseen, false);
    }
    latch_set(&i->critical, false);
    i->held = RULE_NOT_HELD;
    i->held_changes = 0;
}

/* Returns whether the instance is to be forgotten. */
static bool speak_of(const struct ending *end, struct instance *i)
{
    bool          of_absent = end->rule->test == RULE_ABSENT, gone = is_gone(end, i);
    enum severity want = gone && !of_absent ? SEVERITY_OK : instance_severity(i);
    enum rule_held held;

    if ((i->fresh && isnan(i->value)) || (i->missing && !gone && !of_absent))
        return false;
    if (want >= (enum severity)i->told)
        flaps_disturb(i->flaps, i->held == RULE_HELD_FLAPPING);
    held = want == i->told ? RULE_NOT_HELD : gate_of(end->rules, i, want);
    if (held != RULE_NOT_HELD) {
        hold(end, i, want, held);
        return false;
    }
    if (is_about_to_end(i, want))
        return false;
    if (i->held == RULE_HELD_CAUSE && want > (enum severity)i->told) {
        begin_anew(i);
        return false;
    }
    if (want != i->told && gone && !of_absent) {
        tell(end, i, RULE_GONE, SEVERITY_OK, i->gone_ms);
        latch_set(&i->warning, false);
        latch_set(&i->critical, false);
        latch_set(&i->foreseen, false);
    } else if (!gone || of_absent) {
        tell_change(end, i);
    }
    i->held = RULE_NOT_HELD;
    i->held_changes = 0;
    return gone && i->told == SEVERITY_OK && !gate_is_cooling(end->rules, i) && !i->flaps;
}

/* only_held: nothing was read; what was held may be said now all the same. */
static void speak(const struct ending *end, size_t r, bool only_held)
{
    for (struct instance **at = &end->rules->set.first[r]; *at;) {
        if ((!only_held || (*at)->held != RULE_NOT_HELD) && speak_of(end, *at))
            instance_drop(&end->rules->set, at);
        else
            at = &(*at)->next_in_rule;
    }
}

/* This machine does not have what the rule looks at, any more. */
static void end_for_good(const struct ending *end, size_t r)
{
    for (struct instance **at = &end->rules->set.first[r]; end->rule->test != RULE_ABSENT && *at;) {
        (*at)->missing = true;
        if ((*at)->told != SEVERITY_OK)
            tell(end, *at, RULE_GONE, SEVERITY_OK, end->now_ms);
        if ((*at)->told == SEVERITY_OK)
            instance_drop(&end->rules->set, at);
        else
            at = &(*at)->next_in_rule;
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
    struct retired **at = &end->rules->retired;

    for (struct retired *gone = *at; gone; gone = *at) {
        struct rule_event event = {
            .change = RULE_RETIRED,
            .rule_name = gone->name,
            .instance = gone->instance,
            .severity = SEVERITY_OK,
            .value = NAN,
            .level = NAN,
            .since_steady_ms = end->now_ms,
            .held_by = "",
        };

        end->on_event(end->context, &event);
        if (was_refused(end->rules)) {
            at = &gone->next;
        } else {
            *at = gone->next;
            free(gone);
        }
    }
}

/* Returns whether it is one to go through. */
static bool at_rule(struct ending *end, size_t r)
{
    end->rule = &end->rules->policy->rules[r];
    end->gap_ms = end->rules->readings[r].gap_ms;
    return end->rule->enabled;
}

void rules_end_round(struct rules *rules, rule_event_fn *on_event, void *context)
{
    struct ending end = { .rules = rules, .now_ms = rules->now_ms, .on_event = on_event,
                          .context = context };

    tell_retired(&end);
    conditions_end_round(rules);
    for (size_t r = 0; r < rules->policy->count; r++) {
        const struct rule_reading *reading = &rules->readings[r];

        if (!at_rule(&end, r))
            continue;
        if (reading->now && !failed(reading->outcome))
            end_of_rule(&end, r);
        else if (reading->now && reading->outcome.code == ERR_UNSUPPORTED)
            end_for_good(&end, r);
        else
            forget_unseen(&end, r);
    }
    for (size_t r = 0; r < rules->policy->count; r++)
        if (at_rule(&end, r) && !failed(rules->readings[r].outcome))
            speak(&end, r, !rules->readings[r].now);
}
