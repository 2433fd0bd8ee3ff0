/* The life of one piece of ticket work. Which step follows which: see connector.h for what is promised.
 *
 *     FIND -- none --> [maybe created: SETTLE, FIND_AGAIN --] CREATE -> [CHECK] -> done
 *      | found                                                  found: as below
 *      v
 *     open:  [GET ->] NOTE -> done
 *     over:  done; it is closed by a work of its own, once its number cannot be forgotten any more
 *
 *     a number is given, over:
 *            GET -> [PEOPLE ->] untouched: [NOTE ->] CLOSE -> [CHECK ->] [NOTE ->] done;  touched: NOTE -> done
 *     told to the end, and a create was once in doubt: SWEEP, for one that showed only later
 *     doubles that FIND or SWEEP saw: each GET -> [PEOPLE ->] CLOSE with its note, if untouched; what fails there is only noted
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/escape.h"
#include "proto/connector/task.h"
#include "proto/connector/template.h"

/* ---- ends ---- */

static void url_make(struct task *t)
{
    struct buf url;

    if (t->c->ticket_url.count == 0 || !t->result.ticket_id[0])
        return;
    buf_init(&url, sizeof t->result.ticket_url - 1);
    if (!failed(template_render_address(&t->c->ticket_url, &t->env, &url)) && url_ok(buf_text(&url), true))
        snprintf(t->result.ticket_url, sizeof t->result.ticket_url, "%s", buf_text(&url));
    t->env.trouble[0] = '\0';
    buf_done(&url);
}

static void id_keep(struct task *t)
{
    snprintf(t->result.ticket_id, sizeof t->result.ticket_id, "%s", t->ticket.id_count ? t->ticket.ids[0] : "");
    url_make(t);
}

static bool told_to_the_end(const struct task *t, enum task_outcome outcome)
{
    return t->facts.cleared && outcome != TASK_LATER && outcome != TASK_REFUSED && outcome != TASK_CREATED &&
           outcome != TASK_ADOPTED;
}

static uint64_t ref_key(const struct task *t)
{
    return hash_add(0, t->facts.ref, strlen(t->facts.ref));
}

/* The ticket itself is done; what is left is best effort. */
static void finish(struct task *t, enum task_outcome outcome, const char *note)
{
    t->result.cleared_told = told_to_the_end(t, outcome);
    if (t->ticket.created || t->ticket.adopted)
        session_unseen_forget(t->session, ref_key(t));
    task_finish(t, outcome, note);
    id_keep(t);
    ticket_doubles_begin(t);
}

/* The create may have gone through, now or in an earlier try. */
static bool may_exist(const struct task *t, const struct verdict *v)
{
    if (t->ticket.step == STEP_CREATE && t->ticket.resolved)
        return v->unknown;
    return t->maybe_created && !t->ticket.resolved;
}

/* A close was asked for, and may have taken place. */
static uint64_t closing_key(const struct task *t)
{
    return hash_add(ticket_told_key(t), "closing", 7);
}

static void fail_in(struct task *t, const char *operation, const struct verdict *v)
{
    struct verdict seen = *v;

    if (seen.means == MEANS_GONE && t->ticket.id_count == 0)
        seen.means = MEANS_REFUSED; /* nothing of ours is gone: the address is wrong */
    t->result.maybe_created = may_exist(t, v);
    if (t->ticket.step == STEP_CREATE && v->unknown && v->status >= 200 && v->status < 300)
        session_unseen_put(t->session, ref_key(t));
    if (t->ticket.step == STEP_CLOSE && v->unknown)
        session_told_put(t->session, closing_key(t));
    task_fail(t, operation, &seen);
    t->result.cleared_told = seen.means == MEANS_GONE && t->facts.cleared;
    id_keep(t);
}

static void fail(struct task *t, const struct verdict *v)
{
    fail_in(t, t->op->name, v);
}

/* ---- steps ---- */

static const enum ticket_op op_of[] = {
    [STEP_FIND] = OP_FIND,        [STEP_FIND_AGAIN] = OP_FIND,
    [STEP_CREATE] = OP_CREATE,    [STEP_GET] = OP_GET,
    [STEP_PEOPLE] = OP_PEOPLE,    [STEP_NOTE] = OP_NOTE,
    [STEP_CLOSE] = OP_CLOSE,      [STEP_CHECK] = OP_GET,
    [STEP_DOUBLE_GET] = OP_GET,   [STEP_DOUBLE_PEOPLE] = OP_PEOPLE,
    [STEP_DOUBLE_NOTE] = OP_NOTE, [STEP_DOUBLE_CLOSE] = OP_CLOSE,
    [STEP_SWEEP] = OP_FIND,       [STEP_EVENT] = OP_EVENT,
};

