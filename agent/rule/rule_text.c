#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/rule/rules.h"
#include "proto/json.h"
#include "proto/text.h"

enum { WORD_MAX = 64, FILLED_MAX = 512 };

const char *rule_value_print(const struct rule *rule, const struct metric *metric, double value, char *into, size_t size)
{
    static const char *const units[] = { [0] = "/s", [1] = "/min", [2] = "/h", [3] = "/d" };
    uint32_t                 per_s = rule ? rule->rate.per_s : 0;
    size_t                   len;

    if (isnan(value))
        snprintf(into, size, "unknown");
    else if (metric)
        metric_print(metric, value, into, size);
    else
        snprintf(into, size, "%g", value);
    len = strlen(into);
    if (per_s && !isnan(value))
        snprintf(into + len, size - len, "%s", units[(per_s >= 60) + (per_s >= 3600) + (per_s >= 86400)]);
    return into;
}

const char *rule_seen_print(const struct rule_seen *seen, char *into, size_t size)
{
    static const char *const tests[] = { [RULE_ABOVE] = "above", [RULE_BELOW] = "below", [RULE_EQUALS] = "equal to" };
    const struct rule_condition *c = seen->condition;
    char                         value[WORD_MAX], level[WORD_MAX];

    if (seen->holds == RULE_NOT_KNOWN)
        snprintf(into, size, "%s is unknown", c->metric);
    else if (isnan(seen->value))
        snprintf(into, size, "%s is absent", c->metric);
    else if (c->test == RULE_ABSENT)
        snprintf(into, size, "%s is reported", c->metric);
    else
        snprintf(into, size, "%s%s%s is %s (%s%s %s)", c->metric, seen->instance[0] ? " of " : "", seen->instance,
                 rule_value_print(NULL, seen->metric, seen->value, value, sizeof value),
                 seen->holds == RULE_YES ? "" : "not ", tests[c->test],
                 rule_value_print(NULL, seen->metric, c->level, level, sizeof level));
    return into;
}

const char *rule_flapped_print(const struct rule_flapped *flapped, char *into, size_t size)
{
    static const struct metric duration = { .unit = UNIT_SECONDS };
    char                       in[WORD_MAX];

    into[0] = '\0';
    if (flapped->times)
        snprintf(into, size, "flapping, %u times in %s", flapped->times,
                 metric_print(&duration, flapped->in_s, in, sizeof in));
    return into;
}

static const char *number(const struct rule_event *event, double value, char *into, size_t size)
{
    bool absent = event->change == RULE_GONE || (event->rule && event->rule->test == RULE_ABSENT);

    if (isnan(value) && absent)
        snprintf(into, size, "absent");
    else
        rule_value_print(event->rule, event->metric, value, into, size);
    return into;
}

static const char *attribute(const struct rule_event *event, const char *word)
{
    for (size_t a = 0; a < event->attr_count; a++) {
        const char *key = event->attrs[a].key, *dot = strrchr(key, '.');

        if (strcmp(key, word) == 0 || (dot && strcmp(dot + 1, word) == 0))
            return event->attrs[a].value;
    }
    return NULL;
}

/* NULL: there is no such placeholder here. scratch holds what has to be printed. */
static const char *meaning(const char *word, const struct rule_event *event,
                           const struct rule_text *more, char *scratch, size_t size)
{
    static const struct metric duration = { .unit = UNIT_SECONDS };
    const struct {
        const char *word, *text;
    } fixed[] = {
        { "device", more && more->device ? more->device : "" },
        { "since", more && more->since ? more->since : "" },
        { "severity", severity_name(event->severity) },
        { "rule", event->rule_name },
        { "metric", event->rule ? event->rule->metric : "" },
        { "instance", event->instance },
    };

    if (strcmp(word, "value") == 0)
        return number(event, event->value, scratch, size);
    if (strcmp(word, "forecast") == 0 && event->foreseen)
        return metric_print(&duration, event->until_s, scratch, size);
    if (strcmp(word, "level") == 0)
        return number(event, event->level, scratch, size);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(word, fixed[i].word) == 0)
            return fixed[i].text;
    return attribute(event, word);
}

/* The placeholder at text, braces and all; 0 if none stands there. */
static size_t placeholder_len(const char *text, char word[WORD_MAX])
{
    size_t len = text[0] == '{' ? strcspn(text + 1, "{}\n ") : 0;

    if (len == 0 || len >= WORD_MAX || text[1 + len] != '}')
        return 0;
    memcpy(word, text + 1, len);
    word[len] = '\0';
    return len + 2;
}

void rule_text_fill(const char *text, const struct rule_event *event, const struct rule_text *more,
                    char *into, size_t size)
{
    size_t out = 0;

    into[0] = '\0';
    while (*text) {
        char        word[WORD_MAX], scratch[64], filled[FILLED_MAX];
        size_t      len = placeholder_len(text, word), before = out;
        const char *means = len ? meaning(word, event, more, scratch, sizeof scratch) : NULL;

        if (means) {
            utf8_copy(filled, sizeof filled, means, strlen(means));
            text_blank_controls(filled);
            means = filled;
        } else { /* as it is written, up to where the next may stand */
            means = text;
            len = 1 + strcspn(text + 1, "{");
        }
        out += utf8_copy(into + out, size - out, means, means == text ? len : strlen(means));
        if (out - before < (means == text ? len : strlen(means)))
            return;
        text += len;
    }
}
