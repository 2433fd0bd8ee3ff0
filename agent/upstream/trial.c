#include "agent/upstream/trial.h"

#include <stdio.h>
#include <string.h>

#include "agent/upstream/carry.h"
#include "agent/upstream/settings.h"
#include "platform/clock.h"
#include "platform/loop.h"
#include "version.h"

enum { PATIENCE_MS = 60 * 1000 };

struct trial {
    uv_loop_t             loop;
    uv_timer_t            wait, patience;
    struct http          *http;
    struct http_exchange *exchange;
    struct task          *task;
    struct err            outcome;
    bool                  over;
};

static void step(struct trial *t);

static void end_trial(struct trial *t, struct err outcome)
{
    if (t->over)
        return;
    t->over = true;
    t->outcome = outcome;
    if (t->exchange)
        http_cancel(&t->exchange);
    http_close(&t->http);
    uv_close((uv_handle_t *)&t->wait, NULL);
    uv_close((uv_handle_t *)&t->patience, NULL);
}

static void on_wait(uv_timer_t *timer)
{
    step(container_of(timer, struct trial, wait));
}

static void on_patience(uv_timer_t *timer)
{
    end_trial(container_of(timer, struct trial, patience), err_of(ERR_TIMED_OUT, "trying the upstream"));
}

static void on_answer(void *context, struct http_answer *answer)
{
    struct trial *t = context;

    t->exchange = NULL;
    carry_answer(t->task, answer);
    step(t);
}

static void step(struct trial *t)
{
    struct task_request request;
    uint64_t            wait_ms = 0;

    for (;;) {
        switch (task_next(t->task, plat_clock_steady_ms(), &request, &wait_ms)) {
        case TASK_DONE:
            end_trial(t, err_ok());
            return;
        case TASK_WAIT:
            uv_timer_start(&t->wait, on_wait, wait_ms, 0);
            return;
        default:
            if (carry_request(t->http, t->task, &request, on_answer, t, &t->exchange))
                return;
        }
    }
}

static struct err open_trial(struct trial *t, const struct link_setup *setup)
{
    struct http_options o = { .ca_file = setup->ca_file[0] ? setup->ca_file : NULL,
                              .proxy = setup->proxy[0] ? setup->proxy : NULL,
                              .agent = "picket/" PICKET_VERSION };
    struct err          e = plat_loop_init(&t->loop);

    if (failed(e))
        return e;
    uv_timer_init(&t->loop, &t->wait);
    uv_timer_init(&t->loop, &t->patience);
    uv_timer_start(&t->patience, on_patience, PATIENCE_MS, 0);
    return http_open(&t->loop, &o, &t->http);
}

static struct err judge(const struct trial *t, struct problems *problems)
{
    struct task_result result;

    if (failed(t->outcome))
        return t->outcome;
    task_result(t->task, &result);
    for (size_t i = 0; result.problems && i < result.problems->count; i++)
        problem_add(problems, result.problems->items[i].path, "%s", result.problems->items[i].text);
    if (result.outcome == TASK_OK)
        return err_ok();
    if (!result.problems || result.problems->count == 0)
        problem_add(problems, "", "%s", result.why);
    return err_of(ERR_OS, "trying the upstream");
}

struct err trial_run(const struct link_setup *setup, struct problems *problems)
{
    struct trial      t = { 0 };
    struct connector *connector = NULL;
    struct session   *session = NULL;
    struct err        e = settings_connector(setup, problems, &connector);

    if (!failed(e))
        e = settings_session(setup, connector, problems, &session);
    if (!failed(e))
        session_clock_set(session, plat_clock_steady_ms(), plat_clock_wall_ms());
    if (!failed(e))
        e = session_test(session, &t.task);
    if (!failed(e)) {
        e = open_trial(&t, setup);
        if (failed(e))
            end_trial(&t, e);
        else
            step(&t);
        uv_run(&t.loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&t.loop);
        e = judge(&t, problems);
    }
    task_free(&t.task);
    session_free(&session);
    connector_free(&connector);
    return e;
}
