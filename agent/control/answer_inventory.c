#include "agent/control/answers.h"

#include <stdio.h>
#include <string.h>

#include "agent/outbox/inventory.h"

struct showing {
    const struct answer_sink *to;
    bool                      secrets;
};

/* section was in a database: it may be none that we know. */
static void show(const struct showing *x, int section, const char *row, char *into, size_t size)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(section);

    snprintf(into, size, "%s", row);
    if (kinds && !x->secrets)
        inventory_blank(kinds, into);
}

static bool put_row(void *context, int section, const char *row)
{
    const struct showing     *x = context;
    struct talk_inventory_row t = { .section = (uint64_t)section };

    show(x, section, row, t.row, sizeof t.row);
    x->to->put(x->to->context, &talk_inventory_row_record, &t);
    return true;
}

struct err answer_inventory(const struct agent_state *s, bool secrets, const struct answer_sink *to)
{
    struct showing          x = { to, secrets };
    struct outbox_inventory kept;
    struct talk_inventory   t = { 0 };
    struct err              e = outbox_inventory_get(s->outbox, &kept);

    if (failed(e))
        return e;
    t.taken = kept.taken_ms;
    to->put(to->context, &talk_inventory_record, &t);
    return outbox_inventory_each(s->outbox, put_row, &x);
}

/* One that consists of what the asker may not see is none to him. */
static bool put_change(void *context, int64_t number, const struct inventory_change *change)
{
    const struct showing        *x = context;
    struct talk_inventory_change t = { .at = change->at_ms, .section = (uint64_t)change->section };

    (void)number;
    show(x, change->section, change->was, t.was, sizeof t.was);
    show(x, change->section, change->now, t.now, sizeof t.now);
    if (strcmp(t.was, t.now) != 0)
        x->to->put(x->to->context, &talk_inventory_change_record, &t);
    return true;
}

struct err answer_changes(const struct agent_state *s, int64_t from_ms, bool secrets, const struct answer_sink *to)
{
    struct showing x = { to, secrets };

    return outbox_inventory_changes(s->outbox, 0, from_ms, put_change, &x);
}
