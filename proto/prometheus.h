/* proto/prometheus.h - figures in Prometheus' text format (version 0.0.4), and the question of who scrapes them.
 *
 * Names are made by OpenTelemetry's rules for Prometheus: dots become underscores, the unit is written out at the end
 * unless the name has it already ("_bytes", "_ratio", "_bytes_per_second"; what stands in braces is none), a counter ends
 * with "_total".
 * All series of one family stand together below its head. Thread: any. Everything is lent for the call.
 */
#ifndef PICKET_PROTO_PROMETHEUS_H
#define PICKET_PROTO_PROMETHEUS_H

#include "proto/otlp.h"

#define PROMETHEUS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { PROMETHEUS_NAME_MAX = 200 };

struct prometheus_family {
    const char *name, *unit, *help; /* OpenTelemetry's name; its unit, or "" */
    bool        counter;
};

/* Cut where it does not fit. Returns into. */
const char *prometheus_name_print(const struct prometheus_family *family, char into[PROMETHEUS_NAME_MAX]);

/* Fail as buf does; nothing sensible is in it then. */
struct err prometheus_head_put(const struct prometheus_family *family, struct buf *into);
struct err prometheus_series_put(const struct prometheus_family *family, const struct otlp_attr *attrs,
                                 size_t attr_count, double value, struct buf *into);

/* What an HTTP request wants, once its head is whole. Fields of the head are not looked at. */
enum scrape_wish {
    SCRAPE_UNFINISHED,
    SCRAPE_METRICS, /* GET /metrics */
    SCRAPE_OTHER_PATH,
    SCRAPE_OTHER_METHOD,
    SCRAPE_MALFORMED,
};
enum scrape_wish scrape_read(const void *bytes, size_t len);

#endif
