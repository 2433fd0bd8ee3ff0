#include "agent/control/ask.h"

#include <stdio.h>
#include <string.h>

#include "platform/control.h"

enum { PATIENCE_MS = 10 * 1000 };

/* Large enough for any record, and aligned for all. */
union any_record {
    struct talk_agent       agent;
    struct talk_figure      figure;
    struct talk_collector   collector;
    struct talk_rule        rule;
    struct talk_alert       alert;
    struct talk_upstream    upstream;
    struct talk_ticket      ticket;
    struct talk_text      text;
    struct talk_note        note;
    struct talk_block       block;
    struct talk_inventory        inventory;
    struct talk_inventory_row    inventory_row;
    struct talk_inventory_change inventory_change;
    struct talk_failed      failed;
};

static const struct record *const records[] = {
    &talk_agent_record,  &talk_figure_record,      &talk_collector_record, &talk_rule_record,
    &talk_alert_record,  &talk_upstream_record,    &talk_ticket_record,    &talk_note_record,
    &talk_failed_record, &talk_text_record, &talk_block_record,     &talk_done_record,
    &talk_inventory_record, &talk_inventory_row_record, &talk_inventory_change_record,
};

static const struct record *record_of(uint8_t type)
{
    for (size_t i = 0; i < ARRAY_LEN(records); i++)
        if (records[i]->type == type)
            return records[i];
    return NULL;
}

struct talk {
    struct plat_control_call *call;
    ask_answer_fn            *on_answer;
    void                     *context;
    char                     *why;
    bool                      over;
    struct err                outcome;
};

static struct err take_record(struct talk *t, struct frame_reader *frame)
{
    const struct record *record = record_of(frame->type);
    union any_record     value;
    struct err           e;

    if (!record)
        return err_of(ERR_UNSUPPORTED, "reading the answer (is the agent newer than this command?)");
    e = record_get(record, frame, &value);
    if (failed(e))
        return e;
    if (record == &talk_failed_record) {
        snprintf(t->why, ASK_WHY_MAX, "%s", value.failed.why);
        t->outcome = err_of(ERR_OS, "asking the agent");
        t->over = true;
    } else if (record == &talk_done_record) {
        t->over = true;
    } else {
        t->on_answer(t->context, record, &value);
    }
    return e;
}

/* Takes the whole frames at the beginning of input. */
static struct err take_records(struct talk *t, struct buf *input)
{
    struct frame_reader frame;
    size_t              used = 0, taken = 0;
    struct err          e = err_ok();

    while (!failed(e) && !t->over) {
        e = frame_next(input->data + taken, input->len - taken, &frame, &used);
        if (failed(e) || !frame.at)
            break;
        e = take_record(t, &frame);
        taken += used;
    }
    if (taken) {
        memmove(input->data, input->data + taken, input->len - taken);
        buf_cut(input, input->len - taken);
    }
    return e;
}

static struct err receive(struct talk *t)
{
    struct buf input;
    char       bytes[8192];
    size_t     len;
    struct err e = err_ok();

    buf_init(&input, 2 * FRAME_MAX_BYTES);
    while (!failed(e) && !t->over) {
        e = plat_control_receive(t->call, bytes, sizeof bytes, &len);
        if (!failed(e) && len == 0)
            e = err_of(ERR_MALFORMED, "reading an answer that broke off");
        if (!failed(e))
            e = buf_add(&input, bytes, len);
        if (!failed(e))
            e = take_records(t, &input);
    }
    buf_done(&input);
    return e;
}

static struct err send_ask(struct talk *t, enum talk_request request, const struct talk_ask *ask)
{
    struct record typed = talk_ask_record;
    struct buf    bytes;
    struct err    e;

    typed.type = (uint8_t)request;
    buf_init(&bytes, FRAME_MAX_BYTES);
    e = record_put(&typed, ask, &bytes);
    if (!failed(e))
        e = plat_control_send(t->call, bytes.data, bytes.len);
    buf_done(&bytes);
    return e;
}

static struct err find_agent(const char *state_override, struct paths *paths, struct plat_control_call **ret)
{
    struct err e = paths_find(state_override, paths);

    if (!failed(e))
        e = plat_control_connect(paths->control, PATIENCE_MS, ret);
    if (e.code == ERR_NOT_FOUND && !state_override && !paths->of_system) {
        paths_system(paths);
        e = plat_control_connect(paths->control, PATIENCE_MS, ret);
    }
    return e;
}

/* e: how the connecting ended. */
static struct err converse(struct talk *t, const char *path, struct err e, enum talk_request request,
                           const struct talk_ask *ask)
{
    char text[160];

    t->why[0] = '\0';
    if (e.code == ERR_NOT_FOUND) {
        snprintf(t->why, ASK_WHY_MAX,
                 "no agent is running (nobody answers at %s).\nStart one: systemctl start picket, or try it: picket run --show",
                 path);
        return e;
    }
    if (!failed(e))
        e = send_ask(t, request, ask);
    if (!failed(e))
        e = receive(t);
    plat_control_hang_up(&t->call);
    if (failed(e))
        snprintf(t->why, ASK_WHY_MAX, "%s: %s", path, err_print(e, text, sizeof text));
    return failed(e) ? e : t->outcome;
}

struct err ask_agent(const char *state_override, enum talk_request request, const struct talk_ask *ask,
                     ask_answer_fn *on_answer, void *context, char *why)
{
    struct talk  t = { .on_answer = on_answer, .context = context, .why = why };
    struct paths paths = { .control = "" };
    struct err   e = find_agent(state_override, &paths, &t.call);

    return converse(&t, paths.control, e, request, ask);
}

struct err ask_agent_at(const char *path, enum talk_request request, const struct talk_ask *ask, ask_answer_fn *on_answer,
                        void *context, char *why)
{
    struct talk t = { .on_answer = on_answer, .context = context, .why = why };
    struct err  e = plat_control_connect(path, PATIENCE_MS, &t.call);

    return converse(&t, path, e, request, ask);
}
