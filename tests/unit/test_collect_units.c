#include "check.h"

#include <unistd.h>

/* The real collector and parser, and answers of our own. */
#include "agent/collect/units.c"

static plat_program_done_fn *on_end;
static void                 *end_context;

struct err plat_program_start(uv_loop_t *loop, const struct plat_program_options *options, struct plat_program **ret)
{
    (void)loop;
    (void)ret;
    on_end = options->on_done;
    end_context = options->context;
    return err_ok();
}

void plat_program_close(struct plat_program **program)
{
    *program = NULL;
}

/* ---- what systemctl prints ---- */

static void add_name(void *context, const char *name)
{
    struct buf *said = context;

    buf_printf(said, "%s ", name);
}

static void each_version_of_systemctl_is_understood(void **state)
{
    static const struct {
        const char   *text, *want;
        enum err_code code;
    } cases[] = {
        { "", "", ERR_OK },
        { "\n \n", "", ERR_OK },
        { "a.service loaded failed failed Does a thing\nsrv.mount loaded failed failed /srv\n", "a.service srv.mount ",
          ERR_OK },
        { "a.service      loaded failed failed", "a.service ", ERR_OK },
        { "\xe2\x97\x8f a.service loaded failed failed A\n", "a.service ", ERR_OK },
        { "\xc3\x97 a.service loaded failed failed A\n", "a.service ", ERR_OK },
        { "* a.service loaded failed failed A\n", "a.service ", ERR_OK },
        { "  a@b\\x2dc.service loaded failed failed A\n", "a@b\\x2dc.service ", ERR_OK },
        { "gone.service not-found failed failed gone.service\noff.service masked failed failed off\n", "", ERR_OK },
        { "bad.service bad-setting failed failed Bad\n", "bad.service ", ERR_OK },
        { "a.service loaded active running A\n", "", ERR_OK },
        { "a.service loaded\n", "", ERR_MALFORMED },
        { "a.service loaded failed failed A\n0 loaded units listed.\n", "a.service ", ERR_MALFORMED },
        { "System has not been booted with systemd\n", "", ERR_MALFORMED },
        { "a.serv\0ice loaded failed failed A\n", "", ERR_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t     len = i + 1 == ARRAY_LEN(cases) ? 35 : strlen(cases[i].text);
        struct buf said;

        buf_init(&said, 4096);
        if (plat_failed_units_parse(cases[i].text, len, add_name, &said).code != cases[i].code)
            fail_msg("\"%s\"", cases[i].text);
        assert_string_equal(buf_text(&said), cases[i].want);
        buf_done(&said);
    }
}

/* ---- from answer to answer ---- */

struct seen {
    struct sink sink;
    struct buf  text;
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    char         instance[300];

    attrs_print(sample->attrs, sample->attr_count, instance, sizeof instance);
    buf_printf(&s->text, "%s%s%g ", instance, instance[0] ? "=" : "", sample->value);
}

static void on_ready(void *context)
{
    ++*(int *)context;
}

/* As collect_units.begin, where systemd started the system. */
static void ask_and_answer(const struct plat_program_result *r, int *ready)
{
    const struct plat_program_options o = { .args = NULL };

    assert_false(failed(inquiry_begin(&asked.inquiry, NULL, &o, take, on_ready, ready)));
    on_end(end_context, r);
}

static void answer(struct plat_program_result r, enum err_code code, const char *want)
{
    struct seen seen = { .sink = { on_sample } };
    int         ready = 0;

    buf_init(&seen.text, 1 << 16);
    ask_and_answer(&r, &ready);
    assert_int_equal(ready, 1);
    assert_int_equal(collect_units.read(&seen.sink).code, code);
    assert_string_equal(buf_text(&seen.text), want);
    buf_done(&seen.text);
}

static void say(const char *text, const char *want)
{
    answer((struct plat_program_result){ .out = text, .out_len = strlen(text) }, ERR_OK, want);
}

static void a_unit_that_is_well_again_is_told_of_for_an_hour(void **state)
{
    (void)state;
    assert_int_equal(collect_units.read(NULL).code, ERR_UNSUPPORTED);
    say("", "0 ");
    say("a.service loaded failed failed A\n", "1 name=a.service=1 ");
    say("a.service loaded failed failed A\nb.mount loaded failed failed B\n", "2 name=a.service=1 name=b.mount=1 ");
    for (int i = 0; i < WELL_READINGS; i++)
        say("b.mount loaded failed failed B\n", "1 name=a.service=0 name=b.mount=1 ");
    say("b.mount loaded failed failed B\n", "1 name=b.mount=1 ");
    say("a.service loaded failed failed A\n", "1 name=b.mount=0 name=a.service=1 ");
    collect_units.done();
    assert_int_equal(collect_units.read(NULL).code, ERR_UNSUPPORTED);
}

static void what_systemctl_did_not_say_is_no_zero(void **state)
{
    (void)state;
    say("a.service loaded failed failed A\n", "1 name=a.service=1 ");
    answer((struct plat_program_result){ .out = "", .status = 1 }, ERR_OS, "");
    answer((struct plat_program_result){ .out = "", .end = PROGRAM_SIGNALLED, .signal = 9 }, ERR_OS, "");
    answer((struct plat_program_result){ .out = "", .end = PROGRAM_TIMED_OUT }, ERR_TIMED_OUT, "");
    say("a.service loaded failed failed A\n", "1 name=a.service=1 ");
    collect_units.done();
}

static void beyond_the_bound_units_are_counted_and_not_named(void **state)
{
    struct seen seen = { .sink = { on_sample } };
    struct buf  text;
    char        begin[32];

    (void)state;
    buf_init(&text, 1 << 16);
    for (int i = 0; i < UNITS_MAX + 9; i++)
        buf_printf(&text, "u%d.service loaded failed failed U\n", i);
    ask_and_answer(&(struct plat_program_result){ .out = buf_text(&text), .out_len = text.len }, &(int){ 0 });
    buf_init(&seen.text, 1 << 16);
    assert_int_equal(collect_units.read(&seen.sink).code, ERR_OK);
    snprintf(begin, sizeof begin, "%d name=u0.service=1 ", UNITS_MAX + 9);
    assert_memory_equal(buf_text(&seen.text), begin, strlen(begin));
    assert_non_null(strstr(buf_text(&seen.text), "u127.service"));
    assert_null(strstr(buf_text(&seen.text), "u128.service"));
    buf_done(&seen.text);
    buf_done(&text);
    collect_units.done();
}

static void where_systemd_did_not_start_the_system_nothing_is_asked(void **state)
{
    const char *const *args;
    bool               here = access("/run/systemd/system", F_OK) == 0;

    (void)state;
    on_end = NULL;
    assert_int_equal(plat_failed_units_command(&args).code, here ? ERR_OK : ERR_UNSUPPORTED);
    assert_int_equal(collect_units.begin(NULL, on_ready, NULL).code, here ? ERR_OK : ERR_UNSUPPORTED);
    assert_true((on_end != NULL) == here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_of_systemctl_is_understood),
        cmocka_unit_test(a_unit_that_is_well_again_is_told_of_for_an_hour),
        cmocka_unit_test(what_systemctl_did_not_say_is_no_zero),
        cmocka_unit_test(beyond_the_bound_units_are_counted_and_not_named),
        cmocka_unit_test(where_systemd_did_not_start_the_system_nothing_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
