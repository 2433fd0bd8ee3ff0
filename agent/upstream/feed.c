#include "agent/upstream/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/upstream/backoff.h"
#include "agent/upstream/feed_settings.h"
#include "agent/upstream/feed_verdict.h"
#include "platform/clock.h"
#include "version.h"

enum {
    ASKED_MOST_MS = 60 * 60 * 1000, /* whatever a receiver asks for */
    REFUSED_RETRY_MS = 15 * 60 * 1000,
    FAULTS_MOST = 4, /* tries of a batch at which the receiver fails */
    IDLE_CONNECTION_S = 2, /* batches that follow one another; a period is longer than any server keeps it */
    ANSWER_MAX_BYTES = 64 * 1024,
    BODY_MAX_BYTES = 1024 * 1024,
    TIMEOUT_MS = 30 * 1000,
};

struct feed {
    uv_loop_t           *loop;
    struct feed_listener listener;
    uint64_t             upstream;
    char                 name[LINK_NAME_MAX];
    char                *ca_file, *proxy; /* NULL: none given */
    char                 unusable[300];   /* why, or "" */
    struct feed_settings settings;
    struct http         *http;
    struct http_exchange *exchange;
    uv_timer_t           timer;
    bool                 waiting, stopping;

    struct link_samples batch; /* owned NULL: none */
    struct buf          body;  /* of the part on the wire */
    size_t              from, part, most; /* points: taken; on the wire; at a time (0: all) */
    struct link_taken   taken;
    uint32_t            failures, faults; /* in a row; of this part */
    struct link_news    last_news;
};

static void run(struct feed *feed);

static void tell_link(struct feed *feed, enum link_mood mood, uint64_t wait_ms, const char *why)
{
    struct link_news n = { .upstream = feed->upstream, .mood = mood, .retry_s = (uint32_t)((wait_ms + 999) / 1000) };

    utf8_copy(n.why, sizeof n.why, why, strlen(why));
    if (mood == LINK_FINE && feed->last_news.mood == LINK_FINE)
        return;
    feed->last_news = n;
    feed->listener.news(feed->listener.context, &n);
}

static void on_timer(uv_timer_t *timer)
{
    struct feed *feed = container_of(timer, struct feed, timer);

    feed->waiting = false;
    run(feed);
}

static void wait_for(struct feed *feed, uint64_t ms)
{
    feed->waiting = true;
    uv_timer_start(&feed->timer, on_timer, ms, 0);
}

/* ---- one batch ---- */

static void batch_over(struct feed *feed)
{
    struct link_taken taken = feed->taken;

    link_samples_done(&feed->batch);
    buf_done(&feed->body);
    feed->listener.taken(feed->listener.context, &taken);
}

/* The part is over: how many of it were not taken, and why. */
static void part_over(struct feed *feed, uint64_t rejected, const char *why)
{
    feed->failures = feed->faults = 0;
    feed->from += feed->part;
    feed->taken.rejected += rejected;
    if (rejected || why[0])
        utf8_copy(feed->taken.why, sizeof feed->taken.why, why, strlen(why));
    if (feed->from >= otlp_point_count(&feed->batch.request))
        batch_over(feed);
    else
        run(feed);
}

static void later(struct feed *feed, const struct feed_answer *a)
{
    uint64_t wait_ms;

    feed->failures++;
    wait_ms = a->retry_ms ? a->retry_ms : backoff_ms(feed->failures);
    if (wait_ms > ASKED_MOST_MS)
        wait_ms = ASKED_MOST_MS;
    tell_link(feed, LINK_RETRYING, wait_ms, a->why);
    wait_for(feed, wait_ms);
}

static void refused(struct feed *feed, const char *why)
{
    tell_link(feed, LINK_REFUSED, REFUSED_RETRY_MS, why);
    wait_for(feed, REFUSED_RETRY_MS);
}

static void halve(struct feed *feed, const struct feed_answer *a)
{
    if (feed->part <= 1) {
        part_over(feed, feed->part, a->why);
        return;
    }
    feed->most = feed->part / 2;
    run(feed);
}

static void take_answer(struct feed *feed, const struct feed_answer *a)
{
    switch (a->verdict) {
    case FEED_ACCEPTED:
        tell_link(feed, LINK_FINE, 0, "");
        part_over(feed, a->said.rejected > feed->part ? feed->part : a->said.rejected, a->said.message);
        break;
    case FEED_LATER:
        later(feed, a);
        break;
    case FEED_HALVE:
        halve(feed, a);
        break;
    case FEED_DROP:
        part_over(feed, feed->part, a->why);
        break;
    case FEED_FAULT:
        if (++feed->faults < FAULTS_MOST)
            refused(feed, a->why);
        else
            part_over(feed, feed->part, a->why);
        break;
    case FEED_REFUSED:
        refused(feed, a->why);
    }
}

static void on_answer(void *context, struct http_answer *answer)
{
    struct feed       *feed = context;
    struct feed_answer a;

    feed->exchange = NULL;
    feed_judge(answer, &a);
    take_answer(feed, &a);
}

static struct err print_part(struct feed *feed)
{
    size_t     to = feed->most ? feed->from + feed->most : SIZE_MAX, all = otlp_point_count(&feed->batch.request);
    struct err e;

    feed->part = (to < all ? to : all) - feed->from;
    buf_clear(&feed->body);
    e = otlp_print(&feed->batch.request, feed->settings.encoding, feed->from, feed->from + feed->part, &feed->body);
    return e;
}

