#include "agent/collect/rate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct rate_row {
    char     name[RATE_NAME_MAX];
    uint64_t counters[RATE_COUNTERS_MAX];
    uint64_t at_ms;
    bool     met;
};

static const char step[] = "remembering counters";

void rates_begin(struct rates *r, uint64_t now_ms)
{
    r->now_ms = now_ms;
}

static struct rate_row *find(const struct rates *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->rows[i].name, name) == 0)
            return &r->rows[i];
    return NULL;
}

static struct err add(struct rates *r, const char *name, struct rate_row **ret)
{
    if (strlen(name) >= RATE_NAME_MAX || r->count == RATE_THINGS_MAX)
        return err_of(ERR_TOO_BIG, step);
    if (r->count == r->room) {
        size_t           room = r->room ? r->room * 2 : 2;
        struct rate_row *rows = realloc(r->rows, room * sizeof *rows);

        if (!rows)
            return err_of(ERR_NO_MEMORY, step);
        r->rows = rows;
        r->room = room;
    }
    *ret = &r->rows[r->count++];
    strcpy((*ret)->name, name);
    return err_ok();
}

static void remember(struct rate_row *row, const uint64_t *counters, size_t count, uint64_t now_ms)
{
    memcpy(row->counters, counters, count * sizeof *counters);
    row->at_ms = now_ms;
    row->met = true;
}

struct err rates_put(struct rates *r, const char *name, const uint64_t *counters, size_t count, double *ret_per_s,
                     bool *ret_known)
{
    struct rate_row *row = find(r, name);
    bool             known = true;
    double           elapsed_s;
    struct err       e = err_ok();

    assert(count <= RATE_COUNTERS_MAX);
    if (!row) {
        e = add(r, name, &row);
        if (failed(e))
            return e;
        remember(row, counters, count, r->now_ms);
        *ret_known = false;
        return e;
    }
    if (r->now_ms < row->at_ms + RATE_LEAST_MS) {
        row->met = true; /* what is remembered stays, so that the next reading has something to compare with */
        *ret_known = false;
        return e;
    }
    elapsed_s = (double)(r->now_ms - row->at_ms) / 1000;
    for (size_t i = 0; i < count; i++)
        if (counters[i] < row->counters[i])
            known = false;
        else
            ret_per_s[i] = (double)(counters[i] - row->counters[i]) / elapsed_s;
    remember(row, counters, count, r->now_ms);
    *ret_known = known;
    return e;
}

void rates_end(struct rates *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->count; i++) {
        if (!r->rows[i].met)
            continue;
        r->rows[kept] = r->rows[i];
        r->rows[kept++].met = false;
    }
    r->count = kept;
}

void rates_done(struct rates *r)
{
    free(r->rows);
    *r = (struct rates){ 0 };
}
