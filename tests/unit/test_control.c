/* The server runs on the test's loop, the clients on threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/buf.h"
#include "platform/control.h"

static char folder[] = "/tmp/test_control.XXXXXX";
static char path[64];

/* ---- a server: each line is a question ---- */

struct server {
    uv_loop_t            loop;
    struct plat_control *control;
    unsigned             asked, closed;
    bool                 same_user;
    uint64_t             process;
};

static char long_answer[500 * 1000];

static bool is(const void *bytes, size_t len, const char *question)
{
    return len == strlen(question) && memcmp(bytes, question, len) == 0;
}

static size_t on_input(void *context, struct plat_control_link *link, const void *bytes, size_t len)
{
    struct server *s = context;
    const char    *end = memchr(bytes, '\n', len);
    size_t         used = end ? (size_t)(end - (const char *)bytes) + 1 : 0;

    if (used == 0)
        return 0;
    s->asked++;
    s->same_user = plat_control_link_peer(link)->same_user;
    s->process = plat_control_link_peer(link)->process;
    if (is(bytes, used, "long\n")) {
        assert_false(failed(plat_control_link_send(link, long_answer, sizeof long_answer)));
    } else if (is(bytes, used, "silence\n")) {
        return used;
    } else if (is(bytes, used, "too much\n")) {
        struct err e = err_ok();

        for (int i = 0; i < 20 && !failed(e); i++)
            e = plat_control_link_send(link, long_answer, sizeof long_answer);
        assert_int_equal(e.code, ERR_TOO_BIG);
        return used;
    } else {
        assert_false(failed(plat_control_link_send(link, bytes, used)));
    }
    if (!is(bytes, used, "more\n"))
        plat_control_link_end(link);
    return used;
}

static void on_closed(void *context, struct plat_control_link *link)
{
    (void)link;
    ((struct server *)context)->closed++;
}

static struct err serve(struct server *s, uint32_t idle_ms, size_t links_max)
{
    struct plat_control_options o = { .path = path,
                                      .links_max = links_max,
                                      .idle_ms = idle_ms,
                                      .on_input = on_input,
                                      .on_closed = on_closed,
                                      .context = s };

    memset(s, 0, sizeof *s);
    uv_loop_init(&s->loop);
    return plat_control_open(&s->loop, &o, &s->control);
}

static void run_until_closed(struct server *s, unsigned links)
{
    while (s->closed < links)
        uv_run(&s->loop, UV_RUN_ONCE);
}

static void finish(struct server *s)
{
    plat_control_close(&s->control);
    assert_null(s->control);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&s->loop), 0);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* ---- a client ---- */

struct client {
    const char *question;
    size_t      repeat; /* how often it is sent; 0: once */
    uint32_t    timeout_ms;
    struct err  connected, sent, received;
    size_t      len;
    char        first[16];
    uv_thread_t thread;
};

static void run_client(void *context)
{
    struct client            *c = context;
    struct plat_control_call *call = NULL;
    static _Thread_local char chunk[65536];
    size_t                    n = 1;

    c->connected = plat_control_connect(path, c->timeout_ms ? c->timeout_ms : 5000, &call);
    for (size_t i = 0; !failed(c->connected) && !failed(c->sent) && i < (c->repeat ? c->repeat : 1); i++)
        c->sent = plat_control_send(call, c->question, strlen(c->question));
    while (!failed(c->connected) && !failed(c->received) && n > 0) {
        c->received = plat_control_receive(call, chunk, sizeof chunk, &n);
        if (failed(c->received))
            break;
        if (c->len == 0)
            snprintf(c->first, sizeof c->first, "%.*s", (int)(n < 15 ? n : 15), chunk); /* one chunk */
        c->len += n;
    }
    plat_control_hang_up(&call);
    plat_control_hang_up(&call);
}

static void start(struct client *c)
{
    assert_int_equal(uv_thread_create(&c->thread, run_client, c), 0);
}

/* ---- promises ---- */

static void a_question_is_answered_and_who_asked_is_known(void **state)
{
    struct server s;
    struct client c = { .question = "hello\n" };

    (void)state;
    assert_false(failed(serve(&s, 0, 0)));
    start(&c);
    run_until_closed(&s, 1);
    uv_thread_join(&c.thread);
    assert_false(failed(c.connected));
    assert_false(failed(c.received));
    assert_string_equal(c.first, "hello\n");
    assert_true(s.same_user);
    assert_int_equal(s.process, getpid());
    finish(&s);
}

static void every_account_may_ask(void **state)
{
    struct server s;
    struct stat   what;

    (void)state;
    assert_false(failed(serve(&s, 0, 0)));
    assert_int_equal(stat(path, &what), 0);
    assert_int_equal(what.st_mode & 0666, 0666);
    finish(&s);
}

static void a_long_answer_arrives_whole(void **state)
{
    struct server s;
    struct client c = { .question = "long\n" };

    (void)state;
    assert_false(failed(serve(&s, 0, 0)));
    start(&c);
    run_until_closed(&s, 1);
    uv_thread_join(&c.thread);
    assert_int_equal(c.len, sizeof long_answer);
    finish(&s);
}

static void who_does_not_read_is_cut_off(void **state)
{
    struct server s;
    struct client c = { .question = "too much\n" };

    (void)state;
    assert_false(failed(serve(&s, 300, 0)));
    start(&c);
    run_until_closed(&s, 1); /* what was accepted is still sent */
    uv_thread_join(&c.thread);
    assert_true(c.len <= 1024 * 1024);
    finish(&s);
}

