/* What went wrong, in words a person can act on. Everything here is pure. libcurl's own text is
 * searched but never shown: it may hold a proxy's password, or bytes a server chose. */
#include <stdio.h>
#include <string.h>

#include "platform/http_parts.h"

static void say_time(char *into, size_t size, uint32_t ms)
{
    if (ms % 1000 == 0)
        snprintf(into, size, "%u s", (unsigned)(ms / 1000));
    else
        snprintf(into, size, "%u ms", (unsigned)ms);
}

static void say_size(char *into, size_t size, size_t bytes)
{
    if (bytes && bytes % (1024 * 1024) == 0)
        snprintf(into, size, "%zu MiB", bytes / (1024 * 1024));
    else if (bytes && bytes % 1024 == 0)
        snprintf(into, size, "%zu KiB", bytes / 1024);
    else
        snprintf(into, size, "%zu bytes", bytes);
}

static struct err by_timeout(const struct http_failure *f, char *why, size_t size)
{
    uint32_t ms = f->sent || f->total_ms < f->connect_ms ? f->total_ms : f->connect_ms;
    char     time[32];

    say_time(time, sizeof time, ms);
    snprintf(why, size, "%s within %s",
             f->sent       ? "no complete answer"
             : f->unnamed  ? "no answer from a name server"
             : f->by_proxy ? "no connection through the proxy"
                           : "no connection",
             time);
    return err_of(ERR_TIMED_OUT, "waiting for an answer");
}

static struct err by_size(const struct http_failure *f, char *why, size_t size)
{
    char limit[32];

    say_size(limit, sizeof limit, f->body_max);
    snprintf(why, size, "the answer is larger than %s", limit);
    return err_of(ERR_TOO_BIG, "receiving an answer");
}

static struct err by_certificate(const struct http_failure *f, char *why, size_t size)
{
    // clang-format off
    static const struct { uint32_t fault; const char *words; } table[] = {
        { CERT_OTHER_HOST, "is for another host" },
        { CERT_EXPIRED,    "has expired" },
        { CERT_FUTURE,     "is not valid yet (or this machine's clock is behind)" },
        { CERT_REVOKED,    "has been revoked" },
        { CERT_UNTRUSTED,  "is not signed by a CA we trust" },
        { CERT_WEAK,       "has a key or signature that is too weak" },
        { CERT_WRONG_USE,  "is not meant for a server" },
        { CERT_OTHER,      "cannot be verified" },
    };
    // clang-format on
    const char *before = "the server's certificate ";
    size_t      len = 0;

    for (size_t i = 0; i < ARRAY_LEN(table) && len < size; i++) {
        if (!(f->cert_faults & table[i].fault))
            continue;
        len += (size_t)snprintf(why + len, size - len, "%s%s", before, table[i].words);
        before = ", ";
    }
    return err_of(ERR_DENIED, "checking the server's certificate");
}

static struct err by_connect(const struct http_failure *f, char *why, size_t size)
{
    struct err  e = err_from_os(f->os, "connecting");
    char        text[80];
    const char *to = f->by_proxy ? "the proxy: " : "";

    if (!f->os)
        e.os = 0;
    e.code = e.code == ERR_TIMED_OUT ? ERR_TIMED_OUT : ERR_OS; /* all of it may pass */
    if (e.os == UV_ECONNREFUSED)
        snprintf(why, size, "%sconnection refused", to);
    else if (e.os)
        snprintf(why, size, "%s%s", to, uv_strerror_r(e.os, text, sizeof text));
    else
        snprintf(why, size, "%sno connection", to);
    return e;
}

/* Nothing was sent, and the proxy answered our CONNECT: what it said is the cause. */
static struct err by_refusing_proxy(const struct http_failure *f, char *why, size_t size)
{
    static const struct {
        int         status;
        const char *words;
    } table[] = {
        { 401, "it does not take the user name and password" },
        { 403, "it does not allow this host" },      { 407, "it wants a user name and password" },
        { 502, "it cannot reach the host" },         { 503, "it cannot reach the host" },
        { 504, "the host does not answer in time" },
    };

    const long spoken = CURLAUTH_BASIC | CURLAUTH_DIGEST;

    if (f->connect_status == 407 && !(f->proxy_offers & spoken)) {
        snprintf(why, size, "the proxy refused (HTTP 407): it takes neither Basic nor Digest authentication");
        return err_of(ERR_OS, "connecting through the proxy");
    }
    snprintf(why, size, "the proxy refused (HTTP %d)", f->connect_status);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].status == f->connect_status)
            snprintf(why, size, "the proxy refused (HTTP %d): %s", f->connect_status, table[i].words);
    }
    return err_of(ERR_OS, "connecting through the proxy");
}

