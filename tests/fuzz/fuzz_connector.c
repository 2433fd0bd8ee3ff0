/* Any bytes as a connector file; one that is read is run against answers that say yes to everything. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/connector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *value_for(const struct connector_setting *s)
{
    if (strcmp(s->type, "url") == 0 || strcmp(s->type, "webhook") == 0)
        return "https://x.example/a";
    if (strcmp(s->type, "host") == 0)
        return "x.example";
    if (strcmp(s->type, "boolean") == 0)
        return "true";
    return strcmp(s->type, "integer") == 0 ? "7" : "x";
}

static void run(struct session *session, bool cleared, bool test)
{
    static const char   yes[] = "{\"id\": 7, \"items\": [{\"id\": 7, \"name\": \"x\"}], \"access_token\": \"t\", "
                                "\"url\": \"https://x.example\"}";
    struct ticket_work  work = { .facts = { .ref = "r",
                                            .event_id = "e",
                                            .title = "t",
                                            .text = "x",
                                            .note = "n",
                                            .cleared = cleared,
                                            .device_id = "d",
                                            .device_name = "d",
                                            .device_url = "",
                                            .client = "x",
                                            .site = "",
                                            .rule = "r",
                                            .instance = "",
                                            .metric = "",
                                            .value = "1",
                                            .level = "2",
                                            .raised_at = "2026-01-05T10:12:00Z",
                                            .changed_at = "",
                                            .cleared_at = "" },
                                 .ticket_id = cleared ? "7" : "" };
    struct task_answer  a = { .arrived = true, .sent = true, .status = 200, .body = yes, .body_len = sizeof yes - 1 };
    struct task        *task = NULL;
    struct task_request request;
    struct task_result  result;
    uint64_t            now_ms = 1000, wait_ms;

    if (failed(test ? session_test(session, &task) : session_ticket(session, &work, &task)))
        return;
    for (int i = 0; i < 100; i++) {
        enum task_next next = task_next(task, now_ms, &request, &wait_ms);

        if (next == TASK_DONE)
            break;
        if (next == TASK_SEND && strncmp(request.url, "https://", 8) != 0)
            abort();
        now_ms += 1 + wait_ms;
        if (next == TASK_SEND)
            task_answer_put(task, now_ms, &a);
    }
    task_result(task, &result);
    task_free(&task);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct session_setting settings[128];
    struct problems        problems = { .count = 0 };
    struct connector      *c = NULL;
    struct session        *session = NULL;
    struct err             e = connector_parse((const char *)data, size, &problems, &c);

    if (failed(e)) {
        if (problems.count == 0 || c)
            abort(); /* a refusal has a reason */
        return 0;
    }
    for (size_t i = 0; i < connector_setting_count(c) && i < 128; i++) {
        struct connector_setting s;

        connector_setting_get(c, i, &s);
        settings[i] = (struct session_setting){ s.name, value_for(&s) };
    }
    if (!failed(session_new(c, settings, connector_setting_count(c), &problems, &session))) {
        run(session, false, false);
        run(session, true, false);
        run(session, false, true);
        session_free(&session);
    }
    connector_free(&c);
    return 0;
}
