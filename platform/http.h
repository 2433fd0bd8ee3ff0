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

/* What is wrong with a certificate; bits. */
enum http_cert_fault {
    CERT_EXPIRED = 1,
    CERT_FUTURE = 2,
    CERT_OTHER_HOST = 4,
    CERT_UNTRUSTED = 8,
    CERT_REVOKED = 16,
    CERT_WEAK = 32,
    CERT_WRONG_USE = 64,
    CERT_OTHER = 128,
};

/* Who vouches for whom, as far as it was looked at: the server's own first. Names as bytes of a stranger. */
enum { HTTP_CHAIN_MAX = 6, HTTP_NAME_BYTES = 96 };
struct http_chain {
    struct {
        char subject[HTTP_NAME_BYTES], issuer[HTTP_NAME_BYTES]; /* the common name, else all of it */
        char from[11], until[11];                               /* "2027-01-31" */
    } items[HTTP_CHAIN_MAX];
    size_t count; /* 0: no handshake came that far, or the TLS library does not tell */
};

struct http_options {
    const char *ca_file; /* PEM, the only roots trusted; NULL: the system's */
    const char *proxy;   /* "none", a URL, or NULL: the environment's */
    uint32_t    idle_s;  /* how long an unused connection is kept; 0: closed at once */
    const char *agent;   /* User-Agent */
    struct http_chain *chain; /* lent: of the newest handshake; NULL: not wanted */
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
    uint32_t           cert_faults;  /* why the certificate was refused, if it was */
    int                proxy_status; /* what a proxy said to our CONNECT; 0: there was none */
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

/* What the server's clock said; false if it did not say. */
bool http_answer_date(const struct http_answer *answer, int64_t *ret_wall_ms);

/* NULL if the answer has no such header. */
const char *http_answer_header(const struct http_answer *answer, const char *lower_case_name);

#endif
