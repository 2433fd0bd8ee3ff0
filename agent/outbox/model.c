#include "agent/outbox/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 8 };

/* ---- texts behind a struct ---- */

struct piece {
    const char **field;
    const char  *text;
    size_t       most; /* bytes with the NUL; longer is cut at a character */
};

static size_t piece_len(const struct piece *p)
{
    size_t len = p->text ? strnlen(p->text, p->most) : 0;

    if (len < p->most)
        return len;
    len = p->most - 1;
    while (len && ((unsigned char)p->text[len] & 0xc0) == 0x80)
        len--;
    return len;
}

static size_t pieces_len(const struct piece *pieces, size_t count)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += piece_len(&pieces[i]) + 1;
    return len;
}

static void pieces_copy(const struct piece *pieces, size_t count, char *into)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = piece_len(&pieces[i]);

        if (len)
            memcpy(into, pieces[i].text, len);
        into[len] = '\0';
        *pieces[i].field = into;
        into += len + 1;
    }
}

/* ---- alerts ---- */

/* Where id is, or would be. */
static size_t place_of(const struct model *m, int64_t id)
{
    size_t low = 0, high = m->alert_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (m->alerts[middle]->alert.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct kept_alert *model_alert(const struct model *m, int64_t id)
{
    size_t i = place_of(m, id);

    return i < m->alert_count && m->alerts[i]->alert.id == id ? m->alerts[i] : NULL;
}

static struct kept_alert *alert_copy(const struct alert *from)
{
    struct alert       to = *from;
    const struct piece pieces[] = {
        { &to.rule, from->rule, RULE_NAME_MAX + 1 }, { &to.instance, from->instance, INSTANCE_MAX },
        { &to.ref, from->ref, ALERT_REF_MAX },       { &to.title, from->title, TITLE_MAX },
        { &to.facts, from->facts, FACTS_MAX },       { &to.change, from->change, TITLE_MAX },
    };
    struct kept_alert *a = malloc(sizeof *a + pieces_len(pieces, ARRAY_LEN(pieces)));

    if (!a)
        return NULL;
    pieces_copy(pieces, ARRAY_LEN(pieces), a->text);
    a->alert = to;
    a->saved = UNSAVED;
    a->retired = false;
    a->deliveries = NULL;
    return a;
}

static void alert_free(struct kept_alert *a)
{
    for (struct kept_delivery *d = a->deliveries, *next; d; d = next) {
        next = d->next;
        free(d);
    }
    free(a);
}

static bool alerts_grow(struct model *m)
{
    size_t              room = m->alert_room ? m->alert_room * 2 : FIRST_ROOM;
    struct kept_alert **grown;

    if (m->alert_count < m->alert_room)
        return true;
    grown = realloc(m->alerts, room * sizeof(struct kept_alert *));
    if (!grown)
        return false;
    m->alerts = grown;
    m->alert_room = room;
    return true;
}

struct kept_alert *model_alert_put(struct model *m, const struct alert *alert)
{
    size_t             i = place_of(m, alert->id);
    bool               there = i < m->alert_count && m->alerts[i]->alert.id == alert->id;
    struct kept_alert *a = there || alerts_grow(m) ? alert_copy(alert) : NULL;

    if (!a)
        return NULL;
    if (there) {
        a->deliveries = m->alerts[i]->deliveries;
        m->alerts[i]->deliveries = NULL;
        alert_free(m->alerts[i]);
    } else {
        memmove(m->alerts + i + 1, m->alerts + i, (m->alert_count - i) * sizeof(struct kept_alert *));
        m->alert_count++;
    }
    m->alerts[i] = a;
    if (alert->id > m->last_alert)
        m->last_alert = alert->id;
    return a;
}

void model_alert_remove(struct model *m, size_t index)
{
    alert_free(m->alerts[index]);
    m->alert_count--;
    memmove(m->alerts + index, m->alerts + index + 1, (m->alert_count - index) * sizeof(struct kept_alert *));
}

/* ---- deliveries ---- */

static struct kept_delivery **delivery_at(struct kept_delivery **list, const char *upstream)
{
    while (*list && strcmp((*list)->upstream, upstream) != 0)
        list = &(*list)->next;
    return list;
}

struct kept_delivery *model_delivery(const struct kept_alert *a, const char *upstream)
{
    struct kept_delivery *first = a->deliveries;

    return *delivery_at(&first, upstream);
}

struct kept_delivery *model_delivery_put(struct kept_alert *a, const struct delivery *from)
{
    struct kept_delivery   to = { .saved = UNSAVED, .told_revision = from->told_revision };
    struct kept_delivery **at = delivery_at(&a->deliveries, from->upstream), *d;
    const struct piece     pieces[] = {
            { &to.upstream, from->upstream, sizeof from->upstream },
            { &to.ticket_id, from->ticket_id, sizeof from->ticket_id },
            { &to.ticket_url, from->ticket_url, sizeof from->ticket_url },
            { &to.note, from->note, sizeof from->note },
    };

    d = malloc(sizeof *d + pieces_len(pieces, ARRAY_LEN(pieces)));
    if (!d)
        return NULL;
    pieces_copy(pieces, ARRAY_LEN(pieces), d->text);
    to.told_cleared = from->told_cleared;
    to.maybe_created = from->maybe_created;
    to.next = *at ? (*at)->next : NULL;
    free(*at);
    memcpy(d, &to, offsetof(struct kept_delivery, text));
    *at = d;
    return d;
}

/* ---- tickets and notes ---- */

struct kept_ticket *model_ticket(const struct model *m, int64_t number)
{
    struct kept_ticket *t = m->tickets;

    while (t && t->number != number)
        t = t->next;
    return t;
}

struct kept_ticket *model_ticket_put(struct model *m, const struct desk_ticket *from)
{
    struct kept_ticket to = { .saved = UNSAVED, .number = from->number }, *t, **at = &m->tickets;
    const struct piece pieces[] = {
        { &to.ref, from->ref, sizeof from->ref },
        { &to.title, from->title, sizeof from->title },
        { &to.body, from->text, sizeof from->text },
    };

    t = malloc(sizeof *t + pieces_len(pieces, ARRAY_LEN(pieces)));
    if (!t)
        return NULL;
    pieces_copy(pieces, ARRAY_LEN(pieces), t->text);
    to.open = from->open;
    to.touched = from->touched;
    to.severity = from->severity;
    to.opened_ms = from->opened_ms;
    to.changed_ms = from->changed_ms;
    to.closed_ms = from->closed_ms;
    while (*at && (*at)->number > from->number)
        at = &(*at)->next;
    to.next = *at;
    if (*at && (*at)->number == from->number) {
        to.next = (*at)->next;
        free(*at);
    }
    memcpy(t, &to, offsetof(struct kept_ticket, text));
    *at = t;
    if (from->number > m->last_ticket)
        m->last_ticket = from->number;
    return t;
}

struct kept_note *model_note_add(struct model *m, int64_t ticket, const struct desk_note *from)
{
    struct kept_note   to = { .saved = UNSAVED, .ticket = ticket, .at_ms = from->at_ms };
    struct kept_note  *n, **at = &m->notes;
    const struct piece pieces[] = {
        { &to.author, from->author, sizeof from->author },
        { &to.body, from->text, sizeof from->text },
    };

    n = malloc(sizeof *n + pieces_len(pieces, ARRAY_LEN(pieces)));
    if (!n)
        return NULL;
    pieces_copy(pieces, ARRAY_LEN(pieces), n->text);
    memcpy(n, &to, offsetof(struct kept_note, text));
    while (*at)
        at = &(*at)->next;
    *at = n;
    return n;
}

/* ---- what is saved ---- */

typedef void mark_fn(enum saved *mark, void *context);

static void each_mark(const struct model *m, mark_fn *each, void *context)
{
    for (size_t i = 0; i < m->alert_count; i++) {
        each(&m->alerts[i]->saved, context);
        for (struct kept_delivery *d = m->alerts[i]->deliveries; d; d = d->next)
            each(&d->saved, context);
    }
    for (struct kept_ticket *t = m->tickets; t; t = t->next)
        each(&t->saved, context);
    for (struct kept_note *n = m->notes; n; n = n->next)
        each(&n->saved, context);
    for (struct kept_block *b = m->blocks; b; b = b->next)
        each(&b->saved, context);
    for (size_t i = 0; i < m->cursor_count; i++)
        each((enum saved *)(uintptr_t)&m->cursors[i].saved, context);
}

static void settle(enum saved *mark, void *context)
{
    if (*mark == WRITTEN)
        *mark = *(const bool *)context ? SAVED : UNSAVED;
}

static void unsave(enum saved *mark, void *context)
{
    (void)context;
    *mark = UNSAVED;
}

static void count_unsaved(enum saved *mark, void *context)
{
    if (*mark != SAVED)
        ++*(size_t *)context;
}

static bool all_saved(const struct kept_alert *a)
{
    const struct kept_delivery *d = a->deliveries;

    while (d && d->saved == SAVED)
        d = d->next;
    return a->saved == SAVED && !d;
}

static void drop_over(struct model *m)
{
    for (size_t i = m->alert_count; i-- > 0;)
        if (m->alerts[i]->retired && all_saved(m->alerts[i]))
            model_alert_remove(m, i);
    for (struct kept_ticket **at = &m->tickets, *t; (t = *at) != NULL;)
        if (t->saved == SAVED && !t->open) {
            *at = t->next;
            free(t);
        } else {
            at = &t->next;
        }
    for (struct kept_note *n = m->notes; n && n->saved == SAVED; n = m->notes) {
        m->notes = n->next;
        free(n);
    }
    for (struct kept_block *b = m->blocks; b && b->saved == SAVED; b = m->blocks) {
        m->blocks = b->next;
        free(b);
    }
    m->lost.count = 0; /* it was recorded with the rest */
}

void model_settle(struct model *m, bool committed)
{
    each_mark(m, settle, &committed);
    if (committed)
        drop_over(m);
}

void model_unsave(struct model *m)
{
    each_mark(m, unsave, NULL);
}

size_t model_unsaved(const struct model *m)
{
    size_t count = 0;

    each_mark(m, count_unsaved, &count);
    return count;
}

void model_trim(struct model *m, size_t most)
{
    size_t over = 0, closed = 0, notes = 0;

    for (size_t i = m->alert_count; i-- > 0;)
        if (!m->alerts[i]->alert.open && ++over > most)
            model_alert_remove(m, i);
    for (struct kept_ticket **at = &m->tickets, *t; (t = *at) != NULL;)
        if (!t->open && ++closed > most) {
            *at = t->next;
            free(t);
        } else {
            at = &t->next;
        }
    for (struct kept_note *n = m->notes; n; n = n->next)
        notes++;
    for (struct kept_note *n = m->notes; notes > most; n = m->notes, notes--) {
        m->notes = n->next;
        free(n);
    }
}

void model_done(struct model *m)
{
    while (m->alert_count)
        model_alert_remove(m, m->alert_count - 1);
    free(m->alerts);
    for (struct kept_ticket *t = m->tickets, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    for (struct kept_note *n = m->notes, *next; n; n = next) {
        next = n->next;
        free(n);
    }
    for (struct kept_block *b = m->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *m = (struct model){ 0 };
}
