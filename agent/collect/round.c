#include "agent/collect/round.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "platform/buf.h"

enum { STAGED_MAX = 20000, TEXT_MAX_BYTES = 4 * 1024 * 1024 };

/* Attributes are kept as offsets, since the text moves as it grows. */
struct staged {
    const struct metric *metric;
    double               value;
    const char          *keys[ATTRS_MAX];
    size_t               values[ATTRS_MAX];
    size_t               attr_count;
};

struct round {
    struct sink    sink; /* what collectors see */
    uint32_t       period_s;
    struct staged *staged;
    size_t         staged_count, staged_room;
    struct buf     text;
    struct err     staging; /* the first failure to keep a sample */
    struct {
        uint64_t   due_ms;
        struct err outcome;
    } *each;
};

static struct err make_room(struct round *r)
{
    size_t         room = r->staged_room ? 2 * r->staged_room : 64;
    struct staged *grown;

    if (r->staged_count < r->staged_room)
        return err_ok();
    if (room > STAGED_MAX)
        return err_of(ERR_TOO_BIG, "keeping samples");
    grown = realloc(r->staged, room * sizeof *grown);
    if (!grown)
        return err_of(ERR_NO_MEMORY, "keeping samples");
    r->staged = grown;
    r->staged_room = room;
    return err_ok();
}

static struct err stage(struct round *r, const struct sample *sample)
{
    struct staged *to;
    struct err     e = make_room(r);

    if (failed(e))
        return e;
    to = &r->staged[r->staged_count];
    *to = (struct staged){ .metric = sample->metric, .value = sample->value };
    for (; to->attr_count < sample->attr_count && !failed(e); to->attr_count++) {
        const struct attr *from = &sample->attrs[to->attr_count];
        to->keys[to->attr_count] = from->key;
        to->values[to->attr_count] = r->text.len;
        e = buf_add(&r->text, from->value, strlen(from->value) + 1);
    }
    if (!failed(e))
        r->staged_count++;
    return e;
}

static void on_put(struct sink *self, const struct sample *sample)
{
    struct round *r = container_of(self, struct round, sink);

    if (!failed(r->staging))
        r->staging = stage(r, sample);
}

static void hand_over(const struct round *r, const struct round_listener *listener)
{
    for (size_t i = 0; i < r->staged_count; i++) {
        const struct staged *from = &r->staged[i];
        struct attr          attrs[ATTRS_MAX];
        struct sample        s = { from->metric, attrs, from->attr_count, from->value };

        for (size_t a = 0; a < from->attr_count; a++)
            attrs[a] = (struct attr){ from->keys[a], r->text.data + from->values[a] };
        listener->on_sample(listener->context, &s);
    }
}

static void run_one(struct round *r, size_t i, const struct round_listener *listener)
{
    uint64_t   began = uv_hrtime();
    struct err e;

    r->staged_count = 0;
    buf_clear(&r->text);
    r->staging = err_ok();
    e = collectors[i]->read(&r->sink);
    if (!failed(e))
        e = r->staging;
    if (!failed(e))
        hand_over(r, listener);
    r->each[i].outcome = e;
    listener->on_collector(listener->context, collectors[i], e, (uv_hrtime() - began) / 1000);
}

uint32_t round_period_s(const struct round *r, const struct collector *collector)
{
    return collector->period_s > r->period_s ? collector->period_s : r->period_s;
}

void round_run(struct round *r, uint64_t now_ms, const struct round_listener *listener)
{
    for (size_t i = 0; i < collector_count; i++) {
        uint32_t period_s = round_period_s(r, collectors[i]);

        /* Timers fire a little early or late; a tenth of a period is the same wake-up. */
        if (now_ms + (uint64_t)period_s * 100 < r->each[i].due_ms ||
            r->each[i].outcome.code == ERR_UNSUPPORTED)
            continue;
        r->each[i].due_ms = now_ms + (uint64_t)period_s * 1000;
        run_one(r, i, listener);
    }
}

struct err round_outcome(const struct round *r, size_t collector)
{
    return r->each[collector].outcome;
}

struct err round_new(uint32_t period_s, struct round **ret)
{
    struct round *r = calloc(1, sizeof *r);

    if (r)
        r->each = calloc(collector_count, sizeof *r->each);
    if (!r || !r->each) {
        free(r);
        return err_of(ERR_NO_MEMORY, "preparing collectors");
    }
    r->sink.put = on_put;
    r->period_s = period_s;
    buf_init(&r->text, TEXT_MAX_BYTES);
    for (size_t i = 0; i < collector_count; i++)
        r->each[i].outcome = err_of(ERR_NOT_FOUND, "waiting for the first reading");
    *ret = r;
    return err_ok();
}

void round_free(struct round **at)
{
    struct round *r = *at;

    if (!r)
        return;
    *at = NULL;
    for (size_t i = 0; i < collector_count; i++)
        if (collectors[i]->done)
            collectors[i]->done();
    buf_done(&r->text);
    free(r->staged);
    free(r->each);
    free(r);
}
