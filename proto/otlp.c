#include "proto/otlp.h"

#include <string.h>

#include "proto/otlp_parts.h"

const char *otlp_content_type(enum otlp_encoding encoding)
{
    return encoding == OTLP_JSON ? "application/json" : "application/x-protobuf";
}

size_t otlp_point_count(const struct otlp_request *r)
{
    size_t count = 0;

    for (size_t i = 0; i < r->series_count; i++)
        count += r->series[i].point_count;
    return count;
}

size_t otlp_part(const struct otlp_walk *w, size_t series, size_t *first)
{
    size_t begins = 0, ends;

    for (size_t i = 0; i < series; i++)
        begins += w->request->series[i].point_count;
    ends = begins + w->request->series[series].point_count;
    if (ends <= w->from || begins >= w->to)
        return 0;
    *first = w->from > begins ? w->from - begins : 0;
    return (ends > w->to ? w->to : ends) - begins - *first;
}

bool otlp_next_of(const struct otlp_walk *w, const char *name, size_t *at, size_t *ret)
{
    size_t first;

    for (; *at < w->request->series_count; (*at)++)
        if (strcmp(w->request->series[*at].name, name) == 0 && otlp_part(w, *at, &first) > 0) {
            *ret = (*at)++;
            return true;
        }
    return false;
}

bool otlp_next_metric(const struct otlp_walk *w, size_t *at, size_t *ret)
{
    for (; *at < w->request->series_count; (*at)++) {
        size_t before = 0, same = 0;

        if (otlp_next_of(w, w->request->series[*at].name, &before, &same) && same == *at) {
            *ret = (*at)++;
            return true;
        }
    }
    return false;
}

struct err otlp_print(const struct otlp_request *request, enum otlp_encoding encoding, size_t from, size_t to,
                      struct buf *into)
{
    const struct otlp_walk walk = { request, from, to };

    return encoding == OTLP_JSON ? otlp_json_print(&walk, into) : otlp_protobuf_print(&walk, into);
}
