/* One request and its answer. */
#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/http_parts.h"

/* ---- what libcurl calls ---- */

/* The connection stands, TLS included: from now on bytes of the request may leave.
 * libcurl repeats a request when a kept connection turns out to be dead, also one that writes,
 * which the server may have carried out before it closed. */
static int on_ready(void *context, char *ip, char *local_ip, int port, int local_port)
{
    struct http_exchange *x = context;

    (void)ip, (void)local_ip, (void)port, (void)local_port;
    if (x->attempts > 0 && !x->may_repeat)
        return CURL_PREREQFUNC_ABORT;
    x->attempts++;
    x->answer.sent = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *context)
{
    struct http_exchange *x = context;

    (void)one;
    x->broke = buf_add(&x->answer.body, bytes, len);
    return failed(x->broke) ? CURL_WRITEFUNC_ERROR : len;
}

static void forget_answer(struct http_exchange *x)
{
    x->head_complete = false;
    buf_clear(&x->head);
    buf_clear(&x->answer.body);
    x->answer.header_count = 0;
}

struct line {
    const char *name, *value;
    size_t      name_len, value_len;
};

/* False for what is no header as we keep them: the status line, a continued line, bytes that may not be there. */
static bool split_line(const char *text, size_t len, struct line *ret)
{
    const char *colon = memchr(text, ':', len);
    const char *value = colon ? colon + 1 : NULL;
    const char *end = text + len;

    if (!colon || colon == text || *text == ' ' || *text == '\t')
        return false;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && strchr(" \t\r\n", end[-1]))
        end--;
    *ret = (struct line){ text, value, (size_t)(colon - text), (size_t)(end - value) };
    return !memchr(text, '\0', len) && !memchr(text, '\r', (size_t)(end - text));
}

static struct err add_header(struct http_exchange *x, const struct line *line)
{
    size_t     start = x->head.len;
    struct err e = buf_add(&x->head, line->name, line->name_len);

    if (!failed(e))
        e = buf_add_byte(&x->head, '\0');
    if (!failed(e))
        e = buf_add(&x->head, line->value, line->value_len);
    if (!failed(e))
        e = buf_add_byte(&x->head, '\0');
    if (failed(e))
        return e;
    for (char *c = x->head.data + start; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c += 'a' - 'A';
    }
    x->answer.header_count++;
    return e;
}

/* Once for each line, the status line of every answer included: also of "103 Early Hints", any
 * number of them. */
static size_t on_header(char *text, size_t one, size_t len, void *context)
{
    struct http_exchange *x = context;
    struct line           line;

    (void)one;
    x->head_bytes += len;
    if (x->head_bytes > HTTP_HEAD_MAX_BYTES)
        x->broke = err_of(ERR_TOO_BIG, "receiving the headers of an answer");
    else if (len >= 5 && memcmp(text, "HTTP/", 5) == 0)
        forget_answer(x);
    else if (*text == '\r' || *text == '\n')
        x->head_complete = true;
    else if (x->answer.header_count < HTTP_ANSWER_HEADERS_MAX && split_line(text, len, &line))
        x->broke = add_header(x, &line);
    return failed(x->broke) ? 0 : len;
}

/* ---- life ---- */

static void unlink_from_http(struct http_exchange *x)
{
    *x->link = x->next;
    if (x->next)
        x->next->link = x->link;
}

static void destroy(struct http_exchange *x)
{
    curl_easy_cleanup(x->easy);
    curl_slist_free_all(x->headers);
    buf_done(&x->head);
    buf_done(&x->answer.body);
    free(x);
}

void http_exchange_free(struct http_exchange *x)
{
    if (x->easy && x->http->multi)
        curl_multi_remove_handle(x->http->multi, x->easy);
    unlink_from_http(x);
    destroy(x);
}

/* ---- the request ---- */

static struct err add_line(struct http_exchange *x, const char *line)
{
    struct curl_slist *longer = curl_slist_append(x->headers, line);

    if (!longer)
        return err_of(ERR_NO_MEMORY, "preparing a request");
    x->headers = longer;
    return err_ok();
}

static struct err add_headers(struct http_exchange *x, const struct http_request *request)
{
    bool       has_type = false;
    struct buf line;
    struct err e = err_ok();

    buf_init(&line, HTTP_HEAD_MAX_BYTES);
    for (size_t i = 0; !failed(e) && i < request->header_count; i++) {
        const struct http_header *h = &request->headers[i];

        buf_clear(&line);
        e = *h->value ? buf_printf(&line, "%s: %s", h->name, h->value)
                      : buf_printf(&line, "%s;", h->name); /* how libcurl is told: empty */
        if (!failed(e))
            e = add_line(x, line.data);
        has_type = has_type || curl_strequal(h->name, "content-type");
    }
    if (!failed(e) && !has_type)
        e = add_line(x, "Content-Type:"); /* none, rather than libcurl's form type */
    if (!failed(e))
        e = add_line(x, "Expect:"); /* no waiting for a 100, and no second try after a 417 */
    buf_done(&line);
    return e;
}

