#include "agent/cli/rules_test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/cli/print.h"
#include "agent/cli/table.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "proto/json_put.h"

/* ---- for people ---- */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static enum table_tone tone_of(enum severity severity)
{
    static const enum table_tone tones[] = {
        [SEVERITY_OK] = TABLE_GOOD,
        [SEVERITY_WARNING] = TABLE_WARN,
        [SEVERITY_CRITICAL] = TABLE_BAD,
    };

    return tones[severity];
}

/* The first of an alert says its title, the others what changed. */
static void put_change(struct table *t, const struct replay_result *r, size_t i)
{
    const struct replay_change *c = &r->changes[i];
    const struct replay_alert  *a = &r->alerts[c->alert];
    char                        after[DURATION_WORD_BYTES], at[CLOCK_TEXT_BYTES];
    int64_t                     wall_ms = a->raised_wall_ms + (int64_t)(c->at_ms - a->raised_ms);
    bool                        first = true;

    for (size_t n = 0; n < i && first; n++)
        first = r->changes[n].alert != c->alert;
    if (c->severity == SEVERITY_OK)
        wall_ms = a->cleared_wall_ms;
    table_put(t, TABLE_PLAIN, word_duration_print(c->at_ms / 1000 * 1000, after));
    table_put(t, TABLE_DIM, plat_clock_print(wall_ms, at));
    table_put(t, tone_of(c->severity), c->severity == SEVERITY_OK ? "cleared" : severity_name(c->severity));
    table_put(t, TABLE_PLAIN, a->rule);
    table_put(t, TABLE_PLAIN, a->instance);
    table_put(t, TABLE_PLAIN, first ? a->title : c->text);
}

static struct err print_changes(const struct replay_result *r)
{
    static const struct table_column columns[] = {
        { .title = "AFTER", .to_right = true }, { .title = "CLOCK" },
        { .title = "ALERT" },                   { .title = "RULE" },
        { .title = "INSTANCE", .gives = true }, { .title = "TITLE", .gives = true },
    };
    struct table t;

    table_begin(&t, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < r->change_count; i++)
        put_change(&t, r, i);
    return table_end(&t, stdout);
}

static void print_span(const char *what, uint64_t from_ms, uint64_t to_ms)
{
    char from[DURATION_WORD_BYTES], to[DURATION_WORD_BYTES];

    printf("%s %s..%s", what, word_duration_print(from_ms, from), word_duration_print(to_ms, to));
}

static void print_want(const struct want *w)
{
    char tamed[2 * INSTANCE_MAX];

    printf("  missed: %s %s, %s,", w->rule, text_tame(w->instance, tamed, sizeof tamed), severity_name(w->severity));
    print_span(" raised", w->raised_from_ms, w->raised_to_ms);
    if (w->stays)
        fputs(", stays", stdout);
    else
        print_span(", cleared", w->cleared_from_ms, w->cleared_to_ms);
    printf("%s%s\n", w->why[0] ? ": " : "", text_tame(w->why, tamed, sizeof tamed));
}

static void print_unwanted(const struct replay_alert *a)
{
    char tamed[2 * INSTANCE_MAX], raised[DURATION_WORD_BYTES], cleared[DURATION_WORD_BYTES];

    printf("  too many: %s %s, %s, raised %s, %s%s\n", a->rule, text_tame(a->instance, tamed, sizeof tamed),
           severity_name(a->worst), word_duration_print(a->raised_ms, raised), a->open ? "stays" : "cleared ",
           a->open ? "" : word_duration_print(a->cleared_ms, cleared));
}

static void print_wants(const struct replay_result *r)
{
    printf("Wanted %zu: missed %zu, too many %zu.\n", r->want_count, r->missed, r->too_many);
    for (size_t i = 0; i < r->want_count; i++)
        if (!r->wants[i].met)
            print_want(&r->wants[i]);
    for (size_t i = 0; i < r->alert_count; i++)
        if (r->alerts[i].want < 0)
            print_unwanted(&r->alerts[i]);
}

static void print_strange(const struct replay_result *r)
{
    char tamed[200];

    for (size_t i = 0; i < r->strange_count; i++)
        printf("Nothing looks at %s, and no collector yields it.\n", text_tame(r->strange[i], tamed, sizeof tamed));
}

struct err rules_test_print(const struct rules_test *test, const struct replay_result *r)
{
    char       lasted[DURATION_WORD_BYTES], tamed[2 * WANT_WHY_MAX];
    struct err e = err_ok();

