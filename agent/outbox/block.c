#include "agent/outbox/block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/outbox/block_parts.h"

enum { ROUND_MS = 1000, VALUES_MAX = 8192 /* in one block, of all series */ };

struct err block_writer_new(struct block_writer **ret)
{
    struct block_writer *w = calloc(1, sizeof *w);

    if (!w)
        return err_of(ERR_NO_MEMORY, "preparing blocks of samples");
    *ret = w;
    return err_ok();
}

static void series_done(struct series *s)
{
    free(s->name);
    free(s->values);
    free(s->rounds);
}

void block_writer_free(struct block_writer **writer)
{
    struct block_writer *w = *writer;

    if (!w)
        return;
    for (size_t i = 0; i < w->series_count; i++)
        series_done(&w->series[i]);
    free(w->series);
    free(w);
    *writer = NULL;
}

/* ---- names ---- */

static struct err name_make(const struct sample *sample, struct buf *into)
{
    struct err e = buf_add(into, sample->metric->name, strlen(sample->metric->name) + 1);

    for (size_t i = 0; !failed(e) && i < sample->attr_count; i++) {
        if (attr_is_passing(sample->attrs[i].key))
            continue;
        e = buf_add(into, sample->attrs[i].key, strlen(sample->attrs[i].key) + 1);
        if (!failed(e))
            e = buf_add(into, sample->attrs[i].value, strlen(sample->attrs[i].value) + 1);
    }
    return e;
}

/* Without making a name of it: this runs for every sample. */
static bool is_of(const struct series *s, const struct sample *sample)
{
    const char *at = s->name, *end = s->name + s->name_len;

    if (s->metric != sample->metric)
        return false;
    at += strlen(at) + 1;
    for (size_t i = 0; i < sample->attr_count; i++) {
        if (attr_is_passing(sample->attrs[i].key))
            continue;
        if (at == end || strcmp(at, sample->attrs[i].key) != 0)
            return false;
        at += strlen(at) + 1;
        if (strcmp(at, sample->attrs[i].value) != 0)
            return false;
        at += strlen(at) + 1;
    }
    return at == end;
}

/* ---- putting ---- */

static struct err series_add(struct block_writer *w, const struct sample *sample)
{
    struct buf     name;
    struct series *s;
    struct err     e;

    if (w->series_count == BLOCK_SERIES_MAX)
        return err_of(ERR_TOO_BIG, "keeping one more series");
    if (w->series_count == w->series_room) {
        size_t room = w->series_room ? w->series_room * 2 : 16;

        s = realloc(w->series, room * sizeof *s);
        if (!s)
            return err_of(ERR_NO_MEMORY, "keeping one more series");
        w->series = s;
        w->series_room = room;
    }
    buf_init(&name, BLOCK_NAME_MAX);
    e = name_make(sample, &name);
    if (failed(e)) {
        buf_done(&name);
        return e;
    }
    s = &w->series[w->series_count++];
    *s = (struct series){ .metric = sample->metric, .name = name.data, .name_len = name.len };
    return e;
}

/* Samples mostly come in one order, round after round. */
static struct err series_find(struct block_writer *w, const struct sample *sample, struct series **ret)
{
    struct err e = err_ok();
    size_t     i = w->next < w->series_count && is_of(&w->series[w->next], sample) ? w->next : 0;

    while (i < w->series_count && !is_of(&w->series[i], sample))
        i++;
    if (i == w->series_count)
        e = series_add(w, sample);
    if (failed(e))
        return e;
    w->next = i + 1;
    *ret = &w->series[i];
    return e;
}

static bool same_round(const struct block_writer *w, const struct series *s, int64_t wall_ms)
{
    int64_t since;

    if (w->rounds == 0 || (s->count && s->rounds[s->count - 1] == w->rounds - 1))
        return false;
    return !__builtin_sub_overflow(wall_ms, w->times[w->rounds - 1], &since) && since >= 0 && since < ROUND_MS;
}

static struct err series_grow(struct series *s)
{
    uint16_t  room = s->room ? (uint16_t)(s->room * 2) : 8;
    double   *values;
    uint16_t *rounds;

    if (s->count < s->room)
        return err_ok();
    values = realloc(s->values, room * sizeof *values);
    if (values)
        s->values = values;
    rounds = values ? realloc(s->rounds, room * sizeof *rounds) : NULL;
    if (!rounds)
        return err_of(ERR_NO_MEMORY, "keeping a sample");
    s->rounds = rounds;
    s->room = room;
    return err_ok();
}

bool block_is_full(const struct block_writer *w)
{
    return w->rounds == BLOCK_ROUNDS_MAX || w->count >= VALUES_MAX;
}

struct err block_put(struct block_writer *w, int64_t wall_ms, const struct sample *sample)
{
    struct series *s;
    bool           new_round;
    struct err     e;

    if (!isfinite(sample->value))
        return err_ok();
    e = series_find(w, sample, &s);
    if (failed(e))
        return e;
    new_round = !same_round(w, s, wall_ms);
    if (w->count >= VALUES_MAX || (new_round && w->rounds == BLOCK_ROUNDS_MAX))
        return err_of(ERR_TOO_BIG, "keeping a sample");
    e = series_grow(s);
    if (failed(e))
        return e;
    if (new_round)
        w->times[w->rounds++] = wall_ms;
    s->rounds[s->count] = (uint16_t)(w->rounds - 1);
    s->values[s->count++] = sample->value;
    s->recent[s->recent_count++ % BLOCK_RECENT] = (float)sample->value;
    w->count++;
    return e;
}

size_t block_recent(const struct block_writer *w, const struct metric *metric, const struct attr *attrs,
                    size_t attr_count, double ret[BLOCK_RECENT])
{
    const struct sample of = { metric, attrs, attr_count, 0 };
    size_t              i = 0, count;

    while (i < w->series_count && !is_of(&w->series[i], &of))
        i++;
    if (i == w->series_count)
        return 0;
    count = w->series[i].recent_count < BLOCK_RECENT ? w->series[i].recent_count : BLOCK_RECENT;
    for (size_t n = 0; n < count; n++)
        ret[n] = (double)w->series[i].recent[(w->series[i].recent_count - count + n) % BLOCK_RECENT];
    return count;
}

/* ---- taking ---- */

/* Series that were not seen this time leave, so that devices that come and go do not pile up. */
static void begin_anew(struct block_writer *w)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->series_count; i++)
        if (w->series[i].count) {
            w->series[i].count = 0;
            w->series[kept++] = w->series[i];
        } else {
            series_done(&w->series[i]);
        }
    w->series_count = kept;
    w->next = 0;
    w->rounds = 0;
    w->count = 0;
}

struct err block_copy(const struct block_writer *w, struct block *ret)
{
    struct err e = err_ok();

    *ret = (struct block){ .count = w->count };
    buf_init(&ret->bytes, BLOCK_MAX_BYTES);
    if (w->count) {
        ret->first_ms = w->times[0];
        ret->last_ms = w->times[w->rounds - 1];
        e = block_print(w, &ret->bytes);
    }
    if (failed(e))
        block_done(ret);
    return e;
}

struct err block_take(struct block_writer *w, struct block *ret)
{
    struct err e = block_copy(w, ret);

    begin_anew(w);
    return e;
}

void block_done(struct block *block)
{
    buf_done(&block->bytes);
    block->count = 0;
}
