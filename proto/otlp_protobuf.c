#include <string.h>

#include "proto/otlp_parts.h"

/* Field numbers of opentelemetry/proto/collector/metrics/v1, metrics/v1, resource/v1 and common/v1. */
enum {
    REQUEST_RESOURCE_METRICS = 1,
    RESOURCE_METRICS_RESOURCE = 1,
    RESOURCE_METRICS_SCOPE_METRICS = 2,
    RESOURCE_ATTRIBUTES = 1,
    SCOPE_METRICS_SCOPE = 1,
    SCOPE_METRICS_METRICS = 2,
    SCOPE_NAME = 1,
    SCOPE_VERSION = 2,
    METRIC_NAME = 1,
    METRIC_UNIT = 3,
    METRIC_GAUGE_FIELD = 5,
    METRIC_SUM_FIELD = 7,
    DATA_POINTS = 1, /* of Gauge and of Sum */
    SUM_TEMPORALITY = 2,
    SUM_MONOTONIC = 3,
    POINT_START = 2,
    POINT_TIME = 3,
    POINT_DOUBLE = 4,
    POINT_ATTRIBUTES = 7,
    KEY_VALUE_KEY = 1,
    KEY_VALUE_VALUE = 2,
    ANY_VALUE_STRING = 1,
};

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };

/* The first failure sticks. */
struct writer {
    struct buf *into;
    struct err  err;
};

static void put(struct writer *w, const void *bytes, size_t len)
{
    if (!failed(w->err))
        w->err = buf_add(w->into, bytes, len);
}

static size_t varint(uint64_t n, char into[10])
{
    size_t len = 0;

    while (n >= 0x80) {
        into[len++] = (char)(n | 0x80);
        n >>= 7;
    }
    into[len++] = (char)n;
    return len;
}

static void put_varint(struct writer *w, uint64_t n)
{
    char bytes[10];

    put(w, bytes, varint(n, bytes));
}

static void put_tag(struct writer *w, unsigned field, enum wire wire)
{
    put_varint(w, field << 3 | wire);
}

static void put_fixed(struct writer *w, unsigned field, uint64_t n)
{
    char bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(n >> (8 * i));
    put_tag(w, field, WIRE_FIXED64);
    put(w, bytes, sizeof bytes);
}

static void put_double(struct writer *w, unsigned field, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_fixed(w, field, bits);
}

static void put_text(struct writer *w, unsigned field, const char *text)
{
    size_t len = strlen(text);

    put_tag(w, field, WIRE_BYTES);
    put_varint(w, len);
    put(w, text, len);
}

/* A message within a message: its length stands before it and is known after it, so what was written moves on by the bytes
 * its length needs. */
static size_t begin(struct writer *w, unsigned field)
{
    put_tag(w, field, WIRE_BYTES);
    return w->into->len;
}

static void end(struct writer *w, size_t start)
{
    size_t len = w->into->len - start;
    char   head[10];
    size_t head_len = varint(len, head);

    put(w, head, head_len); /* makes room */
    if (failed(w->err))
        return;
    memmove(w->into->data + start + head_len, w->into->data + start, len);
    memcpy(w->into->data + start, head, head_len);
}

static void put_attr(struct writer *w, unsigned field, const struct otlp_attr *attr)
{
    size_t pair = begin(w, field), value;

    put_text(w, KEY_VALUE_KEY, attr->key);
    value = begin(w, KEY_VALUE_VALUE);
    put_text(w, ANY_VALUE_STRING, attr->value);
    end(w, value);
    end(w, pair);
}

static void put_points(struct writer *w, const struct otlp_series *s, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        const struct otlp_point *p = &s->points[i];
        size_t                   point;

        if (otlp_nano(p->at_ms) == 0)
            continue;
        point = begin(w, DATA_POINTS);
        if (s->counter && otlp_nano(s->start_ms) && s->start_ms <= p->at_ms)
            put_fixed(w, POINT_START, otlp_nano(s->start_ms));
        put_fixed(w, POINT_TIME, otlp_nano(p->at_ms));
        put_double(w, POINT_DOUBLE, p->value);
        for (size_t a = 0; a < s->attr_count; a++)
            put_attr(w, POINT_ATTRIBUTES, &s->attrs[a]);
        end(w, point);
    }
}

static void put_metric(struct writer *w, const struct otlp_walk *walk, const struct otlp_series *s)
{
    size_t metric = begin(w, SCOPE_METRICS_METRICS), data, at = 0, series = 0, first = 0;

    put_text(w, METRIC_NAME, s->name);
    if (s->unit[0])
        put_text(w, METRIC_UNIT, s->unit);
    data = begin(w, s->counter ? METRIC_SUM_FIELD : METRIC_GAUGE_FIELD);
    while (otlp_next_of(walk, s->name, &at, &series)) {
        size_t count = otlp_part(walk, series, &first);

        put_points(w, &walk->request->series[series], first, count);
    }
    if (s->counter) {
        put_tag(w, SUM_TEMPORALITY, WIRE_VARINT);
        put_varint(w, OTLP_CUMULATIVE);
        put_tag(w, SUM_MONOTONIC, WIRE_VARINT);
        put_varint(w, 1);
    }
    end(w, data);
    end(w, metric);
}

static void put_scope(struct writer *w, const struct otlp_walk *walk)
{
    size_t all = begin(w, RESOURCE_METRICS_SCOPE_METRICS), scope = begin(w, SCOPE_METRICS_SCOPE), at = 0, series = 0;

    put_text(w, SCOPE_NAME, walk->request->scope);
    put_text(w, SCOPE_VERSION, walk->request->scope_version);
    end(w, scope);
    while (otlp_next_metric(walk, &at, &series))
        put_metric(w, walk, &walk->request->series[series]);
    end(w, all);
}

struct err otlp_protobuf_print(const struct otlp_walk *walk, struct buf *into)
{
    const struct otlp_request *r = walk->request;
    struct writer              w = { into, err_ok() };
    size_t                     start = into->len, all, resource;

    if (r->series_count == 0)
        return err_ok(); /* the empty message has no bytes */
    all = begin(&w, REQUEST_RESOURCE_METRICS);
    resource = begin(&w, RESOURCE_METRICS_RESOURCE);
    for (size_t i = 0; i < r->resource_count; i++)
        put_attr(&w, RESOURCE_ATTRIBUTES, &r->resource[i]);
    end(&w, resource);
    put_scope(&w, walk);
    end(&w, all);
    if (failed(w.err))
        buf_cut(into, start);
    return w.err;
}
