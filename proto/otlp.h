/* proto/otlp.h - measured points as an OTLP ExportMetricsServiceRequest, and what a receiver answers (OTLP 1.x over HTTP).
 *
 * Both encodings say the same: protobuf, and JSON by OTLP's own mapping of it (64-bit numbers as text, enums as numbers).
 * All series of one name become one metric. A request may be a part of the points, for a receiver that takes no more at
 * once: points are counted through all series in their order.
 * Thread: any. Everything is lent for the call.
 */
#ifndef PICKET_PROTO_OTLP_H
#define PICKET_PROTO_OTLP_H

#include "platform/buf.h"

enum otlp_encoding { OTLP_PROTOBUF, OTLP_JSON };

enum { OTLP_MESSAGE_MAX = 200 };

struct otlp_attr {
    const char *key, *value;
};

struct otlp_point {
    int64_t at_ms; /* wall; not after 1970: left out */
    double  value;
};

struct otlp_series {
    const char              *name, *unit; /* unit as OpenTelemetry writes it, or "" */
    bool                     counter;     /* a cumulative, monotonic sum; otherwise a gauge */
    int64_t                  start_ms;    /* since when a counter counts; 0: unknown */
    const struct otlp_attr  *attrs;
    size_t                   attr_count;
    const struct otlp_point *points;
    size_t                   point_count;
};

struct otlp_request {
    const struct otlp_attr   *resource;
    size_t                    resource_count;
    const char               *scope, *scope_version;
    const struct otlp_series *series;
    size_t                    series_count;
};

const char *otlp_content_type(enum otlp_encoding encoding);
size_t      otlp_point_count(const struct otlp_request *request);

/* The points from..to alone (to not counted; SIZE_MAX: all the rest). TOO_BIG: over into's limit. */
struct err otlp_print(const struct otlp_request *request, enum otlp_encoding encoding, size_t from, size_t to,
                      struct buf *into);

/* Of the body of a good answer; an empty one is a full success. MALFORMED: it is none. */
struct otlp_answer {
    uint64_t rejected; /* points */
    char     message[OTLP_MESSAGE_MAX]; /* "" */
};
struct err otlp_answer_parse(const void *body, size_t len, enum otlp_encoding encoding, struct otlp_answer *ret);

/* What a refusal says for itself: the message of a google.rpc.Status, or "" where there is none. */
void otlp_refusal_parse(const void *body, size_t len, enum otlp_encoding encoding, char ret[OTLP_MESSAGE_MAX]);

#endif
