/* A session: its settings, its quota, pages of lists, what a status means, and that no secret is told. */
#include "small_connector.h"

#include "play.h"
#include "proto/connector/quota.h"
#include "proto/connector/session.h"

/* ---- settings ---- */

static void wrong_settings_are_named(void **state)
{
    static const struct {
        const char            *name;
        struct session_setting settings[3];
        const char            *path, *text; /* NULL: they are right */
    } rows[] = {
        { "right", { { "url", "https://x.example/a" }, { "key", "k" } }, NULL, NULL },
        { "an empty one is not set", { { "url", "https://x.example" }, { "board", "" } }, NULL, NULL },
        { "missing", { { "key", "k" } }, "url", "is missing: where it is" },
        { "empty", { { "url", "" } }, "url", "is missing" },
        { "unknown", { { "url", "https://x.example" }, { "colour", "red" } }, "colour", "no such setting" },
        { "plain http", { { "url", "http://x.example" } }, "url", "should be an address" },
        { "a user in it", { { "url", "https://me@x.example" } }, "url", "should be an address" },
        { "a query in it", { { "url", "https://x.example/?a" } }, "url", "should be an address" },
        { "a line break", { { "url", "https://x.example" }, { "board", "a\nb" } }, "board", "line break" },
        { "not UTF-8", { { "url", "https://x.example" }, { "board", "a\xff" } }, "board", "not UTF-8" },
        { "a severity's choice", { { "url", "https://x.example" }, { "level_warning", "low" } }, NULL, NULL },
        { "no choice",
          { { "url", "https://x.example" }, { "level_critical", "max" } },
          "level_critical",
          "not one of the choices" },
        { "without its severity", { { "url", "https://x.example" }, { "level", "low" } }, "level", "no such setting" },
        { "a secret is not told",
          { { "url", "https://x.example" }, { "key", "sec\nret" } },
          "key",
          "holds a line break" },
    };
    struct connector *c = small_good(NULL, 0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct problems problems = { .count = 0 };
        struct session *session = NULL;
        size_t          count = 0;
        bool            bad;

        while (count < 3 && rows[i].settings[count].name)
            count++;
        bad = failed(session_new(c, rows[i].settings, count, &problems, &session));
        if (bad != (rows[i].path != NULL) || (bad && (strcmp(problems.items[0].path, rows[i].path) != 0 ||
                                                      !strstr(problems.items[0].text, rows[i].text))))
            fail_msg("%s: %s: %s", rows[i].name, problems.items[0].path, problems.items[0].text);
        assert_null(strstr(problems.items[0].text, "sec"));
        session_free(&session);
    }
    connector_free(&c);
}

static void one_of_several_groups_of_settings_is_enough(void **state)
{
    const struct small_change    changes[] = { { "/either", "[[\"key\"], [\"board\", \"url\"]]" },
                                               { "/settings/board/default", NULL } };
    const struct session_setting none[] = { { "url", "https://x.example" } };
    const struct session_setting one[] = { { "url", "https://x.example" }, { "key", "k" } };
    const struct session_setting other[] = { { "url", "https://x.example" }, { "board", "b" } };
    struct connector            *c = small_good(changes, 2);
    struct problems              problems = { .count = 0 };
    struct session              *session = NULL;

    (void)state;
    assert_true(failed(session_new(c, none, 1, &problems, &session)));
    assert_string_equal(problems.items[0].text, "set key or board,url");
    assert_false(failed(session_new(c, one, 2, NULL, &session)));
    session_free(&session);
    assert_false(failed(session_new(c, other, 2, NULL, &session)));
    session_free(&session);
    connector_free(&c);
}

/* ---- quota ---- */

static void a_quota_lets_so_many_through_in_a_minute_and_an_hour(void **state)
{
    const struct limits limits = { .per_minute = 3, .per_hour = 5 };
    struct quota        q;

    (void)state;
    quota_init(&q, &limits);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(quota_wait_ms(&q, 100000), 0);
        quota_count(&q, 100000);
    }
    assert_int_equal(quota_wait_ms(&q, 100500), 59500); /* the second it was counted in must have left the minute */
    assert_int_equal(quota_wait_ms(&q, 159999), 1);
    assert_int_equal(quota_wait_ms(&q, 160000), 0);
    quota_count(&q, 160000);
    quota_count(&q, 160000);
    assert_in_range(quota_wait_ms(&q, 230000), 3000000, 3600000); /* the hour's five */
    assert_int_equal(quota_wait_ms(&q, 100000 + 3600000), 0);
    assert_int_equal(quota_wait_ms(&q, UINT64_MAX / 2), 0);
}

