#include "agent/upstream/lane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/upstream/backoff.h"
#include "agent/upstream/carry.h"
#include "agent/upstream/settings.h"
#include "platform/clock.h"
#include "platform/log.h"
#include "version.h"

enum {
    NO_MEMORY_RETRY_MS = 1000,
    ASKED_MOST_MS = 60 * 60 * 1000, /* whatever an upstream asks for */
    REFUSED_RETRY_MS = 15 * 60 * 1000,
    IDLE_CONNECTION_S = 30,
};

struct item {
    struct item     *next;
    struct link_work work;
    uint64_t         not_before_ms;
    char             ticket_id[128]; /* the work's, or learned on the way */
};

struct lane {
    uv_loop_t           *loop;
    struct lane_listener listener;
    uint64_t             upstream;
    char                 name[LINK_NAME_MAX];
    char                *ca_file, *proxy; /* NULL: none given */
    char                 unusable[300];   /* why, or "" */
    struct connector    *connector; /* NULL: the lane is unusable */
    struct session      *session;
    struct http         *http;
    struct item         *items; /* in the order in which they came */
    size_t               item_count;

    struct item          *current;
    struct task          *task;
    struct http_exchange *exchange;
    uv_timer_t            timer;
    uint64_t              not_before_ms; /* for the whole lane */
    uint32_t              failures;      /* in a row */
    struct link_news      last_news;
    bool                  stopping;
};

static void run(struct lane *lane);
static void step(struct lane *lane);

static void tell_link(struct lane *lane, enum link_mood mood, uint32_t retry_s, int status, const char *why)
{
    struct link_news n = { .upstream = lane->upstream,
                           .mood = mood,
                           .retry_s = retry_s,
                           .status = (uint32_t)status };

    utf8_copy(n.why, sizeof n.why, why, strlen(why));
    if (n.mood == lane->last_news.mood && strcmp(n.why, lane->last_news.why) == 0 && mood == LINK_FINE)
        return;
    lane->last_news = n;
    lane->listener.news(lane->listener.context, &n);
}

static void on_timer(uv_timer_t *timer)
{
    struct lane *lane = container_of(timer, struct lane, timer);

    if (lane->task)
        step(lane);
    else
        run(lane);
}

static void wake_in(struct lane *lane, uint64_t ms)
{
    uv_timer_start(&lane->timer, on_timer, ms, 0);
}

static void item_free(struct item *item)
{
    free(item->work.owned);
    free(item);
}

static void item_drop(struct lane *lane, struct item *item)
{
    struct item **at = &lane->items;

    while (*at != item)
        at = &(*at)->next;
    *at = item->next;
    lane->item_count--;
    item_free(item);
}

static void report(struct lane *lane, const struct item *item, const struct task_result *result)
{
    bool             was_in_doubt = item->work.work.maybe_created;
    struct link_done done = { .upstream = lane->upstream,
                              .alert_id = item->work.alert_id,
                              .revision = item->work.work.facts.revision,
                              .outcome = result->outcome,
                              .maybe_created = result->maybe_created || (was_in_doubt && result->ticket_id[0]),
                              .cleared_told = result->cleared_told };

    memcpy(done.ticket_id, result->ticket_id, sizeof done.ticket_id);
    memcpy(done.ticket_url, result->ticket_url, sizeof done.ticket_url);
    memcpy(done.note, result->note, sizeof done.note);
    lane->listener.done(lane->listener.context, &done);
}

/* A create that went out before now and was not answered may still become a ticket. The wait is the item's own, so that
 * the lane goes on with others, and all that were interrupted together wait together. */
static void let_settle(struct lane *lane, struct item *item)
{
    if (connector_dedupe(lane->connector) == DEDUPE_NONE)
        return;
    item->work.work.maybe_created = item->work.work.settled = true;
    item->not_before_ms = plat_clock_steady_ms() + connector_settle_ms(lane->connector);
}

/* What was learned outlives the try: the ticket's id, and whether a create may have gone through. */
static void learn(struct lane *lane, struct item *item, const struct task_result *result)
{
    if (result->maybe_created)
        let_settle(lane, item);
    else if (!result->ticket_id[0]) /* with a number the doubt stays: there may be a second one */
        item->work.work.maybe_created = item->work.work.settled = false;
    if (!result->ticket_id[0] || strcmp(item->ticket_id, result->ticket_id) == 0)
        return;
    memcpy(item->ticket_id, result->ticket_id, sizeof item->ticket_id);
    report(lane, item, result);
}

