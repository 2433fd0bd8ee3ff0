#include "platform/linux/verdicts.h"

#include <stdlib.h>
#include <string.h>

static struct verdict *find(struct verdicts *v, const char *name)
{
    for (size_t i = 0; i < v->count; i++) {
        struct verdict *row = &v->rows[(v->next + i) % v->count];

        if (strcmp(row->name, name) == 0) {
            v->next = (size_t)(row - v->rows) + 1;
            return row;
        }
    }
    return NULL;
}

/* NULL if there is no room. */
static struct verdict *add(struct verdicts *v, const char *name)
{
    if (strlen(name) >= VERDICT_NAME_MAX || v->count == VERDICTS_MAX)
        return NULL;
    if (v->count == v->room) {
        size_t          room = v->room ? v->room * 2 : 8;
        struct verdict *rows = realloc(v->rows, room * sizeof *rows);

        if (!rows)
            return NULL;
        v->rows = rows;
        v->room = room;
    }
    strcpy(v->rows[v->count].name, name);
    return &v->rows[v->count++];
}

int verdicts_get(struct verdicts *v, const char *name, verdict_fn *ask)
{
    struct verdict *known = find(v, name);
    int             verdict;

    if (known) {
        known->met = true;
        return known->verdict;
    }
    verdict = ask(name);
    known = add(v, name);
    if (known) {
        known->verdict = verdict;
        known->met = true;
    }
    return verdict;
}

void verdicts_end(struct verdicts *v)
{
    size_t kept = 0;

    for (size_t i = 0; i < v->count; i++) {
        if (!v->rows[i].met)
            continue;
        v->rows[kept] = v->rows[i];
        v->rows[kept++].met = false;
    }
    v->count = kept;
    v->next = 0;
}

void verdicts_done(struct verdicts *v)
{
    free(v->rows);
    *v = (struct verdicts){ 0 };
}
