#include "agent/control/exposition.h"

#include <string.h>

#include "agent/collect/collect.h"
#include "agent/control/answers.h"
#include "agent/export_resource.h"
#include "proto/json.h"
#include "proto/prometheus.h"

static struct err put_target(const struct agent_state *s, struct buf *into)
{
    static const struct prometheus_family target = { "target_info", "", "the machine and the agent that watches it",
                                                     false };
    struct export_resource                r;
    struct err                            e = prometheus_head_put(&target, into);

    export_resource_fill(s->config, s->device_id, s->device_name, &r);
    return failed(e) ? e : prometheus_series_put(&target, r.attrs, r.count, 1, into);
}

static struct err put_figure(const struct prometheus_family *family, const struct figure *f, struct buf *into)
{
    struct otlp_attr attrs[ATTRS_MAX];
    size_t           count = f->attr_count < ATTRS_MAX ? f->attr_count : ATTRS_MAX;

    for (size_t i = 0; i < count; i++)
        attrs[i] = (struct otlp_attr){ f->attrs[i].key, f->attrs[i].value };
    return prometheus_series_put(family, attrs, count, f->value, into);
}

/* All series of one metric stand together, in whatever order they were first seen. */
static struct err put_metric(const struct figures *figures, const struct metric *metric, struct buf *into)
{
    const struct prometheus_family family = { metric->name, unit_text(metric->unit), metric->help,
                                              metric->kind == METRIC_COUNTER };
    bool                           has_head = false;
    struct err                     e = err_ok();

    for (size_t i = 0; i < figures_count(figures) && !failed(e); i++) {
        const struct figure *f = figures_get(figures, i);

        if (f->metric != metric)
            continue;
        if (!has_head)
            e = prometheus_head_put(&family, into);
        has_head = true;
        if (!failed(e))
            e = put_figure(&family, f, into);
    }
    return e;
}

struct err exposition_print(const struct agent_state *s, struct buf *into)
{
    struct err e = put_target(s, into);

    for (size_t c = 0; c < collector_count; c++)
        for (size_t m = 0; m < collectors[c]->metric_count && !failed(e); m++)
            e = put_metric(s->figures, &collectors[c]->metrics[m], into);
    return e;
}

struct err answer_metrics(const struct agent_state *s, const struct answer_sink *to)
{
    struct talk_text piece;
    struct buf       text;
    struct err       e;

    buf_init(&text, EXPOSITION_MAX_BYTES);
    e = exposition_print(s, &text);
    for (size_t at = 0; at < text.len && !failed(e);) {
        at += utf8_copy(piece.text, sizeof piece.text, text.data + at, text.len - at);
        to->put(to->context, &talk_text_record, &piece);
    }
    buf_done(&text);
    return e;
}
