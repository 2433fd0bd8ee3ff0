#include "tests/unit/check.h"

#include "agent/upstream/feed_verdict.h"

static const char protobuf[] = "application/x-protobuf", json[] = "application/json; charset=utf-8";

static void judge(int status, const char *type, const char *body, const char *retry_after, struct feed_answer *ret)
{
    struct http_answer a = { .status = status };

    buf_init(&a.body, 1000);
    assert_false(failed(buf_add_text(&a.body, body)));
    if (type)
        a.headers[a.header_count++] = (struct http_header){ "content-type", type };
    if (retry_after)
        a.headers[a.header_count++] = (struct http_header){ "retry-after", retry_after };
    feed_judge(&a, ret);
    buf_done(&a.body);
}

static void every_status_has_its_meaning(void **state)
{
    static const struct {
        int               status;
        enum feed_verdict want;
    } cases[] = {
        { 200, FEED_ACCEPTED }, { 202, FEED_ACCEPTED }, { 204, FEED_ACCEPTED }, { 301, FEED_REFUSED }, { 308, FEED_REFUSED },
        { 400, FEED_DROP },     { 401, FEED_REFUSED },  { 403, FEED_REFUSED },  { 404, FEED_REFUSED }, { 405, FEED_REFUSED },
        { 408, FEED_REFUSED },  { 413, FEED_HALVE },    { 415, FEED_REFUSED },  { 422, FEED_DROP },    { 429, FEED_LATER },
        { 500, FEED_FAULT },    { 501, FEED_FAULT },    { 502, FEED_LATER },    { 503, FEED_LATER },   { 504, FEED_LATER },
        { 505, FEED_FAULT },    { 0, FEED_REFUSED },    { 700, FEED_REFUSED },
    };
    struct feed_answer a;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        judge(cases[i].status, NULL, "", NULL, &a);
        assert_int_equal(a.verdict, cases[i].want);
        assert_int_equal(a.why[0] != '\0', a.verdict != FEED_ACCEPTED);
    }
}

static void a_time_that_is_asked_for_is_given(void **state)
{
    struct feed_answer a;

    (void)state;
    judge(429, NULL, "", "7", &a);
    assert_int_equal(a.retry_ms, 7000);
    judge(503, NULL, "", "99999999999", &a);
    assert_true(a.retry_ms > 0);
    judge(503, NULL, "", NULL, &a);
    assert_int_equal(a.retry_ms, 0);
}

static void a_yes_is_believed_only_from_a_receiver(void **state)
{
    struct feed_answer a;

    (void)state;
    judge(200, protobuf, "\x0a\x06\x08\x02\x12\x02no", NULL, &a);
    assert_int_equal(a.verdict, FEED_ACCEPTED);
    assert_int_equal(a.said.rejected, 2);
    assert_string_equal(a.said.message, "no");
    judge(200, json, "{\"partialSuccess\":{\"rejectedDataPoints\":\"4\"}}", NULL, &a);
    assert_int_equal(a.said.rejected, 4);
    judge(200, "text/plain", "ok", NULL, &a);
    assert_int_equal(a.verdict, FEED_ACCEPTED);
    judge(200, "Text/HTML", "<p>", NULL, &a);
    assert_int_equal(a.verdict, FEED_REFUSED);
    judge(200, json, "<p>", NULL, &a);
    assert_int_equal(a.verdict, FEED_REFUSED);
    judge(200, protobuf, "\xff\xff", NULL, &a);
    assert_int_equal(a.verdict, FEED_REFUSED);
}

static void a_refusal_speaks_for_itself(void **state)
{
    struct feed_answer a;

    (void)state;
    judge(400, json, "{\"message\":\"too old\"}", NULL, &a);
    assert_non_null(strstr(a.why, "HTTP 400"));
    assert_non_null(strstr(a.why, "too old"));
    judge(400, protobuf, "\x12\x03old", NULL, &a);
    assert_non_null(strstr(a.why, ": old"));
}

static void what_never_arrived_is_tried_again(void **state)
{
    struct http_answer broken = { .err = { ERR_TIMED_OUT, 0, "x" }, .why = "no answer within 30 s", .sent = true };
    struct feed_answer a;

    (void)state;
    feed_judge(&broken, &a);
    assert_int_equal(a.verdict, FEED_LATER);
    assert_string_equal(a.why, "no answer within 30 s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_meaning),
        cmocka_unit_test(a_time_that_is_asked_for_is_given),
        cmocka_unit_test(a_yes_is_believed_only_from_a_receiver),
        cmocka_unit_test(a_refusal_speaks_for_itself),
        cmocka_unit_test(what_never_arrived_is_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
