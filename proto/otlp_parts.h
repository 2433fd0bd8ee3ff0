/* proto/otlp_parts.h - what the two encodings share; nobody else includes it.
 *
 *     otlp.c           which points of which series go where
 *     otlp_protobuf.c  the bytes
 *     otlp_json.c      the text
 *     otlp_answer.c    what comes back
 */
#ifndef PICKET_PROTO_OTLP_PARTS_H
#define PICKET_PROTO_OTLP_PARTS_H

#include "proto/otlp.h"

/* One metric: the series of its name that have a point in the part. */
struct otlp_walk {
    const struct otlp_request *request;
    size_t                     from, to; /* points */
};

/* The points of a series that belong to the part: *first and how many. */
size_t otlp_part(const struct otlp_walk *walk, size_t series, size_t *first);
/* The next series from *at on (then behind it) that begins a metric, i.e. is the first in the part with its name. */
bool otlp_next_metric(const struct otlp_walk *walk, size_t *at, size_t *ret);
/* The next series from *at on (then behind it) with this name and a point in the part. */
bool otlp_next_of(const struct otlp_walk *walk, const char *name, size_t *at, size_t *ret);

struct err otlp_protobuf_print(const struct otlp_walk *walk, struct buf *into);
struct err otlp_json_print(const struct otlp_walk *walk, struct buf *into);

enum { OTLP_CUMULATIVE = 2 };

static inline uint64_t otlp_nano(int64_t ms)
{
    return ms > 0 && ms <= INT64_MAX / 1000000 ? (uint64_t)ms * 1000000 : 0;
}

#endif
