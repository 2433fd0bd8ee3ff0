/* The loop's side: libcurl says which sockets and which moment it waits for, we tell it when. */
#include "platform/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "platform/http_parts.h"
#include "platform/roots.h"

static const uint64_t NEVER = UINT64_MAX;

struct http_socket {
    uv_poll_t           poll;
    curl_socket_t       socket;
    struct http        *http;
    struct http_socket *next, **link;
};

static void rest(struct http *http);

/* ---- the end of transfers ---- */

static void collect(struct http *http)
{
    CURLMsg *message;
    int      left;

    while (http->multi && (message = curl_multi_info_read(http->multi, &left))) {
        struct http_exchange *x = NULL;
        CURLcode              code = message->data.result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        http_exchange_end(x, code);
    }
    if (!http->closing && !http->exchanges)
        http_idle(http);
}

/* libcurl cannot go on: a callback of ours failed it, or it has no memory. What done() starts anew
 * gets a new multi. */
static void give_up(struct http *http)
{
    struct http_exchange *broken = http->exchanges;

    http->exchanges = NULL;
    if (broken)
        broken->link = &broken;
    for (struct http_exchange *x = broken; x; x = x->next)
        curl_multi_remove_handle(http->multi, x->easy);
    rest(http);
    while (broken) {
        if (http->closing)
            http_exchange_free(broken);
        else
            http_exchange_end(broken, CURLE_OUT_OF_MEMORY);
    }
}

static void act(struct http *http, curl_socket_t socket, int what)
{
    int running;

    if (curl_multi_socket_action(http->multi, socket, what, &running) == CURLM_OK)
        collect(http);
    else
        give_up(http);
}

/* ---- sockets ---- */

static void socket_closed(uv_handle_t *handle)
{
    free(container_of(handle, struct http_socket, poll));
}

static void socket_close(struct http_socket *s)
{
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    uv_close((uv_handle_t *)&s->poll, socket_closed);
}

static struct http_socket *socket_open(struct http *http, curl_socket_t socket)
{
    struct http_socket *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    if (uv_poll_init_socket(http->loop, &s->poll, socket) != 0) {
        free(s);
        return NULL;
    }
    s->socket = socket;
    s->http = http;
    s->next = http->sockets;
    s->link = &http->sockets;
    if (s->next)
        s->next->link = &s->next;
    http->sockets = s;
    return s;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct http_socket *s = container_of(poll, struct http_socket, poll);
    int                 what = 0;

    if (status < 0)
        what |= CURL_CSELECT_ERR;
    if (events & UV_READABLE)
        what |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        what |= CURL_CSELECT_OUT;
    act(s->http, s->socket, what); /* may close s */
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *of_socket)
{
    struct http        *http = context;
    struct http_socket *s = of_socket;
    int                 events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            socket_close(s);
        return 0;
    }
    if (!s) {
        s = socket_open(http, socket);
        if (!s)
            return -1;
        curl_multi_assign(http->multi, socket, s);
    }
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return uv_poll_start(&s->poll, events, on_poll) == 0 ? 0 : -1;
}

/* ---- the timer ---- */

static void on_timer(uv_timer_t *timer);

static void set_timer(struct http *http)
{
    uint64_t now = uv_now(http->loop);
    uint64_t due = http->curl_due_ms < http->idle_due_ms ? http->curl_due_ms : http->idle_due_ms;

    if (due == NEVER)
        uv_timer_stop(&http->timer);
    else
        uv_timer_start(&http->timer, on_timer, due > now ? due - now : 0, 0);
}

static int on_curl_timer(CURLM *multi, long after_ms, void *context)
{
    struct http *http = context;

    (void)multi;
    http->curl_due_ms = after_ms < 0 ? NEVER : uv_now(http->loop) + (uint64_t)after_ms;
    if (!http->closing)
        set_timer(http);
    return 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct http *http = container_of(timer, struct http, timer);
    uint64_t     now = uv_now(http->loop);

    if (http->idle_due_ms <= now) {
        rest(http);
        return;
    }
    if (http->curl_due_ms <= now) {
        http->curl_due_ms = NEVER;
        act(http, CURL_SOCKET_TIMEOUT, 0);
    }
    if (!http->closing)
        set_timer(http);
}

