#include <inttypes.h>
#include <stdio.h>

#include "proto/json_put.h"
#include "proto/otlp_parts.h"

static void put_attrs(struct json_put *j, const struct otlp_attr *attrs, size_t count)
{
    if (count == 0)
        return;
    json_put_array(j, "attributes");
    for (size_t i = 0; i < count; i++) {
        json_put_object(j, NULL);
        json_put_text(j, "key", attrs[i].key);
        json_put_object(j, "value");
        json_put_text(j, "stringValue", attrs[i].value);
        json_put_end(j);
        json_put_end(j);
    }
    json_put_end(j);
}

/* Numbers of 64 bits are text. */
static void put_nano(struct json_put *j, const char *key, int64_t ms)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, otlp_nano(ms));
    json_put_text(j, key, text);
}

static void put_points(struct json_put *j, const struct otlp_series *s, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        const struct otlp_point *p = &s->points[i];

        if (otlp_nano(p->at_ms) == 0)
            continue;
        json_put_object(j, NULL);
        put_attrs(j, s->attrs, s->attr_count);
        if (s->counter && otlp_nano(s->start_ms) && s->start_ms <= p->at_ms)
            put_nano(j, "startTimeUnixNano", s->start_ms);
        put_nano(j, "timeUnixNano", p->at_ms);
        json_put_number(j, "asDouble", p->value);
        json_put_end(j);
    }
}

static void put_metric(struct json_put *j, const struct otlp_walk *walk, const struct otlp_series *s)
{
    size_t at = 0, series = 0, first = 0;

    json_put_object(j, NULL);
    json_put_text(j, "name", s->name);
    if (s->unit[0])
        json_put_text(j, "unit", s->unit);
    json_put_object(j, s->counter ? "sum" : "gauge");
    json_put_array(j, "dataPoints");
    while (otlp_next_of(walk, s->name, &at, &series)) {
        size_t count = otlp_part(walk, series, &first);

        put_points(j, &walk->request->series[series], first, count);
    }
    json_put_end(j);
    if (s->counter) {
        json_put_whole(j, "aggregationTemporality", OTLP_CUMULATIVE);
        json_put_flag(j, "isMonotonic", true);
    }
    json_put_end(j);
    json_put_end(j);
}

static void put_scope(struct json_put *j, const struct otlp_walk *walk)
{
    size_t at = 0, series = 0;

    json_put_array(j, "scopeMetrics");
    json_put_object(j, NULL);
    json_put_object(j, "scope");
    json_put_text(j, "name", walk->request->scope);
    json_put_text(j, "version", walk->request->scope_version);
    json_put_end(j);
    json_put_array(j, "metrics");
    while (otlp_next_metric(walk, &at, &series))
        put_metric(j, walk, &walk->request->series[series]);
    json_put_end(j);
    json_put_end(j);
    json_put_end(j);
}

struct err otlp_json_print(const struct otlp_walk *walk, struct buf *into)
{
    struct json_put j;
    size_t          start = into->len;
    struct err      e;

    json_put_begin(&j, into, false);
    json_put_object(&j, NULL);
    json_put_array(&j, "resourceMetrics");
    if (walk->request->series_count > 0) {
        json_put_object(&j, NULL);
        json_put_object(&j, "resource");
        put_attrs(&j, walk->request->resource, walk->request->resource_count);
        json_put_end(&j);
        put_scope(&j, walk);
        json_put_end(&j);
    }
    json_put_end(&j);
    json_put_end(&j);
    e = json_put_done(&j);
    if (failed(e))
        buf_cut(into, start);
    return e;
}
