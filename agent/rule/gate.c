#include <stdio.h>

#include "agent/rule/engine.h"
#include "proto/text.h"

/* Less than this is a clock that was read twice, not a sleep. */
enum { SLEEP_LEAST_MS = 1000 };

void rules_set_moment(struct rules *rules, uint64_t now_ms, const struct rules_moment *moment)
{
    bool was_known = rules->moment.known;

    if (was_known && moment->slept_ms >= rules->moment.slept_ms + SLEEP_LEAST_MS) {
        rules->moment.resumed = true;
        rules->moment.resumed_ms = now_ms;
    }
    rules->moment.known = true;
    rules->moment.up_ms = moment->up_ms;
    rules->moment.at_ms = now_ms;
    rules->moment.slept_ms = moment->slept_ms;
    for (size_t w = 0; w < rules->policy->window_count; w++) {
        uint64_t *until_ms = &rules->moment.window_until_ms[w];
        uint64_t  left_ms = 1000 * (uint64_t)moment->window_left_s[w];

        if (left_ms && now_ms + left_ms > *until_ms)
            *until_ms = now_ms + left_ms;
    }
}

static uint64_t now_of(const struct rules *rules)
{
    return rules->now_ms > rules->moment.at_ms ? rules->now_ms : rules->moment.at_ms;
}

/* How much of a grace is left; 0: it is over. */
static uint64_t left_of(uint64_t passed_ms, uint32_t grace_s)
{
    uint64_t grace_ms = 1000 * (uint64_t)grace_s;

    return passed_ms < grace_ms ? grace_ms - passed_ms : 0;
}

static uint64_t boot_left_ms(const struct rules *rules, uint32_t grace_s)
{
    uint64_t since_ms = now_of(rules) - rules->moment.at_ms;

    if (!rules->moment.known || rules->moment.up_ms > UINT64_MAX - since_ms)
        return 0;
    return left_of(rules->moment.up_ms + since_ms, grace_s);
}

static uint64_t resume_left_ms(const struct rules *rules, uint32_t grace_s)
{
    return rules->moment.resumed ? left_of(now_of(rules) - rules->moment.resumed_ms, grace_s) : 0;
}

/* Of those windows the one that is open longest; -1: none. */
static int open_window(const struct rules *rules, uint16_t windows)
{
    uint64_t last_ms = now_of(rules);
    int      found = -1;

    for (size_t w = 0; w < rules->policy->window_count; w++)
        if (windows & 1u << w && rules->moment.window_until_ms[w] > last_ms) {
            last_ms = rules->moment.window_until_ms[w];
            found = (int)w;
        }
    return found;
}

int gate_window(const struct rules *rules, size_t rule)
{
    return open_window(rules, rules->windows[rule]);
}

const char *gate_held_by(const struct rules *rules, const struct instance *i)
{
    if (i->held == RULE_HELD_WINDOW)
        return rules->policy->windows[i->held_by].name;
    return i->held == RULE_HELD_CAUSE ? rules->policy->rules[i->held_by].name : "";
}

/* An alert, or a breach that has not lasted long enough to be one: it may become the alert that says it all. */
static bool stands(const struct rules *rules, const struct instance *i)
{
    bool about_to = (i->warning.counting && !i->warning.on) || (i->critical.counting && !i->critical.on);

    if (i->told != SEVERITY_OK || instance_severity(i) != SEVERITY_OK)
        return true;
    return about_to && !i->missing && !failed(rules->readings[i->rule].outcome);
}

static bool stands_in_the_way(const struct rules *rules, size_t rule, const struct instance *of, const char *same)
{
    for (const struct instance *i = rules->set.first[rule]; i; i = i->next_in_rule)
        if (stands(rules, i) && instances_agree(of, i, same))
            return true;
    return false;
}

int gate_cause(const struct rules *rules, const struct instance *i)
{
    const struct rule *rule = &rules->policy->rules[i->rule];

    for (size_t c = 0; c < rule->cause_count; c++)
        for (size_t r = 0; r < rules->policy->count; r++)
            if (r != i->rule && rules->set.first[r] && text_like_any(rules->policy->rules[r].name, rule->causes[c].rules) &&
                stands_in_the_way(rules, r, i, rule->causes[c].same))
                return (int)r;
    return -1;
}

