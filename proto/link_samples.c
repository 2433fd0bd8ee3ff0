#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/link.h"

enum {
    TEXT_MAX = 512, /* any text of a batch, with its NUL */
    ATTRS_MAX = 8,
    RESOURCE_MAX = 24,
    FIELD_BYTES = 9, /* a number in a frame */
    POINT_BYTES = 2 * FIELD_BYTES,
    SERIES_BYTES = 5 * FIELD_BYTES,
};

/* ---- writing ---- */

static void put_attrs(struct frame_writer *w, const struct otlp_attr *attrs, size_t count)
{
    frame_put_u64(w, count);
    for (size_t i = 0; i < count; i++) {
        frame_put_text(w, attrs[i].key);
        frame_put_text(w, attrs[i].value);
    }
}

void link_samples_begin(struct frame_writer *w, struct buf *into, const struct link_samples *m)
{
    frame_begin(w, into, LINK_SAMPLES);
    frame_put_u64(w, m->upstream);
    frame_put_u64(w, m->batch);
    put_attrs(w, m->request.resource, m->request.resource_count);
}

bool link_series_fits(const struct frame_writer *w, const struct otlp_series *s)
{
    size_t bytes = SERIES_BYTES + FIELD_BYTES + strlen(s->name) + strlen(s->unit) + 6 + s->point_count * POINT_BYTES;

    for (size_t i = 0; i < s->attr_count; i++)
        bytes += strlen(s->attrs[i].key) + strlen(s->attrs[i].value) + 6;
    return !failed(w->err) && w->into->len - w->start + bytes <= FRAME_MAX_BYTES;
}

/* 1 and a series, as often as there is one; then 0. */
void link_series_put(struct frame_writer *w, const struct otlp_series *s)
{
    frame_put_u64(w, 1);
    frame_put_text(w, s->name);
    frame_put_text(w, s->unit);
    frame_put_u64(w, s->counter);
    frame_put_i64(w, s->start_ms);
    put_attrs(w, s->attrs, s->attr_count);
    frame_put_u64(w, s->point_count);
    for (size_t i = 0; i < s->point_count; i++) {
        frame_put_i64(w, s->points[i].at_ms);
        frame_put_f64(w, s->points[i].value);
    }
}

struct err link_samples_end(struct frame_writer *w)
{
    frame_put_u64(w, 0);
    return frame_end(w);
}

/* ---- reading ---- */

/* Everything a batch points to is in the frame with at least as many bytes: room for all of it is known at once. */
struct pile {
    struct otlp_series *series;
    struct otlp_attr   *attrs;
    struct otlp_point  *points;
    char               *text;
    size_t              series_room, attr_room, point_room;
};

static void *pile_new(size_t frame_bytes, struct pile *ret)
{
    size_t series = frame_bytes / SERIES_BYTES + 1, attrs = frame_bytes / 6 + 1, points = frame_bytes / POINT_BYTES + 1;
    char  *memory = malloc(series * sizeof *ret->series + attrs * sizeof *ret->attrs + points * sizeof *ret->points +
                           frame_bytes + TEXT_MAX);

    if (!memory)
        return NULL;
    *ret = (struct pile){ .series_room = series, .attr_room = attrs, .point_room = points };
    ret->series = (void *)memory;
    ret->points = (void *)(ret->series + series);
    ret->attrs = (void *)(ret->points + points);
    ret->text = (char *)(ret->attrs + attrs);
    return memory;
}

static void refuse(struct frame_reader *r)
{
    if (!failed(r->err))
        r->err = err_of(ERR_MALFORMED, "reading a batch of samples");
}

static const char *get_text(struct frame_reader *r, struct pile *pile)
{
    char *text = pile->text;

    frame_get_text(r, text, TEXT_MAX);
    pile->text += strlen(text) + 1;
    return text;
}

static const struct otlp_attr *get_attrs(struct frame_reader *r, struct pile *pile, size_t most, size_t *count)
{
    struct otlp_attr *attrs = pile->attrs;

    *count = frame_get_u64(r, most);
    if (*count > pile->attr_room)
        refuse(r);
    for (size_t i = 0; i < *count && !failed(r->err); i++) {
        attrs[i].key = get_text(r, pile);
        attrs[i].value = get_text(r, pile);
    }
    if (failed(r->err))
        *count = 0;
    pile->attrs += *count;
    pile->attr_room -= *count;
    return attrs;
}

static void get_series(struct frame_reader *r, struct pile *pile, struct otlp_series *ret)
{
    struct otlp_point *points = pile->points;

    ret->name = get_text(r, pile);
    ret->unit = get_text(r, pile);
    ret->counter = frame_get_u64(r, 1);
    ret->start_ms = frame_get_i64(r);
    ret->attrs = get_attrs(r, pile, ATTRS_MAX, &ret->attr_count);
    ret->points = points;
    ret->point_count = frame_get_u64(r, pile->point_room);
    for (size_t i = 0; i < ret->point_count && !failed(r->err); i++) {
        points[i].at_ms = frame_get_i64(r);
        points[i].value = frame_get_f64(r);
        if (!isfinite(points[i].value))
            refuse(r);
    }
    pile->points += ret->point_count;
    pile->point_room -= ret->point_count;
}

struct err link_samples_get(struct frame_reader *r, struct link_samples *ret)
{
    struct link_samples m = { 0 };
    struct pile         pile;
    struct err          e;

    m.upstream = frame_get_u64(r, LINK_UPSTREAMS_MAX - 1);
    m.batch = frame_get_u64(r, UINT64_MAX);
    if (failed(r->err))
        return r->err;
    m.owned = pile_new((size_t)(r->end - r->at), &pile);
    if (!m.owned)
        return err_of(ERR_NO_MEMORY, "reading samples");
    m.request.resource = get_attrs(r, &pile, RESOURCE_MAX, &m.request.resource_count);
    m.request.series = pile.series;
    while (!failed(r->err) && frame_get_u64(r, 1)) {
        if (m.request.series_count == pile.series_room)
            refuse(r);
        else
            get_series(r, &pile, &pile.series[m.request.series_count++]);
    }
    e = frame_done(r);
    if (failed(e))
        link_samples_done(&m);
    else
        *ret = m;
    return e;
}

void link_samples_done(struct link_samples *m)
{
    free(m->owned);
    *m = (struct link_samples){ 0 };
}

/* ---- the answer ---- */

struct err link_taken_put(struct buf *into, const struct link_taken *m)
{
    struct frame_writer w;

    frame_begin(&w, into, LINK_TAKEN);
    frame_put_u64(&w, m->upstream);
    frame_put_u64(&w, m->batch);
    frame_put_u64(&w, m->rejected);
    frame_put_text(&w, m->why);
    return frame_end(&w);
}

struct err link_taken_get(struct frame_reader *r, struct link_taken *ret)
{
    ret->upstream = frame_get_u64(r, LINK_UPSTREAMS_MAX - 1);
    ret->batch = frame_get_u64(r, UINT64_MAX);
    ret->rejected = frame_get_u64(r, UINT32_MAX);
    frame_get_text(r, ret->why, sizeof ret->why);
    return frame_done(r);
}
