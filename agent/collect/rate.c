#include "agent/collect/rate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "proto/json.h"

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

/* How much counter i grew; false if it went back, other than one of 32 bits does that was full. */
static bool growth(const struct rates *r, size_t i, uint64_t from, uint64_t to, double *ret)
{
    const uint64_t full = (uint64_t)UINT32_MAX + 1;

    if (to < from) {
        if (!(r->narrow >> i & 1) || from < full / 4 * 3 || from >= full || to >= full / 4)
            return false;
        to += full;
    }
    *ret = (double)(to - from);
    return true;
}

static bool growths(const struct rates *r, const struct rate_row *row, const uint64_t *counters, size_t count,
                    double *ret)
{
    for (size_t i = 0; i < count; i++)
        if (!growth(r, i, row->counters[i], counters[i], &ret[i]))
            return false;
    return true;
}

struct err rates_put(struct rates *r, const char *name, const uint64_t *counters, size_t count, double *ret_per_s,
                     bool *ret_known)
{
    struct rate_row *row = find(r, name);
    bool             known;
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
    known = growths(r, row, counters, count, ret_per_s);
    for (size_t i = 0; i < count && known; i++)
        ret_per_s[i] /= elapsed_s;
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
    *r = (struct rates){ .narrow = r->narrow };
}

/* ---- a collector of devices ---- */

void rate_reading_begin(struct rate_reading *reading, struct rates *rates, struct sink *out)
{
    *reading = (struct rate_reading){ .rates = rates, .out = out, .err = err_ok() };
    rates_begin(rates, plat_clock_steady_ms());
}

bool rate_reading_put(struct rate_reading *reading, const char *key, const char *name, const uint64_t *counters,
                      size_t count)
{
    bool       known = false;
    struct err e = rates_put(reading->rates, key, counters, count, reading->per_s, &known);

    if (failed(e) && !failed(reading->err))
        reading->err = e;
    utf8_copy(reading->name, sizeof reading->name, name, strlen(name));
    return known && !failed(e);
}

struct err rate_reading_end(struct rate_reading *reading, struct err e)
{
    if (failed(e))
        return e;
    rates_end(reading->rates);
    return reading->err;
}

void rate_put_directions(const struct rate_reading *reading, const struct metric *metric, const struct direction *by,
                         double first, double second)
{
    struct attr attrs[] = { { by->device_key, reading->name }, { by->key, by->values[0] } };

    sink_put_at(reading->out, metric, first, attrs, 2);
    attrs[1].value = by->values[1];
    sink_put_at(reading->out, metric, second, attrs, 2);
}
