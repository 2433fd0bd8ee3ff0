/* The pure parts of the HTTP client. What needs a server is in tests/e2e/test_http.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

#include "platform/http_parts.h"

// clang-format off
static const struct { const char *name; struct http_request request; enum err_code want; } requests[] = {
    { "plain",            { .method = "GET", .url = "https://a.example/" }, ERR_OK },
    { "with everything",  { .method = "POST", .url = "https://[::1]:8443/a?b=c#d", .header_count = 2,
                            .headers = { { "X-A", "b\tc \xc3\xa9" }, { "x", "" } } }, ERR_OK },
    { "no method",        { .url = "https://a.example/" }, ERR_MALFORMED },
    { "lower case",       { .method = "get", .url = "https://a.example/" }, ERR_MALFORMED },
    { "no URL",           { .method = "GET" }, ERR_MALFORMED },
    { "empty URL",        { .method = "GET", .url = "" }, ERR_MALFORMED },
    { "http",             { .method = "GET", .url = "http://a.example/" }, ERR_MALFORMED },
    { "a user",           { .method = "GET", .url = "https://a@a.example/" }, ERR_MALFORMED },
    { "a tab",            { .method = "GET", .url = "https://a.example/\t" }, ERR_MALFORMED },
    { "no header value",  { .method = "GET", .url = "https://a.example/", .header_count = 1,
                            .headers = { { "X-A", NULL } } }, ERR_MALFORMED },
    { "a line feed",      { .method = "GET", .url = "https://a.example/", .header_count = 1,
                            .headers = { { "X-A", "b\nc" } } }, ERR_MALFORMED },
    { "a carriage return", { .method = "GET", .url = "https://a.example/", .header_count = 1,
                            .headers = { { "X-A", "b\rc" } } }, ERR_MALFORMED },
    { "ours",             { .method = "GET", .url = "https://a.example/", .header_count = 1,
                            .headers = { { "HOST", "b" } } }, ERR_MALFORMED },
    { "a long name",      { .method = "GET", .url = "https://a.example/", .header_count = 1,
                            .headers = { { "X-1234567890123456789012345678901234567890", "b" } } }, ERR_OK },
    { "too many headers", { .method = "GET", .url = "https://a.example/", .header_count = HTTP_HEADERS_MAX + 1 },
                          ERR_TOO_BIG },
};

static const struct { const char *from, *location, *want; } redirects[] = {
    { "https://a.example/x/y", "/z",                         "https://a.example/z" },
    { "https://a.example/x/y", "z?q=1#part",                 "https://a.example/x/z?q=1" },
    { "https://a.example/x/y", "../z",                       "https://a.example/z" },
    { "https://a.example/x",   "https://a.example/z",        "https://a.example/z" },
    { "https://a.example/x",   "https://A.EXAMPLE:443/z",    "https://A.EXAMPLE:443/z" },
    { "https://a.example/x",   "//a.example/z",              "https://a.example/z" },
    { "https://a.example/x",   "http://a.example/z",         NULL },
    { "https://a.example/x",   "https://a.example:444/z",    NULL },
    { "https://a.example/x",   "https://b.a.example/z",      NULL },
    { "https://a.example/x",   "//evil.example/z",           NULL },
    { "https://a.example/x",   "https://a.example@evil.example/", NULL },
    { "https://a.example/x",   "https://joe@a.example/z",    NULL },
    { "https://a.example/x",   "javascript:alert(1)",        NULL },
    { "https://a.example/x",   "/z\r\nX: y",                 NULL },
    { "https://a.example/x",   "https://",                   NULL },
};

static const struct { const char *proxy; enum err_code want; } proxies[] = {
    { "none",                             ERR_OK },
    { "http://proxy.example:3128",        ERR_OK },
    { "http://joe:pa%20ss@proxy.example", ERR_OK },
    { "https://proxy.example:3129/",      ERR_OK },
    { "socks5h://127.0.0.1:1080",         ERR_OK },
    { "",                                 ERR_MALFORMED },
    { "proxy.example:3128",               ERR_MALFORMED },
    { "ftp://proxy.example",              ERR_MALFORMED },
    { "socks4://127.0.0.1",               ERR_MALFORMED },
    { "http://a\nb",                      ERR_MALFORMED },
};

static const struct { struct http_failure failure; enum err_code want; const char *why; } failures[] = {
    { { .code = CURLE_COULDNT_CONNECT, .os = UV_ECONNREFUSED }, ERR_OS, "connection refused" },
    { { .code = CURLE_COULDNT_CONNECT, .os = UV_ENETUNREACH }, ERR_OS, "network is unreachable" },
    { { .code = CURLE_COULDNT_CONNECT, .os = UV_ETIMEDOUT }, ERR_TIMED_OUT, "connection timed out" },
    { { .code = CURLE_COULDNT_CONNECT, .by_proxy = true }, ERR_OS, "the proxy: no connection" },
    { { .code = CURLE_COULDNT_RESOLVE_HOST }, ERR_OS, "no such host, or no name server" },
    { { .code = CURLE_OPERATION_TIMEDOUT, .connect_ms = 10000, .total_ms = 30000 }, ERR_TIMED_OUT,
      "no connection within 10 s" },
    { { .code = CURLE_OPERATION_TIMEDOUT, .connect_ms = 10000, .total_ms = 1500 }, ERR_TIMED_OUT,
      "no connection within 1500 ms" },
    { { .code = CURLE_OPERATION_TIMEDOUT, .connect_ms = 10000, .total_ms = 30000, .unnamed = true }, ERR_TIMED_OUT,
      "no answer from a name server within 10 s" },
    { { .code = CURLE_OPERATION_TIMEDOUT, .connect_ms = 10000, .total_ms = 30000, .sent = true }, ERR_TIMED_OUT,
      "no complete answer within 30 s" },
    { { .code = CURLE_FILESIZE_EXCEEDED, .body_max = 1024 * 1024 }, ERR_TOO_BIG, "the answer is larger than 1 MiB" },
    { { .code = CURLE_WRITE_ERROR, .broke = { ERR_TOO_BIG, 0, "x" }, .body_max = 64 * 1024 }, ERR_TOO_BIG,
      "the answer is larger than 64 KiB" },
    { { .code = CURLE_WRITE_ERROR, .broke = { ERR_TOO_BIG, 0, "x" }, .head_too_big = true }, ERR_TOO_BIG,
      "the headers of the answer are larger than 64 KiB" },
    { { .code = CURLE_WRITE_ERROR, .broke = { ERR_NO_MEMORY, 0, "x" } }, ERR_NO_MEMORY, "out of memory" },
    { { .code = CURLE_ABORTED_BY_CALLBACK, .sent = true }, ERR_OS,
      "the connection was lost before the answer was complete" },
    { { .code = CURLE_RECV_ERROR, .connect_status = 407, .proxy_offers = CURLAUTH_DIGEST | CURLAUTH_NTLM }, ERR_OS,
      "the proxy refused (HTTP 407): it wants a user name and password" },
    { { .code = CURLE_RECV_ERROR, .connect_status = 407, .proxy_offers = CURLAUTH_NTLM }, ERR_OS,
      "the proxy refused (HTTP 407): it takes neither Basic nor Digest authentication" },
    { { .code = CURLE_RECV_ERROR, .connect_status = 200, .sent = true }, ERR_OS,
      "the connection was lost before the answer was complete" },
    { { .code = CURLE_PEER_FAILED_VERIFICATION, .cert_faults = CERT_EXPIRED | CERT_OTHER_HOST }, ERR_DENIED,
      "the server's certificate is for another host, has expired" },
    { { .code = CURLE_SSL_CONNECT_ERROR, .curl_text = "ssl_handshake returned: (-0x6E80) x" }, ERR_OS,
      "the server offers no TLS 1.2 or newer" },
    { { .code = CURLE_SSL_CONNECT_ERROR, .curl_text = "something with a password" }, ERR_OS, "the TLS handshake failed" },
    { { .code = CURLE_FAILED_INIT, .curl_text = "something with a password" }, ERR_OS, "Failed initialization" },
};
// clang-format on

static void a_request_keeps_the_rules_or_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct err e = http_check_request(&requests[i].request);

        if (e.code != requests[i].want)
            fail_msg("%s: %s", requests[i].name, err_name(e.code));
    }
}

static void a_redirect_stays_in_its_origin(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(redirects); i++) {
        char *got = http_check_redirect(redirects[i].from, redirects[i].location);

        if (redirects[i].want && got)
            assert_string_equal(got, redirects[i].want);
        else if (redirects[i].want || got)
            fail_msg("%s -> %s", redirects[i].location, got ? got : "nowhere");
        curl_free(got);
    }
}

static void a_proxy_is_a_url_of_a_kind_we_know(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(proxies); i++) {
        if (http_check_proxy(proxies[i].proxy).code != proxies[i].want)
            fail_msg("%s", proxies[i].proxy);
    }
}

static void a_failure_is_told_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        struct http_failure f = failures[i].failure;
        struct http_answer  answer = { 0 };

        f.curl_text = f.curl_text ? f.curl_text : "";
        http_why(&f, &answer);
        assert_string_equal(answer.why, failures[i].why);
        if (answer.err.code != failures[i].want)
            fail_msg("%s: %s", answer.why, err_name(answer.err.code));
    }
}

/* Whatever libcurl may say, there are words for it, and it counts as a failure. */
static void every_code_of_libcurl_is_a_failure_with_words(void **state)
{
    (void)state;
    for (int code = 1; code < CURL_LAST; code++) {
        struct http_failure f = { .code = (CURLcode)code, .cert_faults = CERT_OTHER, .curl_text = "" };
        struct http_answer  answer = { 0 };

        http_why(&f, &answer);
        assert_true(failed(answer.err));
        assert_true(strlen(answer.why) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_keeps_the_rules_or_is_refused),
        cmocka_unit_test(a_redirect_stays_in_its_origin),
        cmocka_unit_test(a_proxy_is_a_url_of_a_kind_we_know),
        cmocka_unit_test(a_failure_is_told_in_words),
        cmocka_unit_test(every_code_of_libcurl_is_a_failure_with_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
