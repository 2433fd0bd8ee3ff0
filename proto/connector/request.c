#include "proto/connector/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/connector/answer.h"
#include "proto/connector/escape.h"
#include "proto/connector/sign.h"
#include "proto/connector/template.h"

void built_init(struct built *b)
{
    *b = (struct built){ 0 };
    buf_init(&b->url, URL_ROOM);
    buf_init(&b->path, URL_ROOM);
    buf_init(&b->query, URL_ROOM);
    buf_init(&b->body, BODY_MAX);
}

void built_done(struct built *b)
{
    buf_done(&b->url);
    buf_done(&b->path);
    buf_done(&b->query);
    buf_done(&b->body);
    text_pool_free(&b->pool);
}

void built_clear(struct built *b)
{
    built_done(b);
    built_init(b);
}

static struct err refuse(struct env *env, const char *what, const char *name)
{
    snprintf(env->trouble, sizeof env->trouble, "%s%s%s", what, name[0] ? ": " : "", name);
    return err_of(ERR_MALFORMED, "building a request");
}

/* ---- headers ---- */

struct err header_add(struct built *b, struct env *env, const char *name, const char *value)
{
    size_t i = 0;
    char  *copy;

    if (!value[0])
        return err_ok();
    if (!header_value_ok(value, strlen(value)))
        return refuse(env, "a header's value holds a control character or is too long", name);
    if (!b->pool)
        b->pool = text_pool_new();
    copy = b->pool ? text_pool_copy(b->pool, value, strlen(value)) : NULL;
    if (!copy)
        return err_of(ERR_NO_MEMORY, "building a request");
    while (i < b->header_count && strcasecmp(b->headers[i].name, name) != 0)
        i++;
    if (i == ARRAY_LEN(b->headers))
        return refuse(env, "too many headers", name);
    b->headers[i] = (struct task_header){ name, copy };
    if (i == b->header_count)
        b->header_count++;
    return err_ok();
}

static const char *header_name(const struct node *node)
{
    return node->name.count ? node->name.parts[0].literal : "";
}

struct err headers_add(const struct node *headers, struct env *env, struct built *into)
{
    struct buf text;
    struct err e = err_ok();

    buf_init(&text, 8 * 1024);
    for (const struct node *at = headers; at && !failed(e); at = at->next) {
        buf_clear(&text);
        e = node_text(at, env, &text);
        if (!failed(e))
            e = header_add(into, env, header_name(at), buf_text(&text));
    }
    buf_done(&text);
    return e;
}

/* "Basic dXNlcjpwYXNz" */
static struct err basic_add(const struct template *user, const struct template *password, struct env *env,
                            struct built *into)
{
    struct buf pair, value;
    struct err e;

    buf_init(&pair, 4096);
    buf_init(&value, 8192);
    e = template_render(user, env, &pair);
    if (!failed(e) && strchr(buf_text(&pair), ':'))
        e = refuse(env, "the user's name may not hold a colon", "");
    if (!failed(e))
        e = buf_add_byte(&pair, ':');
    if (!failed(e))
        e = template_render(password, env, &pair);
    if (!failed(e))
        e = buf_add_text(&value, "Basic ");
    if (!failed(e))
        e = base64_add(&value, buf_text(&pair), pair.len);
    if (!failed(e))
        e = header_add(into, env, "Authorization", buf_text(&value));
    buf_done(&pair);
    buf_done(&value);
    return e;
}

/* ---- addresses ---- */

/* "a=1&b=x%20y": what is empty is left out. */
static struct err fields_add(const struct node *fields, struct env *env, struct buf *into)
{
    struct buf text;
    struct err e = err_ok();

    buf_init(&text, BODY_MAX);
    for (const struct node *at = fields; at && !failed(e); at = at->next) {
        const char *name = header_name(at);

        buf_clear(&text);
        e = node_text(at, env, &text);
        if (failed(e) || (text.len == 0 && !at->fixed))
            continue;
        if (into->len > 0)
            e = buf_add_byte(into, '&');
        if (!failed(e))
            e = escape_percent(into, name, strlen(name));
        if (!failed(e))
            e = buf_add_byte(into, '=');
        if (!failed(e))
            e = escape_percent(into, buf_text(&text), text.len);
    }
    buf_done(&text);
    return e;
}

static struct err address_make(const struct request *request, struct env *env, struct built *into)
{
    size_t     len;
    struct err e = template_render_address(&request->address, env, &into->path);

    if (failed(e) || !request->absolute) {
        if (!failed(e))
            e = template_render_address(&env->c->base, env, &into->url);
        if (!failed(e) && into->url.len > 0 && into->url.data[into->url.len - 1] == '/')
            buf_cut(&into->url, into->url.len - 1);
        return failed(e) ? e : buf_add(&into->url, buf_text(&into->path), into->path.len);
    }
    e = buf_add(&into->url, buf_text(&into->path), into->path.len);
    if (!failed(e) && url_ok(buf_text(&into->url), true)) { /* what is signed as the path is that of the address */
        const char *host = url_host(buf_text(&into->url), &len);

        buf_clear(&into->path);
        e = buf_add(&into->path, host + len, strcspn(host + len, "?"));
    }
    return e;
}

