#include <math.h>
#include <string.h>

#include "agent/rule/engine.h"

/* ---- which series belong together ---- */

static const struct attr *attr_named(const struct instance *i, const char *word, size_t len)
{
    for (size_t a = 0; a < i->attr_count; a++)
        if (rules_key_is(i->attrs[a].key, word, len))
            return &i->attrs[a];
    return NULL;
}

/* "/dev/sda1" and "sda": one is a part of the other. "nvme0n1p2" has a letter between, for its disk ends in a digit. */
static bool is_part_of(const char *part, const char *whole)
{
    size_t      len = strlen(whole);
    const char *rest = part + len;

    if (!len || strncmp(part, whole, len) != 0)
        return false;
    if (*rest == 'p' && strspn(whole + len - 1, "0123456789"))
        rest++;
    else if (*rest && strspn(whole + len - 1, "0123456789"))
        return false;
    return rest[strspn(rest, "0123456789")] == '\0';
}

static const char *device_name(const char *device)
{
    return strncmp(device, "/dev/", 5) == 0 ? device + 5 : device;
}

static bool same_value(const struct attr *a, const struct attr *b)
{
    const char *x = a->value, *y = b->value;

    if (strcmp(a->key, "system.device") != 0 || strcmp(b->key, "system.device") != 0)
        return strcmp(x, y) == 0;
    x = device_name(x);
    y = device_name(y);
    return strcmp(x, y) == 0 || is_part_of(x, y) || is_part_of(y, x);
}

static bool agree_in_all(const struct instance *a, const struct instance *b)
{
    for (size_t n = 0; n < a->attr_count; n++) {
        const struct attr *other = attr_named(b, a->attrs[n].key, strlen(a->attrs[n].key));

        if (other && !attr_is_passing(other->key) && !same_value(&a->attrs[n], other))
            return false;
    }
    return true;
}

/* One of before a restart that was not read since has no attributes yet: it agrees, so that nothing is said too early. */
bool instances_agree(const struct instance *a, const struct instance *b, const char *same)
{
    if (!a->metric || !b->metric)
        return true;
    if (!same)
        return agree_in_all(a, b);
    for (size_t len; *(same += strspn(same, " ")); same += len) {
        const struct attr *x, *y;

        len = strcspn(same, " ");
        x = attr_named(a, same, len);
        y = attr_named(b, same, len);
        if (!x || !y || !same_value(x, y))
            return false;
    }
    return true;
}

/* ---- conditions ---- */

void conditions_end_round(struct rules *rules)
{
    for (size_t k = rules->policy->count; k < rules->reading_count; k++) {
        const struct rule_reading *reading = &rules->readings[k];

        if (!reading->now || (failed(reading->outcome) && reading->outcome.code != ERR_UNSUPPORTED))
            continue;
        for (struct instance **at = &rules->set.first[k]; *at;)
            if (!(*at)->fresh || failed(reading->outcome))
                instance_drop(&rules->set, at);
            else
                at = &(*at)->next_in_rule;
    }
}

static void see(struct rule_seen *seen, enum rule_truth holds, const struct instance *i)
{
    seen->holds = holds;
    seen->value = i->value;
    seen->metric = i->metric;
    seen->instance = i->name;
}

static void look_at_series(const struct instance *list, const struct instance *of, struct rule_seen *seen)
{
    const struct rule_condition *c = seen->condition;
    const struct rule_level      level = { .set = true, .raise = c->level, .clear = c->level };

    for (const struct instance *i = list; i && seen->holds != RULE_YES; i = i->next_in_rule) {
        if (!instances_agree(of, i, c->same))
            continue;
        if (c->test == RULE_ABSENT)
            see(seen, RULE_NO, i);
        else if (isnan(i->value))
            seen->holds = RULE_NOT_KNOWN;
        else if (verdict_of(c->test, &level, i->value) == VERDICT_BREACH)
            see(seen, RULE_YES, i);
        else if (seen->holds == RULE_NO)
            see(seen, RULE_NO, i);
    }
}

static void look(const struct rules *rules, const struct instance *of, size_t k, struct rule_seen *seen)
{
    const struct rule_reading *reading = &rules->readings[k];
    const bool                 missed = failed(reading->outcome) && reading->outcome.code != ERR_UNSUPPORTED;

    if (missed) {
        seen->holds = RULE_NOT_KNOWN;
        seen->why = reading->outcome;
        return;
    }
    look_at_series(rules->set.first[k], of, seen);
    if (seen->holds == RULE_NOT_KNOWN)
        seen->why = err_of(ERR_MALFORMED, "what was read is no number");
    else if (seen->condition->test == RULE_ABSENT && !seen->metric)
        seen->holds = RULE_YES;
}

/* NO is stronger than NOT_KNOWN, and that than YES. */
static enum rule_truth both(enum rule_truth a, enum rule_truth b)
{
    if (a == RULE_NO || b == RULE_NO)
        return RULE_NO;
    return a == RULE_YES ? b : a;
}

static enum rule_truth either(enum rule_truth a, enum rule_truth b)
{
    if (a == RULE_YES || b == RULE_YES)
        return RULE_YES;
    return a == RULE_NO ? b : a;
}

enum rule_truth conditions_of(const struct rules *rules, const struct instance *i, struct rule_seen *into)
{
    const struct rule *rule = &rules->policy->rules[i->rule];
    enum rule_truth    all = RULE_YES, any = rule->any_count ? RULE_NO : RULE_YES;

    for (size_t c = 0; c < rule->all_count + rule->any_count; c++) {
        struct rule_seen seen = { .condition = &rule->conditions[c], .value = NAN, .instance = "", .why = err_ok() };

        look(rules, i, rules->conditions[i->rule] + c, &seen);
        if (c < rule->all_count)
            all = both(all, seen.holds);
        else
            any = either(any, seen.holds);
        if (into)
            into[c] = seen;
    }
    return both(all, any);
}

enum verdict conditions_weigh(enum rule_truth met, enum verdict verdict)
{
    if (met == RULE_NO)
        return VERDICT_OVER;
    return met == RULE_YES || verdict == VERDICT_OVER ? verdict : VERDICT_UNKNOWN;
}
