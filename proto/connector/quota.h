/* proto/connector/quota.h - how often a session may ask: per minute, per hour, and with a pause between.
 *
 * Counts in slots, so memory is fixed. Time is the caller's steady clock. Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_QUOTA_H
#define PICKET_PROTO_CONNECTOR_QUOTA_H

#include "proto/connector/model.h"

enum { QUOTA_SLOTS = 60 };

struct quota_window {
    uint32_t slot_ms, limit;
    uint64_t newest; /* number of the slot counts[newest % QUOTA_SLOTS] stands for */
    uint32_t counts[QUOTA_SLOTS];
};

struct quota {
    struct quota_window minute, hour;
    uint64_t            spacing_ms, last_ms;
    bool                used;
    uint64_t            not_before_ms; /* the server asked for quiet */
};

void     quota_init(struct quota *q, const struct limits *limits);
uint64_t quota_wait_ms(struct quota *q, uint64_t now_ms); /* 0: now */
void     quota_count(struct quota *q, uint64_t now_ms);
void     quota_pause(struct quota *q, uint64_t now_ms, uint64_t pause_ms);

/* "120" or an HTTP date (then now is the answer's own Date, RFC 9110); 0 where there is none, at most six hours. */
uint64_t retry_after_ms(const char *retry_after, const char *date);

#endif
