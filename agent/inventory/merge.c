#include "agent/inventory/merge.h"

#include <string.h>

struct head {
    const struct inventory_side *side;
    int                          section;
    const char                  *row; /* NULL: at its end */
    size_t                       key_len;
};

struct merge {
    struct head           was, now;
    bool                  hides_entries[INVENTORY_SECTIONS], hides_values[INVENTORY_SECTIONS];
    inventory_differs_fn *differs;
    void                 *context;
};

/* Sections that this version does not know of are passed over. */
static struct err advance(struct head *h)
{
    struct err e;

    do
        e = h->side->next(h->side->context, &h->section, &h->row);
    while (!failed(e) && h->row && !inventory_kinds_of(h->section));
    if (!failed(e) && h->row)
        h->key_len = inventory_key_len(inventory_kinds_of(h->section), h->row);
    return e;
}

static int compare(const struct head *a, const struct head *b)
{
    size_t least = a->key_len < b->key_len ? a->key_len : b->key_len;
    int    by_bytes;

    if (!a->row || !b->row)
        return !a->row - !b->row;
    if (a->section != b->section)
        return a->section < b->section ? -1 : 1;
    by_bytes = memcmp(a->row, b->row, least);
    if (by_bytes)
        return by_bytes;
    return a->key_len == b->key_len ? 0 : a->key_len < b->key_len ? -1 : 1;
}

/* INVENTORY_INCOMPLETE is the first section, so what is missing of the others is known before they come. */
static void heed(struct merge *m)
{
    char        row[INVENTORY_ROW_MAX + 1];
    const char *fields[INVENTORY_FIELDS_MAX];
    int         section;

    if (m->now.section != INVENTORY_INCOMPLETE || strlen(m->now.row) > INVENTORY_ROW_MAX)
        return;
    strcpy(row, m->now.row);
    inventory_split(row, fields);
    section = inventory_section_of(fields[0]);
    m->hides_values[section] = true;
    if (strcmp(fields[3], "values") != 0)
        m->hides_entries[section] = true;
}

/* What is as it was although nobody could read it now. Too long for a row: only what could be read. */
static const char *with_hidden(const char *was, const char *now, char into[INVENTORY_ROW_MAX + 1])
{
    const char *row = now;
    size_t      n = 0;

    for (bool more = true; more;) {
        size_t      a = strcspn(was, "\t"), b = strcspn(now, "\t"), len = b ? b : a;
        const char *from = b ? now : was;

        more = now[b] == '\t';
        if (n + len + more > INVENTORY_ROW_MAX)
            return row;
        memcpy(into + n, from, len);
        n += len;
        if (more)
            into[n++] = '\t';
        was += a + (was[a] == '\t');
        now += b + more;
    }
    into[n] = '\0';
    return into;
}

static struct err both(struct merge *m)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(m->now.section);
    char                          filled[INVENTORY_ROW_MAX + 1];
    bool                          hidden = m->hides_values[m->now.section];
    const char                   *now = hidden ? with_hidden(m->was.row, m->now.row, filled) : m->now.row;

    if (strcmp(m->was.row, now) == 0)
        return err_ok();
    return m->differs(m->context, m->now.section, m->was.row, now, !inventory_same(kinds, m->was.row, now, hidden));
}

static struct err step(struct merge *m)
{
    int        order = compare(&m->was, &m->now);
    struct err e = err_ok();

    if (order >= 0)
        heed(m);
    if (order == 0)
        e = both(m);
    else if (order > 0)
        e = m->differs(m->context, m->now.section, NULL, m->now.row, true);
    else if (!m->hides_entries[m->was.section])
        e = m->differs(m->context, m->was.section, m->was.row, NULL, true);
    if (!failed(e) && order <= 0)
        e = advance(&m->was);
    if (!failed(e) && order >= 0)
        e = advance(&m->now);
    return e;
}

struct err inventory_merge(const struct inventory_side *was, const struct inventory_side *now,
                           inventory_differs_fn *differs, void *context)
{
    struct merge m = { .was.side = was, .now.side = now, .differs = differs, .context = context };
    struct err   e = advance(&m.was);

    if (!failed(e))
        e = advance(&m.now);
    while (!failed(e) && (m.was.row || m.now.row))
        e = step(&m);
    return e;
}
