#include "agent/upstream/carry.h"

#include "platform/clock.h"

bool carry_request(struct http *http, struct task *task, const struct task_request *r,
                   http_done_fn *done, void *context, struct http_exchange **ret)
{
    struct http_request q = { .method = r->method,
                              .url = r->url,
                              .body = r->body,
                              .body_len = r->body_len,
                              .total_timeout_ms = r->timeout_ms,
                              .answer_max_bytes = r->answer_max_bytes };
    char                why[160];
    struct err          e = err_ok();

    if (r->header_count > ARRAY_LEN(q.headers))
        e = err_of(ERR_TOO_BIG, "counting a request's headers");
    for (; !failed(e) && q.header_count < r->header_count; q.header_count++) {
        q.headers[q.header_count].name = r->headers[q.header_count].name;
        q.headers[q.header_count].value = r->headers[q.header_count].value;
    }
    if (!failed(e))
        e = http_send(http, &q, done, context, ret);
    if (failed(e))
        task_answer_put(task, plat_clock_steady_ms(),
                        &(struct task_answer){ .why = err_print(e, why, sizeof why) });
    return !failed(e);
}

void carry_answer(struct task *task, const struct http_answer *answer)
{
    const char        *headers[2 * HTTP_ANSWER_HEADERS_MAX + 1];
    size_t             n = 0;
    struct task_answer a = { .arrived = !failed(answer->err),
                             .sent = answer->sent,
                             .why = answer->why,
                             .status = answer->status,
                             .headers = headers,
                             .body = buf_text(&answer->body),
                             .body_len = answer->body.len };

    for (size_t i = 0; i < answer->header_count; i++) {
        headers[n++] = answer->headers[i].name;
        headers[n++] = answer->headers[i].value;
    }
    headers[n] = NULL;
    task_answer_put(task, plat_clock_steady_ms(), &a);
}