    if (r->about[0])
        printf("%s\n", text_tame(r->about, tamed, sizeof tamed));
    printf("%s: %s, %" PRIu64 " round%s of %" PRIu64 " series; %s, %zu rule%s on\n\n", test->trace,
           word_duration_print(r->passed_ms / 1000 * 1000, lasted), r->counts.rounds, plural(r->counts.rounds),
           r->counts.series, test->policy, test->rules, plural(test->rules));
    if (r->change_count)
        e = print_changes(r);
    printf("%s%zu alert%s, %" PRIu64 " ticket%s. A bare threshold would have made %" PRIu64 " alert%s.\n",
           r->change_count ? "\n" : "", r->alert_count, plural(r->alert_count), r->tickets, plural(r->tickets), r->bare,
           plural(r->bare));
    if (r->wants_said)
        print_wants(r);
    print_strange(r);
    return e;
}

/* ---- for machines ---- */

static void put_time(struct json_put *j, const char *key, int64_t wall_ms)
{
    char at[CLOCK_TEXT_BYTES];

    json_put_text(j, key, plat_clock_print(wall_ms, at));
}

static void put_alert_changes(struct json_put *j, const struct replay_result *r, size_t alert)
{
    json_put_array(j, "changes");
    for (size_t i = 0; i < r->change_count; i++) {
        const struct replay_change *c = &r->changes[i];

        if (c->alert != alert)
            continue;
        json_put_object(j, NULL);
        json_put_number(j, "after_s", (double)c->at_ms / 1000);
        json_put_text(j, "severity", severity_name(c->severity));
        json_put_text(j, "text", c->text);
        json_put_end(j);
    }
    json_put_end(j);
}

static void put_alert(struct json_put *j, const struct replay_result *r, size_t i)
{
    const struct replay_alert *a = &r->alerts[i];

    json_put_object(j, NULL);
    json_put_text(j, "rule", a->rule);
    json_put_text(j, "instance", a->instance);
    json_put_text(j, "severity", severity_name(a->worst));
    json_put_text(j, "title", a->title);
    json_put_number(j, "raised_after_s", (double)a->raised_ms / 1000);
    put_time(j, "raised", a->raised_wall_ms);
    if (a->open)
        json_put_null(j, "cleared_after_s");
    else
        json_put_number(j, "cleared_after_s", (double)a->cleared_ms / 1000);
    if (a->open)
        json_put_null(j, "cleared");
    else
        put_time(j, "cleared", a->cleared_wall_ms);
    if (r->wants_said)
        json_put_flag(j, "wanted", a->want >= 0);
    put_alert_changes(j, r, i);
    json_put_end(j);
}

static void put_want(struct json_put *j, const struct want *w)
{
    json_put_object(j, NULL);
    json_put_text(j, "rule", w->rule);
    json_put_text(j, "instance", w->instance);
    json_put_text(j, "severity", severity_name(w->severity));
    json_put_text(j, "why", w->why);
    json_put_flag(j, "met", w->met);
    json_put_end(j);
}

static void put_wants(struct json_put *j, const struct replay_result *r)
{
    json_put_object(j, "wanted");
    json_put_whole(j, "missed", (int64_t)r->missed);
    json_put_whole(j, "too_many", (int64_t)r->too_many);
    json_put_array(j, "tickets");
    for (size_t i = 0; i < r->want_count; i++)
        put_want(j, &r->wants[i]);
    json_put_end(j);
    json_put_end(j);
}

static void put_result(struct json_put *j, const struct rules_test *test, const struct replay_result *r)
{
    json_put_object(j, NULL);
    json_put_text(j, "trace", test->trace);
    json_put_text(j, "about", r->about);
    json_put_text(j, "policy", test->policy);
    json_put_number(j, "lasted_s", (double)r->passed_ms / 1000);
    json_put_whole(j, "rounds", (int64_t)r->counts.rounds);
    json_put_whole(j, "series", (int64_t)r->counts.series);
    json_put_whole(j, "samples", (int64_t)r->counts.samples);
    json_put_array(j, "alerts");
    for (size_t i = 0; i < r->alert_count; i++)
        put_alert(j, r, i);
    json_put_end(j);
    json_put_whole(j, "tickets", (int64_t)r->tickets);
    json_put_whole(j, "bare_threshold_alerts", (int64_t)r->bare);
    if (r->wants_said)
        put_wants(j, r);
    json_put_array(j, "unknown_metrics");
    for (size_t i = 0; i < r->strange_count; i++)
        json_put_text(j, NULL, r->strange[i]);
    json_put_end(j);
    json_put_end(j);
}

struct err rules_test_json(const struct rules_test *test, const struct replay_result *result)
{
    struct json_put j;
    struct buf      text;
    struct err      e;

    buf_init(&text, 64 * 1024 * 1024);
    json_put_begin(&j, &text, true);
    put_result(&j, test, result);
    e = json_put_done(&j);
    if (!failed(e))
        fputs(buf_text(&text), stdout);
    buf_done(&text);
    return e;
}