/* Collects the first failure of many setopts. */
#define SET(option, value)                                   \
    do {                                                     \
        if (code == CURLE_OK)                                \
            code = curl_easy_setopt(x->easy, option, value); \
    } while (0)

static CURLcode set_trust(struct http_exchange *x, CURLcode code)
{
    const char *ca_file = x->http->ca_file;

    SET(CURLOPT_CAINFO, ca_file);
    SET(CURLOPT_CAPATH, NULL); /* a distribution's libcurl would add its folder to them */
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_PROXY_CAINFO, ca_file);
    SET(CURLOPT_PROXY_CAPATH, NULL);
    SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    return code;
}

static CURLcode set_rules(struct http_exchange *x, CURLcode code)
{
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* giving up must not wait for a name server */
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* http_exchange_end does, by our rules */
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_USERAGENT, x->http->agent);
    SET(CURLOPT_PROXYAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST));
    if (x->http->proxy)
        SET(CURLOPT_PROXY, x->http->proxy);
    return code;
}

static CURLcode set_request(struct http_exchange *x, CURLcode code, const struct http_request *r)
{
    /* "Content-Length: 0" belongs to an empty POST, PUT or PATCH */
    bool has_body = r->body || r->method[0] == 'P';

    SET(CURLOPT_URL, r->url);
    if (has_body) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(r->body ? r->body_len : 0));
        SET(CURLOPT_POSTFIELDS, r->body ? r->body : "");
    }
    if (strcmp(r->method, has_body ? "POST" : "GET") != 0)
        SET(CURLOPT_CUSTOMREQUEST, r->method);
    SET(CURLOPT_HTTPHEADER, x->headers);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)x->answer.body.limit);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)x->connect_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)x->total_ms);
    if (!x->may_repeat)
        SET(CURLOPT_MAXAGE_CONN, (long)HTTP_KEPT_FOR_WRITES_S);
    return code;
}

static CURLcode set_callbacks(struct http_exchange *x, CURLcode code)
{
    SET(CURLOPT_PRIVATE, x);
    SET(CURLOPT_PREREQFUNCTION, on_ready);
    SET(CURLOPT_PREREQDATA, x);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, x);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, x);
    SET(CURLOPT_ERRORBUFFER, x->curl_text);
    return code;
}

static struct err prepare(struct http_exchange *x, const struct http_request *request)
{
    CURLcode   code = CURLE_OK;
    struct err e;

    x->easy = curl_easy_init();
    if (!x->easy)
        return err_of(ERR_NO_MEMORY, "preparing a request");
    e = add_headers(x, request);
    if (failed(e))
        return e;
    code = set_rules(x, code);
    code = set_trust(x, code);
    code = set_callbacks(x, code);
    code = set_request(x, code, request);
    if (code == CURLE_OUT_OF_MEMORY)
        return err_of(ERR_NO_MEMORY, "preparing a request");
    if (code != CURLE_OK)
        return err_of(ERR_UNSUPPORTED, "preparing a request");
    return http_tls_watch(x);
}

static struct err start(struct http_exchange *x)
{
    struct err e = http_wake(x->http);

    if (failed(e))
        return e;
    if (curl_multi_add_handle(x->http->multi, x->easy) != CURLM_OK)
        return err_of(ERR_NO_MEMORY, "starting a request");
    return e;
}

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value ? value : fallback;
}

static struct http_exchange *exchange_new(struct http *http, const struct http_request *request)
{
    struct http_exchange *x = calloc(1, sizeof *x);

    if (!x)
        return NULL;
    x->http = http;
    x->is_get = strcmp(request->method, "GET") == 0;
    x->may_repeat = x->is_get;
    x->connect_ms = or_default(request->connect_timeout_ms, HTTP_CONNECT_MS);
    x->total_ms = or_default(request->total_timeout_ms, HTTP_TOTAL_MS);
    x->began_ms = plat_clock_steady_ms();
    buf_init(&x->head, 2 * HTTP_HEAD_MAX_BYTES);
    buf_init(&x->answer.body, request->answer_max_bytes ? request->answer_max_bytes : HTTP_BODY_MAX_BYTES);
    x->next = http->exchanges;
    x->link = &http->exchanges;
    if (x->next)
        x->next->link = &x->next;
    http->exchanges = x;
    return x;
}

struct err http_send(struct http *http, const struct http_request *request, http_done_fn *done, void *context,
                     struct http_exchange **ret)
{
    struct http_exchange *x;
    struct err            e = http_check_request(request);

    if (failed(e))
        return e;
    x = exchange_new(http, request);
    if (!x)
        return err_of(ERR_NO_MEMORY, "preparing a request");
    x->done = done;
    x->context = context;
    e = prepare(x, request);
    if (!failed(e))
        e = start(x);
    if (failed(e)) {
        http_exchange_free(x);
        http_idle(http);
        return e;
    }
    *ret = x;
    return e;
}