/* The numbers are mbedTLS's, the words OpenSSL's. */
static struct err by_handshake(const struct http_failure *f, char *why, size_t size)
{
    static const struct {
        const char *sign, *words;
    } table[] = {
        { "-0x6E80", "the server offers no TLS 1.2 or newer" },
        { "unsupported protocol", "the server offers no TLS 1.2 or newer" },
        { "alert protocol version", "the server offers no TLS 1.2 or newer" },
        { "-0x7200", "what answers there does not speak TLS" },
        { "-0x7300", "what answers there does not speak TLS" },
        { "wrong version number", "what answers there does not speak TLS" },
        { "-0x7A00", "the server's certificate is malformed or not meant for a server" },
        { "-0x7780", "the server refused the TLS handshake; perhaps it has no TLS 1.2 or newer, or "
                     "wants a client certificate" },
        { "alert", "the server refused the TLS handshake" },
        { "-0x7280", "the server closed the connection during the TLS handshake" },
        { "-0x0050", "the server closed the connection during the TLS handshake" },
        { "-0x004E", "the server closed the connection during the TLS handshake" },
        { "SSL_ERROR_SYSCALL", "the server closed the connection during the TLS handshake" },
        { "unexpected eof", "the server closed the connection during the TLS handshake" },
    };
    const char *words = "the TLS handshake failed";

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strstr(f->curl_text, table[i].sign)) {
            words = table[i].words;
            break;
        }
    }
    snprintf(why, size, "%s", words);
    return err_of(ERR_OS, "the TLS handshake");
}

static struct err by_loss(const struct http_failure *f, char *why, size_t size)
{
    if (!f->sent && f->connect_status >= 300)
        return by_refusing_proxy(f, why, size);
    if (f->sent && strstr(f->curl_text, "chunk")) {
        snprintf(why, size, "the answer is not HTTP/1.1");
        return err_of(ERR_MALFORMED, "receiving an answer");
    }
    snprintf(why, size, "the connection was lost %s",
             f->sent ? "before the answer was complete" : "before the request was sent");
    return err_of(ERR_OS, "exchanging data with the server");
}

static struct err by_head(const struct http_failure *f, char *why, size_t size)
{
    char limit[32];

    (void)f;
    say_size(limit, sizeof limit, HTTP_HEAD_MAX_BYTES);
    snprintf(why, size, "the headers of the answer are larger than %s", limit);
    return err_of(ERR_TOO_BIG, "receiving the headers of an answer");
}

/* Ended by a callback of ours, which left its reason. */
static struct err by_us(const struct http_failure *f, char *why, size_t size)
{
    if (!failed(f->broke))
        return by_loss(f, why, size); /* a second attempt at a write was refused */
    if (f->head_too_big)
        return by_head(f, why, size);
    if (f->broke.code == ERR_TOO_BIG)
        by_size(f, why, size);
    else
        snprintf(why, size, "%s", err_text(f->broke.code));
    return f->broke;
}

// clang-format off
static const struct {
    CURLcode      code;
    struct err  (*say)(const struct http_failure *f, char *why, size_t size);
    enum err_code err;      /* where say is NULL */
    const char   *words;
} table[] = {
    { CURLE_OPERATION_TIMEDOUT,         by_timeout,     0, NULL },
    { CURLE_FILESIZE_EXCEEDED,          by_size,        0, NULL },
    { CURLE_PEER_FAILED_VERIFICATION,   by_certificate, 0, NULL },
    { CURLE_COULDNT_CONNECT,            by_connect,     0, NULL },
    { CURLE_SSL_CONNECT_ERROR,          by_handshake,   0, NULL },
    { CURLE_WRITE_ERROR,                by_us,          0, NULL },
    { CURLE_ABORTED_BY_CALLBACK,        by_us,          0, NULL },
    { CURLE_SEND_ERROR,                 by_loss,        0, NULL },
    { CURLE_RECV_ERROR,                 by_loss,        0, NULL },
    { CURLE_GOT_NOTHING,                by_loss,        0, NULL },
    { CURLE_PARTIAL_FILE,               by_loss,        0, NULL },
    { CURLE_PROXY,                      NULL, ERR_OS,        "the proxy refused" },
    { CURLE_COULDNT_RESOLVE_PROXY,      NULL, ERR_OS,        "the proxy: no such host" },
    { CURLE_COULDNT_RESOLVE_HOST,       NULL, ERR_OS,        "no such host, or no name server" },
    { CURLE_OUT_OF_MEMORY,              NULL, ERR_NO_MEMORY, "out of memory" },
    { CURLE_SSL_CACERT_BADFILE,         NULL, ERR_DENIED,    "no trusted certificates can be read" },
    { CURLE_UNSUPPORTED_PROTOCOL,       NULL, ERR_MALFORMED, "the answer is not HTTP/1.1" },
    { CURLE_WEIRD_SERVER_REPLY,         NULL, ERR_MALFORMED, "the answer is not HTTP/1.1" },
    { CURLE_BAD_CONTENT_ENCODING,       NULL, ERR_MALFORMED, "the answer is not HTTP/1.1" },
#if LIBCURL_VERSION_NUM >= 0x080600
    { CURLE_TOO_LARGE,                  by_head,        0, NULL }, /* a single line; its limit is higher */
#endif
};
// clang-format on

void http_why(const struct http_failure *f, struct http_answer *answer)
{
    answer->err = err_of(ERR_OS, "exchanging data with the server");
    snprintf(answer->why, sizeof answer->why, "%s", curl_easy_strerror(f->code));
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].code != f->code)
            continue;
        if (table[i].say) {
            answer->err = table[i].say(f, answer->why, sizeof answer->why);
        } else {
            answer->err.code = table[i].err;
            snprintf(answer->why, sizeof answer->why, "%s", table[i].words);
        }
        return;
    }
}