static struct err url_make(const struct request *request, const char *url, struct env *env, struct built *into)
{
    struct err e;

    if (url) {
        e = buf_add_text(&into->url, url);
    } else {
        e = address_make(request, env, into);
        if (!failed(e))
            e = fields_add(request->query, env, &into->query);
        if (!failed(e) && into->query.len > 0)
            e = buf_printf(&into->url, "%s%s", strchr(buf_text(&into->url), '?') ? "&" : "?", buf_text(&into->query));
    }
    if (failed(e))
        return e;
    if (!url_ok(buf_text(&into->url), true))
        return refuse(env, "this does not make an address; look at the settings of host and url", "");
    if (into->url.len > env->c->limits.url_max)
        return refuse(env, "the address is longer than this system takes", "");
    return e;
}

static struct err body_make(const struct request *request, struct env *env, struct built *into)
{
    bool       empty = false;
    struct err e = err_ok();

    if (request->body)
        e = node_json(request->body, env, &into->body, &empty);
    else if (request->form)
        e = fields_add(request->form, env, &into->body);
    else
        return e;
    into->has_body = true;
    if (!failed(e))
        e = header_add(into, env, "Content-Type",
                       request->form ? "application/x-www-form-urlencoded" : "application/json");
    return e;
}

struct err request_build(const struct request *request, const char *url, struct env *env, struct built *into)
{
    struct err e;

    built_clear(into);
    into->method = url ? "GET" : request->method;
    e = url_make(request, url, env, into);
    if (!failed(e) && !url)
        e = body_make(request, env, into);
    if (!failed(e))
        e = header_add(into, env, "Accept", "application/json");
    if (!failed(e) && !request->bare)
        e = headers_add(env->c->headers, env, into);
    if (!failed(e))
        e = headers_add(request->headers, env, into);
    if (!failed(e) && request->basic_user && request->basic_password)
        e = basic_add(request->basic_user, request->basic_password, env, into);
    if (!failed(e) && request->credentials)
        e = auth_add(env, into);
    return e;
}

/* ---- credentials ---- */

bool auth_applies(const struct auth *auth, struct env *env)
{
    return condition_holds(auth->when, NULL, NULL, env);
}

const struct auth *auth_with_login(struct env *env)
{
    for (size_t i = 0; i < env->c->auth_count; i++) {
        const struct auth *auth = &env->c->auths[i];

        if (auth->login.request.method && auth_applies(auth, env))
            return auth;
    }
    return NULL;
}

static struct err bearer_add(const struct auth *auth, struct env *env, struct built *into)
{
    struct buf value;
    struct err e;

    buf_init(&value, 8192);
    e = buf_printf(&value, "%s ", auth->scheme);
    if (!failed(e))
        e = auth->kind == AUTHKIND_BEARER ? template_render(&auth->token, env, &value)
                                          : buf_add_text(&value, env->token ? env->token : "");
    if (!failed(e))
        e = header_add(into, env, "Authorization", buf_text(&value));
    buf_done(&value);
    return e;
}

/* Signs the bytes that will be sent. */
static struct err hmac_add(const struct auth *auth, struct env *env, struct built *into)
{
    const char *parts[] = { [REQUEST_METHOD] = into->method,
                            [REQUEST_PATH] = buf_text(&into->path),
                            [REQUEST_QUERY] = buf_text(&into->query),
                            [REQUEST_URL] = buf_text(&into->url),
                            [REQUEST_BODY] = buf_text(&into->body) };
    struct buf  key, text, signature;
    struct err  e;

    buf_init(&key, 4096);
    buf_init(&text, BODY_MAX + URL_ROOM);
    buf_init(&signature, 512);
    memcpy(env->request, parts, sizeof parts);
    e = template_render(&auth->key, env, &key);
    if (!failed(e))
        e = template_render(&auth->text, env, &text);
    if (!failed(e))
        e = signature_add(&signature, auth->digest, auth->print, &key, &text);
    env->signature = buf_text(&signature);
    if (!failed(e))
        e = headers_add(auth->headers, env, into);
    env->signature = NULL;
    memset(env->request, 0, sizeof env->request);
    buf_done(&key);
    buf_done(&text);
    buf_done(&signature);
    return e;
}

struct err auth_add(struct env *env, struct built *into)
{
    struct err e = err_ok();

    for (size_t i = 0; i < env->c->auth_count && !failed(e); i++) {
        const struct auth *auth = &env->c->auths[i];

        if (!auth_applies(auth, env))
            continue;
        if (auth->kind == AUTHKIND_BASIC)
            e = basic_add(&auth->user, &auth->password, env, into);
        else if (auth->kind == AUTHKIND_HMAC)
            e = hmac_add(auth, env, into);
        else if (auth->kind != AUTHKIND_NONE && auth->kind != AUTHKIND_HEADERS)
            e = bearer_add(auth, env, into);
        if (!failed(e) && auth->kind != AUTHKIND_HMAC)
            e = headers_add(auth->headers, env, into);
    }
    return e;
}