/* Which ticket {ticket.id} is. */
static void point_at(struct task *t, size_t at)
{
    snprintf(t->ticket_id, sizeof t->ticket_id, "%s", t->ticket.id_count > at ? t->ticket.ids[at] : "");
}

void ticket_go(struct task *t, enum ticket_step step)
{
    t->ticket.step = step;
    point_at(t, step >= STEP_DOUBLE_GET && step <= STEP_DOUBLE_CLOSE ? t->ticket.at_double : 0);
    if (step == STEP_SETTLE) {
        task_wait(t, (uint64_t)t->c->settle_s * 1000);
        ticket_go(t, STEP_FIND_AGAIN);
        return;
    }
    task_want(t, &t->c->ops[op_of[step]]);
}

uint64_t ticket_told_key(const struct task *t)
{
    uint64_t hash = hash_add(0, t->ticket_id, strlen(t->ticket_id));

    hash = hash_add(hash, t->facts.event_id, strlen(t->facts.event_id));
    return hash_add(hash, t->facts.cleared ? "c" : "o", 1);
}

static bool can_tell(const struct task *t)
{
    return t->c->has_op[OP_GET] && (t->c->ops[OP_GET].touched || t->c->has_op[OP_PEOPLE]);
}

/* After the note, or in its place where there is nothing to say or it was said by an earlier try. */
static void noted(struct task *t)
{
    struct ticket_flow *f = &t->ticket;

    if (f->closed)
        finish(t, TASK_CLOSED, NULL);
    else if (f->close_next)
        ticket_go(t, STEP_CLOSE);
    else if (f->leave_open)
        finish(t, TASK_LEFT_OPEN, f->why_open);
    else
        finish(t, f->created ? TASK_CREATED : f->adopted ? TASK_ADOPTED : TASK_NOTED, NULL);
}

static void note(struct task *t)
{
    if (!t->facts.note[0] || session_told(t->session, ticket_told_key(t)))
        noted(t);
    else
        ticket_go(t, STEP_NOTE);
}

static void leave_open(struct task *t, const char *why)
{
    t->ticket.leave_open = true;
    t->ticket.why_open = why;
    note(t);
}

static void close_it(struct task *t)
{
    if (t->c->ops[OP_CLOSE].note == NOTE_BEFORE) {
        t->ticket.close_next = true;
        note(t);
    } else {
        ticket_go(t, STEP_CLOSE);
    }
}

static bool looks_first(const struct task *t)
{
    const struct operation *op = &t->c->ops[OP_NOTE];

    return t->c->has_op[OP_GET] && (op->look_first || !op->on_closed);
}

/* There is a ticket; say what is new, or end it. */
static void with_ticket(struct task *t)
{
    point_at(t, 0);
    if (t->facts.cleared && !t->c->has_op[OP_CLOSE])
        leave_open(t, "left open: this system is not told to close tickets");
    else if (t->facts.cleared && !can_tell(t))
        leave_open(t, "left open: nothing says whether a person works on it");
    else if (!t->facts.cleared && !t->facts.note[0])
        noted(t);
    else if (!t->facts.cleared && !looks_first(t))
        note(t);
    else
        ticket_go(t, STEP_GET);
}

/* ---- what the steps found ---- */

static bool on_item(struct task *t, const struct answer *answer, const cJSON *item)
{
    const struct operation *op = t->op;
    const char             *id;

    if (op->closed && condition_holds(op->closed, answer, item, &t->env))
        return true;
    if (failed(task_values_take(t, op, answer, item))) {
        t->env.no_memory = true;
        return false;
    }
    id = t->found[t->c->found_id];
    if (id && ticket_id_ok(id))
        ticket_candidate_add(&t->ticket, id);
    return true;
}

