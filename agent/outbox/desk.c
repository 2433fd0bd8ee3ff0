#include "agent/outbox/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outbox/parts.h"
#include "platform/clock.h"

static const char OURSELVES[] = "picket";

/* ---- tickets in memory, then on disk ---- */

static void ticket_copy(const struct kept_ticket *from, struct desk_ticket *to)
{
    to->number = from->number;
    to->open = from->open;
    to->touched = from->touched;
    to->severity = from->severity;
    to->opened_ms = from->opened_ms;
    to->changed_ms = from->changed_ms;
    to->closed_ms = from->closed_ms;
    snprintf(to->ref, sizeof to->ref, "%s", from->ref);
    snprintf(to->title, sizeof to->title, "%s", from->title);
    snprintf(to->text, sizeof to->text, "%s", from->body);
}

struct err desk_ticket_get(struct outbox *o, int64_t number, struct desk_ticket *ret)
{
    const struct kept_ticket *t = model_ticket(&o->model, number);
    struct err                e;

    if (t) {
        ticket_copy(t, ret);
        return err_ok();
    }
    e = rows_ticket(&o->store, number, ret);
    store_idle(&o->store);
    if (failed(e) && e.code != ERR_NOT_FOUND)
        outbox_suspect(o, e);
    return e;
}

struct listing {
    const struct kept_ticket *next; /* of those in memory, newest first: they are newer than their rows */
    bool                      stopped;
    desk_ticket_fn           *each;
    void                     *context;
};

static void list_kept(struct listing *l)
{
    struct desk_ticket ticket;

    ticket_copy(l->next, &ticket);
    l->next = l->next->next;
    l->stopped = !l->each(l->context, &ticket);
}

static bool list_row(void *context, const struct desk_ticket *row)
{
    struct listing *l = context;

    while (!l->stopped && l->next && l->next->number > row->number)
        list_kept(l);
    if (!l->stopped && l->next && l->next->number == row->number)
        list_kept(l);
    else if (!l->stopped)
        l->stopped = !l->each(l->context, row);
    return !l->stopped;
}

static bool list_open(void *context, const struct desk_ticket *ticket)
{
    struct listing *l = context;

    return !ticket->open || l->each(l->context, ticket);
}

struct err desk_ticket_each(struct outbox *o, bool closed_too, desk_ticket_fn *each, void *context)
{
    struct listing open_only = { .each = each, .context = context };
    struct listing l = { .next = o->model.tickets, .each = each, .context = context };
    struct err     e = err_ok();

    if (!closed_too) {
        l.each = list_open;
        l.context = &open_only;
    } else if (o->store.state == STORE_OPEN) {
        e = rows_tickets(&o->store, list_row, &l);
        store_idle(&o->store);
    }
    while (!l.stopped && l.next)
        list_kept(&l);
    if (failed(e))
        outbox_suspect(o, e);
    return e;
}

struct err desk_note_each(struct outbox *o, int64_t number, desk_note_fn *each, void *context)
{
    bool       stopped = false;
    struct err e = err_ok();

    if (o->store.state == STORE_OPEN) {
        e = rows_notes(&o->store, number, each, context, &stopped);
        store_idle(&o->store);
    }
    for (const struct kept_note *n = o->model.notes; n && !stopped; n = n->next) {
        struct desk_note note = { .at_ms = n->at_ms };

        if (n->ticket != number)
            continue;
        snprintf(note.author, sizeof note.author, "%s", n->author);
        snprintf(note.text, sizeof note.text, "%s", n->body);
        stopped = !each(context, &note);
    }
    if (failed(e))
        outbox_suspect(o, e);
    return e;
}

/* ---- changes ---- */

static struct err note(struct outbox *o, int64_t number, const char *author, int64_t at_ms, const char *text)
{
    struct desk_note n = { .at_ms = at_ms };

    snprintf(n.author, sizeof n.author, "%s", author);
    snprintf(n.text, sizeof n.text, "%s", text);
    return model_note_add(&o->model, number, &n) ? err_ok() : err_of(ERR_NO_MEMORY, "keeping a note");
}

static struct err keep(struct outbox *o, const struct desk_ticket *ticket)
{
    return model_ticket_put(&o->model, ticket) ? err_ok() : err_of(ERR_NO_MEMORY, "keeping a ticket");
}

