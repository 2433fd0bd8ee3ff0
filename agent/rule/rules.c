#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/rule/engine.h"
#include "proto/text.h"

/* Those that a rule keeps quiet in. */
static uint16_t windows_of(const struct policy *policy, const struct rule *rule)
{
    uint16_t windows = 0;

    for (size_t w = 0; w < policy->window_count && !rule->quiet.through_windows; w++)
        if (!policy->windows[w].rules || text_like_any(rule->name, policy->windows[w].rules))
            windows |= (uint16_t)(1u << w);
    return windows;
}

struct err rules_new(const struct policy *policy, struct rules **ret)
{
    struct rules *rules = calloc(1, sizeof *rules);

    if (!rules)
        return err_of(ERR_NO_MEMORY, "keeping rules");
    rules->policy = policy;
    rules->readings = calloc(policy->count + 1, sizeof *rules->readings);
    rules->windows = calloc(policy->count + 1, sizeof *rules->windows);
    if (!rules->readings || !rules->windows || failed(instance_set_init(&rules->set, policy->count))) {
        rules_free(&rules);
        return err_of(ERR_NO_MEMORY, "keeping rules");
    }
    for (size_t r = 0; r < policy->count; r++) {
        rules->readings[r].outcome = err_of(ERR_NOT_FOUND, "waiting for the first reading");
        rules->windows[r] = windows_of(policy, &policy->rules[r]);
    }
    *ret = rules;
    return err_ok();
}

void rules_forget_retired(struct rules *rules)
{
    for (struct retired *next; rules->retired; rules->retired = next) {
        next = rules->retired->next;
        free(rules->retired);
    }
}

void rules_free(struct rules **at)
{
    struct rules *rules = *at;

    if (!rules)
        return;
    *at = NULL;
    rules_forget_retired(rules);
    instance_set_done(&rules->set);
    free(rules->readings);
    free(rules->windows);
    free(rules);
}

uint64_t rules_refused(const struct rules *rules)
{
    return rules->refused;
}

/* ---- restoring ---- */

static struct err keep_retired(struct rules *rules, const char *name, const char *instance)
{
    size_t           name_len = strlen(name), len = strlen(instance);
    struct retired **end = &rules->retired;
    struct retired  *gone = calloc(1, sizeof *gone + name_len + 1 + len + 1);

    if (!gone)
        return err_of(ERR_NO_MEMORY, "restoring an alert");
    memcpy(gone->name, name, name_len + 1);
    gone->instance = memcpy(gone->name + name_len + 1, instance, len + 1);
    while (*end)
        end = &(*end)->next;
    *end = gone;
    return err_ok();
}

/* Of those that are in use; policy->count: there is none. */
static size_t rule_named(const struct rules *rules, const char *name)
{
    const struct rule *rule = rules->policy->rules;
    size_t             r = 0;

    while (r < rules->policy->count && (!rule[r].enabled || strcmp(rule[r].name, name) != 0))
        r++;
    return r;
}

static struct err find_or_add(struct rules *rules, size_t rule, const char *name, struct instance **ret)
{
    *ret = instance_find(&rules->set, rule, name);
    return *ret ? err_ok() : instance_add(&rules->set, rule, name, ret);
}

struct err rules_restore_cleared(struct rules *rules, const char *rule_name, const char *instance, uint64_t now_ms,
                                 uint64_t ago_ms)
{
    size_t           r = rule_named(rules, rule_name);
    uint64_t         cool_ms = r < rules->policy->count ? 1000 * (uint64_t)rules->policy->rules[r].quiet.cool_down_s : 0;
    struct instance *i;
    struct err       e;

    if (ago_ms >= cool_ms)
        return err_ok();
    e = find_or_add(rules, r, instance, &i);
    if (!failed(e) && i->cool_until_ms < now_ms + cool_ms - ago_ms)
        i->cool_until_ms = now_ms + cool_ms - ago_ms;
    return e;
}

struct err rules_restore(struct rules *rules, const char *rule_name, const char *instance,
                         enum severity severity)
{
    const struct rule *rule = rules->policy->rules;
    struct instance   *i;
    size_t             r = rule_named(rules, rule_name);
    struct err         e;

    if (r == rules->policy->count)
        return keep_retired(rules, rule_name, instance);
    e = find_or_add(rules, r, instance, &i);
    if (failed(e))
        return e;
    i->told = (uint8_t)severity;
    latch_set(&i->critical, severity == SEVERITY_CRITICAL && rule[r].critical.set);
    latch_set(&i->warning, rule[r].warning.set || !i->critical.on);
    return e;
}

/* ---- a round ---- */

void rules_begin_round(struct rules *rules, uint64_t now_ms)
{
    rules->now_ms = now_ms;
    for (size_t r = 0; r < rules->policy->count; r++) {
        rules->readings[r].now = false;
        for (struct instance *i = rules->set.first[r]; i; i = i->next_in_rule)
            i->fresh = false;
    }
}

/* "system.filesystem.mountpoint" is also called by its last word. */
static bool key_is(const char *key, const char *asked)
{
    const char *dot = strrchr(key, '.');

    return strcmp(key, asked) == 0 || (dot && strcmp(dot + 1, asked) == 0);
}

static bool selects(const struct rule_selector *selector, const struct sample *sample)
{
    for (size_t a = 0; a < sample->attr_count; a++)
        if (key_is(sample->attrs[a].key, selector->key))
            return text_like(sample->attrs[a].value, selector->glob) != selector->exclude;
    return selector->exclude;
}

static bool applies(const struct rule *rule, const struct sample *sample)
{
    if (!rule->enabled || strcmp(rule->metric, sample->metric->name) != 0)
        return false;
    for (size_t s = 0; s < rule->where_count; s++)
        if (!selects(&rule->where[s], sample))
            return false;
    return true;
}

static struct err put_at(struct rules *rules, size_t rule, const struct sample *sample,
                         const char *name)
{
    struct instance *i;
    struct err       e = find_or_add(rules, rule, name, &i);

    if (!failed(e))
        e = instance_keep_attrs(i, sample->attrs, sample->attr_count);
    if (failed(e)) {
        rules->refused++;
        return e;
    }
    i->metric = sample->metric;
    i->value = isfinite(sample->value) ? sample->value : NAN;
    i->fresh = true;
    return e;
}

struct err rules_put(struct rules *rules, const struct sample *sample)
{
    char       name[INSTANCE_MAX] = "";
    bool       named = false;
    struct err e = err_ok();

    for (size_t r = 0; r < rules->policy->count; r++) {
        struct err here;

        if (!applies(&rules->policy->rules[r], sample))
            continue;
        if (!named)
            attrs_print(sample->attrs, sample->attr_count, name, sizeof name);
        named = true;
        here = put_at(rules, r, sample, name);
        if (!failed(e))
            e = here;
    }
    return e;
}

void rules_collector_read(struct rules *rules, const struct metric *metrics, size_t metric_count,
                          uint32_t period_s, struct err outcome)
{
    for (size_t r = 0; r < rules->policy->count; r++)
        for (size_t m = 0; m < metric_count; m++) {
            if (strcmp(rules->policy->rules[r].metric, metrics[m].name) != 0)
                continue;
            rules->readings[r].now = true;
            rules->readings[r].gap_ms = 2500 * (uint64_t)period_s;
            rules->readings[r].outcome = outcome;
        }
}

