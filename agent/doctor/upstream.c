/* One upstream's checks, on the way to it: name, proxy, connection, TLS, clock, and what it says. This process is confined
 * as the courier is, with the courier's account. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/doctor/exam.h"
#include "agent/doctor/tls_words.h"
#include "agent/upstream/feed_settings.h"
#include "agent/upstream/feed_trial.h"
#include "agent/upstream/settings.h"
#include "agent/upstream/setup.h"
#include "agent/upstream/trial.h"
#include "platform/clock.h"
#include "platform/http_proxy.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "version.h"

enum { ADDRESSES_MAX = 4, CONNECT_MS = 5000, SKEW_WARNS_S = 60, SKEW_FAILS_S = 300 };

/* What the checks before found out for those that follow. */
static struct road {
    char              url[LINK_VALUE_MAX], host[256]; /* "" where the settings do not even say */
    uint16_t          port;
    struct http_proxy proxy;
    bool              has_proxy;

    struct sockaddr_storage addresses[ADDRESSES_MAX]; /* of the proxy if there is one */
    size_t                  address_count;
    bool                    connected;

    bool               fetched;
    struct http_chain  chain;
    struct http_answer answer; /* without its body and headers */
    int64_t            date_ms, heard_ms; /* 0: the server does not tell its time */
} road;

/* ---- where to ---- */

/* The first address the connector would ask; of one that asks none in a trial (a webhook), the URL among its settings. */
static void find_url(struct exam *x, struct session *session)
{
    struct task_request request;
    struct task        *task = NULL;
    uint64_t            wait_ms;

    session_clock_set(session, plat_clock_steady_ms(), plat_clock_wall_ms());
    if (!failed(session_test(session, &task)) &&
        task_next(task, plat_clock_steady_ms(), &request, &wait_ms) == TASK_SEND)
        snprintf(road.url, sizeof road.url, "%s", request.url);
    task_free(&task);
    for (size_t i = 0; !road.url[0] && i < x->setup.setting_count; i++) {
        const struct link_setting *setting = &x->setup.settings[i];
        struct buf                 secret;

        buf_init(&secret, SECRET_MAX_BYTES);
        if (setting->is_file)
            (void)plat_secret_read(setting->value, &secret);
        snprintf(road.url, sizeof road.url, "%s", setting->is_file ? buf_text(&secret) : setting->value);
        if (strncmp(road.url, "https://", 8) != 0)
            road.url[0] = '\0';
        plat_secret_done(&secret);
    }
}

static struct err read_settings(struct exam *x)
{
    struct connector *connector = NULL;
    struct session   *session = NULL;
    struct err        e = settings_connector(&x->setup, &x->problems, &connector);

    if (!failed(e))
        e = settings_session(&x->setup, connector, &x->problems, &session);
    if (!failed(e))
        find_url(x, session);
    session_free(&session);
    connector_free(&connector);
    return e;
}

/* Of an upstream that takes samples. */
static struct err read_feed(struct exam *x)
{
    static struct feed_settings settings; /* large */
    struct err                  e = feed_settings_read(&x->setup, &x->problems, &settings);

    snprintf(road.url, sizeof road.url, "%s", failed(e) ? "" : settings.url);
    feed_settings_done(&settings);
    return e;
}

static void check_settings(struct exam *x)
{
    struct problems *p = &x->problems;
    struct err       e = setup_takes_samples(&x->setup) ? read_feed(x) : read_settings(x);

    if (road.url[0] && failed(http_url_host(road.url, road.host, sizeof road.host, &road.port)))
        road.host[0] = '\0';
    if (failed(e)) {
        exam_advise(x, "picket config check names every mistake.");
        exam_say(x, FINDING_FAILED, "%s: %s", p->count ? p->items[0].path : x->setup.name,
                 p->count ? p->items[0].text : err_text(e.code));
    } else if (!road.host[0]) {
        exam_say(x, FINDING_WARNING, "they name no host that could be looked at");
    } else {
        exam_say(x, FINDING_OK, "%s, by way of %s:%u", x->setup.connector, road.host, (unsigned)road.port);
    }
    *p = (struct problems){ .count = 0 };
}

/* ---- the name ---- */