static void requests_keep_their_distance_and_a_pause(void **state)
{
    const struct limits limits = { .per_minute = 100, .per_hour = 100, .spacing_ms = 200 };
    struct quota        q;

    (void)state;
    quota_init(&q, &limits);
    assert_int_equal(quota_wait_ms(&q, 50), 0);
    quota_count(&q, 50);
    assert_int_equal(quota_wait_ms(&q, 100), 150);
    assert_int_equal(quota_wait_ms(&q, 250), 0);
    quota_pause(&q, 250, 5000);
    quota_pause(&q, 250, 1000);
    assert_int_equal(quota_wait_ms(&q, 1250), 4000);
}

static void retry_after_is_seconds_or_a_date(void **state)
{
    static const struct {
        const char *retry_after, *date;
        uint64_t    want_ms;
    } rows[] = {
        { NULL, NULL, 0 },
        { "0", NULL, 0 },
        { "120", NULL, 120000 },
        { "999999999999", NULL, 6 * 3600 * 1000 },
        { "7200000", NULL, 6 * 3600 * 1000 },
        { "-1", NULL, 0 },
        { "soon", NULL, 0 },
        { "", NULL, 0 },
        { "1.5", NULL, 0 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:48:37 GMT", 61000 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT", 0 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", NULL, 0 },
        { "Sun, 06 Nov 2094 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 6 * 3600 * 1000 },
        { "Sun, 99 Zzz 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(retry_after_ms(rows[i].retry_after, rows[i].date), rows[i].want_ms);
}

static void a_long_wait_for_the_quota_ends_the_task_a_short_one_waits(void **state)
{
    const struct small_change    changes[] = { { "/limits",
                                                 "{\"per_minute\": 2, \"per_hour\": 100, \"spacing_ms\": 500}" } };
    const struct session_setting settings[] = { { "url", "https://x.example" } };
    struct connector            *c = small_good(changes, 1);
    struct session              *session = NULL;
    struct task_request          request;
    struct task_result           result;
    uint64_t                     wait_ms = 0;

    (void)state;
    assert_false(failed(session_new(c, settings, 1, NULL, &session)));
    for (int i = 0; i < 3; i++) {
        struct ticket_work work = { .ticket_id = "7" };
        struct task_answer a = { .arrived = true, .sent = true, .status = 200, .body = "{\"id\": 1}", .body_len = 9 };
        struct task       *task = NULL;

        play_facts(NULL, &work.facts);
        work.facts.event_id = i == 0 ? "a" : i == 1 ? "b" : "c";
        assert_false(failed(session_ticket(session, &work, &task)));
        if (i == 1) {
            assert_int_equal(task_next(task, 10100, &request, &wait_ms), TASK_WAIT);
            assert_int_equal(wait_ms, 400);
        }
        if (i < 2) {
            assert_int_equal(task_next(task, 10000 + 500 * (uint64_t)i, &request, &wait_ms), TASK_SEND);
            task_answer_put(task, 10000 + 500 * (uint64_t)i, &a);
        }
        assert_int_equal(task_next(task, 11200, &request, &wait_ms), TASK_DONE);
        task_result(task, &result);
        assert_int_equal(result.outcome, i < 2 ? TASK_NOTED : TASK_LATER);
        assert_int_equal(result.retry_ms, i < 2 ? 0 : 58800);
        task_free(&task);
    }
    session_free(&session);
    connector_free(&c);
}

/* ---- pages ---- */

/* A search whose match is on page 3, and one whose pages never end. */
static const struct {
    const char *name, *paging, *query;
    const char *urls[3];
    const char *bodies[3];
    const char *link[3]; /* header */
} pages[] = {
    { "by number",
      "{\"kind\": \"number\", \"first\": 0, \"size\": 2}",
      "{\"page\": \"{page.number}\", \"per_page\": \"{page.size}\"}",
      { "page=0&per_page=2", "page=1&per_page=2", "page=2&per_page=2" },
      { "{\"items\": [{}, {}]}", "{\"items\": [{}, {}]}", "{\"items\": [$]}" },
      { NULL } },
    { "by offset",
      "{\"kind\": \"offset\", \"size\": 2}",
      "{\"offset\": \"{page.offset}\"}",
      { "offset=0", "offset=2", "offset=4" },
      { "{\"items\": [{}, {}]}", "{\"items\": [{}, {}]}", "{\"items\": [$]}" },
      { NULL } },
    { "by cursor",
      "{\"kind\": \"cursor\", \"next\": \"/next\"}",
      "{\"after\": \"{page.cursor}\"}",
      { "", "after=a%26b", "after=c" },
      { "{\"items\": [{}], \"next\": \"a&b\"}", "{\"items\": [], \"next\": \"c\"}",
        "{\"items\": [$], \"next\": null}" },
      { NULL } },
    { "by link in the body",
      "{\"kind\": \"link\", \"next\": \"/next\"}",
      "{\"a\": \"1\"}",
      { "a=1", "p=2", "p=3" },
      { "{\"items\": [{}], \"next\": \"https://x.example/api/tickets?p=2\"}",
        "{\"items\": [], \"next\": \"https://X.example:443/api/tickets?p=3\"}", "{\"items\": [$]}" },
      { NULL } },
    { "by link in a header",
      "{\"kind\": \"link\", \"next\": \"header.Link\"}",
      "{\"a\": \"1\"}",
      { "a=1", "p=2", "p=3" },
      { "{\"items\": [{}]}", "{\"items\": [{}]}", "{\"items\": [$]}" },
      { "<https://x.example/api/tickets?p=9>; rel=\"last\", <https://x.example/api/tickets?p=2>; rel=\"next\"",
        "<https://x.example/api/tickets?p=3>; rel=next", "<https://x.example/api/tickets?p=1>; rel=\"prev\"" } },
};

static const char match[] = "{\"ref\": \"picket-9b1c44d0a1b2c3d4\", \"id\": 5}";

static struct task *find_task(const char *paging, const char *query, struct connector **c, struct session **session)
{
    const struct small_change    changes[] = { { "/ticket/find/paging", paging },
                                               { "/ticket/find/request/query", query } };
    const struct session_setting settings[] = { { "url", "https://x.example" } };
    struct ticket_work           work = { .ticket_id = "" };
    struct task                 *task = NULL;

    *c = small_good(changes, 2);
    assert_false(failed(session_new(*c, settings, 1, NULL, session)));
    play_facts(NULL, &work.facts);
    work.facts.note = "";
    assert_false(failed(session_ticket(*session, &work, &task)));
    return task;
}

static void answer_page(struct task *task, const char *body, const char *link)
{
    char               text[400];
    const char        *at = strchr(body, '$');
    const char *const  headers[] = { "link", link ? link : "", NULL };
    struct task_answer a = {
        .arrived = true, .sent = true, .status = 200, .headers = link ? headers : NULL, .body = text
    };

    if (at)
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - body), body, match, at + 1);
    else
        snprintf(text, sizeof text, "%s", body);
    a.body_len = strlen(text);
    task_answer_put(task, 1000, &a);
}

static void lists_are_read_page_by_page(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        struct connector   *c = NULL;
        struct session     *session = NULL;
        struct task        *task = find_task(pages[i].paging, pages[i].query, &c, &session);
        struct task_request request;
        struct task_result  result;
        uint64_t            wait_ms;

        for (size_t n = 0; n < 3; n++) {
            char want[200];

            assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_SEND);
            snprintf(want, sizeof want, "/api/tickets%s%s", pages[i].urls[n][0] ? "?" : "", pages[i].urls[n]);
            if (!strstr(request.url, want))
                fail_msg("%s: %s instead of %s", pages[i].name, request.url, want);
            answer_page(task, pages[i].bodies[n], pages[i].link[n]);
        }
        assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_DONE);
        task_result(task, &result);
        assert_string_equal(result.ticket_id, "5");
        task_free(&task);
        session_free(&session);
        connector_free(&c);
    }
}

