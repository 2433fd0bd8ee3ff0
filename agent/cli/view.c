#include "agent/cli/view.h"

#include <inttypes.h>
#include <string.h>

#include "agent/cli/print.h"
#include "platform/clock.h"

enum { TAMED_MAX = 720, TEXT_MAX = 16 * 1024 * 1024 };

#define SAY(v, ...) (void)buf_printf(&(v)->text, __VA_ARGS__)

static void print_settled(struct view *v, const struct talk_agent *a)
{
    char text[TAMED_MAX], since[CLOCK_TEXT_BYTES];

    SAY(v, ", since %s\n", plat_clock_print(a->started, since));
    SAY(v, "  device         %s\n", a->device_id);
    SAY(v, "  warden         process %" PRIu64 " as %s, every %" PRIu64 " s\n", a->process, a->user, a->period_s);
    if (a->courier_process)
        SAY(v, "  courier        process %" PRIu64 " as %s; %s\n", a->courier_process, a->courier_user,
            a->courier_confinement);
    SAY(v, "  configuration  %s\n", text_tame(a->configuration, text, sizeof text));
}

static void print_age(struct view *v)
{
    enum table_tone tone = v->live->late ? TABLE_BAD : TABLE_DIM;

    SAY(v, "\n%s%s%s\n", table_style_on(&v->style, tone), v->live->age, table_style_off(&v->style, tone));
}

static void print_agent(struct view *v, const struct talk_agent *a)
{
    char text[TAMED_MAX];

    SAY(v, "picket %s on %s", a->version, text_tame(a->device_name, text, sizeof text));
    if (v->live)
        print_age(v);
    else
        print_settled(v, a);
    if (a->configuration_error[0])
        SAY(v, "%*sNOT RELOADED: %s\n", v->live ? 2 : 17, "", text_tame(a->configuration_error, text, sizeof text));
    if (a->quiet[0])
        SAY(v, "  quiet          %s\n", text_tame(a->quiet, text, sizeof text));
    if (!a->durable)
        SAY(v, "  outbox         IN MEMORY ONLY (%" PRIu64 " changes unsaved): %s\n", a->unsaved,
            text_tame(a->durable_why, text, sizeof text));
    else if (!v->live)
        SAY(v, "  outbox         on disk, %" PRIu64 " kB\n", (a->outbox_bytes + 1023) / 1024);
    if (a->set_aside[0])
        SAY(v, "                 a damaged one was set aside: %s\n", text_tame(a->set_aside, text, sizeof text));
}

static void put_number(struct view *v, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number);
    table_put(&v->table, TABLE_PLAIN, text);
}

static void put_time(struct view *v, int64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    table_put(&v->table, TABLE_PLAIN, plat_clock_print(wall_ms, text));
}

/* The states of rules, collectors, upstreams and alerts, by how they are felt. */
static enum table_tone tone_of(const char *state)
{
    static const struct {
        const char     *state;
        enum table_tone tone;
    } tones[] = {
        { "critical", TABLE_BAD },  { "refused", TABLE_BAD },  { "unusable", TABLE_BAD }, { "warning", TABLE_WARN },
        { "retrying", TABLE_WARN }, { "pending", TABLE_WARN }, { "held", TABLE_WARN },    { "failed", TABLE_WARN },
        { "unknown", TABLE_WARN },  { "ok", TABLE_GOOD },      { "cleared", TABLE_GOOD },
    };

    for (size_t i = 0; i < ARRAY_LEN(tones); i++)
        if (strcmp(tones[i].state, state) == 0)
            return tones[i].tone;
    return TABLE_PLAIN;
}

static bool put_upstream(struct view *v, const void *value)
{
    const struct talk_upstream *u = value;

    table_put(&v->table, TABLE_PLAIN, u->name);
    table_put(&v->table, tone_of(u->state), u->state);
    put_number(v, u->waiting);
    table_put(&v->table, TABLE_PLAIN, u->why);
    return true;
}

static bool put_alert(struct view *v, const void *value)
{
    const struct talk_alert *a = value;
    const char              *state = a->open ? a->severity : "cleared";

    table_put(&v->table, tone_of(state), state);
    put_time(v, a->raised);
    table_put(&v->table, TABLE_PLAIN, a->title);
    return true;
}

static bool put_ticket(struct view *v, const void *value)
{
    const struct talk_ticket *t = value;

    table_put(&v->table, TABLE_PLAIN, t->id[0] ? t->id : "-");
    table_put(&v->table, TABLE_PLAIN, t->upstream);
    table_put(&v->table, TABLE_PLAIN, t->state);
    table_put(&v->table, TABLE_PLAIN, t->title);
    return true;
}

static bool put_rule(struct view *v, const void *value)
{
    const struct talk_rule *r = value;

    if (!v->all && (strcmp(r->state, "ok") == 0 || strcmp(r->state, "unsupported") == 0))
        return false;
    table_put(&v->table, TABLE_PLAIN, r->rule);
    table_put(&v->table, TABLE_PLAIN, r->instance);
    table_put(&v->table, tone_of(r->state), r->state);
    table_put(&v->table, TABLE_PLAIN, r->value_text);
    table_put(&v->table, TABLE_PLAIN, r->limit_text);
    table_put(&v->table, TABLE_PLAIN, r->why);
    return true;
}