static void try_later(struct lane *lane, struct item *item, const struct task_result *result)
{
    uint64_t wait_ms;

    lane->failures++;
    wait_ms = result->retry_ms ? result->retry_ms : backoff_ms(lane->failures);
    if (wait_ms > ASKED_MOST_MS)
        wait_ms = ASKED_MOST_MS;
    learn(lane, item, result);
    lane->not_before_ms = plat_clock_steady_ms() + wait_ms;
    tell_link(lane, LINK_RETRYING, (uint32_t)((wait_ms + 999) / 1000), result->status, result->why);
}

static void refused(struct lane *lane, struct item *item, const struct task_result *result)
{
    learn(lane, item, result);
    item->not_before_ms = plat_clock_steady_ms() + REFUSED_RETRY_MS;
    tell_link(lane, LINK_REFUSED, REFUSED_RETRY_MS / 1000, result->status, result->why);
}

static void finish(struct lane *lane)
{
    struct item       *item = lane->current;
    struct task_result result;

    task_result(lane->task, &result);
    task_free(&lane->task);
    lane->current = NULL;
    switch (result.outcome) {
    case TASK_LATER:
        try_later(lane, item, &result);
        break;
    case TASK_REFUSED:
        refused(lane, item, &result);
        break;
    default:
        lane->failures = 0;
        report(lane, item, &result);
        tell_link(lane, LINK_FINE, 0, result.status, "");
        item_drop(lane, item);
    }
    run(lane);
}

static void on_answer(void *context, struct http_answer *answer)
{
    struct lane *lane = context;

    lane->exchange = NULL;
    carry_answer(lane->task, answer);
    step(lane);
}

static void step(struct lane *lane)
{
    struct task_request request;
    uint64_t            wait_ms = 0;

    for (;;) {
        switch (task_next(lane->task, plat_clock_steady_ms(), &request, &wait_ms)) {
        case TASK_DONE:
            finish(lane);
            return;
        case TASK_WAIT:
            wake_in(lane, wait_ms);
            return;
        default:
            log_debug(lane->name, "sending %s", request.operation);
            if (carry_request(lane->http, lane->task, &request, on_answer, lane, &lane->exchange))
                return;
        }
    }
}

/* The first item whose time has come; *wait_ms is how long until one's has. */
static struct item *next_item(struct lane *lane, uint64_t now, uint64_t *wait_ms)
{
    *wait_ms = UINT64_MAX;
    for (struct item *item = lane->items; item; item = item->next) {
        uint64_t at = item->not_before_ms > lane->not_before_ms ? item->not_before_ms
                                                                : lane->not_before_ms;
        if (at <= now)
            return item;
        if (at - now < *wait_ms)
            *wait_ms = at - now;
    }
    return NULL;
}

static void run(struct lane *lane)
{
    uint64_t     wait_ms;
    struct item *item;
    struct err   e;

    if (!lane->session || lane->task || lane->stopping)
        return;
    item = next_item(lane, plat_clock_steady_ms(), &wait_ms);
    if (!item) {
        if (wait_ms != UINT64_MAX)
            wake_in(lane, wait_ms);
        return;
    }
    uv_timer_stop(&lane->timer);
    item->work.work.ticket_id = item->ticket_id;
    session_clock_set(lane->session, plat_clock_steady_ms(), plat_clock_wall_ms());
    e = session_ticket(lane->session, &item->work.work, &lane->task);
    if (failed(e)) {
        lane->not_before_ms = plat_clock_steady_ms() + backoff_ms(lane->failures);
        wake_in(lane, NO_MEMORY_RETRY_MS);
        return;
    }
    lane->current = item;
    step(lane);
}

struct err lane_put(struct lane *lane, struct link_work *work)
{
    struct item **at = &lane->items, *item;

