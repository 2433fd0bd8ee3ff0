#include "agent/control/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/control/answers.h"
#include "agent/outbox/desk.h"
#include "agent/stocktake.h"
#include "platform/clock.h"
#include "platform/control.h"
#include "platform/log.h"

struct serve {
    const struct agent_state *state;
    struct plat_control      *control;
};

/* An answer is put together whole: it is bounded by what the agent keeps. */
enum { ANSWER_MAX_BYTES = 8 * 1024 * 1024 };

struct reply {
    struct buf bytes;
    struct err err;
};

static void reply_put(void *context, const struct record *record, const void *value)
{
    struct reply *r = context;

    if (!failed(r->err))
        r->err = record_put(record, value, &r->bytes);
}

static struct err change(struct serve *s, uint8_t request, const struct talk_ask *ask,
                         const char *author)
{
    struct outbox *outbox = s->state->outbox;
    int64_t        number = (int64_t)ask->number;

    switch (request) {
    case TALK_NOTE:
        return desk_note_add(outbox, number, author, ask->text);
    case TALK_CLOSE:
        return desk_close(outbox, number, author);
    default:
        return desk_reopen(outbox, number, author);
    }
}

static struct err status(struct serve *s, const struct answer_sink *to)
{
    answer_agent(s->state, to);
    answer_upstreams(s->state, to);
    answer_alerts(s->state, to);
    answer_rules(s->state, to);
    answer_collectors(s->state, to);
    answer_figures(s->state, to);
    return err_ok();
}

static struct err answer(struct serve *s, struct plat_control_link *link, uint8_t request,
                         const struct talk_ask *ask, const struct answer_sink *to)
{
    const struct plat_control_peer *peer = plat_control_link_peer(link);
    bool                            trusted = peer->administrator || peer->same_user;
    struct err                      e;

    switch (request) {
    case TALK_STATUS:
        return status(s, to);
    case TALK_TICKETS:
        return answer_tickets(s->state, ask->all, to);
    case TALK_TICKET:
        return answer_ticket(s->state, (int64_t)ask->number, to);
    case TALK_HISTORY:
        return answer_history(s->state, (int64_t)ask->number, to);
    case TALK_METRICS:
        return answer_metrics(s->state, to);
    case TALK_INVENTORY:
        return answer_inventory(s->state, trusted, to);
    case TALK_INVENTORY_CHANGES:
        return answer_changes(s->state, (int64_t)ask->number, trusted, to);
    case TALK_INVENTORY_TAKE:
        if (!trusted)
            return err_of(ERR_DENIED, "taking an inventory (only the administrator or the agent's own user may ask for it)");
        return stocktake_begin(s->state->stocktake, plat_clock_steady_ms(), plat_clock_wall_ms());
    case TALK_NOTE:
    case TALK_CLOSE:
    case TALK_REOPEN:
        if (!trusted)
            return err_of(ERR_DENIED, "changing a ticket (only the administrator or the agent's own user may)");
        e = change(s, request, ask, peer->user.name);
        return failed(e) ? e : answer_ticket(s->state, (int64_t)ask->number, to);
    default:
        return err_of(ERR_UNSUPPORTED, "reading the request (is the agent older than this command?)");
    }
}

static void finish(struct plat_control_link *link, struct reply *r, struct err outcome)
{
    struct talk_failed why = { 0 };

    if (failed(r->err))
        outcome = r->err;
    if (failed(outcome)) {
        buf_clear(&r->bytes);
        err_print(outcome, why.why, sizeof why.why);
        (void)record_put(&talk_failed_record, &why, &r->bytes);
    } else {
        (void)record_put(&talk_done_record, NULL, &r->bytes);
    }
    if (!failed(plat_control_link_send(link, r->bytes.data, r->bytes.len)))
        plat_control_link_end(link);
}

static void on_request(struct serve *s, struct plat_control_link *link, struct frame_reader *frame)
{
    struct reply             r = { .err = err_ok() };
    const struct answer_sink to = { reply_put, &r };
    struct talk_ask          ask;
    uint8_t                  request = frame->type;
    struct err               e = record_get(&talk_ask_record, frame, &ask);

    buf_init(&r.bytes, ANSWER_MAX_BYTES);
    if (!failed(e))
        e = answer(s, link, request, &ask, &to);
    finish(link, &r, e);
    buf_done(&r.bytes);
}

static size_t on_input(void *context, struct plat_control_link *link, const void *bytes, size_t len)
{
    struct frame_reader frame;
    size_t              used;
    struct err          e = frame_next(bytes, len, &frame, &used);

    if (failed(e))
        plat_control_link_end(link);
    else if (frame.at)
        on_request(context, link, &frame);
    return failed(e) ? len : used;
}

struct err serve_open(uv_loop_t *loop, const struct agent_state *state, struct serve **ret)
{
    struct serve               *s = calloc(1, sizeof *s);
    struct plat_control_options o = { .path = state->paths.control,
                                      .output_max = ANSWER_MAX_BYTES,
                                      .on_input = on_input,
                                      .context = s };
    struct err                  e;

    if (!s)
        return err_of(ERR_NO_MEMORY, "opening the control socket");
    s->state = state;
    e = plat_control_open(loop, &o, &s->control);
    if (failed(e))
        free(s);
    else
        *ret = s;
    return e;
}

void serve_close(struct serve **serve)
{
    if (!*serve)
        return;
    plat_control_close(&(*serve)->control);
    free(*serve);
    *serve = NULL;
}
