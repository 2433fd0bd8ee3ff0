/* Trying a connector without changing anything: addresses, credentials, each name in the settings, a search. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/task.h"

enum { STAGE_TESTS, STAGE_PICKS, STAGE_FIND, STAGE_OVER };

static void next(struct task *t);

static void complain(struct task *t, const char *where, const char *operation, const struct verdict *v)
{
    char text[WORDS_MAX], fitting[PROBLEM_TEXT_MAX];

    if (v->status)
        words_put(text, sizeof text, "%s: %d: %s", operation, v->status, v->text[0] ? v->text : "refused");
    else
        words_put(text, sizeof text, "%s: %s", operation, v->text[0] ? v->text : "refused");
    task_redact(t, text);
    words_put(fitting, sizeof fitting, "%s", text);
    problem_add(t->problems, where, "%s", fitting);
}

static void over(struct task *t)
{
    if (t->problems->count == 0) {
        task_finish(t, TASK_OK, NULL);
        return;
    }
    words_put(t->result.why, sizeof t->result.why, "%s%s%s", t->problems->items[0].path,
              t->problems->items[0].path[0] ? ": " : "", t->problems->items[0].text);
    task_finish(t, TASK_REFUSED, NULL);
}

/* Failures that would only repeat themselves end the test: no net, no credentials. */
static bool is_final(const struct verdict *v)
{
    return v->means == MEANS_RETRY || v->means == MEANS_LIMIT || v->means == MEANS_AUTH;
}

static void end_with(struct task *t, const char *operation, const struct verdict *v)
{
    task_fail(t, operation, v);
    problem_add(t->problems, "", "%s", t->result.why);
}

/* A pick that others need and that failed would be the same complaint again. */
static bool pick_is_due(struct task *t, uint8_t i)
{
    const struct pick *pick = &t->c->picks[i];

    if (pick->ask.needs.picks & t->test.failed_picks)
        t->test.failed_picks |= 1U << i;
    return !(t->test.failed_picks & 1U << i) && (t->test.pass == 0 || pick->by_severity);
}

static void want_pick(struct task *t, uint8_t i)
{
    static const struct operation nothing = { .name = "pick" };
    struct operation             *stand_in = &t->test.stand_in;

    *stand_in = nothing;
    stand_in->needs = t->c->picks[i].ask.needs;
    stand_in->needs.picks = 1U << i;
    task_want(t, stand_in);
}

/* Every pick for each severity. */
static bool next_pick(struct task *t)
{
    struct test_flow *f = &t->test;

    for (; f->pass < 2; f->pass++) {
        t->env.severity = f->pass ? SEVERITY_CRITICAL : SEVERITY_WARNING;
        if (f->index == 0)
            task_picks_forget(t);
        while (f->index < t->c->pick_count) {
            uint8_t i = f->index++;

            if (pick_is_due(t, i)) {
                want_pick(t, i);
                return true;
            }
        }
        f->index = 0;
    }
    return false;
}

static void next(struct task *t)
{
    struct test_flow *f = &t->test;

    if (f->stage == STAGE_TESTS) {
        if (f->index < t->c->test_count) {
            task_want(t, &t->c->tests[f->index++]);
            return;
        }
        f->stage = STAGE_PICKS;
        f->index = 0;
    }
    if (f->stage == STAGE_PICKS) {
        if (next_pick(t))
            return;
        f->stage = STAGE_FIND;
        if (t->c->has_op[OP_FIND] && !(t->c->ops[OP_FIND].needs.picks & f->failed_picks)) {
            task_want(t, &t->c->ops[OP_FIND]);
            return;
        }
    }
    over(t);
}

static void done(struct task *t, const struct verdict *v, const struct answer *answer)
{
    (void)answer;
    if (v->means == MEANS_OK) {
        next(t);
    } else if (is_final(v)) {
        end_with(t, t->op->name, v);
    } else {
        complain(t, t->op->settings ? t->op->settings : "", t->op->name, v);
        next(t);
    }
}

static void blocked(struct task *t, const struct verdict *v, int pick)
{
    const struct operation *ask = pick < 0 ? NULL : &t->c->picks[pick].ask;

    if (!ask || is_final(v)) {
        end_with(t, task_asking(t), v);
        return;
    }
    t->test.failed_picks |= 1U << pick;
    complain(t, ask->settings ? ask->settings : "", ask->name, v);
    next(t);
}

const struct flow test_flow = { done, blocked, NULL };

void test_flow_begin(struct task *t)
{
    next(t);
}

struct err session_test(struct session *session, struct task **ret)
{
    struct task *t = NULL;
    struct err   e = task_new(session, &no_facts, &test_flow, &t);

    if (failed(e))
        return e;
    t->problems = calloc(1, sizeof *t->problems);
    if (!t->problems) {
        task_free(&t);
        return err_of(ERR_NO_MEMORY, "beginning a test");
    }
    test_flow_begin(t);
    *ret = t;
    return e;
}
