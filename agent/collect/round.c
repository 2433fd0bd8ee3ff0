#include "agent/collect/round.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "platform/buf.h"
#include "proto/config.h"

enum { STAGED_MAX = 20000, TEXT_MAX_BYTES = 4 * 1024 * 1024 };

enum stage { AT_REST, RUNNING, READY };

/* What is kept of one collector. Its address is the context of its ready(). */
struct each {
    struct round *round;
    uint64_t      due_ms;
    struct err    outcome;
    enum stage    stage;
    bool          wanted; /* a rule looks at it */
};

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
    struct each   *each;
    uv_loop_t      *loop; /* NULL: what is late waits */
    round_ready_fn *on_ready;
    void           *context;
    bool            all; /* a person asks for all */
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

/* ---- who is asked ---- */

static bool is_looked_at(const struct collector *collector, const struct policy *policy)
{
    for (size_t r = 0; r < policy->count; r++)
        for (size_t m = 0; m < collector->metric_count && policy->rules[r].enabled; m++)
            if (rule_looks_at(&policy->rules[r], collector->metrics[m].name))
                return true;
    return false;
}

void round_configure(struct round *r, const struct config *config)
{
    for (size_t i = 0; i < collector_count; i++) {
        r->each[i].wanted = is_looked_at(collectors[i], config->policy);
        if (collectors[i]->configure)
            collectors[i]->configure(config);
    }
}

void round_ask_all(struct round *r, bool all)
{
    r->all = all;
}

bool round_is_asleep(const struct round *r, size_t i)
{
    return collectors[i]->on_demand && !r->each[i].wanted && !r->all;
}

static bool is_due(const struct round *r, size_t i, uint64_t now_ms)
{
    const struct each *each = &r->each[i];
    uint32_t           period_s = round_period_s(r, collectors[i]);

    if (each->outcome.code == ERR_UNSUPPORTED || each->stage != AT_REST || round_is_asleep(r, i))
        return false;
    if (collectors[i]->begin && !r->loop)
        return false;
    /* Timers fire a little early or late; a tenth of a period is the same wake-up. */
    return now_ms + (uint64_t)period_s * 100 >= each->due_ms;
}

/* ---- what is late ---- */

static void on_collector_ready(void *context)
{
    struct each *each = context;

    if (each->stage != RUNNING)
        return;
    each->stage = READY;
    each->round->on_ready(each->round->context);
}

static void begin(struct round *r, size_t i, const struct round_listener *listener)
{
    struct err e;

    r->each[i].stage = RUNNING;
    e = collectors[i]->begin(r->loop, on_collector_ready, &r->each[i]);
    if (!failed(e))
        return;
    r->each[i].stage = AT_REST;
    r->each[i].outcome = e;
    listener->on_collector(listener->context, collectors[i], e, 0);
}

void round_attach(struct round *r, uv_loop_t *loop, round_ready_fn *on_ready, void *context)
{
    for (size_t i = 0; i < collector_count; i++) {
        if (r->loop && collectors[i]->cancel)
            collectors[i]->cancel();
        r->each[i].stage = AT_REST;
    }
    r->loop = loop;
    r->on_ready = on_ready;
    r->context = context;
}

bool round_is_waiting(const struct round *r)
{
    for (size_t i = 0; i < collector_count; i++)
        if (r->each[i].stage != AT_REST)
            return true;
    return false;
}

void round_run_ready(struct round *r, const struct round_listener *listener)
{
    for (size_t i = 0; i < collector_count; i++) {
        if (r->each[i].stage != READY)
            continue;
        r->each[i].stage = AT_REST;
        run_one(r, i, listener);
    }
}

/* ---- a round ---- */

void round_run(struct round *r, uint64_t now_ms, const struct round_listener *listener)
{
    for (size_t i = 0; i < collector_count; i++) {
        if (!is_due(r, i, now_ms))
            continue;
        r->each[i].due_ms = now_ms + (uint64_t)round_period_s(r, collectors[i]) * 1000;
        if (collectors[i]->begin)
            begin(r, i, listener);
        else
            run_one(r, i, listener);
    }
}

void round_run_again(struct round *r, const struct round_listener *listener)
{
    for (size_t i = 0; i < collector_count; i++)
        if (collectors[i]->has_rates && !collectors[i]->begin && !round_is_asleep(r, i) &&
            r->each[i].outcome.code != ERR_UNSUPPORTED)
            run_one(r, i, listener);
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
        r->each[i] = (struct each){ .round = r, .outcome = err_of(ERR_NOT_FOUND, "waiting for the first reading") };
    *ret = r;
    return err_ok();
}

void round_free(struct round **at)
{
    struct round *r = *at;

    if (!r)
        return;
    *at = NULL;
    round_attach(r, NULL, NULL, NULL);
    for (size_t i = 0; i < collector_count; i++)
        if (collectors[i]->done)
            collectors[i]->done();
    buf_done(&r->text);
    free(r->staged);
    free(r->each);
    free(r);
}
