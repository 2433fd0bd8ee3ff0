#include "agent/upstream/feed_verdict.h"

#include <stdio.h>
#include <string.h>

#include "proto/connector/quota.h"

// clang-format off
static const struct row {
    int               from, to;
    enum feed_verdict verdict;
    const char       *meaning;
} rows[] = {
    { 200, 299, FEED_ACCEPTED, "" },
    { 300, 399, FEED_REFUSED,  "it sends us elsewhere: put the address that it means into settings.url" },
    { 400, 400, FEED_DROP,     "it cannot read these samples" },
    { 401, 401, FEED_REFUSED,  "it does not take the credentials" },
    { 403, 403, FEED_REFUSED,  "the credentials are not enough" },
    { 404, 405, FEED_REFUSED,  "no receiver at that address: is settings.url the whole of it?" },
    { 413, 413, FEED_HALVE,    "too many samples at once" },
    { 415, 415, FEED_REFUSED,  "it does not take this encoding: try the other one (settings.encoding)" },
    { 422, 422, FEED_DROP,     "it cannot read these samples" },
    { 429, 429, FEED_LATER,    "it has too much to do" },
    { 502, 504, FEED_LATER,    "it is not there just now" },
    { 500, 599, FEED_FAULT,    "it failed" },
    { 100, 499, FEED_REFUSED,  "it refuses" },
};
// clang-format on

static const struct row *row_of(int status)
{
    static const struct row other = { 0, 0, FEED_REFUSED, "it refuses" };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (status >= rows[i].from && status <= rows[i].to)
            return &rows[i];
    return &other;
}

static bool has_type(const struct http_answer *a, const char *type)
{
    const char *header = http_answer_header(a, "content-type");

    return header && strncasecmp(header, type, strlen(type)) == 0;
}

/* A page for people, from a portal or a proxy, is no success. Of the two encodings the answer's own counts; what is neither
 * says nothing about the samples. */
static void accepted(const struct http_answer *a, struct feed_answer *ret)
{
    struct err e = err_ok();

    if (a->body.len > 0 && has_type(a, "text/html")) {
        ret->verdict = FEED_REFUSED;
        snprintf(ret->why, sizeof ret->why, "HTTP %d with a web page: that is no OTLP receiver (a portal, a proxy?)",
                 a->status);
        return;
    }
    if (has_type(a, "application/json"))
        e = otlp_answer_parse(buf_text(&a->body), a->body.len, OTLP_JSON, &ret->said);
    else if (has_type(a, "application/x-protobuf"))
        e = otlp_answer_parse(buf_text(&a->body), a->body.len, OTLP_PROTOBUF, &ret->said);
    if (!failed(e))
        return;
    ret->verdict = FEED_REFUSED;
    snprintf(ret->why, sizeof ret->why, "HTTP %d, but what came with it is no answer of an OTLP receiver", a->status);
}

static void refused(const struct http_answer *a, const char *meaning, struct feed_answer *ret)
{
    char said[OTLP_MESSAGE_MAX] = "";

    if (has_type(a, "application/json"))
        otlp_refusal_parse(buf_text(&a->body), a->body.len, OTLP_JSON, said);
    else if (has_type(a, "application/x-protobuf"))
        otlp_refusal_parse(buf_text(&a->body), a->body.len, OTLP_PROTOBUF, said);
    snprintf(ret->why, sizeof ret->why, "HTTP %d: %s%s%.150s", a->status, meaning, said[0] ? ": " : "", said);
}

void feed_judge(const struct http_answer *a, struct feed_answer *ret)
{
    const struct row *row = row_of(a->status);

    *ret = (struct feed_answer){ .verdict = FEED_LATER };
    if (failed(a->err)) {
        snprintf(ret->why, sizeof ret->why, "%s", a->why);
        return;
    }
    ret->verdict = row->verdict;
    if (row->verdict == FEED_ACCEPTED)
        accepted(a, ret);
    else
        refused(a, row->meaning, ret);
    if (ret->verdict == FEED_LATER)
        ret->retry_ms = retry_after_ms(http_answer_header(a, "retry-after"), http_answer_header(a, "date"));
}
