/* Every allocation fails, in turn, alone and with all that follow: a file is read whole or not at all, and work that ran out
 * of memory is to be tried again: never a second ticket, never a closing that was not looked at. */
#include "check.h"

#include <stdbool.h>

static long allowed; /* so many still succeed */
static bool for_good; /* none does afterwards; otherwise one fails */

static bool may(void)
{
    return for_good ? allowed-- > 0 : allowed-- != 0;
}

static void *failing_calloc(size_t count, size_t size)
{
    return may() ? calloc(count, size) : NULL;
}

static void *failing_malloc(size_t size)
{
    return may() ? malloc(size) : NULL;
}

static void *failing_realloc(void *old, size_t size)
{
    return may() ? realloc(old, size) : NULL;
}

#define calloc failing_calloc
#define malloc failing_malloc
#define realloc failing_realloc
#include "platform/buf.c"
#include "proto/connector/session.c"
#include "proto/connector/task.c"
#include "proto/json.c"
#include "proto/pool.c"
#undef calloc
#undef malloc
#undef realloc

#include "play.h"
#include "small_connector.h"

enum { MORE_THAN_IT_TAKES = 20000, PLENTY = 1000000 };

static void parse_at_every_point(const char *text, size_t len)
{
    for (long takes = 0;; takes++) {
        struct connector *c = NULL;
        struct err        e;

        allowed = takes;
        e = connector_parse(text, len, NULL, &c);
        if (allowed >= 0) {
            assert_false(failed(e));
            connector_free(&c);
            assert_true(takes > 20);
            return;
        }
        assert_null(c);
        assert_int_equal(e.code, ERR_NO_MEMORY);
        assert_true(takes < MORE_THAN_IT_TAKES);
    }
}

static void a_file_is_read_whole_or_fails(void **state)
{
    static const char *const vendors[] = { "autotask", "connectwise-psa", "halopsa", "request-tracker", "rewst" };
    char                     path[200];

    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(vendors); i++) {
        size_t len;
        char  *text;

        for_good = i % 2;
        allowed = PLENTY;
        snprintf(path, sizeof path, PICKET_SOURCE_DIR "/proto/connectors/%s.json", vendors[i / 2]);
        text = play_file_read(path, &len);
        parse_at_every_point(text, len);
        free(text);
    }
}

enum kind { FOUND, OVER, NEW };

static const char *answer_to(const struct task_request *r, enum kind kind)
{
    if (strcmp(r->operation, "board") == 0)
        return "{\"items\": [{\"id\": 3, \"name\": \"Alerts\"}]}";
    if (strcmp(r->operation, "ticket.find") == 0 && kind == NEW)
        return "{\"items\": [{\"id\": 9, \"ref\": \"another\"}]}";
    if (strcmp(r->operation, "ticket.find") == 0)
        return "{\"items\": [{\"id\": 9, \"ref\": \"another\"}, {\"id\": 7, \"ref\": \"picket-9b1c44d0a1b2c3d4\"}]}";
    if (strcmp(r->operation, "ticket.get") == 0)
        return "{\"id\": 7, \"open\": true, \"owner\": null}";
    if (strcmp(r->operation, "ticket.create") == 0)
        return "{\"id\": 7, \"ref\": \"picket-9b1c44d0a1b2c3d4\"}";
    return "{\"id\": 7, \"open\": false}";
}

/* The whole of a ticket's work; false if something ran out. Nobody works on the ticket: it is found, or over and its number
 * known, or not there yet. */
static bool work_is_done(struct connector *c, enum kind kind, struct task_result *result)
{
    const struct session_setting settings[] = { { "url", "https://x.example" }, { "key", "secret" } };
    struct ticket_work           work = { .ticket_id = kind == OVER ? "7" : "" };
    struct session              *session = NULL;
    struct task                 *task = NULL;
    struct task_request          request;
    uint64_t                     wait_ms;
    bool                         begun = !failed(session_new(c, settings, 2, NULL, &session));

    play_facts(NULL, &work.facts);
    work.facts.cleared = kind == OVER;
    begun = begun && !failed(session_ticket(session, &work, &task));
    while (begun && task_next(task, 1000, &request, &wait_ms) == TASK_SEND) {
        const char        *body = answer_to(&request, kind);
        struct task_answer a = { .arrived = true, .sent = true, .status = 200, .body = body, .body_len = strlen(body) };

        if (kind != NEW && strcmp(request.operation, "ticket.create") == 0)
            fail_msg("a second ticket after %ld allocations", allowed);
        task_answer_put(task, 1000, &a);
    }
    if (begun)
        task_result(task, result);
    task_free(&task);
    session_free(&session);
    return begun;
}

static void work_at_every_point(enum kind kind)
{
    static const struct small_change checked = { "/ticket/create/match", "{\"/ref\": \"{facts.ref}\"}" };
    static const enum task_outcome   outcomes[] = { [FOUND] = TASK_ADOPTED, [OVER] = TASK_CLOSED, [NEW] = TASK_CREATED };
    struct connector                *c;
    long                             takes = 0;

    allowed = PLENTY;
    c = small_good(&checked, 1);
    for (;; takes++) {
        struct task_result result = { .outcome = TASK_LATER };
        bool               begun;

        allowed = takes;
        begun = work_is_done(c, kind, &result);
        if (begun && allowed >= 0 && result.outcome == outcomes[kind])
            break;
        if (result.outcome != TASK_LATER && result.outcome != outcomes[kind])
            fail_msg("after %ld allocations: outcome %d, %s", takes, result.outcome, result.why);
        assert_true(takes < MORE_THAN_IT_TAKES);
    }
    assert_true(takes > 20);
    connector_free(&c);
}

static void work_that_runs_out_of_memory_is_to_be_tried_again(void **state)
{
    (void)state;
    for (int mode = 0; mode < 2; mode++)
        for (enum kind kind = FOUND; kind <= NEW; kind++) {
            for_good = mode;
            work_at_every_point(kind);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole_or_fails),
        cmocka_unit_test(work_that_runs_out_of_memory_is_to_be_tried_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
