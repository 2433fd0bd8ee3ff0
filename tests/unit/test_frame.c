#include "tests/unit/check.h"

#include "proto/frame.h"

static void what_is_written_is_read_back(void **state)
{
    struct frame_writer w;
    struct frame_reader r;
    struct buf          b;
    char                text[16];
    size_t              used;

    (void)state;
    buf_init(&b, FRAME_MAX_BYTES);
    frame_begin(&w, &b, 7);
    frame_put_u64(&w, UINT64_MAX);
    frame_put_i64(&w, INT64_MIN);
    frame_put_f64(&w, -0.5);
    frame_put_text(&w, "größer");
    assert_false(failed(frame_end(&w)));

    assert_false(failed(frame_next(b.data, b.len, &r, &used)));
    assert_int_equal(used, b.len);
    assert_int_equal(r.type, 7);
    assert_true(frame_get_u64(&r, UINT64_MAX) == UINT64_MAX);
    assert_true(frame_get_i64(&r) == INT64_MIN);
    assert_true(frame_get_f64(&r) == -0.5);
    frame_get_text(&r, text, sizeof text);
    assert_string_equal(text, "größer");
    assert_false(failed(frame_done(&r)));
    buf_done(&b);
}

static void a_frame_that_is_not_whole_is_waited_for(void **state)
{
    struct frame_writer w;
    struct frame_reader r;
    struct buf          b;
    size_t              used;

    (void)state;
    buf_init(&b, FRAME_MAX_BYTES);
    frame_begin(&w, &b, 1);
    frame_put_u64(&w, 1);
    assert_false(failed(frame_end(&w)));
    for (size_t len = 0; len < b.len; len++) {
        assert_false(failed(frame_next(b.data, len, &r, &used)));
        assert_null(r.at);
        assert_int_equal(used, 0);
    }
    buf_done(&b);
}

static void bytes_that_break_a_rule_are_refused(void **state)
{
    static const struct {
        const char   *name;
        const uint8_t bytes[24];
        size_t        len;
        enum err_code next, fields; /* of frame_next; of reading one number at most 5 and one text of 3 bytes */
    } cases[] = {
        { "empty", { 0, 0, 0, 0, 1 }, 5, ERR_MALFORMED, ERR_OK },
        { "huge", { 0xff, 0xff, 0xff, 0xff, 1 }, 5, ERR_TOO_BIG, ERR_OK },
        { "no fields", { 1, 0, 0, 0, 1 }, 5, ERR_OK, ERR_MALFORMED },
        { "wrong kind", { 14, 0, 0, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 'a' }, 18, ERR_OK, ERR_MALFORMED },
        { "number too large", { 14, 0, 0, 0, 1, 1, 6, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 'a' }, 18, ERR_OK, ERR_MALFORMED },
        { "fine", { 14, 0, 0, 0, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 'a' }, 18, ERR_OK, ERR_OK },
        { "text longer than the frame", { 14, 0, 0, 0, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 9, 0, 'a' }, 18, ERR_OK, ERR_MALFORMED },
        { "text longer than the room", { 16, 0, 0, 0, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 'a', 'b', 'c' }, 20, ERR_OK, ERR_MALFORMED },
        { "NUL in text", { 14, 0, 0, 0, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0 }, 18, ERR_OK, ERR_MALFORMED },
        { "not UTF-8", { 14, 0, 0, 0, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0xff }, 18, ERR_OK, ERR_MALFORMED },
        { "bytes left", { 15, 0, 0, 0, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 'a', 9 }, 19, ERR_OK, ERR_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct frame_reader r;
        char                text[3];
        size_t              used;
        struct err          e = frame_next(cases[i].bytes, cases[i].len, &r, &used);

        if (e.code != cases[i].next)
            fail_msg("%s: %s", cases[i].name, err_name(e.code));
        if (failed(e))
            continue;
        (void)frame_get_u64(&r, 5);
        frame_get_text(&r, text, sizeof text);
        e = frame_done(&r);
        if (e.code != cases[i].fields)
            fail_msg("%s: fields: %s", cases[i].name, err_name(e.code));
    }
}

static void a_frame_over_the_limit_is_not_begun(void **state)
{
    struct frame_writer w;
    struct buf          b;
    char               *text = calloc(1, FRAME_MAX_BYTES + 1);

    (void)state;
    memset(text, 'x', FRAME_MAX_BYTES);
    buf_init(&b, (size_t)4 * FRAME_MAX_BYTES);
    assert_false(failed(buf_add_text(&b, "before")));
    frame_begin(&w, &b, 1);
    frame_put_text(&w, text);
    assert_int_equal(frame_end(&w).code, ERR_TOO_BIG);
    text[50000] = '\0';
    frame_begin(&w, &b, 1);
    frame_put_text(&w, text);
    frame_put_text(&w, text);
    assert_int_equal(frame_end(&w).code, ERR_TOO_BIG);
    assert_string_equal(buf_text(&b), "before");
    buf_done(&b);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_frame_that_is_not_whole_is_waited_for),
        cmocka_unit_test(bytes_that_break_a_rule_are_refused),
        cmocka_unit_test(a_frame_over_the_limit_is_not_begun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
