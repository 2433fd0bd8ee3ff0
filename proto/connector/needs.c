/* What an operation needs before it can be asked: addresses, a token, ids of names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/connector/civil.h"
#include "proto/connector/escape.h"
#include "proto/connector/pointer.h"
#include "proto/connector/task.h"
#include "proto/connector/template.h"

/* ---- discovery ---- */

uint64_t discovery_hash(const struct session *s)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < s->c->discovery.kept_count; i++) {
        const char *text = s->discovered[i] ? s->discovered[i] : "";

        hash = hash_add(hash, text, strlen(text));
    }
    return hash;
}

static struct err kept_read(struct task *t, const struct kept *kept, const struct answer *answer, struct buf *into)
{
    char        scratch[40];
    const char *text = pointers_text(&kept->from, answer->tree, scratch);

    if (text)
        return escape_clean(into, text, strlen(text));
    for (size_t i = 0; i < kept->choice_count; i++)
        if (condition_holds(kept->choices[i].when, answer, answer->tree, &t->env))
            return template_render(&kept->choices[i].value, &t->env, into);
    return template_render(&kept->fallback, &t->env, into);
}

/* "*.example.com" is any host below it. The host that was asked may always name itself. */
static bool host_allowed(const struct task *t, const struct kept *kept, const char *host, size_t len)
{
    const char *colon = host[0] == '[' ? NULL : memchr(host, ':', len), *asked;
    size_t      name = colon ? (size_t)(colon - host) : len, asked_len;

    asked = url_host(buf_text(&t->built.url), &asked_len);
    if (asked_len == len && strncasecmp(asked, host, len) == 0)
        return true;
    for (const char *const *at = kept->hosts; at && *at; at++) {
        const char *allowed = *at;
        size_t      tail = strlen(allowed);

        if (allowed[0] == '*') {
            if (name > tail - 1 && strncasecmp(host + name - (tail - 1), allowed + 1, tail - 1) == 0)
                return true;
        } else if (name == tail && strncasecmp(host, allowed, tail) == 0) {
            return true;
        }
    }
    return !kept->hosts;
}

static bool kept_ok(const struct task *t, const struct kept *kept, const char *text)
{
    size_t      len = strlen(text);
    const char *host = text;

    if (len == 0)
        return kept->optional;
    switch (kept->as) {
    case KEPT_URL:
        if (!url_ok(text, false))
            return false;
        host = url_host(text, &len);
        return host_allowed(t, kept, host, len);
    case KEPT_HOST:
        return host_ok(text, len) && host_allowed(t, kept, host, len);
    default:
        return true;
    }
}

static bool kept_take(struct task *t, size_t i, const struct answer *answer, struct verdict *v)
{
    const struct kept *kept = &t->c->discovery.kept[i];
    struct buf         text;
    struct err         e;

    buf_init(&text, LEARNT_MAX);
    e = kept_read(t, kept, answer, &text);
    if (failed(e))
        verdict_set(v, MEANS_RETRY, "%s", "the value could not be kept");
    else if (!kept_ok(t, kept, buf_text(&text)))
        verdict_set(v, MEANS_REFUSED, "the answer has no usable \"%s\"", kept->name);
    else if (failed(text_replace(&t->session->discovered[i], buf_text(&text), text.len)))
        verdict_set(v, MEANS_RETRY, "out of memory");
    buf_done(&text);
    return v->means == MEANS_OK;
}

bool discovery_take(struct task *t, const struct answer *answer, struct verdict *v)
{
    struct session *s = t->session;

    session_discovery_forget(s);
    for (size_t i = 0; i < t->c->discovery.kept_count; i++)
        if (!kept_take(t, i, answer, v)) {
            session_discovery_forget(s);
            return false;
        }
    s->discovery_known = true;
    s->discovered_ms = t->now_ms;
    s->discovery_until_ms = t->now_ms + (uint64_t)t->c->discovery.cache_s * 1000;
    return true;
}

/* ---- tokens ---- */

/* How long the token is good for. expires_at is measured against the answer's own date, so no clock of ours matters. */
static uint64_t lifetime_ms(const struct auth *auth, const struct task *t, const struct answer *answer)
{
    const cJSON *in = auth->expires_in_at ? pointer_get(answer->tree, auth->expires_in_at) : NULL;
    const cJSON *at = auth->expires_at_at ? pointer_get(answer->tree, auth->expires_at_at) : NULL;
    char         scratch[SCALAR_TEXT_MAX];
    const char  *text = in ? scalar_text(in, scratch) : NULL;
    double       seconds = text ? strtod(text, NULL) : 0;
    int64_t      wall_ms = (int64_t)t->now_ms + t->session->wall_offset_ms, then_ms;

    if (seconds <= 0 && cJSON_IsNumber(at) && t->session->wall_known)
        seconds = at->valuedouble - (double)wall_ms / 1000;
    else if (seconds <= 0 && cJSON_IsString(at) && t->session->wall_known && rfc3339_parse(at->valuestring, &then_ms))
        seconds = (double)(then_ms - wall_ms) / 1000;
    if (seconds < 1 || seconds > 30 * 86400.0)
        seconds = auth->lifetime_s;
    seconds -= seconds > 2 * auth->early_s ? auth->early_s : seconds / 2;
    return (uint64_t)(seconds * 1000);
}