static void keep_addresses(const struct addrinfo *found, uint16_t port)
{
    for (; found && road.address_count < ADDRESSES_MAX; found = found->ai_next) {
        struct sockaddr_storage *to = &road.addresses[road.address_count];

        if (found->ai_addrlen > sizeof *to)
            continue;
        memcpy(to, found->ai_addr, found->ai_addrlen);
        if (to->ss_family == AF_INET6)
            ((struct sockaddr_in6 *)(void *)to)->sin6_port = htons(port);
        else
            ((struct sockaddr_in *)(void *)to)->sin_port = htons(port);
        road.address_count++;
    }
}

static void print_address(size_t i, char *into, size_t size)
{
    if (uv_ip_name((const struct sockaddr *)&road.addresses[i], into, size) != 0)
        snprintf(into, size, "an address");
}

static void say_addresses(struct exam *x, const char *host)
{
    char   text[ADDRESSES_MAX * 50] = "", one[48];
    size_t len = 0;

    for (size_t i = 0; i < road.address_count; i++) {
        print_address(i, one, sizeof one);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? ", " : "", one);
    }
    exam_say(x, FINDING_OK, "%s%s is %s", road.has_proxy ? "the proxy " : "", host, text);
}

static void check_dns(struct exam *x)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    const char           *option = x->setup.proxy[0] ? x->setup.proxy : NULL;
    uv_loop_t             loop;
    uv_getaddrinfo_t      request;
    struct err            e;
    const char           *host;
    int                   status;

    if (!road.host[0]) {
        exam_say(x, FINDING_SKIPPED, "no host to look up");
        return;
    }
    e = http_proxy_find(option, road.host, &road.proxy);
    road.has_proxy = !failed(e);
    host = road.has_proxy ? road.proxy.host : road.host;
    e = plat_loop_init(&loop);
    if (failed(e)) {
        exam_say(x, FINDING_SKIPPED, "%s", err_text(e.code));
        return;
    }
    status = uv_getaddrinfo(&loop, &request, NULL, host, NULL, &hints);
    if (status == 0)
        keep_addresses(request.addrinfo, road.has_proxy ? road.proxy.port : road.port);
    uv_freeaddrinfo(status == 0 ? request.addrinfo : NULL);
    (void)uv_loop_close(&loop);
    if (status == 0) {
        say_addresses(x, host);
        return;
    }
    exam_advise(x, status == UV_EAI_AGAIN
                       ? "No name server answers: see /etc/resolv.conf (resolvectl status), and whether a firewall lets port "
                         "53 pass."
                       : "Is the name spelled as it should be? Otherwise see /etc/resolv.conf (resolvectl status).");
    exam_say(x, FINDING_FAILED, "%s%s: %s", road.has_proxy ? "the proxy " : "", host, uv_strerror(status));
}

/* ---- the connection ---- */

struct try {
    uv_loop_t        loop;
    uv_tcp_t         tcp;
    uv_timer_t       timer;
    uv_connect_t     request;
    int              status;
};

static void on_connect(uv_connect_t *request, int status)
{
    struct try *t = request->data;

    if (status == UV_ECANCELED)
        return;
    t->status = status;
    uv_close((uv_handle_t *)&t->tcp, NULL);
    uv_close((uv_handle_t *)&t->timer, NULL);
}

static void on_late(uv_timer_t *timer)
{
    struct try *t = timer->data;

    t->status = UV_ETIMEDOUT;
    uv_close((uv_handle_t *)&t->tcp, NULL);
    uv_close((uv_handle_t *)&t->timer, NULL);
}

static int try_address(size_t i)
{
    struct try t = { .status = UV_ETIMEDOUT };

    if (failed(plat_loop_init(&t.loop)))
        return UV_ENOMEM;
    uv_tcp_init(&t.loop, &t.tcp);
    uv_timer_init(&t.loop, &t.timer);
    t.request.data = t.timer.data = &t;
    uv_timer_start(&t.timer, on_late, CONNECT_MS, 0);
    t.status = uv_tcp_connect(&t.request, &t.tcp, (const struct sockaddr *)&road.addresses[i], on_connect);
    if (t.status != 0) {
        uv_close((uv_handle_t *)&t.tcp, NULL);
        uv_close((uv_handle_t *)&t.timer, NULL);
    }
    uv_run(&t.loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&t.loop);
    return t.status;
}

