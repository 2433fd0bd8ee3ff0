/* agent/upstream/feed_verdict.h - what a receiver's answer to a batch of samples means (OTLP/HTTP, "Response").
 *
 *     ACCEPTED  it has them, but for those it says it rejected
 *     LATER     429, 502, 503, 504, nothing that arrived: the same again, after what it asked for
 *     HALVE     413: half as many at a time
 *     DROP      400, 422: these samples are at fault, and would be for ever
 *     FAULT     500 and the like: not to be sent again at once; whoever decides gives it a few tries, far apart
 *     REFUSED   a redirect, 401, 403, 404 ...: not the samples but the address or the credentials; a person has to look
 *
 * Pure. Thread: any.
 */
#ifndef PICKET_AGENT_UPSTREAM_FEED_VERDICT_H
#define PICKET_AGENT_UPSTREAM_FEED_VERDICT_H

#include "platform/http.h"
#include "proto/otlp.h"

enum feed_verdict { FEED_ACCEPTED, FEED_LATER, FEED_HALVE, FEED_DROP, FEED_FAULT, FEED_REFUSED };

struct feed_answer {
    enum feed_verdict  verdict;
    uint64_t           retry_ms; /* LATER: what it asked for, or 0 */
    struct otlp_answer said;     /* ACCEPTED: what it rejected */
    char               why[300]; /* for people; "" where all is well */
};

void feed_judge(const struct http_answer *answer, struct feed_answer *ret);

#endif