    if (lane->item_count == LANE_WORKS_MAX)
        return err_of(ERR_TOO_BIG, "taking work");
    item = calloc(1, sizeof *item);
    if (!item)
        return err_of(ERR_NO_MEMORY, "taking work");
    item->work = *work;
    work->owned = NULL;
    utf8_copy(item->ticket_id, sizeof item->ticket_id, item->work.work.ticket_id,
              strlen(item->work.work.ticket_id));
    while (*at)
        at = &(*at)->next;
    *at = item;
    lane->item_count++;
    if (lane->connector && item->work.work.maybe_created && !item->ticket_id[0])
        let_settle(lane, item);
    run(lane);
    return err_ok();
}

static void say_unusable(struct lane *lane, struct err e, const struct problems *problems)
{
    char text[160];

    if (problems->count)
        snprintf(lane->unusable, sizeof lane->unusable, "%.100s%s%.190s", problems->items[0].path,
                 problems->items[0].path[0] ? ": " : "", problems->items[0].text);
    else
        snprintf(lane->unusable, sizeof lane->unusable, "%s", err_print(e, text, sizeof text));
}

/* Out of memory fails; all else makes the lane unusable. */
static struct err prepare(struct lane *lane, const struct link_setup *setup, struct problems *problems)
{
    struct err e;

    lane->upstream = setup->upstream;
    memcpy(lane->name, setup->name, sizeof lane->name);
    if ((setup->ca_file[0] && !(lane->ca_file = strdup(setup->ca_file))) ||
        (setup->proxy[0] && !(lane->proxy = strdup(setup->proxy))))
        return err_of(ERR_NO_MEMORY, "opening an upstream");
    e = settings_connector(setup, problems, &lane->connector);
    if (!failed(e))
        e = settings_session(setup, lane->connector, problems, &lane->session);
    if (failed(e) && e.code != ERR_NO_MEMORY)
        say_unusable(lane, e, problems);
    return e.code == ERR_NO_MEMORY ? e : err_ok();
}

struct err lane_new(const struct link_setup *setup, struct lane **ret)
{
    struct problems *problems = calloc(1, sizeof *problems);
    struct lane     *lane = calloc(1, sizeof *lane);
    struct err       e = err_of(ERR_NO_MEMORY, "opening an upstream");

    if (problems && lane)
        e = prepare(lane, setup, problems);
    if (failed(e))
        lane_close(&lane);
    else
        *ret = lane;
    free(problems);
    return e;
}

struct err lane_open(struct lane *lane, uv_loop_t *loop, const struct lane_listener *listener)
{
    struct http_options http = { .ca_file = lane->ca_file,
                                 .proxy = lane->proxy,
                                 .idle_s = IDLE_CONNECTION_S,
                                 .agent = "picket/" PICKET_VERSION };
    char                text[160];
    struct err          e;

    lane->listener = *listener;
    uv_timer_init(loop, &lane->timer);
    lane->loop = loop;
    e = http_open(loop, &http, &lane->http);
    if (e.code == ERR_NO_MEMORY)
        return e;
    if (failed(e)) {
        snprintf(lane->unusable, sizeof lane->unusable, "%s", err_print(e, text, sizeof text));
        session_free(&lane->session);
    }
    if (lane->unusable[0])
        tell_link(lane, LINK_UNUSABLE, 0, 0, lane->unusable);
    return err_ok();
}

void lane_stop(struct lane *lane)
{
    lane->stopping = true;
    if (!lane->exchange)
        uv_timer_stop(&lane->timer);
}

bool lane_busy(const struct lane *lane)
{
    return lane->exchange != NULL;
}

static void release(struct lane *lane)
{
    free(lane->ca_file);
    free(lane->proxy);
    free(lane);
}

static void closed(uv_handle_t *timer)
{
    release(container_of((uv_timer_t *)timer, struct lane, timer));
}

void lane_close(struct lane **at)
{
    struct lane *lane = *at;

    if (!lane)
        return;
    *at = NULL;
    if (lane->exchange)
        http_cancel(&lane->exchange);
    task_free(&lane->task);
    session_free(&lane->session);
    connector_free(&lane->connector);
    http_close(&lane->http);
    while (lane->items)
        item_drop(lane, lane->items);
    if (lane->loop)
        uv_close((uv_handle_t *)&lane->timer, closed);
    else
        release(lane);
}
