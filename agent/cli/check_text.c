#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/cli/check.h"
#include "agent/cli/limits.h"
#include "agent/cli/print.h"
#include "agent/cli/table.h"
#include "agent/collect/checks.h"
#include "agent/collect/logs.h"
#include "platform/buf.h"

enum { SUMMARY_ROWS = 3 };

static const struct {
    const char     *name, *plugin_name;
    enum table_tone tone;
} states[] = {
    [CHECK_OK] = { "ok", "OK", TABLE_GOOD },
    [CHECK_WARNING] = { "warning", "WARNING", TABLE_WARN },
    [CHECK_CRITICAL] = { "critical", "CRITICAL", TABLE_BAD },
    [CHECK_UNKNOWN] = { "unknown", "UNKNOWN", TABLE_WARN },
};

const char *check_state_name(enum check_state state)
{
    return states[state].name;
}

const char *check_value_print(const struct check_row *row, char *into, size_t size)
{
    if (row->state == CHECK_UNKNOWN)
        return err_print(row->why, into, size);
    if (isnan(row->value))
        snprintf(into, size, "absent");
    else
        rule_value_print(row->rule, row->metric, row->value, into, size);
    return into;
}

/* ---- the first line ---- */

/* What is said of the worst; rows stand worst first. */
static void summary_text(const struct check *c, char *into, size_t size)
{
    size_t len = 0, bad = c->row_count - c->counts[CHECK_OK];
    char   value[160], tame[INSTANCE_MAX];

    into[0] = '\0';
    if (c->row_count == 0) {
        snprintf(into, size, "nothing was read that a rule looks at; picket check --verbose says why");
        return;
    }
    for (size_t i = 0; i < bad && i < SUMMARY_ROWS && len < size; i++) {
        const struct check_row *row = &c->rows[i];

        len += (size_t)snprintf(into + len, size - len, "%s%s%s%s %s", i ? ", " : "", row->rule->name,
                                row->instance[0] ? " " : "", text_tame(row->instance, tame, sizeof tame),
                                check_value_print(row, value, sizeof value));
    }
    if (bad > SUMMARY_ROWS && len < size)
        len += (size_t)snprintf(into + len, size - len, " and %zu more", bad - SUMMARY_ROWS);
    if (len < size)
        snprintf(into + len, size - len, "%s%zu ok", bad ? "; " : "", c->counts[CHECK_OK]);
}

void check_print_summary(const struct check *c, FILE *out)
{
    char text[1024];

    summary_text(c, text, sizeof text);
    fprintf(out, "%sPICKET %s%s - %s\n", table_tone_on(out, states[c->worst].tone), states[c->worst].plugin_name,
            table_tone_off(out, states[c->worst].tone), text);
}

/* ---- performance data: 'label'=value[unit];warning;critical ---- */

static const char *plugin_unit(const struct metric *metric, double *scale)
{
    *scale = 1;
    switch (metric->unit) {
    case UNIT_ONE:
        *scale = 100;
        return "%";
    case UNIT_BYTES:
        return "B";
    case UNIT_SECONDS:
        return "s";
    default:
        return "";
    }
}

/* A range of the plugins' guideline: "10" alerts above it, "10:" below. */
static void print_range(FILE *out, const struct rule *rule, const struct rule_level *level, double scale)
{
    fputc(';', out);
    if (level->set && rule->test == RULE_ABOVE)
        fprintf(out, "%.10g", level->raise * scale);
    else if (level->set && rule->test == RULE_BELOW)
        fprintf(out, "%.10g:", level->raise * scale);
}

/* Quotes, equal signs and bars would end a label. */
static void print_label(FILE *out, const struct check_row *row)
{
    char tame[INSTANCE_MAX];

    text_tame(row->instance, tame, sizeof tame);
    for (char *c = tame; *c; c++)
        if (strchr("'=|", *c))
            *c = *c == '=' ? ':' : '_';
    fprintf(out, " '%s%s%s'=", row->rule->name, tame[0] ? " " : "", tame);
}