static bool put_collector(struct view *v, const void *value)
{
    const struct talk_collector *c = value;

    if (!v->all && strcmp(c->state, "ok") == 0)
        return false;
    table_put(&v->table, TABLE_PLAIN, c->name);
    table_put(&v->table, tone_of(c->state), c->state);
    table_put(&v->table, TABLE_PLAIN, c->why);
    return true;
}

static bool put_figure(struct view *v, const void *value)
{
    const struct talk_figure *f = value;

    if (!v->all && !f->rule)
        return false;
    table_put(&v->table, TABLE_PLAIN, f->name);
    table_put(&v->table, TABLE_PLAIN, f->instance);
    table_put(&v->table, TABLE_PLAIN, f->text);
    return true;
}

/* Whoever puts it has chosen it. Nearly every name begins with the same word. */
static bool put_live_figure(struct view *v, const void *value)
{
    static const char         common[] = "system.";
    const struct talk_figure *f = value;
    bool                      begins = strncmp(f->name, common, sizeof common - 1) == 0;
    char                      trail[VIEW_TRAIL_MAX];

    v->live->trail(v->live->context, f, trail);
    table_put(&v->table, TABLE_PLAIN, f->name + (begins ? sizeof common - 1 : 0));
    table_put(&v->table, TABLE_PLAIN, f->instance);
    table_put(&v->table, TABLE_PLAIN, trail);
    table_put(&v->table, TABLE_PLAIN, f->text);
    return true;
}

// clang-format off
/* put says whether it matters enough to be shown. */
static const struct section {
    const struct record *record;
    bool (*put)(struct view *v, const void *value);
    const char         *omitted; /* what to say of those left out; NULL: nothing is */
    size_t              column_count;
    struct table_column columns[TABLE_COLUMNS_MAX];
} sections[] = {
    { &talk_upstream_record, put_upstream, NULL, 4,
      { { .title = "UPSTREAM" }, { .title = "STATE" }, { .title = "WAITING", .to_right = true },
        { .title = "WHY", .gives = true } } },
    { &talk_alert_record, put_alert, NULL, 3,
      { { .title = "ALERT" }, { .title = "SINCE" }, { .title = "TITLE", .gives = true } } },
    { &talk_ticket_record, put_ticket, NULL, 4,
      { { .title = "TICKET" }, { .title = "UPSTREAM" }, { .title = "STATE" }, { .title = "TITLE", .gives = true } } },
    { &talk_rule_record, put_rule, "more at rest, or of what this system does not have (--all)", 6,
      { { .title = "RULE", .gives = true }, { .title = "INSTANCE", .gives = true }, { .title = "STATE" },
        { .title = "VALUE", .to_right = true }, { .title = "LIMIT", .gives = true }, { .title = "WHY", .gives = true } } },
    { &talk_collector_record, put_collector, "collectors are fine", 3,
      { { .title = "COLLECTOR" }, { .title = "STATE" }, { .title = "WHY", .gives = true } } },
    { &talk_figure_record, put_figure, "more that no rule looks at (--all)", 3,
      { { .title = "MEASURED" }, { .title = "INSTANCE", .gives = true }, { .title = "VALUE", .to_right = true } } },
};

static const struct section live_figures = {
    &talk_figure_record, put_live_figure, NULL, 4,
    { { .title = "MEASURED", .gives = true }, { .title = "INSTANCE", .gives = true }, { .title = "HISTORY" },
      { .title = "VALUE", .to_right = true } }
};
// clang-format on

static const struct section *section_of(const struct view *v, const struct record *record)
{
    if (v->live && record == live_figures.record)
        return &live_figures;
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (sections[i].record == record)
            return &sections[i];
    return NULL;
}

static void end_section(struct view *v)
{
    const struct section *s = v->last ? section_of(v, v->last) : NULL;

    if (!s || (v->live && !v->shown))
        return;
    SAY(v, "\n");
    if (v->shown)
        (void)table_print(&v->table, &v->style, &v->text);
    if (v->omitted && !v->live)
        SAY(v, "%zu %s\n", v->omitted, s->omitted);
}

void view_begin(struct view *v, struct table_style style, bool all)
{
    *v = (struct view){ .style = style, .all = all };
    buf_init(&v->text, TEXT_MAX);
}

void view_put(struct view *v, const struct record *record, const void *value)
{
    const struct section *s = section_of(v, record);

    if (record == &talk_agent_record)
        print_agent(v, value);
    if (!s)
        return;
    if (v->last != record) {
        end_section(v);
        v->last = record;
        v->shown = v->omitted = 0;
        table_begin(&v->table, s->columns, s->column_count);
    }
    if (s->put(v, value))
        v->shown++;
    else
        v->omitted++;
}

void view_finish(struct view *v)
{
    end_section(v);
    v->last = NULL;
}

void view_end(struct view *v, FILE *out)
{
    view_finish(v);
    if (out)
        fputs(buf_text(&v->text), out);
    buf_done(&v->text);
}