static void pages_do_not_lead_away_or_go_on_for_ever(void **state)
{
    static const struct {
        const char *paging, *body, *why;
    } rows[] = {
        { "{\"kind\": \"link\", \"next\": \"/next\"}",
          "{\"items\": [], \"next\": \"https://evil.example/api/tickets?p=2\"}", "another host" },
        { "{\"kind\": \"link\", \"next\": \"/next\"}",
          "{\"items\": [], \"next\": \"http://x.example/api/tickets?p=2\"}", "another host" },
        { "{\"kind\": \"link\", \"next\": \"/next\"}", "{\"items\": [], \"next\": \"https://x.example@evil.example/\"}",
          "another host" },
        { "{\"kind\": \"link\", \"next\": \"/next\"}", "{\"items\": [], \"next\": \"/api/tickets?p=2\"}",
          "another host" },
        { "{\"kind\": \"cursor\", \"next\": \"/next\"}", "{\"items\": [], \"next\": \"same\"}", "same page again" },
        { "{\"kind\": \"number\", \"size\": 1, \"max_pages\": 3}", "{\"items\": [{}]}", "more than 3 pages" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct connector   *c = NULL;
        struct session     *session = NULL;
        struct task        *task = find_task(rows[i].paging, "{\"a\": \"1\"}", &c, &session);
        struct task_request request;
        struct task_result  result;
        uint64_t            wait_ms;

        for (int n = 0; n < 5 && task_next(task, 1000, &request, &wait_ms) == TASK_SEND; n++) {
            assert_null(strstr(request.url, "evil"));
            answer_page(task, rows[i].body, NULL);
        }
        task_result(task, &result);
        if (result.outcome != TASK_REFUSED || !strstr(result.why, rows[i].why))
            fail_msg("%s: %s", rows[i].paging, result.why);
        task_free(&task);
        session_free(&session);
        connector_free(&c);
    }
}

/* ---- statuses ---- */

static struct task_result result_of(int status, const char *body, bool create)
{
    const struct session_setting settings[] = { { "url", "https://x.example" }, { "board", "3" } };
    const struct small_change    changes[] = { { "/picks/board/number_is_id", "true" } };
    struct connector            *c = small_good(changes, 1);
    struct session              *session = NULL;
    struct ticket_work           work = { .ticket_id = create ? "" : "7" };
    struct task_answer           a = {
                  .arrived = status != 0, .sent = true, .status = status, .body = body, .body_len = strlen(body)
    };
    struct task        *task = NULL;
    struct task_request request;
    struct task_result  result;
    uint64_t            wait_ms;

    assert_false(failed(session_new(c, settings, 2, NULL, &session)));
    play_facts(NULL, &work.facts);
    assert_false(failed(session_ticket(session, &work, &task)));
    assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_SEND);
    if (create) {
        answer_page(task, "{\"items\": []}", NULL);
        assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_SEND);
        assert_string_equal(request.operation, "ticket.create");
        assert_true(request.writes);
    }
    task_answer_put(task, 1000, &a);
    assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_DONE);
    task_result(task, &result);
    task_free(&task);
    session_free(&session);
    connector_free(&c);
    return result;
}

