/* Several open tickets with our reference: the oldest is the ticket, the others are closed unless a person works on them. */
#include <stdio.h>
#include <string.h>

#include "proto/connector/task.h"

void ticket_double_next(struct task *t, const char *trouble)
{
    struct ticket_flow *f = &t->ticket;

    if (trouble && trouble[0])
        snprintf(t->result.note, sizeof t->result.note, "ticket %.60s has the same reference and stays open: %.80s",
                 f->ids[f->at_double], trouble);
    t->env.note = NULL;
    t->done = ++f->at_double >= f->id_count;
    if (!t->done)
        ticket_go(t, STEP_DOUBLE_GET);
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