static void who_says_nothing_is_let_go(void **state)
{
    struct server s;
    struct client c = { .question = "" };

    (void)state;
    assert_false(failed(serve(&s, 100, 0)));
    start(&c);
    run_until_closed(&s, 1);
    uv_thread_join(&c.thread);
    assert_false(failed(c.received));
    assert_int_equal(c.len, 0);
    finish(&s);
}

static void who_never_ends_a_question_is_let_go(void **state)
{
    struct server s;
    struct client c = { .question = "0123456789abcdef", .repeat = 100 * 1000 };

    (void)state;
    assert_false(failed(serve(&s, 0, 0)));
    start(&c);
    run_until_closed(&s, 1);
    uv_thread_join(&c.thread);
    assert_int_equal(s.asked, 0);
    assert_true(failed(c.sent) || failed(c.received) || c.len == 0);
    finish(&s);
}

static void one_link_too_many_is_refused_and_the_others_live(void **state)
{
    struct server s;
    struct client first = { .question = "more\n", .timeout_ms = 5000 }, second = { .question = "hello\n" };

    (void)state;
    assert_false(failed(serve(&s, 500, 1)));
    start(&first);
    while (s.asked < 1)
        uv_run(&s.loop, UV_RUN_ONCE);
    start(&second);
    run_until_closed(&s, 2); /* the second at once, the first when idle */
    uv_thread_join(&first.thread);
    uv_thread_join(&second.thread);
    assert_string_equal(first.first, "more\n");
    assert_int_equal(second.len, 0);
    finish(&s);
}

static void a_server_that_hangs_costs_its_client_only_the_timeout(void **state)
{
    struct server s;
    struct client c = { .question = "silence\n", .timeout_ms = 100 };

    (void)state;
    assert_false(failed(serve(&s, 5000, 0)));
    start(&c);
    run_until_closed(&s, 1);
    uv_thread_join(&c.thread);
    assert_int_equal(c.received.code, ERR_TIMED_OUT);
    finish(&s);
}

static void closing_the_server_ends_its_links(void **state)
{
    struct server s;
    struct client c = { .question = "more\n" };

    (void)state;
    assert_false(failed(serve(&s, 0, 0)));
    start(&c);
    while (s.asked < 1)
        uv_run(&s.loop, UV_RUN_ONCE);
    finish(&s);
    assert_int_equal(s.closed, 1);
    uv_thread_join(&c.thread);
}

static void nobody_there_is_not_found(void **state)
{
    struct plat_control_call *call = NULL;

    (void)state;
    assert_int_equal(plat_control_connect("/nowhere/at/all", 100, &call).code, ERR_NOT_FOUND);
    assert_null(call);
}

static void a_living_server_is_not_replaced(void **state)
{
    struct server s, again;

    (void)state;
    assert_false(failed(serve(&s, 0, 0)));
    assert_int_equal(serve(&again, 0, 0).code, ERR_BUSY);
    uv_loop_close(&again.loop);
    run_until_closed(&s, 1); /* its question whether somebody lives */
    assert_int_equal(access(path, F_OK), 0);
    finish(&s);
}

static void the_path_of_a_dead_server_is_taken_over(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int                dead = socket(AF_UNIX, SOCK_STREAM, 0);
    struct server      s;

    (void)state;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof address), 0);
    close(dead);
    assert_int_equal(access(path, F_OK), 0);
    assert_false(failed(serve(&s, 0, 0)));
    finish(&s);
}

static void a_file_that_is_no_socket_stays(void **state)
{
    struct server s;
    FILE         *f = fopen(path, "w");

    (void)state;
    fclose(f);
    assert_int_equal(serve(&s, 0, 0).code, ERR_BUSY);
    uv_loop_close(&s.loop);
    assert_int_equal(unlink(path), 0);
}

static void a_path_too_long_is_said(void **state)
{
    char                        name[200];
    struct plat_control_options o = { .path = name };
    struct plat_control        *control = NULL;
    struct plat_control_call   *call = NULL;

    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(plat_control_open(NULL, &o, &control).code, ERR_TOO_BIG);
    assert_int_equal(plat_control_connect(name, 100, &call).code, ERR_TOO_BIG);
}

static int begin(void **state)
{
    (void)state;
    memset(long_answer, 'x', sizeof long_answer);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/control", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_answered_and_who_asked_is_known),
        cmocka_unit_test(every_account_may_ask),
        cmocka_unit_test(a_long_answer_arrives_whole),
        cmocka_unit_test(who_does_not_read_is_cut_off),
        cmocka_unit_test(who_says_nothing_is_let_go),
        cmocka_unit_test(who_never_ends_a_question_is_let_go),
        cmocka_unit_test(one_link_too_many_is_refused_and_the_others_live),
        cmocka_unit_test(a_server_that_hangs_costs_its_client_only_the_timeout),
        cmocka_unit_test(closing_the_server_ends_its_links),
        cmocka_unit_test(nobody_there_is_not_found),
        cmocka_unit_test(a_living_server_is_not_replaced),
        cmocka_unit_test(the_path_of_a_dead_server_is_taken_over),
        cmocka_unit_test(a_file_that_is_no_socket_stays),
        cmocka_unit_test(a_path_too_long_is_said),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