/* ---- awake and at rest ---- */

struct err http_wake(struct http *http)
{
    CURLM *multi = http->multi;

    http->idle_due_ms = NEVER;
    if (multi)
        return err_ok();
    multi = curl_multi_init();
    if (!multi)
        return err_of(ERR_NO_MEMORY, "starting the HTTP client");
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)HTTP_KEPT_MAX);
    http->multi = multi;
    return err_ok();
}

/* Nothing of libcurl stays: connections, their TLS buffers and parsed roots, cached names. */
static void rest(struct http *http)
{
    assert(!http->exchanges);
    curl_multi_cleanup(http->multi);
    http->multi = NULL;
    while (http->sockets)
        socket_close(http->sockets);
    http->curl_due_ms = http->idle_due_ms = NEVER;
    uv_timer_stop(&http->timer);
}

void http_idle(struct http *http)
{
    if (http->exchanges || !http->multi)
        return;
    if (http->idle_s == 0) {
        rest(http);
        return;
    }
    http->idle_due_ms = uv_now(http->loop) + (uint64_t)http->idle_s * 1000;
    set_timer(http);
}

/* ---- life ---- */

static void http_free(struct http *http)
{
    free(http->ca_file);
    free(http->proxy);
    free(http->agent);
    curl_global_cleanup();
    free(http);
}

static void timer_closed(uv_handle_t *handle)
{
    http_free(container_of(handle, struct http, timer));
}

static struct err readable(const char *path)
{
    uv_fs_t request;
    int     status = uv_fs_access(NULL, &request, path, 4 /* R_OK */, NULL);

    uv_fs_req_cleanup(&request);
    return status == 0 ? err_ok() : err_from_os(status, "reading the file of trusted certificates");
}

static struct err copy_options(struct http *http, const struct http_options *options)
{
    const char *roots = options->ca_file;
    struct err  e = roots ? readable(roots) : plat_roots_find(&roots);

    if (!failed(e) && options->proxy)
        e = http_check_proxy(options->proxy);
    if (failed(e))
        return e;
    http->idle_s = options->idle_s;
    http->chain = options->chain;
    http->ca_file = strdup(roots);
    http->agent = strdup(options->agent ? options->agent : "Picket");
    if (options->proxy)
        http->proxy = strdup(strcmp(options->proxy, "none") == 0 ? "" : options->proxy);
    if (!http->ca_file || !http->agent || (options->proxy && !http->proxy))
        return err_of(ERR_NO_MEMORY, "starting the HTTP client");
    return e;
}

struct err http_open(uv_loop_t *loop, const struct http_options *options, struct http **ret)
{
    struct http *http;
    struct err   e;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_of(ERR_NO_MEMORY, "starting libcurl");
    http = calloc(1, sizeof *http);
    if (!http) {
        curl_global_cleanup();
        return err_of(ERR_NO_MEMORY, "starting the HTTP client");
    }
    http->loop = loop;
    http->curl_due_ms = http->idle_due_ms = NEVER;
    e = http_tls_start();
    if (!failed(e))
        e = copy_options(http, options);
    if (failed(e)) {
        http_free(http);
        return e;
    }
    uv_timer_init(loop, &http->timer); /* cannot fail */
    *ret = http;
    return e;
}

void http_close(struct http **http)
{
    struct http *h = *http;

    if (!h)
        return;
    *http = NULL;
    h->closing = true;
    while (h->exchanges)
        http_exchange_free(h->exchanges);
    if (h->multi)
        rest(h);
    uv_close((uv_handle_t *)&h->timer, timer_closed);
}
