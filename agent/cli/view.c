#include "agent/cli/view.h"

#include <inttypes.h>
#include <string.h>

#include "agent/cli/print.h"
#include "agent/control/talk.h"
#include "platform/clock.h"

enum { TAMED_MAX = 720 };

static void print_agent(struct view *v, const void *value)
{
    const struct talk_agent *a = value;
    char                     name[TAMED_MAX], text[TAMED_MAX], since[CLOCK_TEXT_BYTES];

    fprintf(v->out, "picket %s on %s, since %s\n", a->version, text_tame(a->device_name, name, sizeof name),
            plat_clock_print(a->started, since));
    fprintf(v->out, "  device         %s\n", a->device_id);
    fprintf(v->out, "  warden         process %" PRIu64 " as %s, every %" PRIu64 " s\n", a->process, a->user,
            a->period_s);
    if (a->courier_process)
        fprintf(v->out, "  courier        process %" PRIu64 " as %s; %s\n", a->courier_process, a->courier_user,
                a->courier_confinement);
    fprintf(v->out, "  configuration  %s\n", text_tame(a->configuration, text, sizeof text));
    if (a->configuration_error[0])
        fprintf(v->out, "                 NOT RELOADED: %s\n",
                text_tame(a->configuration_error, text, sizeof text));
    if (a->durable)
        fprintf(v->out, "  outbox         on disk, %" PRIu64 " kB\n", (a->outbox_bytes + 1023) / 1024);
    else
        fprintf(v->out, "  outbox         IN MEMORY ONLY (%" PRIu64 " changes unsaved): %s\n", a->unsaved,
                text_tame(a->durable_why, text, sizeof text));
    if (a->set_aside[0])
        fprintf(v->out, "                 a damaged one was set aside: %s\n",
                text_tame(a->set_aside, text, sizeof text));
}

static void print_upstream(struct view *v, const void *value)
{
    const struct talk_upstream *u = value;
    char                        why[TAMED_MAX];

    fprintf(v->out, "  %-16s %-10s %" PRIu64 " waiting%s%s\n", u->name, u->state, u->waiting, u->why[0] ? ": " : "",
            text_tame(u->why, why, sizeof why));
}

static void print_alert(struct view *v, const void *value)
{
    const struct talk_alert *a = value;
    char                     title[TAMED_MAX], since[CLOCK_TEXT_BYTES];

    fprintf(v->out, "  %-9s since %s  %s\n", a->open ? a->severity : "cleared", plat_clock_print(a->raised, since),
            text_tame(a->title, title, sizeof title));
}

static void print_rule(struct view *v, const void *value)
{
    const struct talk_rule *r = value;
    char                    instance[TAMED_MAX];

    if (!v->all && strcmp(r->state, "ok") == 0) {
        v->omitted++;
        return;
    }
    fprintf(v->out, "  %-9s %-20s %-28s %10s  (%s)%s%s\n", r->state, r->rule,
            text_tame(r->instance, instance, sizeof instance), r->value_text, r->limit_text,
            r->why[0] ? "  " : "", r->why);
}

static void print_collector(struct view *v, const void *value)
{
    const struct talk_collector *c = value;

    if (!v->all && strcmp(c->state, "ok") == 0) {
        v->omitted++;
        return;
    }
    fprintf(v->out, "  %-12s %-12s %s\n", c->name, c->state, c->why);
}

static void print_figure(struct view *v, const void *value)
{
    const struct talk_figure *f = value;
    char                      instance[TAMED_MAX];

    if (!v->all && !f->rule) {
        v->omitted++;
        return;
    }
    fprintf(v->out, "  %-36s %-30s %12s\n", f->name, text_tame(f->instance, instance, sizeof instance), f->text);
}

static void print_ticket(struct view *v, const void *value)
{
    const struct talk_ticket *t = value;
    char                      title[TAMED_MAX];

    fprintf(v->out, "  %-10s %-8s %-9s %-9s %s\n", t->upstream, t->id[0] ? t->id : "-", t->state, t->severity,
            text_tame(t->title, title, sizeof title));
}

static const struct section {
    const struct record *record;
    const char          *heading; /* NULL: none */
    const char          *omitted; /* what to say of those left out */
    void (*print)(struct view *v, const void *value);
} sections[] = {
    { &talk_agent_record, NULL, NULL, print_agent },
    { &talk_upstream_record, "UPSTREAMS", NULL, print_upstream },
    { &talk_alert_record, "ALERTS", NULL, print_alert },
    { &talk_ticket_record, "TICKETS", NULL, print_ticket },
    { &talk_rule_record, "RULES", "at rest", print_rule },
    { &talk_collector_record, "COLLECTORS", "fine", print_collector },
    { &talk_figure_record, "MEASURED", "more that no rule looks at", print_figure },
};

static const struct section *section_of(const struct record *record)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        if (sections[i].record == record)
            return &sections[i];
    return NULL;
}

static void end_section(struct view *v)
{
    const struct section *s = v->last ? section_of(v->last) : NULL;

    if (s && s->omitted && v->omitted)
        fprintf(v->out, "  %zu %s\n", v->omitted, s->omitted);
    v->omitted = 0;
}

void view_begin(struct view *v, FILE *out, bool all)
{
    *v = (struct view){ .out = out, .all = all };
}

void view_put(struct view *v, const struct record *record, const void *value)
{
    const struct section *s = section_of(record);

    if (!s)
        return;
    if (v->last != record) {
        end_section(v);
        if (s->heading)
            fprintf(v->out, "\n%s\n", s->heading);
        v->last = record;
    }
    s->print(v, value);
}

void view_end(struct view *v)
{
    end_section(v);
}