/* A server that says yes to everything and shows nothing would be given a ticket with every try. */
static void create(struct task *t)
{
    struct verdict v = { .means = MEANS_OK };

    if (session_unseen(t->session, ref_key(t)) < UNSEEN_MAX) {
        ticket_go(t, STEP_CREATE);
        return;
    }
    verdict_set(&v, MEANS_REFUSED,
                "was answered with yes %d times, and no ticket with our reference is found; look for it", UNSEEN_MAX);
    fail_in(t, t->c->ops[OP_CREATE].name, &v);
}

static void on_found(struct task *t)
{
    struct ticket_flow *f = &t->ticket;

    f->adopted = f->id_count > 0;
    f->resolved = f->resolved || f->adopted;
    if (f->adopted && t->facts.cleared) {
        finish(t, TASK_ADOPTED, NULL);
    } else if (f->adopted) {
        with_ticket(t);
    } else if (t->maybe_created && !t->settled && f->step == STEP_FIND) {
        ticket_go(t, STEP_SETTLE);
    } else {
        f->resolved = true;
        create(t);
    }
}

static void created(struct task *t)
{
    t->ticket.created = true;
    finish(t, TASK_CREATED, NULL);
}

/* Done, but not what was asked for: doing it again would not help. */
static void not_as_meant(struct task *t, const struct operation *op, const struct answer *answer)
{
    struct verdict v = { .status = answer->status };
    struct buf     text;

    buf_init(&text, WORDS_MAX);
    if (op->otherwise.count && !failed(template_render(&op->otherwise, &t->env, &text)))
        verdict_set(&v, MEANS_REFUSED, "%s", buf_text(&text));
    else
        verdict_set(&v, MEANS_REFUSED, "%s was answered with yes, but reading it back shows something else", op->name);
    buf_done(&text);
    fail_in(t, op->name, &v);
}

static void out_of_memory(struct task *t)
{
    struct verdict v = { 0 };

    verdict_set(&v, MEANS_RETRY, "out of memory");
    fail(t, &v);
}

static void on_created(struct task *t, const struct answer *answer)
{
    const struct operation *op = t->op;
    const char             *id;
    const cJSON            *record = task_record(op, answer);
    struct verdict          v = { .unknown = true, .status = answer->status };
    struct err              e = task_values_take(t, op, answer, record);

    id = failed(e) ? NULL : t->found[t->c->found_id];
    if (!id || !ticket_id_ok(id)) {
        verdict_set(&v, MEANS_RETRY, "the answer has no number of the ticket");
        fail(t, &v);
        return;
    }
    ticket_candidate_add(&t->ticket, id);
    point_at(t, 0);
    if (op->match && !condition_holds(op->match, answer, record, &t->env)) {
        not_as_meant(t, op, answer);
    } else if (op->read_back) {
        t->ticket.checked = STEP_CREATE;
        ticket_go(t, STEP_CHECK);
    } else {
        created(t);
    }
}

/* It is closed, and that is known. */
static void closed(struct task *t)
{
    t->ticket.closed = true;
    if (t->c->ops[OP_CLOSE].note == NOTE_AFTER)
        note(t);
    else
        finish(t, TASK_CLOSED, NULL);
}

static void on_closed(struct task *t)
{
    if (t->c->ops[OP_CLOSE].read_back) {
        t->ticket.checked = STEP_CLOSE;
        ticket_go(t, STEP_CHECK);
    } else {
        closed(t);
    }
}

static void on_checked(struct task *t, const struct answer *answer)
{
    enum ticket_step        step = t->ticket.checked;
    const struct operation *op = &t->c->ops[step == STEP_CREATE ? OP_CREATE : OP_CLOSE];
    const cJSON            *record = task_record(t->op, answer);

    if (failed(task_values_take(t, t->op, answer, record))) {
        out_of_memory(t);
        return;
    }
    if (condition_holds(op->read_back, answer, record, &t->env)) {
        if (step == STEP_CREATE)
            created(t);
        else
            closed(t);
        return;
    }
    not_as_meant(t, op, answer);
}