static void a_status_means_what_http_says_where_the_file_is_silent(void **state)
{
    static const struct {
        int               status;
        const char       *body;
        enum task_outcome note, create;
        bool              maybe; /* after a create */
    } rows[] = {
        { 200, "{\"id\": 1}", TASK_NOTED, TASK_CREATED, false },
        { 201, "{\"id\": 1}", TASK_NOTED, TASK_CREATED, false },
        { 200, "", TASK_LATER, TASK_LATER, true },
        { 204, "", TASK_LATER, TASK_LATER, true },
        { 200, "{\"id\": null}", TASK_REFUSED, TASK_LATER, true }, /* neither yes nor no */
        { 301, "", TASK_REFUSED, TASK_REFUSED, false },
        { 303, "", TASK_REFUSED, TASK_REFUSED, false },
        { 400, "{}", TASK_REFUSED, TASK_REFUSED, false },
        { 401, "{}", TASK_REFUSED, TASK_REFUSED, false },
        { 403, "{}", TASK_REFUSED, TASK_REFUSED, false },
        { 404, "{}", TASK_GONE, TASK_REFUSED, false },
        { 404, "<html>", TASK_REFUSED, TASK_REFUSED, false },
        { 410, "{}", TASK_GONE, TASK_REFUSED, false },
        { 408, "", TASK_LATER, TASK_LATER, true },
        { 409, "{}", TASK_LATER, TASK_LATER, false },
        { 422, "{}", TASK_REFUSED, TASK_REFUSED, false },
        { 425, "", TASK_LATER, TASK_LATER, false },
        { 429, "", TASK_LATER, TASK_LATER, false },
        { 500, "{}", TASK_LATER, TASK_LATER, true },
        { 502, "<html>", TASK_LATER, TASK_LATER, true },
        { 599, "", TASK_LATER, TASK_LATER, true },
        { 0, "", TASK_LATER, TASK_LATER, true },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct task_result note = result_of(rows[i].status, rows[i].body, false);
        struct task_result create = result_of(rows[i].status, rows[i].body, true);

        if (note.outcome != rows[i].note || create.outcome != rows[i].create || create.maybe_created != rows[i].maybe)
            fail_msg("%d \"%s\": %s, %s, maybe %d: %s", rows[i].status, rows[i].body, play_outcome(note.outcome),
                     play_outcome(create.outcome), create.maybe_created, create.why);
        assert_false(note.maybe_created);
        assert_true(note.outcome == TASK_NOTED || note.why[0]);
    }
}

