/* Several open tickets with our reference: the oldest is the ticket, the others are closed unless a person works on them. */
#include <stdio.h>
#include <string.h>

#include "proto/connector/escape.h"
#include "proto/connector/task.h"

bool ticket_id_ok(const char *id)
{
    size_t len = strlen(id);

    return len > 0 && len < TICKET_ID_ROOM && header_value_ok(id, len);
}

/* Numbers by size, anything else by text: the oldest first. */
static bool is_older(const char *a, const char *b)
{
    bool numbers = strspn(a, "0123456789") == strlen(a) && strspn(b, "0123456789") == strlen(b);

    if (numbers && strlen(a) != strlen(b))
        return strlen(a) < strlen(b);
    return strcmp(a, b) < 0;
}

void ticket_candidate_add(struct ticket_flow *f, const char *id)
{
    size_t at = f->step == STEP_SWEEP; /* then the first is the ticket, however old the others are */

    if (at && strcmp(f->ids[0], id) == 0)
        return;
    while (at < f->id_count && is_older(f->ids[at], id))
        at++;
    if ((at < f->id_count && strcmp(f->ids[at], id) == 0) || at == CANDIDATES_MAX)
        return;
    if (f->id_count == CANDIDATES_MAX)
        f->id_count--;
    memmove(&f->ids[at + 1], &f->ids[at], (f->id_count - at) * sizeof f->ids[0]);
    snprintf(f->ids[at], sizeof f->ids[at], "%s", id);
    f->id_count++;
}

void ticket_double_next(struct task *t, const char *trouble)
{
    struct ticket_flow *f = &t->ticket;

    if (trouble && trouble[0]) {
        char words[WORDS_MAX];

        words_put(words, sizeof words, "ticket %.60s has the same reference and stays open: %s", f->ids[f->at_double],
                  trouble);
        task_redact(t, words);
        words_put(t->result.note, sizeof t->result.note, "%s", words);
    }
    t->env.note = NULL;
    t->done = ++f->at_double >= f->id_count;
    if (!t->done)
        ticket_go(t, STEP_DOUBLE_GET);
}

static void first_double(struct task *t)
{
    t->done = false;
    t->ticket.at_double = 1;
    ticket_go(t, STEP_DOUBLE_GET);
}

/* A double of a create whose outcome was unknown may show long after the settle time: at the end it is looked for once more.
 */
void ticket_doubles_begin(struct task *t)
{
    struct ticket_flow *f = &t->ticket;

    if (!t->c->has_op[OP_CLOSE] || !(t->c->ops[OP_GET].touched || t->c->has_op[OP_PEOPLE]))
        return;
    if (f->id_count > 1) {
        first_double(t);
    } else if (t->result.cleared_told && t->maybe_created && !f->swept) {
        f->swept = true;
        t->done = false;
        ticket_go(t, STEP_SWEEP);
    }
}

void ticket_doubles_swept(struct task *t)
{
    if (t->ticket.id_count > 1)
        first_double(t);
    else
        t->done = true;
}

static void double_close(struct task *t)
{
    if (t->c->ops[OP_CLOSE].note != NOTE_BEFORE || session_told(t->session, ticket_told_key(t)))
        ticket_go(t, STEP_DOUBLE_CLOSE);
    else
        ticket_go(t, STEP_DOUBLE_NOTE);
}

static void double_noted(struct task *t)
{
    session_told_put(t->session, ticket_told_key(t));
    if (t->c->ops[OP_CLOSE].note == NOTE_BEFORE)
        ticket_go(t, STEP_DOUBLE_CLOSE);
    else
        ticket_double_next(t, NULL);
}

static void double_closed(struct task *t)
{
    if (t->c->ops[OP_CLOSE].note == NOTE_AFTER)
        ticket_go(t, STEP_DOUBLE_NOTE);
    else
        ticket_double_next(t, NULL);
}

static void double_got(struct task *t, const struct answer *answer)
{
    static const char       words[] = "Closed: a double of the ticket with the same reference that was opened first.";
    const struct operation *op = t->op;
    const cJSON            *record = task_record(op, answer);

    if (failed(task_values_take(t, op, answer, record)) || condition_holds(op->closed, answer, record, &t->env)) {
        ticket_double_next(t, NULL);
    } else if (op->touched && condition_holds(op->touched, answer, record, &t->env)) {
        ticket_double_next(t, "a person works on it");
    } else {
        t->env.note = words;
        if (t->c->has_op[OP_PEOPLE])
            ticket_go(t, STEP_DOUBLE_PEOPLE);
        else
            double_close(t);
    }
}

void ticket_on_double(struct task *t, const struct answer *answer)
{
    switch (t->ticket.step) {
    case STEP_DOUBLE_GET:
        double_got(t, answer);
        break;
    case STEP_DOUBLE_PEOPLE:
        if (condition_holds(t->op->touched, answer, answer->tree, &t->env))
            ticket_double_next(t, "a person works on it");
        else
            double_close(t);
        break;
    case STEP_DOUBLE_NOTE:
        double_noted(t);
        break;
    default:
        double_closed(t);
        break;
    }
}
