/* Authentication: what each kind puts into a request, and how long a token lives. */
#include "small_connector.h"

#include "play.h"
#include "proto/connector/sign.h"

/* ---- signatures ---- */

static void a_signature_is_that_of_the_published_examples(void **state)
{
    static const struct {
        enum digest_kind  digest;
        enum digest_print print;
        const char       *key, *text, *want;
    } rows[] = {
        /* RFC 4231, test case 2 */
        { DIGEST_SHA256, PRINT_HEX, "Jefe", "what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { DIGEST_SHA512, PRINT_HEX, "Jefe", "what do ya want for nothing?",
          "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a"
          "6b4b636e070a38bce737" },
        { DIGEST_SHA384, PRINT_HEX, "Jefe", "what do ya want for nothing?",
          "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649" },
        /* RFC 2202, test case 2 */
        { DIGEST_SHA1, PRINT_HEX, "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
        { DIGEST_SHA256, PRINT_BASE64, "Jefe", "what do ya want for nothing?",
          "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=" },
        { DIGEST_SHA256, PRINT_BASE64_OF_HEX, "Jefe", "what do ya want for nothing?",
          "NWJkY2MxNDZiZjYwNzU0ZTZhMDQyNDI2MDg5NTc1Yzc1YTAwM2YwODlkMjczOTgzOWRlYzU4Yjk2NGVjMzg0Mw==" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf key, text, into;

        buf_init(&key, 100);
        buf_init(&text, 100);
        buf_init(&into, 300);
        buf_add_text(&key, rows[i].key);
        buf_add_text(&text, rows[i].text);
        assert_false(failed(signature_add(&into, rows[i].digest, rows[i].print, &key, &text)));
        assert_string_equal(buf_text(&into), rows[i].want);
        buf_done(&key);
        buf_done(&text);
        buf_done(&into);
    }
}

static void base64_is_that_of_the_rfc(void **state)
{
    static const char *const rows[][2] = { { "", "" },        { "f", "Zg==" },        { "fo", "Zm8=" },
                                           { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "\xff\xfe\xfd", "//79" } };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf into;

        buf_init(&into, 100);
        assert_false(failed(base64_add(&into, rows[i][0], strlen(rows[i][0]))));
        assert_string_equal(buf_text(&into), rows[i][1]);
        buf_done(&into);
    }
}

/* ---- kinds ---- */

/* The first request of a note, as a connector with this authentication makes it. */
static void first_request(const char *auth, struct session **session, struct connector **c, struct task **task,
                          struct task_request *request)
{
    const struct small_change    changes[] = { { "/auth", auth } };
    const struct session_setting settings[] = { { "url", "https://x.example" }, { "key", "open sesame" } };
    struct ticket_work           work = { .ticket_id = "7" };
    struct problems              problems = { .count = 0 };
    uint64_t                     wait_ms;

    *c = small_good(changes, 1);
    if (failed(session_new(*c, settings, 2, &problems, session)))
        fail_msg("%s: %s", problems.items[0].path, problems.items[0].text);
    session_clock_set(*session, 1000, 1767607920000);
    play_facts(NULL, &work.facts);
    assert_false(failed(session_ticket(*session, &work, task)));
    assert_int_equal(task_next(*task, 1000, request, &wait_ms), TASK_SEND);
}

static void each_kind_shows_who_is_asking(void **state)
{
    static const struct {
        const char *name, *auth, *header, *want;
    } rows[] = {
        { "none", "{\"kind\": \"none\"}", "Authorization", NULL },
        /* RFC 7617 */
        { "basic", "{\"kind\": \"basic\", \"user\": \"Aladdin\", \"password\": \"{settings.key}\"}", "Authorization",
          "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
        { "headers", "{\"kind\": \"headers\", \"headers\": {\"X-Api-Key\": \"{settings.key}\"}}", "x-api-key",
          "open sesame" },
        { "bearer", "{\"kind\": \"bearer\", \"token\": \"{settings.key}\"}", "Authorization", "Bearer open sesame" },
        { "another scheme", "{\"kind\": \"bearer\", \"scheme\": \"ApiToken\", \"token\": \"{settings.key}\"}",
          "Authorization", "ApiToken open sesame" },
        /* over POST, the time, the body and the path behind base; computed by another program */
        { "hmac",
          "{\"kind\": \"hmac\", \"key\": \"{settings.key}\", \"sign\": "
          "\"{request.method}{now.epoch_ms}{request.body}{request.path}\","
          " \"print\": \"base64_of_hex\", \"headers\": {\"Authorization\": \"LMv1 "
          "id:{auth.signature}:{now.epoch_ms}\"}}",
          "Authorization",
          "LMv1 "
          "id:YTIzYmQxNjExZWRlMjU1MjQyOTRkYWU4YzA1M2M5ZGQwYWY3YjM1OWY0ZmE1YjA2OGNmYTg2ZGI1NjEwZjcwMg==:1767607920000" },
        { "not for these settings",
          "{\"kind\": \"bearer\", \"token\": \"x\", \"when\": {\"settings.board\": \"Other\"}}", "Authorization",
          NULL },
        { "two at once",
          "[{\"kind\": \"headers\", \"headers\": {\"X-A\": \"1\"}}, {\"kind\": \"bearer\", \"token\": "
          "\"{settings.key}\"}]",
          "X-A", "1" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct session     *session = NULL;
        struct connector   *c = NULL;
        struct task        *task = NULL;
        struct task_request request;
        const char         *value, *want = rows[i].want;

        first_request(rows[i].auth, &session, &c, &task, &request);
        value = play_header(&request, rows[i].header);
        if ((want == NULL) != (value == NULL) || (want && strcmp(want, value) != 0))
            fail_msg("%s: %s", rows[i].name, value ? value : "(none)");
        task_free(&task);
        session_free(&session);
        connector_free(&c);
    }
}

static void a_secret_with_a_colon_is_no_user(void **state)
{
    struct session           *session = NULL;
    struct connector         *c = NULL;
    struct task              *task = NULL;
    const struct small_change changes[] = {
        { "/auth", "{\"kind\": \"basic\", \"user\": \"{settings.board}\", \"password\": \"x\"}" }
    };
    const struct session_setting settings[] = { { "url", "https://x.example" }, { "board", "a:b" } };
    struct ticket_work           work = { .ticket_id = "7" };
    struct task_request          request;
    struct task_result           result;
    uint64_t                     wait_ms;

    (void)state;
    c = small_good(changes, 1);
    assert_false(failed(session_new(c, settings, 2, NULL, &session)));
    play_facts(NULL, &work.facts);
    assert_false(failed(session_ticket(session, &work, &task)));
    assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_DONE);
    task_result(task, &result);
    assert_int_equal(result.outcome, TASK_REFUSED);
    assert_non_null(strstr(result.why, "colon"));
    task_free(&task);
    session_free(&session);
    connector_free(&c);
}

/* ---- tokens ---- */

static const char password_grant[] =
    "{\"kind\": \"oauth2_password\", \"login\": {\"request\": {\"method\": \"POST\", \"url\": \"{settings.url}/token\","
    " \"basic\": {\"user\": \"public-client\", \"password\": \"public\"},"
    " \"form\": {\"grant_type\": \"password\", \"username\": \"me\", \"password\": \"{settings.key}\"}}},"
    " \"expires_at_at\": \"/expires_on\", \"lifetime_s\": 600, \"early_s\": 60}";

static void answer(struct task *task, uint64_t now_ms, int status, const char *body)
{
    const char *const  headers[] = { "content-type", "application/json", NULL };
    struct task_answer a = {
        .arrived = true, .sent = true, .status = status, .headers = headers, .body = body, .body_len = strlen(body)
    };

    task_answer_put(task, now_ms, &a);
}

static void a_login_is_sent_as_the_file_says(void **state)
{
    struct session     *session = NULL;
    struct connector   *c = NULL;
    struct task        *task = NULL;
    struct task_request request;
    uint64_t            wait_ms;

    (void)state;
    first_request(password_grant, &session, &c, &task, &request);
    assert_string_equal(request.operation, "login");
    assert_string_equal(request.url, "https://x.example/token");
    assert_string_equal(play_header(&request, "Authorization"), "Basic cHVibGljLWNsaWVudDpwdWJsaWM=");
    assert_string_equal(play_header(&request, "Content-Type"), "application/x-www-form-urlencoded");
    assert_string_equal(request.body, "grant_type=password&username=me&password=open%20sesame");
    assert_false(request.writes);
    answer(task, 1100, 200, "{\"access_token\": \"abc\", \"expires_in\": 100}");
    assert_int_equal(task_next(task, 1100, &request, &wait_ms), TASK_SEND);
    assert_string_equal(play_header(&request, "Authorization"), "Bearer abc");
    task_free(&task);
    session_free(&session);
    connector_free(&c);
}

/* When does a session ask for a new token? after_ms: since the login was answered. */
static bool logs_in_again(const char *token, uint64_t after_ms)
{
    struct session     *session = NULL;
    struct connector   *c = NULL;
    struct task        *task = NULL;
    struct ticket_work  work = { .ticket_id = "7" };
    struct task_request request;
    uint64_t            wait_ms;
    bool                again;

    first_request(password_grant, &session, &c, &task, &request);
    answer(task, 1000, 200, token);
    assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_SEND);
    answer(task, 1000, 200, "{\"id\": 1}");
    task_free(&task);
    play_facts(NULL, &work.facts);
    work.facts.event_id = "another";
    assert_false(failed(session_ticket(session, &work, &task)));
    assert_int_equal(task_next(task, 1000 + after_ms, &request, &wait_ms), TASK_SEND);
    again = strcmp(request.operation, "login") == 0;
    task_free(&task);
    session_free(&session);
    connector_free(&c);
    return again;
}

static void a_token_is_renewed_a_while_before_its_end(void **state)
{
    static const struct {
        const char *token;
        uint64_t    good_ms, old_ms;
    } rows[] = {
        { "{\"access_token\": \"a\", \"expires_in\": 1000}", 939000, 940000 },
        { "{\"access_token\": \"a\", \"expires_in\": \"1000\"}", 939000, 940000 },
        { "{\"access_token\": \"a\"}", 539000, 540000 }, /* lifetime_s */
        { "{\"access_token\": \"a\", \"expires_in\": 0}", 539000, 540000 },
        { "{\"access_token\": \"a\", \"expires_in\": -5}", 539000, 540000 },
        { "{\"access_token\": \"a\", \"expires_in\": 1e99}", 539000, 540000 },
        { "{\"access_token\": \"a\", \"expires_in\": 60}", 29000, 30000 }, /* shorter than early_s: half of it */
        { "{\"access_token\": \"a\", \"expires_on\": 1767608920}", 939000, 940000 }, /* 1,000 s from now */
        { "{\"access_token\": \"a\", \"expires_on\": \"2026-01-05T10:28:40Z\"}", 939000, 940000 },
        { "{\"access_token\": \"a\", \"expires_on\": 5}", 539000, 540000 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (logs_in_again(rows[i].token, rows[i].good_ms) || !logs_in_again(rows[i].token, rows[i].old_ms))
            fail_msg("%s", rows[i].token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_that_of_the_published_examples),
        cmocka_unit_test(base64_is_that_of_the_rfc),
        cmocka_unit_test(each_kind_shows_who_is_asking),
        cmocka_unit_test(a_secret_with_a_colon_is_no_user),
        cmocka_unit_test(a_login_is_sent_as_the_file_says),
        cmocka_unit_test(a_token_is_renewed_a_while_before_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