void gate_cool_down(const struct rules *rules, struct instance *i)
{
    uint32_t cool_down_s = rules->policy->rules[i->rule].quiet.cool_down_s;

    i->cool_until_ms = cool_down_s ? rules->now_ms + 1000 * (uint64_t)cool_down_s : 0;
}

bool gate_is_cooling(const struct rules *rules, const struct instance *i)
{
    return rules->now_ms < i->cool_until_ms;
}

enum rule_held gate_of(const struct rules *rules, const struct instance *i, enum severity want)
{
    const struct rule_quiet *quiet = &rules->policy->rules[i->rule].quiet;

    if (gate_window(rules, i->rule) >= 0)
        return RULE_HELD_WINDOW;
    if (boot_left_ms(rules, quiet->after_boot_s))
        return RULE_HELD_BOOT;
    if (resume_left_ms(rules, quiet->after_resume_s))
        return RULE_HELD_RESUME;
    if (i->told == SEVERITY_OK && want != SEVERITY_OK && gate_is_cooling(rules, i))
        return RULE_HELD_COOL_DOWN;
    if (want > (enum severity)i->told && gate_cause(rules, i) >= 0)
        return RULE_HELD_CAUSE;
    if (want < (enum severity)i->told && flaps_hold(i->flaps, &rules->policy->rules[i->rule].flapping))
        return RULE_HELD_FLAPPING;
    return RULE_NOT_HELD;
}

/* ---- for people ---- */

static uint32_t seconds(uint64_t ms)
{
    uint64_t s = (ms + 999) / 1000;

    return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

enum rule_held rules_quiet(const struct rules *rules, const char **ret_by, uint32_t *ret_left_s)
{
    const struct rule_quiet *quiet = &rules->policy->general;
    uint64_t                 left_ms;
    uint16_t                 general = 0;
    int                      w;

    for (size_t k = 0; k < rules->policy->window_count; k++)
        if (!rules->policy->windows[k].rules)
            general |= (uint16_t)(1u << k);
    w = open_window(rules, general);
    *ret_by = w < 0 ? "" : rules->policy->windows[w].name;
    if (w >= 0) {
        *ret_left_s = seconds(rules->moment.window_until_ms[w] - now_of(rules));
        return RULE_HELD_WINDOW;
    }
    left_ms = boot_left_ms(rules, quiet->after_boot_s);
    *ret_left_s = seconds(left_ms);
    if (left_ms)
        return RULE_HELD_BOOT;
    left_ms = resume_left_ms(rules, quiet->after_resume_s);
    *ret_left_s = seconds(left_ms);
    return left_ms ? RULE_HELD_RESUME : RULE_NOT_HELD;
}

const char *rule_held_print(enum rule_held held, const char *by, char *into, size_t size)
{
    static const char *const words[] = {
        [RULE_NOT_HELD] = "",
        [RULE_HELD_BOOT] = "the machine started just now",
        [RULE_HELD_RESUME] = "the machine woke just now",
        [RULE_HELD_WINDOW] = "maintenance window",
        [RULE_HELD_COOL_DOWN] = "cool-down after the last alert",
        [RULE_HELD_CAUSE] = "because of",
        [RULE_HELD_FLAPPING] = "flapping",
    };

    snprintf(into, size, "%s%s%s", words[held], by[0] ? " " : "", by);
    return into;
}

void rules_quiet_print(const struct rules *rules, char *into, size_t size)
{
    static const struct metric duration = { .unit = UNIT_SECONDS };
    char                       why[96], left[40];
    const char                *by;
    uint32_t                   left_s;
    enum rule_held             held = rules_quiet(rules, &by, &left_s);

    into[0] = '\0';
    if (held != RULE_NOT_HELD)
        snprintf(into, size, "%s, for %s", rule_held_print(held, by, why, sizeof why),
                 metric_print(&duration, left_s, left, sizeof left));
}
