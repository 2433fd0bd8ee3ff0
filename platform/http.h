/* platform/http.h - the one HTTP client: proxies, trust, limits, time-outs.
 *
 * libcurl's multi interface driven by the libuv loop. TLS 1.2 at least; certificates and host names
 * always checked; plain http is refused. HTTP/1.1, no cookies, no compression, no authentication of
 * its own. Redirects are followed only for GET, only to the same scheme, host and port, at most 3
 * times; any other 3xx is handed to the caller as it is. Bodies and headers beyond the limits end
 * the exchange. A request other than GET is never sent a second time, whatever happened to the
 * connection.
 * Connections are kept for idle_s and then closed; after that no timer runs and next to nothing of
 * libcurl is in memory.
 * Thread: the loop's; names are resolved on threads of libcurl.
 * Ownership: what a request points to is lent until done() is called, the request itself only for
 * the call. done() is called exactly once for each http_send that returned ok, never from within
 * it; then the exchange is gone. From done() anything may be called.
 */
#ifndef PICKET_PLATFORM_HTTP_H
#define PICKET_PLATFORM_HTTP_H

#include <uv.h>

#include "platform/buf.h"

struct http;
struct http_exchange;

struct http_options {
    const char *ca_file; /* PEM, the only roots trusted; NULL: the system's */
    const char *proxy;   /* "none", a URL, or NULL: the environment's */
    uint32_t    idle_s;  /* how long an unused connection is kept; 0: closed at once */
    const char *agent;   /* User-Agent */
};

struct http_header {
    const char *name, *value;
};

enum { HTTP_HEADERS_MAX = 24, HTTP_ANSWER_HEADERS_MAX = 64 };

struct http_request {
    const char        *method; /* "GET", "POST", "PUT", "PATCH", "DELETE" */
    const char        *url;    /* https://, without user and password */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t             header_count;
    const char        *body; /* NULL: none */
    size_t             body_len;
    uint32_t           connect_timeout_ms, total_timeout_ms; /* 0: 10 s, 30 s */
    size_t             answer_max_bytes;                     /* 0: 1 MiB; headers: 64 KiB always */
};

struct http_answer {
    struct err err;      /* of the exchange; status is 0 unless headers came before it broke */
    char       why[200]; /* for people: "the server's certificate has expired" */
    bool       sent;     /* the server may have acted: a byte of the request may have left */
    int        status;
    struct buf body;
    /* names lower-case; of the last answer; what comes after HTTP_ANSWER_HEADERS_MAX is dropped */
    struct http_header headers[HTTP_ANSWER_HEADERS_MAX];
    size_t             header_count;
    uint64_t           took_ms;
};

typedef void http_done_fn(void *context, struct http_answer *answer); /* answer is lent */

/* NOT_FOUND or DENIED: ca_file, or no roots of the system at any of the usual places.
 * MALFORMED: the proxy is no URL of a kind we know (http, https, socks5h, socks5). */
struct err http_open(uv_loop_t *loop, const struct http_options *options, struct http **ret);
void       http_close(struct http **http); /* ends exchanges without done(); handles close on the loop */

/* MALFORMED: the request breaks a rule: URL, method, a header with a line break or one that is ours
 * to set (Host, Content-Length, Connection ...). Nothing was sent then. */
struct err http_send(struct http *http, const struct http_request *request, http_done_fn *done, void *context,
                     struct http_exchange **ret);
void       http_cancel(struct http_exchange **exchange); /* no done() after it */

/* NULL if the answer has no such header. */
const char *http_answer_header(const struct http_answer *answer, const char *lower_case_name);

#endif