static void on_got(struct task *t, const struct answer *answer)
{
    const struct operation *op = t->op;
    const cJSON            *record = task_record(op, answer);
    struct err              e = task_values_take(t, op, answer, record);
    bool                    is_closed = !failed(e) && condition_holds(op->closed, answer, record, &t->env);
    bool                    is_touched = !failed(e) && op->touched && condition_holds(op->touched, answer, record, &t->env);

    if (failed(e) || t->env.no_memory) {
        out_of_memory(t);
        return;
    }
    if (is_closed) {
        if (t->facts.cleared && session_told(t->session, closing_key(t)))
            closed(t); /* by us: only the answer was lost */
        else if (t->facts.cleared)
            finish(t, TASK_CLOSED, "was closed already");
        else if (t->c->ops[OP_NOTE].on_closed)
            note(t);
        else
            finish(t, TASK_NOTED, "a person closed it; nothing was written");
    } else if (!t->facts.cleared) {
        note(t);
    } else if (is_touched) {
        leave_open(t, "left open: a person works on it");
    } else if (t->c->has_op[OP_PEOPLE]) {
        ticket_go(t, STEP_PEOPLE);
    } else {
        close_it(t);
    }
}

/* ---- the flow ---- */

static bool is_double(const struct task *t)
{
    return t->ticket.at_double > 0;
}

static void on_people(struct task *t, const struct answer *answer)
{
    if (condition_holds(t->op->touched, answer, answer->tree, &t->env))
        leave_open(t, "left open: a person works on it");
    else
        close_it(t);
}

static void on_ok(struct task *t, const struct answer *answer)
{
    switch (t->ticket.step) {
    case STEP_FIND:
    case STEP_FIND_AGAIN:
        on_found(t);
        break;
    case STEP_CREATE:
        on_created(t, answer);
        break;
    case STEP_GET:
        on_got(t, answer);
        break;
    case STEP_PEOPLE:
        on_people(t, answer);
        break;
    case STEP_NOTE:
        session_told_put(t->session, ticket_told_key(t));
        noted(t);
        break;
    case STEP_CLOSE:
        on_closed(t);
        break;
    case STEP_CHECK:
        on_checked(t, answer);
        break;
    default:
        finish(t, TASK_SENT, NULL);
        break;
    }
}

static void done(struct task *t, const struct verdict *v, const struct answer *answer)
{
    struct ticket_flow *f = &t->ticket;

    if (f->step == STEP_SWEEP) {
        ticket_doubles_swept(t); /* also with what it found before it failed */
    } else if (is_double(t) && v->means == MEANS_OK) {
        ticket_on_double(t, answer);
    } else if (is_double(t)) {
        ticket_double_next(t, v->text[0] ? v->text : "closing it failed");
    } else if (v->means == MEANS_OK) {
        on_ok(t, answer);
    } else if (v->means == MEANS_CONFLICT && f->step == STEP_CLOSE && !f->conflicted) {
        f->conflicted = true; /* someone changed it since we looked: look again */
        ticket_go(t, STEP_GET);
    } else if (f->closed) {
        finish(t, TASK_CLOSED, "closed; the words to it were not taken");
    } else {
        fail(t, v);
    }
}

static void blocked(struct task *t, const struct verdict *v, int pick)
{
    struct verdict named = *v;

    if (is_double(t) || t->ticket.step == STEP_SWEEP) {
        t->done = true;
        return;
    }
    if (pick >= 0 && t->c->picks[pick].ask.settings && t->c->picks[pick].ask.settings[0])
        verdict_set(&named, (enum meaning)v->means, "setting %s: %s", t->c->picks[pick].ask.settings, v->text);
    if (named.means == MEANS_GONE)
        named.means = MEANS_REFUSED;
    named.unknown = false; /* nothing was written */
    fail_in(t, task_asking(t), &named);
}

const struct flow ticket_flow = { done, blocked, on_item };

void ticket_flow_begin(struct task *t, const struct ticket_work *work)
{
    t->maybe_created = work->maybe_created;
    t->settled = work->settled;
    if (t->c->dedupe == DEDUPE_NONE) {
        ticket_go(t, STEP_EVENT);
    } else if (work->ticket_id[0]) {
        ticket_candidate_add(&t->ticket, work->ticket_id);
        t->ticket.resolved = true;
        with_ticket(t);
    } else {
        ticket_go(t, STEP_FIND);
    }
}

struct err session_ticket(struct session *session, const struct ticket_work *work, struct task **ret)
{
    struct err e;

    if (work->ticket_id[0] && !ticket_id_ok(work->ticket_id))
        return err_of(ERR_MALFORMED, "reading a ticket's number");
    e = task_new(session, &work->facts, &ticket_flow, ret);
    if (!failed(e))
        ticket_flow_begin(*ret, work);
    return e;
}
