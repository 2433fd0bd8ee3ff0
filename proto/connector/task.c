#include "proto/connector/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/connector/escape.h"
#include "proto/connector/template.h"

const struct ticket_facts no_facts = {
    .ref = "picket-0000000000000000",
    .event_id = "",
    .title = "",
    .text = "",
    .note = "",
    .severity = SEVERITY_WARNING,
    .device_id = "",
    .device_name = "",
    .device_url = "",
    .client = "",
    .site = "",
    .rule = "",
    .instance = "",
    .metric = "",
    .value = "",
    .level = "",
    .raised_at = "",
    .changed_at = "",
    .cleared_at = "",
};

struct err task_new(struct session *session, const struct ticket_facts *facts, const struct flow *flow,
                    struct task **ret)
{
    struct task *t = calloc(1, sizeof *t);

    if (!t)
        return err_of(ERR_NO_MEMORY, "beginning a task");
    t->session = session;
    t->c = session->c;
    t->flow = flow;
    t->facts = *facts;
    built_init(&t->built);
    t->env = (struct env){
        .c = t->c,
        .settings = session->settings,
        .discovered = session->discovered,
        .picks = t->picks,
        .found = t->found,
        .facts = &t->facts,
        .severity = facts->severity == SEVERITY_CRITICAL ? SEVERITY_CRITICAL : SEVERITY_WARNING,
        .ticket_id = t->ticket_id,
    };
    *ret = t;
    return err_ok();
}

void task_free(struct task **task)
{
    struct task *t = *task;

    if (!t)
        return;
    for (size_t i = 0; i < PICKS_LIMIT; i++)
        free(t->picks[i]);
    for (size_t i = 0; i < FOUND_LIMIT; i++)
        free(t->found[i]);
    free(t->cursor);
    free(t->next_url);
    free(t->match_value);
    free(t->problems);
    built_done(&t->built);
    free(t);
    *task = NULL;
}

/* ---- for the flows ---- */

void task_want(struct task *t, const struct operation *op)
{
    t->op = op;
    t->op_begun = false;
}

void task_wait(struct task *t, uint64_t ms)
{
    t->wait_until_ms = t->now_ms + ms;
}

void task_finish(struct task *t, enum task_outcome outcome, const char *note)
{
    t->result.outcome = outcome;
    words_put(t->result.note, sizeof t->result.note, "%s", note ? note : "");
    t->op = NULL;
    t->done = true;
}

static enum task_outcome outcome_of(const struct verdict *v)
{
    switch (v->means) {
    case MEANS_RETRY:
    case MEANS_LIMIT:
    case MEANS_CONFLICT:
        return TASK_LATER;
    case MEANS_GONE:
        return TASK_GONE;
    default:
        return TASK_REFUSED;
    }
}

static const char *words_for(const struct verdict *v)
{
    if (v->text[0])
        return v->text;
    switch (v->means) {
    case MEANS_AUTH:
        return "the server does not take the credentials";
    case MEANS_LIMIT:
        return "too many requests for the server";
    case MEANS_GONE:
        return "not found";
    case MEANS_CONFLICT:
        return "someone else changed it at the same time";
    default:
        return v->status >= 500 ? "the server has a fault" : "the server refuses it";
    }
}

/* Servers repeat what they were sent: secrets, and what was made of them for the Authorization header. */
void task_redact(const struct task *t, char *text)
{
    session_redact(t->session, text);
    for (size_t i = 0; i < t->built.header_count; i++) {
        const char *word = t->built.headers[i].value;

        if (strcasecmp(t->built.headers[i].name, "authorization") != 0)
            continue;
        word += strcspn(word, " ");
        secret_blank(text, word + strspn(word, " "));
    }
}

void task_fail(struct task *t, const char *operation, const struct verdict *v)
{
    struct verdict later = { .status = v->status };
    char           text[sizeof t->result.why + 100];

    if (t->env.no_memory && v->means == MEANS_REFUSED) { /* of what could not be looked at */
        verdict_set(&later, MEANS_RETRY, "out of memory");
        v = &later;
    }
    t->result.status = v->status;
    t->result.retry_ms = v->pause_ms;
    if (v->status)
        words_put(text, sizeof text, "%s: %d: %s", operation, v->status, words_for(v));
    else
        words_put(text, sizeof text, "%s: %s", operation, words_for(v));
    task_redact(t, text);
    utf8_copy(t->result.why, sizeof t->result.why, text, strlen(text));
    task_finish(t, outcome_of(v), NULL);
}

void task_fail_here(struct task *t, const char *operation, struct err e)
{
    struct verdict v = { 0 };

    if (e.code == ERR_NO_MEMORY)
        verdict_set(&v, MEANS_RETRY, "out of memory");
    else
        verdict_set(&v, MEANS_REFUSED, "%s", t->env.trouble[0] ? t->env.trouble : err_text(e.code));
    t->env.trouble[0] = '\0';
    task_fail(t, operation, &v);
}