bool login_take(struct task *t, const struct answer *answer, struct verdict *v)
{
    const struct auth *auth = auth_with_login(&t->env);
    const cJSON       *token = auth ? pointer_get(answer->tree, auth->token_at) : NULL;
    size_t             len = cJSON_IsString(token) ? strlen(token->valuestring) : 0;

    if (len == 0 || len > LEARNT_MAX || !header_value_ok(token->valuestring, len)) {
        if (v->text[0] == '\0')
            verdict_set(v, MEANS_AUTH, "the answer to the login has no token");
        v->means = MEANS_AUTH;
        return false;
    }
    session_token_forget(t->session);
    if (failed(text_replace(&t->session->token, token->valuestring, len))) {
        verdict_set(v, MEANS_RETRY, "out of memory");
        return false;
    }
    t->session->token_until_ms = t->now_ms + lifetime_ms(auth, t, answer);
    return true;
}

/* ---- picks ---- */

static bool all_digits(const char *text)
{
    return text[0] && strspn(text, "0123456789") == strlen(text);
}

static struct err pick_set(struct task *t, uint8_t i, const char *value, bool old)
{
    struct err e = text_replace(&t->picks[i], value, strlen(value));

    if (!failed(e)) {
        t->pick_known[i] = true;
        t->pick_old[i] = old;
    }
    return e;
}

static uint64_t pick_key(const struct task *t, const struct pick *pick, const struct buf *by)
{
    uint64_t hash = hash_add(0, pick->name, strlen(pick->name));

    hash = hash_add(hash, buf_text(by), by->len);
    hash = hash_add(hash, buf_text(&t->built.url), t->built.url.len);
    return hash_add(hash, buf_text(&t->built.body), t->built.body.len);
}

static struct err by_make(struct task *t, const struct pick *pick, struct buf *by)
{
    struct err e = template_render(&pick->by, &t->env, by);

    t->env.by = buf_text(by);
    return e;
}

static struct err pick_look(struct task *t, uint8_t i, const struct buf *by, bool *ret_ask)
{
    const struct pick *pick = &t->c->picks[i];
    uint64_t           made_ms = 0;
    const char        *cached;
    struct err         e = request_build(&pick->ask.request, t->next_url, &t->env, &t->built);

    if (failed(e))
        return e;
    if (t->asking_key == 0) { /* the first page */
        t->asking_key = pick_key(t, pick, by);
        cached = session_pick_get(t->session, t->asking_key, t->now_ms, &made_ms);
        if (cached)
            return pick_set(t, i, cached, made_ms < t->begun_ms);
    }
    *ret_ask = true;
    return e;
}

/* Nothing to look for: the id stays out, unless it must be there. A test does not know a ticket's facts. */
static struct err pick_empty(struct task *t, uint8_t i)
{
    const struct pick *pick = &t->c->picks[i];

    if (!pick->required || (t->problems && pick->uses_facts))
        return pick_set(t, i, "", false);
    snprintf(t->env.trouble, sizeof t->env.trouble, "it is not set, and nothing else says what to use");
    return err_of(ERR_MALFORMED, "looking for an id");
}

struct err pick_settle(struct task *t, uint8_t i)
{
    const struct pick *pick = &t->c->picks[i];
    struct buf         by;
    struct err         e;

    buf_init(&by, LEARNT_MAX);
    e = template_render(&pick->by, &t->env, &by);
    if (!failed(e) && by.len == 0 && !pick->when_empty)
        e = pick_empty(t, i);
    else if (!failed(e) && pick->numbers && all_digits(buf_text(&by)))
        e = pick_set(t, i, buf_text(&by), false);
    buf_done(&by);
    return e;
}

struct err pick_prepare(struct task *t, uint8_t i, bool *ret_ask)
{
    struct buf by;
    struct err e;

    *ret_ask = false;
    buf_init(&by, LEARNT_MAX);
    e = by_make(t, &t->c->picks[i], &by);
    if (!failed(e))
        e = pick_look(t, i, &by, ret_ask);
    t->env.by = NULL;
    buf_done(&by);
    return e;
}