void check_print_plugin(const struct check *c, FILE *out)
{
    char text[1024];

    summary_text(c, text, sizeof text);
    for (char *bar = text; (bar = strchr(bar, '|')) != NULL;)
        *bar = '_';
    fprintf(out, "PICKET %s - %s |", states[c->worst].plugin_name, text);
    for (size_t i = 0; i < c->row_count; i++) {
        const struct check_row *row = &c->rows[i];
        double                  scale;
        const char             *unit;

        if (row->state == CHECK_UNKNOWN || isnan(row->value) || !row->metric)
            continue;
        unit = plugin_unit(row->metric, &scale);
        print_label(out, row);
        fprintf(out, "%.10g%s", row->value * scale, unit);
        print_range(out, row->rule, &row->rule->warning, scale);
        print_range(out, row->rule, &row->rule->critical, scale);
    }
    fputc('\n', out);
}

/* ---- tables ---- */

static struct err print_rows(const struct check *c, FILE *out)
{
    static const struct table_column columns[] = {
        { .title = "STATE" },
        { .title = "RULE" },
        { .title = "INSTANCE", .gives = true },
        { .title = "VALUE", .to_right = true },
        { .title = "WARNING", .gives = true },
        { .title = "CRITICAL", .gives = true },
    };
    struct table t;

    table_begin(&t, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < c->row_count; i++) {
        const struct check_row *row = &c->rows[i];
        char                    text[160], limit[LIMIT_MAX];
        bool                    known = row->state != CHECK_UNKNOWN;

        table_put(&t, states[row->state].tone, states[row->state].name);
        table_put(&t, TABLE_PLAIN, row->rule->name);
        table_put(&t, TABLE_PLAIN, row->instance);
        table_put(&t, TABLE_PLAIN, known ? check_value_print(row, text, sizeof text) : "-");
        table_put(&t, TABLE_DIM, limit_print(row->rule, &row->rule->warning, limit));
        table_put(&t, TABLE_DIM, limit_print(row->rule, &row->rule->critical, limit));
    }
    if (c->row_count)
        fputc('\n', out);
    return table_end(&t, out);
}

static void print_conditions(const struct check *c, FILE *out)
{
    char tame[INSTANCE_MAX], text[sizeof c->rows->conditions];
    bool any = false;

    for (size_t i = 0; i < c->row_count; i++) {
        const struct check_row *row = &c->rows[i];

        if (!row->conditions[0])
            continue;
        fprintf(out, "%s  %s%s%s: %s\n", any ? "" : "\nConditions:\n", row->rule->name, row->instance[0] ? " " : "",
                text_tame(row->instance, tame, sizeof tame), text_tame(row->conditions, text, sizeof text));
        any = true;
    }
}

/* What the scripts of the configuration said, each in a line of its own. */
static struct err print_script_checks(FILE *out)
{
    static const struct table_column columns[] = { { .title = "CHECK" },
                                                   { .title = "STATE" },
                                                   { .title = "OUTPUT", .gives = true } };
    static const enum check_state    as[] = { [PLUGIN_OK] = CHECK_OK,
                                              [PLUGIN_WARNING] = CHECK_WARNING,
                                              [PLUGIN_CRITICAL] = CHECK_CRITICAL,
                                              [PLUGIN_UNKNOWN] = CHECK_UNKNOWN };
    struct check_view                view;
    struct table                     t;

    if (!checks_get(0, &view))
        return err_ok();
    table_begin(&t, columns, ARRAY_LEN(columns));
    for (size_t i = 0; checks_get(i, &view); i++) {
        table_put(&t, TABLE_PLAIN, view.name);
        table_put(&t, states[as[view.state]].tone, states[as[view.state]].name);
        table_put(&t, TABLE_PLAIN, view.text);
    }
    fputc('\n', out);
    return table_end(&t, out);
}

static struct err print_logs(FILE *out)
{
    static const struct table_column columns[] = {
        { .title = "LOG" },
        { .title = "LINES", .to_right = true },
        { .title = "MATCH", .to_right = true },
        { .title = "THE NEWEST", .gives = true },
    };
    struct log_view view;
    struct table    t;
    char            number[32];

