#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/buf.h"
#include "platform/signals.h"
#include "platform/user.h"

struct seen {
    struct plat_signals *signals;
    unsigned             stops, reloads;
};

static void on_signal(void *context, enum plat_signal signal)
{
    struct seen *seen = context;

    if (signal == PLAT_SIGNAL_RELOAD) {
        seen->reloads++;
        return;
    }
    seen->stops++;
    plat_signals_close(&seen->signals);
}

static void each_signal_has_one_meaning(void **state)
{
    static const struct {
        int      number;
        unsigned stops, reloads;
    } cases[] = {
        { SIGTERM, 1, 0 },
        { SIGINT, 1, 0 },
        { SIGHUP, 0, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen seen = { 0 };
        uv_loop_t   loop;

        uv_loop_init(&loop);
        assert_false(failed(plat_signals_open(&loop, on_signal, &seen, &seen.signals)));
        raise(cases[i].number);
        while (!seen.stops && !seen.reloads)
            uv_run(&loop, UV_RUN_ONCE);
        assert_int_equal(seen.stops, cases[i].stops);
        assert_int_equal(seen.reloads, cases[i].reloads);
        plat_signals_close(&seen.signals); /* NULL after a stop */
        uv_run(&loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&loop), 0);
    }
}

static void a_closed_pipe_is_an_error_not_the_end(void **state)
{
    struct seen seen = { 0 };
    uv_loop_t   loop;
    int         ends[2];

    (void)state;
    uv_loop_init(&loop);
    assert_false(failed(plat_signals_open(&loop, on_signal, &seen, &seen.signals)));
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1);
    close(ends[1]);
    plat_signals_close(&seen.signals);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void accounts_are_found_by_name_and_number(void **state)
{
    struct plat_user user, self;

    (void)state;
    assert_false(failed(plat_user_find("root", &user)));
    assert_int_equal(user.id, 0);
    assert_false(failed(plat_user_of_id(0, &user)));
    assert_string_equal(user.name, "root");
    assert_int_equal(plat_user_find("no-such-account", &user).code, ERR_NOT_FOUND);
    assert_int_equal(plat_user_of_id(3999999999u, &user).code, ERR_NOT_FOUND);
    assert_string_equal(user.name, "root"); /* untouched */
    plat_user_self(&self);
    assert_int_equal(self.id, geteuid());
    assert_true(strlen(self.name) > 0);
    assert_int_equal(plat_user_is_administrator(), geteuid() == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signal_has_one_meaning),
        cmocka_unit_test(a_closed_pipe_is_an_error_not_the_end),
        cmocka_unit_test(accounts_are_found_by_name_and_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
