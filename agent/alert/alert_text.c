#include "agent/alert/alert_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/clock.h"
#include "proto/json.h"
#include "proto/text.h"

enum { VALUE_BYTES = 64, LINE_BYTES = 900 };

const char *alert_text_duration(int64_t ms, char into[DURATION_TEXT_BYTES])
{
    static const struct {
        int64_t     from_s, in_s;
        const char *name;
    } units[] = { { 2 * 86400, 86400, "days" }, { 7200, 3600, "h" }, { 120, 60, "min" }, { 0, 1, "s" } };

    if (ms < 0) {
        snprintf(into, DURATION_TEXT_BYTES, "an unknown time");
        return into;
    }
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (ms / 1000 >= units[i].from_s) {
            snprintf(into, DURATION_TEXT_BYTES, "%" PRId64 " %s", ms / 1000 / units[i].in_s, units[i].name);
            break;
        }
    return into;
}

static const char *value_print(const struct rule_event *event, double value, char into[VALUE_BYTES])
{
    return rule_value_print(event->rule, event->metric, value, into, VALUE_BYTES);
}

/* Cut at a character's border, on one line. */
static void put(char *into, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put(char *into, size_t size, const char *format, ...)
{
    char    whole[LINE_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(whole, sizeof whole, format, args);
    va_end(args);
    utf8_copy(into, size, whole, strlen(whole));
    text_blank_controls(into);
}

/* ---- the beginning ---- */

void alert_text_title(const struct alerts_options *device, const struct rule_event *event, int64_t since_ms,
                      char into[TITLE_MAX])
{
    char                   since[CLOCK_TEXT_BYTES];
    const struct rule_text more = { device->device_name, plat_clock_print(since_ms, since) };
    const char            *title = event->rule && event->rule->title ? event->rule->title : "";

    if (event->foreseen && event->rule && event->rule->forecast.title)
        title = event->rule->forecast.title;
    rule_text_fill(title[0] ? title : "{device}: {rule} {instance}", event, &more, into, TITLE_MAX);
}

/* A line that has no room any more is left out. */
static void line(struct buf *facts, const char *name, const char *text)
{
    char whole[LINE_BYTES];

    if (!text || !text[0])
        return;
    put(whole, sizeof whole, "%s: %s", name, text);
    (void)buf_printf(facts, "%s\n", whole); /* TOO_BIG adds nothing */
}

static void limit_line(struct buf *facts, const struct rule_event *event)
{
    static const char *const tests[] = { [RULE_ABOVE] = "above", [RULE_BELOW] = "below", [RULE_EQUALS] = "equal to" };
    const struct rule       *rule = event->rule;
    const struct rule_level *level;
    char                     value[VALUE_BYTES], held[DURATION_TEXT_BYTES], text[160];

    if (!rule)
        return;
    if (event->foreseen) {
        snprintf(text, sizeof text, "%s in %s, by the slope of the last days", value_print(event, event->level, value),
                 alert_text_duration((int64_t)event->until_s * 1000, held));
        line(facts, "Forecast", text);
        return;
    }
    level = event->severity == SEVERITY_CRITICAL && rule->critical.set ? &rule->critical : &rule->warning;
    if (rule->test == RULE_ABSENT)
        snprintf(text, sizeof text, "absent");
    else
        snprintf(text, sizeof text, "%s %s", tests[rule->test], value_print(event, event->level, value));
    if (level->for_s)
        snprintf(text + strlen(text), sizeof text - strlen(text), " for %s",
                 alert_text_duration((int64_t)level->for_s * 1000, held));
    line(facts, "Limit", text);
}

static void seen_line(struct buf *facts, const struct rule_event *event)
{
    const char *metric = event->metric ? event->metric->name : event->rule ? event->rule->metric : event->rule_name;
    const char *of = event->instance[0] ? " of " : "";
    char        value[VALUE_BYTES], text[LINE_BYTES - 64];

    if (isnan(event->value))
        snprintf(text, sizeof text, "%s%s%s is absent", metric, of, event->instance);
    else
        snprintf(text, sizeof text, "%s%s%s is %s", metric, of, event->instance,
                 value_print(event, event->value, value));
    line(facts, "Seen", text);
}

static void condition_lines(struct buf *facts, const struct rule_event *event)
{
    char text[LINE_BYTES - 64];

    for (size_t c = 0; c < event->seen_count; c++)
        if (event->seen[c].holds == RULE_YES)
            line(facts, "And", rule_seen_print(&event->seen[c], text, sizeof text));
}

/* As they led to it; one alone is what was seen. */
static void recent_line(struct buf *facts, const struct alerts_options *device, const struct rule_event *event)
{
    double values[BLOCK_RECENT];
    char   value[VALUE_BYTES], text[BLOCK_RECENT * (VALUE_BYTES + 2)] = "";
    size_t count = 0, len = 0;

    if (device->block && event->metric)
        count = block_recent(device->block, event->metric, event->attrs, event->attr_count, values);
    for (size_t i = 0; count > 1 && i < count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? ", " : "",
                                rule_value_print(NULL, event->metric, values[i], value, sizeof value));
    line(facts, "Recent", text);
}

void alert_text_facts(const struct alerts_options *device, const struct rule_event *event, const char *ref,
                      int64_t since_ms, char into[FACTS_MAX])
{
    char                   since[CLOCK_TEXT_BYTES], more_facts[RULE_TEXT_MAX * 2];
    const struct rule_text more = { device->device_name, plat_clock_print(since_ms, since) };
    struct buf             facts;

    buf_init(&facts, FACTS_MAX - 1);
    line(&facts, "Device", device->device_name);
    line(&facts, "Client", device->client);
    line(&facts, "Site", device->site);
    seen_line(&facts, event);
    recent_line(&facts, device, event);
    limit_line(&facts, event);
    condition_lines(&facts, event);
    line(&facts, "Severity", severity_name(event->severity));
    line(&facts, "Since", since);
    line(&facts, "Rule", event->rule_name);
    line(&facts, "Reference", ref);
    line(&facts, "Link", device->url);
    if (event->rule && event->rule->facts && event->rule->facts[0]) {
        rule_text_fill(event->rule->facts, event, &more, more_facts, sizeof more_facts);
        (void)buf_printf(&facts, "%s\n", more_facts);
    }
    snprintf(into, FACTS_MAX, "%s", buf_text(&facts));
    buf_done(&facts);
}

/* ---- changes ---- */

static void over(const struct rule_event *event, int64_t age_ms, char into[TITLE_MAX])
{
    char        lasted[DURATION_TEXT_BYTES], value[VALUE_BYTES];
    bool        absent = event->rule && event->rule->test == RULE_ABSENT;
    const char *after = alert_text_duration(age_ms, lasted);

    if (event->change == RULE_RETIRED)
        put(into, TITLE_MAX, "the rule was removed from the policy, after %s", after);
    else if (event->change == RULE_GONE)
        put(into, TITLE_MAX, "no longer there, after %s", after);
    else if (absent)
        put(into, TITLE_MAX, "there again after %s", after);
    else if (isnan(event->value))
        put(into, TITLE_MAX, "over after %s", after);
    else
        put(into, TITLE_MAX, "back to %s after %s", value_print(event, event->value, value), after);
}

static void tell(const struct alert *before, const struct rule_event *event, int64_t age_ms, char into[TITLE_MAX])
{
    char        now[VALUE_BYTES], was[VALUE_BYTES], lasted[DURATION_TEXT_BYTES];
    const char *severity = severity_name(event->severity);

    switch (event->change) {
    case RULE_RAISED:
    case RULE_WORSE:
    case RULE_BETTER:
        if (!before && event->foreseen)
            put(into, TITLE_MAX, "raised: %s, will be at %s in %s, %s", value_print(event, event->value, now),
                value_print(event, event->level, was), alert_text_duration((int64_t)event->until_s * 1000, lasted), severity);
        else if (!before)
            put(into, TITLE_MAX, "raised: %s, %s",
                isnan(event->value) ? "absent" : value_print(event, event->value, now), severity);
        else if (isnan(event->value))
            put(into, TITLE_MAX, "still absent, now %s", severity);
        else if (isnan(before->value))
            put(into, TITLE_MAX, "now %s, %s", value_print(event, event->value, now), severity);
        else
            put(into, TITLE_MAX, "now %s (was %s), %s", value_print(event, event->value, now),
                value_print(event, before->value, was), severity);
        return;
    default:
        over(event, age_ms, into);
    }
}

/* "; held until now, 3 changes: maintenance window nightly" */
static void add_held(const struct rule_event *event, char into[TITLE_MAX])
{
    char why[96], before[TITLE_MAX];

    memcpy(before, into, TITLE_MAX);
    put(into, TITLE_MAX, "%s; held until now, %u change%s: %s", before, event->held_changes,
        event->held_changes == 1 ? "" : "s", rule_held_print(event->held, event->held_by, why, sizeof why));
}

/* "; flapping, 3 times in 40 min: it stays open until it was calm for 60 min" */
static void add_flapped(const struct rule_event *event, char into[TITLE_MAX])
{
    bool ends = event->change == RULE_CLEARED || event->change == RULE_GONE || event->change == RULE_BETTER;
    char flapped[64], calm[DURATION_TEXT_BYTES], before[TITLE_MAX];

    memcpy(before, into, TITLE_MAX);
    rule_flapped_print(&event->flapped, flapped, sizeof flapped);
    if (ends)
        put(into, TITLE_MAX, "%s; it was %s", before, flapped);
    else
        put(into, TITLE_MAX, "%s; %s: open until calm for %s", before, flapped,
            alert_text_duration(1000 * (int64_t)event->rule->flapping.calm_s, calm));
}

void alert_text_change(const struct alert *before, const struct rule_event *event, int64_t age_ms, char into[TITLE_MAX])
{
    tell(before, event, age_ms, into);
    if (event->flapped.times)
        add_flapped(event, into);
    else if (event->held != RULE_NOT_HELD)
        add_held(event, into);
}

void alert_text_reminder(const struct alert *alert, const struct rule_view *now, int64_t age_ms, char into[TITLE_MAX])
{
    char        lasted[DURATION_TEXT_BYTES], value[VALUE_BYTES] = "", how_often[48] = "", why[96];
    const char *after = alert_text_duration(age_ms, lasted);

    if (alert->changes)
        snprintf(how_often, sizeof how_often, ", changed %" PRIu32 " time%s", alert->changes,
                 alert->changes == 1 ? "" : "s");
    if (now && failed(now->why))
        put(into, TITLE_MAX, "still open after %s%s; how it stands is unknown: %s", after, how_often,
            err_print(now->why, why, sizeof why));
    else if (now && !isnan(now->value))
        put(into, TITLE_MAX, "still %s after %s%s",
            rule_value_print(now->rule, now->metric, now->value, value, sizeof value), after, how_often);
    else
        put(into, TITLE_MAX, "still open after %s%s", after, how_often);
}