/* ---- the answer ---- */

/* The headers, now that their text does not move any more. */
static void point_at_headers(struct http_exchange *x)
{
    const char *at = buf_text(&x->head);

    for (size_t i = 0; i < x->answer.header_count; i++) {
        x->answer.headers[i].name = at;
        at += strlen(at) + 1;
        x->answer.headers[i].value = at;
        at += strlen(at) + 1;
    }
}

const char *http_answer_header(const struct http_answer *answer, const char *lower_case_name)
{
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcmp(answer->headers[i].name, lower_case_name) == 0)
            return answer->headers[i].value;
    }
    return NULL;
}

bool http_answer_date(const struct http_answer *answer, int64_t *ret_wall_ms)
{
    const char *text = http_answer_header(answer, "date");
    time_t      s = text ? curl_getdate(text, NULL) : -1;

    if (s > 0)
        *ret_wall_ms = (int64_t)s * 1000;
    return s > 0;
}

static bool used_proxy(CURL *easy)
{
    long used = 0;

#if LIBCURL_VERSION_NUM >= 0x080700
    curl_easy_getinfo(easy, CURLINFO_USED_PROXY, &used);
#else
    (void)easy;
#endif
    return used != 0;
}

static void explain(struct http_exchange *x, CURLcode code)
{
    struct http_failure f = {
        .code = code,
        .broke = x->broke,
        .sent = x->answer.sent,
        .by_proxy = used_proxy(x->easy),
        .head_too_big = x->head_bytes > HTTP_HEAD_MAX_BYTES,
        .connect_ms = x->connect_ms,
        .total_ms = x->total_ms,
        .body_max = x->answer.body.limit,
        .curl_text = x->curl_text,
    };
    long       os = 0, status = 0;
    curl_off_t named_us = 0;

    curl_easy_getinfo(x->easy, CURLINFO_PROXYAUTH_AVAIL, &f.proxy_offers);
    curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &os);
    curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    curl_easy_getinfo(x->easy, CURLINFO_NAMELOOKUP_TIME_T, &named_us);
    f.os = (int)os;
    f.unnamed = named_us == 0;
    f.connect_status = (int)status;
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        f.cert_faults = http_tls_faults(x->easy, x->curl_text, x->cert_faults);
    x->answer.cert_faults = f.cert_faults;
    x->answer.proxy_status = (int)status;
    http_why(&f, &x->answer);
}

/* Where the answer sends us, if we go there; to be freed with curl_free. */
static char *redirect_target(struct http_exchange *x)
{
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    const char      *location, *url = NULL;
    bool             redirects = false;

    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        redirects = redirects || statuses[i] == x->answer.status;
    if (!redirects || !x->is_get || x->redirects == HTTP_REDIRECTS_MAX)
        return NULL;
    point_at_headers(x);
    location = http_answer_header(&x->answer, "location");
    curl_easy_getinfo(x->easy, CURLINFO_EFFECTIVE_URL, &url);
    return location && url ? http_check_redirect(url, location) : NULL;
}

static CURLcode follow(struct http_exchange *x, const char *target)
{
    uint64_t spent = plat_clock_steady_ms() - x->began_ms;
    CURLcode code;

    forget_answer(x);
    x->answer.status = 0;
    if (spent >= x->total_ms)
        return CURLE_OPERATION_TIMEDOUT;
    code = curl_easy_setopt(x->easy, CURLOPT_URL, target);
    if (code == CURLE_OK)
        code = curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, (long)(x->total_ms - spent));
    if (code == CURLE_OK && failed(start(x)))
        code = CURLE_OUT_OF_MEMORY;
    x->redirects++;
    x->attempts = 0;
    return code;
}

void http_exchange_end(struct http_exchange *x, CURLcode code)
{
    char *target = NULL;
    long  status = 0;

    if (x->http->multi)
        curl_multi_remove_handle(x->http->multi, x->easy);
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    x->answer.status = (int)status;
    if (code == CURLE_OK && !x->head_complete)
        code = CURLE_PARTIAL_FILE; /* the connection ended among the headers: libcurl is content with that */
    if (code == CURLE_OK)
        target = redirect_target(x);
    if (target) {
        code = follow(x, target);
        curl_free(target);
        if (code == CURLE_OK)
            return;
    }
    if (code != CURLE_OK)
        explain(x, code);
    point_at_headers(x);
    x->answer.took_ms = plat_clock_steady_ms() - x->began_ms;
    unlink_from_http(x);
    x->done(x->context, &x->answer);
    destroy(x);
}

void http_cancel(struct http_exchange **exchange)
{
    struct http *http;

    if (!*exchange)
        return;
    http = (*exchange)->http;
    http_exchange_free(*exchange);
    *exchange = NULL;
    http_idle(http);
}
