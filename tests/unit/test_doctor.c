/* Words about chains, and which proxy is taken. The checks themselves meet real servers in tests/e2e/test_doctor.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/doctor/tls_words.h"
#include "platform/http_proxy.h"

static const struct { const char *name; struct http_chain chain; const char *text, *inspector; } chains[] = {
    { "none", { .count = 0 }, "", NULL },
    { "alone", { { { "a", "a", "2026-01-01", "2027-01-01" } }, 1 }, "a (2026-01-01 to 2027-01-01), by itself", NULL },
    { "one up", { { { "a", "b", "2026-01-01", "2027-01-01" } }, 1 }, "a (2026-01-01 to 2027-01-01), by b", NULL },
    { "two", { { { "a", "b", "2026-01-01", "2027-01-01" }, { "b", "b", "2020-01-01", "2040-01-01" } }, 2 },
      "a (2026-01-01 to 2027-01-01), by b", NULL },
    { "opened", { { { "a", "zscaler Intermediate", "2026-01-01", "2027-01-01" } }, 1 },
      "a (2026-01-01 to 2027-01-01), by zscaler Intermediate", "Zscaler" },
};

static void a_chain_is_told_from_the_server_up(void **state)
{
    char text[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
        const char *inspector = tls_inspector(&chains[i].chain);

        assert_string_equal(tls_chain_print(&chains[i].chain, text, sizeof text), chains[i].text);
        assert_int_equal(inspector != NULL, chains[i].inspector != NULL);
        if (inspector)
            assert_string_equal(inspector, chains[i].inspector);
    }
}

static void a_long_chain_is_cut_not_overrun(void **state)
{
    struct http_chain chain = { .count = HTTP_CHAIN_MAX };
    char              text[64];

    (void)state;
    for (size_t i = 0; i < HTTP_CHAIN_MAX; i++)
        memset(chain.items[i].subject, 'x', HTTP_NAME_BYTES - 1);
    tls_chain_print(&chain, text, sizeof text);
    assert_int_equal(strlen(text), sizeof text - 1);
}

// clang-format off
static const struct {
    const char *option, *variable, *except, *host; enum err_code want; const char *proxy; uint16_t port; bool user;
} roads[] = {
    { NULL, NULL, NULL, "a.example", ERR_NOT_FOUND, NULL, 0, false },
    { "none", "http://p:1", NULL, "a.example", ERR_NOT_FOUND, NULL, 0, false },
    { "http://p.example:3128", NULL, NULL, "a.example", ERR_OK, "p.example", 3128, false },
    { "http://joe:pass@p.example:3128", NULL, NULL, "a.example", ERR_OK, "p.example", 3128, true },
    { "http://p.example", NULL, NULL, "a.example", ERR_OK, "p.example", 1080, false },
    { "https://p.example", NULL, NULL, "a.example", ERR_OK, "p.example", 443, false },
    { NULL, "p.example:8080", NULL, "a.example", ERR_OK, "p.example", 8080, false },
    { NULL, "http://[::1]:8080", NULL, "a.example", ERR_OK, "::1", 8080, false },
    { NULL, "http://p:1", "a.example", "a.example", ERR_NOT_FOUND, NULL, 0, false },
    { NULL, "http://p:1", "x, .example", "a.example", ERR_NOT_FOUND, NULL, 0, false },
    { NULL, "http://p:1", "*", "a.example", ERR_NOT_FOUND, NULL, 0, false },
    { NULL, "http://p:1", "example.com,b.example", "a.example", ERR_OK, "p", 1, false },
    { NULL, "http://p:1", "ample", "a.example", ERR_OK, "p", 1, false },
    { NULL, "http://p:1", "", "a.example", ERR_OK, "p", 1, false },
    { NULL, "http:// /", NULL, "a.example", ERR_MALFORMED, NULL, 0, false },
};
// clang-format on

static void set_or_clear(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void the_proxy_is_the_one_that_curl_takes(void **state)
{
    (void)state;
    unsetenv("HTTPS_PROXY"), unsetenv("all_proxy"), unsetenv("ALL_PROXY"), unsetenv("NO_PROXY");
    for (size_t i = 0; i < ARRAY_LEN(roads); i++) {
        struct http_proxy proxy = { .port = 0 };
        struct err        e;

        set_or_clear("https_proxy", roads[i].variable);
        set_or_clear("no_proxy", roads[i].except);
        e = http_proxy_find(roads[i].option, roads[i].host, &proxy);
        assert_int_equal(e.code, roads[i].want);
        if (failed(e))
            continue;
        assert_string_equal(proxy.host, roads[i].proxy);
        assert_int_equal(proxy.port, roads[i].port);
        assert_int_equal(proxy.has_user, roads[i].user);
        assert_int_equal(proxy.from != NULL, roads[i].option == NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_told_from_the_server_up),
        cmocka_unit_test(a_long_chain_is_cut_not_overrun),
        cmocka_unit_test(the_proxy_is_the_one_that_curl_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