static void say_unreached(struct exam *x, int status, const char *address)
{
    const char *what = road.has_proxy ? "the proxy" : road.host;
    unsigned    port = road.has_proxy ? road.proxy.port : road.port;

    if (status == UV_ECONNREFUSED)
        exam_advise(x, "Nothing listens there: is port %u right, and %s up?", port, what);
    else if (status == UV_ETIMEDOUT)
        exam_advise(x, "Nothing answers: a firewall that drops it, most likely. Let TCP port %u to %s pass%s.", port, what,
                    road.has_proxy ? "" : ", or name a proxy");
    else
        exam_advise(x, "See this machine's network: ip address, ip route.");
    exam_say(x, FINDING_FAILED, "%s (%s) port %u: %s", what, address, port, uv_strerror(status));
}

static void check_connect(struct exam *x)
{
    char     address[48] = "";
    int      status = 0;
    uint64_t began;

    if (road.address_count == 0) {
        exam_say(x, FINDING_SKIPPED, "no address is known");
        return;
    }
    for (size_t i = 0; i < road.address_count && !road.connected; i++) {
        began = plat_clock_steady_ms();
        print_address(i, address, sizeof address);
        status = try_address(i);
        road.connected = status == 0;
        if (road.connected)
            exam_say(x, FINDING_OK, "%s%s port %u, after %" PRIu64 " ms%s", road.has_proxy ? "the proxy at " : "", address,
                     (unsigned)(road.has_proxy ? road.proxy.port : road.port), plat_clock_steady_ms() - began,
                     i ? "; the addresses before it did not answer" : "");
    }
    if (!road.connected)
        say_unreached(x, status, address);
}

/* ---- one request to the front door: no credentials, any answer will do ---- */

static void on_fetched(void *context, struct http_answer *answer)
{
    struct http **http = context;

    road.answer = *answer;
    road.heard_ms = plat_clock_wall_ms();
    if (!http_answer_date(answer, &road.date_ms))
        road.date_ms = 0;
    http_close(http);
}

static void fetch(struct exam *x)
{
    struct http_options   o = { .ca_file = x->setup.ca_file[0] ? x->setup.ca_file : NULL,
                                .proxy = x->setup.proxy[0] ? x->setup.proxy : NULL,
                                .agent = "picket/" PICKET_VERSION,
                                .chain = &road.chain };
    char                  url[sizeof road.host + 32];
    struct http_request   request = { .method = "GET", .url = url, .total_timeout_ms = 15000 };
    struct http_exchange *exchange;
    struct http          *http = NULL;
    uv_loop_t             loop;
    bool                  is_ipv6 = strchr(road.host, ':') != NULL;
    struct err            e;

    road.fetched = true;
    snprintf(url, sizeof url, "https://%s%s%s:%u/", is_ipv6 ? "[" : "", road.host, is_ipv6 ? "]" : "", (unsigned)road.port);
    if (failed(plat_loop_init(&loop)))
        return;
    e = http_open(&loop, &o, &http);
    if (!failed(e))
        e = http_send(http, &request, on_fetched, &http, &exchange);
    if (failed(e)) {
        http_close(&http);
        road.answer.err = e;
        err_print(e, road.answer.why, sizeof road.answer.why);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop);
}

static bool stopped_at_proxy(void)
{
    return road.has_proxy && failed(road.answer.err) && strncmp(road.answer.why, "the proxy", 9) == 0;
}

static void advise_on_proxy(struct exam *x)
{
    switch (road.answer.proxy_status) {
    case 401: /* what some answer to a wrong password */
    case 407:
        if (strstr(road.answer.why, "neither"))
            exam_advise(x, "It wants NTLM or Negotiate, perhaps: have whoever runs it allow Basic or Digest for this machine, "
                           "or %s:%u without signing in.",
                        road.host, (unsigned)road.port);
        else if (road.proxy.has_user)
            exam_advise(x, "The user name or the password in the proxy's URL is wrong. Special characters in them are written "
                           "as %%XX (@ is %%40).");
        else
            exam_advise(x, "Put a user name and a password into the proxy's URL: \"proxy\": "
                           "\"http://USER:PASSWORD@%s:%u\" of the upstream. Basic and Digest are spoken.",
                        road.proxy.host, (unsigned)road.proxy.port);
        return;
    case 403:
    case 405:
        exam_advise(x, "Ask whoever runs the proxy to let CONNECT %s:%u pass.", road.host, (unsigned)road.port);
        return;
    case 0:
        exam_advise(x, "Is it the right address, and an HTTP proxy? It is named by %s.",
                    road.proxy.from ? road.proxy.from : "\"proxy\" of the upstream");
        return;
    default:
        exam_advise(x, "The proxy itself cannot reach %s: its own name server or firewall; ask whoever runs it.", road.host);
    }
}