/* ---- words for people ---- */

static void words_of_a_server_are_one_clean_line_without_secrets(void **state)
{
    const struct session_setting settings[] = { { "url", "https://x.example" }, { "key", "hunter22" } };
    const struct small_change    changes[] = { { "/error_texts", "[\"/message\"]" } };
    static const char            body[] = "{\"message\": \"bad\\nkey hunter22,\\u001b[31m hunter22\"}";
    struct connector            *c = small_good(changes, 1);
    struct session              *session = NULL;
    struct ticket_work           work = { .ticket_id = "7" };
    struct task_answer  a = { .arrived = true, .sent = true, .status = 400, .body = body, .body_len = sizeof body - 1 };
    struct task        *task = NULL;
    struct task_request request;
    struct task_result  result;
    uint64_t            wait_ms;

    (void)state;
    assert_false(failed(session_new(c, settings, 2, NULL, &session)));
    play_facts(NULL, &work.facts);
    assert_false(failed(session_ticket(session, &work, &task)));
    assert_int_equal(task_next(task, 1000, &request, &wait_ms), TASK_SEND);
    task_answer_put(task, 1000, &a);
    task_result(task, &result);
    assert_string_equal(result.why, "ticket.note: 400: bad key ***,[31m ***");
    task_free(&task);
    session_free(&session);
    connector_free(&c);
}

static void a_request_is_lent_again_until_it_is_answered(void **state)
{
    const struct session_setting settings[] = { { "url", "https://x.example" } };
    struct connector            *c = small_good(NULL, 0);
    struct session              *session = NULL;
    struct ticket_work           work = { .ticket_id = "7" };
    struct task                 *task = NULL;
    struct task_request          first, second;
    uint64_t                     wait_ms;

    (void)state;
    assert_false(failed(session_new(c, settings, 1, NULL, &session)));
    play_facts(NULL, &work.facts);
    assert_false(failed(session_ticket(session, &work, &task)));
    assert_int_equal(task_next(task, 1000, &first, &wait_ms), TASK_SEND);
    assert_int_equal(task_next(task, 1001, &second, &wait_ms), TASK_SEND);
    assert_ptr_equal(first.url, second.url);
    task_free(&task); /* in the middle */
    session_free(&session);
    connector_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_settings_are_named),
        cmocka_unit_test(one_of_several_groups_of_settings_is_enough),
        cmocka_unit_test(a_quota_lets_so_many_through_in_a_minute_and_an_hour),
        cmocka_unit_test(requests_keep_their_distance_and_a_pause),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(a_long_wait_for_the_quota_ends_the_task_a_short_one_waits),
        cmocka_unit_test(lists_are_read_page_by_page),
        cmocka_unit_test(pages_do_not_lead_away_or_go_on_for_ever),
        cmocka_unit_test(a_status_means_what_http_says_where_the_file_is_silent),
        cmocka_unit_test(words_of_a_server_are_one_clean_line_without_secrets),
        cmocka_unit_test(a_request_is_lent_again_until_it_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