const cJSON *task_record(const struct operation *op, const struct answer *answer)
{
    return op->record.count ? pointers_object(&op->record, answer->tree) : answer->tree;
}

struct err task_values_take(struct task *t, const struct operation *op, const struct answer *answer, const cJSON *at)
{
    struct buf raw, clean;
    struct err e = err_ok();

    buf_init(&raw, 64 * 1024);
    buf_init(&clean, 64 * 1024);
    for (size_t i = 0; i < op->value_count && !failed(e); i++) {
        buf_clear(&raw);
        buf_clear(&clean);
        e = source_read(&op->values[i].from, answer, at, &t->env, &raw);
        if (!failed(e))
            e = escape_clean(&clean, buf_text(&raw), raw.len);
        if (!failed(e))
            e = text_replace(&t->found[op->values[i].found], buf_text(&clean), clean.len);
    }
    buf_done(&raw);
    buf_done(&clean);
    return e;
}

void task_picks_forget(struct task *t)
{
    memset(t->pick_known, 0, sizeof t->pick_known);
}

/* ---- what to ask next ---- */

static bool discovery_fresh(const struct task *t)
{
    const struct session *s = t->session;

    return !t->c->discovery.present || (s->discovery_known && s->discovery_until_ms > t->now_ms);
}

static bool token_fresh(const struct task *t)
{
    return t->session->token && t->session->token_until_ms > t->now_ms;
}

static struct err ask_pick(struct task *t, uint8_t i, bool *ret_ask)
{
    struct err e;

    if (t->asking != ASK_PICK || t->asking_pick != i) {
        page_first(t, &t->c->picks[i].ask.paging);
        t->op_begun = false;
        t->asking_key = 0;
    }
    t->env.page_number = t->page;
    t->env.page_offset = t->offset;
    t->env.page_size = t->c->picks[i].ask.paging.size;
    t->env.cursor = t->cursor;
    e = pick_prepare(t, i, ret_ask);
    if (*ret_ask) {
        t->asking = ASK_PICK;
        t->asking_pick = i;
    }
    return e;
}

/* The pick, and before it those that its request needs: only earlier ones, so this ends. */
static struct err need_pick(struct task *t, uint8_t i, bool *ret_ask, int *ret_blocked)
{
    struct err e = t->pick_known[i] ? err_ok() : pick_settle(t, i);

    *ret_blocked = i;
    if (failed(e) || t->pick_known[i])
        return e;
    for (uint8_t n = 0; n < i && !*ret_ask && !failed(e); n++)
        if (t->c->picks[i].ask.needs.picks & 1U << n)
            e = need_pick(t, n, ret_ask, ret_blocked);
    if (failed(e) || *ret_ask)
        return e;
    *ret_blocked = i;
    return ask_pick(t, i, ret_ask);
}

/* *ret_ask: one is being asked for. *ret_blocked: the pick that could not be prepared, -1. */
static struct err ask_picks(struct task *t, bool *ret_ask, int *ret_blocked)
{
    struct err e = err_ok();

    *ret_ask = false;
    for (uint8_t i = 0; i < t->c->pick_count && !*ret_ask && !failed(e); i++)
        if (t->op->needs.picks & 1U << i)
            e = need_pick(t, i, ret_ask, ret_blocked);
    if (!failed(e))
        *ret_blocked = -1;
    return e;
}

static struct err ask_operation(struct task *t)
{
    t->asking = ASK_OPERATION;
    if (!t->op_begun)
        page_first(t, &t->op->paging);
    t->op_begun = true;
    t->env.page_number = t->page;
    t->env.page_offset = t->offset;
    t->env.page_size = t->op->paging.size;
    t->env.cursor = t->cursor;
    return t->op->request.method ? request_build(&t->op->request, t->next_url, &t->env, &t->built) : err_ok();
}

/* Builds the next request; t->asking says what for. */
static struct err ask(struct task *t, int *ret_blocked)
{
    const struct auth *auth = auth_with_login(&t->env);
    bool       discovery = t->op->needs.discovery || t->c->always.discovery || (auth && auth->login.needs.discovery);
    bool       asking = false;
    struct err e;

    t->env.token = t->session->token;
    *ret_blocked = -1;
    if ((discovery && !discovery_fresh(t)) || t->held) {
        t->asking = ASK_DISCOVERY;
        return request_build(&t->c->discovery.ask.request, NULL, &t->env, &t->built);
    }
    if (auth && !token_fresh(t)) {
        t->asking = ASK_LOGIN;
        return request_build(&auth->login.request, NULL, &t->env, &t->built);
    }
    e = ask_picks(t, &asking, ret_blocked);
    return failed(e) || asking ? e : ask_operation(t);
}