    if (!logs_get(0, &view))
        return err_ok();
    table_begin(&t, columns, ARRAY_LEN(columns));
    for (size_t i = 0; logs_get(i, &view); i++) {
        table_put(&t, TABLE_PLAIN, view.name);
        snprintf(number, sizeof number, "%" PRIu64, view.lines);
        table_put(&t, TABLE_PLAIN, view.unreadable ? "" : number);
        snprintf(number, sizeof number, "%" PRIu64, view.matches);
        table_put(&t, TABLE_PLAIN, view.unreadable ? "" : number);
        table_put(&t, view.unreadable ? TABLE_WARN : TABLE_PLAIN, view.text);
    }
    fputc('\n', out);
    return table_end(&t, out);
}

static bool has_rule(const struct check *c, const struct figure *figure)
{
    for (size_t i = 0; i < c->row_count; i++)
        if (c->rows[i].metric == figure->metric && strcmp(c->rows[i].instance, figure->instance) == 0)
            return true;
    return false;
}

static struct err print_figures(const struct check *c, FILE *out)
{
    static const struct table_column columns[] = {
        { .title = "READ WITHOUT A RULE" },
        { .title = "INSTANCE", .gives = true },
        { .title = "VALUE", .to_right = true },
    };
    struct table t;

    table_begin(&t, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < figures_count(c->figures); i++) {
        const struct figure *f = figures_get(c->figures, i);
        char                 value[64];

        if (has_rule(c, f))
            continue;
        table_put(&t, TABLE_PLAIN, f->metric->name);
        table_put(&t, TABLE_PLAIN, f->instance);
        table_put(&t, TABLE_PLAIN, metric_print(f->metric, f->value, value, sizeof value));
    }
    fputc('\n', out);
    return table_end(&t, out);
}

/* unsupported: those that this machine cannot answer; otherwise those that failed. */
static void print_collectors(const struct check *c, bool unsupported, const char *title, FILE *out)
{
    char text[200];
    bool any = false;

    for (size_t i = 0; i < collector_count; i++) {
        if (!failed(c->outcomes[i]) || (c->outcomes[i].code == ERR_UNSUPPORTED) != unsupported)
            continue;
        fprintf(out, "%s  %s: %s\n", any ? "" : title, collectors[i]->name,
                unsupported ? c->outcomes[i].step : err_print(c->outcomes[i], text, sizeof text));
        any = true;
    }
}

static void print_asleep(const struct check *c, FILE *out)
{
    bool any = false;

    for (size_t i = 0; i < collector_count; i++) {
        if (c->asleep[i])
            fprintf(out, "%s%s", any ? ", " : "\nRead only on demand (--all):\n  ", collectors[i]->name);
        any = any || c->asleep[i];
    }
    if (any)
        fputc('\n', out);
}

/* Is there a breach that an agent would not raise yet? */
static bool is_hasty(const struct check *c)
{
    for (size_t i = 0; i < c->row_count; i++) {
        const struct check_row *row = &c->rows[i];

        if ((row->state == CHECK_WARNING && row->rule->warning.for_s) ||
            (row->state == CHECK_CRITICAL && row->rule->critical.for_s))
            return true;
    }
    return false;
}

struct err check_print_table(const struct check *c, bool verbose, FILE *out)
{
    struct err e = print_rows(c, out);

    print_conditions(c, out);
    if (!failed(e))
        e = print_script_checks(out);
    if (!failed(e))
        e = print_logs(out);
    if (is_hasty(c))
        fputs("\nLooked at once: an agent raises a breach only when it has lasted as long as its rule says.\n", out);
    print_collectors(c, false, "\nCould not be read:\n", out);
    if (c->quiet[0])
        fprintf(out, "\nQuiet now (%s): an agent would hold what it finds.\n", c->quiet);
    if (verbose && !failed(e)) {
        print_collectors(c, true, "\nNot on this system:\n", out);
        print_asleep(c, out);
        e = print_figures(c, out);
        fprintf(out, "\nConfiguration: %s\n", c->origin);
    }
    return e;
}