static struct err post(struct feed *feed)
{
    struct http_request q = { .method = "POST",
                              .url = feed->settings.url,
                              .total_timeout_ms = TIMEOUT_MS,
                              .answer_max_bytes = ANSWER_MAX_BYTES };
    struct err          e = print_part(feed);

    if (failed(e))
        return e;
    q.body = buf_text(&feed->body);
    q.body_len = feed->body.len;
    memcpy(q.headers, feed->settings.headers, sizeof feed->settings.headers);
    q.header_count = feed->settings.header_count;
    q.headers[q.header_count++] = (struct http_header){ "Content-Type", otlp_content_type(feed->settings.encoding) };
    return http_send(feed->http, &q, on_answer, feed, &feed->exchange);
}

static void run(struct feed *feed)
{
    struct feed_answer a = { .verdict = FEED_LATER };
    struct err         e;

    if (!feed->batch.owned || feed->unusable[0] || feed->exchange || feed->waiting || feed->stopping)
        return;
    e = post(feed);
    if (!failed(e))
        return;
    err_print(e, a.why, sizeof a.why);
    if (e.code == ERR_TOO_BIG)
        halve(feed, &a);
    else
        later(feed, &a);
}

struct err feed_put(struct feed *feed, struct link_samples *batch)
{
    if (feed->batch.owned)
        return err_of(ERR_BUSY, "taking samples");
    feed->batch = *batch;
    feed->batch.request.scope = "picket";
    feed->batch.request.scope_version = PICKET_VERSION;
    *batch = (struct link_samples){ 0 };
    feed->taken = (struct link_taken){ .upstream = feed->upstream, .batch = feed->batch.batch };
    feed->from = feed->part = 0;
    feed->faults = 0;
    buf_init(&feed->body, BODY_MAX_BYTES);
    run(feed);
    return err_ok();
}

/* ---- from beginning to end ---- */

static void say_unusable(struct feed *feed, struct err e, const struct problems *problems)
{
    char text[160];

    if (problems->count)
        snprintf(feed->unusable, sizeof feed->unusable, "%.100s%s%.190s", problems->items[0].path,
                 problems->items[0].path[0] ? ": " : "", problems->items[0].text);
    else
        snprintf(feed->unusable, sizeof feed->unusable, "%s", err_print(e, text, sizeof text));
}

/* Out of memory fails; all else makes the feed unusable. */
static struct err prepare(struct feed *feed, const struct link_setup *setup, struct problems *problems)
{
    struct err e;

    feed->upstream = setup->upstream;
    memcpy(feed->name, setup->name, sizeof feed->name);
    if ((setup->ca_file[0] && !(feed->ca_file = strdup(setup->ca_file))) ||
        (setup->proxy[0] && !(feed->proxy = strdup(setup->proxy))))
        return err_of(ERR_NO_MEMORY, "opening an upstream");
    e = feed_settings_read(setup, problems, &feed->settings);
    if (failed(e) && e.code != ERR_NO_MEMORY)
        say_unusable(feed, e, problems);
    return e.code == ERR_NO_MEMORY ? e : err_ok();
}

struct err feed_new(const struct link_setup *setup, struct feed **ret)
{
    struct problems *problems = calloc(1, sizeof *problems);
    struct feed     *feed = calloc(1, sizeof *feed);
    struct err       e = err_of(ERR_NO_MEMORY, "opening an upstream");

    if (problems && feed)
        e = prepare(feed, setup, problems);
    if (failed(e))
        feed_close(&feed);
    else
        *ret = feed;
    free(problems);
    return e;
}

struct err feed_open(struct feed *feed, uv_loop_t *loop, const struct feed_listener *listener)
{
    struct http_options http = { .ca_file = feed->ca_file,
                                 .proxy = feed->proxy,
                                 .idle_s = IDLE_CONNECTION_S,
                                 .agent = "picket/" PICKET_VERSION };
    char                text[160];
    struct err          e;

    feed->listener = *listener;
    uv_timer_init(loop, &feed->timer);
    feed->loop = loop;
    e = http_open(loop, &http, &feed->http);
    if (e.code == ERR_NO_MEMORY)
        return e;
    if (failed(e) && !feed->unusable[0])
        snprintf(feed->unusable, sizeof feed->unusable, "%s", err_print(e, text, sizeof text));
    if (feed->unusable[0])
        tell_link(feed, LINK_UNUSABLE, 0, feed->unusable);
    return err_ok();
}

void feed_stop(struct feed *feed)
{
    feed->stopping = true;
    uv_timer_stop(&feed->timer);
}

bool feed_busy(const struct feed *feed)
{
    return feed->exchange != NULL;
}

static void release(struct feed *feed)
{
    feed_settings_done(&feed->settings);
    link_samples_done(&feed->batch);
    buf_done(&feed->body);
    free(feed->ca_file);
    free(feed->proxy);
    free(feed);
}

static void closed(uv_handle_t *timer)
{
    release(container_of((uv_timer_t *)timer, struct feed, timer));
}

void feed_close(struct feed **at)
{
    struct feed *feed = *at;

    if (!feed)
        return;
    *at = NULL;
    if (feed->exchange)
        http_cancel(&feed->exchange);
    http_close(&feed->http);
    if (feed->loop)
        uv_close((uv_handle_t *)&feed->timer, closed);
    else
        release(feed);
}
