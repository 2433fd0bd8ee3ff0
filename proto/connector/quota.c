#include "proto/connector/quota.h"

#include <stdlib.h>
#include <string.h>

#include "proto/connector/civil.h"

enum { RETRY_AFTER_MAX_S = 6 * 3600 };

void quota_init(struct quota *q, const struct limits *limits)
{
    *q = (struct quota){
        .minute = { .slot_ms = 1000, .limit = limits->per_minute },
        .hour = { .slot_ms = 60000, .limit = limits->per_hour },
        .spacing_ms = limits->spacing_ms,
    };
}

/* Forget the slots that lie a whole window back. */
static void advance(struct quota_window *w, uint64_t now_ms)
{
    uint64_t slot = now_ms / w->slot_ms;

    if (slot <= w->newest)
        return;
    for (uint64_t i = slot - w->newest > QUOTA_SLOTS ? slot - QUOTA_SLOTS : w->newest; i < slot; i++)
        w->counts[(i + 1) % QUOTA_SLOTS] = 0;
    w->newest = slot;
}

/* Until enough of the oldest slots have left the window. */
static uint64_t window_wait(struct quota_window *w, uint64_t now_ms)
{
    uint64_t used = 0;

    advance(w, now_ms);
    for (size_t i = 0; i < QUOTA_SLOTS; i++)
        used += w->counts[i];
    for (uint64_t i = 1; i <= QUOTA_SLOTS && used >= w->limit; i++) {
        uint64_t slot = w->newest + i; /* when this number comes, the slot QUOTA_SLOTS before it goes */

        used -= w->counts[slot % QUOTA_SLOTS];
        if (used < w->limit)
            return slot * w->slot_ms - now_ms;
    }
    return 0;
}

uint64_t quota_wait_ms(struct quota *q, uint64_t now_ms)
{
    uint64_t minute = window_wait(&q->minute, now_ms), hour = window_wait(&q->hour, now_ms);
    uint64_t wait = minute > hour ? minute : hour;
    uint64_t next = q->used ? q->last_ms + q->spacing_ms : 0;

    if (next > now_ms && next - now_ms > wait)
        wait = next - now_ms;
    if (q->not_before_ms > now_ms && q->not_before_ms - now_ms > wait)
        wait = q->not_before_ms - now_ms;
    return wait;
}

void quota_count(struct quota *q, uint64_t now_ms)
{
    advance(&q->minute, now_ms);
    advance(&q->hour, now_ms);
    q->minute.counts[q->minute.newest % QUOTA_SLOTS]++;
    q->hour.counts[q->hour.newest % QUOTA_SLOTS]++;
    q->last_ms = now_ms;
    q->used = true;
}

void quota_pause(struct quota *q, uint64_t now_ms, uint64_t pause_ms)
{
    if (now_ms + pause_ms > q->not_before_ms)
        q->not_before_ms = now_ms + pause_ms;
}

uint64_t retry_after_ms(const char *retry_after, const char *date)
{
    int64_t  then, now;
    uint64_t seconds = 0;

    if (!retry_after)
        return 0;
    if (retry_after[0] && strspn(retry_after, "0123456789") == strlen(retry_after))
        seconds = strlen(retry_after) > 6 ? RETRY_AFTER_MAX_S : strtoul(retry_after, NULL, 10);
    else if (http_date_parse(retry_after, &then) && http_date_parse(date, &now) && then > now)
        seconds = (uint64_t)(then - now) / 1000 + 1;
    if (seconds > RETRY_AFTER_MAX_S)
        seconds = RETRY_AFTER_MAX_S;
    return seconds * 1000;
}