/* The one it was told to, or an open one with its ref. */
static struct err find(struct outbox *o, const struct alert *alert, const struct delivery *d, struct desk_ticket *ret)
{
    if (d->ticket_id[0])
        return desk_ticket_get(o, strtoll(d->ticket_id, NULL, 10), ret);
    for (const struct kept_ticket *t = o->model.tickets; t; t = t->next)
        if (t->open && strcmp(t->ref, alert->ref) == 0) {
            ticket_copy(t, ret);
            return err_ok();
        }
    return err_of(ERR_NOT_FOUND, "looking for a ticket");
}

static void fill(const struct outbox *o, const struct alert *alert, struct desk_ticket *ret)
{
    *ret = (struct desk_ticket){
        .number = o->model.last_ticket + 1,
        .open = true,
        .opened_ms = alert->raised_ms,
    };
    snprintf(ret->ref, sizeof ret->ref, "%s", alert->ref);
    snprintf(ret->title, sizeof ret->title, "%s", alert->title);
    snprintf(ret->text, sizeof ret->text, "%s", alert->facts);
}

/* The breach is over. */
static void end(const struct alert *alert, struct desk_ticket *ticket, struct delivery *d)
{
    const char *how = "closed";

    if (!ticket->open) {
        how = "was closed before";
    } else if (ticket->touched) {
        how = "left open: a person works on it";
    } else {
        ticket->open = false;
        ticket->closed_ms = alert->cleared_ms;
    }
    d->told_cleared = true;
    snprintf(d->note, sizeof d->note, "%s", how);
}

static struct err tell(struct outbox *o, const struct alert *alert, struct desk_ticket *ticket, bool found,
                       struct delivery *d)
{
    struct err e = err_ok();

    ticket->severity = alert->severity;
    ticket->changed_ms = alert->changed_ms;
    snprintf(d->ticket_id, sizeof d->ticket_id, "%lld", (long long)ticket->number);
    d->told_revision = alert->revision;
    if ((found || !alert->open) && alert->change[0])
        e = note(o, ticket->number, OURSELVES, alert->changed_ms, alert->change);
    if (!alert->open)
        end(alert, ticket, d);
    return failed(e) ? e : keep(o, ticket);
}

struct err desk_deliver(struct outbox *o, const struct alert *alert, const char *upstream)
{
    struct kept_alert *a = model_alert(&o->model, alert->id);
    struct desk_ticket ticket;
    struct delivery    d;
    struct err         e;

    if (!a)
        return err_of(ERR_NOT_FOUND, "telling the desk");
    outbox_delivery_get(o, alert->id, upstream, &d);
    if (d.told_revision >= alert->revision && (alert->open || d.told_cleared))
        return err_ok();
    e = find(o, alert, &d, &ticket);
    if (failed(e) && e.code != ERR_NOT_FOUND)
        return e;
    if (failed(e) && d.ticket_id[0] && !alert->open) {
        d.told_revision = alert->revision;
        d.told_cleared = true;
        snprintf(d.note, sizeof d.note, "the ticket was gone");
        e = err_ok();
    } else {
        bool found = !failed(e);

        if (!found)
            fill(o, alert, &ticket);
        e = tell(o, alert, &ticket, found, &d);
    }
    if (!failed(e) && !model_delivery_put(a, &d))
        e = err_of(ERR_NO_MEMORY, "telling the desk");
    outbox_save(o, true);
    return e;
}

/* ---- a person's doing ---- */

static struct err person(struct outbox *o, struct desk_ticket *ticket, const char *author, const char *text)
{
    int64_t    now = plat_clock_wall_ms();
    struct err e = note(o, ticket->number, author, now, text);

    if (failed(e))
        return e;
    ticket->touched = true;
    ticket->changed_ms = now;
    e = keep(o, ticket);
    outbox_save(o, true);
    return e;
}

struct err desk_note_add(struct outbox *o, int64_t number, const char *author, const char *text)
{
    struct desk_ticket ticket;
    struct err         e = desk_ticket_get(o, number, &ticket);

    return failed(e) ? e : person(o, &ticket, author, text);
}

static struct err set_open(struct outbox *o, int64_t number, const char *author, bool open, const char *text)
{
    struct desk_ticket ticket;
    struct err         e = desk_ticket_get(o, number, &ticket);

    if (failed(e) || ticket.open == open)
        return e;
    ticket.open = open;
    ticket.closed_ms = open ? 0 : plat_clock_wall_ms();
    return person(o, &ticket, author, text);
}

struct err desk_close(struct outbox *o, int64_t number, const char *author)
{
    return set_open(o, number, author, false, "closed");
}

struct err desk_reopen(struct outbox *o, int64_t number, const char *author)
{
    return set_open(o, number, author, true, "reopened");
}
