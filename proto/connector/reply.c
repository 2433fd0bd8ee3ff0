/* What came back, and who hears of it. */
#include <string.h>

#include "proto/connector/civil.h"
#include "proto/connector/task.h"

static void dispatch(struct task *t, enum asking asking, struct verdict *v, const struct answer *answer);

static bool again_on(const struct task *t, int status)
{
    for (size_t i = 0; i < t->c->discovery.again_count; i++)
        if (t->c->discovery.again_on[i] == status)
            return true;
    return false;
}

/* A refusal may mean that an address or a token is old: once per task these are asked for anew. */
static bool try_anew(struct task *t, const struct verdict *v, const struct operation *op)
{
    struct session *s = t->session;

    if (t->asking == ASK_DISCOVERY)
        return false;
    if (v->means == MEANS_AUTH && t->asking != ASK_LOGIN && s->token && op->request.credentials && !t->token_renewed) {
        session_token_forget(s);
        t->token_renewed = true;
        return true;
    }
    if (t->c->discovery.present && again_on(t, v->status) && !t->rediscovered && s->discovered_ms < t->begun_ms) {
        t->rediscovered = true;
        t->held = true;
        t->held_verdict = *v;
        t->held_asking = t->asking;
        t->held_hash = discovery_hash(s);
        return true;
    }
    return false;
}

/* Discovery said the same as before: the refusal was meant. */
static void on_rediscovered(struct task *t, const struct verdict *v)
{
    struct verdict held = t->held_verdict;

    t->held = false;
    if (v->means != MEANS_OK)
        t->flow->blocked(t, v, -1);
    else if (discovery_hash(t->session) == t->held_hash)
        dispatch(t, t->held_asking, &held, NULL);
    else
        session_picks_forget(t->session); /* another zone, other ids */
}

static void on_discovery(struct task *t, struct verdict *v, const struct answer *answer)
{
    if (v->means == MEANS_OK)
        discovery_take(t, answer, v);
    if (t->held)
        on_rediscovered(t, v);
    else if (v->means != MEANS_OK)
        t->flow->blocked(t, v, -1);
}

static void on_login(struct task *t, struct verdict *v, const struct answer *answer)
{
    if (v->means == MEANS_OK)
        login_take(t, answer, v);
    if (v->means == MEANS_REFUSED || v->means == MEANS_GONE)
        v->means = MEANS_AUTH;
    if (v->means != MEANS_OK)
        t->flow->blocked(t, v, -1);
}

static void on_pick(struct task *t, struct verdict *v, const struct answer *answer)
{
    uint8_t pick = t->asking_pick;

    if (v->means == MEANS_OK)
        pick_take(t, answer, v);
    if (v->means == MEANS_GONE)
        v->means = MEANS_REFUSED;
    if (v->means != MEANS_OK)
        t->flow->blocked(t, v, pick);
    else if (t->pick_known[pick])
        picks_share(t, answer);
}

/* Ids of names may have changed since they were kept: once per task a refused write is tried with new ones. */
static bool picks_anew(struct task *t, const struct verdict *v)
{
    bool old = false;

    for (size_t i = 0; i < t->c->pick_count; i++)
        old |= t->pick_known[i] && t->pick_old[i];
    if (v->means != MEANS_REFUSED || !t->op->writes || !t->op->needs.picks || t->picks_renewed || !old)
        return false;
    t->picks_renewed = true;
    session_picks_forget(t->session);
    task_picks_forget(t);
    return true;
}

static void on_operation(struct task *t, struct verdict *v, const struct answer *answer)
{
    const struct operation *op = t->op;
    const cJSON            *list;
    size_t                  count = 0;

    if (picks_anew(t, v))
        return;
    if (v->means == MEANS_OK && op->list.count && op->match && t->flow->item) {
        list = pointers_array(&op->list, answer->tree);
        for (const cJSON *item = list->child; item; item = item->next, count++)
            if (condition_holds(op->match, answer, item, &t->env) && !t->flow->item(t, answer, item))
                break;
        if (page_next(t, &op->paging, answer, count, v))
            return;
    }
    t->flow->done(t, v, answer);
}

static void dispatch(struct task *t, enum asking asking, struct verdict *v, const struct answer *answer)
{
    switch (asking) {
    case ASK_DISCOVERY:
        on_discovery(t, v, answer);
        break;
    case ASK_LOGIN:
        on_login(t, v, answer);
        break;
    case ASK_PICK:
        on_pick(t, v, answer);
        break;
    default:
        on_operation(t, v, answer);
        break;
    }
}

static void limit_note(struct task *t, struct verdict *v)
{
    if (v->means == MEANS_LIMIT && v->pause_ms == 0)
        v->pause_ms = (uint64_t)t->c->limits.pause_s * 1000;
    if (v->pause_ms)
        quota_pause(&t->session->quota, t->now_ms, v->pause_ms);
}

/* A server's own clock is the one that its due dates and signatures are judged by. */
static void clock_learn(struct task *t, const struct answer *answer)
{
    int64_t date_ms;

    if (!http_date_parse(answer_header(answer, "date"), &date_ms))
        return;
    t->session->wall_offset_ms = date_ms - (int64_t)t->now_ms;
    t->session->wall_known = t->session->wall_learnt = true;
}

void task_answer_put(struct task *task, uint64_t now_ms, const struct task_answer *answer)
{
    static const struct json_limits limits = { 4 * 1024 * 1024, 64, 100000 };
    struct task                    *t = task;
    const struct operation         *op = task_asked(t);
    struct cJSON                   *tree = NULL;
    struct answer                   view = { .status = answer->status,
                                             .body = answer->body ? answer->body : "",
                                             .body_len = answer->body ? answer->body_len : 0,
                                             .headers = answer->headers };
    struct verdict                  v;

    if (!t->in_flight || t->done)
        return;
    t->in_flight = false;
    t->now_ms = now_ms;
    if (answer->arrived && view.body_len > 0)
        t->env.no_memory |= json_parse(view.body, view.body_len, &limits, NULL, &tree).code == ERR_NO_MEMORY;
    view.tree = tree;
    if (answer->arrived)
        clock_learn(t, &view);
    verdict_make(op, &view, answer->arrived, answer->sent, answer->why, &t->env, &v);
    if (t->env.no_memory) {
        verdict_set(&v, MEANS_RETRY, "out of memory");
        v.unknown = true;
    }
    limit_note(t, &v);
    if (!try_anew(t, &v, op))
        dispatch(t, t->asking, &v, &view);
    cJSON_Delete(tree);
}