static void check_proxy(struct exam *x)
{
    const char *from = road.proxy.from ? road.proxy.from : "the configuration";

    if (!road.host[0] || !road.has_proxy) {
        exam_say(x, road.host[0] ? FINDING_OK : FINDING_SKIPPED, "none is taken");
    } else if (!road.connected) {
        exam_say(x, FINDING_SKIPPED, "%s:%u (%s) is not reached", road.proxy.host, (unsigned)road.proxy.port, from);
    } else {
        fetch(x);
        if (stopped_at_proxy()) {
            advise_on_proxy(x);
            exam_say(x, FINDING_FAILED, "%s:%u (%s): %s", road.proxy.host, (unsigned)road.proxy.port, from, road.answer.why);
        } else {
            exam_say(x, FINDING_OK, "%s:%u (%s) lets us through%s", road.proxy.host, (unsigned)road.proxy.port, from,
                     road.proxy.has_user ? ", signed in" : "");
        }
    }
}

/* ---- TLS and the clock ---- */

static void check_tls(struct exam *x)
{
    char chain[400];

    if (road.connected && !road.fetched)
        fetch(x);
    if (!road.fetched || stopped_at_proxy()) {
        exam_say(x, FINDING_SKIPPED, "there is no connection");
        return;
    }
    tls_chain_print(&road.chain, chain, sizeof chain);
    if (road.answer.sent || !failed(road.answer.err)) {
        const char *opener = tls_inspector(&road.chain);

        if (opener)
            exam_advise(x, "It reads everything, credentials too. If that is not wanted, have %s excepted from inspection.",
                        road.host);
        exam_say(x, opener ? FINDING_WARNING : FINDING_OK, "%s%s%s%s", opener ? "opened on the way by " : "",
                 opener ? opener : "", opener ? ": " : "", chain[0] ? chain : "the certificate is trusted");
        return;
    }
    tls_advise(x, road.answer.cert_faults, &road.chain, road.host);
    exam_say(x, FINDING_FAILED, "%s%s%s", road.answer.why, chain[0] ? ": " : "", chain);
}

static void check_clock(struct exam *x)
{
    char    ours[CLOCK_TEXT_BYTES], theirs[CLOCK_TEXT_BYTES];
    int64_t skew_s = (road.heard_ms - road.date_ms) / 1000, apart_s = skew_s < 0 ? -skew_s : skew_s;

    if (!road.fetched || !road.date_ms) {
        exam_say(x, FINDING_SKIPPED, "the upstream did not tell its time");
        return;
    }
    if (apart_s < SKEW_WARNS_S) {
        exam_say(x, FINDING_OK, "the same here and there, to %" PRId64 " s", apart_s + 1);
        return;
    }
    exam_advise(x, "Correct this machine's clock (timedatectl; is systemd-timesyncd or chrony at work?). With a wrong one "
                   "certificates and signed requests are refused.");
    exam_say(x, apart_s < SKEW_FAILS_S ? FINDING_WARNING : FINDING_FAILED, "here it is %s, there %s: %" PRId64 " s %s",
             plat_clock_print(road.heard_ms, ours), plat_clock_print(road.date_ms, theirs), apart_s,
             skew_s > 0 ? "ahead" : "behind");
}

/* ---- what it says ---- */

static void check_answer(struct exam *x)
{
    struct problems *p = &x->problems;
    struct err       e;

    if (!road.host[0] || !road.answer.sent) {
        exam_say(x, FINDING_SKIPPED, "it is not reached");
        return;
    }
    e = setup_takes_samples(&x->setup) ? feed_trial_run(&x->setup, p) : trial_run(&x->setup, p);
    if (!failed(e)) {
        exam_say(x, FINDING_OK, "it takes the credentials and knows what the settings name");
        return;
    }
    exam_advise(x, "The connector's page in the documentation lists what the account needs; picket config check --online asks "
                   "again.");
    exam_say(x, FINDING_FAILED, "%s%s%s", p->count ? p->items[0].path : "", p->count && p->items[0].path[0] ? ": " : "",
             p->count ? p->items[0].text : err_text(e.code));
}

const struct exam_check exam_of_upstream[] = {
    { "settings", 15, check_settings }, { "dns", 25, check_dns },     { "connect", 30, check_connect },
    { "proxy", 25, check_proxy },       { "tls", 25, check_tls },     { "clock", 5, check_clock },
    { "answer", 75, check_answer },     { NULL, 0, NULL },
};
