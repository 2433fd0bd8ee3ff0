/* platform/http_parts.h - what the files of the HTTP client share; nobody else includes it.
 *
 *     http.c           the loop: libcurl's sockets and timer, idle connections
 *     http_exchange.c  one request and its answer
 *     http_check.c     what may be asked for; where a redirect may lead
 *     http_tls.c       the TLS library: its start, and what it found wrong with a certificate
 *     http_why.c       what went wrong, in words
 */
#ifndef PICKET_PLATFORM_HTTP_PARTS_H
#define PICKET_PLATFORM_HTTP_PARTS_H

#include <curl/curl.h>

#include "platform/http.h"

enum {
    HTTP_BODY_MAX_BYTES = 1024 * 1024,
    HTTP_HEAD_MAX_BYTES = 64 * 1024,
    HTTP_CONNECT_MS = 10 * 1000,
    HTTP_TOTAL_MS = 30 * 1000,
    HTTP_REDIRECTS_MAX = 3,
    HTTP_KEPT_MAX = 4,         /* connections kept for another exchange */
    HTTP_KEPT_FOR_WRITES_S = 4 /* older ones are not trusted with a request that writes */
};

struct http {
    uv_loop_t            *loop;
    uv_timer_t            timer;
    uint64_t              curl_due_ms, idle_due_ms; /* loop time; NEVER */
    CURLM                *multi;                    /* NULL while idle */
    struct http_socket   *sockets;
    struct http_exchange *exchanges;
    char                 *ca_file, *proxy, *agent; /* proxy NULL: the environment's */
    struct http_chain    *chain;                   /* lent; may be NULL */
    uint32_t              idle_s;
    bool                  closing;
};

struct http_exchange {
    struct http          *http;
    struct http_exchange *next, **link;
    CURL                 *easy;
    struct curl_slist    *headers;
    http_done_fn         *done;
    void                 *context;
    bool                  is_get, may_repeat;
    unsigned              attempts; /* how often the request began to leave, this hop */
    unsigned              redirects;
    uint32_t              cert_faults; /* bits of enum http_cert_fault */
    uint32_t              connect_ms, total_ms;
    uint64_t              began_ms;      /* steady */
    size_t                head_bytes;    /* of all answers of this exchange */
    bool                  head_complete; /* of the last one */
    struct buf            head;          /* name NUL value NUL ... */
    struct err            broke;         /* why we ended it ourselves */
    char                  curl_text[CURL_ERROR_SIZE];
    struct http_answer    answer;
};

/* ---- http_exchange.c ---- */

/* The transfer ended; frees the exchange and calls done(), or follows a redirect. */
void http_exchange_end(struct http_exchange *x, CURLcode code);
void http_exchange_free(struct http_exchange *x);

/* ---- http.c ---- */

struct err http_wake(struct http *http); /* there is a multi after it */
void       http_idle(struct http *http); /* call when an exchange ended */

/* ---- http_check.c ---- */

struct err http_check_request(const struct http_request *request);
struct err http_check_proxy(const char *proxy);
/* An absolute URL of the same origin, to be freed with curl_free; NULL if it leads elsewhere. */
char *http_check_redirect(const char *url, const char *location);

/* ---- http_tls.c ---- */

struct err http_tls_start(void);
/* What is wrong with a certificate will be added to x->cert_faults, and the chain kept if it is wanted. */
struct err http_tls_watch(struct http_exchange *x);
/* After the transfer. Never 0. */
uint32_t http_tls_faults(CURL *easy, const char *curl_text, uint32_t watched);

/* ---- http_why.c ---- */

struct http_failure {
    CURLcode    code;
    struct err  broke;          /* then code is only its echo */
    int         os;             /* errno, 0: unknown */
    int         connect_status; /* of the proxy's answer to CONNECT, 0: none */
    bool        sent, by_proxy, head_too_big;
    bool        unnamed; /* the name's address was not known yet */
    long        proxy_offers; /* CURLAUTH_ bits of a 407 */
    uint32_t    cert_faults;
    uint32_t    connect_ms, total_ms;
    size_t      body_max;
    const char *curl_text; /* only searched, never shown: it may hold a proxy's password */
};

/* Fills err and why. */
void http_why(const struct http_failure *f, struct http_answer *answer);

#endif
