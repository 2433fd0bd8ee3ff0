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

static size_t count_readings(const struct policy *policy)
{
    size_t count = policy->count;

    for (size_t r = 0; r < policy->count; r++)
        count += policy->rules[r].all_count + policy->rules[r].any_count;
    return count;
}

static void plan(struct rule_reading *reading, const char *metric, const struct rule_selector *where, size_t where_count)
{
    reading->metric = metric;
    reading->where = where;
    reading->where_count = where_count;
}

static void plan_readings(struct rules *rules)
{
    size_t next = rules->policy->count;

    for (size_t r = 0; r < rules->policy->count; r++) {
        const struct rule *rule = &rules->policy->rules[r];

        rules->windows[r] = windows_of(rules->policy, rule);
        rules->conditions[r] = (uint16_t)next;
        if (rule->enabled)
            plan(&rules->readings[r], rule->metric, rule->where, rule->where_count);
        for (size_t c = 0; c < rule->all_count + rule->any_count; c++, next++)
            if (rule->enabled)
                plan(&rules->readings[next], rule->conditions[c].metric, rule->conditions[c].where,
                     rule->conditions[c].where_count);
    }
    for (size_t k = 0; k < rules->reading_count; k++)
        rules->readings[k].outcome = err_of(ERR_NOT_FOUND, "waiting for the first reading");
}

struct err rules_new(const struct policy *policy, struct rules **ret)
{
    struct rules *rules = calloc(1, sizeof *rules);

    if (!rules)
        return err_of(ERR_NO_MEMORY, "keeping rules");
    rules->policy = policy;
    rules->reading_count = count_readings(policy);
    rules->readings = calloc(rules->reading_count + 1, sizeof *rules->readings);
    rules->windows = calloc(policy->count + 1, sizeof *rules->windows);
    rules->conditions = calloc(policy->count + 1, sizeof *rules->conditions);
    if (!rules->readings || !rules->windows || !rules->conditions ||
        failed(instance_set_init(&rules->set, rules->reading_count))) {
        rules_free(&rules);
        return err_of(ERR_NO_MEMORY, "keeping rules");
    }
    plan_readings(rules);
    *ret = rules;
    return err_ok();
}

static void forget_retired(struct rules *rules)
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
    forget_retired(rules);
    instance_set_done(&rules->set);
    free(rules->readings);
    free(rules->windows);
    free(rules->conditions);
    free(rules);
}

void rules_tell_again(struct rules *rules)
{
    rules->tell_again = true;
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
    size_t             r = rule_named(rules, rule_name);
    const struct rule *rule = &rules->policy->rules[r];
    uint64_t           cool_ms, flap_ms;
    struct instance   *i;
    struct err         e;

    if (r == rules->policy->count)
        return err_ok();
    cool_ms = 1000 * (uint64_t)rule->quiet.cool_down_s;
    flap_ms = rule->flapping.times ? 1000 * (uint64_t)rule->flapping.within_s : 0;
    if (ago_ms >= cool_ms && ago_ms >= flap_ms)
        return err_ok();
    e = find_or_add(rules, r, instance, &i);
    if (failed(e))
        return e;
    if (ago_ms < cool_ms && i->cool_until_ms < now_ms + cool_ms - ago_ms)
        i->cool_until_ms = now_ms + cool_ms - ago_ms;
    if (ago_ms < flap_ms && !flaps_note_end(&i->flaps, (int64_t)now_ms - (int64_t)ago_ms))
        return err_of(ERR_NO_MEMORY, "restoring an alert");
    return e;
}

void rules_restore_flapping(struct rules *rules, uint64_t now_ms)
{
    for (size_t r = 0; r < rules->policy->count; r++)
        for (struct instance *i = rules->set.first[r]; i; i = i->next_in_rule)
            if (i->told != SEVERITY_OK)
                flaps_note_begin(i->flaps, &rules->policy->rules[r].flapping, (int64_t)now_ms);
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
    for (size_t r = 0; r < rules->reading_count; r++) {
        rules->readings[r].now = false;
        for (struct instance *i = rules->set.first[r]; i; i = i->next_in_rule)
            i->fresh = false;
    }
}

bool rules_key_is(const char *key, const char *word, size_t len)
{
    const char *dot = strrchr(key, '.'), *last = dot ? dot + 1 : key;

    return (strlen(key) == len && memcmp(key, word, len) == 0) || (strlen(last) == len && memcmp(last, word, len) == 0);
}

static bool selects(const struct rule_selector *selector, const struct sample *sample)
{
    for (size_t a = 0; a < sample->attr_count; a++)
        if (rules_key_is(sample->attrs[a].key, selector->key, strlen(selector->key)))
            return text_like(sample->attrs[a].value, selector->glob) != selector->exclude;
    return selector->exclude;
}

static bool is_for(const struct rule_reading *reading, const struct sample *sample)
{
    if (!reading->metric || strcmp(reading->metric, sample->metric->name) != 0)
        return false;
    for (size_t s = 0; s < reading->where_count; s++)
        if (!selects(&reading->where[s], sample))
            return false;
    return true;
}

static struct err put_at(struct rules *rules, size_t reading, const struct sample *sample,
                         const char *name)
{
    struct instance *i;
    struct err       e = find_or_add(rules, reading, name, &i);

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

    for (size_t k = 0; k < rules->reading_count; k++) {
        struct err here;

        if (!is_for(&rules->readings[k], sample))
            continue;
        if (!named)
            attrs_print(sample->attrs, sample->attr_count, name, sizeof name);
        named = true;
        here = put_at(rules, k, sample, name);
        if (!failed(e))
            e = here;
    }
    return e;
}

void rules_collector_read(struct rules *rules, const struct metric *metrics, size_t metric_count,
                          uint32_t period_s, struct err outcome)
{
    for (size_t k = 0; k < rules->reading_count; k++)
        for (size_t m = 0; rules->readings[k].metric && m < metric_count; m++) {
            if (strcmp(rules->readings[k].metric, metrics[m].name) != 0)
                continue;
            rules->readings[k].now = true;
            rules->readings[k].gap_ms = 2500 * (uint64_t)period_s;
            rules->readings[k].outcome = outcome;
        }
}

