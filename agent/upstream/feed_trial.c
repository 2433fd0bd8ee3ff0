#include "agent/upstream/feed_trial.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/upstream/feed_settings.h"
#include "agent/upstream/feed_verdict.h"
#include "platform/loop.h"
#include "version.h"

enum { ANSWER_MAX_BYTES = 64 * 1024 };

struct trial {
    uv_loop_t            loop;
    struct http         *http;
    struct feed_settings settings;
    struct buf           body;
    struct feed_answer   answer;
};

static void on_answer(void *context, struct http_answer *answer)
{
    struct trial *t = context;

    feed_judge(answer, &t->answer);
    http_close(&t->http);
}

static struct err send_nothing(struct trial *t)
{
    struct otlp_request  nothing = { .scope = "picket", .scope_version = PICKET_VERSION };
    struct http_exchange *exchange;
    struct http_request  q = { .method = "POST", .url = t->settings.url, .answer_max_bytes = ANSWER_MAX_BYTES };
    struct err           e = otlp_print(&nothing, t->settings.encoding, 0, SIZE_MAX, &t->body);

    if (failed(e))
        return e;
    q.body = buf_text(&t->body);
    q.body_len = t->body.len;
    memcpy(q.headers, t->settings.headers, sizeof t->settings.headers);
    q.header_count = t->settings.header_count;
    q.headers[q.header_count++] = (struct http_header){ "Content-Type", otlp_content_type(t->settings.encoding) };
    return http_send(t->http, &q, on_answer, t, &exchange);
}

static struct err try_it(struct trial *t, const struct link_setup *setup)
{
    struct http_options o = { .ca_file = setup->ca_file[0] ? setup->ca_file : NULL,
                              .proxy = setup->proxy[0] ? setup->proxy : NULL,
                              .agent = "picket/" PICKET_VERSION };
    struct err          e = plat_loop_init(&t->loop);

    if (failed(e))
        return e;
    e = http_open(&t->loop, &o, &t->http);
    if (!failed(e))
        e = send_nothing(t);
    if (failed(e))
        http_close(&t->http);
    uv_run(&t->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&t->loop);
    return e;
}

struct err feed_trial_run(const struct link_setup *setup, struct problems *problems)
{
    struct trial *t = calloc(1, sizeof *t);
    struct err    e;

    if (!t)
        return err_of(ERR_NO_MEMORY, "trying the upstream");
    buf_init(&t->body, 1024);
    e = feed_settings_read(setup, problems, &t->settings);
    if (!failed(e))
        e = try_it(t, setup);
    if (!failed(e) && t->answer.verdict != FEED_ACCEPTED) {
        problem_add(problems, "", "%s", t->answer.why);
        e = err_of(ERR_OS, "trying the upstream");
    }
    feed_settings_done(&t->settings);
    buf_done(&t->body);
    free(t);
    return e;
}
