#include "agent/export_batch.h"

#include <string.h>

#include "agent/collect/collect.h"
#include "agent/outbox/block.h"
#include "proto/json.h"

enum { NAME_MAX_BYTES = 200, VALUE_MAX_BYTES = 400 };

struct printing {
    const struct export_block *block;
    struct frame_writer        w;
    struct otlp_series         series; /* of the points that are not in the frame yet */
    struct otlp_attr           attrs[ATTRS_MAX];
    struct otlp_point          points[BLOCK_ROUNDS_MAX];
    uint32_t                   seen, done; /* samples of the block */
    size_t                     put;        /* points in the frame */
    bool                       full;
};

static bool is_sendable(const char *text, size_t most)
{
    size_t len = strnlen(text, most + 1);

    return len <= most && utf8_valid(text, len);
}

static bool series_is_sendable(const struct otlp_series *s)
{
    bool good = s->name[0] && is_sendable(s->name, NAME_MAX_BYTES);

    for (size_t i = 0; i < s->attr_count; i++)
        good = good && is_sendable(s->attrs[i].key, NAME_MAX_BYTES) && is_sendable(s->attrs[i].value, VALUE_MAX_BYTES);
    return good;
}

static void put_series(struct printing *p)
{
    if (p->full || p->series.point_count == 0)
        return;
    if (series_is_sendable(&p->series)) {
        if (!link_series_fits(&p->w, &p->series)) {
            p->full = true;
            return;
        }
        link_series_put(&p->w, &p->series);
        p->put += p->series.point_count;
    }
    p->done += (uint32_t)p->series.point_count;
    p->series.point_count = 0;
}

/* A block keeps each text once, so the same series has the same pointers. */
static bool is_same(const struct otlp_series *s, const struct block_sample *sample)
{
    bool   same = s->name == sample->metric;
    size_t at = 0;

    for (size_t i = 0; same && i < sample->attr_count; i++) {
        if (attr_is_passing(sample->attrs[i].key))
            continue;
        same = at < s->attr_count && s->attrs[at].key == sample->attrs[i].key && s->attrs[at].value == sample->attrs[i].value;
        at++;
    }
    return same && at == s->attr_count;
}

static void begin_series(struct printing *p, const struct block_sample *sample)
{
    const struct metric *metric = metric_find(sample->metric);

    p->series = (struct otlp_series){ .name = sample->metric,
                                      .unit = metric ? unit_text(metric->unit) : "",
                                      .counter = metric && metric->kind == METRIC_COUNTER,
                                      .start_ms = p->block->boot_ms,
                                      .attrs = p->attrs,
                                      .points = p->points };
    for (size_t i = 0; i < sample->attr_count; i++)
        if (!attr_is_passing(sample->attrs[i].key))
            p->attrs[p->series.attr_count++] = (struct otlp_attr){ sample->attrs[i].key, sample->attrs[i].value };
}

static bool put_sample(void *context, const struct block_sample *sample)
{
    struct printing *p = context;

    if (p->seen++ < p->block->skip)
        return true;
    if (!is_same(&p->series, sample) || p->series.point_count == ARRAY_LEN(p->points)) {
        put_series(p);
        if (p->full)
            return false;
        begin_series(p, sample);
    }
    p->points[p->series.point_count++] = (struct otlp_point){ sample->wall_ms, sample->value };
    return true;
}

struct err export_batch_print(const struct export_block *block, const struct link_samples *head, struct export_batch *ret)
{
    struct printing     p = { .block = block, .done = block->skip };
    struct export_batch batch = { 0 };
    struct err          e, read;

    buf_init(&batch.frame, FRAME_MAX_BYTES);
    link_samples_begin(&p.w, &batch.frame, head);
    read = block_read(block->bytes, block->len, put_sample, &p);
    put_series(&p);
    e = link_samples_end(&p.w);
    if (!failed(e) && failed(read) && read.code != ERR_MALFORMED)
        e = read;
    if (failed(e)) {
        buf_done(&batch.frame);
        return e;
    }
    batch.done = p.done;
    batch.whole = !p.full;
    batch.points = p.put;
    *ret = batch;
    return read;
}