const struct operation *task_asked(const struct task *t)
{
    struct env env = t->env;

    switch (t->asking) {
    case ASK_DISCOVERY:
        return &t->c->discovery.ask;
    case ASK_LOGIN:
        return auth_with_login(&env) ? &auth_with_login(&env)->login : t->op;
    case ASK_PICK:
        return &t->c->picks[t->asking_pick].ask;
    default:
        return t->op;
    }
}

const char *task_asking(const struct task *t)
{
    const struct operation *op = task_asked(t);

    return op && op->name ? op->name : t->c->name;
}

static void blocked_here(struct task *t, int pick, struct err e)
{
    struct verdict v = { 0 };

    if (e.code == ERR_NO_MEMORY)
        verdict_set(&v, MEANS_RETRY, "out of memory");
    else
        verdict_set(&v, MEANS_REFUSED, "%s", t->env.trouble[0] ? t->env.trouble : err_text(e.code));
    t->env.trouble[0] = '\0';
    if (t->asking == ASK_OPERATION && pick < 0)
        t->flow->done(t, &v, NULL);
    else
        t->flow->blocked(t, &v, pick);
}

static void request_fill(struct task *t, struct task_request *request)
{
    const struct operation *op = task_asked(t);
    const struct limits    *limits = &t->c->limits;

    *request = (struct task_request){
        .operation = op->name,
        .method = t->built.method,
        .url = buf_text(&t->built.url),
        .headers = t->built.headers,
        .header_count = t->built.header_count,
        .body = t->built.has_body ? buf_text(&t->built.body) : NULL,
        .body_len = t->built.body.len,
        .answer_max_bytes = op->request.answer_bytes ? op->request.answer_bytes : limits->answer_bytes,
        .timeout_ms = op->request.timeout_ms ? op->request.timeout_ms : limits->timeout_ms,
        .writes = op->writes,
    };
}

/* True: *wait_ms says how long. A long wait ends the task instead, so that the caller can plan. */
static bool must_wait(struct task *t, uint64_t *wait_ms)
{
    struct verdict v = { .means = MEANS_LIMIT };
    uint64_t       wait = quota_wait_ms(&t->session->quota, t->now_ms);

    if (wait == 0)
        return false;
    if (wait <= WAIT_INSIDE_MS) {
        *wait_ms = wait;
        return true;
    }
    verdict_set(&v, MEANS_LIMIT, "the limit of requests is reached");
    v.pause_ms = wait;
    t->asking = ASK_NOTHING;
    t->flow->blocked(t, &v, -1);
    return false;
}

static void too_many_steps(struct task *t)
{
    struct verdict v = { 0 };

    verdict_set(&v, MEANS_RETRY, "more than %d requests for one task", STEPS_MAX);
    task_fail(t, "task", &v);
}

/* Prepares one request; false: something else happened, look again. */
static bool prepare(struct task *t, struct task_request *request)
{
    int        pick;
    struct err e = ask(t, &pick);

    if (!failed(e) && t->env.no_memory)
        e = err_of(ERR_NO_MEMORY, "asking");
    if (failed(e)) {
        blocked_here(t, pick, e);
        return false;
    }
    if (t->asking == ASK_OPERATION && !t->op->request.method) {
        t->flow->done(t, &(struct verdict){ .means = MEANS_OK }, NULL);
        return false;
    }
    quota_count(&t->session->quota, t->now_ms);
    request_fill(t, request);
    t->in_flight = true;
    t->steps++;
    return true;
}

enum task_next task_next(struct task *task, uint64_t now_ms, struct task_request *request, uint64_t *wait_ms)
{
    struct task *t = task;

    t->now_ms = now_ms;
    if (!t->begun)
        t->begun_ms = now_ms;
    t->begun = true;
    t->env.wall_known = t->session->wall_known;
    t->env.wall_ms = (int64_t)now_ms + t->session->wall_offset_ms;
    *wait_ms = 0;
    if (t->in_flight) { /* asked twice: the same request */
        request_fill(t, request);
        return TASK_SEND;
    }
    while (!t->done) {
        if (t->wait_until_ms > now_ms) {
            *wait_ms = t->wait_until_ms - now_ms;
            return TASK_WAIT;
        }
        if (t->steps >= STEPS_MAX)
            too_many_steps(t);
        else if (must_wait(t, wait_ms))
            return TASK_WAIT;
        else if (!t->done && prepare(t, request))
            return TASK_SEND;
    }
    return TASK_DONE;
}

void task_result(const struct task *task, struct task_result *ret)
{
    *ret = task->result;
    ret->problems = task->problems;
}