/* The element's value; different values of several that fit are a mistake in the settings. */
static bool pick_hit(struct task *t, const struct pick *pick, const cJSON *item, bool only_first, struct verdict *v)
{
    char         scratch[SCALAR_TEXT_MAX];
    const cJSON *at = pointer_get(item, pick->value);
    const char  *text = at ? scalar_text(at, scratch) : NULL;

    if (!text || !text[0] || strlen(text) > 200 || (t->match_value && only_first))
        return true;
    if (t->match_value && strcmp(t->match_value, text) != 0) {
        verdict_set(v, MEANS_REFUSED, "several fit; use the number instead of the name");
        return false;
    }
    t->matches++;
    return !failed(text_replace(&t->match_value, text, strlen(text)));
}

static void none_fits(struct task *t, const struct pick *pick, struct verdict *v)
{
    struct buf text;

    buf_init(&text, 4 * VERDICT_TEXT_MAX);
    if (pick->ask.otherwise.count && !failed(template_render(&pick->ask.otherwise, &t->env, &text)))
        verdict_set(v, MEANS_REFUSED, "%s", buf_text(&text));
    else
        verdict_set(v, MEANS_REFUSED, "there is no \"%.80s\"", t->env.by);
    buf_done(&text);
}

static bool pick_scan(struct task *t, const struct pick *pick, const struct answer *answer, struct verdict *v)
{
    const cJSON            *list = pointers_array(&pick->ask.list, answer->tree);
    bool                    empty = t->env.by[0] == '\0';
    const struct condition *which = empty ? pick->when_empty : pick->ask.match;
    size_t                  count = 0;

    if (!pick->ask.list.count) /* the answer itself is the one */
        return !condition_holds(which, answer, answer->tree, &t->env) || pick_hit(t, pick, answer->tree, empty, v);
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next, count++)
        if (condition_holds(which, answer, item, &t->env) && !pick_hit(t, pick, item, empty, v))
            return false;
    if (t->match_value && empty)
        return true;
    return !page_next(t, &pick->ask.paging, answer, count, v) ? v->means == MEANS_OK : true;
}

static void pick_end(struct task *t, uint8_t i, bool looked_for, struct verdict *v)
{
    const struct pick *pick = &t->c->picks[i];
    const char        *value = t->match_value ? t->match_value : "";

    if (!t->match_value && (pick->required || looked_for))
        none_fits(t, pick, v);
    else if (failed(session_pick_put(t->session, t->asking_key, t->now_ms, pick->cache_s, value)) ||
             failed(pick_set(t, i, value, false)))
        verdict_set(v, MEANS_RETRY, "out of memory");
}

bool pick_take(struct task *t, const struct answer *answer, struct verdict *v)
{
    uint8_t            i = t->asking_pick;
    const struct pick *pick = &t->c->picks[i];
    uint32_t           page = t->page;
    struct buf         by;
    bool               ok;

    buf_init(&by, LEARNT_MAX);
    ok = !failed(by_make(t, pick, &by)) && pick_scan(t, pick, answer, v);
    if (ok && page == t->page) { /* that was the last page */
        pick_end(t, i, by.len > 0, v);
        ok = v->means == MEANS_OK;
    }
    t->env.by = NULL;
    buf_done(&by);
    return ok;
}

/* Could this pick be read from the answer at hand? Its request is built to compare. */
static bool pick_shares(struct task *t, uint8_t i, uint64_t asked)
{
    const struct operation *op = &t->c->picks[i].ask;
    bool                    ask = false;

    if (t->pick_known[i] || op->paging.kind != PAGING_NONE)
        return false;
    for (uint8_t n = 0; n < i; n++)
        if (op->needs.picks & 1U << n && !t->pick_known[n])
            return false;
    page_first(t, &op->paging);
    t->asking_pick = i;
    t->asking_key = 0;
    if (failed(pick_settle(t, i)) || (!t->pick_known[i] && failed(pick_prepare(t, i, &ask))))
        t->env.trouble[0] = '\0'; /* it will be said when the pick is needed */
    return ask && request_hash(&t->built) == asked;
}

uint64_t request_hash(const struct built *b)
{
    return hash_add(hash_add(0, buf_text(&b->url), b->url.len), buf_text(&b->body), b->body.len);
}

void picks_share(struct task *t, const struct answer *answer)
{
    uint64_t asked = request_hash(&t->built);

    for (uint8_t i = 0; i < t->c->pick_count; i++) {
        struct verdict v = { .means = MEANS_OK };

        if (pick_shares(t, i, asked))
            pick_take(t, answer, &v); /* where it fails, it is asked for when it is needed */
    }
    t->asking = ASK_NOTHING;
}
