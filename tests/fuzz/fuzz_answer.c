/* Any bytes as the answers of a server, to every connector that is built in, and as what a machine says of itself.
 *
 * The input: a byte for the connector; then for each piece of work a byte for its kind, six facts, a line each, and answers,
 * each up to the next byte 0: status, a letter for a header, the body.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/connector.h"
#include "proto/connector/embedded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FACTS = 6, FACT_BYTES = 64, STEPS = 40, CONNECTORS = 16 };

struct input {
    const uint8_t *at;
    size_t         left;
};

static uint8_t byte(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* A line as a text without NUL. */
static void line(struct input *in, char into[FACT_BYTES])
{
    size_t n = 0;

    while (in->left > 0) {
        uint8_t b = byte(in);

        if (b == '\n')
            break;
        if (b != 0 && n < FACT_BYTES - 1)
            into[n++] = (char)b;
    }
    into[n] = '\0';
}

static struct session *session_of(size_t index)
{
    static struct connector *connectors[CONNECTORS];
    struct session_setting   settings[64];
    struct session          *session = NULL;
    size_t                   count = 0;

    if (!connectors[index] && failed(connector_builtin(connector_files[index].name, NULL, &connectors[index])))
        abort();
    for (size_t i = 0; i < connector_setting_count(connectors[index]) && count < 64; i++) {
        struct connector_setting s;
        const char              *value = "7"; /* a number: most names need no answer then */

        connector_setting_get(connectors[index], i, &s);
        if (strcmp(s.type, "url") == 0 || strcmp(s.type, "webhook") == 0)
            value = "https://x.example/a";
        else if (strcmp(s.type, "host") == 0)
            value = "x.example";
        else if (strcmp(s.type, "integer") == 0 || strcmp(s.type, "boolean") == 0)
            continue;
        settings[count++] = (struct session_setting){ s.name, value };
    }
    if (failed(session_new(connectors[index], settings, count, NULL, &session)))
        abort();
    return session;
}

static void answer(struct input *in, struct task *task, uint64_t now_ms)
{
    static const uint16_t    statuses[] = { 200, 201, 204, 303, 400, 401, 403, 404, 409, 412, 429, 500, 503 };
    static const char *const headers[][5] = { { NULL },
                                              { "retry-after", "3", NULL },
                                              { "etag", "\"45\"", NULL },
                                              { "link", "<https://x.example/a>; rel=\"next\"", NULL },
                                              { "date", "Mon, 05 Jan 2026 10:12:00 GMT", "retry-after",
                                                "Mon, 05 Jan 2026 10:13:00 GMT", NULL } };
    uint8_t                  what = byte(in), header = byte(in);
    struct task_answer       a = { .arrived = what != 255,
                                   .sent = header & 1,
                                   .why = "x",
                                   .status = statuses[what % 13],
                                   .headers = headers[header % 5],
                                   .body = (const char *)in->at };
    const uint8_t           *end = in->left ? memchr(in->at, 0, in->left) : NULL;
    char                    *copy;

    a.body_len = end ? (size_t)(end - in->at) : in->left;
    copy = malloc(a.body_len ? a.body_len : 1); /* exactly as long as it says, so that who reads on is seen */
    if (a.body_len)
        memcpy(copy, in->at, a.body_len);
    a.body = copy;
    in->at += a.body_len + (end != NULL);
    in->left -= a.body_len + (end != NULL);
    task_answer_put(task, now_ms, &a);
    free(copy);
}

static void check(const struct task_request *r)
{
    if (strncmp(r->url, "https://", 8) != 0 || strpbrk(r->url, " \r\n\"<>\\"))
        abort();
    for (size_t i = 0; i < r->header_count; i++)
        if (strpbrk(r->headers[i].value, "\r\n") || strpbrk(r->headers[i].name, ": \r\n"))
            abort();
    if (r->body && r->body_len != strlen(r->body))
        abort();
}

static void run(struct input *in, struct session *session, uint8_t kind)
{
    char                facts[FACTS][FACT_BYTES];
    struct task        *task = NULL;
    struct ticket_work  work = { .maybe_created = kind & 1, .ticket_id = kind & 2 ? "7" : "" };
    struct task_request request;
    struct task_result  result;
    uint64_t            now_ms = 1000, wait_ms;

    for (size_t i = 0; i < FACTS; i++)
        line(in, facts[i]);
    work.facts = (struct ticket_facts){ .ref = facts[0],
                                        .event_id = facts[1],
                                        .title = facts[2],
                                        .text = facts[3],
                                        .note = facts[4],
                                        .client = facts[5],
                                        .cleared = kind & 4,
                                        .severity = kind & 8 ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                                        .device_id = facts[1],
                                        .device_name = facts[2],
                                        .device_url = facts[3],
                                        .site = facts[5],
                                        .rule = facts[0],
                                        .instance = facts[1],
                                        .metric = facts[2],
                                        .value = facts[3],
                                        .level = facts[4],
                                        .raised_at = "2026-01-05T10:12:00Z",
                                        .changed_at = facts[1],
                                        .cleared_at = "" };
    if (failed(kind & 16 ? session_test(session, &task) : session_ticket(session, &work, &task)))
        return;
    for (int i = 0; i < STEPS; i++) {
        enum task_next next = task_next(task, now_ms, &request, &wait_ms);

        if (next == TASK_DONE)
            break;
        now_ms += 1 + wait_ms;
        if (next == TASK_SEND) {
            check(&request);
            answer(in, task, now_ms);
        }
    }
    task_result(task, &result);
    task_free(&task);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input    in = { data, size };
    size_t          count = connector_file_count < CONNECTORS ? connector_file_count : CONNECTORS;
    struct session *session;

    if (size < 4)
        return 0;
    session = session_of(byte(&in) % count);
    while (in.left > 2) /* several pieces of work in one session */
        run(&in, session, byte(&in));
    session_free(&session);
    return 0;
}
